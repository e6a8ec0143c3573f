"""Neurons and layers.

A layer has two forms with the same numbers: one weight matrix, which is fast, or single
neurons with one Value per weight (``neurons=True``), whose graph is the textbook's picture.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Value, linear
from autograd.data import as_operand
from autograd.errors import InvalidArgument, ShapeError, UnsupportedType
from autograd.rules.products import AFFINE
from autograd.value import NO_PARAMS, apply
from nn.activations import ACTIVATIONS, Softmax
from nn.arguments import as_rng, look_up, positive_integer
from nn.init import INITIALIZERS, uniform, zeros
from nn.inputs import as_columns, as_input, join
from nn.module import Module, Parameter, label_parameters, name_of

Activation = str | Callable[[Any], Any]


class Linear(Module):
    """``x @ weight.T + bias``: shapes (..., in_features) to (..., out_features).

    Args:
        in_features: length of the last axis of the input.
        out_features: length of the last axis of the output.
        bias: False leaves the bias out.
        init: initial weights, a name of ``nn.init`` or a function (shape, rng), with zeros
            for the bias. By default weights and bias are uniform in +-1/sqrt(in_features).
        dtype: floating-point type of the parameters.
        rng: generator or seed of the initial weights.

    Raises:
        InvalidArgument: for a size that is no positive integer.
        UnknownName: for an unknown name of ``init``.

    >>> layer = Linear(3, 2, rng=0)
    >>> layer([[1.0, 2.0, 3.0]]).shape, [name for name, _ in layer.named_parameters()]
    ((1, 2), ['weight', 'bias'])
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        init: Any = None,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        self.in_features = positive_integer("in_features", in_features)
        self.out_features = positive_integer("out_features", out_features)
        weight, offset = _draw(self.out_features, self.in_features, init, _float_type(dtype), as_rng(rng))
        self.weight = Parameter(weight, label="weight")
        self.bias = Parameter(offset, label="bias") if bias else None

    def forward(self, x: Any) -> Any:
        """Shape (..., in_features) to (..., out_features)."""
        return _affine(as_input(x, self.in_features, self.weight, self), self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.in_features}, {self.out_features}" + ("" if self.bias is not None else ", bias=False")


class _Activated(Module):
    """What applies an activation, a name or a function, which may be set anew."""

    _apply: Callable[[Any], Any]

    @property
    def activation(self) -> Activation:
        """The activation, as it was given."""
        return vars(self)["activation"]  # type: ignore[no-any-return]

    @activation.setter
    def activation(self, given: Activation) -> None:
        function = look_up("activation", given, ACTIVATIONS)
        self._pass_on(given, function)
        # Under its own name: there the parameters of a module are found.
        vars(self).update(activation=given, _apply=function)

    def _pass_on(self, given: Activation, function: Callable[[Any], Any]) -> None:
        """Refuse an activation, or give it to the parts that apply it."""
        raise NotImplementedError


