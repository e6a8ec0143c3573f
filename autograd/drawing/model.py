"""A picture as data: boxes, arrows and frames, with every text that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograd.drawing.derivatives import local_derivative
from autograd.drawing.folding import Group, Wish, folded
from autograd.drawing.numbers import Heat, heat_of, in_short, norm_of
from autograd.drawing.scene import Mark, Scene
from autograd.names import printable
from autograd.value import Value

KINDS = {
    "computed": "computed",
    "leaf": "leaf",
    "constant": "constant",
    "output": "output",
    "folded": "folded",
}


@dataclass(frozen=True)
class Box:
    """One Value, or a folded group of them.

    Attributes:
        key: unique in the picture, ``n0``.
        kind: one of ``KINDS``.
        title: name and operation.
        facts: the lines below it: shape and dtype, numbers, gradient.
        value, gradient: heat maps, for arrays.
        mark: the verdict on its gradient.
        frame: the key of the frame that it is in, empty for none.
        nodes: indices of the Values that it stands for.
    """

    key: str
    kind: str
    title: str
    facts: tuple[str, ...] = ()
    value: Heat | None = None
    gradient: Heat | None = None
    mark: Mark | None = None
    frame: str = ""
    nodes: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many Values it stands for."""
        return len(self.nodes)

    @property
    def lines(self) -> list[str]:
        """Everything that is shown as text."""
        return [line for line in (self.title, *self.facts, self.mark.text if self.mark else "") if line]

    @property
    def description(self) -> str:
        """The same in one sentence, with what the shape of the box says."""
        return "; ".join([self.title or "no name", KINDS[self.kind], *self.lines[bool(self.title) :]])


@dataclass(frozen=True)
class Arrow:
    """An operand of an operation, with its local derivative; between folded boxes, how many there are."""

    tail: str
    head: str
    label: str = ""


@dataclass(frozen=True)
class Frame:
    """An unfolded group; one that is ``folded`` starts as one box on a page that can unfold it."""

    key: str
    title: str
    inside: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        title: in a few words.
        note: what was folded, and how to see it; empty if nothing was.
        boxes, arrows, frames: operands come before results, outer frames before inner ones.
    """

    title: str
    note: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    frames: tuple[Frame, ...] = field(default=())


def picture_of(scene: Scene, wish: Wish) -> Picture:
    """The picture of a scene: folded, with the texts of what is visible."""
    at = {v: i for i, v in enumerate(scene.order)}
    parents = [[at[p] for p in v.parents if p in at] for v in scene.order]
    whole = folded(scene.homes, parents, wish)
    frames: list[Frame] = []
    shown: list[tuple[int, int | Group, str]] = []
    stack = [whole]
    while stack:
        group = stack.pop()
        for item in group.items:
            if isinstance(item, Group) and item.open:
                frames.append(Frame(item.key, item.title, group.key, item.later))
                stack.append(item)
            else:
                first = item.nodes[0] if isinstance(item, Group) else item
                shown.append((first, item, group.key))
    shown.sort(key=lambda entry: entry[0])
    owner: dict[int, str] = {}
    boxes = []
    for k, (_, item, frame) in enumerate(shown):
        key = f"n{k}"
        owner |= dict.fromkeys(item.nodes if isinstance(item, Group) else (item,), key)
        boxes.append(
            folded_box(key, item.key, item.nodes, frame, scene)
            if isinstance(item, Group)
            else _box(key, item, frame, scene)
        )
    arrows = _arrows(scene, parents, owner, {box.key for box in boxes if box.kind == "folded"})
    return Picture(scene.title, _note(boxes, len(scene.order)), tuple(boxes), arrows, _sorted(frames))


def _sorted(frames: list[Frame]) -> tuple[Frame, ...]:
    """Outer frames first, in the order of their keys: a frame's key begins with that of its outer one."""
    return tuple(sorted(frames, key=lambda f: [(len(part), part) for part in f.key.split(".")]))


# -- boxes --------------------------------------------------------------------------------------


