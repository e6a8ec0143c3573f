"""Small tables for notebooks.

Colours are those of the page, in light and in dark, and lines are a grey that shows on both.
Styles stand in the elements themselves: there are no ids and no rules that could meet another cell's.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.names import printable
from autograd.node import NOT_KEPT, gradient_of
from autograd.value import Value

LINE = "1px solid rgba(128, 128, 128, 0.45)"
MOST_LINES, MOST_CHARACTERS = 12, 90
_CELL = f"text-align: left; vertical-align: top; padding: 0.2em 0.8em; border-bottom: {LINE}"


def value_html(v: Value) -> str:
    """A Value's label, operation, shape, numbers and gradient, as a short table.

    >>> x = Value(2.0, label="x")
    >>> "<td" in value_html(x * x), "id=" in value_html(x)
    (True, False)
    """
    kind = "constant" if not v.requires_grad else "leaf" if v.is_leaf else v.op
    rows = [
        ("label", plain(v.label)) if v.label else None,
        ("operation" if v.op else "kind", plain(kind)),
        ("shape", plain(f"{v.shape} {v.dtype}")) if v.ndim else None,
        ("value", preformatted(numbers(v.data))),
        ("gradient", _gradient(v)) if v.requires_grad else None,
    ]
    return table([row for row in rows if row is not None], header=type(v).__name__)


def table(
    rows: Iterable[Sequence[str]], header: str = "", columns: Sequence[str] = (), foot: str = ""
) -> str:
    """Rows of cells, which are HTML already; the first cell of each row is its heading."""
    parts = [f'<table style="border-collapse: collapse; border-top: {LINE}; margin: 0.3em 0">']
    if header:
        caption = "text-align: left; caption-side: top; font-weight: bold; color: inherit; padding: 0.2em 0"
        parts.append(f'<caption style="{caption}">{plain(header)}</caption>')
    if columns:
        heads = "".join(f'<th scope="col" style="{_CELL}">{plain(c)}</th>' for c in columns)
        parts.append(f"<thead><tr>{heads}</tr></thead>")
    parts.append("<tbody>")
    for first, *others in rows:
        cells = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in others)
        head = f'<th scope="row" style="{_CELL}; font-weight: normal">{first}</th>'
        parts.append(f"<tr>{head}{cells}</tr>")
    parts.append("</tbody></table>")
    return "".join(parts) + (f"<div>{plain(foot)}</div>" if foot else "")


def plain(text: Any) -> str:
    """Text as HTML, cut if it is long."""
    text = printable(str(text))
    return html.escape(text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…")


def preformatted(text: str) -> str:
    """Text with its spaces and lines."""
    style = "margin: 0; padding: 0; background: none; color: inherit; border: 0; white-space: pre"
    return f'<pre style="{style}">{html.escape(text)}</pre>'


def numbers(x: Any) -> str:
    """A number, a small array, or the corners of a large one, on few lines.

    >>> numbers(0.123456789), numbers(np.zeros((100, 100))).count("...") > 0
    ('0.123457', True)
    """
    if np.ndim(x) == 0:
        return f"{float(x):.6g}"
    text = np.array2string(
        np.asarray(x), precision=4, threshold=40, edgeitems=2, separator=", ", max_line_width=80
    )
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        lines[MOST_LINES // 2 : -MOST_LINES // 2] = [" ..."]
    return "\n".join(lines)


def _gradient(v: Value) -> str:
    g = gradient_of(v)
    if g is None:
        return plain("none yet: call backward()")
    if g is NOT_KEPT:
        return plain("not kept: backward(keep_grads=True)")
    return preformatted(numbers(g.data if isinstance(g, Value) else g))
