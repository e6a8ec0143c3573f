"""Make the notebooks of examples/notebooks from their sources, and run them: outputs are stored.

    python examples/make_notebooks.py            # all
    python examples/make_notebooks.py 2          # those whose name begins with 2

A source is a Python file in examples/notebooks/source: a line ``# %%`` begins a cell of code,
``# %% [markdown]`` one of text, whose lines are comments. Needs ``pip install -e ".[plot,notebook]"``.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "notebooks"
MARK = re.compile(r"^# %%( \[markdown\])?\n", re.MULTILINE)


def sources() -> list[Path]:
    """The source of each notebook, in order."""
    return sorted((FOLDER / "source").glob("*.py"))


def cells(source: str) -> list[tuple[str, str]]:
    """The cells of a source, each with its kind: "markdown" or "code"."""
    _, *parts = MARK.split(source)
    found = []
    for mark, body in zip(parts[::2], parts[1::2], strict=True):
        if mark:
            found.append(("markdown", re.sub(r"^# ?", "", body, flags=re.MULTILINE).strip()))
        else:
            found.append(("code", body.strip()))
    return found


def unexecuted(source: str) -> Any:
    """The notebook of a source, without outputs; cells are numbered, so that it is the same each time."""
    from nbformat import v4

    notebook = v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    for number, (kind, text) in enumerate(cells(source), start=1):
        notebook.cells.append(make[kind](text, id=f"cell-{number}"))
    return notebook


def executed(source: str) -> Any:
    """The notebook of a source with its outputs; what differs from run to run is left out."""
    from nbclient import NotebookClient

    notebook = unexecuted(source)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", record_timing=False, coalesce_streams=True
    ).execute()
    notebook.metadata.pop("language_info", None)  # the version of Python
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def main() -> None:
    """Write the notebooks whose names begin so, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="how the names of the notebooks begin; all by default")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder for the notebooks")
    options = parser.parse_args()
    try:
        import nbclient  # noqa: F401 - only whether it is there
        import nbformat
    except ImportError as e:
        parser.error(f'{e.name} is missing: pip install -e ".[plot,notebook]"')

    for path in sources():
        if not options.names or path.name.startswith(tuple(options.names)):
            notebook = executed(path.read_text(encoding="utf-8"))
            target = options.output / f"{path.stem}.ipynb"
            nbformat.write(notebook, target)
            print(f"wrote {target}")


if __name__ == "__main__":
    main()
