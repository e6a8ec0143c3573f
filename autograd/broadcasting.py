"""Undoing NumPy's broadcasting: a gradient is summed over what was repeated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import shape_of
from autograd.sums import sum_of_rows, sum_over

SMALL = 1 << 10  # elements that are written faster than a view of them is made


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum ``g`` over the axes along which ``shape`` was repeated to give ``g``'s shape.

    Raises:
        ValueError: if ``shape`` does not broadcast to the shape of ``g``.

    >>> sum_to(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    """
    given = shape_of(g)
    if type(g) is np.ndarray and shape and shape == given[1:]:
        return sum_of_rows(g)  # a bias: the most frequent case
    lead = len(given) - len(shape)
    repeated = [i for i, n in enumerate(shape, lead) if lead >= 0 and n != given[i]]
    if lead < 0 or (repeated and {shape[i - lead] for i in repeated} != {1}):
        raise ValueError(f"shape {shape} does not broadcast to {given}")
    if lead:
        axes = (*range(lead), *repeated)
        total = sum_over(g, axes) if type(g) is np.ndarray else np.sum(g, axis=axes)
        return np.reshape(total, shape) if repeated else total
    if type(g) is np.ndarray:
        return sum_over(g, tuple(repeated), keepdims=True)
    return np.sum(g, axis=tuple(repeated), keepdims=True)


def summed_towards(x: Any, g: Any) -> Any:
    """``g``, summed where an operand ``x`` was repeated along axes that it has.

    The backward pass does so in the end: a rule that goes on with less has less to do. Nothing is
    summed where ``g`` has one axis more than the result, along which several gradients lie.

    >>> summed_towards(np.zeros((4, 1)), np.ones((4, 3)))
    array([[3.],
           [3.],
           [3.],
           [3.]])
    """
    given, shape = shape_of(g), shape_of(x)
    return sum_to(g, shape) if given != shape and len(given) == len(shape) else g


def repeat_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Repeat ``g`` to ``shape``: a view, or if that is small new memory, which takes a fraction of the time.

    >>> repeat_to(np.array([1.0, 2.0]), (2, 2))
    array([[1., 2.],
           [1., 2.]])
    """
    if type(g) is np.ndarray and math.prod(shape) <= SMALL:
        whole = np.empty(shape, g.dtype)
        whole[...] = g
        return whole
    return np.broadcast_to(g, shape)
