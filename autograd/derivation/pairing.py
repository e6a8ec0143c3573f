"""Which assignment of a loop belongs to which step, where the numbers alone do not tell.

A name that is assigned on several lines of a loop, or fewer times than there are steps, can be
paired in several ways. The right one is that in which the fewest claims are wrong given those
before them: a mistake is made in one place, and a wrong pairing makes many. A value that is only
a part of a gradient, to which more is added later under another name, is no claim at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.data import canonical
from autograd.derivation.claim import Claim, close, in_order
from autograd.derivation.naming import variable_of
from autograd.derivation.readings import is_mentioned
from autograd.derivation.recorder import Step
from autograd.derivation.sides import Point
from autograd.derivation.sweep import ROUNDING, cancelled, part_of, sweep
from autograd.value import Value

ENOUGH = 2  # points that tell one pairing from another
ROUNDS = 3


def settled(points: list[Point], claims: list[Claim]) -> list[Claim]:
    """The claims as they are best paired."""
    some = points[:ENOUGH]
    fewest = len(_wrong(some, claims))
    for _ in range(ROUNDS):  # one name paired better may show how another is
        before = fewest
        if fewest:
            claims, fewest = _better(some, claims, fewest)
        if fewest == before:
            break
    return _without_parts(some, claims) if fewest else claims


def _better(points: list[Point], claims: list[Claim], fewest: int) -> tuple[list[Claim], int]:
    """Pair the names one after the other as well as can be."""
    for variable in dict.fromkeys(c.variable for c in claims if c.how == "name"):
        if len(points[0].nodes[variable]) == 1 and _is_leaf(points, variable):
            continue
        for trial in _pairings(points, claims, variable):
            count = len(_wrong(points, trial))
            whole = _without_parts(points, trial) if count == fewest else trial
            count = len(_wrong(points, whole)) if whole is not trial else count
            if count < fewest:
                claims, fewest = whole, count
    return claims, fewest


def _is_leaf(points: list[Point], variable: str) -> bool:
    return points[0].nodes[variable][0].is_leaf


def _wrong(points: list[Point], claims: list[Claim]) -> list[Claim]:
    """The claims that are wrong given those before them."""
    wrong: dict[Claim, None] = {}
    for p in points:
        given = _given(claims, p)
        implied = sweep(p.order, p.seed, given)
        wrong |= dict.fromkeys(c for c in claims if not _right(c, p, implied))
    return list(wrong)


def _right(claim: Claim, point: Point, implied: Mapping[Value, Any]) -> bool:
    """True if a claim is the gradient, or what the claims before it imply."""
    node, yours = claim.node(point), claim.at(point)
    expected = [gradients.get(node, np.zeros(node.shape)) for gradients in (point.true, implied)]
    if any(close(yours, e) for e in expected):
        return True
    scale = ROUNDING * cancelled(node, point.uses, point.true)
    return any(close(yours, e, scale) for e in expected)


def _given(claims: list[Claim], point: Point) -> dict[Value, Any]:
    return {c.node(point): canonical(np.asarray(c.at(point))) for c in claims if _fits(c, point)}


def _fits(claim: Claim, point: Point) -> bool:
    return bool(np.shape(claim.at(point)) == claim.node(point).shape)


def _pairings(points: list[Point], claims: list[Claim], variable: str) -> Iterator[list[Claim]]:
    """All pairings of one variable: by each line that assigns it, from the last step and from the first."""
    first = points[0]
    nodes = first.nodes[variable]
    others = [c for c in claims if c.variable != variable]
    right = [c for c in claims if c.variable == variable and all(_right(c, p, {}) for p in points)]
    names = {c.name for c in claims if c.variable == variable}
    model = next(c for c in claims if c.variable == variable)
    lines: dict[tuple[int, str], list[int]] = {}
    for k, step in enumerate(first.steps):
        meant = step.name in names or variable_of(step.name, first.nodes) == variable
        if meant and np.shape(step.value) == nodes[-1].shape:
            lines.setdefault((step.line, step.text), []).append(k)
    for ks in lines.values():
        if not any(np.any(first.steps[k].value) for k in ks):
            continue  # where sums begin
        for shift in range(max(len(nodes) - len(ks), 0) + 2):
            made = []
            for position, k in enumerate(ks[: len(nodes)]):
                occurrence = len(nodes) - 1 - shift - position
                if occurrence >= 0 and nodes[occurrence].shape == np.shape(first.steps[k].value):
                    made.append(_moved(model, first.steps[k], k, occurrence))
            taken = {c.occurrence for c in made}, {c.step for c in made}
            kept = [c for c in right if c.occurrence not in taken[0] and c.step not in taken[1]]
            if len(kept) + len(made) >= len(claims) - len(others):  # a claim is not left out like this
                yield in_order([*others, *kept, *made], first)


def _moved(claim: Claim, step: Step, k: int, occurrence: int) -> Claim:
    return replace(claim, name=step.name, occurrence=occurrence, step=k, line=step.line, text=step.text)


# -- parts --------------------------------------------------------------------------------------


def _without_parts(points: list[Point], claims: list[Claim]) -> list[Claim]:
    """Leave out statements that give a part of a gradient only, if what follows is then better judged."""
    for text in dict.fromkeys((c.line, c.text) for c in _wrong(points, claims) if c.how == "name"):
        alike = [c for c in claims if (c.line, c.text) == text and not c.node(points[0]).is_leaf]
        if not alike or not all(_is_part(points, claims, c) for c in alike):
            continue
        if points[0].formulas and not any(is_mentioned(points[0], c) for c in alike):
            continue  # nothing can be added to it
        rest = [c for c in claims if c not in alike]
        later = [c for c in rest if c.step > alike[0].step]
        if later and len(_wrong(points, rest)) < len(_wrong(points, claims)) - (len(alike) - 1):
            claims = rest
    return claims


def _is_part(points: list[Point], claims: list[Claim], claim: Claim) -> bool:
    """True if a claim is what comes through some of the uses of its variable, or nothing yet."""
    return all(_parts_alike(p, claims, claim) for p in points)


def _parts_alike(point: Point, claims: list[Claim], claim: Claim) -> bool:
    node = claim.node(point)
    given = _given(claims, point)
    received = sweep(point.order, point.seed, given)
    parts = [
        part_of(child, i, given.get(child, received.get(child)))
        for child, i in point.uses.get(node, [])
        if child in received
    ]
    yours = claim.at(point)
    return not np.any(yours) or any(close(yours, p) for p in parts)
