"""What is wrong with a claim: the mistake whose numbers it has, at every point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.derivation import formulas, operations, paths, substitution, upstream, whole
from autograd.derivation.claims import Claim
from autograd.derivation.constants import constant_ratio, meaning_of
from autograd.derivation.named import Diagnosis
from autograd.derivation.search import Case, expected_at
from autograd.derivation.sides import Point
from autograd.value import Value

__all__ = ["ATTEMPTS", "Diagnosis", "constant_ratio", "diagnose", "expected_at", "meaning_of"]

# In this order: what is simplest to say comes first.
ATTEMPTS: tuple[Callable[[Case], Diagnosis | None], ...] = (
    whole.independent,
    whole.constant,
    formulas.formulas,
    operations.operation,
    paths.paths,
    whole.transposed,
    whole.other_gradient,
    upstream.incoming,
    upstream.upstream,
    substitution.operands,
    upstream.other_step,
    whole.shape,
    whole.factor,
    upstream.factor_on_gradient,
    operations.scaled_operation,
)


def diagnose(claim: Claim, points: list[Point], given: list[dict[Value, Any]]) -> Diagnosis:
    """The first mistake that explains a claim at all points."""
    case = Case(claim, points, given)
    for attempt in ATTEMPTS:
        with np.errstate(all="ignore"):
            found = attempt(case)
        if found is not None:
            return found
    return Diagnosis("unknown", "no known mistake has these numbers", _ratios(case))


def _ratios(case: Case) -> str:
    """Yours over true, element by element, at the first points."""
    yours, expected = case.yours, case.expected
    if yours[0].shape != expected[0].shape:
        return f"yours has the shape {yours[0].shape}, the gradient {expected[0].shape}"
    with np.errstate(all="ignore"):
        rows = [np.ravel(y / e)[:6] for y, e in zip(yours, expected, strict=True)]
    return "ratios yours/true: " + "; ".join(" ".join(f"{r:.4g}" for r in row) for row in rows[:3])
