"""Exponentials where they would overflow: value and gradient are finite, and right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import Value, gradients
from autograd.rules import TABLE

INF = math.inf
BIG = 1000.0
LOG2 = math.log(2.0)

# fmt: off
NUMBERS = [  # primitive, inputs, result, gradients
    ("exp",       (-BIG,),      0.0,         (0.0,)),
    ("exp",       (-INF,),      0.0,         (0.0,)),
    ("tanh",      (BIG,),       1.0,         (0.0,)),
    ("tanh",      (-BIG,),     -1.0,         (0.0,)),
    ("sigmoid",   (BIG,),       1.0,         (0.0,)),
    ("sigmoid",   (-BIG,),      0.0,         (0.0,)),
    ("sigmoid",   (INF,),       1.0,         (0.0,)),
    ("sigmoid",   (-INF,),      0.0,         (0.0,)),
    ("logaddexp", (BIG, BIG),   BIG + LOG2,  (0.5, 0.5)),
    ("logaddexp", (-BIG, -BIG), LOG2 - BIG,  (0.5, 0.5)),
    ("logaddexp", (BIG, -BIG),  BIG,         (1.0, 0.0)),
    ("logaddexp", (-BIG, BIG),  BIG,         (0.0, 1.0)),
    ("logaddexp", (-INF, -BIG), -BIG,        (0.0, 1.0)),
    ("logaddexp", (-INF, -INF), -INF,        (0.0, 0.0)),
]

ROWS = [  # primitive along rows, a row, its result, seed, gradient
    ("softmax",     [BIG, -BIG],  [1, 0],               [2, 3],    [0, 0]),
    ("softmax",     [BIG, BIG],   [1/2, 1/2],           [2, 3],    [-1/4, 1/4]),
    ("softmax",     [-BIG, -BIG], [1/2, 1/2],           [2, 3],    [-1/4, 1/4]),
    ("softmax",     [0, -INF, 0], [1/2, 0, 1/2],        [2, 9, 3], [-1/4, 0, 1/4]),
    ("softmax",     [-INF, -BIG], [0, 1],               [2, 3],    [0, 0]),
    ("log_softmax", [BIG, -BIG],  [0, -2*BIG],          [2, 3],    [-3, 3]),
    ("log_softmax", [BIG, BIG],   [-LOG2, -LOG2],       [2, 3],    [-1/2, 1/2]),
    ("log_softmax", [-BIG, -BIG], [-LOG2, -LOG2],       [2, 3],    [-1/2, 1/2]),
    ("log_softmax", [0, -INF, 0], [-LOG2, -INF, -LOG2], [2, 0, 3], [-1/2, 0, 1/2]),
    ("logsumexp",   [BIG, BIG],   [BIG + LOG2],         [2],       [1, 1]),
    ("logsumexp",   [-BIG, -BIG], [LOG2 - BIG],         [2],       [1, 1]),
    ("logsumexp",   [BIG, -BIG],  [BIG],                [2],       [2, 0]),
    ("logsumexp",   [-INF, -BIG], [-BIG],               [2],       [0, 2]),
    ("logsumexp",   [-INF, -INF], [-INF],               [2],       [0, 0]),
]
# fmt: on

every_number = pytest.mark.parametrize(("name", "xs", "result", "expected"), NUMBERS)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def check(name: str, params: Any, inputs: list[Any], result: Any, seed: Any, expected: list[Any]) -> None:
    leaves = [Value(x) for x in inputs]
    y = TABLE[name](*leaves, **params)
    rtol = 4 * np.finfo(y.dtype).eps
    np.testing.assert_allclose(y.data, result, rtol=rtol)
    # Rules take exponentials of the result, whose rounding they turn into a relative error.
    rtol *= np.max(np.abs(y.data), initial=1.0, where=np.isfinite(y.data))
    recorded = gradients(y, leaves, seed, create_graph=True)
    for plain, first, g in zip(gradients(y, leaves, seed), recorded, expected, strict=True):
        np.testing.assert_allclose(plain, g, rtol=rtol)
        np.testing.assert_allclose(first.data, g, rtol=rtol)
        for second in gradients((first * first).sum(), leaves):
            assert np.all(np.isfinite(second))


@every_number
def test_numbers(name: str, xs: Any, result: float, expected: Any) -> None:
    """Of a number, the result and its first two derivatives are finite, the result and the first right."""
    check(name, {}, xs, result, 1.0, expected)


@every_dtype
@every_number
def test_arrays(name: str, xs: Any, result: float, expected: Any, dtype: Any) -> None:
    """The same holds for arrays, of either type."""
    check(name, {}, [np.full(2, x, dtype) for x in xs], result, np.ones(2), expected)


@every_dtype
@pytest.mark.parametrize(("name", "row", "result", "seed", "expected"), ROWS)
def test_rows(name: str, row: Any, result: Any, seed: Any, expected: Any, dtype: Any) -> None:
    """The same holds for functions along an axis, infinite entries included."""
    params = {"axis": (1,)} | ({"keepdims": True} if name == "logsumexp" else {})
    check(name, params, [np.array([row, row], dtype)], [result, result], [seed, seed], [[expected, expected]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("unit", [1.0, "small", "large"])
@pytest.mark.parametrize("shape", [(), (2,)])
def test_arctan2_of_any_scale(dtype, unit, shape):
    """The derivative is right where the squares of its arguments are too small or too large for floats."""
    unit = {"small": np.finfo(dtype).tiny ** 0.75, "large": np.finfo(dtype).max ** 0.75}.get(unit, unit)
    a, b = Value(np.full(shape, 3.0 * unit, dtype)), Value(np.full(shape, -4.0 * unit, dtype))
    for create_graph in (False, True):
        found = gradients(np.arctan2(a, b), [a, b], np.ones(shape), create_graph=create_graph)
        for g, expected in zip(found, (-0.16 / unit, -0.12 / unit), strict=True):
            g = g.data if create_graph else g
            np.testing.assert_allclose(g, np.full(shape, expected), rtol=8 * np.finfo(dtype).eps)
