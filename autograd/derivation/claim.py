"""A value of the backward side that claims to be a gradient."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.derivation.sides import Point

CLOSE = 1e-6
MANY, FEW = 10_000, 8


@dataclass(frozen=True)
class Claim:
    """One value that is claimed to be the gradient of one Value.

    Attributes:
        name: as the backward side has it.
        variable: the short name of the variable.
        occurrence: which of the Values of that name, in forward order.
        step: which of the assignments of the backward side.
        line: of the source; 0 if there is none.
        text: the statement.
        how: how it was paired: "name", "numbers", "given" or, of what an object in a list or another
            object holds, "holder"; of what is returned or handed back also "place" or "shape".
        times: the value that was assigned is this many times the one that is claimed: -1 where a
            pass works with the direction of descent, the batch size where it is divided out later.
    """

    name: str
    variable: str
    occurrence: int
    step: int
    line: int
    text: str
    how: str
    times: float = 1.0

    def at(self, point: Point) -> Any:
        """The claimed number at a point."""
        value = point.steps[self.step].value
        shape = self.node(point).shape
        if np.shape(value) != shape and has_shape_of(self.node(point), value):
            value = np.reshape(value, shape)
        return value if self.times == 1.0 else value / self.times

    def node(self, point: Point) -> Any:
        """The Value at a point."""
        return point.nodes[self.variable][self.occurrence]


def numbers_of(claim: Claim, points: list[Point]) -> tuple[list[Any], list[Any]]:
    """The claimed and the true gradient at each point."""
    yours = [np.asarray(claim.at(p)) for p in points]
    return yours, [np.asarray(p.true.get(claim.node(p), np.zeros(claim.node(p).shape))) for p in points]


def in_order(claims: Iterable[Claim], point: Point) -> list[Claim]:
    """As they were made; those that helper methods left in an object from the cost backwards."""
    place = {node: k for k, node in enumerate(point.order)}

    def key(claim: Claim) -> tuple[bool, int, int]:
        node, left = claim.node(point), not claim.line and claim.name.startswith("self.")
        used = min((place[child] for child, _ in point.uses.get(node, ())), default=len(place))
        return left, -used if left else claim.step, claim.step

    return sorted(claims, key=key)


def has_shape_of(node: Any, value: Any) -> bool:
    """True if a value has the shape of a Value, but for axes of length one."""
    return np.shape(value) == node.shape or _fits_into(np.shape(value), node.shape)


def _fits_into(given: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """True if what has one shape is subtracted from what has the other, element by element."""
    padded = (1,) * (len(shape) - len(given)) + given
    return math.prod(given) == math.prod(shape) and padded[len(padded) - len(shape) :] == shape


def close(a: Any, b: Any, scale: float = 0.0) -> bool:
    """Equal but for rounding, as arrays of one shape."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    largest = max(float(np.max(b, initial=0.0)), -float(np.min(b, initial=0.0)), scale)
    if largest == math.inf:  # what is infinite hides no difference elsewhere
        finite = np.isfinite(b)
        return np.array_equal(a[~finite], b[~finite]) and close(a[finite], b[finite])
    with np.errstate(all="ignore"):
        if b.size > MANY:  # a few elements are enough to tell most that differ
            few = (..., slice(None, None, 1 + b.shape[-1] // FEW))
            if not np.all(np.abs(a[few] - b[few]) <= CLOSE * largest + 1e-300):
                return False
        return bool(np.all(np.abs(a - b) <= CLOSE * largest + 1e-300))
