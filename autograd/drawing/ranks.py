"""Ranks of a layered layout: every arrow points from a lower rank to a higher one.

Longest paths from the sources give ranks; the network simplex of Gansner, Koutsofios, North
and Vo ("A technique for drawing directed graphs", 1993) then makes the arrows short: a tree
of arrows that are as short as can be spans the graph, and an arrow of the tree is replaced by
another one as long as that shortens the whole.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

Arc = tuple[int, int, int]  # tail, head, and the least number of ranks between them

WORK = 400_000  # arrows looked at in all: large graphs are improved less, not for longer


def ranks_of(n: int, arcs: Sequence[Arc]) -> list[int]:
    """The rank of each of ``n`` nodes, so that arrows are short together.

    Raises:
        ValueError: if the arrows form a cycle.

    >>> ranks_of(4, [(0, 1, 1), (1, 2, 1), (3, 2, 1)])
    [0, 1, 2, 1]
    """
    ranks = longest_path_ranks(n, arcs)
    for part in _parts(n, arcs):
        _shorten(part, ranks)
    lowest = min(ranks, default=0)
    return [r - lowest for r in ranks]


def longest_path_ranks(n: int, arcs: Sequence[Arc]) -> list[int]:
    """The length of the longest way from a source to each node."""
    out: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    waiting = [0] * n
    for u, v, length in arcs:
        out[u].append((v, length))
        waiting[v] += 1
    ranks = [0] * n
    ready = [v for v in range(n) if not waiting[v]]
    for v in ready:  # grows while it is walked
        for w, length in out[v]:
            ranks[w] = max(ranks[w], ranks[v] + length)
            waiting[w] -= 1
            if not waiting[w]:
                ready.append(w)
    if len(ready) < n:
        raise ValueError("the arrows form a cycle: there is no layered layout")
    return ranks


def _parts(n: int, arcs: Sequence[Arc]) -> list[list[Arc]]:
    """The arrows of each connected part of the graph."""
    leader = list(range(n))

    def find(v: int) -> int:
        while leader[v] != v:
            leader[v] = leader[leader[v]]
            v = leader[v]
        return v

    for u, v, _ in arcs:
        leader[find(u)] = find(v)
    parts: dict[int, list[Arc]] = {}
    for arc in arcs:
        parts.setdefault(find(arc[0]), []).append(arc)
    return list(parts.values())


def _shorten(arcs: list[Arc], ranks: list[int]) -> None:
    """The network simplex on one connected part."""
    tree = _tight_tree(arcs, ranks)
    first = 0
    for _ in range(WORK // (len(arcs) + 1)):
        parent, order = _rooted(arcs, tree)
        leaving = _leaving(arcs, parent, order, first)
        if leaving is None:
            return
        first = leaving + 1  # the search goes on from there, so that no cycle is endless
        tail_side = _side(arcs, tree, leaving)
        entering = min(
            (i for i, (u, v, _) in enumerate(arcs) if v in tail_side and u not in tail_side),
            key=lambda i: ranks[arcs[i][1]] - ranks[arcs[i][0]] - arcs[i][2],
        )
        u, v, length = arcs[entering]
        slack = ranks[v] - ranks[u] - length
        for w in tail_side:
            ranks[w] -= slack
        tree[tree.index(leaving)] = entering


def _tight_tree(arcs: list[Arc], ranks: list[int]) -> list[int]:
    """A spanning tree of arrows without slack; nodes are moved until there is one.

    The nodes of the tree move together: their ranks are kept without ``moved``, which is added at
    the end. So the slack of all arrows out of the tree changes by the same, as does that of all into
    it, and the least of each lies on top of a heap.
    """
    near: dict[int, list[int]] = {}
    for i, (u, v, _) in enumerate(arcs):
        near.setdefault(u, []).append(i)
        near.setdefault(v, []).append(i)
    moved, tree = 0, []
    out: list[tuple[int, int]] = []  # slack without ``moved``, and the number of the arrow
    into: list[tuple[int, int]] = []
    reached = {arcs[0][0]: False}  # True when its arrows are in the heaps
    grow = [arcs[0][0]]
    while True:
        while grow:
            w = grow.pop()
            for i in near[w]:
                u, v, length = arcs[i]
                other, sign = (v, -1) if u == w else (u, 1)
                if other in reached:
                    continue
                slack = ranks[v] - ranks[u] - length
                if slack + sign * moved == 0:
                    ranks[other] -= moved
                    reached[other] = False
                    tree.append(i)
                    grow.append(other)
                elif not reached[w]:
                    heapq.heappush(out if u == w else into, (slack, i))
            reached[w] = True
        if len(reached) == len(near):
            break
        for heap in (out, into):
            while heap and all(w in reached for w in arcs[heap[0][1]][:2]):
                heapq.heappop(heap)
        nearest = [
            (heap[0][0] + sign * moved, heap[0][1], -sign) for heap, sign in ((out, -1), (into, 1)) if heap
        ]
        slack, i, direction = min(nearest)
        moved += direction * slack
        grow = [w for w in arcs[i][:2] if w in reached]
    for w in reached:
        ranks[w] += moved
    return tree


def _rooted(arcs: list[Arc], tree: list[int]) -> tuple[dict[int, tuple[int, int]], list[int]]:
    """The tree from a root: the parent of each node with the arrow to it; nodes, parents first."""
    near: dict[int, list[tuple[int, int]]] = {}
    for i in tree:
        u, v, _ = arcs[i]
        near.setdefault(u, []).append((v, i))
        near.setdefault(v, []).append((u, i))
    root = arcs[0][0]
    parent, order = {root: (root, -1)}, [root]
    for w in order:  # grows while it is walked
        for other, i in near.get(w, ()):
            if other not in parent:
                parent[other] = (w, i)
                order.append(other)
    return parent, order


def _leaving(arcs: list[Arc], parent: dict[int, tuple[int, int]], order: list[int], first: int) -> int | None:
    """An arrow of the tree that costs: more arrows go against it than with it, across its cut.

    With ``net`` the arrows out of a node less those into it, the arrows across the cut are the
    sum of that over the nodes on one side.
    """
    net = dict.fromkeys(order, 0)
    for u, v, _ in arcs:
        net[u] += 1
        net[v] -= 1
    costly = []
    for w in reversed(order):
        up, i = parent[w]
        if i >= 0:
            cut = net[w] if arcs[i][0] == w else -net[w]
            if cut < 0:
                costly.append(i)
            net[up] += net[w]
    return min(costly, key=lambda i: (i < first, i), default=None)


def _side(arcs: list[Arc], tree: list[int], leaving: int) -> set[int]:
    """The nodes on the side of an arrow's tail when it is taken out of the tree."""
    near: dict[int, list[int]] = {}
    for i in tree:
        if i != leaving:
            u, v, _ = arcs[i]
            near.setdefault(u, []).append(v)
            near.setdefault(v, []).append(u)
    side, stack = {arcs[leaving][0]}, [arcs[leaving][0]]
    while stack:
        for other in near.get(stack.pop(), ()):
            if other not in side:
                side.add(other)
                stack.append(other)
    return side
