"""A wrong claim, and what it would be with a mistake somewhere between it and the claims before it.

Only the operations between the claim and those claims are gone through again, so that a
candidate costs what the derivation costs there, not what the whole graph costs.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.derivation.claims import Claim, close
from autograd.derivation.sides import Point
from autograd.derivation.sweep import part_of, region, sweep, without
from autograd.errors import ChainruleError
from autograd.value import Value

MOST_NODES = 400  # of a region that is searched for a mistake
MOST_USES = 8

Given = list[dict[Value, Any]]
Alter = Callable[[Value, int, Any], Any]
Edge = tuple[int, int]  # a place in the graph, and the number of an input
NOTHING: Mapping[Any, Any] = {}
_FAILURES = (ValueError, IndexError, TypeError, ArithmeticError, ChainruleError, np.exceptions.AxisError)


@dataclass
class Case:
    """A wrong claim: what it is at each point, and what it should be given the claims before it.

    Operations are named by their place in the graph, which is the same at every point.
    """

    claim: Claim
    points: list[Point]
    given: Given
    yours: list[Any] = field(init=False)
    expected: list[Any] = field(init=False)
    place: dict[Value, int] = field(init=False)
    inside: list[int] = field(init=False)
    near: list[int] = field(init=False)

    def __post_init__(self) -> None:
        first = self.points[0]
        self.yours = [np.asarray(self.claim.at(p)) for p in self.points]
        self.place = {node: k for k, node in enumerate(first.order)}
        self.target = self.place[self.claim.node(first)]
        near = region(self.claim.node(first), first.uses, without(self.given[0], self.claim.node(first)))
        self.near = [self.place[n] for n in near[:MOST_NODES]]
        self.inside = sorted(self.near)
        known = {*self.inside, self.target}
        self.links = {k: self._parents(k, known) for k in self.inside}
        self.groups = groups(first, self.near)
        self.rank = {node: k for k, node in enumerate(self.given[0])}  # in the order of the claims
        self.known: list[dict[int, Any]] = [{} for _ in self.points]
        self._forget_idle_paths()
        self.expected = [self._gradient(p, NOTHING, NOTHING, NOTHING) for p in range(len(self.points))]

    def _parents(self, k: int, known: set[int]) -> list[Edge]:
        """The inputs of an operation that lie on the way: their number and place."""
        places = [(i, self.place.get(parent, -1)) for i, parent in enumerate(self.node(k).parents)]
        return [(i, place) for i, place in places if place in known]

    def _forget_idle_paths(self) -> None:
        """Leave out uses through which nothing comes, as through the maximum in a stable softmax.

        People leave them out, and a mistake elsewhere must not come through them.
        """
        expected = [self._gradient(p, NOTHING, NOTHING, NOTHING) for p in range(len(self.points))]
        for k in [self.target, *self.near]:
            edges = self.uses(k)
            if 1 < len(edges) <= MOST_USES:
                made = Counter(statement(self.points[0], self.node(place)) for place, _ in edges)
                for edge in edges:
                    if made[statement(self.points[0], self.node(edge[0]))] > 1:
                        continue  # a step of a loop, as the first one with a state of zeros
                    without = (self.gradient(p, edges={edge: None}) for p in range(len(self.points)))
                    if all(same(e, rest) for e, rest in zip(expected, without, strict=True)):
                        self.links[edge[0]] = [(i, to) for i, to in self.links[edge[0]] if i != edge[1]]

    def node(self, k: int, p: int = 0) -> Value:
        """The operation at a place, at a point."""
        return self.points[p].order[k]

    def uses(self, k: int) -> list[Edge]:
        """Where a node is used on the way to the claims before."""
        first = self.points[0]
        found = [(self.place[child], i) for child, i in first.uses.get(first.order[k], [])]
        return [(k, i) for k, i in found if any(i == number for number, _ in self.links.get(k, ()))]

    def before(self, node: Value) -> bool:
        """True for a node whose gradient was claimed before this one."""
        own = self.claim.node(self.points[0])
        if node not in self.rank or node is own:
            return False
        return own not in self.rank or self.rank[node] < self.rank[own]

    def received(self, k: int, p: int) -> Any:
        """The gradient that a node passes on: a claim, or what the claims imply."""
        node = self.node(k, p)
        if node in self.given[p]:
            return self.given[p][node]
        return self.known[p][k] if k in self.known[p] else self.implied[p].get(node)

    @functools.cached_property
    def implied(self) -> Given:
        """The gradients everywhere that the claims imply."""
        return [sweep(p.order, p.seed, g) for p, g in zip(self.points, self.given, strict=True)]

    def gradient(
        self,
        p: int,
        edges: Mapping[Edge, Alter | None] = NOTHING,
        replaced: Mapping[int, Any] = NOTHING,
        bypass: Mapping[int, tuple[int, Callable[[Any], Any]]] = NOTHING,
    ) -> Any:
        """The claimed gradient at a point, as it would be with alterations; NotImplemented if it cannot be.

        Args:
            p: the point.
            edges: what an operation passes to one of its inputs instead; None for nothing.
            replaced: gradients that are passed on in the place of those received.
            bypass: an operation that passes its gradient, made into another, straight to an
                earlier node.
        """
        try:
            with np.errstate(all="ignore"):
                return self._gradient(p, edges, replaced, bypass)
        except _FAILURES:
            return NotImplemented

    def _gradient(self, p: int, edges: Any, replaced: Any, bypass: Any) -> Any:
        order, given = self.points[p].order, self.given[p]
        received: dict[int, Any] = {self.place[self.points[0].order[-1]]: self.points[p].seed}
        for k in reversed(self.inside):
            node = order[k]
            g = replaced.get(k, given.get(node, received.get(k)))
            if g is None:
                continue
            if k in bypass:
                to, make = bypass[k]
                parts = [(to, make(g))]
            else:
                parts = [(to, _part(edges, k, i, node, g)) for i, to in self.links[k]]
            for to, part in parts:
                if part is NotImplemented:
                    return NotImplemented
                if part is not None:
                    received[to] = part if received.get(to) is None else received[to] + part
        if not (edges or replaced or bypass):
            self.known[p] = received
        found = received.get(self.target)
        return np.zeros(order[self.target].shape) if found is None else np.asarray(found)

    def explains(self, make: Callable[[int], Any]) -> bool:
        """True if what is made equals the claim at every point."""
        try:
            with np.errstate(all="ignore"):
                return all(same(y, make(p)) for p, y in enumerate(self.yours))
        except _FAILURES:
            return False

    def evidence(self) -> str:
        """How much the numbers say."""
        n = self.yours[0].size
        return f"at all {len(self.points)} points, {n} of {n} elements"


def _part(edges: Mapping[Edge, Alter | None], k: int, i: int, node: Value, g: Any) -> Any:
    """What an operation passes to an input: by its rule, or as it was altered."""
    if (k, i) not in edges:
        return part_of(node, i, g)
    alter = edges[k, i]
    return None if alter is None else alter(node, i, g)


def expected_at(claim: Claim, point: Point, given: Mapping[Value, Any]) -> Any:
    """The gradient that the claims before a claim imply."""
    node = claim.node(point)
    others = without(given, node)
    near = set(region(node, point.uses, others))
    received: dict[Value, Any] = {point.order[-1]: point.seed}
    for n in reversed([n for n in point.order if n in near]):
        g = others.get(n, received.get(n))
        for i, parent in enumerate(n.parents):
            if g is not None and (parent is node or parent in near):
                part = part_of(n, i, g)
                received[parent] = part if received.get(parent) is None else received[parent] + part
    return np.asarray(received.get(node, np.zeros(node.shape)))


def same(yours: Any, made: Any) -> bool:
    """True if a candidate could be made and equals the claim."""
    return made is not NotImplemented and close(yours, made) and bool(np.all(np.isfinite(made)))


def groups(point: Point, near: list[int]) -> list[list[int]]:
    """Places by the statement that made them: those of a loop together, in forward order."""
    found: dict[Any, list[int]] = {}
    for k in near:
        found.setdefault(statement(point, point.order[k]), []).append(k)
    return [sorted(g) for g in found.values()]


def statement(point: Point, node: Value) -> Any:
    """Equal for operations that one statement makes again and again."""
    line, text = point.lines.get(node, (0, ""))
    # A weight is the same at every step; a state that is used once is where the steps began.
    fixed = tuple(id(p) if p.is_leaf and len(point.uses.get(p, ())) > 1 else 0 for p in node.parents)
    shapes = (node.shape, *(p.shape for p in node.parents))
    return (line, text, node.op, fixed, shapes) if line else id(node)


def choices(group: list[int], nearest: int) -> Iterator[list[int]]:
    """All operations of one statement; else the one next to the claim, the first, the last."""
    seen = []
    for chosen in (group, [nearest], group[:1], group[-1:]):
        if chosen not in seen:
            seen.append(chosen)
            yield chosen
