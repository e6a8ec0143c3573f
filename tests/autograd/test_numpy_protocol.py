"""NumPy's functions on Values: recorded, plain, or refused, and never a silent loss of the gradient."""

from __future__ import annotations

import operator
import warnings

import numpy as np
import pytest

from autograd import Value
from autograd.errors import NoRule, UnsupportedType

A = np.array([0.2, 0.5, 0.9])
M = np.arange(1.0, 7.0).reshape(2, 3) / 7
equal = np.testing.assert_array_equal


def test_an_expression_of_numpy_records():
    """A layer written for NumPy runs on Values, and gives its numbers and gradients."""
    x, w, b = M, Value(np.ones((3, 2)), label="w"), Value([0.1, -0.1], label="b")
    y = np.tanh(x @ w + b)
    equal(y.data, np.tanh(x @ w.data + b.data))
    np.sum(y).backward()
    slope = 1 - y.data**2
    np.testing.assert_allclose(w.grad, x.T @ slope)
    np.testing.assert_allclose(b.grad, slope.sum(axis=0))


BINARY = [np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum, np.logaddexp]
OTHERS = [2, 1.5, True, np.float64(1.5), np.float32(1.5), A, A.astype(np.float32), [1, 2, 3], np.array(2)]


@pytest.mark.parametrize("f", BINARY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", OTHERS, ids=repr)
@pytest.mark.parametrize("x", [0.7, A], ids=["scalar", "array"])
def test_ufuncs_take_mixed_operands(f, other, x):
    """A ufunc of a Value and a number, array or list records, in either order."""
    v = Value(x)
    for ours, plain in [(f(v, other), f(x, np.asarray(other))), (f(other, v), f(np.asarray(other), x))]:
        assert isinstance(ours, Value)
        assert v in set(ours.parents)
        np.testing.assert_allclose(ours.data, plain, rtol=1e-6)


FUNCTIONS = {
    "sum": lambda x: np.sum(x, axis=1),
    "mean": lambda x: np.mean(x, 0, keepdims=True),
    "max": lambda x: np.max(x, axis=-1),
    "amin": lambda x: np.amin(x),
    "clip": lambda x: np.clip(x, 0.3, None),
    "clip by keyword": lambda x: np.clip(x, a_min=None, a_max=0.5),
    "clip by bounds": lambda x: np.clip(x, np.array([0.1, 0.2, 0.3]), 0.5),
    "where": lambda x: np.where(M > 0.5, x, 0.0),
    "where on the right": lambda x: np.where(M > 0.5, 1, x),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "ravel": np.ravel,
    "transpose": lambda x: np.transpose(x, (1, 0)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "squeeze": lambda x: np.squeeze(x[None], axis=0),
    "expand_dims": lambda x: np.expand_dims(x, (0, -1)),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 2, 3)),
    "concatenate": lambda x: np.concatenate([x, M, x], axis=1),
    "concatenate, flat": lambda x: np.concatenate([x, A], axis=None),
    "stack": lambda x: np.stack([M, x], axis=-1),
    "stack of rows": lambda x: np.stack(list(x)),
    "matmul": lambda x: np.matmul(x, A),
    "absolute": np.abs,
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce, kept": lambda x: np.add.reduce(x, axis=1, keepdims=True),
}


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_functions_take_numpy_arguments(f):
    """A NumPy function of a Value records, with the numbers, shape and dtype it has on arrays."""
    for numbers in (M, M.astype(np.float32)):
        result, expected = f(Value(numbers)), f(numbers)
        assert isinstance(result, Value)
        assert not result.is_leaf
        equal(result.data, expected)
        assert result.shape == expected.shape


PLAIN = {
    "argmax": lambda x: np.argmax(x, axis=1),
    "argsort": np.argsort,
    "sign": np.sign,
    "floor": np.floor,
    "floor_divide": lambda x: np.floor_divide(x, 0.3),
    "isnan": np.isnan,
    "greater": lambda x: np.greater(x, 0.5),
    "logical_and": lambda x: np.logical_and(x > 0.5, x),
    "any": lambda x: np.any(x > 2),
    "all": np.all,
    "nonzero": lambda x: np.nonzero(x > 0.5)[0],
    "where, of one argument": lambda x: np.where(x > 0.5)[0],
    "allclose": lambda x: np.allclose(x, M),
    "array_equal": lambda x: np.array_equal(x, x),
    "shape": np.shape,
    "ndim": np.ndim,
    "zeros_like": np.zeros_like,
    "ones_like": lambda x: np.ones_like(x, dtype=int),
    "round": lambda x: np.round(x, 1),
    "<": lambda x: x < 0.5,
    "array <": lambda x: M[0] < x,
    "==": lambda x: x == M,
}


@pytest.mark.parametrize("f", PLAIN.values(), ids=PLAIN)
def test_functions_without_slope_give_plain_results(f):
    """Positions, signs, comparisons and shapes are those of the plain array."""
    result, expected = f(Value(M)), f(M)
    assert not isinstance(result, Value)
    equal(result, expected)


