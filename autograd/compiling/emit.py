"""From a program to the source of a Python function that computes it with NumPy."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from autograd.compiling.buffers import Plan
from autograd.compiling.expressions import TWICE, Expr, argument, expression, may_raise, writes_to
from autograd.compiling.names import RESERVED, free, names_of
from autograd.compiling.operations import is_view
from autograd.compiling.program import UPDATE, Line, Loop, Program, Rounds, Variable, variables
from autograd.compiling.rounds import ARRAY_OF_FLOATS, statements_of


@dataclass(frozen=True)
class Shape:
    """How the caller holds what the program takes and gives.

    Attributes:
        arguments: their names.
        unpacking: from the names of the inputs to statements that take them out of the arguments.
        returning: from the results to the expression that is returned.
        functions: of this library, that these use.
        scale: name of a number by which all gradients are multiplied, if there is one.
    """

    arguments: list[str]
    unpacking: Callable[[list[str]], list[str]]
    returning: Callable[[list[str]], str]
    functions: tuple[str, ...] = ()
    scale: str = ""


LONGEST = 72  # characters of an expression that is written inside another
COMMENT_AT = 56


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
    writer = _Writer(program, plan, shape, name)
    names = writer.names
    arguments = [*shape.arguments, *(["buffers"] if plan and plan.kinds else [])]
    head = f"def {name}({', '.join(arguments)}):"
    body = writer.body()
    if program.raises:
        head = f'@np.errstate(over="raise", divide="raise", invalid="raise")\n{head}'
    elif any(line.quiet for line in writer.flat()):
        head = f'@np.errstate(over="ignore", divide="ignore", invalid="ignore")\n{head}'
    text = "\n".join([head, *(f"    {line}" if line else "" for line in body)]) + "\n"
    functions = sorted(
        {*shape.functions, *([ARRAY_OF_FLOATS] if f"{ARRAY_OF_FLOATS.split(':')[1]}(" in text else [])}
        | {line.op for line in writer.flat() if ":" in line.op or line.op.startswith("special.")}
    )
    raises = program.raises or any(may_raise(line) for line in writer.flat())
    return Source(text, names, functions, raises)


PASSES = ["forward", "backward", "update"]


def _pass_of(line: Line) -> str:
    return PASSES[0 if line.origin is None else 2 if line.origin is UPDATE else 1]


def _is_view(line: Line) -> bool:
    """True for a view of an array; the number that an array of one holds is read at once."""
    return is_view(line) and line.op != "item" and bool(line.output.shape)


class _Writer:
    """The state of the emission: names, what is written inside other expressions, and the plan."""

    def __init__(self, program: Program, plan: Plan | None, shape: Shape, name: str) -> None:
        self.program, self.plan, self.shape = program, plan or Plan(), shape
        taken = [*shape.arguments, name]
        self.names = names_of(program, taken)
        self.used = {*RESERVED, *taken, *self.names.values()}
        self.parts: dict[Variable, str] = {}  # of variables that loops read or fill block by block
        self.inside: dict[Variable, Expr] = {}
        self.once = self._used_once()

    def flat(self) -> list[Line]:
        """All lines, those of loops too."""
        found: list[Line] = []
        for line in self.program.lines:
            if isinstance(line, Line):
                found.append(line)
            else:
                found += line.body if isinstance(line, Loop) else line.lines
        return found

    def spell(self, v: Variable) -> Expr:
        return self.inside.pop(v) if v in self.inside else ast.Name(self.names[v])

    def _used_once(self) -> dict[Variable, Line]:
        """Variables without a name of the user's that one line alone reads, in the same pass, or views."""
        readers: dict[Variable, list[Line]] = {}
        for line in self.program.lines:
            for v in line.reads:
                readers.setdefault(v, []).append(line)
        kept = set(variables(self.program.results))
        made = {line.output: line for line in self.program.lines if isinstance(line, Line)}

        def is_near(v: Variable, reader: Line) -> bool:
            return v in made and (_pass_of(made[v]) == _pass_of(reader) or _is_view(made[v]))

        return {
            v: lines[0]
            for v, lines in readers.items()
            if len(lines) == 1 and isinstance(lines[0], Line) and v not in kept and not v.name
            and is_near(v, lines[0]) and not (v.weak and lines[0].op in TWICE)
        }  # fmt: skip

    # -- statements ------------------------------------------------------------------------------

    def body(self) -> list[str]:
        lines: list[str] = self.shape.unpacking([self.names[v] for v in self.program.inputs])
        if self.plan.kinds:
            names = [f"buf{i}" for i in range(len(self.plan.kinds))]
            lines.append(f"{', '.join(names)}{',' if len(names) == 1 else ''} = buffers")
        section, note = "", self._note()
        for line in self.program.lines:
            now = self._section(line)
            if now != section:
                lines += ["", f"# {now}"] if lines else [f"# {now}"]
                if PASSES[1] in now:
                    lines += note
                    note = []
                section = now
            if isinstance(line, Rounds):
                lines += statements_of(line, self.names, self.used, LONGEST)
            else:
                lines += self.loop(line) if isinstance(line, Loop) else self.statement(line)
        return [*lines, *self._ends()]

    def _note(self) -> list[str]:
        """What is to be known of the gradients."""
        return [f"# (every gradient is multiplied by {self.shape.scale})"] if self.shape.scale else []

    def _section(self, line: Line | Loop | Rounds) -> str:
        parts = line.lines if isinstance(line, (Loop, Rounds)) else [line]
        passes = sorted({_pass_of(part) for part in parts}, key=PASSES.index)
        return " and ".join(passes) + (", block by block" if isinstance(line, Loop) else "")

    def statement(self, line: Line) -> list[str]:
        """The line as a statement, or nothing if it is written inside another."""
        v = line.output
        out = self._target(v) if writes_to(line) else ""
        expr = expression(line, self.spell, out)
        if not out and v in self.once and self._may_move(line):
            text = ast.unparse(expr)
            if len(text) <= LONGEST:
                self.inside[v] = expr
                return []
        text = f"{self.names[v]} = {ast.unparse(expr)}"
        return [self._commented(text, line)]

    def _target(self, v: Variable) -> str:
        if v in self.plan.onto:
            return self.names[self.plan.onto[v]]
        return f"buf{self.plan.place[v]}" if v in self.plan.place else ""

    def _may_move(self, line: Line) -> bool:
        """Whether it may be computed later: always without a plan, else numbers and views alone."""
        if line.op.startswith("rng.") or line.output.dtype == "tuple":
            return False
        planned = bool(self.plan.kinds or self.plan.onto)
        if not planned or _is_view(line):
            return True
        # What reads an array must run before the array is used again.
        return line.output.weak and not any(v.shape for v in line.reads)

    def _commented(self, text: str, line: Line, inside: bool = False) -> str:
        """With the shape, and for a line of the backward pass what it is the derivative of."""
        notes = []
        if line.output.shape and not inside:
            notes.append(str(line.output.shape))
        if line.origin is not None and line.origin in self.names and line.output.gradient_of is not None:
            notes.append(f"through {self.names[line.origin]}")
        return f"{text:<{COMMENT_AT}}  # {' '.join(notes)}" if notes else text

    def _ends(self) -> list[str]:
        """The changed inputs, and the results."""
        lines = []
        for old, new in self.program.updates:
            if new not in self.plan.onto:
                target = self.names[old] + ("[...]" if old.shape else "")
                lines.append(f"{target} = {ast.unparse(argument(new, self.spell))}")
        results = [ast.unparse(argument(x, self.spell)) for x in self.program.outputs]
        results += [self.names[old] for old, _ in self.program.updates if not old.shape]
        return [*lines, "", f"return {self.shape.returning(results)}"]

    # -- loops -----------------------------------------------------------------------------------

    def loop(self, loop: Loop) -> list[str]:
        """The statements of a loop over blocks."""
        names, rows = self.names, min(loop.rows, loop.length)
        onto = self.plan.onto
        whole = [*loop.sliced, *(v for v in loop.kept if onto.get(v) not in loop.sliced)]
        for v in whole:
            self.parts[v] = self.parts.get(v) or free(f"{names[v]}_part", self.used)
        part = {v: self.parts[v] for v in whole}
        part |= {v: part[onto[v]] for v in loop.kept if onto.get(v) in loop.sliced}
        inner = [f"stop = min(start + {rows}, {loop.length})"]
        inner += [f"{part[v]} = {names[v]}[start:stop]" for v in whole]
        scratch = sorted({self.plan.scratch[line.output] for line in loop.lines if line.output not in part})
        if scratch and loop.length % rows:
            inner.append(f"if stop - start < {rows}:  # the last block is shorter")
            inner += [f"    buf{k} = buf{k}[: stop - start]" for k in scratch]

        def spell(v: Variable) -> Expr:
            return ast.Name(part.get(v, names[v]))

        for line in loop.body:
            if line in loop.sums:
                inner.append(f"{names[line.output]} += {ast.unparse(expression(line, spell))}")
                continue
            name = target = part.get(line.output, "")
            if not name:
                name, target = names[line.output], f"buf{self.plan.scratch[line.output]}"
            text = f"{name} = {ast.unparse(expression(line, spell, target))}"
            inner.append(self._commented(text, line, inside=True))
        head = f"for start in range(0, {loop.length}, {rows}):"
        return [*self._prepared(loop), head, *(f"    {text}" for text in inner)]

    def _prepared(self, loop: Loop) -> list[str]:
        """The arrays that a loop fills, and the sums that it adds to."""
        lines = []
        for v in loop.kept:
            if v in self.plan.onto:
                continue
            where = (
                f"buf{self.plan.place[v]}" if v in self.plan.place else f"np.empty({v.shape}, np.{v.dtype})"
            )
            lines.append(f"{self.names[v]} = {where}")
        for line in loop.sums:
            v = line.output
            number = "0.0" if v.weak else f"np.{v.dtype}(0.0)"
            lines.append(
                f"{self.names[v]} = " + (f"np.zeros({v.shape}, np.{v.dtype})" if v.shape else number)
            )
        return lines
