"""Bad input: the exact error, which names the thing, what was given and the way out."""

from __future__ import annotations

import operator
from types import SimpleNamespace

import numpy as np
import pytest

from autograd import (
    Value,
    check_gradients,
    draw_graph,
    grad,
    gradients,
    hvp,
    jacobian,
    jvp,
    no_grad,
    primitive,
    softmax,
    vjp,
)
from autograd.errors import (
    ChainruleError,
    GradientNotKept,
    ImmutableValue,
    InvalidArgument,
    NoGradient,
    NoRule,
    ShapeError,
    StaleGraph,
    UnsupportedType,
)

GIVE = "cannot be differentiated: give numbers, bools, and arrays or nested lists of them"
PLAIN = "as a plain array would lose its gradient: use .data if that is meant, np.stack to join Values"
BROADCAST = "from the right, lengths must be equal, or one of them 1"
ONE_NUMBER = (
    "one number was needed, but the shape is (3,): "
    "pick an element with [...], or reduce with .sum() or .mean()"
)
NOTHING = (
    "requires no gradient: it depends on no Value with requires_grad=True, or was computed under no_grad()"
)
REDUCE = "reduce it with .sum() or .mean(), or give seed=, the gradient to start from"


def world():
    """Values to do wrong things with, gradients set."""
    v = Value(2.0, label="v")
    a = Value([1.0, 2.0, 3.0], label="a")
    y = a * v
    total = y.sum()
    total.backward()
    c = Value([1.0, 2.0], requires_grad=False)
    return SimpleNamespace(v=v, a=a, y=y, total=total, c=c, m=Value(np.ones((2, 3)), label="m"))


def stale(_):
    p = Value(1.0, label="p")
    z = p * 2
    p.data -= 1.0
    z.backward()


def stale_without_a_label(_):
    p = Value([1.0, 2.0])
    z = p.sum()
    p.data = [3.0, 4.0]
    gradients(z, [p])


@no_grad()
def unrecorded(w):
    return w.v * 2


def wrong_shape(*_):
    return np.ones(7)


def forgotten_return(*_):
    return None


def own(*rules):
    return primitive(*rules)(lambda *xs: sum(x * 1.0 for x in xs))


def row(name, act, error, text):
    return pytest.param(act, error, text, id=name)


