"""The walk of the backward pass: any graph, from the output back to the leaves.

Each Value receives its whole gradient before it passes it on. Broadcasting is undone here, once
for all rules, and a gradient that belongs to a Value is never the memory of another.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable
from typing import Any

import numpy as np

from autograd import functions
from autograd.broadcasting import sum_to
from autograd.cuts import Mask, pass_on_masks
from autograd.data import canonical, is_traced, shape_of
from autograd.errors import ShapeError
from autograd.floats import stale
from autograd.node import LEAF, NOT_KEPT
from autograd.primitive import Primitive
from autograd.rules.activations import LINEAR
from autograd.rules.selection import GETITEM, is_basic
from autograd.value import NO_PARAMS, Value, constant

ALONE = 2  # sys.getrefcount of an array that has no other name than the argument of _sum


def sweep(
    seeds: dict[Value, Any],
    create_graph: bool,
    is_kept: Callable[[Value], bool] | None,
    uses: dict[Value, int] | None = None,
    pull: Callable[..., Any] | None = None,
    last: bool = False,
) -> list[tuple[Value, Any]]:
    """The general way: any graph, from one output or several at once; children before parents.

    ``uses`` may be counted already, of the Values that are to be reached, and ``pull`` apply the
    rules in another way than ``pull_back``. A ``last`` pass takes the outputs off their graph, which
    goes away behind the pass, as far as nobody else has a hold of it, and gives the gradients that
    are kept alone.
    """
    taking = GETITEM if pull is None and not create_graph else None  # what may write into a gradient
    pull = pull or pull_back
    uses = count_uses([*seeds], dict.fromkeys(seeds, 0)) if uses is None else uses
    pending = dict(seeds)
    masks: dict[Value, Mask] = {}
    shared: set[Value] = set()  # whose pending gradient is, or shows, an array that others have
    held: set[int] = set()  # those that are handed out: each gradient owns its memory
    replayed: dict[Value, Value] = {}
    grads = []
    latest = max([output._stamp for output in seeds])
    ready = [output for output in seeds if not uses[output]]
    while ready:
        node = ready.pop()
        g = pending.pop(node)
        primitive = node._source
        if node._stamp <= latest:  # else it was computed again for this pass, and is gone after it
            if primitive is LEAF:
                grads.append((node, _own(g, True, held) if node in shared else g))
            elif is_kept is None or is_kept(node):
                grads.append((node, _own(g, node in shared, held)))
            elif not last:
                grads.append((node, NOT_KEPT))
        if primitive is LEAF:
            continue
        shared.discard(node)
        mask = masks.pop(node, None) if masks else None
        if primitive.replay is not None:
            node = _replay(primitive, node, uses, pending, replayed)
            primitive = node.primitive or primitive
        if masks or mask is not None or primitive.selects is not None:
            pass_on_masks(primitive, node, mask, masks, pending)
        parents, xs = _parents(node)
        if last and node in seeds:
            node.parents = ()
        y, xs = (node, parents) if create_graph else (node._data, xs)  # Values record what rules do
        params = node.params or NO_PARAMS
        for i, parent in enumerate(parents):
            if parent in uses:  # else it requires no gradient, or nobody asked for one beyond it
                if not (primitive is taking and _add_at(parent, params["index"], g, pending, shared)):
                    part = pull(primitive, i, g, y, xs, params, mask)
                    _give(parent, part, part is g, pending, shared)
                    del part  # the next is added to it in its memory if it has no other name
                left = uses[parent] - 1
                if left:
                    uses[parent] = left
                else:
                    del uses[parent]
                    ready.append(parent)
    return grads


def _give(parent: Value, part: Any, passed: bool, pending: dict[Value, Any], shared: set[Value]) -> None:
    """Add a part to what a Value has received so far; ``passed`` if it is its child's gradient itself."""
    if parent in pending:
        pending[parent] = _sum(pending.pop(parent), part, parent in shared)
        shared.discard(parent)
    else:
        pending[parent] = part
        if type(part) is not float and (passed or getattr(part, "base", None) is not None):
            shared.add(parent)


def _add_at(parent: Value, index: Any, g: Any, pending: dict[Value, Any], shared: Container[Value]) -> bool:
    """Add to a part of what a Value has received so far, in its memory; False where that cannot be.

    A Value of which many parts are taken need not have a whole array of zeros added for each of them.
    """
    if parent not in pending or parent in shared or not is_basic(index):
        return False
    whole = pending.pop(parent)
    alone = type(whole) is np.ndarray and sys.getrefcount(whole) == ALONE
    if alone:
        whole[index] += g
    pending[parent] = whole
    return alone


def _parents(node: Value) -> tuple[tuple[Value, ...], Any]:
    """The parents of a Value that has any, and their numbers."""
    left, right = node._left, node._right
    if right is not None:
        return (left, right), (left._data, right._data)
    if type(left) is tuple:
        return left, [p._data for p in left]
    return (left,), (left._data,)


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
                count_uses([stand_in], uses)
    for parent in node.parents:
        uses[parent] -= 1  # used by the new graph instead
    return replayed.pop(node)


