"""The backward pass: what it sets, what it keeps, what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Value, gradients, no_grad, primitive
from autograd.errors import (
    ChainruleError,
    GradientNotKept,
    ImmutableValue,
    StaleGraph,
    UnsupportedType,
)

A = np.array([1.0, 2.0, 3.0])
equal = np.testing.assert_array_equal


def test_leaves_accumulate_and_intermediates_are_set():
    """A leaf adds up over calls until zero_grad(); an intermediate has the gradient of the last one."""
    x = Value(3.0)
    y = x * x
    z = y * 2
    for calls in (1, 2, 3):
        z.backward()
        assert (x.grad, y.grad, z.grad) == (12.0 * calls, 2.0, 1.0)
    x.zero_grad()
    assert x.grad is None
    y.backward()
    assert (x.grad, y.grad) == (6.0, 1.0)


def test_two_graphs_accumulate_into_one_leaf():
    """The gradients of two losses add up in the leaf they share."""
    x = Value(A)
    (x * 2).sum().backward()
    (x * x).sum().backward()
    equal(x.grad, 2 + 2 * A)


def test_what_is_kept():
    """Scalars, labelled Values and leaves keep their gradients; the others only with keep_grads."""
    x = Value(A)
    hidden, shown = x * 2, x * 3
    shown.label = "shown"
    total = (hidden * shown).sum()
    total.backward()
    equal(shown.grad, 2 * A)
    assert total.grad == 1.0
    with pytest.raises(GradientNotKept, match="give the Value a label, or call backward"):
        _ = hidden.grad
    total.backward(keep_grads=True)
    equal(hidden.grad, 3 * A)
    total.backward()
    with pytest.raises(GradientNotKept):
        _ = hidden.grad


def test_requires_grad_false_gets_nothing():
    """A constant, a plain array and a detached Value receive no gradient."""
    x, c = Value(A), Value(A, requires_grad=False)
    (x * c + A * x + x.detach() * c).sum().backward()
    equal(x.grad, 2 * A)
    assert c.grad is None


def test_requires_grad_can_be_set_on_leaves_alone():
    """A leaf can be frozen and thawed; what was computed follows from its leaves, and says so."""
    x, y = Value(2.0, label="x"), Value(5.0)
    x.requires_grad = False
    (x * y).backward()
    assert (x.grad, y.grad, x.is_leaf) == (None, 2.0, True)
    x.requires_grad = True
    z = x * y
    z.backward()
    assert x.grad == 5.0
    with pytest.raises(ImmutableValue, match="was computed"):
        z.requires_grad = False
    assert (z.requires_grad, z.parents) == (True, (x, y))


@pytest.mark.parametrize(
    ("x", "seed", "expected"),
    [
        (2.0, 3.0, 12.0),
        (2.0, 3, 12.0),
        (2.0, np.array(3.0), 12.0),
        (A, [1, 0, 2], [2.0, 0.0, 12.0]),
        (A, np.array([1.0, 0, 2.0]), [2.0, 0.0, 12.0]),
        (A, Value([1.0, 0.0, 2.0]), [2.0, 0.0, 12.0]),
        (A.astype(np.float32), np.array([1.0, 0.0, 2.0]), [2.0, 0.0, 12.0]),
        (A[:1], None, [2.0]),
    ],
)
def test_seed_is_the_gradient_to_start_from(x, seed, expected):
    """The seed multiplies the Jacobian from the left; one element needs none; the dtype is the input's."""
    v = Value(x)
    (v * v).backward(seed)
    equal(v.grad, expected)
    assert np.asarray(v.grad).dtype == v.dtype


@pytest.mark.parametrize("shape", [(), (3,)])
@pytest.mark.parametrize(("dtype", "other"), [(np.float32, np.float64), (np.float64, np.float32)])
def test_a_seed_of_another_dtype_is_converted(shape, dtype, other):
    """A recorded seed gives gradients of the output's dtype, and is differentiated in its own."""
    x, seed = Value(np.full(shape, 3.0, dtype)), Value(np.full(shape, 2.0, other))
    y = x * x
    y.backward(seed, create_graph=True, keep_grads=True)
    assert (y.grad.dtype, x.grad.dtype) == (dtype, dtype)
    (back,) = gradients(x.grad.sum(), [seed])
    equal(back, np.full(shape, 6.0))
    assert np.asarray(back).dtype == other


