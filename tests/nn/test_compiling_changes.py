"""What may change between compiled steps, and what a trace may not leave behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import Value
from autograd.errors import TraceError, UnsupportedType

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 2))


def compiled(model: Any, loss: Any = "mse_loss", **options: Any) -> Any:
    return nn.compile(model, loss, nn.SGD(model.parameters(), lr=0.1, **options))


def linear(dtype: Any = np.float64) -> nn.Linear:
    return nn.Linear(3, 2, rng=0, dtype=dtype)


def step_of_engine(model: Any, optimizer: nn.SGD, x: Any = X, y: Any = Y) -> float:
    value = nn.mse_loss(model(x), y)
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
    return value.item()


# -- what is noticed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_parameters_are_frozen_and_thawed(momentum: float) -> None:
    """requires_grad may change between steps, either way."""
    models = [linear(), linear()]
    step = compiled(models[0], momentum=momentum)
    optimizer = nn.SGD(models[1].parameters(), lr=0.1, momentum=momentum)
    for frozen in (False, True, True, False):
        for model in models:
            model.weight.requires_grad = not frozen
        models[1].weight.zero_grad()
        assert_allclose(step(X, Y), step_of_engine(models[1], optimizer), rtol=1e-12)
        for p, q in zip(*(model.parameters() for model in models), strict=True):
            assert_allclose(p.data, q.data, rtol=1e-12)


def test_parameters_of_the_optimizer_may_change() -> None:
    """A parameter that is taken off the list is not trained any more, one that is added is."""
    model = linear()
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    step = nn.compile(model, "mse_loss", optimizer)
    step(X, Y)
    bias = optimizer.params.pop()
    before = bias.data.copy()
    step(X, Y)
    assert_array_equal(bias.data, before)
    optimizer.params.append(bias)
    step(X, Y)
    assert not np.array_equal(bias.data, before)


class Halved(nn.Module):
    """Like dropout: another function in training."""

    def forward(self, x: Any) -> Any:
        return x * 0.5 if self.training else x


@pytest.mark.parametrize("as_function", [False, True])
def test_the_mode_of_a_part(as_function: bool) -> None:
    """train() and eval() of a submodule, or of a module that a function holds, make another program."""
    model = nn.Sequential(linear(), Halved())
    optimizer = nn.SGD(model.parameters(), lr=1e-9)
    step = nn.compile((lambda x: model(x)) if as_function else model, "mse_loss", optimizer)
    for training in (True, False, True):
        model[1].train(training)
        assert_allclose(step(X, Y), nn.mse_loss(model(X), Y).item(), rtol=1e-6)


def test_new_numbers_of_a_frozen_part() -> None:
    """Parameters of a module that a function holds are read in each step, whoever trains them."""
    body, head = nn.Linear(3, 4, rng=0), nn.Linear(4, 2, rng=1)
    for p in body.parameters():
        p.requires_grad = False
    step = nn.compile(lambda x: head(body(x)), "mse_loss", nn.SGD(head.parameters(), lr=1e-9))
    for _ in range(2):
        assert_allclose(step(X, Y), nn.mse_loss(head(body(X)), Y).item(), rtol=1e-5)
        body.load_state_dict({name: 5 * x for name, x in body.state_dict().items()})


def test_leaves_that_nobody_trains() -> None:
    """A Value that requires a gradient and is not the optimizer's is read, and not changed."""
    a, b, c = Value(np.ones((3, 2))), Value(np.zeros(2)), Value(1.5)
    step = nn.compile(lambda x: c * (x @ a + b), "mse_loss", nn.SGD([a], lr=1e-9))
    for new in (0.0, 3.0):
        b.data = np.full(2, new)
        assert_allclose(step(X, Y), nn.mse_loss(c * (X @ a + b), Y).item(), rtol=1e-6)
    assert_array_equal(b.data, [3.0, 3.0])
    assert c.data == 1.5


# -- batches --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [list, tuple, Value, lambda x: Value(x, requires_grad=False)])
def test_batches_in_other_forms(form: Any) -> None:
    """Lists and Values are taken as arrays, as the engine takes them."""
    for dtype in (np.float32, np.float64):
        model, other = linear(dtype), linear(dtype)
        assert compiled(model)(form(X), form(Y)) == compiled(other)(X, Y)
        assert_array_equal(model.weight.data, other.weight.data)


def test_labels_in_a_list_make_one_program() -> None:
    """Other labels are other numbers, not another program."""
    step = compiled(nn.Linear(3, 2, rng=0), "cross_entropy")
    for labels in ([0, 1] * 3 + [0], [1] * 7):
        step(X, labels)
    assert len(step._made) == 1


def test_masked_batches_are_refused() -> None:
    """Also where a program for arrays of the shape is there already."""
    step = compiled(linear())
    step(X, Y)
    with pytest.raises(UnsupportedType, match="mask"):
        step(np.ma.masked_array(X, X > 0), Y)