def count_uses(stack: list[Value], uses: dict[Value, int]) -> dict[Value, int]:
    """How often each Value is used on the way to those of ``stack``, where a gradient passes."""
    while stack:
        node = stack.pop()
        stamp = node._stamp
        left, right = node._left, node._right
        if left is None:
            continue
        for p in (left, right) if right is not None else left if type(left) is tuple else (left,):
            if p._stamp > stamp:
                raise stale(p)
            if p._source is not None:
                if p in uses:
                    uses[p] += 1
                else:
                    uses[p] = 1
                    if p._left is not None:
                        stack.append(p)
    return uses


def uses_towards(outputs: Iterable[Value], inputs: set[Value]) -> dict[Value, int]:
    """The same for the ways from outputs to some inputs; what leads to other leaves alone is left out."""
    uses = count_uses([*outputs], dict.fromkeys(outputs, 0))
    for x in inputs:
        if x.primitive is LINEAR and x in uses:
            _leave_out_original(x, inputs.union(outputs), uses)
    others = False
    for node in uses:
        if node._left is None:
            others = others or node not in inputs
        elif node._source.replay is not None:
            return uses  # what it leads to is not known before it is computed again
    if not others:
        return uses
    wanted = set(inputs)
    for node in reversed(_children_first(uses)):
        if any([p in wanted for p in node.parents]):
            wanted.add(node)
    found = dict.fromkeys(outputs, 0)
    for node in uses:
        if node in wanted:
            for p in node.parents:
                if p in wanted and p in uses:
                    found[p] = found.get(p, 0) + 1
    return found


def _leave_out_original(copy: Value, ends: set[Value], uses: dict[Value, int]) -> None:
    """Leave out the leaf that an input is a copy of, as are those of a transform inside another.

    Not one that is an input itself, or an output.
    """
    chain = []
    node = copy
    while node.primitive is LINEAR and node.parents[0] not in ends:
        node = node.parents[0]
        chain.append(node)
    if node.primitive is None:
        for node in chain:
            uses.pop(node, None)


def _children_first(uses: dict[Value, int]) -> list[Value]:
    """Those Values, each after all that use it."""
    left = dict(uses)
    order = [node for node in uses if not uses[node]]
    for node in order:  # it grows
        for p in node.parents:
            if p in left:
                left[p] -= 1
                if not left[p]:
                    order.append(p)
    return order


def pull_back(
    primitive: Primitive, i: int, g: Any, y: Any, xs: Any, params: dict[str, Any], mask: Mask
) -> Any:
    """The gradient that input ``i`` receives, of its shape and dtype."""
    if mask is not None and primitive.kind == "elementwise":
        # Operands of the shape of the result: a rule may not sum before the mask is applied.
        whole = [x if shape_of(x) in ((), shape_of(y)) else np.broadcast_to(x, shape_of(y)) for x in xs]
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            part = np.where(mask, call(primitive.rule(i), g, y, whole, params), 0.0)
        return _fit(part, xs[i], primitive, i)
    rule, x = (not primitive.variadic and primitive.vjps[i]) or primitive.rule(i), xs[i]
    try:
        part = rule(g, y, *xs, **params) if params else rule(g, y, *xs)
    except ArithmeticError:
        part = _ieee(rule, g, y, xs, params)
    if type(part) is np.ndarray is type(x) and part.shape == x.shape and part.dtype is x.dtype:
        return part
    return _fit(_ieee(rule, g, y, xs, params) if type(part) is complex else part, x, primitive, i)


def call(rule: Any, g: Any, y: Any, xs: Any, params: dict[str, Any]) -> Any:
    """The gradient by a rule, with IEEE results where Python's floats have none."""
    try:
        part = rule(g, y, *xs, **params)
    except ArithmeticError:  # a float divided by zero, or one that overflows
        return _ieee(rule, g, y, xs, params)
    return _ieee(rule, g, y, xs, params) if type(part) is complex else part  # a broken power of a negative


def _ieee(rule: Any, g: Any, y: Any, xs: Any, params: dict[str, Any]) -> Any:
    # Python's floats raise where IEEE arithmetic has a result: NumPy's give it, and its warning.
    g, y, *xs = [np.float64(x) if type(x) is float else x for x in (g, y, *xs)]
    return rule(g, y, *xs, **params)


def _fit(part: Any, x: Any, primitive: Primitive, i: int) -> Any:
    """Undo broadcasting and promotion; refuse a gradient that does not belong to ``x``."""
    if type(part) is type(x):
        new, old = (part._data, x._data) if type(x) is Value else (part, x)
        kind = type(new)
        if kind is type(old) and (kind is float or (new.dtype is old.dtype and new.shape == old.shape)):
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
        return part if is_traced(part) else float(part)
    return part if getattr(part, "dtype", None) == x.dtype else functions.astype(part, x.dtype)
