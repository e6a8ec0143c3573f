"""Arrays that are changed by something else than an assignment: what they hold at the end counts."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import check_derivation

RNG = np.random.default_rng(0)
INPUTS = {"X": RNG.normal(size=(6, 3)), "w": RNG.normal(size=3), "b": 0.3}


def forward(X, w, b):
    z = X @ w + b
    J = np.sum(z**2)
    return J, (X, z)


def clipped(cache):
    X, z = cache
    dz = 2 * z
    dw = X.T @ dz
    db = dz.sum()
    for d in [dw]:
        np.clip(d, -0.1, 0.1, out=d)
    return dw, db


def multiplied(cache):
    X, z = cache
    dz = 2 * z
    dw = X.T @ dz
    db = dz.sum()
    np.multiply(dw, 3, out=dw)
    return dw, db


def emptied(cache):
    X, z = cache
    dz = 2 * z
    dw = X.T @ dz
    db = dz.sum()
    dw.fill(0.0)
    return dw, db


def sorted_(cache):
    X, z = cache
    dz = 2 * z
    dw = X.T @ dz
    db = dz.sum()
    dw.sort()
    return dw, db


def scale(v):
    v *= 2


def scaled_by_a_helper(cache):
    X, z = cache
    dz = 2 * z
    dw = X.T @ dz
    db = dz.sum()
    scale(dw)
    return dw, db


def scaled_through_a_view(cache):
    X, z = cache
    dz = 2 * z
    dw = X.T @ dz
    db = dz.sum()
    v = dw.ravel()
    v *= 2
    return dw, db


def scaled_in_a_loop(cache):
    X, z = cache
    dz = 2 * z
    dw = X.T @ dz
    db = dz.sum()
    for d in (dw,):
        d *= 2
    return dw, db


def scaled_in_a_dict(cache):
    X, z = cache
    dz = 2 * z
    grads = {"dw": X.T @ dz, "db": dz.sum()}
    for key in ["dw"]:
        np.multiply(grads[key], 2, out=grads[key])
    return grads


def without_a_telling_name(cache):
    X, z = cache
    dz = 2 * z
    first = X.T @ dz
    scale(first)
    return first, dz.sum()


SPOILT = [
    clipped,
    multiplied,
    emptied,
    sorted_,
    scaled_by_a_helper,
    scaled_through_a_view,
    scaled_in_a_loop,
    scaled_in_a_dict,
    without_a_telling_name,
]


@pytest.mark.parametrize("backward", SPOILT)
def test_spoilt_afterwards(backward):
    """A gradient that was right when it was assigned is wrong if it is changed afterwards."""
    report = check_derivation(forward, backward, INPUTS)
    assert report.verdict == "wrong"
    assert report.first_wrong.variable == "w"


def test_statement_that_spoils():
    """A statement that writes into an array by name is shown; else that it was changed afterwards."""
    assert check_derivation(forward, multiplied, INPUTS).first_wrong.text == "np.multiply(dw, 3, out=dw)"
    text = check_derivation(forward, scaled_by_a_helper, INPUTS).first_wrong.text
    assert text == "dw = X.T @ dz  # and changed in place afterwards"


def test_change_at_some_points_only():
    """A clipping that does nothing at the given point is judged where it does, at all points alike."""

    def backward(cache):
        X, z = cache
        dz = 2 * z
        dw = X.T @ dz
        db = dz.sum()
        for d in (dw,):
            np.clip(d, -bound, bound, out=d)
        return dw, db

    bound = 11.4  # the largest element is 11.33, and above this at one of the points
    report = check_derivation(forward, backward, INPUTS)
    assert report.ok
    assert "points could be used" not in str(report)
    assert "dw is clipped to at most" in str(report)


def with_out(cache):
    X, z = cache
    dz = 2 * z
    dw = np.empty(3)
    np.dot(X.T, dz, out=dw)
    return dw, dz.sum()


def with_copyto_and_put(cache):
    X, z = cache
    dz = np.empty_like(z)
    np.copyto(dz, 2 * z)
    dw = np.zeros(3)
    np.put(dw, [0, 1, 2], X.T @ dz)
    return dw, dz.sum()


def fill(out, X, dz):
    np.matmul(X.T, dz, out)


def with_a_helper(cache):
    X, z = cache
    dz = 2 * z
    dw = np.zeros(3)
    fill(dw, X, dz)
    return dw, dz.sum()


def scratch(cache):
    X, z = cache
    dz = 2 * z
    dw = X.T @ dz
    db = dz.sum()
    np.multiply(dz, 0.0, out=dz)
    return dw, db


@pytest.mark.parametrize("backward", [with_out, with_copyto_and_put, with_a_helper, scratch])
def test_written_into_an_array(backward):
    """Results that are written into an empty array are right, and used arrays may be used again."""
    report = check_derivation(forward, backward, INPUTS)
    assert report.ok, report


def test_wrong_result_written_into_an_array():
    """What is shown is the statement that writes, not the empty array."""

    def backward(cache):
        X, z = cache
        dz = 2 * z
        dw = np.empty(3)
        np.dot(X.T, 3 * dz, out=dw)
        return dw, dz.sum()

    report = check_derivation(forward, backward, INPUTS)
    assert report.first_wrong.text == "np.dot(X.T, 3 * dz, out=dw)"


def relu(x, W):
    h = x @ W
    a = np.maximum(h, 0.0)
    J = np.sum(a**3)
    return J, (x, h, a)


def masked_in_place(cache):
    x, h, a = cache
    da = 3 * a**2
    dh = da
    dh[h <= 0] = 0
    dW = x.T @ dh
    return dW


def test_one_array_under_two_names():
    """An array that goes on as the gradient of the next value was right when it had its first name."""
    inputs = {"x": RNG.normal(size=(4, 3)), "W": RNG.normal(size=(3, 2))}
    assert check_derivation(relu, masked_in_place, inputs).ok


def scaled_step(X, w, lr):
    z = X @ w
    J = np.sum(z**2)
    dz = 2 * z
    dw = X.T @ dz
    dw *= lr
    w -= dw
    return J


def step_with_out(X, w, lr):
    z = X @ w
    J = np.sum(z**2)
    dz = 2 * z
    dw = X.T @ dz
    np.multiply(dw, lr, out=dw)
    np.subtract(w, dw, out=w)
    return J


def set_to_zero_after(X, w, lr):
    z = X @ w
    J = np.sum(z**2)
    dz = 2 * z
    dw = X.T @ dz
    w -= lr * dw
    dw.fill(0.0)
    return J


def set_to_zero_before(X, w, lr):
    z = X @ w
    J = np.sum(z**2)
    dz = 2 * z
    dw = X.T @ dz
    dw *= 2
    w -= lr * dw
    dw.fill(0.0)
    return J


@pytest.mark.parametrize("step", [scaled_step, step_with_out, set_to_zero_after])
def test_changed_for_or_after_an_update(step):
    """What becomes of a gradient that updated its parameter rightly is no matter."""
    inputs = {"X": INPUTS["X"], "w": INPUTS["w"], "lr": 0.1}
    report = check_derivation(step, None, inputs)
    assert report.ok, report
    assert "w" in {f.variable for f in report.findings}


def test_wrong_update_and_set_to_zero():
    """An update by twice the gradient is wrong."""
    inputs = {"X": INPUTS["X"], "w": INPUTS["w"], "lr": 0.1}
    assert check_derivation(set_to_zero_before, None, inputs).first_wrong.variable == "w"


def limited(dw, db, bound, both=True):
    """Clip the norm of two gradients together, or leave one of them out."""
    norm = np.sqrt(np.sum(dw**2) + np.sum(db**2))
    for g in (dw, db)[: 1 + both]:
        g *= min(1.0, bound / norm)


@pytest.mark.parametrize("bound", [1e-3, 12.0, 14.0, 1e3])
def test_clipped_by_the_norm_of_all(bound):
    """Gradients that are clipped together, at some points or at all, are right, and it is said."""

    def backward(cache):
        X, z = cache
        dz = 2 * z
        dw = X.T @ dz
        db = dz.sum(keepdims=True)
        limited(dw, db, bound)
        return dw, db

    report = check_derivation(forward, backward, {**INPUTS, "b": np.array([0.3])})
    assert report.ok, report
    assert ("have a norm of" in report.convention) == (bound < 1e3)


def test_one_of_two_clipped():
    """Where one of two is not clipped it is no clipping of both."""

    def backward(cache):
        X, z = cache
        dz = 2 * z
        dw = X.T @ dz
        db = dz.sum(keepdims=True)
        limited(dw, db, 1e-3, both=False)
        return dw, db

    report = check_derivation(forward, backward, {**INPUTS, "b": np.array([0.3])})
    assert report.first_wrong.claim == "dw"