class Neuron(_Activated):
    """``activation(w0*x0 + w1*x1 + ... + b)`` of scalar weights, one Value each.

    Args:
        in_features: number of inputs.
        activation: a name (see ``nn.activations``) or a function of one Value.
        bias: False leaves ``b`` out.
        init: as for :class:`Linear`.
        dtype: the numbers of the weights are rounded to this type.
        rng: generator or seed of the initial weights.

    Raises:
        InvalidArgument: for softmax, which needs the outputs of a whole layer.

    >>> neuron = Neuron(2, "tanh", rng=0)
    >>> [p.label for p in neuron.parameters()]
    ['w0', 'w1', 'b']
    >>> neuron([1.0, -2.0]).shape
    ()
    """

    def __init__(
        self,
        in_features: int,
        activation: Activation = "relu",
        *,
        bias: bool = True,
        init: Any = None,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        n = positive_integer("in_features", in_features)
        self.dtype = _float_type(dtype)
        self.activation = activation
        weight, offset = _draw(1, n, init, self.dtype, as_rng(rng))
        self._set(weight[0], offset[0] if bias else None)

    @classmethod
    def of(cls, weight: Any, bias: Any, activation: Activation) -> Neuron:
        """A neuron with given weights: an array of shape (in_features,), and a number or None."""
        neuron = cls.__new__(cls)
        neuron.dtype = weight.dtype
        neuron.activation = activation
        neuron._set(weight, bias)
        return neuron

    def _pass_on(self, given: Activation, function: Callable[[Any], Any]) -> None:  # noqa: ARG002 - a Layer's
        if _is_joint(function):
            raise InvalidArgument("a single neuron has no softmax: give it to a Layer, which has all outputs")

    def _set(self, weight: Any, bias: Any) -> None:
        self.w = [Parameter(float(w), label=f"w{i}") for i, w in enumerate(weight)]
        self.b = None if bias is None else Parameter(float(bias), label="b")

    def forward(self, x: Any) -> Any:
        """A list of numbers or Values to one Value, or shape (..., in_features) to (...)."""
        return self.of_columns(as_columns(x, len(self.w), self, self))

    def of_columns(self, columns: Sequence[Value]) -> Value:
        """The output for one Value per input, all of one shape."""
        z = functools.reduce(operator.add, map(operator.mul, self.w, columns))
        return self._apply(z if self.b is None else z + self.b)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """The number of inputs and the activation."""
        return f"{len(self.w)}, {_settings(self.activation, bias=self.b is not None)}"


class Layer(_Activated):
    """Neurons side by side: ``activation(x @ weight.T + bias)``.

    Args:
        in_features: number of inputs.
        out_features: number of neurons.
        activation: a name (see ``nn.activations``) or a function of one Value.
        bias: False leaves the bias out.
        neurons: True builds it of single :class:`Neuron` objects, in the list ``neurons``, which
            apply the activation one by one, but for softmax.
            Given a list of scalars, it then gives a list (or the Value, if it is one).
        init, dtype, rng: as for :class:`Linear`.

    >>> matrix, single = Layer(3, 2, "tanh", rng=0), Layer(3, 2, "tanh", neurons=True, rng=0)
    >>> x = np.array([1.0, 2.0, 3.0])
    >>> bool(np.allclose(matrix(x).data, single(x).data))
    True
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        activation: Activation = "relu",
        *,
        bias: bool = True,
        neurons: bool = False,
        init: Any = None,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        self.activation = activation
        self.in_features = positive_integer("in_features", in_features)
        self.out_features = positive_integer("out_features", out_features)
        self.dtype = _float_type(dtype)
        weight, offset = _draw(self.out_features, self.in_features, init, self.dtype, as_rng(rng))
        if neurons:
            offsets = offset if bias else [None] * self.out_features
            self.neurons = [Neuron.of(w, b, "linear") for w, b in zip(weight, offsets, strict=True)]
            self.activation = activation  # of the neurons, now that they are there
            label_parameters(self)
        else:
            self.weight = Parameter(weight, label="weight")
            self.bias = Parameter(offset, label="bias") if bias else None

    def _pass_on(self, given: Activation, function: Callable[[Any], Any]) -> None:
        for neuron in vars(self).get("neurons", ()):
            neuron.activation = "linear" if _is_joint(function) else given

    def forward(self, x: Any) -> Any:
        """Shape (..., in_features) to (..., out_features); a list of scalars to neurons gives a list."""
        if "neurons" in self.__dict__:  # hasattr takes its time where there are none
            return join(self.of_columns(as_columns(x, self.in_features, self, self)), x)
        x = as_input(x, self.in_features, self.weight, self)
        y = _affine(x, self.weight, self.bias)
        return y if self._apply is linear else self._apply(y)

    def of_columns(self, columns: Sequence[Value]) -> list[Value]:
        """One Value per neuron for one Value per input; for a layer of neurons."""
        outputs = [neuron.of_columns(columns) for neuron in self.neurons]
        if _is_joint(self._apply):
            joint = self._apply(np.stack(outputs, axis=-1))
            outputs = [joint[..., i] for i in range(len(outputs))]
        return outputs

    def extra_repr(self) -> str:
        """The sizes and the activation."""
        bias = "neurons" in vars(self) or self.bias is not None
        return f"{self.in_features}, {self.out_features}, {_settings(self.activation, bias=bias)}"


def _affine(x: Any, weight: Value, bias: Value | None) -> Any:
    return x @ weight.T if bias is None else apply(AFFINE, (x, weight, bias), NO_PARAMS)


def _is_joint(activation: Callable[[Any], Any]) -> bool:
    """Softmax needs all outputs of a layer at once: no single neuron can apply it."""
    return activation is ACTIVATIONS["softmax"] or isinstance(activation, Softmax)


def _float_type(dtype: Any) -> np.dtype[Any]:
    try:
        chosen: np.dtype[Any] | None = np.dtype(dtype)
    except TypeError:
        chosen = None
    if chosen is None or chosen.kind != "f":
        raise UnsupportedType(f"dtype must be a floating-point type such as np.float32, got {dtype!r}")
    return chosen


def _draw(n: int, fan_in: int, init: Any, dtype: np.dtype[Any], rng: np.random.Generator) -> tuple[Any, Any]:
    """Weights of shape (n, fan_in) and biases of shape (n,).

    The weights lie in memory column by column, so that BLAS reads ``weight.T`` in its order.
    """
    weights = look_up("initializer", uniform if init is None else init, INITIALIZERS)
    weight = np.asarray(as_operand(weights((n, fan_in), rng)))
    if weight.shape != (n, fan_in):
        raise ShapeError(f"init must give an array of shape {(n, fan_in)}, got {weight.shape}")
    bias = uniform((n, 1), rng, bound=fan_in**-0.5) if init is None else zeros((n, 1))
    return weight.astype(dtype, order="F"), bias[:, 0].astype(dtype)


def _settings(activation: Activation, bias: bool) -> str:
    """The activation, a name in quotes as it was given, and whether there is no bias."""
    name = repr(activation) if isinstance(activation, str) else name_of(activation)
    return f"activation={name}" + ("" if bias else ", bias=False")
