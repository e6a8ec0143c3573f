"""A compiled step makes the updates that the engine makes, in place, from one program."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import nn
from autograd import Value
from autograd.errors import ChainruleError, InvalidArgument, NoGradient, TraceError, UnsupportedType

LOSSES = ["cross_entropy", "mse_loss", "squared_error", "binary_cross_entropy_with_logits"]


def batch(loss: str, dtype: Any = np.float64, n: int = 6, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(dtype)
    if loss == "cross_entropy":
        return x, rng.integers(0, 3, n)
    if loss.startswith("binary"):
        return x, rng.uniform(size=(n, 3))
    return x, rng.normal(size=(n, 3))


def trained(
    loss: Any,
    compiled: bool,
    steps: int = 4,
    dtype: Any = np.float64,
    activation: str = "tanh",
    **options: Any,
) -> tuple[list[float], list[Any]]:
    """Losses and parameters after some steps, with a rate that changes on the way."""
    model = nn.MLP(4, [5, 3], activation=activation, rng=1, dtype=dtype)
    optimizer = nn.SGD(model.parameters(), lr=0.1, **options)
    step = nn.compile(model, loss, optimizer) if compiled else None
    losses = []
    for k in range(steps):
        x, y = batch(loss, dtype, seed=k)
        if step is not None:
            losses.append(step(x, y))
        else:
            value = nn.training.look_up("loss", loss, nn.losses.LOSSES)(model(x), y)
            losses.append(value.item())
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        optimizer.lr *= 0.9
    return losses, [p.data for p in model.parameters()]


def assert_same_training(loss: str, rtol: float = 1e-12, **options: Any) -> None:
    (ours, params), (theirs, expected) = (trained(loss, compiled, **options) for compiled in (True, False))
    assert_allclose(ours, theirs, rtol=rtol)
    for p, q in zip(params, expected, strict=True):
        assert p.dtype == q.dtype
        assert_allclose(p, q, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses(loss: str) -> None:
    """Every loss trains as it does without compiling."""
    assert_same_training(loss)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "leaky_relu", "linear", "softmax"])
def test_activations(activation: str) -> None:
    """Every activation trains as it does without compiling."""
    assert_same_training("cross_entropy", activation=activation)


@pytest.mark.parametrize(
    "options",
    [
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"momentum": 0.5, "dampening": 0.3},
        {"weight_decay": 0.1},
        {"momentum": 0.9, "weight_decay": 0.01},
    ],
)
def test_optimizers(options: dict[str, Any]) -> None:
    """Every form of gradient descent makes the engine's updates, its first step included."""
    assert_same_training("cross_entropy", **options)


def sources(optimized: bool = True, **options: Any) -> str:
    """The program of a step with some optimizer."""
    model = nn.MLP(4, [5, 3], rng=1)
    step = nn.compile(model, "cross_entropy", nn.SGD(model.parameters(), **options), optimized=optimized)
    step(*batch("cross_entropy"))
    return step.source


def test_plain_descent_scales_gradients_once() -> None:
    """The learning rate comes in where the gradient starts, else at each parameter."""
    text = sources()
    assert len(re.findall(r"\blr\b", text)) == 3  # the argument, a note, one product
    assert "# (every gradient is multiplied by lr)" in text
    for other in (sources(momentum=0.9), sources(weight_decay=0.1), sources(optimized=False)):
        assert len(re.findall(r"\blr\b", other)) == 1 + 4
        assert "multiplied by" not in other


def test_optimizers_of_others_get_gradients_as_they_are() -> None:
    """A subclass may do with a gradient what it likes."""

    class Signs(nn.SGD):
        def update(self, i: int, p: Value, g: Any) -> None:
            super().update(i, p, np.sign(g))

    model = nn.MLP(4, [3], rng=1)
    step = nn.compile(model, "mse_loss", Signs(model.parameters(), lr=0.25))
    before = [p.data.copy() for p in model.parameters()]
    step(*batch("mse_loss", np.float32))
    for p, old in zip(model.parameters(), before, strict=True):
        assert_allclose(np.abs(p.data - old), 0.25, rtol=1e-5)


def test_single_precision() -> None:
    """Parameters of float32 stay so, and losses agree to its rounding."""
    assert_same_training("cross_entropy", rtol=2e-6, dtype=np.float32, momentum=0.9)


