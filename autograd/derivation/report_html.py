"""A report for notebooks: one piece of HTML with its style inside, for light and dark pages."""

from __future__ import annotations

import html

from autograd.derivation.report import CANNOT_TELL, FOLLOWS, RIGHT, WRONG, DerivationReport, Finding
from autograd.derivation.report_text import COLUMNS, NUMBERS, Row, headline, rows_of, summary

# Colours that can be read on white and on black; text keeps the colour of the page.
_HUES = {RIGHT: "#2f9e63", WRONG: "#e0524d", FOLLOWS: "#c77d1e", CANNOT_TELL: "#7a86d1"}
_SHADE = "rgba(128,128,128,.12)"
_PLAIN = "border-collapse:collapse;font-size:inherit;color:inherit"
_CODE = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.93em"


def as_html(report: DerivationReport) -> str:
    """The report as HTML; uses no script and nothing from outside."""
    parts = [_title(report)]
    told = summary(report)
    if told:
        parts.append(f"<div style='margin:.4em 0'>{_escaped(told)}</div>")
    if report.findings:
        parts.append(_table(rows_of(report), report))
    parts += [_card(f) for f in report.explained]
    if report.notes:
        items = "".join(f"<li>{_escaped(note)}</li>" for note in report.notes)
        parts.append(
            f"<ul style='opacity:.75;font-size:.92em;margin:.8em 0 0;padding-left:1.3em'>{items}</ul>"
        )
    return f"<div style='max-width:62em;line-height:1.45'>{''.join(parts)}</div>"


def _title(report: DerivationReport) -> str:
    first = report.first_wrong
    where = f"first at {_code(first.claim)}" if first else ""
    if first and first.line:
        where += f", line {first.line}"
    return (
        f"<div style='font-size:1.05em'><b>derivation</b>&ensp;{_chip(report.verdict, report.verdict)}"
        f"&ensp;{where}</div>"
    )


def _chip(verdict: str, text: str) -> str:
    hue = _HUES[verdict]
    return (
        f"<span style='border:1px solid {hue};border-radius:1em;padding:.05em .7em;white-space:nowrap'>"
        f"<span style='color:{hue}'>&#9679;</span>&nbsp;{_escaped(text)}</span>"
    )


def _table(rows: list[Row], report: DerivationReport) -> str:
    used = [k for k in range(len(COLUMNS)) if any(row.cells[k] for row in rows)]
    head = "".join(
        f"<th style='{_align(k)};opacity:.7;font-weight:normal;padding:.15em .9em;background:none'>"
        f"{COLUMNS[k]}</th>"
        for k in used
    )
    body = "".join(
        _row(row, used, row.finding is not None and row.finding is report.first_wrong) for row in rows
    )
    return (
        f"<table style='{_PLAIN};margin:.7em 0;font-variant-numeric:tabular-nums'>"
        f"<thead><tr style='border-bottom:1px solid {_SHADE.replace('.12', '.5')}'>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _row(row: Row, used: list[int], is_first: bool) -> str:
    background = "rgba(224,82,77,.13)" if is_first else "none"
    verdict = row.finding.verdict if row.finding else ""
    cells = []
    for k in used:
        text = _escaped(row.cells[k])
        if COLUMNS[k] == "verdict" and verdict:
            hue = _HUES[RIGHT if row.cells[k].startswith(RIGHT) else verdict]
            text = f"<span style='color:{hue}'>&#9679;</span>&nbsp;{text}"
        font = "" if COLUMNS[k] == "verdict" else _CODE
        cells.append(f"<td style='{_align(k)};padding:.15em .9em;white-space:nowrap;{font}'>{text}</td>")
    return f"<tr style='background:{background}'>{''.join(cells)}</tr>"


def _align(column: int) -> str:
    return f"text-align:{'right' if COLUMNS[column] in NUMBERS else 'left'}"


def _card(finding: Finding) -> str:
    diagnosis = finding.diagnosis
    assert diagnosis is not None  # noqa: S101 - asked for findings that have one
    lines = [f"<div style='opacity:.7'>{_escaped(headline(finding))}</div>"]
    lines.append(f"<div style='margin:.2em 0'><b>{_escaped(diagnosis.text)}</b></div>")
    statements = [("yours", finding.text, WRONG), ("should be", finding.corrected, RIGHT)]
    rows = "".join(
        f"<tr style='background:none'><td style='opacity:.7;padding:.1em .9em .1em 0;text-align:left;"
        f"white-space:nowrap'>{label}</td><td style='padding:.1em 0;text-align:left;"
        f"border-left:3px solid {_HUES[hue]};padding-left:.6em;{_CODE}'>{_escaped(text)}</td></tr>"
        for label, text, hue in statements
        if text
    )
    lines.append(f"<table style='{_PLAIN};margin:.3em 0'>{rows}</table>" if rows else "")
    lines.append(f"<div style='opacity:.75;font-size:.92em'>{_escaped(diagnosis.evidence)}</div>")
    return (
        f"<div style='border-left:4px solid {_HUES[WRONG]};background:{_SHADE};padding:.5em .9em;"
        f"margin:.7em 0;border-radius:0 4px 4px 0'>{''.join(lines)}</div>"
    )


def _code(text: str) -> str:
    return f"<span style='{_CODE}'>{_escaped(text)}</span>"


def _escaped(text: str) -> str:
    return html.escape(text)
