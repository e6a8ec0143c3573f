"""Memory: which line writes into which array, so that arrays are allocated once and used again.

Fresh arrays cost page faults, which small and medium programs feel most. A variable lives from
the line that computes it to the last one that reads it, or a view of it; then its array is free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from autograd.compiling.expressions import writes_to
from autograd.compiling.operations import VIEWS_OF_SEVERAL, is_elementwise, may_raise, roots_of
from autograd.compiling.program import Line, Loop, Program, Variable, variables

Kind = tuple[tuple[int, ...], str, int]  # shape, type, and the number of the memory that it lies in


@dataclass
class Plan:
    """Where results are written.

    Attributes:
        kinds: each array that is allocated once.
        memory: bytes of each piece of memory; several arrays, never alive together, may lie in one.
        place: for a variable, the number of its array.
        onto: for the new value of an input, the input, which it is written onto.
        scratch: for a variable inside a loop, the number of the array of its block.
    """

    kinds: list[Kind] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    place: dict[Variable, int] = field(default_factory=dict)
    onto: dict[Variable, Variable] = field(default_factory=dict)
    scratch: dict[Variable, int] = field(default_factory=dict)


def plan_buffers(program: Program) -> Plan:
    """Give each array that does not leave the program a place, as early as one is free."""
    roots = roots_of(program.lines)
    last = _last_uses(program, roots)
    shown = [
        v
        for line in program.lines
        if isinstance(line, Line) and line.op in VIEWS_OF_SEVERAL
        for v in line.reads
    ]
    leaving = {roots.get(v, v) for v in [*variables(program.results), *shown]}
    plan = Plan(onto=_in_place(program, roots, last))
    made = {v: i for i, line in enumerate(program.lines) for v in line.writes}
    due = {old: made[new] for new, old in plan.onto.items()}
    free: list[int] = []
    for i, line in enumerate(program.lines):
        if isinstance(line, Loop):
            _plan_loop(line, plan)
        read = dict.fromkeys(roots.get(v, v) for v in line.reads)
        ending = [v for v in read if last.get(v) == i and v in plan.place]
        for out in line.writes:
            if not _may_be_placed(line, out) or roots.get(out, out) in leaving or out in plan.onto:
                continue
            own = _over_an_input(line, out, ending, plan)
            if own is not None:
                ending.remove(own)
                plan.place[out] = plan.place[own]
                continue
            old = _over_an_old_value(line, out, i, last, due)
            if old is not None:
                plan.onto[out] = old
                continue
            plan.place[out] = _array_in(_memory_for(out, free, plan), out, plan)
        free += [plan.kinds[plan.place[v]][2] for v in ending]
    return plan


def nbytes(shape: tuple[int, ...], dtype: str) -> int:
    """Bytes of an array."""
    return math.prod(shape) * np.dtype(dtype).itemsize


def _memory_for(v: Variable, free: list[int], plan: Plan) -> int:
    """The smallest free piece that is large enough, else the largest, which grows, else a new one."""
    need = nbytes(v.shape, v.dtype)
    enough = [m for m in free if plan.memory[m] >= need]
    if free:
        found = min(enough, key=plan.memory.__getitem__) if enough else max(free, key=plan.memory.__getitem__)
        free.remove(found)
        plan.memory[found] = max(plan.memory[found], need)
        return found
    plan.memory.append(need)
    return len(plan.memory) - 1


def _array_in(memory: int, v: Variable, plan: Plan) -> int:
    """The number of the array of this shape and type in a piece of memory."""
    kind = v.shape, v.dtype, memory
    if kind not in plan.kinds:
        plan.kinds.append(kind)
    return plan.kinds.index(kind)


def _plan_loop(loop: Loop, plan: Plan) -> None:
    """Give each variable inside a loop an array of the size of a block, used again when it is free."""
    last: dict[Variable, int] = {}
    for i, line in enumerate(loop.body):
        last.update(dict.fromkeys(line.reads, i))
    free: dict[str, list[int]] = {}
    rows = min(loop.rows, loop.length)
    for i, line in enumerate(loop.body):
        for v in dict.fromkeys(line.reads):
            if last[v] == i and v in plan.scratch:
                free.setdefault(v.dtype, []).append(plan.scratch[v])
        v = line.output
        if v in loop.kept or line in loop.sums:
            continue
        if free.get(v.dtype):
            plan.scratch[v] = free[v.dtype].pop()
        else:
            plan.scratch[v] = len(plan.kinds)
            shape = (rows, *v.shape[1:])
            plan.memory.append(nbytes(shape, v.dtype))
            plan.kinds.append((shape, v.dtype, len(plan.memory) - 1))


def _may_be_placed(line: Line | Loop, out: Variable) -> bool:
    if isinstance(line, Loop):
        return out in line.kept
    return writes_to(line)


def _over_an_input(line: Line | Loop, out: Variable, ending: list[Variable], plan: Plan) -> Variable | None:
    """An operand that nobody reads afterwards, whose array the result of its elements may take."""
    if isinstance(line, Loop) or not is_elementwise(line.op):
        return None
    for v in ending:
        if (v.shape, v.dtype) == (out.shape, out.dtype) and v in line.reads:
            return v
    return None


def _over_an_old_value(
    line: Line | Loop, out: Variable, i: int, last: dict[Variable, int], due: dict[Variable, int]
) -> Variable | None:
    """An input that gets a new value later and is read here last: its array may hold what comes between.

    The lines of the new values are ``due``, after which what came between is gone.
    """
    if isinstance(line, Loop) or not is_elementwise(line.op):
        return None
    for v in line.reads:
        in_time = v in due and last.get(v) == i and last.get(out, i) <= due[v]
        if in_time and (v.shape, v.dtype) == (out.shape, out.dtype):
            return v
    return None


def _last_uses(program: Program, roots: dict[Variable, Variable]) -> dict[Variable, int]:
    last: dict[Variable, int] = {}
    for i, line in enumerate(program.lines):
        for v in line.reads:
            last[roots.get(v, v)] = i
    return last


def changed_in_place(program: Program, once: dict[Variable, Line]) -> dict[Variable, Variable]:
    """The same for a program without buffers, whose lines may be written inside others."""
    if any(may_raise(line) for line in program.lines):  # an error leaves everything unchanged
        return {}
    roots = roots_of(program.lines)
    place = {line: i for i, line in enumerate(program.lines)}
    last: dict[Variable, int] = {}
    for line in program.lines:
        reader = line
        while reader.output in once:
            reader = once[reader.output]
        for v in line.reads:
            last[roots.get(v, v)] = max(last.get(roots.get(v, v), -1), place[reader])
    return _in_place(program, roots, last, numbers=True)


def _in_place(
    program: Program, roots: dict[Variable, Variable], last: dict[Variable, int], numbers: bool = False
) -> dict[Variable, Variable]:
    """New values that may be written onto the input: nobody reads the old one afterwards.

    Of ``numbers`` it is the name that gets a new value.
    """
    made = {v: i for i, line in enumerate(program.lines) for v in line.writes}
    onto: dict[Variable, Variable] = {}
    for old, new in program.updates:
        i = made.get(new) if isinstance(new, Variable) else None
        if i is None or last.get(old, -1) > i or (old.shape, old.dtype) != (new.shape, new.dtype):
            continue
        line = program.lines[i]
        lines = line.lines if isinstance(line, Loop) else [line]
        places = {part.output: k for k, part in enumerate(lines)}
        if new not in places:
            continue
        writer = lines[places[new]]
        late = any(old in part.reads for part in lines[places[new] + 1 :])
        if not late and is_elementwise(writer.op) and (writes_to(writer) or numbers):
            onto[new] = old
    return onto
