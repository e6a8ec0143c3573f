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
    a, axes = in_type(a, dtype), normalize_axes(a, axis)
    if axes is None or len(axes) != 1:
        raise InvalidArgument(f"np.{ufunc.__name__}.reduce of Values takes one axis, got {axis!r}")
    result = functools.reduce(ufunc, _slices(ufunc, a, axes[0]))
    return np.expand_dims(result, axes) if keepdims else result


def _accumulate(ufunc: Any, a: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    refuse(f"{ufunc.__name__}.accumulate", out=out)
    axis = normalize_axis(axis, np.ndim(a))
    return np.stack(list(itertools.accumulate(_slices(ufunc, in_type(a, dtype), axis), ufunc)), axis=axis)


def _slices(ufunc: Any, a: Any, axis: int) -> list[Any]:
    if not np.shape(a)[axis]:
        raise InvalidArgument(f"np.{ufunc.__name__} over no elements has no result: shape {np.shape(a)}")
    return [a[along(axis, i)] for i in range(np.shape(a)[axis])]


def logaddexp_reduce(
    a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False
) -> Any:
    """The logarithm of the sum of exponentials, of any number of elements at once."""
    refuse("logaddexp.reduce", out=out)
    return activations.LOGSUMEXP(in_type(a, dtype), axis=normalize_axes(a, axis), keepdims=keepdims)


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
