"""What a checkpoint refuses: a second run that differs, changed inputs, copies."""

from __future__ import annotations

import copy
import functools
import pickle

import numpy as np
import pytest

from autograd import Value, checkpoint
from autograd.errors import ChainruleError, GraphError, StaleGraph, UnsupportedType

RNG = np.random.default_rng(3)
A, B = RNG.normal(size=4), RNG.normal(size=4)
equal = np.testing.assert_array_equal


STATE = np.random.default_rng(0)
KEPT: dict[str, Value] = {}


def random_inside(x):
    return x * STATE.normal(size=4)


def another_shape(x):
    KEPT["n"] = KEPT.get("n", 0) + 1
    return x[: KEPT["n"]]


def fewer_results(x):
    KEPT["m"] = KEPT.get("m", 0) + 1
    return [x * 2] * 1 if KEPT["m"] > 1 else [x * 2, x * 3]


@functools.cache
def remembered(x):
    return np.sin(x)


def other_values(x):
    KEPT["w"] = Value(1.0)
    return x * KEPT["w"]


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (random_inside, "the numbers differ"),
        (another_shape, "the numbers differ"),
        (fewer_results, "1 results depend on Values, not 2"),
        (lambda x: remembered(x) * x, "it depends on other Values"),
        (lambda x: x * KEPT.setdefault("lazy", Value(1.0)), "it depends on other Values"),
    ],
    ids=["random", "another shape", "fewer results", "cached", "made in the first run"],
)
def test_another_result_is_refused(f, reason):
    """A function that computes something else in its second run is an error, and no gradient is set."""
    KEPT.clear()
    x = Value(A)
    y = checkpoint(f, x)
    y = y[0] if isinstance(y, list) else y
    with pytest.raises(GraphError, match="another result") as e:
        y.backward(np.ones(y.shape))
    assert reason in str(e.value)
    assert "random numbers from a generator seeded inside" in str(e.value)
    assert isinstance(e.value, ChainruleError)
    assert x.grad is None


def test_randomness_with_a_seed_inside():
    """A generator that is seeded inside gives the same numbers again, so it is no obstacle."""
    x = Value(A)
    checkpoint(lambda x: x * np.random.default_rng(1).normal(size=4), x).sum().backward()
    equal(x.grad, np.random.default_rng(1).normal(size=4))


def test_not_finite_results_are_compared_too():
    """Infinities and NaNs in a result equal themselves."""
    x = Value(np.array([0.0, -1.0, 1.0]))
    with np.errstate(all="ignore"):
        checkpoint(np.log, x).sum().backward()
    equal(x.grad, [np.inf, -1.0, 1.0])


def test_changed_inputs_are_refused():
    """A leaf that was changed since is refused as in any graph; so is an array changed in place."""
    x, scale = Value(A), np.ones(4)
    y = checkpoint(lambda x: x * scale, x)
    scale[:] = 2.0
    with pytest.raises(GraphError, match="the numbers differ"):
        y.sum().backward()
    y = checkpoint(lambda x: x * 2, x)
    x.data = B
    with pytest.raises(StaleGraph):
        y.sum().backward()


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copies_are_refused(duplicate):
    """A graph with a checkpoint cannot be copied or pickled: the error says what to do instead."""
    with pytest.raises(UnsupportedType, match="a graph with a checkpoint cannot be copied or pickled"):
        duplicate(checkpoint(np.sin, Value(A)))
