"""Sliding windows, and their transpose: each window adds to the places that it was read from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import opaque
from autograd.primitive import Primitive


def _windows_forward(x: Any, *, window_shape: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, window_shape, axis)


@opaque
def _add_windows(g: Any, *, window_shape: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    """The sum of windows at the places that they were read from, one slice for each place in a window."""
    ndim = g.ndim - len(axis)
    where, within = [g.shape[i] for i in axis], list(window_shape)
    if math.prod(where) < math.prod(within) and len(set(axis)) == len(axis):
        # A place in a window and the place of the window count alike: the fewer are gone through.
        g = np.moveaxis(g, (*axis, *range(ndim, g.ndim)), (*range(ndim, g.ndim), *axis))
        within = where
    shape = list(g.shape[:ndim])
    for i, n in zip(axis, within, strict=True):
        shape[i] += n - 1
    result = np.zeros(shape, g.dtype)
    for offsets in np.ndindex(*within):
        start = [0] * ndim
        for i, offset in zip(axis, offsets, strict=True):
            start[i] += offset
        places = tuple([slice(s, s + n) for s, n in zip(start, g.shape, strict=False)])
        result[places] += g[(..., *offsets)]
    return result


# fmt: off
ADD_WINDOWS: Primitive = Primitive("add_windows", _add_windows,
    (lambda g, y, x, *, window_shape, axis: WINDOWS(g, window_shape=window_shape, axis=axis),),
    ("windows of g",), (r"g_{\text{windows}}",), symbol="add windows", kind="arrangement",
    doc="The sum of windows at the places that they were read from.")

WINDOWS: Primitive = Primitive("sliding_window_view", _windows_forward,
    (lambda g, y, x, *, window_shape, axis: ADD_WINDOWS(g, window_shape=window_shape, axis=axis),),
    ("g, summed where windows overlap",), (r"\textstyle\sum g",), symbol="windows", kind="arrangement")
# fmt: on