def test_neurons() -> None:
    """Networks of single neurons, whose parameters are floats, are updated too."""
    x, y = batch("mse_loss")
    results = []
    for compiled in (True, False):
        model = nn.MLP(4, [3, 3], activation="tanh", neurons=True, rng=1)
        optimizer = nn.SGD(model.parameters(), lr=0.1, momentum=0.5)
        step = nn.compile(model, "mse_loss", optimizer)
        for _ in range(3):
            if compiled:
                step(x, y)
            else:
                optimizer.zero_grad()
                nn.mse_loss(model(x), y).backward()
                optimizer.step()
        results.append([p.data for p in model.parameters()])
    assert all(type(p) is float for p in results[0])
    assert_allclose(*results, rtol=1e-6)  # the targets are rounded to float32, and sums with them


def weighted(params: list[Value], x: Any) -> Any:
    """Of a number, an array and a number of float32; another number is not used."""
    _, a, b, c = params
    return a * a + (b * x).sum() * c


@pytest.mark.parametrize("optimized", [True, False])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_numbers_beside_arrays(momentum: float, optimized: bool) -> None:
    """Parameters that are numbers are changed too, of each type, and those that have no gradient are not."""
    found = []
    for compiled in (True, False):
        params = [Value(2.0), Value(3.0), Value(np.ones(3)), Value(np.float32(1.5))]
        optimizer = nn.SGD(params, lr=0.1, momentum=momentum)
        step = nn.compile(
            lambda x, p=params: weighted(p, x), lambda y, t: y - t, optimizer, optimized=optimized
        )
        losses = []
        for k in range(3):
            x = np.full(3, 1.0 + k)
            if compiled:
                losses.append(step(x, 1.0))
            else:
                value = weighted(params, x) - 1.0
                losses.append(value.item())
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
        found.append((losses, [p.data for p in params]))
    (ours, changed), (theirs, expected) = found
    assert_allclose(ours, theirs, rtol=1e-6)
    assert [type(x) for x in changed] == [type(x) for x in expected]
    for x, y in zip(changed, expected, strict=True):
        assert_allclose(x, y, rtol=1e-6)


@pytest.mark.parametrize("optimized", [True, False])
@pytest.mark.parametrize(
    ("start", "loss", "end"),
    [
        (2.0, lambda w: w, 1.9),
        (2.0, lambda w: w * 1.0, 1.9),
        ([2.0, 1.0], lambda w: w[0], [1.9, 1.0]),
        ([[2.0]], lambda w: w.reshape(()), [[1.9]]),
    ],
)
def test_a_loss_that_is_a_parameter_is_that_before_the_update(
    start: Any, loss: Any, end: Any, optimized: bool
) -> None:
    """What a step gives is not changed by the step."""
    w = Value(start, label="w")
    step = nn.compile(lambda x: loss(w), lambda y, t: y, nn.SGD([w], lr=0.1), optimized=optimized)
    assert step(0.0, 0.0) == 2.0
    assert_allclose(w.data, end, rtol=1e-15)
    assert step.source.index("# forward") < step.source.index("# update")


def test_a_loss_without_parameters_is_refused() -> None:
    """As backward() refuses it."""
    optimizer = nn.SGD([Value(1.0)], lr=0.1)
    for model in (lambda x: Value(3.0), lambda x: Value(x, requires_grad=False).sum()):
        with pytest.raises(NoGradient, match="no parameter"):
            nn.compile(model, lambda y, t: y, optimizer)(np.ones(2), 0.0)


def test_overflowing_numbers_are_left_to_the_engine() -> None:
    """Where Python's floats raise, single neurons are updated as the engine does, with its warning."""
    w = Value(800.0, label="w")

    def loss(prediction: Any, target: Any) -> Any:
        return np.exp(prediction) - target

    step = nn.compile(lambda x: w * x, loss, nn.SGD([w], lr=0.1))
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert step(1.0, 2.0) == np.inf
    assert w.data == -np.inf


def test_arrays_are_changed_in_place() -> None:
    """A parameter keeps its array, and a graph that used the old numbers is refused."""
    x, y = batch("cross_entropy")
    model = nn.MLP(4, [3], rng=1, dtype=np.float64)
    step = nn.compile(model, "cross_entropy", nn.SGD(model.parameters(), lr=0.1))
    before = [p.data for p in model.parameters()]
    value = nn.cross_entropy(model(x), y)
    step(x, y)
    assert all(p.data is q for p, q in zip(model.parameters(), before, strict=True))
    with pytest.raises(ChainruleError, match="was changed"):
        value.backward()


