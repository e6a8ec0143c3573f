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
from autograd.sweep import call, pull_back, sweep, uses_towards
from autograd.value import Value

FLOAT = np.dtype(np.float64)
LIMIT = 1 << 14  # elements of the largest gradient on the way: more at once are no faster

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
    uses = uses_towards([y], set(inputs))
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
    found = dict(sweep({y: start}, False, set(inputs).__contains__, uses, _pull_all))
    return [found[x] if x in found else np.zeros((copies, *x.shape), x.dtype) for x in inputs]


def _pull_all(
    primitive: Primitive, i: int, g: Any, y: Any, xs: Any, params: dict[str, Any], mask: Mask
) -> Any:
    """The gradients that input ``i`` receives, one for each seed."""
    copies, x = len(g), xs[i]
    if primitive in RESHAPING:
        return g.reshape(copies, *shape_of(x))
    if primitive in ALONG_AXES_BY_SHAPES and _stays_in_place(params.get("index")):
        params = _moved(params, copies, x)
        xs = [np.empty((copies, *shape_of(x))) for x in xs]
    elif primitive in ALONG_AXES:
        params = _moved(params, copies, x)
        y, *xs = [repeat_to(x, (copies, *shape_of(x))) for x in (y, *xs)]
    elif primitive not in BROADCASTING and (primitive, i) != (products.AFFINE, 0):  # g @ weight broadcasts
        return np.stack([pull_back(primitive, i, canonical(row), y, xs, params, mask) for row in g])
    elif type(y) is float:  # the rule may compute with floats alone: NumPy's give IEEE results
        y, *xs = map(np.float64, (y, *xs))
    part = _masked(primitive, i, g, y, xs, params, mask)
    shape = (copies, *shape_of(x))
    if part.shape != shape:  # undo broadcasting
        lead = range(1, 1 + part.ndim - len(shape))
        part = sum_to(np.add.reduce(part, axis=tuple(lead)) if lead else part, shape)
    dtype = getattr(x, "dtype", FLOAT)
    return part if part.dtype == dtype else part.astype(dtype)


def _masked(primitive: Primitive, i: int, g: Any, y: Any, xs: Any, params: Any, mask: Mask) -> Any:
    """The rule, with zeros where elements were cut off."""
    rule = primitive.rule(i)
    if mask is None or primitive.kind != "elementwise":
        return call(rule, g, y, xs, params)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return np.where(mask, call(rule, g, y, xs, params), 0.0)


def _moved(params: dict[str, Any], copies: int, x: Any) -> dict[str, Any]:
    """The parameters of a primitive of that many copies of its inputs, stacked."""
    ndim = len(shape_of(x))
    return {key: MOVED[key](p, copies, ndim) if key in MOVED else p for key, p in params.items()}


def _stays_in_place(index: Any) -> bool:
    """Whether what an index selects lies where it indexes: NumPy moves it if a slice is between arrays."""
    return not isinstance(index, tuple) or selection.is_basic(index) or set(map(type, index)) == {np.ndarray}


def _next(axes: Any) -> Any:
    """Each axis one further on."""
    return axes + 1 if isinstance(axes, int) else tuple([axis + 1 for axis in axes])
