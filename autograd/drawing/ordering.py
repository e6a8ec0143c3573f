"""The order of nodes within each rank: few arrows cross.

Medians of neighbours, rank by rank, forwards and backwards, with neighbouring nodes exchanged
where that helps (Gansner, Koutsofios, North and Vo, "A technique for drawing directed
graphs", 1993). The best order seen is kept.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SWEEPS = 24
ROUNDS = 8  # of exchanges after a sweep
SHUFFLES = 14
PATIENCE = 8  # sweeps without a better order, after which the search ends
WORK = 140_000  # nodes looked at in all: large graphs get fewer sweeps, not more time


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow between neighbouring ranks, with where on each node it is attached (0 to 1)."""

    tail: int
    head: int
    tail_at: float = 0.5
    head_at: float = 0.5


class Layers:
    """Nodes in ranks, joined by links between neighbouring ranks; ``rows`` is the present order."""

    def __init__(self, ranks: Sequence[int], links: Sequence[Link]) -> None:
        self.ranks = ranks
        self.rows: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
        self.before: list[list[tuple[int, float, float]]] = [[] for _ in ranks]
        self.after: list[list[tuple[int, float, float]]] = [[] for _ in ranks]
        self.effort = 0  # nodes looked at for exchanges
        self.at = [0] * len(ranks)
        for link in links:
            self.before[link.head].append((link.tail, link.tail_at, link.head_at))
            self.after[link.tail].append((link.head, link.head_at, link.tail_at))

    def set_rows(self, rows: list[list[int]]) -> None:
        """Take an order."""
        self.rows = [list(row) for row in rows]
        for row in self.rows:
            self._number(row)

    def _number(self, row: list[int]) -> None:
        for i, v in enumerate(row):
            self.at[v] = i

    def crossings(self) -> int:
        """The number of pairs of links that cross."""
        return sum(self._crossings_after(r) for r in range(len(self.rows) - 1))

    def _crossings_after(self, r: int) -> int:
        """Inversions, counted by insertion into a sorted list."""
        at, total = self.at, 0
        seen: list[float] = []
        links = [(at[v] + va, at[w] + wa) for v in self.rows[r] for w, wa, va in self.after[v]]
        links.sort()  # links from one point by their heads: they do not cross
        for _, head in links:
            total += len(seen) - bisect_right(seen, head)
            insort(seen, head)
        return total

    def sort_by_medians(self, r: int, forward: bool) -> None:
        """Order a rank by the medians of neighbours before it, or after it."""
        near = self.before if forward else self.after
        at, row = self.at, self.rows[r]
        keys = {v: _median(sorted(at[u] + ua for u, ua, _ in near[v])) for v in row if near[v]}
        moving = iter(sorted(keys, key=lambda v: (keys[v], at[v])))
        self.rows[r] = [next(moving) if v in keys else v for v in row]  # others stay where they are
        self._number(self.rows[r])

    def exchange(self, r: int, even: bool) -> int:
        """Exchange neighbours in a rank where that saves crossings, or costs none; those saved."""
        row, at, saved = self.rows[r], self.at, 0
        self.effort += len(row)
        near = [
            [sorted(at[u] + ua for u, ua, _ in side[v]) for side in (self.before, self.after)] for v in row
        ]
        for i in range(len(row) - 1):
            a, b = near[i], near[i + 1]
            gain = _inversions(a[0], b[0]) + _inversions(a[1], b[1])
            if gain > 0 or (even and gain == 0):
                row[i], row[i + 1], near[i], near[i + 1] = row[i + 1], row[i], b, a
                saved += gain
        self._number(row)
        return saved


def _median(places: list[float]) -> float:
    """The weighted median of Gansner et al.: between the middle two, towards the denser side."""
    n = len(places)
    m = n // 2
    if n % 2:
        return places[m]
    if n == 2:
        return (places[0] + places[1]) / 2
    left, right = places[m - 1] - places[0], places[-1] - places[m]
    if left + right == 0:
        return (places[m - 1] + places[m]) / 2
    return (places[m - 1] * right + places[m] * left) / (left + right)


def _inversions(a: list[float], b: list[float]) -> int:
    """Crossings of two neighbours' links, less those after an exchange."""
    if len(b) < len(a):
        return -_inversions(b, a)
    n = len(b)
    return sum(bisect_left(b, x) + bisect_right(b, x) - n for x in a)


def order_rows(ranks: Sequence[int], links: Sequence[Link]) -> list[list[int]]:
    """The nodes of each rank in an order with few crossings.

    >>> order_rows([0, 0, 1, 1], [Link(0, 3), Link(1, 2)])
    [[0, 1], [3, 2]]
    """
    layers = Layers(ranks, links)
    best: list[list[int]] = []
    fewest = -1
    for start in _starts(layers):
        layers.set_rows(start)
        rows, count = _improve(layers)
        if fewest < 0 or count < fewest:
            best, fewest = rows, count
        if fewest == 0 or layers.effort > WORK:
            break
    return best


def _starts(layers: Layers) -> Iterator[list[list[int]]]:
    """Orders to begin with: depth first along the arrows and against them, then shuffled ones."""
    yield _walk(layers, forward=True)
    yield _walk(layers, forward=False)
    rng = random.Random(0)  # the same picture every time
    for _ in range(SHUFFLES):
        yield [rng.sample(row, len(row)) for row in layers.rows]


def _improve(layers: Layers) -> tuple[list[list[int]], int]:
    """Sweep to and fro; the best order on the way, and its crossings."""
    best, fewest, idle = [list(row) for row in layers.rows], layers.crossings(), 0
    last = len(layers.rows)
    for sweep in range(SWEEPS):
        if fewest == 0 or idle == PATIENCE or (sweep > 1 and layers.effort > WORK):
            break
        forward = sweep % 2 == 0
        for r in range(1, last) if forward else range(last - 2, -1, -1):
            layers.sort_by_medians(r, forward)
        _exchange(layers, even=sweep % 4 > 1)
        count = layers.crossings()
        idle += 1
        if count < fewest:
            best, fewest, idle = [list(row) for row in layers.rows], count, 0
    return best, fewest


def _exchange(layers: Layers, even: bool) -> None:
    """Exchange neighbours in every rank, then again where that changed something nearby."""
    last = len(layers.rows)
    todo = set(range(last))
    for _ in range(ROUNDS):
        changed = [r for r in sorted(todo) if layers.exchange(r, even) > 0]
        todo = {n for r in changed for n in (r - 1, r, r + 1) if 0 <= n < last}
        even = False  # exchanges that save nothing open the way to others that do
        if not todo:
            break


def _walk(layers: Layers, forward: bool) -> list[list[int]]:
    """A first order: depth first, along the arrows or against them."""
    near = layers.after if forward else layers.before
    back = layers.before if forward else layers.after
    rows: list[list[int]] = [[] for _ in layers.rows]
    seen = [False] * len(layers.ranks)
    for start in (v for v in range(len(layers.ranks)) if not back[v]):
        stack = [start]
        while stack:
            v = stack.pop()
            if not seen[v]:
                seen[v] = True
                rows[layers.ranks[v]].append(v)
                stack.extend(w for w, _, _ in reversed(near[v]) if not seen[w])
    return rows
