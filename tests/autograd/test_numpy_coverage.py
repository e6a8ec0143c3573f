"""What must be covered is: connected, called in the tables, plain where there is no slope, else refused."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy_calls
import numpy_calls_algebra
import pytest
from calls import Call, calls
from numpy.testing import assert_array_equal

from autograd import Value
from autograd.errors import ImmutableValue, NoRule
from autograd.functions import FUNCTIONS
from autograd.numpy_protocol import PLAIN_FUNCTIONS, PLAIN_UFUNCS, UFUNCS

REQUIRED = """
add subtract multiply divide true_divide negative positive power float_power remainder mod fmod absolute
abs fabs exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 sqrt cbrt square reciprocal sin cos tan
arcsin arccos arctan arctan2 hypot sinh cosh tanh arcsinh arccosh arctanh degrees radians deg2rad rad2deg
maximum minimum fmax fmin clip copysign sinc i0 nan_to_num real real_if_close conj conjugate where select
choose piecewise heaviside

sum prod mean average std var max min amax amin ptp median quantile percentile nansum nanprod nanmean
nanstd nanvar nanmax nanmin cumsum cumprod nancumsum nancumprod diff ediff1d gradient trapezoid cov corrcoef

dot vdot inner outer matmul vecdot matvec vecmat tensordot einsum kron cross trace convolve correlate
polyval interp vander

reshape ravel transpose permute_dims matrix_transpose moveaxis swapaxes rollaxis squeeze expand_dims
broadcast_to broadcast_arrays atleast_1d atleast_2d atleast_3d concatenate concat stack vstack hstack dstack
column_stack block append insert delete split array_split hsplit vsplit dsplit unstack tile repeat roll rot90
flip fliplr flipud pad diag diagonal diagflat tril triu lib.stride_tricks.sliding_window_view take
take_along_axis compress extract sort partition resize full_like copy astype

