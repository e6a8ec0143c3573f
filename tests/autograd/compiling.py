"""What a compiled function must be: as the engine, in numbers, types and containers, call after call."""

from __future__ import annotations

import copy
import itertools
import warnings
from typing import Any

import numpy as np

from autograd import Value, value_and_grad
from autograd.compiling import compile
from autograd.data import canonical
from autograd.trees import leaves

BOTH_STYLES = (True, False)  # of `optimized`


def assert_same(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    """The same containers of the same types and numbers; the tolerance is relative to the largest one."""
    if isinstance(expected, np.ndarray):
        expected = canonical(expected)  # the engine lets arrays of float32 without dimensions through
    assert type(found) is type(expected), (type(found), type(expected))
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        assert_same(list(found.values()), list(expected.values()), tolerance)
    elif isinstance(expected, (tuple, list)):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            assert_same(a, b, tolerance)
    elif expected is not None:
        assert np.shape(found) == np.shape(expected)
        assert getattr(found, "dtype", float) == getattr(expected, "dtype", float)
        finite = np.abs(np.where(np.isfinite(expected), expected, 0.0))
        scale = max(1.0, float(np.max(finite, initial=0.0)))
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * scale)


def eager(f: Any, args: Any, argnums: Any) -> Any:
    """Value and gradients by the engine, without its warnings."""
    with warnings.catch_warnings(action="ignore"):
        return value_and_grad(f, argnums)(*args)


def assert_as_eager(f: Any, calls: list[Any], argnums: Any, tolerance: float = 1e-12, **options: Any) -> Any:
    """A compiled function gives what the engine gives, at each list of arguments; gives it back.

    What a call gave stays as it is through the later ones, and nothing that is given shares memory
    with anything else.
    """
    compiled = compile(f, argnums, **options)
    given = []
    for args in calls:
        before = copy.deepcopy(list(args))
        result = compiled(*args)
        assert_same(result, eager(f, args, argnums), tolerance)
        for x, as_it_was in zip(leaves(list(args)), leaves(before), strict=True):
            np.testing.assert_array_equal(x, as_it_was)
        assert_own_memory(result, args, compiled)
        given.append((result, copy.deepcopy(result)))
    for result, as_it_was in given:
        assert_same(result, as_it_was, 0.0)
    return compiled


def assert_close_to_eager(f: Any, args: Any, rtol: float, atol: float) -> Any:
    """A compiled function of two arrays gives the engine's value and gradients; gives it back."""
    compiled = compile(f, (0, 1))
    value, gradients = compiled(*args)
    expected, wanted = value_and_grad(f, (0, 1))(*args)
    np.testing.assert_allclose(value, expected, rtol=rtol)
    for g, right in zip(gradients, wanted, strict=True):
        np.testing.assert_allclose(g, right, rtol=rtol, atol=atol)
    return compiled


def assert_own_memory(result: Any, args: Any, compiled: Any) -> None:
    """No array of a result is an argument, a constant, a buffer, or another one."""
    executable = compiled._executable()
    held = [*leaves(list(args)), *executable.program.constants.values(), *itertools.chain(*executable._free)]
    held = [getattr(x, "data", x) if isinstance(x, Value) else x for x in held]
    arrays = [x for x in leaves(list(result)) if isinstance(x, np.ndarray)]
    for i, x in enumerate(arrays):
        for other in [*(y for y in held if isinstance(y, np.ndarray)), *arrays[:i]]:
            assert not np.may_share_memory(x, other)
        assert x.flags.writeable


def weighted(call: Any) -> Any:
    """A number made of every element of what a call gives, with weights that differ."""

    def f(*xs: Any) -> Any:
        total: Any = 0.0
        for k, y in enumerate(leaves(call(*xs))):
            if isinstance(y, Value):
                w = np.cos(np.arange(y.size) + k).reshape(y.shape).astype(y.dtype)
                total = total + (y * w).sum()
        return total

    return f
