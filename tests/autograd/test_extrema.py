"""Extrema along rows in other ways than NumPy's reductions: the same numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from autograd import Value, compile, softmax
from autograd.extrema import FEW, LONGEST, MANY, SHORT, _is_of_rows, extrema_over

RNG = np.random.default_rng(5)
UFUNCS = [np.maximum, np.minimum]


@pytest.mark.parametrize("ufunc", UFUNCS)
@pytest.mark.parametrize(
    "shape",
    [(256, 10), (4, 8, 64), (5, LONGEST), (FEW // 2, 2), (MANY, 3), (2, MANY, SHORT), (FEW, SHORT + 1)],
)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extrema_of_rows(ufunc: Any, shape: Any, keepdims: bool, dtype: Any) -> None:
    """In shape, type and numbers, with infinities, equal elements, and NaN in some groups."""
    x = RNG.integers(-3, 4, shape).astype(dtype)
    x.ravel()[::17], x.ravel()[::29], x.ravel()[::53] = np.inf, -np.inf, np.nan
    for axis in (-1, x.ndim - 1, (x.ndim - 1,)):
        assert _is_of_rows(x, axis)
        found = extrema_over(ufunc, x, axis, keepdims)
        expected = ufunc.reduce(x, axis, keepdims=keepdims)
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert_array_equal(found, expected)


@pytest.mark.parametrize("ufunc", UFUNCS)
def test_what_numpy_reduces_itself(ufunc: Any) -> None:
    """Other axes, few elements, long groups, other types, and arrays that do not lie row by row."""
    x = RNG.standard_normal((20, 30, 40))
    others = [
        (x, 0), (x, (1, 2)), (x, None), (x[:2, :2], 2), (x.transpose(0, 2, 1), 2), (x.astype(np.float16), 2),
        (x.astype(int), 2), (np.ones((2, LONGEST + 1)), 1), (np.ones(2 * FEW), 0), (np.ones((2 * FEW, 1)), 1),
        (np.ones((MANY - 1, 3)), 1), (np.ones((MANY, SHORT + 1)), 1),
    ]  # fmt: skip
    for array, axis in others:
        assert not _is_of_rows(array, axis)
        assert_array_equal(extrema_over(ufunc, array, axis), ufunc.reduce(array, axis))


def spread(x: Any) -> Any:
    return np.sum((np.max(x, axis=-1) - np.min(x, axis=-1)) ** 2) + np.sum(softmax(x)[:, 0])


@pytest.mark.parametrize("length", [SHORT, 2 * SHORT])
def test_a_compiled_extremum_is_taken_so_too(tmp_path: Path, length: int) -> None:
    """The numbers are the engine's, and a saved program brings the functions along."""
    x = RNG.standard_normal((64, length))
    value = spread(Value(x))
    compiled = compile(spread)
    found, gradient = compiled(x)
    assert "largest_of_rows(" in compiled.source
    assert "smallest_of_rows(" in compiled.source
    value_of_x = Value(x)
    spread(value_of_x).backward()
    np.testing.assert_allclose(found, value.data, rtol=1e-12)
    np.testing.assert_allclose(gradient, value_of_x.grad, rtol=1e-12, atol=1e-14)
    compiled.save(tmp_path / "extrema_alone.py")
    np.save(tmp_path / "x.npy", x)
    code = (
        "import sys, numpy as np, extrema_alone as m; assert 'autograd' not in sys.modules; "
        "print(m.value_and_gradients(np.load('x.npy'))[1].tolist())"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)
    np.testing.assert_allclose(np.array(json.loads(run.stdout)), gradient, rtol=1e-12, atol=1e-14)