def test_seed_is_not_shared():
    """Changing the seed or the gradient of one leaf afterwards changes no other gradient."""
    seed = np.ones(3)
    a, b = Value(A), Value(A)
    out = a + b
    out.label = "out"
    out.backward(seed)
    seed[:] = 7.0
    a.grad[:] = 9.0
    equal(b.grad, np.ones(3))
    equal(out.grad, np.ones(3))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.reshape(3, 1).T,
        lambda x: np.broadcast_to(x, (3,)),
        lambda x: x[::-1],
        lambda x: x.sum() * np.ones(3),
        lambda x: np.stack([x, x])[0],
        lambda x: +x,
        lambda x: x + x,
    ],
)
def test_gradients_are_owned(f):
    """A leaf's gradient is a writeable array of its own, and shares no memory with data or seed."""
    x = Value(A)
    y = f(x)
    seed = np.ones(y.shape)
    y.backward(seed)
    assert x.grad.flags.writeable
    assert not np.shares_memory(x.grad, seed)
    assert not np.shares_memory(x.grad, x.data)


def test_sums_in_place_change_no_other_gradient():
    """A gradient that is a sum of three is added up in one array, which is nobody else's before."""
    x = Value(A)
    y = x * 2
    z = y * 1.0
    y.label = z.label = "kept"
    (y * A + z + y + z * 3).sum().backward()
    equal(z.grad, np.full(3, 4.0))
    equal(y.grad, A + 5.0)
    equal(x.grad, 2 * (A + 5.0))
    assert not np.shares_memory(y.grad, z.grad)


def test_create_graph_gives_values():
    """With create_graph the gradient is a Value, which can be differentiated again and again."""
    x = Value(2.0)
    (x**4).backward(create_graph=True)
    expected = [4 * 8.0, 12 * 4.0, 24 * 2.0, 24.0]
    for n, derivative in enumerate(expected, 1):
        g = x.grad
        assert g.data == pytest.approx(derivative)
        x.zero_grad()
        if n < len(expected):
            g.backward(create_graph=True)


def test_operand_used_twice():
    """Every use of an operand counts: a + a, a * a, a - a, a / a and a @ a."""
    for f, slope in [
        (lambda a: a + a, 2.0),
        (lambda a: a * a, 6.0),
        (lambda a: a - a, 0.0),
        (lambda a: a / a, 0.0),
        (lambda a: np.stack([a, a]).sum(), 2.0),
        (lambda a: a.reshape(1) @ a.reshape(1), 6.0),
    ]:
        a = Value(3.0)
        f(a).backward()
        assert a.grad == slope


def test_diamond():
    """A Value that reaches the output on two paths passes its gradient on once, when it is whole."""
    x = Value(2.0)
    middle = x * x
    (middle * 3 + middle.exp()).backward()
    assert middle.grad == pytest.approx(3 + np.exp(4))
    assert x.grad == pytest.approx((3 + np.exp(4)) * 4)


def counting(calls: list[str], elementwise: bool):
    """A product that records for which of its inputs a derivative was computed."""

    def rule(name, f):
        def vjp(*given):
            calls.append(name)
            return f(*given)

        return vjp

    to_a, to_b = rule("a", lambda g, y, a, b: g * b), rule("b", lambda g, y, a, b: g * a)
    return primitive(to_a, to_b, elementwise=elementwise)(lambda a, b: a * b)


