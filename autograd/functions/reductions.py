"""Sums, products, extrema, their running forms, and what statistics makes of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument
from autograd.functions.arrangement import moveaxis, take_along_axis
from autograd.functions.registry import (
    NOT_GIVEN,
    along,
    flag,
    given,
    implements,
    in_type,
    integer,
    normalize_axes,
    normalize_axis,
    plain,
    refuse,
)
from autograd.rules import arithmetic, reductions, selection

# -- over axes ----------------------------------------------------------------------------


@implements(np.sum)
def sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = NOT_GIVEN,
    where: Any = NOT_GIVEN,
) -> Any:
    """Sum over all axes, or those given."""
    refuse("sum", out=out)
    a = _only(in_type(a, dtype), where, 0.0)
    total = reductions.SUM(a, axis=normalize_axes(a, axis), keepdims=flag(keepdims))
    return total + initial if given(initial) else total


@implements(np.prod)
def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = NOT_GIVEN,
    where: Any = NOT_GIVEN,
) -> Any:
    """Product over all axes, or those given; exact derivatives at zeros, to any order."""
    refuse("prod", out=out)
    a = _only(in_type(a, dtype), where, 1.0)
    axes = normalize_axes(a, axis)
    product = _multiply_pairs(_joined(a, axes))
    if flag(keepdims):
        product = np.reshape(product, _kept_shape(np.shape(a), axes))
    return product * initial if given(initial) else product


def _multiply_pairs(a: Any) -> Any:
    """The product along the last axis, halving it again and again: no division, so zeros do no harm."""
    n = np.shape(a)[-1]
    if n == 0:
        return np.sum(a, axis=-1) + 1.0
    while n > 1:
        half = n // 2
        products = a[..., :half] * a[..., half : 2 * half]
        a = np.concatenate([products, a[..., 2 * half :]], axis=-1) if n % 2 else products
        n = np.shape(a)[-1]
    return a[..., 0]


@implements(np.max, np.amax)
def max(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = NOT_GIVEN,
    where: Any = NOT_GIVEN,
) -> Any:
    """Largest element; ties share the gradient."""
    return _extremum("max", reductions.MAX, arithmetic.MAXIMUM, a, axis, out, keepdims, initial, where)


@implements(np.min, np.amin)
def min(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = NOT_GIVEN,
    where: Any = NOT_GIVEN,
) -> Any:
    """Smallest element; ties share the gradient."""
    return _extremum("min", reductions.MIN, arithmetic.MINIMUM, a, axis, out, keepdims, initial, where)


def _extremum(
    name: str,
    over: Any,
    of_two: Any,
    a: Any,
    axis: Any,
    out: Any,
    keepdims: Any,
    initial: Any,
    where: Any,
) -> Any:
    refuse(name, out=out)
    if not _is_all(where) and not given(initial):
        raise InvalidArgument(f"np.{name} with where= needs initial=, the result where nothing is selected")
    axes, keepdims = normalize_axes(a, axis), flag(keepdims)
    if given(initial) and _count(a, axes) == 0:
        return np.sum(a, axis=axes, keepdims=keepdims) + initial
    extremum = over(_only(a, where, plain(initial)), axis=axes, keepdims=keepdims)
    return of_two(extremum, initial) if given(initial) else extremum


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Largest minus smallest element."""
    refuse("ptp", out=out)
    return np.max(a, axis=axis, keepdims=flag(keepdims)) - np.min(a, axis=axis, keepdims=flag(keepdims))


@implements(np.mean)
def mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = NOT_GIVEN,
) -> Any:
    """Arithmetic mean over all axes, or those given."""
    refuse("mean", out=out)
    a, axes, keepdims = in_type(a, dtype), normalize_axes(a, axis), flag(keepdims)
    if _is_all(where):
        return reductions.MEAN(a, axis=axes, keepdims=keepdims)
    return np.sum(_only(a, where, 0.0), axis=axes, keepdims=keepdims) / _number(a, axes, keepdims, where)


@implements(np.average)
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False
) -> Any:
    """Weighted mean; with ``returned`` also the sum of the weights."""
    axes, keepdims = normalize_axes(a, axis), flag(keepdims)
    if weights is None:
        mean = np.mean(a, axis=axes, keepdims=keepdims)
        return (mean, np.full(np.shape(mean), float(_count(a, axes)))) if returned else mean
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


