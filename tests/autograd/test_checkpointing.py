"""checkpoint: the same gradients to the bit, from a graph that holds the ends of its pieces only."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
from checkpoint_programs import PROGRAMS, UNUSED

import nn
from autograd import (
    Value,
    check_gradients,
    checkpoint,
    draw_graph,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    vjp,
)

RNG = np.random.default_rng(3)
A, B, M = RNG.normal(size=4), RNG.normal(size=4), RNG.normal(size=(4, 4))
equal = np.testing.assert_array_equal
close = np.testing.assert_allclose


def plain(f, *args, **kwargs):
    """In the place of checkpoint: call, and keep everything."""
    return f(*args, **kwargs)


def values_alive():
    gc.collect()  # of what other tests left behind
    return sum(type(x) is Value for x in gc.get_objects())


class Calls:
    """A function that counts how often it is run."""

    def __init__(self, f):
        self.f, self.count = f, 0

    def __call__(self, *args):
        self.count += 1
        return self.f(*args)


def leaves_of(dtype=np.float64):
    return [Value(a.astype(dtype)) for a in (A, M)] + [Value(0.7)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("program", PROGRAMS)
def test_equal_to_the_bit(program, dtype):
    """Result and gradients are those without a checkpoint, to the bit, by backward() and by gradients()."""
    with_it, without = leaves_of(dtype), leaves_of(dtype)
    y, expected = program(checkpoint, *with_it), program(plain, *without)
    equal(y.data, expected.data)
    expected.backward()
    found = gradients(y, with_it)
    y.backward()
    for v, g, w in zip(with_it, found, without, strict=True):
        assert (v.grad is None) == (w.grad is None)
        if w.grad is not None:
            equal(v.grad, w.grad)
            equal(g, w.grad)
            assert np.asarray(v.grad).dtype == np.asarray(w.grad).dtype


@pytest.mark.parametrize("program", PROGRAMS)
def test_second_order(program):
    """Hessian-vector products through a recorded pass are those without a checkpoint."""
    args, directions = (A, M, 0.7), (B, M.T, 0.3)

    def product(piece):
        return hvp(lambda p: program(piece, *p), args, directions)

    for ours, expected in zip(product(checkpoint), product(plain), strict=True):
        close(ours, expected, rtol=1e-13, atol=1e-13)


def test_third_order_and_transforms():
    """Every transform goes through a checkpoint, around it and inside it."""

    def f(x):
        return checkpoint(lambda x: np.sin(x) * x, x)

    assert grad(grad(grad(f)))(0.7) == pytest.approx(-3 * np.sin(0.7) - 0.7 * np.cos(0.7))
    close(jacobian(f)(A), np.diag(A * np.cos(A) + np.sin(A)))
    close(hessian(lambda x: f(x).sum())(A), np.diag(2 * np.cos(A) - A * np.sin(A)))
    close(vjp(f, A)[1](B)[0], B * (A * np.cos(A) + np.sin(A)))
    close(jvp(f, (A,), (B,))[1], B * (A * np.cos(A) + np.sin(A)))
    close(grad(lambda x: checkpoint(lambda x: grad(lambda y: (y**3).sum())(x), x).sum())(A), 6 * A)
    w = Value(2.0)
    checkpoint(lambda x: grad(lambda y: w * y**3)(x) * w, Value(3.0)).backward()
    assert w.grad == 2 * 2.0 * 3 * 9.0
    assert check_gradients(f, A, order=2).ok


def layers(piece, x, pieces, length):
    def run(x):
        for _ in range(length):
            x = np.sin(x)
        return x

    for _ in range(pieces):
        x = piece(run, x)
    return x


def test_a_graph_holds_the_ends_only():
    """A chain of 1000 operations in pieces of 20 holds 50 Values beside its leaf, not 1000."""
    before, x = values_alive(), Value(A)
    y = layers(plain, x, 50, 20)
    assert values_alive() - before == 1 + 1000
    del y
    y = layers(checkpoint, x, 50, 20)
    assert values_alive() - before == 1 + 50
    assert len(y.parents) == 1


@pytest.mark.parametrize("differentiate", [lambda y, x: y.backward(A), lambda y, x: gradients(y, [x], A)])
def test_the_backward_pass_holds_one_piece_at_a_time(differentiate):
    """During the pass no more than one piece is alive beside the ends, and none after it."""
    counts = []

    def run(x):
        for _ in range(20):
            x = np.sin(x)
        counts.append(values_alive())
        return x

    before, x = values_alive(), Value(A)
    y = x
    for _ in range(50):
        y = checkpoint(run, y)
    assert len(counts) == 50
    differentiate(y, x)
    assert len(counts) == 100
    assert max(counts) - before <= 1 + 50 + 2 * 20
    assert values_alive() - before == 1 + 50


def test_runs_are_counted():
    """One run forward, one more per backward pass however many results are used, none if none is."""
    f = Calls(lambda x: (np.sin(x), np.cos(x), x * x))
    x = Value(A)
    a, b, _ = checkpoint(f, x)
    assert f.count == 1
    (a * b).sum().backward()
    assert f.count == 2
    (a + x).sum().backward()
    assert f.count == 3
    x.sum().backward()
    assert f.count == 3
    inner = Calls(np.sin)
    checkpoint(lambda x: checkpoint(inner, x) * x, x).sum().backward()
    assert inner.count == 3


def test_parameters_of_a_module():
    """Parameters that a function uses without taking them as arguments get their gradients."""
    model = nn.MLP(4, [5, 5, 1], rng=0)
    inputs = RNG.normal(size=(6, 4)).astype(np.float32)
    found = []
    for piece in (plain, checkpoint):
        model.zero_grad()
        (piece(model, inputs) ** 2).mean().backward()
        found.append([p.grad for p in model.parameters()])
    for with_it, without in zip(*found, strict=True):
        equal(with_it, without)


def test_no_garbage():
    """Graphs with checkpoints are freed by reference counting alone, before and after a backward pass."""
    x = Value(A)
    gc.collect()
    gc.disable()
    try:
        for program in PROGRAMS:
            y = program(checkpoint, x, Value(M), Value(0.7))
            y.backward()
            gradients(y, [x], create_graph=True)
            del y
        UNUSED.clear()
        x.zero_grad()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_without_recording():
    """Under no_grad(), and for plain numbers, checkpoint is a call; a pass under no_grad() is complete."""
    x = Value(A)
    f = Calls(np.sin)
    with no_grad():
        y = checkpoint(f, x)
    assert (y.requires_grad, y.parents, f.count) == (False, (), 1)
    assert checkpoint(lambda x: x * 2, 3.0) == 6.0
    equal(checkpoint(np.sin, A), np.sin(A))
    y = checkpoint(np.sin, x)
    with no_grad():
        y.backward(np.ones(4))
    equal(x.grad, np.cos(A))


def test_a_value_returned_as_it_came():
    """A result that f did not compute is handed through; one that is there twice stays one Value."""
    x, c = Value(A), Value(B, requires_grad=False)
    same, constant, a, b = checkpoint(lambda x: (x, c, *(2 * [x * 2])), x)
    assert same is x
    assert constant is c
    assert a is b


def test_values_made_inside():
    """Values that f makes itself are its own: no gradient is owed to them."""
    x = Value(A)
    y = checkpoint(lambda x: x * Value(B), x)
    assert y.parents == (x,)
    y.sum().backward()
    equal(x.grad, B)
    alone = checkpoint(lambda: Value(B) * 2)
    alone.sum().backward()


def test_labels_and_gradients_of_the_ends():
    """The result of a checkpoint is a Value like others: label, gradient, picture, seed."""
    x = Value(A, label="x")
    y = checkpoint(np.sin, x)
    y.label = "y"
    (y * y).sum().backward()
    equal(y.grad, 2 * np.sin(A))
    assert "checkpoint" in draw_graph(y).source
    assert (y.op, y.is_leaf, y.shape) == ("checkpoint", False, (4,))


def test_threads():
    """Checkpoints in several threads at once do not disturb each other."""
    results = {}

    def work(i):
        x = Value(A + i)
        layers(checkpoint, x, 10, 5).sum().backward()
        results[i] = x.grad

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for i in range(8):
        x = Value(A + i)
        layers(plain, x, 10, 5).sum().backward()
        equal(results[i], x.grad)


def test_a_long_chain():
    """Ten thousand checkpoints in a row are walked without recursion."""
    x = Value(0.5)
    y = x
    for _ in range(10_000):
        y = checkpoint(lambda x: x + 1.0, y)
    y.backward()
    assert x.grad == 1.0
