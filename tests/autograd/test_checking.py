"""check_gradients: it accepts what is right, refuses what is wrong, and says when it cannot tell."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import check_gradients, primitive, relu, softmax
from autograd.errors import InvalidArgument

RNG = np.random.default_rng(1)
A, B, M = RNG.normal(size=5), RNG.normal(size=5), RNG.normal(size=(3, 5))

RIGHT = {
    "a number": (lambda x: x**3, 1.5),
    "a vector": (lambda x: np.tanh(x).sum(), A),
    "a vector of results": (lambda x: np.tanh(M @ x), A),
    "several arguments": (lambda w, x, b: np.sin(w @ x) * b, M, A, 2.0),
    "float32 and integers": (lambda x, y: np.exp(x * y).sum(), A.astype(np.float32), np.arange(5)),
    "trees": (lambda p: p["w"][0] @ p["x"], {"w": [M], "x": A}),
    "a tuple of results": (lambda x: (x.sum(), x * x), A),
    "large numbers": (lambda x: (x * x).sum(), 1e8 * A),
    "small numbers": (lambda x: (x * x).sum(), 1e-8 * A),
    "steep": (lambda x: np.exp(10 * x).sum(), A),
    "flat": (lambda x: np.tanh(x / 100).sum(), A),
    "no dependence": (lambda x: 0 * x.sum() + 3.0, A),
    "kinks, away from them": (lambda x: relu(x).sum() + np.abs(x).max() + x.clip(-9, 9).sum(), A),
    "indexing": (lambda x: x[[0, 0, 3]] * x[::-1][:3], A),
    "where, with a masked singularity": (lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0), A),
    "softmax": (softmax, A),
    "weights of raw data": (lambda w, b, x: np.tanh(x @ w + b), 1e-6 * A[:3], 0.5, 1e5 * M.T),
    "squares that overflow": (lambda x: np.exp(x).sum(), np.array([700.0, 1.0])),
    "a square at 0": (lambda x: (x * x).sum(), np.zeros(3)),
    "a cube at 0": (lambda x: (x**3).sum(), np.zeros(3)),
    "a residual of 0": (lambda w, b: ((w @ A + b) ** 2).sum(), np.zeros((2, 5)), np.zeros(2)),
    "nan in what is not used": (lambda x: x.sum() + np.array([1.0, np.nan])[0], A),
}


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT)
def test_right_gradients_are_accepted(case, order):
    """Whatever the engine differentiates rightly agrees, in first and second order."""
    f, *args = case
    report = check_gradients(f, *args, order=order)
    assert report.ok, report
    assert report.verdict == "agrees"
    assert len(report.checked) == order


def unary(forward, rule):
    return primitive(rule, elementwise=True)(forward)


def binary(forward, to_a, to_b):
    return primitive(to_a, to_b)(forward)


def layer(to_x, to_w):
    """A matrix product whose rules are given."""
    return primitive(to_x, to_w)(lambda x, w: x @ w)


X, W = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 3))

WRONG = {
    "forgotten factor": (unary(lambda x: x**3, lambda g, y, x: g * x**2), A),
    "forgotten g": (unary(lambda x: x * x, lambda g, y, x: 2 * x + 0 * g), A),
    "wrong at 0": (unary(lambda x: x * x, lambda g, y, x: g * (2 * x + 1e-6)), np.zeros(3)),
    "wrong sign": (unary(np.cos, lambda g, y, x: g * np.sin(x)), A),
    "x for y": (unary(np.tanh, lambda g, y, x: g * (1 - x * x)), A),
    "missing term": (unary(lambda x: x * np.exp(x), lambda g, y, x: g * np.exp(x)), A),
    "missing inner derivative": (unary(lambda x: np.sin(3 * x), lambda g, y, x: g * np.cos(3 * x)), A),
    "swapped arguments": (
        binary(lambda a, b: a / b, lambda g, y, a, b: -g * y / b, lambda g, y, a, b: g / b), A, 2 + B**2),
    "second argument": (
        binary(lambda a, b: a * b, lambda g, y, a, b: g * b, lambda g, y, a, b: g * b), A, B),
    "half the transposes": (layer(lambda g, y, x, w: g @ w, lambda g, y, x, w: x.T @ g), X, W),
    "wrong by one part in 10,000": (unary(lambda x: x * x, lambda g, y, x: g * 2.0002 * x), A),
    "wrong in one element": (
        unary(lambda x: x * x, lambda g, y, x: g * (2 * x + np.array([0, 0, 0.01, 0, 0]))), A),
    "softmax without its sum": (primitive(lambda g, y, x: g * y)(lambda x: np.exp(x) / np.sum(np.exp(x))), A),
    "mean for sum": (primitive(lambda g, y, x: g / 5 + 0 * x)(lambda x: np.sum(x)), A),
    "a scalar": (unary(lambda x: x**3, lambda g, y, x: g * 3 * x), 1.5),
    "squares that overflow": (unary(np.exp, lambda g, y, x: 2 * g * y), np.array([700.0, 1.0])),
    "numbers taken with .data": (lambda x: (x * x.data).sum(), A),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_wrong_rules_are_refused(case):
    """A wrong derivative disagrees, however it is wrong, and the report shows it."""
    f, *args = case
    report = check_gradients(f, *args)
    assert not report.ok
    assert report.verdict == "disagrees"
    assert report.worst
    assert str(report).startswith("gradients: disagrees\n")


@pytest.mark.parametrize(
    ("f", "args", "text"),
    [
        (lambda x: x.sum(), (np.array([1j]),), "takes real numbers, got array"),
        (lambda x, how: x.sum(), (A, "mean"), "takes real numbers, got 'mean'"),
        (lambda x: None, (A,), "the function returned nothing"),
    ],
)
def test_what_cannot_be_checked_is_refused(f, args, text):
    """What is no real number, and a function without a result."""
    with pytest.raises(InvalidArgument, match=text):
        check_gradients(f, *args)


def test_second_order_is_refused_where_only_the_first_is_right():
    """A rule that reaches for .data has a right first derivative and no second one."""
    wrong = unary(lambda x: x**3, lambda g, y, x: g * 3 * np.asarray(getattr(x, "data", x)) ** 2)
    assert check_gradients(wrong, A).ok
    assert check_gradients(wrong, A, order=2).verdict == "disagrees"


def test_the_report_names_the_element():
    """The worst elements come first, by the function's own names, with both numbers and their ratio."""

    def f(weights, bias):
        return binary(
            lambda w, b: w * w + b,
            lambda g, y, w, b: g * (2 * w + np.array([[0, 0, 0], [0, 5.0, 0]])),
            lambda g, y, w, b: g,
        )(weights, bias)

    report = check_gradients(f, np.ones((2, 3)), np.zeros((2, 3)))
    (worst,) = report.worst
    assert (worst.argument, worst.index) == ("weights", (1, 1))
    assert worst.ratio == pytest.approx(3.5, rel=1e-6)
    assert worst.engine / worst.numeric == worst.ratio
    lines = str(report).splitlines()
    assert lines[1] == "  gradient: 1 of 12 elements disagree"
    assert lines[-2].split() == ["element", "engine", "numeric", "ratio", "difference"]
    assert lines[-1].split()[:2] == ["weights[1,", "1]"]
    assert "..." not in str(report)


