"""The seven activations of the lecture notes by name, and as modules, which take lists of Values too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd
from autograd import Value
from nn.arguments import joined, real_number
from nn.module import Module

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": autograd.sigmoid,
    "tanh": autograd.tanh,
    "relu": autograd.relu,
    "softmax": autograd.softmax,
    "binary_step": autograd.binary_step,
    "linear": autograd.linear,
    "leaky_relu": autograd.leaky_relu,
}


class _Activation(Module):
    """A module without parameters around one function."""

    function: staticmethod[[Any], Any]

    def forward(self, x: Any) -> Any:
        """Apply the function to each element."""
        return self.function(joined(x))


class Sigmoid(_Activation):
    """See :func:`autograd.sigmoid`.

    >>> Sigmoid()(0.0)
    0.5
    """

    function = staticmethod(autograd.sigmoid)


class Tanh(_Activation):
    """See :func:`autograd.tanh`.

    >>> Tanh()(0.0)
    0.0
    """

    function = staticmethod(autograd.tanh)


class ReLU(_Activation):
    """See :func:`autograd.relu`.

    >>> ReLU()([-1.0, 2.0])
    array([0., 2.])
    """

    function = staticmethod(autograd.relu)


class BinaryStep(_Activation):
    """See :func:`autograd.binary_step`.

    >>> BinaryStep()([-1.0, 2.0])
    array([0., 1.])
    """

    function = staticmethod(autograd.binary_step)


class Identity(_Activation):
    """The linear activation: see :func:`autograd.linear`.

    >>> Identity()(2.0)
    2.0
    """

    function = staticmethod(autograd.linear)


class LeakyReLU(Module):
    """See :func:`autograd.leaky_relu`; a Parameter as slope is trained.

    >>> from nn import Parameter
    >>> LeakyReLU(Parameter(0.25)).parameters()
    [Parameter(0.25)]

    Raises:
        UnsupportedType: for a slope that is no number.
        InvalidArgument: for one that is not finite.
    """

    def __init__(self, negative_slope: Any = 0.01) -> None:
        if not isinstance(negative_slope, Value):
            negative_slope = real_number("negative_slope", negative_slope, above=-math.inf)
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        """``x`` where positive, else ``negative_slope * x``."""
        return autograd.leaky_relu(joined(x), self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}"


class Softmax(Module):
    """See :func:`autograd.softmax`; ``dim`` is PyTorch's word for the axis.

    >>> Softmax()([0.0, 0.0])
    array([0.5, 0.5])
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """Probabilities along the axis."""
        return autograd.softmax(joined(x), axis=self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"
