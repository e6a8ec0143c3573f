"""What the backward pass saves: arrays of zeros for parts, masks that no rule asks for, sums put off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd import Value, cuts, grad, hessian, relu
from autograd.activations import softmax
from autograd.broadcasting import summed_towards
from autograd.primitive import Primitive
from autograd.rules import activations, selection

RNG = np.random.default_rng(6)
X = RNG.standard_normal((4, 6))


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[Any]:
    """Have the calls of a function counted."""
    calls: list[Any] = []
    function = getattr(module, name)

    def count(*args: Any, **options: Any) -> Any:
        calls.append(args)
        return function(*args, **options)

    monkeypatch.setattr(module, name, count)
    return calls


def overlapping(x: Any) -> Any:
    parts = [x[0] * x[1], x[:, 1] * x[:, 2], x[1:3, ::2] ** 2, x[..., None, -1], x[3, 3] * x[0, 0]]
    return sum([np.sum(p) for p in parts])


def whole_first(x: Any) -> Any:
    return np.sum(x * x) + np.sum(x[1] * x[2])


def passed_on(x: Any) -> Any:
    y = np.reshape(x, (6, 4))
    return np.sum(y + np.transpose(x)) + np.sum(x[1:] * x[:-1])


@pytest.mark.parametrize("f", [overlapping, whole_first, passed_on])
@pytest.mark.parametrize("inner", [lambda x: x, np.sin], ids=["leaf", "result"])
def test_parts_of_one_value_add_up(f: Callable[[Any], Any], inner: Callable[[Any], Any]) -> None:
    """Rows, columns, blocks and elements that overlap, after each other and after whole gradients."""
    found = grad(lambda x: f(inner(x)))(X)
    expected = np.zeros_like(X)
    for i in np.ndindex(X.shape):
        h = np.zeros_like(X)
        h[i] = 1e-6
        expected[i] = (f(inner(X + h)) - f(inner(X - h))) / 2e-6
    assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


def test_one_array_for_all_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gradient of a Value of which parts are taken is one array, however many they are."""
    calls = counted(monkeypatch, selection, "_scattered")
    x = Value(np.arange(50.0))
    sum([x[i] * x[i] for i in range(50)]).backward()
    assert_array_equal(x.grad, 2.0 * x.data)
    assert len(calls) == 1


def test_gradients_that_are_kept_do_not_change() -> None:
    """What a part is added to is nobody else's: neither the seed nor the gradient of another Value."""
    x = Value(X)
    y = +x
    y.label = "y"
    seed = np.ones(X.shape)
    (y + 2.0 * x[0] + np.pad(x[1:], ((0, 1), (0, 0)))).backward(seed)
    assert_array_equal(seed, np.ones(X.shape))
    assert_array_equal(y.grad, np.ones(X.shape))
    assert_array_equal(x.grad, np.repeat([[9.0], [2.0], [2.0], [2.0]], 6, axis=1))


@pytest.mark.parametrize("first", [True, False])
def test_parts_are_added_to_memory_of_ones_own_alone(first: bool) -> None:
    """Not to one number that is shown everywhere, to the gradient of a view, or to an array of a rule's."""
    stored = np.ones((64, 64))
    own = Primitive("own", lambda x: x.sum(), (lambda g, y, x: stored,), ("1",), ("1",))
    for whole in (np.sum, lambda x: np.sum(turned(x) * 1.0), own):
        x = Value(np.zeros((64, 64)))
        sums = [whole(x), np.sum(x[0])]
        (sums[0] + sums[1] if first else sums[1] + sums[0]).backward()
        assert_array_equal(x.grad, np.repeat([2.0, 1.0], [64, 63 * 64]).reshape(64, 64))
    assert_array_equal(stored, np.ones((64, 64)))
    assert_array_equal(SEEN[-1].grad, np.ones((64, 64)))


SEEN: list[Value] = []


def turned(x: Value) -> Value:
    """The transpose, whose gradient is kept."""
    y = np.transpose(x)
    y.label = "turned"
    SEEN.append(y)
    return y


def test_second_derivatives_through_parts() -> None:
    """A recorded pass records its parts as well."""
    assert_allclose(hessian(lambda x: x[0] * x[1] ** 2 + x[1:].sum() * x[0])(np.array([2.0, 3.0, 5.0])),
                    [[0.0, 7.0, 1.0], [7.0, 4.0, 0.0], [1.0, 0.0, 0.0]])  # fmt: skip


