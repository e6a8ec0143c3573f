"""Factors of the chain rule on lines of their own are judged, whether a later line uses them or not."""

import numpy as np
import pytest

from autograd import check_derivation

SCALARS = {"w": 0.4, "x": 1.3, "b": 0.3}
ARRAYS = {"w": np.array([0.4, 0.2, 0.7]), "x": np.array([1.3, 0.3, -0.4]), "b": np.array([0.1, 0.2, 0.3])}
SQUARE = "z = w x + b\nE = z^2"
DEEP = "z = w*x + b\na = sigmoid(z)\nE = sum(a^2)"
BOTH_WAYS = "h = tanh(w)\nz = w h\nE = z^2"


@pytest.mark.parametrize(
    ("forward", "claims", "inputs", "factor"),
    [
        (SQUARE, "dE/dz = 2z\ndz/dw = w\ndE/dw = dE/dz x", SCALARS, "dz/dw"),
        (SQUARE, "dE/dz = 2z\ndz/dw = w\ndE/dw = dE/dz dz/dw", SCALARS, "dz/dw"),
        (SQUARE, {"dE/dz": "2z", "dz/db": "2", "dE/db": "dE/dz"}, SCALARS, "dz/db"),
        (DEEP, "da/dz = a*(1 + a)\ndE/dw = 2*a*a*(1 - a)*x", ARRAYS, "da/dz"),
        (DEEP, "dz/db = 2\ndE/dw = 2*a*a*(1 - a)*x", ARRAYS, "dz/db"),
        (BOTH_WAYS, "dE/dz = 2z\ndz/dh = h\ndE/dw = 2z (h + w (1 - h^2))", {"w": 0.4}, "dz/dh"),
        (SQUARE, "dz/dw = -x\ndz/db = -1\ndE/dw = 2z dz/dw\ndE/db = 2z dz/db", SCALARS, "dz/dw"),
    ],
)
def test_a_wrong_factor_is_named(forward, claims, inputs, factor):
    """It is the first mistake, also where all that follows is right or shares its constant."""
    report = check_derivation(forward, claims, inputs)
    assert report.verdict == "wrong"
    assert report.first_wrong.claim == factor


@pytest.mark.parametrize(
    ("forward", "claims", "inputs"),
    [
        (SQUARE, "dE/dz = 2z\ndz/dw = x\ndz/db = 1\ndE/dw = dE/dz dz/dw\ndE/db = dE/dz dz/db", SCALARS),
        (DEEP, "da/dz = a*(1 - a)\ndz/dw = x\ndz/db = 1\ndE/dw = 2*a*da/dz*dz/dw", ARRAYS),
        (DEEP, "da/dw = a*(1 - a)*x\ndE/dw = 2*a*da/dw", ARRAYS),
        (BOTH_WAYS, "dz/dw = h\ndE/dw = 2z (h + w (1 - h^2))", {"w": 0.4}),
        (BOTH_WAYS, "dz/dw = h + w (1 - h^2)\ndE/dw = 2z dz/dw", {"w": 0.4}),
        ("z = w@x\nE = z^2", "dz/dw = x\ndE/dw = 2*z*x", {"w": ARRAYS["w"], "x": ARRAYS["x"]}),
        ("z = W@x\nE = sum(z^2)", "dz/dW = x\ndE/dW = outer(2*z, x)", {"W": np.eye(3) + 1, "x": ARRAYS["x"]}),
    ],
)
def test_right_factors_are_right(forward, claims, inputs):
    """Total and partial derivatives are; one of a matrix product can be written in many ways."""
    assert check_derivation(forward, claims, inputs).ok


def test_a_factor_of_what_does_not_depend_on_it():
    """Where z is not made of T, its derivative is 0, whatever else is claimed."""
    report = check_derivation(
        "z = w x\nE = 1/2 (T - z)^2", "dE/dz = z - T\ndz/dT = 2\ndE/dw = dE/dz x", {**SCALARS, "T": 0.2}
    )
    assert report.first_wrong.claim == "dz/dT"
    assert report.first_wrong.diagnosis.text == "z does not depend on T: the derivative is 0"
