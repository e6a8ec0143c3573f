"""Objects that hold their layers, and attributes that are private."""

from __future__ import annotations

import importlib.util

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


class Logistic:
    """One layer with an activation; what ``backward`` returns, and the name of what comes in, vary."""

    def __init__(self, made):
        self.made = made

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, grad):
        return self.made(grad, self.out)


@pytest.mark.parametrize(
    ("made", "kind", "text"),
    [
        (lambda g, s: g * s * (1 - s), "", ""),
        (lambda g, s: g * s * (s - 1), "sign", "the sign is wrong"),
        (lambda g, s: s * (1 - s), "missing factor", "grad is missing as a factor: "),
        (lambda g, s: g * g * s * (1 - s), "extra factor", "grad is there twice: "),
        (lambda g, s: 2 * g * s * (1 - s), "constant factor", "it is 2 times the gradient: as from a square"),
    ],
)
def test_one_layer(made, kind, text):
    """What a layer returns is judged with the gradient that comes in, whatever it is called."""
    layer = Logistic(made)
    report = check_derivation(layer.forward, layer.backward, {"x": normal(6, 4)})
    assert report.ok is (kind == "")
    if kind:
        assert report.first_wrong.diagnosis.kind == kind
        assert report.first_wrong.diagnosis.text.startswith(text)
        assert report.first_wrong.corrected == "return grad * out*(1 - out)"


class SquaredError:
    def __init__(self, sign):
        self.sign = sign

    def forward(self, pred, target):
        self.diff = pred - target
        return np.mean(self.diff**2)

    def backward(self):
        return self.sign * 2 * self.diff / self.diff.size


@pytest.mark.parametrize("sign", [1, -1])
def test_a_loss_is_differentiated_by_its_prediction(sign):
    """With the wrong sign the numbers are those of the target, which nobody wants."""
    loss = SquaredError(sign)
    report = check_derivation(loss.forward, loss.backward, {"pred": normal(6, 4), "target": normal(6, 4)})
    assert report.ok is (sign == 1)
    assert report.findings[0].variable == "pred"
    if sign == -1:
        assert report.first_wrong.diagnosis.kind == "sign"


CODE = """
import numpy as np


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, grad):
        return grad * (1 - self.out**2)


class Net:
    def __init__(self):
        rng = np.random.default_rng(3)
        first = Linear(rng.normal(size=(4, 5)), rng.normal(size=5))
        self.layers = [first, Tanh(), Linear(rng.normal(size=(5, 3)), rng.normal(size=3)), Tanh()]

    def forward(self, x, target):
        for layer in self.layers:
            x = layer.forward(x)
        self.diff = x - target
        return np.sum(self.diff**2)

    def backward(self):
        grad = 2 * self.diff
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad
"""


@pytest.fixture
def net_of(tmp_path):
    """The network of a file with this text."""

    def made(text):
        path = tmp_path / "net.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("net", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.Net()

    return made


LAYER = "grad * (1 - self.out**2)"


@pytest.mark.parametrize(
    ("right", "wrong", "claim", "variable", "kind"),
    [
        ("", "", None, None, None),
        ("self.x.T @ grad", "self.x.T @ grad / 6", "self.layers[2].dW", "W[1]", "constant factor"),
        ("grad.sum(axis=0)", "grad.mean(axis=0)", "self.layers[2].db", "b[1]", "constant factor"),
        (LAYER, "grad * (1 - self.out)", "grad", "x[3]", "wrong factor"),
        (LAYER, "1 - self.out**2", "grad", "x[3]", "missing factor"),
        ("2 * self.diff", "2 * np.sign(self.diff)", "grad", "x[4]", "unknown"),
    ],
)
def test_a_list_of_layers(net_of, right, wrong, claim, variable, kind):
    """Each layer holds its own gradients, and the loop hands back those of what was handed on."""
    net = net_of(CODE.replace(right, wrong) if right else CODE)
    report = check_derivation(net.forward, net.backward, {"x": normal(6, 4), "target": normal(6, 3)})
    assert report.ok is (claim is None)
    if claim:
        first = report.first_wrong
        assert (first.claim, first.variable, first.diagnosis.kind) == (claim, variable, kind)
    else:
        assert {(f.claim, f.variable) for f in report.findings} >= {("self.layers[2].dW", "W[1]")}


def test_a_layer_that_was_left_out(net_of):
    """Of layers that were not gone through no gradient was claimed, and the report says so."""
    net = net_of(CODE.replace("reversed(self.layers)", "reversed(self.layers[1:])"))
    report = check_derivation(net.forward, net.backward, {"x": normal(6, 4), "target": normal(6, 3)})
    assert "no gradient was claimed for target, W[0], b[0]" in report.notes