MASKED: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "a product, rearranged": (lambda x: np.reshape(x @ X.T, (2, 2, 4))[:, 0].swapaxes(0, 1)[1:], False),
    "a sum": (lambda x: np.sum(x, axis=0)[1:], False),
    "softmax": (lambda x: softmax(x)[1:], False),
    "a leaf, rearranged": (lambda x: np.transpose(x)[1:, 1:], False),
    "element by element": (lambda x: np.transpose(np.exp(x))[1:], True),
    "joined of two": (lambda x: np.concatenate([x @ X.T, np.exp(x)[:, :4]])[1:], True),
    "where": (lambda x: np.where(X > 0.0, np.exp(x), 0.0), True),
}


@pytest.mark.parametrize(("f", "masked"), MASKED.values(), ids=MASKED)
def test_masks_where_a_rule_may_ask(
    f: Callable[[Any], Any], masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only operations that work element by element ask which elements are cut off."""
    calls = counted(monkeypatch, cuts, "parent_mask")
    f(Value(X)).sum().backward()
    assert bool(calls) == masked


def test_a_long_chain_of_parts() -> None:
    """Whether a mask is needed is told from a few operations on the way, not from all of them."""
    looked = []

    class Arrangement:
        primitive, replay, kind = selection.GETITEM, None, "arrangement"

        @property
        def parents(self) -> Any:
            looked.append(self)
            return (self,)

    assert cuts.may_ask(Arrangement())  # type: ignore[arg-type]
    assert len(looked) <= 2 * cuts.ARRANGEMENTS


@pytest.mark.parametrize("shape", [(4, 1), (1, 6), (1, 1)])
def test_the_side_that_was_repeated(shape: tuple[int, int]) -> None:
    """A divisor or a subtrahend that was repeated gets what the whole array of it would get, summed."""
    b = RNG.uniform(1.0, 2.0, shape)
    for f in (lambda a, b: a / b, lambda a, b: a - b):
        repeated, whole = Value(b), Value(np.broadcast_to(b, X.shape))
        (f(Value(X), repeated) ** 2).sum().backward()
        (f(Value(X), whole) ** 2).sum().backward()
        axes = tuple(i for i, n in enumerate(shape) if n == 1)
        assert_allclose(repeated.grad, whole.grad.sum(axis=axes, keepdims=True), rtol=1e-12)


def test_nothing_is_summed_along_an_axis_of_several_gradients() -> None:
    """Gradients that lie along an axis of their own, as those of the rows of a Jacobian, stay apart."""
    assert summed_towards(np.zeros((3, 1)), np.ones((3, 2))).shape == (3, 1)
    for x, g in ((np.zeros((3, 1)), np.ones((5, 3, 2))), (np.zeros(2), np.ones((3, 2))), (1.0, np.ones(2))):
        assert summed_towards(x, g) is g


@pytest.mark.parametrize("shape", [(256, 300), (4, 7, 5, 300), (activations.LARGE + 3,), (9000, 3)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_relu_of_many_numbers(shape: Any, dtype: Any) -> None:
    """Beside rows of zeros as beside a single zero: NaN, infinities, and arrays that lie otherwise."""
    x = RNG.standard_normal(shape).astype(dtype)
    x.ravel()[:4] = np.nan, np.inf, -np.inf, -0.0
    for array in (x, np.asfortranarray(x), x[..., ::-1]):
        found = relu(Value(array)).data
        assert found.dtype == dtype
        assert_array_equal(found, np.maximum(array, dtype(0.0)))


@pytest.mark.parametrize("n", [1, 2, 7, 8])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rows_that_are_picked_again_and_again_add_up(n: int, dtype: Any) -> None:
    """By pairs of neighbours where there are pairs; infinities and NaN stay in their elements."""
    g = RNG.integers(-4, 5, (2000, n)).astype(dtype)
    g[7, 0], g[11, n - 1] = np.inf, np.nan
    rows = RNG.integers(-9, 9, 2000)
    expected = np.zeros((9, n), dtype)
    np.add.at(expected, rows, g)
    assert_array_equal(selection._scattered(g, rows, (9, n)), expected)
