"""check_derivation: find the first wrong step of a derivation, and name the mistake."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.data import canonical
from autograd.derivation.arguments import as_arrays
from autograd.derivation.claim import numbers_of
from autograd.derivation.claims import Claim, close, find_claims
from autograd.derivation.corrected import corrected
from autograd.derivation.diagnosis import diagnose, expected_at
from autograd.derivation.factors import wrong_factors
from autograd.derivation.forms import at_given_inputs_only, on_forms, with_form
from autograd.derivation.kinks import kink_at
from autograd.derivation.notes import clippings, convention_of, notes_on, shown_power
from autograd.derivation.numbers_given import compared_once, note_on, numbers_among
from autograd.derivation.pairing import settled
from autograd.derivation.points import POINTS, drawn, points_around
from autograd.derivation.power import differences_doubt
from autograd.derivation.recognised import clipped, other_loss
from autograd.derivation.report import (
    CANNOT_TELL,
    FOLLOWS,
    RIGHT,
    WRONG,
    DerivationReport,
    Finding,
    differing,
    worst_element,
)
from autograd.derivation.sides import Point, Side, output_of
from autograd.derivation.source import from_file
from autograd.derivation.state import state_of
from autograd.derivation.sweep import ROUNDING, cancelled
from autograd.errors import InvalidArgument


def check_derivation(
    forward: Side,
    backward: Side | None,
    inputs: Mapping[str, Any] | None = None,
    *,
    loss: str | Callable[..., Any] | None = None,
    names: Mapping[str, str] | None = None,
    call: Callable[..., Any] | None = None,
    shapes: Mapping[str, Sequence[int] | str] | None = None,
    referee: str | None = None,
    rng: Any = 0,
) -> DerivationReport:
    r"""Check a backward pass that was derived by hand, and name its first wrong step.

    Every claimed gradient is judged twice: is it right, and is it right given the claims
    before it? The first that is wrong given those is where the mistake was made.

    Args:
        forward: a function in plain NumPy, or text with one formula a line
            (``a1 = sigmoid(z1)``); its names are the variables.
        backward: a function, text (``dE/dz1 = (a1 - T)*a1*(1 - a1)``), or a mapping from
            names to formulas, functions of named variables, or arrays, which are compared at
            the given inputs only. None if ``forward`` does both passes. A function may be a
            method, whose object holds the parameters, or ``"file.py::name"``; of the file only
            imports and definitions are run.
        inputs: arrays and numbers by name. Floats are differentiated, integers are not. At the
            further points floats are others; labels and masks, which are zeros and ones or
            shares that sum to one, stay so unless a gradient is claimed for them.
        loss: the cost, if ``forward`` does not return it: a name, or a function of names.
        names: the variable of a claim whose name does not tell it.
        call: ``call(backward, known, result)`` calls ``backward`` if its parameters cannot be
            filled by name.
        shapes: shapes of inputs that are to be drawn at random, ``{"X": (5, 3)}``, or with letters
            for lengths to be chosen, ``{"X": "N D", "W": "D H"}``: pairwise different ones.
        referee: "jax" to ask JAX as well, beside the engine and central differences.
        rng: generator or seed of the further points at which the numbers are compared.

    Returns:
        A report: ``print`` it, or see ``ok``, ``first_wrong`` and ``findings``.

    Raises:
        InvalidArgument: for what cannot be parsed, filled or paired, naming it.
        ImportError: if JAX was asked for and is not installed.

    >>> report = check_derivation(
    ...     "z = w*x + b\na = sigmoid(z)\nE = 1/2*(T - a)**2",
    ...     "dE/da = -(T - a)\ndE/dz = dE/da\ndE/dw = dE/dz*x",
    ...     {"w": 0.15, "b": 0.4, "x": 0.1, "T": 0.25},
    ... )
    >>> report.first_wrong.claim, report.first_wrong.diagnosis.kind
    ('dE/dz', 'missing factor')
    >>> print(report.first_wrong.diagnosis.text.replace("; ", "\n"))
    the factor a*(1 - a) is missing: the derivative of sigmoid at z
    it is exactly the gradient of binary cross-entropy of a and T, not of your cost
    """
    inputs = {} if inputs is None and shapes else inputs
    if not isinstance(inputs, Mapping):
        raise InvalidArgument(
            f"inputs must be a dict of arrays and numbers by name, got {type(inputs).__name__}"
        )
    generator = np.random.default_rng(rng)
    forward, backward = (_from_file(side) for side in (forward, backward))
    inputs = {**drawn(shapes or {}, generator), **inputs}
    inputs = as_arrays(inputs) if isinstance(forward, str) else inputs
    state = state_of(forward, backward)
    inputs |= {"self": state} if state else {}
    fixed = numbers_among(backward)

    def around(kept: bool = True) -> list[Point]:
        points = points_around(forward, backward, inputs, loss, call, generator, names, kept)
        return compared_once(points, backward, _told(backward, names, points[0]))

    points = around()
    names = _told(backward, names, points[0])
    claims, given, verdicts, untold = _judged(points, names)
    output = functools.partial(output_of, forward, loss)
    kink = kink_at(points[0], output, generator) if len(points) > 1 else ""
    smooth = int(bool(kink))  # from which point on
    beside = [_verdict(c, points[smooth:], given[smooth:]) for c in claims] if kink else verdicts
    at_kink, verdicts = beside != verdicts, beside
    open_there = all(v == RIGHT for v in verdicts)
    factors = wrong_factors(points, claims)
    findings = _with_factors(_findings(claims, verdicts, points, given, smooth), claims, factors)
    convention = "" if factors else convention_of(claims, verdicts, points)
    notes = [_AT_KINK.format(kink)] if at_kink and not open_there else []
    notes += note_on(fixed) + notes_on(points, claims, 1 if fixed else POINTS)
    notes += clippings(claims, verdicts, points)
    right = not factors and all(v == RIGHT for v in verdicts)
    if convention or right:
        notes += _on_forms(points[0], around, names)
    elif not factors and all(close(c.at(points[0]), numbers_of(c, points[:1])[1][0]) for c in claims):
        notes += at_given_inputs_only(points[0], names)
    if right:
        notes += shown_power([c for c in claims if c.name not in fixed], points, given)
    doubt = differences_doubt(points[0 if open_there else smooth], output, generator)
    doubt = _OPEN.format(kink) if kink and open_there and (doubt or at_kink) else doubt
    doubt = doubt or _asked(referee, points[0]) or ("" if WRONG in verdicts else untold)
    graph = points[0].order[-1], points[0].names, points[0].true
    return DerivationReport(tuple(findings), convention, tuple(notes), doubt, graph)


def _told(backward: Any, names: Mapping[str, str] | None, point: Point) -> Mapping[str, str] | None:
    """The variables of claims as they are told; of a mapping a variable itself may be the key."""
    if not isinstance(backward, Mapping):
        return names
    return {name: name for name in backward if name in point.nodes} | dict(names or {})


def _asked(referee: str | None, point: Point) -> str:
    """What a further referee says against the engine."""
    if referee is None:
        return ""
    if referee != "jax":
        raise InvalidArgument(f"referee must be 'jax' or None, got {referee!r}")
    from autograd.derivation.jax_referee import jax_doubts

    return jax_doubts(point)


def assert_derivation(*args: Any, **kwargs: Any) -> None:
    """For tests: raise AssertionError with the report as its text if a derivation is not right.

    Takes the arguments of :func:`check_derivation`, and raises its errors.

    >>> assert_derivation("E = x**2", "dE/dx = 2 x", {"x": 3.0})
    """
    report = check_derivation(*args, **kwargs)
    if not report.ok:
        raise AssertionError(f"\n{report}")


def _from_file(side: Any) -> Any:
    """The function of ``"file.py::name"``; any other side as it is."""
    return from_file(side) if isinstance(side, str) and "::" in side and "\n" not in side else side


# -- verdicts -----------------------------------------------------------------------------


def _judged(
    points: list[Point], names: Mapping[str, str] | None
) -> tuple[list[Claim], list[dict[Any, Any]], list[str], str]:
    """The claims, what they give at each point, the verdict on each, and what cannot be judged."""
    claims, untold = find_claims(points, names)
    claims = settled(points, claims)
    given = [{c.node(p): canonical(np.asarray(c.at(p))) for c in claims if _fits(c, p)} for p in points]
    return claims, given, [_verdict(c, points, given) for c in claims], untold


_OPEN = "at your inputs {}, where the derivative is a convention; at the other points all is right"
_AT_KINK = "at your inputs {}, where the derivative is a convention: compared at the other points"


def _on_forms(point: Point, around: Callable[..., list[Point]], names: Mapping[str, str] | None) -> list[str]:
    """Notes on inputs that were kept in a form, if what is right so is not right wherever they are moved."""
    kept = with_form(point, names)
    if not kept:
        return []
    try:
        points = around(kept=False)
        claims, _, verdicts, _ = _judged(points, names)
    except InvalidArgument:  # nothing could be paired
        return on_forms(kept.values())
    right = convention_of(claims, verdicts, points) or all(v == RIGHT for v in verdicts)
    return [] if right and len(points) == POINTS else on_forms(kept.values())


def _fits(claim: Claim, point: Point) -> bool:
    return bool(np.shape(claim.at(point)) == claim.node(point).shape)


def _verdict(claim: Claim, points: list[Point], given: list[dict[Any, Any]]) -> str:
    """Right, right given the claims before it, or wrong."""
    yours, true = numbers_of(claim, points)
    if not all(np.all(np.isfinite(t)) for t in true):
        return CANNOT_TELL
    if all(close(y, t) for y, t in zip(yours, true, strict=True)):
        return RIGHT
    scales = [ROUNDING * cancelled(claim.node(p), p.uses, p.true) for p in points]
    if all(close(y, t, s) for y, t, s in zip(yours, true, scales, strict=True)):
        return RIGHT
    if clipped(yours, true):
        return RIGHT
    expected = [expected_at(claim, p, g) for p, g in zip(points, given, strict=True)]
    same = all(close(y, e, s) for y, e, s in zip(yours, expected, scales, strict=True))
    return FOLLOWS if same else WRONG


def _findings(
    claims: list[Claim],
    verdicts: list[str],
    points: list[Point],
    given: list[dict[Any, Any]],
    smooth: int,
) -> list[Finding]:
    """A finding for each claim; a statement that a loop makes again and again is explained once."""
    findings, explained = [], set()
    for claim, verdict in zip(claims, verdicts, strict=True):
        place = (claim.line, claim.text)
        explain = verdict == WRONG and (not claim.line or place not in explained)
        explained |= {place} if explain else set()
        findings.append(_finding(claim, verdict, points, given, claims, explain, smooth))
    return findings


def _with_factors(
    findings: list[Finding], claims: list[Claim], factors: list[tuple[Claim, list[Point]]]
) -> list[Finding]:
    """The findings with those of wrong factors, each a derivation of its own, in order."""
    placed = list(zip([c.step for c in claims], findings, strict=True))
    for claim, own in factors:
        finding = _finding(claim, WRONG, own, [{} for _ in own], [claim], True)
        if own[0].order[-1].ndim:  # of arrays the line would start from a gradient that there is none of
            finding = replace(finding, corrected="")
        at = next((i for i, (step, _) in enumerate(placed) if step > claim.step), len(placed))
        placed.insert(at, (claim.step, finding))
    return [finding for _, finding in placed]


def _finding(
    claim: Claim,
    verdict: str,
    points: list[Point],
    given: list[dict[Any, Any]],
    claims: list[Claim],
    explain: bool,
    smooth: int = 0,
) -> Finding:
    node = claim.node(points[0])
    true = points[0].true.get(node, np.zeros(node.shape))
    worst = worst_element(claim.at(points[0]), true)
    diagnosis, line = None, ""
    if explain:
        points_there, given_there = points[smooth:], given[smooth:]
        diagnosis = diagnose(claim, points_there, given_there)
        other = other_loss(claim, points_there) if diagnosis.kind in ("unknown", "missing factor") else ""
        if other:
            diagnosis = replace(diagnosis, text=f"{diagnosis.text}; {other}")
        line = corrected(claim, points_there, given_there, claims)
    name = points[0].names[node]
    shapes = differing(claim.at(points[0]), true)
    return Finding(
        claim.name, name, verdict, claim.line, claim.text, worst, diagnosis, line, claim.how, shapes
    )
