"""NumPy's functions on Values: arguments as NumPy takes them, in terms of primitives.

Each works on plain arrays as well. ``numpy_protocol`` connects them to NumPy's names, and
``Value`` has those that ndarray has as methods.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument, NoRule, ShapeError, UnsupportedType
from autograd.rules import reductions, selection, shapes

_NOT_GIVEN: Any = np._NoValue


def normalize_axes(a: Any, axis: Any) -> Any:
    """None, or a tuple of non-negative axes."""
    if axis is None:
        return None
    given = axis if isinstance(axis, tuple) else (axis,)
    return tuple(_axis(i, np.ndim(a)) for i in given)


def _axis(axis: Any, ndim: int) -> int:
    i = _integer(axis, "axis")
    if not -ndim <= i < ndim:
        raise ShapeError(f"axis {i} is out of range for {ndim} dimensions")
    return i % ndim


def _integer(x: Any, what: str) -> int:
    try:
        return operator.index(x)
    except TypeError:
        raise UnsupportedType(f"{what} must be an integer or a tuple of integers, got {x!r}") from None


def _lengths(shape: Any) -> tuple[int, ...]:
    return tuple(_integer(n, "a shape") for n in (shape if isinstance(shape, (tuple, list)) else (shape,)))


def refuse(function: str, **options: Any) -> None:
    """Raise if an option was given that has no rule, ``out`` above all."""
    for name, given in options.items():
        if given is not None and given is not _NOT_GIVEN:
            remedy = (
                "assign the result instead" if name == "out" else "compose it of functions that have a rule"
            )
            raise NoRule(f"np.{function} of Values does not take {name}=: {remedy}")


def _reduction(primitive: Any, ufunc_name: str) -> Any:
    def reduce(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = _NOT_GIVEN,
        where: Any = _NOT_GIVEN,
    ) -> Any:
        refuse(ufunc_name, dtype=dtype, out=out, initial=initial, where=where)
        keepdims = keepdims is not _NOT_GIVEN and bool(keepdims)
        return primitive(a, axis=normalize_axes(a, axis), keepdims=keepdims)

    return reduce


def _extremum(primitive: Any, ufunc_name: str) -> Any:
    reduce = _reduction(primitive, ufunc_name)

    def extremum(
        a: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = _NOT_GIVEN,
        where: Any = _NOT_GIVEN,
    ) -> Any:
        return reduce(a, axis, None, out, keepdims, initial, where)

    return extremum


def _documented(f: Any, name: str, doc: str) -> Any:
    f.__name__ = f.__qualname__ = name
    f.__doc__ = doc
    return f


sum = _documented(_reduction(reductions.SUM, "sum"), "sum", "Sum over all axes, or those given.")
max = _documented(_extremum(reductions.MAX, "max"), "max", "Largest element; ties share the gradient.")
min = _documented(_extremum(reductions.MIN, "min"), "min", "Smallest element; ties share the gradient.")


def mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = _NOT_GIVEN,
) -> Any:
    """Arithmetic mean over all axes, or those given."""
    refuse("mean", dtype=dtype, out=out, where=where)
    keepdims = keepdims is not _NOT_GIVEN and bool(keepdims)
    return reductions.MEAN(a, axis=normalize_axes(a, axis), keepdims=keepdims)


def clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None
) -> Any:
    """Limit the elements to an interval; the gradient passes at the bounds themselves."""
    refuse("clip", out=out)
    low = a_min if a_min is not None and a_min is not _NOT_GIVEN else min
    high = a_max if a_max is not None and a_max is not _NOT_GIVEN else max
    low = -np.inf if low is None or low is _NOT_GIVEN else low
    high = np.inf if high is None or high is _NOT_GIVEN else high
    return selection.CLIP(a, low, high)


def where(condition: Any, x: Any = _NOT_GIVEN, y: Any = _NOT_GIVEN) -> Any:
    """Elements of ``x`` where the condition holds, of ``y`` elsewhere.

    The branch not taken has no gradient, so that it cannot turn into NaN.
    """
    condition = np.asarray(getattr(condition, "_data", condition), dtype=bool)
    if x is _NOT_GIVEN or y is _NOT_GIVEN:
        return np.nonzero(condition)
    return selection.WHERE(x, y, condition=condition)


def reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """The same elements in another shape; one length may be -1."""
    if order != "C":
        raise NoRule(f"np.reshape of Values takes order='C' only, got {order!r}: transpose first")
    return shapes.RESHAPE(a, shape=_lengths(shape))


def ravel(a: Any, order: str = "C") -> Any:
    """The same elements in one dimension."""
    return reshape(a, -1, order)


def transpose(a: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed if none is given."""
    ndim = np.ndim(a)
    order = tuple(range(ndim))[::-1] if axes is None else tuple(_axis(i, ndim) for i in axes)
    if sorted(order) != list(range(ndim)):
        raise InvalidArgument(f"transpose needs each of {ndim} axes once, got {tuple(axes or ())}")
    return shapes.TRANSPOSE(a, axes=order)


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    return shapes.SWAPAXES(a, axis1=_axis(axis1, np.ndim(a)), axis2=_axis(axis2, np.ndim(a)))


