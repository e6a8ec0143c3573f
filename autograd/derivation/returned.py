"""What the backward side returns, as the last word on each gradient.

``return dW / m, db`` claims that ``dW / m`` is the gradient of W, whatever ``dW`` was before. A part
of what is returned is paired by its name or key, by its numbers, by the one gradient that its
expression mentions, and else by what is left over: its place, its shape. What can be a wrong
gradient and be paired in none of these ways is named, so that nothing unjudged is called right.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.derivation.claim import Claim, close
from autograd.derivation.naming import RETURN, find, short, variable_of
from autograd.derivation.returned_parts import (
    LABELS,
    NAMELESS,
    Pairing,
    Part,
    Target,
    is_measure,
    is_returned,
    is_updated,
    part_of_return,
)
from autograd.derivation.sides import Point


def with_returned(points: list[Point], claims: list[Claim]) -> tuple[list[Claim], str]:
    """The claims with those that are returned, and what of these cannot be judged, in words."""
    told = {c.step for c in claims}
    parts = [part_of_return(k, s) for k, s in enumerate(points[0].steps) if is_returned(s) and k not in told]
    pairing = Pairing(points, claims, parts)
    for rule in (
        _by_name,
        _by_numbers,
        _by_mention,
        _of_several,
        _of_inner,
        _of_forward,
        _by_place,
        _by_shape,
    ):
        rule(pairing)
    for part in parts:
        if part.k in pairing.found:
            claims = _replaced(points, claims, part, *pairing.found[part.k])
    return claims, _untold(pairing)


def _replaced(points: list[Point], claims: list[Claim], part: Part, target: Target, how: str) -> list[Claim]:
    """The claims with that of a part, unless there is one of the same numbers."""
    others = [c for c in claims if (c.variable, c.occurrence) != target]
    before = [c for c in claims if (c.variable, c.occurrence) == target]
    if any(all(_equal(p.steps[c.step].value, p.steps[part.k].value) for p in points) for c in before):
        return claims
    return [*others, Claim(part.step.name, *target, part.k, part.step.line, part.step.text, how)]


def _equal(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and np.array_equal(a, b, equal_nan=True)


# -- rules, the surest first --------------------------------------------------------------


def _by_name(pairing: Pairing) -> None:
    """``dw``, ``grads['w']``, ``{'dw': ...}`` and ``{'w': ...}``."""
    nodes = pairing.points[0].nodes
    for part in pairing.free():
        variable = variable_of(part.step.name, nodes)
        if variable is None and part.is_named:
            variable = variable_of(part.text, nodes)
        if variable is None and short(part.step.name) != RETURN:
            variable = find(short(part.step.name), list(nodes))
            if variable and (not nodes[variable][0].is_leaf or pairing.is_computed(part)):
                variable = None
        if variable is None or not part.is_number or is_updated(pairing, part):
            continue
        claimed = any(c.variable == variable for c in pairing.claims)
        if not nodes[variable][0].is_leaf and (len(nodes[variable]) > 1 or (part.is_named and not claimed)):
            pairing.done.add(part.k)  # judged where it was assigned
        elif len(nodes[variable]) == 1 and ((variable, 0), "name") not in pairing.found.values():
            pairing.found[part.k] = (variable, 0), "name"


def _by_numbers(pairing: Pairing) -> None:
    """The gradient of an input: of the one it mentions, if it can be."""
    for part in pairing.free():
        mentioned = pairing.gradients(part)
        left = [t for claimed in (True, False) for t in pairing.left(claimed)]
        left.sort(key=lambda t: t[0] not in mentioned)
        target = next((t for t in left if pairing.is_true(part, t)), None)
        if target and target[0].lower() in LABELS and target[0] not in mentioned:
            target = pairing.opposite(part) or target  # of labels it is -1 times that of the prediction
        if target:
            pairing.found[part.k] = target, "name" if mentioned == {target[0]} else "numbers"


def _by_mention(pairing: Pairing) -> None:
    """``2 * dw``: of the shape of w, and no other gradient of an input is in it."""
    for part in pairing.free():
        inputs = {v for v, _ in pairing.inputs}
        mentioned = pairing.gradients(part) & inputs
        left = [t for t in pairing.left(True) + pairing.left(False) if {t[0]} == mentioned]
        fitting = [t for t in left if _fits(part, pairing.shape(t))]
        if len(fitting) == 1 and part.is_number and not is_updated(pairing, part):
            pairing.found[part.k] = fitting[0], "name"


def _of_several(pairing: Pairing) -> None:
    """Gradients made into one vector, row by row or column by column."""
    for part in pairing.free():
        inputs = {v for v, _ in pairing.inputs}
        targets = [(v, 0) for v in pairing.mentioned(part) if v in inputs]
        sizes = [np.prod(pairing.shape(t), dtype=int) for t in targets]
        if len(targets) > 1 and part.is_number and sum(sizes) == np.size(part.step.value):
            right = any(
                all(
                    close(np.ravel(p.steps[part.k].value), _in_a_row(p, targets, how)) for p in pairing.points
                )
                for how in ("C", "F")
            )
            (pairing.done if right else pairing.unsure).add(part.k)


def _in_a_row(point: Point, targets: list[Target], how: Any) -> Any:
    nodes = [point.nodes[v][i] for v, i in targets]
    return np.concatenate([np.ravel(point.true.get(n, np.zeros(n.shape)), how) for n in nodes])


def _of_inner(pairing: Pairing) -> None:
    """The gradient of a value on the way, right: ``dh`` for the layer before."""
    for part in pairing.free():
        inner = _inner(pairing, part) if part.is_number and np.any(part.step.value) else None
        if inner is None:
            continue
        told = part.is_named and not pairing.gradients(part) & {t[0] for t, _ in pairing.found.values()}
        if part.k in _places(pairing) and not told:
            pairing.unsure.add(part.k)
        elif inner == NAMELESS or _is_claimed(pairing, part):
            pairing.done.add(part.k)
        else:
            pairing.found[part.k] = inner, "numbers"


def _inner(pairing: Pairing, part: Part) -> Target | None:
    """The value on the way whose gradient a part has."""
    first, shape = pairing.points[0], np.shape(part.step.value)
    for variable, nodes in first.nodes.items():
        for i, node in enumerate(nodes):
            if not node.is_leaf and node.shape == shape and pairing.is_true(part, (variable, i)):
                return variable, i
    if pairing.opposite(part):  # that of -x, as there is in a sigmoid
        return None
    for place, node in enumerate(first.order):
        yours = [p.steps[part.k].value for p in pairing.points]
        true = [p.true.get(p.order[place], np.nan) for p in pairing.points]
        if not node.is_leaf and node.shape == shape and all(map(close, yours, true)):
            return NAMELESS
    return None


def _is_claimed(pairing: Pairing, part: Part) -> bool:
    """True if there is a claim of the same numbers."""
    return any(
        all(_equal(p.steps[c.step].value, p.steps[part.k].value) for p in pairing.points)
        for c in pairing.claims
    )


def _of_forward(pairing: Pairing) -> None:
    """A cost or prediction that is returned beside gradients, and parameters that were updated."""
    for part in pairing.free():
        if is_updated(pairing, part) or is_measure(pairing, part):
            pairing.done.add(part.k)
        elif part.is_number and pairing.is_computed(part):
            plain = part.is_named and short(part.text) not in {v for v, _ in pairing.inputs}
            cost = all(close(p.steps[part.k].value, p.order[-1].data) for p in pairing.points)
            known = plain or cost or part.k not in _places(pairing)
            (pairing.done if known else pairing.unsure).add(part.k)


def _by_place(pairing: Pairing) -> None:
    """As many parts as inputs, and the others are in the order of these."""
    places = _places(pairing)
    claimed = pairing.left(True)
    for part in pairing.free():
        sure = part.k in places and (places[part.k] in claimed or _speaks(pairing, part))
        if sure and part.is_number:
            pairing.found[part.k] = places[part.k], "place"


def _speaks(pairing: Pairing, part: Part) -> bool:
    """True for what is made of gradients, or made in the return statement."""
    return bool(pairing.gradients(part)) or not part.is_named


def _places(pairing: Pairing) -> dict[int, Target]:
    """The input for each part by its place, if those that are paired already are in their place."""
    named = {(c.variable, c.occurrence) for c in pairing.claims if c.how != "numbers"}
    for inputs in ([t for t in pairing.inputs if t in named], pairing.inputs):
        if len(inputs) != len(pairing.parts) or not pairing.found:
            continue
        pairs = list(zip(pairing.parts, inputs, strict=True))
        if all(
            pairing.found[p.k][0] == t if p.k in pairing.found else t in named or _fits(p, pairing.shape(t))
            for p, t in pairs
        ):
            return {p.k: t for p, t in pairs}
    return {}


def _by_shape(pairing: Pairing) -> None:
    """An input of its shape, of those claimed before or, for what is made of gradients, of all."""
    for claimed in (True, False):
        for part in pairing.free():
            fitting = [t for t in pairing.left(claimed) if _fits(part, pairing.shape(t))]
            fitting.sort(key=lambda t: t[0].lower() in LABELS)  # of labels it is rarely wanted
            same = [t for t in fitting if pairing.shape(t) == np.shape(part.step.value)] or fitting
            sure = len(same) == 1 if claimed else _speaks(pairing, part)
            if same and sure and part.is_number:
                pairing.found[part.k] = same[0], "shape"


def _fits(part: Part, shape: tuple[int, ...]) -> bool:
    """Of the shape of a variable, or of as many elements."""
    size = np.size(part.step.value)
    return np.shape(part.step.value) == shape or (size == np.prod(shape, dtype=int) and size > 1)


def _untold(pairing: Pairing) -> str:
    """The parts that can be the gradient of an input but were not paired with one, in words."""
    left = {claimed: pairing.left(claimed) for claimed in (True, False)}
    untold = []
    for part in pairing.parts:
        if part.k in pairing.found or part.k in pairing.done:
            continue
        of_claimed = left[True] and (len(pairing.parts) > 1 or bool(pairing.gradients(part)))
        fits = any(_fits(part, pairing.shape(t)) for t in left[True] + left[False]) and part.is_number
        if part.k in pairing.unsure or fits or (of_claimed and not _is_more(pairing)):
            text = f" ({part.text})" if part.text else ""
            untold.append(f"{part.step.name}{text}")
    if not untold:
        return ""
    of = ", ".join(dict.fromkeys(v for v, _ in left[True] or left[False])) or "several inputs"
    return (
        f"what is returned was not judged: {', '.join(untold)} may be the gradient of {of}, "
        f"but has not its numbers; say of what with names={{{untold[0].split(' ')[0]!r}: variable}}"
    )


def _is_more(pairing: Pairing) -> bool:
    """True if other things than one gradient for each input are returned."""
    return len(pairing.parts) != len(pairing.found) + len(pairing.left(True))
