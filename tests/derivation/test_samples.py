"""Loops over samples: what belongs to one sample is no gradient of the whole, and the sums are judged."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import check_derivation

RNG = np.random.default_rng(0)
INPUTS = {
    "X": RNG.normal(size=(6, 3)),
    "w": RNG.normal(size=3),
    "b": 0.3,
    "y": RNG.uniform(size=6),
}


def forward(X, w, b, y):
    z = X @ w + b
    a = 1 / (1 + np.exp(-z))
    J = -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))
    return J, (X, a, y)


def by_samples(cache):
    X, a, y = cache
    m = len(y)
    dw = np.zeros(3)
    db = 0.0
    for i in range(m):
        dz = a[i] - y[i]
        dw += X[i] * dz
        db += dz
    dw /= m
    db /= m
    return dw, db


def by_samples_with_the_mean(cache):
    X, a, y = cache
    m = len(y)
    dw = np.zeros(3)
    db = 0.0
    for i in range(m):
        dz = (a[i] - y[i]) / m
        for j in range(3):
            dw[j] += X[i, j] * dz
        db += dz
    return dw, db


def by_parts_of_the_parameter(cache):
    X, a, y = cache
    total_w = np.zeros(3)
    total_b = 0.0
    for i in range(6):
        dz = (a[i] - y[i]) / 6
        dw = X[i] * dz
        db = dz
        total_w += dw
        total_b += db
    return total_w, total_b


def by_slices(cache):
    X, a, y = cache
    dw = np.zeros(3)
    db = 0.0
    for start in range(0, 6, 2):
        s = slice(start, start + 2)
        dz = (a[s] - y[s]) / 6
        dw += X[s].T @ dz
        db += dz.sum()
    return dw, db


def by_a_list(cache):
    X, a, y = cache
    dz = []
    for i in range(6):
        dz.append((a[i] - y[i]) / 6)  # noqa: PERF401 - as it is written in a first course
    dw = sum(X[i] * dz[i] for i in range(6))
    db = sum(dz)
    return dw, db


def by_a_comprehension(cache):
    X, a, y = cache
    dz = [(a[i] - y[i]) / 6 for i in range(6)]
    dw = X.T @ np.array(dz)
    db = sum(dz)
    return dw, db


def lists_of_numbers(cache):
    X, a, y = cache
    dw, db = [0, 0, 0], 0.0
    dz = [(a_i - y_i) / 6 for a_i, y_i in zip(a, y, strict=True)]
    for i in range(6):
        for j in range(3):
            dw[j] += X[i, j] * dz[i]
        db += dz[i]
    return dw, db


@pytest.mark.parametrize(
    "backward",
    [
        lists_of_numbers,
        by_samples,
        by_samples_with_the_mean,
        by_parts_of_the_parameter,
        by_slices,
        by_a_list,
        by_a_comprehension,
    ],
)
def test_sums_over_samples(backward):
    """The gradients of the parameters are right, whatever the pass computes for each sample."""
    report = check_derivation(forward, backward, INPUTS)
    assert report.ok, report
    assert {"w", "b"} <= {f.variable for f in report.findings}


def mean_forgotten(cache):
    X, a, y = cache
    dw = np.zeros(3)
    db = 0.0
    for i in range(6):
        dz = a[i] - y[i]
        dw += X[i] * dz
        db += dz
    db /= 6
    return dw, db


def sign_in_the_loop(cache):
    X, a, y = cache
    dw = np.zeros(3)
    db = 0.0
    for i in range(6):
        dz = (y[i] + a[i]) / 6
        dw += X[i] * dz
        db += dz
    return dw, db


def never_summed(cache):
    X, a, y = cache
    db = 0.0
    for i in range(6):
        dz = (a[i] - y[i]) / 6
        dw = X[i].sum() * dz
        db += dz
    return dw, db


def part_returned(cache):
    X, a, y = cache
    total_w = np.zeros(3)
    db = 0.0
    for i in range(6):
        dz = (a[i] - y[i]) / 6
        dw = X[i] * dz
        total_w += dw
        db += dz
    return dw, db


def wrong_list(cache):
    X, a, y = cache
    dz = [(a_i - y_i) / 6 for a_i, y_i in zip(a, y, strict=True)]
    dw = [sum(X[i, j] * dz[j] for i in range(6)) for j in range(3)]
    db = sum(dz)
    return dw, db


@pytest.mark.parametrize(
    "backward", [wrong_list, mean_forgotten, sign_in_the_loop, never_summed, part_returned]
)
def test_wrong_sums_over_samples(backward):
    """A mistake in such a loop shows in a parameter, whose gradient has to have its shape."""
    report = check_derivation(forward, backward, INPUTS)
    assert report.verdict == "wrong"
    assert report.first_wrong.claim == "dw"


def test_wrong_shape_outside_of_a_loop():
    """A value of another shape that is assigned once is a claim, and wrong."""

    def backward(cache):
        X, a, y = cache
        dz = np.mean(a - y)
        dw = X.T @ ((a - y) / 6)
        return dw, dz

    report = check_derivation(forward, backward, INPUTS)
    assert report.first_wrong.claim == "dz"


def network(X, W1, W2, Y):
    Z1 = X @ W1
    A1 = np.tanh(Z1)
    Z2 = A1 @ W2
    J = 0.5 * np.mean((Z2 - Y) ** 2)
    return J, (X, W2, A1, Z2, Y)


def network_by_samples(cache):
    X, W2, A1, Z2, Y = cache
    dW1, dW2 = np.zeros((3, 4)), np.zeros((4, 2))
    for n in range(len(X)):
        dz2 = (Z2[n] - Y[n]) / Z2.size
        dW2 += np.outer(A1[n], dz2)
        da1 = W2 @ dz2
        dz1 = da1 * (1 - A1[n] ** 2)
        dW1 += np.outer(X[n], dz1)
    return dW1, dW2


def test_network_by_samples():
    """Rows of the gradients of two layers."""
    shapes = {"X": (5, 3), "W1": (3, 4), "W2": (4, 2), "Y": (5, 2)}
    assert check_derivation(network, network_by_samples, shapes=shapes).ok
