"""Where a program transposes: as late as possible, and inside a product rather than after it.

BLAS reads a matrix either way, so a transpose in front of a product costs nothing; one between
elementwise operations makes each of them walk through memory against its order.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from autograd.compiling.operations import is_elementwise
from autograd.compiling.program import Line, Program, Variable, variables


def with_late_transposes(program: Program) -> Program:
    """``op(a.T, b.T)`` as ``op(a, b).T``, line by line: a transpose moves until something stops it."""
    sources: dict[Any, Variable] = {}  # of what is transposed
    lines: list[Line] = []
    for line in program.lines:
        if is_transpose(line):
            sources[line.output] = line.inputs[0]
            _pass_on_gradient(line, sources)
        elif _may_move(line, sources):
            inputs = tuple(sources.get(x, x) if isinstance(x, Variable) else x for x in line.inputs)
            inner = Variable(line.output.shape[::-1], line.output.dtype)
            lines.append(Line(line.op, inputs, {}, inner, line.origin, line.quiet))
            line = Line("transpose", (inner, None), {}, line.output, line.origin)  # noqa: PLW2901
            sources[line.output] = inner
        lines.append(line)
    return program.with_lines(lines)


def with_transposed_products(program: Program) -> Program:
    """``(a @ b).T`` as ``b.T @ a.T``, and ``(c * (a @ b)).T`` alike, if nobody else reads the product."""
    readers = Counter(v for line in program.lines for v in line.reads)
    readers.update(variables(program.results))
    made = {line.output: line for line in program.lines}
    lines: list[Line] = []
    for line in program.lines:
        chain = _chain(line.inputs[0], made, readers) if is_transpose(line) else []
        lines += _transposed_chain(chain, line.output) if chain else [line]
    return program.with_lines(lines)


def _chain(x: Variable, made: dict[Variable, Line], readers: Counter[Variable]) -> list[Line]:
    """From a product to ``x``, the operations with numbers; empty if there is no such way."""
    line = made.get(x)
    if line is None or readers[x] > 1:
        return []
    if _is_product(line):
        return [line]
    arrays = [v for v in line.reads if v.shape]
    if not is_elementwise(line.op) or line.options or len(arrays) != 1:
        return []
    before = _chain(arrays[0], made, readers)
    return [*before, line] if before else []


def _transposed_chain(chain: list[Line], out: Variable) -> list[Line]:
    """The lines of a chain for transposed matrices, the last of which computes ``out``."""
    product, *rest = chain
    lines = [
        Line("transpose", (x, None), {}, Variable(x.shape[::-1], x.dtype), product.origin)
        for x in product.inputs[::-1]
    ]
    results = [*(Variable(line.output.shape[::-1], line.output.dtype) for line in chain[:-1]), out]
    factors = tuple(line.output for line in lines)
    lines.append(Line("matmul", factors, {}, results[0], product.origin, product.quiet))
    for line, (before, result) in zip(rest, pairwise(results), strict=True):
        inputs = tuple(before if isinstance(x, Variable) and x.shape else x for x in line.inputs)
        lines.append(Line(line.op, inputs, {}, result, line.origin, line.quiet))
    return lines


def is_transpose(line: Line) -> bool:
    """True for a matrix that is transposed."""
    x = line.inputs[0] if line.inputs else None
    reverses = line.op == "transpose" and line.inputs[1:] in ((), (None,)) and not line.options
    return reverses and isinstance(x, Variable) and len(x.shape) == 2


def _may_move(line: Line, sources: dict[Any, Variable]) -> bool:
    """True if every operand is transposed, or a number."""
    if not is_elementwise(line.op) or line.options:
        return False
    arrays = [x for x in line.inputs if isinstance(x, Variable) and x.shape]
    return bool(arrays) and all(x in sources and x.shape == line.output.shape for x in arrays)


def _pass_on_gradient(line: Line, sources: dict[Any, Variable]) -> None:
    """The transpose of W's gradient is the gradient of W's transpose."""
    of, x = line.output.gradient_of, line.inputs[0]
    if of in sources and x.gradient_of is None:
        x.gradient_of = sources[of]


def _is_product(line: Line) -> bool:
    matrices = [x for x in line.inputs if isinstance(x, Variable) and len(x.shape) == 2]
    return line.op == "matmul" and not line.options and len(matrices) == len(line.inputs) == 2
