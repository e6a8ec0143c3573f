"""A user's own primitives, made by the decorator."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

from autograd import Value, check_gradients, draw_graph, grad, gradients, primitive
from autograd.errors import ShapeError
from autograd.primitive import Primitive

A = np.array([0.5, -1.0, 2.0])


@primitive(lambda g, y, x: g * 3 * x**2, notation=("3*x**2",), elementwise=True)
def cube(x):
    """The third power."""
    return x**3


@primitive(lambda g, y, a, b: g * b, lambda g, y, a, b: g * a)
def product(a, b):
    return a * b


@primitive(lambda g, y, x, *, n: g * n * x ** (n - 1), name="x^n")
def power(x, *, n):
    return x**n


@pytest.mark.parametrize("x", [2.0, A, A.astype(np.float32), np.zeros((0, 2))], ids=repr)
def test_plain_numbers_stay_plain(x):
    """Called with numbers and arrays, a primitive computes and records nothing."""
    y = cube(x)
    assert not isinstance(y, Value)
    np.testing.assert_array_equal(y, x**3)


@pytest.mark.parametrize("x", [2.0, A, A.astype(np.float32)], ids=repr)
def test_first_and_second_derivative(x):
    """Called with Values it records, with shape and dtype, and its rule can be differentiated again."""
    v = Value(x)
    y = cube(v)
    assert (y.op, y.shape, y.dtype, y.parents) == ("cube", v.shape, v.dtype, (v,))
    y.sum().backward()
    np.testing.assert_allclose(v.grad, 3 * x**2, rtol=1e-6)
    np.testing.assert_allclose(grad(lambda x: grad(lambda x: cube(x).sum())(x).sum())(x), 6 * x, rtol=1e-6)
    assert v.grad.dtype == v.dtype if v.ndim else type(v.grad) is float


def test_a_primitive_passes_the_check():
    """The library's own check looks at primitives of users as at its own, to the second order."""
    for f in (cube, lambda x: power(x, n=3), lambda x: product(x, x * 2)):
        assert check_gradients(f, A, order=2).ok


def test_broadcast_operands():
    """A rule may give the result's shape: the engine sums over what was broadcast."""
    a, b = Value(A), Value(np.ones((2, 1)))
    product(a, b).sum().backward()
    np.testing.assert_array_equal(a.grad, [2.0, 2.0, 2.0])
    np.testing.assert_array_equal(b.grad, [[1.5], [1.5]])


def test_options_by_keyword():
    """Options go to the function and to every rule by keyword."""
    assert grad(lambda x: power(x, n=4))(2.0) == 32.0
    assert power(Value(2.0), n=3).op == "x^n"


def test_what_the_decorator_makes():
    """A row of the table of primitives, with name, documentation and notation."""
    assert isinstance(cube, Primitive)
    assert (cube.name, cube.doc, cube.notation, cube.kind) == (
        "cube", "The third power.", ("3*x**2",), "elementwise")  # fmt: skip
    assert (len(product.notation), power.name) == (2, "x^n")
    assert "cube" in draw_graph(cube(Value(2.0))).source


def test_functions_of_scalars():
    """A function that only takes floats, such as one of math, works on scalar Values."""
    gamma = primitive(lambda g, y, x: g * y * (math.log(x) - 1 / (2 * x)))(math.gamma)
    x = Value(4.0)
    gamma(x).backward()
    assert x.grad == pytest.approx(6 * (math.log(4.0) - 1 / 8))


def test_elementwise_stays_cut_off():
    """An elementwise primitive that np.where() cuts off passes nothing on; NaN cannot come from there."""
    reciprocal = primitive(lambda g, y, x: -g * y * y, elementwise=True)(lambda x: 1 / x)
    x = Value([0.0, 2.0])
    with np.errstate(divide="ignore"):
        y = reciprocal(x)
    np.where(x.data > 0, y, 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, -0.25])


def test_wrong_shape_is_refused_also_when_it_would_broadcast():
    """A rule that sums too much, or transposes, gives an error, not a gradient that happens to fit."""
    for wrong in (lambda g, y, x: np.sum(g), lambda g, y, x: g.T, lambda g, y, x: g[:1]):
        broken = primitive(wrong)(lambda x: x * 2)
        x = Value(np.ones((2, 3)))
        with pytest.raises(ShapeError, match="with respect to input 0 must have the shape"):
            gradients(broken(x).sum(), [x])


def test_two_primitives_may_share_a_name():
    """A user's primitive with the name of a built-in one does not replace it."""
    mine = primitive(lambda g, y, x: 100.0 * g, name="tanh")(np.tanh)
    assert grad(mine)(0.0) == 100.0
    assert grad(np.tanh)(0.0) == 1.0


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_graphs_with_own_primitives_are_copied(duplicate):
    """Graphs of a module's primitives are copied and pickled; the copy can be differentiated."""
    x = Value(2.0, label="x")
    twin = duplicate(cube(x))
    assert twin.primitive is cube
    twin.backward()
    assert twin.parents[0].grad == 12.0
    assert x.grad is None


def test_a_local_primitive_is_not_pickled():
    """A primitive that cannot be found by name is refused when it is pickled, not when it is loaded."""
    local = primitive(lambda g, y, x: g, name="local")(lambda x: x)
    with pytest.raises(
        pickle.PicklingError, match="the primitive local cannot be pickled: decorate a function"
    ):
        pickle.dumps(local(Value(1.0)))
    assert copy.deepcopy(local(Value(1.0))).primitive is local
