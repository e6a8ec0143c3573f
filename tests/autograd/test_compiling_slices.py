"""Compiled programs that take arrays apart: slices together, masks where they matter, axes there and back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import assert_as_eager

from autograd.compiling import compile

RNG = np.random.default_rng(4)
P = RNG.normal(size=9)


def apart(p: Any) -> Any:
    """Disjoint parts of a vector."""
    return np.sum(np.tanh(p[:3]) * p[3:6]) + np.sum(p[6:8] ** 2) * p[8]


def overlapping(p: Any) -> Any:
    return np.sum(p[:6] * p[3:]) + p[4] ** 2


def with_a_gap(p: Any) -> Any:
    return np.sum(p[:4] * p[5:])


def as_many_but_overlapping(p: Any) -> Any:
    return np.sum(p[:4] * p[5:]) + p[0] ** 2


@pytest.mark.parametrize(
    ("f", "start"),
    [
        (apart, "np.empty("),
        (overlapping, "np.zeros("),
        (with_a_gap, "np.zeros("),
        (as_many_but_overlapping, "np.zeros("),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_of_slices_are_put_together_at_once(f: Any, start: str, dtype: Any) -> None:
    """One array for all slices, not one for each and sums of them; zeros first only if some are left over."""
    compiled = assert_as_eager(f, [(P.astype(dtype),)], 0, 1e-5 if dtype == np.float32 else 1e-12)
    body = compiled.source[compiled.source.index("def ") :]
    assert body.count(f"dp = {start}9") == body.count("np.empty(") + body.count("np.zeros(") == 1
    assert "import _" not in compiled.source


def test_elements_that_are_picked_twice_add_up() -> None:
    """Arrays as indices stay as they are: an element may be among them more than once."""
    i = np.array([1, 1, 2])

    def f(p: Any) -> Any:
        return np.sum(p[i] * p[:3])

    compiled = assert_as_eager(f, [(P,)], 0)
    assert "_scatter_together" not in compiled.source


def test_a_saved_program_runs_alone(tmp_path: Path) -> None:
    """The function that puts slices together is written into the file."""
    compiled = compile(apart)
    _, gradient = compiled(P)
    path = tmp_path / "slices.py"
    compiled.save(path)
    code = (
        "import sys, numpy as np, slices; assert 'autograd' not in sys.modules; "
        f"print(slices.value_and_gradients(np.array({P.tolist()}))[1].tolist())"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)
    np.testing.assert_allclose(np.array(json.loads(found.stdout)), gradient, rtol=1e-14)


def test_masks_only_where_they_matter() -> None:
    """Slices of an argument need no mask; of what a branch with an infinite derivative made, they do."""

    def plain(p: Any) -> Any:
        return np.sum(np.exp(p[:3]))

    def rooted(p: Any) -> Any:
        return np.sum(np.sqrt(p)[1:])

    for f, masked in ((plain, False), (rooted, True)):
        compiled = assert_as_eager(f, [(np.arange(4.0),)], 0)
        assert ("np.bool" in compiled.source) is masked


def test_axes_there_and_back() -> None:
    """Axes that are exchanged twice are not exchanged."""

    def f(p: Any) -> Any:
        return np.sum(np.exp(np.swapaxes(np.swapaxes(p.reshape(3, 1, 3), 0, -1), 2, 0)))

    compiled = assert_as_eager(f, [(P,)], 0)
    assert "swapaxes" not in compiled.source


@pytest.mark.parametrize("optimized", [False, True])
@pytest.mark.parametrize("index", [np.s_[None], np.s_[..., None], np.s_[None, ..., None], np.s_[()]], ids=str)
def test_new_axes_of_a_number(index: Any, optimized: bool) -> None:
    """The gradient of a number that got axes is a number again."""

    def f(x: Any, y: Any) -> Any:
        return np.sum(np.tanh(x[index]) * y) + np.sum(x[index] * 2.0)

    assert_as_eager(f, [(0.5, P[:3])], (0, 1), optimized=optimized)
