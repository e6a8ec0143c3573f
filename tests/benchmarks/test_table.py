"""The tables say what was measured, and the pages are made of the JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from . import __main__ as command
from . import table
from .worker import ROOT


def row(**more: Any) -> dict[str, Any]:
    """A row with two columns of ours and two peers."""
    columns = {
        "reference": {"status": "ok", "median": 2e-6},
        "eager": {"status": "ok", "median": 3e-6},
        "modules": {"status": "ok", "median": 5e-6},
        "compiled": {"status": "missing"},
        "torch": {"status": "wrong"},
        "micrograd": {"status": "failed", "why": "RecursionError: "},
        "jax": {"status": "ok", "median": 1e-6, "first": 0.5},
    }
    targets = {"eager": {"limit": 1.5, "of": "reference"}, "compiled": {"limit": 0.01, "of": "jax"}}
    return {
        "workload": "w3",
        "case": "",
        "title": "tiny",
        "unit": "s",
        "relative": True,
        "targets": targets,
        "columns": columns,
    } | more


def results(*rows: dict[str, Any]) -> dict[str, Any]:
    """A whole file."""
    return {
        "date": "2030-01-02",
        "machine": {"cpu": "A processor", "cores": 2},
        "versions": {"python": "3.11.7", "autograd": "1.8"},
        "repeats": 3,
        "rows": list(rows),
    }


def test_cells_are_ratios_with_targets_beside_them() -> None:
    """Absolute time of the reference, ratios, modules in brackets; missing, wrong and failed are told."""
    line = table.text(results(row())).splitlines()[1]
    assert line.split("  ")[0] == "W3 tiny"
    cells = [cell.strip() for cell in line.split("  ") if cell.strip()]
    assert cells[1:] == [
        "2.00 µs", "1.50 (2.50)", "≤ 1.5, met", "–", "≤ JAX/100", "fails", "–", "–", "wrong", "–", "0.500",
    ]  # fmt: skip


def test_a_row_without_ratios_shows_the_measurement() -> None:
    """Bytes per operation are shown in bytes, and so is their target."""
    bare = {"reference": {"status": "ok", "median": 8.0}, "eager": {"status": "ok", "median": 250.0}}
    absolute = row(unit="B", relative=False, columns=bare, targets={"eager": {"limit": 200.0, "of": None}})
    cells = table.text(results(absolute)).splitlines()[1]
    assert "8.00 B" in cells
    assert "250 B" in cells
    assert "≤ 200 B, not met" in cells


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (1.234, "s", "1.23 s"),
        (0.0999, "s", "99.9 ms"),
        (1.5e-6, "s", "1.50 µs"),
        (3e-9, "s", "3.00 ns"),
        (2.5e6, "B", "2.50 MB"),
        (1234.0, "", "1,230"),
        (0.00123, "", "0.00123"),
        (99.96, "", "100"),
    ],
)
def test_quantities_have_three_digits(number: float, unit: str, shown: str) -> None:
    """Three digits, the unit that fits, and no exponent."""
    assert table.quantity(number, unit) == shown


def test_targets_are_met_or_not_or_unknown() -> None:
    """A target is judged only where both of its columns were measured."""
    assert table.met(row(), "eager") is True
    assert table.met(row(targets={"eager": {"limit": 1.4, "of": "reference"}}), "eager") is False
    assert table.met(row(), "compiled") is None
    assert table.met(row(targets={"eager": {"limit": 1.4, "of": "torch"}}), "eager") is None


def test_the_text_between_the_markers_is_replaced() -> None:
    """What stands before and after the markers stays."""
    document = f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n"
    assert table.between_markers(document) == "old\n"
    new = table.between_markers(document, "new\n")
    assert new == f"before\n{table.BEGIN}\nnew\n{table.END}\nafter\n"
    with pytest.raises(ValueError, match="the document has no"):
        table.between_markers("no markers", "new")


def test_a_run_writes_all_three(tmp_path: Path) -> None:
    """JSON, page and README are written together, from one set of results."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(f"{table.BEGIN}\n{table.END}\n", encoding="utf-8")
    command.write(results(row()), tmp_path)
    assert json.loads((tmp_path / "docs" / "benchmarks.json").read_text(encoding="utf-8")) == results(row())
    assert "A processor, 2 cores" in (tmp_path / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert "| W3 tiny | 2.00 µs | 1.50 (2.50) |" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_unknown_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A workload or peer that does not exist is named, and nothing runs."""
    assert command.main(["--workloads", "w1 w99"]) == 2
    assert "w99" in capsys.readouterr().out
    assert command.main(["--peers", "torhc"]) == 2


def test_pages_are_what_was_measured() -> None:
    """docs/benchmarks.md and the README's table are those of docs/benchmarks.json."""
    docs = Path(ROOT) / "docs"
    measured = json.loads((docs / "benchmarks.json").read_text(encoding="utf-8"))
    assert (docs / "benchmarks.md").read_text(encoding="utf-8") == table.page(measured)
    document = (Path(ROOT) / "README.md").read_text(encoding="utf-8")
    assert table.between_markers(document) == table.readme(measured)
