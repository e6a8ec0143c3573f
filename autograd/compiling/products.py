"""Products of whole arrays, element by element: computed once, and summed without being written down.

These passes change results by rounding alone: they multiply or add the same numbers in another order.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from autograd.compiling.operations import FLOATS
from autograd.compiling.program import Line, Program, Variable, variables

LONGEST = 1 << 20  # elements of float32, which BLAS adds up as they come, with a relative error of 1e-6


def with_shared_products(program: Program) -> Program:
    """``a * (b * c)`` as ``(a * b) * c`` where the forward pass has ``a * b``, and ``b * c`` one reader.

    The gradients of a product meet its factors again: of ``y = a * b`` with ``b = sigmoid(x)`` comes
    ``a * (b * (1 - b))``, which is ``y * (1 - b)``.
    """
    readers = Counter(variables(program.results))
    readers.update(v for line in program.lines for v in line.reads)
    made: dict[Variable, Line] = {}
    forward: dict[Any, Variable] = {}
    lines = []
    for old in program.lines:
        line = _shared(old, made, forward, readers) if _is_product(old) else old
        lines.append(line)
        if _is_product(line):
            made[line.output] = line
            if line.origin is None:
                forward.setdefault(frozenset(line.inputs), line.output)
    return program.with_lines(lines)


def _shared(
    line: Line, made: dict[Variable, Line], forward: dict[Any, Variable], readers: Counter[Variable]
) -> Line:
    for a, product in (line.inputs, line.inputs[::-1]):
        if product not in made or readers[product] != 1:
            continue
        for b, c in (made[product].inputs, made[product].inputs[::-1]):
            known = forward.get(frozenset((a, b)))
            if known is not None:
                return Line("multiply", (known, c), {}, line.output, line.origin, line.quiet)
    return line


def _is_product(line: Line) -> bool:
    """A product of two arrays of the shape and type of the result: nothing is repeated or converted."""
    out = line.output
    return line.op == "multiply" and not line.options and all(_is_like(x, out) for x in line.inputs)


def _is_like(x: Any, out: Variable) -> bool:
    return isinstance(x, Variable) and bool(x.shape) and (x.shape, x.dtype) == (out.shape, out.dtype)


def with_folded_numbers(program: Program, *, exact: bool = False) -> Program:
    """``2 * (0.5 * x)`` by one number: the derivatives of means and powers bring one each.

    Where it must be ``exact`` one of both is a power of two, and Python's floats take part.
    ``y + y`` counts as ``2 * y``, and what is folded is read nowhere else. Numbers near the limits of
    the type stay apart.
    """
    readers = Counter(v for line in program.lines for v in line.reads)
    readers.update(variables(program.results))
    scaled: dict[Variable, tuple[float, Variable]] = {}
    lines = []
    for old in program.lines:
        line, found = old, _as_scaled(old)
        if found is not None:
            number, x = found
            inner, source = scaled.get(x, (0.0, x))  # 0 is folded with nothing
            if readers[x] == old.reads.count(x) and _may_fold(number, inner, source, exact):
                number, x = number * inner, source
                line = Line("multiply", (number, x), {}, old.output, old.origin, old.quiet)
            scaled[line.output] = number, x
        lines.append(line)
    return program.with_lines(lines)


def _may_fold(a: float, b: float, x: Variable, exact: bool) -> bool:
    """Whether two numbers and their product lie well within the range of the array's type.

    One by one they may keep its elements in the range where their product is zero or infinite.
    """
    kind = np.finfo(x.dtype)
    low, high = math.sqrt(kind.smallest_normal), math.sqrt(kind.max)
    if not all(low <= abs(number) <= high for number in (a, b, a * b)):
        return False
    return 0.5 in (abs(math.frexp(a)[0]), abs(math.frexp(b)[0])) if exact else bool(x.shape)


def _as_scaled(line: Line) -> tuple[float, Variable] | None:
    """The number and the array of which a line is the product."""
    if line.op not in ("multiply", "add") or line.options:
        return None
    a, b = line.inputs
    if line.op == "add":
        a, b = (2.0, b) if a is b else (a, None)
    number, x = (a, b) if isinstance(b, Variable) else (b, a)
    out = line.output
    like = isinstance(x, Variable) and (x.shape, x.dtype, x.weak) == (out.shape, out.dtype, out.weak)
    plain = like and type(number) in (int, float) and math.isfinite(number)
    return (float(number), x) if plain and x.dtype in FLOATS else None


def with_inner_products(program: Program) -> Program:
    """``sum(a * b)`` as the inner product of ``a`` and ``b``, which BLAS computes in one pass.

    It comes before the product, which nobody may need any more, so that ``a`` and ``b`` live no longer.
    """
    products = {line.output for line in program.lines if _is_product(line) and _is_summable(line.output)}
    sums: dict[Variable, Line] = {}
    for line in program.lines:
        if _is_whole_sum(line) and line.inputs[0] in products:
            sums.setdefault(line.inputs[0], line)
    moved = set(sums.values())
    lines = []
    for line in program.lines:
        total = sums.get(line.output)
        if total is not None:
            lines.append(Line("vdot", line.inputs, {}, total.output, total.origin, total.quiet))
        if line not in moved:
            lines.append(line)
    return program.with_lines(lines)


def _is_summable(v: Variable) -> bool:
    return v.dtype == "float64" or (v.dtype == "float32" and v.size <= LONGEST)


def _is_whole_sum(line: Line) -> bool:
    """A sum of all elements of an array, of their type."""
    if line.op != "add.reduce" or len(line.inputs) != 1 or line.options.keys() - {"axis"}:
        return False
    x, out = line.inputs[0], line.output
    return isinstance(x, Variable) and out.shape == () and out.dtype == x.dtype