OUT = np.zeros(3)
REFUSED = {
    "out of a ufunc": (lambda v: np.exp(v, out=OUT), "np.exp of Values does not take out=: assign the"),
    "positional out": (lambda v: np.exp(v, OUT), "np.exp of Values does not take out=: assign the"),
    "out of a function": (lambda v: np.sum(v, out=OUT[0]), "np.sum of Values does not take out=: assign the"),
    "array += Value": (lambda v: operator.iadd(OUT, v), "np.add of Values does not take out=: assign the"),
    "where of a ufunc": (
        lambda v: np.add(v, v, where=A > 0.5),
        "np.add of Values does not take where=: comp",
    ),
    "dtype": (lambda v: np.sum(v, dtype=int), "astype(int64) would lose the gradient: use .data"),
    "another method": (lambda v: np.add.reduceat(v, [0, 2]), "np.add.reduceat has no derivative rule"),
    "an integer type": (lambda v: v.astype(int), "astype(int64) would lose the gradient: use .data"),
}


@pytest.mark.parametrize(("f", "text"), REFUSED.values(), ids=REFUSED)
def test_forms_without_a_rule_are_refused(f, text):
    """An option that has no derivative here is an error which names it, and nothing is written."""
    with pytest.raises(NoRule) as e:
        f(Value(A))
    assert str(e.value).startswith(text)
    equal(OUT, np.zeros(3))


def test_function_without_a_rule():
    """The error names the function, the nearest that has a rule, how to add one, and .data."""
    with pytest.raises(TypeError) as e:
        np.frexp(Value(A))
    assert str(e.value) == (
        "np.frexp has no derivative rule for Values; did you mean 'exp'? Compose it of functions that have "
        "one, write one with @autograd.primitive, or apply it to .data if no gradient is meant to pass"
    )
    with pytest.raises(NoRule, match=r"^np\.fft\.fft has no derivative rule"):
        np.fft.fft(Value(A))


CONVERSIONS = {
    "asarray": np.asarray,
    "array": np.array,
    "array of a list": lambda v: np.array([v, v]),
    "a row of Values and numbers": lambda v: np.array([v[0], 1.0]),
    "array of objects": lambda v: np.array([v, v], dtype=object),
    "ascontiguousarray": np.ascontiguousarray,
    "float32": np.float32,
    "assignment of a slice": lambda v: operator.setitem(np.zeros(3), slice(None), v),
    "a function of a list": lambda v: np.tanh([v, v]),
    "a method of an array": lambda v: np.ones(3).dot(v),
    "index of an array": lambda v: np.ones(3)[v],
    "random numbers": lambda v: np.random.default_rng(0).normal(v),
    "vectorize": np.vectorize(lambda t: t),
}


@pytest.mark.parametrize("f", CONVERSIONS.values(), ids=CONVERSIONS)
def test_conversion_to_an_array_is_refused(f):
    """What would turn a Value into a plain array names .data and np.stack, unless it is a constant."""
    with pytest.raises(UnsupportedType, match=r"would lose its gradient: use \.data if .* np\.stack to join"):
        f(Value(A, label="v"))


def test_full_names_what_to_use():
    """np.full converts what it is given; the error names the function that records."""
    with pytest.raises(UnsupportedType, match=r"numpy's full makes a plain array .* np\.broadcast_to"):
        np.full((2, 3), Value(A))


def test_conversion_of_a_constant():
    """A constant is a plain array already, and converts without a copy."""
    c = Value(A, requires_grad=False)
    assert np.asarray(c) is c.data
    equal(np.array([c, c]), [A, A])
    equal(np.array(c, dtype=np.float32), A.astype(np.float32))
    assert np.asarray(Value(2.0).detach()).shape == ()


def contains_value(result):
    if isinstance(result, (tuple, list)):
        return any(contains_value(r) for r in result)
    return isinstance(result, Value)


def is_plain(result):
    """No derivative is lost with booleans, integers, text, or nothing."""
    if isinstance(result, (tuple, list)):
        return all(is_plain(r) for r in result)
    return (
        result is None or isinstance(result, (str, np.dtype, type)) or np.asarray(result).dtype.kind in "biu"
    )


# Floats without a derivative: piecewise constant, or not depending on the numbers.
CONSTANT = {
    "sign", "floor", "ceil", "trunc", "rint", "fix", "floor_divide", "round", "around", "matrix_rank",
    "zeros_like", "ones_like", "empty_like", "unique", "unique_values", "histogram", "histogram_bin_edges",
    "heaviside",
}  # fmt: skip

EVERYTHING = {
    f"{space.__name__}.{name}": f
    for space in (np, np.linalg, np.fft)
    for name, f in vars(space).items()
    if isinstance(f, (np.ufunc, type(np.sum))) and not name.startswith("_")
}


@pytest.mark.parametrize("numbers", [0.5, A, M, M @ M.T], ids=["scalar", "vector", "matrix", "square"])
def test_no_numpy_function_loses_a_gradient(numbers):
    """Every NumPy function of one to three Values records, gives a plain result by nature, or raises."""
    assert len(EVERYTHING) > 300
    lost = []
    for name, f in EVERYTHING.items():
        for n in (1, 2, 3):
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                    result = f(*[Value(numbers) for _ in range(n)])
            except (TypeError, ValueError, IndexError):  # an error is not silent
                continue
            if not (contains_value(result) or is_plain(result) or f.__name__ in CONSTANT):
                lost.append((name, n, result))
    assert not lost
