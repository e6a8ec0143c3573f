"""Differences of neighbours, slopes and integrals of samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import InvalidArgument
from autograd.functions.registry import (
    NOT_GIVEN,
    along,
    array,
    constant,
    floating,
    given,
    implements,
    in_type,
    integer,
    normalize_axes,
    normalize_axis,
)


@implements(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NOT_GIVEN, append: Any = NOT_GIVEN) -> Any:
    """Differences of neighbours, ``n`` times."""
    if integer(n, "n") < 0:
        raise InvalidArgument(f"n must not be negative, got {n}")
    if n == 0:
        return a
    axis = normalize_axis(axis, np.ndim(a))
    ends = [_slab(end, np.shape(a), axis) if given(end) else None for end in (prepend, append)]
    parts = [part for part in (ends[0], a, ends[1]) if part is not None]
    a = np.concatenate(parts, axis=axis) if len(parts) > 1 else a
    for _ in range(n):
        a = a[along(axis, slice(1, None))] - a[along(axis, slice(None, -1))]
    return a


def _slab(x: Any, shape: tuple[int, ...], axis: int) -> Any:
    """A scalar as a slab of length one along the axis."""
    return np.broadcast_to(x, (*shape[:axis], 1, *shape[axis + 1 :])) if np.ndim(x) == 0 else x


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours of the flattened array, with something put before and after."""
    parts = (to_begin, np.diff(np.ravel(ary)), to_end)
    return np.concatenate([in_type(np.ravel(part), floating(ary)) for part in parts if part is not None])


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Finite-difference derivative of samples along each axis, as ``np.gradient`` computes it."""
    axes = normalize_axes(f, axis) if axis is not None else tuple(range(np.ndim(f)))
    spacings = list(varargs) or [1.0]
    if len(spacings) not in (1, len(axes)):
        raise InvalidArgument(
            f"np.gradient takes no spacing, one, or one per axis ({len(axes)}), got {len(spacings)}"
        )
    spacings = spacings * (len(axes) // len(spacings))
    results = [
        _slope(f, 1.0, i, edge_order) / h
        if np.ndim(h) == 0
        else _slope(f, constant(h, "gradient", "coordinates"), i, edge_order)
        for h, i in zip(spacings, axes, strict=True)
    ]
    return results[0] if len(results) == 1 else tuple(results)


def _slope(f: Any, spacing: Any, axis: int, edge_order: Any) -> Any:
    """The derivative along one axis, a sum of shifted samples.

    NumPy's own gradient of combs with one tooth in five gives the coefficients, as no stencil
    reaches further than two samples.
    """
    n = np.shape(f)[axis]
    positions = np.arange(n)
    combs = (positions % 5 == np.arange(5)[:, None]).astype(np.result_type(f))
    columns = np.gradient(combs, spacing, axis=1, edge_order=edge_order)
    tail = (1,) * (np.ndim(f) - axis - 1)
    total: Any = 0.0
    for offset in range(-2, 3):
        source = np.clip(positions + offset, 0, n - 1)
        inside = source == positions + offset
        coefficients = np.where(inside, columns[source % 5, positions], 0.0)
        if np.any(coefficients):
            weights = coefficients.astype(combs.dtype).reshape(n, *tail)
            total = total + weights * f[along(axis, source)]
    return total


@implements(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integral of samples by the trapezoidal rule."""
    y, x, dx = array(y), array(x), array(dx)
    axis = normalize_axis(axis, np.ndim(y))
    if x is not None:
        dx = np.diff(x, axis=-1 if np.ndim(x) == 1 else axis)
        if np.ndim(x) == 1:
            dx = np.reshape(dx, (-1,) + (1,) * (np.ndim(y) - axis - 1))
    pairs = y[along(axis, slice(1, None))] + y[along(axis, slice(None, -1))]
    return np.sum(dx * pairs * 0.5, axis=axis)
