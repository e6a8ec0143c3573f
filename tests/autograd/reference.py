"""Reverse-mode differentiation by brute force, to compare the engine with.

It shares no line with the engine: no rules, no order of nodes, no undoing of broadcasting.
The Jacobian of each single operation is measured with the complex step (Squire and Trapp,
1998), which is exact to rounding, and a gradient is the sum over *all* paths of the products
of these matrices. Slow, and right for every function that is analytic piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

STEP = 1e-30


class Node:
    """An array, and its Jacobian with respect to each Node that it was computed from."""

    def __init__(self, value: Any, edges: tuple[tuple[Node, np.ndarray], ...] = ()) -> None:
        self.value = np.asarray(value, float)
        self.edges = edges


def apply(f: Callable[..., Any], *parents: Node) -> Node:
    """The Node of ``f(*parents)``; ``f`` must take complex arrays."""
    xs = [p.value for p in parents]
    return Node(f(*xs), tuple((p, jacobian(f, xs, i)) for i, p in enumerate(parents)))


def jacobian(f: Callable[..., Any], xs: list[np.ndarray], i: int) -> np.ndarray:
    """The matrix of derivatives of the elements of ``f(*xs)`` by those of ``xs[i]``."""
    columns = [np.zeros((np.size(f(*xs)), 0))]
    for k in range(xs[i].size):
        shifted = xs[i].astype(complex)
        shifted.flat[k] += 1j * STEP
        columns.append(np.reshape(np.imag(f(*xs[:i], shifted, *xs[i + 1 :])) / STEP, (-1, 1)))
    return np.hstack(columns)


def gradients(output: Node) -> dict[Node, np.ndarray]:
    """The gradient of the sum of ``output`` with respect to every Node that it depends on."""
    found: dict[Node, np.ndarray] = {}

    def walk(node: Node, g: np.ndarray) -> None:
        found[node] = found.get(node, 0.0) + g.reshape(node.value.shape)
        for parent, matrix in node.edges:
            walk(parent, g @ matrix)

    walk(output, np.ones(output.value.size))
    return found
