"""Averages, order statistics, covariances, and the functions that leave NaN out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.data import as_array, is_traced
from autograd.errors import InvalidArgument
from autograd.functions.arrangement import take_along_axis
from autograd.functions.reductions import (
    count,
    cumprod,
    cumsum,
    is_all,
    joined,
    kept_shape,
    max,
    mean,
    min,
    prod,
    std,
    sum,
    var,
)
from autograd.functions.registry import (
    NOT_GIVEN,
    array,
    constant,
    flag,
    floating,
    implements,
    in_type,
    normalize_axes,
    one_axis,
    plain,
    refuse,
)
from autograd.rules import selection


@implements(np.average)
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False
) -> Any:
    """Weighted mean; with ``returned`` also the sum of the weights."""
    axes, keepdims = normalize_axes(a, axis), flag(keepdims)
    if weights is None:
        mean = np.mean(a, axis=axes, keepdims=keepdims)
        return (mean, np.full(np.shape(mean), count(a, axes), floating(a))) if returned else mean
    weights = _along_axes(weights, np.shape(a), axes)
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis=axes, keepdims=keepdims)
    mean = np.sum(a * weights, axis=axes, keepdims=keepdims) / total
    return (mean, total) if returned else mean


def _along_axes(weights: Any, shape: tuple[int, ...], axes: Any) -> Any:
    """Weights in a shape that broadcasts against ``shape``; they may be given for the axes alone."""
    weights = weights if hasattr(weights, "shape") else np.asarray(weights, float)
    if weights.shape == shape:
        return weights
    if axes is None or weights.shape != tuple(shape[i] for i in axes):
        raise InvalidArgument(
            f"weights must have the shape {shape} of the data or the lengths of axis, got {weights.shape}"
        )
    order = np.argsort(axes)
    wide = [n if i in axes else 1 for i, n in enumerate(shape)]
    return np.reshape(np.transpose(weights, tuple(order.tolist())), wide)


# -- by rank ------------------------------------------------------------------------------


@implements(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """Sorted along an axis (flattened for None); equal elements share the gradient."""
    refuse("sort", order=order)
    a, axis = one_axis(a, axis)
    return _ranked(a, np.argsort(plain(a), axis=axis, kind=kind, stable=stable), axis)


@implements(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """Smaller elements before the kth, larger ones after it."""
    refuse("partition", order=order)
    a, axis = one_axis(a, axis)
    return _ranked(a, np.argpartition(plain(a), kth, axis=axis, kind=kind), axis)


def _ranked(a: Any, order: Any, axis: int) -> Any:
    """The elements in an order; equal ones share their gradients."""
    picked = take_along_axis(a, order, axis)
    numbers = as_array(plain(picked))
    if not is_traced(numbers) and not _has_ties(numbers, axis):
        return picked
    return selection.SHARE_TIES(picked, groups=selection.equal_elements(numbers, axis))


def _has_ties(x: Any, axis: int) -> bool:
    ascending = np.sort(np.moveaxis(x, axis, -1), axis=-1)
    return bool(np.any(ascending[..., 1:] == ascending[..., :-1]))


@implements(np.median)
def median(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False
) -> Any:
    """The middle element, or the mean of the two in the middle."""
    return quantile(a, 0.5, axis, out, overwrite_input, keepdims=keepdims)


@implements(np.percentile)
def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
) -> Any:
    """Quantiles with ``q`` in percent."""
    q = constant(q, "percentile", "q")
    q = q / 100.0 if isinstance(q, (int, float)) else np.true_divide(q, 100.0)
    return quantile(a, q, axis, out, overwrite_input, method, keepdims, weights=weights)


@implements(np.quantile)
def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
) -> Any:
    """The element below which the share ``q`` lies, interpolated by any of NumPy's methods."""
    refuse("quantile", out=out)
    q, axes, shape = constant(q, "quantile", "q"), normalize_axes(a, axis), np.shape(a)
    ranked = np.sort(joined(a, axes), axis=-1)
    if weights is None:
        rank = _quantile(np.arange(float(np.shape(ranked)[-1])), q, method)
    else:
        weights = _along_axes(constant(weights, "quantile", "weights"), shape, axes)
        ranks = np.argsort(np.argsort(joined(plain(a), axes), axis=-1), axis=-1)
        rank = _quantile(ranks, q, method, axis=-1, weights=joined(np.broadcast_to(weights, shape), axes))
    dtype = _quantile(np.zeros(2, np.result_type(a)), q, method).dtype
    result = _between(
        ranked, np.moveaxis(np.reshape(rank, (np.size(q), *rank.shape[np.ndim(q) :])), 0, -1), dtype
    )
    kept = kept_shape(shape, axes) if flag(keepdims) else np.shape(result)[:-1]
    return np.reshape(np.moveaxis(result, -1, 0), (*np.shape(q), *kept))


