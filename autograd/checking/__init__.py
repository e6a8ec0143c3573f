"""Checking gradients: against differences, and (to come) against a derivation by hand."""

from autograd.checking.gradients import check_gradients
from autograd.checking.report import Element, GradientReport

__all__ = ["Element", "GradientReport", "check_gradients"]
