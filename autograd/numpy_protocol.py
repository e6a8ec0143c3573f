"""NumPy's names, connected: ``np.tanh(v)`` and ``np.sum(v, axis=0)`` record.

A function is either in a table, here or in ``autograd.functions``, or an error: a gradient
is never lost in silence.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from autograd import functions
from autograd.errors import NoRule, nearest
from autograd.functions import FUNCTIONS, UFUNCS, products
from autograd.rules import activations, arithmetic, elementary
from autograd.rules.products import MATMUL
from autograd.value import Value

UFUNCS |= {
    np.add: arithmetic.ADD,
    np.subtract: arithmetic.SUBTRACT,
    np.multiply: arithmetic.MULTIPLY,
    np.divide: arithmetic.DIVIDE,
    np.power: arithmetic.POWER,
    np.float_power: products.float_power,
    np.negative: arithmetic.NEGATIVE,
    np.positive: activations.LINEAR,
    np.conjugate: activations.LINEAR,
    np.absolute: arithmetic.ABSOLUTE,
    np.fabs: arithmetic.ABSOLUTE,
    np.maximum: arithmetic.MAXIMUM,
    np.minimum: arithmetic.MINIMUM,
    np.fmax: arithmetic.FMAX,
    np.fmin: arithmetic.FMIN,
    np.remainder: arithmetic.REMAINDER,
    np.fmod: arithmetic.FMOD,
    np.arctan2: arithmetic.ARCTAN2,
    np.hypot: arithmetic.HYPOT,
    np.logaddexp: arithmetic.LOGADDEXP,
    np.logaddexp2: arithmetic.LOGADDEXP2,
    np.copysign: arithmetic.COPYSIGN,
    np.heaviside: arithmetic.HEAVISIDE,
    np.exp: elementary.EXP,
    np.exp2: elementary.EXP2,
    np.expm1: elementary.EXPM1,
    np.log: elementary.LOG,
    np.log2: elementary.LOG2,
    np.log10: elementary.LOG10,
    np.log1p: elementary.LOG1P,
    np.sqrt: elementary.SQRT,
    np.cbrt: elementary.CBRT,
    np.square: elementary.SQUARE,
    np.reciprocal: elementary.RECIPROCAL,
    np.sin: elementary.SIN,
    np.cos: elementary.COS,
    np.tan: elementary.TAN,
    np.arcsin: elementary.ARCSIN,
    np.arccos: elementary.ARCCOS,
    np.arctan: elementary.ARCTAN,
    np.sinh: elementary.SINH,
    np.cosh: elementary.COSH,
    np.tanh: elementary.TANH,
    np.arcsinh: elementary.ARCSINH,
    np.arccosh: elementary.ARCCOSH,
    np.arctanh: elementary.ARCTANH,
    np.degrees: elementary.DEGREES,
    np.rad2deg: elementary.DEGREES,
    np.radians: elementary.RADIANS,
    np.deg2rad: elementary.RADIANS,
    np.matmul: MATMUL,
    np.vecdot: products.vecdot,
}
if hasattr(np, "matvec"):  # from NumPy 2.2
    UFUNCS |= {np.matvec: products.matvec, np.vecmat: products.vecmat}

# Python functions of NumPy's that work element by element.
FUNCTIONS |= {np.sinc: elementary.SINC, np.i0: elementary.I0}

# Functions whose results are piecewise constant, or about the shape: plain results, on plain numbers.
PLAIN_UFUNCS = {
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not,
    np.isfinite, np.isnan, np.isinf, np.signbit,
    np.sign, np.floor, np.ceil, np.trunc, np.rint, np.floor_divide,
}  # fmt: skip

ATTRIBUTES = {np.shape: "shape", np.ndim: "ndim"}  # asked for in every rule

PLAIN_FUNCTIONS = {
    np.shape, np.ndim, np.size, np.result_type, np.isscalar, np.iscomplexobj, np.isrealobj,
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort,
    np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero, np.all, np.any,
    np.searchsorted, np.digitize, np.histogram, np.bincount, np.unique,
    np.allclose, np.isclose, np.array_equal, np.array_equiv, np.round, np.around, np.fix,
    np.array2string, np.array_repr, np.array_str,
    np.zeros_like, np.ones_like, np.empty_like, np.linalg.matrix_rank, np.einsum_path,
    np.may_share_memory, np.shares_memory, np.iscomplex, np.isreal,
}  # fmt: skip


# Python functions that convert their arguments, so that no Value sees the call, and what to use.
CONVERTING = {
    ("scipy", "logsumexp"): "autograd.logsumexp",
    ("scipy", "softmax"): "autograd.softmax, with axis=",
    ("scipy", "log_softmax"): "autograd.log_softmax, with axis=",
    ("scipy", "polygamma"): "autograd.rules.special.POLYGAMMA(x, n=n)",
    ("numpy", "full"): "np.broadcast_to(v, shape)",
}


def call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What ``Value.__array_ufunc__`` does."""
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    if ufunc in UFUNCS and method == "__call__":
        axis = {"axis": options.pop("axis")} if ufunc is np.vecdot and "axis" in options else {}
        inputs = tuple(functions.in_type(x, options.get("dtype")) for x in inputs)
        functions.refuse(name, **options | {"dtype": None})
        return UFUNCS[ufunc](*inputs, **axis)
    if ufunc in UFUNCS and ufunc.nin == 2 and method in ("reduce", "accumulate", "outer"):
        return functions.method_of(ufunc, method)(*inputs, **options)
    if ufunc in PLAIN_UFUNCS:
        functions.refuse(name, out=options.pop("out", None))
        return getattr(ufunc, method)(*_strip(inputs), **_strip(options))
    if method == "__call__" and ufunc in _special():
        functions.refuse(name, **options)
        return _special()[ufunc](*inputs)
    raise _no_rule(ufunc, "" if method == "__call__" else f".{method}")


