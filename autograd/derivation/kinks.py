"""Inputs at a kink, where the derivative is a convention: ``z >= 0`` is as good as ``z > 0`` at 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.checking.kinks import branches, first_flip
from autograd.derivation.sides import Point
from autograd.errors import ChainruleError
from autograd.graph import topological_order
from autograd.trees import leaves, tree_map
from autograd.value import Value

NEAR = 1e-7  # of the size of an input


def kink_at(point: Point, output: Callable[[Mapping[str, Any]], Value], rng: np.random.Generator) -> str:
    """What goes one way on one side of the point and another on the other; empty if nothing does."""
    inputs = [v for v in leaves(point.values) if isinstance(v, Value)]
    steps = {v: NEAR * _size(v) * rng.normal(size=v.shape) for v in inputs}

    def at(side: float) -> Value:
        return output(
            tree_map(lambda v: v.data + side * steps[v] if isinstance(v, Value) else v, point.values)
        )

    try:
        below, above = at(-1.0), at(1.0)
    except (ChainruleError, ArithmeticError, ValueError, IndexError):
        return ""
    return first_flip(branches(below), branches(above)) or _other_mask(below, above)


def _size(v: Value) -> float:
    return float(np.max(np.abs(v.data), initial=0.0)) or 1.0


def _other_mask(below: Value, above: Value) -> str:
    """A mask such as ``z > 0``, which is a constant of the graph."""
    masks = [[n.data for n in topological_order(y) if not n.requires_grad] for y in (below, above)]
    if len(masks[0]) != len(masks[1]):
        return "the function takes another path on either side"
    for a, b in zip(*masks, strict=True):
        coded = all(np.all((x == 0) | (x == 1)) for x in (a, b))
        if coded and np.shape(a) == np.shape(b) and np.any(a != b):
            return "a comparison is at a kink"
    return ""
