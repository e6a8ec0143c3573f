"""W2: micrograd's demo, one training step: 100 points, a network 2-16-16-1 of scalar neurons.

The loss is the mean margin max(0, 1 - t y) of the points, and 1e-4 times the sum of all squares of
parameters. Parameters are one list per layer and kind: weights by neuron, then biases.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from . import libraries, torches
from .updates import SGD
from .workload import Inputs, Step, Target, Workload

SIZES = (2, 16, 16, 1)
DECAY = 1e-4
UPDATE = SGD(lr=0.1)


def inputs(small: bool) -> Inputs:
    """Two half moons, and weights as the demo draws them."""
    rng = np.random.default_rng(2)
    n, sizes = (6, (2, 3, 3, 1)) if small else (100, SIZES)
    angle, side = rng.uniform(0, np.pi, n), rng.integers(0, 2, n)
    x = np.stack([np.cos(angle) + side, np.sin(angle)], axis=1)
    x[:, 1] = np.where(side, 0.5 - x[:, 1], x[:, 1])
    x += rng.normal(scale=0.1, size=x.shape)
    params = []
    for fan_in, m in pairwise(sizes):
        params += [rng.uniform(-1, 1, (m, fan_in)), np.zeros(m)]
    return {"params": params, "data": (x, 2.0 * side - 1.0)}


def start(inputs: Inputs) -> list[Any]:
    """The parameters before the first step."""
    return list(inputs["params"])


def reference(inputs: Inputs) -> Step:
    """Matrices: all points at once."""
    params, (x, t) = inputs["params"], inputs["data"]
    W1, b1, W2, b2, W3, b3 = params

    def step() -> Any:
        h1 = np.maximum(x @ W1.T + b1, 0.0)
        h2 = np.maximum(h1 @ W2.T + b2, 0.0)
        y = (h2 @ W3.T + b3)[:, 0]
        margin = np.maximum(1.0 - t * y, 0.0)
        loss = margin.mean() + DECAY * sum((p * p).sum() for p in params)
        d3 = np.where(margin > 0.0, -t / len(t), 0.0)[:, None]
        d2 = d3 @ W3 * (h2 > 0.0)
        d1 = d2 @ W2 * (h1 > 0.0)
        gradients = [d1.T @ x, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]
        for p, g in zip(params, gradients, strict=True):
            p -= UPDATE.lr * (g + 2.0 * DECAY * p)
        return loss, params

    return step


def scalar_loss(params: list[Any], points: list[list[float]], signs: list[float], relu: Any) -> Any:
    """The loss of lists of scalars, of any library: neuron by neuron, point by point."""
    total = 0.0
    for point, t in zip(points, signs, strict=True):
        values: list[Any] = point
        for k in range(0, len(params), 2):
            sums = []
            for weights, b in zip(params[k], params[k + 1], strict=True):
                z = b
                for w, v in zip(weights, values, strict=True):
                    z = z + w * v
                sums.append(z if k == len(params) - 2 else relu(z))
            values = sums
        total = total + relu(1.0 - t * values[0])
    squares = 0.0
    for p in scalars(params):
        squares = squares + p * p
    return total / len(points) + DECAY * squares


def scalars(params: Any) -> list[Any]:
    """All numbers of nested lists, in order."""
    return [s for part in params for s in scalars(part)] if isinstance(params, list) else [params]


def nested(make: Any, array: Any) -> Any:
    """An array as nested lists, each number through ``make``."""
    return [nested(make, row) for row in array] if np.ndim(array) else make(float(array))


def eager(inputs: Inputs) -> Step:
    """One Value a parameter."""
    from autograd import Value

    return _of_values(inputs, Value, Value.relu)


def micrograd(inputs: Inputs) -> Step:
    """Micrograd's own Values."""
    from micrograd.engine import Value

    return _of_values(inputs, Value, Value.relu)


def _of_values(inputs: Inputs, make: Any, relu: Any) -> Step:
    params = [nested(make, p) for p in inputs["params"]]
    points, signs = (x.tolist() for x in inputs["data"])
    every = scalars(params)
    nothing = every[0].grad  # None or 0.0

    def step() -> Any:
        loss = scalar_loss(params, points, signs, relu)
        for p in every:
            p.grad = nothing
        loss.backward()
        for p in every:
            p.data -= UPDATE.lr * p.grad
        return loss.data, params

    return step


def compiled(inputs: Inputs) -> Step:
    """The same scalar program, traced once, and gradient descent on its numbers."""
    from autograd import relu

    params = [p.tolist() for p in inputs["params"]]
    points, signs = (x.tolist() for x in inputs["data"])
    function = libraries.compiler("autograd")(lambda params: scalar_loss(params, points, signs, relu))

    def descend(p: Any, g: Any) -> Any:
        if isinstance(p, list):
            return [descend(*pair) for pair in zip(p, g, strict=True)]
        return p - UPDATE.lr * g

    def step() -> Any:
        nonlocal params
        loss, gradients = function(params)
        params = descend(params, gradients)
        return loss, params

    return step


def loss(lib: Any, params: list[Any], x: Any, t: Any) -> Any:
    """The loss of matrices, for libraries that are no good at scalars."""
    np = lib.np
    W1, b1, W2, b2, W3, b3 = params
    h = lib.relu(lib.relu(x @ W1.T + b1) @ W2.T + b2)
    margin = lib.relu(1.0 - t * (h @ W3.T + b3)[:, 0])
    return np.mean(margin) + DECAY * sum(np.sum(p * p) for p in params)


def torch_loss(torch: Any, params: list[Any], x: Any, t: Any) -> Any:
    """The same in PyTorch."""
    W1, b1, W2, b2, W3, b3 = params
    h = torch.relu(torch.relu(x @ W1.T + b1) @ W2.T + b2)
    margin = torch.relu(1.0 - t * (h @ W3.T + b3)[:, 0])
    return margin.mean() + DECAY * sum((p * p).sum() for p in params)


WORKLOADS = [
    Workload(
        "w2",
        "micrograd's demo: 100 points, 2-16-16-1 scalar neurons, one step",
        inputs,
        {
            "reference": reference,
            "eager": eager,
            "compiled": compiled,
            "micrograd": micrograd,
            **libraries.columns(loss, ("hips", "mygrad", "jax"), UPDATE),
            **torches.columns(torch_loss, UPDATE),
        },
        targets={"eager": Target(1 / 12, "micrograd"), "compiled": Target(1 / 250, "micrograd")},
        start=start,
    )
]
