"""Repeated structure found: a graph of scalars becomes operations on arrays.

Whoever writes ``w * x + b`` for every neuron and sample alone records a graph of thousands of equal
operations. They are grouped (``scalars``), what each group takes is arranged as views of earlier results
(``planning``, ``places``), and sums of products in which every row meets every column are matrix
products (``products``).
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiling.lifting.planning import planned
from autograd.compiling.lifting.program import ARRAY, FLOAT, Arrangement, Lifted, Step
from autograd.compiling.lifting.scalars import read
from autograd.value import Value

__all__ = ["Arrangement", "Lifted", "Step", "lift"]


def lift(output: Value, inputs: Sequence[Value], *, always: bool = False) -> Lifted | None:
    """A graph of scalars as a program on arrays; None where that would not pay, or cannot be done.

    Args:
        output: a scalar whose graph has nothing but scalars.
        inputs: the leaves that are variables, in order.
        always: True to do it where it would not pay as well.

    >>> w = [Value(float(i)) for i in range(200)]
    >>> lifted = lift(sum(v * v for v in w), w)
    >>> [step.primitive.name for step in lifted.steps]
    ['multiply', 'sum']
    >>> lifted([1.0] * 200)
    200.0
    >>> x = w[0]
    >>> for _ in range(100):
    ...     x = (x * 0.9).tanh()
    >>> lift(x, w) is None
    True
    """
    scalars = read(output, inputs)
    if scalars is None:
        return None
    if always:
        return planned(scalars, len(inputs))
    flat = FLOAT * sum(p is not None for p in scalars.primitives)
    if ARRAY * len(scalars.groups()) >= flat:
        return None
    lifted = planned(scalars, len(inputs))
    return lifted if lifted.cost() < flat else None