@implements(np.var)
def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = NOT_GIVEN,
    mean: Any = NOT_GIVEN,
    correction: Any = NOT_GIVEN,
) -> Any:
    """Variance: the sum of squared deviations over n - ddof."""
    refuse("var", out=out)
    axes, keepdims, ddof = normalize_axes(a, axis), flag(keepdims), correction if given(correction) else ddof
    deviations = _deviations(in_type(a, dtype), axes, where, mean)
    return np.sum(deviations * deviations, axis=axes, keepdims=keepdims) / _degrees(
        a, axes, keepdims, where, ddof
    )


@implements(np.std)
def std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = NOT_GIVEN,
    mean: Any = NOT_GIVEN,
    correction: Any = NOT_GIVEN,
) -> Any:
    """Standard deviation, a norm of deviations: where all are equal its derivative is taken as 0."""
    refuse("std", out=out)
    axes, keepdims, ddof = normalize_axes(a, axis), flag(keepdims), correction if given(correction) else ddof
    norm = reductions.NORM(_deviations(in_type(a, dtype), axes, where, mean), axis=axes, keepdims=keepdims)
    return norm / np.sqrt(_degrees(a, axes, keepdims, where, ddof))


def _deviations(a: Any, axes: Any, where: Any, mean: Any) -> Any:
    if not given(mean):
        mean = np.mean(a, axis=axes, keepdims=True, **({} if _is_all(where) else {"where": where}))
    return _only(a - mean, where, 0.0)


def _degrees(a: Any, axes: Any, keepdims: bool, where: Any, ddof: Any) -> Any:
    return np.maximum(_number(a, axes, keepdims, where) - ddof, 0.0)


# -- running ------------------------------------------------------------------------------


