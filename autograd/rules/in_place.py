"""Steps of a rule in the memory of an array that the rule made itself, and nobody else has.

New memory costs more than the arithmetic in it: a large array made anew takes as long as two or three
passes over it. Of Values, traced arrays and floats these are the plain operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def times(x: Any, own: Any) -> Any:
    """``x * own``; in the memory of ``own`` if the result is of its shape and dtype.

    >>> own = np.array([2.0, 3.0])
    >>> times(np.array([4.0, 5.0]), own) is own
    True
    """
    if type(own) is np.ndarray and fits(x, own):
        return np.multiply(x, own, out=own)
    return x * own


def complement(own: Any) -> Any:
    """``1 - own``, in the memory of ``own``.

    >>> complement(np.array([0.25, 1.0]))
    array([0.75, 0.  ])
    """
    return np.subtract(1.0, own, out=own) if type(own) is np.ndarray else 1.0 - own


def fits(x: Any, own: Any) -> bool:
    """Whether what is computed of both can lie where ``own`` lies."""
    return type(x) is np.ndarray and x.shape == own.shape and x.dtype is own.dtype
