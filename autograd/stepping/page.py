"""The steps as one HTML file: the picture, the data of the steps, and the script that shows them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograd.drawing.graph import arranged
from autograd.drawing.html import VIEW
from autograd.drawing.layered import Point
from autograd.drawing.layout import Layout
from autograd.drawing.metrics import shortened, text_width
from autograd.drawing.model import Arrow, Box, Frame, Picture
from autograd.drawing.numbers import Heat
from autograd.drawing.plan import FONT, LONGEST
from autograd.drawing.svg import heat_cells, to_svg
from autograd.stepping.steps import Moment, Walkthrough

# Nothing may be fetched, whatever a label holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

_SCRIPTS = ("elements.js", "folding.js", "page.js")


def to_page(walk: Walkthrough, rankdir: str, remarks: Sequence[str]) -> str:
    """The text of the file. Without scripts it is the finished picture, with the steps as a list.

    Args:
        walk: what is shown.
        rankdir: direction of reading.
        remarks: what the reader should know of this page, a sentence each.
    """
    picture = replace(walk.picture, note="")  # that of the page is in the remarks
    layout = arranged(_roomy(walk), rankdir)
    data = json.dumps(_data(walk, layout), separators=(",", ":")).replace("<", "\\u003c")  # no </script>
    parts = {
        "policy": _POLICY,
        "title": html.escape(picture.title),
        "style": _read("page.css"),
        "picture": to_svg(picture, layout),
        "remarks": "".join(f"<p>{html.escape(remark)}</p>" for remark in remarks),
        "steps": _list(walk),
        "data": data,
        "script": "(() => {\n" + VIEW + "".join(map(_read, _SCRIPTS)) + "})();",
    }
    return re.sub(r"<!--(\w+)-->", lambda m: parts[m[1]], _read("page.html"))


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _list(walk: Walkthrough) -> str:
    lines = []
    for step in walk.steps:
        note = f"<small>{html.escape(step.note)}</small>" if step.note else ""
        lines.append(f'<li class="{step.phase}"><code>{html.escape(step.line)}</code>{note}</li>')
    return "\n".join(lines)


def _roomy(walk: Walkthrough) -> Picture:
    """The picture with the longest text that each line will ever have, to be laid out."""

    def longest(facts: Sequence[str], moments: Sequence[Moment], at: int) -> list[str]:
        texts = [facts[at], *(m.text for m in moments)]
        return [*facts[:at], max(texts, key=lambda text: text_width(text, FONT)), *facts[at + 1 :]]

    boxes = []
    for box in walk.picture.boxes:
        facts = list(box.facts)
        if box.kind != "folded":
            facts = longest(facts, walk.values[box.key], _value_line(box, walk))
            facts = longest(facts, walk.gradients.get(box.key, ()), len(facts) - 1)
        boxes.append(replace(box, facts=tuple(facts)))
    return replace(walk.picture, boxes=tuple(boxes))


# -- the data -------------------------------------------------------------------------------------


def _data(walk: Walkthrough, layout: Layout) -> dict[str, Any]:
    return {
        "steps": [step._asdict() for step in walk.steps],
        "boxes": [_box(box, walk, layout.boxes[box.key]) for box in walk.picture.boxes],
        "arrows": [
            _arrow(arrow, route, label)
            for arrow, route, label in zip(walk.picture.arrows, layout.routes, layout.labels, strict=True)
        ],
        "frames": [_frame(f, walk, layout.frames[f"frame {f.key}"]) for f in walk.picture.frames],
    }


def _value_line(box: Box, walk: Walkthrough) -> int:
    """Which of a box's facts is its value: the last, or the one before the gradient."""
    return len(box.facts) - 1 - (box.key in walk.gradients)


def _box(box: Box, walk: Walkthrough, place: tuple[float, ...]) -> dict[str, Any]:
    """A box: where its texts and heat maps are in the picture, and what they show from which step on."""
    first = 1 if box.title else 0
    open_, gradient = box.kind != "folded", box.key in walk.gradients
    return {
        "key": box.key,
        "kind": box.kind,
        "title": box.title,
        "frame": box.frame,
        "place": [round(x, 1) for x in place],
        "still": [*box.facts[: _value_line(box, walk) if open_ else len(box.facts) - gradient]],
        "values": [_moment(m, box.value) for m in walk.values.get(box.key, ())],
        "gradients": [_moment(m, box.gradient) for m in walk.gradients.get(box.key, ())],
        "valueLine": first + _value_line(box, walk) if open_ else -1,
        "gradientLine": first + len(box.facts) - 1 if gradient else -1,
        "valueHeat": 0 if box.value else -1,
        "gradientHeat": (1 if box.value else 0) if box.gradient else -1,
    }


def _moment(moment: Moment, drawn: Heat | None) -> list[Any]:
    """Step, text and exact numbers, and the heat map where it is not the one in the picture."""
    heat = "" if moment.heat is None or moment.heat is drawn else heat_cells(moment.heat)
    return [moment.step, shortened(moment.text, LONGEST), moment.exact, *([heat] if heat else [])]


def _arrow(arrow: Arrow, route: Sequence[Point], label: Point | None) -> dict[str, Any]:
    return {
        "tail": arrow.tail,
        "head": arrow.head,
        "route": [round(x, 1) for point in route for x in point],
        "label": arrow.label,
        "at": label and [round(x, 1) for x in label],
    }


def _frame(frame: Frame, walk: Walkthrough, place: tuple[float, ...]) -> dict[str, Any]:
    return {
        "key": frame.key,
        "title": frame.title,
        "inside": frame.inside,
        "folded": frame.folded,
        "facts": walk.folds[frame.key].facts,
        "place": [round(x, 1) for x in place],
    }
