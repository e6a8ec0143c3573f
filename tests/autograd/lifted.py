"""Graphs of scalars, and what their lifted programs must give."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from autograd import Value, value_and_grad
from autograd.compiling.lifting import lift
from tests.benchmarks import w02_scalar_mlp as w02
from tests.benchmarks import w13_scalar_gpt as w13

Graph = tuple[Value, list[Value]]


def values(*shape: int, seed: int = 0) -> Any:
    """Nested lists of Values."""
    return w02.nested(Value, np.random.default_rng(seed).normal(scale=0.5, size=shape))


def equal(output: Value, inputs: list[Value]) -> Any:
    """The lifted program, whose value and gradients are those of the graph."""
    lifted = lift(output, inputs, always=True)
    assert lifted is not None
    theta = np.array([v.data for v in inputs])
    for v in inputs:
        v.zero_grad()
    output.backward()
    expected = np.array([v.grad or 0.0 for v in inputs])
    value, gradient = value_and_grad(lifted)(theta)
    assert type(value) is float
    np.testing.assert_allclose(value, output.data, rtol=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max(initial=0.0))
    return lifted


def picked(lifted: Any) -> int:
    """How many elements are picked one by one."""
    return sum(getattr(x, "picked", 0) for step in lifted.steps for x in step.operands)


def steps(lifted: Any) -> Counter[str]:
    return Counter(step.primitive.name for step in lifted.steps)


def mlp(small: bool) -> Graph:
    inputs = w02.inputs(small)
    params = [w02.nested(Value, p) for p in inputs["params"]]
    points, signs = (x.tolist() for x in inputs["data"])
    return w02.scalar_loss(params, points, signs, Value.relu), w02.scalars(params)


def gpt(small: bool) -> Graph:
    inputs = w13.inputs(small)
    params = [w02.nested(Value, p) for p in inputs["params"]]
    return w13.loss(params, inputs["tokens"]), w02.scalars(params)
