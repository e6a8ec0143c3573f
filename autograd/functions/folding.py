"""The methods of NumPy's functions of two numbers: ``np.hypot.reduce(v)``, ``.accumulate``, ``.outer``."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument
from autograd.functions.reductions import cumprod, cumsum, max, min, prod, sum
from autograd.functions.registry import along, in_type, normalize_axes, normalize_axis, refuse
from autograd.rules import activations


def method_of(ufunc: Any, method: str) -> Callable[..., Any]:
    """``ufunc.method`` on Values; with a rule of its own, or as a chain of calls of the ufunc."""
    if (ufunc, method) not in OWN:
        return functools.partial(_GENERAL[method], ufunc)
    own = OWN[ufunc, method]
    return lambda a, axis=0, *args, **options: own(a, axis, *args, **options)


def _outer(ufunc: Any, a: Any, b: Any, **options: Any) -> Any:
    """Axes of length one, so that every element of the one meets every element of the other."""
    return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b, **options)


def _reduce(
    ufunc: Any, a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False, **more: Any
) -> Any:
    refuse(f"{ufunc.__name__}.reduce", out=out, **more)
    a = in_type(a, dtype)
    axes = tuple(range(np.ndim(a))) if axis is None else normalize_axes(a, axis)
    if len(axes) > 1:
        raise InvalidArgument(f"np.{ufunc.__name__}.reduce of Values takes one axis, got {axis!r}")
    slices = _slices(a, axes[0]) if axes else [a]
    start = [] if ufunc.identity is None else [ufunc.identity]
    if not slices:
        if not start:
            raise InvalidArgument(f"np.{ufunc.__name__}.reduce over no elements has no result")
        start = [np.sum(a, axis=axes) + ufunc.identity]
    result = functools.reduce(ufunc, start + slices)
    return np.expand_dims(result, axes) if keepdims else result


def _accumulate(ufunc: Any, a: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    refuse(f"{ufunc.__name__}.accumulate", out=out)
    axis = normalize_axis(axis, np.ndim(a))
    slices = list(itertools.accumulate(_slices(in_type(a, dtype), axis), ufunc))
    return np.stack(slices, axis=axis) if slices else in_type(a, dtype)


def _slices(a: Any, axis: int) -> list[Any]:
    return [a[along(axis, i)] for i in range(np.shape(a)[axis])]


def logaddexp_reduce(
    a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False
) -> Any:
    """The logarithm of the sum of exponentials, of any number of elements at once."""
    refuse("logaddexp.reduce", out=out)
    a, axes = in_type(a, dtype), normalize_axes(a, axis)
    if not np.size(a):
        return np.sum(a, axis=axes, keepdims=keepdims) - np.inf
    return activations.LOGSUMEXP(a, axis=axes, keepdims=keepdims)


_GENERAL: dict[str, Callable[..., Any]] = {"outer": _outer, "reduce": _reduce, "accumulate": _accumulate}

OWN: dict[tuple[Any, str], Callable[..., Any]] = {
    (np.add, "reduce"): sum,
    (np.multiply, "reduce"): prod,
    (np.maximum, "reduce"): max,
    (np.minimum, "reduce"): min,
    (np.add, "accumulate"): cumsum,
    (np.multiply, "accumulate"): cumprod,
    (np.logaddexp, "reduce"): logaddexp_reduce,
}
