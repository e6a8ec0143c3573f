"""The walk of the backward pass: any graph, from the output back to the leaves.

Each Value receives its whole gradient before it passes it on. Broadcasting is undone here, once
for all rules, and a gradient that belongs to a Value is never the memory of another.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Container
from typing import Any

import numpy as np

from autograd import functions
from autograd.broadcasting import sum_to
from autograd.cuts import Mask, merge, parent_mask
from autograd.data import canonical
from autograd.errors import ShapeError
from autograd.floats import stale
from autograd.primitive import Primitive
from autograd.value import NO_PARAMS, NOT_KEPT, Value, constant

ALONE = 2  # sys.getrefcount of an array that has no other name than the argument of _sum


def sweep(
    output: Value,
    seed: Any,
    create_graph: bool,
    is_kept: Callable[[Value], bool] | None,
    last: bool = False,
) -> list[tuple[Value, Any]]:
    """The general way: any graph; children before parents.

    A ``last`` pass takes ``output`` off its graph, which goes away behind the pass, as far as nobody
    else has a hold of it, and gives the gradients that are kept alone.
    """
    uses = _count_uses([output], {output: 0})
    pending: dict[Value, Any] = {output: seed}
    masks: dict[Value, Mask] = {}
    shared: set[Value] = set()  # whose pending gradient is, or shows, an array that others have
    held: set[int] = set()  # those that are handed out: each gradient owns its memory
    replayed: dict[Value, Value] = {}
    grads = []
    latest = output._stamp
    ready = [output]
    while ready:
        node = ready.pop()
        g = pending.pop(node)
        primitive = node.primitive
        if node._stamp <= latest:  # else it was computed again for this pass, and is gone after it
            kept = NOT_KEPT
            if is_kept is None or is_kept(node):
                alone = type(g) is float or (primitive is None and node not in shared)
                kept = g if alone else _own(g, node in shared, held)
            if kept is not NOT_KEPT or not last:
                grads.append((node, kept))
        if primitive is None:
            continue
        shared.discard(node)
        mask = masks.pop(node, None) if masks else None
        if primitive.replay is not None:
            node = _replay(primitive, node, uses, pending, replayed)
            primitive = node.primitive or primitive
        if masks or mask is not None or primitive.selects is not None:
            _pass_on_masks(primitive, node, mask, masks, pending)
        parents = node.parents
        if last and node is output:
            node.parents = ()
        plain = mask is None and not create_graph
        parts = (
            _parts(primitive, node, parents, g)
            if plain
            else _other_parts(primitive, node, g, mask, create_graph)
        )
        for i, part in enumerate(parts):
            if part is None:
                continue
            parent = parents[i]
            if parent in pending:
                pending[parent] = _sum(pending.pop(parent), part, parent in shared)
                shared.discard(parent)
            else:
                pending[parent] = part
                if type(part) is not float and (part is g or getattr(part, "base", None) is not None):
                    shared.add(parent)
            uses[parent] -= 1
            if not uses[parent]:
                del uses[parent]
                ready.append(parent)
    return grads


def _sum(first: Any, part: Any, shared: bool) -> Any:
    """The sum of two parts of a gradient, in the memory of the first if nobody else has that."""
    if type(first) is np.ndarray and not shared and sys.getrefcount(first) == ALONE:
        first += part
        return first
    return first + part


def _own(g: Any, shared: bool, held: set[int]) -> Any:
    """The gradient to hand out: a copy, unless the array is whole and nobody else gets it."""
    if not isinstance(g, np.ndarray):
        return g
    whole: Any = g if g.base is None else g.base
    if shared and (id(whole) in held or not g.flags.writeable or getattr(whole, "nbytes", 0) != g.nbytes):
        return g.copy()
    held.add(id(whole))
    return g


def _replay(primitive: Any, node: Value, uses: Any, pending: Any, replayed: dict[Value, Value]) -> Value:
    """A stand-in for ``node``, whose graph was computed again and joins the one that is walked."""
    if node not in replayed:
        for y, stand_in in primitive.replay(node).items():
            if y is node or y in uses or y in pending:
                replayed[y] = stand_in
                _count_uses([stand_in], uses)
    for parent in node.parents:
        uses[parent] -= 1  # used by the new graph instead
    return replayed.pop(node)


def _parts(primitive: Primitive, node: Value, parents: tuple[Value, ...], g: Any) -> list[Any]:
    """What each parent receives from ``node``; None for one that needs no gradient."""
    y, params = node._data, node.params or NO_PARAMS
    xs = [p._data for p in parents]
    parts: list[Any] = [None] * len(xs)
    for i, parent in enumerate(parents):
        if parent.requires_grad:
            rule, x = (not primitive.variadic and primitive.vjps[i]) or primitive.rule(i), xs[i]
            try:
                part = rule(g, y, *xs, **params)
            except ArithmeticError:
                part = _call(rule, g, y, xs, params)
            if not (
                type(part) is type(x)
                and (type(x) is float or (part.shape == x.shape and part.dtype is x.dtype))
            ):
                part = _call(rule, g, y, xs, params) if type(part) is complex else part
                part = _fit(part, x, primitive, i)
            parts[i] = part
    return parts


def _other_parts(primitive: Primitive, node: Value, g: Any, mask: Mask, create_graph: bool) -> list[Any]:
    """The same where elements were cut off, or where the rules are to be recorded."""
    if create_graph:
        y, xs = node, node.parents
    else:
        y, xs = node._data, tuple(p._data for p in node.parents)
    return [
        pull_back(primitive, i, g, y, xs, node.params or {}, mask) if parent.requires_grad else None
        for i, parent in enumerate(node.parents)
    ]


def _pass_on_masks(
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
        if parent.requires_grad and parent.primitive is not None:
            new = parent_mask(primitive, i, node._data, xs, node.params or {}, mask)
            known = parent in reached or parent in told
            masks[parent] = merge(masks.get(parent), new) if known else new
            told.add(parent)


def _count_uses(stack: list[Value], uses: dict[Value, int]) -> dict[Value, int]:
    """How often each Value is used on the way to those of ``stack``, where a gradient passes."""
    while stack:
        node = stack.pop()
        stamp = node._stamp
        for p in node.parents:
            if p._stamp > stamp:
                raise stale(p)
            if p.requires_grad:
                if p in uses:
                    uses[p] += 1
                else:
                    uses[p] = 1
                    stack.append(p)
    return uses


def pull_back(
    primitive: Primitive, i: int, g: Any, y: Any, xs: Any, params: dict[str, Any], mask: Mask
) -> Any:
    """The gradient that input ``i`` receives, of its shape and dtype."""
    rule = primitive.rule(i)
    if mask is None or primitive.kind != "elementwise":
        return _fit(_call(rule, g, y, xs, params), xs[i], primitive, i)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        part = np.where(mask, _call(rule, g, y, xs, params), 0.0)
    return _fit(part, xs[i], primitive, i)


def _call(rule: Any, g: Any, y: Any, xs: Any, params: dict[str, Any]) -> Any:
    try:
        part = rule(g, y, *xs, **params) if params else rule(g, y, *xs)
        if type(part) is not complex:  # a negative float to a broken power
            return part
    except ArithmeticError:  # a float divided by zero, or one that overflows
        pass
    # Python's floats raise where IEEE arithmetic has a result: NumPy's give it, and its warning.
    return rule(np.float64(g), np.float64(y), *map(np.float64, xs), **params)


def _fit(part: Any, x: Any, primitive: Primitive, i: int) -> Any:
    """Undo broadcasting and promotion; refuse a gradient that does not belong to ``x``."""
    if type(x) is float and type(part) is float:
        return part
    shape = () if type(x) is float else x.shape
    given = part.shape if hasattr(part, "shape") else np.shape(part)
    if given != shape:
        try:
            part = sum_to(part, shape)
        except ValueError:
            raise ShapeError(
                f"the derivative of {primitive.name} with respect to input {i} has shape "
                f"{given}, which does not fit the input's shape {shape}: correct its rule"
            ) from None
    if isinstance(x, Value) and not isinstance(part, Value):
        part = constant(canonical(part))
    if type(x) is float:
        return float(part)
    return part if getattr(part, "dtype", None) == x.dtype else functions.astype(part, x.dtype)
