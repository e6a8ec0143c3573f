"""Backward passes that ask "what if": with gradients that somebody claims, and with mistakes.

The engine's rules, one node at a time. Where a gradient was claimed for a node, the claim is
passed on in place of the true gradient: so every later gradient is what it should be *given
the claims before it*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.backward import pull_back
from autograd.errors import ChainruleError
from autograd.graph import topological_order
from autograd.value import Value

# What a node passes to its input i instead: alter(i, g) gives the part, or None for nothing.
Alteration = Callable[[int, Any], Any]
ROUNDING = 1e-5  # of what cancelled: times the tolerance of a comparison, 1e-11 of it


def sweep(
    order: list[Value],
    seed: Any,
    given: Mapping[Value, Any] | None = None,
    altered: Mapping[Value, Alteration] | None = None,
) -> dict[Value, Any]:
    """The gradient that each node receives, before a claim takes its place.

    Args:
        order: the graph, parents before children, the output last.
        seed: gradient of the output.
        given: claimed gradients, passed on instead of those received.
        altered: nodes that pass on something else than their derivative.
    """
    received: dict[Value, Any] = {order[-1]: seed}
    for node in reversed(order):
        if node.primitive is None or node not in received:
            continue
        g = received[node] if given is None else given.get(node, received[node])
        alteration = None if altered is None else altered.get(node)
        for i, parent in enumerate(node.parents):
            if not parent.requires_grad:
                continue
            part = part_of(node, i, g) if alteration is None else alteration(i, g)
            if part is not None:
                before = received.get(parent)
                received[parent] = part if before is None else before + part
    return received


def part_of(node: Value, i: int, g: Any) -> Any:
    """What a node passes to its input ``i``, by its rule."""
    xs = tuple(p.data for p in node.parents)
    with np.errstate(all="ignore"):
        return pull_back(node.primitive, i, g, node.data, xs, node.params or {}, None)  # type: ignore[arg-type]


def raw_part_of(node: Value, i: int, g: Any) -> Any:
    """The same before broadcasting is undone."""
    xs = tuple(p.data for p in node.parents)
    try:
        with np.errstate(all="ignore"):
            return node.primitive.rule(i)(g, node.data, *xs, **(node.params or {}))  # type: ignore[union-attr]
    except (ChainruleError, ArithmeticError):
        return None


def cancelled(
    node: Value, uses: Mapping[Value, list[tuple[Value, int]]], gradients: Mapping[Value, Any]
) -> float:
    """The size of what was added up to a node's gradient: its rounding is measured on that.

    The gradient of a bias in front of a batch normalisation, or of the keys of attention, is a
    sum of numbers that cancel: it is 0, and comes out as 1e-16 in one way or another.
    """
    largest = 0.0
    for child, i in uses.get(node, []):
        if child in gradients:
            g = np.asarray(gradients[child])
            if child.primitive is not None and child.primitive.name == "matmul":
                other = child.parents[1 - i].data
                size = float(np.max(np.abs(g), initial=0.0) * np.max(np.abs(other), initial=0.0))
            else:
                raw = raw_part_of(child, i, g)
                size = float(np.max(np.abs(raw), initial=0.0)) if raw is not None else 0.0
            largest = max(largest, size)
    return largest


def consumers(order: list[Value]) -> dict[Value, list[tuple[Value, int]]]:
    """Who uses each node, and as which input."""
    uses: dict[Value, list[tuple[Value, int]]] = {}
    for node in order:
        for i, parent in enumerate(node.parents):
            if parent.requires_grad:
                uses.setdefault(parent, []).append((node, i))
    return uses


def region(
    node: Value, uses: Mapping[Value, list[tuple[Value, int]]], given: Mapping[Value, Any]
) -> list[Value]:
    """The nodes on the way from ``node`` to the output, up to those whose gradient was claimed."""
    found: dict[Value, None] = {}
    stack = [node]
    while stack:
        for child, _ in uses.get(stack.pop(), []):
            if child not in found:
                found[child] = None
                if child not in given:
                    stack.append(child)
    return list(found)


def without(given: Mapping[Value, Any], node: Value) -> dict[Value, Any]:
    """The claims but for that of one node."""
    return {n: g for n, g in given.items() if n is not node}


def graph(output: Value) -> list[Value]:
    """The nodes that need a gradient, parents before children."""
    return [node for node in topological_order(output) if node.requires_grad]
