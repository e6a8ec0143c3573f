"""Constants between a claim and a gradient, and what they are made of."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.derivation.claims import close
from autograd.derivation.sides import Point


def constant_ratio(yours: Any, expected: Any) -> float | None:
    """The k with yours = k * expected everywhere, if there is one."""
    if any(y.shape != e.shape for y, e in zip(yours, expected, strict=True)):
        return None
    square = product = largest = 0.0
    for y, e in zip(yours, expected, strict=True):
        square, product = square + float(np.vdot(e, e)), product + float(np.vdot(y, e))
        largest = max(largest, float(np.max(np.abs(e), initial=0.0)))
        # One point is enough to exclude it, if not all of the gradient is 0 there.
        if not np.isfinite(product) or (square and not close(y, product / square * e, largest)):
            return None
    if not square:
        return None
    k = product / square
    alike = all(close(y, k * e, largest) for y, e in zip(yours, expected, strict=True))
    return k if alike else None


def meaning_of(k: float, point: Point) -> str:
    """What a constant is made of: a length of an axis, or a small number."""
    size = abs(k)
    if abs(size - 2.0) < 1e-6:  # plainer than half the length of an axis
        return ": as from a square without its 1/2"
    if abs(size - 0.5) < 1e-6:
        return ": as without the 2 from the derivative of a square"
    axes, several = dict(_lengths(point)), dict(_products(point))
    for lengths in (axes, several):
        for twos, also in _TWOS:
            for n, what in lengths.items():
                if n > 2 and abs(size / twos - n) < 1e-6 * n:
                    return f": {what}{also}, so a sum stands where the mean belongs"
                if n > 2 and abs(size / twos * n - 1.0) < 1e-6:
                    return f": one over {what}{also}, so a mean stands where the sum belongs"
    for n, what in axes.items():
        if n > 2 and abs(size * (n - 1) / n - 1.0) < 1e-6:
            return f": it is divided by {n} - 1 in the place of {n}, {what}"
        for m, other in axes.items():
            if n > 2 and abs(size * m / n - 1.0) < 1e-6:
                return f": it is divided by {m}, {other}, in the place of {n}, {what}"
    return ""


_TWOS = ((1.0, ""), (2.0, " times 2"), (0.5, " over 2"))


def _lengths(point: Point) -> Iterator[tuple[int, str]]:
    """Lengths of axes and lists, and what they are of, the most telling last."""
    arrays = {name: v for name, v in point.inputs.items() if not isinstance(v, (dict, list, tuple))}
    for name, value in reversed(arrays.items()):
        for axis, n in reversed(list(enumerate(np.shape(value)))):
            yield n, f"the length of axis {axis} of {name}"
    for name, value in point.inputs.items():
        if isinstance(value, (list, tuple)):
            yield len(value), f"the number of steps, the length of {name}"


def _products(point: Point) -> Iterator[tuple[int, str]]:
    """Numbers of elements along several axes of a named value, the most telling last."""
    for variable, nodes in reversed(point.nodes.items()):
        shape = nodes[-1].shape
        for size in range(2, min(len(shape), 5)):
            for axes in itertools.combinations(range(len(shape)), size):
                yield (
                    math.prod(shape[a] for a in axes),
                    f"the number of elements along axes {axes} of {variable}",
                )
        if len(shape) > 1:
            yield math.prod(shape), f"the number of elements of {variable}"
