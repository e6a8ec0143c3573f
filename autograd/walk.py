"""The backward pass one contribution at a time: what each operation adds to each operand's gradient.

It is the walk of :mod:`autograd.backward`, in the same order and with the same rules, so that
partial sums and whole gradients are the engine's to the bit; it stores nothing in the Values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.backward import pull_back
from autograd.cuts import Mask, may_ask, merge, parent_mask
from autograd.value import Value


class Contribution(NamedTuple):
    """What ``node`` adds to the gradient of its operand ``i``.

    Attributes:
        node: the operation.
        i: the number of the operand.
        gradient: the whole gradient of the operation's result.
        part: what is added.
        before: the sum before it, None if it is the first.
        total: the sum with it.
        last: True if the sum is complete.
    """

    node: Value
    i: int
    gradient: Any
    part: Any
    before: Any
    total: Any
    last: bool


def contributions(
    output: Value, seed: Any, ends: Collection[Value] = (), mask: Mask = None
) -> Iterator[Contribution]:
    """Every contribution of the backward pass, in its order.

    Args:
        output: where it starts.
        seed: the gradient of ``output``.
        ends: Values whose operands get nothing.
        mask: the elements of ``output`` that have a gradient; None for all.
    """
    stop = set(ends)
    uses = _uses(output, stop)
    totals: dict[Value, Any] = {output: seed}
    masks: dict[Value, Mask] = {output: mask}
    ready = [output]
    while ready:
        node = ready.pop()
        g, own = totals.pop(node), masks.pop(node, None)
        if node.primitive is None or node in stop:
            continue
        _pass_on_masks(node, own, masks)
        for i, part in parts(node, g, own):
            parent = node.parents[i]
            uses[parent] -= 1
            before = totals.get(parent)
            totals[parent] = part if before is None else before + part
            yield Contribution(node, i, g, part, before, totals[parent], not uses[parent])
            if not uses[parent]:
                ready.append(parent)


def _uses(output: Value, stop: Collection[Value]) -> dict[Value, int]:
    """How often each Value is used on the way to the output, where a gradient passes."""
    uses: dict[Value, int] = {}
    stack, seen = [output], {output}
    while stack:
        node = stack.pop()
        for p in node.parents if node not in stop else ():
            if p.requires_grad:
                uses[p] = uses.get(p, 0) + 1
                if p not in seen:
                    seen.add(p)
                    stack.append(p)
    return uses


def parts(node: Value, g: Any, mask: Mask = None) -> Iterator[tuple[int, Any]]:
    """What each operand receives that needs a gradient."""
    primitive = node.primitive
    if primitive is None:
        return
    if primitive.replay is not None:
        yield from _replayed(node, g, mask)
        return
    xs = tuple(p._data for p in node.parents)
    for i, parent in enumerate(node.parents):
        if parent.requires_grad:
            yield i, pull_back(primitive, i, g, node._data, xs, node.params or {}, mask)


def _replayed(node: Value, g: Any, mask: Mask) -> Iterator[tuple[int, Any]]:
    """The same for a result whose graph was not stored: that is computed again, and walked to its ends."""
    assert node.primitive is not None  # noqa: S101
    assert node.primitive.replay is not None  # noqa: S101
    stand_in = node.primitive.replay(node)[node]
    found: dict[Value, Any] = {}
    ends = set(node.parents)  # by identity: == of Values compares numbers
    for c in contributions(stand_in, g, ends, mask):
        parent = c.node.parents[c.i]
        if parent in ends:
            found[parent] = c.total
    for i, parent in enumerate(node.parents):
        if parent.requires_grad:
            yield i, found.get(parent, np.zeros_like(parent._data) if parent.ndim else 0.0)


def _pass_on_masks(node: Value, mask: Mask, masks: dict[Value, Mask]) -> None:
    """Tell each operand which of its elements this operation reaches; None for all."""
    primitive, xs = node.primitive, [p._data for p in node.parents]
    for i, parent in enumerate(node.parents):
        if primitive is not None and parent.requires_grad and may_ask(parent):
            new = parent_mask(primitive, i, node._data, xs, node.params or {}, mask)
            masks[parent] = merge(masks[parent], new) if parent in masks else new
