"""Layers and cells as classes: what they return, keep and fill, alone, in lists and in objects."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from autograd import check_derivation

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


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
        assert report.first_wrong.corrected == "return grad * self.out*(1 - self.out)"


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
        line = "self.relu.dinputs = self.dense2.dinputs * (self.relu.inputs > 0)"
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


def im2col(x, k):
    """A helper that fills an array item by item."""
    n, channels, height, width = x.shape
    h, w = height - k + 1, width - k + 1
    cols = np.zeros((n, channels, k, k, h, w))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = x[:, :, i : i + h, j : j + w]
    return cols.transpose(0, 4, 5, 1, 2, 3).reshape(n * h * w, -1)


class Convolution:
    def __init__(self, turn):
        self.W, self.k, self.turn = normal(3, 2, 2, 2), 2, turn

    def forward(self, x):
        self.x, self.cols = x, im2col(x, self.k)
        out = self.cols @ self.W.reshape(3, -1).T
        return out.reshape(len(x), *self.hw(x), 3).transpose(0, 3, 1, 2)

    @staticmethod
    def hw(x):
        return x.shape[2] - 1, x.shape[3] - 1

    def backward(self, dout):
        dout2 = dout.transpose(0, 2, 3, 1).reshape(-1, 3)
        self.dW = (dout2.T @ self.cols).reshape(self.W.shape)
        self.dcols = self.turn * dout2 @ self.W.reshape(3, -1)


class Pooled:
    """A layer inside an object fills an array as well."""

    def __init__(self, turn):
        self.conv = Convolution(turn)
        self.pool = Pool()

    def forward(self, x):
        return self.pool.forward(self.conv.forward(x))

    def backward(self, dout):
        dpooled = self.pool.backward(dout)
        self.conv.backward(dpooled)


class Pool:
    def forward(self, x):
        out = np.zeros((*x.shape[:2], 4))
        for i in range(4):
            out[:, :, i] = x[:, :, i].sum(axis=-1)
        return out

    def backward(self, dout):
        return np.repeat(dout[..., None], 3, axis=-1)


@pytest.mark.parametrize("turn", [1, -1])
def test_helpers_that_fill_arrays(turn):
    """A convolution by im2col is followed, and the line that is offered is in the names of the object."""
    layer = Convolution(turn)
    report = check_derivation(layer.forward, layer.backward, {"x": normal(2, 2, 4, 5)})
    assert report.ok is (turn == 1)
    if turn == -1:
        assert report.first_wrong.corrected == "self.dcols = dout2 @ self.W.reshape(3, 8)"


@pytest.mark.parametrize("turn", [1, -1])
def test_layers_that_fill_arrays(turn):
    """So are the methods of what an object holds."""
    model = Pooled(turn)
    forward = Pool.forward
    report = check_derivation(model.forward, model.backward, {"x": normal(2, 2, 5, 4)})
    assert Pool.forward is forward
    assert report.ok is (turn == 1)


class Gate:
    def forward(self, z, h, c, t):
        self.z, self.h, self.c = z, h, c
        self.new = (1 - z) * h + z * np.tanh(c)
        return 0.5 * np.sum((self.new - t) ** 2)

    def backward(self, t):
        dnew = self.new - t
        dh = dnew * self.z
        dz = dnew * (np.tanh(self.c) - self.h)
        return dz, dh


def test_the_other_gate():
    """1 - z and z are taken for each other."""
    gate = Gate()
    report = check_derivation(gate.forward, gate.backward, {n: normal(4) for n in "zhct"})
    assert report.first_wrong.claim == "dh"
    assert report.first_wrong.diagnosis.text.startswith("z takes the place of 1 - z")
    assert report.first_wrong.corrected == "dh = dnew * (1 - self.z)"


class Entropy:
    """Labels come first in some libraries."""

    def __init__(self, made):
        self.made = made

    def forward(self, y_true, p):
        self.y, self.p = y_true, p
        return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))

    def backward(self):
        return self.made(self.y, self.p)


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lambda y, p: (p - y) / (p * (1 - p)) / len(y), None),
        (lambda y, p: (y - p) / (p * (1 - p)) / len(y), "sign"),
        (lambda y, p: (p - y) / (p * (1 - p)), "constant factor"),
        (lambda y, p: (p - y) / len(y), "extra factor"),
    ],
)
def test_labels_are_not_differentiated(made, kind):
    """What is returned is the gradient of the prediction, right or wrong."""
    loss = Entropy(made)
    inputs = {"y_true": np.array([0.0, 1.0, 1.0, 0.0, 1.0]), "p": RNG.uniform(0.1, 0.9, 5)}
    report = check_derivation(loss.forward, loss.backward, inputs)
    assert report.findings[0].variable == "p"
    assert report.ok is (kind is None)
    if kind:
        assert report.first_wrong.diagnosis.kind == kind


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("dE/dh = 1 + t + h*(1 - t**2)", "the factor 0.8 of 0.8*h is missing"),
        ("dE/dh = h*(1 - t**2)*0.8", "the path through h*(1 + t) is missing: h is used there too"),
    ],
)
def test_a_constant_inside_a_function(claim, text):
    """It is named before any length that happens to be the same."""
    report = check_derivation("t = tanh(0.8*h)\nE = sum(h*(1 + t))", claim, {"h": normal(4, 5)})
    assert report.first_wrong.diagnosis.text == text


def test_a_path_that_is_left_out_of_a_norm():
    """Undivided it would add nothing either: that it is missing is simpler to say."""
    forward = (
        "c = x - mean(x, axis=1, keepdims=True)\ns = sqrt(mean(c², axis=1, keepdims=True))\nE = sum(R*c/s)"
    )
    report = check_derivation(
        forward, "dE/dx = R/s - mean(R/s, axis=1, keepdims=True)", {"x": normal(4, 5), "R": normal(4, 5)}
    )
    assert report.first_wrong.diagnosis.kind == "missing path"


class Called:
    """A layer that is called, with its gradients in a dict."""

    def __init__(self, W, b, wrong):
        self.W, self.b, self.wrong, self.grads = W, b, wrong, {}

    def __call__(self, x):
        self.x, self.z = x, x @ self.W + self.b
        return np.maximum(self.z, 0)

    def backward(self, dout):
        dz = dout * (self.z > 0)
        self.grads["W"] = self.x.T @ (dout if self.wrong == "W" else dz)
        self.grads["b"] = dz.mean(0) if self.wrong == "b" else dz.sum(0)
        return (-dz if self.wrong == "x" else dz) @ self.W.T


class Calling:
    def __init__(self, wrong):
        self.l1 = Called(normal(3, 4), normal(4), "" if wrong == "x" else wrong)
        self.l2 = Called(normal(4, 2), normal(2), wrong)

    def forward(self, x, t):
        self.y = self.l2(self.l1(x))
        return 0.5 * np.sum((self.y - t) ** 2)

    def backward(self, t):
        d = self.y - t
        d = self.l2.backward(d)
        d = self.l1.backward(d)
        return d


@pytest.mark.parametrize(
    ("wrong", "claim", "kind"),
    [
        ("", None, None),
        ("W", "self.l2.grads['W']", "missing factor"),
        ("b", "self.l2.grads['b']", "constant factor"),
        ("x", "d", "sign"),
    ],
)
def test_layers_that_are_called(wrong, claim, kind):
    """Objects with __call__ hold parameters as others do, and what one hands back is judged."""
    model = Calling(wrong)
    report = check_derivation(model.forward, model.backward, {"x": normal(6, 3), "t": normal(6, 2)})
    assert {f.claim for f in report.findings} >= {"self.l1.grads['W']", "self.l2.grads['b']", "d"}
    assert report.ok is (claim is None)
    if claim:
        assert (report.first_wrong.claim, report.first_wrong.diagnosis.kind) == (claim, kind)


class Listed:
    """Weights and gradients in two lists."""

    def __init__(self, slope, share):
        self.W = [normal(3, 4), normal(4, 5), normal(5, 2)]
        self.slope, self.share = slope, share

    def forward(self, x, t):
        self.a = [x]
        for W in self.W:
            self.a.append(np.tanh(self.a[-1] @ W))
        return 0.5 * np.sum((self.a[-1] - t) ** 2)

    def backward(self, t):
        d = (self.a[-1] - t) * (1 - self.a[-1] ** 2)
        self.dW = [None] * 3
        for i in reversed(range(3)):
            self.dW[i] = self.a[i].T @ d / (self.share if i == 1 else 1)
            d = (d @ self.W[i].T) * self.slope(self.a[i])


@pytest.mark.parametrize(
    ("slope", "share", "variable", "kind"),
    [
        (lambda a: 1 - a**2, 1, None, None),
        (lambda a: 1 - a, 1, "W[1]", "wrong factor"),
        (lambda a: 1 - a**2, 6, "W[1]", "constant factor"),
    ],
)
def test_gradients_in_a_list_of_an_object(slope, share, variable, kind):
    """self.dW[i] is that of self.W[i], right or wrong, and the statement of the loop is named."""
    model = Listed(slope, share)
    report = check_derivation(model.forward, model.backward, {"x": normal(6, 3), "t": normal(6, 2)})
    assert {f.variable for f in report.findings} >= {"W[0]", "W[1]", "W[2]"}
    assert report.ok is (kind is None)
    if kind:
        first = report.first_wrong
        assert (first.claim, first.variable, first.diagnosis.kind) == ("self.dW[i]", variable, kind)
