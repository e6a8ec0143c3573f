"""No gradient is not gradient zero.

``where`` and indexing cut elements off: those have no gradient at all. A zero in their
place would do, were it not multiplied further down by the derivative of a branch that was
never taken, which may be infinite: ``np.where(x > 0, np.log(x), 0)`` at x = 0 would give
0 * inf = NaN. So the backward pass carries, beside a gradient that has been cut, a boolean
mask of the elements that are there, and sets the others to zero after every elementwise
rule. A graph without such operations carries no mask and pays nothing.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np

from autograd.broadcasting import sum_to
from autograd.data import as_array
from autograd.primitive import Primitive
from autograd.rules.activations import LINEAR
from autograd.value import Value

ARRANGEMENTS = 8  # in a row that are looked through for an operation that needs no mask

Mask = Any  # a boolean array; None where every element has a gradient


def parent_mask(
    primitive: Primitive, i: int, y: Any, xs: list[Any], params: dict[str, Any], mask: Mask
) -> Mask:
    """The mask of input ``i``, given the mask of the result."""
    if primitive.kind == "other" or (mask is None and primitive.selects is None):
        return None
    if primitive.kind == "arrangement" and mask is not None:
        moved = primitive.rule(i)(mask, y, *xs, **params)
        return as_array(moved).astype(bool)
    if primitive.selects is None:
        kept = mask
    else:
        selected = as_array(primitive.selects(i, *xs, **params))
        kept = selected if mask is None else np.logical_and(mask, selected)
    if primitive.kind == "arrangement":
        return kept
    return sum_to(np.broadcast_to(kept, np.shape(y)).astype(float), np.shape(xs[i])) != 0.0


def merge(mask: Mask, other: Mask) -> Mask:
    """The elements that at least one path reaches."""
    return None if mask is None or other is None else np.logical_or(mask, other)


def pass_on_masks(
    primitive: Primitive, node: Value, mask: Mask, masks: dict[Value, Mask], reached: Container[Value]
) -> None:
    """Tell each parent which of its elements ``node`` reaches; ``reached`` holds those told before."""
    if mask is None and primitive.selects is None:
        for parent in node.parents:
            masks.pop(parent, None)  # this path reaches every element
        return
    xs = [p._data for p in node.parents]
    told: set[Value] = set()  # a parent may be there twice: where(condition, x, x)
    for i, parent in enumerate(node.parents):
        if parent._source is not None and may_ask(parent):
            new = parent_mask(primitive, i, node._data, xs, node.params or {}, mask)
            known = parent in reached or parent in told
            masks[parent] = merge(masks.get(parent), new) if known else new
            told.add(parent)


def may_ask(node: Value) -> bool:
    """Whether a rule may ask for the mask of ``node``, one that works element by element.

    None does if it is a leaf or a copy of one, or came from a product or a sum and was only rearranged since.
    """
    for _ in range(ARRANGEMENTS):
        primitive = node.primitive
        if primitive is None or primitive.replay is not None:
            return primitive is not None  # what is computed again is known later
        if primitive is not LINEAR and primitive.kind != "arrangement":
            return primitive.kind == "elementwise"
        if len(node.parents) > 1:
            return True
        (node,) = node.parents
    return True
