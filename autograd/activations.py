"""The activation functions, on Values, numbers and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import functions
from autograd.data import as_operand
from autograd.rules import activations as rules
from autograd.rules import elementary
from autograd.value import Value


def sigmoid(x: Any) -> Any:
    """Logistic function 1 / (1 + exp(-x)) of each element, range (0, 1); derivative y (1 - y) <= 1/4.

    >>> sigmoid(0.0)
    0.5
    """
    return rules.SIGMOID(x)


def tanh(x: Any) -> Any:
    """Hyperbolic tangent of each element, range (-1, 1); derivative 1 - y^2 <= 1.

    >>> tanh(0.0)
    0.0
    """
    return elementary.TANH(x)


def relu(x: Any) -> Any:
    """Rectified linear unit max(x, 0) of each element, range [0, inf); derivative 1 for x > 0, else 0.

    >>> relu(-2.0), relu(3.0)
    (0.0, 3.0)
    """
    return rules.RELU(x)


def leaky_relu(x: Any, negative_slope: Any = 0.01) -> Any:
    """``x`` where x > 0, else ``negative_slope * x``; the slope may be a Value, which is then learnt.

    >>> leaky_relu(-2.0)
    -0.02
    """
    if isinstance(negative_slope, (int, float, np.number)):
        return rules.LEAKY_RELU(x, negative_slope=float(negative_slope))
    slope = negative_slope if isinstance(negative_slope, Value) else as_operand(negative_slope)
    return np.where(np.greater(x, 0.0), x, slope * x)


def softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> Any:
    """exp(x) / sum(exp(x)) along ``axis``, range (0, 1), summing to 1.

    The result has the shape of ``x``; its Jacobian is diag(y) - y y^T.

    Raises:
        ShapeError: for an axis that ``x`` does not have.

    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    """
    return rules.SOFTMAX(x, axis=functions.normalize_axes(x, axis))


def log_softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> Any:
    """Logarithm of softmax along ``axis``, of the shape of ``x``, without overflow or log(0).

    Raises:
        ShapeError: for an axis that ``x`` does not have.

    >>> log_softmax([0.0, 1000.0])
    array([-1000.,     0.])
    """
    return rules.LOG_SOFTMAX(x, axis=functions.normalize_axes(x, axis))


def logsumexp(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) over ``axis``, without overflow; all axes by default. Shapes are those of np.sum.

    Raises:
        ShapeError: for an axis that ``x`` does not have.

    >>> round(float(logsumexp([1000.0, 1000.0])), 6)
    1000.693147
    """
    return rules.LOGSUMEXP(x, axis=functions.normalize_axes(x, axis), keepdims=keepdims)


def binary_step(x: Any) -> Any:
    """1 where x >= 0, else 0; the derivative is 0 everywhere, so it cannot be trained through.

    >>> float(binary_step(-1.0)), float(binary_step(2.0))
    (0.0, 1.0)
    """
    return rules.BINARY_STEP(x)


def linear(x: Any) -> Any:
    """``x`` itself, range (-inf, inf); derivative 1.

    >>> linear(2.0)
    2.0
    """
    return rules.LINEAR(x)
