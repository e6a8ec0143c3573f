"""What a claim means, where its name says something else.

Many a right pass calls the gradient of ``z`` by the name of ``a = sigmoid(z)``, as ``l2_delta``
or ``dy``; works with the direction of descent, ``y - a``; or leaves the division by the batch
size to the end. Such a claim is read as what its numbers say, if that cannot be a mistake: what is
missing in a gradient makes it that of a value nearer to the cost, never of one farther from it,
and a constant is a convention if a gradient that was made from it is right.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.derivation.claim import Claim, close
from autograd.derivation.notation import names_in, parse_expression
from autograd.derivation.sides import Point
from autograd.derivation.sweep import part_of, sweep
from autograd.value import Value

MOST_USES = 8  # of one Value
FARTHEST = 8  # operations, as many as there are in a softmax with its maximum subtracted


def as_meant(points: list[Point], claims: list[Claim]) -> list[Claim]:
    """The claims, with another variable or a constant where that is how they are meant."""
    with np.errstate(all="ignore"):
        return _read(points, claims)


def _read(points: list[Point], claims: list[Claim]) -> list[Claim]:
    right = [c for c in claims if c.node(points[0]).is_leaf and _ratio(points, c, c.node) == 1.0]
    read = list(claims)
    for k, claim in enumerate(claims):
        if not claim.node(points[0]).is_leaf and claim.how != "given" and np.any(claim.at(points[0])):
            read[k] = _meant(points, claim, [c for c in read if c is not claim], right)
    parts = _parts(points, [c for c in read if c.how == "name"], right)
    return [c for c in read if (c.line, c.text) not in parts]


def _meant(points: list[Point], claim: Claim, others: list[Claim], right: list[Claim]) -> Claim:
    first = points[0]
    node = claim.node(first)
    k = _ratio(points, claim, claim.node)
    if k == 1.0 or (k is not None and _is_made_from(points, claim, node, right)):
        return replace(claim, times=k)
    implied = [_implied(p, others) for p in points]
    if _ratio(points, claim, claim.node, implied) == 1.0:
        return claim
    taken = {c.node(first) for c in others} - {node}
    for place in _inner(first, node):
        inner = first.order[place]
        if inner in taken or inner.shape != np.shape(claim.at(first)):
            continue

        def at(p: Point, place: int = place) -> Value:
            return p.order[place]

        k = _ratio(points, claim, at)
        made = k is not None and _is_made_from(points, claim, inner, right)
        if k == 1.0 or made or _ratio(points, claim, at, implied) == 1.0:
            variable, occurrence = _named(points, place)
            times = k if k is not None and made else 1.0
            return replace(claim, variable=variable, occurrence=occurrence, how="numbers", times=times)
    return claim


def _parts(points: list[Point], claims: list[Claim], right: list[Claim]) -> set[tuple[int, str]]:
    """Statements that make a part of a gradient, to which more is added elsewhere: what follows is right.

    In a loop the last one may be that of a first state which needs no gradient.
    """
    found: dict[tuple[int, str], list[bool]] = {}
    for c in claims:
        node = c.node(points[0])
        if not node.is_leaf and _is_made_from(points, c, node, right) and _ratio(points, c, c.node) != 1.0:
            nodes = range(len(points[0].nodes[c.variable]))
            is_part = any(all(_is_part(p, c, p.nodes[c.variable][i]) for p in points) for i in nodes)
            found.setdefault((c.line, c.text), []).append(is_part)
    return {statement for statement, parts in found.items() if sum(parts) > len(parts) - sum(parts)}


def _is_part(point: Point, claim: Claim, node: Value) -> bool:
    """True if a claim is what comes through some of the uses of a Value."""
    uses = [(child, i) for child, i in point.uses.get(node, []) if child in point.true]
    if node.shape != np.shape(claim.at(point)) or not 1 < len(uses) <= MOST_USES:
        return False
    parts = [part_of(child, i, point.true[child]) for child, i in uses]
    some = (s for n in range(1, len(parts)) for s in itertools.combinations(parts, n))
    return any(close(claim.at(point), sum(s)) for s in some)


def _implied(point: Point, claims: list[Claim]) -> dict[Value, Any]:
    """The gradients that follow from the other claims."""
    given = {c.node(point): np.asarray(c.at(point)) for c in claims}
    given = {node: g for node, g in given.items() if node.shape == g.shape}
    return sweep(point.order, point.seed, given)


def _ratio(
    points: list[Point],
    claim: Claim,
    node_of: Callable[[Point], Value],
    gradients: list[dict[Value, Any]] | None = None,
) -> float | None:
    """The constant between a claim and the gradient of a Value, the same at all points."""
    ratio: float | None = None
    for p, received in zip(points, gradients or [p.true for p in points], strict=True):
        yours, true = np.asarray(claim.at(p)), np.asarray(received.get(node_of(p), 0.0))
        if yours.shape != true.shape or not np.any(true) or not np.all(np.isfinite(yours + true)):
            return None
        if ratio is None:
            size = np.max(np.abs(true))  # the squares of very small numbers are 0
            with np.errstate(over="ignore"):
                ratio = float(np.vdot(true / size, yours) / np.vdot(true / size, true / size) / size)
            if not math.isfinite(ratio):
                return None
            near = round(ratio)
            ratio = float(near) if near and abs(ratio - near) < 1e-7 * abs(near) else ratio
        if ratio == 0.0 or not close(yours, ratio * true):
            return None
    return ratio


def _is_made_from(points: list[Point], claim: Claim, node: Value, right: list[Claim]) -> bool:
    """True if a later claim is right that goes through the gradient of this Value, and may use this claim."""
    if points[0].formulas and not is_mentioned(points[0], claim):
        return False
    later = {c.node(points[0]) for c in right if c.step > claim.step}
    return bool(later & set(_ancestors(node)))


def is_mentioned(point: Point, claim: Claim) -> bool:
    """True if a later formula has the name of a claim in it, or what is later is no formula."""
    later = [s.text.partition("=")[2] if s.line else s.text for s in point.steps[claim.step + 1 :]]
    return not all(later) or any(claim.name in names_in(parse_expression(text)) for text in later)


def _ancestors(node: Value) -> Iterator[Value]:
    seen, stack = set(), [node]
    while stack:
        for parent in stack.pop().parents:
            if parent not in seen and parent.requires_grad:
                seen.add(parent)
                stack.append(parent)
                yield parent


def _inner(point: Point, node: Value) -> list[int]:
    """Where in the order the Values stand from which one was made in a few operations, nearest first."""
    places = {n: k for k, n in enumerate(point.order)}
    found: dict[Value, None] = {}
    front = [node]
    for _ in range(FARTHEST):
        front = [p for n in front for p in n.parents if p in places and p not in found]
        found.update(dict.fromkeys(front))
    return [places[n] for n in found if not n.is_leaf]


def _named(points: list[Point], place: int) -> tuple[str, int]:
    """Variable and occurrence of a Value; one without a name is called by what computes it."""
    node = points[0].order[place]
    for name, nodes in points[0].nodes.items():
        for occurrence, known in enumerate(nodes):
            if known is node:
                return name, occurrence
    for p in points:
        p.nodes[f"#{place}"] = [p.order[place]]
        p.names[p.order[place]] = p.speller.node(p.order[place])
    return f"#{place}", 0