def squeeze(a: Any, axis: Any = None) -> Any:
    """Axes of length one removed."""
    chosen = normalize_axes(a, axis)
    if chosen is None:
        chosen = tuple(i for i, n in enumerate(np.shape(a)) if n == 1)
    return shapes.SQUEEZE(a, axis=chosen)


def expand_dims(a: Any, axis: Any) -> Any:
    """Axes of length one inserted."""
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    ndim = np.ndim(a) + len(given)
    return shapes.EXPAND_DIMS(a, axis=tuple(_axis(i, ndim) for i in given))


def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """Repeated, without copying, to a larger shape."""
    return shapes.BROADCAST_TO(array, shape=_lengths(shape))


def concatenate(arrays: Any, /, axis: int | None = 0, out: Any = None, **options: Any) -> Any:
    """Joined along an existing axis; flattened first if ``axis`` is None."""
    refuse("concatenate", out=out, **options)
    parts = list(arrays)
    if axis is None:
        parts, axis = [ravel(a) if np.ndim(a) != 1 else a for a in parts], 0
    if not parts:
        raise InvalidArgument("concatenate needs at least one array")
    return shapes.CONCATENATE(*parts, axis=_axis(axis, np.ndim(parts[0])))


def stack(arrays: Any, axis: int = 0, out: Any = None, **options: Any) -> Any:
    """Joined along a new axis."""
    refuse("stack", out=out, **options)
    parts = list(arrays)
    if not parts:
        raise InvalidArgument("stack needs at least one array")
    return shapes.STACK(*parts, axis=_axis(axis, np.ndim(parts[0]) + 1))


def astype(a: Any, dtype: Any, copy: bool = True) -> Any:
    """The elements in another floating-point type."""
    if np.dtype(dtype).kind != "f":
        raise NoRule(
            f"astype({np.dtype(dtype)}) would lose the gradient: use .data.astype(...) if that is meant"
        )
    return shapes.ASTYPE(a, dtype=np.dtype(dtype))


def as_index(index: Any) -> Any:
    """An index of plain integers, slices and arrays; Values and lists become arrays."""
    if isinstance(index, tuple):
        return tuple(_index_part(p) for p in index)
    return _index_part(index)


def _index_part(part: Any) -> Any:
    part = getattr(part, "_data", part)
    if part is None or part is Ellipsis or isinstance(part, (int, slice)):
        return part
    index = np.asarray(part, dtype=None if np.size(part) else np.intp)
    if index.dtype.kind not in "iub":
        raise UnsupportedType(f"an index must be of integers, booleans or slices, got {part!r}")
    return index
