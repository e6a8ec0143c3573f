"""W6: sum(tanh(x w + b)^2 sigmoid(x)) of a million elements, with all gradients."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from . import libraries, torches
from .workload import Inputs, Step, Target, Workload

ELEMENTS = 1_000_000


def inputs(dtype: type, small: bool) -> Inputs:
    """Three arrays of one length: x, w, b."""
    rng = np.random.default_rng(6)
    n = 50 if small else ELEMENTS
    return {"params": [rng.standard_normal(n, dtype=dtype) for _ in range(3)], "data": ()}


def reference(inputs: Inputs) -> Step:
    """Plain NumPy, one line a step."""
    x, w, b = inputs["params"]

    def step() -> Any:
        t = np.tanh(x * w + b)
        s = 1.0 / (1.0 + np.exp(-x))
        square = t * t
        value = (square * s).sum()
        gz = 2.0 * t * s * (1.0 - square)
        return value, [gz * w + square * s * (1.0 - s), gz * x, gz]

    return step


def loss(lib: Any, params: list[Any]) -> Any:
    """The function in the names of one library."""
    x, w, b = params
    return lib.np.sum(lib.np.tanh(x * w + b) ** 2 * lib.sigmoid(x))


def torch_loss(torch: Any, params: list[Any]) -> Any:
    """The same in PyTorch."""
    x, w, b = params
    return (torch.tanh(x * w + b) ** 2 * torch.sigmoid(x)).sum()


def _case(dtype: type, compiled: float, tolerance: float) -> Workload:
    return Workload(
        "w6",
        f"sum(tanh(x w + b)^2 sigmoid(x)), 10^6 elements, {dtype.__name__}",
        partial(inputs, dtype),
        {
            "reference": reference,
            **libraries.columns(loss),
            **torches.columns(torch_loss, compiled=True),
        },
        case=dtype.__name__,
        targets={"eager": Target(1.3), "compiled": Target(compiled)},
        tolerance=tolerance,
    )


WORKLOADS = [_case(np.float32, 0.65, 1e-4), _case(np.float64, 0.45, 1e-9)]