linalg.norm linalg.inv linalg.pinv linalg.det linalg.slogdet linalg.solve linalg.cholesky linalg.eigh
linalg.eigvalsh linalg.svd linalg.svdvals linalg.qr linalg.matrix_power linalg.multi_dot linalg.lstsq
linalg.tensorsolve linalg.tensorinv linalg.cond linalg.trace linalg.diagonal linalg.cross linalg.outer
linalg.matmul linalg.matrix_norm linalg.vector_norm linalg.matrix_transpose linalg.vecdot linalg.tensordot
"""

METHODS = """
sum prod mean std var max min cumsum cumprod clip reshape transpose T mT real ravel flatten squeeze swapaxes
diagonal trace repeat take compress dot astype copy conj conjugate
"""

PLAIN = calls("""
np.{equal|not_equal|less|less_equal|greater|greater_equal|floor_divide}({m, v|m, 0.5|s, s|e, v|2.0, s})
np.{logical_and|logical_or|logical_xor}({m, v|s, True})
np.{logical_not|isfinite|isnan|isinf|signbit|sign|floor|ceil|trunc|rint|fix|round|around}({m|o|s|e})
np.round(m, {1|decimals=2})
np.{isclose|allclose|array_equal|array_equiv}({m, m|m, p|s, s})
np.{argmax|argmin|nanargmax|nanargmin}({m|m, axis=0|m, 1, keepdims=True|s})
np.argsort({m|m, axis=0|m, None|e})
np.argpartition({f, 2|m, 1, axis=0})
np.lexsort({(v, pv)|m})
np.{nonzero|flatnonzero|argwhere|count_nonzero}({m > 0|m|v})
np.count_nonzero(m > 0, axis={1|0, keepdims=True})
np.where(m > {0|9})
np.searchsorted({np.sort(f), s|np.sort(f), v, side="right"|[-1, 0, 1], m})
np.digitize({m, [-1, 0, 1]|v, np.sort(f), right=True})
np.histogram({f|f, bins=3|f, [-2, 0, 2]|f, 3, weights=np.abs(f)})
np.bincount(np.array([0, 1, 1]), {pv|weights=v, minlength=5})
np.unique({m|v|v, return_index=True, return_inverse=True, return_counts=True})
np.{all|any}({m > 0|m, axis=0|m, keepdims=True|s|e})
np.{shape|ndim|size}({m|s|e})
np.size(m, 1)
np.result_type({m|m, np.float32|m, 1.0|s, v})
np.{zeros_like|ones_like}({m|s|e|m, dtype=int|m, shape=(2, 2)})
np.empty_like({m|m, shape=(0,)}).shape
np.linalg.matrix_rank({m|q|c|q[:, :1] @ q[:1]|q, tol=0.5})
np.{iscomplexobj|isrealobj|isscalar|iscomplex|isreal}(m)
m.{argmax|argmin|argsort|all|any}({|axis=0|1})
m.{argmax|any}(axis=1, keepdims=True)
m.{nonzero|tolist|round}()
m.round(1)
np.sort(f).searchsorted({s|v, side="right"})
f.argpartition({2|kth=1})
np.logical_{and|or}.reduce({m|m > 0, axis=1})
np.equal.outer(v, w)
""")

REQUIRED_PLAIN = """
equal less logical_and logical_or logical_not isfinite isnan isinf isclose allclose array_equal signbit sign
floor ceil trunc rint round fix floor_divide argmax argmin argsort argpartition nanargmax nanargmin nonzero
argwhere count_nonzero searchsorted digitize histogram bincount unique all any shape ndim size result_type
zeros_like ones_like empty_like linalg.matrix_rank
"""

REFUSED = {
    "a Fourier transform": lambda m: np.fft.fft(m),
    "eigenvalues that may be complex": lambda m: np.linalg.eigvals(m),
    "eigenvectors that may be complex": lambda m: np.linalg.eig(m),
    "roots": lambda m: np.roots(m[0]),
    "angles of complex numbers": lambda m: np.angle(m),
    "out= of a function": lambda m: np.cumsum(m, out=np.zeros(9)),
    "out= of a plain function": lambda m: np.argmax(m, out=np.zeros((), int)),
    "out= of linear algebra": lambda m: np.linalg.multi_dot([m, m], out=np.zeros((3, 3))),
    "an integer type": lambda m: np.sum(m, dtype=int),
    "a complex type": lambda m: m.astype(complex),
    "order= of structured arrays": lambda m: np.sort(m, order="x"),
    "columns that are free": lambda m: np.linalg.svd(m[:2]),
    "a raw factorisation": lambda m: np.linalg.qr(m, mode="raw"),
    "the share of a quantile": lambda m: np.quantile(m, Value(0.3)),
    "a percentage": lambda m: np.percentile(m, Value(30.0)),
    "coordinates of a slope": lambda m: np.gradient(m[0], Value([0.0, 1.0, 3.0])),
    "frequencies": lambda m: np.cov(m, fweights=Value([1.0, 2.0, 3.0])),
    "another padding": lambda m: np.pad(m, 1, "mean"),
    "odd reflection": lambda m: np.pad(m, 1, "reflect", reflect_type="odd"),
    "a Value in a plain array": lambda m: np.full_like(np.zeros((3, 3)), m),
    "parts of a reduction": lambda m: np.add.reduceat(m, [0, 1]),
    "in place, at indices": lambda m: np.add.at(m, 0, 1.0),
    "a mask of a ufunc": lambda m: np.exp(m, where=m > 0),
}

IN_PLACE = {
    "sort": lambda m: m.sort(),
    "partition": lambda m: m.partition(1),
    "resize": lambda m: m.resize(9),
    "fill": lambda m: m.fill(0.0),
    "put": lambda m: m.put([0], [1.0]),
    "assignment": lambda m: operator.setitem(m, 0, 1.0),
    "ndarray +=": lambda m: operator.iadd(np.zeros((3, 3)), m),
}


def named(names: str) -> list[tuple[str, Any]]:
    """NumPy's functions of these names; those newer than this NumPy are left out."""
    found = []
    for name in names.split():
        f: Any = np
        for part in name.split("."):
            f = getattr(f, part, None)
        if f is not None:
            found.append((name, f))
    return found