def _quantile(x: Any, q: Any, method: str, **options: Any) -> Any:
    """NumPy's own. That of the ranks 0, 1, ... is the rank of the quantile, perhaps between two."""
    return as_array(np.quantile(x, q, method=method, **options))  # type: ignore[call-overload]


def _between(ranked: Any, rank: Any, dtype: Any) -> Any:
    """The elements at ranks, along the last axis, or between two of them."""
    n = np.shape(ranked)[-1]
    rank = np.broadcast_to(rank, (*np.shape(ranked)[:-1], rank.shape[-1]))
    below = np.clip(np.floor(rank).astype(int), 0, n - 1)
    above, share = np.minimum(below + 1, n - 1), (rank - below).astype(dtype)
    result = take_along_axis(ranked, below, -1) * (1 - share) + take_along_axis(ranked, above, -1) * share
    nan = np.isnan(plain(ranked)[..., -1:])  # NaN is sorted to the end
    return np.where(nan, np.nan, result) if is_traced(nan) or np.any(nan) else result


# -- statistics of pairs --------------------------------------------------------------------


@implements(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """Covariance matrix of variables in rows (in columns with ``rowvar=False``)."""
    x = _variables(m, rowvar)
    if np.shape(x)[0] == 0:  # no variables
        return x @ x.T
    if y is not None:
        x = np.concatenate([x, _variables(y, rowvar)], axis=0)
    x = in_type(x, np.result_type(x, np.float64) if dtype is None else dtype)
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights = [array(w) for w in (constant(fweights, "cov", "fweights"), aweights) if w is not None]
    if not weights:
        deviations = weighted = x - np.mean(x, axis=1, keepdims=True)
        degrees: Any = np.shape(x)[1] - ddof
    else:
        w = math.prod(weights)
        n = np.sum(w)
        deviations = x - np.sum(x * w, axis=1, keepdims=True) / n
        weighted = deviations * w
        degrees = n - ddof * (1.0 if aweights is None else np.sum(w * weights[-1]) / n)
    return np.squeeze(deviations @ weighted.T * (1.0 / np.maximum(degrees, 0.0)))


def _variables(m: Any, rowvar: bool) -> Any:
    if np.ndim(m) > 2:
        raise InvalidArgument(f"np.cov takes one or two dimensions, got {np.ndim(m)}")
    rows = np.atleast_2d(m)
    return rows.T if not rowvar and np.ndim(m) == 2 else rows


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Correlation matrix: the covariance matrix over the deviations of row and column."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    deviations = np.sqrt(np.diagonal(c))
    return np.clip(c / deviations[:, None] / deviations[None, :], -1.0, 1.0)


# -- without NaN ----------------------------------------------------------------------------


def _without_nan(function: Callable[..., Any], fill: float) -> Callable[..., Any]:
    """The function with NaN replaced by ``fill``, which leaves its result as it is."""

    def ignoring(a: Any, *args: Any, **kwargs: Any) -> Any:
        return function(np.where(np.isnan(plain(a)), fill, a), *args, **kwargs)

    ignoring.__doc__ = f"Like np.{function.__name__}, with {fill} for every NaN."
    return ignoring


def _where_not_nan(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function over the elements that are not NaN."""

    def ignoring(a: Any, *args: Any, where: Any = NOT_GIVEN, **kwargs: Any) -> Any:
        numbers = ~np.isnan(plain(a))
        chosen = numbers if is_all(where) else numbers & where
        return function(a, *args, where=chosen, **kwargs)

    ignoring.__doc__ = f"Like np.{function.__name__}, over the elements that are not NaN."
    return ignoring


def _extremum_without_nan(function: Callable[..., Any], fill: float) -> Callable[..., Any]:
    def ignoring(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> Any:
        """Like the extremum, over the elements that are not NaN; NaN where there are none."""
        nan = np.isnan(plain(a))
        result = function(np.where(nan, fill, a), axis, out, flag(keepdims), **options)
        if "initial" in options:
            return result
        nothing = np.all(nan, axis=normalize_axes(a, axis), keepdims=flag(keepdims))
        return np.where(nothing, np.nan, result) if is_traced(nothing) or np.any(nothing) else result

    return ignoring


nansum = implements(np.nansum)(_without_nan(sum, 0.0))
nanprod = implements(np.nanprod)(_without_nan(prod, 1.0))
nancumsum = implements(np.nancumsum)(_without_nan(cumsum, 0.0))
nancumprod = implements(np.nancumprod)(_without_nan(cumprod, 1.0))
nanmean = implements(np.nanmean)(_where_not_nan(mean))
nanvar = implements(np.nanvar)(_where_not_nan(var))
nanstd = implements(np.nanstd)(_where_not_nan(std))
nanmax = implements(np.nanmax)(_extremum_without_nan(max, -np.inf))
nanmin = implements(np.nanmin)(_extremum_without_nan(min, np.inf))
