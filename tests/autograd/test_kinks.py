"""The table of kinks: what is taken where a derivative does not exist."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
import pytest

from autograd import Value, grad, gradients
from autograd.rules import TABLE

INF = math.inf
ALL = {"axis": None, "keepdims": False}
FIRST = {"axis": (0,), "keepdims": False}
OUTER = {"axis": (0, 2), "keepdims": True}

# fmt: off
KINKS = [  # primitive, parameters, inputs, result, gradients
    ("relu",        {},                      (0.0,),          0.0, (0.0,)),
    ("relu",        {},                      (-0.0,),         0.0, (0.0,)),
    ("leaky_relu",  {"negative_slope": 0.1}, (0.0,),          0.0, (0.1,)),
    ("binary_step", {},                      (0.0,),          1.0, (0.0,)),
    ("absolute",    {},                      (0.0,),          0.0, (0.0,)),
    ("absolute",    {},                      (-0.0,),         0.0, (0.0,)),
    ("sqrt",        {},                      (0.0,),          0.0, (INF,)),
    ("maximum",     {},                      (2.0, 2.0),      2.0, (0.5, 0.5)),
    ("minimum",     {},                      (2.0, 2.0),      2.0, (0.5, 0.5)),
    ("maximum",     {},                      (0.0, -0.0),     0.0, (0.5, 0.5)),
    ("minimum",     {},                      (0.0, -0.0),     0.0, (0.5, 0.5)),
    ("fmax",        {},                      (2.0, 2.0),      2.0, (0.5, 0.5)),
    ("fmin",        {},                      (2.0, 2.0),      2.0, (0.5, 0.5)),
    ("cbrt",        {},                      (0.0,),          0.0, (INF,)),
    ("hypot",       {},                      (0.0, 0.0),      0.0, (0.0, 0.0)),
    ("copysign",    {},                      (0.0, -2.0),     0.0, (-1.0, 0.0)),
    ("heaviside",   {},                      (0.0, 0.3),      0.3, (0.0, 1.0)),
    ("remainder",   {},                      (-4.0, 2.0),     0.0, (1.0, 2.0)),
    ("fmod",        {},                      (-4.0, 2.0),     0.0, (1.0, 2.0)),
    ("norm",        ALL,                     ([0, 0],),       0.0, ([0, 0],)),
    ("share_ties",  {"groups": np.array([0, 1, 1])}, ([1, 2, 2],), [1, 2, 2], ([1, 1, 1],)),
    ("eigh",        {}, ([[1, 0], [0, 1]],), [1, 1, 1, 0, 0, 1], ([[1, 0], [0, 1]],)),
    ("svd",         {}, ([[1, 0], [0, 1]],), [1, 0, 0, 1, 1, 1, 1, 0, 0, 1], ([[1, 0], [0, 1]],)),
    ("clip",        {},                      (1.0, 1.0, 3.0), 1.0, (1.0, 0.0, 0.0)),
    ("clip",        {},                      (3.0, 1.0, 3.0), 3.0, (1.0, 0.0, 0.0)),
    ("clip",        {},                      (2.0, 2.0, 2.0), 2.0, (1.0, 0.0, 0.0)),
    ("max",         ALL,                     ([3, 1, 3, 3],), 3.0, ([1/3, 0, 1/3, 1/3],)),
    ("min",         ALL,                     ([1, 3, 1, 1],), 1.0, ([1/3, 0, 1/3, 1/3],)),
    ("max",         FIRST, ([[4, 1, 7], [4, 2, 7], [0, 2, 7]],), [4, 2, 7],
                          ([[1/2, 0, 1/3], [1/2, 1/2, 1/3], [0, 1/2, 1/3]],)),
    ("min",         FIRST, ([[4, 1, 7], [4, 2, 7], [9, 1, 7]],), [4, 1, 7],
                          ([[1/2, 1/2, 1/3], [1/2, 0, 1/3], [0, 1/2, 1/3]],)),
    ("max",         OUTER, ([[[5, 5], [1, 2]], [[0, 5], [2, 2]]],), [[[5], [2]]],
                          ([[[1/3, 1/3], [0, 1/3]], [[0, 1/3], [1/3, 1/3]]],)),
    ("min",         OUTER, ([[[0, 0], [3, 2]], [[0, 5], [2, 2]]],), [[[0], [2]]],
                          ([[[1/3, 1/3], [0, 1/3]], [[1/3, 0], [1/3, 1/3]]],)),
]
# fmt: on

every_kink = pytest.mark.parametrize(
    ("name", "params", "inputs", "result", "expected"), KINKS, ids=[f"{k[0]}{k[2]}" for k in KINKS]
)


def check(name: str, params: dict[str, Any], inputs: Any, result: Any, expected: Any) -> None:
    leaves = [Value(x) for x in inputs]
    y = TABLE[name](*leaves, **params)
    infinite = INF in np.ravel(expected)
    with pytest.warns(RuntimeWarning, match="divide") if infinite else contextlib.nullcontext():
        found = gradients(y, leaves, np.ones(y.shape))
    np.testing.assert_array_equal(y.data, result)
    for x, got, g in zip(leaves, found, expected, strict=True):
        assert np.shape(got) == x.shape
        np.testing.assert_allclose(got, g, rtol=1e-15)


def test_every_kink_is_in_the_table() -> None:
    """The primitives that say that they have a kink are those of the table."""
    assert {kink[0] for kink in KINKS} == {name for name, row in TABLE.items() if row.kinks}


@every_kink
def test_at_the_kink(name: str, params: Any, inputs: Any, result: Any, expected: Any) -> None:
    """The gradient at a kink is the one of the table; where that is infinite, NumPy warns."""
    check(name, params, inputs, result, expected)


@every_kink
def test_at_the_kink_in_an_array(name: str, params: Any, inputs: Any, result: Any, expected: Any) -> None:
    """The same holds for each element of an array."""
    if TABLE[name].kind == "elementwise":
        inputs, (result,), expected = ([np.full(3, x) for x in xs] for xs in (inputs, [result], expected))
    check(name, params, inputs, result, expected)


@pytest.mark.parametrize(
    ("name", "params", "inputs"), [kink[:3] for kink in KINKS if INF not in np.ravel(kink[4])]
)
def test_the_branch_changes_at_the_kink(name: str, params: Any, inputs: Any) -> None:
    """At a kink and on its two sides the row tells not only one branch, so a gradient check knows it."""
    branches = []
    for h in (-1e-6, 0.0, 1e-6):
        first, *others = [np.array(x, float) for x in inputs]
        first.flat[-1] += h
        branches.append(np.stack(np.broadcast_arrays(TABLE[name].branch(first, *others, **params))))
    assert not all(np.array_equal(branches[0], branch) for branch in branches[1:])


@pytest.mark.parametrize(
    ("name", "inputs", "option", "choices"),
    [("where", (1.0, 2.0), "condition", (True, False)), ("getitem", (np.ones(3),), "index", (0, 1))],
)
def test_a_choice_is_a_branch(name: str, inputs: Any, option: str, choices: Any) -> None:
    """Two conditions of where(), or two indices, are two branches."""
    one, other = (TABLE[name].branch(*inputs, **{option: choice}) for choice in choices)
    assert one != other


@pytest.mark.parametrize("f", [np.maximum, np.minimum], ids=["maximum", "minimum"])
def test_ties_of_a_value_with_itself_add_up(f: Any) -> None:
    """max(x, x) is x, so its derivative is 1."""
    assert grad(lambda x: f(x, x))(3.0) == 1.0


@pytest.mark.parametrize("x", [0.0, -2.0, 3.0])
@pytest.mark.parametrize("n", range(4))
def test_powers_have_every_derivative(n: int, x: float) -> None:
    """The k-th derivative of x**n is n (n - 1) ... x**(n - k), at zero and where that is zero as well."""
    f, array = (lambda v: v**n), (lambda v: (v ** np.array([n, n])).sum())
    for k in range(n + 3):
        expected = math.perm(n, k) * x ** max(n - k, 0)
        assert f(x) == expected
        np.testing.assert_array_equal(array(np.array([x, x])), 2 * expected if k == 0 else [expected] * 2)
        f = grad(f)
        array = grad(array) if k == 0 else grad(lambda v, h=array: h(v).sum())
