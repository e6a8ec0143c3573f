"""Which Values are drawn one by one, and which as one folded box.

Values are nested as their modules are. The modules of the outside are unfolded first, then
those inside, as long as the picture stays within a budget of boxes; what has no modules and
is too large is cut into stretches of operations.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from autograd.drawing.parts import parts_of
from autograd.errors import InvalidArgument, nearest

BUDGET = 200  # visible boxes
STRETCHES = 32  # into which a long computation is cut


@dataclass
class Group:
    """Values that can be drawn as one box.

    Attributes:
        key: unique name, ``layer0.neuron2``; empty for the whole.
        title: the last part of it.
        nodes: indices of the Values, parents before children.
        level: how many groups it is in.
        items: what it holds directly, once it was unfolded.
        open: True if these are drawn.
        later: True if it is laid out unfolded, but starts as one box.
    """

    key: str
    title: str
    nodes: list[int]
    level: int = 0
    items: list[int | Group] = field(default_factory=list)
    open: bool = False
    later: bool = False


@dataclass(frozen=True)
class Wish:
    """What the user asked of folding.

    Attributes:
        depth, expand, fold: see :func:`autograd.draw_graph`.
        further: how many boxes a page may have once the reader has unfolded everything; what is
            beyond the budget of visible boxes is laid out too, and starts folded.
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    fold: bool = True
    further: int = 0


def folded(homes: Sequence[tuple[str, ...]], parents: Sequence[Sequence[int]], wish: Wish) -> Group:
    """The whole graph as groups inside groups, some of them open.

    Args:
        homes: the modules of each Value.
        parents: indices of the parents of each Value, smaller than its own.
        wish: budgets and wishes.

    Raises:
        InvalidArgument: if ``expand`` names a group that is not there.

    >>> whole = folded([("a",), ("a",), ()], [[], [0], [1]], Wish(depth=0))
    >>> [(item.key, len(item.nodes)) for item in whole.items if isinstance(item, Group)]
    [('a', 2)]
    """
    return _Folder(homes, parents, wish).folded()


class _Folder:
    def __init__(
        self, homes: Sequence[tuple[str, ...]], parents: Sequence[Sequence[int]], wish: Wish
    ) -> None:
        self.homes, self.parents, self.wish = homes, parents, wish
        self.visible = 1
        self.budget, self.later = BUDGET, False
        self.seen: list[str] = []

    def folded(self) -> Group:
        whole = Group("", "", list(range(len(self.homes))))
        self.open(whole)
        self._unfold_inside(whole)
        self._refuse_unknown()
        if self.wish.further:
            self.budget, self.later = self.wish.further, True
            self._unfold_inside(whole)
        return whole

    def _unfold_inside(self, whole: Group) -> None:
        level = [item for item in whole.items if isinstance(item, Group)]
        while level:
            # Groups of one size are alike: either all are unfolded or none, small ones first.
            closed = [g for g in level if not g.open]
            for size in sorted({len(g.nodes) for g in closed}):
                alike = [g for g in closed if len(g.nodes) == size]
                for group in [[g] for g in alike] if self.later else [alike]:  # later: as many as fit
                    self._unfold(group)
            level = [item for g in level if g.open for item in g.items if isinstance(item, Group)]

    def _unfold(self, alike: list[Group]) -> None:
        more = 0
        for group in alike:
            group.items = self.items(group)
            more += len(group.items) - 1
        fits = self.visible + more <= self.budget
        for group in alike:
            wished = any(key == group.key or key.startswith(f"{group.key}.") for key in self.wish.expand)
            depth = self.wish.depth
            opened = fits if depth is None or self.later else group.level <= depth
            if wished or opened or not self.wish.fold:
                self.open(group)

    def open(self, group: Group) -> None:
        """Unfold a group; more items than fit are cut into stretches."""
        group.items = group.items or self.items(group)
        room = self.budget - self.visible + 1
        if self.wish.fold and len(group.items) > max(room, STRETCHES):
            group.items = list(self.stretches(group))
        group.open, group.later = True, self.later
        self.visible += len(group.items) - 1
        self.seen += [item.key for item in group.items if isinstance(item, Group)]

    def items(self, group: Group) -> list[int | Group]:
        """What a group holds directly; one Value alone needs no group."""
        if group.items:
            return group.items
        level = group.level
        labels = [self.homes[i][level] if len(self.homes[i]) > level else None for i in group.nodes]
        if not any(labels):
            return list(group.nodes)
        prefix = f"{group.key}." if group.key else ""
        items: list[int | Group] = []
        for title, nodes in parts_of(group.nodes, labels, self.parents):
            if title is None or len(nodes) == 1:
                items += nodes
            else:
                items.append(Group(prefix + title, title, nodes, level + 1))
        return items

    def stretches(self, group: Group) -> list[Group]:
        """Consecutive items in one box each. As items come in order, no two stretches need each other."""
        n = len(group.items)
        pieces = min(STRETCHES, n)
        cuts = [k * n // pieces for k in range(pieces + 1)]
        found = []
        for k, (start, stop) in enumerate(pairwise(cuts)):
            nodes = sorted(i for item in group.items[start:stop] for i in _nodes(item))
            title = f"part {k + 1}"
            key = f"{group.key}.part{k + 1}" if group.key else f"part{k + 1}"
            found.append(Group(key, title, nodes, group.level + 1, group.items[start:stop]))
        return found

    def _refuse_unknown(self) -> None:
        for key in self.wish.expand:
            if key not in self.seen:
                raise InvalidArgument(
                    f"expand names the folded box {key!r}, but there is none{nearest(key, self.seen)}"
                )


def _nodes(item: int | Group) -> Collection[int]:
    return item.nodes if isinstance(item, Group) else (item,)
