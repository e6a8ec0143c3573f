"""Backward passes in the ways that people write them, checked as they are."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import assert_derivation, check_derivation
from autograd.errors import ChainruleError, InvalidArgument, UnsupportedType

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


# -- methods, state in self, updates without names ------------------------------------------------


class Network:
    def __init__(self):
        self.W1, self.b1, self.W2, self.lr = normal(3, 4), normal(4), normal(4, 2), 0.1

    def forward(self, X):
        self.z = X @ self.W1 + self.b1
        self.a = 1 / (1 + np.exp(-self.z))
        return self.a @ self.W2

    def backward(self, X, Y, out):
        delta = out - Y
        hidden_error = delta @ self.W2.T * self.a * (1 - self.a)
        self.W2 -= self.lr * self.a.T @ delta
        self.W1 -= self.lr * X.T @ hidden_error
        self.b1 -= self.lr * hidden_error.sum(axis=0)

    def backward_of_batch_mean(self, X, Y, out):
        delta = out - Y
        hidden_error = delta @ self.W2.T * self.a * (1 - self.a)
        self.W2 -= self.lr * self.a.T @ delta
        self.W1 -= self.lr * X.T @ hidden_error
        self.b1 -= self.lr * hidden_error.mean(axis=0)


def half_square(out, Y):
    return 0.5 * np.sum((out - Y) ** 2)


def test_updates_imply_gradients():
    """Methods run on a copy of their object; the gradient is (before - after) / learning rate."""
    network = Network()
    before = {k: np.copy(v) for k, v in vars(network).items()}
    data = {"X": normal(5, 3), "Y": normal(5, 2)}
    report = check_derivation(network.forward, network.backward, data, loss=half_square)
    assert report.ok
    assert {"update of W1", "update of b1", "update of W2", "delta"} <= {f.claim for f in report.findings}
    assert all(np.array_equal(before[k], v) for k, v in vars(network).items())


def test_a_mean_in_an_update_is_found():
    """A wrong update is named by its statement, with the factor."""
    network = Network()
    data = {"X": normal(5, 3), "Y": normal(5, 2)}
    report = check_derivation(network.forward, network.backward_of_batch_mean, data, loss=half_square)
    assert report.first_wrong.claim == "update of b1"
    assert report.first_wrong.diagnosis.kind == "constant factor"
    assert "axis 0 of X" in report.first_wrong.diagnosis.text


# -- loops over layers, lists, dicts, caches --------------------------------------------------------


def forward_layers(X, Y, weights):
    activations = [X]
    for W in weights:
        activations.append(np.tanh(activations[-1] @ W))
    cost = np.mean((activations[-1] - Y) ** 2)
    return cost, activations


def backward_layers(Y, weights, activations):
    grads = [None] * len(weights)
    delta = 2 * (activations[-1] - Y) / Y.size
    for l in reversed(range(len(weights))):
        delta = delta * (1 - activations[l + 1] ** 2)
        grads[l] = activations[l].T @ delta
        delta = delta @ weights[l].T
    return grads


def test_loops_over_lists_of_layers():
    """Gradients in a list that has no names are paired with the weights by their numbers."""
    inputs = {"X": normal(5, 3), "Y": normal(5, 2), "weights": [normal(3, 4), normal(4, 6), normal(6, 2)]}
    report = check_derivation(forward_layers, backward_layers, inputs)
    assert report.ok
    assert sum(f.variable.startswith("weights") for f in report.findings) == 3


def forward_cache(params, X, y):
    Z1 = X @ params["W1"] + params["b1"]
    A1 = np.maximum(Z1, 0)
    scores = A1 @ params["W2"] + params["b2"]
    shifted = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(len(y)), y]).mean()
    cache = (X, Z1, A1, probs)
    return loss, cache


def backward_cache(params, cache, y):
    X, Z1, A1, probs = cache
    grads = {}
    dscores = probs.copy()
    dscores[np.arange(len(y)), y] -= 1
    dscores /= len(y)
    grads["W2"] = A1.T @ dscores
    grads["b2"] = dscores.sum(0)
    dA1 = dscores @ params["W2"].T
    dZ1 = dA1 * (Z1 > 0)
    grads["W1"] = X.T @ dZ1
    grads["b1"] = dZ1.sum(0)
    return grads


def forgets_relu(params, cache, y):
    X, Z1, A1, probs = cache
    grads = {}
    dscores = probs.copy()
    dscores[np.arange(len(y)), y] -= 1
    dscores /= len(y)
    grads["W2"] = A1.T @ dscores
    dA1 = dscores @ params["W2"].T
    dZ1 = dA1
    grads["W1"] = X.T @ dZ1
    return grads


def classifier():
    params = {"W1": normal(4, 6), "b1": normal(6), "W2": normal(6, 3), "b2": normal(3)}
    return {"params": params, "X": normal(5, 4), "y": np.array([0, 2, 1, 1, 0])}


def test_caches_and_dicts_of_gradients():
    """params["W1"] and grads["W1"] are paired, integer labels stay, in-place steps are followed."""
    report = check_derivation(forward_cache, backward_cache, classifier())
    assert report.ok
    assert {f.claim for f in report.findings} >= {"grads['W1']", "grads['b2']", "dscores", "dA1", "dZ1"}


def test_a_missing_activation_derivative_is_named():
    """The first wrong step and the missing factor are named in the words of the code."""
    first = check_derivation(forward_cache, forgets_relu, classifier()).first_wrong
    assert (first.claim, first.diagnosis.kind) == ("dZ1", "missing factor")
    assert first.text == "dZ1 = dA1"


# -- a layer with an upstream gradient ----------------------------------------------------------------


def affine(x, w, b):
    out = x @ w + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def affine_swapped(dout, cache):
    x, w, b = cache
    dw = dout.T @ x
    return dw


def test_the_upstream_gradient_is_given():
    """A layer that is no scalar is checked with a random gradient of its result, as dout."""
    inputs = {"x": normal(4, 3), "w": normal(3, 5), "b": normal(5)}
    assert_derivation(affine, affine_backward, inputs)
    report = check_derivation(affine, affine_swapped, inputs)
    assert report.first_wrong.diagnosis.kind == "transpose"


def test_the_call_can_be_made_by_hand():
    """call= fills parameters that have other names."""

    def backward(upstream_of_layer, things):
        x, w, b = things
        dw = x.T @ upstream_of_layer
        return dw

    inputs = {"x": normal(4, 3), "w": normal(3, 5), "b": normal(5)}

    def loss(out):
        return np.sum(out[0] if isinstance(out, tuple) else out)

    report = check_derivation(
        affine, backward, inputs, loss=loss, call=lambda f, known, result: f(np.ones((4, 5)), result[1])
    )
    assert report.ok


def test_names_tell_what_names_do_not():
    """names= pairs a claim that would be paired otherwise, or not at all."""

    def backward(x, out):
        temp = x.T @ np.ones_like(out) * 3
        return temp

    def forward(x, w):
        out = x @ w
        return np.sum(out)

    inputs = {"x": normal(4, 3), "w": normal(3, 5)}
    with pytest.raises(InvalidArgument, match="no gradient was found among what backward assigned"):
        check_derivation(forward, backward, inputs)
    report = check_derivation(forward, backward, inputs, names={"temp": "w"})
    assert report.first_wrong.diagnosis.text.startswith("it is 3 times the gradient")


def test_a_mapping_of_claims():
    """Formulas, functions and arrays may be mixed."""
    x, w = np.array([1.0, 2.0]), np.array([0.5, -1.0])
    report = check_derivation(
        "p = x*w\nE = sum(p**2)",
        {"dE/dp": "2*p", "dw": lambda p, x: 2 * p * x, "dx": 2 * x * w * w},
        {"x": x, "w": w},
    )
    assert [f.verdict for f in report.findings][:2] == ["right", "right"]


# -- verdicts ---------------------------------------------------------------------------------------


def test_a_kink_at_the_inputs_leaves_the_verdict_open():
    """Where central differences do not agree with the engine, nothing is said to be right."""
    report = check_derivation("y = relu(x)\nE = sum(y)", "dx = (x > 0)", {"x": np.zeros(3)})
    assert report.verdict == "cannot tell"
    assert report.doubt.startswith("at your inputs relu is at a kink, element (0,)")


def test_power_is_shown():
    """A right derivation comes with the number of mistakes that were tried and would have shown."""
    report = check_derivation(forward_cache, backward_cache, classifier())
    assert any("mistakes were tried" in note for note in report.notes)


def test_inputs_that_hide_mistakes_are_told():
    """Inputs of zero and one hide factors; other points show them, and the report says so."""
    report = check_derivation("z = w*x + b\nE = z**2", "dz = 2*z\ndw = dz*x", {"w": 0.5, "x": 1.0, "b": 0.2})
    assert report.ok
    assert any("not at your inputs" in note for note in report.notes)


def test_a_convention_is_no_mistake():
    """Every gradient times the same constant is right up to it, and the constant is explained."""
    report = check_derivation(
        "z = X @ W + b\nE = mean((z - Y)**2)",
        "dz = 2*(z - Y)\ndW = X.T @ dz\ndb = sum(dz, axis=0)",
        {"X": normal(4, 3), "Y": normal(4, 2), "W": normal(3, 2), "b": normal(2)},
    )
    assert report.ok
    assert "8 times the true one" in report.convention


BAD = {
    "a parameter that cannot be filled": (
        lambda: check_derivation(affine, lambda q: q, {"x": 1.0}),
        InvalidArgument,
        (
            "the parameter 'w' of forward cannot be filled: there are x. "
            "Give it in inputs, or call it yourself with call="
        ),
    ),
    "no cost": (
        lambda: check_derivation("z = x*2", "dx = 2*x", {"x": np.ones(3)}),
        InvalidArgument,
        "the result of forward has shape (3,): say what its cost is with loss=, a name or a function of it",
    ),
    "inputs that are no mapping": (
        lambda: check_derivation("E = x", "dx = 1", [1.0]),
        InvalidArgument,
        "inputs must be a dict of arrays and numbers by name, got list",
    ),
    "a name that is not claimed": (
        lambda: check_derivation("E = x*x", "dx = 2*x", {"x": 1.0}, names={"dy": "x"}),
        InvalidArgument,
        "names= has the claim 'dy', which backward does not assign; did you mean 'dx'?",
    ),
    "a variable that is not there": (
        lambda: check_derivation("E = x*x", "dq = 2*x", {"x": 1.0}, names={"dq": "xx"}),
        InvalidArgument,
        "names= has the variable 'xx', which forward does not have; did you mean 'x'?",
    ),
    "a lambda": (
        lambda: check_derivation(lambda x: x * x, "dx = 2*x", {"x": 1.0}),
        UnsupportedType,
        "<lambda> is not defined by a def statement: use a def, not a lambda",
    ),
    "a built-in": (
        lambda: check_derivation(abs, "dx = 2*x", {"x": 1.0}),
        UnsupportedType,
        "the source of 'abs' cannot be read: define it in a file or a notebook cell",
    ),
}


@pytest.mark.parametrize(("act", "error", "text"), BAD.values(), ids=BAD)
def test_bad_input(act, error, text):
    """What cannot be checked is named, with what there is and the way out."""
    with pytest.raises(ChainruleError) as e:
        act()
    assert type(e.value) is error
    assert str(e.value) == text
