"""Sums by products with ones: the same numbers as NumPy's, wherever BLAS may take its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd import Value, compile, relu, value_and_grad
from autograd.sums import LONGEST, _is_product, sum_of_rows, sum_over

RNG = np.random.default_rng(0)
PRODUCTS = [((100, 50), 0), ((100, 50), 1), ((20, 30, 40), 2), ((20, 30, 40), 0), ((4, 5, 8, 64), 3)]


@pytest.mark.parametrize(("shape", "axis"), PRODUCTS)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_product_with_ones_is_the_sum(shape: Any, axis: int, keepdims: bool, dtype: Any) -> None:
    """Along the first and the last axis, in shape, type and numbers."""
    x = RNG.standard_normal(shape).astype(dtype)
    assert _is_product(x, axis)
    tolerance = 1e-12 if dtype == np.float64 else 1e-4
    for function in (np.sum, np.mean):
        expected = function(x.astype(float), axis=axis, keepdims=keepdims)
        found = function(Value(x), axis=axis, keepdims=keepdims).data
        assert (found.dtype, found.shape) == (dtype, expected.shape)
        assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_what_numpy_sums_itself() -> None:
    """Axes in the middle, few elements, long sums, other types, other orders."""
    x = RNG.standard_normal((20, 30, 40))
    assert not _is_product(x, 1)
    assert not _is_product(x[:2, :2].copy(), 2)
    assert not _is_product(np.ones((5000, 1)), 1)
    assert not _is_product(x.transpose(2, 0, 1), 0)
    assert not _is_product(np.ones((2, LONGEST + 1)), 1)
    assert not _is_product(x.astype(np.float16), 2)
    assert not _is_product(np.ones(5000), 0)
    for axis in (None, (1,), (0, 2), (0, 1, 2)):
        assert_allclose(sum_over(x, axis), np.sum(x, axis=axis), rtol=1e-15)


@pytest.mark.parametrize(
    "x",
    [
        RNG.standard_normal((2, 3)),
        RNG.standard_normal((3, 2)).T,
        RNG.standard_normal((1, 3)),
        RNG.standard_normal((0, 3)),
        RNG.standard_normal((4, 0)),
        RNG.standard_normal((4, 2, 3)),
        RNG.standard_normal(7),
        np.array([[1.0, np.inf], [np.nan, 2.0]]),
        RNG.standard_normal((5, 2)).astype(np.float32),
        RNG.standard_normal((5, 2)).astype(np.float16),
        np.ones((LONGEST + 1, 2)),
    ],
)
def test_sums_of_rows(x: Any) -> None:
    """Of small and large matrices in any order, of other arrays, types and numbers that are not finite."""
    found, expected = sum_of_rows(x), np.sum(x, axis=0)
    assert (found.dtype, np.shape(found)) == (expected.dtype, expected.shape)
    assert_allclose(found, expected, rtol=1e-5 if x.dtype == np.float32 else 1e-14)


def test_small_sums_are_those_of_numpy() -> None:
    """To the last bit."""
    for shape in ((3, 4), (30, 30)):
        x = RNG.standard_normal(shape)
        for axis in (0, 1):
            assert np.array_equal(Value(x).sum(axis=axis).data, x.sum(axis=axis))


def test_long_sums_round_as_little_as_numpy() -> None:
    """In single precision, the longest sum that BLAS makes is nearly as good as NumPy's."""
    x = RNG.uniform(0.0, 1.0, (8, LONGEST)).astype(np.float32)
    right = np.sum(x.astype(float), axis=1)
    worst = np.abs(sum_over(x, (1,)) / right - 1.0).max()
    assert worst < 16 * np.finfo(np.float32).eps


@pytest.mark.parametrize(
    ("shape", "axis", "product"), [*((*p, True) for p in PRODUCTS), ((20, 30, 40), 1, False)]
)
@pytest.mark.parametrize("keepdims", [False, True])
def test_a_compiled_sum_is_a_product_too(shape: Any, axis: int, product: bool, keepdims: bool) -> None:
    """The numbers are the engine's; of an array of more axes, along the last one alone."""
    x = RNG.standard_normal(shape)

    def loss(x: Any) -> Any:
        return np.sum(np.sin(np.sum(np.exp(x), axis=axis, keepdims=keepdims)))

    compiled = compile(loss)
    value, gradient = compiled(x)
    expected, wanted = value_and_grad(loss)(x)
    assert_allclose(value, expected, rtol=1e-12)
    assert_allclose(gradient, wanted, rtol=1e-10, atol=1e-12)
    along_last = product and (len(shape) == 2 or axis == len(shape) - 1)
    assert ("ones_" in compiled.source) == along_last


def test_relu_of_large_arrays() -> None:
    """The row of zeros changes no number, no type and no gradient, for NaN neither."""
    for dtype in (np.float32, np.float64):
        x = np.linspace(-1.0, 1.0, 1 << 13, dtype=dtype).reshape(64, 128)
        x[0, 0] = np.nan
        y, gradient = value_and_grad(lambda v: relu(v).sum())(x[1:])
        assert relu(x).dtype == dtype
        np.testing.assert_array_equal(relu(x), np.maximum(x, 0.0))
        np.testing.assert_allclose(y, np.maximum(x[1:], 0.0).sum(), rtol=1e-5)
        np.testing.assert_array_equal(gradient, x[1:] > 0.0)