def call_function(function: Any, args: Any, kwargs: Any) -> Any:
    """What ``Value.__array_function__`` does."""
    if function in ATTRIBUTES and len(args) == 1 and isinstance(args[0], Value):
        return getattr(args[0], ATTRIBUTES[function])
    if function in FUNCTIONS:
        return FUNCTIONS[function](*args, **kwargs)
    if function in PLAIN_FUNCTIONS:
        functions.refuse(function.__name__, out=kwargs.get("out"))
        return function(*_strip(args), **_strip(kwargs))
    raise _no_rule(function)


def _special() -> dict[Any, Callable[..., Any]]:
    """The rules for scipy.special, if the user has imported it."""
    if "scipy.special" not in sys.modules:
        return {}
    from autograd.rules.special import UFUNCS

    return UFUNCS


def _no_rule(function: Any, method: str = "") -> NoRule:
    # A ufunc does not say where it is from: if not from NumPy, then from SciPy as a rule.
    home = "numpy" if hasattr(np, function.__name__) else "scipy.special"
    module = getattr(function, "__module__", home).replace("numpy", "np", 1)
    name, known = function.__name__, [f.__name__ for table in (UFUNCS, FUNCTIONS) for f in table]
    return NoRule(
        f"{module}.{name}{method} has no derivative rule for Values{nearest(name, known) or '.'} "
        "Compose it of functions that have one, write one with @autograd.primitive, "
        "or apply it to .data if no gradient is meant to pass"
    )


def instead_of_array() -> str:
    """What to write instead of making a plain array, for the error of a Value that is made one."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        instead = CONVERTING.get((package, frame.f_code.co_name))
        if instead is not None:
            return f"{package}'s {frame.f_code.co_name} makes a plain array of it, use {instead}"
        frame = frame.f_back
    return "use .data if that is meant, np.stack to join Values"


def _strip(x: Any) -> Any:
    """The same arguments with plain numbers in the place of Values."""
    if isinstance(x, Value):
        return np.float64(x.data) if type(x.data) is float else x.data  # some look at .size
    if isinstance(x, (list, tuple)):
        return type(x)(_strip(item) for item in x)
    if isinstance(x, dict):
        return {key: _strip(item) for key, item in x.items()}
    return x
