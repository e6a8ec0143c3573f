"""Automatic differentiation on NumPy: record a computation, differentiate it in reverse.

>>> import numpy as np
>>> from autograd import Value
>>> w = Value([[1.0, 2.0]], label="w")
>>> y = np.tanh(w @ np.array([0.5, -0.5])).sum()
>>> y.backward()
>>> w.grad.shape
(1, 2)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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
from autograd.checkpointing import checkpoint
from autograd.extending import primitive
from autograd.functional import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.memory import keep_freed_memory
from autograd.recording import no_grad
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.checking import check_gradients
    from autograd.compiling import compile
    from autograd.derivation import assert_derivation, check_derivation
    from autograd.drawing import draw_graph
    from autograd.explaining import explain
    from autograd.stepping import step_through

keep_freed_memory()

# What reads graphs is imported when it is first used: it is several times as large as the engine.
_LATER = {
    "assert_derivation": "autograd.derivation",
    "check_derivation": "autograd.derivation",
    "check_gradients": "autograd.checking",
    "compile": "autograd.compiling",
    "draw_graph": "autograd.drawing",
    "explain": "autograd.explaining",
    "step_through": "autograd.stepping",
}

__all__ = [
    "Value",
    "assert_derivation",
    "binary_step",
    "check_derivation",
    "check_gradients",
    "checkpoint",
    "compile",
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


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
