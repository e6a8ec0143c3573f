"""Every primitive, driven by the table of cases: values, derivatives, shapes and dtypes."""

from __future__ import annotations

import functools
import pickle
from typing import Any

import numpy as np
import pytest
from numeric import (
    COMPLEX_STEP,
    DIFFERENCES,
    ROUNDING,
    complex_step,
    dot,
    draw,
    numeric,
    replaced,
    richardson,
)
from numpy.testing import assert_allclose
from table import CASES, Case

from autograd import Value, gradients
from autograd.rules import TABLE

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_pointwise = pytest.mark.parametrize("case", [c for c in CASES if c.takes_floats], ids=str)
every_pairing = pytest.mark.parametrize(
    "case", [c for c in CASES if c.kind == "elementwise" and len(c.shapes) > 1], ids=str
)
every_row = pytest.mark.parametrize("name", TABLE)


def record(case: Case, xs: list[Any]) -> tuple[Value, list[Value]]:
    """The result of a case, and the inputs that have a derivative."""
    values = [Value(x, requires_grad=i in case.wrt) for i, x in enumerate(xs)]
    return case.primitive(*values, **case.params), [values[i] for i in case.wrt]


def pull(case: Case, xs: list[Any], seed: Any) -> tuple[Any, list[Any]]:
    """The numbers of the result and of the gradients."""
    y, leaves = record(case, xs)
    return y.data, gradients(y, leaves, seed)


def locked(x: Any) -> Any:
    """A copy that cannot be written into."""
    x = np.array(x)
    x.flags.writeable = False
    return x


def dtype_of(x: Any) -> Any:
    return float if type(x) is float else x.dtype


def takes_complex(case: Case) -> bool:
    if not case.analytic:
        return False
    try:
        return np.iscomplexobj(case.forward(*case.inputs(dtype=complex)))
    except (TypeError, np.exceptions.ComplexWarning):
        return False


def test_every_primitive_has_a_case() -> None:
    """No row of the rules is without a test, and no test without a row."""
    assert {case.name for case in CASES} == set(TABLE)


@every_case
def test_a_row_tells_how_it_treats_elements(case: Case) -> None:
    """The row is elementwise, an arrangement or neither, as the table of cases has it."""
    assert case.primitive.kind == case.kind


@every_row
def test_a_row_is_complete(name: str) -> None:
    """A row has its name, a symbol, and for each derivative a notation and its LaTeX."""
    row = TABLE[name]
    assert row.name == name
    assert row.symbol
    assert len(row.notation) == len(row.latex) == len(row.vjps)
    assert all(row.notation)
    assert all(row.latex)


@every_row
def test_a_row_is_pickled_by_name(name: str) -> None:
    """A primitive that was pickled comes back as the same object."""
    assert pickle.loads(pickle.dumps(TABLE[name])) is TABLE[name]


@every_case
def test_forward_is_the_reference(case: Case) -> None:
    """A primitive gives what NumPy gives, on arrays and recorded on Values: a float if it has no axes."""
    xs = case.inputs()
    expected = case.reference(*xs, **case.params)
    for y in (case.primitive(*xs, **case.params), record(case, xs)[0].data):
        assert type(y) is (np.ndarray if np.ndim(expected) else float)
        assert_allclose(y, expected, rtol=ROUNDING, strict=bool(np.ndim(expected)))


@every_case
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_forward_and_rules_write_into_nothing_that_they_were_given(case: Case, dtype: type) -> None:
    xs = [locked(x) for x in case.inputs(dtype=dtype)]
    y = locked(case.forward(*xs))
    g = locked(draw(np.shape(y)).astype(np.asarray(y).dtype))
    for i in case.wrt:
        case.primitive.rule(i)(g, y, *xs, **case.params)


IN_PLACE: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "tanh": ((), {}),
    "sigmoid": ((), {}),
    "relu": ((), {}),
    "power": ((2.0,), {}),
    "maximum": ((0.0,), {}),
    "fmin": ((0.0,), {}),
    "softmax": ((), {"axis": (1,)}),
    "log_softmax": ((), {"axis": (1,)}),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", IN_PLACE)
