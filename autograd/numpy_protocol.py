"""NumPy's names, connected: ``np.tanh(v)`` and ``np.sum(v, axis=0)`` record.

A function is either in a table here or an error: a gradient is never lost in silence.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import functions
from autograd.errors import NoRule, nearest
from autograd.rules import activations, arithmetic, elementary, products
from autograd.value import Value, apply

UFUNCS = {
    np.add: arithmetic.ADD,
    np.subtract: arithmetic.SUBTRACT,
    np.multiply: arithmetic.MULTIPLY,
    np.divide: arithmetic.DIVIDE,
    np.power: arithmetic.POWER,
    np.negative: arithmetic.NEGATIVE,
    np.positive: activations.LINEAR,
    np.absolute: arithmetic.ABSOLUTE,
    np.maximum: arithmetic.MAXIMUM,
    np.minimum: arithmetic.MINIMUM,
    np.exp: elementary.EXP,
    np.log: elementary.LOG,
    np.sqrt: elementary.SQRT,
    np.sin: elementary.SIN,
    np.cos: elementary.COS,
    np.tanh: elementary.TANH,
    np.logaddexp: elementary.LOGADDEXP,
    np.matmul: products.MATMUL,
}

FUNCTIONS = {
    np.sum: functions.sum,
    np.mean: functions.mean,
    np.max: functions.max,
    np.amax: functions.max,
    np.min: functions.min,
    np.amin: functions.min,
    np.clip: functions.clip,
    np.where: functions.where,
    np.reshape: functions.reshape,
    np.ravel: functions.ravel,
    np.transpose: functions.transpose,
    np.swapaxes: functions.swapaxes,
    np.squeeze: functions.squeeze,
    np.expand_dims: functions.expand_dims,
    np.broadcast_to: functions.broadcast_to,
    np.concatenate: functions.concatenate,
    np.stack: functions.stack,
}

# Functions whose results are piecewise constant, or about the shape: plain results, on plain numbers.
PLAIN_UFUNCS = {
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not,
    np.isfinite, np.isnan, np.isinf, np.signbit,
    np.sign, np.floor, np.ceil, np.trunc, np.rint, np.floor_divide,
}  # fmt: skip

PLAIN_FUNCTIONS = {
    np.shape, np.ndim, np.size, np.result_type,
    np.argmax, np.argmin, np.argsort, np.nonzero, np.count_nonzero, np.all, np.any,
    np.allclose, np.isclose, np.array_equal, np.round, np.array2string, np.array_repr, np.array_str,
    np.zeros_like, np.ones_like, np.empty_like, np.isscalar, np.iscomplexobj,
}  # fmt: skip


def call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What ``Value.__array_ufunc__`` does."""
    if method == "reduce" and ufunc is np.add:
        return functions.sum(*inputs, **{"axis": 0, **options})
    functions.refuse(ufunc.__name__, **options)
    if method == "__call__":
        if ufunc in UFUNCS:
            return apply(UFUNCS[ufunc], inputs, {})
        if ufunc in PLAIN_UFUNCS:
            return ufunc(*_strip(inputs))
    raise _no_rule(ufunc, "" if method == "__call__" else f".{method}")


def call_function(function: Any, args: Any, kwargs: Any) -> Any:
    """What ``Value.__array_function__`` does."""
    if function in FUNCTIONS:
        return FUNCTIONS[function](*args, **kwargs)
    if function in PLAIN_FUNCTIONS:
        return function(*_strip(args), **_strip(kwargs))
    raise _no_rule(function)


def _no_rule(function: Any, method: str = "") -> NoRule:
    module = getattr(function, "__module__", "numpy").replace("numpy", "np", 1)
    name, known = function.__name__, [f.__name__ for table in (UFUNCS, FUNCTIONS) for f in table]
    return NoRule(
        f"{module}.{name}{method} has no derivative rule for Values{nearest(name, known) or '.'} "
        "Compose it of functions that have one, write one with @autograd.primitive, "
        "or apply it to .data if no gradient is meant to pass"
    )


def _strip(x: Any) -> Any:
    """The same arguments with plain numbers in the place of Values."""
    if isinstance(x, Value):
        return np.float64(x.data) if type(x.data) is float else x.data  # some look at .size
    if isinstance(x, (list, tuple)):
        return type(x)(_strip(item) for item in x)
    if isinstance(x, dict):
        return {key: _strip(item) for key, item in x.items()}
    return x
