"""Programs of the compiler written by hand, line by line."""

from __future__ import annotations

from typing import Any

from autograd.compiling.operations import run
from autograd.compiling.program import Line, Program, Variable


def array(*shape: int, dtype: str = "float64", name: str = "") -> Variable:
    return Variable(shape, dtype, name=name)


def number(name: str = "") -> Variable:
    return Variable((), "float64", weak=True, name=name)


def program(inputs: list[Variable], lines: list[Line], outputs: list[Any], constants: Any = None) -> Program:
    return Program(inputs, constants or {}, lines, outputs)


def line(
    op: str, *inputs: Any, shape: tuple[int, ...] = (2, 3), dtype: str = "float64", **options: Any
) -> Line:
    return Line(op, inputs, options, Variable(shape, dtype))


def operations(p: Program) -> list[str]:
    return [x.op for x in p.lines]


def evaluated(p: Program, *given: Any) -> list[Any]:
    """What a program gives, line by line."""
    numbers = dict(p.constants) | dict(zip(p.inputs, given, strict=True))
    for x in p.lines:
        numbers[x.output] = run(x, numbers)
    return [numbers[x] if isinstance(x, Variable) else x for x in p.outputs]


X, Y = array(2, 3, name="x"), array(2, 3, name="y")
