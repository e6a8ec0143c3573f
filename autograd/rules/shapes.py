"""Shape and arrangement: the elements move, nothing is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.broadcasting import repeat_to
from autograd.data import as_array, shape_of
from autograd.primitive import Primitive


def _concatenate_forward(*xs: Any, axis: int) -> Any:
    return np.concatenate(xs, axis=axis)


def _stack_forward(*xs: Any, axis: int) -> Any:
    return np.stack(xs, axis=axis)


def _along(axis: int, part: Any) -> tuple[Any, ...]:
    return (slice(None),) * axis + (part,)


def _concatenate_rule(i: int, g: Any, y: Any, *xs: Any, axis: int) -> Any:
    start = sum(np.shape(x)[axis] for x in xs[:i])
    return g[_along(axis, slice(start, start + np.shape(xs[i])[axis]))]


def _stack_rule(i: int, g: Any, y: Any, *xs: Any, axis: int) -> Any:
    return g[_along(axis, i)]


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


def _arrangement(name: str, forward: Any, vjp: Any, text: str, latex: str, **more: Any) -> Primitive:
    return Primitive(name, forward, (vjp,), (text,), (latex,), symbol=name, kind="arrangement", **more)


# fmt: off
RESHAPE = _arrangement("reshape", lambda x, *, shape: as_array(x).reshape(shape),
    lambda g, y, x, *, shape: as_array(g).reshape(shape_of(x)),
    "g.reshape(x.shape)", r"\operatorname{reshape}(g)")

TRANSPOSE = _arrangement("transpose", lambda x, *, axes: as_array(x).transpose(axes),
    lambda g, y, x, *, axes: as_array(g).transpose(_inverse(axes)),
    "g.T", r"g^{\top}")

SWAPAXES = _arrangement("swapaxes", lambda x, *, axis1, axis2: as_array(x).swapaxes(axis1, axis2),
    lambda g, y, x, *, axis1, axis2: as_array(g).swapaxes(axis1, axis2),
    "g.swapaxes(axis1, axis2)", r"g^{\top}")

SQUEEZE = _arrangement("squeeze", lambda x, *, axis: np.squeeze(x, axis),
    lambda g, y, x, *, axis: as_array(g).reshape(shape_of(x)),
    "g.reshape(x.shape)", r"\operatorname{reshape}(g)")

EXPAND_DIMS = _arrangement("expand_dims", lambda x, *, axis: np.expand_dims(x, axis),
    lambda g, y, x, *, axis: as_array(g).reshape(shape_of(x)),
    "g.reshape(x.shape)", r"\operatorname{reshape}(g)")

# The backward pass undoes broadcasting, so that the rule has nothing to do.
BROADCAST_TO = Primitive("broadcast_to", lambda x, *, shape: repeat_to(x, shape),
    (lambda g, y, x, *, shape: g,),
    ("g, summed over the repeats",), (r"\textstyle\sum g",), symbol="broadcast_to")

CONCATENATE = _arrangement("concatenate", _concatenate_forward, _concatenate_rule,
    "the part of g that came from x", r"g_{\text{part}}", variadic=True)

STACK = _arrangement("stack", _stack_forward, _stack_rule,
    "the part of g that came from x", r"g_{\text{part}}", variadic=True)

ASTYPE = Primitive("astype", lambda x, *, dtype: as_array(x).astype(dtype),
    (lambda g, y, x, *, dtype: g,),
    ("1",), ("1",), symbol="astype", kind="elementwise")
# fmt: on