def test_replaced_parameters_are_trained() -> None:
    """Numbers that are set between steps are updated, of another type or order in memory too."""
    x, y = batch("cross_entropy")
    results = []
    for compiled in (True, False):
        model = nn.MLP(4, [3], rng=1, dtype=np.float64)
        weight = model.parameters()[0]
        optimizer = nn.SGD(model.parameters(), lr=0.1, momentum=0.5)
        step = nn.compile(model, "cross_entropy", optimizer)
        for order, dtype in (("F", np.float64), ("C", np.float64), ("C", np.float32), ("F", np.float32)):
            weight.data = np.array(weight.data, dtype, order=order) * 2
            if compiled:
                step(x, y)
            else:
                value = nn.cross_entropy(model(x), y)
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
            assert weight.data.dtype == dtype
        results.append(weight.data)
    assert_allclose(*results, rtol=1e-6)


def test_weights_in_either_order() -> None:
    """Layers keep weights column by column, and a step works on them as they lie: no update is transposed."""
    x, y = batch("cross_entropy")
    sources = []
    for order in ("C", "F"):
        model = nn.Linear(4, 3, rng=1, dtype=np.float64)
        assert model.weight.data.flags.f_contiguous
        model.weight.data = np.array(model.weight.data, order=order)
        step = nn.compile(model, "cross_entropy", nn.SGD(model.parameters(), lr=0.1))
        before = step(x, y)
        assert step(x, y) < before
        sources.append(step.source)
    in_rows, in_columns = sources
    assert all(part in in_rows for part in ("x.dot(weight.T, ", ".T.dot(x, "))
    assert all(part in in_columns for part in ("x.dot(weight_T, ", "x.T.dot("))
    assert all(".T, out" not in source for source in sources)


def test_new_program_for_new_shapes() -> None:
    """Another batch length, or another hyperparameter, gets a program of its own."""
    calls = []

    class Counted(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(4, 3, rng=0, dtype=np.float64)

        def forward(self, x: Any) -> Any:
            calls.append(x.shape)
            return self.layer(x)

    model = Counted()
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    step = nn.compile(model, "cross_entropy", optimizer)
    for n in (6, 6, 3, 6, 3):
        step(*batch("cross_entropy", n=n))
    assert calls == [(6, 4), (3, 4)]
    optimizer.weight_decay = 0.1
    step(*batch("cross_entropy"))
    assert calls == [(6, 4), (3, 4), (6, 4)]


def test_parameters_outside_the_optimizer_stay() -> None:
    """What the optimizer does not hold is read, and read anew, but never changed."""
    x, y = batch("cross_entropy")
    model = nn.MLP(4, [5, 3], rng=1, dtype=np.float64)
    first, *rest = model.parameters()
    step = nn.compile(model, "cross_entropy", nn.SGD(rest, lr=0.1))
    before, loss = first.data.copy(), step(x, y)
    assert (first.data == before).all()
    first.data = first.data + 1.0
    assert abs(step(x, y) - loss) > 1e-3
    assert (first.data == before + 1.0).all()


def test_bad_input_leaves_everything() -> None:
    """Labels out of range, other shapes and looks at numbers are errors; parameters stay as they were."""
    x, y = batch("cross_entropy")
    model = nn.MLP(4, [3], rng=1, dtype=np.float64)
    step = nn.compile(model, "cross_entropy", nn.SGD(model.parameters(), lr=0.1))
    step(x, y)
    before = [p.data.copy() for p in model.parameters()]
    for labels, text in [
        (y + 3, "out of range"),
        (y - 9, "out of range"),
        (y[:2], "shape"),
        (y * 1.0, "integers"),
    ]:
        with pytest.raises(ChainruleError, match=text):
            step(x, labels)
    with pytest.raises(ChainruleError, match="features"):
        step(x[:, :2], y)
    assert all((p.data == q).all() for p, q in zip(model.parameters(), before, strict=True))

    def looks(z: Any) -> Any:
        return model(z) if (model(z) > 0).all() else -model(z)

    with pytest.raises(TraceError, match=r"line \d+ of test_compiling.py, in looks"):
        nn.compile(looks, "cross_entropy", nn.SGD(model.parameters(), lr=0.1))(x, y)
    assert all((p.data == q).all() for p, q in zip(model.parameters(), before, strict=True))
    assert all(isinstance(p.data, np.ndarray) for p in model.parameters())


def test_arguments() -> None:
    """What is no model, loss or optimizer is refused by name; there is no source before a call."""
    model = nn.MLP(4, [3], rng=1)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    with pytest.raises(UnsupportedType, match="model"):
        nn.compile(3, "mse_loss", optimizer)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedType, match="optimizer"):
        nn.compile(model, "mse_loss", 0.1)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="did you mean 'mse_loss'"):
        nn.compile(model, "mse_los", optimizer)
    with pytest.raises(InvalidArgument, match="call it once"):
        _ = nn.compile(model, "mse_loss", optimizer).source
    with pytest.raises(UnsupportedType, match="scalar"):
        nn.compile(model, lambda p, t: p, optimizer)(*batch("mse_loss"))