@pytest.mark.parametrize("x", [Value(2.0), np.float64(2.0), np.array(2.0), 2])
@pytest.mark.parametrize("start", [0.5, np.float32(0.5)])
def test_a_number_as_batch(x: Any, start: Any) -> None:
    """A parameter that is a number keeps its type."""
    p = Value(start)
    nn.compile(lambda x: x * p, "squared_error", nn.SGD([p], lr=0.125))(x, 1.0)
    assert type(p.data) is type(start)
    assert p.data == 0.5


def test_half_precision_keeps_small_steps() -> None:
    """Gradients of float16 are not multiplied by the rate before they are there: they would vanish."""
    models = [linear(np.float16), linear(np.float16)]
    x, y = np.ones((2000, 3)), np.full((2000, 2), 50.0)
    optimizers = [nn.SGD(model.parameters(), lr=1e-4) for model in models]
    step = nn.compile(models[0], "mse_loss", optimizers[0])
    start = models[0].weight.data.copy()
    for _ in range(20):
        step(x, y)
        step_of_engine(models[1], optimizers[1], x, y)
    assert_allclose(models[0].weight.data, models[1].weight.data, rtol=1e-2)
    assert not np.array_equal(models[0].weight.data, start)


# -- names ----------------------------------------------------------------------------------------------


class Named(nn.Module):
    """Parameters under names that a program uses itself."""

    def __init__(self, *names: str) -> None:
        for name in names:
            setattr(self, name, nn.Parameter(np.ones((3, 2))))

    def forward(self, x: Any) -> Any:
        return sum(x @ p for p in self.parameters())


@pytest.mark.parametrize(
    "names", [("x",), ("y", "lr"), ("__x", "x_", "x"), ("np", "buffers", "float"), ("a", "velocity_a", "a_T")]
)
def test_names_that_meet(names: Any) -> None:
    """Parameters may be called like arguments, functions and each other."""
    model, other = Named(*names), Named(*(f"p{i}" for i in range(len(names))))
    steps = [compiled(m, momentum=0.9) for m in (model, other)]
    for _ in range(2):
        assert steps[0](X, Y) == steps[1](X, Y)


def test_labels_that_meet() -> None:
    """Values of a function too."""
    params = [Value(np.ones((3, 2)), label=label) for label in ("w", "w_2", "w")]
    step = nn.compile(lambda x: sum(x @ p for p in params), "mse_loss", nn.SGD(params, lr=0.1))
    assert_allclose(step(X, Y), nn.mse_loss(sum(X @ np.ones((3, 2)) for _ in params), Y), rtol=1e-12)


# -- randomness -----------------------------------------------------------------------------------------


class Dropout(nn.Module):
    """Keeps one of two."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def forward(self, x: Any) -> Any:
        return x * (self.rng.random(x.shape) < 0.5)


def test_modules_draw_anew_in_each_step() -> None:
    """A module's own generator is drawn from as the engine would, and can be replaced."""
    models = [nn.Sequential(linear(), Dropout(1)) for _ in range(2)]
    step = compiled(models[0])
    optimizer = nn.SGD(models[1].parameters(), lr=0.1)
    losses = set()
    for k in range(4):
        if k == 2:
            for model in models:
                model[1].rng = np.random.default_rng(7)
        found = step(X, Y)
        assert_allclose(found, step_of_engine(models[1], optimizer), rtol=1e-12)
        losses.add(found)
    assert len(losses) == 4
    assert models[0][1].rng.random() == models[1][1].rng.random()


def test_draws_from_elsewhere_are_refused() -> None:
    """A generator that the program cannot be given would draw the same numbers for ever."""
    rng = np.random.default_rng(0)
    model = linear()
    step = nn.compile(lambda x: model(x) * rng.normal(size=2), "mse_loss", nn.SGD(model.parameters(), lr=0.1))
    with pytest.raises(TraceError, match="generator"):
        step(X, Y)
    assert rng.normal() == np.random.default_rng(0).normal()


# -- what forward() and update() store --------------------------------------------------------------------


class Running(nn.Module):
    """Keeps a mean of its batches, as batch normalization does."""

    def __init__(self, how: str) -> None:
        self.how, self.mean, self.count, self.seen = how, np.zeros(3), 0, [0]
        self.w = nn.Parameter(np.ones((3, 2)))

    def forward(self, x: Any) -> Any:
        if self.how == "mean":
            self.mean = 0.9 * self.mean + 0.1 * x.mean(axis=0)
        elif self.how == "count":
            self.count += 1
        elif self.how == "seen":
            self.seen.append(1)
        elif self.how == "last":
            self.last = x @ self.w
        return x @ self.w


