"""Sums, products, extrema and moments over axes, and the running sums and products."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument
from autograd.functions.arrangement import moveaxis
from autograd.functions.registry import (
    NOT_GIVEN,
    along,
    flag,
    given,
    implements,
    in_type,
    normalize_axes,
    one_axis,
    plain,
    refuse,
)
from autograd.rules import arithmetic, reductions

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
    if dtype is not None or where is not NOT_GIVEN:
        a = only(in_type(a, dtype), where, 0.0)
    total = reductions.SUM(a, axis=normalize_axes(a, axis), keepdims=flag(keepdims))
    return total if initial is NOT_GIVEN or initial is None else total + initial


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
    a = only(in_type(a, dtype), where, 1.0)
    axes = normalize_axes(a, axis)
    product = _multiply_pairs(joined(a, axes))
    if flag(keepdims):
        product = np.reshape(product, kept_shape(np.shape(a), axes))
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
    if not is_all(where) and not given(initial):
        raise InvalidArgument(f"np.{name} with where= needs initial=, the result where nothing is selected")
    axes, keepdims = normalize_axes(a, axis), flag(keepdims)
    if given(initial) and count(a, axes) == 0:
        return np.sum(a, axis=axes, keepdims=keepdims) + initial
    extremum = over(only(a, where, plain(initial)), axis=axes, keepdims=keepdims)
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
    if is_all(where):
        return reductions.MEAN(a, axis=axes, keepdims=keepdims)
    return np.sum(only(a, where, 0.0), axis=axes, keepdims=keepdims) / number(a, axes, keepdims, where)


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
        mean = np.mean(a, axis=axes, keepdims=True, **({} if is_all(where) else {"where": where}))
    return only(a - mean, where, 0.0)


def _degrees(a: Any, axes: Any, keepdims: bool, where: Any, ddof: Any) -> Any:
    return np.maximum(number(a, axes, keepdims, where) - ddof, 0.0)


# -- running ------------------------------------------------------------------------------


@implements(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Sums of the elements up to each; of the flattened array if no axis is given."""
    refuse("cumsum", out=out)
    a, axis = one_axis(in_type(a, dtype), axis)
    return reductions.CUMSUM(a, axis=axis)


@implements(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Products of the elements up to each, by doubling: exact derivatives at zeros, to any order."""
    refuse("cumprod", out=out)
    a, axis = one_axis(in_type(a, dtype), axis)
    n, reach = np.shape(a)[axis], 1
    while reach < n:
        head, tail = a[along(axis, slice(reach))], a[along(axis, slice(reach, None))]
        a = np.concatenate([head, tail * a[along(axis, slice(n - reach))]], axis=axis)
        reach *= 2
    return a


# -- what they share ------------------------------------------------------------------------


def is_all(where: Any) -> bool:
    """True if no element is left out."""
    return where is NOT_GIVEN or where is True


def only(a: Any, where: Any, fill: Any) -> Any:
    """The elements where the mask holds, ``fill`` elsewhere."""
    return a if is_all(where) else np.where(where, a, fill)


def count(a: Any, axes: Any) -> int:
    """The number of elements along the axes."""
    shape = np.shape(a)
    return math.prod(shape if axes is None else (shape[i] for i in axes))


def number(a: Any, axes: Any, keepdims: bool, where: Any) -> Any:
    """How many elements take part in each result."""
    if is_all(where):
        return float(count(a, axes))
    mask = np.broadcast_to(plain(where), np.shape(a))
    return np.sum(mask, axis=axes, keepdims=keepdims).astype(np.result_type(a))


def joined(a: Any, axes: Any) -> Any:
    """The axes as one, which is the last."""
    if axes is None:
        return np.ravel(a)
    moved = moveaxis(a, axes, tuple(range(-len(axes), 0)))
    shape = np.shape(moved)
    kept = np.ndim(a) - len(axes)
    return np.reshape(moved, (*shape[:kept], math.prod(shape[kept:])))


def kept_shape(shape: tuple[int, ...], axes: Any) -> tuple[int, ...]:
    """The shape of a result that keeps the reduced axes."""
    return tuple(1 if axes is None or i in axes else n for i, n in enumerate(shape))
