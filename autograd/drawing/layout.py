"""The built-in layout of a picture with frames inside frames: plain numbers in, plain numbers out.

Each frame is laid out by itself, and is then one box of what it is in. Where an arrow enters
or leaves a frame there is a port on its border, to which both sides draw: so frames never
overlap, and no arrow crosses a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograd.drawing.layered import FIRST, LAST, Item, Placed, Point, Wire, layered

PAD, HEAD = 12.0, 24.0  # inside a frame: all around, and for its title


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow between boxes, with the width and height of its label if it has one."""

    tail: str
    head: str
    label: tuple[float, float] | None = None


@dataclass(frozen=True)
class Plan:
    """What is to be laid out.

    Attributes:
        boxes: width and height of each box, by key.
        edges: the arrows.
        inside: the frame that a box or a frame is in; nothing for those in no frame.
        titles: the width of each frame's title.
        rankdir: "LR", "TB", "RL" or "BT".
    """

    boxes: Mapping[str, tuple[float, float]]
    edges: Sequence[Edge]
    inside: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, float] = field(default_factory=dict)
    rankdir: str = "LR"


@dataclass
class Layout:
    """Where everything is, in points, with y growing downwards.

    Attributes:
        width, height: of the whole.
        boxes, frames: x, y, width and height by key; x and y are those of the upper left corner.
        routes: for each edge its start, then three points for each piece of a Bezier curve.
        labels: the centre of each edge's label, None if it has none.
    """

    width: float = 0.0
    height: float = 0.0
    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    frames: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    routes: list[list[Point]] = field(default_factory=list)
    labels: list[Point | None] = field(default_factory=list)


def arrange(plan: Plan) -> Layout:
    """Lay out boxes, frames and arrows.

    Raises:
        ValueError: if the arrows between the boxes and frames of a frame form a cycle.

    >>> layout = arrange(Plan({"a": (40, 20), "b": (40, 20)}, [Edge("a", "b")]))
    >>> layout.boxes["a"][:2], layout.boxes["b"][0] >= 40
    ((0.0, 0.0), True)
    """
    return _Arrangement(plan).layout()


@dataclass
class _Inner:
    """The inside of a frame: what was placed, and which item and wire is which."""

    placed: Placed
    items: dict[str, int]
    wires: dict[tuple[str, str, int], int]  # source box, item at the end, number: index
    size: tuple[float, float]  # along, across, with the padding


