"""Products and loops: what is computed once, summed at once, and run block by block."""

from __future__ import annotations

import math

import numpy as np
import pytest
from lines import X, Y, array, evaluated, line, number, operations, program

from autograd.compiling.blocks import in_blocks
from autograd.compiling.buffers import plan_buffers
from autograd.compiling.module import new_buffers
from autograd.compiling.products import with_folded_numbers, with_inner_products, with_shared_products
from autograd.compiling.program import Line, Loop, Variable
from autograd.compiling.simplify import without_dead_lines


def test_chains_on_large_arrays_become_loops() -> None:
    """Three elementwise lines or more on one large shape, and sums over axis 0 and over all, are one loop."""
    shape = (140_001, 2)
    x, w = array(*shape), array(2)
    a, b = line("multiply", x, w, shape=shape), None
    b = line("exp", a.output, shape=shape)
    c = line("add", b.output, a.output, shape=shape)
    first = line("add.reduce", c.output, axis=0, shape=(2,))
    whole = Line("add.reduce", (b.output,), {"axis": None}, number())
    after = line("multiply", c.output, whole.output, shape=shape)
    p = in_blocks(program([x, w], [a, b, c, first, whole, after], [after.output, first.output]))
    loop, last = p.lines
    assert isinstance(loop, Loop)
    assert [part.op for part in loop.lines] == ["multiply", "exp", "add"]
    assert [part.op for part in loop.sums] == ["add.reduce", "add.reduce"]
    assert loop.kept == [c.output]
    assert loop.sliced == [x]
    assert last is after


def test_lines_of_a_loop_write_over_what_they_read_last() -> None:
    """In a loop the last reader of a result comes soon, and takes its array; a sum needs none for long."""
    x = array(400_000)
    a = line("tanh", x, shape=x.shape)
    b = line("exp", x, shape=x.shape)
    c = line("multiply", a.output, a.output, shape=x.shape)
    d = line("subtract", 1.0, b.output, shape=x.shape)
    e = line("multiply", c.output, d.output, shape=x.shape)
    total = Line("add.reduce", (c.output,), {"axis": None}, number())
    p = in_blocks(program([x], [a, b, c, d, e, total], [e.output, total.output]))
    (loop,) = p.lines
    assert isinstance(loop, Loop)
    assert [part.op for part in loop.body] == [
        "tanh",
        "multiply",
        "add.reduce",
        "exp",
        "subtract",
        "multiply",
    ]
    scratch = plan_buffers(p).scratch
    assert scratch[c.output] == scratch[a.output]
    assert scratch[d.output] == scratch[b.output]


def test_blocks_are_of_one_size() -> None:
    """The rows of a loop are shared out evenly: no last block of a few."""
    x = array(6 << 16)
    lines = [line("tanh", x, shape=x.shape)]
    for _ in range(2):
        lines.append(line("exp", lines[-1].output, shape=x.shape))
    (loop,) = in_blocks(program([x], lines, [lines[-1].output])).lines
    assert isinstance(loop, Loop)
    assert loop.length % loop.rows == 0


def test_inner_products_in_loops() -> None:
    """An inner product of what a loop computes, or of that with an input, is added up block by block."""
    x, y = array(400_000), array(400_000)
    a = line("exp", x, shape=x.shape)
    b = line("sin", a.output, shape=x.shape)
    c, d = (Line("vdot", pair, {}, number()) for pair in ((a.output, b.output), (y, b.output)))
    whole = Line("vdot", (x, y), {}, number())
    p = in_blocks(program([x, y], [a, b, c, d, whole], [c.output, d.output, whole.output]))
    (loop,) = (part for part in p.lines if isinstance(part, Loop))
    assert loop.sums == [c, d]
    assert set(loop.sliced) == {x, y}
    assert whole in p.lines  # reads each number once anyway


def test_products_of_the_forward_pass_are_used_again() -> None:
    """Of a (b c) becomes (a b) c where a b is there and b c serves nothing else; not of repeated operands."""
    forward = line("multiply", X, Y)
    c = line("subtract", 1.0, Y)
    inner = Line("multiply", (Y, c.output), {}, Variable((2, 3), "float64"), forward.output)
    outer = Line("multiply", (inner.output, X), {}, Variable((2, 3), "float64"), forward.output)
    lines = [forward, c, inner, outer]
    before = program([X, Y], lines, [forward.output, outer.output])
    p = without_dead_lines(with_shared_products(before))
    assert operations(p) == ["multiply", "subtract", "multiply"]
    x, y = np.random.default_rng(0).normal(size=(2, 2, 3))
    np.testing.assert_allclose(evaluated(p, x, y)[1], evaluated(before, x, y)[1], rtol=1e-15)
    needed = program([X, Y], lines, [forward.output, outer.output, inner.output])
    assert with_shared_products(needed).lines == lines
    row = array(3)
    narrow = [line("multiply", X, row), line("multiply", row, Y)]
    narrow.append(Line("multiply", (narrow[1].output, X), {}, Variable((2, 3), "float64"), X))
    assert with_shared_products(program([X, Y, row], narrow, [])).lines == narrow


