"""The backward pass through scalars alone.

It does what ``autograd.backward`` does, for a graph of Python floats. There a pass costs no more
than the walk itself, so this one does without all that floats do not need: broadcasting, masks,
gradients that are dropped on the way, counting of uses.

The sum so far of each gradient is in the Value itself, in ``_running``; a dict would take half of
the time. So only one pass at a time can do this; one in another thread goes the general way.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from autograd.errors import StaleGraph
from autograd.value import Value, describe

_one_at_a_time = threading.Lock()


def gradients_of_floats(output: Value, seed: float) -> Iterable[tuple[Value, float]] | None:
    """Each Value that ``output`` depends on, with its gradient; None if not all of them are floats.

    None as well where Python's floats raise and IEEE arithmetic has a result.
    """
    if output.params is not None or not _one_at_a_time.acquire(blocking=False):
        return None
    try:
        nodes = _in_order(output)
        if nodes is None:
            return None
        output._running = seed
        _pass_on(nodes)
        return zip(nodes, [node._running for node in nodes], strict=True)
    except (ArithmeticError, TypeError):  # 1/0, an overflow, or a complex power
        return None
    finally:
        _one_at_a_time.release()


def _pass_on(nodes: list[Value]) -> None:
    """Add to the sums of each Value's parents, children first."""
    for node in reversed(nodes):
        g = node._running
        if type(g) is not float:  # a rule of NumPy's functions gives NumPy's floats
            node._running = g = float(g)
        a, b = node._left, node._right
        if a is None:
            continue
        rules: Any = node.primitive.vjps  # type: ignore[union-attr]
        if b is None:
            a._running += rules[0](g, node._data, a._data)
            continue
        if a.requires_grad:
            a._running += rules[0](g, node._data, a._data, b._data)
        if b.requires_grad:
            b._running += rules[1](g, node._data, a._data, b._data)


def _in_order(output: Value) -> list[Value] | None:
    """Every Value to which a gradient passes, parents before children, with a sum of minus zero.

    A walk in depth; a None on the stack stands above a Value whose parents are done. The zero is
    an object of this pass's own, so that it tells as well which Values have been visited.
    """
    zero = float("-0.0")  # to which anything can be added without a change
    order: list[Value] = []
    stack: list[Any] = [output]
    pop, push, done = stack.pop, stack.append, order.append
    while stack:
        node = pop()
        if node is None:
            done(pop())
            continue
        while node._running is not zero:
            node._running = zero
            a, b, stamp = node._left, node._right, node._stamp
            if a is None:
                done(node)
                break
            if node.params is not None:
                return None
            push(node)
            push(None)
            if a._stamp > stamp:
                raise stale(a)
            if b is not None:
                if b._stamp > stamp:
                    raise stale(b)
                if b.requires_grad and b._running is not zero:
                    push(b)
            if not a.requires_grad:
                break
            node = a
    return order


def stale(p: Value) -> StaleGraph:
    """The error for a Value whose numbers changed after a graph had used them."""
    return StaleGraph(
        f"the data of {describe(p)} was changed after the graph had used it, "
        "so its gradients would be wrong: compute the output again, then call backward()"
    )
