"""Elements moved, repeated and picked by position.

Most of these are one idea: NumPy's own function, applied to the *positions* of the elements,
says which element goes where, and one indexing follows it. The engine differentiates that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.data import as_array, opaque
from autograd.errors import NoRule, ShapeError
from autograd.functions.joining import concatenate
from autograd.functions.registry import (
    along,
    floating,
    implements,
    in_type,
    lengths,
    normalize_axes,
    normalize_axis,
    one_axis,
    plain,
    refuse,
)
from autograd.functions.shapes import moveaxis, ravel
from autograd.rules import selection, windows

__all__ = ["moveaxis", "take_along_axis"]

NOWHERE = -1  # the position of an element that comes from no input


def rearranged(arrange: Callable[..., Any], arrays: list[Any], *options: Any) -> Any:
    """What ``arrange(*arrays, *options)`` does, done to positions; 0 where it puts ``NOWHERE``."""
    flat = [ravel(a) for a in arrays]
    positions, start = [], 0
    for a in arrays:
        positions.append(np.arange(start, start + np.size(a)).reshape(np.shape(a)))
        start += np.size(a)
    index = arrange(*positions, *map(plain, options))
    if np.any(index == NOWHERE):  # the last element
        flat.append(np.zeros(1, np.result_type(*arrays)))
    return (concatenate(flat) if len(flat) > 1 else flat[0])[index]


# -- moved ----------------------------------------------------------------------------------


@implements(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """The order along axes reversed; along all of them by default."""
    axes = normalize_axes(m, axis)
    return m[tuple(slice(None, None, -1 if axes is None or i in axes else 1) for i in range(np.ndim(m)))]


@implements(np.fliplr)
def fliplr(m: Any) -> Any:
    """The order along axis 1 reversed."""
    return flip(m, 1)


@implements(np.flipud)
def flipud(m: Any) -> Any:
    """The order along axis 0 reversed."""
    return flip(m, 0)


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Shifted along axes, what leaves at one end enters at the other."""
    return rearranged(np.roll, [a], shift, axis)


@implements(np.rot90)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Turned by k quarters in the plane of two axes."""
    return rearranged(np.rot90, [m], k, axes)


# -- repeated ---------------------------------------------------------------------------------


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """Repeated as a whole along each axis."""
    return rearranged(np.tile, [A], reps)


@implements(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each element repeated."""
    return rearranged(np.repeat, [a], repeats, axis)


@implements(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """Repeated as often as it takes to fill a shape."""
    shape = lengths(new_shape)
    if np.size(a) == 0:
        return np.zeros(shape, np.result_type(a))
    return rearranged(np.resize, [a], shape)


PAD_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Padded with constants or with its own elements."""
    if mode not in PAD_MODES or options.get("reflect_type", "even") != "even":
        raise NoRule(f"np.pad of Values takes the modes {', '.join(PAD_MODES)}, got {mode!r} {options or ''}")
    if mode != "constant":
        return rearranged(np.pad, [array], pad_width, mode)
    given = options.get("constant_values", 0.0)
    if isinstance(given, (int, float)) and given == 0:
        return _within_zeros(array, plain(pad_width))
    constants = in_type(given, floating(array))
    return rearranged(lambda i, j: np.pad(i, plain(pad_width), constant_values=j), [array, constants])


def _within_zeros(array: Any, pad_width: Any) -> Any:
    """Padded with zeros, in which it lies as a slice."""
    shape = np.shape(array)
    one = np.pad(np.ones([1 for _ in shape], bool), pad_width)  # NumPy reads the widths, in all their forms
    before = np.argwhere(one)[0].tolist()
    index = tuple([slice(b, b + n) for b, n in zip(before, shape, strict=True)])
    return selection.SCATTER(
        array, index=index, shape=tuple([n + m - 1 for n, m in zip(shape, one.shape, strict=True)])
    )


@implements(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """Every window of a shape, with the axes of the windows last."""
    within = lengths(window_shape)
    axes = tuple(range(np.ndim(x))) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    if len(within) != len(axes):
        raise ShapeError(f"sliding_window_view needs a length for each of {len(axes)} axes, got {within}")
    axes = tuple(normalize_axis(i, np.ndim(x)) for i in axes)
    return windows.WINDOWS(x, window_shape=within, axis=axes)


# -- diagonals and triangles --------------------------------------------------------------------


@implements(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """A diagonal of two axes, as the last axis."""
    return rearranged(np.diagonal, [a], offset, axis1, axis2)


@implements(np.linalg.diagonal)
def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """A diagonal of the last two axes."""
    return diagonal(x, offset, -2, -1)


@implements(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """The matrix with a diagonal; of a matrix, its diagonal."""
    return _diagonal_matrix(v, k) if np.ndim(v) == 1 else rearranged(np.diag, [v], k)


@implements(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """The matrix with the flattened array as its diagonal."""
    return _diagonal_matrix(ravel(v), k)


def _diagonal_matrix(v: Any, k: int) -> Any:
    return rearranged(lambda i: np.diag(i + 1, k) - 1, [v])  # 0, which NumPy fills in, becomes NOWHERE


@implements(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle, 0 elsewhere."""
    return np.where(_triangle(m, k), m, 0.0)


@implements(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle, 0 elsewhere."""
    return np.where(_triangle(m, k - 1), 0.0, m)


def _triangle(m: Any, k: int) -> Any:
    shape = np.shape(m)
    return np.tri(shape[-2] if len(shape) > 1 else shape[-1], shape[-1], k, dtype=bool)


# -- picked -------------------------------------------------------------------------------------


@implements(np.take)
def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    """Elements at positions along an axis; of the flattened array if none is given."""
    refuse("take", out=out)
    a, axis = one_axis(a, axis)
    return a[along(axis, _positions(np.shape(a)[axis], plain(indices), mode))]


@opaque
def _positions(n: int, indices: Any, mode: str) -> Any:
    """Positions below ``n``, by the mode of np.take."""
    return np.take(np.arange(n), indices, mode=mode)  # type: ignore[call-overload]


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Elements at positions along an axis that differ from row to row, as argsort gives them."""
    if axis is None:
        return ravel(arr)[indices]
    indices = as_array(plain(indices))
    axis = normalize_axis(axis, np.ndim(arr))
    grid = np.ogrid[tuple(slice(n) for n in np.shape(arr))]
    return arr[tuple(indices if i == axis else grid[i] for i in range(np.ndim(arr)))]


@implements(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    """Slices along an axis where a condition holds."""
    refuse("compress", out=out)
    return take(a, np.flatnonzero(plain(condition)), axis)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """Elements of the flattened array where a condition holds."""
    return take(arr, np.flatnonzero(plain(condition)))


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Without the slices at some positions."""
    return rearranged(np.delete, [arr], obj, axis)


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """With values put before some positions."""
    values = in_type(values, floating(arr))
    return rearranged(lambda i, j: np.insert(i, plain(obj), j, axis), [arr, values])


@implements(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """From each place the element of one of several arrays, by number."""
    refuse("choose", out=out)
    choices = [choices[k] for k in range(len(choices))]
    shape = np.broadcast_shapes(np.shape(a), *map(np.shape, choices))
    numbers = np.broadcast_to(plain(a), shape).astype(int)
    numbers = _positions(len(choices), numbers, mode)
    stacked = np.stack([np.broadcast_to(c, shape) for c in choices])
    return stacked[(numbers, *np.indices(shape, sparse=True))]