def test_numbers_are_folded() -> None:
    """Two numbers times an array are one, and a sum of twice the same is a product; not what others read."""
    a = line("multiply", 0.1, X)
    b = line("add", a.output, a.output)
    c = line("multiply", b.output, 3.0)
    x = np.random.default_rng(0).normal(size=(2, 3))
    p = without_dead_lines(with_folded_numbers(program([X], [a, b, c], [c.output])))
    assert operations(p) == ["multiply"]
    np.testing.assert_allclose(evaluated(p, x)[0], 0.6 * x, rtol=1e-15)
    needed = program([X], [a, b, c], [a.output, b.output, c.output])
    assert with_folded_numbers(needed).lines == [a, b, c]
    infinite = [line("multiply", math.inf, X)]
    infinite.append(line("multiply", 0.0, infinite[0].output))
    assert with_folded_numbers(program([X], infinite, [])).lines == infinite
    row = array(3)
    repeated = [line("multiply", 0.5, row, shape=(3,))]
    repeated.append(line("multiply", 2.0, repeated[0].output))  # to the shape (2, 3)
    assert with_folded_numbers(program([row], repeated, [])).lines == repeated


def test_sums_of_products_are_inner_products() -> None:
    """The sum of a * b over all needs no product, and comes before one that others need."""
    product = line("multiply", X, Y)
    total = Line("add.reduce", (product.output,), {"axis": None}, number())
    x, y = np.random.default_rng(0).normal(size=(2, 2, 3))
    alone = without_dead_lines(with_inner_products(program([X, Y], [product, total], [total.output])))
    assert operations(alone) == ["vdot"]
    assert evaluated(alone, x, y)[0] == pytest.approx((x * y).sum(), rel=1e-15)
    both = with_inner_products(program([X, Y], [product, total], [total.output, product.output]))
    assert operations(without_dead_lines(both)) == ["vdot", "multiply"]
    rows = Line("add.reduce", (product.output,), {"axis": 0}, Variable((3,), "float64"))
    row = line("multiply", X, array(3))
    repeated = Line("add.reduce", (row.output,), {"axis": None}, number())
    lines = [product, rows, row, repeated]
    assert with_inner_products(program([X, Y], lines, [])).lines == lines


def test_long_sums_of_single_precision_stay_careful() -> None:
    """BLAS adds numbers up as they come, which costs float32 its precision where they are many."""
    cases = [(2_000_000, "float32", "add.reduce"), (2_000_000, "float64", "vdot"), (9, "float32", "vdot")]
    for n, dtype, op in cases:
        x = array(n, dtype=dtype)
        product = line("multiply", x, x, shape=x.shape, dtype=dtype)
        total = Line("add.reduce", (product.output,), {"axis": None}, Variable((), dtype))
        found = without_dead_lines(with_inner_products(program([x], [product, total], [total.output])))
        assert operations(found)[-1] == op


def test_arrays_to_write_into_start_on_lines_of_the_cache() -> None:
    """Each array of the program starts at a multiple of 64 bytes."""
    a = line("exp", X)
    b = line("dot", line("sin", a.output).output, Y, shape=(2, 2))
    plan = plan_buffers(program([X, Y], [a, b, line("cos", b.output, shape=(2, 2))], []))
    buffers = new_buffers(plan)
    assert len(buffers) > 1
    assert all(x.__array_interface__["data"][0] % 64 == 0 for x in buffers)


def test_what_is_small_or_short_stays() -> None:
    """Small arrays, and chains of two, are not worth a loop; a column cannot be read block by block here."""
    large, column = (140_000, 2), (140_000, 1)
    for shape, inputs, count in ((large, (), 2), ((100, 2), (), 4), (large, (column,), 3)):
        x = array(*shape)
        others = [array(*s) for s in inputs]
        lines = [line("exp", x, shape=shape)]
        while len(lines) < count:
            lines.append(line("multiply", lines[-1].output, others[0] if others else x, shape=shape))
        p = in_blocks(program([x, *others], lines, [lines[-1].output]))
        assert not any(isinstance(part, Loop) for part in p.lines), (shape, inputs, count)
