"""Sums along the first or the last axis as products with ones, which BLAS makes several times as fast."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

FEW = 1 << 10  # elements, for which results are NumPy's own to the last bit
LONGEST = 1 << 12  # of a sum: BLAS adds up more of them one by one than NumPy, which rounds more


def sum_over(x: Any, axis: tuple[int, ...] | None, keepdims: bool = False) -> Any:
    """The sum over axes from 0, or over all.

    >>> sum_over(np.ones((3, 2)), (0,))
    array([3., 3.])
    """
    if axis is None or len(axis) != 1 or not _is_product(x, axis[0]):
        return np.add.reduce(x, axis, keepdims=keepdims)  # type: ignore[call-overload]
    (i,) = axis
    n, ones = x.shape[i], _ones(x.shape[i], x.dtype)
    if x.ndim == 2:  # the frequent case, without a call too many
        total = x.dot(ones) if i else ones.dot(x)
        return total if not keepdims else total.reshape((-1, 1) if i else (1, -1))
    total = x.reshape(-1, n).dot(ones) if i else ones.dot(x.reshape(n, -1))
    return total.reshape(x.shape[:i] + ((1,) if keepdims else ()) + x.shape[i + 1 :])


def sum_of_rows(x: Any) -> Any:
    """The sum along the first axis; a small matrix is multiplied with ones too.

    >>> sum_of_rows(np.ones((3, 2)))
    array([3., 3.])
    """
    if type(x) is np.ndarray and x.ndim == 2 and 1 < x.shape[0] <= LONGEST and x.dtype.char in "fd":
        return _ones(x.shape[0], x.dtype).dot(x)
    return sum_over(x, (0,))


def _is_product(x: Any, axis: int) -> bool:
    return (
        type(x) is np.ndarray
        and x.size >= FEW
        and x.ndim > 1
        and axis in (0, x.ndim - 1)
        and 1 < x.shape[axis] <= LONGEST
        and x.flags.c_contiguous
        and x.dtype.char in "fd"
    )


@functools.lru_cache(maxsize=64)
def _ones(n: int, dtype: Any) -> Any:
    return np.ones(n, dtype)
