"""Arrays joined and split."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import InvalidArgument, ShapeError
from autograd.functions.registry import along, implements, in_type, integer, normalize_axis, plain, refuse
from autograd.functions.shapes import atleast_1d, atleast_2d, atleast_3d, ravel
from autograd.rules import shapes

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
