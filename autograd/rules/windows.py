"""Sliding windows, and their transpose: each window adds to the places that it was read from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.data import opaque
from autograd.primitive import Primitive


def _windows_forward(x: Any, *, window_shape: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, window_shape, axis)


@opaque
def _add_windows(g: Any, *, window_shape: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    """The sum of windows at the places that they were read from, along one axis after the other."""
    ndim = g.ndim - len(axis)
    parts = np.moveaxis(g, range(ndim, g.ndim), range(len(axis)))
    for i in axis:
        parts = _add_along(parts, i - ndim)
    return parts


def _add_along(parts: Any, axis: int) -> Any:
    """The sum of ``parts``, each shifted along an axis by its number."""
    if parts.shape[axis] < len(
        parts
    ):  # the part and the place in it count alike: fewer sums of longer slices
        parts = np.swapaxes(parts, 0, axis)
    n = parts.shape[axis]
    shape = list(parts.shape[1:])
    shape[axis] += len(parts) - 1
    total = np.zeros(shape, parts.dtype)
    for k, part in enumerate(parts):
        at: list[Any] = [slice(None)] * len(shape)
        at[axis] = slice(k, k + n)
        total[tuple(at)] += part
    return total


# fmt: off
ADD_WINDOWS: Primitive = Primitive("add_windows", _add_windows,
    (lambda g, y, x, *, window_shape, axis: WINDOWS(g, window_shape=window_shape, axis=axis),),
    ("windows of g",), (r"g_{\text{windows}}",), symbol="add windows", kind="arrangement",
    doc="The sum of windows at the places that they were read from.")

WINDOWS: Primitive = Primitive("sliding_window_view", _windows_forward,
    (lambda g, y, x, *, window_shape, axis: ADD_WINDOWS(g, window_shape=window_shape, axis=axis),),
    ("g, summed where windows overlap",), (r"\textstyle\sum g",), symbol="windows", kind="arrangement")
# fmt: on
