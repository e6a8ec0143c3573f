"""W1: a chain of 9,999 operations on scalars: multiply, add, tanh, in turn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .libraries import compiler
from .workload import Inputs, Step, Target, Workload

OPERATIONS = 9_999


def inputs(small: bool, operations: int = OPERATIONS) -> Inputs:
    """A point and the two numbers of the chain."""
    rng = np.random.default_rng(1)
    x, w, b = rng.uniform(0.5, 1.0, 3).tolist()
    return {"operations": 30 if small else operations, "point": (x, w, b)}


def chain(x: Any, w: Any, b: Any, operations: int, tanh: Any) -> Any:
    """X <- tanh(x w + b), three operations, again and again."""
    for _ in range(operations // 3):
        x = tanh(x * w + b)
    return x


def reference(inputs: Inputs) -> Step:
    """Floats in a loop, one operation after the other, and the chain rule in a loop backward."""
    operations, (x0, w, b) = inputs["operations"], inputs["point"]

    def step() -> Any:
        tanh, x, xs = math.tanh, x0, []
        for i in range(operations):
            xs.append(x)
            if i % 3 == 0:
                x = x * w
            elif i % 3 == 1:
                x = x + b
            else:
                x = tanh(x)
        g, gw, gb, y = 1.0, 0.0, 0.0, x
        for i in reversed(range(operations)):
            before = xs[i]
            if i % 3 == 0:
                gw += g * before
                g *= w
            elif i % 3 == 1:
                gb += g
            else:
                g *= 1.0 - y * y
            y = before
        return x, [g, gw, gb]

    return step


def eager(inputs: Inputs) -> Step:
    """Values."""
    from autograd import Value

    n = inputs["operations"]

    def step() -> Any:
        x, w, b = map(Value, inputs["point"])
        y = chain(x, w, b, n, Value.tanh)
        y.backward()
        return y.data, [x.grad, w.grad, b.grad]

    return step


def compiled(inputs: Inputs) -> Step:
    """The same chain, traced once."""
    from autograd import tanh

    n, point = inputs["operations"], inputs["point"]
    function = compiler("autograd")(lambda x, w, b: chain(x, w, b, n, tanh), argnums=(0, 1, 2))
    return lambda: function(*point)


def micrograd(inputs: Inputs) -> Step:
    """micrograd, with the tanh of its author's lecture."""
    from micrograd.engine import Value

    def tanh(x: Any) -> Any:
        y = Value(math.tanh(x.data), (x,), "tanh")

        def backward() -> None:
            x.grad += (1 - y.data**2) * y.grad

        y._backward = backward
        return y

    def step() -> Any:
        x, w, b = map(Value, inputs["point"])
        y = chain(x, w, b, inputs["operations"], tanh)
        y.backward()
        return y.data, [x.grad, w.grad, b.grad]

    return step


def deep_micrograd(inputs: Inputs) -> Step:
    """The same with room for its recursion."""
    import sys

    sys.setrecursionlimit(10 * inputs["operations"] + 1000)
    return micrograd(inputs)


def hips(inputs: Inputs) -> Step:
    """HIPS autograd."""
    import autograd.numpy as np

    from autograd import value_and_grad

    n, point = inputs["operations"], inputs["point"]
    function = value_and_grad(lambda p: chain(p[0], p[1], p[2], n, np.tanh))
    return lambda: function(point)


def mygrad(inputs: Inputs) -> Step:
    """MyGrad."""
    import mygrad as mg

    def step() -> Any:
        x, w, b = map(mg.tensor, inputs["point"])
        y = chain(x, w, b, inputs["operations"], mg.tanh)
        y.backward()
        return y.data, [x.grad, w.grad, b.grad]

    return step


def torch(inputs: Inputs) -> Step:
    """PyTorch, tensors without dimensions."""
    import torch

    torch.set_num_threads(1)
    point = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in inputs["point"]]

    def step() -> Any:
        y = chain(*point, inputs["operations"], torch.tanh)
        return y, torch.autograd.grad(y, point)

    return step


WORKLOADS = [
    Workload(
        "w1",
        "scalar chain, 9,999 operations",
        inputs,
        {
            "reference": reference,
            "eager": eager,
            "compiled": compiled,
            "micrograd": deep_micrograd,
            "hips": hips,
            "mygrad": mygrad,
            "torch": torch,
        },
        targets={"eager": Target(5.5), "compiled": Target(0.55)},
    )
]
