"""Repeats in programs of numbers: found, run as loops and arrays, and the same numbers as before."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import assert_as_eager

from autograd import compile, relu, sigmoid, tanh, value_and_grad
from autograd.compiling.compiled import plain
from autograd.compiling.program import Program, Rounds
from autograd.compiling.rolling import rolled
from autograd.compiling.rolling.parts import parts_of
from autograd.compiling.rolling.repeats import FEWEST, repeats_of
from autograd.compiling.rolling.running import running_products
from autograd.compiling.trace import trace

ROUNDS = 100
PAIR = (0.4, -0.3)
MANY = [float(x) for x in np.random.default_rng(0).uniform(-0.5, 0.5, ROUNDS)]


def chain(x: Any, w: Any) -> Any:
    """One carried number, one parameter used in each round."""
    for _ in range(ROUNDS):
        x = tanh(x * w + 0.5)
    return x


def two_carried(h: Any, w: Any) -> Any:
    """Two numbers that need each other."""
    a, b = h, 0.1
    for _ in range(ROUNDS):
        a, b = tanh(a * w + b), tanh(b - a * 0.5)
    return a * b


def inputs_that_vary(x: Any, ws: list[Any]) -> Any:
    """A parameter of its own for each round."""
    for w in ws:
        x = tanh(x + w)
    return x


def constants_that_vary(x: Any, w: Any) -> Any:
    """A number of its own for each round."""
    for c in MANY:
        x = np.sin(x * w + c)
    return x


def around(x: Any, w: Any) -> Any:
    """Something before and after the repeats, and between two of them."""
    x = np.exp(x * w) - 0.3
    y = chain(x, w) + x
    z = chain(y * y, w * x)
    return z * y + np.cos(x)


def all_rounds(x: Any, w: Any) -> Any:
    """The loss of every round."""
    total = 0.0
    for c in MANY:
        x = tanh(x * w)
        total = total + (x - c) ** 2
    return total


def momentum(x: Any, w: Any) -> Any:
    """What was two rounds ago."""
    v = 0.0
    for _ in range(ROUNDS):
        v = 0.9 * v - 0.1 * w * x
        x = x + v
    return x


def product(x: Any, w: Any) -> Any:
    """A running product forward."""
    for c in MANY:
        x = x * (w + c + 1.0)
    return x


def choices(x: Any, w: Any) -> Any:
    """Kinks."""
    for c in MANY:
        x = relu(x * w + c) + 0.1 * sigmoid(x)
    return x


def a_round_picked_out(x: Any, w: Any) -> Any:
    """One round is read by itself."""
    seen = []
    for _ in range(ROUNDS):
        x = tanh(x * w + 0.5)
        seen.append(x)
    return x * seen[60] + seen[3]


def divided(x: Any, w: Any) -> Any:
    """Quotients, powers."""
    for c in MANY:
        x = (x + c) / (1.0 + x * x) ** 0.5 - w
    return x


def exchanged(x: Any, w: Any) -> Any:
    """Two running products that change places in each round."""
    y = 1.0 + x
    for c in MANY:
        x, y = y * (1.0 + 0.1 * c * w), x * (1.1 - 0.1 * c)
    return x + y


def sum_read_between(x: Any, w: Any) -> Any:
    """A running sum that is read before it is complete."""
    total, seen = x, []
    for c in MANY:
        total = total + np.sin(x * c) * w
        seen.append(total)
    return seen[50] * total


def three_rounds_back(x: Any, w: Any) -> Any:
    """A round needs one long before it."""
    y, z = x * w, x + w
    for _ in range(ROUNDS):
        x, y, z = np.sin(3.0 * x * w + z), x, y
    return x


FUNCTIONS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (inputs_that_vary, (0.3, MANY)),
    *((f, PAIR) for f in (chain, two_carried, constants_that_vary, around, all_rounds, momentum, product)),
    *((f, PAIR) for f in (choices, a_round_picked_out, divided, exchanged, sum_read_between)),
]


def test_what_goes_back_several_rounds_stays_right() -> None:
    """It is no loop of rounds that know the one before alone."""
    assert_as_eager(three_rounds_back, [PAIR], (0, 1))


def program_of(f: Callable[..., Any], *args: Any) -> Program:
    """The program before it is rolled."""
    names = [f"x{i}" for i in range(len(args))]
    return plain(trace(f, tuple(range(len(args))), args, names).program)


@pytest.mark.parametrize(("f", "args"), FUNCTIONS, ids=lambda x: getattr(x, "__name__", ""))
def test_loops_give_the_numbers_of_the_engine(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Value and gradients are those of the eager engine, and the source is short."""
    argnums = tuple(range(len(args)))
    compiled = assert_as_eager(f, [args, args], argnums)
    assert len(compiled.source.splitlines()) < 2 * ROUNDS + 100


