"""Whole programs, compiled: random ones, and code written for plain NumPy. No array is used twice at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import programs_learning
import programs_numerics
import pytest
import test_random_programs
from compiling import BOTH_STYLES, assert_as_eager
from random_functions import random_program

from autograd.compiling import compile
from autograd.compiling.operations import run
from autograd.compiling.program import Line, Loop, Variable, variables
from autograd.errors import TraceError
from autograd.trees import leaves, rebuild

PROGRAMS = programs_learning.PROGRAMS | programs_numerics.PROGRAMS
REFUSED = {
    programs_numerics.soft_time_warping: r"line \d+ of programs_numerics.py, in .*: float\(\)",
    programs_numerics.matrix_factorization: r"line \d+ of programs_numerics.py, .*: the shape of x\[mask\]",
}
COMPILED = {f: args for f, args in PROGRAMS.items() if f not in REFUSED}

FOUND = [432, 513]  # where a number was read after its array had been written over
SEEDS = [
    *range(60),
    *FOUND,
    *[pytest.param(n, marks=pytest.mark.slow) for n in range(60, 600) if n not in FOUND],
]


def smaller(args: Any) -> Any:
    """Other numbers for a second call."""
    return rebuild(args, iter([0.97 * x for x in leaves(args)]))


@pytest.mark.parametrize("seed", SEEDS)
def test_random_functions(seed: int) -> None:
    """A random program of NumPy functions gives what the engine gives, call after call."""
    program = random_program(seed)
    args = [x.copy() for x in program.inputs]
    f, argnums = program.function(), list(range(len(args)))
    for optimized in BOTH_STYLES:
        compiled = assert_as_eager(f, [args, smaller(args), args], argnums, 1e-11, optimized=optimized)
        assert_apart(compiled, args)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_operations(seed: int) -> None:
    """The same for the programs of operators and activations."""
    program = test_random_programs.random_program(seed)

    def f(*xs: Any) -> Any:
        found = program.run(xs, lambda name, *ys: test_random_programs.OPERATIONS[name][1](*ys))
        return np.sum(found[-1] * 1.0)

    argnums = list(range(len(program.leaves)))
    for optimized in BOTH_STYLES:
        compiled = assert_as_eager(f, [program.leaves, smaller(program.leaves)], argnums, optimized=optimized)
        assert_apart(compiled, program.leaves)


@pytest.mark.parametrize(("f", "args"), COMPILED.items(), ids=[f.__name__ for f in COMPILED])
def test_code_as_people_write_it(f: Any, args: Any) -> None:
    """Statistics, networks and numerics written for plain NumPy compile unchanged."""
    for optimized in BOTH_STYLES:
        compiled = assert_as_eager(
            f, [args, smaller(args)], list(range(len(args))), 1e-10, optimized=optimized
        )
        assert_apart(compiled, args)


@pytest.mark.parametrize(("f", "text"), REFUSED.items(), ids=[f.__name__ for f in REFUSED])
def test_code_that_looks_at_numbers(f: Any, text: str) -> None:
    """The others look at numbers, and the error names their line."""
    with pytest.raises(TraceError, match=text):
        compile(f, list(range(len(PROGRAMS[f]))))(*PROGRAMS[f])


# -- where arrays live ----------------------------------------------------------------------------------


def assert_apart(compiled: Any, args: Any) -> None:
    """No line writes into an array that holds something that is still needed.

    What is needed is found by running the lines: a variable is held as long as a later line, or a
    result, reads it or anything that shares memory with it.
    """
    executable = compiled._executable()
    program, plan = executable.program, executable.plan
    if not plan.place or any(isinstance(line, Loop) for line in program.lines):
        return
    numbers: dict[Variable, Any] = dict(program.constants)
    given = [float(x) if np.ndim(x) == 0 else np.asarray(x) for x in leaves(args)]
    numbers.update(zip(program.inputs, given, strict=True))
    with np.errstate(all="ignore"):
        for line in program.lines:
            numbers[line.output] = run(line, numbers)
    read_at = {v: i for i, line in enumerate(program.lines) for v in line.reads}
    read_at.update(dict.fromkeys(variables(program.results), len(program.lines)))
    owner: dict[int, tuple[Variable, int]] = {}
    for i, line in enumerate(program.lines):
        place = plan.place.get(line.output)
        if place is None:
            continue
        if place in owner:
            before, _ = owner[place]
            needed = max(read_at.get(v, -1) for v in sharing(before, numbers))
            assert needed <= i, f"line {i} writes over what line {needed} reads"
            assert needed < i or np.shape(numbers[before]) == np.shape(numbers[line.output])
        owner[place] = line.output, i


def sharing(v: Variable, numbers: dict[Variable, Any]) -> list[Variable]:
    x = numbers[v]
    return [
        u
        for u, y in numbers.items()
        if u is v or any(isinstance(a, np.ndarray) and np.may_share_memory(x, a) for a in leaves([y]))
    ]


def test_the_check_finds_an_array_used_twice() -> None:
    """The check fails for a plan in which two arrays that are needed at once have one place."""
    compiled = compile(lambda x: (np.exp(x) * np.sin(x) + np.cos(x)).sum())
    args = [np.array([0.3, 0.7])]
    compiled(*args)
    assert_apart(compiled, args)
    plan = compiled._executable().plan
    plan.place = dict.fromkeys(plan.place, 0)
    with pytest.raises(AssertionError, match="writes over"):
        assert_apart(compiled, args)


@pytest.mark.parametrize(
    "view",
    [
        lambda h: np.atleast_2d(h),
        lambda h: np.broadcast_arrays(h, np.ones((2, 4)))[0],
        lambda h: np.broadcast_arrays(np.ones((2, 4)), h)[1],
        lambda h: np.split(h, 2)[1],
        lambda h: np.einsum("i->i", h),
        lambda h: np.flipud(h),
        lambda h: np.diff(h, n=0),
        lambda h: h[np.int64(1) :],
        lambda h: h.reshape(2, 2).T.ravel(order="F"),
        lambda h: h.reshape(2, 2, order="F").ravel(),
    ],
)
def test_a_view_keeps_its_array(view: Any) -> None:
    """What a plain function shows of an array is not written over while the view is needed."""

    def f(w: Any, x: Any) -> Any:
        seen = view(np.exp(x))
        a = np.sin(x) + np.cos(x) * np.tanh(x)
        b = (a * a + np.sinh(a)) * np.arctan(a)
        return (w * seen).sum() + (w * b).sum()

    args = [np.array(0.5), np.array([0.1, 0.2, 0.3, 0.4])]
    assert_as_eager(f, [args, smaller(args)], [0])


def test_lines_are_lines() -> None:
    """The programs above are checked line by line: a compiled one has lines with places."""
    compiled = compile(lambda x: (np.exp(x) * np.sin(x)).sum())
    compiled(np.ones(3))
    assert all(isinstance(line, Line) for line in compiled._executable().program.lines)
    assert compiled._executable().plan.place