def test_a_forgotten_factor_shows_as_a_ratio():
    """Where every element is off by the same factor, the table shows it."""
    report = check_gradients(unary(lambda x: x * x, lambda g, y, x: g * x), A)
    assert [e.ratio for e in report.worst] == pytest.approx([0.5] * 5)


STREAM = np.random.default_rng(3)
CANNOT = {
    "not finite": (np.log, 0.0, "the function is not finite at this point"),
    "an infinite derivative": (np.sqrt, 0.0, "the engine's gradient is inf at x, where the function"),
    "noise": (
        lambda x: (x * x).sum() + 1e-3 * math.sin(1e9 * float(x.data.sum() if hasattr(x, "data") else 0)),
        A, "the function's noise"),
    "random numbers": (
        lambda x: (x * STREAM.normal(size=5)).sum(), A, "the function gives"),
    "faster than the steps": (lambda x: np.sin(x).sum(), np.array([1e8]), "give a smaller step="),
    "float32 inside": (lambda x: np.tanh(x.astype(np.float32)).sum(), A, "the function's noise"),
}  # fmt: skip


@pytest.mark.parametrize(("f", "x", "text"), CANNOT.values(), ids=CANNOT)
def test_no_verdict_where_nothing_can_be_told(f, x, text):
    """Where differences prove nothing the verdict is neither yes nor no."""
    report = check_gradients(f, x)
    assert not report.ok
    assert text in " ".join(report.reasons)


