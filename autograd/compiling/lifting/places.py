"""Elements of arrays, gathered for an operation: as a view where their places follow a pattern.

Where the elements that an operation takes lie in a source at ``offset + s1 * i + s2 * j + ...``, they are
a slice, a reshape and a transpose of it, and equal elements side by side (a stride of 0) are an axis of
length one that broadcasting repeats. All that costs nothing, and its derivative next to nothing; only
elements in no order are picked one by one with an array of places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]
Axis = tuple[int, int]  # length and stride
Move = tuple[str, Any]  # "reshape" shape, "transpose" axes, or "index" index

MOST_AXES = 6


def apply_moves(x: Any, moves: Sequence[Move]) -> Any:
    """An array, or a Value, moved about.

    >>> apply_moves(np.arange(6.0), (("reshape", (2, 3)), ("transpose", (1, 0)), ("index", 0)))
    array([0., 3.])
    """
    for name, argument in moves:
        if name == "index":
            x = x[argument]
        else:
            x = np.reshape(x, argument) if name == "reshape" else np.transpose(x, argument)
    return x


def axes_of(places: Places) -> tuple[Axis, ...] | None:
    """Lengths and strides, the slowest axis first, that count through ``places``; None if there are none.

    >>> axes_of(np.array([0, 3, 1, 4, 2, 5]))
    ((3, 1), (2, 3))
    >>> axes_of(np.array([0, 1, 3]))
    """
    axes: list[Axis] = []
    while len(places) > 1:
        steps = np.diff(places)
        stride = int(steps[0])
        breaks = np.flatnonzero(steps != stride)
        length = int(breaks[0]) + 1 if len(breaks) else len(places)
        if stride < 0 or len(places) % length or len(axes) == MOST_AXES:
            return None
        rows = places.reshape(-1, length)
        if not np.array_equal(rows, rows[:, :1] + stride * np.arange(length)):
            return None
        axes.insert(0, (length, stride))
        places = rows[:, 0]
    return tuple(axes)


def rows_of(places: Places) -> tuple[Places, int] | None:
    """Where places are whole rows of a matrix, in no order: the numbers of the rows, and their length.

    >>> rows_of(np.array([6, 7, 8, 0, 1, 2]))
    (array([2, 0]), 3)
    """
    breaks = np.flatnonzero(np.diff(places) != 1)
    length = int(breaks[0]) + 1 if len(breaks) else 1
    if length == 1 or len(places) % length:
        return None
    rows = places.reshape(-1, length)
    fits = np.array_equal(rows, rows[:, :1] + np.arange(length)) and not (rows[:, 0] % length).any()
    return (rows[:, 0] // length, length) if fits else None


def cuts_of(axes: Sequence[Axis]) -> set[int]:
    """How many elements one step along each axis passes: where axes begin.

    >>> sorted(cuts_of([(2, 100), (3, 10), (5, 1)]))
    [1, 5, 15]
    """
    return {math.prod(n for n, _ in axes[i + 1 :]) for i in range(len(axes))}


def nested(cuts: set[int], size: int) -> bool:
    """Whether axes can begin at all these cuts."""
    ordered = [*sorted(cuts), size]
    return all(b % a == 0 for a, b in pairwise(ordered))


def split(axes: Sequence[Axis], cuts: set[int]) -> tuple[Axis, ...]:
    """The same places with further axes, that begin at the cuts.

    >>> split([(6, 1)], {1, 3})
    ((2, 3), (3, 1))
    """
    result: list[Axis] = []
    inner = math.prod(n for n, _ in axes)
    for n, stride in axes:
        outer, inner = inner, inner // n
        inside = sorted({c for c in cuts if inner < c < outer} | {inner, outer}, reverse=True)
        result += [(a // b, stride * (b // inner)) for a, b in pairwise(inside)]
    return tuple(result)


def view(
    shape: tuple[int, ...], offset: int, axes: Sequence[Axis]
) -> tuple[list[Move], tuple[int, ...]] | None:
    """Moves from a source to its elements along axes, and the shape that they give.

    Args:
        shape: of the source.
        offset: the place of the first element.
        axes: lengths and strides; an axis of stride 0 gets the length one.

    Returns:
        None where strides overlap.

    >>> view((2, 3), 1, [(2, 3), (2, 1)])
    ([('index', (Ellipsis, slice(1, 3, None)))], (2, 2))
    """
    real = [i for i, (_, s) in enumerate(axes) if s]
    falling = sorted(real, key=lambda i: -axes[i][1])
    moves = _cut(shape, offset, [axes[i] for i in falling])
    if moves is None:
        return None
    now = tuple(axes[i][0] for i in falling)
    if falling != real:
        moves.append(("transpose", tuple(falling.index(i) for i in real)))
        now = tuple(axes[i][0] for i in real)
    wanted = tuple(n if s else 1 for n, s in axes)
    while wanted[:1] == (1,):  # broadcasting puts them there
        wanted = wanted[1:]
    return [*moves, *reshaped(now, wanted)], wanted


def reshaped(old: tuple[int, ...], new: tuple[int, ...]) -> list[Move]:
    """The move to a shape, if it is another one."""
    return [] if old == new else [("reshape", new)]


def joined(moves: Sequence[Move], shape: tuple[int, ...]) -> tuple[Move, ...]:
    """The same moves from ``shape`` without reshapes that others undo.

    >>> joined([("reshape", (6,)), ("reshape", (2, 3)), ("index", 0)], (2, 3))
    (('index', 0),)
    """
    after = [*moves, ("", None)][1:]
    kept = [m for m, following in zip(moves, after, strict=True) if not m[0] == following[0] == "reshape"]
    return tuple(kept[1:] if kept[:1] == [("reshape", shape)] else kept)


def _cut(shape: tuple[int, ...], offset: int, axes: list[Axis]) -> list[Move] | None:
    """Slices and reshapes to axes whose strides fall."""
    moves: list[Move] = []
    width = math.prod(shape)
    lengths: tuple[int, ...] = ()  # of the axes that are done; one more is still to be cut
    if not axes:
        return [*reshaped(shape, (width,)), ("index", offset)] if shape else []
    for k, (n, stride) in enumerate(axes):
        start = _start(offset, axes[k:], width)
        stop = start + n * stride
        if k == len(axes) - 1 and stride > 1 and (stop > width or k == 0):
            stop = offset + (n - 1) * stride + 1
            flat = reshaped(shape, (width,)) if k == 0 else []
            return None if stop > width else [*moves, *flat, _along(lengths, slice(offset, stop, stride))]
        if stop > width:
            return None
        if (start, stop) != (0, width):
            if k == 0 and shape[0] * stride == width and start % stride == 0:  # whole rows of the source
                moves.append(("index", slice(start // stride, start // stride + n)))
                shape = (n, *shape[1:])
            else:
                moves += reshaped(shape, (width,)) if k == 0 else []
                moves.append(_along(lengths, slice(start, stop)))
                shape = (*lengths, n * stride)
        offset, width, lengths = offset - start, stride, (*lengths, n)
        new = lengths if stride == 1 else (*lengths, stride)
        moves, shape = moves + reshaped(shape, new), new
    return [*moves, _along(lengths, offset)] if width > 1 else moves


def _start(offset: int, axes: list[Axis], width: int) -> int:
    """Where to begin along the first of some axes: at a whole step, if what is inside then fits into one."""
    n, stride = axes[0]
    rest = offset % stride
    extent = 1 + sum((m - 1) * s for m, s in axes[1:])
    return offset - rest if rest + extent <= stride and offset - rest + n * stride <= width else offset


def _along(before: tuple[int, ...], part: slice | int) -> Move:
    """An index of the last axis."""
    return "index", (Ellipsis, part) if before else part
