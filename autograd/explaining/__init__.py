"""Explaining: the derivative as a person writes it. Another walk over the graph.

derivative    the public function
paths         scalars: every path from the output, counted, summed, the largest ones
arrays        arrays: vector-Jacobian products, line by line
products      what products of arrays pass on
explanation   what is found, as data
terminal      as text
notebook      as LaTeX and Markdown
latex         formulas in LaTeX
"""

from autograd.explaining.derivative import explain
from autograd.explaining.explanation import ArrayExplanation, Explanation, Factor, Line, Path, PathExplanation

__all__ = ["ArrayExplanation", "Explanation", "Factor", "Line", "Path", "PathExplanation", "explain"]
