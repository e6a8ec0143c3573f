"""Which of the values that the backward side assigned claim to be a gradient, and of what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd.derivation.claim import Claim, close, has_shape_of, in_order
from autograd.derivation.layers import handed_back, owned
from autograd.derivation.naming import short, variable_of
from autograd.derivation.readings import as_meant
from autograd.derivation.recorder import Step
from autograd.derivation.returned import with_returned
from autograd.derivation.returned_parts import is_returned
from autograd.derivation.sides import Point
from autograd.errors import InvalidArgument, nearest
from autograd.trees import leaves

__all__ = ["Claim", "close", "find_claims"]


def find_claims(points: list[Point], names: Mapping[str, str] | None) -> tuple[list[Claim], str]:
    """Pair assignments with variables: as told, by name, and else by their numbers at all points.

    Returns the claims, and what of what is returned cannot be judged, in words.

    Raises:
        InvalidArgument: if ``names`` names what is not there, or nothing could be paired.
    """
    told = dict(names or {})
    steps = [(k, s) for k, s in enumerate(points[0].steps) if _is_float(s.value)]
    _check_told(told, steps, list(points[0].nodes))
    by_variable, unnamed = _by_name(points, told, steps)
    claims = []
    for (variable, how), found in by_variable.items():
        claims += _aligned(points, variable, how, _beside_updates(points, variable, found))
    claims += _by_numbers(points, unnamed, {(c.variable, c.occurrence) for c in claims})
    claims += handed_back(points[0], unnamed, claims)
    claims, untold = with_returned(points, claims)
    if not claims:
        there = ", ".join(dict.fromkeys(s.name for _, s in steps)) or "nothing"
        raise InvalidArgument(
            f"no gradient was found among what backward assigned ({there}): the variables are "
            f"{', '.join(points[0].nodes)}. Say which is which with names={{claim: variable}}"
        )
    return as_meant(points, in_order(claims, points[0])), untold


def _beside_updates(points: list[Point], variable: str, ks: list[int]) -> list[int]:
    """The assignments without the updates that imply a gradient, if there are any.

    Where an update is right the gradient was so when it was used, whatever became of it.
    """
    updates = [k for k in ks if points[0].steps[k].name.startswith("update of ")]
    others = [k for k in ks if k not in updates]
    if len(points[0].nodes[variable]) == 1 and any(_is_true(points, variable, 0, k) for k in updates):
        return [k for k in others if _is_true(points, variable, 0, k)] or updates
    return others or updates


def _by_name(
    points: list[Point], told: Mapping[str, str], steps: list[tuple[int, Step]]
) -> tuple[dict[tuple[str, str], list[int]], list[int]]:
    """The assignments to each variable that a name or the user tells, and those that nothing tells."""
    by_variable: dict[tuple[str, str], list[int]] = {}
    unnamed = []
    for k, step in steps:
        key = next((n for n in (step.name, short(step.name)) if n in told), None)
        variable = told[key] if key else variable_of(step.name, points[0].nodes)
        if key is None and is_returned(step):
            continue
        if key is None and (_is_of_another_value(step.name, points[0]) or _is_of_forward(points, k)):
            continue
        of_cost = "/" in step.name and _is_cost(step.name, points[0])
        if variable is None or (not of_cost and _is_local_derivative(points, k)):
            unnamed.append(k)
        else:
            by_variable.setdefault((variable, "given" if key else "name"), []).append(k)
    return by_variable, unnamed


def _is_float(x: Any) -> bool:
    return np.asarray(x).dtype.kind == "f"


def _check_told(told: Mapping[str, str], steps: list[tuple[int, Step]], variables: list[str]) -> None:
    assigned = {n for _, s in steps for n in (s.name, short(s.name))}
    for name, variable in told.items():
        if name not in assigned:
            raise InvalidArgument(
                f"names= has the claim {name!r}, which backward does not assign{nearest(name, assigned)}"
            )
        if variable not in variables:
            raise InvalidArgument(
                f"names= has the variable {variable!r}, which forward does not have"
                f"{nearest(variable, variables)}"
            )


def _claim(points: list[Point], variable: str, occurrence: int, k: int, how: str) -> Claim:
    step = points[0].steps[k]
    return Claim(step.name, variable, occurrence, k, step.line, step.text, how)


def _aligned(points: list[Point], variable: str, how: str, ks: list[int]) -> list[Claim]:
    """Assignments to the Values of one name: the last for one Value, else by numbers, else from the end."""
    count = len(points[0].nodes[variable])
    steps = points[0].steps
    changed = {steps[k].name: k for k in ks if steps[k].at_end}
    ks = [k for k in ks if not steps[k].at_end] or ks
    if count == 1 and how == "name":
        ks = [] if _is_summed(points, variable, ks) else _without_samples(points[0], variable, ks)
    if not ks:
        return []
    if count == 1:
        # What a parameter's gradient holds at the end counts; another array may be used again.
        is_leaf = points[0].nodes[variable][0].is_leaf
        k = changed.get(steps[ks[-1]].name, ks[-1]) if is_leaf else ks[-1]
        return [_claim(points, variable, 0, _computed(points, k, ks), how)]
    in_loop = [k for k in ks if re.fullmatch(r"self\.\w+\[[A-Za-z_]\w*\]", steps[k].name)]
    if len(in_loop) == count and any(not steps[k].line for k in ks):
        ks = in_loop  # rather than what the list holds at the end
    by_owner = owned(points[0], variable, ks)
    if by_owner:
        by_owner |= _left_over(points[0], variable, ks, by_owner)
        return [_claim(points, variable, i, k, "holder") for i, k in by_owner.items()]
    claims, taken = [], set()
    for occurrence in reversed(range(count)):
        right = [k for k in ks if k not in taken and _is_true(points, variable, occurrence, k)]
        if right:
            taken.add(right[-1])
            claims.append(_claim(points, variable, occurrence, right[-1], how))
    # What is left is paired from the end: the last assignment that a loop makes again and
    # again, in backward order, with the Values in backward order.
    ends = [k for k in ks if points[0].steps[k].line == points[0].steps[ks[-1]].line]
    paired = {c.occurrence for c in claims}
    for position, k in enumerate(ends[:count]):
        occurrence = count - 1 - position
        if occurrence not in paired and k not in taken and _may_be(points[0], variable, occurrence, k):
            claims.append(_claim(points, variable, occurrence, k, how))
    return claims


def _left_over(point: Point, variable: str, ks: list[int], paired: dict[int, int]) -> dict[int, int]:
    """The last assignment for the one Value that is left: ``self.dW[i]`` of the last round of a loop."""
    left = [i for i in range(len(point.nodes[variable])) if i not in paired]
    others = [k for k in ks if k not in paired.values()]
    fits = (
        len(left) == 1
        and others
        and has_shape_of(point.nodes[variable][left[0]], point.steps[others[-1]].value)
    )
    return {left[0]: others[-1]} if fits else {}


def _may_be(point: Point, variable: str, occurrence: int, k: int) -> bool:
    """False for what has the shape of another Value of the name, and not of this one."""
    alike = [has_shape_of(node, point.steps[k].value) for node in point.nodes[variable]]
    return alike[occurrence] or not any(alike)


def _computed(points: list[Point], k: int, ks: list[int]) -> int:
    """Where the numbers of an assignment were computed: ``grads = dict(w=dw)`` only passes them on."""
    for earlier in reversed([j for j in ks if j < k]):
        if any(not np.array_equal(p.steps[earlier].value, p.steps[k].value) for p in points):
            break
        k = earlier
    return k


def _without_samples(point: Point, variable: str, ks: list[int]) -> list[int]:
    """Leave out what a loop assigns for one sample after the other, in another shape: the sums are judged.

    A parameter has to have a gradient of its shape somewhere.
    """
    node = point.nodes[variable][0]
    times = Counter((point.steps[k].line, point.steps[k].text) for k in ks)
    kept = [
        k
        for k in ks
        if times[point.steps[k].line, point.steps[k].text] == 1 or has_shape_of(node, point.steps[k].value)
    ]
    return kept or (ks if node.is_leaf else [])


def _is_summed(points: list[Point], variable: str, ks: list[int]) -> bool:
    """True for what a loop assigns for one sample after the other if the gradient is there as their sum.

    What is returned has to be the gradient itself.
    """
    steps = points[0].steps
    last = steps[ks[-1]]
    alike = [k for k in ks if (steps[k].line, steps[k].text) == (last.line, last.text)]
    if len(alike) == 1 or _is_true(points, variable, 0, ks[-1]):
        return False
    if any(np.array_equal(x, last.value) for x in leaves(points[0].result)):
        return False
    return any(_is_true(points, variable, 0, k) for k in range(alike[0], len(steps)) if k not in ks)


def _is_true(points: list[Point], variable: str, occurrence: int, k: int) -> bool:
    return all(close(p.steps[k].value, p.true.get(p.nodes[variable][occurrence], np.nan)) for p in points)


def _by_numbers(points: list[Point], ks: list[int], taken: set[tuple[str, int]]) -> list[Claim]:
    """Assignments whose names tell nothing, and whose numbers are those of a gradient."""
    claims = []
    for k in ks:
        if np.any(points[0].steps[k].value):
            found = next(_matching(points, k, taken), None)
            if found is not None:
                taken.add(found)
                is_leaf = points[0].nodes[found[0]][found[1]].is_leaf
                last = _added_to(points[0], k, ks)
                last = _changed_to(points[0], last, ks) if is_leaf else last
                claims.append(_claim(points, *found, last, "numbers"))
    return claims


def _added_to(point: Point, k: int, ks: list[int]) -> int:
    """The assignment that a claim ends with: what was right may have been spoilt by ``+=`` afterwards."""
    step = point.steps[k]
    for later in ks:
        other = point.steps[later]
        if later > k and other.name == step.name:
            added = other.text.startswith(f"{step.name} += ") and other.line != step.line
            if not added or any(close(other.value, g) for g in point.true.values()):
                break
            k = later
    return k


def _changed_to(point: Point, k: int, ks: list[int]) -> int:
    """What the array of the last assignment to a name holds at the end."""
    alike = [j for j in ks if j >= k and point.steps[j].name == point.steps[k].name]
    return alike[1] if len(alike) == 2 and point.steps[alike[1]].at_end else k


def _matching(points: list[Point], k: int, taken: set[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """The Values whose gradient an assignment has: those with a name, then those without."""
    for variable, nodes in points[0].nodes.items():
        for occurrence in range(len(nodes)):
            if (variable, occurrence) not in taken and _is_true(points, variable, occurrence, k):
                yield variable, occurrence
    shape = np.shape(points[0].steps[k].value)
    for place in reversed(range(len(points[0].order))):  # of equal gradients that of the result
        node = points[0].order[place]
        if node in points[0].names or node.shape != shape or node.primitive is None:
            continue
        if all(close(p.steps[k].value, p.true.get(p.order[place], np.nan)) for p in points):
            for p in points:
                p.nodes[f"#{place}"] = [p.order[place]]
                p.names[p.order[place]] = p.speller.node(p.order[place])
            yield f"#{place}", 0


def _is_of_another_value(name: str, point: Point) -> bool:
    """True for ``da2/dz2``, a factor of the chain rule: it claims nothing about the cost."""
    top = name.partition("/")[0][1:]
    return "/" in name and top in point.nodes and not _is_cost(name, point)


def _is_cost(name: str, point: Point) -> bool:
    """True for ``dE/dz2``, where E is the cost."""
    nodes = point.nodes.get(name.partition("/")[0][1:], [])
    return any(node is point.order[-1] for node in nodes)  # == is elementwise


def _is_of_forward(points: list[Point], k: int) -> bool:
    """True for a value of the forward pass, computed again or in the same function."""
    own = points[0].nodes.get(short(points[0].steps[k].name), [])
    return any(
        all(close(p.steps[k].value, p.nodes[short(p.steps[k].name)][i].data) for p in points)
        for i in range(len(own))
    )


def _is_local_derivative(points: list[Point], k: int) -> bool:
    """True for the derivative of one elementwise operation: ``dA = A*(1 - A)`` claims no dE/dA."""
    point = points[0]
    value = np.asarray(point.steps[k].value)
    if value.ndim == 0 and value in (0.0, 1.0):
        return False
    for node in point.order:
        primitive = node.primitive
        if primitive is None or primitive.kind != "elementwise" or len(node.parents) != 1:
            continue
        if node.shape != value.shape:
            continue
        with np.errstate(all="ignore"):
            local = primitive.rule(0)(
                np.ones(node.shape), node.data, node.parents[0].data, **(node.params or {})
            )
        if close(value, local) and not any(close(value, g) for g in point.true.values()):
            return True
    return False
