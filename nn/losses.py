"""Losses: what training makes small. In the lecture notes, the error E and the cost J.

Each compares a prediction with a target of the same shape, and gives one scalar Value.
A prediction may be a list of Values, as single neurons give it.
Targets are constants in the prediction's floating-point type.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Value
from autograd.data import opaque
from autograd.errors import InvalidArgument, ShapeError
from autograd.rules.activations import LOG_SOFTMAX, NLL
from nn.arguments import as_numbers, joined, look_up
from nn.module import Module

FEW = 16  # labels that are looked at one by one
REDUCTIONS: dict[str, Callable[[Any], Any]] = {"mean": np.mean, "sum": np.sum, "none": lambda x: x}


def squared_error(input: Any, target: Any) -> Any:
    """E = 1/2 sum (T - a)^2, as in the lecture notes; its derivative is a - T.

    Args:
        input: prediction ``a``, any shape.
        target: ground truth ``T``, of the same shape.

    Raises:
        ShapeError: if the shapes differ; they are not broadcast.

    >>> from autograd import Value
    >>> squared_error(Value([1.0, 2.0]), [1.0, 4.0]).data
    2.0
    """
    input = joined(input)
    T = _target(input, target)
    if isinstance(input, Value):  # the notes' name, for pictures and explanations
        T = Value(T, label=getattr(target, "label", None) or "T", requires_grad=False)
    difference = T - input
    return 0.5 * np.sum(difference * difference)


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Mean squared error, the mean of (T - a)^2 over all elements.

    Args:
        input: prediction, any shape.
        target: ground truth, of the same shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: if the shapes differ; they are not broadcast.

    >>> from autograd import Value
    >>> mse_loss(Value([1.0, 2.0]), [1.0, 4.0]).data
    2.0
    """
    input = joined(input)
    difference = input - _target(input, target)
    return _reduce(reduction)(difference * difference)


def cross_entropy(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Cross-entropy of softmax(input) and the target, -log p(class), in nats.

    Args:
        input: logits, shape (batch, classes, ...) or (classes,).
        target: class numbers, integers of shape (batch, ...) or (), or one-hot rows or
            probabilities of the shape of the logits.
        reduction: "mean" over the batch, "sum" or "none".

    Raises:
        InvalidArgument: for a class number that is out of range or no integer, and for a
            probability outside [0, 1].
        ShapeError: for a target of another shape, or logits without classes.

    >>> from autograd import Value
    >>> round(cross_entropy(Value([[0.0, 0.0]]), [1]).item(), 4)
    0.6931
    """
    input, target = joined(input), as_numbers(target)
    shape = input.shape if isinstance(input, Value) else np.shape(input)
    axis = 1 if len(shape) > 1 else 0
    target = _checked_classes(target, shape, axis)
    _reduce(reduction)
    log_p = LOG_SOFTMAX(input, axis=(axis,))
    if target.shape == shape:
        # Where a probability is 0 its logarithm does not count, and may be -inf.
        terms = np.where(target == 0, 0.0, log_p) * target.astype(log_p.dtype)
        return _reduce(reduction)(-np.sum(terms, axis=axis))
    index = _places(target, shape, axis)
    if reduction == "none" or not target.size:  # the mean of nothing is NaN, with NumPy's warning
        return _reduce(reduction)(-log_p.reshape(-1)[index])
    return NLL(log_p, index=index, scale=1.0 / target.size if reduction == "mean" else 1.0)


def binary_cross_entropy_with_logits(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Cross-entropy of sigmoid(input) and targets in [0, 1], without overflow.

    With p = sigmoid(x) it is -t log p - (1 - t) log(1 - p) = log(1 + exp(x)) - t x.

    Args:
        input: logits, any shape.
        target: 0 or 1, or a probability, of the same shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: if the shapes differ; they are not broadcast.
        InvalidArgument: for a target outside [0, 1].

    >>> from autograd import Value
    >>> binary_cross_entropy_with_logits(Value([1000.0, -1000.0]), [1, 0]).data
    0.0
    """
    input = joined(input)
    t = _checked_probabilities(_target(input, target))
    return _reduce(reduction)(np.logaddexp(0.0, input) - t * input)


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "squared_error": squared_error,
    "mse_loss": mse_loss,
    "cross_entropy": cross_entropy,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
}


