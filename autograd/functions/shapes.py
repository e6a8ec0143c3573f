"""Shapes: axes reordered, removed and inserted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.data import as_array
from autograd.errors import InvalidArgument, NoRule, ShapeError
from autograd.functions.registry import (
    dimensions,
    implements,
    in_type,
    lengths,
    normalize_axes,
    normalize_axis,
    plain,
)
from autograd.rules import activations, shapes


@implements(np.reshape)
def reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """The same elements in another shape; one length may be -1."""
    if _row_major(a, order):
        return shapes.RESHAPE(a, shape=lengths(shape))
    return np.transpose(shapes.RESHAPE(np.transpose(a), shape=lengths(shape)[::-1]))


def _row_major(a: Any, order: str) -> bool:
    """Whether an order reads rows first; "A" reads as the array lies in memory."""
    if order == "C":
        return True
    if order not in ("F", "A"):
        raise InvalidArgument(f"order must be 'C', 'F' or 'A', got {order!r}")
    return order == "A" and not as_array(plain(a)).flags.fnc


@implements(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """The same elements in one dimension; "K" takes them as they lie in memory."""
    if order == "K":
        strides = np.abs(as_array(plain(a)).strides)
        a, order = np.transpose(a, np.argsort(-strides, kind="stable")), "C"
    return shapes.RESHAPE(a if _row_major(a, order) else np.transpose(a), shape=(np.size(a),))


@implements(np.transpose, np.permute_dims)
def transpose(a: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed if none is given."""
    ndim = dimensions(a)
    if axes is None:
        return shapes.TRANSPOSE(a, axes=tuple(range(ndim))[::-1])
    order = tuple(normalize_axis(i, ndim) for i in _listed(axes))
    if sorted(order) != list(range(ndim)):
        raise InvalidArgument(f"transpose needs each of {ndim} axes once, got {tuple(_listed(axes))}")
    return shapes.TRANSPOSE(a, axes=order)


def _listed(axes: Any) -> Any:
    return axes if isinstance(axes, (tuple, list, np.ndarray)) else (axes,)


@implements(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """The last two axes exchanged."""
    if np.ndim(x) < 2:
        raise ShapeError(f"matrix_transpose needs at least two dimensions, got shape {np.shape(x)}")
    return np.swapaxes(x, -1, -2)


@implements(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    ndim = dimensions(a)
    return shapes.SWAPAXES(a, axis1=normalize_axis(axis1, ndim), axis2=normalize_axis(axis2, ndim))


@implements(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other places, the rest in their order."""
    ndim = np.ndim(a)
    source = normalize_axis_tuple(source, ndim, "source")
    destination = normalize_axis_tuple(destination, ndim, "destination")
    if len(source) != len(destination):
        raise InvalidArgument(
            f"moveaxis needs as many destinations as sources, got {destination} for {source}"
        )
    order = [i for i in range(ndim) if i not in source]
    for to, axis in sorted(zip(destination, source, strict=True)):
        order.insert(to, axis)
    return np.transpose(a, order)


@implements(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """One axis moved before another."""
    axis = normalize_axis(axis, np.ndim(a))
    start = start + np.ndim(a) if start < 0 else start
    return moveaxis(a, axis, start - 1 if axis < start else start)


@implements(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Axes of length one removed."""
    chosen = normalize_axes(a, axis)
    if chosen is None:
        chosen = tuple(i for i, n in enumerate(np.shape(a)) if n == 1)
    return shapes.SQUEEZE(a, axis=chosen)


@implements(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """Axes of length one inserted."""
    places = axis if isinstance(axis, (tuple, list)) else (axis,)
    ndim = dimensions(a) + len(places)
    return shapes.EXPAND_DIMS(a, axis=tuple(normalize_axis(i, ndim) for i in places))


@implements(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """Repeated, without copying, to a larger shape."""
    return shapes.BROADCAST_TO(array, shape=lengths(shape))


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """Every array, repeated to their common shape."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(a if np.shape(a) == shape else np.broadcast_to(a, shape) for a in args)


def _at_least(n: int, reshaped: Any) -> Any:
    def at_least(*arys: Any) -> Any:
        results = [a if np.ndim(a) >= n else np.reshape(a, reshaped(np.shape(a))) for a in arys]
        return results[0] if len(results) == 1 else tuple(results)

    at_least.__doc__ = f"Each array with at least {n} dimensions."
    return at_least


atleast_1d = implements(np.atleast_1d)(_at_least(1, lambda shape: (1,)))
atleast_2d = implements(np.atleast_2d)(_at_least(2, lambda shape: (1,) * (2 - len(shape)) + shape))
atleast_3d = implements(np.atleast_3d)(
    _at_least(3, lambda shape: (1, *shape, 1) if len(shape) == 1 else (*shape, *(1,) * (3 - len(shape))) or 1)
)


@implements(np.astype)
def astype(
    a: Any,
    dtype: Any,
    order: str = "K",
    casting: str = "unsafe",
    subok: bool = True,
    copy: bool = True,
    *,
    device: Any = None,
) -> Any:
    """The elements in another floating-point type."""
    return in_type(a, dtype)


@implements(np.copy, np.real, np.real_if_close)
def copy(a: Any, order: str = "K", subok: bool = False, *, tol: float = 100) -> Any:
    """The same numbers as a new Value; also its real part, as there is no other."""
    return activations.LINEAR(a)


@implements(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """``fill_value``, which may be a Value, repeated to the shape of ``a``."""
    size = np.shape(a) if shape is None else lengths(shape)
    return np.broadcast_to(in_type(fill_value, np.result_type(a) if dtype is None else dtype), size)


@implements(np.copyto)
def copyto(*args: Any, **kwargs: Any) -> Any:
    """Refused: np.full and np.full_like write the Value into a plain array with it."""
    raise NoRule("np.copyto would write into a plain array: for np.full, write np.broadcast_to(v, shape)")
