"""The layout of a picture by the program ``dot``, in the terms of the built-in one."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from autograd.drawing.layered import Point
from autograd.drawing.layout import Layout, Plan

SECONDS = 5  # after which the built-in layout takes over
# dot takes minutes for what is much larger, or much denser, than a computation that is looked at.
MOST_ARROWS, DENSEST = 500, 4


def arrange_by_dot(plan: Plan) -> Layout | None:
    """The layout that ``dot`` gives; None where it is missing, fails, or would take too long.

    None also for a picture with frames: dot draws arrows across frames that they do not belong
    to, and neighbouring layers on a diagonal. The built-in layout does neither.
    """
    program = shutil.which("dot")
    arrows = len(plan.edges)
    if program is None or plan.titles or arrows > MOST_ARROWS or arrows > DENSEST * (len(plan.boxes) + 4):
        return None
    try:
        done = subprocess.run(  # noqa: S603 - the program found on the PATH, and text of our own
            [program, "-Tjson0"],
            input=_text(plan),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        return _read(json.loads(done.stdout), plan)
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        return None


def _text(plan: Plan) -> str:
    """The plan in the DOT language: sizes and numbers, none of its texts."""
    boxes = {key: k for k, key in enumerate(plan.boxes)}
    lines = ["digraph {", f"rankdir={plan.rankdir} nodesep=0.22 ranksep=0.36"]
    lines.append('node [shape=box fixedsize=true label=""]')
    lines += [f"n{boxes[key]} [width={w / 72:.4f} height={h / 72:.4f}]" for key, (w, h) in plan.boxes.items()]
    for k, edge in enumerate(plan.edges):
        label = f" label={_space(*edge.label)}" if edge.label else ""
        lines.append(f"n{boxes[edge.tail]} -> n{boxes[edge.head]} [comment={k}{label}]")
    return "\n".join([*lines, "}"])


def _space(width: float, height: float) -> str:
    """A label of that size without text, whose width dot could not measure as this package does."""
    return (
        f'<<table border="0" cellspacing="0" cellpadding="0" fixedsize="true" width="{width:.0f}" '
        f'height="{height:.0f}"><tr><td></td></tr></table>>'
    )


def _read(found: dict[str, Any], plan: Plan) -> Layout:
    _, _, width, height = map(float, found["bb"].split(","))
    boxes = list(plan.boxes)
    layout = Layout(width, height)
    for entry in found.get("objects", []):
        x, y = map(float, entry["pos"].split(","))
        key = boxes[int(entry["name"][1:])]
        w, h = plan.boxes[key]
        layout.boxes[key] = (x - w / 2, height - y - h / 2, w, h)
    layout.boxes = {key: layout.boxes[key] for key in boxes}
    routes: dict[int, tuple[list[Point], Point | None]] = {}
    for entry in found.get("edges", []):
        label = entry.get("lp")
        routes[int(entry["comment"])] = _route(entry["pos"], height), label and _point(label, height)
    layout.routes = [routes[k][0] for k in range(len(plan.edges))]
    layout.labels = [routes[k][1] if plan.edges[k].label else None for k in range(len(plan.edges))]
    return layout


def _route(text: str, height: float) -> list[Point]:
    """A spline, with a straight last piece to the end of the arrow."""
    points, end = [], None
    for part in text.split():
        if part[0] == "e":
            end = _point(part[2:], height)
        elif part[0] != "s":
            points.append(_point(part, height))
    return points if end is None else [*points, points[-1], end, end]


def _point(text: str, height: float) -> Point:
    x, y = map(float, text.split(",")[:2])
    return x, height - y
