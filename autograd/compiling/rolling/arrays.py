"""Repeats written anew: arrays that hold a result of every round, and loops for what needs them in turn."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

import numpy as np

from autograd.compiling.program import Line, Program, Rounds, Variable, rewritten, variables
from autograd.compiling.rolling.parts import Part, parts_of
from autograd.compiling.rolling.repeats import Repeat

PRODUCTS = f"{__package__}.running:running_products"


class Writer:
    """The program as far as it is written.

    Attributes:
        lines: so far.
        constants: of the program, and those of numbers that differ from round to round.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines: list[Line | Rounds] = []
        self.constants = dict(program.constants)
        self._instead: dict[Variable, Any] = {}  # for a variable of a repeat, that which holds its number
        self._place: dict[Variable, tuple[Variable, int]] = {}  # the array that has it, and where
        self._held: dict[Variable, list[tuple[Variable, int]]] = {}  # every array that has it
        self._content: dict[Variable, list[Any]] = {}  # of those arrays
        self._stacked: dict[Any, Any] = {}
        self._origin: Variable | None = None  # of the line that is being written
        self._readers = Counter(v for line in program.lines for v in line.reads)
        self._readers.update(variables(program.results))

    def copy(self, lines: list[Line]) -> None:
        """Lines that stay as they are, but for what they read of repeats."""
        for line in lines:
            self._origin = line.origin
            for v in line.reads:
                self._number(v)
            self.lines.append(rewritten(line, self._instead))

    def finished(self) -> Program:
        """The new program."""
        for v in variables(self.program.results):
            self._number(v)
        program = Program(self.program.inputs, self.constants, [], self.program.outputs, self.program.updates)
        return program.renamed(self.lines, self._instead)  # type: ignore[arg-type]

    def roll(self, repeat: Repeat) -> None:
        """Every part of a repeat."""
        for part in parts_of(repeat):
            self._origin = repeat.blocks[0][part.positions[0]].origin
            if part.kind == "elementwise":
                self._elementwise(repeat, part.positions[0])
            elif part.kind == "product":
                self._product(repeat, part.positions)
            elif part.kind == "sum" and self._only_total(repeat, part.positions[0]):
                self._sum(repeat, part.positions[0])
            else:
                self._rounds(repeat, part)

    # -- parts -----------------------------------------------------------------------------------

    def _elementwise(self, repeat: Repeat, k: int) -> None:
        outputs = [block[k].output for block in repeat.blocks]
        line = repeat.blocks[0][k]
        inputs = tuple(self.stacked(_operand(repeat, k, i)) for i in range(len(line.inputs)))
        if not any(isinstance(x, Variable) and x.shape for x in inputs):  # the same in every round
            self.lines.append(Line(line.op, inputs, {}, outputs[0], line.origin))
            self._instead.update(dict.fromkeys(outputs[1:], outputs[0]))
            return
        out = Variable((len(outputs),), line.output.dtype)
        self.lines.append(Line(line.op, inputs, {}, out, line.origin))
        self._hold(out, outputs, outputs)

    def _product(self, repeat: Repeat, positions: tuple[int, ...]) -> None:
        factors = []
        first: Any = 1.0
        for k in positions:
            own = [x is not None and x[0] in positions for x in repeat.structure[k]]
            factors.append(self.stacked(_operand(repeat, k, own.index(False))))
            if k == positions[0]:
                first = self._number(repeat.blocks[0][k].inputs[own.index(True)])
        whole, rounds = Variable((), "tuple"), len(repeat.blocks)
        origin = repeat.blocks[0][positions[0]].origin
        self.lines.append(Line(PRODUCTS, (first, tuple(factors), rounds), {}, whole, origin))
        for i, k in enumerate(positions):
            out = Variable((rounds,), "float64")
            self.lines.append(Line("item", (whole, i), {}, out, origin))
            outputs = [block[k].output for block in repeat.blocks]
            self._hold(out, outputs, outputs)

    def _only_total(self, repeat: Repeat, k: int) -> bool:
        """Whether nobody but the next round reads a running sum, and what is added is an array."""
        i = repeat.structure[k].index((k, 1))
        added = self.stacked(_operand(repeat, k, 1 - i))
        alone = all(self._readers[block[k].output] == 1 for block in repeat.blocks[:-1])
        return alone and isinstance(added, Variable) and bool(added.shape)

    def _sum(self, repeat: Repeat, k: int) -> None:
        line, last = repeat.blocks[0][k], repeat.blocks[-1][k]
        i = repeat.structure[k].index((k, 1))
        added = self.stacked(_operand(repeat, k, 1 - i))
        total = Variable((), "float64", weak=True)
        self.lines.append(self._total(added, total, line.origin))
        first = self._number(line.inputs[i])
        self.lines.append(Line("add", (first, total), {}, last.output, last.origin))

    def _total(self, x: Variable, total: Variable, origin: Any) -> Line:
        """The sum of an array; of a product that is new, as a product of vectors."""
        made = next((line for line in reversed(self.lines) if x in line.writes), None)
        if isinstance(made, Line) and made.op == "multiply" and all(
            isinstance(v, Variable) and v.shape for v in made.inputs
        ):  # fmt: skip
            return Line("dot", made.inputs, {}, total, origin)
        return Line("add.reduce", (x,), {}, total, origin)

    def _rounds(self, repeat: Repeat, part: Part) -> None:
        """A loop over lines that need each other."""
        first, positions = repeat.blocks[0], sorted(part.positions)
        rounds = Rounds([], len(repeat.blocks), [], [], [], [])
        carried: dict[Any, Variable] = {}
        items: dict[Variable, Variable] = {}
        starts: dict[int, Any] = {}
        for k in positions:
            inputs: list[Any] = []
            for i, x in enumerate(first[k].inputs):
                j, back = repeat.structure[k][i] or (-1, 0)
                if j not in positions:
                    inputs.append(_item(self.stacked(_operand(repeat, k, i)), items))
                elif not back:
                    inputs.append(x)
                else:
                    if (j, _key(x)) not in carried:
                        carried[j, _key(x)] = before = Variable((), first[j].output.dtype, weak=True)
                        rounds.carried.append((before, self._number(x), first[j].output))
                        starts.setdefault(j, x)
                    inputs.append(carried[j, _key(x)])
            rounds.lines.append(Line(first[k].op, tuple(inputs), {}, first[k].output, first[k].origin))
        rounds.sliced = [(item, array) for array, item in items.items()]
        for k in positions:
            self._keep(
                rounds, [block[k].output for block in repeat.blocks], [starts[k]] if k in starts else []
            )
        self.lines.append(rounds)

    def _keep(self, rounds: Rounds, outputs: list[Variable], start: list[Any]) -> None:
        """All results of a line in a loop as an array, and the last by itself."""
        array = Variable((len(start) + len(outputs),), outputs[0].dtype)
        rounds.kept.append((outputs[0], array))
        self._hold(array, [*start, *outputs], outputs)
        end = Variable((), outputs[-1].dtype, weak=True, name=outputs[-1].name)
        rounds.last.append((outputs[0], end))
        self._instead[outputs[-1]] = end

    # -- arrays ----------------------------------------------------------------------------------

    def _hold(self, array: Variable, content: list[Any], outputs: list[Variable]) -> None:
        """Remember what an array holds: ``content``, of which ``outputs`` are nowhere else."""
        self._content[array] = content
        for i, v in enumerate(content):
            if isinstance(v, Variable):
                self._held.setdefault(v, []).append((array, i))
        before = len(content) - len(outputs)
        self._place.update({v: (array, before + i) for i, v in enumerate(outputs)})

    def _number(self, x: Any) -> Any:
        """What a variable of the old program is in the new one, by itself."""
        if isinstance(x, Variable) and x in self._place and x not in self._instead:
            out = Variable((), x.dtype, weak=True, name=x.name, gradient_of=x.gradient_of)
            self.lines.append(Line("getitem", self._place[x], {}, out, self._origin))
            self._instead[x] = out
        return self._instead.get(x, x) if isinstance(x, Variable) else x

    def stacked(self, xs: list[Any]) -> Any:
        """One array of variables and numbers; if all are the same, that one."""
        key = tuple([_key(x) for x in xs])
        if key not in self._stacked:
            same = all(k == key[0] for k in key)
            self._stacked[key] = self._number(xs[0]) if same else self._joined(self._pieces(xs))
        return self._stacked[key]

    def _pieces(self, xs: list[Any]) -> list[Any]:
        """Arrays, and numbers by themselves, that are together ``xs``."""
        pieces: list[Any] = []
        i = 0
        while i < len(xs):
            array, start, step, count = self._longest(xs, i)
            if count > 1:
                pieces.append(self._part_of(array, start, step, count))
            else:
                pieces.append(self._number(xs[i]))
            i += count
        return pieces

    def _longest(self, xs: list[Any], i: int) -> tuple[Any, int, int, int]:
        """The array that holds the most of what comes from ``i`` on: where, in which direction, how much."""
        best: tuple[Any, int, int, int] = (None, 0, 1, 1)
        for array, start in self._held.get(xs[i], []) if isinstance(xs[i], Variable) else []:
            for step in (1, -1):
                count = _in_common(xs, i, self._content[array], start, step)
                if count > best[3]:
                    best = array, start, step, count
        return best

    def _part_of(self, array: Variable, start: int, step: int, count: int) -> Variable:
        if (start, step, count) == (0, 1, array.shape[0]):
            return array
        stop = start + step * count
        part = slice(start or None, stop if 0 <= stop < array.shape[0] else None, None if step == 1 else step)
        if step == -1 and start == array.shape[0] - 1:
            part = slice(None, part.stop, -1)
        out = Variable((count,), array.dtype)
        self.lines.append(Line("getitem", (array, part), {}, out, self._origin))
        return out

    def _joined(self, pieces: list[Any]) -> Variable:
        """One array; numbers next to each other become one first."""
        arrays: list[Variable] = []
        for are_arrays, group in groupby(pieces, lambda x: isinstance(x, Variable) and bool(x.shape)):
            same = tuple(group)
            arrays += same if are_arrays else [self._array(same)]
        if len(arrays) == 1:
            return arrays[0]
        out = Variable((sum(a.shape[0] for a in arrays),), arrays[0].dtype)
        self.lines.append(Line("concatenate", (tuple(arrays),), {}, out, self._origin))
        return out

    def _array(self, numbers: tuple[Any, ...]) -> Variable:
        dtypes = {x.dtype if isinstance(x, Variable) else "float64" for x in numbers}
        out = Variable((len(numbers),), "bool" if dtypes == {"bool"} else "float64")
        if any(isinstance(x, Variable) for x in numbers):
            self.lines.append(Line("array", (numbers,), {}, out, self._origin))
        else:
            self.constants[out] = np.array(numbers, np.float64)
        return out


def _operand(repeat: Repeat, k: int, i: int) -> list[Any]:
    """Operand ``i`` of line ``k``, in every round."""
    return [block[k].inputs[i] for block in repeat.blocks]


def _in_common(xs: list[Any], i: int, content: list[Any], start: int, step: int) -> int:
    """How many of ``xs`` from ``i`` on are those of ``content`` from ``start`` on, in a direction."""
    n = 0
    while i + n < len(xs) and 0 <= start + step * n < len(content) and xs[i + n] is content[start + step * n]:
        n += 1
    return n


def _item(x: Any, items: dict[Variable, Variable]) -> Any:
    """What stands for an operand inside of a loop: for an array, its next number."""
    if not isinstance(x, Variable) or not x.shape:
        return x
    return items.setdefault(x, Variable((), x.dtype, weak=True))


def _key(x: Any) -> Any:
    return x if isinstance(x, Variable) else (type(x), repr(x))
