"""Matrix products, for every pair of dimensions that NumPy takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitive import Primitive


def _transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _as_matrices(g: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Give vectors the axis that matmul gave them: a row on the left, a column on the right."""
    if np.ndim(b) == 1:
        g, b = np.expand_dims(g, -1), np.expand_dims(b, -1)
    if np.ndim(a) == 1:
        g, a = np.expand_dims(g, -2), np.expand_dims(a, -2)
    return g, a, b


def _left(g: Any, y: Any, a: Any, b: Any) -> Any:
    g, _, b = _as_matrices(g, a, b)
    grad = g @ _transpose(b)
    return np.squeeze(grad, -2) if np.ndim(a) == 1 else grad


def _right(g: Any, y: Any, a: Any, b: Any) -> Any:
    g, a, matrix = _as_matrices(g, a, b)
    if np.ndim(matrix) == 2 and np.ndim(a) > 2:
        # One product over all stacked rows, not one per matrix and a sum afterwards.
        rows = math.prod(np.shape(a)[:-1])  # -1 would not do for arrays without elements
        a, g = np.reshape(a, (rows, np.shape(a)[-1])), np.reshape(g, (rows, np.shape(g)[-1]))
    grad = _transpose(a) @ g
    return np.squeeze(grad, -1) if np.ndim(b) == 1 else grad


def _forward(a: Any, b: Any) -> Any:
    try:
        return np.matmul(a, b)
    except ValueError:
        if not (np.ndim(a) and np.ndim(b)):
            raise ValueError("a single number is multiplied with *, not @") from None
        raise ValueError(
            "rows of the first must be as long as columns of the second, and axes before these two fit"
        ) from None


MATMUL = Primitive(
    "matmul",
    _forward,
    (_left, _right),
    ("g @ b.T", "a.T @ g"),
    (r"g\, b^{\top}", r"a^{\top} g"),
    symbol="@",
)
