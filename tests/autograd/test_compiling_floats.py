"""Programs of Python floats: as the engine where numbers overflow, divide by zero or are none."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES

from autograd import relu, sigmoid, tanh, value_and_grad
from autograd.compiling import compile
from autograd.errors import ShapeError
from autograd.trees import leaves

EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 1e-320, 1e200, -1e200, 800.0, -800.0, math.inf, -math.inf, math.nan]

FUNCTIONS = {
    "1/x": lambda x, y: 1.0 / x + y,
    "x/y": lambda x, y: x / y,
    "x*y": lambda x, y: x * y,
    "x-y": lambda x, y: x - y,
    "log": lambda x, y: np.log(x) * y,
    "log1p": lambda x, y: np.log1p(x) + y,
    "sqrt": lambda x, y: np.sqrt(x) + y,
    "exp": lambda x, y: np.exp(x) - np.exp(y),
    "exp2": lambda x, y: np.exp2(x) + np.expm1(y),
    "sinh": lambda x, y: np.sinh(x) + np.cosh(y),
    "tanh": lambda x, y: np.tanh(x) * np.arctan(y),
    "sin": lambda x, y: np.sin(x) * np.cos(y),
    "arcsin": lambda x, y: np.arcsin(x) + np.arccos(y),
    "arctanh": lambda x, y: np.arctanh(x) + np.arccosh(y),
    "x**y": lambda x, y: x**y,
    "x**2": lambda x, y: x**2 + y**3,
    "x**-1": lambda x, y: x**-1 + y**0.5,
    "maximum": lambda x, y: np.maximum(x, y) * np.minimum(x, y),
    "maximum of 0": lambda x, y: np.maximum(x, 0.0) + np.minimum(0.0, y) + np.maximum(1.0, x),
    "abs": lambda x, y: abs(x) + np.abs(y) * 2,
    "arctan2": lambda x, y: np.arctan2(x, y),
    "hypot": lambda x, y: np.hypot(x, y),
    "sigmoid": lambda x, y: sigmoid(x) * tanh(y),
    "relu": lambda x, y: relu(x) + relu(y) * x,
    "where": lambda x, y: np.where(x > y, x * x, y),
    "remainder": lambda x, y: np.remainder(x, 2.0) + np.fmod(y, 3.0),
    "clip": lambda x, y: np.clip(x, -1.0, 1.0) + y,
    "copysign": lambda x, y: np.copysign(x, y),
    "logaddexp": lambda x, y: np.logaddexp(x, y),
}


# Programs with masks run without warnings, as the engine's backward pass through masks does.
QUIET = {"where", "x**y"}


def outcome(f: Any, x: float, y: float) -> tuple[list[Any], list[str]]:
    """The numbers, and the warnings on the way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = leaves(list(f(x, y)))
    return found, sorted({str(w.message) for w in caught})


@pytest.mark.parametrize("optimized", BOTH_STYLES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_edges(name: str, optimized: bool) -> None:
    """Pairs of awkward numbers give the engine's numbers, with its warnings if the value is not finite."""
    f = FUNCTIONS[name]
    eager, compiled = value_and_grad(f, (0, 1)), compile(f, (0, 1), optimized=optimized)
    for x in EDGES:
        for y in EDGES:
            expected, warned = outcome(eager, x, y)
            found, also_warned = outcome(compiled, x, y)
            np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=f"at {x}, {y}")
            assert [type(v) for v in found] == [float] * 3
            if not math.isfinite(expected[0]) and name not in QUIET:
                assert also_warned == warned, f"at {x}, {y}"
            assert set(also_warned) <= set(warned), f"at {x}, {y}"


def test_a_program_of_floats_is_python() -> None:
    """Numbers alone are computed with operators and the module math, without a call of NumPy."""
    compiled = compile(lambda x, y: np.tanh(x * y + np.exp(x)) / (1.0 + y * y), (0, 1))
    compiled(0.3, 0.7)
    body = compiled.source[compiled.source.index("def ") :]
    assert "np." not in body
    assert " tanh(" in body


def test_errors_of_the_function_are_its_own() -> None:
    """A matrix that cannot be inverted raises what the engine raises."""
    compiled = compile(lambda a: np.linalg.inv(a).sum())
    compiled(np.eye(2))
    with pytest.raises(ShapeError, match="Singular matrix"):
        compiled(np.zeros((2, 2)))
