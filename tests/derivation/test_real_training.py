"""Functions that train: loops over rounds, updates, directions of descent, losses they do not compute."""

# ruff: noqa: NPY002 - such code draws from NumPy's global generator

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import check_derivation
from autograd.errors import InvalidArgument

RNG = np.random.default_rng(0)
eta = 0.05


def normal(*shape):
    return RNG.normal(size=shape)


def labels():
    return np.array([0, 1, 1, 0, 1])


# -- many rounds in one function ---------------------------------------------------------------------


class Classifier:
    def __init__(self):
        self.inner, self.shift = normal(3, 4), normal(1, 4)
        self.outer, self.lift = normal(4, 2), normal(1, 2)

    def fit(self, X, y):
        for epoch in range(5000):
            h = np.tanh(X.dot(self.inner) + self.shift)
            scores = h.dot(self.outer) + self.lift
            powers = np.exp(scores)
            probs = powers / powers.sum(axis=1, keepdims=True)
            if epoch % 100 == 0:
                print("round", epoch)
            delta3 = probs
            delta3[range(len(X)), y] -= 1
            delta2 = delta3.dot(self.outer.T) * (1 - np.power(h, 2))
            d_outer = h.T.dot(delta3)
            self.inner -= eta * X.T.dot(delta2)
            self.shift -= eta * delta2.sum(axis=0)
            self.outer -= eta * d_outer
            self.lift -= eta * delta3.sum(axis=0)

    def fit_wrongly(self, X, y):
        for _ in range(5000):
            h = np.tanh(X.dot(self.inner) + self.shift)
            scores = h.dot(self.outer) + self.lift
            powers = np.exp(scores)
            probs = powers / powers.sum(axis=1, keepdims=True)
            delta3 = probs
            delta3[range(len(X)), y] -= 1
            self.outer -= eta * h.T.dot(delta3)
            delta2 = delta3.dot(self.outer.T) * (1 - np.power(h, 2))
            self.inner -= eta * X.T.dot(delta2)


def log_loss(probs, y):
    return -np.sum(np.log(probs[np.arange(len(y)), y]))


def test_one_round_of_a_training_loop_is_run():
    """A loop that updates the parameters it uses is left after one round; bias gradients may broadcast."""
    model = Classifier()
    report = check_derivation(model.fit, None, {"X": normal(5, 3), "y": labels()}, loss=log_loss)
    assert report.ok
    found = {f.claim: f.variable for f in report.findings}
    assert found["delta3"] == "scores"
    assert {"d_outer", "update of inner", "update of shift", "update of lift"} <= set(found)


def test_a_gradient_through_an_updated_weight_is_found():
    """What is computed with a weight that was just updated is wrong, and the statement is named."""
    model = Classifier()
    report = check_derivation(model.fit_wrongly, None, {"X": normal(5, 3), "y": labels()}, loss=log_loss)
    assert not report.ok
    assert report.first_wrong.claim in ("delta2", "update of inner")


def layer_by_layer(x, y, W):
    """Runs to the end: each round updates another matrix."""
    values = [x]
    for w in W:
        values.append(np.tanh(values[-1] @ w))
    E = 0.5 * np.sum((values[-1] - y) ** 2)
    delta = values[-1] - y
    for layer in reversed(range(len(W))):
        delta = delta * (1 - values[layer + 1] ** 2)
        dW = values[layer].T @ delta
        delta = delta @ W[layer].T
        W[layer] = W[layer] - eta * dW
    return E


def test_a_loop_over_layers_runs_to_its_end():
    """Updates of one matrix after the other are no rounds of training."""
    inputs = {"x": normal(5, 3), "y": normal(5, 2), "W": [normal(3, 4), normal(4, 6), normal(6, 2)]}
    report = check_derivation(layer_by_layer, None, inputs)
    assert report.ok
    assert sum(f.variable.startswith("W") for f in report.findings) >= 3


# -- the direction of descent, the batch size at the end, names of the inner value -----------------------


