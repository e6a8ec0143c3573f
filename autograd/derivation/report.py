"""What a check of a derivation found: for a person in a terminal or notebook, and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.derivation.diagnosis import Diagnosis

RIGHT, WRONG, FOLLOWS, CANNOT_TELL = "right", "wrong", "follows", "cannot tell"


@dataclass(frozen=True)
class Finding:
    """The verdict on one claimed gradient.

    Attributes:
        claim: its name as the derivation has it, ``dZ1``.
        variable: what it is the gradient of, ``Z1``.
        verdict: "right", "wrong" (given the claims before it), "follows" (right given a wrong
            one before it) or "cannot tell".
        line, text: the statement, if there is a source.
        worst: index of the element that is farthest off, its claimed and its true number; the
            claimed one is NaN if the claim has another shape.
        diagnosis: the mistake, if the verdict is "wrong".
        corrected: the statement as it should be.
        how: how the claim was paired with its variable.
        shapes: the claimed and the true shape, if they differ.
    """

    claim: str
    variable: str
    verdict: str
    line: int
    text: str
    worst: tuple[tuple[int, ...], float, float]
    diagnosis: Diagnosis | None = None
    corrected: str = ""
    how: str = "name"
    shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        index, yours, true = self.worst
        return {
            "claim": self.claim,
            "variable": self.variable,
            "verdict": self.verdict,
            "line": self.line or None,
            "text": self.text,
            "worst_index": list(index),
            "yours": yours,
            "true": true,
            "shapes": [list(shape) for shape in self.shapes] if self.shapes else None,
            "kind": self.diagnosis.kind if self.diagnosis else None,
            "diagnosis": self.diagnosis.text if self.diagnosis else None,
            "evidence": self.diagnosis.evidence if self.diagnosis else None,
            "corrected": self.corrected or None,
            "paired_by": self.how,
        }


@dataclass(frozen=True)
class DerivationReport:
    """The result of :func:`check_derivation`; ``print`` it.

    It is true where the derivation is right: ``assert check_derivation(...)`` works.

    Attributes:
        ok: True if every claimed gradient is right, perhaps up to one convention for all.
        findings: the verdict on each claim, in backward order.
        convention: a constant that all gradients share, said in words; empty if there is none.
        notes: what else should be known: what these inputs cannot show, what was not judged.
        doubt: why nothing can be told; empty if something can.
        graph: output, names and true gradients of the forward pass, for ``draw_graph``.
    """

    findings: tuple[Finding, ...]
    convention: str = ""
    notes: tuple[str, ...] = field(default=())
    doubt: str = ""
    graph: tuple[Any, Mapping[Any, str], Mapping[Any, Any]] | None = field(default=None, compare=False)

    @property
    def verdict(self) -> str:
        """One of "right", "wrong" and "cannot tell"."""
        verdicts = {f.verdict for f in self.findings}
        if self.doubt:
            return CANNOT_TELL
        if self.convention:
            return RIGHT
        if WRONG in verdicts or FOLLOWS in verdicts:
            return WRONG
        return CANNOT_TELL if CANNOT_TELL in verdicts or not verdicts else RIGHT

    @property
    def ok(self) -> bool:
        """True if the verdict is "right"."""
        return self.verdict == RIGHT

    @property
    def first_wrong(self) -> Finding | None:
        """The first claim, in backward order, that is wrong given the claims before it."""
        if self.convention or self.doubt:
            return None
        return next((f for f in self.findings if f.verdict == WRONG), None)

    @property
    def explained(self) -> tuple[Finding, ...]:
        """The findings whose mistake is shown."""
        return tuple(f for f in self.findings if f.diagnosis and not self.convention and not self.doubt)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        from autograd.derivation.report_text import as_text

        return as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """For notebooks."""
        from autograd.derivation.report_html import as_html

        return as_html(self)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, for JSON.

        >>> DerivationReport((), doubt="the cost is infinite").to_dict()["verdict"]
        'cannot tell'
        """
        return {
            "verdict": self.verdict,
            "first_wrong": self.first_wrong.claim if self.first_wrong else None,
            "convention": self.convention or None,
            "doubt": self.doubt or None,
            "findings": [f.to_dict() for f in self.findings],
            "notes": list(self.notes),
        }


def worst_element(yours: Any, true: Any) -> tuple[tuple[int, ...], float, float]:
    """Index, claimed and true number of the element that is farthest off."""
    yours, true = np.asarray(yours, float), np.asarray(true, float)
    if yours.shape != true.shape:
        yours = yours.reshape(true.shape) if yours.size == true.size else np.full(true.shape, np.nan)
    if true.size == 0:
        return (), 0.0, 0.0
    off = np.nan_to_num(np.abs(yours - true), nan=np.inf)
    index = tuple(int(k) for k in np.unravel_index(int(np.argmax(off)), true.shape))
    return index, float(yours[index]), float(true[index])


def differing(yours: Any, true: Any) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The shapes of a claim and of its variable, if they differ.

    >>> differing(np.ones((2, 1)), np.ones(2)), differing(1.0, 2.0)
    (((2, 1), (2,)), None)
    """
    return (np.shape(yours), np.shape(true)) if np.shape(yours) != np.shape(true) else None
