"""W3, W4, W5 and W12 share one network of three layers; here are its columns.

Parameters are W1, b1, W2, b2, W3, b3 with W of shape (inputs, outputs).
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from . import libraries, torches
from .updates import SGD
from .workload import Builder, Inputs, Step


def inputs(batch: int, sizes: tuple[int, ...], dtype: type, small: bool) -> Inputs:
    """Normal data, labels at random, and weights of He's size."""
    rng = np.random.default_rng(3)
    batch, sizes = (4, (5, 6, 7, 3)) if small else (batch, sizes)
    draw = partial(rng.standard_normal, dtype=dtype)
    params = []
    for n, m in pairwise(sizes):
        params += [draw((n, m)) * dtype((2.0 / n) ** 0.5), draw(m) * dtype(0.1)]
    return {"params": params, "data": (draw((batch, sizes[0])), rng.integers(0, sizes[-1], batch))}


def start(inputs: Inputs) -> list[Any]:
    """The parameters before the first step."""
    return [p.copy() for p in inputs["params"]]


def columns(activation: str, update: SGD, torch_compile: bool = False) -> dict[str, Builder]:
    """Every column of such a network."""
    shared = libraries.columns(partial(loss, activation), ("hips", "mygrad", "jax"), update)
    return {
        "reference": partial({"tanh": tanh_reference, "relu": relu_reference}[activation], update),
        "eager": partial(eager, activation, update),
        "modules": partial(modules, activation, update),
        "compiled": partial(compiled, activation, update),
        **shared,
        **torches.columns(partial(torch_loss, activation), update, torch_compile),
    }


def tanh_reference(update: SGD, inputs: Inputs) -> Step:
    """Plain NumPy by hand: tanh, cross-entropy, gradient descent."""
    params, (x, labels) = inputs["params"], inputs["data"]
    W1, b1, W2, b2, W3, b3 = params
    rows, lr = np.arange(len(x)), update.lr

    def step() -> Any:
        h1 = np.tanh(x @ W1 + b1)
        h2 = np.tanh(h1 @ W2 + b2)
        logits = h2 @ W3 + b3
        shifted = logits - logits.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - shifted[rows, labels]).mean()
        d3 = e / total
        d3[rows, labels] -= 1.0
        d3 /= len(x)
        d2 = d3 @ W3.T * (1.0 - h2 * h2)
        d1 = d2 @ W2.T * (1.0 - h1 * h1)
        gradients = (x.T @ d1, d1.sum(axis=0), h1.T @ d2, d2.sum(axis=0), h2.T @ d3, d3.sum(axis=0))
        for p, g in zip(params, gradients, strict=True):
            p -= lr * g
        return loss, params

    return step


def relu_reference(update: SGD, inputs: Inputs) -> Step:
    """Plain NumPy by hand: ReLU, cross-entropy, gradient descent with momentum."""
    params, (x, labels) = inputs["params"], inputs["data"]
    W1, b1, W2, b2, W3, b3 = params
    rows, change = np.arange(len(x)), update.in_place(params)

    def step() -> Any:
        h1 = np.maximum(x @ W1 + b1, 0.0)
        h2 = np.maximum(h1 @ W2 + b2, 0.0)
        logits = h2 @ W3 + b3
        shifted = logits - logits.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - shifted[rows, labels]).mean()
        d3 = e / total
        d3[rows, labels] -= 1.0
        d3 /= len(x)
        d2 = d3 @ W3.T * (h2 > 0.0)
        d1 = d2 @ W2.T * (h1 > 0.0)
        change([x.T @ d1, d1.sum(axis=0), h1.T @ d2, d2.sum(axis=0), h2.T @ d3, d3.sum(axis=0)])
        return loss, params

    return step


def loss(activation: str, lib: Any, params: list[Any], x: Any, labels: Any) -> Any:
    """The network in the functions of one library."""
    act = lib.np.tanh if activation == "tanh" else lib.relu
    W1, b1, W2, b2, W3, b3 = params
    return lib.cross_entropy(act(act(x @ W1 + b1) @ W2 + b2) @ W3 + b3, labels)


def torch_loss(activation: str, torch: Any, params: list[Any], x: Any, labels: Any) -> Any:
    """The same in PyTorch."""
    act = getattr(torch, activation)
    W1, b1, W2, b2, W3, b3 = params
    h = act(torch.addmm(b2, act(torch.addmm(b1, x, W1)), W2))
    return torch.nn.functional.cross_entropy(torch.addmm(b3, h, W3), labels)


def eager(activation: str, update: SGD, inputs: Inputs) -> Step:
    """Functions of Values, and our optimizer."""
    import nn
    from autograd import Value

    lib = libraries.ours()
    params, (x, labels) = [Value(p) for p in inputs["params"]], inputs["data"]
    optimizer = nn.SGD(params, lr=update.lr, momentum=update.momentum)

    return _training(lambda: loss(activation, lib, params, x, labels), optimizer, params)


def _training(forward: Any, optimizer: Any, params: Any) -> Step:
    """One update with our optimizer."""

    def step() -> Any:
        value = forward()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value, params

    return step


def modules(activation: str, update: SGD, inputs: Inputs) -> Step:
    """The same network as a module, as most people write it."""
    import nn

    model, optimizer, params = _model(activation, update, inputs["params"])
    x, labels = inputs["data"]

    return _training(lambda: nn.cross_entropy(model(x), labels), optimizer, params)


def compiled(activation: str, update: SGD, inputs: Inputs) -> Step:
    """The whole update of the module in one program."""
    import nn

    compile = libraries.compiler("nn")
    model, optimizer, params = _model(activation, update, inputs["params"])
    x, labels = inputs["data"]
    train = compile(model, nn.cross_entropy, optimizer)
    return lambda: (train(x, labels), params)


class _Transposed:
    """A module's weights as the other columns have them."""

    def __init__(self, p: Any) -> None:
        self.p = p

    @property
    def data(self) -> Any:
        return self.p.data.T


def _model(activation: str, update: SGD, params: list[Any]) -> tuple[Any, Any, list[_Transposed]]:
    import nn

    matrices = params[0::2]
    sizes = [W.shape[1] for W in matrices]
    model = nn.MLP(len(matrices[0]), sizes, activation=activation, dtype=matrices[0].dtype)
    ours = model.parameters()
    for p, given in zip(ours, params, strict=True):
        p.data = given.T.copy(order="F") if given.ndim > 1 else given.copy()
    optimizer = nn.SGD(ours, lr=update.lr, momentum=update.momentum)
    return model, optimizer, [_Transposed(p) for p in ours]