def test_large_arrays_are_like_their_parts(name: str, dtype: type) -> None:
    """In memory of their own, rules compute the same as for small arrays; to the bit, but for sums."""
    others, params = IN_PLACE[name]
    tolerance = 1e-6 if params else 0.0
    primitive, x = TABLE[name], locked(draw((64, 128)).astype(dtype))
    x.flags.writeable = True
    x[::3, ::5] = 0.0  # ties
    x.flags.writeable = False

    def pulled(g: Any, x: Any) -> Any:
        y = locked(primitive.forward(x, *others, **params))
        return primitive.rule(0)(g, y, x, *others, **params)

    g = locked(draw(x.shape, seed=2).astype(dtype))
    whole = pulled(g, x)
    assert whole.dtype == dtype
    for rows in range(0, 64, 8):
        part = slice(rows, rows + 8)
        expected = pulled(g[part], x[part]).astype(dtype)
        assert_allclose(whole[part], expected, rtol=tolerance, atol=tolerance)


@every_case
def test_derivative_is_the_numeric_one(case: Case) -> None:
    """Each derivative agrees with the complex step, or else with differences, and has its input's shape."""
    xs = case.inputs()
    seed = draw(np.shape(case.forward(*xs)))
    method, tolerance = (complex_step, COMPLEX_STEP) if takes_complex(case) else (richardson, DIFFERENCES)
    for i, found in zip(case.wrt, pull(case, xs, seed)[1], strict=True):
        expected = numeric(lambda x, i=i: dot(seed, case.forward(*replaced(xs, i, x))), xs[i], method)
        assert np.shape(found) == xs[i].shape
        assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@every_case
def test_second_derivative_is_the_numeric_one(case: Case) -> None:
    """A recorded gradient is the plain one; its derivatives, by the seed as well, agree with differences."""
    xs = case.inputs()
    point = [*xs, draw(np.shape(case.forward(*xs)))]
    weights = [draw(xs[i].shape, seed=i + 2) for i in case.wrt]

    def phi(point: list[Any]) -> Any:
        return sum(dot(w, g) for w, g in zip(weights, pull(case, point[:-1], point[-1])[1], strict=True))

    y, leaves = record(case, xs)
    seed = Value(point[-1])
    firsts = gradients(y, leaves, seed, create_graph=True)
    total = sum(((w * g).sum() for w, g in zip(weights, firsts, strict=True)), start=Value(0.0))
    assert_allclose(total.data, phi(point), rtol=ROUNDING, atol=ROUNDING)
    for i, found in zip([*case.wrt, len(xs)], gradients(total, [*leaves, seed]), strict=True):
        expected = numeric(lambda x, i=i: phi(replaced(point, i, x)), point[i])
        assert_allclose(found, expected, rtol=DIFFERENCES, atol=DIFFERENCES)


@every_pointwise
@pytest.mark.parametrize("make", [float, np.array])
def test_a_number_is_an_array_of_one(case: Case, make: Any) -> None:
    """Floats and arrays without axes give floats: the elements of the array's result and gradients."""
    xs, seed = case.inputs(), draw((2, 3))
    y, grads = pull(case, xs, seed)
    for k in range(seed.size):
        y_k, grads_k = pull(case, [make(x.flat[k]) for x in xs], float(seed.flat[k]))
        assert all(type(z) is float for z in (y_k, *grads_k))
        assert_allclose([y_k, *grads_k], [z.flat[k] for z in (y, *grads)], rtol=ROUNDING)


@every_pairing
@pytest.mark.parametrize("small", [(3,), (2, 1), (), (1, 1, 3)], ids=str)
def test_broadcasting_is_undone(case: Case, small: tuple[int, ...]) -> None:
    """The gradient of an input that was repeated is the sum over its repeats, and has its shape."""
    n = len(case.shapes)
    for large in range(n):
        xs = case.inputs(tuple((2, 3) if i == large else small for i in range(n)))
        full = np.broadcast_arrays(*xs)
        seed = draw(full[0].shape)
        y, found = pull(case, xs, seed)
        y_full, expected = pull(case, full, seed)
        assert_allclose(y, y_full, rtol=ROUNDING)
        for i, got, g in zip(case.wrt, found, expected, strict=True):
            origin = np.broadcast_to(np.arange(xs[i].size).reshape(xs[i].shape), g.shape)
            summed = np.bincount(origin.ravel(), weights=g.ravel()).reshape(xs[i].shape)
            assert np.shape(got) == xs[i].shape
            assert_allclose(got, summed, rtol=ROUNDING, atol=ROUNDING)