def random_block(rng: random.Random) -> Callable[..., Any]:
    """A function of two numbers and a list: a random block of operations, repeated."""
    steps = [(rng.choice("+-*txm"), rng.random(), rng.random()) for _ in range(rng.randint(2, 7))]
    carried, before, after = rng.randint(1, 3), rng.randint(0, 3), rng.randint(0, 3)

    def step(pool: list[Any], op: str, i: float, j: float) -> Any:
        a, b = pool[int(i * len(pool))], pool[int(j * len(pool))]
        if op in "+-":
            return 0.5 * (a + b if op == "+" else a - b)
        return (
            a * b if op == "*" else np.maximum(a, b) if op == "m" else tanh(a) if op == "t" else np.sin(a + b)
        )

    def f(x: Any, w: Any, cs: list[Any]) -> Any:
        state = [x * (0.5 + 0.1 * k) for k in range(carried)]
        for k in range(before):
            state[0] = np.sin(state[0] * (k + 1.0))
        for r in range(ROUNDS):
            pool = [*state, w, cs[r], MANY[-r], 0.7]
            for op, i, j in steps:
                pool.append(step(pool, op, i, j))
            state = pool[: -carried - 1 : -1]
        for k in range(after):
            state[0] = np.cos(state[0] + k) * w
        total = 0.1 * x
        for y in state:
            total = total + y
        return total

    return f


@pytest.mark.parametrize("seed", range(30))
def test_random_blocks(seed: int) -> None:
    """Any block, with any of what it takes from itself, the round before and outside."""
    f = random_block(random.Random(seed))
    assert_as_eager(f, [(0.3, 0.8, MANY), (-0.2, 0.5, MANY[::-1])], (0, 1, 2))


def test_repeats_are_found_where_they_are() -> None:
    """Lines before and after a repeat are no part of it, and its blocks are those of one round."""
    program = program_of(around, *PAIR)
    found = repeats_of(program.lines)
    assert [len(repeat.blocks[0]) for repeat in found[:2]] == [3, 3]
    assert all(FEWEST <= len(repeat.blocks) <= ROUNDS for repeat in found)
    assert all(a.stop <= b.start for a, b in pairwise(found))
    for repeat in found:
        assert [line for block in repeat.blocks for line in block] == program.lines[
            repeat.start : repeat.stop
        ]


def test_few_rounds_stay_flat() -> None:
    """Below the bound a program is left as it is."""

    def f(x: Any) -> Any:
        for _ in range(FEWEST - 1):
            x = tanh(x)
        return x

    program = program_of(f, 0.5)
    assert repeats_of(program.lines) == []
    assert rolled(program) is None


def test_the_backward_half_of_a_chain_is_arrays() -> None:
    """Only the forward half of a chain needs a loop: backward there are a running product and sums."""
    program = program_of(lambda x, w, b: _affine(x, w, b), 0.1, 0.2, 0.3)
    forward, backward = repeats_of(program.lines)
    assert [part.kind for part in parts_of(forward)] == ["rounds"]
    assert sorted(part.kind for part in parts_of(backward)) == ["elementwise"] * 3 + ["product", "sum", "sum"]
    new = rolled(program)
    assert new is not None
    assert sum(isinstance(line, Rounds) for line in new.lines) == 1


def _affine(x: Any, w: Any, b: Any) -> Any:
    for _ in range(ROUNDS):
        x = tanh(x * w + b)
    return x


def test_a_program_does_not_grow_with_the_number_of_rounds() -> None:
    """Ten times as many rounds give as many lines of source."""

    def lines(n: int) -> int:
        def f(x: Any, w: Any) -> Any:
            for _ in range(n):
                x = tanh(x * w)
            return x

        compiled = compile(f, (0, 1))
        compiled(*PAIR)
        return len(compiled.source.splitlines())

    assert lines(160) == lines(1600)


def forward_too_large(x: Any, w: Any) -> Any:
    """The numbers overflow."""
    for _ in range(ROUNDS):
        x = x * w * 3.0 + 1.0 / x
    return x


def backward_too_large(x: Any, w: Any) -> Any:
    """The gradients overflow."""
    for _ in range(ROUNDS):
        x = np.sin(1e20 * (x + w))
    return x


@pytest.mark.parametrize("f", [forward_too_large, backward_too_large])
@pytest.mark.parametrize("x", [1e300, -1e308, 0.0, float("nan")])
def test_where_numbers_overflow_the_engine_takes_over(f: Callable[..., Any], x: float) -> None:
    """Infinities and NaN, and the warnings of them, are those of the engine."""

    def outcome(g: Callable[..., Any]) -> Any:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            value, gradients = g(x, 1.0)
        return repr((value, *map(float, gradients))), {str(w.message) for w in caught}

    assert outcome(compile(f, (0, 1))) == outcome(value_and_grad(f, (0, 1)))


def test_a_saved_program_runs_with_numpy_alone(tmp_path: Path) -> None:
    """What a rolled program calls is in the file."""
    compiled = compile(_affine, (0, 1, 2))
    expected = compiled(0.1, 0.2, 0.3)
    code = compiled.save(tmp_path / "chain.py").read_text()
    assert "autograd" not in code
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert scope["value_and_gradients"](0.1, 0.2, 0.3) == expected


def test_running_products_are_those_of_a_loop() -> None:
    """To the bit, also with a factor that is one number."""
    a, g, found = np.array(MANY), 0.3, []
    for x in MANY:
        found.append((g * x, g * x * 1.7))
        g = g * x * 1.7
    assert np.array(found).T.tolist() == [p.tolist() for p in running_products(0.3, (a, 1.7), ROUNDS)]
