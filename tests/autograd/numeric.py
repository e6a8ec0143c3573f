"""Derivatives by numbers alone, to compare rules with: differences and the complex step."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

# A rule and its reference round differently, a few units in the last place each; nothing in the
# domains of the tables is conditioned worse than about a hundred.
ROUNDING = 1e-13
# The complex step has no truncation error and subtracts nothing: rounding only.
COMPLEX_STEP = 1e-13
# See richardson(): rounding of 1e-16 / H * 8 * 2, with room for conditioning.
DIFFERENCES = 1e-10
# The largest step. Samples are farther than that from each other, and from the kinks.
H = 0.02


def draw(shape: tuple[int, ...], seed: int = 1) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def dot(a: Any, b: Any) -> Any:
    return np.sum(a * b)


def replaced(xs: list[Any], i: int, x: Any) -> list[Any]:
    return [*xs[:i], x, *xs[i + 1 :]]


def richardson(phi: Callable[[Any], Any], x: Any, e: Any) -> Any:
    # Central differences err by even powers of the step. Four steps, each half of the one before,
    # remove the first three: what stays is of order H**8 / 4096, below rounding.
    slopes = [(phi(x + h * e) - phi(x - h * e)) / (2 * h) for h in H / 2.0 ** np.arange(4)]
    for k in (4, 16, 64):
        slopes = [(k * fine - coarse) / (k - 1) for coarse, fine in itertools.pairwise(slopes)]
    return slopes[0]


def complex_step(phi: Callable[[Any], Any], x: Any, e: Any) -> Any:
    return phi(x + 1e-30j * e).imag / 1e-30


def numeric(phi: Callable[[Any], Any], x: Any, method: Any = richardson) -> Any:
    """The gradient of a function to numbers, element by element."""
    units = np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([method(phi, x, e) for e in units], x.shape)