class _Arrangement:
    """Lays out the frames from inside to outside, then puts the pieces together."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.flipped = plan.rankdir in ("TB", "BT")
        self.inner: dict[str, _Inner] = {}
        # The padding before and after the inside of a frame: its title is always at the top.
        top, left, bottom = HEAD, PAD, PAD
        self.before, self.above = (top, left) if self.flipped else (left, top)
        if plan.rankdir == "BT":
            self.before = bottom
        self.around = (HEAD + PAD, 2 * PAD) if self.flipped else (2 * PAD, HEAD + PAD)
        self.homes = {key: self._home(key) for key in plan.boxes}
        self.traces = [self._trace(i, edge) for i, edge in enumerate(plan.edges)]

    def layout(self) -> Layout:
        children: dict[str, list[str]] = {"": []}
        for key in (*self.plan.titles, *self.plan.boxes):
            children.setdefault(self.plan.inside.get(key, ""), []).append(key)
        wires: dict[str, list[tuple[str, str, int, int]]] = {}
        for trace in self.traces:
            for frame, *wire in trace:
                wires.setdefault(frame, []).append(tuple(wire))  # type: ignore[arg-type]
        depth = {frame: len(self._home(frame)) for frame in self.plan.titles}
        for frame in [*sorted(depth, key=lambda f: -depth[f]), ""]:
            self.inner[frame] = self._inside(frame, children.get(frame, []), wires.get(frame, []))
        return self._together(children)

    def _home(self, key: str) -> list[str]:
        """The frames that a box is in, from the outermost."""
        home: list[str] = []
        while key in self.plan.inside:
            key = self.plan.inside[key]
            home.append(key)
        return home[::-1]

    def _trace(self, i: int, edge: Edge) -> list[tuple[str, str, str, int, int]]:
        """The wires of an edge: for each its frame, first and last item, its number, and its edge.

        The item of a port begins with ``<`` on the way in and ``>`` on the way out, followed by
        the box where the edge begins: all edges from one box share a port.
        """
        tails, heads = [*self.homes[edge.tail], edge.tail], [*self.homes[edge.head], edge.head]
        common = 0
        while tails[common] == heads[common]:
            common += 1
        trace = [(tails[k - 1], tails[k], f">{edge.tail}", -1, i) for k in range(len(tails) - 1, common, -1)]
        frame = tails[common - 1] if common else ""
        ends = heads[common:]
        for k, head in enumerate(ends):
            start = tails[common] if k == 0 else f"<{edge.tail}"
            last = k == len(ends) - 1
            trace.append((frame if k == 0 else ends[k - 1], start, head, i if last else -1, i))
        return trace

    def _inside(self, frame: str, children: Sequence[str], wires: list[tuple[str, str, int, int]]) -> _Inner:
        items = {key: k for k, key in enumerate(children)}
        sizes = [self._item(key) for key in children]
        inner = _Inner(Placed(), items, {}, (0.0, 0.0))
        drawn: list[Wire] = []
        for start, end, number, edge in wires:
            for port, pin in ((start, FIRST), (end, LAST)):
                if port[0] in "<>" and port not in items:
                    items[port] = len(items)
                    sizes.append(Item(0.0, 0.0, pin))
            tail = self.plan.edges[edge].tail
            # Wires of one source to one frame, or out of this one, are drawn as one.
            key = (tail, end, number)
            if key not in inner.wires:
                inner.wires[key] = len(drawn)
                label = None if number < 0 else self._turned(self.plan.edges[edge].label)
                ports = self._port(start, f">{tail}"), self._port(end, f"<{tail}")
                drawn.append(Wire(items[start], items[end], *ports, label))
        inner.placed = layered(sizes, drawn)
        along, across = inner.placed.along, inner.placed.across
        inner.size = (along, across)
        if frame:
            more_along, more_across = self.around
            title = self.plan.titles[frame] + 2 * PAD
            along, across = along + more_along, across + more_across
            inner.size = (along, max(across, title)) if self.flipped else (max(along, title), across)
        return inner

    def _item(self, key: str) -> Item:
        if key in self.inner:
            return Item(*self.inner[key].size)
        size = self._turned(self.plan.boxes[key])
        assert size is not None  # noqa: S101 - a box has a size
        return Item(*size)

    def _turned(self, size: tuple[float, float] | None) -> tuple[float, float] | None:
        return size[::-1] if size and self.flipped else size

    def _port(self, key: str, port: str) -> float:
        """Where a wire is attached across an item."""
        inner = self.inner.get(key)
        if inner is not None:
            return self.above + inner.placed.items[inner.items[port]][1]
        return 0.0 if key[0] in "<>" else self._item(key).across / 2

    # -- putting together ------------------------------------------------------------------

    def _together(self, children: dict[str, list[str]]) -> Layout:
        layout = Layout()
        origins = {"": (0.0, 0.0)}
        stack = [""]
        while stack:
            frame = stack.pop()
            x, y = origins[frame]
            inner = self.inner[frame]
            for key in children.get(frame, []):
                dx, dy = inner.placed.items[inner.items[key]]
                item = self._item(key)
                if key in self.inner:
                    layout.frames[key] = (x + dx, y + dy, item.along, item.across)
                    origins[key] = (x + dx + self.before, y + dy + self.above)
                    stack.append(key)
                else:
                    layout.boxes[key] = (x + dx, y + dy, item.along, item.across)
        for trace in self.traces:
            self._route(layout, trace, origins)
        layout.width, layout.height = self.inner[""].size
        return _directed(layout, self.plan.rankdir)

    def _route(
        self,
        layout: Layout,
        trace: list[tuple[str, str, str, int, int]],
        origins: dict[str, tuple[float, float]],
    ) -> None:
        """The wires of an edge in a row, and straight pieces from the ports to the borders."""
        route: list[Point] = []
        label = None
        for frame, _, end, number, edge in trace:
            inner = self.inner[frame]
            index = inner.wires[self.plan.edges[edge].tail, end, number]
            x, y = origins[frame]
            wire = [(x + dx, y + dy) for dx, dy in inner.placed.wires[index]]
            if route:
                route += [route[-1], wire[0], *wire] if wire[0] != route[-1] else wire[1:]
            else:
                route = wire
            centre = inner.placed.labels[index]
            label = (x + centre[0], y + centre[1]) if centre else label
        layout.routes.append(route)
        layout.labels.append(label)


def _directed(layout: Layout, rankdir: str) -> Layout:
    """From along and across to x and y."""
    if rankdir in ("TB", "BT"):
        layout.width, layout.height = layout.height, layout.width
        for group in (layout.boxes, layout.frames):
            group |= {key: (y, x, h, w) for key, (x, y, w, h) in group.items()}
        layout.routes = [[(y, x) for x, y in route] for route in layout.routes]
        layout.labels = [p and (p[1], p[0]) for p in layout.labels]
    if rankdir in ("RL", "BT"):
        _flip(layout, horizontal=rankdir == "RL")
    return layout


def _flip(layout: Layout, horizontal: bool) -> None:
    """Mirror a layout: left and right, or top and bottom."""

    def flip(x: float, y: float, w: float = 0.0, h: float = 0.0) -> Point:
        return (layout.width - x - w, y) if horizontal else (x, layout.height - y - h)

    for group in (layout.boxes, layout.frames):
        group |= {key: (*flip(x, y, w, h), w, h) for key, (x, y, w, h) in group.items()}
    layout.routes = [[flip(x, y) for x, y in route] for route in layout.routes]
    layout.labels = [p and flip(*p) for p in layout.labels]
