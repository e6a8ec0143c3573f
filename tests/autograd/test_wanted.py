"""Gradients with respect to some Values: what leads to none of them is not computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd import Value, grad, gradients, jacobian, primitive
from autograd.backward import pulled_back
from autograd.checkpointing import checkpoint


def counting(calls: list[str], name: str) -> Any:
    """The square of its input, which notes when its derivative is asked for."""

    def rule(g: Any, _: Any, x: Any) -> Any:
        calls.append(name)
        return 2.0 * g * x

    return primitive(rule)(lambda x: x * x)


def random_graph(seed: int) -> tuple[Value, list[Value]]:
    """A scalar computed from three leaves in twenty steps, and everything on the way."""
    rng = np.random.default_rng(seed)
    nodes = [Value(rng.normal(size=3)) for _ in range(3)]
    for _ in range(20):
        a, b = (nodes[i] for i in rng.integers(max(0, len(nodes) - 6), len(nodes), 2))
        nodes.append(
            [lambda a, b: a * b, lambda a, b: np.tanh(a) - b, lambda a, _: +a][rng.integers(3)](a, b)
        )
    return np.sum(nodes[-1] + nodes[-3]), nodes


@pytest.mark.parametrize("seed", range(40))
def test_any_values_of_a_graph(seed: int) -> None:
    """Leaves and intermediates, copies of others among them: each gradient is that of the whole pass."""
    y, nodes = random_graph(seed)
    y.backward(keep_grads=True)
    rng = np.random.default_rng(seed)
    chosen = [nodes[i] for i in rng.choice(len(nodes), rng.integers(1, 5), replace=False)]
    expected = [np.zeros(3) if x.grad is None else x.grad for x in chosen]
    for create_graph in (False, True):
        found = gradients(y, chosen, create_graph=create_graph)
        for g, e in zip(found, expected, strict=True):
            assert_allclose(g.data if create_graph else g, e, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", range(10))
def test_several_outputs_by_one_walk(seed: int) -> None:
    """Outputs of which one is computed from another, and one named twice: their gradients add up."""
    _, nodes = random_graph(seed)
    outputs = [nodes[-1], nodes[-4], nodes[-7], nodes[-4]]
    seeds = np.random.default_rng(seed).normal(size=(4, 3))
    inputs = nodes[:3]
    pairs = [(y, s) for y, s in zip(outputs, seeds, strict=True)]
    one_by_one = [gradients(y, inputs, s) for y, s in pairs]
    before = seeds.copy()
    for found, *parts in zip(pulled_back(pairs, inputs, create_graph=False), *one_by_one, strict=True):
        assert_allclose(found, sum(parts), rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(seeds, before)


def test_parameters_that_nobody_asked_for() -> None:
    """A gradient for the input of a model computes none for its parameters."""
    calls: list[str] = []
    w = Value(np.ones(3))
    squared_w, squared_x = counting(calls, "w"), counting(calls, "x")

    def f(x: Any) -> Any:
        return np.sum(squared_w(w) * squared_x(x))

    assert_allclose(grad(f)(np.arange(3.0)), [0.0, 2.0, 4.0])
    assert calls == ["x"]
    calls.clear()
    assert_allclose(jacobian(lambda x: squared_w(w) * squared_x(x))(np.arange(3.0)), np.diag([0.0, 2.0, 4.0]))
    assert set(calls) == {"x"}


def test_only_the_operand_that_leads_somewhere() -> None:
    """Of a product of two computed factors, the derivative for one is asked for."""
    calls: list[str] = []

    def rule(name: str, other: Any) -> Any:
        def of(g: Any, _: Any, *factors: Any) -> Any:
            calls.append(name)
            return g * factors[other]

        return of

    product = primitive(rule("left", 1), rule("right", 0))(lambda a, b: a * b)
    w = Value(np.ones(3))
    assert_allclose(grad(lambda x: np.sum(product(np.exp(w - w), np.sin(x))))(np.zeros(3)), np.ones(3))
    assert calls == ["right"]


def test_a_copy_and_its_original() -> None:
    """Both may be asked for."""
    x = Value(np.ones(2))
    copy = +x
    for g in gradients(np.sum(copy * copy), [copy, x]):
        assert_allclose(g, [2.0, 2.0])


def test_an_inner_gradient_stays_inside() -> None:
    """The pass of an inner transform does not go on through what the outer one has computed."""
    calls: list[str] = []
    outside = counting(calls, "outside")

    def f(x: Any) -> Any:
        z = outside(x)
        inner = grad(lambda u: np.sum(u**3))(z)
        assert not calls
        return np.sum(inner)

    assert_allclose(grad(f)(np.array([1.0, 2.0])), [12.0, 96.0])  # of 3 x**4
    assert calls == ["outside"]


def test_pieces_that_are_computed_again_may_lead_anywhere() -> None:
    """With a checkpoint on the way everything is walked, as before."""
    w = Value(np.array([1.0, 2.0]))

    def piece(z: Any) -> Any:
        return np.tanh(z * w), z + w, w * w * z

    def f(x: Any, kept: Any) -> Any:
        a, b, c = kept(piece, x)
        return np.sum(np.tanh(np.tanh(a)) * w + b * c + b)

    x = np.array([0.3, -0.4])
    found, expected = (grad(f)(x, kept) for kept in (checkpoint, lambda piece, x: piece(x)))
    assert_allclose(found, expected, rtol=1e-14)
