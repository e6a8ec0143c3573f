"""What a step does, counted: no time is asserted, and no count may grow unnoticed.

The bounds are what the engine needs now; whoever makes it faster lowers them here. Instructions and
blocks have a tenth of room, since versions of Python differ in them.
"""

from __future__ import annotations

import math
import platform
from typing import Any

import numpy as np
import pytest

from . import counting
from . import w01_scalar_chain as w1
from .workloads import WORKLOADS

# workload, column: calls of NumPy, bytecode instructions, blocks of memory held by the result
BOUNDS = {
    ("w3", "eager"): (55, 10_550, 109),
    ("w3", "modules"): (53, 9_450, 100),
    ("w3", "compiled"): (44, 1_060, 27),
    ("w4", "eager"): (75, 10_850, 102),
    ("w4", "modules"): (75, 9_750, 91),
    ("w4", "compiled"): (64, 1_290, 27),
}
BYTES_PER_NODE = 144

cpython = pytest.mark.skipif(
    platform.python_implementation() != "CPython", reason="counts need CPython's profiler and object layout"
)


@cpython
@pytest.mark.parametrize(("key", "column"), BOUNDS)
def test_a_step_makes_no_more_calls_and_allocations(key: str, column: str) -> None:
    """Calls of NumPy, bytecode instructions and blocks held stay within their bounds."""
    workload = WORKLOADS[key]
    step = workload.columns[column](workload.inputs(False))
    counts = counting.numpy_calls(step), counting.python_operations(step), counting.allocations(step)[0]
    assert all(n <= bound for n, bound in zip(counts, BOUNDS[key, column], strict=True)), counts


@pytest.mark.parametrize("operations", [300, 3000])
def test_a_node_needs_so_many_bytes(operations: int) -> None:
    """A scalar operation keeps a bounded number of bytes, whatever the depth."""
    from autograd import Value

    inputs = w1.inputs(False, operations)

    def build() -> Any:
        x, w, b = map(Value, inputs["point"])
        return w1.chain(x, w, b, operations, Value.tanh)

    _, size = counting.allocations(build)
    assert size / operations <= BYTES_PER_NODE


@cpython
def test_calls_of_numpy_are_counted_by_name_and_by_operator() -> None:
    """Ufuncs, operators of arrays, functions and methods count; floats do not."""
    x = np.ones(3)
    assert counting.numpy_calls(lambda: np.tanh(x)) == 1
    assert counting.numpy_calls(lambda: x * x + x) == 2
    assert counting.numpy_calls(lambda: np.add.reduce(x)) == 1
    assert counting.numpy_calls(lambda: x.reshape(3, 1)) == 1
    assert counting.numpy_calls(lambda: math.tanh(1.0) * 2.0) == 0
    assert np.tanh(0.0) == 0.0  # called as before


def test_bytecode_instructions_are_counted() -> None:
    """Ten additions are ten times two instructions more than none."""
    names = {"a": 1.0}
    none, ten = (eval(f"lambda a=1.0: a{' + a' * n}", names) for n in (0, 10))
    assert counting.python_operations(ten) - counting.python_operations(none) == 20


def test_allocations_are_those_of_the_result() -> None:
    """What is freed before the end does not count."""
    blocks, size = counting.allocations(lambda: np.ones(1000) + np.ones(1000))
    assert 1 <= blocks <= 8
    assert 8000 <= size < 8400
