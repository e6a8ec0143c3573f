"""Graphs of scalars as operations on arrays: the workloads, and structures that are found."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from lifted import equal, gpt, mlp, picked, steps, values

import nn
from autograd import Value, value_and_grad
from autograd.compiling.lifting import lift, products
from autograd.graph import topological_order
from tests.benchmarks import w01_scalar_chain as w01
from tests.benchmarks import w02_scalar_mlp as w02
from tests.benchmarks import w13_scalar_gpt as w13

# -- the workloads ---------------------------------------------------------------------------------


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