class SquaredErrorLoss(Module):
    """See :func:`squared_error`.

    >>> float(SquaredErrorLoss()([1.0, 2.0], [1.0, 4.0]))
    2.0
    """

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, a scalar Value."""
        return squared_error(input, target)


class _ReducedLoss(Module):
    """A loss with a reduction: "mean", "sum" or "none"."""

    function: staticmethod[[Any, Any, str], Any]

    def __init__(self, reduction: str = "mean") -> None:
        _reduce(reduction)
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """The loss; a scalar Value unless the reduction is "none"."""
        return self.function(input, target, self.reduction)

    def extra_repr(self) -> str:
        """The reduction, if it is not the default."""
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"


class MSELoss(_ReducedLoss):
    """See :func:`mse_loss`; the reduction is "mean", "sum" or "none".

    >>> float(MSELoss("sum")([1.0, 2.0], [1.0, 4.0]))
    4.0
    """

    function = staticmethod(mse_loss)


class CrossEntropyLoss(_ReducedLoss):
    """See :func:`cross_entropy`; the reduction is "mean", "sum" or "none".

    >>> round(float(CrossEntropyLoss()([[0.0, 0.0]], [1])), 4)
    0.6931
    """

    function = staticmethod(cross_entropy)


class BCEWithLogitsLoss(_ReducedLoss):
    """See :func:`binary_cross_entropy_with_logits`; the reduction is "mean", "sum" or "none".

    >>> float(BCEWithLogitsLoss()([1000.0], [1]))
    0.0
    """

    function = staticmethod(binary_cross_entropy_with_logits)


def _reduce(reduction: str) -> Callable[[Any], Any]:
    if not isinstance(reduction, str):
        raise InvalidArgument(f"reduction must be one of {', '.join(REDUCTIONS)}, got {reduction!r}")
    return look_up("reduction", reduction, REDUCTIONS)


def _target(input: Any, target: Any) -> Any:
    """The target as a constant of the input's type; of its shape, or it is an error."""
    target = as_numbers(target)
    if target.shape != np.shape(input):
        raise ShapeError(
            f"prediction and target must have one shape, got {np.shape(input)} and {target.shape}: "
            "reshape one of them (losses do not broadcast)"
        )
    return target.astype(input.dtype if isinstance(input, Value) else np.float64)


def _places(target: Any, shape: tuple[int, ...], axis: int) -> Any:
    """Where the logit of each sample's class is, counted row by row."""
    if not target.size:
        return target.astype(np.intp)
    inner = math.prod(shape[axis + 1 :])
    first = np.arange(0, math.prod(shape), inner * shape[axis])
    if inner > 1:
        first = first[:, None] + np.arange(inner)
    classes = target if target.dtype == np.intp else target.astype(np.intp)
    return (classes * inner if inner > 1 else classes) + first.reshape(target.shape)


@opaque
def _checked_probabilities(target: Any) -> Any:
    """The target, if its elements lie in [0, 1]."""
    outside = np.argwhere(~((target >= 0) & (target <= 1)))
    if len(outside):
        at = tuple(outside[0].tolist())
        raise InvalidArgument(f"targets must lie in [0, 1], the one at {at} is {target[at]}")
    return target


def _checked_classes(target: Any, shape: tuple[int, ...], axis: int) -> Any:
    """The target, if it holds class numbers or probabilities for logits of this shape."""
    if not shape or not shape[axis]:
        raise ShapeError(f"logits have the shape (batch, classes, ...) or (classes,), got {shape}")
    if target.shape == shape:
        return _checked_probabilities(target)
    batch, classes = shape[:axis] + shape[axis + 1 :], shape[axis]
    if target.shape != batch:
        raise ShapeError(
            f"for logits of shape {shape}, targets are class numbers of shape {batch} "
            f"or probabilities of shape {shape}; got shape {target.shape}"
        )
    if target.dtype.kind not in "iu":
        raise InvalidArgument(
            f"class numbers must be integers, got dtype {target.dtype}: use target.astype(int)"
        )
    return _in_range(target, shape, classes)


@opaque
def _in_range(target: Any, shape: tuple[int, ...], classes: int) -> Any:
    """The class numbers, if there are such classes."""
    if target.size and _highest(target) >= classes:
        outside = np.argwhere((target < 0) | (target >= classes))
        at = tuple(outside[0].tolist())
        raise InvalidArgument(
            f"the label {target[at]} at index {at} is out of range: "
            f"logits of shape {shape} have classes 0 to {classes - 1}"
        )
    return target


def _highest(target: Any) -> Any:
    """The largest class number; a negative one counts as very large."""
    if target.size <= FEW:  # Python's own functions start faster than NumPy's
        numbers = target.tolist() if target.ndim == 1 else target.ravel().tolist()
        return max(numbers) if min(numbers) >= 0 else math.inf
    # Read as unsigned, a negative number is a very large one: one reduction finds both.
    return np.maximum.reduce(target.view(f"{target.dtype.byteorder}u{target.itemsize}"), None)
