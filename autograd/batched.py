"""Many gradients by one walk: the rows of a Jacobian, from as many seeds at once.

A gradient has one axis more here, the first, along which the seeds lie. Most rules need not know:
those written element by element, and products of matrices, broadcast along it. Others work along
axes by their numbers, and are called as for that many copies of the inputs, stacked, with every
axis one further on. A rule that is neither is called once per seed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.broadcasting import repeat_to, sum_to
from autograd.cuts import Mask
from autograd.data import canonical, shape_of
from autograd.primitive import Primitive
from autograd.rules import TABLE, products, reductions, selection, shapes
from autograd.rules.activations import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX
from autograd.sweep import call, count_uses, pull_back, sweep
from autograd.value import NO_PARAMS, Value

LIMIT = 1 << 16  # elements of the largest gradients: for larger ones a walk per seed is as fast

BROADCASTING = {p for p in TABLE.values() if p.kind == "elementwise"} | {products.MATMUL, shapes.BROADCAST_TO}
RESHAPING = {shapes.RESHAPE, shapes.SQUEEZE, shapes.EXPAND_DIMS}
ALONG_AXES = {
    reductions.MAX, reductions.MIN, reductions.NORM, LOGSUMEXP, SOFTMAX, LOG_SOFTMAX,
}  # fmt: skip
ALONG_AXES_BY_SHAPES = {  # whose rules ask for the shapes of the inputs, and no more
    shapes.TRANSPOSE, shapes.SWAPAXES, shapes.CONCATENATE, shapes.STACK, selection.GETITEM, selection.SCATTER,
    reductions.SUM, reductions.MEAN, reductions.CUMSUM,
}  # fmt: skip

MOVED: dict[str, Callable[[Any, int, int], Any]] = {  # a parameter, the number of copies, axes of an input
    "axis": lambda axis, _, ndim: _next(range(ndim) if axis is None else axis),
    "axis1": lambda axis, *_: axis + 1,
    "axis2": lambda axis, *_: axis + 1,
    "axes": lambda axes, *_: (0, *_next(axes)),
    "shape": lambda shape, copies, _: (copies, *shape),
    "index": lambda index, *_: (slice(None), *(index if isinstance(index, tuple) else (index,))),
}


def jacobian_rows(y: Value, inputs: list[Value]) -> list[Any]:
    """The Jacobian of ``y`` for each input, of shape ``(y.size, *x.shape)``.

    >>> x = Value([1.0, 2.0])
    >>> jacobian_rows(x * x, [x])
    [array([[2., 0.],
           [0., 4.]])]
    """
    if not y.size:
        return [np.zeros((0, *x.shape), x.dtype) for x in inputs]
    uses = count_uses([y], {y: 0})
    step = max(1, LIMIT // max([node.size for node in uses]))
    chunks = [range(y.size)[i : i + step] for i in range(0, y.size, step)]
    rows = [_rows(y, inputs, chunk, dict(uses)) for chunk in chunks]
    return rows[0] if len(rows) == 1 else [np.concatenate(parts) for parts in zip(*rows, strict=True)]


def _rows(y: Value, inputs: list[Value], numbers: range, uses: dict[Value, int]) -> list[Any]:
    """Those rows of the Jacobian."""
    copies = len(numbers)
    seeds = np.zeros((copies, y.size), y.dtype)
    seeds[range(copies), numbers] = 1.0
    start = seeds.reshape(copies, *y.shape)
    found = dict(sweep({y: start}, False, set(inputs).__contains__, uses, _parts))
    return [found[x] if x in found else np.zeros((copies, *x.shape), x.dtype) for x in inputs]


def _parts(
    primitive: Primitive, node: Value, parents: tuple[Value, ...], g: Any, y: Any, xs: Any, mask: Mask
) -> list[Any]:
    """What each parent receives from ``node``, for each seed; None for one that needs no gradient."""
    params = node.params or NO_PARAMS
    copies = len(g)
    pull = _broadcast
    if primitive in RESHAPING:
        return [g.reshape(copies, *shape_of(xs[0]))]
    if primitive in ALONG_AXES_BY_SHAPES and _stays_in_place(params.get("index")):
        params = _moved(params, copies, xs[0])
        xs = [np.empty((copies, *shape_of(x))) for x in xs]
    elif primitive in ALONG_AXES:
        params = _moved(params, copies, xs[0])
        y, *xs = [repeat_to(x, (copies, *shape_of(x))) for x in (y, *xs)]
    elif primitive not in BROADCASTING:
        pull = _one_by_one
    return [
        _fitted(pull(primitive, i, g, y, xs, params, mask), copies, parent) if parent.requires_grad else None
        for i, parent in enumerate(parents)
    ]


def _moved(params: dict[str, Any], copies: int, x: Any) -> dict[str, Any]:
    """The parameters of a primitive of that many copies of its inputs, stacked."""
    ndim = len(shape_of(x))
    return {key: MOVED[key](p, copies, ndim) if key in MOVED else p for key, p in params.items()}


def _broadcast(primitive: Primitive, i: int, g: Any, y: Any, xs: Any, params: Any, mask: Mask) -> Any:
    """The rule, called with all gradients."""
    if type(y) is float:  # the rule may compute with floats alone: NumPy's give IEEE results
        y, *xs = map(np.float64, (y, *xs))
    if mask is None or primitive.kind != "elementwise":
        return call(primitive.rule(i), g, y, xs, params)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return np.where(mask, call(primitive.rule(i), g, y, xs, params), 0.0)


def _one_by_one(primitive: Primitive, i: int, g: Any, y: Any, xs: Any, params: Any, mask: Mask) -> Any:
    """The rule, called with each gradient."""
    return np.stack([pull_back(primitive, i, canonical(row), y, xs, params, mask) for row in g])


def _fitted(part: Any, copies: int, x: Value) -> Any:
    """Undo broadcasting and promotion; the first axis is that of the seeds."""
    shape = (copies, *x.shape)
    if part.shape != shape:
        lead = range(1, 1 + part.ndim - len(shape))
        part = sum_to(np.add.reduce(part, axis=tuple(lead)) if lead else part, shape)
    return part if part.dtype == x.dtype else part.astype(x.dtype)


def _stays_in_place(index: Any) -> bool:
    """Whether what an index selects lies where it indexes: NumPy moves it if a slice is between arrays."""
    if not isinstance(index, tuple):
        return True
    kinds = set(map(type, index))
    return kinds <= selection.BASIC or kinds == {np.ndarray}


def _next(axes: Any) -> Any:
    """Each axis one further on."""
    return axes + 1 if isinstance(axes, int) else tuple([axis + 1 for axis in axes])
