"""SGD against the algorithm in PyTorch's documentation; what an optimizer leaves alone; its warning."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

import nn
from autograd import Value
from autograd.errors import AccumulatedGradientWarning
from nn import MLP, SGD, Optimizer, Parameter, squared_error
from nn.optim import BLOCK

STARTS = {"scalar": 3.0, "array": [3.0, 2.0, -1.0]}
every_start = pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)


def cost(p):
    return ((p - 1.0) ** 4).sum()


def slope(p):
    """The derivative of cost(p), by hand."""
    return 4 * (p - 1.0) ** 3


def documented(p, steps, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False):
    """SGD as https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html has it, line by line."""
    p, b, path = np.array(p), None, []
    for t in range(1, steps + 1):
        g = slope(p)
        if weight_decay != 0:
            g = g + weight_decay * p
        if momentum != 0:
            b = momentum * b + (1 - dampening) * g if t > 1 else g
            g = g + momentum * b if nesterov else b
        p = p - lr * g
        path.append(p)
    return path


OPTIONS = [
    {"momentum": m, "dampening": d, "weight_decay": w, "nesterov": n}
    for m, d, w, n in itertools.product((0.0, 0.9), (0.0, 0.3), (0.0, 0.1), (False, True))
    if not n or (m and not d)
]


@every_start
@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: " ".join(k for k, v in o.items() if v) or "plain")
def test_sgd_is_the_documented_algorithm(start, options):
    """Ten steps go through the numbers of the documented algorithm, for scalars and arrays."""
    p = Value(start)
    optimizer = SGD([p], lr=0.01, **options)
    for expected in documented(start, 10, lr=0.01, **options):
        optimizer.zero_grad()
        cost(p).backward()
        optimizer.step()
        np.testing.assert_allclose(p.data, expected, rtol=1e-13)


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: " ".join(k for k, v in o.items() if v) or "plain")
def test_large_arrays_take_the_same_steps(options, layout):
    """An array that is updated in blocks takes the documented steps, however its gradient lies in memory."""
    start = np.random.default_rng(0).normal(size=(300, 2 * BLOCK // 300 + 7))
    p = Value(start)
    optimizer = SGD([p], lr=0.01, **options)
    for expected in documented(start, 3, lr=0.01, **options):
        g = slope(p.data)
        p.grad = g
        p._grad = held = g.copy() if layout == "rows" else np.asfortranarray(g)
        optimizer.step()
        np.testing.assert_allclose(p.data, expected, rtol=1e-12)
        np.testing.assert_array_equal(held, g)


def test_several_parameters_have_a_velocity_each():
    """Parameters are changed independently, each with its own momentum."""
    parameters = [Value(start) for start in STARTS.values()]
    optimizer = SGD(parameters, lr=0.01, momentum=0.9)
    for _ in range(5):
        optimizer.zero_grad()
        (cost(parameters[0]) + cost(parameters[1])).backward()
        optimizer.step()
    for p, start in zip(parameters, STARTS.values(), strict=True):
        np.testing.assert_allclose(p.data, documented(start, 5, lr=0.01, momentum=0.9)[-1], rtol=1e-13)


def test_defaults():
    """The defaults are PyTorch's."""
    optimizer = SGD([Value(1.0)])
    found = [getattr(optimizer, name) for name in ("lr", "momentum", "dampening", "weight_decay", "nesterov")]
    assert found == [1e-3, 0, 0, 0, False]


def test_learning_rate_may_be_changed():
    """A rate set between steps holds from the next step on, and is checked as at first."""
    p = Value(1.0)
    optimizer = SGD([p], lr=0.5)
    for lr, expected in [(0.5, 0.5), (0.25, 0.25), (np.float32(0.125), 0.125)]:
        optimizer.lr = lr
        p.grad = 1.0
        optimizer.step()
        assert p.data == expected
    with pytest.raises(ValueError, match="must be finite and above 0"):
        optimizer.lr = -1.0
    assert optimizer.lr == 0.125


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtype_stays(dtype):
    """A step changes numbers, not their type, with any option."""
    p = Parameter(np.ones(3, dtype))
    optimizer = SGD([p], lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True)
    for _ in range(2):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
        assert p.dtype == dtype


