"""Which way a graph went: the branches of its piecewise operations.

Two runs of a function at neighbouring points can only be compared by a difference if every
``relu``, ``max``, ``where`` and index went the same way in both. A primitive with a kink
tells its branches (``Primitive.branch``), and a flip is found by comparing two runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.graph import topological_order
from autograd.value import Value


@dataclass(frozen=True)
class Branch:
    """The state of one piecewise operation: an array of booleans, signs or indices."""

    operation: str
    label: str | None
    state: Any

    def __str__(self) -> str:
        return f"{self.operation} (Value {self.label!r})" if self.label else self.operation


def branches(result: Any) -> list[Branch]:
    """The piecewise operations on the way to ``result``, in forward order."""
    return _branches(topological_order(result)) if isinstance(result, Value) else []


def _branches(nodes: list[Value]) -> list[Branch]:
    found: list[Branch] = []
    for node in nodes:
        primitive = node.primitive
        if primitive is not None and primitive.replay is not None:
            again = topological_order(primitive.replay(node)[node])
            found += _branches([v for v in again if v._stamp > node._stamp])
        if primitive is not None and primitive.branch is not None:
            state = primitive.branch(*[p.data for p in node.parents], **(node.params or {}))
            found.append(Branch(primitive.name, node.label, state))
    return found


def first_flip(before: list[Branch], after: list[Branch]) -> str:
    """The first operation that went another way, and at which element; empty if none did."""
    if [b.operation for b in before] != [a.operation for a in after]:
        return "the function took another path (Python control flow)"
    for b, a in zip(before, after, strict=True):
        where = _difference(b.state, a.state)
        if where is not None:
            return f"{b} is at a kink{where}"
    return ""


def _difference(before: Any, after: Any) -> str | None:
    """None if both are alike, else where they first differ, as text."""
    if isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        differences = (_difference(b, a) for b, a in zip(before, after, strict=True))
        return next((d for d in differences if d is not None), None)
    if isinstance(before, (slice, type(None), type(...))) or isinstance(
        after, (slice, type(None), type(...))
    ):
        return None if before == after else ""
    before, after = np.asarray(before), np.asarray(after)
    if before.shape != after.shape:
        return ""
    differs = np.argwhere(before != after)
    if len(differs) == 0:
        return None
    return f", element {tuple(differs[0].tolist())}" if before.ndim else ""
