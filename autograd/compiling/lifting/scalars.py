"""A graph of scalars, read as groups of like operations.

Sums are collapsed first: ``a + w1 * x1 + b + w2 * x2`` is one sum of terms however it was put
together, and its products, if there are several, are one *dot*; what is subtracted is a second sum.
Then every operation gets a level, the length of the longest way from it to the output. Operations of
one level cannot depend on each other, and like ones among them become one operation on arrays. Levels
are counted from the output, so that computations which begin at different times and end in one sum lie
side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.data import is_traced
from autograd.graph import topological_order
from autograd.primitive import Primitive
from autograd.rules.arithmetic import ADD, MULTIPLY, NEGATIVE, SUBTRACT
from autograd.value import Value

Number = int  # of a node of the graph
Kind = tuple[Any, ...]  # (primitive, parameters), SUM or DOT
SUM: Kind = ("sum",)
DOT: Kind = ("dot",)


@dataclass
class Scalars:
    """A graph of scalars, its nodes numbered, operands before what is made of them.

    Attributes:
        primitives: what made each node; None for leaves.
        operands: what each node is made of. A dot has its left factors, then its right ones.
        output: the number of the output.
        inputs: leaves that are variables, with their place among the variables.
        constants: the other leaves, with what they hold.
        same: nodes that are another node, as ``0.0 + x`` is ``x``.
        kinds: the kind of each operation that is left when sums are collapsed.
        levels: how far each node is from the output.
        params: the parameters of a kind.
    """

    primitives: list[Primitive | None]
    operands: list[Sequence[Number]]
    output: Number
    inputs: dict[Number, int] = field(default_factory=dict)
    constants: dict[Number, float] = field(default_factory=dict)
    same: dict[Number, Number] = field(default_factory=dict)
    kinds: dict[Number, Kind] = field(default_factory=dict)
    levels: dict[Number, int] = field(default_factory=dict)
    params: dict[Kind, dict[str, Any]] = field(default_factory=dict)

    def groups(self) -> dict[tuple[int, Kind], list[Number]]:
        """Operations by level and kind, the farthest from the output first; each in the order of the graph.

        On one level, dots come first.
        """
        found: dict[tuple[int, Kind], list[Number]] = {}
        for number in reversed(self.kinds):
            found.setdefault((self.levels[number], self.kinds[number]), []).append(number)
        return dict(sorted(found.items(), key=lambda group: (-group[0][0], group[0][1] is not DOT)))

    def constant(self, x: float) -> Number:
        """A new node that holds a number."""
        number = self.new(())
        self.constants[number] = x
        return number

    def new(self, operands: Sequence[Number]) -> Number:
        """A further node."""
        self.primitives.append(None)
        self.operands.append(operands)
        return len(self.operands) - 1


def read(output: Value, inputs: Sequence[Value]) -> Scalars | None:
    """The operations of a graph; None if there are others than elementwise ones, on double precision."""
    order = topological_order(output)
    given = set(inputs)
    if not all([type(v._data) is float or _is_double(v) for v in order]):
        return None
    if any([v.primitive is None and v not in given and is_traced(v._data) for v in order]):
        return None
    numbers = {v: i for i, v in enumerate(order)}
    operands: list[Sequence[Number]] = [tuple([numbers[p] for p in v.parents]) for v in order]
    scalars = Scalars([v.primitive for v in order], operands, len(order) - 1)
    places = {v: i for i, v in reversed(list(enumerate(inputs)))}
    plain: dict[Primitive, Kind] = {}  # of primitives without parameters
    for number, v in enumerate(order):
        if v in places:
            scalars.inputs[number] = places[v]
        elif v.primitive is None:
            scalars.constants[number] = float(v._data)
        elif v.primitive is not ADD:
            known = None if v.params else plain.get(v.primitive)
            kind = known or _kind(scalars, v.primitive, v.params or {})
            if kind is None:
                return None
            if not v.params:
                plain[v.primitive] = kind
            scalars.kinds[number] = kind
    _collapse(scalars)
    return scalars


def _is_double(v: Value) -> bool:
    """Whether a Value that holds no float holds a float64 all the same, or a constant that does no harm."""
    exact = v.primitive is None and np.result_type(v._data).kind in "iub"
    return v.shape == () and (exact or v.dtype == np.float64)


def _kind(scalars: Scalars, primitive: Primitive, params: dict[str, Any]) -> Kind | None:
    """The kind of an operation; None if it cannot be applied to arrays element by element."""
    if primitive.kind != "elementwise":
        return None
    plain = {
        k: p.item() if isinstance(p, (np.generic, np.ndarray)) and p.ndim == 0 else p
        for k, p in params.items()
    }
    if any(is_traced(p) for p in plain.values()):
        return None
    kind: Kind = (primitive, tuple(sorted(plain.items())))
    try:
        scalars.params.setdefault(kind, plain)
    except TypeError:  # arrays among the parameters
        return None
    return kind


def _collapse(scalars: Scalars) -> None:
    """Replace additions by sums and dots, users first, and note levels."""
    kinds, scalars.kinds = scalars.kinds, {}
    uses = [0] * len(scalars.operands)
    for operands in scalars.operands:
        for n in operands:
            uses[n] += 1
    scalars.levels[scalars.output] = 0
    for number in range(scalars.output, -1, -1):
        if number not in scalars.levels or number in scalars.inputs or scalars.primitives[number] is None:
            continue
        if _is_sum(scalars, number, uses):
            _as_sum(scalars, number, uses)
        else:
            scalars.kinds[number] = kinds[number]
            _below(scalars, scalars.operands[number], scalars.levels[number] + 1)


def _below(scalars: Scalars, numbers: Sequence[Number], level: int) -> None:
    """What is needed at a level lies there, or farther from the output."""
    levels = scalars.levels
    for n in numbers:
        if levels.get(n, -1) < level:
            levels[n] = level


def _as_sum(scalars: Scalars, number: Number, uses: list[int]) -> None:
    """Make a sum, or a difference of two sums, of an addition or subtraction and those below it."""
    plus, minus, constant = _terms(scalars, number, uses)
    if not minus:
        _sum(scalars, number, plus, constant, uses)
        return
    parts = [(minus, 0.0)] if not plus and constant == 0.0 else [(plus, constant), (minus, 0.0)]
    numbers = tuple([scalars.new(()) for _ in parts])
    kind: Kind = (SUBTRACT if len(parts) == 2 else NEGATIVE, ())
    scalars.params.setdefault(kind, {})
    scalars.kinds[number], scalars.operands[number] = kind, numbers
    _below(scalars, numbers, scalars.levels[number] + 1)
    for n, (terms, more) in zip(numbers, parts, strict=True):
        _sum(scalars, n, terms, more, uses)


def _sum(scalars: Scalars, number: Number, terms: list[Number], constant: float, uses: list[int]) -> None:
    """Let a number be the sum of terms and a constant; products among the terms become one dot."""
    level = scalars.levels[number]
    products = [n for n in terms if scalars.primitives[n] is MULTIPLY and uses[n] == 1]
    dot = []
    if len(products) > 1:
        chosen = set(products)
        dot = [scalars.new([scalars.operands[n][side] for side in (0, 1) for n in products])]
        terms = dot + [n for n in terms if n not in chosen]
        scalars.kinds[dot[0]] = DOT
    if constant != 0.0 or not terms:
        terms = [*terms, scalars.constant(constant)]
    if len(terms) == 1:
        scalars.same[number] = terms[0]
    else:
        scalars.kinds[number], scalars.operands[number] = SUM, terms
        level += 1
    _below(scalars, terms, level)
    for n in dot:
        _below(scalars, scalars.operands[n], level + 1)


def _terms(scalars: Scalars, root: Number, uses: list[int]) -> tuple[list[Number], list[Number], float]:
    """The terms of a sum from left to right: those added, those subtracted, and the numbers in one."""
    plus: list[Number] = []
    minus: list[Number] = []
    constant = 0.0
    stack = [(root, True)]
    while stack:
        n, positive = stack.pop()
        primitive = scalars.primitives[n]
        if n == root or (uses[n] == 1 and (primitive is ADD or primitive is SUBTRACT)):
            a, b = scalars.operands[n]
            stack += [(b, positive == (primitive is ADD)), (a, positive)]
        elif n in scalars.constants:
            constant += scalars.constants[n] if positive else -scalars.constants[n]
        else:
            (plus if positive else minus).append(n)
    return plus, minus, constant


def _is_sum(scalars: Scalars, number: Number, uses: list[int]) -> bool:
    """Whether an operation is an addition, or a subtraction with others below it."""
    primitive = scalars.primitives[number]
    if primitive is not SUBTRACT:
        return primitive is ADD
    below = [scalars.primitives[n] for n in scalars.operands[number] if uses[n] == 1]
    return ADD in below or SUBTRACT in below
