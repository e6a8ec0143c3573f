"""Selection: where, clip and indexing, which cut elements off.

An element that was not selected has *no* gradient, which is more than gradient zero: zero
times the infinite derivative of a branch not taken would be NaN. ``selects`` tells the
backward pass which elements of an input reached the result.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array, is_traced, opaque, shape_of
from autograd.errors import TraceError
from autograd.primitive import Primitive

MANY = 1 << 10  # elements, for which it pays to work out their positions
PAIRS = {"f": "F", "d": "D"}  # the complex type of two numbers of a type


def _where_forward(a: Any, b: Any, *, condition: Any) -> Any:
    return np.where(condition, a, b)


def _getitem_forward(x: Any, *, index: Any) -> Any:
    try:
        return as_array(x)[index]
    except TraceError:
        if is_traced(x):
            raise
        return _picked(x, index=index)  # the index alone is traced, of which a plain array knows nothing


@opaque
def _picked(x: Any, *, index: Any) -> Any:
    return np.asarray(x)[index]


def _scattered(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of ``shape`` with ``g`` added at ``index``; repeated indices add up."""
    result = np.zeros(shape, dtype=np.asarray(g).dtype)
    if is_basic(index):
        result[index] = g
    elif not _add_by_position(result, index, g):
        np.add.at(result, index, g)
    return result


def _add_by_position(result: Any, index: Any, g: Any) -> bool:
    """Add at arrays of integers by the positions in memory, which NumPy does several times as fast."""
    parts = index if isinstance(index, tuple) else (index,)
    lead = result.shape[: len(parts)]
    if not all(isinstance(p, np.ndarray) and p.dtype.kind == "i" for p in parts) or np.size(g) < MANY:
        return False
    parts = np.broadcast_arrays(*[np.where(p < 0, p + n, p) for p, n in zip(parts, lead, strict=True)])
    rows = np.ravel_multi_index(tuple(parts), lead).reshape(-1, 1)
    n = math.prod(result.shape[len(parts) :])
    result, g = result.reshape(-1), g.reshape(-1)
    pair = PAIRS.get(g.dtype.char)
    if pair is not None and n and n % 2 == 0:  # two neighbours are added as one complex number
        result, g, n = result.view(pair), g.view(pair), n // 2
    np.add.at(result, (rows * n + np.arange(n)).reshape(-1), g)
    return True


@opaque
def _scatter_forward(g: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    return _scattered(g, index, shape)


def _getitem_rule(g: Any, y: Any, x: Any, *, index: Any) -> Any:
    if type(g) is np.ndarray and is_basic(index):  # what the row does, without the way there
        return _scattered(g, index, shape_of(x))
    return SCATTER(g, index=index, shape=shape_of(x))


def _scatter_rule(g: Any, y: Any, x: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    if type(g) is np.ndarray and is_basic(index):
        return g[index]
    return GETITEM(g, index=index)


def is_basic(index: Any) -> bool:
    """True for integers, slices, Ellipsis and None, which select no element twice."""
    for p in index if isinstance(index, tuple) else (index,):  # a generator would take twice as long
        if not (p is None or p is Ellipsis or type(p) in (int, slice)):
            return False
    return True


@opaque
def _scatter_together(parts: Any, *, indices: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of ``shape`` with each part added at its index, a basic one: a sum of scatters, compiled."""
    result = np.zeros(shape, dtype=np.asarray(parts[0]).dtype)
    for part, index in zip(parts, indices, strict=True):
        result[index] += part
    return result


@opaque
def _placed_together(parts: Any, *, indices: Any, shape: tuple[int, ...]) -> Any:
    """An array of ``shape`` of which each part is one piece, and which has no other elements."""
    result = np.empty(shape, dtype=np.asarray(parts[0]).dtype)
    for part, index in zip(parts, indices, strict=True):
        result[index] = part
    return result


def _where_selects(i: int, *inputs: Any, condition: Any) -> Any:
    return condition if i == 0 else np.logical_not(condition)


def _getitem_selects(i: int, x: Any, *, index: Any) -> Any:
    return _selected(x, index=index)


@opaque
def _selected(x: Any, *, index: Any) -> Any:
    selected = np.zeros(np.shape(x), dtype=bool)
    selected[index] = True
    return selected


def _unchanged(x: Any, *, groups: Any) -> Any:
    return x.copy()


def _share_ties_rule(g: Any, y: Any, x: Any, *, groups: Any) -> Any:
    """The mean of ``g`` over each group of equal elements."""
    sums = SCATTER(np.ravel(g), index=groups, shape=(np.size(groups),))
    return np.reshape(sums[groups] / as_array(_members(groups)).astype(np.result_type(g)), np.shape(x))


@opaque
def _members(groups: Any) -> Any:
    """How many elements are in the group of each."""
    return np.bincount(groups, minlength=np.size(groups))[groups]


@opaque
def equal_elements(x: Any, axis: int) -> Any:
    """Numbers of the groups of elements that are equal, along an axis; flattened."""
    rows = np.moveaxis(x, axis, -1)
    row = np.arange(math.prod(rows.shape[:-1])).reshape(*rows.shape[:-1], 1)
    keys = np.stack([np.broadcast_to(row, rows.shape).astype(float), rows], axis=-1).reshape(-1, 2)
    groups: Any = np.unique(keys, axis=0, return_inverse=True)[1].reshape(rows.shape)
    return np.moveaxis(groups, -1, axis).reshape(-1)


# fmt: off
WHERE = Primitive("where", _where_forward,
    (lambda g, y, a, b, *, condition: np.where(condition, g, 0.0),
     lambda g, y, a, b, *, condition: np.where(condition, 0.0, g)),
    ("condition", "not condition"), (r"[\text{condition}]", r"[\text{not condition}]"),
    symbol="where", selects=_where_selects, kind="elementwise",
    branch=lambda a, b, *, condition: condition)

CLIP = Primitive("clip", np.clip,
    (lambda g, y, x, low, high: g * np.logical_and(x >= low, x <= high),
     lambda g, y, x, low, high: g * np.logical_and(x < low, low <= high),
     lambda g, y, x, low, high: g * np.logical_or(x > high, low > high)),
    ("(a <= x <= b)", "(x < a)", "(x > b)"), (r"[a \le x \le b]", "[x < a]", "[x > b]"),
    symbol="clip", kind="elementwise", kinks="clip passes the gradient at its bounds",
    branch=lambda x, low, high: (np.sign(x - low), np.sign(x - high)))

SCATTER: Primitive = Primitive("scatter", _scatter_forward,
    (_scatter_rule,),
    ("g[index]",), (r"g_{\text{index}}",), symbol="scatter", kind="arrangement")

GETITEM: Primitive = Primitive("getitem", _getitem_forward,
    (_getitem_rule,),
    ("g at the index, 0 elsewhere",), (r"g_{\text{at index}}",),
    symbol="[ ]", selects=_getitem_selects, kind="arrangement",
    branch=lambda x, *, index: index)

# The identity, for sorted elements: equal ones share their gradients. `groups` numbers them.
SHARE_TIES = Primitive("share_ties", _unchanged, (_share_ties_rule,),
    ("the mean of g over equal elements",), (r"\bar{g}",), symbol="ties", kinks="ties share equally",
    branch=lambda x, *, groups: x[..., 1:] == x[..., :-1])
# fmt: on
