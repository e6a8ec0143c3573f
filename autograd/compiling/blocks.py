"""Chains of elementwise operations on large arrays, run block by block.

A chain over whole arrays reads and writes main memory at every step; over blocks of a hundred
thousand elements or so, everything between its first and last step stays in the cache.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from autograd.compiling.operations import is_elementwise
from autograd.compiling.program import Line, Loop, Program, Variable, variables

BLOCK = 1 << 19  # bytes of a block of each array, at most; smaller ones cost more calls than the cache saves
LARGE = 1 << 18  # elements of arrays that are worth it
HEAVY = {"dot", "matmul", "einsum", "tensordot"}
FEWEST = 3  # lines of a loop


def in_blocks(program: Program) -> Program:
    """The program with loops where they pay."""
    readers: dict[Variable, int] = {}
    for v in [*variables(program.results), *(v for line in program.lines for v in line.reads)]:
        readers[v] = readers.get(v, 0) + 1
    lines: list[Line | Loop] = []
    segment: list[Line | Loop] = []
    for line in program.lines:
        segment.append(line)
        if line.op in HEAVY or ":" in line.op:  # nothing is moved across: it would live longer
            lines += _segment_in_blocks(segment, readers)
            segment = []
    lines += _segment_in_blocks(segment, readers)
    return program.with_lines(lines)  # type: ignore[arg-type]


def _segment_in_blocks(lines: list[Line | Loop], readers: dict[Variable, int]) -> list[Line | Loop]:
    shapes = dict.fromkeys(
        line.output.shape
        for line in lines
        if isinstance(line, Line) and is_elementwise(line.op) and line.output.size >= LARGE
    )
    for shape in shapes:
        lines = _with_loops(lines, shape, readers)
    return lines


def _with_loops(
    lines: list[Line | Loop], shape: tuple[int, ...], readers: dict[Variable, int]
) -> list[Line | Loop]:
    """Every loop over arrays of one shape, one after the other."""
    before: list[Line | Loop] = []
    rest = lines
    while True:
        start, inside, sums, after = _region(rest, shape)
        if len(inside) + len(sums) < FEWEST:
            if not inside:
                return before + rest
            # Too short: leave its first line where it is and look on behind it.
            place = rest.index(inside[0]) + 1
            before, rest = before + rest[:place], rest[place:]
            continue
        loop = _loop(inside, sums, readers, shape)
        # What comes behind its last line stays there.
        order = {id(line): i for i, line in enumerate(rest)}
        end = max(order[id(line)] for line in [*inside, *sums])
        first = [line for line in start if order[id(line)] < end]
        later = sorted(
            [*(line for line in start if order[id(line)] > end), *after], key=lambda x: order[id(x)]
        )
        before, rest = [*before, *first, loop], later


def _region(
    lines: list[Line | Loop], shape: tuple[int, ...]
) -> tuple[list[Line | Loop], list[Line], list[Line], list[Line | Loop]]:
    """Lines before a loop, in it, its sums, and lines after it.

    A line that needs a whole result of the loop comes after it, and so does all that needs it.
    """
    start: list[Line | Loop] = []
    inside: list[Line] = []
    sums: list[Line] = []
    after: list[Line | Loop] = []
    made: set[Variable] = set()
    late: set[Variable] = set()
    for line in lines:
        reads = line.reads
        if any(v in late for v in reads):
            after.append(line)
            late.update(line.writes)
        elif isinstance(line, Line) and _fits(line, shape, made):
            inside.append(line)
            made.add(line.output)
        elif isinstance(line, Line) and _is_sum(line, shape, made):
            sums.append(line)
            late.add(line.output)
        elif any(v in made for v in reads):
            after.append(line)
            late.update(line.writes)
        else:
            start.append(line)
    return start, inside, sums, after


def _fits(line: Line, shape: tuple[int, ...], made: set[Variable]) -> bool:
    """An elementwise line of the shape, whose operands have the shape or repeat along the first axis."""
    if not is_elementwise(line.op) or line.output.shape != shape or line.options:
        return False
    return all(v in made or _repeats(v, shape) or v.shape == shape for v in line.reads)


def _repeats(v: Variable, shape: tuple[int, ...]) -> bool:
    return len(v.shape) < len(shape) or v.shape[0] == 1


def _is_sum(line: Line, shape: tuple[int, ...], made: set[Variable]) -> bool:
    """A sum over the first axis, or over all, of what the loop computes; an inner product with it."""
    if line.op == "vdot":
        return any(v in made for v in line.reads) and all(v.shape == shape for v in line.reads)
    if line.op not in ("sum", "add.reduce") or not line.reads or line.reads[0] not in made:
        return False
    x, out = line.reads[0], line.output
    axis = line.options.get("axis", line.inputs[1] if len(line.inputs) > 1 else None)
    if x.dtype != out.dtype or line.options.get("keepdims"):
        return False
    return axis is None or axis in (0, (0,)) or axis == tuple(range(len(shape)))


def _loop(inside: list[Line], sums: list[Line], readers: dict[Variable, int], shape: tuple[int, ...]) -> Loop:
    inside = _arranged(inside, sums)
    made = {line.output for line in inside}
    own = Counter(v for line in [*inside, *sums] for v in line.reads)
    wanted = {v for v in made if readers.get(v, 0) > own[v]}
    sliced = dict.fromkeys(
        v for line in [*inside, *sums] for v in line.reads if v not in made and v.shape == shape
    )
    row = 1
    for n in shape[1:]:
        row *= n
    kept = [line.output for line in inside if line.output in wanted]
    width = max(np.dtype(line.output.dtype).itemsize for line in inside)
    blocks = math.ceil(shape[0] / max(1, BLOCK // (width * row)))
    return Loop(inside, shape[0], math.ceil(shape[0] / blocks), list(sliced), kept, sums)


def _arranged(inside: list[Line], sums: list[Line]) -> list[Line]:
    """The lines in an order in which results are read for the last time soon.

    A line that reads a result last comes before others: it can write over it, and takes no other array.
    """
    waiting = [*sums, *inside]
    own = {line.output for line in inside}
    readers = Counter(v for line in waiting for v in set(line.reads) & own)
    there: set[Variable] = set()
    lines = []
    while waiting:
        ready = [line for line in waiting if set(line.reads) & own <= there]
        line = next((x for x in ready if x in sums or any(readers[v] == 1 for v in x.reads)), ready[0])
        waiting.remove(line)
        readers.subtract(set(line.reads) & own)
        there.add(line.output)
        if line not in sums:
            lines.append(line)
    return lines
