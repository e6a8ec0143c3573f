"""The source that is written: valid Python for every name, axis and length of a block."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES, assert_as_eager, assert_same

RNG = np.random.default_rng(12)
TALL = RNG.normal(size=(100_001, 3))
windows = np.lib.stride_tricks.sliding_window_view


def runs(f: Any, args: Any, argnums: Any = 0, **options: Any) -> Any:
    """A compiled function gives what the engine gives, without asking the engine; gives it back."""
    compiled = assert_as_eager(f, [args, args], argnums, **options)
    compiled._executable()(*args)  # a fault of the program raises here
    return compiled


# -- loops ---------------------------------------------------------------------------------------------

WITHOUT_SCRATCH: dict[str, tuple[Any, Any]] = {
    "where": (lambda x: np.where(x > 0, np.exp(x) * x, 0).sum(), np.ones(300_001)),
    "cumsum": (lambda x: (np.exp(np.cumsum(x, axis=1)) * x).sum(), TALL),
    "transpose": (lambda x: (np.exp(x.T) * x.T).sum(), TALL),
    "initial": (lambda x: np.exp(np.max(x, axis=1, initial=0.5)).sum(), TALL),
    "sum_where": (lambda x: np.exp(np.sum(x, axis=1, where=TALL > 0)).sum(), TALL),
}


@pytest.mark.parametrize("name", WITHOUT_SCRATCH)
def test_loops_with_and_without_arrays_of_a_block(name: str) -> None:
    """The last block is shorter; a loop that keeps all its results has no array to cut for that."""
    f, x = WITHOUT_SCRATCH[name]
    runs(f, (x,))


# -- functions of the library ----------------------------------------------------------------------------

AXES: dict[str, tuple[Any, Any]] = {
    "max": (lambda x: (x.max(axis=1) ** 2).sum(), RNG.normal(size=(5000, 3))),
    "max_keepdims": (lambda x: (x.min(axis=0, keepdims=True) * x).sum(), RNG.normal(size=(3, 5000))),
    "windows": (lambda x: (windows(x, 2) ** 2).sum(), np.arange(5.0)),
    "windows_of_rows": (lambda x: (windows(x, 3, axis=1) ** 2).sum(), RNG.normal(size=(4, 6))),
}


@pytest.mark.parametrize("optimized", BOTH_STYLES)
@pytest.mark.parametrize("name", AXES)
def test_functions_of_the_library_take_axes_as_they_are(name: str, optimized: bool, tmp_path: Path) -> None:
    """One axis stays a tuple where a tuple is taken apart; the saved file has what the function needs."""
    f, x = AXES[name]
    compiled = runs(f, (x,), optimized=optimized)
    scope: dict[str, Any] = {}
    exec(compiled.save(tmp_path / "saved.py").read_text(), scope)
    assert_same(scope["value_and_gradients"](x), compiled(x))
