"""Minus signs and numbers of a program, moved without a change of its results in the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from lines import X, Y, array, evaluated, line, operations, program

from autograd.compiling.products import with_folded_numbers
from autograd.compiling.program import Line, Program
from autograd.compiling.signs import with_late_signs
from autograd.compiling.simplify import simplify, with_shared_constants, without_dead_lines

MINUS = line("negative", X)


PRODUCT = line("multiply", MINUS.output, Y)
TWICE = line("multiply", 2.0, X)
OTHER = line("negative", Y)

# lines, and the operations that are left of them.
SIGNS: dict[str, tuple[list[Line], list[str]]] = {
    "added": ([MINUS, line("add", Y, MINUS.output)], ["subtract"]),
    "added_to": ([MINUS, line("add", MINUS.output, Y)], ["subtract"]),
    "subtracted": ([MINUS, line("subtract", Y, MINUS.output)], ["add"]),
    "product": ([MINUS, PRODUCT, line("add", Y, PRODUCT.output)], ["multiply", "subtract"]),
    "quotient": ([MINUS, line("divide", Y, MINUS.output)], ["divide", "negative"]),
    "two": ([MINUS, OTHER, line("multiply", MINUS.output, OTHER.output)], ["multiply"]),
    "number": ([TWICE, line("negative", TWICE.output)], ["multiply"]),
    "read_twice": (
        [MINUS, PRODUCT, line("add", MINUS.output, PRODUCT.output)], ["negative", "multiply", "add"]
    ),
    "other_function": ([MINUS, line("exp", MINUS.output)], ["negative", "exp"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNS)
def test_signs_are_late(name: str) -> None:
    """They become subtractions, or cancel; what others read stays as it is."""
    lines, left = SIGNS[name]
    before = program([X, Y], lines, [lines[-1].output])
    after = without_dead_lines(with_late_signs(before))
    assert operations(after) == left
    given = (
        np.array([[1.1, -0.0, 0.0], [np.inf, 3.7, 1e-310]]),
        np.array([[0.3, 0.0, -0.0], [2.0, np.inf, 5.0]]),
    )
    with np.errstate(all="ignore"):
        found, expected = evaluated(after, *given)[0], evaluated(before, *given)[0]
    np.testing.assert_array_equal(found, expected)
    there = ~np.isnan(found)
    np.testing.assert_array_equal(np.signbit(found)[there], np.signbit(expected)[there])


def test_signs_of_small_arrays_stay_small() -> None:
    """Nothing is moved from a row to a matrix."""
    row = array(3)
    minus = Line("negative", (row,), {}, array(3))
    lines = [minus, line("multiply", minus.output, X)]
    assert operations(with_late_signs(program([X, row], lines, [lines[1].output]))) == [
        "negative",
        "multiply",
    ]


@pytest.mark.parametrize(("number", "count"), [(0.7, 1), (2.0, 1), (0.3, 2)])
def test_powers_of_two_are_folded_exactly(number: float, count: int) -> None:
    """``2 * (0.7 * x)`` is ``1.4 * x`` to the bit; of two other numbers both stay."""
    inner = line("multiply", number, X)
    outer = line("multiply", 0.1 if count == 2 else 0.5, inner.output)
    before = program([X], [inner, outer], [outer.output])
    after = without_dead_lines(with_folded_numbers(before, exact=True))
    assert len(after.lines) == count
    x = np.random.default_rng(0).normal(size=(2, 3))
    np.testing.assert_array_equal(evaluated(after, x)[0], evaluated(before, x)[0])


def test_a_constant_and_its_transpose_are_one() -> None:
    """What is only turned is a view of the other again, that of the user's name."""
    data, turned = array(2, 3, name="data"), array(3, 2)
    numbers = np.arange(6.0).reshape(2, 3)
    product = line("matmul", turned, data, shape=(3, 3))
    before = Program([], {turned: numbers.T, data: numbers}, [product], [product.output])
    after = with_shared_constants(before)
    assert list(after.constants) == [data]
    assert operations(after) == ["transpose", "matmul"]


def test_one_number_in_all_places_is_a_number() -> None:
    """Beside an array that has the shape anyway."""
    c = array(2, 3)
    scaled = line("multiply", c, X)
    after = simplify(Program([X], {c: np.full((2, 3), 0.5)}, [scaled], [scaled.output]))
    assert after.lines[0].inputs == (0.5, X)
