"""check_derivation: find the first wrong step of a derivation, and name the mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.data import canonical
from autograd.derivation.claims import Claim, close, find_claims
from autograd.derivation.diagnosis import diagnose, expected_at
from autograd.derivation.instrument import from_file
from autograd.derivation.notes import convention_of, notes_on, shown_power
from autograd.derivation.power import referee
from autograd.derivation.report import (
    CANNOT_TELL,
    FOLLOWS,
    RIGHT,
    WRONG,
    DerivationReport,
    Finding,
    worst_element,
)
from autograd.derivation.sides import Point, Side, cost_of, run_point
from autograd.derivation.state import state_of
from autograd.errors import ChainruleError, InvalidArgument
from autograd.trees import tree_map

POINTS = 5


def check_derivation(
    forward: Side,
    backward: Side | None,
    inputs: Mapping[str, Any],
    *,
    loss: str | Callable[..., Any] | None = None,
    names: Mapping[str, str] | None = None,
    call: Callable[..., Any] | None = None,
    rng: Any = 0,
) -> DerivationReport:
    r"""Check a backward pass that was derived by hand, and name its first wrong step.

    Every claimed gradient is judged twice: is it right, and is it right given the claims
    before it? The first that is wrong given those is where the mistake was made.

    Args:
        forward: a function in plain NumPy, or text with one formula a line
            (``a1 = sigmoid(z1)``); its names are the variables.
        backward: a function, text (``dE/dz1 = (a1 - T)*a1*(1 - a1)``), or a mapping from
            names to formulas, functions of named variables, or arrays. None if ``forward``
            does both passes. A function may be a method, whose object holds the parameters,
            or ``"file.py::name"``; of the file only imports and definitions are run.
        inputs: arrays and numbers by name. Floats are differentiated, integers are not.
        loss: the cost, if ``forward`` does not return it: a name, or a function of names.
        names: the variable of a claim whose name does not tell it.
        call: ``call(backward, known, result)`` calls ``backward`` if its parameters cannot be
            filled by name.
        rng: generator or seed of the further points at which the numbers are compared.

    Returns:
        A report: ``print`` it, or see ``ok``, ``first_wrong`` and ``findings``.

    Raises:
        InvalidArgument: for what cannot be parsed, filled or paired, naming it.

    >>> report = check_derivation(
    ...     "z = w*x + b\na = sigmoid(z)\nE = 1/2*(T - a)**2",
    ...     "dE/da = -(T - a)\ndE/dz = dE/da\ndE/dw = dE/dz*x",
    ...     {"w": 0.15, "b": 0.4, "x": 0.1, "T": 0.25},
    ... )
    >>> report.first_wrong.claim, report.first_wrong.diagnosis.text
    ('dE/dz', 'the factor a*(1 - a) is missing: the derivative of sigmoid at z')
    """
    if not isinstance(inputs, Mapping):
        raise InvalidArgument(
            f"inputs must be a dict of arrays and numbers by name, got {type(inputs).__name__}"
        )
    generator = np.random.default_rng(rng)
    forward, backward = (_from_file(side) for side in (forward, backward))
    state = state_of(forward, backward)
    inputs = {**inputs, "self": state} if state else inputs
    points = _points(forward, backward, inputs, loss, call, generator)
    claims = find_claims(points, names)
    given = [{c.node(p): canonical(np.asarray(c.at(p))) for c in claims if _fits(c, p)} for p in points]
    verdicts = [_verdict(c, points, given) for c in claims]
    findings = _findings(claims, verdicts, points, given)
    convention = convention_of(claims, verdicts, points)
    doubt = referee(points[0], lambda at: cost_of(forward, at, loss, points[0].seed), generator)
    notes = notes_on(points, claims, POINTS)
    if all(v == RIGHT for v in verdicts):
        notes += shown_power(claims, points, given)
    return DerivationReport(tuple(findings), convention, tuple(notes), doubt)


def assert_derivation(*args: Any, **kwargs: Any) -> None:
    """For tests: raise AssertionError with the report as its text if a derivation is not right.

    Takes the arguments of :func:`check_derivation`.
    """
    report = check_derivation(*args, **kwargs)
    if not report.ok:
        raise AssertionError(f"\n{report}")


def _from_file(side: Any) -> Any:
    """The function of ``"file.py::name"``; any other side as it is."""
    return from_file(side) if isinstance(side, str) and "::" in side and "\n" not in side else side


# -- points -------------------------------------------------------------------------------


def _points(
    forward: Side,
    backward: Side | None,
    inputs: Mapping[str, Any],
    loss: Any,
    call: Any,
    rng: np.random.Generator,
) -> list[Point]:
    """The given point and random ones around it, where both sides run through in the same way."""
    points = [run_point(forward, backward, inputs, loss, call, rng)]
    for _ in range(3 * POINTS):
        if len(points) == POINTS:
            break
        try:
            with np.errstate(all="ignore"):
                point = run_point(forward, backward, _moved(inputs, rng), loss, call, rng)
        except (ChainruleError, ArithmeticError, ValueError, IndexError):
            continue
        if _alike(point, points[0]):
            points.append(point)
    return points


def _alike(point: Point, first: Point) -> bool:
    """The same operations and assignments, and numbers that are finite."""
    return bool(
        len(point.order) == len(first.order)
        and [s.name for s in point.steps] == [s.name for s in first.steps]
        and all(bool(np.all(np.isfinite(g))) for g in point.true.values())
    )


def _moved(inputs: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Inputs at random places around the given ones; integers and one-hot rows keep their form."""

    def move(x: Any) -> Any:
        if isinstance(x, (bool, int, str)) or x is None or callable(x):
            return x
        array = np.asarray(getattr(x, "data", x) if not isinstance(x, np.ndarray) else x)
        if array.dtype.kind != "f" or _is_coded(array):
            return x
        size = float(np.sqrt(np.mean(np.square(array)))) if array.size else 0.0
        moved = array * (1.0 + 0.3 * rng.normal(size=array.shape)) + 0.1 * (size or 1.0) * rng.normal(
            size=array.shape
        )
        return moved if array.ndim else float(moved)

    return {name: tree_map(move, value) for name, value in inputs.items()}


