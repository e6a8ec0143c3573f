"""Undoing NumPy's broadcasting: a gradient is summed over what was repeated."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.sums import sum_over


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum ``g`` over the axes along which ``shape`` was repeated to give ``g``'s shape.

    Raises:
        ValueError: if ``shape`` does not broadcast to the shape of ``g``.

    >>> sum_to(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    """
    given = np.shape(g)
    if type(g) is np.ndarray and shape and shape == given[1:]:
        return sum_over(g, (0,))  # a bias: the most frequent case
    lead = len(given) - len(shape)
    if lead < 0 or any(n not in (1, given[lead + i]) for i, n in enumerate(shape)):
        raise ValueError(f"shape {shape} does not broadcast to {given}")
    repeated = [i for i, n in enumerate(shape, lead) if n == 1 and given[i] != 1]
    axes = (*range(lead), *repeated)
    return np.reshape(sum_over(g, axes) if type(g) is np.ndarray else np.sum(g, axis=axes), shape)
