"""check_gradients at a kink: there is no derivative to compare with, and the report says why."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import check_gradients, checkpoint, primitive, relu
from autograd.checking.differences import SWEEP, one_sided

A = np.random.default_rng(1).normal(size=5)

KINKS = {
    "relu": (lambda x: relu(x).sum(), np.array([1.0, 0.0]), "relu is at a kink, element (1,)"),
    "abs of a number": (np.abs, 0.0, "absolute is at a kink"),
    "a tie of max": (lambda x: x.max(), np.array([1.0, 2.0, 2.0]), "max is at a kink, element"),
    "a tie of maximum": (
        lambda x: np.maximum(x, 1.0).sum(),
        np.ones(2),
        "maximum is at a kink, element (0,)",
    ),
    "a bound of clip": (
        lambda x: x.clip(0, 1).sum(),
        np.array([0.5, 1.0]),
        "clip is at a kink, element (1,)",
    ),
    "Python's if": (lambda x: relu(x + 1) if x > 0 else np.abs(x - 1), 0.0, "the function took another path"),
}


@pytest.mark.parametrize(("f", "x", "text"), KINKS.values(), ids=KINKS)
def test_kinks_are_reported(f, x, text):
    """At a kink there is no derivative to compare with: the report says which operation, and where."""
    report = check_gradients(f, x)
    assert not report.ok
    assert report.verdict == "cannot tell here"
    assert text in report.reasons[0]


def in_one_element(x):
    a, _, c = x
    return np.sin(x).sum() + (c * a if c > 1 else c * c * a)


BY_PYTHON = {
    "if, with the same operations": (
        lambda x: 2 * x if x > 0 else 3 * x,
        0.0,
        "at x: the slope is 3 from below and 2 from above",
    ),
    "if, in one element": (
        in_one_element,
        np.array([0.5, 2.0, 1.0]), "at x[2]: the slope is 1.5403 from below and 1.0403 from"),
    "its own abs": (lambda x: x if x >= 0 else -x, 0.0, "the slope is -1 from below and 1 from above"),
    "a sum of two": (lambda x: (x * (3 if x.sum() > 0 else 1)).sum(), np.array([1.0, -1.0]), "from above"),
    "the second derivative": (
        lambda x: 5 * x + (1 * x * x if x > 0 else 0 * x * x), 0.0, "product: at x: the slope is "),
}  # fmt: skip


@pytest.mark.parametrize(("f", "x", "text"), BY_PYTHON.values(), ids=BY_PYTHON)
def test_kinks_that_only_python_makes(f, x, text):
    """Where both branches record the same operations, the slopes from the two sides give the kink away."""
    report = check_gradients(f, x, order=2)
    assert report.verdict == "cannot tell here"
    assert text in report.reasons[0]
    assert report.reasons[0].endswith("a kink that no operation shows, such as one made by Python's if")


def test_a_kink_hides_no_mistake():
    """Beside a kink that Python made, a wrong element elsewhere still disagrees, and it alone is listed."""
    wrong = primitive(lambda g, y, x: g * x)(lambda x: x * x)
    report = check_gradients(
        lambda x: (2 * x[0] if x[0] > 0 else 3 * x[0]) + wrong(x[1]), np.array([0.0, 1.0])
    )
    assert report.verdict == "disagrees"
    assert [e.index for e in report.worst] == [(1,)]
    assert "no difference can be taken at 1 elements: x[0]: the slope is 3 from below" in report.reasons[1]


def test_kinks_inside_a_checkpoint():
    """What a checkpoint did not store is looked at too: its kinks are named like others."""
    assert check_gradients(lambda x: checkpoint(relu, x).sum(), A, order=2).ok
    report = check_gradients(
        lambda x: checkpoint(lambda x: checkpoint(relu, x) * 2, x).sum(), np.array([1.0, 0.0])
    )
    assert report.reasons == ("gradient: relu is at a kink, element (1,)",)


def test_kinks_close_by_are_stepped_around():
    """Differences use steps that cross no kink, so that a kink nearby does no harm."""
    for distance in (1e-2, 1e-4, 1e-6):
        x = np.array([distance, -distance, 1.0])
        assert check_gradients(lambda x: (relu(x) * x + np.abs(x)).sum(), x).ok


def test_a_chain_of_checkpoints_is_looked_at_once():
    """The pieces of a chain are each run again, not all pieces before them as well."""
    runs = []

    def piece(x):
        runs.append(1)
        return relu(x) + np.sin(x)

    def f(x):
        for _ in range(10):
            x = checkpoint(piece, x)
        return x

    assert check_gradients(f, np.array([0.5, 0.2])).ok
    assert len(runs) < 3 * 31 * 10 * 3


def test_slopes_from_either_side_are_sharp():
    """One-sided differences are extrapolated, so that they are nearly as good as central ones."""
    for side in one_sided(math.exp, SWEEP):
        assert abs(side.value - 1.0) < side.error < 1e-9
    below, above = one_sided(lambda t: math.sin(t) + max(0.0, 1e-7 * t), SWEEP)
    assert above.value - below.value == pytest.approx(1e-7, rel=1e-2)
