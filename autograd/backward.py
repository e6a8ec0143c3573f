"""The backward pass: reverse-mode differentiation of a recorded graph.

From the output back to the leaves, each Value receives its whole gradient before it passes
it on: one product with the local derivative per parent, ``gradient @ Jacobian``, which is
the chain rule. Broadcasting is undone here, once for all rules.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

import numpy as np

from autograd import functions
from autograd.broadcasting import sum_to
from autograd.cuts import Mask, merge, parent_mask
from autograd.data import as_data, canonical
from autograd.errors import NoGradient, ShapeError
from autograd.floats import gradients_of_floats, stale
from autograd.primitive import Primitive
from autograd.value import NO_PARAMS, NOT_KEPT, Value, constant, describe

TWICE = "backward() ran twice through the same graph"
LEFT_OVER = "the gradient of an earlier step was not cleared"


def backward(
    output: Value, seed: Any = None, *, keep_grads: bool = False, create_graph: bool = False
) -> None:
    """Set ``.grad`` on the Values that ``output`` depends on.

    Leaves accumulate. Intermediates are set: scalars and labelled ones always, all with
    ``keep_grads=True``. Nothing is changed if an error is raised.

    Args:
        output: the Value to differentiate, a scalar unless a seed is given.
        seed: gradient of the final result with respect to ``output``, of its shape.
        keep_grads: keep the gradient of every intermediate.
        create_graph: record the pass itself, so that gradients are Values which can be
            differentiated again. ``x.grad`` then refers to ``x``, a cycle that lives until
            ``zero_grad()``; :func:`gradients` makes none.

    Raises:
        NoGradient: if ``output`` depends on nothing that requires a gradient.
        ShapeError: if it is not a scalar and there is no seed, or one of another shape.
        StaleGraph: if a recorded input was changed since.
    """
    again = output._grad is not None and output.primitive is not None
    for node, g in _all_gradients(output, seed, create_graph, None if keep_grads else _is_kept):
        if node.primitive is None:
            _accumulate(node, g, again)
        else:
            node._grad = g


def gradients(
    output: Value, inputs: list[Value], seed: Any = None, *, create_graph: bool = False
) -> list[Any]:
    """Gradients of ``output`` with respect to ``inputs``; no ``.grad`` is touched.

    An input that ``output`` does not depend on has gradient zero.

    >>> x = Value(3.0)
    >>> gradients(x * x, [x])
    [6.0]
    """
    found: dict[Value, Any] = {}
    if output.requires_grad:
        found = dict(_all_gradients(output, seed, create_graph, set(inputs).__contains__))
    for x in inputs:
        if x not in found:
            zeros = _zeros(x._data)
            found[x] = constant(zeros) if create_graph else zeros
    return [found[x] for x in inputs]


def _all_gradients(
    output: Value, seed: Any, create_graph: bool, is_kept: Callable[[Value], bool] | None
) -> Iterable[tuple[Value, Any]]:
    """Each Value on the way with its gradient; NOT_KEPT for an array that nobody asked for."""
    start = _seed(output, seed, create_graph)
    if type(start) is float:
        found = gradients_of_floats(output, start)
        if found is not None:
            return found
    return _sweep(output, start, create_graph, is_kept)


def _is_kept(node: Value) -> bool:
    return node.primitive is None or type(node._data) is float or node.label is not None


def spend(leaf: Value) -> str | None:
    """Tell that an optimizer used the gradient; gives the cause if it was an unasked sum."""
    cause = leaf._passes
    leaf._passes = "spent"
    return cause if cause in (TWICE, LEFT_OVER) else None


def _accumulate(leaf: Value, g: Any, again: bool) -> None:
    if leaf._grad is None:
        leaf._grad, leaf._passes = g, "fresh"
        return
    if leaf._passes == "spent":
        leaf._passes = LEFT_OVER
    elif again:
        leaf._passes = TWICE
    leaf._grad = leaf._grad + g


def _seed(output: Value, seed: Any, create_graph: bool) -> Any:
    """The gradient to start from, checked; a Value if the pass is to be recorded."""
    if not output.requires_grad:
        raise NoGradient(
            f"{describe(output)} requires no gradient: it depends on no Value with requires_grad=True, "
            "or was computed under no_grad()"
        )
    if seed is None:
        if output.size != 1:
            raise ShapeError(
                f"backward() needs a scalar, got {describe(output)}: "
                "reduce it with .sum() or .mean(), or give seed=, the gradient to start from"
            )
        seed = 1.0 if type(output._data) is float else np.ones(output.shape)
    if type(seed) is float is type(output._data):
        return constant(seed) if create_graph else seed
    data = as_data(seed._data if isinstance(seed, Value) else seed)
    if np.shape(data) != output.shape:
        raise ShapeError(f"seed must have the shape {output.shape} of the output, got {np.shape(data)}")
    if create_graph and isinstance(seed, Value):
        return seed
    data = data if type(output._data) is float else canonical(np.asarray(data, output.dtype))
    return constant(data) if create_graph else data


def _sweep(
    output: Value, seed: Any, create_graph: bool, is_kept: Callable[[Value], bool] | None
) -> list[tuple[Value, Any]]:
    """The general way: any graph; children before parents."""
    uses = _count_uses([output], {output: 0})
    pending: dict[Value, Any] = {output: seed}
    masks: dict[Value, Mask] = {}
    # Of the arrays in `pending`: True if others may hold it as well, False if it was made here.
    shared: dict[Value, bool] = {}
    replayed: dict[Value, Value] = {}
    grads = []
    latest = output._stamp
    ready = [output]
    while ready:
        node = ready.pop()
        g = pending.pop(node)
        others = shared.pop(node, False) if shared else False
        if node._stamp <= latest:  # else it was computed again for this pass, and is gone after it
            keep = is_kept is None or is_kept(node)
            grads.append((node, NOT_KEPT if not keep else _copy(g) if others else g))
        primitive = node.primitive
        if primitive is None:
            continue
        mask = masks.pop(node, None) if masks else None
        if primitive.replay is not None:
            node = _replay(primitive, node, uses, pending, replayed)
            primitive = node.primitive or primitive
        if mask is not None or primitive.selects is not None:
            _pass_on_masks(primitive, node, mask, masks, pending)
        elif masks:
            for parent in node.parents:
                masks.pop(parent, None)  # this path reaches every element
        if mask is None and not create_graph:
            parts = _parts(primitive, node, g)
        else:
            parts = _masked_parts(primitive, node, g, mask, create_graph)
        for parent, part in zip(node.parents, parts, strict=True):
            if part is None:
                continue
            if parent not in pending:
                pending[parent] = part
                if type(part) is not float and (part is g or getattr(part, "base", None) is not None):
                    shared[parent] = True
            else:
                _add(pending, parent, part, shared)
            uses[parent] -= 1
            if not uses[parent]:
                del uses[parent]
                ready.append(parent)
    return grads


def _add(pending: dict[Value, Any], parent: Value, part: Any, shared: dict[Value, bool]) -> None:
    """One more part of a gradient: the first sum is a new array, later ones are added in place."""
    if shared.get(parent) is False:
        pending[parent] += part
    else:
        pending[parent] = pending[parent] + part
        if type(part) is np.ndarray:
            shared[parent] = False
        else:
            shared.pop(parent, None)


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


def _parts(primitive: Primitive, node: Value, g: Any) -> list[Any]:
    """What each parent receives from ``node``; None for one that needs no gradient."""
    y, parents, params = node._data, node.parents, node.params or NO_PARAMS
    xs = [p._data for p in parents]
    rules = primitive.vjps if not primitive.variadic else [primitive.rule(i) for i in range(len(xs))]
    parts = []
    for x, parent, rule in zip(xs, parents, rules, strict=True):
        part = None
        if parent.requires_grad:
            try:
                part = (rule or primitive.rule(len(parts)))(g, y, *xs, **params)
            except ArithmeticError:
                part = _call(rule, g, y, xs, params)
            if type(part) is not type(x) or (type(x) is not float and not _alike(part, x)):
                if type(part) is complex:
                    part = _call(rule, g, y, xs, params)
                part = _fit(part, x, primitive, len(parts))
        parts.append(part)
    return parts


def _alike(part: Any, x: Any) -> bool:
    return part.shape == x.shape and part.dtype is x.dtype  # type: ignore[no-any-return]


def _masked_parts(
    primitive: Primitive, node: Value, g: Any, mask: Mask, create_graph: bool
) -> list[Any]:
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


def _copy(g: Any) -> Any:
    return g.copy() if isinstance(g, np.ndarray) else g


def _zeros(x: Any) -> Any:
    return 0.0 if type(x) is float else np.zeros_like(x)