def test_parameters_without_gradient_are_left_alone():
    """A parameter that the loss does not depend on stays, even with weight decay and momentum."""
    used, unused = Value(2.0), Value([3.0])
    optimizer = SGD([used, unused], lr=0.1, momentum=0.9, weight_decay=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (used * used).backward()
        optimizer.step()
    assert unused.data.tolist() == [3.0]
    assert unused.grad is None
    assert used.data != 2.0


def test_zero_grad_clears_what_the_optimizer_holds():
    """Only the optimizer's own parameters are cleared; no gradient is no error."""
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    (a * b).backward()
    SGD([a, c]).zero_grad()
    assert (a.grad, b.grad, c.grad) == (None, 1.0, None)


def test_a_gradient_changed_in_place_does_not_reach_the_velocity():
    """The momentum of a step is that of its gradient, whatever is written into .grad afterwards."""
    p = Value([0.0, 0.0])
    optimizer = SGD([p], lr=1.0, momentum=0.5)
    p.grad = [1.0, 1.0]
    optimizer.step()
    p.grad[:] = 0.0
    optimizer.step()
    assert p.data.tolist() == [-1.5, -1.5]


@every_start
def test_recorded_gradients(start):
    """After backward(create_graph=True), whose gradients are Values, a step is the same."""
    p = Value(start)
    cost(p).backward(create_graph=True)
    SGD([p], lr=0.01, momentum=0.9, weight_decay=0.1).step()
    np.testing.assert_allclose(p.data, documented(start, 1, lr=0.01, momentum=0.9, weight_decay=0.1)[0])
    p.zero_grad()  # the cycle of a recorded gradient


def test_an_optimizer_of_ones_own():
    """A subclass defines update, and has the rest from the base."""

    class SignDescent(Optimizer):
        def update(self, i, p, g):  # noqa: ARG002
            p.data -= self.lr * np.sign(g)

    p = Value([1.0, -4.0])
    (p * p).sum().backward()
    SignDescent([p], lr=0.5).step()
    assert p.data.tolist() == [0.5, -3.5]
    with pytest.raises(NotImplementedError, match=r"Optimizer defines no update\(self, i, p, g\)"):
        Optimizer([p], lr=1.0).step()


# -- the warning of sums that nobody asked for -----------------------------------------------


def twice_through_one_graph(w, optimizer):
    loss = w * w
    loss.backward()
    loss.backward()
    optimizer.step()


def forgotten_zero_grad(w, optimizer):
    for _ in range(2):
        (w * w).backward()
        optimizer.step()


CAUSES = {
    twice_through_one_graph: "backward() ran twice through the same graph",
    forgotten_zero_grad: "the gradient of an earlier step was not cleared",
}


@pytest.mark.parametrize(("train", "cause"), CAUSES.items(), ids=lambda c: getattr(c, "__name__", ""))
def test_unasked_sum_warns_with_its_cause(train, cause):
    """A step on a sum that nobody asked for warns once, at the line of the step, and names the cause."""
    w = Value(1.0, label="w")
    with pytest.warns(AccumulatedGradientWarning) as caught:
        train(w, SGD([w], lr=0.1))
    (warning,) = caught
    assert str(warning.message) == (
        f"this step used a sum of gradients (of Value 'w', for one): {cause}. "
        "Call zero_grad() before backward()"
    )
    assert warning.filename == __file__


def test_one_warning_for_a_whole_model():
    """Many parameters with the same cause share one warning."""
    model = MLP(2, [3, 1], neurons=True, rng=0)
    optimizer = SGD(model.parameters(), lr=0.01)
    loss = squared_error(model(np.ones((4, 2))), np.ones((4, 1)))
    loss.backward()
    loss.backward()
    with pytest.warns(AccumulatedGradientWarning) as caught:
        optimizer.step()
    assert len(caught) == 1
    optimizer.zero_grad()
    squared_error(model(np.ones((4, 2))), np.ones((4, 1))).backward()
    optimizer.step()  # cleared: no further warning, which would be an error here


def set_gradient(w, optimizer):
    for _ in range(2):
        w.grad = 2.0
        optimizer.step()


def several_losses(w, optimizer):
    for _ in range(2):
        optimizer.zero_grad()
        for _ in range(3):  # the gradient of a large batch, in parts
            (w * w).backward()
        optimizer.step()


def several_steps_of_one_gradient(w, optimizer):
    (w * w).backward()
    optimizer.step()
    optimizer.step()


def clipped(w, optimizer):
    for _ in range(2):
        optimizer.zero_grad()
        (w * w).backward()
        w.grad = min(w.grad, 1.0)
        optimizer.step()


def cleared_by_setting_none(w, optimizer):
    for _ in range(2):
        w.grad = None
        (w * w).backward()
        optimizer.step()


def cleared_by_setting_zero(w, optimizer):
    for _ in range(2):
        w.grad = 0.0
        (w * w).backward()
        optimizer.step()


def averaged(w, optimizer):
    loss = w * w
    for _ in range(4):
        loss.backward()
    w.grad = w.grad / 4
    optimizer.step()


USES = [
    set_gradient, several_losses, several_steps_of_one_gradient, clipped, cleared_by_setting_none,
    cleared_by_setting_zero, averaged,
]  # fmt: skip


@pytest.mark.parametrize("train", USES, ids=lambda f: f.__name__)
def test_deliberate_use_does_not_warn(train):
    """Setting .grad, summing over the parts of a batch, stepping twice and clipping are no mistakes."""
    w = Value(1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(w, SGD([w], lr=0.1))
    assert w.data < 1.0


def test_velocity_of_another_shape():
    """A parameter that was given another shape starts without a velocity, and keeps its shape."""
    p = Parameter(np.ones(3))
    optimizer = SGD([p], lr=0.1, momentum=0.9)
    for data in (np.ones(3), 2.0, np.ones((2, 3)), 2.0):
        p.data, p.grad = data, np.ones(np.shape(data))
        optimizer.step()
        np.testing.assert_allclose(p.data, np.subtract(data, 0.1))


def test_repr():
    """An optimizer shows its settings as they are now."""
    optimizer = SGD([Value(1.0)], lr=0.1, momentum=0.9)
    optimizer.lr = 0.05
    assert repr(optimizer) == (
        "SGD(1 parameter, lr=0.05, momentum=0.9, dampening=0.0, weight_decay=0.0, nesterov=False)"
    )
    other = Optimizer([Value(1.0), Value(2.0)], lr=1.0)
    other.betas, other.moments, other._steps = (0.9, 0.999), [np.ones(3)], 3
    assert repr(other) == "Optimizer(2 parameters, lr=1.0, betas=(0.9, 0.999))"


@pytest.mark.parametrize("compiled", [False, True])
def test_velocities_belong_to_parameters(compiled):
    """After a change of the optimizer's list, each parameter goes on with its own velocity."""
    p, q, r = (Parameter(np.array([float(i), 1.0])) for i in range(3))
    optimizer = SGD([p, q], lr=0.1, momentum=0.5)
    weight = {p: 1.0, q: 10.0, r: 100.0}  # the gradients

    def loss(_, t):
        return sum((v * weight[v]).sum() for v in weight) + 0.0 * t.sum()

    def eager(x, t):
        optimizer.zero_grad()
        loss(x, t).backward()
        optimizer.step()

    step = nn.compile(lambda x: x, loss, optimizer) if compiled else eager
    velocity = dict.fromkeys(weight, 0.0)
    for params in ([p, q], [q], [r, q], [q, p, r]):
        optimizer.params[:] = params
        expected = {v: v.data.copy() for v in weight}
        for v in params:
            velocity[v] = 0.5 * velocity[v] + weight[v]
            expected[v] -= 0.1 * velocity[v]
        step(np.ones(2), np.ones(2))
        for v in weight:
            np.testing.assert_allclose(v.data, expected[v], rtol=1e-12)
