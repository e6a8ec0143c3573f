"""The transforms: closed forms, shapes, trees, nesting."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import autograd
from autograd import Value, checkpoint, grad, hessian, hvp, jacobian, jvp, no_grad, value_and_grad, vjp
from autograd.errors import InvalidArgument, ShapeError

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=3), RNG.normal(size=3)
M = RNG.normal(size=(3, 3))
close = np.testing.assert_allclose


def quadratic(x):
    """The form x @ M @ x, whose gradient is (M + M.T) @ x and whose Hessian is M + M.T."""
    return x @ M @ x


def product(x, y):
    return x * y


def test_grad_closed_forms():
    """Gradients of scalars, vectors and matrices are those of the calculus book."""
    assert grad(lambda x: x**3)(2.0) == 12.0
    close(grad(quadratic)(A), (M + M.T) @ A)
    close(grad(lambda x: np.sum(np.sin(x)))(M), np.cos(M))
    close(grad(lambda x: np.sum(x @ B))(M), np.outer(np.ones(3), B))


@pytest.mark.parametrize("x", [2.0, 2, np.float32(2.0), A, A.astype(np.float32), [1.0, 2.0], M[:0]], ids=repr)
def test_plain_numbers_in_and_out(x):
    """Arguments and results are plain, of the shape and dtype of the argument; integers are floats."""
    if isinstance(x, list):
        assert grad(lambda x: x[0] * x[1])(x) == [2.0, 1.0]
        return
    value, gradient = value_and_grad(lambda x: np.sum(x * x))(x)
    for result in (value, gradient):
        assert not isinstance(result, Value)
    close(gradient, 2 * np.asarray(x))
    assert np.shape(gradient) == np.shape(x)
    assert np.asarray(gradient).dtype == (getattr(x, "dtype", float))


def test_argnums():
    """One position gives one gradient, several give a tuple in their order; negative ones count back."""

    def f(x, y, *, scale=1.0):
        return scale * x * x * y

    assert grad(f)(3.0, 5.0) == 30.0
    assert grad(f, 1)(3.0, 5.0) == grad(f, -1)(3.0, 5.0) == 9.0
    assert grad(f, (1, 0))(3.0, 5.0) == (9.0, 30.0)
    assert grad(f, [0])(3.0, 5.0) == (30.0,)
    assert grad(f, (0, 1))(3.0, 5.0, scale=2.0) == (60.0, 18.0)
    assert value_and_grad(f, (0, 1))(3.0, 5.0) == (45.0, (30.0, 9.0))


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian, autograd.compile])
@pytest.mark.parametrize("argnums", [(0, 0), (0, -2), [1, 0, -1]])
def test_an_argument_named_twice_is_refused(transform, argnums):
    """A position given twice, also as one from the end, is an error and not a gradient of zero."""
    with pytest.raises(InvalidArgument, match=r"argnums .* of \w*product name one argument twice"):
        transform(product, argnums)(2.0, 3.0)


def test_one_object_as_two_arguments():
    """The same array, or the same Value, given twice is two variables."""
    assert grad(lambda x, y: x * y * y, (0, 1))(*[3.0] * 2) == (9.0, 18.0)
    first, second = grad(lambda x, y: (x * y * y).sum(), (0, 1))(A, A)
    close(first, A**2)
    close(second, 2 * A**2)
    v = Value(3.0)
    assert [g.data for g in grad(lambda x, y: x * y * y, (0, 1))(v, v)] == [9.0, 18.0]


def test_no_dependence_is_zero():
    """A gradient with respect to what the result does not use is zero, of the right shape."""
    close(grad(lambda x, y: y)(A, 2.0), np.zeros(3))
    close(grad(lambda x: 1.0)(A), np.zeros(3))
    close(jacobian(lambda x: np.ones(2))(A), np.zeros((2, 3)))
    close(hessian(lambda x: x.sum())(A), np.zeros((3, 3)))
    assert hvp(lambda x: x.sum(), A, A).tolist() == [0.0] * 3
    assert jvp(lambda x: 5.0, (2.0,), (1.0,)) == (5.0, 0.0)


class Layer(NamedTuple):
    """Parameters as a named tuple."""

    w: object
    b: object


def test_trees():
    """Dicts, lists, tuples, named tuples and None go through, and the gradient has the same containers."""
    tree = {"layers": [Layer(M, A), Layer(M[0], 2.0)], "scale": (3.0,), "nothing": None}

    def f(t):
        hidden = np.tanh(t["layers"][0].w @ B + t["layers"][0].b)
        return t["scale"][0] * (t["layers"][1].w @ hidden + t["layers"][1].b)

    g = grad(f)(tree)
    hidden = np.tanh(M @ B + A)
    back = 3.0 * M[0] * (1 - hidden**2)
    assert list(g) == list(tree)
    assert g["nothing"] is None
    assert all(type(layer) is Layer for layer in g["layers"])
    close(g["layers"][0].w, np.outer(back, B))
    close(g["layers"][0].b, back)
    close(g["layers"][1].w, 3.0 * hidden)
    close(g["layers"][1].b, 3.0)
    close(g["scale"][0], M[0] @ hidden + 2.0)


def test_nested_grad():
    """Derivatives of derivatives, to the fifth order, and mixed ones in either order."""
    f = np.sin
    for expected in (np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin, np.cos):
        f = grad(f)
        close(f(0.7), expected(0.7), rtol=1e-12)

    def g(x, y):
        return np.exp(x * y)

    xy, yx = grad(grad(g, 0), 1)(0.3, 0.5), grad(grad(g, 1), 0)(0.3, 0.5)
    close([xy, yx], [(1 + 0.15) * np.exp(0.15)] * 2)


def test_no_confusion_of_inner_and_outer():
    """A variable of the outer function is a constant of the inner one, but not of the outer."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(3.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * y)(x))(3.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * x * y)(x))(3.0) == 27.0


