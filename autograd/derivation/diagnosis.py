"""What is wrong with a claim: the mistake whose numbers it has, at every point."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.derivation.claims import Claim, close
from autograd.derivation.mistakes import Mistake, altered_part, of_node
from autograd.derivation.sides import Point
from autograd.derivation.sweep import part_of, region, sweep
from autograd.value import Value

MOST_NODES = 400  # of a region that is searched for a mistake


@dataclass(frozen=True)
class Diagnosis:
    """A mistake, named.

    Attributes:
        kind: a word for programs: "sign", "missing factor", ...
        text: what is wrong, for a person.
        evidence: the numbers that say so.
    """

    kind: str
    text: str
    evidence: str


Given = list[dict[Value, Any]]


@dataclass(frozen=True)
class Case:
    """A wrong claim: what it is at each point, and what it should be given the claims before it."""

    claim: Claim
    points: list[Point]
    given: Given
    yours: list[Any]
    expected: list[Any]


def diagnose(claim: Claim, points: list[Point], given: Given) -> Diagnosis:
    """The first mistake that explains a claim at all points."""
    expected = [expected_at(claim, p, g) for p, g in zip(points, given, strict=True)]
    case = Case(claim, points, given, [np.asarray(claim.at(p)) for p in points], expected)
    for attempt in (
        _shape,
        _constant,
        _operation,
        _transposed,
        _one_path,
        _other_gradient,
        _factor,
        _scaled_operation,
    ):
        found = attempt(case)
        if found is not None:
            return found
    return Diagnosis("unknown", "no known mistake has these numbers", _ratios(case.yours, expected))


def expected_at(claim: Claim, point: Point, given: dict[Value, Any]) -> Any:
    """The gradient that the claims before it imply."""
    node = claim.node(point)
    others = {n: g for n, g in given.items() if n is not node}
    return np.asarray(sweep(point.order, point.seed, others).get(node, np.zeros(node.shape)))


# -- whole numbers ------------------------------------------------------------------------


def _shape(case: Case) -> Diagnosis | None:
    """The right numbers in another shape."""
    if case.yours[0].shape == case.expected[0].shape:
        return None
    if case.yours[0].size == case.expected[0].size and all(
        close(y.reshape(e.shape), e) for y, e in zip(case.yours, case.expected, strict=True)
    ):
        text = f"the numbers are right, the shape is not: {case.yours[0].shape} for {case.expected[0].shape}"
        return Diagnosis(
            "shape", text, f"all {case.expected[0].size} elements agree at all {len(case.points)} points"
        )
    return None


def _constant(case: Case) -> Diagnosis | None:
    """One number times the gradient, the same everywhere."""
    k = constant_ratio(case.yours, case.expected)
    if k is None:
        return None
    evidence = f"ratio {k:.6g} {_evidence(case)}"
    if k == 0.0:
        return Diagnosis("missing term", "it is 0: nothing was added up, or it was overwritten", evidence)
    if abs(k + 1.0) < 1e-9:
        return Diagnosis("sign", "the sign is wrong", evidence)
    return Diagnosis(
        "constant factor", f"it is {k:.6g} times the gradient{meaning_of(k, case.points[0])}", evidence
    )


def constant_ratio(yours: Any, expected: Any) -> float | None:
    """The k with yours = k * expected everywhere, if there is one."""
    if yours[0].shape != expected[0].shape:
        return None
    a, b = (np.concatenate([np.ravel(x) for x in side]) for side in (yours, expected))
    if not np.any(b) or not np.all(np.isfinite(a)):
        return None
    k = float(a @ b / (b @ b))
    return k if close(a, k * b, CLOSE_TO_ZERO * float(np.max(np.abs(b)))) else None


CLOSE_TO_ZERO = 1.0  # a constant is judged on the scale of the gradient


def meaning_of(k: float, point: Point) -> str:
    """What a constant is made of: a length of an axis, or a small number."""
    sign, size = ("minus " if k < 0 else ""), abs(k)
    lengths: dict[int, str] = {}
    for name, value in point.inputs.items():
        for axis, n in enumerate(np.shape(value) if not isinstance(value, (dict, list, tuple)) else ()):
            lengths.setdefault(n, f"the length of axis {axis} of {name}")
        if np.size(value) > 1 and not isinstance(value, (dict, list, tuple)):
            lengths.setdefault(np.size(value), f"the number of elements of {name}")
    for n, what in lengths.items():
        if n > 2 and abs(size - n) < 1e-6 * n:
            return f": {sign}{what}, so a sum stands where the mean belongs"
        if n > 2 and abs(size * n - 1.0) < 1e-6:
            return f": {sign}one over {what}, so a mean stands where the sum belongs"
    if abs(size - 2.0) < 1e-6:
        return ": a factor 2 too many, as from a square without its 1/2"
    if abs(size - 0.5) < 1e-6:
        return ": the factor 2 of a square is missing"
    return ""


def _transposed(case: Case) -> Diagnosis | None:
    if case.yours[0].ndim < 2:
        return None
    k = constant_ratio([np.swapaxes(y, -1, -2) for y in case.yours], case.expected)
    if k is None or k == 0.0:
        return None
    times = "" if abs(k - 1) < 1e-9 else f", {k:.6g} times"
    return Diagnosis(
        "transpose",
        f"it is the transpose of the gradient{times}",
        _evidence(case),
    )


def _other_gradient(case: Case) -> Diagnosis | None:
    """The true gradient of another variable, or of another time step."""
    for variable, nodes in case.points[0].nodes.items():
        for occurrence in range(len(nodes)):
            if (variable, occurrence) == (case.claim.variable, case.claim.occurrence):
                continue
            others = [np.asarray(p.true.get(p.nodes[variable][occurrence], np.nan)) for p in case.points]
            if not np.any(others[0]) or not all(close(y, o) for y, o in zip(case.yours, others, strict=True)):
                continue
            name = case.points[0].names[nodes[occurrence]]
            evidence = f"equal {_evidence(case)}"
            if variable == case.claim.variable:
                step = occurrence - case.claim.occurrence
                return Diagnosis(
                    "time step", f"it is the gradient of {name}: off by {step:+d} in time", evidence
                )
            return Diagnosis("another variable", f"it is the gradient of {name}", evidence)
    return None


# -- one operation on the way ---------------------------------------------------------------


def _operation(case: Case) -> Diagnosis | None:
    """A mistake at one operation between the claim and the claims before it."""
    for mistake, node, i, candidates in _candidates(case.claim, case.points, case.given):
        if all(_same(y, c) for y, c in zip(case.yours, candidates(), strict=True)):
            text = mistake.text(case.points[0].speller, node, i)
            evidence = f"with this mistake the numbers are yours {_evidence(case)}"
            return Diagnosis(mistake.kind, text, evidence)
    return None


def _scaled_operation(case: Case) -> Diagnosis | None:
    """The same, times a constant: two mistakes at once."""
    for mistake, node, i, candidates in _candidates(case.claim, case.points, case.given):
        made = candidates()
        if any(c is NotImplemented for c in made):
            continue
        k = constant_ratio(case.yours, [np.asarray(c) for c in made])
        if k is not None and k != 0.0:
            text = f"{mistake.text(case.points[0].speller, node, i)}; and it is {k:.6g} times too large"
            return Diagnosis(mistake.kind, text, _evidence(case))
    return None


def _candidates(
    claim: Claim, points: list[Point], given: Given
) -> Iterator[tuple[Mistake, Value, int, Callable[[], Any]]]:
    """Each mistake at each operation in the region, the nearest first, and the gradients it makes."""
    found = region(claim.node(points[0]), points[0].uses, given[0])[:MOST_NODES]
    places = [p.order for p in points]
    position = {node: k for k, node in enumerate(points[0].order)}
    seen = set()
    for node in found:
        group = _group(points[0], node)
        if group in seen:
            continue
        seen.add(group)
        alike = [n for n in points[0].order if _group(points[0], n) == group]
        inside = [position[n] for n in alike if n in set(found)]
        for mistake, i in of_node(node):
            number = 0 if i is None else i
            for chosen in {tuple(inside), (position[node],)}:
                make = functools.partial(
                    _altered_gradients, claim, points, given, places, chosen, mistake, number
                )
                yield mistake, node, number, functools.cache(make)


def _group(point: Point, node: Value) -> tuple[Any, ...]:
    """Operations that one statement makes again and again, as in a loop, are one."""
    line, text = point.lines.get(node, (0, ""))
    return (line, text, node.op, tuple(p.op for p in node.parents)) if line else (id(node),)


def _altered_gradients(
    claim: Claim,
    points: list[Point],
    given: Given,
    places: list[list[Value]],
    chosen: tuple[int, ...],
    mistake: Mistake,
    i: int,
) -> list[Any]:
    results = []
    for point, claimed, order in zip(points, given, places, strict=True):
        target = claim.node(point)
        failed: list[int] = []
        altered = {order[k]: _alteration(order[k], mistake, i, failed) for k in chosen}
        others = {n: g for n, g in claimed.items() if n is not target}
        try:
            with np.errstate(all="ignore"):
                made = sweep(order, point.seed, others, altered).get(target, np.zeros(target.shape))
        except (ValueError, IndexError, TypeError):
            made = NotImplemented
        results.append(NotImplemented if failed else made)
        if failed or not _same(np.asarray(claim.at(point)), results[-1]):
            break  # one point is enough to exclude it
    return results + [NotImplemented] * (len(points) - len(results))


def _alteration(node: Value, mistake: Mistake, i: int, failed: list[int]) -> Callable[[int, Any], Any]:
    def alter(k: int, g: Any) -> Any:
        if k != i:
            return part_of(node, k, g)
        part = altered_part(mistake, node, i, g)
        if part is NotImplemented:
            failed.append(k)
            return None
        return part

    return alter


def _same(yours: Any, made: Any) -> bool:
    return made is not NotImplemented and close(yours, made)


# -- sums and factors -------------------------------------------------------------------------


def _one_path(case: Case) -> Diagnosis | None:
    """Only one of several paths: the others were overwritten."""
    uses = case.points[0].uses.get(case.claim.node(case.points[0]), [])
    if len(uses) < 2:
        return None
    for number, (child, _) in enumerate(uses):
        if all(
            close(y, _path(case.claim, p, g, number))
            for y, p, g in zip(case.yours, case.points, case.given, strict=True)
        ):
            text = (
                f"only the path through {case.points[0].speller.node(child)} is there, of {len(uses)}: "
                "the others are missing, or were overwritten where they should be added (= for +=)"
            )
            return Diagnosis(
                "missing path",
                text,
                _evidence(case),
            )
    return None


def _path(claim: Claim, point: Point, given: dict[Value, Any], number: int) -> Any:
    node = claim.node(point)
    received = sweep(point.order, point.seed, {n: g for n, g in given.items() if n is not node})
    child, i = point.uses[node][number]
    g = given.get(child, received.get(child))
    return np.nan if g is None else part_of(child, i, g)


def _factor(case: Case) -> Diagnosis | None:
    """A factor too many or missing that is a named quantity, element by element."""
    for text, quantities in _quantities(case.points, case.yours[0].shape):
        pairs = list(zip(case.yours, case.expected, quantities, strict=True))
        if all(np.all(np.isfinite(q)) for q in quantities):
            if all(close(y * q, e) for y, e, q in pairs):
                return Diagnosis("missing factor", f"the factor {text} is missing", _evidence(case))
            if all(close(y, e * q) for y, e, q in pairs):
                return Diagnosis("extra factor", f"the factor {text} is too many", _evidence(case))
    return None


def _quantities(points: list[Point], shape: tuple[int, ...]) -> Iterator[tuple[str, list[Any]]]:
    """Named values and what is often made of them, in a shape that broadcasts to the claim's."""
    for variable, nodes in points[0].nodes.items():
        for occurrence, node in enumerate(nodes):
            try:
                fits = np.broadcast_shapes(node.shape, shape) == shape
            except ValueError:
                fits = False
            if fits:
                name = points[0].names[node]
                q = [np.asarray(p.nodes[variable][occurrence].data) for p in points]
                yield name, q
                yield f"{name}*(1 - {name})", [x * (1 - x) for x in q]
                yield f"(1 - {name})", [1 - x for x in q]
                yield f"(1 - {name}**2)", [1 - x * x for x in q]
                yield f"{name}**2", [x * x for x in q]


def _evidence(case: Case) -> str:
    return f"at all {len(case.points)} points, {case.yours[0].size} of {case.yours[0].size} elements"


def _ratios(yours: Any, expected: Any) -> str:
    """Yours over true, element by element, at the first points."""
    if yours[0].shape != expected[0].shape:
        return f"yours has the shape {yours[0].shape}, the gradient {expected[0].shape}"
    with np.errstate(all="ignore"):
        rows = [np.ravel(y / e)[:6] for y, e in zip(yours, expected, strict=True)]
    return "ratios yours/true: " + "; ".join(" ".join(f"{r:.4g}" for r in row) for row in rows[:3])
