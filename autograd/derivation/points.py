"""The points at which a derivation is compared: the given one, and random ones around it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.derivation.forms import FREE, SHARES, STAYS, forms, share_axis
from autograd.derivation.sides import Point, Side, run_point
from autograd.errors import ChainruleError, InvalidArgument
from autograd.trees import tree_map

POINTS = 5
# Lengths for the letters of shapes: pairwise different, and none of them one.
LENGTHS = (5, 3, 7, 4, 6, 2, 8, 9, 11, 13)


def drawn(shapes: Mapping[str, Sequence[int] | str], rng: np.random.Generator) -> dict[str, Any]:
    """Random inputs of given shapes; ``"N D"`` chooses lengths, one for each letter.

    >>> rng = np.random.default_rng(0)
    >>> {name: x.shape for name, x in drawn({"X": "N D", "W": "D H", "b": (3,)}, rng).items()}
    {'X': (5, 3), 'W': (3, 7), 'b': (3,)}
    """
    if not isinstance(shapes, Mapping):
        raise InvalidArgument(f'shapes must be a dict such as {{"X": "N D"}}, got {type(shapes).__name__}')
    lengths: dict[str, int] = {}
    inputs = {}
    for name, shape in shapes.items():
        parts = _parts(name, shape)
        letters = dict.fromkeys(n for n in parts if isinstance(n, str) and n not in lengths)
        if len(lengths) + len(letters) > len(LENGTHS):
            raise InvalidArgument(f"shapes= has more than {len(LENGTHS)} different letters")
        lengths |= zip(letters, LENGTHS[len(lengths) :], strict=False)
        size = tuple(lengths[n] if isinstance(n, str) else n for n in parts)
        x = rng.normal(size=size)
        inputs[name] = x if size else float(x)
    return inputs


def _parts(name: str, shape: Any) -> list[int | str]:
    """The lengths and letters of a shape: of ``"N D"``, ``"(N, 3)"``, ``(5, 3)`` and ``5``."""
    written = re.split(r"[\s,()]+", shape.strip("(), ")) if isinstance(shape, str) else shape
    words = list(written) if isinstance(written, (list, tuple)) else [written]
    parts = [int(n) if isinstance(n, str) and n.isdigit() else n for n in words if n != ""]
    for n in parts:
        if not (isinstance(n, str) and n.isidentifier()) and not (
            isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n > 0
        ):
            raise InvalidArgument(
                f"shapes[{name!r}] is {shape!r}: lengths are positive integers or letters, (5, 3) or 'N D'"
            )
    return parts


def points_around(
    forward: Side,
    backward: Side | None,
    inputs: Mapping[str, Any],
    loss: Any,
    call: Any,
    rng: np.random.Generator,
    names: Mapping[str, str] | None = None,
    kept: bool = True,
) -> list[Point]:
    """The given point and random ones around it, where both sides run through in the same way.

    Inputs that have a form, such as labels, are ``kept`` in it or moved freely.
    """
    points = [run_point(forward, backward, inputs, loss, call, rng)]
    ways = forms(points[0], names, kept)
    for _ in range(3 * POINTS):
        if len(points) == POINTS:
            break
        try:
            with np.errstate(all="ignore"):
                point = run_point(forward, backward, moved(inputs, rng, ways), loss, call, rng)
        except (ChainruleError, ArithmeticError, ValueError, IndexError):
            continue
        if _alike(point, points[0]):
            points.append(point)
    _add_changes(points)
    return points


def _add_changes(points: list[Point]) -> None:
    """What arrays held at the end is a step of its own at all points, if it was changed at one of them."""
    changed = [name for name in points[0].ends if any(p.ends[name].at_end for p in points)]
    text = {name: next(p.ends[name].text for p in points if p.ends[name].at_end) for name in changed}
    for p in points:
        p.steps += [replace(p.ends[name], text=text[name], at_end=True) for name in changed]


def _alike(point: Point, first: Point) -> bool:
    """The same operations and assignments, and numbers that are finite."""
    return bool(
        len(point.order) == len(first.order)
        and [s.name for s in point.steps] == [s.name for s in first.steps]
        and all(bool(np.all(np.isfinite(g))) for g in point.true.values())
    )


def moved(inputs: Mapping[str, Any], rng: np.random.Generator, ways: Sequence[str] = ()) -> dict[str, Any]:
    """Inputs at random places around the given ones, each moved in its way; integers stay.

    The ways are in the order of the leaves, as :func:`forms` gives them.
    """
    way = iter(ways)

    def move(x: Any) -> Any:
        how = next(way, FREE)
        if how == STAYS or isinstance(x, (bool, int, str)) or x is None or callable(x):
            return x
        array = np.asarray(getattr(x, "data", x) if not isinstance(x, np.ndarray) else x)
        if array.dtype.kind != "f":
            return x
        if how == SHARES:
            weights = array * np.exp(0.5 * rng.normal(size=array.shape))
            return weights / weights.sum(axis=share_axis(array), keepdims=True)
        size = float(np.sqrt(np.mean(np.square(array)))) if array.size else 0.0
        moved = array * (1.0 + 0.3 * rng.normal(size=array.shape)) + 0.1 * (size or 1.0) * rng.normal(
            size=array.shape
        )
        return moved if array.ndim else float(moved)

    return {name: tree_map(move, value) for name, value in inputs.items()}
