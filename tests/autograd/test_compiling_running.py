"""Compiled functions at work: in threads, in loops, with derivatives inside, counted."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES, assert_as_eager, assert_same

from autograd import checkpoint, grad, hvp, no_grad, value_and_grad
from autograd.compiling import compile

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks import counting

RNG = np.random.default_rng(2)


def mlp(parameters: Any, x: Any, labels: Any) -> Any:
    h = np.tanh(x @ parameters["W1"] + parameters["b1"])
    z = h @ parameters["W2"] + parameters["b2"]
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(x)), labels])


def mlp_arguments(batch: int = 8) -> Any:
    parameters = {
        "W1": RNG.normal(size=(4, 8)), "b1": RNG.normal(size=8),
        "W2": RNG.normal(size=(8, 3)), "b2": RNG.normal(size=3),
    }  # fmt: skip
    return parameters, RNG.normal(size=(batch, 4)), RNG.integers(3, size=batch)


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_threads(optimized: bool) -> None:
    """Threads that call one compiled function at the same time get the results of their own arguments."""
    compiled = compile(mlp, optimized=optimized)
    cases = [mlp_arguments(400) for _ in range(4)]
    expected = [value_and_grad(mlp)(*args) for args in cases]
    compiled(*cases[0])

    def work(i: int) -> None:
        for _ in range(25):
            assert_same(compiled(*cases[i]), expected[i])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(compiled._executable()._free) <= 4


def test_memory_does_not_grow() -> None:
    """A thousand calls leave nothing behind."""
    compiled = compile(mlp)
    args = mlp_arguments()
    for _ in range(10):
        compiled(*args)
    gc.collect()
    tracemalloc.start()
    try:
        compiled(*args)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            compiled(*args)
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 20 * 1000  # an array that is kept would be more


def test_a_step_makes_few_calls_of_numpy() -> None:
    """Fewer calls than the engine makes, and no more than are needed now: whoever needs fewer lowers it."""
    args = mlp_arguments()
    compiled, eager = compile(mlp), value_and_grad(mlp)
    calls = counting.numpy_calls(lambda: compiled(*args))
    assert calls <= 45
    assert calls < 0.75 * counting.numpy_calls(lambda: eager(*args))


# -- derivatives inside ---------------------------------------------------------------------------------


def small(p: Any) -> Any:
    return np.sum(np.tanh(p @ np.ones((3, 2)) + 0.1) ** 2 * p[0])


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_gradients_of_gradients(optimized: bool) -> None:
    """A function that takes gradients inside is traced with them."""
    args = (RNG.normal(size=3), RNG.normal(size=3))

    def slope(p: Any, v: Any) -> Any:
        return np.sum(grad(small)(p) * v)

    compiled = assert_as_eager(slope, [args, args[::-1]], 0, optimized=optimized)
    np.testing.assert_allclose(compiled(*args)[1], hvp(small, *args), rtol=1e-12)
    assert_as_eager(lambda p: grad(lambda q: grad(lambda r: r**4)(q))(p[0]) + p[1], [args[:1]], 0)


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_checkpoint_inside(optimized: bool) -> None:
    """A part that is computed again in the backward pass gives the same numbers."""

    def f(w: Any, x: Any) -> Any:
        h = checkpoint(lambda a, b: np.tanh(a @ b), x, w)
        return (h * h * w.sum()).sum()

    assert_as_eager(f, [(RNG.normal(size=(3, 2)), RNG.normal(size=(4, 3)))], 0, optimized=optimized)


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_no_grad_inside(optimized: bool) -> None:
    """What is computed under no_grad is a constant for the gradient, and changes from call to call."""

    def f(w: Any) -> Any:
        with no_grad():
            scale = (w * w).sum()
        return (w * scale).sum()

    calls = [(RNG.normal(size=3),) for _ in range(3)]
    assert_as_eager(f, calls, 0, optimized=optimized)


def test_a_compiled_function_of_large_arrays() -> None:
    """Arrays that are computed block by block, the last block shorter: each number is right."""

    def f(x: Any, w: Any) -> Any:
        y = np.tanh(x * w + 0.1)
        return (y * y * np.exp(-x)).sum()

    rows = 140_003
    args = [(RNG.normal(size=(rows, 3)), RNG.normal(size=3)) for _ in range(2)]
    compiled = assert_as_eager(f, args, (0, 1), 1e-11)
    assert "for start in range(0, 140003" in compiled.source
    assert "the last block is shorter" in compiled.source
    long = [(RNG.normal(size=400_001), 0.3), (RNG.normal(size=400_001), 0.7)]
    assert "for start in" in assert_as_eager(f, long, (0, 1), 1e-11).source
    single = [(x.astype(np.float32), w.astype(np.float32)) for x, w in args]
    assert_as_eager(f, single, (0, 1), 1e-3)
