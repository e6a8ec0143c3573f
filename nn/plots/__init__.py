"""Plots of learning: cost curve, loss history, activations, gradients by layer, decision boundary.

Each gives a matplotlib ``Figure``, or draws into the ``ax`` that it is given. None touches
pyplot or its state. They need matplotlib, the extra ``plot``: ``pip install "chainrule[plot]"``.

Text and lines are readable on light and on dark pages, for the background is transparent.
Colours are those of Okabe and Ito, which colour-blind readers can tell apart, and no two lines
differ in colour alone.
"""

from nn.plots.boundary import boundary_while_training, decision_boundary
from nn.plots.curves import cost_curve, gradient_by_layer, loss_history, weight_gradients
from nn.plots.functions import activations
from nn.plots.style import BLUE, COLOURS, GREEN, GREY, ORANGE, PURPLE, STYLE, VERMILLION, new_figure, style

__all__ = [
    "BLUE",
    "COLOURS",
    "GREEN",
    "GREY",
    "ORANGE",
    "PURPLE",
    "STYLE",
    "VERMILLION",
    "activations",
    "boundary_while_training",
    "cost_curve",
    "decision_boundary",
    "gradient_by_layer",
    "loss_history",
    "new_figure",
    "style",
    "weight_gradients",
]