def _box(key: str, i: int, frame: str, scene: Scene) -> Box:
    v = scene.order[i]
    title = "  ".join(part for part in (scene.names.get(v), printable(v.op)) if part)
    gradient = scene.gradient(v)
    facts = [] if v.ndim == 0 else [f"{v.shape} {v.dtype}"]
    kind = _kind(v, scene)
    number = kind == "constant" and v.ndim == 0 and v not in scene.names
    facts.append(in_short(v.data) if number else f"value {in_short(v.data)}")
    if gradient is not None:
        facts.append(f"gradient {in_short(gradient)}")
    heat = heat_of(v.data), None if gradient is None else heat_of(gradient)
    return Box(key, kind, title, tuple(facts), *heat, scene.marks.get(v), frame, (i,))


def _kind(v: Value, scene: Scene) -> str:
    if v.is_leaf:
        return "leaf" if v.requires_grad else "constant"
    return "output" if v in scene.outputs else "computed"


def folded_box(key: str, title: str, nodes: Sequence[int], frame: str, scene: Scene) -> Box:
    """The box that stands for some Values, given by their indices."""
    values = [scene.order[i] for i in nodes]
    leaves = [v for v in values if v.is_leaf and v.requires_grad]
    computed = [v for v in values if not v.is_leaf]
    facts = []
    if computed:
        facts.append(_counted(len(computed), "operation"))
    if leaves:
        numbers = sum(v.size for v in leaves)
        facts.append(f"{_counted(len(leaves), 'leaf', 'leaves')}, {_counted(numbers, 'number')}")
    gradients = [g for g in map(scene.gradient, leaves) if g is not None]
    if gradients:
        facts.append(f"gradient norm {norm_of(gradients):.4g}")
    marks = [scene.marks[v] for v in values if v in scene.marks]
    mark = next((m for name in ("wrong", "follows") for m in marks if m.verdict == name), None)
    return Box(key, "folded", title, tuple(facts), None, None, mark, frame, tuple(nodes))


def _counted(n: int, word: str, words: str = "") -> str:
    return f"{n:,} {word if n == 1 else words or word + 's'}"


def _note(boxes: list[Box], total: int) -> str:
    closed = [box for box in boxes if box.kind == "folded"]
    if not closed:
        return ""
    names = ", ".join(f"{box.title} ({box.count:,})" for box in closed[:4])
    more = f" and {len(closed) - 4} more" if len(closed) > 4 else ""
    return (
        f"{total:,} nodes in {_counted(len(boxes), 'box', 'boxes')}; folded: {names}{more}. "
        f"Unfold with expand={closed[0].title!r}, depth= or fold=False."
    )


# -- arrows -------------------------------------------------------------------------------------


def _arrows(
    scene: Scene, parents: list[list[int]], owner: dict[int, str], closed: set[str]
) -> tuple[Arrow, ...]:
    """Each operand between visible Values; those from and to folded boxes taken together."""
    arrows: list[Arrow] = []
    together: dict[tuple[str, str], int] = {}
    for i, v in enumerate(scene.order):
        head = owner[i]
        for p in parents[i]:
            tail = owner[p]
            if tail != head and (tail in closed or head in closed):
                together[tail, head] = together.get((tail, head), 0) + 1
        if head not in closed:
            tails = {scene.order[p]: owner[p] for p in parents[i] if owner[p] not in closed}
            arrows += _operands(v, head, tails, scene)
    arrows += [Arrow(t, h, f"×{n}" if n > 1 else "") for (t, h), n in together.items()]
    return tuple(sorted(arrows, key=lambda a: int(a.head[1:])))


def _operands(v: Value, head: str, tails: dict[Value, str], scene: Scene) -> list[Arrow]:
    """The arrows into a Value. One that is an operand twice has two, which are numbered."""
    arrows = []
    for i, p in enumerate(v.parents):
        if p in tails:
            label = local_derivative(v, i, scene.names)
            twice = [k for k, q in enumerate(v.parents) if q is p]
            if len(twice) > 1:
                label = f"#{twice.index(i) + 1} {label}".strip()
            arrows.append(Arrow(tails[p], head, label))
    return arrows
