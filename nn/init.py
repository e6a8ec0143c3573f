"""Initial weights: each function gives an array of a shape ``(out, in)``, drawn from ``rng``.

Other shapes, and scales that are negative or not finite, are refused with ``InvalidArgument``.

The fan-in of a weight matrix is the number of inputs of each neuron, its fan-out the number
of neurons. Xavier: Glorot and Bengio, 2010; He (Kaiming): He et al., 2015.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument
from nn.arguments import as_rng, real_number

Shape = tuple[int, ...]
Initializer = Callable[..., Any]


def uniform(shape: Shape, rng: Any = None, bound: float | None = None) -> Any:
    """Uniform in [-bound, bound], by default 1/sqrt(fan-in), as in PyTorch's ``Linear``.

    >>> bool((abs(uniform((4, 100), rng=0)) <= 0.1).all())
    True
    """
    bound = 1.0 / math.sqrt(_fans(shape)[0]) if bound is None else bound
    bound = real_number("bound", bound)
    return as_rng(rng).uniform(-bound, bound, shape)


def normal(shape: Shape, rng: Any = None, std: float | None = None) -> Any:
    """Normal with mean 0 and deviation ``std``, by default 1/sqrt(fan-in).

    >>> normal((2, 3), rng=0, std=0.0)
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    std = 1.0 / math.sqrt(_fans(shape)[0]) if std is None else std
    return as_rng(rng).normal(0.0, real_number("std", std), shape)


def xavier_uniform(shape: Shape, rng: Any = None, gain: float = 1.0) -> Any:
    """Uniform with variance 2 gain^2/(fan-in + fan-out): keeps the variance through tanh layers.

    >>> bool((abs(xavier_uniform((300, 300), rng=0)) <= 0.1).all())
    True
    """
    gain = real_number("gain", gain)
    return uniform(shape, rng, bound=gain * math.sqrt(6.0 / sum(_fans(shape))))


def xavier_normal(shape: Shape, rng: Any = None, gain: float = 1.0) -> Any:
    """Normal with variance 2 gain^2/(fan-in + fan-out).

    >>> round(float(xavier_normal((300, 100), rng=0).std()), 2)  # sqrt(2 / 400)
    0.07
    """
    gain = real_number("gain", gain)
    return normal(shape, rng, std=gain * math.sqrt(2.0 / sum(_fans(shape))))


def he_uniform(shape: Shape, rng: Any = None) -> Any:
    """Uniform with variance 2/fan-in: keeps the variance through ReLU layers.

    >>> bool((abs(he_uniform((100, 600), rng=0)) <= 0.1).all())
    True
    """
    return uniform(shape, rng, bound=math.sqrt(6.0 / _fans(shape)[0]))


def he_normal(shape: Shape, rng: Any = None) -> Any:
    """Normal with variance 2/fan-in.

    >>> round(float(he_normal((300, 200), rng=0).std()), 2)  # sqrt(2 / 200)
    0.1
    """
    return normal(shape, rng, std=math.sqrt(2.0 / _fans(shape)[0]))


def zeros(shape: Shape, rng: Any = None) -> Any:  # noqa: ARG001 - called as the others are
    """Zeros, for biases; a network of such weights learns nothing, as its neurons stay alike.

    >>> zeros((1, 2))
    array([[0., 0.]])
    """
    return np.zeros(shape)


kaiming_uniform, kaiming_normal = he_uniform, he_normal

INITIALIZERS: dict[str, Initializer] = {
    "uniform": uniform,
    "normal": normal,
    "xavier": xavier_uniform,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he": he_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "kaiming_uniform": he_uniform,
    "kaiming_normal": he_normal,
    "zeros": zeros,
}


def _fans(shape: Shape) -> tuple[int, int]:
    """Fan-in and fan-out of a weight of shape (out, in)."""
    try:
        fan_out, fan_in = map(operator.index, shape)
    except (TypeError, ValueError):
        fan_out = fan_in = 0
    if min(fan_out, fan_in) < 1:
        raise InvalidArgument(f"initial weights need a shape (out, in) of positive lengths, got {shape}")
    return fan_in, fan_out
