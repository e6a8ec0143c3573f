"""The compiler's representation of a program: typed, shaped, in static single assignment.

A program is a list of lines. Each line computes one variable, once, from those before it, by an
operation that has a name (NumPy's, where NumPy has the function) and options. Nothing here
computes: a tracer writes programs, passes rewrite them, an emitter turns them into source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

NUMBERS = frozenset({float, int, bool, str, type(None)})  # what holds no variables


@dataclass(eq=False, slots=True)
class Variable:
    """What a line computes, an input or a constant.

    Attributes:
        shape: length of each axis.
        dtype: name of the type of the elements; "tuple" for a function with several results.
        weak: True for a number that adapts to the type of arrays, as Python's floats do.
        name: what people call it; empty if nobody has named it.
        gradient_of: the variable whose whole gradient this is.
    """

    shape: tuple[int, ...]
    dtype: str
    weak: bool = False
    name: str = ""
    gradient_of: Variable | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        n = 1
        for length in self.shape:
            n *= length
        return n


# The origin of lines that compute new values of inputs from gradients.
UPDATE = Variable((), "update")


@dataclass(slots=True, eq=False)
class Line:
    """``output = op(*inputs, **options)``.

    Attributes:
        op: name of the operation.
        inputs: variables, numbers, and nested tuples, lists and slices of them.
        options: the same, by keyword.
        output: the variable that is computed.
        origin: for a line of the backward pass, the variable of the forward pass that it
            carries the gradient through; None in the forward pass.
        quiet: True if warnings of overflow and the like were switched off around it.
    """

    op: str
    inputs: tuple[Any, ...]
    options: dict[str, Any]
    output: Variable
    origin: Variable | None = None
    quiet: bool = False

    @property
    def reads(self) -> list[Variable]:
        """The variables that the line uses."""
        found = []
        for x in (*self.inputs, *self.options.values()) if self.options else self.inputs:
            if type(x) is Variable:  # the frequent case, without a generator
                found.append(x)
            elif type(x) not in NUMBERS:
                found += variables(x)
        return found

    @property
    def writes(self) -> list[Variable]:
        """The variable that it computes."""
        return [self.output]


@dataclass(slots=True, eq=False)
class Loop:
    """Lines that are run block by block along the first axis, so that a block stays in the cache.

    Attributes:
        lines: what is computed for each block; their variables have the shapes of the whole.
        length: of the first axis.
        rows: of a block.
        sliced: variables from outside that are read block by block.
        kept: variables of the lines that are needed outside.
        sums: lines that sum over the first axis, whose results add up over the blocks.
    """

    lines: list[Line]
    length: int
    rows: int
    sliced: list[Variable]
    kept: list[Variable]
    sums: list[Line]

    @property
    def body(self) -> list[Line]:
        """All lines of a block in order: each sum as soon as what it adds up is there."""
        place = {line.output: i for i, line in enumerate(self.lines)}
        after = [(max(place.get(v, 0) for v in line.reads), line) for line in self.sums]
        return [
            part
            for i, line in enumerate(self.lines)
            for part in (line, *(total for k, total in after if k == i))
        ]

    @property
    def reads(self) -> list[Variable]:
        """The variables from outside."""
        inside = {line.output for line in self.lines}
        return [v for line in self.body for v in line.reads if v not in inside]

    @property
    def writes(self) -> list[Variable]:
        """The variables that are there afterwards."""
        return [*self.kept, *(line.output for line in self.sums)]


@dataclass(slots=True, eq=False)
class Rounds:
    """Lines on numbers that are run again and again, each round with results of the one before.

    Attributes:
        lines: of one round.
        length: number of rounds.
        carried: (before, first, after): what a variable of the lines is in the first round, and the
            variable that it is in the next.
        sliced: (item, array): a variable that is an array's next number in each round.
        kept: (variable, array): the results of all rounds, as an array. That of a carried variable
            begins with its first value.
        last: (variable, outside): what is needed of the last round.
    """

    lines: list[Line]
    length: int
    carried: list[tuple[Variable, Any, Variable]]
    sliced: list[tuple[Variable, Variable]]
    kept: list[tuple[Variable, Variable]]
    last: list[tuple[Variable, Variable]]

    @property
    def reads(self) -> list[Variable]:
        """The variables from outside."""
        inside = {line.output for line in self.lines}
        inside |= {v for v, *_ in [*self.carried, *self.sliced]}
        outside = [v for line in self.lines for v in line.reads if v not in inside]
        return [*variables([first for _, first, _ in self.carried]), *(x for _, x in self.sliced), *outside]

    @property
    def writes(self) -> list[Variable]:
        """The variables that are there afterwards."""
        return [v for _, v in [*self.kept, *self.last]]


@dataclass(slots=True)
class Program:
    """Lines between inputs and outputs.

    Attributes:
        inputs: variables that the caller gives.
        constants: variables whose numbers are known, with them.
        lines: in the order of computation.
        outputs: variables, or numbers that were found to be constant.
        updates: (input, new value): inputs that the program changes in place at its end.
        raises: True if its arrays stand for Python's floats, which raise where NumPy has infinity or NaN.
    """

    inputs: list[Variable]
    constants: dict[Variable, Any]
    lines: list[Line]
    outputs: list[Any]
    updates: list[tuple[Variable, Any]] = field(default_factory=list)
    raises: bool = False

    @property
    def results(self) -> list[Any]:
        """Everything that must be computed: the outputs, and the new values of inputs."""
        return [*self.outputs, *(new for _, new in self.updates)]

    def with_lines(self, lines: list[Line]) -> Program:
        """The same program, computed by other lines."""
        return Program(self.inputs, self.constants, lines, self.outputs, self.updates)

    def renamed(self, lines: list[Line], instead: dict[Variable, Any]) -> Program:
        """The same with other lines, and other variables in the results."""
        outputs = [substituted(x, instead) for x in self.outputs]
        updates = [(old, substituted(new, instead)) for old, new in self.updates]
        return Program(self.inputs, self.constants, lines, outputs, updates)

    def __str__(self) -> str:
        names: dict[Variable, str] = {}
        for v in [*self.inputs, *self.constants, *(line.output for line in self.lines)]:
            names[v] = v.name or f"v{len(names)}"
        text = [f"inputs {', '.join(names[v] for v in self.inputs)}"]
        for line in self.lines:
            options = [f"{key}={_shown(x, names)}" for key, x in line.options.items()]
            arguments = ", ".join([*(_shown(x, names) for x in line.inputs), *options])
            out = line.output
            text.append(f"{names[out]} = {line.op}({arguments})  # {out.shape} {out.dtype}")
        return "\n".join([*text, f"outputs {', '.join(_shown(x, names) for x in self.results)}"])


def variables(x: Any) -> Iterator[Variable]:
    """The variables in nested tuples, lists and slices."""
    if isinstance(x, Variable):
        yield x
    elif isinstance(x, (tuple, list)):
        for item in x:
            yield from variables(item)
    elif isinstance(x, slice):
        yield from variables((x.start, x.stop, x.step))


def mapped(f: Callable[[Variable], Any], x: Any) -> Any:
    """The same containers with ``f`` applied to each variable."""
    if isinstance(x, Variable):
        return f(x)
    if isinstance(x, (tuple, list)):
        return type(x)([mapped(f, item) for item in x])
    if isinstance(x, slice):
        return slice(mapped(f, x.start), mapped(f, x.stop), mapped(f, x.step))
    return x


def substituted(x: Any, instead: dict[Variable, Any]) -> Any:
    """The same with other variables, or numbers, in the place of some."""
    return mapped(lambda v: instead.get(v, v), x)


def rewritten(line: Line, instead: dict[Variable, Any]) -> Line:
    """A line that reads other variables."""
    if not any(v in instead for v in line.reads):
        return line
    inputs = substituted(line.inputs, instead)
    options = {key: substituted(x, instead) for key, x in line.options.items()}
    return Line(line.op, inputs, options, line.output, line.origin, line.quiet)


def _shown(x: Any, names: dict[Variable, str]) -> str:
    if isinstance(x, Variable):
        return names.get(x, "?")
    if isinstance(x, (tuple, list)):
        return f"[{', '.join(_shown(item, names) for item in x)}]"
    return repr(x)
