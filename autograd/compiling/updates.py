"""Updates moved to where their gradients are: what is used at once needs no memory of its own."""

from __future__ import annotations

from collections import Counter

from autograd.compiling.operations import may_raise, roots_of
from autograd.compiling.program import UPDATE, Line, Program, Variable


def with_early_updates(program: Program) -> Program:
    """Each update right after its gradient, once nobody else reads the old value any more.

    Where an operation may raise, all come at the end, so that an error leaves everything unchanged.
    """
    if any(may_raise(line) for line in program.lines):
        return program
    groups = _groups([line for line in program.lines if line.origin is UPDATE])
    others = [line for line in program.lines if line.origin is not UPDATE]
    if not groups:
        return program
    made = {line.output for line in others}
    changed = {old for old, _ in program.updates}
    roots = roots_of(others)  # who reads a view reads what it shows
    read = [{roots.get(v, v) for v in line.reads} & changed for line in others]
    readers = Counter(v for found in read for v in found)
    needs = [_needs(group) for group in groups]
    waiting = [k for k, need in enumerate(needs) if need & made]  # the others have no gradient: they go last
    there: set[Variable] = set()
    lines: list[Line] = []
    for line, found in zip(others, read, strict=True):
        lines.append(line)
        there.add(line.output)
        readers.subtract(found)
        if not any(line.output in needs[k] for k in waiting) and not found:
            continue
        ready = [k for k in waiting if needs[k] & made <= there and not any(readers[v] for v in needs[k])]
        for k in ready:
            lines += groups[k]
            waiting.remove(k)
            groups[k] = []
    return program.with_lines(lines + [line for group in groups for line in group])


def _groups(lines: list[Line]) -> list[list[Line]]:
    """Lines that read each other's results, together and in order."""
    groups: list[list[Line]] = []
    owner: dict[Variable, int] = {}
    for line in lines:
        found = sorted({owner[v] for v in line.reads if v in owner})
        if not found:
            groups.append([])
            found = [len(groups) - 1]
        first = found[0]
        for k in found[1:]:
            owner |= dict.fromkeys((part.output for part in groups[k]), first)
            groups[first] += groups[k]
            groups[k] = []
        groups[first].append(line)
        owner[line.output] = first
    return [group for group in groups if group]


def _needs(group: list[Line]) -> set[Variable]:
    """What a group reads from outside."""
    return {v for line in group for v in line.reads} - {line.output for line in group}
