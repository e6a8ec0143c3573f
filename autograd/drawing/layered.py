"""A layered layout of boxes and wires, one level of it: plain numbers in, plain numbers out.

Coordinates are ``along`` the direction of reading and ``across`` it, so that one text serves
pictures that read from left to right and from top to bottom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from autograd.drawing.coordinates import Pull, place, straighten
from autograd.drawing.ordering import Link, order_rows
from autograd.drawing.ranks import ranks_of

Point = tuple[float, float]

BETWEEN_BOXES, BETWEEN_WIRES = 16.0, 9.0  # across
STEP, SHORT, STEEP = 26.0, 15.0, 0.2  # along: from rank to rank, to labels, and more for steep arrows
FIRST, LAST = -1, 1


@dataclass(frozen=True, slots=True)
class Item:
    """A box: its size, and whether it must be in the first or the last rank."""

    along: float
    across: float
    pin: int = 0


@dataclass(frozen=True, slots=True)
class Wire:
    """An arrow: from and to which item, where it is attached across it, the size of its label."""

    tail: int
    head: int
    tail_at: float
    head_at: float
    label: tuple[float, float] | None = None


@dataclass
class Placed:
    """Where everything is: the near corner of each item; the bends of each wire; its label's centre."""

    along: float = 0.0
    across: float = 0.0
    items: list[Point] = field(default_factory=list)
    wires: list[list[Point]] = field(default_factory=list)
    labels: list[Point | None] = field(default_factory=list)


@dataclass
class _Chain:
    """The nodes that a wire goes through, where it is on each across it, and which holds its label."""

    nodes: list[int]
    heights: list[float]
    label: int | None = None


@dataclass
class _Level:
    """Items and the nodes of wires that pass a rank, with ranks and rows and places once known."""

    count: int  # of items; the nodes after them belong to wires
    nodes: list[Item]
    ranks: list[int]
    chains: list[_Chain]
    at: list[float] = field(default_factory=list)  # the middle of each node, across
    starts: list[tuple[float, float]] = field(default_factory=list)  # of each rank, and its length


def layered(items: Sequence[Item], wires: Sequence[Wire]) -> Placed:
    """Place items in ranks without overlap; every wire points along, and crosses no item.

    A wire is a list of points as for cubic Bezier curves: its start, then three points a
    piece. It is straight inside each rank, and bends between one rank and the next.

    Raises:
        ValueError: if the wires form a cycle.

    >>> placed = layered([Item(30, 20), Item(30, 20)], [Wire(0, 1, 10, 10)])
    >>> placed.items, placed.along, placed.across
    ([(0.0, 0.0), (56.0, 0.0)], 86.0, 20.0)
    """
    if not items:
        return Placed()
    level = _chained(items, wires, _ranks(items, wires))
    links, pulls = _links(level)
    rows = order_rows(level.ranks, links)
    gaps = [_gaps(row, level) for row in rows]
    at = place(rows, gaps, pulls)
    middles = [node.across / 2 for node in level.nodes]
    lines = [[(v, h - middles[v]) for v, h in zip(c.nodes, c.heights, strict=True)] for c in level.chains]
    straighten(lines, rows, gaps, at)
    low = min(y - node.across / 2 for y, node in zip(at, level.nodes, strict=True))
    level.at = [y - low for y in at]
    level.starts = _starts(rows, level, links)
    return _placed(level)


def _ranks(items: Sequence[Item], wires: Sequence[Wire]) -> list[int]:
    """Ranks of items; wires with labels, and doubled ones, need a rank in between."""
    double = Counter((w.tail, w.head) for w in wires)
    arcs = [(w.tail, w.head, 2 if w.label or double[w.tail, w.head] > 1 else 1) for w in wires]
    inner = [i for i, item in enumerate(items) if not item.pin]
    arcs += [(i, k, 1) for i, item in enumerate(items) if item.pin == FIRST for k in inner]
    arcs += [(k, i, 1) for i, item in enumerate(items) if item.pin == LAST for k in inner]
    ranks = ranks_of(len(items), arcs)
    last = max(ranks)
    return [{FIRST: 0, LAST: last}.get(item.pin, r) for item, r in zip(items, ranks, strict=True)]


