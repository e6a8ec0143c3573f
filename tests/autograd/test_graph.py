"""The graph as an object: depth, sharing, memory, copies, threads."""

from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import subprocess
import sys
import threading
import weakref
from contextlib import contextmanager

import numpy as np
import pytest

from autograd import Value, draw_graph, grad, gradients, no_grad, primitive
from autograd.errors import StaleGraph
from autograd.graph import topological_order

equal = np.testing.assert_array_equal


def chain(x, length):
    y = x
    for _ in range(length):
        y = y + 1.0
    return y


@contextmanager
def no_garbage():
    """What is freed inside must be freed by reference counting alone."""
    gc.collect()
    gc.disable()
    try:
        yield
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("start", [0.0, np.zeros(1)], ids=["scalar", "array"])
def test_a_million_operations(start):
    """A chain of a million operations is computed, differentiated and freed without recursion."""
    length = 1_000_000 if isinstance(start, float) else 100_000
    x = Value(start)
    y = chain(x, length)
    assert y.item() == length
    y.backward()
    assert np.sum(x.grad) == 1.0
    del y


def test_a_node_is_visited_once():
    """In a diamond that doubles 40 times there are 2**40 paths, but each rule is called once."""
    calls = 0

    def rule(*given):
        nonlocal calls
        calls += 1
        return given[0]

    same = primitive(rule)(lambda x: x)
    x = y = Value(1.0)
    for _ in range(40):
        z = same(y)
        y = z + z
    assert y.data == 2.0**40
    assert len(topological_order(y)) == 81
    y.backward()
    assert (x.grad, calls) == (2.0**40, 40)
    assert gradients(y, [x]) == [2.0**40]
    assert draw_graph(y).source.count("->") == 3 * 40


def test_topological_order_is_that_of_the_expression():
    """Parents come before children, left before right, each Value once."""
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    c = a * b
    assert [v.label or v.op for v in topological_order((c - b) / c)] == ["a", "b", "*", "-", "/"]


def expression(x):
    y = np.tanh(x * 2 + 1)
    z = np.concatenate([y, y[::-1]]).reshape(2, -1)
    return np.where(x.data > 0, z.sum(axis=0), y.mean()).max()


