"""A picture with its layout as SVG: light and dark, readable without colour and by screen readers."""

from __future__ import annotations

import html
import math

from autograd.drawing.layered import Point
from autograd.drawing.layout import Layout
from autograd.drawing.model import Box, Picture
from autograd.drawing.numbers import Heat
from autograd.drawing.plan import CELL, FONT, LINE_HEIGHT, PAD_X, PAD_Y, inside_of
from autograd.drawing.style import CSS

MARGIN, NOTE = 8.0, 20.0


def to_svg(picture: Picture, layout: Layout) -> str:
    """The SVG text. There are no ids in it, so that pictures on one page cannot get in each other's way."""
    note = NOTE if picture.note else 0.0
    width = max(layout.width, 6.2 * len(picture.note)) + 2 * MARGIN
    height = layout.height + 2 * MARGIN + note
    title = f"{picture.title}: {len(picture.boxes)} boxes, {len(picture.arrows)} arrows"
    size = f'width="{_n(width)}" height="{_n(height)}"'
    view = f'viewBox="{_n(-MARGIN)} {_n(-MARGIN)} {_n(width)} {_n(height)}"'
    style = 'style="max-width:100%;height:auto"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="chainrule" role="graphics-document" {size} {view}'
    parts = [f'{head} {style} aria-label="{_text(title)}">', f"<title>{_text(title)}</title>"]
    parts += [f"<desc>{_text(picture.note)}</desc>"] if picture.note else []
    parts.append(f"<style>{CSS}</style>")
    for frame in picture.frames:
        parts.append(_frame(frame.key, frame.title, layout.frames[f"frame {frame.key}"]))
    names = {box.key: box.title or box.facts[-1] for box in picture.boxes}
    parts += _arrows(picture, layout, names)
    for box in picture.boxes:
        parts.append(_box(box, *layout.boxes[box.key]))
    if picture.note:
        y = layout.height + MARGIN + 10
        parts.append(f'<text class="note" x="0" y="{_n(y)}">{_text(picture.note)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _n(x: float) -> str:
    """A coordinate in few digits."""
    return f"{x:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    return html.escape(text)


# -- arrows and frames ----------------------------------------------------------------------------


def _frame(key: str, title: str, place: tuple[float, float, float, float]) -> str:
    x, y, w, h = place
    return (
        f'<g class="frame"><title>{_text(key)}</title>'
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" rx="8"/>'
        f'<text x="{_n(x + 10)}" y="{_n(y + 16)}">{_text(title)}</text></g>'
    )


def _arrows(picture: Picture, layout: Layout, names: dict[str, str]) -> list[str]:
    parts = ['<g class="arrows">']
    labels = []
    drawn: set[tuple[Point, ...]] = set()
    for arrow, route, place in zip(picture.arrows, layout.routes, layout.labels, strict=True):
        line, head = _line(route, drawn)
        what = f"{names[arrow.tail]} to {names[arrow.head]}"
        what += f", local derivative {arrow.label}" if arrow.label and arrow.label[0] != "×" else ""
        line = f'<path class="line" d="{line}"/>' if line else ""
        parts.append(f'<g><title>{_text(what)}</title>{line}<path d="{head}"/></g>')
        if place is not None:
            labels.append(f'<text x="{_n(place[0])}" y="{_n(place[1] + 3)}">{_text(arrow.label)}</text>')
    return [*parts, *labels, "</g>"]


def _line(route: list[Point], drawn: set[tuple[Point, ...]]) -> tuple[str, str]:
    """A curve that ends at the base of its head, and the head.

    Pieces that other arrows from the same box have too are drawn once, else they look bold.
    """
    (x, y), before = route[-1], next((p for p in reversed(route) if p != route[-1]), route[-1])
    length = math.hypot(x - before[0], y - before[1]) or 1.0
    dx, dy = (x - before[0]) / length, (y - before[1]) / length
    base = x - 7 * dx, y - 7 * dy
    left, right = (base[0] - 3.2 * dy, base[1] + 3.2 * dx), (base[0] + 3.2 * dy, base[1] - 3.2 * dx)
    short = [*route[:-2], base, base]
    line, pen = "", None
    for k in range(0, len(short) - 3, 3):
        start, a, b, end = piece = tuple(short[k : k + 4])
        if piece not in drawn:
            drawn.add(piece)
            line += "" if pen == start else f"M{_p(start)}"
            line += f"L{_p(end)}" if a == start and b == end else f"C{_p(a)} {_p(b)} {_p(end)}"
            pen = end
    return line, f"M{_n(x)} {_n(y)}L{_p(left)}L{_p(right)}Z"


def _p(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


# -- boxes ----------------------------------------------------------------------------------------


def _box(box: Box, x: float, y: float, w: float, h: float) -> str:
    inside = inside_of(box)
    title = box.title or box.facts[-1]
    verdict = f" {box.mark.verdict.replace(' ', '-')}" if box.mark else ""
    place = f'transform="translate({_n(x)} {_n(y)})"'
    what = _text(box.description)
    parts = [f'<g class="{box.kind}{verdict}" role="graphics-symbol" aria-label="{what}" {place}>']
    parts.append(f"<title>{_text(title)}</title><desc>{what}</desc>")
    radius = {"leaf": 10, "constant": 10}.get(box.kind, 2)
    if box.kind == "folded":  # a pile of boxes
        parts.append(f'<rect x="4" y="4" width="{_n(w - 4)}" height="{_n(h - 4)}" rx="2"/>')
        w, h = w - 4, h - 4
    parts.append(f'<rect width="{_n(w)}" height="{_n(h)}" rx="{radius}"/>')
    for k, (text, bold) in enumerate(inside.lines):
        weight = ' class="b"' if bold else ""
        baseline = PAD_Y + LINE_HEIGHT * k + FONT - 1
        parts.append(f'<text{weight} x="{_n(PAD_X)}" y="{_n(baseline)}">{_text(text)}</text>')
    for caption, heat, left, top in inside.heats:
        parts.append(_heat(caption, heat, left, top))
    return "".join([*parts, "</g>"])


def _heat(caption: str, heat: Heat, x: float, y: float) -> str:
    rows, columns = len(heat.cells), len(heat.cells[0])
    return (
        f'<g class="heat" transform="translate({_n(x)} {_n(y)})"><text y="-4">{caption}</text>'
        f'<rect width="{_n(CELL * columns)}" height="{_n(CELL * rows)}"/>{heat_cells(heat)}</g>'
    )


def heat_cells(heat: Heat) -> str:
    """Squares as large as the numbers: filled for positive ones, hollow for negative, crosses for neither.

    So it can be read without colours; these diverge about zero.
    """
    filled, hollow, crosses = "", "", ""
    for i, row in enumerate(heat.cells):
        for j, c in enumerate(row):
            left, top = CELL * j, CELL * i
            if c is None:
                crosses += f"M{_n(left + 1)} {_n(top + 1)}l4 4m0-4l-4 4"
                continue
            side = 5.4 * math.sqrt(abs(c))
            gap = (CELL - side) / 2
            square = f"M{_n(left + gap)} {_n(top + gap)}h{_n(side)}v{_n(side)}h{_n(-side)}z"
            if side >= 0.3:
                filled, hollow = (filled + square, hollow) if c > 0 else (filled, hollow + square)
    shapes = [("pos", filled), ("neg", hollow), ("nan", crosses)]
    return "".join(f'<path class="{name}" d="{d}"/>' for name, d in shapes if d)