@pytest.mark.parametrize("step", [0.0, -1e-3, 1e-7, 2.0, math.inf, math.nan])
def test_absurd_steps_are_refused(step):
    """A step that could only measure rounding or truncation is an error that says so."""
    with pytest.raises(InvalidArgument) as e:
        check_gradients(np.sin, 1.0, step=step)
    assert str(e.value) == (
        f"step must be between 1e-6 and 1 of the size of the arguments, got {step!r}: "
        "a larger one measures truncation, a smaller one rounding; leave it out to have it chosen"
    )


@pytest.mark.parametrize("step", [1e-6, 1e-4, 1e-2, 1.0])
def test_no_step_hides_a_mistake(step):
    """With any step allowed, a wrong rule is not accepted and a right one is not refused."""
    f, *args = WRONG["missing term"]
    assert not check_gradients(f, *args, step=step).ok
    assert check_gradients(lambda x: np.tanh(x).sum(), A, step=step).verdict != "disagrees"


def test_the_check_is_repeatable_and_changes_nothing():
    """The same seed gives the same report; arguments are as before; any generator will do."""
    f, *args = WRONG["swapped arguments"]
    before = [np.copy(x) for x in args]
    assert str(check_gradients(f, *args)) == str(check_gradients(f, *args))
    np.testing.assert_equal(args, before)
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - it must not be touched
    check_gradients(f, *args, rng=np.random.default_rng(5))
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize(
    ("f", "method"),
    [
        (lambda x: np.exp(x * x).sum(), "complex step and central differences"),
        (lambda x: np.linalg.inv(np.diag(x) + 0.1).sum(), "complex step and central differences"),
        (lambda x: (relu(x) * x).sum(), "central differences"),  # not analytic
        (lambda x: (x * np.conjugate(x)).sum(), "central differences"),  # the same on real numbers only
        (lambda x: x[0] * math.exp(float(x[1])) * 0 + x.sum(), "central differences"),  # refuses complex x
    ],
)  # fmt: skip
def test_the_complex_step_where_it_holds(f, method):
    """Analytic functions are compared by the complex step, others by differences; the report says which."""
    report = check_gradients(f, A)
    assert report.ok, report
    assert report.checked == (f"gradient: 3 random directions, by {method}",)


def test_the_complex_step_sees_tiny_mistakes():
    """Without rounding error, a relative mistake of 1e-11 disagrees; a noisy difference could not see it."""
    assert (
        check_gradients(lambda x: np.exp(x) + 1e-11 * np.exp(getattr(x, "data", x)), A).verdict == "disagrees"
    )
    assert check_gradients(lambda x: np.exp(x) + 1e-11 * np.exp(x), A).ok


def test_elements_are_looked_at_only_after_a_failure():
    """A right gradient of 1,000 elements costs as many runs as one of 10; a wrong one is searched."""
    runs = []

    def counted(f):
        def g(x):
            runs.append(1)
            return f(x)

        return g

    def cost(f, n):
        runs.clear()
        check_gradients(counted(f), np.linspace(0.5, 1.0, n))
        return len(runs)

    assert cost(np.sin, 1000) == cost(np.sin, 10) < 150
    wrong = unary(np.sin, lambda g, y, x: g * x)
    assert cost(wrong, 100) > 100 * 30


def test_always_in_float64():
    """float32 and integer arguments are checked in float64, where differences are sharp."""
    seen = set()

    def f(x, n):
        seen.add(np.asarray(getattr(x, "data", x)).dtype)
        seen.add(np.asarray(getattr(n, "data", n)).dtype)
        return (x * n).sum()

    assert check_gradients(f, A.astype(np.float32), np.arange(5), order=2).ok
    assert seen <= {np.dtype(np.float64), np.dtype(np.complex128)}


def test_a_report_of_large_arrays_is_short(monkeypatch):
    """However large the arrays, the ten worst elements are listed, the largest difference first."""
    monkeypatch.setattr("autograd.checking.gradients.MOST_ELEMENTS", 200)
    wrong = unary(lambda x: x * x, lambda g, y, x: g * 2 * x * (1 + 0.1 * x))
    report = check_gradients(wrong, np.linspace(0.1, 2.0, 3000).reshape(30, 100))
    assert len(report.worst) == 10
    assert len(str(report).splitlines()) < 20
    differences = [abs(e.engine - e.numeric) for e in report.worst]
    assert differences == sorted(differences, reverse=True)
    assert "of a sample of 200" in report.reasons[0]
