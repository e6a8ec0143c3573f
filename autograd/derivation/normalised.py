"""Softmax, however it was written: known by its numbers, and differentiated wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.derivation.claims import close
from autograd.derivation.search import Case

JACOBIAN = "softmax has the Jacobian diag(s) - s s^T, and every output depends on every input"


def _total(g: Any, y: Any, axis: int | None) -> Any:
    return np.sum(g * y, axis=axis, keepdims=True)


def _other(y: Any, axis: int) -> int:
    return axis - 1 if y.ndim + axis > 0 else axis + 1


def _on_other_axis(g: Any, y: Any, axis: int) -> Any:
    return y * (g - _total(g, y, _other(y, axis))) if y.ndim > 1 else np.nan


# Kind, text, and what is passed on of g, for the result y and the axis.
MISTAKES: list[tuple[str, str, Callable[[Any, Any, int], Any]]] = [
    (
        "diagonal of Jacobian",
        "only the diagonal of the Jacobian of {y} is used: " + JACOBIAN,
        lambda g, y, axis: g * y * (1 - y),
    ),
    (
        "missing factor",
        "the Jacobian of softmax at {y} is missing: the gradient is passed on as it is",
        lambda g, y, axis: g,
    ),
    (
        "missing path",
        "the sum over axis {axis} is missing: it is {y}*(g - sum(g*{y})), with g the gradient of {y}",
        lambda g, y, axis: g * y,
    ),
    (
        "wrong axis",
        "the sum in {y}*(g - sum(g*{y})) was taken over the wrong axis: softmax runs along axis {axis}",
        _on_other_axis,
    ),
    (
        "wrong axis",
        "the sum in {y}*(g - sum(g*{y})) was taken over everything: softmax runs along axis {axis}",
        lambda g, y, axis: y * (g - _total(g, y, None)),
    ),
    (
        "missing factor",
        "the factor {y} is missing in the sum of {y}*(g - sum(g*{y}))",
        lambda g, y, axis: y * (g - np.sum(g, axis=axis, keepdims=True)),
    ),
    (
        "missing factor",
        "the factor {y} before the bracket of {y}*(g - sum(g*{y})) is missing",
        lambda g, y, axis: g - _total(g, y, axis),
    ),
    (
        "sign",
        "the sign before the sum in {y}*(g - sum(g*{y})) is wrong",
        lambda g, y, axis: y * (g + _total(g, y, axis)),
    ),
    (
        "constant factor",
        "the mean was taken for the sum in {y}*(g - sum(g*{y}))",
        lambda g, y, axis: y * (g - np.mean(g * y, axis=axis, keepdims=True)),
    ),
]


def softmax_axis(case: Case, x: int, y: int, local: Callable[[int, Any], Any]) -> int | None:
    """The axis along which a stretch of operations is the softmax; None if it is not."""
    if case.node(x).shape != case.node(y).shape or not case.node(y).shape:
        return None
    for axis in range(-case.node(y).ndim, 0):
        if all(_is_softmax(case, y, p, axis, local) for p in range(len(case.points))):
            return axis
    return None


def _is_softmax(case: Case, y: int, p: int, axis: int, local: Callable[[int, Any], Any]) -> bool:
    data = np.asarray(case.node(y, p).data)
    if data.shape[axis] < 2 or np.any(data < 0) or not np.allclose(data.sum(axis=axis), 1.0):
        return False
    g = np.cos(np.arange(data.size)).reshape(data.shape)
    return close(local(p, g), data * (g - _total(g, data, axis)), 1.0)
