"""The generated pages of the documentation are what the library says."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]


@pytest.mark.skipif(not hasattr(np, "vecmat"), reason="the pages list functions newer than this NumPy")
@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    """A page in docs/ is what the script gives now; `make docs` writes it anew."""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()
