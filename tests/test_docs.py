"""The generated pages of the documentation are what the library says."""

from __future__ import annotations

import inspect
import runpy
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]


@pytest.mark.skipif(not hasattr(np, "vecmat"), reason="the pages list functions newer than this NumPy")
@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    """A page in docs/ is what the script gives now; `make docs` writes it anew."""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()


@pytest.mark.parametrize("package", [autograd, nn], ids=["autograd", "nn"])
def test_public_names_have_an_example(package):
    """The docstring of every public function and class has an example, which the doctests run."""
    public = {name: getattr(package, name) for name in package.__all__ if name != "init"}
    assert [name for name, x in public.items() if ">>>" not in (inspect.getdoc(x) or "")] == []