@pytest.mark.parametrize("numbers", [(2.0, 3.0), (A, A)], ids=["scalar", "array"])
@pytest.mark.parametrize("needs", [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("elementwise", [False, True])
def test_derivatives_are_computed_only_where_needed(numbers, needs, elementwise):
    """The rule of a parent that needs no gradient is not called; no rule is called in the forward pass."""
    calls: list[str] = []
    operands = [Value(x, requires_grad=r) for x, r in zip(numbers, needs, strict=True)]
    y = counting(calls, elementwise)(*operands)
    assert calls == []
    y.sum().backward()
    assert calls == [name for name, needed in zip("ab", needs, strict=True) if needed]


@pytest.mark.parametrize("make", [float, lambda x: np.array([x])], ids=["scalar", "array"])
def test_a_derivative_that_is_not_needed_cannot_warn(make):
    """Neither log(-2) in (-2)**3, nor 0**-0.5 in 0**0.5, is computed for a constant."""
    base, exponent = Value(make(-2.0)), Value(make(0.5))
    (base**3).backward()
    (0.0**exponent).backward()
    assert (np.sum(base.grad), np.sum(exponent.grad)) == (12.0, 0.0)


def test_gradients_takes_values_alone():
    """What is no Value, or no list of them, is named; any iterable of Values will do."""
    x = Value(A)
    y = (x * x).sum()
    for output, inputs, text in (
        (y, x, "needs a list of Values as its inputs, got one Value"),
        (y, {"x": x}, "got one dict"),
        (y, None, "got one NoneType"),
        (y, [x, 3.0], "input 1 of gradients.. must be a Value, got float"),
        (y, [A], "input 0 of gradients.. must be a Value, got ndarray"),
        (3.0, [x], "needs a Value as its output, got float"),
    ):
        with pytest.raises(UnsupportedType, match=text):
            gradients(output, inputs)
    for inputs in ((x,), {x}, (v for v in [x])):
        equal(gradients(y, inputs), [2 * A])


def test_gradients_touches_nothing():
    """gradients() returns what backward() would set, zero where there is no path, and sets no .grad."""
    x, y, unused = Value(A), Value(2.0), Value([1.0, 2.0])
    z = (x * y).sum()
    to_x, to_y, to_z, to_unused, to_y_again = gradients(z, [x, y, z, unused, y])
    equal(to_x, [2.0, 2.0, 2.0])
    assert (to_y, to_z, to_y_again) == (6.0, 1.0, 6.0)
    equal(to_unused, [0.0, 0.0])
    assert [v.grad for v in (x, y, z, unused)] == [None] * 4


SHAPES = [((3,), ()), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), (1, 1)), ((4, 1, 3), (2, 1)), ((0, 3), (3,))]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("flip", [False, True])
def test_broadcasting_is_undone(shapes, flip):
    """The gradient of a broadcast operand has its shape, and sums over what was repeated."""
    a, b = (Value(np.full(s, 2.0)) for s in (shapes[::-1] if flip else shapes))
    out = a * b
    out.sum().backward()
    for v in (a, b):
        assert np.shape(v.grad) == v.shape
        equal(v.grad, np.full(v.shape, 2.0 * out.size / max(v.size, 1)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradient_has_the_dtype_of_its_leaf(dtype):
    """Mixed precision: each gradient has its own leaf's dtype."""
    x, w = Value(A.astype(dtype)), Value(A)
    (x * w).sum().backward()
    assert (x.grad.dtype, w.grad.dtype) == (dtype, np.float64)


def two_cuts(y, mask):
    return y[1:].sum() + np.where(mask, y, 0.0).sum()


# No gradient is not gradient zero: each function cuts off the element at which a derivative
# is infinite, in a way that would give 0 * inf = NaN if zeros were passed on.
CUTS = {
    "where, log(0)": lambda x: np.where(x.data > 0, np.log(x), 0.0),
    "where, the other branch": lambda x: np.where(x.data <= 0, 0.0, np.log(x)),
    "where, sqrt(0)": lambda x: np.where(x.data > 0, np.sqrt(x), 0.0),
    "where, 0/0": lambda x: np.where(x.data > 0, x / x, 1.0),
    "where, 1/0": lambda x: np.where(x.data > 0, 1 / x, 1.0),
    "where, x**-1": lambda x: np.where(x.data > 0, x**-1, 1.0),
    "where, x**0.5": lambda x: np.where(x.data > 0, x**0.5, 1.0),
    "where, a chain": lambda x: np.where(x.data > 0, np.exp(-np.log(x) * 2), 1.0),
    "where, broadcast": lambda x: np.where(x.data > 0, np.log(x) * np.ones((2, 3)), 0.0),
    "where, over a column": lambda x: np.where(
        x.data[:, None] > 0, np.ones((3, 2)) / x.reshape(3, 1), 0.0
    ).sum(axis=1),
    "where, one divisor for all": lambda x: np.where([False, True, True], np.log(x) / x[1:2], 0.0),
    "where, reshaped": lambda x: np.where(x.data.reshape(3, 1) > 0, np.log(x).reshape(3, 1), 0.0),
    "where, inside where": lambda x: np.where(x.data > 0, np.where(x.data > 1, np.log(x), np.sqrt(x)), 0.0),
    "slice": lambda x: np.log(x)[1:],
    "mask": lambda x: np.log(x)[x.data > 0],
    "list of indices": lambda x: np.sqrt(x)[[1, 2, 2]],
    "item": lambda x: (1 / x)[1],
    "item of items": lambda x: np.log(x)[1:][0],
    "concatenated, cut": lambda x: np.concatenate([np.log(x), x])[1:],
    "stacked, cut": lambda x: np.stack([np.log(x), x])[:, 1:],
    "transposed, cut": lambda x: (np.log(x)[:, None] * np.ones((3, 2))).T[:, 1:],
    "two uses, both cut": lambda x: np.log(x)[1:] + np.sqrt(x)[1:],
    "one Value, two cuts": lambda x: two_cuts(np.log(x), x.data > 0),
}


@pytest.mark.parametrize("f", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("create_graph", [False, True], ids=["plain", "recorded"])
def test_what_was_cut_off_has_no_gradient(f, create_graph):
    """A branch that was not taken contributes nothing, so it cannot turn into NaN, nor warn."""
    x = Value([0.0, 1.0, 2.0])
    with np.errstate(all="ignore"):  # the forward pass did compute log(0)
        y = f(x)
        safe = Value([0.5, 1.0, 2.0])
        expected = gradients(f(safe).sum(), [safe])[0]
        if create_graph:
            y.sum().backward(create_graph=True)
    if not create_graph:
        y.sum().backward()
    g = x.grad.data if create_graph else x.grad
    assert np.isfinite(g[0])
    equal(g[1:], expected[1:])


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda y: np.where([True, False, True], y, y), [1.0, 1.0, 1.0]),
        (lambda y: np.where([True, False, True], y, 0.0) + y, [2.0, 1.0, 2.0]),
        (lambda y: np.concatenate([y, y])[[0, 5, 5]], [1.0, 0.0, 2.0]),
        (lambda y: np.stack([y, y])[[0, 1], [1, 1]], [0.0, 2.0, 0.0]),
        (lambda y: y[:2].sum() + y[1:].sum(), [1.0, 2.0, 1.0]),
    ],
)
def test_cuts_of_one_value_add_up(f, expected):
    """A Value cut several times, also by one operation, has the gradients of all its cuts."""
    x = Value(A)
    f(+x).sum().backward()
    equal(x.grad, expected)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_was_not_cut_off_keeps_its_infinities():
    """An infinite derivative that does reach the output stays infinite."""
    x = Value([0.0, 1.0])
    y = np.sqrt(x)
    (y[1:].sum() + y.sum()).backward()
    equal(x.grad, [np.inf, 1.0])


