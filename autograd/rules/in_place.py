"""Steps of a rule in the memory of an array that the rule made itself, and nobody else has.

New memory costs more than the arithmetic in it: a large array made anew takes as long as two or three
passes over it. Of Values, traced arrays, floats and small arrays, rules use the plain operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LARGE = 1 << 12  # elements, from which it pays


def times(x: Any, own: Any) -> Any:
    """``x * own``; in the memory of ``own`` if that is large, and the result of its shape and dtype.

    >>> own = np.ones(LARGE)
    >>> times(np.zeros(LARGE), own) is own
    True
    """
    if fits(x, own):
        return np.multiply(x, own, out=own)
    return x * own


def complement(own: Any) -> Any:
    """``1 - own``, in the memory of ``own``.

    >>> complement(np.array([0.25, 1.0]))
    array([0.75, 0.  ])
    """
    return np.subtract(1.0, own, out=own) if type(own) is np.ndarray else 1.0 - own


def fits(x: Any, own: Any) -> bool:
    """Whether what is computed of both can lie where ``own`` lies, and it pays."""
    if type(own) is not np.ndarray or own.size < LARGE:
        return False
    return type(x) is np.ndarray and x.shape == own.shape and x.dtype is own.dtype
