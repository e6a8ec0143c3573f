"""What a claim means, where its name says something else.

Many a right pass calls the gradient of ``z`` by the name of ``a = sigmoid(z)``, as ``l2_delta``
or ``dy``; works with the direction of descent, ``y - a``; or leaves the division by the batch
size to the end. Such a claim is read as what its numbers say, if that cannot be a mistake: what is
missing in a gradient makes it that of a value nearer to the cost, never of one farther from it,
and a constant is a convention if a gradient that was made from it is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.derivation.claim import Claim, close
from autograd.derivation.sides import Point
from autograd.value import Value

FARTHEST = 8  # operations, as many as there are in a softmax with its maximum subtracted


def as_meant(points: list[Point], claims: list[Claim]) -> list[Claim]:
    """The claims, with another variable or a constant where that is how they are meant."""
    right = [c for c in claims if c.node(points[0]).is_leaf and _ratio(points, c, c.node) == 1.0]
    read = []
    for claim in claims:
        taken = {c.node(points[0]) for c in claims if c is not claim} - {claim.node(points[0])}
        read.append(_meant(points, claim, taken, right))
    return read


def _meant(points: list[Point], claim: Claim, taken: set[Value], right: list[Claim]) -> Claim:
    first = points[0]
    node = claim.node(first)
    if node.is_leaf or claim.how == "given" or not np.any(claim.at(first)):
        return claim
    k = _ratio(points, claim, claim.node)
    if k == 1.0 or (k is not None and _is_made_from(points, claim, node, right)):
        return replace(claim, times=k)
    for place in _inner(first, node):
        inner = first.order[place]
        if inner in taken or inner.shape != np.shape(claim.at(first)):
            continue
        k = _ratio(points, claim, lambda p, place=place: p.order[place])
        if k == 1.0 or (k is not None and _is_made_from(points, claim, inner, right)):
            variable, occurrence = _named(points, place)
            return replace(claim, variable=variable, occurrence=occurrence, how="numbers", times=k)
    return claim


def _ratio(points: list[Point], claim: Claim, node_of: Any) -> float | None:
    """The constant between a claim and the gradient of a Value, the same at all points."""
    ratio: float | None = None
    for p in points:
        yours, true = np.asarray(claim.at(p)), np.asarray(p.true.get(node_of(p), 0.0))
        if yours.shape != true.shape or not np.any(true) or not np.all(np.isfinite(yours + true)):
            return None
        if ratio is None:
            ratio = float(np.vdot(true, yours) / np.vdot(true, true))
            near = round(ratio)
            ratio = float(near) if near and abs(ratio - near) < 1e-7 * abs(near) else ratio
        if ratio == 0.0 or not close(yours, ratio * true):
            return None
    return ratio


def _is_made_from(points: list[Point], claim: Claim, node: Value, right: list[Claim]) -> bool:
    """True if a later claim is right that goes through the gradient of this Value."""
    later = {c.node(points[0]) for c in right if c.step > claim.step}
    return bool(later & set(_ancestors(node)))


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
