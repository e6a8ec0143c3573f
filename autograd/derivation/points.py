"""The points at which a derivation is compared: the given one, and random ones around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.derivation.sides import Point, Side, run_point
from autograd.errors import ChainruleError, InvalidArgument
from autograd.trees import leaves, tree_map
from autograd.value import Value

POINTS = 5
# Lengths for the letters of shapes: pairwise different, and none of them one.
LENGTHS = (5, 3, 7, 4, 6, 2, 8, 9, 11, 13)


def drawn(shapes: Mapping[str, Sequence[int] | str], rng: np.random.Generator) -> dict[str, Any]:
    """Random inputs of given shapes; ``"N D"`` chooses lengths, one for each letter.

    >>> rng = np.random.default_rng(0)
    >>> {name: x.shape for name, x in drawn({"X": "N D", "W": "D H", "b": (3,)}, rng).items()}
    {'X': (5, 3), 'W': (3, 7), 'b': (3,)}
    """
    lengths: dict[str, int] = {}
    inputs = {}
    for name, shape in shapes.items():
        letters = shape.replace(",", " ").split() if isinstance(shape, str) else shape
        for letter in letters:
            if isinstance(letter, str) and letter not in lengths:
                if len(lengths) == len(LENGTHS):
                    raise InvalidArgument(f"shapes= has more than {len(LENGTHS)} different letters")
                lengths[letter] = LENGTHS[len(lengths)]
        size = tuple(lengths[n] if isinstance(n, str) else int(n) for n in letters)
        x = rng.normal(size=size)
        inputs[name] = x if size else float(x)
    return inputs


def points_around(
    forward: Side,
    backward: Side | None,
    inputs: Mapping[str, Any],
    loss: Any,
    call: Any,
    rng: np.random.Generator,
) -> list[Point]:
    """The given point and random ones around it, where both sides run through in the same way."""
    points = [run_point(forward, backward, inputs, loss, call, rng)]
    inside = set(points[0].order)
    fixed = [isinstance(v, Value) and v not in inside for v in leaves(points[0].values)]
    for _ in range(3 * POINTS):
        if len(points) == POINTS:
            break
        try:
            with np.errstate(all="ignore"):
                point = run_point(forward, backward, moved(inputs, rng, fixed), loss, call, rng)
        except (ChainruleError, ArithmeticError, ValueError, IndexError):
            continue
        if _alike(point, points[0]):
            points.append(point)
    return points


def _alike(point: Point, first: Point) -> bool:
    """The same operations and assignments, and numbers that are finite."""
    return bool(
        len(point.order) == len(first.order)
        and [s.name for s in point.steps] == [s.name for s in first.steps]
        and all(bool(np.all(np.isfinite(g))) for g in point.true.values())
    )


def moved(inputs: Mapping[str, Any], rng: np.random.Generator, fixed: Sequence[bool] = ()) -> dict[str, Any]:
    """Inputs at random places around the given ones; integers and one-hot rows keep their form.

    Those that are ``fixed``, in the order of the leaves, stay as they are: the cost does not
    depend on them, as on a learning rate or a momentum of zero.
    """
    stay = iter(fixed)

    def move(x: Any) -> Any:
        if next(stay, False) or isinstance(x, (bool, int, str)) or x is None or callable(x):
            return x
        array = np.asarray(getattr(x, "data", x) if not isinstance(x, np.ndarray) else x)
        if array.dtype.kind != "f" or _is_coded(array):
            return x
        size = float(np.sqrt(np.mean(np.square(array)))) if array.size else 0.0
        moved = array * (1.0 + 0.3 * rng.normal(size=array.shape)) + 0.1 * (size or 1.0) * rng.normal(
            size=array.shape
        )
        return moved if array.ndim else float(moved)

    return {name: tree_map(move, value) for name, value in inputs.items()}


def _is_coded(array: Any) -> bool:
    """Zeros and ones that stand for classes or masks."""
    return bool(
        array.ndim > 0
        and array.size > 1
        and bool(np.all((array == 0.0) | (array == 1.0)))
        and bool(np.any(array == 1.0))
    )
