"""Layers in a row."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument, UnsupportedType
from nn.activations import ACTIVATIONS
from nn.arguments import as_rng, look_up, positive_integer
from nn.inputs import as_columns, join
from nn.layers import Activation, Layer
from nn.module import Module, label_parameters


class MLP(Module):
    """A multilayer perceptron: layers in a row, in the list ``layers``.

    Args:
        in_features: number of inputs.
        sizes: number of neurons of each layer.
        activation: of every layer but the last.
        output_activation: of the last layer.
        bias, neurons, init, dtype, rng: as for :class:`Layer`.

    Raises:
        InvalidArgument: if ``sizes`` is empty, or a size is no positive integer.
        UnknownName: for a name that is no activation.

    >>> MLP(3, [4, 1], rng=0)
    MLP(
      (layers.0): Layer(3, 4, activation='relu')
      (layers.1): Layer(4, 1, activation='linear')
    )
    """

    def __init__(
        self,
        in_features: int,
        sizes: Iterable[int],
        activation: Activation = "relu",
        output_activation: Activation = "linear",
        *,
        bias: bool = True,
        neurons: bool = False,
        init: Any = None,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        counts = list(sizes) if isinstance(sizes, Iterable) else []
        if not counts:
            raise InvalidArgument(
                f"sizes must list the neurons of each layer, as in [4, 4, 1], got {sizes!r}"
            )
        rng = as_rng(rng)
        widths = [in_features, *(positive_integer(f"sizes[{i}]", n) for i, n in enumerate(counts))]
        look_up("activation", activation, ACTIVATIONS)  # a network of one layer does not use it
        functions = [activation] * (len(counts) - 1) + [output_activation]
        self.layers = [
            Layer(n, m, f, bias=bias, neurons=neurons, init=init, dtype=dtype, rng=rng)
            for n, m, f in zip(widths[:-1], widths[1:], functions, strict=True)
        ]
        label_parameters(self)

    def forward(self, x: Any) -> Any:
        """Shape (..., in_features) to (..., sizes[-1]); a list of scalars to neurons as in a layer."""
        first = self.layers[0]
        if "neurons" not in vars(first) or not all(hasattr(layer, "neurons") for layer in self.layers):
            return functools.reduce(lambda y, layer: layer(y), self.layers, x)
        columns = as_columns(x, first.in_features, first, self)
        return join(functools.reduce(lambda y, layer: layer.of_columns(y), self.layers, columns), x)


class Sequential(Module):
    """Modules and functions in a row, under the names "0", "1", ... as in PyTorch.

    Raises:
        UnsupportedType: for an item that cannot be called, or a class.

    >>> from nn import Linear
    >>> model = Sequential(Linear(3, 2, rng=0), np.tanh)
    >>> model(np.zeros((5, 3))).shape, list(model.state_dict())
    ((5, 2), ['0.weight', '0.bias'])
    """

    def __init__(self, *modules: Callable[[Any], Any]) -> None:
        for i, module in enumerate(modules):
            if not callable(module) or isinstance(module, type):
                raise UnsupportedType(
                    "Sequential takes modules and functions, as in Sequential(Linear(2, 3), ReLU()); "
                    f"item {i} is {module!r}"
                )
            setattr(self, str(i), module)
        label_parameters(self)

    def __iter__(self) -> Iterator[Any]:
        return (part for name, part in vars(self).items() if name.isdigit())

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, i: int | slice) -> Any:
        """An item; of a slice, a Sequential of the same items."""
        found = list(self)[i]
        if not isinstance(i, slice):
            return found
        part = Sequential()
        vars(part).update({str(k): item for k, item in enumerate(found)})  # they keep their labels
        return part

    def forward(self, x: Any) -> Any:
        """Each item applied to the result of the one before."""
        return functools.reduce(lambda y, item: item(y), self, x)
