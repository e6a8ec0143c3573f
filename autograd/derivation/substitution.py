"""One value in the place of another: another variable, another step in time, an updated weight."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.backward import pull_back
from autograd.derivation.claims import close
from autograd.derivation.named import Diagnosis
from autograd.derivation.naming import short
from autograd.derivation.search import Case, choices
from autograd.primitive import evaluate
from autograd.value import Value

DEEPEST = 4  # operations without a name between an operand and a value with one


@dataclass(frozen=True)
class Stand:
    """What may have taken the place of an operand.

    Attributes:
        kind: of the mistake.
        text: as a person writes it.
        numbers: (point, which step of a loop) to the numbers.
    """

    kind: str
    text: str
    numbers: Callable[[int, int], Any]


# -- what may stand in ------------------------------------------------------------------------


def stand_ins(case: Case, places: list[int]) -> Iterator[Stand]:
    """Values that may stand in for those at some places, one for each step of a loop.

    First the same value at another step, then one that was updated, then others by name.
    """
    yield from _other_steps(case, [case.points[0].order[k] for k in places], places)
    yield from _by_name(case, [case.points[0].order[k] for k in places])


def _other_steps(case: Case, nodes: list[Value], places: list[int]) -> Iterator[Stand]:
    """The value of the step before or after; at the ends the last, as index -1 gives it, or the same."""
    n = len(places)
    if n < 2 or len(set(places)) < n:
        return
    for which, turned in shifted(places):
        yield Stand("time step", f"{spelled(case, nodes[-1])} of the step {which}", data(case, turned))
    text = f"{spelled(case, nodes[-1])} of the step before"
    yield Stand("time step", text, functools.partial(_after_zeros, case, places))


def _after_zeros(case: Case, places: list[int], p: int, j: int) -> Any:
    """The numbers of the step before, and of none where the steps begin."""
    return case.node(places[j - 1], p).data if j else np.zeros(case.node(places[0]).shape)


def shifted(x: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """What belongs to each step of a loop, one step off; at the end the last or the same once more."""
    if len(x) > 1:
        yield "before", [x[-1], *x[:-1]]
        yield "before", [x[0], *x[:-1]]
        yield "after", [*x[1:], x[0]]
        yield "after", [*x[1:], x[-1]]


def data(case: Case, places: list[int]) -> Callable[[int, int], Any]:
    """The numbers at some places."""
    return lambda p, j: case.node(places[j], p).data


def _assigned(case: Case, q: int) -> Callable[[int, int], Any]:
    return lambda p, j: case.points[p].steps[q].value


def _fixed(nodes: list[Value]) -> Callable[[int, int], Any]:
    return lambda p, j: nodes[j].data


def _by_name(case: Case, nodes: list[Value]) -> Iterator[Stand]:
    """Values with a name that have the shape: each, or one for each step of a loop."""
    own, shape = {variable_at(case, n) for n in nodes}, nodes[0].shape
    single = len(set(nodes)) == 1
    yield from _updated(case, nodes, own)
    for variable, values in case.points[0].nodes.items():
        if variable.startswith("#") or any(v.shape != shape for v in values[:1] + values[-1:]):
            continue
        kind = "time step" if variable in own and len(values) > 1 else "wrong variable"
        width = 1 if single else len(nodes)
        for start in range(len(values) - width + 1):
            chosen = values[start : start + width]
            if all(v is n for v, n in zip(chosen * (len(nodes) // width), nodes, strict=True)):
                continue
            yield Stand(
                kind,
                case.points[0].names.get(chosen[-1], variable),
                data(case, [case.place[v] for v in chosen] * (len(nodes) // width)),
            )


def _updated(case: Case, nodes: list[Value], own: set[str]) -> Iterator[Stand]:
    """Values that the backward side gave to the name of an operand: updated too early."""
    if len(set(nodes)) > 1:
        return
    for q, step in enumerate(case.points[0].steps[: case.claim.step]):
        same = short(step.name) in own and np.shape(step.value) == nodes[0].shape
        if same and not close(step.value, nodes[0].data):
            text = f"the {short(step.name)} of line {step.line}, which was already updated,"
            yield Stand("stale value", text, _assigned(case, q))


def variable_at(case: Case, node: Value) -> str:
    """The first name that a node was given, without its step; empty if it has none."""
    for variable, values in case.points[0].nodes.items():
        if any(v is node for v in values):
            return variable
    return ""


def spelled(case: Case, node: Value) -> str:
    """A node as a person writes it."""
    return case.points[0].speller.node(node)


# -- an operand -------------------------------------------------------------------------------


def operands(case: Case) -> Diagnosis | None:
    """Another value was used as an operand, in the derivative of one operation."""
    for group in case.groups:
        for chosen in choices(group, group[-1]):
            for i, _ in case.links[chosen[0]]:
                found = _operand(case, chosen, i)
                if found is not None:
                    return found
    return None


def _operand(case: Case, chosen: list[int], i: int) -> Diagnosis | None:
    first = case.node(chosen[0])
    for j in range(len(first.parents)):
        for inner in zip(*(_named_parts(case, case.node(k).parents[j]) for k in chosen), strict=False):
            places = [case.place.get(v, -1) for v in inner]
            for stand in _fitting(case, list(inner), places):
                if case.explains(functools.partial(_with, case, chosen, (i, j), list(inner), stand)):
                    return _said(case, chosen, i, inner[-1], stand)
    return None


def _fitting(case: Case, nodes: list[Value], places: list[int]) -> Iterator[Stand]:
    if all(k >= 0 for k in places):
        yield from stand_ins(case, places)
    else:
        yield from _constants_of_steps(nodes)
        yield from _by_name(case, nodes)
    for kind, text, axes, turn in _TURNS:
        if nodes[0].ndim >= axes and np.shape(turn(nodes[0].data)) == nodes[0].shape:
            where = functools.partial(_turned, case, nodes, turn)
            yield Stand(kind, text.format(spelled(case, nodes[-1])), where)


# Kind and text, the axes that it takes at least, and what is made of the operand.
_TURNS: list[tuple[str, str, int, Callable[[Any], Any]]] = [
    ("transpose", "{}.T", 2, lambda x: np.swapaxes(x, -1, -2)),
    ("flip", "{} with its last two axes reversed", 2, lambda x: x[..., ::-1, ::-1]),
    ("wrong variable", "1 - {}", 0, lambda x: 1.0 - x),  # the other gate of two
]


def _turned(case: Case, nodes: list[Value], turn: Callable[[Any], Any], p: int, j: int) -> Any:
    return turn(_at(case, nodes[j], p))


def _at(case: Case, node: Value, p: int) -> Any:
    """The numbers of a node of the first point, at another point; constants stay."""
    place = case.place.get(node)
    return node.data if place is None else case.node(place, p).data


def _constants_of_steps(nodes: list[Value]) -> Iterator[Stand]:
    """Inputs of a loop that need no gradient: those of the step before or after."""
    for which, turned in shifted(nodes):
        yield Stand("time step", f"what is multiplied at the step {which}", _fixed(turned))


def _named_parts(case: Case, operand: Value, depth: int = DEEPEST) -> list[Value]:
    """The operand, or the values with a name of which an operand without one is made."""
    if operand in case.points[0].names or operand.primitive is None or depth == 0:
        return [operand]
    parts = [v for p in operand.parents for v in _named_parts(case, p, depth - 1)]
    return [operand, *(v for v in parts if v.requires_grad)]


def _with(
    case: Case, chosen: list[int], inputs: tuple[int, int], inner: list[Value], stand: Stand, p: int
) -> Any:
    """The gradient at a point, with another value in the place of an operand, or inside it."""
    i, j = inputs
    edges = {}
    for number, (k, replaced) in enumerate(zip(chosen, inner, strict=True)):
        edges[k, i] = functools.partial(_altered, case, k, j, replaced, stand.numbers(p, number))
    return case.gradient(p, edges=edges)


def _altered(case: Case, k: int, j: int, replaced: Value, numbers: Any, node: Value, i: int, g: Any) -> Any:
    if np.shape(numbers) != replaced.shape:
        return NotImplemented
    xs = [p.data for p in node.parents]
    xs[j] = _recomputed(case.node(k).parents[j], node.parents[j], replaced, numbers, DEEPEST)
    y = evaluate(node.primitive, xs, node.params or {})  # type: ignore[arg-type]
    return pull_back(node.primitive, i, g, y, tuple(xs), node.params or {}, None)  # type: ignore[arg-type]


def _recomputed(first: Value, here: Value, replaced: Value, numbers: Any, depth: int) -> Any:
    """An operand at a point, with other numbers for one of the values of which it is made."""
    if first is replaced:
        return numbers
    if here.primitive is None or depth == 0:
        return here.data
    xs = [
        _recomputed(a, b, replaced, numbers, depth - 1)
        for a, b in zip(first.parents, here.parents, strict=True)
    ]
    return evaluate(here.primitive, xs, here.params or {})


def _said(case: Case, chosen: list[int], i: int, operand: Value, stand: Stand) -> Diagnosis:
    node = case.node(chosen[-1])
    speller = case.points[0].speller
    y, x, own = speller.node(node), speller.node(node.parents[i]), speller.node(operand)
    if stand.kind == "transpose":
        what = f"a transpose is missing or too many: {stand.text} takes the place of {own}"
    else:
        what = f"{stand.text} takes the place of {own}"
    right = speller.passed_on("g", node, i)
    text = f"{what} in the derivative of {y} with respect to {x}"
    if right and not speller.is_prose(right):
        text += f": it is {right}, with g the gradient of {y}"
    return Diagnosis(stand.kind, text, f"with this mistake the numbers are yours {case.evidence()}")
