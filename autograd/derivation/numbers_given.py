"""Claims that are given as numbers, ``{"dx": array}``: they are of the given inputs, and of no others."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.derivation.claim import Claim, close
from autograd.derivation.claims import find_claims
from autograd.derivation.sides import Point


def numbers_among(backward: Any) -> list[str]:
    """The entries of a mapping that are numbers.

    >>> numbers_among({"dx": np.ones(2), "dw": "2*w"}), numbers_among("dw = 2*w")
    (['dx'], [])
    """
    if not isinstance(backward, Mapping):
        return []
    return [name for name, claim in backward.items() if not isinstance(claim, str) and not callable(claim)]


def compared_once(points: list[Point], backward: Any, names: Mapping[str, str] | None) -> list[Point]:
    """The points at which a derivation with such claims is judged.

    Where all of them are right at the given inputs they are taken as right at the other points,
    at which the other claims are judged; else, or if another claim is computed from them, the
    given inputs are the only ones.
    """
    fixed = numbers_among(backward)
    if not fixed:
        return points
    if any(_uses(claim, fixed) for name, claim in backward.items() if name not in fixed):
        return points[:1]
    first = replace(points[0], nodes=dict(points[0].nodes), names=dict(points[0].names))
    claims = [c for c in find_claims([first], names)[0] if c.name in fixed]
    if not all(close(c.at(first), _true(c, first)) for c in claims):
        return points[:1]
    for p in points[1:]:
        for c in claims:
            p.steps[c.step] = replace(p.steps[c.step], value=_true(c, p) * c.times)
    return points


def _uses(claim: Any, fixed: list[str]) -> bool:
    """True if a formula or a function has one of these names."""
    words = claim if isinstance(claim, str) else inspect.signature(claim).parameters
    return any(name in words for name in fixed)


def _true(claim: Claim, point: Point) -> Any:
    """The gradient at a point of what a claim is of; a Value without a name is known by its place."""
    is_known = claim.variable in point.nodes
    node = claim.node(point) if is_known else point.order[int(claim.variable.removeprefix("#"))]
    return point.true.get(node, np.zeros(node.shape))


def note_on(fixed: list[str]) -> list[str]:
    """What is said of such claims."""
    if not fixed:
        return []
    return [f"given as numbers, and so compared at your inputs only: {', '.join(fixed)}"]