USES = {
    "forward": lambda x: expression(x),
    "backward": lambda x: expression(x).backward(),
    "backward, all kept": lambda x: expression(x).backward(keep_grads=True),
    "backward twice": lambda x: [expression(x).backward() for _ in range(2)],
    "gradients, recorded": lambda x: gradients(
        gradients(expression(x), [x], create_graph=True)[0].sum(), [x]
    ),
    "grad of grad": lambda x: grad(lambda x: grad(expression)(x).sum())(x.data),
    "no_grad": lambda x: no_grad()(expression)(x),
    "drawing": lambda x: draw_graph(expression(x)).svg(),
    "copies": lambda x: copy.deepcopy(expression(x)),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_no_garbage_for_the_collector(use):
    """A graph has no reference cycle: it is freed the moment it goes out of scope."""
    x = Value(np.array([0.5, -0.5]))
    use(x)  # imports and caches
    with no_garbage():
        use(x)


@pytest.mark.parametrize("differentiate", [False, True])
def test_a_graph_dies_with_its_output(differentiate):
    """Values in the middle die at once with the output, with the collector switched off."""
    x = Value(2.0)
    with no_garbage():
        y = x * x
        z = y.exp()
        if differentiate:
            z.backward()
        middle, end = weakref.ref(y), weakref.ref(z)
        del y
        assert middle() is not None
        del z
        assert (middle(), end()) == (None, None)


def test_zero_grad_breaks_the_cycle_of_create_graph():
    """Create_graph makes x.grad refer to x; zero_grad() is the way out."""
    with no_garbage():
        x = Value(3.0)
        (x * x * x).backward(create_graph=True)
        x.zero_grad()
        died = weakref.ref(x)
        del x
        assert died() is None


def rows(output):
    """All that a graph is made of, in forward order."""
    order = topological_order(output)
    place = {v: i for i, v in enumerate(order)}
    return [
        (
            v.data,
            v.label,
            v.op,
            v.primitive,
            v.params,
            v.requires_grad,
            v._grad,
            [place[p] for p in v.parents],
        )
        for v in order
    ]


COPIERS = {"deepcopy": copy.deepcopy, "pickle": lambda x: pickle.loads(pickle.dumps(x))}
copiers = pytest.mark.parametrize("duplicate", COPIERS.values(), ids=COPIERS)


@copiers
def test_copies_of_long_chains(duplicate):
    """A chain of 100,000 operations is copied without recursion, and can be differentiated."""
    y = chain(Value(1.0, label="x"), 100_000)
    twin = duplicate(y)
    assert twin.data == y.data
    twin.backward()
    assert topological_order(twin)[0].grad == 1.0
    assert topological_order(y)[0].grad is None


@copiers
def test_copies_keep_everything(duplicate):
    """A copy has the numbers, labels, gradients, flags, operations and options of the original."""
    x, c = Value(np.array([1.0, 2.0], np.float32), label="x"), Value(3.0, label="c", requires_grad=False)
    y = np.sum(x * c + np.arange(2), axis=0, keepdims=True)[0]
    y.label = "y"
    y.backward()
    twin = duplicate(y)
    for original, copied in zip(rows(y), rows(twin), strict=True):
        np.testing.assert_equal(copied, original)
    assert not set(topological_order(y)) & set(topological_order(twin))


@copiers
def test_copies_share_what_was_shared(duplicate):
    """A model and its loss, copied together, share their leaves; so do two uses inside one graph."""
    w = Value(2.0, label="w")
    model, loss = duplicate(({"w": w}, w * w + w))
    loss.backward()
    assert model["w"].grad == 5.0
    assert w.grad is None
    assert len(topological_order(loss)) == 3


@copiers
def test_copies_refuse_what_is_stale(duplicate):
    """A leaf of a copy can be changed, and the copied graph then refuses to be differentiated."""
    w, loss = duplicate((lambda w: (w, w * w))(Value(2.0, label="w")))  # noqa: PLC3002
    w.data -= 1.0
    with pytest.raises(RuntimeError, match="the data of Value 'w' was changed"):
        loss.backward()


@pytest.mark.parametrize("duplicate", [copy.copy, *COPIERS.values()], ids=["copy", *COPIERS])
@pytest.mark.parametrize("x", [2.0, np.array([2.0, 3.0])], ids=["scalar", "array"])
def test_copies_of_a_stale_graph_are_stale(duplicate, x):
    """A graph that is refused is refused as a copy too, with what was made of it since; a new one is not."""
    a, b = Value(x, label="a"), Value(x, label="b")
    y = (a * b).sum()
    b.data = 5.0 * x
    for stale in (y, y + a.sum()):
        with pytest.raises(StaleGraph, match="the data of Value 'b'"):
            duplicate(stale).backward()
    fresh = duplicate((a * b).sum())
    fresh.backward()
    leaves = {v.label: v for v in topological_order(fresh)}
    equal(leaves["a"].grad, 5.0 * x)
    equal(leaves["b"].grad, x)


ELSEWHERE = """
import pickle, sys
from autograd import Value
w, loss, old = pickle.load(sys.stdin.buffer)
for y, change in ((old, False), (loss, False), (loss, True)):
    if change:
        w.data -= 1.0
    try:
        y.backward()
        print(w.grad)
    except RuntimeError as e:
        print(type(e).__name__)
"""


def test_a_pickle_is_as_stale_in_another_process():
    """Where nothing was changed yet, a stale graph is refused, and a fresh one once its leaf is changed."""
    w = Value(2.0, label="w")
    old = w * w
    for _ in range(3):
        w.data += 1.0
    given = pickle.dumps((w, w * w, old))
    run = subprocess.run([sys.executable, "-c", ELSEWHERE], input=given, capture_output=True, check=True)
    assert run.stdout.split() == [b"StaleGraph", b"10.0", b"StaleGraph"]


@pytest.mark.parametrize("duplicate", [copy.copy, *COPIERS.values()], ids=["copy", *COPIERS])
@pytest.mark.parametrize("x", [3.0, np.array([3.0])], ids=["scalar", "array"])
def test_copies_of_gradients_that_are_graphs(duplicate, x):
    """A leaf or graph whose gradients refer back to it is copied, with their numbers."""
    leaf = Value(x, label="x")
    y = (leaf * leaf * leaf).sum()
    y.backward(create_graph=True, keep_grads=True)
    twin = duplicate(leaf)
    equal(twin.grad, 27.0 * np.ones_like(x))
    assert not isinstance(twin.grad, Value)
    assert isinstance(leaf.grad, Value)  # as it was
    twins = topological_order(duplicate(y))
    assert not any(isinstance(v.grad, Value) for v in twins if v.primitive)
    equal(next(v.grad for v in twins if v.primitive), 3.0 * np.ones_like(x))  # of x*x


def test_no_grad_nests_and_survives_exceptions():
    """The switch returns to what it was, whatever happens inside."""
    x = Value(2.0)

    def records():
        return (x * x).requires_grad

    outer = no_grad()
    with outer:
        with no_grad():
            assert not records()
        assert not records()
        with outer:  # the same object again
            assert not records()
        assert not records()
        with pytest.raises(ZeroDivisionError), no_grad():
            raise ZeroDivisionError
        assert not records()
    assert records()
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert records()


def test_no_grad_as_decorator():
    """A decorated function does not record, at any depth of recursion, and keeps its name and result."""
    x = Value(2.0)

    @no_grad()
    def power(n):
        return x * power(n - 1) if n else x * 1

    assert power.__name__ == "power"
    assert (power(3).data, power(3).requires_grad) == (16.0, False)
    assert (x * 1).requires_grad


def test_no_grad_is_per_thread():
    """A thread that does not record does not keep others from recording, nor the other way round."""
    x = Value(2.0)
    both_inside = threading.Barrier(2, timeout=10)
    recorded = {}

    def work(name, quiet):
        def look():
            both_inside.wait()
            recorded[name] = (x * x).requires_grad
            both_inside.wait()

        no_grad()(look)() if quiet else look()

    with no_grad():  # a new thread starts with recording on, whatever its maker does
        threads = [threading.Thread(target=work, args=a) for a in (("quiet", True), ("loud", False))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert recorded == {"quiet": False, "loud": True}


def test_a_decorated_function_runs_in_several_threads():
    """Each call of a decorated function restores what its own thread had, in whatever order they end."""
    x = Value(2.0)
    first_in, second_in, first_out = (threading.Event() for _ in range(3))
    recorded = []

    @no_grad()
    def meet(here, there):
        here.set()
        there.wait(10)

    def first():
        with no_grad():
            meet(first_in, second_in)
            recorded.append((x * x).requires_grad)
        first_out.set()

    def second():
        first_in.wait(10)
        meet(second_in, first_out)
        recorded.append((x * x).requires_grad)

    threads = [threading.Thread(target=f) for f in (first, second)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert recorded == [False, True]


def test_no_grad_is_per_task():
    """Async tasks that take turns inside and outside no_grad() do not disturb each other."""
    x = Value(2.0)
    recorded = {"quiet": [], "loud": []}

    async def work(name):
        for _ in range(3):
            await asyncio.sleep(0)
            recorded[name].append((x * x).requires_grad)

    async def quiet():
        with no_grad():
            await work("quiet")

    async def both():
        await asyncio.gather(quiet(), work("loud"))

    asyncio.run(both())
    assert recorded == {"quiet": [False] * 3, "loud": [True] * 3}


def test_threads_differentiate_at_once():
    """Backward passes through separate graphs run in parallel without disturbing each other."""
    results = {}

    def work(k):
        x = Value(float(k))
        chain(x * x, 5000).backward()
        results[k] = x.grad

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {k: 2.0 * k for k in range(8)}


def test_a_deep_graph_is_drawn():
    """Drawing does not recurse: 5,000 operations give as many boxes, as DOT text."""
    text = draw_graph(chain(Value(0.0), 5_000), fold=False).source
    assert text.count("->") == 2 * 5_000
