"""Objects that hold their layers, and attributes that are private."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import check_derivation

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


class Dense:
    def __init__(self, W):
        self.W, self.x, self.dW = W, None, None

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


class Bend:
    def __init__(self, slope_of):
        self.slope_of = slope_of

    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * self.slope_of(self.out)


class Stack:
    def __init__(self, slope_of):
        self.params = {"first": normal(3, 4), "second": normal(4, 2)}
        self.layers = [Dense(self.params["first"]), Bend(slope_of), Dense(self.params["second"])]
        self.rng = np.random.default_rng(3)

    def loss(self, x, y):
        for layer in self.layers:
            x = layer.forward(x)
        return 0.5 * np.sum((x - y) ** 2), x

    def gradient(self, x, y):
        _, out = self.loss(x, y)
        dout = out - y
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        grads = {"first": self.layers[0].dW, "second": self.layers[2].dW}
        return grads


@pytest.mark.parametrize(("slope_of", "ok"), [(lambda a: 1 - a**2, True), (lambda a: 1 - a, False)])
def test_layers_that_are_objects(slope_of, ok):
    """Parameters shared by a dict and by layers are one; layers are copied, and left as they were."""
    model = Stack(slope_of)
    report = check_derivation(model.loss, model.gradient, {"x": normal(5, 3), "y": normal(5, 2)})
    assert report.ok is ok
    assert {"grads['first']", "grads['second']"} <= {f.claim for f in report.findings}
    assert model.layers[0].x is None


class Hidden:
    def __init__(self):
        self.__W, self.__out = normal(3, 2), 0

    def forward(self, X):
        self.__out = np.tanh(X @ self.__W)
        return self.__out

    def backward(self, X, Y, out, alpha=0.1):
        dz = (out - Y) * (1 - out**2)
        dW = self.__clipped(X.T @ dz)
        self.__W = self.__W - alpha * dW

    def __clipped(self, g):
        return np.clip(g, -100, 100)


def test_private_attributes():
    """self.__W and private methods are those of the class."""
    model = Hidden()
    report = check_derivation(
        model.forward, model.backward, {"X": normal(5, 3), "Y": normal(5, 2)},
        loss=lambda out, Y: 0.5 * np.sum((out - Y) ** 2),
    )  # fmt: skip
    assert report.ok
    assert {f.claim: f.variable for f in report.findings}["dW"] == "W"