def test_inside_a_recorded_computation():
    """Inside an ordinary graph a transform gives Values, and backward() goes through it."""
    w = Value(3.0)
    penalty = grad(lambda x: w * x**3)(Value(2.0))
    assert isinstance(penalty, Value)
    (penalty * 2).backward()
    assert w.grad == 24.0


@pytest.mark.parametrize("transform", [grad, jacobian, value_and_grad])
def test_transforms_record_under_no_grad(transform):
    """no_grad() outside does not make a gradient zero."""
    with no_grad():
        result = transform(lambda x: x * x)(3.0)
    assert result == ((9.0, 6.0) if transform is value_and_grad else 6.0)


def test_vjp():
    """The value and the pullback, gradient @ Jacobian, for several arguments and results."""
    value, pullback = vjp(lambda x, m: (m @ x, x.sum()), A, M)
    close(value[0], M @ A)
    close(value[1], A.sum())
    to_x, to_m = pullback((B, 2.0))
    close(to_x, M.T @ B + 2.0)
    close(to_m, np.outer(B, A))
    close(pullback((np.zeros(3), 1.0))[0], np.ones(3))  # again, with another gradient
    with pytest.raises(ShapeError):
        pullback((B, np.ones(2)))


def test_jvp():
    """The value and the derivative along a tangent, Jacobian @ tangent."""
    value, tangent = jvp(lambda x, m: {"y": np.tanh(m @ x), "n": x @ x}, (A, M), (B, np.ones((3, 3))))
    close(value["y"], np.tanh(M @ A))
    close(tangent["y"], (1 - np.tanh(M @ A) ** 2) * (M @ B + A.sum()))
    close(tangent["n"], 2 * A @ B)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_jvp_has_the_dtype_of_the_value(dtype, shape):
    """A tangent has the dtype of its value, also of a constant one, or where the argument has another."""
    x = np.ones(shape, dtype)
    f = lambda x: (np.tanh(x), x.astype(np.float32) * 2, x.astype(np.float64), np.ones(2, np.float32))  # noqa: E731
    values, tangents = jvp(f, (x,), (x,))
    for value, tangent, slope in zip(values, tangents, [1 - np.tanh(1.0) ** 2, 2.0, 1.0, 0.0], strict=True):
        assert np.asarray(tangent).dtype == np.asarray(value).dtype
        close(tangent, slope * np.ones(np.shape(value)), rtol=2e-3)


def test_jvp_of_what_is_no_number():
    """A constant of another type among the results, such as names, has the derivative zero."""
    (_, names), tangents = jvp(lambda x: (x * x, np.array(["a", "b"])), (3.0,), (1.0,))
    assert names.tolist() == ["a", "b"]
    assert tangents[0] == 6.0
    close(tangents[1], np.zeros(2))


