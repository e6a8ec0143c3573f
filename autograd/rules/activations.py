"""The activation functions: the seven of the lecture notes, and the softmax family.

Everything here is finite, value and gradient, at inputs of +-1000 in both directions.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from autograd.data import opaque
from autograd.extrema import extrema_over
from autograd.primitive import Primitive, unary
from autograd.rules.in_place import LARGE, fits, times
from autograd.sums import sum_over

ROW, LONGEST = 1 << 6, 1 << 16  # elements of a row that is long enough, and not too long to be kept


def _sigmoid_forward(x: Any) -> Any:
    # exp(-x) overflows to inf for very negative x, and 1/(1 + inf) = 0 is the right answer.
    with np.errstate(over="ignore"):
        e: Any = _exp(-x)
        if type(e) is not np.ndarray:
            return 1.0 / (1.0 + e)
        e += 1.0
        return np.divide(1.0, e, out=e)


def _sigmoid_rule(g: Any, y: Any, x: Any) -> Any:
    return times(g, times(y, 1.0 - y)) if type(y) is np.ndarray else g * (y * (1.0 - y))


def _sigmoid_scalar(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -709.0 else math.exp(x)


def _relu_forward(x: Any) -> Any:
    if type(x) is np.ndarray and x.size >= LARGE and x.dtype.kind == "f":
        return np.maximum(x, zeros_beside(x.shape, x.dtype))
    return np.maximum(x, 0.0)


@functools.lru_cache(maxsize=64)
def zeros_beside(shape: tuple[int, ...], dtype: Any) -> Any:
    """Zeros of the shape of the last axes, some hundreds of them, or 0 where there are no such axes.

    Beside rows NumPy compares several numbers at once, beside a single number each by itself.
    """
    for first in range(len(shape) - 1, 0, -1):
        if math.prod(shape[first:]) >= ROW:
            return np.zeros(shape[first:], dtype) if math.prod(shape[first:]) <= LONGEST else 0.0
    return 0.0


def _relu_rule(g: Any, y: Any, x: Any) -> Any:
    # Booleans times floats are slower than floats: NumPy would convert them piece by piece.
    if type(x) is not np.ndarray or x.size < LARGE or type(g) is not np.ndarray:
        return g * (x > 0.0)
    return times(g, (x > 0.0).astype(g.dtype))


def _relu_scalar(x: float) -> float:
    return 0.0 if x <= 0.0 else x  # noqa: FURB136 - max(0.0, x) would turn NaN into 0


def _leaky_relu_forward(x: Any, *, negative_slope: float) -> Any:
    return np.where(np.greater(x, 0.0), x, negative_slope * x)


def _leaky_relu_scalar(x: float, negative_slope: float) -> float:
    return x if x > 0.0 else negative_slope * x


def _leaky_relu_branch(x: Any, *, negative_slope: float) -> Any:
    return np.sign(x)


def _logsumexp_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    # Shifting by the maximum keeps every exponent at or below zero.
    shift = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(shift), shift, np.zeros_like(shift))
    with np.errstate(divide="ignore"):  # log(0) = -inf is the value where every x is -inf
        total = np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift
    return total if keepdims else np.squeeze(total, axis=axis)


def _exp(x: Any) -> Any:
    """The exponential of an array that nobody else has, in its memory."""
    return np.exp(x, out=x) if type(x) is np.ndarray and x.dtype.kind == "f" else np.exp(x)


def _softmax_forward(x: Any, *, axis: Any) -> Any:
    y: Any = _exp(x - extrema_over(np.maximum, x, axis, keepdims=True))
    y /= sum_over(y, axis, keepdims=True)
    return y


def _log_softmax_forward(x: Any, *, axis: Any) -> Any:
    # Not x - logsumexp(x): at x = 1000 that would round to 1000 units in the last place.
    shifted: Any = x - extrema_over(np.maximum, x, axis, keepdims=True)
    return shifted - np.log(sum_over(np.exp(shifted), axis, keepdims=True))


def _binary_step_forward(x: Any) -> Any:
    return np.where(np.greater_equal(x, 0.0), np.ones_like(x), np.zeros_like(x))


def _logsumexp_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    if not keepdims and axis is not None:
        g, y = np.expand_dims(g, axis), np.expand_dims(y, axis)
    # Where every x is -inf, y is as well, and their difference would be NaN; each share is 0.
    return g * np.exp(x - np.where(y == -np.inf, 0.0, y))


def _softmax_rule(g: Any, y: Any, x: Any, *, axis: Any) -> Any:
    return times(y, g - sum_over(g * y, axis, keepdims=True))


def _log_softmax_rule(g: Any, y: Any, x: Any, *, axis: Any) -> Any:
    share, total = np.exp(y), sum_over(g, axis, keepdims=True)
    if not fits(g, share):
        return g - share * total
    share *= total
    return np.subtract(g, share, out=share)


@opaque
def _nll_weights(log_p: Any, index: Any, weight: Any) -> Any:
    """What each log-probability counts for: the weight at the index, which is one place in each row."""
    weights = np.zeros(log_p.size, log_p.dtype)
    weights[index] = weight
    return weights.reshape(log_p.shape)


def _nll_rule(g: Any, y: Any, log_p: Any, *, index: Any, scale: float) -> Any:
    if hasattr(g, "__apply_primitive__"):  # it may be differentiated again
        return g * _nll_weights(log_p, index, -scale)
    return _nll_weights(log_p, index, -scale * g)


# fmt: off
SIGMOID = unary("sigmoid", _sigmoid_forward,
    _sigmoid_rule,                        "y*(1 - y)", "y(1 - y)", scalar=_sigmoid_scalar)

RELU = unary("relu", _relu_forward,
    _relu_rule,                           "(x > 0)",   "[x > 0]",  scalar=_relu_scalar,
    kinks="relu'(0) = 0", branch=np.sign)

LEAKY_RELU = unary("leaky_relu", _leaky_relu_forward,
    lambda g, y, x, *, negative_slope: np.where(np.greater(x, 0.0), g, g * negative_slope),
    "1 if x > 0 else negative_slope", r"1 \text{ if } x > 0 \text{ else } \alpha",
    scalar=_leaky_relu_scalar, kinks="leaky_relu'(0) = negative_slope",
    branch=_leaky_relu_branch)

BINARY_STEP = unary("binary_step", _binary_step_forward,
    lambda g, y, x: np.zeros_like(g),     "0",         "0",
    kinks="binary_step'(0) = 0; binary_step(0) = 1", branch=np.sign)

LINEAR = unary("linear", np.positive,
    lambda g, y, x: g,                    "1",         "1",        scalar=float)

SOFTMAX = Primitive("softmax", _softmax_forward, (_softmax_rule,),
    ("y*(g - sum(g*y))",), (r"y \odot (g - \textstyle\sum g \odot y)",), symbol="softmax")

LOG_SOFTMAX = Primitive("log_softmax", _log_softmax_forward, (_log_softmax_rule,),
    ("g - exp(y)*sum(g)",), (r"g - e^{y} \textstyle\sum g",), symbol="log_softmax")

# The sum of -log p, times a scale, at the place of each sample's class; places are counted row by row.
NLL = Primitive("nll", lambda log_p, *, index, scale: -scale * np.add.reduce(log_p.reshape(-1)[index], None),
    (_nll_rule,),
    ("-scale at the index, 0 elsewhere",), (r"-\tfrac{1}{n} \text{ at index}",), symbol="nll",
    doc="The negative log-likelihood.")

LOGSUMEXP = Primitive("logsumexp", _logsumexp_forward, (_logsumexp_rule,),
    ("g*exp(x - y)",), (r"g \odot e^{x-y}",), symbol="logsumexp")
# fmt: on
