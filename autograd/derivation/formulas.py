"""Activation functions differentiated wrongly: each stretch of operations from one value to the
next is taken as one function, however it was written, and known by its numbers.

``1/(1 + np.exp(-z))`` is the sigmoid as much as ``sigmoid(z)`` is, because its derivative is
a*(1 - a).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.derivation.claims import close
from autograd.derivation.functions import FORMULAS, SPOILT
from autograd.derivation.named import Diagnosis
from autograd.derivation.normalised import MISTAKES as SOFTMAX_MISTAKES
from autograd.derivation.normalised import softmax_axis
from autograd.derivation.search import Case, statement
from autograd.derivation.spelling import Speller
from autograd.derivation.substitution import Stand, stand_ins
from autograd.derivation.sweep import part_of

LONGEST = 12  # operations in a stretch
Factor = Callable[[int, int, Any], Any]  # (point, step of a loop, g) to what is passed on


@dataclass(frozen=True)
class Stretch:
    """Operations through which all of a node ``x`` goes until it has become ``y``, by place."""

    x: int
    y: int
    inside: tuple[int, ...]


def stretches(case: Case) -> Iterator[Stretch]:
    """From each node to the nodes that all of it goes through, the shortest first."""
    for x in [case.target, *case.near]:
        if x != case.target and case.node(x) in case.given[0]:
            continue
        yield from _from(case, x)


def _from(case: Case, x: int) -> Iterator[Stretch]:
    """Scan what depends on ``x`` in order, and count the uses that are still to come."""
    ahead = {k for k, _ in case.uses(x)}
    inside: list[int] = []
    while ahead and len(inside) < LONGEST:
        k = min(ahead)
        ahead.remove(k)
        alone = not ahead
        own = {x, *inside}
        if any(p.requires_grad and case.place.get(p) not in own for p in case.node(k).parents):
            return
        inside.append(k)
        if alone:
            yield Stretch(x, k, tuple(inside))
        if case.node(k) in case.given[0]:
            return
        ahead |= {child for child, _ in case.uses(k)}


def formulas(case: Case) -> Diagnosis | None:
    """A function whose derivative was replaced by another formula, or taken at another value."""
    seen = set()
    for stretch in stretches(case):
        key = tuple(statement(case.points[0], case.node(k)) for k in (stretch.x, stretch.y))
        if key in seen or case.node(stretch.x).shape != case.node(stretch.y).shape:
            continue
        seen.add(key)
        alike = [s for s in _alike(case, stretch, key) if s.x != stretch.x]
        for chosen in ([stretch, *alike], [stretch]) if alike else ([stretch],):
            found = _function(case, sorted(chosen, key=lambda s: s.x))
            if found is not None:
                return found
    return None


def written_functions(case: Case, speller: Speller) -> dict[int, tuple[int, Callable[[str], str]]]:
    """By place, functions whose derivative people know: their result, and the text of what is passed on."""
    found: dict[int, tuple[int, Callable[[str], str]]] = {}
    for s in stretches(case):
        if s.x in found or case.node(s.x).shape != case.node(s.y).shape:
            continue
        if case.node(s.y) not in case.points[0].names:
            continue
        axis = softmax_axis(case, s.x, s.y, functools.partial(_local, case, s))
        y = speller.node(case.node(s.y))
        derivative = _known(case, s, speller)[1]
        if axis is not None:
            found[s.x] = s.y, functools.partial(_softmax_text, speller, y, axis)
        elif derivative and all(_is_elementwise(case, k) for k in s.inside) and len(s.inside) > 1:
            found[s.x] = s.y, functools.partial(_times, derivative)
    return found


def _is_elementwise(case: Case, k: int) -> bool:
    return case.node(k).primitive.kind == "elementwise"  # type: ignore[union-attr]


def _softmax_text(speller: Speller, y: str, axis: int, g: str) -> str:
    return f"{y} * ({g} - {speller.summed(f'{g} * {y}', f'axis={axis}', kept=True)})"


def _times(derivative: str, g: str) -> str:
    if g == "1":
        return derivative
    simple = all(c.isalnum() or c in "_[].'" for c in derivative.split("*(", maxsplit=1)[0])
    return f"{g} * {derivative if simple else f'({derivative})'}"


def _alike(case: Case, stretch: Stretch, key: Any) -> list[Stretch]:
    """The same stretch at the other steps of a loop."""
    others = next((g for g in case.groups if stretch.x in g), [stretch.x])
    return [
        s
        for x in others
        for s in _from(case, x)
        if tuple(statement(case.points[0], case.node(k)) for k in (s.x, s.y)) == key
    ]


def _function(case: Case, chosen: list[Stretch]) -> Diagnosis | None:
    first = chosen[0]
    axis = softmax_axis(case, first.x, first.y, functools.partial(_local, case, first))
    if axis is not None:
        return _softmax(case, chosen, axis)
    if not all(_is_elementwise(case, k) for k in first.inside):
        return None
    return _missing(case, chosen) or _elementwise(case, chosen)


def _local(case: Case, s: Stretch, p: int, g: Any) -> Any:
    """What a stretch passes on of a gradient."""
    received: dict[int, Any] = {s.y: g}
    for k in reversed(s.inside):
        for i, parent in enumerate(case.node(k, p).parents):
            place = case.place.get(case.node(k).parents[i])
            if parent.requires_grad and place is not None and k in received:
                part = part_of(case.node(k, p), i, received[k])
                received[place] = part if place not in received else received[place] + part
    return received.get(s.x)


def _bypassed(case: Case, chosen: list[Stretch], factor: Factor) -> Callable[[int], Any]:
    """The gradient, with something else in the place of the derivative of a stretch."""

    def make(p: int) -> Any:
        bypass = {s.y: (s.x, lambda g, j=j: np.asarray(factor(p, j, g), float)) for j, s in enumerate(chosen)}
        return case.gradient(p, bypass=bypass)

    return make


# -- elementwise ------------------------------------------------------------------------------


def _known(case: Case, s: Stretch, speller: Speller | None = None) -> tuple[str, str]:
    """The name of a function and its derivative as text, by its numbers; else as it is spelled."""
    speller = speller or case.points[0].speller
    x, y = speller.node(case.node(s.x)), speller.node(case.node(s.y))
    points = range(len(case.points))
    for text, f, name, at in FORMULAS:
        place, v = (s.y, y) if at == "y" else (s.x, x)
        with np.errstate(all="ignore"):
            if all(
                close(_slope(case, s, p), f(case.node(place, p).data) * np.ones(case.node(s.x).shape))
                for p in points
            ):
                return name, text.format(v=_in_brackets(v))
    if len(s.inside) == 1:
        node = case.node(s.y)
        i = next(i for i, p in enumerate(node.parents) if p.requires_grad)
        return y if len(node.parents) > 1 else node.primitive.name, speller.derivative(node, i)  # type: ignore[union-attr]
    return "", ""


def _slope(case: Case, s: Stretch, p: int) -> Any:
    return np.asarray(_local(case, s, p, np.ones(case.node(s.y).shape)))


def _missing(case: Case, chosen: list[Stretch]) -> Diagnosis | None:
    """The derivative is missing, or is there twice."""
    s = chosen[0]
    name, derivative = _known(case, s)
    slopes = np.concatenate([np.ravel(_slope(case, s, p)) for p in range(len(case.points))])
    if not derivative or np.allclose(slopes, slopes[0]):
        return None
    at = case.points[0].speller.node(case.node(s.x))
    if case.explains(_bypassed(case, chosen, lambda p, j, g: g)):
        text = f"the factor {derivative} is missing: the derivative of {name} at {at}"
        return _diagnosis(case, "missing factor", text)
    if case.explains(_bypassed(case, chosen, lambda p, j, g: g * _slope(case, chosen[j], p) ** 2)):
        return _diagnosis(case, "extra factor", f"the factor {derivative} is there twice")
    return None


def _elementwise(case: Case, chosen: list[Stretch]) -> Diagnosis | None:
    s = chosen[0]
    name, derivative = _known(case, s)
    slopes = np.concatenate([np.ravel(_slope(case, s, p)) for p in range(len(case.points))])
    if not derivative or np.allclose(slopes, slopes[0]):
        return None  # a constant factor is no function
    x, y = (case.points[0].speller.node(case.node(k)) for k in (s.x, s.y))
    is_of = f"the derivative of {name} is {derivative}" if name else f"the derivative is {derivative}"
    for stand in _where(case, chosen):
        for text, f, owner, _ in FORMULAS:
            if case.explains(_bypassed(case, chosen, _factor(f, stand))):
                v = text.format(v=_in_brackets(stand.text))
                if owner == name:
                    what = f"{is_of}: {stand.text} takes the place of {_right_place(case, s, name)}"
                    return _diagnosis(case, stand.kind, what)
                return _diagnosis(case, "wrong factor", f"{is_of}; {v} is that of {owner}")
        for owner, text, f, kind, what in SPOILT:
            fits = owner == name or (not owner and not name.startswith("the "))
            if fits and case.explains(_bypassed(case, chosen, _factor(f, stand))):
                at_place = kind if stand.text in (x, y) else stand.kind
                said = what.format(v=stand.text, y=_in_brackets(y))
                used = f", {text.format(v=stand.text)} was used" if owner else ""
                return _diagnosis(case, at_place, f"{is_of}: {said}{used}")
    return None


def _right_place(case: Case, s: Stretch, name: str) -> str:
    at = next((at for _, _, owner, at in FORMULAS if owner == name), "y")
    return case.points[0].speller.node(case.node(s.y if at == "y" else s.x))


def _where(case: Case, chosen: list[Stretch]) -> Iterator[Stand]:
    """The values at which the derivative may have been taken: result, input, f(result), and others."""
    speller = case.points[0].speller
    first = chosen[0]
    x, y = speller.node(case.node(first.x)), speller.node(case.node(first.y))
    yield Stand("wrong variable", y, lambda p, j: case.node(chosen[j].y, p).data)
    yield Stand("wrong variable", x, lambda p, j: case.node(chosen[j].x, p).data)
    name, _ = _known(case, first)
    again = _again(case, chosen, name)
    if again is not None:
        yield Stand("wrong variable", f"{name}({y})", again)
    yield Stand("wrong variable", "the gradient itself", lambda p, j: case.received(chosen[j].y, p))
    yield from stand_ins(case, [s.y for s in chosen])


def _again(case: Case, chosen: list[Stretch], name: str) -> Callable[[int, int], Any] | None:
    """The function, taken of its own result."""
    functions: dict[str, Callable[[Any], Any]] = {
        "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
        "tanh": np.tanh,
        "exp": np.exp,
        "sin": np.sin,
    }
    f = functions.get(name)
    return None if f is None else lambda p, j: f(case.node(chosen[j].y, p).data)


def _factor(f: Callable[[Any], Any], stand: Stand) -> Factor:
    return lambda p, j, g: g * f(np.asarray(stand.numbers(p, j)))


def _in_brackets(text: str) -> str:
    return text if all(c.isalnum() or c in "_[].'" for c in text) else f"({text})"


# -- softmax ----------------------------------------------------------------------------------


def _softmax(case: Case, chosen: list[Stretch], axis: int) -> Diagnosis | None:
    y = case.points[0].speller.node(case.node(chosen[0].y))
    for kind, text, alter in SOFTMAX_MISTAKES:
        if case.explains(_bypassed(case, chosen, _altered(case, chosen, alter, axis))):
            return _diagnosis(case, kind, text.format(y=y, axis=axis))
    return None


def _altered(case: Case, chosen: list[Stretch], alter: Any, axis: int) -> Factor:
    return lambda p, j, g: alter(g, case.node(chosen[j].y, p).data, axis)


def _diagnosis(case: Case, kind: str, text: str) -> Diagnosis:
    return Diagnosis(kind, text, f"with this mistake the numbers are yours {case.evidence()}")