class Descent:
    def __init__(self):
        self.syn0, self.syn1 = normal(3, 4), normal(4, 2)

    def squash(self, x, deriv=False):
        if deriv:
            return x * (1 - x)
        return 1 / (1 + np.exp(-x))

    def train(self, X, y, repeat=1):
        for _ in range(repeat):
            l1 = self.squash(np.dot(X, self.syn0))
            l2 = self.squash(np.dot(l1, self.syn1))
            l2_error = y - l2
            l2_delta = l2_error * self.squash(l2, deriv=True)
            l1_delta = l2_delta.dot(self.syn1.T) * self.squash(l1, deriv=True)
            self.syn1 += l1.T.dot(l2_delta)
            self.syn0 += X.T.dot(l1_delta)

    def train_uphill(self, X, y):
        l1 = self.squash(np.dot(X, self.syn0))
        l2 = self.squash(np.dot(l1, self.syn1))
        l2_delta = (l2 - y) * self.squash(l2, deriv=True)
        l1_delta = l2_delta.dot(self.syn1.T) * self.squash(l1, deriv=True)
        self.syn1 += l1.T.dot(l2_delta)
        self.syn0 += X.T.dot(l1_delta)


def squared(l2, y):
    return 0.5 * np.sum((y - l2) ** 2)


def test_the_direction_of_descent_is_no_mistake():
    """Deltas of the sign of descent, named after the activation, are right if the updates are."""
    inputs = {"X": normal(5, 3), "y": normal(5, 2)}
    report = check_derivation(Descent().train, None, inputs, loss=squared)
    assert report.ok
    assert {"l2_delta", "l1_delta", "update of syn0", "update of syn1"} <= {f.claim for f in report.findings}


def test_an_update_uphill_is_wrong():
    """An update that adds the gradient is a mistake, also if all of them do."""
    inputs = {"X": normal(5, 3), "y": normal(5, 2)}
    report = check_derivation(Descent().train_uphill, None, inputs, loss=squared)
    assert not report.ok


def forward_of_columns(X, Y, W1, b1, W2, b2):
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = 1 / (1 + np.exp(-Z2))
    cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1]
    return float(np.squeeze(cost)), {"A1": A1, "A2": A2}


def backward_of_columns(X, Y, cache, W2):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    grads = {"dW2": dZ2 @ cache["A1"].T / m, "db2": dZ2.sum(axis=1, keepdims=True) / m}
    dZ1 = W2.T @ dZ2 * (1 - np.power(cache["A1"], 2))
    grads.update(dW1=dZ1 @ X.T / m, db1=dZ1.sum(axis=1, keepdims=True) / m)
    return grads


def test_the_batch_size_may_be_divided_out_later():
    """A gradient dZ = A - Y is m times the true one; what is made of it is right, so it is."""
    inputs = {
        "X": normal(3, 5), "Y": np.array([[1.0, 0.0, 0.0, 1.0, 1.0]]),
        "W1": normal(4, 3), "b1": normal(4, 1), "W2": normal(1, 4), "b2": normal(1, 1),
    }  # fmt: skip
    report = check_derivation(forward_of_columns, backward_of_columns, inputs)
    assert report.ok
    assert {"dZ2", "dZ1"} <= {f.claim for f in report.findings}


def dy_for_the_scores(x, t, W):
    scores = x @ W
    y = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    E = -np.mean(np.sum(t * np.log(y), axis=1))
    dy = (y - t) / len(x)
    dW = x.T @ dy
    return E, dW


def test_a_name_may_mean_the_value_inside():
    """The name dy for the gradient of the scores, where y is their softmax, is read by its numbers."""
    report = check_derivation(
        dy_for_the_scores, None, {"x": normal(5, 3), "t": np.eye(2)[labels()], "W": normal(3, 2)}
    )
    assert report.ok
    assert {f.claim: f.variable for f in report.findings}["dy"] == "scores"


# -- numbers in lists, and math ------------------------------------------------------------------------


