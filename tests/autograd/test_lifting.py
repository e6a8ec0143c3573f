"""Graphs of scalars as operations on arrays."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, grad, value_and_grad
from autograd.compiling.lifting import lift, products
from autograd.compiling.lifting.places import apply_moves, axes_of, cuts_of, nested, split, view
from autograd.graph import topological_order
from tests.benchmarks import w01_scalar_chain as w01
from tests.benchmarks import w02_scalar_mlp as w02
from tests.benchmarks import w13_scalar_gpt as w13

Graph = tuple[Value, list[Value]]


def values(*shape: int, seed: int = 0) -> Any:
    """Nested lists of Values."""
    return w02.nested(Value, np.random.default_rng(seed).normal(scale=0.5, size=shape))


def equal(output: Value, inputs: list[Value]) -> Any:
    """The lifted program, whose value and gradients are those of the graph."""
    lifted = lift(output, inputs, always=True)
    assert lifted is not None
    theta = np.array([v.data for v in inputs])
    for v in inputs:
        v.zero_grad()
    output.backward()
    expected = np.array([v.grad or 0.0 for v in inputs])
    value, gradient = value_and_grad(lifted)(theta)
    assert type(value) is float
    np.testing.assert_allclose(value, output.data, rtol=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max(initial=0.0))
    return lifted


def picked(lifted: Any) -> int:
    """How many elements are picked one by one."""
    return sum(getattr(x, "picked", 0) for step in lifted.steps for x in step.operands)


def steps(lifted: Any) -> Counter[str]:
    return Counter(step.primitive.name for step in lifted.steps)


# -- the workloads ---------------------------------------------------------------------------------


def mlp(small: bool) -> Graph:
    inputs = w02.inputs(small)
    params = [w02.nested(Value, p) for p in inputs["params"]]
    points, signs = (x.tolist() for x in inputs["data"])
    return w02.scalar_loss(params, points, signs, Value.relu), w02.scalars(params)


def gpt(small: bool) -> Graph:
    inputs = w13.inputs(small)
    params = [w02.nested(Value, p) for p in inputs["params"]]
    return w13.loss(params, inputs["tokens"]), w02.scalars(params)


@pytest.mark.parametrize("small", [True, False])
def test_an_mlp_written_with_scalars_is_one_matrix_product_a_layer(small: bool) -> None:
    """Neuron by neuron and point by point gives the program that one writes for arrays."""
    lifted = equal(*mlp(small))
    assert steps(lifted)["matmul"] == 3
    assert len(lifted.steps) == 17
    taken = [x for step in lifted.steps for x in step.operands if hasattr(x, "moves")]
    assert not any(x.moves for x in taken if x.pieces[0][0] > 0)  # results have the shape that is needed
    assert not picked(lifted)


@pytest.mark.parametrize("small", [True, False])
def test_a_gpt_written_with_scalars_is_a_few_operations_on_arrays(small: bool) -> None:
    """Attention over one to nine places, and its special first place, become one product for all."""
    lifted = equal(*gpt(small))
    assert len(lifted.steps) <= 42
    assert small or steps(lifted)["matmul"] == 7  # q k v, scores, mix, out, two of the MLP, logits


def test_the_program_is_a_function_of_the_variables() -> None:
    """At another point it gives what a new graph of that point gives."""
    lifted = equal(*gpt(small=True))
    inputs = w13.inputs(small=True)
    other = [np.tanh(3.0 * p) for p in inputs["params"]]
    params = [w02.nested(Value, p) for p in other]
    loss = w13.loss(params, inputs["tokens"])
    loss.backward()
    value, gradient = value_and_grad(lifted)(np.concatenate([p.ravel() for p in other]))
    np.testing.assert_allclose(value, loss.data, rtol=1e-12)
    np.testing.assert_allclose(gradient, [v.grad or 0.0 for v in w02.scalars(params)], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize(("graph", "pays"), [(mlp, False), (gpt, True)])
def test_small_programs_stay_scalar(graph: Any, pays: bool) -> None:
    """A graph is lifted where its operations are more than those on arrays cost; large ones always."""
    assert (lift(*graph(small=True)) is not None) == pays
    assert lift(*graph(small=False)) is not None


def test_few_operations_that_need_many_arrangements_stay_scalar() -> None:
    """Slices and reshapes are paid for as well."""
    x = values(35)
    assert lift(sum((a * b).tanh() for a, b in pairwise(x)), x) is None


def test_a_chain_is_left_alone() -> None:
    """Ten thousand operations one after the other have nothing that arrays could share."""
    inputs = w01.inputs(small=False)
    x, w, b = map(Value, inputs["point"])
    assert lift(w01.chain(x, w, b, inputs["operations"], Value.tanh), [x, w, b]) is None


def test_numbers_of_the_graph_are_not_read() -> None:
    """Only constants are: a graph that was traced has no numbers."""
    output, inputs = mlp(small=False)
    expected = output.data
    theta = np.array([v.data for v in inputs])
    for v in [*inputs, *topological_order(output)]:
        if v.requires_grad:
            v._data = float("nan")
    lifted = lift(output, inputs)
    assert lifted is not None
    assert lifted(theta) == pytest.approx(expected, rel=1e-12)


# -- structures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [[1], [4, 1], [8, 8, 1]])
def test_networks_of_neurons_are_matrix_products(sizes: list[int]) -> None:
    """MLP(neurons=True), sample by sample, has one product a layer."""
    model = nn.MLP(3, sizes, "tanh", neurons=True, rng=0, dtype=np.float64)
    rng = np.random.default_rng(1)
    loss = sum(
        (model(x.tolist()) - float(t)) ** 2
        for x, t in zip(rng.normal(size=(40, 3)), rng.normal(size=40), strict=True)
    )
    assert steps(equal(loss / 40, list(model.parameters())))["matmul"] == len(sizes)


def test_a_log_likelihood_that_is_subtracted_up() -> None:
    """Samples lie side by side although ``total = total - log p`` puts them in a row."""
    W, b = values(3, 4), values(3, seed=1)
    total: Any = 0.0
    for i, x in enumerate(np.random.default_rng(0).normal(size=(30, 4)).tolist()):
        e = [(w13.dot(row, x) + c).exp() for row, c in zip(W, b, strict=True)]
        total = total - (e[i % 3] / sum(e)).log()
    lifted = equal(total, w02.scalars([*W, *b]))
    assert steps(lifted)["matmul"] == 1
    assert len(lifted.steps) == 8


@pytest.mark.parametrize("lengths", [[5] * 6, [2, 3, 5, 8, 8, 4]])
def test_recurrent_networks_share_their_steps(lengths: list[int]) -> None:
    """Sequences of equal and unequal lengths: a step of all of them is one product of the state."""
    E, Wx, Wh, b = values(5, 4), values(6, 4, seed=1), values(6, 6, seed=2), values(6, seed=3)
    total: Any = 0.0
    rng = np.random.default_rng(0)
    for n in lengths:
        h: list[Any] = [0.0] * 6
        for token in rng.integers(5, size=n):
            sums = [w13.dot(u, E[token]) + w13.dot(w, h) + c for u, w, c in zip(Wx, Wh, b, strict=True)]
            h = [s.tanh() for s in sums]
        total = total + sum(h) * float(n)
    lifted = equal(total, w02.scalars([*E, *Wx, *Wh, *b]))
    assert steps(lifted)["tanh"] == max(lengths)
    assert steps(lifted)["matmul"] == 2 * max(lengths)
    shapes = [step.shape for step in lifted.steps if step.primitive.name == "matmul"]
    assert {shape[-1] for shape in shapes} == {6}  # rows are samples, columns neurons


def test_convolutions_are_products() -> None:
    """Windows of pictures meet every kernel, windows of variables as well."""
    kernels, weights = values(3, 4), values(3 * 9, seed=1)
    total: Any = 0.0
    for picture in np.random.default_rng(0).normal(size=(5, 4, 4)):
        windows = [picture[i : i + 2, j : j + 2].ravel().tolist() for i in range(3) for j in range(3)]
        maps = [w13.dot(kernel, w).relu() for kernel in kernels for w in windows]
        total = total + w13.dot(weights, maps).tanh()
    lifted = equal(total, w02.scalars([*kernels, *weights]))
    assert steps(lifted) == {"matmul": 2, "relu": 1, "tanh": 1, "sum": 1}
    assert not picked(lifted)
    kernel, signal = values(3), values(50, seed=2)
    total = sum(w13.dot(kernel, signal[i : i + 3]).tanh() for i in range(48))
    assert steps(equal(total, kernel + signal)) == {"matmul": 1, "tanh": 1, "sum": 1}


def test_factors_in_any_order_are_one_product() -> None:
    """Who writes ``w * x`` here and ``x * w`` there means the same."""
    W, V = values(6, 5), values(4, 6, seed=1)
    h: list[Any] = [0.1, 0.2, 0.3, 0.4, 0.5]
    for M in (W, V):
        rows = [list(zip(row, h, strict=True)) for row in M]
        sums = [
            sum(w * v if (i + j) % 2 else v * w for j, (w, v) in enumerate(row)) for i, row in enumerate(rows)
        ]
        h = [v.tanh() for v in sums]
    lifted = equal(sum(h), w02.scalars([*W, *V]))
    assert steps(lifted) == {"matmul": 2, "tanh": 2, "sum": 1}


@pytest.mark.parametrize("weights_first", [True, False])
@pytest.mark.parametrize("weights_early", [True, False])
def test_means_over_what_came_before_are_one_product(weights_first: bool, weights_early: bool) -> None:
    """Whatever the order of the factors, and whichever of them was there first."""
    W, V = values(7, 7), values(7, 5, seed=1)
    f, g = (np.exp, np.tanh) if weights_early else (np.tanh, lambda v: np.tanh(v).exp())
    weights, content = [[f(w) for w in row] for row in W], [[g(v) for v in row] for row in V]
    total: Any = 0.0
    for i, row in enumerate(weights):
        for column in zip(*content, strict=True):
            some = row[: i + 1], column[: i + 1]
            total = total + w13.dot(*(some if weights_first else some[::-1])).tanh()
    lifted = equal(total, w02.scalars([*W, *V]))
    assert [step.shape for step in lifted.steps if step.primitive.name == "matmul"] == [(7, 5)]


@pytest.mark.parametrize("functions", [(np.exp, np.tanh), (np.tanh, np.exp)])
def test_results_are_joined_in_the_order_in_which_they_are_used(functions: Any) -> None:
    """Parts that come from different steps lie side by side, and nothing is picked one by one."""
    f, g = functions
    x, w = values(40), values(40, seed=1)
    last = [g(v) for v in x[20:]]
    first = [f(v * last[0]) for v in x[:20]]
    assert not picked(equal(w13.dot(first + last, w), x + w))


def test_rows_with_equal_keys_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys only find rows quickly: were they all equal, the program would be right as well."""
    monkeypatch.setattr(products, "_weights", lambda n: np.zeros(n, dtype=np.intp))
    assert steps(equal(*mlp(small=True)))["matmul"] == 3
    equal(*gpt(small=True))


def test_pairs_and_products_without_a_matrix() -> None:
    """Where rows do not meet columns, products are taken element by element."""
    points = values(15, 2)
    total: Any = 0.0
    for i, p in enumerate(points):
        for q in points[:i]:
            total = total + 1.0 / ((p[0] - q[0]) ** 2 + (p[1] - q[1]) * (p[1] - q[1]) + 0.1)
        total = total + w13.dot(p + p[::-1], [1.0, 2.0, 3.0, 4.0])
    equal(total, w02.scalars(points))


def test_one_computation_that_is_written_many_times_is_done_once() -> None:
    """Equal operations on equal operands are one element."""
    a, b = values(2)
    lifted = equal(sum((a * b).tanh() * a for _ in range(50)), [a, b])
    assert max(np.prod(step.shape) for step in lifted.steps if step.primitive.name == "tanh") == 1


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
