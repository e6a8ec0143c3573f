"""Coordinates across the ranks: nodes near their neighbours, long arrows straight, no overlap.

Each node wants to be at the mean of its neighbours. In one rank, whose order is given, the
places nearest to what the nodes want (least squares) without overlap are found exactly: by
pooling adjacent violators. Sweeps to and fro do that rank by rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

SWEEPS = 10

_Near = list[list[tuple[int, float, float]]]


@dataclass(frozen=True, slots=True)
class Pull:
    """Two nodes of neighbouring ranks that want ``place[head] - place[tail] == offset``."""

    tail: int
    head: int
    offset: float
    weight: float


def spread(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Places nearest to those wanted, with at least ``gaps[i]`` between places i and i + 1.

    >>> spread([0.0, 0.0, 10.0], [1.0, 1.0, 1.0], [2.0, 2.0])
    [-1.0, 1.0, 10.0]
    """
    starts = list(accumulate(gaps, initial=0.0))
    pools: list[tuple[float, float, int]] = []  # mean of wanted - start, weight, number of nodes
    for want, own, start in zip(wanted, weights, starts, strict=False):
        mean, weight, count = want - start, own, 1
        while pools and pools[-1][0] > mean:
            other, heavy, n = pools.pop()
            mean = (mean * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + n
        pools.append((mean, weight, count))
    shifts = [mean for mean, _, n in pools for _ in range(n)]
    return [shift + start for shift, start in zip(shifts, starts, strict=False)]


def place(
    rows: Sequence[Sequence[int]], gaps: Sequence[Sequence[float]], pulls: Sequence[Pull]
) -> list[float]:
    """The place of each node; ``gaps[r][i]`` is the least distance of nodes i and i + 1 of rank r."""
    n = sum(len(row) for row in rows)
    before: _Near = [[] for _ in range(n)]
    after: _Near = [[] for _ in range(n)]
    for pull in pulls:
        before[pull.head].append((pull.tail, pull.offset, pull.weight))
        after[pull.tail].append((pull.head, -pull.offset, pull.weight))
    at = [0.0] * n
    for row, between in zip(rows, gaps, strict=True):
        middle = sum(between) / 2
        for v, start in zip(row, accumulate(between, initial=0.0), strict=bool(row)):
            at[v] = start - middle
    for sweep in range(SWEEPS):
        both = sweep >= SWEEPS - 4
        for r in range(len(rows)):
            _settle(rows[r], gaps[r], at, [before, after] if both else [before])
        for r in range(len(rows) - 1, -1, -1):
            _settle(rows[r], gaps[r], at, [before, after] if both else [after])
    return at


def _settle(row: Sequence[int], gaps: Sequence[float], at: list[float], sides: list[_Near]) -> None:
    """Move the nodes of a rank to where their neighbours want them."""
    wanted, weights = [], []
    for v in row:
        total = weight = 0.0
        for side in sides:
            for u, offset, w in side[v]:
                total += w * (at[u] + offset)
                weight += w
        wanted.append(total / weight if weight else at[v])
        weights.append(weight or 0.01)
    for v, y in zip(row, spread(wanted, weights, gaps), strict=True):
        at[v] = y


def straighten(
    chains: Sequence[Sequence[tuple[int, float]]],
    rows: Sequence[Sequence[int]],
    gaps: Sequence[Sequence[float]],
    at: list[float],
) -> None:
    """Move the inner nodes of each chain to one height, as far as their neighbours leave room.

    Args:
        chains: the nodes of each long arrow, each with the height of the arrow on it.
        rows: the nodes of each rank, in order.
        gaps: the least distances of neighbours in a rank.
        at: the places, which are changed.
    """
    below: dict[int, tuple[int, float]] = {}
    above: dict[int, tuple[int, float]] = {}
    for row, between in zip(rows, gaps, strict=True):
        for (v, w), gap in zip(pairwise(row), between, strict=True):
            above[v], below[w] = (w, gap), (v, gap)
    for _ in range(2):
        for chain in chains:
            for stretch in _stretches(chain[1:-1], below, above, at):
                _align(stretch, chain, below, above, at)


def _room(
    v: int, below: dict[int, tuple[int, float]], above: dict[int, tuple[int, float]], at: list[float]
) -> tuple[float, float]:
    low = at[below[v][0]] + below[v][1] if v in below else -math.inf
    high = at[above[v][0]] - above[v][1] if v in above else math.inf
    return low, high


def _stretches(
    nodes: Sequence[tuple[int, float]],
    below: dict[int, tuple[int, float]],
    above: dict[int, tuple[int, float]],
    at: list[float],
) -> list[list[tuple[int, float]]]:
    """Nodes in a row that can have one height."""
    stretches: list[list[tuple[int, float]]] = []
    low, high = math.inf, -math.inf
    for v, offset in nodes:
        least, most = (bound + offset for bound in _room(v, below, above, at))
        low, high = max(low, least), min(high, most)
        if low > high:
            low, high = least, most
            stretches.append([])
        stretches[-1].append((v, offset))
    return stretches


def _align(
    stretch: Sequence[tuple[int, float]],
    chain: Sequence[tuple[int, float]],
    below: dict[int, tuple[int, float]],
    above: dict[int, tuple[int, float]],
    at: list[float],
) -> None:
    rooms = [(v, offset, *_room(v, below, above, at)) for v, offset in stretch]
    low = max(least + offset for _, offset, least, _ in rooms)
    high = min(most + offset for _, offset, _, most in rooms)
    mean = sum(at[v] + offset for v, offset in stretch) / len(stretch)
    ends = [at[v] + offset for v, offset in (chain[0], chain[-1])]  # level with an end: one bend less
    wanted = min(ends, key=lambda y: abs(min(max(y, low), high) - y) + 0.5 * abs(y - mean))
    y = min(max(wanted if low <= wanted <= high else mean, low), high)
    for v, offset in stretch:
        at[v] = y - offset
