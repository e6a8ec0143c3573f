"""A derivation in a text file, checked: every formula is tried first, then the claims are judged."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.derivation import notation, textfile
from autograd.derivation.check import check_derivation
from autograd.derivation.evaluation import Budget
from autograd.derivation.naming import variable_of
from autograd.derivation.notation import wrong_line
from autograd.derivation.report import WRONG, DerivationReport
from autograd.derivation.textfile import Notes
from autograd.errors import ChainruleError, InvalidArgument, nearest

MOST_COMPUTED, SECONDS = 1_000_000, 60.0


def check_text(text: str, seconds: float = SECONDS) -> DerivationReport:
    r"""Check the derivation in a text of the form of ``textfile``.

    Raises:
        InvalidArgument: naming the line of what cannot be understood.

    >>> check_text("[point]\nx = 0.5\n[forward]\nE = x^2\n[claims]\ndE/dx = x").first_wrong.claim
    'dE/dx'
    """
    notes = textfile.parse(text)
    try:
        doubt = _tried(notes)
    except _NotComputed as e:
        report = _before(notes, e, seconds)
        if report is None:
            raise
        return report
    if doubt:
        return DerivationReport((), doubt=doubt)
    outcome = _within(seconds, lambda: _checked(notes))
    if outcome is None:
        return DerivationReport((), doubt=f"the check took longer than {seconds:g} seconds")
    return outcome


class _NotComputed(InvalidArgument):
    """A claim that cannot be computed, and its line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _before(notes: Notes, error: _NotComputed, seconds: float) -> DerivationReport | None:
    """What is wrong before a claim that cannot be computed, which may be why; None if nothing is."""
    claims = "\n".join(notes.claims.split("\n")[: error.line - 1])
    made = {f.name for f in notation.parse(claims)} if claims.strip() else set()
    names = {claim: told for claim, told in notes.names.items() if claim in made}
    shorter = replace(notes, claims=claims, names=names)
    try:
        report = _within(seconds, lambda: _checked(shorter)) if made else None
    except InvalidArgument:
        return None
    if report is None or report.verdict != WRONG:
        return None
    return replace(report, notes=(*report.notes, f"not computed: {error}"))


@np.errstate(all="ignore")
def _checked(notes: Notes) -> DerivationReport:
    """The report, with every claim that names a derivative judged in it."""
    claims = notation.parse(notes.claims)
    variables = [*notes.point, *(f.name for f in notation.parse(notes.forward))]
    try:
        report = check_derivation(
            notes.forward,
            notes.claims,
            notes.point,
            loss=notes.loss[0] if notes.loss else None,
            names={claim: variable for claim, (variable, _) in notes.names.items()},
        )
    except ChainruleError as e:
        if notes.names or any(variable_of(f.name, variables) for f in claims):
            raise InvalidArgument(str(e)) from None
        raise claims[0].wrong(_NAMELESS.format(claims[0].name)) from None
    judged = {finding.claim for finding in report.findings}
    inner = {*variables} - {_cost(notes)}
    for formula in claims:
        if "/" in formula.name and formula.name not in judged and not _is_local(formula.name, inner):
            raise formula.wrong(f"the cost does not depend on {formula.name.partition('/d')[2]}")
    return report


_NAMELESS = (
    "no claim says what it is the gradient of: call it dE/dz1, or add a section [names] with a line {0} = z1"
)


def _is_local(name: str, variables: Collection[str]) -> bool:
    """True for da2/dz2, a factor of the chain rule."""
    top, _, bottom = name.partition("/d")
    return top[1:] in variables and bottom in variables


def _cost(notes: Notes) -> str:
    return notes.loss[0] if notes.loss else notation.parse(notes.forward)[-1].name


def _tried(notes: Notes) -> str:
    """Run every formula once, at the point, with a limit; why nothing can be told there, if so.

    Raises:
        InvalidArgument: naming the line of a formula that cannot be computed.
    """
    known, budget, doubt = dict(notes.point), Budget(MOST_COMPUTED), ""
    formulas = notation.parse(notes.forward)
    for formula in formulas:
        known[formula.name] = value = formula.evaluate(known, budget)
        if not np.all(np.isfinite(value)):
            doubt = doubt or f"{formula.name}, line {formula.line}, is not finite at this point"
    _check_cost(notes, known, formulas[-1])
    variables = [*known]
    claims = notation.parse(notes.claims)
    for formula in claims:
        bottom = formula.name.partition("/d")[2]
        if bottom and bottom not in variables and formula.name not in notes.names:
            raise formula.wrong(f"there is no variable {bottom!r}{nearest(bottom, variables)}")
        try:
            known[formula.name] = formula.evaluate(known, budget)
        except InvalidArgument as e:
            raise _NotComputed(str(e), formula.line) from None
    for claim, (variable, line) in notes.names.items():
        for name, there in ((claim, [f.name for f in claims]), (variable, variables)):
            if name not in there:
                kind = "claim" if name == claim else "variable"
                what = f"there is no {kind} {name!r}{nearest(name, there)}"
                raise wrong_line(line, f"{claim} = {variable}", what)
    return doubt


def _check_cost(notes: Notes, known: dict[str, Any], last: notation.Formula) -> None:
    """The cost must be one number."""
    name, line = notes.loss or (last.name, last.line)
    text = name if notes.loss else last.text
    if name not in known:
        raise wrong_line(line, text, f"{name!r} is not in [forward]{nearest(name, known)}")
    shape = np.shape(known[name])
    if math.prod(shape) != 1:
        what = (
            f"the cost must be one number, {name} has the shape {shape}: "
            "let the last formula sum it up, or name the cost in a section [loss]"
        )
        raise wrong_line(line, text, what)


def _within(seconds: float, job: Callable[[], DerivationReport]) -> DerivationReport | None:
    """The result of a job, or None if it takes longer.

    The job is left behind in a thread that ends with the program: nothing else stops NumPy in the
    middle of a product on every system.
    """
    outcome: list[DerivationReport] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            outcome.append(job())
        except BaseException as e:
            failed.append(e)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    return outcome[0] if outcome else None
