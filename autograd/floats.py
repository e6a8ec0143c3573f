"""The backward pass through scalars alone.

It does what ``autograd.backward`` does, for a graph of Python floats. There a pass costs no more
than the walk itself, so this one does without all that floats do not need: broadcasting, masks,
gradients that are dropped on the way, counting of uses.
"""

from __future__ import annotations

from typing import Any

from autograd.errors import StaleGraph
from autograd.value import Value, describe


def gradients_of_floats(output: Value, seed: Any) -> dict[Value, Any] | None:
    """The gradient of every Value that ``output`` depends on; None if not all of them are floats.

    None as well where Python's floats raise and IEEE arithmetic has a result.
    """
    if type(seed) is not float:
        return None
    grads = _in_order(output)
    if grads is None:
        return None
    grads[output] = seed
    try:
        for node in reversed(grads):
            g = grads[node]
            if type(g) is not float:  # a rule of NumPy's functions gives NumPy's floats
                grads[node] = g = float(g)
            a, b = node._left, node._right
            if a is None:
                continue
            rules: Any = node.primitive.vjps  # type: ignore[union-attr]
            y, x = node._data, a._data
            if b is None:
                grads[a] += rules[0](g, y, x)
                continue
            if a.requires_grad:
                grads[a] += rules[0](g, y, x, b._data)
            if b.requires_grad:
                grads[b] += rules[1](g, y, x, b._data)
    except (ArithmeticError, TypeError):  # 1/0, an overflow, or a complex power
        return None
    return grads


def _in_order(output: Value) -> dict[Value, float] | None:
    """Minus zero, to which anything can be added, for every Value: parents before children.

    A walk in depth; a None on the stack stands above a Value whose parents are done.
    """
    if output.primitive is None:
        return {}
    grads: dict[Value, float] = {}
    stack: list[Any] = [output]
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        if node is None:
            grads[pop()] = -0.0
            continue
        while node not in grads:
            if node.params is not None:
                return None
            push(node)
            push(None)
            a, b, stamp = node._left, node._right, node._stamp
            if a._stamp > stamp:
                raise stale(a)
            if b is not None:
                if b._stamp > stamp:
                    raise stale(b)
                if b.requires_grad and b not in grads:
                    if b.primitive is None:
                        grads[b] = -0.0
                    else:
                        push(b)
            if not a.requires_grad or a in grads:
                break
            if a.primitive is None:
                grads[a] = -0.0
                break
            node = a
    return grads


def stale(p: Value) -> StaleGraph:
    """The error for a Value whose numbers changed after a graph had used them."""
    return StaleGraph(
        f"the data of {describe(p)} was changed after the graph had used it, "
        "so its gradients would be wrong: compute the output again, then call backward()"
    )
