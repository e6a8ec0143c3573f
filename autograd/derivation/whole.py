"""Mistakes that show in the claimed numbers as a whole: shape, constant, sums, another gradient."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd.derivation.claims import close
from autograd.derivation.constants import constant_ratio, meaning_of
from autograd.derivation.named import Diagnosis
from autograd.derivation.search import Case
from autograd.derivation.sides import Point

MOST_AXES = 6


def shape(case: Case) -> Diagnosis | None:
    """The right numbers in another shape, or not yet summed."""
    yours, expected = case.yours[0], case.expected[0]
    if yours.shape == expected.shape:
        return None
    if yours.size == expected.size and _all_close(case, lambda y, e: (y.reshape(e.shape), e)):
        text = f"the numbers are right, the shape is not: {yours.shape} for {expected.shape}"
        return Diagnosis(
            "shape", text, f"all {expected.size} elements agree at all {len(case.points)} points"
        )
    name = _spelled(case)
    for axes in _subsets(yours.ndim):
        summed = [y.sum(axis=axes).reshape(-1) for y in case.yours]
        if summed[0].size != expected.size or yours.size == expected.size:
            continue
        k = constant_ratio(summed, [e.reshape(-1) for e in case.expected])
        if k is not None and k != 0.0:
            which = f"the sum over {'axis' if len(axes) == 1 else 'axes'} {_axes(axes)} is missing"
            text = f"{which}: yours has the shape {yours.shape}, {name} {expected.shape}{_times(k, case)}"
            return Diagnosis("missing sum", text, f"summed it is the gradient {case.evidence()}")
    for axes in _subsets(expected.ndim):
        summed = [e.sum(axis=axes).reshape(-1) for e in case.expected]
        if summed[0].size != yours.size:
            continue
        k = constant_ratio([y.reshape(-1) for y in case.yours], summed)
        if k is not None and k != 0.0:
            over = "everything" if len(axes) == expected.ndim else f"axis {_axes(axes)} as well"
            text = f"the sum was taken over {over}: {name} has the shape {expected.shape}{_times(k, case)}"
            return Diagnosis("wrong axis", text, f"it is that sum of the gradient {case.evidence()}")
    return None


def _subsets(n: int) -> Iterator[tuple[int, ...]]:
    if n <= MOST_AXES:
        for size in range(1, n + 1):
            yield from itertools.combinations(range(n), size)


def _axes(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(axes)


def _times(k: float, case: Case) -> str:
    return (
        "" if abs(k - 1.0) < 1e-9 else f"; and it is {k:.6g} times too large{meaning_of(k, case.points[0])}"
    )


def _spelled(case: Case) -> str:
    return case.points[0].speller.node(case.node(case.target))


def _all_close(case: Case, pair: Any) -> bool:
    return all(close(*pair(y, e)) for y, e in zip(case.yours, case.expected, strict=True))


def constant(case: Case) -> Diagnosis | None:
    """One number times the gradient, the same everywhere."""
    k = constant_ratio(case.yours, case.expected)
    if k is None:
        return None
    evidence = f"ratio {k:.6g} {case.evidence()}"
    if k == 0.0:
        return Diagnosis("missing term", "it is 0: nothing was added up, or it was overwritten", evidence)
    if abs(k + 1.0) < 1e-9:
        return Diagnosis("sign", "the sign is wrong", evidence)
    named = of_operation(case, k, case.near)
    if named:
        return Diagnosis(*named, evidence)
    text = f"it is {k:.6g} times the gradient{meaning_of(k, case.points[0])}"
    return Diagnosis("constant factor", text, evidence)


_POWERS = (
    (-1, "missing factor", "is missing"),
    (1, "extra factor", "is there twice"),
    (-2, "wrong factor", "divides where it multiplies"),
)


def of_operation(case: Case, k: float, places: Iterable[int]) -> tuple[str, str] | None:
    """The constant of one of some products or quotients, which is missing or is there twice."""
    speller = case.points[0].speller
    for place in places:
        node = case.node(place)
        name = node.primitive.name  # type: ignore[union-attr]
        if name not in ("multiply", "divide") or not case.links[place]:
            continue
        for i, _ in case.links[place]:
            other = node.parents[1 - i] if len(node.parents) == 2 else None
            if other is None or other.requires_grad or np.size(other.data) != 1 or (name == "divide" and i):
                continue
            c = float(other.data)
            factor = c if name == "multiply" else 1.0 / c if c else 0.0
            spelled = speller.node(other)
            text = spelled if name == "multiply" else f"1/{spelled}"
            if factor and abs(abs(factor) - 1.0) > 1e-9:
                for power, kind, what in _POWERS:
                    if abs(k - factor**power) < 1e-9 * abs(k):
                        return kind, f"the factor {text} of {speller.node(node)} {what}"
    return None


def independent(case: Case) -> Diagnosis | None:
    """A derivative of what does not depend on the variable."""
    first = case.points[0]
    if first.uses.get(case.node(case.target)) or case.target == len(first.order) - 1:
        return None
    top = first.speller.node(first.order[-1])
    return Diagnosis("extra path", f"{top} does not depend on {_spelled(case)}: the derivative is 0", "")


def transposed(case: Case) -> Diagnosis | None:
    """The transpose of the gradient, times a constant."""
    if case.yours[0].ndim < 2:
        return None
    k = constant_ratio([np.swapaxes(y, -1, -2) for y in case.yours], case.expected)
    if k is None or k == 0.0:
        return None
    times = "" if abs(k - 1) < 1e-9 else f", {k:.6g} times"
    return Diagnosis("transpose", f"it is the transpose of the gradient{times}", case.evidence())


def other_gradient(case: Case) -> Diagnosis | None:
    """The gradient of another variable, or of another time step, true or as it was claimed."""
    for variable, nodes in case.points[0].nodes.items():
        for occurrence in range(len(nodes)):
            if (variable, occurrence) == (case.claim.variable, case.claim.occurrence):
                continue
            if nodes[occurrence] is case.points[0].order[-1]:  # that of the cost is 1
                continue
            claimed = case.before(nodes[occurrence])
            if not any(
                _equal_to(case, [_gradient(p, g, p.nodes[variable][occurrence]) for p, g in _both(case, c)])
                for c in {False, claimed}
            ):
                continue
            name = case.points[0].names[nodes[occurrence]]
            evidence = f"equal {case.evidence()}"
            if variable == case.claim.variable:
                step = occurrence - case.claim.occurrence
                text = f"it is the gradient of {name}: off by {step:+d} in time"
                return Diagnosis("time step", text, evidence)
            return Diagnosis("another variable", f"it is the gradient of {name}", evidence)
    return None


def _both(case: Case, claimed: bool) -> list[tuple[Point, Any]]:
    return [(p, g if claimed else {}) for p, g in zip(case.points, case.given, strict=True)]


def _gradient(point: Point, given: Any, node: Any) -> Any:
    return np.asarray(given.get(node, point.true.get(node, np.nan)))


def _equal_to(case: Case, others: list[Any]) -> bool:
    return bool(np.any(others[0])) and all(close(y, o) for y, o in zip(case.yours, others, strict=True))


def factor(case: Case) -> Diagnosis | None:
    """A factor too many or missing that is a named quantity, element by element."""
    for text, quantities in _quantities(case.points, case.yours[0].shape):
        pairs = list(zip(case.yours, case.expected, quantities, strict=True))
        if all(np.all(np.isfinite(q)) for q in quantities):
            if all(close(y * q, e) for y, e, q in pairs):
                return Diagnosis("missing factor", f"the factor {text} is missing", case.evidence())
            if all(close(y, e * q) for y, e, q in pairs):
                said = f"the factor {text} is too many, or 1/{_atom(text)} is missing"
                return Diagnosis("extra factor", said, case.evidence())
    return None


def _atom(text: str) -> str:
    return f"({text})" if "*" in text else text


def _quantities(points: list[Point], shape: tuple[int, ...]) -> Iterator[tuple[str, list[Any]]]:
    """Named values and what is often made of them, in a shape that broadcasts to the claim's."""
    for variable, nodes in points[0].nodes.items():
        for occurrence, node in enumerate(nodes):
            if not _fits(node.shape, shape):
                continue
            name = points[0].names[node]
            q = [np.asarray(p.nodes[variable][occurrence].data) for p in points]
            yield name, q
            yield f"{name}*(1 - {name})", [x * (1 - x) for x in q]
            yield f"(1 - {name})", [1 - x for x in q]
            yield f"(1 - {name}**2)", [1 - x * x for x in q]
            yield f"{name}**2", [x * x for x in q]


def _fits(inner: tuple[int, ...], outer: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(inner, outer) == outer
    except ValueError:
        return False
