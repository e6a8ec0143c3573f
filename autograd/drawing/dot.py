"""A picture as text in the DOT language of Graphviz, and as a graphviz.Digraph."""

from __future__ import annotations

import html
from typing import Any

from autograd.drawing.model import Box, Picture

# Light fills with dark text and grey lines are readable on white and on black pages. The
# shape and the text say what the colour says: a box is computed, rounded is a leaf that
# requires a gradient, dashed is a constant, bold the output, double a folded group.
INK = "#1b1b1b"
LINE = "#757575"
_STYLES = {
    "computed": {"style": "filled", "fillcolor": "#f0f0f0"},
    "leaf": {"style": "filled,rounded", "fillcolor": "#dceefa", "color": "#0072B2"},
    "constant": {"style": "filled,rounded,dashed", "fillcolor": "#fdf1d6", "color": "#B87800"},
    "output": {"style": "filled,bold", "fillcolor": "#d9f0e8", "color": "#009E73"},
    "folded": {"style": "filled", "peripheries": "2", "fillcolor": "#f6e6ef", "color": "#CC79A7"},
}

_FONT = "Helvetica,Arial,sans-serif"
_ATTRIBUTES: tuple[tuple[str, dict[str, str]], ...] = (
    ("graph", {"bgcolor": "transparent", "nodesep": "0.25", "ranksep": "0.4"}),
    ("node", {"shape": "box", "fontname": _FONT, "fontsize": "11", "fontcolor": INK, "color": LINE}),
    ("node", {"margin": "0.12,0.06"}),
    ("edge", {"fontname": _FONT, "fontsize": "10", "fontcolor": LINE, "color": LINE, "arrowsize": "0.7"}),
)


def digraph(picture: Picture, rankdir: str) -> Any:
    """A ``graphviz.Digraph``, to be changed, rendered or saved as graphviz does."""
    import graphviz

    graph = graphviz.Digraph("graph_of_values")
    for kind, attributes in _ATTRIBUTES:
        graph.attr(kind, **attributes, **({"rankdir": rankdir} if kind == "graph" else {}))
    if picture.note:
        graph.attr("graph", label=f"<{_html(picture.note)}>", fontsize="10", fontcolor=LINE)
    _fill(graph, "", picture)
    for arrow in picture.arrows:
        graph.edge(arrow.tail, arrow.head, **({"label": f"<{_html(arrow.label)}>"} if arrow.label else {}))
    return graph


def _fill(graph: Any, key: str, picture: Picture) -> None:
    """The boxes and frames inside a frame, whose key is empty for the whole."""
    import graphviz

    for box in picture.boxes:
        if box.frame == key:
            tooltip = graphviz.escape(box.description)
            graph.node(box.key, label=_label(box), tooltip=tooltip, **_STYLES[box.kind])
    for k, frame in enumerate(picture.frames):
        if frame.inside == key:
            with graph.subgraph(name=f"cluster_{k}") as cluster:
                cluster.attr(label=f"<{_html(frame.title)}>", style="rounded", color=LINE, fontcolor=LINE)
                _fill(cluster, frame.key, picture)


def _html(text: str) -> str:
    """Text for an HTML-like label: dot reads backslashes as escapes, and stumbles over a single ]."""
    return html.escape(text).replace("\\", r"\\").replace("]", "&#93;")


def _label(box: Box) -> str:
    """The lines of a box, as DOT's HTML-like text."""
    lines = [f"<b>{_html(box.title)}</b>"] if box.title else []
    lines += [_html(fact) for fact in box.facts]
    lines += [f"<b>{_html(box.mark.text)}</b>"] if box.mark else []
    return f"<{'<br/>'.join(lines)}>"
