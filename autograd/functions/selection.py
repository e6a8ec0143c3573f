"""Selection by conditions; what is not selected has no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.data import as_array, opaque
from autograd.errors import InvalidArgument, UnsupportedType
from autograd.functions.registry import NOT_GIVEN, floating, given, implements, in_type, plain, refuse
from autograd.rules import arithmetic, selection


@implements(np.clip)
def clip(
    a: Any,
    a_min: Any = NOT_GIVEN,
    a_max: Any = NOT_GIVEN,
    out: Any = None,
    *,
    min: Any = NOT_GIVEN,
    max: Any = NOT_GIVEN,
) -> Any:
    """Limit the elements to an interval; the gradient passes at the bounds themselves."""
    refuse("clip", out=out)
    low, high = (a_min if given(a_min) else min), (a_max if given(a_max) else max)
    return selection.CLIP(a, low if given(low) else -np.inf, high if given(high) else np.inf)


@implements(np.where)
def where(condition: Any, x: Any = NOT_GIVEN, y: Any = NOT_GIVEN) -> Any:
    """Elements of ``x`` where the condition holds, of ``y`` elsewhere.

    The branch not taken has no gradient, so that it cannot turn into NaN.
    """
    condition = as_array(plain(condition)).astype(bool)
    if x is NOT_GIVEN or y is NOT_GIVEN:
        return np.nonzero(condition)
    return selection.WHERE(x, y, condition=condition)


@implements(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """From the first choice whose condition holds, else the default."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise InvalidArgument(
            f"np.select needs one choice per condition, got {len(condlist)} and {len(choicelist)}"
        )
    result = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = where(condition, choice, result)
    return result


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """A function of each part of ``x``; each is called with its elements only."""
    conditions = _conditions(tuple(condlist) if isinstance(condlist, list) else plain(condlist))
    if conditions.ndim == np.ndim(x):
        conditions = conditions[None]
    if len(funclist) == len(conditions) + 1:
        conditions = np.concatenate([conditions, ~conditions.any(axis=0, keepdims=True)])
    if len(funclist) != len(conditions):
        raise InvalidArgument(
            f"np.piecewise needs a function per condition, or one more: got {len(funclist)} functions "
            f"for {len(conditions)} conditions"
        )
    dtype = floating(x)
    result: Any = np.zeros(np.shape(x), dtype)
    for condition, f in zip(conditions, funclist, strict=True):
        part = f(x[condition], *args, **kw) if callable(f) else f
        part = in_type(np.broadcast_to(part, (int(condition.sum()),)), dtype)
        scattered = selection.SCATTER(part, index=condition, shape=np.shape(x))
        result = where(condition, scattered, result)
    return result


@opaque
def _conditions(condlist: Any) -> Any:
    return np.array(condlist, bool)


@implements(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Numbers in the place of NaN and infinities, through which no gradient passes."""
    if not copy:
        raise UnsupportedType("np.nan_to_num(copy=False) would change the numbers of a Value: leave copy out")
    return arithmetic.NAN_TO_NUM(x, nan=nan, posinf=posinf, neginf=neginf)


def as_index(index: Any) -> Any:
    """An index of plain integers, slices and arrays; Values and lists become arrays."""
    if isinstance(index, tuple):
        return tuple([_index_part(p) for p in index])
    return _index_part(index)


def _index_part(part: Any) -> Any:
    part = plain(part)
    if part is None or part is Ellipsis or isinstance(part, (int, slice)):
        return part
    index = as_array(part)
    if index.size == 0 and isinstance(part, (list, tuple)):
        index = index.astype(np.intp)  # NumPy reads [] as floats, and as an index
    if index.dtype.kind not in "iub":
        raise UnsupportedType(f"an index must be of integers, booleans or slices, got {part!r}")
    return index
