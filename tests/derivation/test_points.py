"""Where a derivation is compared: inputs that hide mistakes are moved, labels and masks are not."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import check_derivation

A = np.random.default_rng(0).normal(size=(3, 2))
Z = np.array([1.3, 0.7, 0.1])
SOFTMAX = "p = softmax(z)\nE = -sum(y*log(p))"


def batch_norm(x, gamma, beta):
    centred = x - x.mean(0)
    s = np.sqrt((centred**2).mean(0) + 1e-5)
    xh = centred / s
    out = gamma * xh + beta
    loss = (out**3).sum()
    return loss, (xh, s, gamma, out)


def gamma_forgotten(cache):
    xh, s, gamma, out = cache
    dout = 3 * out**2
    dgamma = (dout * xh).sum(0)
    dbeta = dout.sum(0)
    dxh = dout
    dx = (dxh - dxh.mean(0) - xh * (dxh * xh).mean(0)) / s
    return dx, dgamma, dbeta


def test_scale_of_ones():
    """A scale that starts at one is moved, so that the step which forgets it is wrong."""
    inputs = {"x": np.random.default_rng(0).normal(size=(6, 3)), "gamma": np.ones(3), "beta": np.zeros(3)}
    report = check_derivation(batch_norm, gamma_forgotten, inputs)
    assert report.first_wrong.claim == "dxh"
    assert "all is right at your inputs" in str(report)
    assert "stands for labels" not in str(report)  # its gradient is claimed


@pytest.mark.parametrize("B", [np.eye(2), np.ones((2, 2))])
def test_missing_transpose_of_a_symmetric_matrix(B):
    """The identity and ones hide a missing transpose at the given point only."""
    forward, right = "Y = A @ B\nE = sum(Y**2)", "dE/dY = 2*Y\ndE/dA = dE/dY @ B.T"
    assert check_derivation(forward, right, {"A": A, "B": B}).ok
    wrong = check_derivation(forward, right.removesuffix(".T"), {"A": A, "B": B})
    assert wrong.first_wrong.claim == "dE/dA"
    assert wrong.first_wrong.diagnosis.kind == "transpose"
    assert "give integers" in str(wrong)
    assert check_derivation(forward, right.removesuffix(".T"), {"A": A, "B": B.astype(int)}).ok


def test_identity_by_its_name():
    """What is called I is the identity, and a derivation may use that it is."""
    backward = "dE/dY = 2*Y\ndE/dA = dE/dY"
    report = check_derivation("Y = A @ I\nE = sum(Y**2)", backward, {"A": A, "I": np.eye(2)})
    assert report.ok
    assert "I holds zeros and ones only" in str(report)


def test_factor_of_ones():
    """A factor of ones is moved."""
    inputs = {"w": np.array([1.3, 0.7]), "x": np.ones(2)}
    report = check_derivation("z = w*x\nE = sum(z**2)", "dE/dz = 2*z\ndE/dw = dE/dz", inputs)
    assert report.first_wrong.claim == "dE/dw"


def test_one_hot_labels():
    """What is true of labels only is right, and the report says that they were not moved."""
    report = check_derivation(SOFTMAX, "dE/dz = p - y", {"z": Z, "y": np.array([0.0, 1.0, 0.0])})
    assert report.ok
    assert "y holds zeros and ones only, and stayed as it is" in str(report)
    assert not check_derivation(SOFTMAX, "dE/dz = p + y", {"z": Z, "y": np.array([0.0, 1.0, 0.0])}).ok


def test_labels_that_may_be_any_number():
    """Nothing is said of labels where the derivation is right for all numbers."""
    forward = "p = sigmoid(z)\nE = -sum(y*log(p) + (1 - y)*log(1 - p))"
    report = check_derivation(forward, "dE/dz = p - y", {"z": Z, "y": np.array([0.0, 1.0, 1.0])})
    assert report.ok
    assert "y holds" not in str(report)


def test_soft_labels():
    """Shares that sum to one still do where they are moved, unless a gradient is claimed for them."""
    inputs = {"z": Z, "y": np.array([0.2, 0.5, 0.3])}
    report = check_derivation(SOFTMAX, "dE/dz = p - y", inputs)
    assert report.ok
    assert "y sums to one" in str(report)
    assert not check_derivation(SOFTMAX, "dE/dz = p + y", inputs).ok
    general = check_derivation(SOFTMAX, "dE/dz = p*sum(y) - y\ndE/dy = -log(p)", inputs)
    assert general.ok
    assert "sums to one" not in str(general)
    assert not check_derivation(SOFTMAX, "dE/dz = p - y\ndE/dy = -log(p)", inputs).ok


def test_rows_and_columns_of_shares():
    """Rows as well as columns may be shares, and zeros in them stay zeros."""
    P = np.array([[0.2, 0.8, 0.0], [0.1, 0.6, 0.3]])
    for y, axis in ((P, 1), (P.T, 0)):
        inputs = {"z": np.random.default_rng(1).normal(size=y.shape), "y": y}
        forward = f"p = softmax(z, axis={axis})\nE = -sum(y*log(p))"
        assert check_derivation(forward, "dE/dz = p - y", inputs).ok


def network(X, W, b, v):
    Z = X @ W + b
    A = np.maximum(Z, 0)
    y = A @ v
    E = np.sum((y - 1) ** 2)
    return E


ZEROS = {
    "X": np.random.default_rng(1).normal(size=(6, 3)),
    "W": np.zeros((3, 4)),
    "b": np.zeros(4),
    "v": np.random.default_rng(2).normal(size=4),
}


def above(X, v, Z, A, y):
    dy = 2 * (y - 1)
    dv = A.T @ dy
    dZ = np.outer(dy, v) * (Z > 0)
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dW, db, dv


def at_least(X, v, Z, y):
    dy = 2 * (y - 1)
    dZ = np.outer(dy, v) * (Z >= 0)
    dW = X.T @ dZ
    db = dZ.mean(axis=0)
    return dW, db


def below(X, v, Z, y):
    dy = 2 * (y - 1)
    dZ = np.outer(dy, v) * (Z < 0)
    dW = X.T @ dZ
    return dW


@pytest.mark.parametrize(
    ("backward", "claim", "kind"),
    [(above, None, None), (at_least, "db", "constant factor"), (below, "dZ", "wrong factor")],
)
def test_weights_of_zeros_are_at_a_kink(backward, claim, kind):
    """There one derivative of a relu is as good as another; elsewhere it is judged."""
    report = check_derivation(network, backward, ZEROS)
    assert report.verdict == ("wrong" if claim else "cannot tell")
    if claim:
        assert (report.first_wrong.claim, report.first_wrong.diagnosis.kind) == (claim, kind)
    else:
        assert report.doubt == (
            "at your inputs maximum is at a kink, element (0, 0), where the derivative is a convention; "
            "at the other points all is right"
        )


def test_inputs_of_different_sizes():
    """Raw data beside small weights is no kink."""
    rng = np.random.default_rng(0)
    inputs = {"x": 1e5 * rng.normal(size=(6, 3)), "w": 1e-6 * rng.normal(size=3), "b": 0.5}
    report = check_derivation(
        "z = x @ w + b\na = tanh(z)\nE = sum(a)", "dz = 1 - a**2\ndw = x.T @ dz\ndb = sum(dz)", inputs
    )
    assert report.ok


RNG = np.random.default_rng(7)


def dropped(x, w):
    mask = RNG.random(x.shape) > 0.5
    h = x * w * mask
    return np.sum(h**2), mask


def dropped_given(x, w, rng):
    mask = rng.random(x.shape) > 0.5
    h = x * w * mask
    return np.sum(h**2), mask


@pytest.mark.parametrize("forward", [dropped, dropped_given])
def test_a_generator_draws_the_same_in_every_run(forward):
    """A dropout mask of one's own generator stays, and the generator is left as it was."""

    def backward(x, mask, h):
        dh = 2 * h
        dw = dh * x * mask
        return dw

    state = RNG.bit_generator.state
    inputs = {"x": Z, "w": Z + 1.0}
    inputs |= {"rng": np.random.default_rng(3)} if forward is dropped_given else {}
    assert check_derivation(forward, backward, inputs).ok
    assert RNG.bit_generator.state == state
