"""The transforms together: how often they call the function, tall and independent results, nesting."""

from __future__ import annotations

import time

import numpy as np
import pytest

from autograd import Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.batched import jacobian_rows
from autograd.errors import InvalidArgument

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=3), RNG.normal(size=3)
M = RNG.normal(size=(3, 3))
close = np.testing.assert_allclose


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("result", [(5,), (2, 2, 2), (3, 1)])
@pytest.mark.parametrize("shapes", [[()], [(2,)], [(1, 2), ()], [(2,), (0,)]])
def test_tall_jacobians(shapes, result, dtype):
    """With more results than arguments the Jacobian is taken by columns, with the same numbers."""
    rng = np.random.default_rng(0)
    args = [rng.normal(size=shape).astype(dtype)[()] for shape in shapes]
    weights = [rng.normal(size=(*result, *shape)).astype(dtype) for shape in shapes]

    def f(*xs):
        total = 0.0
        for w, x in zip(weights, xs, strict=True):
            axes = tuple(range(-np.ndim(x), 0))
            total = total + (np.sum(w * np.sin(x), axis=axes) if axes else w * np.sin(x))
        return total

    found = jacobian(f, tuple(range(len(args))))(*args)
    for block, w, x in zip(found, weights, args, strict=True):
        assert block.dtype == dtype
        assert block.shape == result + np.shape(x)
        close(block, w * np.cos(x), rtol=1e-5 if dtype == np.float32 else 1e-14)


def test_tall_jacobians_can_be_differentiated():
    """A Jacobian by columns is part of a larger differentiable function, as one by rows is."""

    def penalty(x):
        return (jacobian(lambda x: np.sin(M * x.sum() * x[0]))(x) ** 2).sum()

    def by_rows(x):
        rows = [grad(lambda x, i=i: np.sin(M.ravel()[i] * x.sum() * x[0]))(x) for i in range(9)]
        return sum((row**2).sum() for row in rows)

    close(grad(penalty)(A[:2]), grad(by_rows)(A[:2]), rtol=1e-12)
    close(hvp(penalty, A[:2], B[:2]), hvp(by_rows, A[:2], B[:2]), rtol=1e-12)


@pytest.mark.parametrize(("n", "m"), [(2, 500), (500, 2), (1, 1), (3, 3)])
def test_a_jacobian_takes_the_shorter_way(monkeypatch, n, m):
    """There is one gradient per element of the result or of the argument, whichever are fewer."""
    rows = []

    def counted(y, inputs):
        rows.append(y.size)
        return jacobian_rows(y, inputs)

    monkeypatch.setattr("autograd.recorded_call.jacobian_rows", counted)
    weights = np.ones((m, n))
    close(jacobian(lambda x: np.sin(weights @ x))(np.ones(n)), np.cos(n) * weights)
    assert sum(rows) == min(n, m)


def test_a_jacobian_has_the_type_of_its_argument():
    """Also where the result is of another type, by rows and by columns."""
    for m in (1, 5):
        found = jacobian(lambda x, m=m: (x * np.ones((m, 3))).astype(np.float32))(A)
        assert found.dtype == np.float64
        close(found, np.broadcast_to(np.eye(3), (m, 3, 3)))


class Counted:
    """A function that counts its calls."""

    def __init__(self, f):
        self.f, self.calls = f, 0
        self.__name__ = "counted"

    def __call__(self, *args):
        self.calls += 1
        return self.f(*args)


def network(p):
    """The loss of a network with 200 parameters in one vector."""
    W, b, v, c = p[:160].reshape(10, 16), p[160:176], p[176:192], p[192:].sum()
    hidden = np.tanh(np.linspace(-1, 1, 50).reshape(5, 10) @ W + b)
    return np.mean((hidden @ v + c) ** 2)


@pytest.mark.parametrize(
    "transform",
    [
        grad,
        value_and_grad,
        jacobian,
        hessian,
        lambda f: lambda x: jvp(f, (x,), (x,)),
        lambda f: lambda x: vjp(f, x)[1](1.0),
        lambda f: lambda x: hvp(f, x, x),
        lambda f: grad(lambda x: grad(f)(x).sum()),
        lambda f: jacobian(grad(f)),
    ],
)
def test_the_function_is_called_once(transform):
    """However many rows a derivative has, the function itself is traced a single time."""
    f = Counted(network)
    transform(f)(np.random.default_rng(0).normal(size=200))
    assert f.calls == 1


def test_hessian_of_200_parameters():
    """All 200 rows of a Hessian come from one trace: symmetric, and right in a direction, in seconds."""
    p = np.random.default_rng(0).normal(size=200)
    start = time.process_time()
    found = hessian(network)(p)
    assert time.process_time() - start < 5.0  # about 0.2; the margin is for a busy machine
    assert found.shape == (200, 200)
    close(found, found.T, atol=1e-13)
    v = np.random.default_rng(1).normal(size=200)
    close(found @ v, hvp(network, p, v), atol=1e-11)
    h = 1e-4
    close(found @ v, (grad(network)(p + h * v) - grad(network)(p - h * v)) / (2 * h), atol=1e-4)


