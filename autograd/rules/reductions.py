"""Reductions: sum, mean, max, min over one axis, several, or all.

``axis`` is None or a tuple of non-negative integers, and ``keepdims`` a bool: the public
functions normalise what the user gave.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np

from autograd.broadcasting import repeat_to
from autograd.data import as_array, is_traced, opaque, shape_of
from autograd.extrema import extrema_over
from autograd.primitive import Primitive
from autograd.sums import sum_over

SLICES = 16  # elements of a small group
MANY = 1 << 10  # groups, for which it pays to go by slices


def _keep(g: Any, axis: Any, keepdims: bool) -> Any:
    """Give ``g`` back the reduced axes with length one, so that it broadcasts against x."""
    if keepdims or axis is None or axis == tuple(range(len(axis))):  # the first axes, broadcasting gives back
        return g
    return np.expand_dims(g, axis)


def _spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    g = _keep(g, axis, keepdims)
    if is_traced(x):
        return np.broadcast_to(g, x.shape)
    return repeat_to(np.asarray(g) if type(g) is float else g, shape_of(x))


def _count(x: Any, axis: Any) -> int:
    shape = shape_of(x)
    return math.prod(shape if axis is None else (shape[i] for i in axis))


def _sum_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    if type(x) is np.ndarray:
        return sum_over(x, axis, keepdims)
    return np.sum(x, axis=axis, keepdims=keepdims)


def _mean_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    if type(x) is np.ndarray and x.size and x.dtype in (np.float32, np.float64):
        return sum_over(x, axis, keepdims) / _count(x, axis)
    return np.mean(x, axis=axis, keepdims=keepdims)


def _mean_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return _spread(g / _count(x, axis), x, axis, keepdims)


def _has_small_groups(x: Any, axis: Any) -> bool:
    """Whether many results are of few elements each.

    NumPy starts a loop for every result, which costs more than the few steps in it.
    """
    count = 1 if axis is None else _count(x, axis)
    return 1 < count <= SLICES and np.size(x) >= MANY * count


def _slices(x: Any, axis: Any) -> list[tuple[slice, ...]]:
    """Where each place of a group is, in all groups at once."""
    places = [range(n) if i in axis else [None] for i, n in enumerate(np.shape(x))]
    return [
        tuple([slice(None) if k is None else slice(k, k + 1) for k in place])
        for place in itertools.product(*places)
    ]


def _reduced(ufunc: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """``ufunc.reduce``, of many small groups slice by slice."""
    if not _has_small_groups(x, axis):
        return extrema_over(ufunc, x, axis, keepdims)
    found = functools.reduce(ufunc, [x[i] for i in _slices(x, axis)])
    return found if keepdims else np.squeeze(found, axis)


def _extremum_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    g, y = _keep(g, axis, keepdims), _keep(y, axis, keepdims)
    if _has_small_groups(x, axis):
        values, extrema = (getattr(v, "_data", v) for v in (x, y))
        return TO_TIES(g, values=values, extrema=extrema, axis=axis)
    ties = x == y
    return g / np.sum(ties, axis=axis, keepdims=True, dtype=np.result_type(g)) * ties


@opaque
def _to_ties(g: Any, *, values: Any, extrema: Any, axis: Any) -> Any:
    """``g`` shared by the elements of each group of ``values`` that are equal to the extremum."""
    slices = _slices(values, axis)
    ties = [values[i] == extrema for i in slices]
    share = g / functools.reduce(np.add, [t.astype(np.uint8) for t in ties])
    shares = np.empty_like(values, dtype=share.dtype)
    for i, t in zip(slices, ties, strict=True):
        np.multiply(share, t, out=shares[i])
    return shares


def _to_ties_rule(g: Any, y: Any, x: Any, *, values: Any, extrema: Any, axis: Any) -> Any:
    ones = np.ones(np.shape(x), np.result_type(g))
    return np.sum(g * _to_ties(ones, values=values, extrema=extrema, axis=axis), axis=axis, keepdims=True)


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
SUM = Primitive("sum", _sum_forward,
    (lambda g, y, x, *, axis, keepdims: _spread(g, x, axis, keepdims),),
    ("g, repeated to the shape of x",), (r"\mathbf{1}\, g",), symbol="sum")

MEAN = Primitive("mean", _mean_forward, (_mean_rule,),
    ("g/n, repeated to the shape of x",), (r"\tfrac{1}{n} \mathbf{1}\, g",), symbol="mean")

MAX = Primitive("max", lambda x, *, axis, keepdims: _reduced(np.maximum, x, axis, keepdims), (_extremum_rule,),
    ("g where x == y, else 0",), (r"g\,[x = y]",), symbol="max", kinks="ties share equally",
    branch=_largest)

MIN = Primitive("min", lambda x, *, axis, keepdims: _reduced(np.minimum, x, axis, keepdims), (_extremum_rule,),
    ("g where x == y, else 0",), (r"g\,[x = y]",), symbol="min", kinks="ties share equally",
    branch=_smallest)

# How the gradient of an extremum of many small groups reaches their elements.
TO_TIES: Primitive = Primitive("to_ties", _to_ties, (_to_ties_rule,),
    ("the sum of g over equal elements, in shares",), (r"\textstyle\sum g\,[x = y]",), symbol="to ties",
    doc="A number for each group, shared by the elements that are equal to its extremum.")

CUMSUM = Primitive("cumsum", lambda x, *, axis: np.cumsum(x, axis), (_cumsum_rule,),
    ("sums of g from each element on",), (r"\textstyle\sum_{j \ge i} g_j",), symbol="cumsum")

# The Euclidean norm of all elements along the axes.
NORM = Primitive("norm", _norm_forward, (_norm_rule,),
    ("g*x/y",), (r"g \frac{x}{y}",), symbol="norm", kinks="norm'(0) = 0",
    branch=lambda x, *, axis, keepdims: np.all(x == 0.0, axis=axis, keepdims=True))
# fmt: on
