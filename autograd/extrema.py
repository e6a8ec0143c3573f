"""Extrema along the last axis by way of their places, which NumPy finds several times as fast."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

FEW = 1 << 10  # elements, for which NumPy's own reduction starts faster
LONGEST = 1 << 9  # elements of a group: with more of them NumPy's own reduction is as fast

PLACES: dict[Any, Any] = {np.maximum: np.ndarray.argmax, np.minimum: np.ndarray.argmin}


def extrema_over(ufunc: Any, x: Any, axis: int | tuple[int, ...] | None, keepdims: bool = False) -> Any:
    """``ufunc.reduce(x, axis)`` of ``np.maximum`` or ``np.minimum``; NaN where there is one.

    >>> extrema_over(np.maximum, np.array([[1.0, 2.0], [4.0, 3.0]]), (1,))
    array([2., 4.])
    """
    if not _is_by_places(x, axis):
        return ufunc.reduce(x, axis, keepdims=keepdims)
    n = x.shape[-1]
    places = PLACES[ufunc](x.reshape(-1, n), 1)
    places += _starts(x.size, n)
    return x.reshape(-1)[places].reshape(x.shape[:-1] + ((1,) if keepdims else ()))


def _is_by_places(x: Any, axis: Any) -> bool:
    return (
        type(x) is np.ndarray
        and x.size >= FEW
        and x.ndim > 1
        and axis in (x.ndim - 1, (x.ndim - 1,), -1)
        and 1 < x.shape[-1] <= LONGEST
        and x.flags.c_contiguous
        and x.dtype in (np.float32, np.float64)
    )


@functools.lru_cache(maxsize=64)
def _starts(size: int, n: int) -> Any:
    """Where each group starts in memory."""
    return np.arange(0, size, n)
