"""The last passes over a rolled program."""

from __future__ import annotations

from collections import Counter
from typing import Any

from autograd.compiling.program import Line, Program, Rounds, Variable, variables

MANY = 5  # one element by itself costs as much as this many in a list


def with_lists(program: Program) -> Program:
    """Arrays of which many elements are read one by one as lists."""
    lines: list[Line | Rounds] = [*program.lines]
    reads = Counter(line.inputs[0] for line in lines if _is_element(line))  # type: ignore[union-attr]
    lists: dict[Variable, Variable] = {}
    new: list[Line | Rounds] = []
    for line in lines:
        if not isinstance(line, Line) or not _is_element(line):
            new.append(line)
            continue
        array, i = line.inputs
        if reads[array] * MANY < array.size:
            new.append(line)
            continue
        if array not in lists:
            lists[array] = Variable((), "list")
            new.append(Line("tolist", (array,), {}, lists[array], line.origin))
        new.append(Line("item", (lists[array], i), {}, line.output, line.origin))
    return program.with_lines(new)  # type: ignore[arg-type]


def _is_element(line: Line | Rounds) -> bool:
    return isinstance(line, Line) and line.op == "getitem" and isinstance(line.inputs[1], int)


def without_unread(program: Program) -> Program:
    """Without the lines, and the results of loops, that nobody reads."""
    wanted = set(variables(program.results))
    lines: list[Any] = []
    for line in reversed(program.lines):
        if isinstance(line, Rounds):
            line.kept = [pair for pair in line.kept if pair[1] in wanted]
            line.last = [pair for pair in line.last if pair[1] in wanted]
        if wanted.intersection(line.writes):
            lines.append(line)
            wanted.update(line.reads)
    return program.with_lines(lines[::-1])
