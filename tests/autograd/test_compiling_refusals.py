"""What a compiled function cannot do is refused by line; randomness comes from a generator it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES, assert_same

from autograd import value_and_grad
from autograd.compiling import compile
from autograd.errors import InvalidArgument, TraceError

HERE = Path(__file__).name


def condition(x: Any) -> Any:
    return x.sum() if x[0] > 0 else -x.sum()


def loop(x: Any) -> Any:
    while (x * x).sum() > 1.0:
        x = x / 2
    return x.sum()


def number(x: Any) -> Any:
    return x.sum() * float(x[0])


def whole(x: Any) -> Any:
    return x.sum() * int(x[0])


def position(x: Any) -> Any:
    return x[range(np.argmax(x))[0]]


def plain(x: Any) -> Any:
    return x.sum() * np.asarray(x.data)[0]


def masked(x: Any) -> Any:
    return x[x > 0.0].sum()


def listed(x: Any) -> Any:
    return x.sum() * x.tolist()[0]


def item(x: Any) -> Any:
    return x.sum() * x[0].item()


def truth(x: Any) -> Any:
    return x.sum() if np.any(x > 0) and x[1] else 0.0


def found(x: Any) -> Any:
    return x[np.nonzero(x)].sum()


def chained(x: Any) -> Any:
    return x.sum() * (0 < x[0] < 1)


REFUSED = [condition, loop, number, whole, position, plain, masked, listed, item, truth, found, chained]


@pytest.mark.parametrize("f", REFUSED, ids=lambda f: f.__name__)
def test_what_depends_on_numbers_is_refused_by_line(f: Any) -> None:
    """The error names the file and the line in the function that looks at numbers."""
    first = f.__code__.co_firstlineno
    with pytest.raises((TraceError, TypeError), match=r"line (\d+) of") as caught:
        compile(f)(np.array([0.5, 1.5]))
    line = int(str(caught.value).split()[1])
    assert first < line <= first + 4
    assert f"line {line} of {HERE}, in {f.__name__}: " in str(caught.value)


@pytest.mark.parametrize("f", [condition, number, masked], ids=lambda f: f.__name__)
def test_the_same_for_arguments_without_a_gradient(f: Any) -> None:
    """Nor may a decision depend on an array that is not differentiated."""
    with pytest.raises(TraceError, match=rf"line \d+ of {HERE}, in {f.__name__}"):
        compile(lambda w, x: w * f(x))(2.0, np.array([0.5, 1.5]))


def test_decisions_about_shapes_are_free() -> None:
    """Loops over lengths, and conditions on shapes, types and static arguments, are as in Python."""

    def f(x: Any, flip: bool) -> Any:
        total = 0.0
        for i in range(len(x)):
            total = total + x[i] * (i if x.ndim == 1 and x.dtype == np.float64 else 0)
        return -total if flip else total

    compiled = compile(f)
    for flip in (True, False):
        assert_same(compiled(np.arange(3.0), flip), value_and_grad(f)(np.arange(3.0), flip))


def test_an_array_kept_from_another_trace_is_refused() -> None:
    """What was traced is of no use in another trace."""
    kept = []

    def f(x: Any, n: int) -> Any:  # noqa: ARG001 - another n, another trace
        kept.append(x)
        return (kept[0] * x).sum()

    compiled = compile(f)
    compiled(np.ones(2), 1)
    with pytest.raises(TraceError, match="kept from another call"):
        compiled(np.ones(2), 2)


# -- randomness ----------------------------------------------------------------------------------------

OUTSIDE = np.random.default_rng(0)


def test_a_generator_from_outside_is_refused() -> None:
    """Its draws would be the same in each call; the generator stands where it stood."""
    inside = np.random.default_rng(0)
    for f in (lambda x: (x * OUTSIDE.normal(size=2)).sum(), lambda x: (x * inside.random(2)).sum()):
        states = [g.bit_generator.state for g in (OUTSIDE, inside)]
        with pytest.raises(TraceError, match="give it the generator as an argument"):
            compile(f)(np.ones(2))
        assert states == [g.bit_generator.state for g in (OUTSIDE, inside)]


def dropout(w: Any, x: Any, rng: np.random.Generator) -> Any:
    h = np.tanh(x @ w)
    kept = rng.random(h.shape) < 0.7
    noise = rng.normal(0.0, 0.1, size=h.shape)
    return (np.where(kept, h / 0.7, 0.0) * (1.0 + noise) + 0.0 * rng.uniform(-1.0, 1.0, (2, 1))).sum()


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_a_generator_as_an_argument_stays_random(optimized: bool) -> None:
    """Each call draws anew, and the same numbers as the engine draws from the same seed."""
    w, x = np.ones((3, 4)), np.arange(6.0).reshape(2, 3) / 6
    compiled = compile(dropout, optimized=optimized)
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    values = []
    for _ in range(4):
        result = compiled(w, x, ours)
        assert_same(result, value_and_grad(dropout)(w, x, theirs))
        values.append(result[0])
        assert ours.bit_generator.state == theirs.bit_generator.state
    assert len(set(values)) == 4


def test_draws_that_nobody_reads_are_drawn() -> None:
    """The next draws depend on them."""

    def f(x: Any, rng: np.random.Generator) -> Any:
        rng.normal(size=3)
        return x * rng.normal()

    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    assert_same(compile(f)(2.0, ours), value_and_grad(f)(2.0, theirs))


def test_an_unknown_draw_is_refused() -> None:
    """What works in place, or has another state, cannot be traced."""
    with pytest.raises(TraceError, match=r"rng\.shuffle cannot be traced"):
        compile(lambda x, rng: (rng.shuffle(x), x.sum())[1])(np.ones(2), np.random.default_rng(0))


def test_source_before_the_first_call() -> None:
    """There is no program before shapes are known, and the error says so."""
    compiled = compile(condition)
    with pytest.raises(InvalidArgument, match="call it once first"):
        _ = compiled.source
    with pytest.raises(InvalidArgument, match="call it once first"):
        compiled.save("nothing.py")
