"""What a Value may hold: a Python float, or a floating-point array.

A scalar of double precision is a Python float, so that scalar expressions do not pay for
NumPy; everything else is a NumPy array (or scalar) of floats, or an array of another
library that speaks NumPy's protocols.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import UnsupportedType

ACCEPTED = "numbers, bools, and arrays or nested lists of them"


def as_data(x: Any) -> Any:
    """The numbers of ``x`` for a new Value: a float, or a fresh floating-point array.

    Raises:
        UnsupportedType: for complex numbers, strings, objects, None and ragged lists.
    """
    x = as_operand(x)
    if isinstance(x, float):
        return x
    if x.dtype.kind != "f":
        return canonical(x.astype(np.float64))
    return canonical(x.copy("K") if isinstance(x, np.ndarray) else x.copy())


def as_operand(x: Any) -> Any:
    """The numbers of a constant in an expression, not copied; integers and bools stay.

    They stay because NumPy's promotion depends on them: float32 times bool is float32.
    """
    if type(x) is float or (type(x) is np.ndarray and x.dtype.kind in "fiub"):
        return x
    if isinstance(x, (float, int)):  # bool is an int, np.float64 a float
        try:
            return float(x)
        except OverflowError:
            raise UnsupportedType(f"{_describe(x)} is too large for a float: scale it first") from None
    if isinstance(x, np.ma.MaskedArray):
        raise UnsupportedType("a masked array would lose its mask: give .filled(...) instead")
    array = x if hasattr(x, "__array_function__") else _array(x)
    if array.dtype.kind not in "fiub":
        raise UnsupportedType(f"{_describe(x)} cannot be differentiated: give {ACCEPTED}")
    return array


def as_array(x: Any) -> Any:
    """An array of whatever library it is of; numbers and lists as NumPy's."""
    return x if hasattr(x, "__array_function__") else np.asarray(x)


def shape_of(x: Any) -> tuple[int, ...]:
    """``np.shape`` of a number, an array or a Value, in a fraction of its time."""
    return getattr(x, "shape", ())


def is_traced(x: Any) -> bool:
    """True for an array of a function that is being compiled: no decision may depend on its numbers."""
    return hasattr(x, "__trace_call__")


def strides(x: Any) -> tuple[int, ...]:
    """How far apart neighbours along each axis lie in memory, in bytes; of a traced array as it is traced.

    A hint for how to compute what has the same numbers in any case.
    """
    found: tuple[int, ...] = (x.data if is_traced(x) else x).strides
    return tuple([abs(n) for n in found])


def opaque(f: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function that looks at numbers or fills arrays: a compiled program calls it as a whole.

    It gives new arrays, never one that it got or a part of one.
    """

    @functools.wraps(f)
    def call(*args: Any, **options: Any) -> Any:
        traced = _first_traced(args)
        if traced is None and options:
            traced = _first_traced(tuple(options.values()))
        return f(*args, **options) if traced is None else traced.__trace_call__(call, args, options)

    return call


def _first_traced(xs: tuple[Any, ...]) -> Any:
    """The first traced array among nested tuples, or None."""
    for x in xs:
        if type(x) is not np.ndarray:  # the frequent case, without a look at its attributes
            found = _first_traced(x) if type(x) is tuple else x
            if is_traced(found):
                return found
    return None


def canonical(x: Any) -> Any:
    """The one form in which numbers are held: a float64 without dimensions is a float."""
    if type(x) is float:
        return x
    if not isinstance(x, np.ndarray):
        return float(x) if isinstance(x, (np.float64, int)) else x
    if x.ndim == 0:
        return float(x) if x.dtype == np.float64 else x[()]
    return x


def _array(x: Any) -> Any:
    if isinstance(x, (str, bytes, complex)) or x is None or callable(x):
        raise UnsupportedType(f"{_describe(x)} cannot be differentiated: give {ACCEPTED}")
    try:
        return np.asarray(x)
    except ValueError:
        raise UnsupportedType(
            f"{_describe(x)} is no array, its rows differ in length: pad them, or keep a list of Values"
        ) from None


def _describe(x: Any) -> str:
    if hasattr(x, "dtype"):
        return f"an array of dtype {x.dtype}"
    if x is None:
        return "None"
    text = repr(x)
    return f"{type(x).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
