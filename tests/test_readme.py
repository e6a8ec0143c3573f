"""Every Python block of the README runs, and prints what the README says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def test_blocks_print_what_the_readme_says(tmp_path, monkeypatch):
    """The blocks run in order, as one session, and each text block is the output of the one before."""
    monkeypatch.chdir(tmp_path)
    Path("output").mkdir()
    blocks = BLOCK.findall(README.read_text(encoding="utf-8"))
    session, printed = {}, ""
    assert sum(kind == "python" for kind, _ in blocks) >= 6
    for kind, text in blocks:
        if kind == "python":
            assert not printed, f"the README leaves out what was printed:\n{printed}"
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, str(README), "exec"), session)
            printed = out.getvalue()
        else:
            assert text == printed
            printed = ""
    assert not printed
