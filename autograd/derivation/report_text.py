"""A report as text: a table of the claims, then each mistake with its evidence."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from autograd.derivation.report import CANNOT_TELL, FOLLOWS, RIGHT, DerivationReport, Finding

WIDTH = 100
MOST_ROWS = 40  # of a table; in longer ones runs of one verdict are folded
COLUMNS = ("claim", "variable", "verdict", "element", "yours", "true", "ratio")
NUMBERS = ("yours", "true", "ratio")


@dataclass(frozen=True)
class Row:
    """One line of the table: a finding, or how many alike were left out."""

    cells: tuple[str, ...]
    finding: Finding | None = None


def as_text(report: DerivationReport) -> str:
    """The report for a terminal."""
    lines = [title(report), *(f"  {line}" for line in _wrapped(summary(report)))]
    if report.findings:
        lines += ["", *_table(rows_of(report))]
    for finding in report.explained:
        lines += ["", *_explained(finding)]
    lines += [""] if report.notes else []
    for note in report.notes:
        lines += _wrapped(f"note: {note}", hanging="      ")
    return "\n".join(lines)


def title(report: DerivationReport) -> str:
    """The verdict in one line."""
    first = report.first_wrong
    if first is None:
        return f"derivation: {report.verdict}"
    line = f", line {first.line}" if first.line else ""
    return f"derivation: {report.verdict}, first at {first.claim}{line}"


def summary(report: DerivationReport) -> str:
    """What stands under the verdict."""
    if report.doubt:
        return report.doubt
    if report.convention:
        return report.convention
    if report.verdict == CANNOT_TELL and report.findings:
        untold = [f.claim for f in report.findings if f.verdict == CANNOT_TELL]
        return f"the true gradient is not finite here: {', '.join(untold)}"
    return ""


# -- the table --------------------------------------------------------------------------------


def rows_of(report: DerivationReport) -> list[Row]:
    """A row for each finding; in a long table a run of one verdict is folded but for its ends."""
    rows = [Row(_cells(f, report), f) for f in report.findings]
    if len(rows) <= MOST_ROWS:
        return rows
    folded: list[Row] = []
    for run in _runs(rows):
        if len(run) <= 3 or (run[0].finding and run[0].finding.diagnosis):
            folded += run
        else:
            verdict = run[0].cells[2]
            more = Row((f"... {len(run) - 2} more", "", verdict, "", "", "", ""))
            folded += [run[0], more, run[-1]]
    return folded


def _runs(rows: list[Row]) -> Iterator[list[Row]]:
    run: list[Row] = []
    for row in rows:
        if run and (row.cells[2] != run[0].cells[2] or (row.finding and row.finding.diagnosis)):
            yield run
            run = []
        run.append(row)
    yield run


def _cells(f: Finding, report: DerivationReport) -> tuple[str, ...]:
    first = report.first_wrong
    verdict = f"follows from {first.claim}" if f.verdict == FOLLOWS and first else f.verdict
    if report.convention and f.verdict != RIGHT:
        verdict = "right but for the constant"
    if f.verdict == RIGHT:
        return (f.claim, f.variable, verdict, "", "", "", "")
    index, yours, true = f.worst
    if f.shapes and yours != yours:  # noqa: PLR0124 - NaN: there is no element to compare
        return (f.claim, f.variable, verdict, "shape", str(f.shapes[0]), str(f.shapes[1]), "")
    element = str(list(index)) if index else ""
    return (f.claim, f.variable, verdict, element, *_told_apart(yours, true), _ratio(yours, true))


def _told_apart(yours: float, true: float) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to see the difference."""
    for digits in (6, 9, 12, 15, 17):
        a, b = f"{yours:.{digits}g}", f"{true:.{digits}g}"
        if a != b:
            break
    return a, b


def _ratio(yours: float, true: float) -> str:
    if not true:
        return "-"
    ratio = yours / true
    return f"{ratio:.4f}" if 0.001 < abs(ratio) < 10_000 else f"{ratio:.4g}"


def _table(rows: list[Row]) -> list[str]:
    used = [k for k in range(len(COLUMNS)) if any(row.cells[k] for row in rows)]
    table = [COLUMNS, *(row.cells for row in rows)]
    widths = {k: max(len(cells[k]) for cells in table) for k in used}
    return [
        "  " + "  ".join(_padded(cells[k], widths[k], COLUMNS[k] in NUMBERS) for k in used).rstrip()
        for cells in table
    ]


def _padded(text: str, width: int, is_number: bool) -> str:
    return text.rjust(width) if is_number else text.ljust(width)


# -- the mistakes -----------------------------------------------------------------------------


def _explained(finding: Finding) -> list[str]:
    diagnosis = finding.diagnosis
    assert diagnosis is not None  # noqa: S101 - asked for findings that have one
    lines = [headline(finding)]
    # The labels have one width, so that the statement is above its correction.
    for label, text in (
        ("yours", finding.text),
        ("should be", finding.corrected),
        ("mistake", diagnosis.text),
        ("evidence", diagnosis.evidence),
    ):
        if text:
            lines += _wrapped(f"  {label + ':':<10} {text}", hanging=" " * 13)
    return lines


def headline(finding: Finding) -> str:
    """Where the mistake is."""
    return f"{finding.claim}, line {finding.line}" if finding.line else finding.claim


def _wrapped(text: str, hanging: str = "") -> list[str]:
    """Lines of a text; a word is never cut."""
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )
