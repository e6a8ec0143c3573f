"""Arguments of compiled functions: containers, what is differentiated, and when it is traced again."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES, assert_as_eager, assert_same, eager

from autograd import Value
from autograd.compiling import compile
from autograd.errors import InvalidArgument, ShapeError

Layer = namedtuple("Layer", ["w", "b"])
RNG = np.random.default_rng(6)


def nested_loss(parameters: Any, x: Any) -> Any:
    h = x
    for layer in parameters["layers"]:
        h = np.tanh(h @ layer.w + layer.b)
    first, (scale, _) = parameters["rest"]
    return (h * first["gain"]).sum() * scale


def nested() -> Any:
    layers = [
        Layer(RNG.normal(size=(2, 3)), RNG.normal(size=3)),
        Layer(RNG.normal(size=(3, 3)), RNG.normal(size=3)),
    ]
    return {
        "layers": layers,
        "rest": ({"gain": RNG.normal(size=3), "unused": RNG.normal(size=2)}, [0.5, None]),
    }


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_containers(optimized: bool) -> None:
    """Dicts, lists, tuples and named tuples of parameters give gradients in the same containers."""
    x = RNG.normal(size=(4, 2))
    assert_as_eager(nested_loss, [(nested(), x), (nested(), 2 * x)], 0, optimized=optimized)
    assert_as_eager(nested_loss, [(nested(), x), (nested(), 2 * x)], (0, 1), optimized=optimized)


@pytest.mark.parametrize("argnums", [0, 1, -1, [0], (0,), [1, 0], (0, 1), (-1, 0)])
def test_argnums(argnums: Any) -> None:
    """One position gives one gradient, several give a tuple, in the order of the positions."""

    def f(x: Any, y: Any) -> Any:
        return (x * y * y).sum()

    assert_as_eager(f, [(np.ones(3), np.arange(3.0)), (np.full(3, 2.0), np.ones(3))], argnums)


@pytest.mark.parametrize("argnums", [2, -3, [0, 5], "0", 1.0])
def test_argnums_that_are_no_positions(argnums: Any) -> None:
    """A position that is none is refused, with the number of arguments."""
    with pytest.raises((InvalidArgument, TypeError)):
        compile(lambda x, y: (x * y).sum(), argnums)(np.ones(2), np.ones(2))


VARIED = [
    (np.ones(3, np.float32), 2.0),
    (np.ones(3, np.float32), np.arange(3.0)),
    (np.ones(3), np.arange(3, dtype=np.float32)),
    (np.float32(2.0), np.arange(3, dtype=np.float32)),
    (np.ones(3, np.float16), np.arange(3, dtype=np.float32)),
    (np.arange(3), np.arange(3)),
    (np.array(2.0, np.float32), np.array(3.0, np.float32)),
    (np.array([True, False]), np.ones((2, 2))),
    (np.ones((0, 3)), np.ones(3)),
    (np.ones((0,)), 2.0),
    (2, 3),
    (True, np.float64(1.5)),
    (np.ones((2, 3))[:, ::2], np.ones((2, 2)).T),
    (np.asfortranarray(np.ones((2, 3))), np.ones((1, 3))),
    (np.broadcast_to(2.0, (3,)), np.ones(3)),
]


@pytest.mark.parametrize("args", VARIED, ids=str)
def test_types_and_layouts(args: Any) -> None:
    """Arrays of any floating or whole type and layout, empty ones and numbers give what the engine gives."""

    def f(x: Any, y: Any) -> Any:
        z = x * y + 2 * x
        return (np.exp(-z * z) * x).sum()

    for argnums in (0, 1, (0, 1)):
        for optimized in BOTH_STYLES:
            tolerance = 1e-12 if all(np.result_type(a) != np.float16 for a in args) else 1e-3
            assert_as_eager(f, [args, args], argnums, tolerance, optimized=optimized)


def test_one_trace_for_one_signature() -> None:
    """The function is called once per shapes, types and static arguments, and again when these change."""
    calls = []

    def f(x: Any, n: int, name: str = "sin") -> Any:
        calls.append((x.shape, n, name))
        return (getattr(np, name)(x) ** n).sum()

    compiled = compile(f)
    for args in [
        (np.ones(3), 2), (np.zeros(3), 2), (np.ones(4), 2), (np.ones(3), 3), (np.full(3, 0.2), 2),
        (np.ones(3), 2, "cos"), (np.ones(3, np.float32), 2), (np.zeros(4), 2), (np.ones((3, 1)), 2),
    ]:  # fmt: skip
        n = len(calls)
        result = compiled(*args)
        del calls[n + 1 :]
        again = len(calls)
        assert_same(result, eager(f, args, 0), 1e-6)
        del calls[again:]
    assert len(calls) == 6
    assert calls[0] == ((3,), 2, "sin")


def test_arguments_without_a_gradient_are_traced() -> None:
    """Arrays that are not differentiated are inputs, not constants; so are integers in an array."""

    def f(w: Any, x: Any, labels: Any) -> Any:
        scores = x.reshape(-1, 2) @ w
        return -scores[np.arange(len(labels)), labels].sum() + (x.std() + x.mean()) * w.sum()

    calls = [(RNG.normal(size=(2, 3)), RNG.normal(size=(4, 2)), RNG.integers(3, size=4)) for _ in range(3)]
    for optimized in BOTH_STYLES:
        compiled = assert_as_eager(f, calls, 0, optimized=optimized)
        assert len(compiled._made) == 1


def test_values_as_arguments() -> None:
    """A Value stands for its numbers; what comes back is plain."""
    x = np.arange(3.0)
    compiled = compile(lambda w, x: (w * w * x).sum())
    expected = compiled(x, x)
    assert_same(compiled(Value(x), x), expected)
    assert_same(compiled(Value(x), Value(x)), expected)
    assert_same(compile(lambda x: x * x)(Value(3.0)), (9.0, 6.0))


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_results_that_are_arguments_or_constants(optimized: bool) -> None:
    """A gradient that is an argument, a constant or another gradient is an array of its own."""
    c = np.arange(3.0)
    for f in (
        lambda x, y: (x * y).sum(),
        lambda x, y: (x + y).sum(),
        lambda x, y: ((x + y) * c).sum(),
        lambda x, y: (x.reshape(3, 1).T * c).sum() + (y[::-1] * c).sum(),
        lambda x, y: np.broadcast_to(x.sum() ** 2, (2, 3)).T.sum() + (y.reshape(1, 3).sum(axis=1) ** 2).sum(),
        lambda x, y: 3.0 + 0.0 * x[0],
        lambda x, y: 1.5,
    ):
        assert_as_eager(f, [(np.ones(3), np.full(3, 2.0))] * 2, (0, 1), optimized=optimized)


@pytest.mark.parametrize("result", [lambda x: x * x, lambda x: x.reshape(1, -1), lambda x: (x, x)])
def test_a_result_that_is_no_number_is_refused(result: Any) -> None:
    """A function of arrays must give a number."""
    with pytest.raises((ShapeError, TypeError)):
        compile(result)(np.ones(3))


def test_what_is_no_function_is_refused() -> None:
    """Only a function can be compiled."""
    with pytest.raises(InvalidArgument, match="compile takes a function"):
        compile(np.ones(3))  # type: ignore[arg-type]