STALE = {
    "p.data -= ...": lambda p: setattr(p, "data", p.data - 1),
    "in place": lambda p: setattr(p, "data", p.data.__isub__(1)),
}


@pytest.mark.parametrize("change", STALE.values(), ids=STALE)
@pytest.mark.parametrize("differentiate", [lambda y, p: y.backward(), lambda y, p: gradients(y, [p])])
def test_stale_graph_is_refused(change, differentiate):
    """A graph whose recorded inputs were changed since is refused, naming the Value; a new one works."""
    p = Value(A, label="p")
    y = (p * p).sum()
    y.backward()
    change(p)
    before = p.grad.copy()
    with pytest.raises(StaleGraph, match="the data of Value 'p' of shape"):
        differentiate(y, p)
    equal(p.grad, before)
    p.zero_grad()
    (p * p).sum().backward()
    equal(p.grad, 2 * (A - 1))


def test_augmented_assignment_updates_a_leaf():
    """p.data -= lr * p.grad takes a step, for scalars and arrays."""
    for x in (3.0, A):
        p = Value(x.copy() if isinstance(x, np.ndarray) else x)
        (p * p).sum().backward()
        p.data -= 0.5 * p.grad
        equal(p.data, np.zeros(np.shape(x)))


def test_a_change_elsewhere_is_no_matter():
    """Changing a leaf that a graph did not use, or before it was used, leaves the graph alone."""
    p, q = Value(1.0), Value(1.0)
    q.data = 5.0
    y = p * q
    other = Value(3.0)
    other.data = 4.0
    y.backward()
    assert (p.grad, q.grad) == (5.0, 1.0)


