"""Jacobians whose rows are computed together: the same numbers as row by row, in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from table import CASES, Case

from autograd import Value, batched, gradients, hessian, jacobian, primitive
from autograd.batched import jacobian_rows
from autograd.checkpointing import checkpoint

every_case = pytest.mark.parametrize("case", CASES, ids=str)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 2))


def row_by_row(y: Value, inputs: list[Value]) -> list[Any]:
    """The Jacobian for each input, by a backward pass for each element of ``y``."""
    eye = np.eye(y.size, dtype=y.dtype).reshape(y.size, *y.shape)
    rows = [gradients(y, inputs, seed) for seed in eye]
    return [np.array([row[k] for row in rows]).reshape(y.size, *x.shape) for k, x in enumerate(inputs)]


def compare(y: Value, inputs: list[Value]) -> None:
    for found, expected, x in zip(jacobian_rows(y, inputs), row_by_row(y, inputs), inputs, strict=True):
        assert found.shape == (y.size, *x.shape)
        assert found.dtype == x.dtype
        assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@every_case
def test_every_primitive(case: Case) -> None:
    """The rows of a primitive's Jacobian at once are its rows one by one."""
    values = [Value(x, requires_grad=i in case.wrt) for i, x in enumerate(case.inputs())]
    compare(case.primitive(*values, **case.params), [values[i] for i in case.wrt])


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "elementwise"], ids=str)
@pytest.mark.parametrize("shapes", [((), ()), ((2, 3), (3,)), ((1, 3), (2, 1)), ((3,), (2, 3)), ((2, 3), ())])
def test_broadcasting(case: Case, shapes: Any) -> None:
    """What was repeated is summed over the repeats, and never over the rows, whichever is as long."""
    if any(isinstance(p, np.ndarray) for p in case.params.values()):
        pytest.skip("a parameter has the shape of the result")
    xs = case.inputs((shapes * 2)[: len(case.shapes)])
    values = [Value(x, requires_grad=i in case.wrt) for i, x in enumerate(xs)]
    y = case.primitive(*values, **case.params)
    inputs = [values[i] for i in case.wrt]
    compare(y, inputs)
    compare(y.reshape(-1)[:3] * np.ones((2, 3))[:, : min(3, y.size)], inputs)


@pytest.mark.parametrize("a", [(3,), (2, 3), (4, 2, 3), (1, 2, 3), (5, 1, 2, 3)])
@pytest.mark.parametrize("b", [(3,), (3, 2), (4, 3, 2), (1, 3, 2)])
def test_products_of_every_pair_of_dimensions(a: Any, b: Any) -> None:
    """Vectors, matrices and stacks of them."""
    x, z = Value(RNG.normal(size=a)), Value(RNG.normal(size=b))
    compare(x @ z, [x, z])


@pytest.mark.parametrize(
    "index",
    [
        (0, slice(None), np.array([1, 0])),
        (np.array([1, 0]), slice(None), np.array([1, 0])),
        (slice(None), np.array([[True, False], [True, True]])),
        (np.array([1, 0]), np.array([1, 0])),
        (None, 0, Ellipsis, np.array([1, 1])),
        True,
    ],
    ids=str,
)
def test_indices(index: Any) -> None:
    """Also where NumPy moves the axes that arrays select."""
    x = Value(RNG.normal(size=(2, 2, 2)))
    compare(np.sin(x[index]), [x])


def test_what_was_cut_off_stays_so() -> None:
    """A branch not taken cannot turn a row into NaN."""
    x = Value([0.0, 4.0])
    y = np.where(x.data > 0, np.sqrt(x), x)
    (found,) = jacobian_rows(y, [x])
    assert_allclose(found, [[1.0, 0.0], [0.0, 0.25]])


def test_floats_have_ieee_results() -> None:
    """Scalars are divided by zero, and raised to broken powers, as NumPy does it."""
    zero, minus = Value(0.0), Value(-2.0)
    with np.errstate(all="ignore"):
        infinite, undefined = 1.0 / zero, minus**0.5
        compare(np.stack([infinite, 2.0 * infinite]), [zero])
        compare(np.stack([undefined, 2.0 * undefined]), [minus])
        assert_allclose(jacobian_rows(np.stack([infinite, infinite]), [zero])[0], [-np.inf, -np.inf])


def test_own_primitives_see_one_gradient_at_a_time() -> None:
    """A user's rule may rely on the shape of g."""
    shapes = set()

    def rule(g: Any, _: Any, x: Any) -> Any:
        shapes.add(np.shape(g))
        return 3.0 * g * x**2

    cube = primitive(rule, elementwise=True)(lambda x: x**3)
    assert_allclose(jacobian(cube)(X[0]), np.diag(3.0 * X[0] ** 2))
    assert shapes == {(2,)}


def test_pieces_that_are_computed_again() -> None:
    """Checkpoints, whose graph appears only in the backward pass."""

    def f(x: Any) -> Any:
        return np.cumsum(checkpoint(lambda z: np.tanh(z @ X.T), x) * x.sum())

    def plain(x: Any) -> Any:
        return np.cumsum(np.tanh(x @ X.T) * x.sum())

    assert_allclose(jacobian(f)(X), jacobian(plain)(X), rtol=1e-12)


def test_types_and_owners() -> None:
    """Each row is of the input's type, and no result is memory of another or read-only."""
    x = Value(X.astype(np.float32))
    z = Value(X)
    compare(x * z, [x, z])
    first, second = jacobian_rows(x + z, [x, z])
    assert first.flags.writeable
    assert second.flags.writeable
    assert not np.shares_memory(first, second)


def test_no_rows_and_no_dependence() -> None:
    """A result without elements has no rows; an input that it does not depend on has zeros."""
    x, z = Value(X), Value([1.0])
    assert [j.shape for j in jacobian_rows(x[:0], [x, z])] == [(0, 3, 2), (0, 1)]
    assert_allclose(jacobian_rows(x, [z])[0], np.zeros((6, 1)))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are taken a few at a time, so that no gradient on the way has more elements than the limit."""
    sizes = []

    def spy(*args: Any) -> Any:
        sizes.append(np.size(args[2]))
        return pull(*args)

    pull = batched._pull_all
    monkeypatch.setattr(batched, "_pull_all", spy)
    monkeypatch.setattr(batched, "LIMIT", 100)
    p = RNG.normal(size=10)

    def f(x: Any) -> Any:
        return (np.tanh(np.multiply.outer(x, np.ones(4))) ** 2).sum()

    found = hessian(f)(p)
    assert max(sizes) <= 100
    assert len(sizes) > len(p)
    monkeypatch.undo()
    assert_allclose(found, hessian(f)(p), rtol=1e-12)


def test_a_hessian_is_one_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules of the graph of a gradient run once for all rows, not once for each."""
    calls = []

    def spy(*args: Any) -> Any:
        calls.append(args[0].name)
        return pull(*args)

    pull = batched._pull_all
    monkeypatch.setattr(batched, "_pull_all", spy)

    def f(p: Any) -> Any:
        return np.sum(np.tanh(X @ p.reshape(2, -1)) ** 2)

    hessian(f)(np.ones(4))
    few = len(calls)
    hessian(f)(np.ones(40))
    assert len(calls) == 2 * few