# What is done, the class of the error, its whole text.
TABLE = [
    row("complex", lambda w: Value(1 + 2j), UnsupportedType, f"complex (1+2j) {GIVE}"),
    row("string", lambda w: Value("3"), UnsupportedType, f"str '3' {GIVE}"),
    row("bytes", lambda w: Value(b"3"), UnsupportedType, f"bytes b'3' {GIVE}"),
    row("None", lambda w: Value(None), UnsupportedType, f"None {GIVE}"),
    row("a dict", lambda w: Value({"x": 1}), UnsupportedType, f"dict {{'x': 1}} {GIVE}"),
    row("a class", lambda w: Value(float), UnsupportedType, f"type <class 'float'> {GIVE}"),
    row("a list with text", lambda w: Value([1, "a"]), UnsupportedType, f"list [1, 'a'] {GIVE}"),
    row("a long list",
        lambda w: Value([None] * 99), UnsupportedType,
        f"list [None, None, None, None, None, None, ... {GIVE}"),
    row("complex array",
        lambda w: Value(np.ones(2, complex)), UnsupportedType, f"an array of dtype complex128 {GIVE}"),
    row("object array",
        lambda w: Value(np.array([1, None])), UnsupportedType, f"an array of dtype object {GIVE}"),
    row("dates",
        lambda w: Value(np.array(["2020-01-01"], "M8[D]")), UnsupportedType,
        f"an array of dtype datetime64[D] {GIVE}"),
    row("ragged",
        lambda w: Value([[1, 2], [3]]), UnsupportedType,
        "list [[1, 2], [3]] is no array, its rows differ in length: pad them, or keep a list of Values"),
    row("masked",
        lambda w: Value(np.ma.array([1.0, 2.0], mask=[0, 1])), UnsupportedType,
        "a masked array would lose its mask: give .filled(...) instead"),
    row("masked, in an expression",
        lambda w: w.c * np.ma.array([1.0, 2.0], mask=[0, 1]), UnsupportedType,
        "a masked array would lose its mask: give .filled(...) instead"),
    row("huge integer",
        lambda w: Value(10**400), UnsupportedType,
        "int 1000000000000000000000000000000000000... is too large for a float: scale it first"),
    row("a Value of a Value",
        lambda w: Value(w.v), UnsupportedType,
        "Value(v) of a Value would cut its graph: use v itself, or v.detach() if that is meant"),
    row("a list of Values", lambda w: Value([w.v, w.v]), UnsupportedType, f"Value 'v' {PLAIN}"),
    row("label",
        lambda w: Value(1.0, label=3), UnsupportedType, "label must be a string, got int 3"),

    row("string in an expression", lambda w: w.a + "x", UnsupportedType, f"str 'x' {GIVE}"),
    row("None on the left", lambda w: None * w.a, UnsupportedType, f"None {GIVE}"),
    row("complex in an expression", lambda w: w.a * 1j, UnsupportedType, f"complex 1j {GIVE}"),
    row("complex array times Value",
        lambda w: np.ones(3, complex) * w.a, UnsupportedType, f"an array of dtype complex128 {GIVE}"),
    row("shapes of +",
        lambda w: w.a + w.c, ShapeError, f"add does not fit shapes (3,) and (2,): {BROADCAST}"),
    row("shapes, array on the left",
        lambda w: np.ones(2) - w.m, ShapeError, f"subtract does not fit shapes (2,) and (2, 3): {BROADCAST}"),
    row("shapes of where",
        lambda w: np.where([True, False], w.a, w.v), ShapeError,
        f"where does not fit shapes (2,) and (3,) and (): {BROADCAST}"),
    row("shapes of @",
        lambda w: w.m @ w.m, ShapeError,
        "matmul does not fit shapes (2, 3) and (2, 3): "
        "rows of the first must be as long as columns of the second, and axes before these two fit"),
    row("@ with a number",
        lambda w: w.m @ 2, ShapeError,
        "matmul does not fit shapes (2, 3) and (): a single number is multiplied with *, not @"),
    row("reshape",
        lambda w: w.m.reshape(4, 2), ShapeError,
        "reshape does not fit shapes (2, 3): cannot reshape array of size 6 into shape (4,2)"),
    row("reshape to text",
        lambda w: w.m.reshape("x"), UnsupportedType,
        "a shape must be an integer or a tuple of integers, got 'x'"),
    row("axis out of range",
        lambda w: w.a.sum(axis=1), ShapeError, "axis 1 is out of range for 1 dimensions"),
    row("a Value as data",
        lambda w: setattr(w.v, "data", w.v * 2.0), UnsupportedType,
        "the data of Value 'v' must be plain numbers, got a Value: "
        "work with .data on the right, as in p.data = p.data - lr * p.grad"),
    row("axis of a scalar",
        lambda w: softmax(w.v, axis=1), ShapeError, "axis 1 is out of range for 0 dimensions"),
    row("axis of another type",
        lambda w: w.a.mean(axis=0.5), UnsupportedType,
        "axis must be an integer or a tuple of integers, got 0.5"),
    row("transpose",
        lambda w: w.m.transpose(0, 0), InvalidArgument, "transpose needs each of 2 axes once, got (0, 0)"),
    row("astype",
        lambda w: w.a.astype(int), NoRule,
        "astype(int64) would lose the gradient: use .data.astype(...) if that is meant"),

    row("item assignment",
        lambda w: operator.setitem(w.a, 0, 9.0), ImmutableValue,
        "v[i] = x would change numbers that a graph has recorded: "
        "write v = np.where(mask, x, v), or v.data[i] = x on a leaf before it is used"),
    row("float as index",
        lambda w: w.a[1.0], UnsupportedType, "an index must be of integers, booleans or slices, got 1.0"),
    row("floats as index",
        lambda w: w.m[0, [0.0, 1.0]], UnsupportedType,
        "an index must be of integers, booleans or slices, got [0.0, 1.0]"),
    row("name as index",
        lambda w: w.a["x"], UnsupportedType, "an index must be of integers, booleans or slices, got 'x'"),
    row("index out of range",
        lambda w: w.a[5], IndexError, "index 5 is out of bounds for axis 0 with size 3"),

    row("len of a scalar",
        lambda w: len(w.v), UnsupportedType, "a scalar Value is one number: it has no length"),
    row("iteration over a scalar",
        lambda w: list(w.v), UnsupportedType, "a scalar Value is one number: it cannot be iterated over"),
    row("item of many", lambda w: w.a.item(), ShapeError, ONE_NUMBER),
    row("float of many", lambda w: float(w.a), ShapeError, ONE_NUMBER),
    row("format of many", lambda w: f"{w.a:.2f}", ShapeError, ONE_NUMBER),
    row("truth of many",
        lambda w: bool(w.a), ShapeError, "the truth of shape (3,) is ambiguous: ask np.any(v) or np.all(v)"),
    row("asarray", lambda w: np.asarray(w.a), UnsupportedType, f"Value 'a' of shape (3,) {PLAIN}"),
    row("asarray of a result",
        lambda w: np.asarray(w.y), UnsupportedType, f"the result of multiply of shape (3,) {PLAIN}"),
    row("asarray without a label",
        lambda w: np.asarray(Value(1.0)), UnsupportedType, f"an unlabelled Value {PLAIN}"),
    row("a function without a rule",
        lambda w: np.frexp(w.a), NoRule,
        "np.frexp has no derivative rule for Values; did you mean 'exp'? Compose it of functions that have "
        "one, write one with @autograd.primitive, or apply it to .data if no gradient is meant to pass"),
    row("out=",
        lambda w: np.add(w.c, 1.0, out=w.c.data), NoRule,
        "np.add of Values does not take out=: assign the result instead"),
    row("dtype=",
        lambda w: np.sum(w.a, dtype=int), NoRule,
        "astype(int64) would lose the gradient: use .data.astype(...) if that is meant"),

    row("backward of an array",
        lambda w: w.a.backward(), ShapeError,
        f"backward() needs a scalar, got Value 'a' of shape (3,): {REDUCE}"),
    row("backward of an unlabelled array",
        lambda w: w.y.backward(), ShapeError,
        f"backward() needs a scalar, got the result of multiply of shape (3,): {REDUCE}"),
    row("backward of a constant",
        lambda w: w.c.backward(), NoGradient, f"an unlabelled Value of shape (2,) {NOTHING}"),
    row("backward of what was not recorded",
        lambda w: unrecorded(w).backward(), NoGradient, f"an unlabelled Value {NOTHING}"),
    row("seed of another shape",
        lambda w: w.y.backward(np.ones(2)), ShapeError,
        "seed must have the shape (3,) of the output, got (2,)"),
    row("seed for a scalar",
        lambda w: w.total.backward([1.0]), ShapeError, "seed must have the shape () of the output, got (1,)"),
    row("seed of text", lambda w: w.total.backward("1"), UnsupportedType, f"str '1' {GIVE}"),
    row("seed of gradients()",
        lambda w: gradients(w.y, [w.a], 1.0), ShapeError,
        "seed must have the shape (3,) of the output, got ()"),
    row("stale graph",
        stale, StaleGraph,
        "the data of Value 'p' was changed after the graph had used it, "
        "so its gradients would be wrong: compute the output again, then call backward()"),
    row("stale graph, no label",
        stale_without_a_label, StaleGraph,
        "the data of an unlabelled Value of shape (2,) was changed after the graph had used it, "
        "so its gradients would be wrong: compute the output again, then call backward()"),
    row("gradient not kept",
        lambda w: w.y.grad, GradientNotKept,
        "the gradient of the result of multiply of shape (3,) was not kept, to save memory: "
        "give the Value a label, or call backward(keep_grads=True)"),
    row("data of a result",
        lambda w: setattr(w.y, "data", 1.0), ImmutableValue,
        "the result of multiply of shape (3,) was computed: its data cannot be set; "
        "change the leaves it depends on, or work on .detach()"),
    row("data of another kind", lambda w: setattr(w.a, "data", "x"), UnsupportedType, f"str 'x' {GIVE}"),
    row("gradient of another shape",
        lambda w: setattr(w.a, "grad", np.ones(2)), ShapeError,
        "the gradient of Value 'a' of shape (3,) must have its shape, got (2,): "
        "give zeros of that shape, or None to forget it"),
    row("gradient of another kind", lambda w: setattr(w.a, "grad", "x"), UnsupportedType, f"str 'x' {GIVE}"),

    row("grad of a vector function",
        lambda w: grad(np.tanh)(np.ones(2)), ShapeError,
        "a gradient needs a function with a scalar result, tanh gives shape (2,): "
        "reduce it with .sum() or .mean(), or use jacobian"),
    row("argnums",
        lambda w: jacobian(np.sin, argnums=1)(1.0), InvalidArgument,
        "argnums 1 is no position among the 1 arguments of sin"),
    row("argnums of another type",
        lambda w: grad(np.sin, argnums="x")(1.0), InvalidArgument,
        "argnums 'x' is no position among the 1 arguments of sin"),
    row("tangents",
        lambda w: jvp(np.sin, (np.ones(2),), (1.0,)), ShapeError,
        "tangents must have the shapes of the arguments, [(2,)], got [()]"),
    row("vector of hvp",
        lambda w: hvp(np.sum, np.ones(2), np.ones(3)), ShapeError,
        "v must have the shapes of the arguments, [(2,)], got [(3,)]"),
    row("gradients for a pullback",
        lambda w: vjp(lambda x: (x, x), 1.0)[1](1.0), ShapeError,
        "the result has 2 arrays, but 1 gradients were given"),

    row("primitive without rules",
        lambda w: primitive(), InvalidArgument,
        "@primitive needs one derivative per input: @primitive(lambda g, y, x: ...)"),
    row("primitive without brackets",
        lambda w: primitive("sin"), InvalidArgument,
        "@primitive needs one derivative per input: @primitive(lambda g, y, x: ...)"),
    row("primitive with a rule too few",
        lambda w: own(lambda g, y, x: g)(w.v, w.v), InvalidArgument,
        "<lambda> has derivatives for 1 inputs, but got 2: "
        "give one derivative per input, and options by keyword"),
    row("primitive with a wrong rule",
        lambda w: own(wrong_shape)(w.a).sum().backward(), ShapeError,
        "the derivative of <lambda> with respect to input 0 must have the shape (3,) of that input, "
        "it gave shape (7,): correct that rule"),
    row("primitive whose rule forgets to return",
        lambda w: own(lambda g, y, a, b: g, forgotten_return)(w.v, w.v).backward(), ShapeError,
        "the derivative of <lambda> with respect to input 1 must have the shape () of that input, "
        "it gave None: correct that rule"),

    row("check: order",
        lambda w: check_gradients(np.sin, 1.0, order=3), InvalidArgument, "order must be 1 or 2, got 3"),
    row("check: nothing to check",
        lambda w: check_gradients(np.sin), InvalidArgument,
        "check_gradients needs at least one number to differentiate with respect to"),
    row("drawing no Value",
        lambda w: draw_graph(3.0), UnsupportedType,
        "draw_graph draws a Value, got float: give the result to be drawn"),
    row("drawing in no direction",
        lambda w: draw_graph(w.v, rankdir="left"), InvalidArgument,
        "rankdir must be 'LR', 'TB', 'RL' or 'BT', got 'left'"),
    row("drawing in an unknown format",
        lambda w: draw_graph(w.v).save("graph.jpg"), InvalidArgument,
        "cannot save a graph as 'graph.jpg': "
        "the name must end in one of .dot, .gv, .svg, .html, .mmd, .txt, .png, .pdf"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "text"), TABLE)
def test_bad_input(act, error, text):
    """The error has this class and this text, and every Value is as it was before."""
    w = world()
    before = snapshot(w)
    with pytest.raises(error) as caught:
        act(w)
    assert type(caught.value) is error
    assert str(caught.value) == text
    np.testing.assert_equal(snapshot(w), before)


def snapshot(w):
    """All that can be seen of the Values, arrays copied."""
    return [
        (
            *(np.copy(x) for x in (v.data, getattr(v, "_grad", None))),
            *(getattr(v, "_note", None), v.label, v.requires_grad, v.op, len(v.parents)),
        )
        for v in vars(w).values()
    ]


def test_errors_are_also_the_builtin_ones():
    """Every error but NumPy's own can be caught as ChainruleError, and as its built-in class."""
    for _, error, _ in (case.values for case in TABLE):
        assert error is IndexError or issubclass(error, ChainruleError)
        assert issubclass(error, (TypeError, ValueError, RuntimeError, IndexError))
