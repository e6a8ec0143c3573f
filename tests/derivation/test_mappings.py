"""Sides and inputs that are containers: mappings of formulas, functions and numbers, and lists."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import check_derivation
from autograd.errors import InvalidArgument, UnsupportedType

X, W = np.array([1.3, 0.7]), np.array([0.5, -1.0])
SQUARE, PRODUCT = "E = sum(x**2)", "p = x*w\nE = sum(p**2)"


@pytest.mark.parametrize("key", ["dx", "dE/dx", "x_grad", "x"])
@pytest.mark.parametrize("form", [np.array, list, lambda numbers: "2*x"])
def test_gradients_by_name(key, form):
    """Numbers are compared at the given inputs; the key may be the variable itself."""
    report = check_derivation(SQUARE, {key: form(2 * X)}, {"x": X})
    assert report.ok, report
    assert ("compared at your inputs only" in str(report)) == (not isinstance(form(2 * X), str))
    assert [(f.claim, f.variable) for f in report.findings] == [(key, "x")]


@pytest.mark.parametrize("key", ["dx", "x"])
@pytest.mark.parametrize("claim", [3 * X, 2 * X + 1e-3, "3*x"])
def test_wrong_gradients_by_name(key, claim):
    """Wrong numbers are wrong."""
    report = check_derivation(SQUARE, {key: claim}, {"x": X})
    assert report.first_wrong.claim == key
    assert "points could be used" not in str(report)


def test_numbers_beside_formulas():
    """Numbers that are right leave the formulas to be judged at all points."""
    x = np.ones(2)
    right = {"dx": 2 * x * W * W, "dw": "2*p*x"}
    assert check_derivation(PRODUCT, right, {"x": x, "w": W}).ok
    wrong = check_derivation(PRODUCT, right | {"dw": "2*p"}, {"x": x, "w": W})
    assert wrong.first_wrong.claim == "dw"
    assert [f.verdict for f in wrong.findings] == ["right", "wrong"]


@pytest.mark.parametrize("dw", ["dE/dp*x", lambda dp, x: dp * x])
def test_formulas_of_numbers(dw):
    """What is computed from given numbers is judged where they hold."""
    key = "dE/dp" if isinstance(dw, str) else "dp"
    inputs = {"x": X, "w": W}
    assert check_derivation(PRODUCT, {key: 2 * X * W, "dw": dw}, inputs).ok
    assert not check_derivation(PRODUCT, {key: 3 * X * W, "dw": dw}, inputs).ok
    assert not check_derivation(PRODUCT, {key: 2 * X * W, "dw": "2*p*w"}, inputs).ok


def test_a_variable_as_a_key_keeps_its_value():
    """Later entries see the variable, and not its gradient."""
    claims = {"x": 2 * X * W * W, "p": "2*p", "w": "2*p*x"}
    assert check_derivation(PRODUCT, claims, {"x": X, "w": W}).ok


# -- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("container", [list, tuple])
def test_lists_are_arrays_in_formulas(container):
    """A list of numbers is an array where the forward side is text; whole numbers are no variables."""
    forward = "E = sum(w*x**2)"
    floats = {"x": container([1.0, 2.0]), "w": container([0.5, 3.0])}
    assert check_derivation(forward, "dE/dx = 2*x*w\ndE/dw = x**2", floats).ok
    assert not check_derivation(forward, "dE/dx = 2*x\ndE/dw = x**2", floats).ok
    assert check_derivation(forward, "dE/dw = x**2", {**floats, "x": container([1, 2])}).ok


@pytest.mark.parametrize("x", [[[1.0, 2.0], [3.0]], ["a"], [None]])
def test_lists_that_are_no_arrays(x):
    """The input is named."""
    with pytest.raises(InvalidArgument, match=r"inputs\['x'\] is a list that is no array of numbers"):
        check_derivation(SQUARE, "dx = 2*x", {"x": x})


def test_lambda_in_the_middle_of_a_statement():
    """Python gives the source of no such function: a clear error says what to do."""
    for backward in (lambda x: 2 * x,):
        with pytest.raises(UnsupportedType, match="use a def, not a lambda"):
            check_derivation(SQUARE, backward, {"x": X})
