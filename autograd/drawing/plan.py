"""How large the boxes of a picture are, and where what is in them goes."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.drawing.layout import Edge, Plan
from autograd.drawing.metrics import shortened, text_width
from autograd.drawing.model import Arrow, Box, Picture
from autograd.drawing.numbers import Heat

FONT, SMALL = 12.0, 10.0  # sizes of text in boxes, and on arrows and heat maps
LINE_HEIGHT, PAD_X, PAD_Y = 15.0, 10.0, 7.0
CELL, CAPTION, BETWEEN = 6.0, 13.0, 12.0  # of heat maps
LONGEST = 48  # characters of a line


@dataclass(frozen=True)
class Inside:
    """The inside of a box: its size, its lines of text, and the corners of its heat maps."""

    width: float
    height: float
    lines: tuple[tuple[str, bool], ...]  # text, and whether it is bold
    heats: tuple[tuple[str, Heat, float, float], ...]  # caption, heat map, x, y


def inside_of(box: Box) -> Inside:
    """Measure a box: every line of text and heat map has room in it."""
    lines = [(shortened(box.title, LONGEST), True)] if box.title else []
    lines += [(shortened(fact, LONGEST), False) for fact in box.facts]
    lines += [(shortened(box.mark.text, LONGEST), True)] if box.mark else []
    width = max((text_width(text, FONT, bold) for text, bold in lines), default=0.0)
    top = PAD_Y + LINE_HEIGHT * len(lines) + (4.0 if box.value or box.gradient else 0.0)
    heats, x, height = [], PAD_X, 0.0
    for caption, heat in (("value", box.value), ("gradient", box.gradient)):
        if heat is not None:
            heats.append((caption, heat, x, top + CAPTION))
            x += max(CELL * len(heat.cells[0]), text_width(caption, SMALL)) + BETWEEN
            height = max(height, CAPTION + CELL * len(heat.cells))
    width = max(width, x - PAD_X - BETWEEN if heats else 0.0, 24.0)
    return Inside(width + 2 * PAD_X, top + height + PAD_Y, tuple(lines), tuple(heats))


def plan_of(picture: Picture, rankdir: str) -> Plan:
    """What is to be laid out: a picture's boxes, arrows and frames as plain numbers."""
    insides = {box.key: inside_of(box) for box in picture.boxes}
    inside = {box.key: box.frame for box in picture.boxes if box.frame}
    inside |= {_frame(frame.key): _frame(frame.inside) for frame in picture.frames if frame.inside}
    return Plan(
        {key: (i.width, i.height) for key, i in insides.items()},
        [Edge(a.tail, a.head, label_size(a)) for a in picture.arrows],
        {key: home if key.startswith("frame ") else _frame(home) for key, home in inside.items()},
        {_frame(frame.key): text_width(frame.title, SMALL, bold=True) for frame in picture.frames},
        rankdir,
    )


def _frame(key: str) -> str:
    """A frame's key in the plan, where no box has the same."""
    return f"frame {key}"


def label_size(arrow: Arrow) -> tuple[float, float] | None:
    """Width and height of an arrow's label."""
    return (text_width(arrow.label, SMALL) + 6.0, 13.0) if arrow.label else None
