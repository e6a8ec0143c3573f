"""The last pass before memory is planned: the same numbers by calls that start faster."""

from __future__ import annotations

from typing import Any

from autograd.compiling.operations import REDUCTIONS
from autograd.compiling.program import Line, Program, Variable


def lower(program: Program) -> Program:
    """Reductions as those of ufuncs; a mean as a sum, divided."""
    lines: list[Line] = []
    for line in program.lines:
        lines += _lowered(line)
    return program.with_lines(lines)


def _lowered(line: Line) -> list[Line]:
    if line.op not in REDUCTIONS and line.op != "mean":
        return [line]
    x = line.inputs[0]
    options = dict(line.options)
    axis = line.inputs[1] if len(line.inputs) > 1 else options.pop("axis", None)
    keepdims = options.pop("keepdims", False)
    if options or len(line.inputs) > 2 or not isinstance(x, Variable) or x.dtype != line.output.dtype:
        return [line]
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    short: dict[str, Any] = {"axis": axis} | ({"keepdims": True} if keepdims else {})
    if line.op != "mean":
        op = f"{REDUCTIONS[line.op]}.reduce"
        return [Line(op, (x,), short, line.output, line.origin, line.quiet)]
    if x.dtype == "float16" or not line.output.size:  # NumPy sums these in float32
        return [line]
    out = line.output
    total = Variable(out.shape, out.dtype, out.weak)
    return [
        Line("add.reduce", (x,), short, total, line.origin, line.quiet),
        Line("divide", (total, x.size // out.size), {}, out, line.origin, line.quiet),
    ]
