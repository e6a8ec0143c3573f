"""Functions in closed form, that primitives are compared with where NumPy has none of the kind."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Shape = tuple[int, ...]


def symmetric(x: Any) -> Any:
    return (x + np.swapaxes(x, -1, -2)) / 2


def packed(*factors: Any) -> Any:
    """The factors of each matrix of a stack, one after the other; the vector is the shortest."""
    ndim = max(np.ndim(f) for f in factors)
    stack = factors[0].shape[: ndim - 2]
    return np.concatenate([f.reshape(*stack, -1) for f in factors], axis=-1)


def logsumexp(x: Any, *, axis: Any, keepdims: bool) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def norm(x: Any, *, axis: Any, keepdims: bool) -> Any:
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


def bessel(x: Any, n: int) -> Any:
    # The power series of I_n; its terms are below rounding after a few, for |x| <= 2.
    return sum((x / 2) ** (2 * k + n) / (math.factorial(k) * math.factorial(k + n)) for k in range(20))


def add_windows(x: Any, *, window_shape: Shape, axis: Shape) -> Any:
    shape = list(x.shape[: x.ndim - len(axis)])
    for i, n in zip(axis, window_shape, strict=True):
        shape[i] += n - 1
    places = np.arange(math.prod(shape)).reshape(shape)
    places = np.lib.stride_tricks.sliding_window_view(places, window_shape, axis)  # type: ignore[call-overload]
    return np.bincount(np.ravel(places), np.ravel(x), minlength=math.prod(shape)).reshape(shape)


def to_ties(g: Any, *, values: Any, extrema: Any, axis: Any) -> Any:
    ties = values == extrema
    return g * ties / np.sum(ties, axis=axis, keepdims=True)


def scatter(x: Any, *, index: Any, shape: Shape) -> Any:
    places = np.arange(math.prod(shape)).reshape(shape)[index]
    return np.bincount(np.ravel(places), np.ravel(x), minlength=math.prod(shape)).reshape(shape)
