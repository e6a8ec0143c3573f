"""Graphs of scalars as operations on arrays: corners, random graphs, and views by themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from lifted import Graph, equal, mlp, values

import autograd
from autograd import Value, grad
from autograd.compiling.lifting import lift
from autograd.compiling.lifting.places import apply_moves, axes_of, cuts_of, nested, split, view

# -- corners ---------------------------------------------------------------------------------------


def test_inputs_that_are_not_used_have_the_gradient_zero() -> None:
    """An input outside the graph is a variable all the same."""
    x, y, z = values(3)
    lifted = equal(x * 2.0, [z, x, y])
    np.testing.assert_array_equal(grad(lifted)(np.ones(3)), [0.0, 2.0, 0.0])


def test_an_input_can_be_the_output() -> None:
    """A program without operations picks the variable."""
    x, y = values(2)
    assert not equal(y, [x, y]).steps
    assert not equal(0.0 + y + 0.0, [x, y]).steps
    assert lift(y, [x, y]) is None


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x + x,
        lambda x, y: x * x + y * y + x * y,
        lambda x, y: x + x + x + x + x + x,
        lambda x, y: (x + y) - (x - y) - 2.0,
        lambda x, y: 0.0 - x - y - x,
        lambda x, y: -(x + y) + (1.0 - y),
        lambda x, y: x + 3.0 + y - 3.0,
        lambda x, y: (x + 0.0) * (0.0 + y) + (x - 0.0),
        lambda x, y: x**3 + 2.0**x + (x * x + 1.0) ** y,
        lambda x, y: np.copysign(x, -0.0) + np.copysign(y, 0.0),
        lambda x, y: np.where(True, x, y) * np.where(False, x, y) + np.where(True, y * y, x),
        lambda x, y: np.clip(x, -0.1, y) + np.clip(y, x, 1.0) + np.minimum(x, y) * np.maximum(x, y),
        lambda x, y: autograd.leaky_relu(x, 0.1) + autograd.leaky_relu(y, 0.2) + autograd.leaky_relu(-x, 0.1),
        lambda x, y: np.fmod(x, 0.3) + np.arctan2(x, y) + np.hypot(x, y) + np.logaddexp(x, y) + np.sinc(y),
    ],
)
def test_small_graphs(f: Any) -> None:
    """Repeated operands, constants, differences and every kind of primitive."""
    x, y = Value(0.7), Value(0.4)
    equal(f(x, y), [x, y])


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: x.relu(), 0.0),
        (abs, 0.0),
        (lambda x: np.maximum(x, 0.0), 0.5),
        (lambda x: np.clip(x, 0.0, 1.0), 1.0),
        (lambda x: autograd.leaky_relu(x, 0.25), 0.25),
    ],
)
def test_kinks_are_those_of_the_table(f: Any, slope: float) -> None:
    """The derivative at a kink is taken from the same row."""
    x = [Value(0.0) for _ in range(60)]
    lifted = equal(sum(f(v) for v in x), x)
    np.testing.assert_array_equal(grad(lifted)(np.zeros(60)), np.full(60, slope))


def test_second_derivatives() -> None:
    """A lifted program is differentiated as often as one likes."""
    x = values(30)
    lifted = equal(sum((a * b).tanh() for a, b in pairwise(x)), x)
    theta = np.array([v.data for v in x])
    hessian = autograd.hessian(lifted)(theta)
    numbers = autograd.hessian(lambda t: np.sum(np.tanh(t[1:] * t[:-1])))(theta)
    np.testing.assert_allclose(hessian, numbers, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (x[0] * np.ones(3)).sum(),
        lambda x: np.stack(x).sum(),
        lambda x: np.sum(x[0]),
        lambda x: (x[0] * np.float32(2.0)) * 1.0,
    ],
)
def test_what_is_not_elementwise_work_on_scalars_is_left_alone(f: Any) -> None:
    """Arrays, joined scalars and single precision are for others."""
    x = values(4)
    assert lift(f(x), x, always=True) is None


def test_constants_of_other_kinds_are_numbers() -> None:
    """Integers and 0-d arrays among the constants do no harm."""
    x = values(30)
    equal(sum(v * np.array(3) + np.float64(2.0) * v ** np.int64(2) for v in x), x)


def test_a_program_says_what_it_does() -> None:
    """One line a step; arrays alone give a number."""
    lifted = equal(*mlp(small=False))
    assert str(lifted).splitlines()[4].startswith("add_2[100, 16] = add(matmul_2, theta.index(slice(304, 320")
    assert repr(lifted) == "<Lifted: 17 operations on arrays>"
    assert not isinstance(lifted(np.zeros(337)), Value)


# -- random graphs and views -------------------------------------------------------------------------

UNARY = [
    np.tanh, np.sin, np.exp, abs, Value.relu, lambda v: (v * v + 1.0) ** 0.5, lambda v: -v,
    lambda v: np.log(v * v + 1.0), lambda v: autograd.leaky_relu(v, 0.1), lambda v: 1.0 - v,
]  # fmt: skip
BINARY = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / (b * b + 1.0),
    np.maximum, np.minimum, lambda a, b: (a * a + 0.5) ** (b * 0.1), lambda a, b: np.clip(a, -1.0, b),
    lambda a, b: np.where(a.data > 0.3, a, b),
]  # fmt: skip


def random_graph(seed: int) -> Graph:
    """A few layers, each of like operations on random Values of those before; always bounded."""
    rng = np.random.default_rng(seed)
    leaves = [Value(float(x)) for x in rng.uniform(0.3, 1.5, rng.integers(1, 8))]
    layer = list(leaves)

    def some(among: list[Value]) -> Value:
        return among[rng.integers(len(among))]

    def operand() -> Any:
        return some(layer) if rng.random() < 0.9 else float(rng.choice([0.0, 1.0, 2.0, -0.5]))

    def total() -> Value:
        terms = [
            operand() * some(leaves) if rng.random() < 0.7 else operand() for _ in range(rng.integers(1, 9))
        ]
        result = some(leaves)
        for term in terms:
            result = result + term if rng.random() < 0.8 else result - term
        return result

    for _ in range(rng.integers(1, 5)):
        f, g, mode = UNARY[rng.integers(len(UNARY))], BINARY[rng.integers(len(BINARY))], rng.integers(3)
        new = [
            f(some(layer)) if mode == 0 else g(some(layer), operand()) if mode == 1 else total()
            for _ in range(rng.integers(1, 12))
        ]
        layer = [v.tanh() if abs(v.data) > 10.0 else v for v in [*new, some(layer), some(layer)]]
    return sum(layer, start=some(leaves)), [*leaves, Value(1.0)]


@pytest.mark.parametrize("block", range(10))
def test_random_graphs(block: int) -> None:
    """Thirty random graphs a block: shared results, constants, sums of unequal lengths, all primitives."""
    for seed in range(30 * block, 30 * block + 30):
        equal(*random_graph(seed))


@pytest.mark.parametrize("seed", range(50))
def test_views_pick_the_elements_of_their_axes(seed: int) -> None:
    """Axes read off places, split, and cut out of a source give those places again."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)).tolist())
    source = np.arange(np.prod(shape)).reshape(shape)
    window = tuple(
        slice(a, rng.integers(a + 1, n + 1), rng.integers(1, 3)) for n in shape for a in [rng.integers(n)]
    )
    picked = np.transpose(source[window], rng.permutation(len(shape)))
    picked = np.repeat(picked[..., None], rng.integers(1, 3), -1)
    axes = axes_of(picked.ravel())
    assert axes is not None
    cuts = cuts_of(axes) | {n for n in (2, 3) if nested(cuts_of(axes) | {n}, picked.size)}
    axes = split(axes, cuts)
    viewed = view(shape, int(picked.flat[0]), axes)
    assert viewed is not None
    moves, result = viewed
    found = apply_moves(source, moves)
    assert found.shape == result
    np.testing.assert_array_equal(np.broadcast_to(found, [n for n, _ in axes]).ravel(), picked.ravel())


@pytest.mark.parametrize("seed", range(50))
def test_views_of_any_strides_are_right_or_refused(seed: int) -> None:
    """Windows that overlap or run over the end of a row are cut out rightly, or not at all."""
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
    for _ in range(20):
        axes = [(int(rng.integers(2, 4)), int(s)) for s in rng.choice([1, 2, 3, 4, 5, 8], size=2)]
        offset = int(rng.integers(0, np.prod(shape)))
        places = offset + np.add.outer(*(np.arange(n) * s for n, s in axes))
        viewed = view(shape, offset, axes) if places.max() < np.prod(shape) else None
        if viewed is not None:
            found = apply_moves(np.arange(np.prod(shape)).reshape(shape), viewed[0])
            np.testing.assert_array_equal(found, places)
