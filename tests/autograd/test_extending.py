"""A user's own primitives, made by the decorator."""

from __future__ import annotations

import copy
import itertools
import math
import pickle

import numpy as np
import pytest

from autograd import Value, check_gradients, draw_graph, grad, gradients, primitive
from autograd.errors import ShapeError, UnsupportedType
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


RESULTS = {
    "list": (lambda x: [2.0 * x, 3.0], [4.0, 3.0]),
    "nested tuples": (lambda x: ((x, 1), (0, x)), [[2.0, 1.0], [0.0, 2.0]]),
    "integers": (lambda x: np.arange(3), [0.0, 1.0, 2.0]),
    "bools": (lambda x: x > np.ones(2), [1.0, 1.0]),
    "bool": (lambda x: x > 1.0, 1.0),
    "int": (lambda x: int(x), 2.0),
    "integer of NumPy": (lambda x: np.int32(x), 2.0),
    "array without dimensions": (lambda x: np.array(x), 2.0),
}


@pytest.mark.parametrize(("forward", "expected"), RESULTS.values(), ids=RESULTS)
def test_results_become_floats(forward, expected):
    """Lists become arrays, integers and bools float64, with Values and plain numbers; a gradient passes."""
    f = primitive(lambda g, y, x: np.sum(g) * 10.0)(forward)
    for y in (f(2.0), f(Value(2.0)).data):
        np.testing.assert_array_equal(y, expected)
        assert np.asarray(y).dtype == np.float64
        assert type(y) is (np.ndarray if np.shape(expected) else float)
    assert grad(lambda x: np.sum(f(x)))(2.0) == 10.0 * np.size(expected)


NO_NUMBERS = [
    None, "2.0", 2.0 + 1j, np.ones(2) * 1j, Value(1.0), {"a": 1.0}, [1.0, [2.0]], object(), math.sin
]  # fmt: skip


@pytest.mark.parametrize("x", [2.0, A], ids=["scalar", "array"])
@pytest.mark.parametrize("wrap", [lambda x: x, Value], ids=["plain", "Value"])
@pytest.mark.parametrize(
    "result",
    [None, "2.0", 2.0 + 1j, np.ones(2) * 1j, Value(1.0), {"a": 1.0}, [1.0, [2.0]], object(), math.sin],
)
def test_results_that_are_no_numbers_are_refused(x, wrap, result):
    """What no Value can hold is refused at the call, by the name of the primitive."""
    f = primitive(lambda g, y, x: g, name="mine")(lambda x: result)
    with pytest.raises(UnsupportedType, match="the function of the primitive mine gave"):
        f(wrap(x))


def test_a_float32_result_stays_so():
    """Floats of another type are not converted, with and without dimensions."""
    for x in (np.float32(2.0), A.astype(np.float32)):
        v = Value(x)
        y = primitive(lambda g, y, x: 3 * g * x * x)(lambda x: x * x * x)(v)
        y.sum().backward()
        assert type(y.data) is type(v.grad) is type(x)
        assert y.dtype == v.grad.dtype == np.float32


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_derivative_may_be_a_list(create_graph):
    """It is an array then: gradients of several uses are added, not joined."""
    listed = primitive(lambda g, y, x: [2, 3])(lambda x: x * np.array([2.0, 3.0]))
    for uses in (1, 2):
        x = Value(np.ones(2))
        sum(listed(x) for _ in range(uses)).sum().backward(create_graph=create_graph)
        g = x.grad.data if create_graph else x.grad
        assert type(g) is np.ndarray
        np.testing.assert_array_equal(g, [2.0 * uses, 3.0 * uses])


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("x", [2.0, A], ids=["scalar", "array"])
@pytest.mark.parametrize("part", [2j, np.complex128(2.0), "2.0", {}], ids=repr)
def test_a_derivative_that_is_no_number_is_refused(x, part, create_graph):
    """No imaginary part is dropped: complex numbers and other objects are refused, naming the primitive."""
    wrong = primitive(lambda g, y, x: part if np.shape(x) == () else np.full(3, part), name="mine")(
        lambda x: 2.0 * x
    )
    v = Value(x)
    with pytest.raises(
        UnsupportedType, match="the derivative of mine with respect to input 0 gave what no Value"
    ):
        wrong(v).sum().backward(create_graph=create_graph)
    assert v.grad is None


def test_a_power_of_a_negative_number_is_nan():
    """Python gives a complex number where IEEE arithmetic, which holds here, has none."""
    broken = primitive(lambda g, y, x: g * x**0.5)(lambda x: x + 1.0)
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert math.isnan(grad(broken)(-2.0))


def test_a_derivative_that_holds_a_value_gives_numbers():
    """A constant Value in a rule makes no graph of a gradient that is to be numbers."""
    c = Value(3.0)
    times = primitive(lambda g, y, x: g * c)(lambda x: 3.0 * x)
    for x in (2.0, A):
        v = Value(x)
        times(v).sum().backward()
        assert type(v.grad) is type(v.data)
        np.testing.assert_array_equal(v.grad, np.full(np.shape(x), 3.0))


KEPT = np.ones(3)
GIVEN = {
    "the input": lambda g, y, x: x,
    "a view of the input": lambda g, y, x: x[:],
    "the result": lambda g, y, x: y,
    "a kept array": lambda g, y, x: KEPT,
    "a view of one number": lambda g, y, x: np.broadcast_to(KEPT[0], 3),
    "the gradient": lambda g, y, x: g,
    "a view of the gradient": lambda g, y, x: g[::-1],
}


@pytest.mark.parametrize("rule", GIVEN.values(), ids=GIVEN)
def test_each_gradient_owns_its_memory(rule):
    """What a rule gives is copied where others have it: an input, the result, another leaf or the rule."""
    f = primitive(rule)(lambda x: x + 1.0)
    a, b = Value(A), Value(A)
    y, z = f(a), f(b)
    (y + z).sum().backward(keep_grads=True)
    arrays = [KEPT, *(v.data for v in (a, b, y, z)), *(v.grad for v in (a, b, y, z))]
    for first, second in itertools.combinations(arrays, 2):
        assert not np.shares_memory(first, second)


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
