"""Windows, padding and extrema of many small groups: by slices, with the numbers of NumPy's own way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import assert_close_to_eager
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_allclose, assert_array_equal

from autograd import Value, grad
from autograd.errors import InvalidArgument
from autograd.rules import reductions
from autograd.rules.windows import ADD_WINDOWS

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks import counting

RNG = np.random.default_rng(0)


def gradient(f: Any, x: Any) -> Any:
    """The gradient of a weighted sum of ``f(x)``, and the weights."""
    leaf = Value(x)
    y = f(leaf)
    weights = RNG.standard_normal(y.shape).astype(x.dtype)
    np.sum(y * weights).backward()
    return leaf.grad, weights


@pytest.mark.parametrize(
    ("shape", "window", "axis"),
    [
        ((9, 8), (3, 2), (0, 1)),
        ((9, 8), (8,), (0,)),
        ((4, 9), (2, 3), (1, 1)),
        ((5, 6), (2,), -1),
        ((7,), 7, 0),
    ],
)
def test_windows_add_up_where_they_were_read(shape: Any, window: Any, axis: Any) -> None:
    """The gradient is that of adding at the positions of the elements; of few windows and of many."""
    x = RNG.standard_normal(shape)
    found, weights = gradient(lambda v: sliding_window_view(v, window, axis), x)
    places = sliding_window_view(np.arange(x.size).reshape(shape), window, axis)
    expected = np.bincount(places.ravel(), weights.ravel(), x.size).reshape(shape)
    assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("window", "positions"), [(2000, 2), (2, 2000)])
def test_few_sums_of_long_slices(window: int, positions: int) -> None:
    """Of long windows and of many, the gradient goes through whichever are fewer."""
    g = RNG.standard_normal((positions, window))
    assert counting.python_operations(lambda: ADD_WINDOWS(g, window_shape=(window,), axis=(0,))) < 2000


def test_windows_take_no_copy() -> None:
    """Windows show the elements of the array: nine times as many are nowhere stored."""
    x = Value(RNG.standard_normal((20, 20)))
    assert np.shares_memory(sliding_window_view(x, (3, 3)).data, x.data)


def test_a_window_needs_a_length_for_each_axis() -> None:
    """One length for two axes is refused, and says so."""
    with pytest.raises(InvalidArgument, match="a length for each of 2 axes"):
        sliding_window_view(Value(np.ones((3, 3))), 2)


def test_what_was_cut_off_stays_cut_through_windows_and_padding() -> None:
    """An element that no result depends on has no gradient, where its derivative is infinite."""

    def f(x: Any) -> Any:
        return np.sum(sliding_window_view(np.pad(np.sqrt(x), 1), 2)[2:])

    assert_array_equal(grad(f)(np.array([0.0, 1.0, 4.0])), [0.0, 0.5, 0.5])


@pytest.mark.parametrize(
    "widths", [1, (2,), (1, 2), ((1, 2),), ((0, 1), (2, 0)), ((1,), (2,)), np.array([1, 2])]
)
def test_padding_with_zeros_is_one_assignment(widths: Any) -> None:
    """Every form of the widths, value and gradient; and no index of every element."""
    x = RNG.standard_normal((3, 4)).astype(np.float32)
    y = np.pad(Value(x), widths)
    assert y.op == "scatter"
    assert y.dtype == np.float32
    assert_array_equal(y.data, np.pad(x, widths))
    found, weights = gradient(lambda v: np.pad(v, widths), x)
    inside = np.pad(np.ones_like(x, bool), widths)
    assert_array_equal(found.ravel(), weights[inside])


REDUCED = [
    ((2, 1200, 2), (0, 2)),
    ((40, 2, 30, 3), (1, 3)),
    ((3000, 3), (1,)),
    ((3, 3000), (0,)),
    ((1, 3000, 3), (2,)),
]


@pytest.mark.parametrize(("shape", "axis"), REDUCED)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("function", [np.max, np.min])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extrema_of_small_groups(shape: Any, axis: Any, keepdims: bool, function: Any, dtype: Any) -> None:
    """Slice by slice the same values, NaN among them, and equal shares of the gradient for ties."""
    x = RNG.integers(0, 3, shape).astype(dtype)
    assert reductions._has_small_groups(x, axis)
    leaf = Value(x)
    y = function(leaf, axis=axis, keepdims=keepdims)
    expected = function(x, axis=axis, keepdims=True)
    assert_array_equal(y.data, function(x, axis=axis, keepdims=keepdims))
    weights = RNG.standard_normal(y.shape).astype(dtype)
    np.sum(y * weights).backward()
    ties = x == expected
    shares = weights.reshape(expected.shape) * ties / ties.sum(axis=axis, keepdims=True)
    assert leaf.grad.dtype == dtype
    assert_allclose(leaf.grad, shares, rtol=1e-6 if dtype == np.float32 else 1e-15)
    broken = x.copy()
    broken[(0,) * x.ndim] = np.nan
    assert_array_equal(function(Value(broken), axis=axis).data, function(broken, axis=axis))


def test_a_compiled_network_of_windows_has_the_numbers_of_the_engine() -> None:
    """Padding, windows, einsum and pooling in one program, without an index of every element in it."""
    x, w = RNG.standard_normal((4, 2, 24, 24)), RNG.standard_normal((5, 2, 3, 3))

    def loss(x: Any, w: Any) -> Any:
        windows = sliding_window_view(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), axis=(2, 3))
        z = np.maximum(np.einsum("nchwij,ocij->nohw", windows, w), 0.0)
        return np.sum(np.max(np.reshape(z, (4, 5, 12, 2, 12, 2)), axis=(3, 5)) ** 2)

    compiled = assert_close_to_eager(loss, (x, w), rtol=1e-12, atol=1e-10)
    assert "int64" not in compiled.source


ROWS = RNG.integers(-5, 5, (40, 30))


@pytest.mark.parametrize("index", [ROWS, (ROWS[:, :1], RNG.integers(0, 6, 30))])
def test_rows_that_are_taken_again_and_again_add_up(index: Any) -> None:
    """The gradient of many rows of a table, negative numbers among them, is that of np.add.at."""
    x = RNG.standard_normal((5, 6, 2)).astype(np.float32)
    found, weights = gradient(lambda v: v[index], x)
    expected = np.zeros_like(x)
    np.add.at(expected, index, weights)
    assert_array_equal(found, expected)
