"""What a check of a derivation found: for a person in a terminal or notebook, and for programs."""

from __future__ import annotations

import html
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
        worst: index of the element that is farthest off, its claimed and its true number.
        diagnosis: the mistake, if the verdict is "wrong".
        corrected: the statement as it should be.
        how: how the claim was paired with its variable.
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


@dataclass(frozen=True)
class DerivationReport:
    """The result of :func:`check_derivation`.

    Attributes:
        ok: True if every claimed gradient is right, perhaps up to one convention for all.
        findings: the verdict on each claim, in backward order.
        convention: a constant that all gradients share, said in words; empty if there is none.
        notes: what else should be known: what these inputs cannot show, what was not judged.
        doubt: why nothing can be told, where the engine and differences disagree; empty if they agree.
    """

    findings: tuple[Finding, ...]
    convention: str = ""
    notes: tuple[str, ...] = field(default=())
    doubt: str = ""

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
        return CANNOT_TELL if CANNOT_TELL in verdicts else RIGHT

    @property
    def ok(self) -> bool:
        """True if the verdict is "right"."""
        return self.verdict == RIGHT

    @property
    def first_wrong(self) -> Finding | None:
        """The first claim, in backward order, that is wrong given the claims before it."""
        return None if self.convention else next((f for f in self.findings if f.verdict == WRONG), None)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        first = self.first_wrong
        lines = [f"derivation: {self.verdict}" + (f", first at {first.claim}" if first else "")]
        if self.convention:
            lines.append(f"  {self.convention}")
        lines += ["", *_table(self._rows())]
        for finding in self.findings:
            if finding.diagnosis is not None and not self.convention:
                lines += ["", *_explained(finding)]
        lines += ["", *(f"note: {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines)

    __repr__ = __str__

    def _rows(self) -> list[list[str]]:
        wrong = self.first_wrong
        rows = [["claim", "variable", "verdict", "worst", "yours", "true", "ratio"]]
        for f in self.findings:
            index, yours, true = f.worst
            verdict = f"follows from {wrong.claim}" if f.verdict == FOLLOWS and wrong else f.verdict
            if self.convention and f.verdict != RIGHT:
                verdict = "right but for the constant"
            row = [f.claim, f.variable, verdict]
            if f.verdict != RIGHT:
                ratio = f"{yours / true:.4g}" if true else "-"
                row += [str(list(index)) if index else "", f"{yours:.6g}", f"{true:.6g}", ratio]
            rows.append(row + [""] * (7 - len(row)))
        return rows

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return {
            "verdict": self.verdict,
            "first_wrong": self.first_wrong.claim if self.first_wrong else None,
            "convention": self.convention,
            "findings": [
                {
                    "claim": f.claim,
                    "variable": f.variable,
                    "verdict": f.verdict,
                    "line": f.line,
                    "worst_index": list(f.worst[0]),
                    "yours": f.worst[1],
                    "true": f.worst[2],
                    "kind": f.diagnosis.kind if f.diagnosis else None,
                    "diagnosis": f.diagnosis.text if f.diagnosis else None,
                    "evidence": f.diagnosis.evidence if f.diagnosis else None,
                    "corrected": f.corrected,
                }
                for f in self.findings
            ],
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        """For notebooks; inherits the colours of the page, light or dark."""
        head, *rows = self._rows()
        first = self.first_wrong
        title = f"derivation: {self.verdict}" + (f", first at {first.claim}" if first else "")
        cells = "".join(f"<th style='text-align:left'>{html.escape(c)}</th>" for c in head)
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(c)}</td>" for c in row) + "</tr>"
            for row in rows
        )
        texts = [
            line
            for f in self.findings
            if f.diagnosis and not self.convention
            for line in [*_explained(f), ""]
        ]
        texts += [self.convention, *(f"note: {n}" for n in self.notes)]
        details = html.escape("\n".join(t for t in texts).strip())
        return f"<b>{html.escape(title)}</b><table><tr>{cells}</tr>{body}</table><pre>{details}</pre>"


def _table(rows: list[list[str]]) -> list[str]:
    used = [k for k in range(len(rows[0])) if any(row[k] for row in rows[1:])]
    widths = {k: max(len(row[k]) for row in rows) for k in used}
    return ["  " + "  ".join(row[k].ljust(widths[k]) for k in used).rstrip() for row in rows]


def _explained(finding: Finding) -> list[str]:
    diagnosis = finding.diagnosis
    assert diagnosis is not None  # noqa: S101 - asked for findings that have one
    place = f", line {finding.line}" if finding.line else ""
    lines = [f"{finding.claim}{place}: {finding.text}" if finding.text else f"{finding.claim}{place}"]
    lines += [f"  {diagnosis.text}", f"  evidence: {diagnosis.evidence}"]
    return lines + ([f"  corrected: {finding.corrected}"] if finding.corrected else [])


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
