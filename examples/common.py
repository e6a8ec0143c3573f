"""What the examples share: where files go, tables for the terminal, plots where they can be drawn."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from nn import plots

ROOT = Path(__file__).resolve().parents[1]


def run(main: Callable[[Path], list[Path]], doc: str | None) -> None:
    """Run one example from the command line: read its options, let it report, list its files."""
    parser = argparse.ArgumentParser(description=(doc or "").strip().splitlines()[0])
    parser.add_argument("output", nargs="?", type=Path, default=ROOT / "output", help="folder for the files")
    output = near(parser.parse_args().output)
    output.mkdir(parents=True, exist_ok=True)
    list_files(main(output))


def near(path: Path) -> Path:
    """The path as seen from the current folder, if it lies inside."""
    path, here = path.resolve(), Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def list_files(files: list[Path]) -> None:
    """Say which files were written, and how to get the plots if there are none."""
    if files:
        print("\nFiles written:")
        for path in files:
            print(f"  {path}")
    if not _has_matplotlib():
        print('\nNo plots without matplotlib. To get them: pip install "chainrule[plot]"')


def heading(text: str) -> None:
    """A line that starts a part of a report."""
    print(f"\n{text}\n{'-' * len(text)}")


def say(text: str) -> None:
    """A paragraph, wrapped to the width of a terminal."""
    print(textwrap.fill(" ".join(text.split()), width=88))


def table(columns: Mapping[str, str], rows: Iterable[Iterable[Any]]) -> None:
    """Print rows under their headers, texts to the left and numbers to the right.

    Args:
        columns: header of each column, and the format of its numbers (".4f").
        rows: the cells; a text is printed as it is, also in a column of numbers.
    """
    rows = [list(row) for row in rows]
    texts = [
        [cell if isinstance(cell, str) else format(cell, spec) for cell in column]
        for column, spec in zip(zip(*rows, strict=True), columns.values(), strict=True)
    ]
    left = [all(isinstance(cell, str) for cell in column) for column in zip(*rows, strict=True)]
    widths = [max(map(len, [head, *column])) for head, column in zip(columns, texts, strict=True)]
    print()
    for line in [list(columns), ["-" * width for width in widths], *zip(*texts, strict=True)]:
        cells = zip(line, widths, left, strict=True)
        print("  " + "  ".join(f"{c:<{w}}" if to_left else f"{c:>{w}}" for c, w, to_left in cells).rstrip())
    print()


def save_plot(path: Path, size: tuple[float, float], draw: Callable[..., None], *data: Any) -> list[Path]:
    """Let ``draw(figure, *data)`` fill a figure and write it: the files written, if any."""
    if not _has_matplotlib():
        return []
    with plots.style():
        figure = plots.new_figure(*size)
        draw(figure, *data)
        figure.savefig(path, dpi=150)
    return [path]


def _has_matplotlib() -> bool:
    """It is an extra that the examples can do without."""
    try:
        plots.style()
    except ImportError:
        return False
    return True
