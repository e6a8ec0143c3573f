"""The table of mistakes: the first wrong step and the mistake are named, and right is called right.

The rates are asserted here and shown in docs/derivations.md. The list of cases is mistakes.txt.
"""

from __future__ import annotations

import functools
import inspect
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from derivations import DERIVATIONS
from mistakes_table import CONVENTION, Outcome, backward_with, judged, rows

from autograd import check_derivation

ROWS = tuple(rows())


@functools.cache
def outcomes(seed: int = 0) -> tuple[Outcome, ...]:
    return tuple(judged(row, seed) for row in ROWS)


def failing(found: tuple[Outcome, ...], what: str) -> str:
    return "\n".join(str(o) for o in found if not getattr(o, what))


def test_the_table_is_large_enough():
    """At least twelve kinds of mistake, eight derivations, two hundred cases, and none twice."""
    kinds = {row.kinds[0] for row in ROWS}
    assert len(kinds) >= 12
    assert len({row.derivation for row in ROWS}) >= 8
    assert len(ROWS) >= 200
    assert len({str(row) for row in ROWS}) == len(ROWS)


def test_every_derivation_of_the_table_exists_and_is_in_it():
    """No row is left out because its derivation is misspelled, and no derivation has no row."""
    assert {row.derivation for row in ROWS} == set(DERIVATIONS)


def test_every_mistake_changes_a_number():
    """A row that changes nothing would test nothing: some claim differs from the right pass."""
    unchanged = [str(o) for o in outcomes() if all(f.verdict == "right" for f in o.report.findings)]
    assert not unchanged, "\n".join(unchanged)


def test_the_first_wrong_step_is_named():
    """In at least 98% of the cases the first wrong claim is the one in which the mistake was made."""
    found = outcomes()
    rate = sum(o.first for o in found) / len(found)
    assert rate >= 0.98, f"{rate:.1%}\n{failing(found, 'first')}"


def test_the_mistake_is_named():
    """In at least 90% of the cases the kind of the mistake is the right one, of at most three names."""
    found = outcomes()
    rate = sum(o.kind for o in found) / len(found)
    assert rate >= 0.90, f"{rate:.1%}\n{failing(found, 'kind')}"


@pytest.mark.parametrize("kind", sorted({row.kinds[0] for row in ROWS}))
def test_no_kind_is_neglected(kind):
    """Of each kind of mistake at least three quarters are named, so that no rate hides a blind spot."""
    found = tuple(o for o in outcomes() if o.mistake.kinds[0] == kind)
    assert sum(o.kind for o in found) >= 0.75 * len(found), failing(found, "kind")


def test_no_wrong_derivation_is_called_right():
    """A report is ok for a wrong derivation only if it says that all gradients share one constant."""
    called_right = [str(o) for o in outcomes() if o.ok and o.mistake.claim != CONVENTION]
    assert not called_right, "\n".join(called_right)


def test_each_diagnosis_has_evidence_and_no_placeholder():
    """A text names expressions, not objects: nothing is left unspelled, and the evidence has numbers."""
    for outcome in outcomes():
        found = outcome.report.first_wrong
        if found is not None:
            text = found.diagnosis.text
            assert not any(
                sign in text
                for sign in ("<function", "<primitive", " object at ", "None", "lambda", "Value(", "array(")
            ), text
            assert any(c.isdigit() for c in found.diagnosis.evidence), found.diagnosis


@pytest.mark.parametrize("name", DERIVATIONS)
def test_right_derivations_are_called_right(name):
    """No right derivation is called wrong, at points drawn anew: each check looks at five of them."""
    derivation = DERIVATIONS[name]
    for seed in range(16):  # times five points times thirteen derivations: more than a thousand
        inputs = derivation.inputs(np.random.default_rng(1000 + seed))
        report = check_derivation(derivation.forward, derivation.backward, inputs, rng=seed)
        assert report.ok, str(report)
        assert not report.convention


@pytest.mark.slow
@pytest.mark.parametrize("name", DERIVATIONS)
def test_right_derivations_are_called_right_at_many_points(name):
    """The same at a thousand points for each derivation."""
    derivation = DERIVATIONS[name]
    for seed in range(200):
        inputs = derivation.inputs(np.random.default_rng(seed))
        report = check_derivation(derivation.forward, derivation.backward, inputs, rng=seed)
        assert report.ok, str(report)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rates_hold_at_other_points(seed):
    """The rates do not depend on the numbers at which the table was made."""
    found = outcomes(seed)
    assert sum(o.first for o in found) >= 0.98 * len(found), failing(found, "first")
    assert sum(o.kind for o in found) >= 0.90 * len(found), failing(found, "kind")
    assert not [str(o) for o in found if o.ok and o.mistake.claim != CONVENTION]


def test_a_mistake_is_made_in_the_text():
    """The function of a row is the right one with the text replaced, and its source can be read."""
    row = next(r for r in ROWS if r.derivation == "MLP")
    source = inspect.getsource(backward_with(row))
    assert row.new in source
    assert source != inspect.getsource(DERIVATIONS["MLP"].backward)


def test_corrected_lines_compute_the_gradient():
    """A corrected statement, run with the values of the forward pass and the claims before, is right."""
    checked = 0
    for outcome in outcomes():
        found = outcome.report.first_wrong
        loops = "for " in inspect.getsource(DERIVATIONS[outcome.mistake.derivation].backward)
        if loops or found is None or not found.corrected or "[" in found.corrected:
            continue
        try:
            made, expected = _run_line(outcome, found.corrected)
        except NameError:  # a name that the mistake brought in
            continue
        checked += 1
        assert np.shape(made) == np.shape(expected), found.corrected
        scale = np.max(np.abs(expected), initial=0.0)  # constants are written with six digits
        assert np.max(np.abs(made - expected), initial=0.0) <= 1e-5 * scale, found.corrected
    assert checked >= 80


def _run_line(outcome: Outcome, line: str) -> tuple[Any, Any]:
    """What a line gives after the statements before it in the right pass, and what those give."""
    derivation = DERIVATIONS[outcome.mistake.derivation]
    inputs = derivation.inputs(np.random.default_rng(0))
    known = inputs | _locals(derivation.forward, inputs)
    parameters = inspect.signature(derivation.backward).parameters
    shape = np.shape(known.get("out", known.get("y")))
    known["dout"] = known["dy"] = np.cos(np.arange(np.prod(shape))).reshape(shape)
    known["cache"] = known["__returned__"][1] if "cache" in parameters else None
    names = _locals(derivation.backward, {p: known[p] for p in parameters})
    target, _, formula = line.partition(" = ")
    tools = {n: getattr(np, n) for n in ("tanh", "exp", "sqrt", "log")}
    try:
        return eval(formula, tools, names | known), names[target]
    except ValueError as e:
        raise AssertionError(f"{outcome.mistake}\n{line}: {e}") from None


def _locals(function: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """The local variables of a function when it returns."""
    found: dict[str, Any] = {}

    def trace(frame: Any, event: str, value: Any) -> Any:
        if frame.f_code is function.__code__ and event == "return":
            found.update(frame.f_locals, __returned__=value)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(**arguments)
    finally:
        sys.settrace(before)
    return found


def test_the_page_of_rates_is_up_to_date():
    """docs/derivations.md has the figures of this table; `make docs` writes it anew."""
    docs = Path(__file__).resolve().parents[2] / "docs"
    page = runpy.run_path(str(docs / "derivations.py"))["page"]
    assert (docs / "derivations.md").read_text(encoding="utf-8") == page(outcomes())
