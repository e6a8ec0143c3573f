"""Programs that change their inputs: nobody reads an old value where a new one lies already."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES

from autograd.compiling.buffers import plan_buffers
from autograd.compiling.compiled import Executable, plain
from autograd.compiling.emit import Shape
from autograd.compiling.operations import run
from autograd.compiling.program import UPDATE, Line, Program, Variable

NAMES = ["a", "b", "c"]
AS_GIVEN = Shape(NAMES, lambda inputs: [], lambda results: f"({', '.join(results)},)")


def matrix(name: str = "") -> Variable:
    return Variable((2, 3), "float64", name=name)


def random_updates(seed: int) -> Program | None:
    """A loss, and new values of three arrays that read anything; None if two are one."""
    choose = random.Random(seed)
    inputs, lines = [matrix(name) for name in NAMES], []
    found = list(inputs)
    for k in range(choose.randint(4, 12)):
        op = choose.choice(["add", "subtract", "multiply", "negative"])
        x, y = choose.choice(found), choose.choice([*found, 0.7, -2.3])
        operands = (x,) if op == "negative" else choose.choice([(x, y), (y, x)])
        lines.append(Line(op, operands, {}, matrix(), UPDATE if k > 2 else None))
        found.append(lines[-1].output)
    news = [choose.choice(lines[3:]).output for _ in inputs]
    program = Program(inputs, {}, lines, [lines[2].output], list(zip(inputs, news, strict=True)))
    simple = [new for _, new in plain(program).updates]
    return program if len({*simple}) == 3 else None


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_new_values_that_read_others(optimized: bool) -> None:
    """Whatever an update reads, old values, new ones and what comes between, is what it was."""
    programs = [p for p in map(random_updates, range(300)) if p is not None]
    assert len(programs) > 30
    for program in programs:
        given = [np.random.default_rng(k).normal(size=(2, 3)) for k in range(3)]
        numbers: dict[Variable, Any] = dict(zip(program.inputs, given, strict=True))
        for line in program.lines:
            numbers[line.output] = run(line, numbers)
        arrays = [x.copy() for x in given]
        (loss,) = Executable(program, AS_GIVEN, name="step", optimized=optimized)(*arrays)
        expected = [numbers[v] for v in program.results]
        np.testing.assert_allclose([loss, *arrays], expected, rtol=1e-12)


def test_what_lies_in_the_array_of_an_old_value_is_gone_before_the_new_one() -> None:
    """The sum may not lie where a is, whose new value comes before the sum is read."""
    a, b, c = (matrix(name) for name in NAMES)
    total = Line("add", (b, a), {}, matrix(), UPDATE)
    half = Line("multiply", (b, 0.5), {}, matrix(), UPDATE)
    more = Line("add", (total.output, 1.0), {}, matrix(), UPDATE)
    updates = [(a, half.output), (c, more.output)]
    plan = plan_buffers(Program([a, b, c], {}, [total, half, more], [], updates))
    assert plan.onto == {half.output: a, more.output: c}