class Scalars:
    """Lists of lists of numbers, with momentum."""

    def __init__(self):
        self.w = [[0.3, -0.5], [0.2, 0.7], [-0.4, 0.1]]
        self.before = [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
        self.out = [0.0, 0.0]

    def activate(self, given):
        for k in range(2):
            total = 0.0
            for j in range(3):
                total = total + given[j] * self.w[j][k]
            self.out[k] = math.tanh(total)
        return self.out[:]

    def learn(self, given, wanted, learning_rate, momentum):
        for k in range(2):
            change = (1.0 - self.out[k] ** 2) * (wanted[k] - self.out[k])
            for j in range(3):
                step = change * given[j]
                self.w[j][k] = self.w[j][k] + learning_rate * step + momentum * self.before[j][k]
                self.before[j][k] = step


def test_numbers_in_lists_of_lists():
    """Each number is a parameter, math works on it, and a momentum of zero stays zero."""
    inputs = {"given": [0.3, 0.8, -0.2], "wanted": [0.4, -0.1], "learning_rate": 0.5, "momentum": 0.9}

    def loss(out, wanted):
        return sum(0.5 * (t - a) ** 2 for t, a in zip(wanted, out, strict=True))

    model = Scalars()
    report = check_derivation(model.activate, model.learn, inputs, loss=loss)
    assert report.ok
    assert sum(f.claim == "update of w" for f in report.findings) == 6


# -- random numbers and failures --------------------------------------------------------------------------


def dropout(x, w):
    z = x @ w
    mask = (np.random.rand(*z.shape) < 0.5) / 0.5
    a = z * mask
    E = np.sum(a**2)
    dz = 2 * a * mask
    dw = x.T @ dz
    return E, dw


def test_dropout_is_drawn_alike_in_every_run():
    """The same mask in all runs; the caller's random numbers are not touched."""
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    assert check_derivation(dropout, None, {"x": normal(5, 3), "w": normal(3, 2)}).ok
    assert np.random.rand() == expected


def gradients_by_key(x, params):
    y = np.tanh(x @ params["u"]) @ params["v"]
    E = np.sum(y * y)
    dP = {key: np.zeros_like(p) for key, p in params.items()}
    for row in x:
        inner = np.tanh(row @ params["u"])
        out = 2 * inner @ params["v"]
        part = {"v": np.outer(inner, out), "u": np.outer(row, (params["v"] @ out) * (1 - inner**2))}
        for key in params:
            dP[key] += part[key]
    return E, dP


def test_keys_that_are_variables():
    """dP[key] is the gradient of what the key is."""
    report = check_derivation(
        gradients_by_key, None, {"x": normal(5, 3), "params": {"u": normal(3, 4), "v": normal(4, 2)}}
    )
    assert report.ok
    assert {f.claim for f in report.findings} >= {"dP['u']", "dP['v']"}


def states_with_costs(xs, W, U, first):
    h, E, kept = first, 0.0, []
    for x in xs:
        inside = np.tanh(x @ W + h @ U)
        kept.append((x, h, inside))
        h = 0.5 * h + inside
        E += 0.5 * np.sum(h**2)
    return E, kept


def step_back(dh_total, kept, U):
    x, h, inside = kept
    dz = dh_total * (1 - inside**2)
    return {"W": np.outer(x, dz), "U": np.outer(h, dz)}, U @ dz + 0.5 * dh_total


def through_time(kept, W, U):
    dP = {"W": np.zeros_like(W), "U": np.zeros_like(U)}
    dh = np.zeros(len(U))
    for t in reversed(range(len(kept))):
        _, h, inside = kept[t]
        dh_total = dh + (0.5 * h + inside)
        grads, dh = step_back(dh_total, kept[t], U)
        for key in dP:
            dP[key] += grads[key]
    return dP


def test_a_part_of_a_gradient_is_no_claim():
    """What one step passes on to the one before is no gradient yet, and of a step's own no total."""
    inputs = {"xs": [normal(3) for _ in range(5)], "W": normal(3, 4), "U": normal(4, 4), "first": np.ones(4)}
    report = check_derivation(states_with_costs, through_time, inputs)
    assert report.ok
    assert {f.claim: f.variable for f in report.findings}.keys() >= {"dP['W']", "dP['U']", "dh_total"}


def halves(x, w):
    rows = len(x) / 2
    out = np.zeros((rows, 2))
    return np.sum(out + x @ w)


def test_a_failure_names_its_line():
    """What the code raises comes with its line, and with what Python 2 did otherwise."""
    line = halves.__code__.co_firstlineno + 2
    text = rf"forward failed in line {line}, out = np.zeros.*write //"
    with pytest.raises(InvalidArgument, match=text):
        check_derivation(halves, "dw = x", {"x": normal(4, 3), "w": normal(3, 2)})
