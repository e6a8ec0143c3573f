"""From a program to the source of a Python function that computes it with NumPy."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.compiling.buffers import Plan
from autograd.compiling.expressions import may_raise
from autograd.compiling.layout import WIDTH, wrapped
from autograd.compiling.program import Program, Variable
from autograd.compiling.rounds import ARRAY_OF_FLOATS
from autograd.compiling.writer import Shape, Writer, is_of_library

__all__ = ["Shape", "Source", "emit"]


MANY = 1000  # lines of a program that nobody reads as a whole


@dataclass
class Source:
    """The text of a function.

    Attributes:
        text: ``def name(inputs..., buffers): ...``.
        names: of the variables.
        functions: functions of the library that it calls, ``module:function``.
        raises: True if it may raise where NumPy has an infinity or NaN.
    """

    text: str
    names: dict[Variable, str]
    functions: list[str] = field(default_factory=list)
    raises: bool = False


def emit(program: Program, name: str, shape: Shape, plan: Plan | None = None) -> Source:
    """The program as a function of the caller's arguments; with a plan, also of ``buffers``."""
    writer = Writer(program, plan, shape, name)
    names = writer.names
    arguments = [*shape.arguments, *(["buffers"] if plan and plan.kinds else [])]
    head = f"def {name}({', '.join(arguments)}):"
    body = writer.body()
    unnamed = writer.hidden | set(writer.in_place)
    if writer.late != unnamed and len(program.lines) <= MANY:  # numbers without gaps
        writer = Writer(program, plan, shape, name, unnamed)
        names, body = writer.names, writer.body()
    decorators = []
    if program.raises:
        decorators = ['@np.errstate(over="raise", divide="raise", invalid="raise")']
    elif any(line.quiet for line in writer.flat()):
        decorators = ['@np.errstate(over="ignore", divide="ignore", invalid="ignore")']
    lines = wrapped(head, WIDTH - len("=BUFFERS"))  # which may come behind buffers
    text = "\n".join([*decorators, *lines, *(f"    {line}" if line else "" for line in body)]) + "\n"
    functions = sorted(
        {*shape.functions, *([ARRAY_OF_FLOATS] if f"{ARRAY_OF_FLOATS.split(':')[1]}(" in text else [])}
        | {line.op for line in writer.flat() if is_of_library(line) or line.op.startswith("special.")}
    )
    raises = program.raises or any(may_raise(line) for line in writer.flat())
    return Source(text, names, functions, raises)