@pytest.mark.parametrize("case", [c for c in CASES if c.kind != "other"], ids=str)
def test_what_is_cut_off_stays_cut_off(case: Case) -> None:
    """Elements that where() or an index cuts off have gradient zero, though NaN waits further down."""
    xs, factors = case.inputs(), [np.ones(shape) for shape in case.shapes]
    for factor in factors:
        factor.flat[:1] = np.nan
    broken = [x * factor for x, factor in zip(xs, factors, strict=True)]
    cut = np.isnan(functools.reduce(np.add, broken) if case.kind == "elementwise" else case.forward(*broken))
    seed = draw(cut.shape)
    leaves = [Value(x) for x in xs]
    with np.errstate(invalid="ignore"):  # some of NumPy's functions warn of NaN
        y = case.primitive(*[v * factor for v, factor in zip(leaves, factors, strict=True)], **case.params)
    if cut.any():  # else indexing has cut it off
        y = np.where(cut, 0.0, y)
    found = gradients(y, [leaves[i] for i in case.wrt], seed)
    for got, expected in zip(found, pull(case, xs, np.where(cut, 0.0, seed))[1], strict=True):
        assert_allclose(got, expected, rtol=ROUNDING)


@every_case
def test_float32_stays(case: Case) -> None:
    """From float32 come float32 results and gradients, to its precision those of float64."""
    xs = case.inputs(dtype=np.float32)
    seed = draw(np.shape(case.forward(*xs)))
    y, grads = pull(case, xs, seed)
    y64, grads64 = pull(case, [x.astype(float) for x in xs], seed)
    assert y.dtype == case.params.get("dtype", np.float32)
    assert all(g.dtype == np.float32 for g in grads)
    for found, expected in zip((y, *grads), (y64, *grads64), strict=True):
        assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@every_pairing
@pytest.mark.parametrize("odd", [np.float32, np.float64, float])
def test_mixed_dtypes(case: Case, odd: type) -> None:
    """The result of mixed inputs has NumPy's dtype for them, and each gradient the dtype of its input."""
    for i in range(len(case.shapes)):
        xs = case.inputs(dtype=np.float64 if odd is np.float32 else np.float32)
        xs[i] = float(xs[i][0, 0]) if odd is float else xs[i].astype(odd)
        y, grads = pull(case, xs, draw((2, 3)))
        assert y.dtype == case.reference(*xs, **case.params).dtype
        assert [dtype_of(g) for g in grads] == [dtype_of(xs[j]) for j in case.wrt]


@every_pointwise
def test_a_float32_without_axes_stays_float32(case: Case) -> None:
    """A number in float32 gives a result and gradients of that type, without axes."""
    y, grads = pull(case, [x[0, 0] for x in case.inputs(dtype=np.float32)], 1.0)
    assert np.asarray(y).dtype == case.params.get("dtype", np.float32)
    assert all(g.dtype == np.float32 and g.shape == () for g in grads)


@every_pointwise
def test_nothing_has_a_gradient_of_nothing(case: Case) -> None:
    """Arrays without elements pass, and their gradients have their shapes."""
    y, grads = pull(case, case.inputs(((0, 3),) * len(case.shapes)), np.empty((0, 3)))
    assert [np.shape(z) for z in (y, *grads)] == [(0, 3)] * (1 + len(case.wrt))


@pytest.mark.parametrize("case", [c for c in CASES if isinstance(c.reference, np.ufunc)], ids=str)
def test_numpys_function_records_the_row(case: Case) -> None:
    """The NumPy function of that name, called with Values, records this primitive."""
    assert case.reference(*map(Value, case.inputs()), **case.params).primitive is case.primitive
