"""Norms of vectors and matrices, of every order that NumPy has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument, ShapeError
from autograd.functions.linalg import inv, svdvals
from autograd.functions.registry import NOT_GIVEN, flag, implements, normalize_axes, plain
from autograd.functions.shapes import moveaxis
from autograd.rules import reductions


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    """Norm of vectors (one axis) or matrices (two), of every order that NumPy has."""
    axes, keepdims = normalize_axes(x, axis), flag(keepdims)
    if axes is None:
        if ord is None or (ord in ("f", "fro") and np.ndim(x) == 2) or (ord == 2 and np.ndim(x) == 1):
            return reductions.NORM(x, axis=tuple(range(np.ndim(x))), keepdims=keepdims)
        axes = tuple(range(np.ndim(x)))
    if len(axes) == 1:
        return _vector_norm(x, 2 if ord is None else ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, "fro" if ord is None else ord, axes, keepdims)
    raise ShapeError(f"a norm of order {ord!r} needs one axis or two, got {len(axes)}: shape {np.shape(x)}")


@implements(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    """Norm of all elements along the axes, taken as one vector."""
    axes = tuple(range(np.ndim(x))) if axis is None else normalize_axes(x, axis)
    return _vector_norm(x, ord, axes, flag(keepdims))


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    """Norm of the matrices in the last two axes."""
    return _matrix_norm(x, ord, normalize_axes(x, (-2, -1)), flag(keepdims))


def _vector_norm(x: Any, ord: Any, axes: Any, keepdims: bool) -> Any:
    over = {"axis": axes, "keepdims": keepdims}
    if isinstance(ord, str):
        raise InvalidArgument(f"the order of a vector norm is a number, got {ord!r}")
    if ord == 2:
        return reductions.NORM(x, **over)
    if ord == np.inf:
        return _largest(np.abs(x), **over)
    if ord == -np.inf:
        return np.min(np.abs(x), **over)
    if ord == 0:
        return np.sum(plain(x) != 0, **over).astype(np.result_type(x))
    if ord == 1:
        return np.sum(np.abs(x), **over)
    total = np.sum(np.abs(x) ** ord, **over)
    flat = plain(total) == 0.0
    return np.where(flat, 0.0, np.where(flat, 1.0, total) ** (1.0 / ord))


def _largest(x: Any, **over: Any) -> Any:
    """The largest element, 0 if there is none."""
    return np.max(x, **over, initial=NOT_GIVEN if np.size(x) else 0.0)


def _matrix_norm(x: Any, ord: Any, axes: Any, keepdims: bool) -> Any:
    rows, columns = axes
    singular: dict[Any, Callable[..., Any]] = {2: _largest, -2: np.min, "nuc": np.sum}
    if ord in ("fro", "f"):
        return reductions.NORM(x, axis=axes, keepdims=keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        extremum = _largest if ord > 0 else np.min
        summed, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = np.sum(np.abs(x), axis=summed, keepdims=True)
        result = extremum(sums, axis=other, keepdims=True)
    elif ord in singular:
        values = svdvals(moveaxis(x, axes, (-2, -1)))
        result = singular[ord](values, axis=-1)
        return np.expand_dims(result, tuple(sorted(axes))) if keepdims else result
    else:
        raise InvalidArgument(f"the order of a matrix norm is 'fro', 'nuc', +-1, +-2 or +-inf, got {ord!r}")
    return result if keepdims else np.squeeze(result, axis=axes)


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """Condition number: the norm times the norm of the inverse."""
    if p in (None, 2, -2):
        values = svdvals(x)
        return values[..., -1] / values[..., 0] if p == -2 else values[..., 0] / values[..., -1]
    return norm(x, p, axis=(-2, -1)) * norm(inv(x), p, axis=(-2, -1))
