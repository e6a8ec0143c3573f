"""The statements of a program, one line after the other, with comments."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from autograd.compiling.buffers import Plan, changed_in_place
from autograd.compiling.expressions import TWICE, Expr, argument, changed, expression, writes_to
from autograd.compiling.layout import INDENT, WIDTH, statement, unpacked
from autograd.compiling.names import RESERVED, free, names_of
from autograd.compiling.operations import is_view
from autograd.compiling.pieces import is_written_in_pieces, pieces_of
from autograd.compiling.program import UPDATE, Line, Loop, Program, Rounds, Variable, variables
from autograd.compiling.rounds import statements_of

LONGEST = 72  # characters of an expression that is written inside another


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


def _kind(v: Variable) -> str:
    """The shape, and the type if it is not that of most numbers."""
    return f"{v.shape}" if v.dtype == "float64" else f"{v.shape} {v.dtype}"


PASSES = ["forward", "backward", "update"]


def _pass_of(line: Line) -> str:
    return PASSES[0 if line.origin is None else 2 if line.origin is UPDATE else 1]


def is_of_library(line: Line) -> bool:
    """True for the call of a function of this library."""
    return ":" in line.op and not is_written_in_pieces(line)


def _is_view(line: Line) -> bool:
    """True for a view of an array; the number that an array of one holds is read at once."""
    return is_view(line) and line.op != "item" and bool(line.output.shape)


class Writer:
    """The state of the emission: names, what is written inside other expressions, and the plan."""

    def __init__(
        self, program: Program, plan: Plan | None, shape: Shape, name: str,
        late: set[Variable] | None = None,
    ) -> None:  # fmt: skip
        self.program, self.plan, self.shape = program, plan or Plan(), shape
        taken = [*shape.arguments, name]
        self.parts: dict[Variable, str] = {}  # of variables that loops read or fill block by block
        self.inside: dict[Variable, Expr] = {}
        self.hidden: set[Variable] = set()  # what is written inside another line
        self.made = {line.output: line for line in program.lines if isinstance(line, Line)}
        self.once = self._used_once(in_full=plan is None)
        self.in_place = changed_in_place(program, self.once) if plan is None else {}
        found = {v for v in self.once if self._may_move(self.made[v])}  # most are written inside others
        self.late = found if late is None else late
        self.names = names_of(program, taken, self.late)
        self.used = {*RESERVED, *taken, *self.names.values()}

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
        """The name of a variable, or once the expression that is written in its place."""
        return self.inside.pop(v) if v in self.inside else ast.Name(self.names[v])

    def _used_once(self, in_full: bool) -> dict[Variable, Line]:
        """Variables without a name of the user's that one line alone reads, in the same pass, or views.

        None whose gradient has a line, if it is an array or the program is written for reading.
        """
        readers: dict[Variable, list[Line]] = {}
        for line in self.program.lines:
            for v in line.reads:
                readers.setdefault(v, []).append(line)
        kept = set(variables(self.program.results))
        made = self.made

        def is_near(v: Variable, reader: Line) -> bool:
            return v in made and (_pass_of(made[v]) == _pass_of(reader) or _is_view(made[v]))

        found = {
            v: lines[0]
            for v, lines in readers.items()
            if len(lines) == 1 and isinstance(lines[0], Line) and v not in kept and not v.name
            and is_near(v, lines[0]) and not (v.weak and lines[0].op in TWICE)
        }  # fmt: skip
        apart = {g.gradient_of for g in made if g not in found and g.gradient_of is not None}
        return {v: line for v, line in found.items() if v not in apart or not (in_full or v.shape)}

    # -- statements ------------------------------------------------------------------------------

    def body(self) -> list[str]:
        """The lines of the function."""
        lines = self._given()
        if self.plan.kinds:
            lines += unpacked([f"buf{i}" for i in range(len(self.plan.kinds))], "buffers")
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

    def _given(self) -> list[str]:
        """What the program takes, with its shapes, and how it is taken out of the arguments."""
        by_name = {self.names[v]: v for v in self.program.inputs}
        taken = []
        for text in self.shape.unpacking(list(by_name)):
            v = by_name.pop(text.partition(" = ")[0])
            taken += statement(text, f"  # {_kind(v)}" if v.shape else "")
        shapes = ", ".join(f"{name} {_kind(v)}" for name, v in by_name.items() if v.shape)
        return [*textwrap.wrap(shapes, WIDTH - INDENT, initial_indent="# ", subsequent_indent="# "), *taken]

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
        if is_written_in_pieces(line):
            first, *pieces = pieces_of(line, self.names[v], self.spell)
            return [*self._commented(first, line), *(part for text in pieces for part in statement(text))]
        out = self._target(v) if writes_to(line) else ""
        inner = {x: self.inside[x] for x in line.reads if x in self.inside}
        text = ast.unparse(expr := expression(line, self.spell, out))
        if not out and v in self.once and self._may_move(line) and len(text) <= LONGEST:
            self.inside[v] = expr
            self.hidden.add(v)
            return []
        before = []
        room = WIDTH - INDENT - len(f"{self.names[v]} = {self._comment(line)}")
        while inner and len(text) > room:
            x = max(inner, key=lambda x: len(ast.unparse(inner[x])))  # it gets a line of its own
            before += self._commented(f"{self.names[x]} = {ast.unparse(inner.pop(x))}", self.made[x])
            self.hidden.discard(x)
            self.inside |= inner
            text = ast.unparse(expression(line, self.spell, out))
        if v in self.in_place:
            self.names[v] = self.names[self.in_place[v]]
            return [*before, *self._commented(changed(self.names[v], text, bool(v.shape)), line)]
        return [*before, *self._commented(f"{self.names[v]} = {text}", line)]

    def _target(self, v: Variable) -> str:
        if v in self.plan.onto:
            return self.names[self.plan.onto[v]]
        return f"buf{self.plan.place[v]}" if v in self.plan.place else ""

    def _may_move(self, line: Line) -> bool:
        """Whether it may be computed later: always without a plan, else numbers and views alone."""
        if line.op.startswith("rng.") or line.output.dtype == "tuple" or is_written_in_pieces(line):
            return False
        planned = bool(self.plan.kinds or self.plan.onto)
        if not planned or _is_view(line):
            return True
        # What reads an array must run before the array is used again.
        return line.output.weak and not any(v.shape for v in line.reads)

    def _commented(self, text: str, line: Line, inside: bool = False) -> list[str]:
        return statement(text, self._comment(line, inside))

    def _comment(self, line: Line, inside: bool = False) -> str:
        """The shape, and for a line of the backward pass what it is the derivative of."""
        notes = []
        if line.output.shape and not inside:
            notes.append(str(line.output.shape))
        if line.origin is not None and line.origin in self.names and line.output.gradient_of is not None:
            origin = line.origin
            while origin in self.hidden:  # the line to look at is that which it is written in
                origin = self.once[origin].output
            notes.append(f"through {self.names[origin]}")
        return f"  # {' '.join(notes)}" if notes else ""

    def _ends(self) -> list[str]:
        """The changed inputs, and the results."""
        lines = []
        for old, new in self.program.updates:
            if new not in self.plan.onto and new not in self.in_place:
                target = self.names[old] + ("[...]" if old.shape else "")
                lines.append(f"{target} = {ast.unparse(argument(new, self.spell))}")
        results = [ast.unparse(argument(x, self.spell)) for x in self.program.outputs]
        results += [self.names[old] for old, _ in self.program.updates if not old.shape]
        return [*lines, "", *statement(f"return {self.shape.returning(results)}")]

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
            inner += self._commented(text, line, inside=True)
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
