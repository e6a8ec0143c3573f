"""What a trace takes, notices and refuses: the compiled function gives what the engine gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd import Value, compile, grad, value_and_grad
from autograd.errors import TraceError, UnsupportedType

RNG = np.random.default_rng(3)


def assert_as_the_engine(f: Any, *args: Any, argnums: Any = 0) -> None:
    """Value and gradients are equal in numbers, shapes and types, in both styles."""
    value, gradients = value_and_grad(f, argnums)(*args)
    for optimized in (True, False):
        compiled = compile(f, argnums, optimized=optimized)
        for _ in range(2):
            found, ours = compiled(*args)
            assert_allclose(found, value, rtol=1e-12)
            pairs = zip(ours, gradients, strict=True) if isinstance(gradients, tuple) else [(ours, gradients)]
            for g, h in pairs:
                assert (np.shape(g), np.asarray(g).dtype) == (np.shape(h), np.asarray(h).dtype)
                assert_allclose(g, h, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, bool])
def test_integers_are_differentiated_as_floats(dtype: Any) -> None:
    """They neither overflow nor wrap around."""
    x, y = np.array([100, 3, 0]).astype(dtype), np.array([50, 7, 1]).astype(dtype)
    assert_as_the_engine(lambda x, y: ((x - y) * x * x).sum(), x, y, argnums=(0, 1))


def test_inside_a_transform() -> None:
    """A compiled function inside another, or inside grad, passes the gradient on."""
    inner = compile(lambda z: (z * z).sum())
    x = np.array([1.0, 2.0, 3.0])
    assert_array_equal(grad(lambda y: 3 * inner(y)[0])(x), 6 * x)
    assert_as_the_engine(lambda y: 3 * inner(y)[0], x)
    assert_array_equal(grad(lambda y: (inner(y)[1] * y).sum())(x), 4 * x)
    value, gradient = inner(Value(x))  # outside of any, plain numbers come back
    assert (type(value), type(gradient)) == (float, np.ndarray)


def test_what_is_differentiated_comes_from_outside() -> None:
    """Gradients pass to a Value that a compiled function takes from a transform around it."""
    x = np.arange(3.0)
    inner = lambda y: compile(lambda z: (z * y * y).sum())(np.ones(3))[0]  # noqa: E731
    assert_array_equal(grad(inner)(x), 2 * x)
    assert_as_the_engine(inner, x)


def test_values_from_outside() -> None:
    """A Value that requires a gradient, but is no argument, is a constant of the program."""
    w, s = Value(np.array([2.0, 3.0, 4.0])), Value(0.5)
    for f in (
        lambda x: (x * w).sum(),
        lambda x: (x * x * w).sum() * s,
        lambda x: (x * np.tanh(w * 2)).sum() * s * s,
        lambda x: (w * w).sum() * s,
    ):
        assert_as_the_engine(f, np.arange(3.0))
    assert w.grad is None
    assert s.grad is None


def test_plain_arguments_inside_another_program() -> None:
    """A compiled function in another one takes what is not differentiated as it is in each call."""
    square = compile(lambda z: (z * z).sum())
    compiled = compile(lambda w, x: (w * square(x)[1]).sum() * square(x)[0])
    for x in (np.ones(3), np.arange(3.0)):
        value, gradient = compiled(np.ones(3), x)
        assert_allclose(value, 2 * x.sum() * (x * x).sum())
        assert_allclose(gradient, 2 * x * (x * x).sum())


def test_an_array_from_outside_that_the_function_changes() -> None:
    """Each use has the numbers of its time, and later changes by others have no part in it."""
    buffer = np.zeros(3)

    def f(w: Any) -> Any:
        total: Any = 0.0
        for i in range(3):
            buffer[:] = i
            total = total + (w * buffer).sum() * w[i]
        return total

    for optimized in (True, False):
        compiled = compile(f, optimized=optimized)
        expected = value_and_grad(f)(np.arange(1.0, 4.0))
        for _ in range(2):
            value, gradient = compiled(np.arange(1.0, 4.0))
            assert value == expected[0]
            assert_array_equal(gradient, expected[1])
            buffer[:] = 7.0


def test_what_nobody_needs_does_not_matter() -> None:
    """A loop of numbers beside an operation of another kind that is not used."""

    def f(p: Any) -> Any:
        s = 1.0
        for _ in range(100):
            s = np.tanh(s * p)
        np.where(p > 0, p, 0.0)
        return s

    assert_as_the_engine(f, 0.9)


def many_steps(p: Any) -> Any:
    s = 0.0
    for _ in range(400):
        s = s + p * (p > 0.0)
    return s


def many_conditions(p: Any) -> Any:
    p0, p1, p4 = p
    total = 0.0
    for _ in range(300):
        s0 = np.tanh(np.where(p4 > 0.1, p4, 0.2 * p4))
        total = total + np.maximum(p0, p1 - p1)
    return total + s0


def test_long_programs_of_numbers_that_ask() -> None:
    """A comparison of a number is no decision: it is computed in each call."""
    assert_as_the_engine(many_steps, 0.7)
    compiled = compile(many_steps)
    assert [compiled(p)[1] for p in (0.7, -0.7)] == [400.0, 0.0]
    assert_as_the_engine(many_conditions, [0.1, 0.2, 0.5])


def test_masked_arrays_are_refused_at_any_time() -> None:
    """Also where a program for plain arrays of the shape is there."""
    compiled = compile(lambda x, y: (x * y).sum())
    x = np.ones((2, 3))
    compiled(x, x)
    with pytest.raises(UnsupportedType, match="mask"):
        compiled(x, np.ma.masked_array(x, x > 0))


@pytest.mark.parametrize(
    "f",
    [
        lambda x, n: (x % n).sum(),
        lambda x, n: (n % x).sum(),
        lambda x, n: (x * (n // 2)).sum() + (x // n).sum(),
        lambda x, n: (x * (n << 1) + x * (n >> 1)).sum(),
        lambda x, n: (x * divmod(n, 2)[1]).sum(),
    ],
)
def test_operators_of_values_and_of_plain_arguments(f: Any) -> None:
    """Remainders and shifts in either order."""
    assert_as_the_engine(f, np.array([1.5, 2.5, 7.25]), np.array([2, 3, 4]))


def test_remainders_of_values() -> None:
    """The engine has the operators too."""
    assert (Value(7.5) % 2.0).data == 1.5
    assert (7.5 % Value(2.0)).data == 1.5
    assert Value(7.5) // 2.0 == 3.0
    assert 7.5 // Value(2.0) == 3.0


def test_the_mean_of_nothing() -> None:
    """NaN, with a gradient of no elements."""
    with np.errstate(all="ignore"):
        assert_nan = compile(lambda x: (x * 2.0).sum() / x.size if x.size else (x * 2.0).mean())
        with pytest.warns(RuntimeWarning):
            value, gradient = assert_nan(np.zeros((0, 3)))
    assert np.isnan(value)
    assert gradient.shape == (0, 3)


def test_a_traced_value_can_be_printed() -> None:
    """It says what it is; numbers are not known."""
    seen = []

    def f(x: Any) -> Any:
        seen.append(f"{x!r} {x.sum()!r}")
        return (x * x).sum()

    compile(f)(np.ones(3))
    assert "traced float64 (3,)" in seen[0]


def test_changes_in_place_are_refused() -> None:
    """By functions that give nothing back."""
    with pytest.raises(TraceError, match="changes an array"):
        compile(lambda x, y: (x * _put(y)).sum())(np.ones(3), np.ones(3))


def _put(y: Any) -> Any:
    np.put(y, [0], [5.0])
    return y


RANDOM = np.random.default_rng(3)


def noise() -> Any:
    return RANDOM.normal(size=3)


def states() -> tuple[str, str]:
    return repr(RANDOM.bit_generator.state), repr(np.random.get_state(legacy=False))  # noqa: NPY002


class Noisy:
    """Has a generator of its own."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def __call__(self, x: Any) -> Any:
        return (x * self.rng.normal(size=3)).sum()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (x * noise()).sum(),
        lambda x: (x * np.random.normal(size=3)).sum(),  # noqa: NPY002
        Noisy(),
        Noisy().__call__,
    ],
    ids=["in a function that is called", "of NumPy itself", "of an object", "of a method"],
)
def test_draws_that_would_be_frozen_are_refused(f: Any) -> None:
    """Wherever the generator is; it stands afterwards where it stood."""
    before = states()
    with pytest.raises(TraceError, match="generator"):
        compile(f)(np.ones(3))
    assert states() == before
