"""Graphs of scalars have a backward pass of their own: it must not differ from the general one."""

from __future__ import annotations

import gc
import math
import random
import threading
import tracemalloc

import numpy as np
import pytest

import autograd
from autograd import Value, floats, gradients
from autograd.backward import LEFT_OVER, spend
from autograd.errors import StaleGraph
from autograd.graph import topological_order
from autograd.primitive import unary
from autograd.sweep import sweep


def general(output):
    """The gradients that the general pass gives."""
    return dict(sweep({output: 1.0}, create_graph=False, is_kept=None))


def small(x, y):
    c = x * y + 2.0 / x
    return (c.tanh() * c - y**3 + (x - y).relu()).sigmoid() * c.exp()


def diamonds(x, y):
    for _ in range(30):
        x, y = x * y, (x + y) * 0.5
    return x - y


def abs_and_angles(x, y):
    return abs(x - 3.0) * np.sin(y) + np.arctan2(x, y) * np.cos(x * x)


@pytest.mark.parametrize("f", [small, diamonds, abs_and_angles], ids=lambda f: f.__name__)
def test_it_gives_what_the_general_pass_gives(f):
    """Every gradient is equal up to the order of sums, and is a Python float."""
    x, y = Value(0.7, label="x"), Value(1.1, label="y")
    z = f(x, y)
    expected = general(z)
    z.backward()
    for v in topological_order(z):
        if v.requires_grad:
            assert v.grad == pytest.approx(expected[v], rel=1e-13)
            assert type(v.grad) is float


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("written", [False, True])
def test_any_graph_of_scalars(seed, written):
    """Also with constants, Values used many times, and where something else was changed since."""
    rng = random.Random(seed)
    pool = [Value(0.5), Value(0.8), Value(0.3, requires_grad=False), 0.7]
    for _ in range(40):
        a, b = (rng.choice(pool[-rng.choice([4, 30]) :]) for _ in range(2))
        pool.append(rng.choice([a * b, 0.5 * (a + b), np.tanh(a - b), np.sin(a) + 0.1, a * b]))
    z = sum(pool[-3:]) + pool[0]
    if written:
        Value(1.0).data = 2.0
    expected = general(z)
    assert floats.gradients_of_floats(z, 1.0) is not None
    z.backward()
    found = {v: v.grad for v in topological_order(z) if v.grad is not None}
    assert found == {v: pytest.approx(g, rel=1e-12, abs=1e-15) for v, g in expected.items()}


def test_a_change_is_noticed_on_every_way():
    """Also where both operands of a product were found before, from results newer than the change."""
    x, w, t = Value(2.0), Value(3.0), Value(1.0)
    old = x * w
    x.data = 5.0
    for z in (((t + old) * x) * w, ((old + t) * x) * w, old * x, x * old, (t * w + x * x) + old):
        with pytest.raises(StaleGraph):
            z.backward()
        assert t.grad is None


def test_it_takes_every_way_of_writing():
    """Operators, methods, NumPy's functions and activations of scalars are all its own; arrays are not."""
    x = Value(0.7)
    z = np.tanh(x) * x.exp() + autograd.sigmoid(np.maximum(x, 0.5)) - 2 / x
    assert floats.gradients_of_floats(z, 1.0) is not None
    for z in (x * np.ones(2)).sum(), x * np.float32(2.0), Value([1.0, 2.0]) @ np.ones(2) * x:
        assert floats.gradients_of_floats(z, 1.0) is None


def test_the_sign_of_zero_is_kept():
    """A gradient of minus zero is no plus zero."""
    x = Value(3.0)
    (x * -0.0).backward()
    assert math.copysign(1.0, x.grad) == -1.0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: (x * 0.0).sqrt(), math.nan),
        (lambda x: (x * 0.0).sqrt() * 1.0 + x, math.nan),
        (lambda x: (x * 1e200) ** 1.5, 1.5e300 * math.sqrt(2.0)),
    ],
)
def test_where_floats_raise_there_is_an_ieee_result(f, slope):
    """A division by zero in a rule is no error."""
    x = Value(2.0)
    f(x).backward()
    assert x.grad == pytest.approx(slope, nan_ok=True)


def test_one_pass_at_a_time():
    """A pass that finds another one under way goes the general way, and leaves that one alone."""
    x, y = Value(0.7), Value(1.1)
    z = small(x, y)
    expected = gradients(z, [x, y])
    with floats._one_at_a_time:
        assert floats.gradients_of_floats(z, 1.0) is None
        assert gradients(z, [x, y]) == pytest.approx(expected, rel=1e-13)


def test_threads_may_share_a_graph():
    """Many passes through one graph at once all give its gradients."""
    x, y = Value(0.7), Value(1.1)
    z = diamonds(x, y)
    expected = gradients(z, [x, y])
    found = []
    threads = [
        threading.Thread(target=lambda: found.extend(gradients(z, [x, y]) for _ in range(50)))
        for _ in range(4)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 200
    np.testing.assert_allclose(found, [expected] * 200, rtol=1e-12)


@pytest.mark.parametrize("first", [True, False])
def test_notes_of_another_thread(first):
    """A leaf whose gradient is used elsewhere meanwhile has its whole gradient all the same."""
    x, v = Value(3.0), Value(2.0)

    def rule(g, *_):
        x._note = "spent"
        return g

    u, y = unary("noting", np.positive, rule, "1", "1", scalar=float)(v), x * x
    assert gradients(u + y if first else y + u, [x, v]) == [6.0, 1.0]


def test_a_pass_leaves_notes_as_they_were():
    """What is noted of a leaf, that its gradient was used, outlasts a pass that gives gradients away."""
    x = Value(3.0)
    (x * x).backward()
    spend(x)
    assert gradients(x * x, [x]) == [6.0]
    (x * x).backward()
    assert spend(x) == LEFT_OVER


def test_a_pass_that_failed_leaves_no_trace():
    """A pass that stopped half-way in a graph does not mislead the next one through a part of it."""
    p, q = Value(2.0, label="p"), Value(3.0, label="q")
    part = p * p
    z = q * 1.0 * part
    q.data = 4.0
    for _ in range(2):
        with pytest.raises(StaleGraph, match="'q'"):
            z.backward()
    part.backward()
    assert (p.grad, part.grad, q.grad, z.grad) == (4.0, 1.0, None, None)


def test_what_a_scalar_operation_costs():
    """One object for the garbage collector to follow, and less than 170 bytes with its gradient."""
    n = 10_000
    x, w = Value(0.5), Value(1.01)
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    y = x
    for _ in range(n):
        y = y * w
    assert len(gc.get_objects()) - objects < n + 50
    y.backward()
    assert (tracemalloc.get_traced_memory()[0] - before) / n < 170
    tracemalloc.stop()