def test_source_names_parameters() -> None:
    """The program reads as one would write it: parameters by name, passes in order."""
    model = nn.MLP(4, [5, 3], rng=1)
    step = nn.compile(model, "cross_entropy", nn.SGD(model.parameters(), lr=0.1), optimized=False)
    step(*batch("cross_entropy"))
    text = step.source
    parts = ("layer0_weight.T", "# forward", "# backward", "dlayer0_weight", "# update")
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_saved_program_runs_alone(tmp_path: Path) -> None:
    """The file runs where this library is not, and gives the loss that the step gave."""
    x, y = batch("cross_entropy")
    model = nn.MLP(4, [5, 3], rng=1, dtype=np.float64)
    step = nn.compile(model, "cross_entropy", nn.SGD(model.parameters(), lr=0.1))
    params = [p.data.copy() for p in model.parameters()]
    losses = [step(x, y), step(x, y)]
    np.savez(tmp_path / "data.npz", x, y, *params)
    step.save(tmp_path / "backprop.py")
    code = (
        "import sys; sys.path.insert(0, '.'); import numpy as np; import backprop\n"
        "data = np.load('data.npz'); x, y, *params = [data[k] for k in data.files]\n"
        "print(*[float(backprop.step(x, y, 0.1, *params)[0]) for _ in range(2)])\n"
        "assert 'autograd' not in sys.modules and 'nn' not in sys.modules"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert_allclose([float(part) for part in run.stdout.split()], losses, rtol=1e-15)


def test_a_function_as_model() -> None:
    """A model may be a function of a batch; its parameters are the optimizer's."""
    x, y = batch("mse_loss")
    w = Value(np.zeros((4, 3)), label="w")
    step = nn.compile(lambda z: z @ w, "mse_loss", nn.SGD([w], lr=0.5))
    assert step(x, y) > step(x, y) > step(x, y)


MODULES = {
    "linear": lambda: nn.Linear(4, 3, rng=0, dtype=np.float64),
    "layer": lambda: nn.Layer(4, 3, "tanh", rng=0, dtype=np.float64),
    "layer of neurons": lambda: nn.Layer(4, 3, "tanh", neurons=True, rng=0, dtype=np.float64),
    **{
        kind.__name__: lambda kind=kind: nn.Sequential(
            nn.Linear(4, 5, rng=0, dtype=np.float64), kind(), nn.Linear(5, 3, rng=1, dtype=np.float64)
        )
        for kind in (nn.Tanh, nn.ReLU, nn.Sigmoid, nn.LeakyReLU, nn.Softmax, nn.BinaryStep, nn.Identity)
    },
}


@pytest.mark.parametrize("name", MODULES)
def test_modules(name: str) -> None:
    """Every module, alone or in a network, trains as it does without compiling."""
    x, y = batch("mse_loss")
    (first, second), losses = (MODULES[name](), MODULES[name]()), []
    step = nn.compile(first, nn.MSELoss(), nn.SGD(first.parameters(), lr=0.1))
    optimizer = nn.SGD(second.parameters(), lr=0.1)
    for _ in range(3):
        value = nn.mse_loss(second(x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append((step(x, y), value.item()))
    assert_allclose(*np.transpose(losses), rtol=1e-12)
    for p, q in zip(first.parameters(), second.parameters(), strict=True):
        assert_allclose(p.data, q.data, rtol=1e-12, atol=1e-14)
