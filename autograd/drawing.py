"""Pictures of a graph: every Value with its operation, shape, numbers and gradient."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import InvalidArgument, UnsupportedType
from autograd.graph import topological_order
from autograd.value import NOT_KEPT, Value

if TYPE_CHECKING:
    from autograd.picture import Graph

# Light fills with dark text and grey lines are readable on white and on black pages. The
# shape and the text say what the colour says: a box is computed, rounded is a leaf that
# requires a gradient, dashed is a constant.
_INK = "#1b1b1b"
_LINE = "#7f7f7f"
_STYLES = {
    "computed": {"style": "filled", "fillcolor": "#e8e8e8"},
    "leaf": {"style": "filled,rounded", "fillcolor": "#cfe8f7"},
    "constant": {"style": "filled,rounded,dashed", "fillcolor": "#fbeecb"},
    "output": {"style": "filled,bold", "fillcolor": "#d3efe4"},
}


def draw_graph(output: Value, *, rankdir: str = "LR") -> Graph:
    """Draw every Value that ``output`` depends on.

    Each box names the Value (its label, or the operation), and shows shape and dtype, the
    numbers, and the gradient if ``backward()`` has set one. An operand used twice has two
    arrows.

    Args:
        output: the Value at the end of the graph.
        rankdir: direction of reading, as in DOT: "LR", "TB", "RL" or "BT".

    Returns:
        A ``graphviz.Digraph``, whose ``save(path)`` also works where ``dot`` is missing; the
        same graph always gives the same text.

    Raises:
        UnsupportedType: if ``output`` is not a Value.

    >>> a = Value(2.0, label="a")
    >>> print(draw_graph(a + a).source.count("n0 -> n1"))
    2
    """
    import graphviz

    from autograd.picture import Graph

    if not isinstance(output, Value):
        raise UnsupportedType(
            f"draw_graph draws a Value, got {type(output).__name__}: give the result to be drawn"
        )
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise InvalidArgument(f"rankdir must be 'LR', 'TB', 'RL' or 'BT', got {rankdir!r}")
    picture = Graph(
        "graph_of_values",
        graph_attr={"rankdir": rankdir, "bgcolor": "transparent", "nodesep": "0.25", "ranksep": "0.4"},
        node_attr={
            "shape": "box", "fontname": "Helvetica,Arial,sans-serif", "fontsize": "11",
            "fontcolor": _INK, "color": _LINE, "margin": "0.12,0.06",
        },
        edge_attr={"color": _LINE, "arrowsize": "0.7"},
    )  # fmt: skip
    order = topological_order(output)
    names = {node: f"n{i}" for i, node in enumerate(order)}
    for node in order:
        style = _STYLES["output" if node is output and not node.is_leaf else _kind(node)]
        picture.node(names[node], label=_label(node), tooltip=graphviz.escape(_tooltip(node)), **style)
    for node in order:
        for parent in node.parents:
            picture.edge(names[parent], names[node])
    return picture


def _kind(node: Value) -> str:
    if not node.is_leaf:
        return "computed"
    return "leaf" if node.requires_grad else "constant"


def _title(node: Value) -> str:
    """Label and operation, whichever there are, on one line."""
    title = "  ".join(part for part in (node.label, node.op) if part)
    return "".join(c if c.isprintable() else " " for c in title)


def _label(node: Value) -> str:
    """The lines of a box, as DOT's HTML-like text."""
    title = _title(node)
    # dot reads \N and \G as names of its own, and stumbles over a single ].
    title = html.escape(title).replace("\\", r"\\").replace("]", "&#93;")
    lines = [f"<b>{title}</b>"] if title else []
    lines += [html.escape(line) for line in _facts(node)]
    return f"<{'<br/>'.join(lines)}>"


def _tooltip(node: Value) -> str:
    return html.escape("; ".join([_title(node) or _kind(node), *_facts(node)]))


def _facts(node: Value) -> list[str]:
    facts = [] if node.ndim == 0 else [f"{node.shape} {node.dtype}"]
    if node.is_leaf and not node.requires_grad and node.ndim == 0 and node.label is None:
        return [_numbers(node.data)]
    facts.append(f"value {_numbers(node.data)}")
    if node._grad is not None and node._grad is not NOT_KEPT:
        facts.append(f"gradient {_numbers(getattr(node._grad, 'data', node._grad))}")
    return facts


def _numbers(x: Any) -> str:
    """A number; all elements of a short vector; the range of anything larger."""
    x = np.asarray(x)
    if x.ndim == 0:
        return f"{x.item():.4g}"
    if x.size == 0:
        return "(no elements)"
    if x.ndim == 1 and x.size <= 4:
        return "[" + ", ".join(f"{e:.3g}" for e in x.tolist()) + "]"
    finite = x[np.isfinite(x)]
    if finite.size == 0:
        return "no finite element"
    missing = x.size - finite.size
    remark = f", {missing} not finite" if missing else ""
    return f"{finite.min():.3g} to {finite.max():.3g}{remark}"