@implements(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Sums of the elements up to each; of the flattened array if no axis is given."""
    refuse("cumsum", out=out)
    a, axis = _one_axis(in_type(a, dtype), axis)
    return reductions.CUMSUM(a, axis=axis)


@implements(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Products of the elements up to each, by doubling: exact derivatives at zeros, to any order."""
    refuse("cumprod", out=out)
    a, axis = _one_axis(in_type(a, dtype), axis)
    n, reach = np.shape(a)[axis], 1
    while reach < n:
        head, tail = a[along(axis, slice(reach))], a[along(axis, slice(reach, None))]
        a = np.concatenate([head, tail * a[along(axis, slice(n - reach))]], axis=axis)
        reach *= 2
    return a


@implements(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NOT_GIVEN, append: Any = NOT_GIVEN) -> Any:
    """Differences of neighbours, ``n`` times."""
    if integer(n, "n") < 0:
        raise InvalidArgument(f"n must not be negative, got {n}")
    axis = normalize_axis(axis, np.ndim(a))
    ends = [_slab(end, np.shape(a), axis) if given(end) else None for end in (prepend, append)]
    parts = [part for part in (ends[0], a, ends[1]) if part is not None]
    a = np.concatenate(parts, axis=axis) if len(parts) > 1 else a
    for _ in range(n):
        a = a[along(axis, slice(1, None))] - a[along(axis, slice(None, -1))]
    return a


def _slab(x: Any, shape: tuple[int, ...], axis: int) -> Any:
    """A scalar as a slab of length one along the axis."""
    return np.broadcast_to(x, (*shape[:axis], 1, *shape[axis + 1 :])) if np.ndim(x) == 0 else x


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours of the flattened array, with something put before and after."""
    parts = [np.ravel(end) if end is not None else None for end in (to_begin, to_end)]
    flat = np.diff(np.ravel(ary))
    return np.concatenate([p for p in (parts[0], flat, parts[1]) if p is not None])


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Finite-difference derivative of samples along each axis, as ``np.gradient`` computes it."""
    axes = normalize_axes(f, axis) if axis is not None else tuple(range(np.ndim(f)))
    spacings = [plain(h) for h in varargs] or [1.0]
    if len(spacings) not in (1, len(axes)):
        raise InvalidArgument(
            f"np.gradient takes no spacing, one, or one per axis ({len(axes)}), got {len(spacings)}"
        )
    spacings = spacings * (len(axes) // len(spacings))
    results = [_slope(f, h, i, edge_order) for h, i in zip(spacings, axes, strict=True)]
    return results[0] if len(results) == 1 else tuple(results)


def _slope(f: Any, spacing: Any, axis: int, edge_order: Any) -> Any:
    """The derivative along one axis, a sum of shifted samples.

    NumPy's own gradient of combs with one tooth in five gives the coefficients, as no stencil
    reaches further than two samples.
    """
    n = np.shape(f)[axis]
    positions = np.arange(n)
    combs = (positions % 5 == np.arange(5)[:, None]).astype(np.result_type(f))
    columns = np.gradient(combs, spacing, axis=1, edge_order=edge_order)
    tail = (1,) * (np.ndim(f) - axis - 1)
    total: Any = 0.0
    for offset in range(-2, 3):
        source = np.clip(positions + offset, 0, n - 1)
        inside = source == positions + offset
        coefficients = np.where(inside, columns[source % 5, positions], 0.0)
        if np.any(coefficients):
            weights = coefficients.astype(combs.dtype).reshape(n, *tail)
            total = total + weights * f[along(axis, source)]
    return total


@implements(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integral of samples by the trapezoidal rule."""
    axis = normalize_axis(axis, np.ndim(y))
    if x is not None:
        dx = np.diff(x, axis=-1 if np.ndim(x) == 1 else axis)
        if np.ndim(x) == 1:
            dx = np.reshape(dx, (-1,) + (1,) * (np.ndim(y) - axis - 1))
    pairs = y[along(axis, slice(1, None))] + y[along(axis, slice(None, -1))]
    return np.sum(dx * pairs * 0.5, axis=axis)


# -- by rank ------------------------------------------------------------------------------


@implements(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """Sorted along an axis (flattened for None); equal elements share the gradient."""
    refuse("sort", order=order)
    a, axis = _one_axis(a, axis)
    return _ranked(a, np.argsort(plain(a), axis=axis, kind=kind, stable=stable), axis)


@implements(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """Smaller elements before the kth, larger ones after it."""
    refuse("partition", order=order)
    a, axis = _one_axis(a, axis)
    return _ranked(a, np.argpartition(plain(a), kth, axis=axis, kind=kind), axis)


def _ranked(a: Any, order: Any, axis: int) -> Any:
    """The elements in an order; equal ones share their gradients."""
    picked = take_along_axis(a, order, axis)
    rows = np.moveaxis(np.asarray(plain(picked)), axis, -1)
    ascending = np.sort(rows, axis=-1)
    if not np.any(ascending[..., 1:] == ascending[..., :-1]):
        return picked
    # Number the groups of equal elements: by row, and by value within the row.
    row = np.arange(math.prod(rows.shape[:-1])).reshape(*rows.shape[:-1], 1)
    keys = np.stack([np.broadcast_to(row, rows.shape).astype(float), rows], axis=-1).reshape(-1, 2)
    groups: Any = np.unique(keys, axis=0, return_inverse=True)[1].reshape(rows.shape)
    groups = np.moveaxis(groups, -1, axis).reshape(-1)
    return selection.SHARE_TIES(picked, groups=groups)


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
    q = np.true_divide(plain(q), 100.0)
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
    refuse("quantile", out=out, weights=weights)
    q, axes = np.asarray(plain(q), float), normalize_axes(a, axis)
    ranked = np.sort(_joined(a, axes), axis=-1)
    n = np.shape(ranked)[-1]
    # The quantile of the ranks 0, 1, ... is the rank, perhaps between two, of the quantile.
    rank = np.asarray(np.quantile(np.arange(float(n)), q, method=method))  # type: ignore[call-overload]
    below = np.clip(np.floor(rank).astype(int), 0, n - 1)
    above, share = np.minimum(below + 1, n - 1), (rank - below).astype(np.result_type(a))
    result = ranked[..., below] * (1 - share) + ranked[..., above] * share
    if np.any(np.isnan(plain(ranked)[..., -1])):  # NaN is sorted to the end
        nan = np.isnan(plain(ranked)[..., -1])
        result = np.where(nan[(..., *(None,) * q.ndim)], np.nan, result)
    kept = np.ndim(result) - q.ndim
    result = np.transpose(result, (*range(kept, np.ndim(result)), *range(kept)))
    return np.reshape(result, (*q.shape, *_kept_shape(np.shape(a), axes))) if flag(keepdims) else result


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
    if y is not None:
        x = np.concatenate([x, _variables(y, rowvar)], axis=0)
    x = in_type(x, dtype)
    ddof = (0 if bias else 1) if ddof is None else ddof
    w: Any = None
    for weights in (fweights, aweights):
        if weights is not None:
            w = plain(weights) if w is None else w * np.asarray(plain(weights))
    n = np.shape(x)[1] if w is None else np.sum(w)
    mean = np.mean(x, axis=1, keepdims=True) if w is None else np.sum(x * w, axis=1, keepdims=True) / n
    if w is None or ddof == 0 or aweights is None:
        degrees = n - ddof
    else:
        degrees = n - ddof * np.sum(w * np.asarray(plain(aweights))) / n
    deviations = x - mean
    weighted = deviations if w is None else deviations * w
    return np.squeeze(weighted @ deviations.T / np.maximum(degrees, 0.0))


def _variables(m: Any, rowvar: bool) -> Any:
    if np.ndim(m) > 2:
        raise InvalidArgument(f"np.cov takes one or two dimensions, got {np.ndim(m)}")
    rows = np.atleast_2d(m)
    return rows.T if not rowvar and np.ndim(m) == 2 else rows


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Correlation matrix: the covariance matrix over the deviations of row and column."""
    c = np.cov(x, y, rowvar, dtype=dtype) if dtype is not None else np.cov(x, y, rowvar)
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
        chosen = numbers if _is_all(where) else numbers & where
        return function(a, *args, where=chosen, **kwargs)

    ignoring.__doc__ = f"Like np.{function.__name__}, over the elements that are not NaN."
    return ignoring


def _extremum_without_nan(function: Callable[..., Any], fill: float) -> Callable[..., Any]:
    def ignoring(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> Any:
        """Like the extremum, over the elements that are not NaN; NaN where there are none."""
        nan = np.isnan(plain(a))
        result = function(np.where(nan, fill, a), axis, out, flag(keepdims), **options)
        nothing = np.all(nan, axis=normalize_axes(a, axis), keepdims=flag(keepdims))
        return np.where(nothing, np.nan, result) if np.any(nothing) else result

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


# -- what they share ------------------------------------------------------------------------


def _is_all(where: Any) -> bool:
    return where is NOT_GIVEN or where is True


def _only(a: Any, where: Any, fill: Any) -> Any:
    """The elements where the mask holds, ``fill`` elsewhere."""
    return a if _is_all(where) else np.where(where, a, fill)


def _count(a: Any, axes: Any) -> int:
    shape = np.shape(a)
    return math.prod(shape if axes is None else (shape[i] for i in axes))


def _number(a: Any, axes: Any, keepdims: bool, where: Any) -> Any:
    """How many elements take part in each result."""
    if _is_all(where):
        return float(_count(a, axes))
    mask = np.broadcast_to(plain(where), np.shape(a))
    return np.sum(mask, axis=axes, keepdims=keepdims).astype(np.result_type(a))


def _one_axis(a: Any, axis: Any) -> tuple[Any, int]:
    """The array and its axis; flattened if none is given."""
    return (np.ravel(a), 0) if axis is None else (a, normalize_axis(axis, np.ndim(a)))


def _joined(a: Any, axes: Any) -> Any:
    """The axes as one, which is the last."""
    if axes is None:
        return np.ravel(a)
    moved = moveaxis(a, axes, tuple(range(-len(axes), 0)))
    shape = np.shape(moved)
    kept = np.ndim(a) - len(axes)
    return np.reshape(moved, (*shape[:kept], math.prod(shape[kept:])))


def _kept_shape(shape: tuple[int, ...], axes: Any) -> tuple[int, ...]:
    return tuple(1 if axes is None or i in axes else n for i, n in enumerate(shape))