@pytest.mark.parametrize("how", ["mean", "count", "seen", "last"])
def test_a_forward_that_stores_is_refused(how: str) -> None:
    """A compiled step would not store again; the module is left as it was."""
    model = Running(how)
    with pytest.raises(TraceError, match=f"Running.{how} was changed"):
        compiled(model)(X, Y)
    assert (model.count, model.seen, hasattr(model, "last")) == (0, [0], False)
    assert_array_equal(model.mean, np.zeros(3))
    assert_array_equal(model.w.data, np.ones((3, 2)))
    assert model(X).shape == (7, 2)


class Heavy(nn.Optimizer):
    """Momentum with a state that compiled steps know nothing of."""

    def __init__(self, params: Any, lr: float, in_place: bool) -> None:
        super().__init__(params, lr)
        self.m = [0.0 * p.data for p in self.params]
        self.in_place = in_place

    def update(self, i: int, p: Value, g: Any) -> None:
        if self.in_place:
            self.m[i] *= 0.9
            self.m[i] += g
        else:
            self.m[i] = 0.9 * self.m[i] + g
        p.data = p.data - self.lr * self.m[i]


@pytest.mark.parametrize("in_place", [False, True])
def test_an_optimizer_with_a_state_of_its_own_is_refused(in_place: bool) -> None:
    """Its state would be that of the first step for ever; it is left as it was."""
    model = linear()
    optimizer = Heavy(model.parameters(), 0.1, in_place)
    with pytest.raises(TraceError, match=r"Heavy\.m was changed|written into an array"):
        nn.compile(model, "mse_loss", optimizer)(X, Y)
    assert all(type(m) is np.ndarray and not m.any() for m in optimizer.m)


def test_an_optimizer_with_a_step_of_its_own_is_refused() -> None:
    """A compiled step runs its updates alone."""

    class Clipped(nn.SGD):
        def step(self) -> None:
            super().step()

    model = linear()
    with pytest.raises(UnsupportedType, match=r"Clipped defines step\(\)"):
        nn.compile(model, "mse_loss", Clipped(model.parameters(), lr=0.1))


class Own(nn.Optimizer):
    """An update without a state."""

    def __init__(self, params: Any, lr: float, how: str) -> None:
        super().__init__(params, lr)
        self.how, self.rates = how, [1.0, np.float64(2.0)]

    def update(self, i: int, p: Value, g: Any) -> None:
        if self.how == "zeros":
            p.data = np.zeros_like(p.data)
        elif self.how == "out":
            np.subtract(p.data, self.lr * g, out=p.data)
        elif self.how == "rates":
            p.data = p.data - self.lr * self.rates[i] * g
        elif self.how == "swap" and i:
            q = self.params[0]
            p.data, q.data = q.data, p.data


@pytest.mark.parametrize("how", ["zeros", "out", "rates", "swap"])
@pytest.mark.parametrize("optimized", [True, False])
@pytest.mark.parametrize("order", ["C", "F"])
def test_updates_of_any_kind(how: str, optimized: bool, order: Any) -> None:
    """What an update sets is what the engine would set; numbers in lists may change between steps."""
    found = []
    for by_program in (True, False):
        params = [Value(np.array(x, order=order)) for x in (np.ones((3, 3)), np.arange(9.0).reshape(3, 3))]
        optimizer = Own(params, 0.1, how)
        step = nn.compile(lambda x, p=params: x @ p[0] @ p[1], "mse_loss", optimizer, optimized=optimized)
        for k in range(3):
            optimizer.rates[1] = 1.0 + k
            if by_program:
                step(X, X)
            else:
                optimizer.zero_grad()
                nn.mse_loss(X @ params[0] @ params[1], X).backward()
                optimizer.step()
        found.append([p.data for p in params])
    for p, q in zip(*found, strict=True):
        assert_allclose(p, q, rtol=1e-11)


# -- floats beside arrays -----------------------------------------------------------------------------------


@pytest.mark.parametrize("optimized", [True, False])
def test_floats_that_would_raise_leave_it_to_the_engine(optimized: bool) -> None:
    """The result is the IEEE one, and no half of an update was made before."""
    found = []
    for by_program in (True, False):
        k, W = Value(0.0), Value(np.ones((3, 2)))
        optimizer = nn.SGD([k, W], lr=0.1, momentum=0.9)

        def model(x: Any, k: Any = k, W: Any = W) -> Any:
            return np.tanh(x * np.sqrt(k) + x) @ W

        step = nn.compile(model, "mse_loss", optimizer, optimized=optimized)
        run = step if by_program else lambda x, y, m=model, o=optimizer: step_of_engine(m, o, x, y)
        with pytest.warns(RuntimeWarning):
            run(X, Y)
        found.append((k.data, W.data))
    assert found[0][0] == found[1][0]
    assert_allclose(found[0][1], found[1][1], rtol=1e-12)