@pytest.mark.parametrize("x", [3.0, A], ids=["scalar", "array"])
def test_a_result_that_is_an_argument_s_original(x):
    """A Value given as an argument and returned as it is does not depend on the argument, a copy of it."""
    v, one = Value(x), np.ones_like(x)
    for g in (lambda x: x * 2, lambda x: checkpoint(lambda x: x * 2, x)):

        def f(x, g=g):
            return v, g(x), +v

        close(vjp(f, v)[1]((one, one, one))[0].data, 2 * one)
        close([t.data for t in jvp(f, (v,), (one,))[1]], [0 * one, 2 * one, 0 * one])
    close(vjp(lambda x: (v, x), v)[1]((one, one))[0].data, one)


def test_a_result_that_is_an_argument_s_original_in_nested_transforms():
    """The same for what an outer transform differentiates, and for a copy of a copy."""

    def pulled(v, f):
        return sum(vjp(f, v)[1]((1.0, 1.0)))

    assert grad(lambda v: pulled(v, lambda x: (v, x * 2)))(3.0) == 0.0
    assert grad(lambda v: pulled(v, lambda x: (v, x * x)))(3.0) == 2.0
    assert grad(lambda v: pulled(v, lambda x: (v, pulled(x, lambda z: (v, z * z * x)))))(3.0) == 4.0


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize("result", [(), (4,), (2, 2)])
def test_jacobian_shape_and_numbers(shape, result):
    """A Jacobian has the shape of the result, then of the argument, and transposes between vjp and jvp."""
    weights = RNG.normal(size=result + shape)
    x, tangent, g = RNG.normal(size=shape), RNG.normal(size=shape), RNG.normal(size=result)

    def f(x):
        axes = tuple(range(-len(shape), 0))
        return np.sum(weights * np.sin(x), axis=axes) if shape else weights * np.sin(x)

    found = jacobian(f)(x)
    assert np.shape(found) == result + shape
    close(found, weights * np.cos(x))
    forward = np.tensordot(found, tangent, axes=len(shape))
    close(jvp(f, (x,), (tangent,))[1], forward)
    close(np.sum(vjp(f, x)[1](g)[0] * tangent), np.sum(g * forward))


def test_jacobian_of_trees():
    """Containers of the result are around those of argnums and of the argument."""
    found = jacobian(lambda p, y: [p["a"] * y, p["b"].sum()], (0, 1))({"a": A, "b": M}, 2.0)
    (by_p, by_y), (sum_by_p, sum_by_y) = found
    close(by_p["a"], 2.0 * np.eye(3))
    close(by_p["b"], np.zeros((3, 3, 3)))
    close(by_y, A)
    close(sum_by_p["b"], np.ones((3, 3)))
    assert sum_by_y == 0.0


def test_jacobian_of_softmax():
    """The Jacobian of softmax is diag(s) - s s^T."""
    e = np.exp(A)
    s = e / e.sum()
    close(jacobian(lambda x: np.exp(x) / np.sum(np.exp(x)))(A), np.diag(s) - np.outer(s, s), atol=1e-15)


def test_hessian_and_hvp():
    """The Hessian of a quadratic form is M + M.T, and hvp multiplies with it, without building it."""
    close(hessian(quadratic)(A), M + M.T)
    close(hvp(quadratic, A, B), (M + M.T) @ B)
    assert hessian(lambda x: x**3)(2.0) == hvp(lambda x: x**3, 2.0, 1.0) == 12.0
    x = M[:2]
    found = hessian(lambda x: np.sum(x**4))(x)
    assert found.shape == (2, 3, 2, 3)
    close(found.reshape(6, 6), np.diag(12 * x.ravel() ** 2))
    close(hvp(lambda p: p["x"] @ p["x"] * p["y"], {"x": A, "y": 2.0}, {"x": B, "y": 1.0})["y"], 2 * A @ B)


def test_hessian_of_two_arguments():
    """A tuple of argnums gives the blocks of the Hessian."""
    (xx, xy), (yx, yy) = hessian(lambda x, y: x * x * y, (0, 1))(3.0, 5.0)
    assert (xx, xy, yx, yy) == (10.0, 6.0, 6.0, 0.0)


def test_arguments_are_left_alone():
    """A transform changes no argument, sets no .grad, and hands out arrays of their own."""
    x = A.copy()
    v = Value(A)
    first = grad(lambda x: x.sum())(x)
    first[:] = 7.0
    close(x, A)
    close(grad(lambda x: x.sum())(x), np.ones(3))
    grad(lambda y: (y * v).sum())(v)
    assert v.grad is None


def test_names():
    """The new function tells what it is, in its name and its documentation."""
    assert grad(quadratic).__name__ == "gradient_of_quadratic"
    assert hessian(quadratic).__doc__ == "The Hessian of quadratic."
