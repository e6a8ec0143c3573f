"""Checking a derivation: find the first wrong step, and name the mistake.

recorder    runs a function and notes every value that its statements assign
notation    formulas as in lecture notes, parsed and never run as code;
            tokens, spelled, vocabulary and evaluation are what it is made of
sides       the forward and the backward side, run at one point
naming      which variable a name speaks of
claims      which values claim to be a gradient, and of what
sweep       backward passes with claimed gradients, and with mistakes
mistakes    the mistakes that people make at one operation
diagnosis   the mistake whose numbers a claim has
spelling    nodes of a graph as a person would write them
check       check_derivation
report      what it found; report_text and report_html show it
textfile    a derivation in a text file
command     python -m autograd check
"""

from autograd.derivation.check import assert_derivation, check_derivation
from autograd.derivation.report import DerivationReport, Finding

__all__ = ["DerivationReport", "Finding", "assert_derivation", "check_derivation"]
