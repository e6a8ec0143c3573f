"""Another gradient passed on: that of another variable or step, or a value in its place."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.derivation.named import Diagnosis
from autograd.derivation.search import Case, choices, statement
from autograd.derivation.substitution import Stand, data, shifted, spelled, stand_ins, variable_at
from autograd.derivation.sweep import part_of


def upstream(case: Case) -> Diagnosis | None:
    """Another gradient was passed on, or a value in the place of its gradient."""
    for group in case.groups:
        for chosen in choices(group, group[-1]):
            for stand in _gradients(case, chosen):
                if case.explains(functools.partial(_passing, case, chosen, stand)):
                    whose = _summed(case, chosen[-1])
                    text = f"{stand.text} is passed on in the place of the gradient of {whose}"
                    evidence = f"with this mistake the numbers are yours {case.evidence()}"
                    return Diagnosis(stand.kind, text, evidence)
    return None


_TIMES = ((0, "missing factor", "is missing as a factor"), (2, "extra factor", "is there twice"))


def incoming(case: Case) -> Diagnosis | None:
    """The gradient of what was made of the variable was forgotten as a factor, or taken twice."""
    output = case.place[case.points[0].order[-1]]
    for k in case.near:
        if k == output and not case.node(k).ndim:
            continue
        name = case.points[0].upstream if k == output else f"the gradient of {_summed(case, k)}"
        for power, kind, what in _TIMES:
            if case.explains(functools.partial(_coming_in, case, k, power)):
                text = f"{name or 'the gradient that comes in'} {what}: the chain rule multiplies by it once"
                evidence = f"with this mistake the numbers are yours {case.evidence()}"
                return Diagnosis(kind, text, evidence)
    return None


def _coming_in(case: Case, k: int, power: int, p: int) -> Any:
    return case.gradient(p, replaced={k: np.power(case.received(k, p), power)})


def _passing(case: Case, chosen: list[int], stand: Stand, p: int) -> Any:
    return case.gradient(p, replaced={k: stand.numbers(p, j) for j, k in enumerate(chosen)})


def _gradients(case: Case, chosen: list[int]) -> Iterator[Stand]:
    """Gradients of the shape that were there, of each variable and of each step; then values."""
    shape, n = case.node(chosen[0]).shape, len(chosen)
    for variable, values in case.points[0].nodes.items():
        places = [case.place[v] for v in values if v.shape == shape and case.place[v] != case.target]
        for start in range(len(places) - n + 1):
            some = places[start : start + n]
            name = case.points[0].names[case.node(some[-1])]
            kind = "time step" if variable == variable_at(case, case.node(chosen[-1])) else "another variable"
            if some != chosen and all(_is_there(case, k) for k in some):
                yield Stand(kind, f"the gradient of {name}", _gradient(case, some))
            yield Stand("another variable", f"{name} itself", data(case, some))


def _summed(case: Case, k: int) -> str:
    """A node as it is spelled; a term without a name by the name of its sum, whose gradient it has."""
    node = case.node(k)
    while node not in case.points[0].names:
        above = [child for child, _ in case.points[0].uses[node] if child.shape == node.shape]
        if len(above) != 1 or above[0].primitive.name != "add":  # type: ignore[union-attr]
            break
        node = above[0]
    return spelled(case, node)


def _is_there(case: Case, k: int) -> bool:
    """True for a gradient that was claimed before, or for which there is no claim."""
    node = case.node(k)
    return case.before(node) or (node not in case.given[0] and not node.is_leaf)


def factor_on_gradient(case: Case) -> Diagnosis | None:
    """A gradient was passed on with a factor too many."""
    for k in case.near:
        for stand in stand_ins(case, [k]):
            if case.explains(functools.partial(_multiplied, case, k, stand)):
                text = f"the gradient of {_summed(case, k)} is passed on with a factor {stand.text} too many"
                evidence = f"with this mistake the numbers are yours {case.evidence()}"
                return Diagnosis("extra factor", text, evidence)
    return None


def _multiplied(case: Case, k: int, stand: Stand, p: int) -> Any:
    return case.gradient(p, replaced={k: case.received(k, p) * stand.numbers(p, 0)})


def other_step(case: Case) -> Diagnosis | None:
    """What comes through one use is that of the step before or after."""
    for group in case.groups:
        for chosen in choices(group, group[-1]):
            for i, _ in case.links[chosen[0]]:
                for which, turned in _elsewhere(case, chosen):
                    if case.explains(functools.partial(_with_parts, case, chosen, turned, i)):
                        through = spelled(case, case.node(chosen[-1]))
                        text = f"what comes through {through} is that of the step {which}"
                        evidence = f"with this mistake the numbers are yours {case.evidence()}"
                        return Diagnosis("time step", text, evidence)
    return None


def _elsewhere(case: Case, chosen: list[int]) -> Iterator[tuple[str, list[int]]]:
    """The same operations one step off; of a single one, those that its statement makes at other steps."""
    if len(chosen) > 1:
        yield from shifted(chosen)
        return
    first = case.points[0]
    key = statement(first, case.node(chosen[0]))
    alike = [k for k, node in enumerate(first.order) if statement(first, node) == key]
    at = alike.index(chosen[0])
    for which, k in (("before", at - 1), ("after", at + 1)):
        if len(alike) > 1:
            yield which, [alike[k % len(alike)]]


def _with_parts(case: Case, chosen: list[int], turned: list[int], i: int, p: int) -> Any:
    edges = {}
    for k, other in zip(chosen, turned, strict=True):
        part = part_of(case.node(other, p), i, case.received(other, p))
        edges[k, i] = functools.partial(_constant, part)
    return case.gradient(p, edges=edges)


def _constant(part: Any, *_: Any) -> Any:
    return part


def _gradient(case: Case, places: list[int]) -> Callable[[int, int], Any]:
    return lambda p, j: case.received(places[j], p)
