"""Reductions: sum, mean, max, min over one axis, several, or all.

``axis`` is None or a tuple of non-negative integers, and ``keepdims`` a bool: the public
functions normalise what the user gave.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.primitive import Primitive

SLICES = 16  # elements of a result that are reduced slice by slice
MANY = 1 << 10  # results for which that pays


def _keep(g: Any, axis: Any, keepdims: bool) -> Any:
    """Give ``g`` back the reduced axes with length one, so that it broadcasts against x."""
    return g if keepdims or axis is None else np.expand_dims(g, axis)


def _spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return np.broadcast_to(_keep(g, axis, keepdims), np.shape(x))


def _count(x: Any, axis: Any) -> int:
    shape = np.shape(x)
    return math.prod(shape if axis is None else (shape[i] for i in axis))


def _mean_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return _spread(g / _count(x, axis), x, axis, keepdims)


def _reduced(ufunc: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """``ufunc.reduce``; slice by slice where many results are of a few elements each.

    NumPy starts a loop for every result, which costs more than the few steps in it.
    """
    if not _is_sliced(x, axis):
        return ufunc.reduce(x, axis=axis, keepdims=keepdims)
    lengths = [np.shape(x)[i] for i in axis]
    total: Any = None
    for places in np.ndindex(*lengths):
        index = [slice(None)] * np.ndim(x)
        for i, k in zip(axis, places, strict=True):
            index[i] = slice(k, k + 1) if keepdims else k
        total = x[tuple(index)] if total is None else ufunc(total, x[tuple(index)])
    return total


def _is_sliced(x: Any, axis: Any) -> bool:
    count = 1 if axis is None else _count(x, axis)
    return 1 < count <= SLICES and np.size(x) >= MANY * count


def _extremum_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    ties, dtype = x == _keep(y, axis, keepdims), np.result_type(g)
    if _is_sliced(x, axis):
        ties = as_array(ties).astype(dtype)
        number = _reduced(np.add, ties, axis, keepdims=True)
    else:
        number = np.sum(ties, axis=axis, keepdims=True, dtype=dtype)
    return _keep(g, axis, keepdims) / number * ties


def _largest(x: Any, *, axis: Any, keepdims: bool) -> Any:
    return x == np.max(x, axis=axis, keepdims=True)


def _smallest(x: Any, *, axis: Any, keepdims: bool) -> Any:
    return x == np.min(x, axis=axis, keepdims=True)


def _cumsum_rule(g: Any, y: Any, x: Any, *, axis: int) -> Any:
    # Each element takes part in every later sum.
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


def _norm_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    x = as_array(x)
    # Scaling by the largest element keeps the squares from overflow and from underflow.
    largest = np.max(np.abs(x), axis=axis, keepdims=True, initial=0.0)
    scale = np.where(np.logical_and(largest > 0.0, np.isfinite(largest)), largest, 1.0).astype(x.dtype)
    y = scale * np.sqrt(np.sum(np.square(x / scale), axis=axis, keepdims=True))
    return y if keepdims else np.squeeze(y, axis)


def _norm_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    g, y = _keep(g, axis, keepdims), _keep(y, axis, keepdims)
    flat = y == 0.0
    return np.where(flat, 0.0, g * x / np.where(flat, 1.0, y))


# fmt: off
SUM = Primitive("sum", np.sum,
    (lambda g, y, x, *, axis, keepdims: _spread(g, x, axis, keepdims),),
    ("g, repeated to the shape of x",), (r"\mathbf{1}\, g",), symbol="sum")

MEAN = Primitive("mean", np.mean, (_mean_rule,),
    ("g/n, repeated to the shape of x",), (r"\tfrac{1}{n} \mathbf{1}\, g",), symbol="mean")

MAX = Primitive("max", lambda x, *, axis, keepdims: _reduced(np.maximum, x, axis, keepdims), (_extremum_rule,),
    ("g where x == y, else 0",), (r"g\,[x = y]",), symbol="max", kinks="ties share equally",
    branch=_largest)

MIN = Primitive("min", lambda x, *, axis, keepdims: _reduced(np.minimum, x, axis, keepdims), (_extremum_rule,),
    ("g where x == y, else 0",), (r"g\,[x = y]",), symbol="min", kinks="ties share equally",
    branch=_smallest)

CUMSUM = Primitive("cumsum", lambda x, *, axis: np.cumsum(x, axis), (_cumsum_rule,),
    ("sums of g from each element on",), (r"\textstyle\sum_{j \ge i} g_j",), symbol="cumsum")

# The Euclidean norm of all elements along the axes.
NORM = Primitive("norm", _norm_forward, (_norm_rule,),
    ("g*x/y",), (r"g \frac{x}{y}",), symbol="norm", kinks="norm'(0) = 0",
    branch=lambda x, *, axis, keepdims: np.all(x == 0.0, axis=axis, keepdims=True))
# fmt: on
