"""Automatic differentiation on NumPy: record a computation, differentiate it in reverse.

>>> import numpy as np
>>> from autograd import Value
>>> w = Value([[1.0, 2.0]], label="w")
>>> y = np.tanh(w @ np.array([0.5, -0.5])).sum()
>>> y.backward()
>>> w.grad.shape
(1, 2)
"""

from autograd.activations import (
    binary_step,
    leaky_relu,
    linear,
    log_softmax,
    logsumexp,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from autograd.backward import gradients
from autograd.checking import check_gradients
from autograd.checkpointing import checkpoint
from autograd.derivation import assert_derivation, check_derivation
from autograd.drawing import draw_graph
from autograd.explaining import explain
from autograd.extending import primitive
from autograd.functional import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.recording import no_grad
from autograd.stepping import step_through
from autograd.value import Value

__all__ = [
    "Value",
    "assert_derivation",
    "binary_step",
    "check_derivation",
    "check_gradients",
    "checkpoint",
    "draw_graph",
    "explain",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsumexp",
    "no_grad",
    "primitive",
    "relu",
    "sigmoid",
    "softmax",
    "step_through",
    "tanh",
    "value_and_grad",
    "vjp",
]
