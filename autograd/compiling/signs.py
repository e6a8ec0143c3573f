"""Minus signs as late as possible, where two cancel and one becomes a subtraction; to the bit the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

from autograd.compiling.program import Line, Program, Variable, variables


def with_late_signs(program: Program) -> Program:
    """``-a * b`` as ``-(a * b)``, ``-2 * b`` for ``-(2 * b)``, ``a - b`` for ``a + -b``, line by line.

    Nothing is moved that others read, or to a larger array: no program gets longer.
    """
    readers = Counter(v for line in program.lines for v in line.reads)
    readers.update(variables(program.results))
    made: dict[Any, Line] = {}
    lines: list[Line] = []
    for old in program.lines:
        found = _signed(old, made, readers) if not old.options else [old]
        lines += found
        made |= {line.output: line for line in found}
    return program.with_lines(lines)


def _signed(line: Line, made: dict[Any, Line], readers: Counter[Variable]) -> list[Line]:
    """The lines that compute the same, the sign last."""
    out = line.output

    def like(op: str, *inputs: Any, to: Variable = out) -> Line:
        return Line(op, inputs, {}, to, line.origin, line.quiet)

    def positive(x: Any) -> Any:
        """What ``x`` is the negative of, if it is read here alone."""
        before = made.get(x) if isinstance(x, Variable) else None
        alone = before is not None and before.op == "negative" and readers[x] == 1
        return before.inputs[0] if before is not None and alone else None

    if line.op in ("add", "subtract"):
        a, b = line.inputs
        if (x := positive(b)) is not None:
            return [like("subtract" if line.op == "add" else "add", a, x)]
        if line.op == "add" and (x := positive(a)) is not None:
            return [like("subtract", b, x)]
    if line.op in ("multiply", "divide"):
        found = [positive(x) for x in line.inputs]
        inputs = [
            x if p is None or p.shape != out.shape else p for x, p in zip(line.inputs, found, strict=True)
        ]
        moved = sum(a is not b for a, b in zip(inputs, line.inputs, strict=True))
        if moved == 1:
            inner = Variable(out.shape, out.dtype, out.weak)
            readers[inner] = 1
            return [*_signed(like(line.op, *inputs, to=inner), made, readers), like("negative", inner)]
        return [like(line.op, *inputs)] if moved else [line]
    if line.op == "negative":
        before = made.get(line.inputs[0])
        if before is not None and before.op == "multiply" and readers[before.output] == 1:
            a, b = before.inputs
            if type(a) is float or type(b) is float:
                return [like("multiply", *((-a, b) if type(a) is float else (a, -b)))]
    return [line]
