"""Memory: which line writes into which array, so that arrays are allocated once and used again.

Fresh arrays cost page faults, which small and medium programs feel most. A variable lives from
the line that computes it to the last one that reads it, or a view of it; then its array is free.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.compiling.expressions import writes_to
from autograd.compiling.operations import VIEWS_OF_SEVERAL, is_elementwise, is_view
from autograd.compiling.program import Line, Loop, Program, Variable, variables

Kind = tuple[tuple[int, ...], str]  # shape and type


@dataclass
class Plan:
    """Where results are written.

    Attributes:
        kinds: shape and type of each array that is allocated once.
        place: for a variable, the number of its array.
        onto: for the new value of an input, the input, which it is written onto.
        scratch: for a variable inside a loop, the number of the array of its block.
    """

    kinds: list[Kind] = field(default_factory=list)
    place: dict[Variable, int] = field(default_factory=dict)
    onto: dict[Variable, Variable] = field(default_factory=dict)
    scratch: dict[Variable, int] = field(default_factory=dict)


def plan_buffers(program: Program) -> Plan:
    """Give each array that does not leave the program a place, as early as one is free."""
    roots = _roots(program)
    last = _last_uses(program, roots)
    shown = [
        v
        for line in program.lines
        if isinstance(line, Line) and line.op in VIEWS_OF_SEVERAL
        for v in line.reads
    ]
    leaving = {roots.get(v, v) for v in [*variables(program.results), *shown]}
    plan = Plan(onto=_in_place(program, roots, last))
    free: dict[Kind, list[int]] = {}
    for i, line in enumerate(program.lines):
        if isinstance(line, Loop):
            _plan_loop(line, plan)
        read = dict.fromkeys(roots.get(v, v) for v in line.reads)
        ending = [v for v in read if last.get(v) == i and v in plan.place]
        for out in line.writes:
            if not _may_be_placed(line, out) or roots.get(out, out) in leaving or out in plan.onto:
                continue
            kind = out.shape, out.dtype
            own = _over_an_input(line, out, ending, plan)
            if own is not None:
                ending.remove(own)
                plan.place[out] = plan.place[own]
                continue
            if free.get(kind):
                plan.place[out] = free[kind].pop()
            else:
                plan.place[out] = len(plan.kinds)
                plan.kinds.append(kind)
            if out not in last:
                last[out] = i
        for v in ending:
            free.setdefault((v.shape, v.dtype), []).append(plan.place[v])
    return plan


def _plan_loop(loop: Loop, plan: Plan) -> None:
    """Give each variable inside a loop an array of the size of a block, used again when it is free."""
    last: dict[Variable, int] = {}
    for i, line in enumerate([*loop.lines, *loop.sums]):
        last.update(dict.fromkeys(line.reads, i))
    free: dict[str, list[int]] = {}
    rows = min(loop.rows, loop.length)
    for i, line in enumerate(loop.lines):
        for v in dict.fromkeys(line.reads):
            if last[v] == i and v in plan.scratch:
                free.setdefault(v.dtype, []).append(plan.scratch[v])
        v = line.output
        if v in loop.kept:
            continue
        if free.get(v.dtype):
            plan.scratch[v] = free[v.dtype].pop()
        else:
            plan.scratch[v] = len(plan.kinds)
            plan.kinds.append(((rows, *v.shape[1:]), v.dtype))


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


def _roots(program: Program) -> dict[Variable, Variable]:
    """For each view the variable whose memory it shows."""
    roots: dict[Variable, Variable] = {}
    for line in program.lines:
        if isinstance(line, Line) and is_view(line) and line.reads:
            source = line.reads[0]
            roots[line.output] = roots.get(source, source)
    return roots


def _last_uses(program: Program, roots: dict[Variable, Variable]) -> dict[Variable, int]:
    last: dict[Variable, int] = {}
    for i, line in enumerate(program.lines):
        for v in line.reads:
            last[roots.get(v, v)] = i
    return last


def _in_place(
    program: Program, roots: dict[Variable, Variable], last: dict[Variable, int]
) -> dict[Variable, Variable]:
    """New values that may be written onto the input: nobody reads the old one afterwards."""
    made = {line.output: i for i, line in enumerate(program.lines) if isinstance(line, Line)}
    onto: dict[Variable, Variable] = {}
    for old, new in program.updates:
        i = made.get(new) if isinstance(new, Variable) else None
        if i is None or last.get(old, -1) > i or (old.shape, old.dtype) != (new.shape, new.dtype):
            continue
        line = program.lines[i]
        if isinstance(line, Line) and is_elementwise(line.op) and writes_to(line):
            onto[new] = old
    return onto
