"""What the transforms hold in memory: no copies of arguments, and no graph longer than it is needed."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

from autograd import grad, value_and_grad, vjp
from autograd.backward import gradients

X = np.linspace(-2.0, 2.0, 50_000)
LENGTH = 8


def chain(factors):
    """The sum of a chain of products: one array for each of its steps, and one gradient for each factor."""
    y = 1.0
    for x in factors:
        y = y * x
    return y.sum()


def peak_in_arrays(f) -> float:
    """The most memory that a call holds at a time, in arrays of the size of X."""
    f()
    gc.collect()
    tracemalloc.start()
    try:
        f()
        return tracemalloc.get_traced_memory()[1] / X.nbytes
    finally:
        tracemalloc.stop()


def test_the_graph_is_freed_behind_the_backward_pass():
    """The results of a chain go as the gradients come: besides them there is room for three arrays."""
    factors = [X + k for k in range(LENGTH)]
    assert peak_in_arrays(lambda: value_and_grad(chain)(factors)) < LENGTH + 3.5


def test_stored_values_keep_their_history():
    """Values that the function stores, its result among them, can be differentiated afterwards."""
    stored = []

    def f(x):
        y = np.sin(x)
        stored[:] = [x, y, (y * y).sum()]
        return stored[-1]

    first = grad(f)(X)
    x, y, total = stored
    np.testing.assert_array_equal(gradients(total, [x, y])[0], first)
    np.testing.assert_array_equal(gradients(total, [y])[0], 2.0 * np.sin(X))
    assert total.parents[0].parents == (y, y)


def test_an_argument_is_shown_and_not_copied():
    """The function sees the array itself, but cannot write to it; integers become floats."""
    seen = []

    def f(x):
        seen[:] = [x.data]
        return (x * x).sum()

    gradient = grad(f)(X)
    assert np.shares_memory(seen[0], X)
    assert not np.shares_memory(gradient, X)
    assert gradient.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        seen[0][0] = 1.0
    assert X.flags.writeable
    assert grad(f)(np.arange(3)).dtype == np.float64


def test_what_is_differentiated_later_has_a_copy():
    """A pullback gives the derivative where the function was called, whatever became of the array."""
    x = np.array([1.0, 2.0])
    _, pullback = vjp(lambda x: x * x, x)
    x[:] = 7.0
    np.testing.assert_array_equal(pullback(np.ones(2))[0], [2.0, 4.0])
