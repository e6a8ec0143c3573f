"""A call on Values beside the same call on arrays: its result, derivatives, types and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from calls import SQUARE, Call
from numeric import complex_step, dot, draw, numeric, replaced, richardson
from numpy.testing import assert_allclose

from autograd import Value, gradients
from autograd.errors import NoRule

# Rounding of some dozen products, or of a decomposition of a well-conditioned matrix; then the same
# for its derivatives.
ROUNDING = 1e-12
COMPLEX_STEP = 1e-11
DIFFERENCES = 2e-9

# A Python number never promotes an array of Values, as it does not in NumPy's operators. These
# functions make an array of float64 of it.
WEAK = {"add.outer", "subtract.outer", "multiply.outer", "divide.outer", "maximum.outer", "hypot.outer",
        "dot", ".dot", "inner", "polyval"}  # fmt: skip


def parts(result: Any) -> list[Any]:
    """The arrays of a result, in tuples and lists or alone."""
    return [p for item in result for p in parts(item)] if isinstance(result, (tuple, list)) else [result]


def numbers(y: Any) -> Any:
    return np.asarray(y.data if isinstance(y, Value) else y)


def weighted(result: Any) -> Any:
    """A number made of everything in a result that may have a derivative."""
    arrays = enumerate(p for p in parts(result) if numbers(p).dtype.kind in "fc")
    terms = [dot(draw(np.shape(y), seed).astype(numbers(y).dtype), y) for seed, y in arrays]
    return sum(terms[1:], terms[0]) if terms else np.float64(0.0)


def gradient(call: Call, xs: list[Any]) -> list[Any]:
    """The engine's gradient of ``weighted``."""
    leaves = [Value(x) for x in xs]
    total = weighted(call(*leaves))
    return gradients(total, leaves) if isinstance(total, Value) else [np.zeros(np.shape(x)) for x in xs]


def assert_same(ours: Any, plain: Any, rtol: float, dtype: Any = None) -> None:
    """The containers, shapes, dtypes and numbers of one are those of the other."""
    if isinstance(plain, (tuple, list)):
        assert type(ours) is type(plain)
        assert len(ours) == len(plain)
        for a, b in zip(ours, plain, strict=True):
            assert_same(a, b, rtol, dtype)
    else:
        expected = np.asarray(plain)
        assert numbers(ours).dtype == (dtype or expected.dtype)
        assert_allclose(
            numbers(ours), expected.astype(numbers(ours).dtype), rtol=rtol, atol=rtol, strict=True
        )


def numeric_gradient(call: Call, xs: list[Any], i: int) -> tuple[Any, float]:
    """The gradient of ``weighted`` by input ``i``, from NumPy alone, and how exact it is."""

    def phi(x: Any) -> Any:
        return weighted(call(*replaced(xs, i, x)))

    if call.is_analytic:
        try:
            if np.iscomplexobj(phi(xs[i].astype(complex))):
                return numeric(phi, xs[i], complex_step), COMPLEX_STEP
        except (TypeError, np.exceptions.ComplexWarning):
            pass  # NumPy's function is of real numbers only
    return numeric(phi, xs[i], richardson), DIFFERENCES


def check_value(call: Call) -> None:
    xs = call.inputs()
    assert_same(call(*map(Value, xs)), call(*xs), ROUNDING)


def check_derivative(call: Call) -> None:
    xs = call.inputs()
    for i, found in enumerate(gradient(call, xs)):
        expected, tolerance = numeric_gradient(call, xs, i)
        assert np.shape(found) == xs[i].shape
        scale = np.max(np.abs(expected), initial=1.0)
        assert_allclose(found, expected, rtol=tolerance, atol=tolerance * scale)


def check_second_derivative(call: Call) -> None:
    xs = call.inputs()
    # Short enough that no two elements of several inputs meet on the way.
    directions = [np.where(np.isnan(x), 0, np.tanh(draw(x.shape, i + 7)) / 4) for i, x in enumerate(xs)]

    def flat(arrays: list[Any]) -> Any:
        return np.concatenate([np.ravel(a) for a in arrays])

    leaves = [Value(x) for x in xs]
    total = weighted(call(*leaves))
    if not isinstance(total, Value):
        return  # a plain result, the test before has shown that it is constant
    firsts = gradients(total, leaves, create_graph=True)
    assert_allclose(flat([g.data for g in firsts]), flat(gradient(call, xs)), rtol=ROUNDING, atol=ROUNDING)
    along = sum((dot(d, g) for d, g in zip(directions, firsts, strict=True)), start=Value(0.0))
    found = flat(gradients(along, leaves))
    expected = richardson(
        lambda h: flat(gradient(call, [x + h * d for x, d in zip(xs, directions, strict=True)])), 0.0, 1.0
    )
    scale = np.max(np.abs(expected), initial=1.0)
    assert_allclose(found, expected, rtol=DIFFERENCES, atol=DIFFERENCES * scale)


def check_float32(call: Call) -> None:
    xs = call.inputs(np.float32)
    leaves, plain = [Value(x) for x in xs], call(*xs)
    result = call(*leaves)
    assert_same(result, plain, 1e-4, np.dtype(np.float32) if call.name in WEAK else None)
    total = weighted(result)
    if isinstance(total, Value):
        for found, expected in zip(
            gradients(total, leaves), gradient(call, [x.astype(float) for x in xs]), strict=True
        ):
            assert found.dtype == np.float32
            scale = np.max(np.abs(expected), initial=1.0)
            assert_allclose(found, expected, rtol=2e-4, atol=2e-4 * scale)


def check_shape(call: Call, cut: Any) -> None:
    xs = call.inputs()
    if any(x.size == 0 if cut == 0 else x.ndim == 0 for x in xs):
        return
    xs = [x.flat[0] if cut == 0 else x[cut] for x in xs]
    if cut != 0:
        xs = [x[..., :0, :0] if k in SQUARE else x for k, x in zip(call.letters, xs, strict=True)]
    try:
        plain = call(*xs)
    except Exception:  # whatever NumPy says to it
        return
    leaves = [Value(x) for x in xs]
    try:
        result = call(*leaves)
    except NoRule:  # as for full_matrices, once the matrix is not square
        return
    assert_same(result, plain, ROUNDING)
    total = weighted(result) if all(np.all(np.isfinite(numbers(y))) for y in parts(result)) else None
    if isinstance(total, Value):
        firsts = gradients(total, leaves, create_graph=True)
        along = sum((np.sum(g) for g in firsts), start=Value(0.0))
        for x, g, h in zip(xs, firsts, gradients(along, leaves), strict=True):
            assert np.shape(g) == np.shape(h) == np.shape(x)
