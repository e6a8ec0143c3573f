"""Walks over the graph. All are iterative: a chain of a million operations is no exception."""

from __future__ import annotations

import numpy as np

from autograd.value import Value


def topological_order(output: Value) -> list[Value]:
    """Every Value that ``output`` depends on, parents before children, ``output`` last.

    The order is that of a depth-first walk from left to right, so that it depends on the
    graph alone.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> [v.label or v.op for v in topological_order(a * b + a)]
    ['a', 'b', '*', '+']
    """
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[tuple[Value, bool]] = [(output, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend([(p, False) for p in reversed(node.parents) if p not in seen])
    return order


def first_nonfinite(output: Value) -> Value | None:
    """The first Value, in forward order, that holds an infinity or a NaN; None if none does."""
    for node in topological_order(output):
        if not np.all(np.isfinite(node.data)):
            return node
    return None
