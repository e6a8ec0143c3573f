"""The backward pass through scalars alone.

It does what ``autograd.backward`` does, for a graph of Python floats. There a pass costs no more
than the walk itself, so this one does without all that floats do not need: broadcasting, masks,
gradients that are dropped on the way, counting of uses.

The sum so far of each gradient is in the Value itself, in ``_note``; a dict would take half of
the time. So only one pass at a time can do this; one in another thread goes the general way. Leaves
get back what was noted there.
"""

from __future__ import annotations

from _thread import allocate_lock  # threading takes its time to import
from collections.abc import Iterable
from typing import Any

from autograd import value
from autograd.errors import StaleGraph
from autograd.node import describe
from autograd.rules.arithmetic import ADD, MULTIPLY
from autograd.value import Value

_one_at_a_time = allocate_lock()


def gradients_of_floats(
    output: Value, seed: float, *, set_grads: bool = False
) -> Iterable[tuple[Value, float]] | None:
    """Each Value that ``output`` depends on, with its gradient; None if not all of them are floats.

    None as well where Python's floats raise and IEEE arithmetic has a result. With ``set_grads`` the
    gradients of results are put where they belong, and those of leaves alone are given.
    """
    if output.params is not None or not _one_at_a_time.acquire(blocking=False):
        return None
    leaves: list[tuple[Value, Any]] = []
    try:
        results = _in_order(output, leaves)
        if results is None:
            return None
        output._note = seed
        _pass_on(results)
        found = [(leaf, leaf._note) for leaf, _ in leaves]
        if not all([type(g) is float for _, g in found]):  # another thread made a note of its own
            return None
        if not set_grads:
            return found + [(node, node._note) for node in results]
        for node in results:
            node._grad = node._note
        return found
    except (ArithmeticError, TypeError):  # 1/0, an overflow, or a complex power
        return None
    finally:
        for leaf, note in leaves:
            leaf._note = note
        _one_at_a_time.release()


def _pass_on(results: list[Value]) -> None:
    """Add to the sums of each result's parents, children first.

    Sums and products are most of what there is: what their rules say is written out.
    """
    for node in reversed(results):
        g = node._note
        a, b = node._left, node._right
        primitive = node._source
        if primitive is MULTIPLY:
            if a._source is not None:
                a._note += g * b._data
            if b._source is not None:
                b._note += g * a._data
        elif primitive is ADD:
            if a._source is not None:
                a._note += g
            if b._source is not None:
                b._note += g
        elif b is None:
            part = primitive.vjps[0](g, node._data, a._data)
            a._note += part if type(part) is float else float(part)
        else:
            for p, rule in ((a, primitive.vjps[0]), (b, primitive.vjps[1])):
                if p._source is not None:  # a rule of NumPy's functions gives NumPy's floats
                    p._note += float(rule(g, node._data, a._data, b._data))


def _in_order(output: Value, leaves: list[tuple[Value, Any]]) -> list[Value] | None:
    """The results to which a gradient passes, parents before children; each leaf is added, with its note.

    A walk in depth, along first operands. A second operand whose parents are all there is added at once;
    another one waits on the stack, above the path to it, which is added after it. All that is found
    starts with a sum of minus zero, to which anything can be added without a change; that it is this
    pass's own object tells that it was found.
    """
    found, now = float("-0.0"), value._now
    results: list[Value] = []
    stack: list[Any] = [output]
    while stack:
        node = stack.pop()
        path: list[Value] = []
        if type(node) is list:
            results += reversed(node)
            continue
        while node._note is not found:
            a, b = node._left, node._right
            if a is None:
                leaves.append((node, node._note))
                node._note = found
                break
            node._note = found
            if node.params is not None:
                return None
            if node._stamp != now:
                _check_fresh(node)
            path.append(node)
            if b is not None and b._source is not None and b._note is not found:
                c, d = b._left, b._right
                if c is None:
                    leaves.append((b, b._note))
                    b._note = found
                elif (
                    (b.params is None and b._stamp == now)
                    and (c._note is found or c._source is None)
                    and (d is None or d._note is found or d._source is None)
                ):
                    b._note = found
                    results.append(b)
                else:
                    stack += (path, b)
                    path = []
            if a._source is None:
                break
            node = a
        results += reversed(path)
    return results


def _check_fresh(node: Value) -> None:
    """Refuse a result whose operands were changed since. It cannot be if nothing was."""
    for p in node.parents:
        if p._stamp > node._stamp:
            raise stale(p)


def stale(p: Value) -> StaleGraph:
    """The error for a Value whose numbers changed after a graph had used them."""
    return StaleGraph(
        f"the data of {describe(p)} was changed after the graph had used it, "
        "so its gradients would be wrong: compute the output again, then call backward()"
    )
