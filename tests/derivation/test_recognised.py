"""What is no mistake of a step, inputs chosen by shapes, and further referees."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from autograd import check_derivation
from autograd.derivation.points import LENGTHS, drawn
from autograd.errors import InvalidArgument

RNG = np.random.default_rng(1)
FORWARD = "Z = X @ W + b\nA = sigmoid(Z)\nE = 1/2*sum((A - T)**2)"
RIGHT = "dZ = (A - T)*A*(1 - A)\ndW = X.T @ dZ\ndb = sum(dZ, axis=0)"
INPUTS = {
    "X": RNG.normal(size=(5, 3)),
    "W": RNG.normal(size=(3, 2)),
    "b": RNG.normal(size=2),
    "T": RNG.random((5, 2)),
}


def test_clipping_element_by_element_is_recognised():
    """A gradient clipped to a bound is right, and the report says how it was clipped."""

    def backward(X, A, T):
        dZ = (A - T) * A * (1 - A)
        dW = np.clip(X.T @ dZ, -0.05, 0.05)
        return dW

    report = check_derivation(FORWARD, backward, INPUTS)
    assert report.ok
    assert "dW is clipped to at most 0.05 in size, element by element" in report.notes


def test_clipping_by_norm_is_recognised():
    """A gradient scaled down to a norm is right, and the report says so."""

    def backward(X, A, T):
        dZ = (A - T) * A * (1 - A)
        dW = X.T @ dZ
        dW = dW * min(1.0, 0.1 / np.linalg.norm(dW))
        return dW

    report = check_derivation(FORWARD, backward, INPUTS)
    assert report.ok
    assert "dW is clipped to a norm of 0.1" in report.notes


def test_the_gradient_of_another_loss_is_named():
    """(A - T) is the gradient of binary cross-entropy, and that is the finding."""
    report = check_derivation(FORWARD, RIGHT.replace("*A*(1 - A)", ""), INPUTS)
    diagnosis = report.first_wrong.diagnosis
    assert diagnosis.kind == "missing factor"
    assert diagnosis.text.endswith(
        "it is exactly the gradient of binary cross-entropy of A and T, not of your cost"
    )


def test_no_other_loss_is_claimed_for_another_mistake():
    """A wrong sign or transpose brings no talk of losses."""
    report = check_derivation(FORWARD, RIGHT.replace("(1 - A)", "(1 + A)"), INPUTS)
    assert "gradient of" not in report.first_wrong.diagnosis.text.replace("the gradient of another", "")


def test_shapes_choose_inputs():
    """Letters get lengths that are pairwise different and not one; given inputs stay."""
    inputs = drawn({"X": "N D", "W": "D H", "b": "H", "s": ()}, np.random.default_rng(0))
    assert {name: np.shape(x) for name, x in inputs.items()} == {"X": (5, 3), "W": (3, 7), "b": (7,), "s": ()}
    assert len(set(LENGTHS)) == len(LENGTHS)
    assert 1 not in LENGTHS
    report = check_derivation(FORWARD, RIGHT, {"b": np.ones(7)}, shapes={"X": "N D", "W": "D H", "T": "N H"})
    assert report.ok


def test_too_many_letters_are_refused():
    """There are lengths for so many letters only."""
    with pytest.raises(InvalidArgument, match="more than 10 different letters"):
        drawn({"X": " ".join("abcdefghijk")}, np.random.default_rng(0))


def test_jax_agrees():
    """JAX runs the recorded graph again and has the same gradients."""
    pytest.importorskip("jax")
    assert check_derivation(FORWARD, RIGHT, INPUTS, referee="jax").ok
    softmax = "P = softmax(X @ W)\nE = -sum(T*log(P))"
    assert check_derivation(softmax, "dX = 0*X", {k: INPUTS[k] for k in "XWT"}, referee="jax").doubt == ""


def test_a_missing_jax_names_its_extra(monkeypatch):
    """Without JAX the error says how to install it."""
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(ImportError, match=r'pip install "chainrule\[jax\]"'):
        check_derivation(FORWARD, RIGHT, INPUTS, referee="jax")


def test_an_unknown_referee_is_refused():
    """Only JAX can be asked."""
    with pytest.raises(InvalidArgument, match="referee must be 'jax' or None, got 'torch'"):
        check_derivation(FORWARD, RIGHT, INPUTS, referee="torch")


def test_a_referee_that_disagrees_leaves_the_verdict_open(monkeypatch):
    """Where another engine has other gradients, nothing is called right."""
    fake = types.ModuleType("autograd.derivation.jax_referee")
    fake.jax_doubts = lambda point: "JAX has another gradient of W than the engine"
    monkeypatch.setitem(sys.modules, "autograd.derivation.jax_referee", fake)
    report = check_derivation(FORWARD, RIGHT, INPUTS, referee="jax")
    assert report.verdict == "cannot tell"
    assert not report.ok


@pytest.mark.parametrize(("claimed", "shown"), [(2e-200, "2.0000"), (1e150, "inf")])
def test_gradients_whose_squares_are_zero(claimed, shown):
    """Very small gradients have a ratio as others do; one beyond the range of floats is none."""
    forward, backward = "E = sum(tiny * x)", "dx = claimed + 0*x"
    inputs = {"x": np.array([1.0, 2.0]), "tiny": 1e-200, "claimed": claimed}
    report = check_derivation(forward, backward, inputs)
    assert not report.ok
    assert shown in str(report)


@pytest.mark.parametrize("shape", [(-3,), (3.5,), (0,), "N 0", "N-1", [True], None])
def test_shapes_that_are_none(shape):
    """Lengths are positive integers or letters."""
    with pytest.raises(InvalidArgument, match=r"shapes\['x'\] is .*: lengths are positive integers"):
        check_derivation("E = sum(x)", "dx = 1 + 0*x", shapes={"x": shape})


def test_shapes_as_people_write_them():
    """Brackets, commas and numbers among the letters."""
    inputs = drawn({"x": "(N, 3)", "y": "N", "z": 4, "s": ""}, np.random.default_rng(0))
    assert [np.shape(v) for v in inputs.values()] == [(5, 3), (5,), (4,), ()]
    with pytest.raises(InvalidArgument, match="shapes must be a dict"):
        check_derivation("E = sum(x)", "dx = 1 + 0*x", shapes=[3])


def test_integers_only():
    """What is not differentiated cannot be checked, and the way out is said."""
    with pytest.raises(InvalidArgument, match=r"give 2\.0 for 2"):
        check_derivation("E = w*x", "dE/dw = x", {"w": 2, "x": 3})