def test_hessian_of_trees():
    """Containers of the argument twice: outside for the first derivative, inside for the second."""
    tree = {"x": A, "more": [2.0, (M,)]}
    found = hessian(lambda t: (t["x"] @ t["more"][1][0] @ t["x"]) * t["more"][0])(tree)
    close(found["x"]["x"], 2.0 * (M + M.T))
    close(found["x"]["more"][0], (M + M.T) @ A)
    close(found["more"][0]["x"], (M + M.T) @ A)
    assert found["more"][0]["more"][0] == 0.0
    close(found["more"][0]["more"][1][0], np.outer(A, A))
    assert found["x"]["more"][1][0].shape == (3, 3, 3)
    close(found["more"][1][0]["more"][1][0], np.zeros((3, 3, 3, 3)))


ZEROS = {
    "a constant": lambda x, y: 3.0,
    "the other argument": lambda x, y: np.sum(y),
    "a plain array": lambda x, y: np.ones(2).sum(),
    "a comparison": lambda x, y: float(np.sum(x > 0)),
    "numbers taken with .data": lambda x, y: Value(1.0, requires_grad=False) * 2,
}


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
@pytest.mark.parametrize("f", ZEROS.values(), ids=ZEROS)
def test_independence_in_every_transform(f, shape):
    """Where the result does not depend on the argument, each transform gives zeros of the right shape."""
    x, y = np.ones(shape)[()], np.ones(2)
    close(grad(f)(x, y), np.zeros(shape))
    close(jacobian(f)(x, y), np.zeros(shape))
    close(jacobian(lambda x, y: np.ones((2, 1)) * f(x, y))(x, y), np.zeros((2, 1, *shape)))
    close(hessian(f)(x, y), np.zeros(shape + shape))
    close(hvp(lambda x: f(x, y), x, x), np.zeros(shape))
    close(vjp(f, x, y)[1](1.0)[0], np.zeros(shape))
    close(jvp(f, (x, y), (x, np.zeros(2)))[1], 0.0)
    close(grad(grad(lambda s: f(s * x, y)))(1.0), 0.0)
    assert np.shape(grad(f)(x, y)) == shape


def test_argnums_in_every_transform():
    """One position or several, in any order, for Jacobians and Hessians as for gradients."""

    def f(x, y, z):
        return (x @ y) * z * z

    close(jacobian(f, 1)(A, B, 2.0), 4.0 * A)
    by_z, by_x = jacobian(f, (2, 0))(A, B, 2.0)
    close(by_z, 4.0 * A @ B)
    close(by_x, 4.0 * B)
    close(hessian(f, 2)(A, B, 2.0), 2.0 * A @ B)
    (zz, zx), (xz, xx) = hessian(f, (-1, 0))(A, B, 2.0)
    close(zz, 2.0 * A @ B)
    close(zx, 4.0 * B)
    close(xz, 4.0 * B)
    close(xx, np.zeros((3, 3)))
    for wrong in (3, -4, 1.0, "x", (0, 5)):
        with pytest.raises(InvalidArgument, match="is no position among the 3 arguments of f"):
            grad(f, wrong)(A, B, 2.0)


def test_transforms_of_transforms():
    """Every pair of transforms nests, and mixed ones agree with each other."""

    def f(x):
        return np.sum(np.sin(x) * np.roll(x, 1) ** 2)

    expected = hessian(f)(A)
    close(jacobian(jacobian(f))(A), expected)
    close(np.stack([jvp(grad(f), (A,), (e,))[1] for e in np.eye(3)]), expected)
    close(np.stack([vjp(grad(f), A)[1](e)[0] for e in np.eye(3)]), expected)
    close(np.stack([hvp(f, A, e) for e in np.eye(3)]), expected)
    close(grad(lambda x: jvp(f, (x,), (B,))[1])(A), expected @ B)
    close(grad(lambda x: vjp(f, x)[1](1.0)[0] @ B)(A), expected @ B)
    close(jvp(lambda x: jvp(f, (x,), (B,))[1], (A,), (B,))[1], B @ expected @ B)
    third = jacobian(hessian(f))(A)
    assert third.shape == (3, 3, 3)
    close(third, np.transpose(third, (2, 0, 1)), atol=1e-14)
    close(third @ B, jvp(hessian(f), (A,), (B,))[1])
    close(grad(lambda x: np.trace(hessian(f)(x)))(A), np.trace(third))
    close(value_and_grad(lambda x: value_and_grad(f)(x)[0])(A)[1], grad(f)(A))