def _is_coded(array: Any) -> bool:
    """Zeros and ones that stand for classes or masks."""
    return bool(
        array.ndim > 0
        and array.size > 1
        and bool(np.all((array == 0.0) | (array == 1.0)))
        and bool(np.any(array == 1.0))
    )


# -- verdicts -----------------------------------------------------------------------------


def _fits(claim: Claim, point: Point) -> bool:
    return bool(np.shape(claim.at(point)) == claim.node(point).shape)


def _verdict(claim: Claim, points: list[Point], given: list[dict[Any, Any]]) -> str:
    """Right, right given the claims before it, or wrong."""
    yours = [np.asarray(claim.at(p)) for p in points]
    true = [np.asarray(p.true.get(claim.node(p), np.zeros(claim.node(p).shape))) for p in points]
    if not all(np.all(np.isfinite(t)) for t in true):
        return CANNOT_TELL
    if all(close(y, t) for y, t in zip(yours, true, strict=True)):
        return RIGHT
    expected = [expected_at(claim, p, g) for p, g in zip(points, given, strict=True)]
    return FOLLOWS if all(close(y, e) for y, e in zip(yours, expected, strict=True)) else WRONG


def _findings(
    claims: list[Claim], verdicts: list[str], points: list[Point], given: list[dict[Any, Any]]
) -> list[Finding]:
    """A finding for each claim; a statement that a loop makes again and again is explained once."""
    findings, explained = [], set()
    for claim, verdict in zip(claims, verdicts, strict=True):
        place = (claim.line, claim.text)
        explain = verdict == WRONG and (not claim.line or place not in explained)
        explained |= {place} if explain else set()
        findings.append(_finding(claim, verdict, points, given, claims, explain))
    return findings


def _finding(
    claim: Claim,
    verdict: str,
    points: list[Point],
    given: list[dict[Any, Any]],
    claims: list[Claim],
    explain: bool,
) -> Finding:
    node = claim.node(points[0])
    true = points[0].true.get(node, np.zeros(node.shape))
    worst = worst_element(claim.at(points[0]), true)
    diagnosis, corrected = None, ""
    if explain:
        diagnosis = diagnose(claim, points, given)
        corrected = _corrected(claim, points[0], claims)
    name = points[0].names[node]
    return Finding(claim.name, name, verdict, claim.line, claim.text, worst, diagnosis, corrected, claim.how)


def _corrected(claim: Claim, point: Point, claims: list[Claim]) -> str:
    """The statement as it should be, from the claims before it."""
    spoken = {c.node(point): c.name for c in claims if c.step < claim.step}
    text = _gradient_text(claim.node(point), point, spoken, 4)
    return f"{claim.name} = {text}" if text and len(text) < 200 else ""


def _gradient_text(node: Any, point: Point, spoken: dict[Any, str], depth: int) -> str:
    if node is point.order[-1]:
        return "1"
    if depth == 0:
        return ""
    parts = []
    for child, i in point.uses.get(node, []):
        g = spoken.get(child) or _gradient_text(child, point, spoken, depth - 1)
        if not g:
            return ""
        parts.append(point.speller.passed_on(g, child, i))
    return " + ".join(parts) if len(parts) <= 4 else ""
