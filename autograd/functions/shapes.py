"""Shapes: axes reordered, removed and inserted; arrays joined and split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.errors import InvalidArgument, ShapeError
from autograd.functions.registry import (
    along,
    implements,
    in_type,
    integer,
    lengths,
    normalize_axes,
    normalize_axis,
    plain,
    refuse,
)
from autograd.rules import activations, shapes

# -- one array ----------------------------------------------------------------------------


@implements(np.reshape)
def reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """The same elements in another shape; one length may be -1."""
    if _row_major(a, order):
        return shapes.RESHAPE(a, shape=lengths(shape))
    return np.transpose(shapes.RESHAPE(np.transpose(a), shape=lengths(shape)[::-1]))


def _row_major(a: Any, order: str) -> bool:
    """Whether an order reads rows first; "A" reads as the array lies in memory."""
    if order not in ("C", "F", "A", "K"):
        raise InvalidArgument(f"order must be 'C', 'F', 'A' or 'K', got {order!r}")
    return order == "C" or (order != "F" and not np.isfortran(np.asarray(plain(a))))


@implements(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """The same elements in one dimension."""
    return reshape(a, -1, order)


@implements(np.transpose, np.permute_dims)
def transpose(a: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed if none is given."""
    ndim = np.ndim(a)
    order = (
        tuple(range(ndim))[::-1] if axes is None else tuple(normalize_axis(i, ndim) for i in _listed(axes))
    )
    if sorted(order) != list(range(ndim)):
        raise InvalidArgument(f"transpose needs each of {ndim} axes once, got {tuple(_listed(axes or ()))}")
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
    ndim = np.ndim(a)
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
    ndim = np.ndim(a) + len(places)
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
def astype(a: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
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


# -- joining --------------------------------------------------------------------------------


@implements(np.concatenate, np.concat)
def concatenate(
    arrays: Any, /, axis: int | None = 0, out: Any = None, *, dtype: Any = None, casting: Any = None
) -> Any:
    """Joined along an existing axis; flattened first if ``axis`` is None."""
    refuse("concatenate", out=out)
    parts = [in_type(a, dtype) for a in arrays]
    if axis is None:
        parts, axis = [ravel(a) if np.ndim(a) != 1 else a for a in parts], 0
    if not parts:
        raise InvalidArgument("concatenate needs at least one array")
    return shapes.CONCATENATE(*parts, axis=normalize_axis(axis, np.ndim(parts[0])))


@implements(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    """Joined along a new axis."""
    refuse("stack", out=out)
    parts = [in_type(a, dtype) for a in arrays]
    if not parts:
        raise InvalidArgument("stack needs at least one array")
    return shapes.STACK(*parts, axis=normalize_axis(axis, np.ndim(parts[0]) + 1))


def _every(at_least: Any, arrays: Any) -> list[Any]:
    return [at_least(a) for a in arrays]


@implements(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
    """Joined as rows."""
    return concatenate(_every(atleast_2d, tup), 0, dtype=dtype)


@implements(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
    """Joined side by side: along axis 1, vectors along axis 0."""
    parts = _every(atleast_1d, tup)
    return concatenate(parts, 0 if parts and np.ndim(parts[0]) == 1 else 1, dtype=dtype)


@implements(np.dstack)
def dstack(tup: Any) -> Any:
    """Joined along the third axis."""
    return concatenate(_every(atleast_3d, tup), 2)


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Vectors as the columns of a matrix."""
    return concatenate([np.reshape(a, (-1, 1)) if np.ndim(a) < 2 else a for a in tup], 1)


@implements(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Values put after the end; both flattened if no axis is given."""
    return concatenate([arr, values], axis)


@implements(np.block)
def block(arrays: Any) -> Any:
    """Joined from nested lists of blocks: the innermost along the last axis, outwards from there."""
    depth, leaves = _depth(arrays)
    ndim = max(depth, *map(np.ndim, leaves)) if leaves else depth
    return _block(arrays, depth, ndim)


def _block(arrays: Any, depth: int, ndim: int) -> Any:
    if depth == 0:
        return np.reshape(arrays, (1,) * (ndim - np.ndim(arrays)) + np.shape(arrays))
    return concatenate([_block(item, depth - 1, ndim) for item in arrays], ndim - depth)


def _depth(arrays: Any) -> tuple[int, list[Any]]:
    """How deep the lists are nested, everywhere alike, and what they hold."""
    if not isinstance(arrays, list):
        return 0, [arrays]
    inside = [_depth(item) for item in arrays]
    if not arrays or len({depth for depth, _ in inside}) > 1:
        raise InvalidArgument("np.block needs lists that are nested equally deep, and none empty")
    return inside[0][0] + 1, [leaf for _, leaves in inside for leaf in leaves]


# -- splitting ------------------------------------------------------------------------------


@implements(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Parts along an axis: equal ones, or those between indices."""
    n = np.shape(ary)[normalize_axis(axis, np.ndim(ary))]
    if np.ndim(indices_or_sections) == 0 and n % integer(indices_or_sections, "sections"):
        raise InvalidArgument(f"{n} elements cannot be split into {indices_or_sections} equal parts")
    return array_split(ary, indices_or_sections, axis)


@implements(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Parts along an axis: nearly equal ones, or those between indices."""
    axis = normalize_axis(axis, np.ndim(ary))
    parts = np.array_split(np.arange(np.shape(ary)[axis]), plain(indices_or_sections))
    return [ary[along(axis, slice(p[0], p[-1] + 1) if len(p) else slice(0))] for p in parts]


@implements(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along axis 1; along axis 0 for vectors."""
    return split(ary, indices_or_sections, axis=1 if np.ndim(ary) > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along axis 0 of at least two dimensions."""
    return split(_of_dimensions("vsplit", ary, 2), indices_or_sections, axis=0)


@implements(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along axis 2 of at least three dimensions."""
    return split(_of_dimensions("dsplit", ary, 3), indices_or_sections, axis=2)


def _of_dimensions(name: str, a: Any, n: int) -> Any:
    if np.ndim(a) < n:
        raise ShapeError(f"np.{name} needs at least {n} dimensions, got shape {np.shape(a)}")
    return a


def unstack(x: Any, /, *, axis: int = 0) -> Any:
    """The parts along an axis, without it."""
    axis = normalize_axis(axis, np.ndim(x))
    return tuple(x[along(axis, i)] for i in range(np.shape(x)[axis]))


if hasattr(np, "unstack"):  # from NumPy 2.1
    implements(np.unstack)(unstack)