def failing(*_):
    raise ZeroDivisionError("in the rule")


FAILURES = {
    "a rule that raises": (lambda x: primitive(failing)(lambda x: x * 1.0)(x).sum(), ZeroDivisionError),
    "a rule with a wrong shape": (
        lambda x: primitive(lambda g, y, x: np.ones(7))(lambda x: x * 1.0)(x).sum(),
        ChainruleError,
    ),
    "not a scalar": (lambda x: x * 2, ChainruleError),
}


@pytest.mark.parametrize(("f", "error"), FAILURES.values(), ids=FAILURES)
def test_an_error_changes_nothing(f, error):
    """If backward() raises, no gradient has changed, not even of what comes before the failing rule."""
    x, w = Value(A, label="x"), Value(2.0, label="w")
    (x * w).sum().backward()
    loss = f(x * 1.0) * w
    held = [x, w, loss]
    before = [np.copy(v.grad) if v.grad is not None else None for v in held]
    with pytest.raises(error):
        loss.backward()
    for v, g in zip(held, before, strict=True):
        equal(v.grad, g)


def test_no_grad_records_nothing():
    """Under no_grad() results are constants, and the gradient stops there."""
    x = Value(3.0)
    with no_grad():
        y = x * x
    assert (y.requires_grad, y.is_leaf, y.parents) == (False, True, ())
    (x * y).backward()
    assert x.grad == 9.0


def test_backward_of_a_leaf():
    """A leaf is its own output: its gradient is the seed."""
    x = Value(3.0)
    x.backward()
    x.backward(2.0)
    assert x.grad == 3.0


def plain(g):
    """The numbers of a gradient, also of one that is a graph."""
    return np.asarray(g.data if isinstance(g, Value) else g)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("new", [2.0, np.ones(5), np.ones((1, 3)), np.ones((3, 3), np.float32)], ids=np.shape)
def test_data_of_another_shape_forgets_the_gradient(new, create_graph):
    """What is left over from another shape is not added to, whether it would broadcast or not."""
    a, b = Value(np.ones(2)), Value(np.ones(3))
    (a.sum() + b.sum()).backward(create_graph=create_graph)
    b.data = new
    assert b.grad is None
    (b * b).sum().backward(create_graph=create_graph)
    equal(plain(b.grad), 2.0 * np.asarray(new))
    assert (plain(b.grad).shape, plain(b.grad).dtype) == (b.shape, b.dtype)
    equal(plain(a.grad), np.ones(2))


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("shape", [(), (3,)])
@pytest.mark.parametrize(("old", "new"), [(np.float64, np.float32), (np.float32, np.float64)])
def test_the_gradient_follows_the_dtype_of_the_data(old, new, shape, create_graph):
    """A gradient stays when the dtype of its leaf changes, in the new one, and so do sums of it."""
    x = Value(np.ones(shape, old))
    (3.0 * x).sum().backward(create_graph=create_graph)
    x.data = x.data.astype(new) if shape else new(x.data)
    for expected in (3.0, 6.0):
        equal(plain(x.grad), np.full(shape, expected))
        assert isinstance(x.grad, Value) is create_graph
        assert plain(x.grad).dtype == new
        (3.0 * x).sum().backward(create_graph=create_graph)


def test_a_gradient_that_is_set_gets_the_dtype_of_its_leaf():
    """Numbers of another floating-point type, or integers, are converted; so is a Value."""
    x = Value(np.ones(2, np.float32))
    for given in (np.full(2, 3.0), [3, 3], Value([3.0, 3.0])):
        x.grad = given
        equal(plain(x.grad), [3.0, 3.0])
        assert plain(x.grad).dtype == np.float32


def test_grad_can_be_set():
    """Setting .grad copies and checks, None clears it, and backward() adds to what was set."""
    x = Value(A)
    given = np.ones(3)
    x.grad = given
    given[:] = 5.0
    x.sum().backward()
    equal(x.grad, 2 * np.ones(3))
    x.grad = None
    assert x.grad is None
