"""Every Python block of the README runs and prints what the README says, and names are there."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from pathlib import Path

import autograd
import nn

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def run(number, text, session):
    """What a block prints; its functions have a source, as those of a file."""
    name = f"<block {number} of the README>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, name, "exec"), session)
    return out.getvalue()


def test_blocks_print_what_the_readme_says(tmp_path, monkeypatch):
    """The blocks run in order, as one session, and each text block is the output of the one before."""
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(README)
    session, printed = {}, ""
    assert sum(kind == "python" for kind, _ in blocks) >= 6
    for number, (kind, text) in enumerate(blocks):
        if kind == "python":
            assert not printed, f"the README leaves out what was printed:\n{printed}"
            printed = run(number, text, session)
        else:
            assert text == printed
            printed = ""
    assert not printed


def test_public_names_are_listed():
    """The README has every public name."""
    public = {*autograd.__all__, *nn.__all__}
    assert [name for name in sorted(public) if f"`{name}`" not in README] == []


def test_links_lead_somewhere():
    """Files and sections that the README and the pages link to exist."""
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    sections = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(
            r'(?:\]\(|src="|srcset=")(?!http)([^)"]+)', page.read_text(encoding="utf-8")
        ):
            assert target[1:] in sections if target[0] == "#" else (page.parent / target).exists(), target


def test_rates_are_those_of_the_page():
    """How many mistakes are named is what docs/derivations.md says."""
    here = re.search(r"Of (\d+) cases, .* named in (\d+) and the mistake in (\d+)", README)
    page = (ROOT / "docs" / "derivations.md").read_text(encoding="utf-8")
    there = re.search(r"Of (\d+) cases .* named in (\d+), .* mistake in (\d+),", page)
    assert here.groups() == there.groups()
