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


def digraph(picture: Picture, rankdir: str) -> Any:
    """A ``graphviz.Digraph``, to be changed, rendered or saved as graphviz does."""
    import graphviz

    graph = graphviz.Digraph("graph_of_values")
    graph.attr("graph", bgcolor="transparent", nodesep="0.25", rankdir=rankdir, ranksep="0.4")
    graph.attr("node", color=LINE, fontcolor=INK, fontname="Helvetica,Arial,sans-serif")
    graph.attr("node", fontsize="11", margin="0.12,0.06", shape="box")
    graph.attr("edge", arrowsize="0.7", color=LINE, fontcolor=LINE, fontsize="10")
    graph.attr("edge", fontname="Helvetica,Arial,sans-serif")
    if picture.note:
        graph.attr("graph", label=f"<{_html(picture.note)}>", fontsize="10", fontcolor=LINE)
    inside: dict[str, list[str]] = {}
    for frame in picture.frames:
        inside.setdefault(frame.inside, []).append(frame.key)
    boxes: dict[str, list[Box]] = {}
    for box in picture.boxes:
        boxes.setdefault(box.frame, []).append(box)
    titles = {frame.key: frame.title for frame in picture.frames}
    numbers = {frame.key: k for k, frame in enumerate(picture.frames)}

    def fill(graph: Any, key: str) -> None:
        for box in boxes.get(key, []):
            graph.node(
                box.key, label=_label(box), tooltip=graphviz.escape(box.description), **_STYLES[box.kind]
            )
        for inner in inside.get(key, []):
            with graph.subgraph(name=f"cluster_{numbers[inner]}") as cluster:
                cluster.attr(label=f"<{_html(titles[inner])}>", style="rounded", color=LINE, fontcolor=LINE)
                fill(cluster, inner)

    fill(graph, "")
    for arrow in picture.arrows:
        graph.edge(arrow.tail, arrow.head, **({"label": f"<{_html(arrow.label)}>"} if arrow.label else {}))
    return graph


def _html(text: str) -> str:
    """Text for an HTML-like label: dot reads backslashes as escapes, and stumbles over a single ]."""
    return html.escape(text).replace("\\", r"\\").replace("]", "&#93;")


def _label(box: Box) -> str:
    """The lines of a box, as DOT's HTML-like text."""
    lines = [f"<b>{_html(box.title)}</b>"] if box.title else []
    lines += [_html(fact) for fact in box.facts]
    lines += [f"<b>{_html(box.mark.text)}</b>"] if box.mark else []
    return f"<{'<br/>'.join(lines)}>"
