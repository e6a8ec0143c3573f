"""Layers that hold their own gradients, and the gradient that is handed from one to the next."""

from __future__ import annotations

import re

import numpy as np

from autograd.derivation.claim import Claim
from autograd.derivation.naming import short
from autograd.derivation.sides import Point
from autograd.value import Value

_CONTAINER = re.compile(r"_?(?:grads?|gradients?|params?|parameters?)")


def owned(point: Point, variable: str, ks: list[int]) -> dict[int, int]:
    """The last assignment for each Value of a variable, by what holds both: ``self.layers[1].dW``.

    In ``grads['first']['W']`` and ``params['first']['W']`` it is the inner container; of lists it is
    the number, as in ``self.dW[1]`` and ``self.W[1]``.
    """
    nodes = point.nodes[variable]
    listed = {_number(path): v for path, v in point.held.items() if short(path) == variable}
    held = {_owner(path): v for path, v in point.held.items() if short(path) == variable and _is_inner(path)}
    inner: dict[tuple[str, ...], list[Value]] = {}
    for owner, v in held.items():
        inner.setdefault(owner[-1:], []).append(v)
    found = {}
    for k in ks:
        owner = _owner(point.steps[k].name) if _is_inner(point.steps[k].name) else ()
        alone = inner.get(owner[-1:], []) if owner else []
        holder = held.get(owner, alone[0] if len(alone) == 1 else None)
        number = _number(point.steps[k].name)
        holder = listed.get(number) if number is not None else holder
        place = next((i for i, node in enumerate(nodes) if node is holder), None)
        if place is not None:
            found[place] = k
    return found


def _owner(path: str) -> tuple[str, ...]:
    """The names and keys of a path but the last: self, layers, 1; without a container of all of one kind."""
    words = re.findall(r"\w+", path)[:-1]
    return tuple(word for word in words if not _CONTAINER.fullmatch(word))


def _number(path: str) -> int | None:
    """The place in a list of what an object holds: 1 of ``self.W[1]``."""
    place = re.fullmatch(r"self\.\w+\[(\d+)\]", path)
    return int(place[1]) if place else None


def _is_inner(path: str) -> bool:
    """True for what is held by an object or container in another one; not for a place in a list."""
    return len(_owner(path)) > 1 and not re.search(r"\[[^'\"]*\]$", path)


def handed_back(point: Point, ks: list[int], claims: list[Claim]) -> list[Claim]:
    """What layers hand back, wrong: in a loop paired by its place, from the last layer to the first.

    The forward pass has to hand on as many values, of the same shapes, under one name. Without a
    loop ``d = self.layer2.backward(d)`` is the gradient of what that layer keeps of its input.
    """
    loops: dict[tuple[int, str, str], list[int]] = {}
    for k in ks:
        step = point.steps[k]
        if _hands_on(step.text, step.name):
            loops.setdefault((step.line, step.text, step.name), []).append(k)
    claimed = {c.step: (c.variable, c.occurrence) for c in claims}
    made = []
    for steps in loops.values():
        variable = _handed_on(point, [np.shape(point.steps[k].value) for k in steps])
        if variable is None:
            continue
        places = dict(zip(steps, reversed(range(len(steps))), strict=True))
        places |= _start(point, ks, steps, variable)
        if any(claimed.get(k, (variable, i)) != (variable, i) for k, i in places.items()):
            continue
        for k, i in places.items():
            step = point.steps[k]
            if k not in claimed and not point.nodes[variable][i].is_leaf:
                made.append(Claim(step.name, variable, i, k, step.line, step.text, "place"))
    done = {*claimed, *(c.step for c in made)}
    taken = {c.node(point) for c in [*claims, *made]}
    found = ((k, _input_of(point, k)) for k in ks if k not in done)
    for k, node in found:
        if node is not None and node not in taken:
            step, place = point.steps[k], _place(point, node)
            made.append(Claim(step.name, *place, k, step.line, step.text, "place"))
    return made


def _input_of(point: Point, k: int) -> Value | None:
    """What the layer keeps of its input whose ``backward`` made an assignment; None if it cannot be told."""
    call = re.fullmatch(r"[\w.]+ = (self(?:\.\w+)+)\.\w*backward\w*\(.*\)", point.steps[k].text)
    if call is None:
        return None
    place = {node: i for i, node in enumerate(point.order)}
    kept = [v for path, v in point.held.items() if path.startswith(f"{call[1]}.") and v in place]
    first = min((v for v in kept if not v.is_leaf), key=place.__getitem__, default=None)
    known = first is not None and any(first is n for nodes in point.nodes.values() for n in nodes)
    return first if known and first.shape == np.shape(point.steps[k].value) else None  # type: ignore[union-attr]


def _place(point: Point, node: Value) -> tuple[str, int]:
    """Variable and occurrence of a Value with a name."""
    places = ((name, i) for name, nodes in point.nodes.items() for i, n in enumerate(nodes) if n is node)
    return next(places)


def _start(point: Point, ks: list[int], steps: list[int], variable: str) -> dict[int, int]:
    """The assignment before the loop, of the gradient of its result."""
    last = point.nodes[variable][-1]
    before = [k for k in ks if k < steps[0] and point.steps[k].name == point.steps[steps[0]].name]
    fits = before and np.shape(point.steps[before[-1]].value) == last.shape
    return {before[-1]: len(point.nodes[variable]) - 1} if fits else {}


def _hands_on(text: str, name: str) -> bool:
    """True for ``grad = layer.backward(grad)``."""
    left, _, right = text.partition(" = ")
    return left == name and re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", right) is not None


def _handed_on(point: Point, shapes: list[tuple[int, ...]]) -> str | None:
    """The name under which a loop of the forward pass hands on as many values of these shapes."""
    for variable, nodes in point.nodes.items():
        texts = [point.lines.get(node) for node in nodes[1:]]
        one = len(set(texts)) == 1 and texts[0] is not None and _hands_on(texts[0][1], variable)
        if one and len(shapes) > 1 and [n.shape for n in nodes[:-1]] == shapes[::-1]:
            return variable
    return None
