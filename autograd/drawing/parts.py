"""The Values of a frame, split by module so that no two parts need each other.

A module may be used twice, with something in between: drawn as one box, that box would need
its own result. So operations are put in an order in which each module's come in as few runs
as possible, and each run is one part.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence

Label = str | None


def parts_of(
    nodes: Sequence[int], labels: Sequence[Label], parents: Sequence[Sequence[int]]
) -> list[tuple[Label, list[int]]]:
    """Runs of nodes with one label, in an order in which parents come first.

    Nodes without a label are parts of their own. A module used again gives another part,
    ``name (2)``. Leaves that several parts share are a part before them.

    >>> parts_of([0, 1, 2, 3, 4], ["a", "a", None, "a", "a"], [[], [0], [1], [2], [3]])
    [('a', [0, 1]), (None, [2]), ('a (2)', [3, 4])]
    """
    label_of = dict(zip(nodes, labels, strict=True))
    leaves = [i for i in nodes if not parents[i] and label_of[i] is not None]
    apart = set(leaves)
    runs = _runs([i for i in nodes if i not in apart], label_of, parents)
    total: Counter[Label] = Counter(label for label, _ in runs)
    shared = _with_leaves(runs, leaves, label_of, parents)
    count: Counter[Label] = Counter()
    named = [(f"{label} parameters" if total[label] else label, run) for label, run in shared.items()]
    for label, run in runs:
        count[label] += 1
        again = label is not None and count[label] > 1
        named.append((f"{label} ({count[label]})" if again else label, sorted(run)))
    return named


def _runs(
    nodes: Sequence[int], label_of: dict[int, Label], parents: Sequence[Sequence[int]]
) -> list[tuple[Label, list[int]]]:
    """A topological order that stays with one label as long as it can."""
    children, waiting = _children(nodes, parents)
    ready: dict[Label, list[int]] = {}
    for i in nodes:
        if not waiting[i]:
            heapq.heappush(ready.setdefault(label_of[i], []), i)
    runs: list[tuple[Label, list[int]]] = []
    label: Label = None
    while ready:
        if label not in ready:  # single nodes first, then the module that comes first in the graph
            label = None if None in ready else min(ready, key=lambda name: ready[name][0])
            if label is not None:
                runs.append((label, []))
        i = heapq.heappop(ready[label])
        if not ready[label]:
            del ready[label]
        if label is None:
            runs.append((None, [i]))
        else:
            runs[-1][1].append(i)
        for child in children[i]:
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready.setdefault(label_of[child], []), child)
    return runs


def _children(
    nodes: Sequence[int], parents: Sequence[Sequence[int]]
) -> tuple[dict[int, list[int]], dict[int, int]]:
    """Who uses each node, and how many operands each has, among these nodes."""
    children: dict[int, list[int]] = {i: [] for i in nodes}
    waiting = dict.fromkeys(nodes, 0)
    for i in nodes:
        for p in parents[i]:
            if p in children:
                children[p].append(i)
                waiting[i] += 1
    return children, waiting


def _with_leaves(
    runs: list[tuple[Label, list[int]]],
    leaves: Sequence[int],
    label_of: dict[int, Label],
    parents: Sequence[Sequence[int]],
) -> dict[Label, list[int]]:
    """Put each leaf into the run that uses it, if that is one of its module; the others, by module."""
    run_of = {i: r for r, (_, run) in enumerate(runs) for i in run}
    users: dict[int, set[int]] = {i: set() for i in leaves}
    for i, r in run_of.items():
        for p in parents[i]:
            if p in users:
                users[p].add(r)
    shared: dict[Label, list[int]] = {}
    for i in leaves:
        own = [r for r in users[i] if runs[r][0] == label_of[i]]
        if len(users[i]) == len(own) == 1:
            runs[own[0]][1].append(i)
        else:
            shared.setdefault(label_of[i], []).append(i)
    return shared
