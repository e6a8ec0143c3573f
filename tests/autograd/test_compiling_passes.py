"""Each pass over a program, by itself, on programs written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from lines import X, array, evaluated, line, number, operations, program

from autograd.compiling.buffers import plan_buffers
from autograd.compiling.lower import lower
from autograd.compiling.names import names_of
from autograd.compiling.program import UPDATE, Line, Program, Variable
from autograd.compiling.simplify import simplify, with_own_results, without_dead_lines
from autograd.compiling.transposes import with_late_transposes, with_transposed_products
from autograd.compiling.updates import with_early_updates

# -- transposes --------------------------------------------------------------------------------------


def _transpose(x: Variable) -> Line:
    return Line("transpose", (x, None), {}, Variable(x.shape[::-1], x.dtype))


def test_transposes_move_behind_elementwise_operations() -> None:
    """Of c * (a.T - b.T) comes (c * (a - b)).T, one line after the other; a.T + d stays."""
    a, b = _transpose(X), _transpose(array(2, 3))
    difference = line("subtract", a.output, b.output, shape=(3, 2))
    scaled = line("multiply", 2.0, difference.output, shape=(3, 2))
    other = array(3, 2)
    mixed = line("add", scaled.output, other, shape=(3, 2))
    before = program([X, b.inputs[0], other], [a, b, difference, scaled, mixed], [mixed.output])
    after = without_dead_lines(simplify(with_late_transposes(before)))
    assert operations(after) == ["subtract", "multiply", "transpose", "add"]
    given = [np.arange(6.0).reshape(2, 3), np.ones((2, 3)), np.ones((3, 2))]
    np.testing.assert_array_equal(evaluated(before, *given), evaluated(after, *given))


def test_products_are_transposed_by_their_operands() -> None:
    """(2 * (a @ b)).T becomes 2 * (b.T @ a.T), unless somebody reads the product as it is."""
    product = line("matmul", X, array(3, 4), shape=(2, 4))
    scaled = line("multiply", product.output, 2.0, shape=(2, 4))
    turned = _transpose(scaled.output)
    inputs = [X, product.inputs[1]]
    before = program(inputs, [product, scaled, turned], [turned.output])
    after = without_dead_lines(with_transposed_products(before))
    assert operations(after) == ["transpose", "transpose", "matmul", "multiply"]
    given = [np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)]
    np.testing.assert_array_equal(evaluated(before, *given), evaluated(after, *given))
    read = program(inputs, [product, scaled, turned], [turned.output, product.output])
    assert operations(with_transposed_products(read)) == ["matmul", "multiply", "transpose"]


# -- dead lines, common subexpressions, constants -------------------------------------------------------


def test_dead_lines_are_dropped() -> None:
    """What no result needs is gone, in chains too; draws from a generator stay, and constants in use."""
    a, dead = line("exp", X), line("sin", X)
    deader, draw = line("cos", dead.output), line("rng.normal", Variable((), "generator"))
    c, unused = array(2, 3), array(2, 3)
    b = line("add", a.output, c)
    p = without_dead_lines(
        program([X], [a, dead, deader, draw, b], [b.output], {c: np.ones((2, 3)), unused: np.ones((2, 3))})
    )
    assert operations(p) == ["exp", "rng.normal", "add"]
    assert list(p.constants) == [c]


def test_equal_lines_are_computed_once() -> None:
    """The same operation on the same operands and options is one; other options, types or draws are not."""
    a, b = line("sum", X, axis=0, shape=(3,)), line("sum", X, axis=0, shape=(3,))
    other = line("sum", X, axis=1, shape=(2,))
    g = Variable((), "generator")
    draws = [line("rng.random", g), line("rng.random", g)]
    c = line("multiply", a.output, b.output, shape=(3,))
    results = [c.output, other.output, *(d.output for d in draws)]
    p = simplify(program([X, g], [a, b, other, *draws, c], results))
    assert operations(p) == ["sum", "sum", "rng.random", "rng.random", "multiply"]
    assert p.lines[-1].inputs == (a.output, a.output)


def test_numbers_of_different_types_are_different() -> None:
    """1 and 1.0 and True, or 0.0 and -0.0, are not the same operand."""
    for one, other in ((1, 1.0), (1, True), (0.0, -0.0)):
        lines = [line("arctan2", X, one), line("arctan2", X, other)]
        assert len(simplify(program([X], lines, [x.output for x in lines])).lines) == 2


def test_constants_are_computed() -> None:
    """What depends on constants alone becomes a constant, or a number; a large array does not."""
    c, big = array(3), array(1 << 17)
    a, s = line("exp", c, shape=(3,)), Line("add.reduce", (c,), {"axis": None}, number())
    b = line("multiply", a.output, s.output, shape=(3,))
    huge = line("exp", big, shape=(1 << 17,))
    numbers = np.arange(3.0)
    p = simplify(
        program([], [a, s, b, huge], [b.output, s.output, huge.output], {c: numbers, big: np.ones(1 << 17)})
    )
    assert operations(p) == ["exp"]
    np.testing.assert_array_equal(p.constants[p.outputs[0]], np.exp(numbers) * 3.0)
    assert p.outputs[1] == 3.0


# -- identities -----------------------------------------------------------------------------------------

SAME = {
    "multiply by 1": line("multiply", X, 1.0),
    "1 times": line("multiply", 1, X),
    "divide by 1": line("divide", X, 1.0),
    "power 1": line("power", X, 1),
    "positive": line("positive", X),
    "astype": line("astype", X, np.dtype("float64")),
    "reshape": line("reshape", X, (2, 3)),
    "broadcast_to": line("broadcast_to", X, (2, 3)),
    "transpose": line("transpose", X, (0, 1)),
    "swapaxes": line("swapaxes", X, 0, 0),
}
NOT_THE_SAME = {
    "another type": line("multiply", X, 1.0, dtype="float32"),
    "another shape": line("multiply", X, 1.0, shape=(4, 2, 3)),
    "a mask": line("multiply", X, 1.0, where=True),
    "by 2": line("multiply", X, 2.0),
    "1 over": line("divide", 1.0, X),
    "0 added to -0.0": line("add", X, 0.0),
    "columns first": line("reshape", X, (2, 3), order="F"),
    "columns first, by place": line("ravel", X, "F", shape=(6,)),
    "1 to the power": line("power", 1.0, X),
}


@pytest.mark.parametrize("name", SAME)
def test_identities(name: str) -> None:
    """A line that gives its operand is gone, and its readers read the operand."""
    after = line("exp", SAME[name].output)
    p = simplify(program([X], [SAME[name], after], [after.output]))
    assert operations(p) == ["exp"]
    assert p.lines[0].inputs == (X,)


@pytest.mark.parametrize("name", NOT_THE_SAME)
def test_no_identities(name: str) -> None:
    """What only looks like one stays."""
    p = simplify(program([X], [NOT_THE_SAME[name]], [NOT_THE_SAME[name].output]))
    assert operations(p) == [NOT_THE_SAME[name].op]
    assert p.outputs[0] is not X


REWRITTEN = {
    "-1 * x": ([line("multiply", X, -1)], ["negative"]),
    "x ** 2": ([line("power", X, 2)], ["multiply"]),
    "square": ([line("square", X)], ["multiply"]),
    "squeeze": ([line("expand_dims", X, 0, shape=(1, 2, 3))], ["reshape"]),
    "swapaxes": ([line("swapaxes", X, -1, -2, shape=(3, 2))], ["transpose"]),
}


@pytest.mark.parametrize(
    ("axis", "keepdims", "expected"),
    [(1, True, "broadcast_to"), (0, True, "sum"), (1, False, "sum")],
)
def test_one_class_of_each_row_counts(axis: int, keepdims: bool, expected: str) -> None:
    """What each log-probability counts for has one number in each row, which is therefore its sum."""
    op, index = "autograd.rules.activations:_nll_weights", Variable((2,), "int64")
    weights = line(op, X, index, -0.5)
    shape = np.zeros((2, 3)).sum(axis=axis, keepdims=keepdims).shape
    total = line("add.reduce", weights.output, shape=shape, axis=(axis,), keepdims=keepdims)
    before = program([X, index], [weights, total], [weights.output, total.output])
    after = simplify(before)
    assert operations(after) == [op, expected]
    given = np.ones((2, 3)), np.array([1, 3])
    for x, y in zip(evaluated(after, *given), evaluated(before, *given), strict=True):
        np.testing.assert_array_equal(x, y)


def test_what_stands_for_a_gradient_is_one() -> None:
    """1 * x leaves x the gradient that it is, for the names of a program."""
    x = line("exp", X)
    x.output.gradient_of = array(2, 3, name="w")
    once = line("multiply", 1.0, x.output)
    assert simplify(program([X], [x, once], [once.output])).lines[0].output.gradient_of is not None


@pytest.mark.parametrize("name", REWRITTEN)
def test_rewritten(name: str) -> None:
    """Some operations become others that cost less, with the same numbers."""
    lines, expected = REWRITTEN[name]
    before = program([X], lines, [lines[-1].output])
    p = simplify(before)
    assert operations(p) == expected
    x = np.arange(6.0).reshape(2, 3) - 2.5
    np.testing.assert_array_equal(evaluated(p, x)[0], evaluated(before, x)[0])


def test_views_of_views_are_one() -> None:
    """Two transposes, reshapes or negations in a row are one, or none; with columns first they are not."""
    for op, one, two, left in (
        ("transpose", (None,), (None,), []),
        ("transpose", ((1, 0),), ((1, 0),), []),
        ("negative", (), (), []),
        ("reshape", ((3, 2),), ((6,),), ["reshape"]),
        ("reshape", ((3, 2), "F"), ((6,),), ["reshape", "reshape"]),
    ):
        shapes = {"negative": ((2, 3), (2, 3)), "transpose": ((3, 2), (2, 3))}.get(op, ((3, 2), (6,)))
        a = line(op, X, *one, shape=shapes[0])
        b = line(op, a.output, *two, shape=shapes[1])
        before = program([X], [a, b], [b.output])
        p = without_dead_lines(simplify(before))
        assert operations(p) == left, op
        x = np.arange(6.0).reshape(2, 3)
        np.testing.assert_array_equal(evaluated(p, x)[0], evaluated(before, x)[0])


def test_what_is_repeated_anyway_is_not_repeated_first() -> None:
    """A number that was spread out is an operand by itself, if shape and type stay, integers too."""
    spread = line("broadcast_to", 2.0, (2, 3))
    a = line("multiply", X, spread.output)
    assert without_dead_lines(simplify(program([X], [spread, a], [a.output]))).lines[0].inputs == (X, 2.0)
    alone = line("exp", spread.output)
    assert len(simplify(program([], [spread, alone], [alone.output])).lines) == 2
    n = array(2, 3, dtype="int64")
    whole = line("broadcast_to", np.int64(2), (2, 3), dtype="int64")
    b = line("multiply", n, whole.output, dtype="int64")
    (left,) = without_dead_lines(simplify(program([n], [whole, b], [b.output]))).lines
    assert type(left.inputs[1]) is int


def test_results_of_their_own() -> None:
    """An input, a constant, a view of either, or what was given already, is copied; a number is filled in."""
    c, new = array(3), line("exp", X)
    view, spread = line("transpose", X, None, shape=(3, 2)), line("broadcast_to", 1.5, (4,), shape=(4,))
    lines = [new, view, spread]
    outputs = [X, view.output, c, new.output, new.output, spread.output, 2.0]
    p = with_own_results(program([X], lines, outputs, {c: np.ones(3)}))
    assert operations(p)[3:] == ["copy", "copy", "copy", "copy", "full"]
    assert p.outputs[3] is new.output
    x = np.ones((2, 3))
    arrays = evaluated(p, x)[:-1]
    for i, a in enumerate(arrays):
        assert a.flags.writeable
        assert not any(np.may_share_memory(a, b) for b in [*arrays[:i], x])


# -- calls that start faster, blocks, arrays ------------------------------------------------------------


def test_lowered_relu() -> None:
    """max(x, 0) of long rows is taken with a row of zeros; of short rows, or of another number, as it is."""
    for shape, bound, lowered in (((64, 64), 0.0, True), ((512, 8), 0.0, False), ((64, 64), 1.0, False)):
        x = array(*shape)
        relu = line("maximum", x, bound, shape=shape)
        before = program([x], [relu], [relu.output])
        after = lower(before)
        assert (len(after.constants) == 1) is lowered
        given = np.linspace(-1.0, 2.0, x.size).reshape(shape)
        given[0, 0] = np.nan
        np.testing.assert_array_equal(evaluated(before, given), evaluated(after, given))


def test_lowered_reductions() -> None:
    """Sums and extremes are those of ufuncs, a mean is a sum over a number; other types stay."""
    x = np.random.default_rng(0).normal(size=(2, 3))
    for op in ("sum", "prod", "max", "min", "mean"):
        for axis, shape in ((0, (3,)), ((1,), (2,)), (None, ())):
            r = line(op, X, axis=axis, keepdims=False, shape=shape)
            before = program([X], [r], [r.output])
            p = lower(before)
            assert all(name.endswith(".reduce") or name in ("divide", "dot") for name in operations(p))
            np.testing.assert_allclose(evaluated(p, x)[0], evaluated(before, x)[0], rtol=1e-15)
    masked = line("sum", X, axis=0, where=True, shape=(3,))
    counted = line("sum", array(2, 3, dtype="bool"), axis=0, shape=(3,), dtype="int64")
    half = line("mean", array(2, 3, dtype="float16"), axis=0, shape=(3,), dtype="float16")
    assert operations(lower(program([X], [masked, counted, half], []))) == ["sum", "sum", "mean"]


def test_arrays_are_used_again_when_they_are_free() -> None:
    """An array is written over by the last line that reads it, or later; results and their views are new."""
    a, b = line("exp", X), line("sin", X)
    c = line("add", a.output, b.output)
    t = line("transpose", c.output, None, shape=(3, 2))
    d = line("cos", X)
    e = line("matmul", d.output, t.output, shape=(2, 2))
    f = line("exp", X)
    plan = plan_buffers(program([X], [a, b, c, t, d, e, f], [e.output, f.output]))
    place = plan.place
    assert place[c.output] in (place[a.output], place[b.output])
    assert place[d.output] != place[c.output]  # which t still shows
    assert e.output not in place
    assert f.output not in place
    assert len(plan.kinds) == 2


def test_names() -> None:
    """The user's names first, gradients after them, none twice, none of a module or a keyword."""
    x, again, g = array(2, name="x"), array(2, name="x"), array(2)
    g.gradient_of = x
    odd = [array(2, name=n) for n in ("layers.0.w", "lambda", "np", "2nd", "buf1", "*")]
    lines = [Line("exp", (x,), {}, v, x if v is g else None) for v in (again, g, *odd)]
    found = names_of(program([x], lines, []), ["x"])
    assert found[x] == "x"
    assert found[again] == "x_2"
    assert found[g] == "dx"
    assert [found[v] for v in odd] == ["w", "v_lambda", "v_np", "v_2nd", "v_buf1", "v"]


def test_an_update_waits_for_who_reads_a_view() -> None:
    """Nothing is written onto a parameter while its transpose is still to be read."""
    w, x = array(3, 2, name="w"), array(3, 2, name="x")
    turned = _transpose(w)
    gradient = line("exp", x, shape=(3, 2))
    late = line("matmul", x, turned.output, shape=(3, 3))
    new = Line("subtract", (w, gradient.output), {}, Variable((3, 2), "float64"), UPDATE)
    lines = [turned, gradient, late, new]
    moved = with_early_updates(Program([w, x], {}, lines, [late.output], [(w, new.output)]))
    assert operations(moved).index("subtract") > operations(moved).index("matmul")