CALLED = {call.name for call in numpy_calls.CALLS + numpy_calls_algebra.CALLS}


@pytest.mark.parametrize(("name", "f"), named(REQUIRED), ids=lambda x: x if isinstance(x, str) else "")
def test_a_required_function_is_connected_and_called(name: str, f: Any) -> None:
    """Each function of the list of what must be covered has a rule here, and calls that test it."""
    assert f in UFUNCS or f in FUNCTIONS
    assert name in CALLED


def test_few_names_are_newer() -> None:
    """The list is spelled as NumPy spells it: what this NumPy lacks came after 2.0."""
    missing = set((REQUIRED + REQUIRED_PLAIN).split()) - {
        name for name, _ in named(REQUIRED + REQUIRED_PLAIN)
    }
    assert missing <= {"unstack", "matvec", "vecmat"}


def test_every_connected_function_is_called() -> None:
    """No function is connected without calls that test it, under one of its names."""
    names: dict[Any, set[str]] = {}
    for name, f in named(REQUIRED):
        names.setdefault(f, set()).add(name)
    refused = {np.copyto}
    assert set(UFUNCS) | set(FUNCTIONS) == set(names) | refused


@pytest.mark.parametrize("name", METHODS.split())
def test_a_required_method_is_there_and_called(name: str) -> None:
    """Each method of ndarray with a derivative is a method of Value, and has calls that test it."""
    assert hasattr(Value, name)
    assert hasattr(np.ndarray, name)
    assert f".{name}" in CALLED


def test_every_method_of_arrays_is_known() -> None:
    """What ndarray has and Value lacks is about memory, bytes, files, complex numbers or in place."""
    lacking = {name for name in dir(np.ndarray) if not name.startswith("_") and not hasattr(Value, name)}
    assert lacking <= {
        "base", "byteswap", "ctypes", "data", "device", "dump", "dumps", "flags", "flat", "getfield", "imag",
        "itemset", "itemsize", "nbytes", "newbyteorder", "ptp", "setfield", "setflags", "strides",
        "to_device", "tobytes", "tofile", "tostring", "view",
    }  # fmt: skip


def assert_equal(ours: Any, plain: Any) -> None:
    assert type(ours) is type(plain)
    if isinstance(plain, (tuple, list)):
        assert len(ours) == len(plain)
        for a, b in zip(ours, plain, strict=True):
            assert_equal(a, b)
    elif isinstance(plain, np.dtype):
        assert ours == plain
    else:
        assert np.asarray(ours).dtype == np.asarray(plain).dtype
        assert_array_equal(ours, plain, strict=True)


@pytest.mark.parametrize("call", PLAIN, ids=str)
def test_without_a_derivative_the_result_is_plain(call: Call) -> None:
    """A function that is constant piece by piece, or about the shape, gives what NumPy gives on arrays."""
    xs = call.inputs()
    assert_equal(call(*map(Value, xs)), call(*xs))


def test_required_plain_functions_are_called() -> None:
    """Each function of the list of plain results is connected, and has calls that test it."""
    called = {call.name for call in PLAIN}
    for name, f in named(REQUIRED_PLAIN):
        assert name in called
        assert f in PLAIN_FUNCTIONS or f in PLAIN_UFUNCS


@pytest.mark.parametrize("f", REFUSED.values(), ids=REFUSED)
def test_what_has_no_rule_is_refused(f: Any) -> None:
    """A function without a rule, or a form of one, raises NoRule: no gradient is lost in silence."""
    with pytest.raises(NoRule):
        f(Value(np.arange(9.0).reshape(3, 3) + np.eye(3)))


@pytest.mark.parametrize("f", IN_PLACE.values(), ids=IN_PLACE)
def test_what_would_change_numbers_in_place_is_refused(f: Any) -> None:
    """A method that works in place raises, and leaves the numbers as they were."""
    numbers = np.arange(9.0).reshape(3, 3)
    v = Value(numbers)
    with pytest.raises((ImmutableValue, NoRule)):
        f(v)
    assert_array_equal(v.data, numbers)