class Affine:
    """Layers that keep what went in and came out, as in courses: backward returns nothing."""

    def __init__(self, weights):
        self.weights = weights

    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights

    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues
        self.dinputs = dvalues @ self.weights.T


class Relu:
    def __init__(self, keeps):
        self.keeps = keeps

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues * self.keeps(self.inputs, dvalues)


class Course:
    def __init__(self, keeps):
        self.dense1, self.relu, self.dense2 = Affine(normal(4, 5)), Relu(keeps), Affine(normal(5, 3))

    def forward(self, X, target):
        self.dense1.forward(X)
        self.relu.forward(self.dense1.output)
        self.dense2.forward(self.relu.output)
        return 0.5 * np.sum((self.dense2.output - target) ** 2)

    def backward(self, target):
        self.dense2.backward(self.dense2.output - target)
        self.relu.backward(self.dense2.dinputs)
        self.dense1.backward(self.relu.dinputs)


@pytest.mark.parametrize(
    ("keeps", "kind"),
    [
        (lambda z, g: z > 0, ""),
        (lambda z, g: 1.0, "missing factor"),
        (lambda z, g: z < 0, "wrong factor"),
        (lambda z, g: g > 0, "wrong variable"),
    ],
)
def test_gradients_kept_in_layers(keeps, kind):
    """self.relu.dinputs is the gradient of self.relu.inputs, and the layers are judged from the last."""
    model = Course(keeps)
    report = check_derivation(model.forward, model.backward, {"X": normal(6, 4), "target": normal(6, 3)})
    assert [f.claim for f in report.findings] == [
        "self.dense2.dweights", "self.dense2.dinputs", "self.relu.dinputs", "self.dense1.dweights",
        "self.dense1.dinputs",
    ]  # fmt: skip
    assert report.ok is (kind == "")
    if kind:
        assert (report.first_wrong.claim, report.first_wrong.diagnosis.kind) == ("self.relu.dinputs", kind)
        line = "self.relu.dinputs = self.dense2.dinputs * (inputs[1] > 0)"
        assert report.first_wrong.corrected == line


class Recurrent:
    """A state of zeros before the first step, and gradients that are put together at the end."""

    def __init__(self, first, second):
        self.W, self.U, self.V = normal(3, 2), normal(3, 3), normal(2, 3)
        self.first, self.second = first, second

    def forward(self, xs):
        self.hs = {-1: np.zeros(3)}
        loss = 0
        for t in range(len(xs)):
            self.hs[t] = np.tanh(self.W @ xs[t] + self.U @ self.hs[t - 1])
            y = self.V @ self.hs[t]
            loss += np.sum(y**2)
        return loss

    def backward(self, xs):
        dW, dU, dV = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros_like(self.V)
        dhnext = np.zeros(3)
        for t in reversed(range(len(xs))):
            dy = 2 * self.V @ self.hs[t]
            dV += np.outer(dy, self.hs[t - self.second])
            dh = self.V.T @ dy + dhnext
            draw = dh * (1 - self.hs[t] ** 2)
            dW += np.outer(draw, xs[t])
            dU += np.outer(draw, self.hs[t - self.first])
            dhnext = self.U.T @ draw
        self.grads = {"W": dW, "U": dU, "V": dV}


@pytest.mark.parametrize(("first", "second", "claim"), [(1, 0, None), (0, 0, "dU"), (1, 1, "dV")])
def test_the_state_of_another_step(first, second, claim):
    """The line that adds up is named, not the one that puts together, and the step that was taken."""
    model = Recurrent(first, second)
    report = check_derivation(model.forward, model.backward, {"xs": [normal(2) for _ in range(4)]})
    assert report.ok is (claim is None)
    if claim:
        assert (report.first_wrong.claim, report.first_wrong.diagnosis.kind) == (claim, "time step")
        assert report.first_wrong.corrected == ""  # the names of a loop mean another step each time


def test_the_mean_inside_a_variance_has_its_name():
    """The line that is offered says mu, and can be pasted."""

    def forward(x, R):
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        out = (x - mu) / np.sqrt(var + 0.1)
        return np.sum(out * R)

    def backward(x, R, mu, var):
        s = np.sqrt(var + 0.1)
        dvar = -0.5 * np.sum(R * (x - mu), axis=0) / s**3
        dmu = -np.sum(R / s, axis=0)
        dx = R / s + dvar * 2 * (x - mu) / 6 + dmu
        return dx

    report = check_derivation(forward, backward, {"x": normal(6, 4), "R": normal(6, 4)})
    assert report.first_wrong.claim == "dx"
    assert report.first_wrong.corrected.endswith(" + 2 * (dvar * 1/6) * (x - mu)")
