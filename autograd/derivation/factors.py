"""Factors of the chain rule on lines of their own: ``dz/dw = x``, judged as a derivation of z.

A factor is a total derivative, or the partial one that leaves out what goes through other named
values; both are right. One of arrays is judged if it is taken element by element only: as ``x`` in
``z = x @ w`` stands for a derivative in many ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.derivation.claim import Claim, close
from autograd.derivation.sides import Point
from autograd.derivation.sweep import graph, sweep
from autograd.value import Value


def wrong_factors(points: list[Point], claims: list[Claim]) -> list[tuple[Claim, list[Point]]]:
    """The factors that are wrong at some point, each with the points of its own derivation."""
    judged = {c.step for c in claims}
    found = []
    for k, step in enumerate(points[0].steps):
        pair = None if k in judged else _of_what(points[0], step.name)
        if pair is None:
            continue
        own = [_own(p, *pair) for p in points]
        claim = Claim(step.name, pair[1], 0, k, step.line, step.text, "name")
        known = _is_elementwise(own[0], claim.node(own[0]))
        if known and not (_agree(own, claim, partial=False) or _agree(own, claim, partial=True)):
            found.append((claim, own))
    return found


def _of_what(point: Point, name: str) -> tuple[str, str] | None:
    """Top and bottom of ``dz/dw``, a derivative of a value that is not the cost."""
    top, slash, bottom = name.partition("/d")
    names = top[1:], bottom
    if not slash or any(len(point.nodes.get(n, [])) != 1 for n in names):
        return None
    upper, lower = (point.nodes[n][0] for n in names)
    return None if upper is point.order[-1] or upper is lower else names


def _own(point: Point, top: str, bottom: str) -> Point:
    """The same point, with another value in the place of the cost and numbers of its shape."""
    order = graph(point.nodes[top][0])
    lower = point.nodes[bottom][0]
    order = order if any(lower is n for n in order) else [lower, *order]  # the derivative is 0
    inside = {*order, *(n for nodes in point.nodes.values() for n in nodes if n.is_leaf)}
    nodes = {name: [n for n in values if n in inside] for name, values in point.nodes.items()}
    steps = [
        replace(s, value=np.broadcast_to(s.value, order[-1].shape)) if _is_constant(s) else s
        for s in point.steps
    ]
    seed = np.ones(order[-1].shape) if order[-1].ndim else 1.0
    nodes = {name: values for name, values in nodes.items() if values}
    return replace(point, order=order, nodes=nodes, steps=steps, seed=seed)


def _is_constant(step: Any) -> bool:
    return "/" in step.name and np.ndim(step.value) == 0


def _is_elementwise(point: Point, bottom: Value) -> bool:
    """True for scalars, and where each element is made of one element of the other."""
    top = point.order[-1]
    if top.shape == bottom.shape == ():
        return True
    between = {n for n in point.order if n is not bottom and bottom in _all_below(n)}
    return top.shape == bottom.shape and all(
        n.shape == top.shape and n.primitive is not None and n.primitive.kind == "elementwise"
        for n in between
    )


def _all_below(node: Value) -> set[Value]:
    return set(graph(node))


def _agree(points: list[Point], claim: Claim, partial: bool) -> bool:
    """True if the derivative is that at all points."""
    return all(close(p.steps[claim.step].value, _derivative(p, claim.node(p), partial)) for p in points)


def _derivative(point: Point, bottom: Value, partial: bool) -> Any:
    stops = {n: np.zeros(n.shape) for n in _named(point) if n is not bottom} if partial else None
    return sweep(point.order, point.seed, stops).get(bottom, np.zeros(bottom.shape))


def _named(point: Point) -> Iterator[Value]:
    """The values on the way that have a name."""
    top = point.order[-1]
    yield from (n for nodes in point.nodes.values() for n in nodes if n is not top and not n.is_leaf)
