"""From groups of like operations to a program."""

from __future__ import annotations

import numpy as np

from autograd.compiling.lifting.elementwise import elementwise, totals
from autograd.compiling.lifting.merging import merge
from autograd.compiling.lifting.operands import Plan
from autograd.compiling.lifting.products import dots, padded
from autograd.compiling.lifting.program import Lifted
from autograd.compiling.lifting.scalars import DOT, SUM, Kind, Number, Scalars


def planned(scalars: Scalars, variables: int) -> Lifted:
    """The program of a graph with so many variables."""
    merge(scalars)
    plan = Plan(scalars, variables)
    same = _same(scalars)
    for number, others in same.items():
        plan.codes[others] = plan.codes[number]
    for (_, kind), numbers in scalars.groups().items():
        _steps(plan, scalars, kind, numbers)
        for number in numbers:
            if number in same:
                plan.codes[same[number]] = plan.codes[number]
    (result,), _ = plan.grid([plan.codes[[scalars.output]]], set())
    return Lifted(tuple(plan.steps), result, plan.constants)


def _same(scalars: Scalars) -> dict[Number, list[Number]]:
    """The numbers that stand for each number."""
    stands: dict[Number, Number] = {}
    same: dict[Number, list[Number]] = {}
    for number, target in sorted(scalars.same.items()):
        stands[number] = stands.get(target, target)
        same.setdefault(stands[number], []).append(number)
    return same


def _steps(plan: Plan, scalars: Scalars, kind: Kind, numbers: list[Number]) -> None:
    """Steps for one group."""
    operands = scalars.operands
    if kind is DOT or kind is SUM:
        rows = [plan.codes[list(operands[n])] for n in numbers]
        for chosen, codes in padded(plan, rows, kind is DOT):
            found = dots(plan, codes) if kind is DOT else totals(plan, codes)
            plan.codes[np.array(numbers)[chosen]] = found
    else:
        codes = plan.codes[[list(operands[n]) for n in numbers]]
        plan.codes[numbers] = elementwise(plan, kind[0], codes, scalars.params[kind])