def _chained(items: Sequence[Item], wires: Sequence[Wire], ranks: list[int]) -> _Level:
    """Nodes of no length where a wire passes a rank; a label is such a node, with a size."""
    level = _Level(len(items), list(items), list(ranks), [])
    for wire in wires:
        between = range(ranks[wire.tail] + 1, ranks[wire.head])
        chain = _Chain([wire.tail], [wire.tail_at])
        for r in between:
            node = Item(0.0, 0.0)
            if wire.label and r == between[len(between) // 2]:
                chain.label, node = len(level.nodes), Item(*wire.label)
            chain.nodes.append(len(level.nodes))
            chain.heights.append(node.across)  # the wire runs below its label
            level.nodes.append(node)
            level.ranks.append(r)
        chain.nodes.append(wire.head)
        chain.heights.append(wire.head_at)
        level.chains.append(chain)
    return level


def _links(level: _Level) -> tuple[list[Link], list[Pull]]:
    """What the order and the coordinates of nodes depend on."""
    links, pulls = [], []
    for chain in level.chains:
        for (v, a), (w, b) in pairwise(zip(chain.nodes, chain.heights, strict=True)):
            tail, head = level.nodes[v].across, level.nodes[w].across
            links.append(Link(v, w, a / (tail or 1), b / (head or 1)))
            weight = (1.0, 3.0, 8.0)[(v >= level.count) + (w >= level.count)]
            pulls.append(Pull(v, w, (a - tail / 2) - (b - head / 2), weight))
    return links, pulls


def _gaps(row: Sequence[int], level: _Level) -> list[float]:
    """The least distances of the middles of neighbours in a rank."""
    gaps = []
    for v, w in pairwise(row):
        boxes = (v < level.count) + (w < level.count)
        room = (BETWEEN_WIRES, (BETWEEN_BOXES + BETWEEN_WIRES) / 2, BETWEEN_BOXES)[boxes]
        gaps.append((level.nodes[v].across + level.nodes[w].across) / 2 + room)
    return gaps


def _starts(rows: Sequence[Sequence[int]], level: _Level, links: Sequence[Link]) -> list[tuple[float, float]]:
    """Where each rank begins, and how long it is."""
    steepest = [0.0] * len(rows)
    for link in links:
        r = level.ranks[link.tail]
        steepest[r] = max(steepest[r], abs(level.at[link.tail] - level.at[link.head]))
    lengths = [max((level.nodes[v].along for v in row), default=0.0) for row in rows]
    boxes = [any(v < level.count for v in row) for row in rows]
    starts, x = [], 0.0
    for r, length in enumerate(lengths):
        starts.append((x, length))
        step = STEP if all(boxes[r : r + 2]) else SHORT
        x += length + min(step + STEEP * steepest[r], 4 * STEP)
    return starts


def _placed(level: _Level) -> Placed:
    corners = []
    for node, rank, y in zip(level.nodes, level.ranks, level.at, strict=True):
        start, length = level.starts[rank]
        corners.append((start + (length - node.along) / 2, y - node.across / 2))
    far = max(y + node.across for (_, y), node in zip(corners, level.nodes, strict=True))
    placed = Placed(sum(level.starts[-1]), far, corners[: level.count])
    for chain in level.chains:
        placed.wires.append(_bends(chain, level, corners))
        v = chain.label
        centre = None
        if v is not None:
            centre = corners[v][0] + level.nodes[v].along / 2, corners[v][1] + level.nodes[v].across / 2
        placed.labels.append(centre)
    return placed


def _bends(chain: _Chain, level: _Level, corners: Sequence[Point]) -> list[Point]:
    """Straight inside each rank, a smooth step between one rank and the next."""
    tail, head = chain.nodes[0], chain.nodes[-1]
    heights = [corners[v][1] + h for v, h in zip(chain.nodes, chain.heights, strict=True)]
    spans = [level.starts[level.ranks[v]] for v in chain.nodes]
    bends = [(corners[tail][0] + level.nodes[tail].along, heights[0])]
    for i, ((start, length), (following, _)) in enumerate(pairwise(spans)):
        _line(bends, (start + length, heights[i]))
        a, b = bends[-1], (following, heights[i + 1])
        middle = (a[0] + b[0]) / 2
        bends += [(middle, a[1]), (middle, b[1]), b]
    _line(bends, (corners[head][0], heights[-1]))
    return bends


def _line(bends: list[Point], end: Point) -> None:
    """A straight piece, as a Bezier curve, if it has any length."""
    if end != bends[-1]:
        bends += [bends[-1], end, end]
