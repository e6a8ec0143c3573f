"""Extrema along the last axis by way of their places, which NumPy finds several times as fast."""

from __future__ import annotations

from typing import Any

import numpy as np

FEW = 1 << 11  # elements, for which NumPy's own reduction needs fewer calls, and about as long
LONGEST = 1 << 9  # elements of a group: with more of them NumPy's own reduction is as fast


def extrema_over(ufunc: Any, x: Any, axis: int | tuple[int, ...] | None, keepdims: bool = False) -> Any:
    """``ufunc.reduce(x, axis)`` of ``np.maximum`` or ``np.minimum``; NaN where there is one.

    >>> extrema_over(np.maximum, np.array([[1.0, 2.0], [4.0, 3.0]]), (1,))
    array([2., 4.])
    """
    if not _is_by_places(x, axis):
        return ufunc.reduce(x, axis, keepdims=keepdims)
    return (largest_of_rows if ufunc is np.maximum else smallest_of_rows)(x, keepdims)


def largest_of_rows(x: Any, keepdims: bool = False) -> Any:
    """The largest elements along the last axis."""
    return _taken(x, x.reshape(-1, x.shape[-1]).argmax(1), keepdims)


def smallest_of_rows(x: Any, keepdims: bool = False) -> Any:
    """The smallest elements along the last axis."""
    return _taken(x, x.reshape(-1, x.shape[-1]).argmin(1), keepdims)


def _taken(x: Any, places: Any, keepdims: bool) -> Any:
    """One element of each row."""
    found = x.reshape(-1)[np.arange(0, x.size, x.shape[-1]) + places]
    return found.reshape(x.shape[:-1] + ((1,) if keepdims else ()))


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
