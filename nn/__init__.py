"""Neural networks on ``autograd``: modules, layers, activations, losses, optimizers, training.

>>> import numpy as np
>>> from nn import MLP
>>> model = MLP(3, [4, 4, 1], rng=0)
>>> model(np.ones((5, 3))).shape
(5, 1)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd.activations import binary_step, leaky_relu, linear, relu, sigmoid, softmax, tanh
from nn import init
from nn.activations import BinaryStep, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from nn.layers import Layer, Linear, Neuron
from nn.losses import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    MSELoss,
    SquaredErrorLoss,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    squared_error,
)
from nn.module import Module, Parameter
from nn.networks import MLP, Sequential
from nn.optim import SGD, Optimizer

if TYPE_CHECKING:
    from nn.compiling import compile
    from nn.training import History, NonFiniteLoss, fit

# Imported when it is first used.
_LATER = {
    "History": "nn.training",
    "NonFiniteLoss": "nn.training",
    "compile": "nn.compiling",
    "fit": "nn.training",
}

__all__ = [
    "MLP",
    "SGD",
    "BCEWithLogitsLoss",
    "BinaryStep",
    "CrossEntropyLoss",
    "History",
    "Identity",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MSELoss",
    "Module",
    "Neuron",
    "NonFiniteLoss",
    "Optimizer",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "SquaredErrorLoss",
    "Tanh",
    "binary_cross_entropy_with_logits",
    "binary_step",
    "compile",
    "cross_entropy",
    "fit",
    "init",
    "leaky_relu",
    "linear",
    "mse_loss",
    "relu",
    "sigmoid",
    "softmax",
    "squared_error",
    "tanh",
]


def __getattr__(name: str) -> Any:
    if name in ("plots", "training"):
        return import_module(f"nn.{name}")
    if name not in _LATER:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
