"""fit: the loop, its batches, when it ends, what it refuses to go on with, and what it prints."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest

import nn
from autograd import Value
from nn import MLP, SGD, History, Linear, NonFiniteLoss, fit, mse_loss, progress

N = 10
X = np.linspace(-1, 1, N).reshape(N, 1)
T = 3 * X - 1


def model():
    return MLP(1, [4, 1], "tanh", dtype=np.float64, rng=0)


def train(net, *, lr=0.1, loss="mse_loss", data=(X, T), epochs=5, **options):
    return fit(net, loss, data, SGD(net.parameters(), lr=lr, momentum=0.9), epochs=epochs, **options)


def numbers(net):
    return {path: array.tolist() for path, array in net.state_dict().items()}


class Spy:
    """A model that notes the inputs of each batch."""

    def __init__(self):
        self.net, self.seen = Linear(1, 1, dtype=np.float64, rng=0), []

    def __call__(self, x):
        self.seen.append(x[:, 0].tolist())
        return self.net(x)

    def epochs(self, **options):
        """The batches of each of three epochs."""
        fit(self, "mse_loss", (X, T), SGD(self.net.parameters(), lr=0.01), epochs=3, **options)
        per_epoch = len(self.seen) // 3
        return [self.seen[i * per_epoch : (i + 1) * per_epoch] for i in range(3)]


def in_order(size):
    return [X[i : i + size, 0].tolist() for i in range(0, N, size)]


def test_a_full_batch_is_the_loop_written_by_hand():
    """Without batches an epoch is forward, error, backpropagation and update, on all samples in order."""
    by_hand, fitted = model(), model()
    optimizer = SGD(by_hand.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(5):
        loss = mse_loss(by_hand(X), T)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert train(fitted) == History(losses, "epochs")
    assert numbers(fitted) == numbers(by_hand)


def test_batches_are_the_loop_written_by_hand():
    """With batches there is an update for each, and the loss of an epoch is the mean over its samples."""
    by_hand, fitted = model(), model()
    optimizer = SGD(by_hand.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(5):
        parts = []
        for start in range(0, N, 4):
            x, t = X[start : start + 4], T[start : start + 4]
            loss = mse_loss(by_hand(x), t)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            parts += [loss.item()] * len(x)
        losses.append(np.mean(parts))
    history = train(fitted, batch_size=4, shuffle=False)
    np.testing.assert_allclose(history.losses, losses, rtol=1e-14)
    assert numbers(fitted) == numbers(by_hand)


@pytest.mark.parametrize(
    ("size", "lengths"), [(1, [1] * 10), (3, [3, 3, 3, 1]), (5, [5, 5]), (10, [10]), (99, [10])]
)
@pytest.mark.parametrize("shuffle", [True, False])
def test_batches_cover_every_sample_once_an_epoch(size, lengths, shuffle):
    """Each epoch goes through all samples, in batches of the size and a shorter last one."""
    for batches in Spy().epochs(batch_size=size, shuffle=shuffle, rng=0):
        assert [len(batch) for batch in batches] == lengths
        assert sorted(sum(batches, [])) == X[:, 0].tolist()  # noqa: RUF017


def test_order_is_drawn_from_rng():
    """Each epoch has a new order, which the seed fixes; shuffle=False keeps the order of the data."""
    first, again = Spy().epochs(batch_size=3, rng=1), Spy().epochs(batch_size=3, rng=np.random.default_rng(1))
    assert first == again != Spy().epochs(batch_size=3, rng=2)
    assert len({str(epoch) for epoch in [*first, in_order(3)]}) == 4
    assert Spy().epochs(batch_size=3, shuffle=False) == [in_order(3)] * 3
    assert Spy().epochs(rng=1) == [in_order(N)] * 3


def test_global_random_state_is_untouched():
    """NumPy's global generator is neither read nor moved."""
    np.random.seed(0)  # noqa: NPY002
    Spy().epochs(batch_size=3)
    moved = np.random.random()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    assert moved == np.random.random()  # noqa: NPY002


def test_inputs_and_targets_stay_together():
    """A shuffled sample keeps its target: the relation is learnt."""
    net = Linear(1, 1, dtype=np.float64, rng=0)
    train(net, batch_size=2, epochs=200, lr=0.02, rng=0)
    assert (net.weight.item(), net.bias.item()) == pytest.approx((3, -1), abs=1e-6)


@pytest.mark.parametrize("tolerance", [1.0, 1e-2, 1e-4])
def test_tolerance(tolerance):
    """Training ends after the first epoch whose loss is below the tolerance."""
    history = train(model(), epochs=5000, tolerance=tolerance)
    assert history.stopped == "tolerance"
    assert history.losses[-1] < tolerance <= min(history.losses[:-1])
    assert history.losses == train(model(), epochs=len(history.losses)).losses


def test_tolerance_that_is_not_reached():
    """Then the number of epochs ends it, as it does for a tolerance of zero."""
    history = train(Linear(1, 1, dtype=np.float64, rng=0), epochs=7, tolerance=0.0)
    assert (len(history.losses), history.stopped) == (7, "epochs")


def test_default_history():
    """A history starts empty, and no two share their losses."""
    assert History() == History([], "epochs")
    assert History().losses is not History().losses


@pytest.mark.parametrize("loss", ["mse_loss", mse_loss, nn.MSELoss(), lambda y, t: ((y - t) ** 2).mean()])
def test_kinds_of_loss(loss):
    """A loss is a name, a function or a module."""
    assert train(model(), loss=loss).losses == pytest.approx(train(model()).losses)


@pytest.mark.parametrize(
    "data",
    [(X.tolist(), T.tolist()), [X, T], (Value(X), Value(T)), (X, Value(T, requires_grad=False))],
    ids=["lists", "a list of two", "Values", "a constant"],
)
def test_kinds_of_data(data):
    """Data are arrays, lists or Values, in a pair."""
    assert train(model(), data=data).losses == train(model()).losses


def test_class_numbers_as_targets():
    """Integer targets stay integers, as cross-entropy needs them."""
    net = MLP(1, [8, 2], "tanh", rng=0)
    train(net, loss="cross_entropy", data=(X, (X[:, 0] > 0).astype(int)), epochs=100, batch_size=5, rng=0)
    assert (net(X).data.argmax(axis=1) == (X[:, 0] > 0)).all()


# -- what is not finite ----------------------------------------------------------------------


class Breaks(nn.Module):
    """A linear model whose output is infinite at its n-th call."""

    def __init__(self, at):
        self.layer, self.calls, self.at = Linear(1, 1, dtype=np.float64, rng=0), 0, at

    def forward(self, x):
        self.calls += 1
        y = self.layer(x)
        if self.calls == self.at:
            y = np.exp(y + 1000.0)
            y.label = "broken"
        self.before = numbers(self.layer)
        return y


@pytest.mark.parametrize(("at", "epoch", "batch"), [(1, 1, 1), (3, 1, 3), (5, 2, 2), (7, 3, 1)])
def test_non_finite_loss(at, epoch, batch):
    """The error names epoch, batch and the first Value that is not finite; that batch updates nothing."""
    net = Breaks(at)
    net.eval()
    with np.errstate(all="ignore"), pytest.raises(NonFiniteLoss) as caught:
        train(net, batch_size=4, rng=0)
    error = caught.value
    assert str(error) == (
        f"the loss is inf in epoch {epoch}, batch {batch}: the first Value that is not finite is "
        f"Value 'broken' of shape {error.value.shape}. The update was not made; try a smaller learning rate"
    )
    assert (error.epoch, error.batch, error.value.label) == (epoch, batch, "broken")
    assert len(error.history.losses) == epoch - 1
    assert isinstance(error, ArithmeticError)
    assert numbers(net.layer) == net.before
    assert not net.training


def test_diverging_run_ends_with_non_finite_loss():
    """A rate that is far too large ends in this error, not in a model full of NaN."""
    net = Linear(1, 1, rng=0)
    with np.errstate(all="ignore"), pytest.raises(NonFiniteLoss, match="try a smaller learning rate"):
        train(net, lr=1e30, epochs=100)
    assert all(np.isfinite(p.data).all() for p in net.parameters())


def test_non_finite_loss_can_be_sent():
    """The error comes through a pickle, as from a worker process, with all that it says."""
    error = NonFiniteLoss(Value(np.inf, label="E"), 2, 3, History([1.0]))
    twin = pickle.loads(pickle.dumps(error))
    assert (str(twin), twin.epoch, twin.batch, twin.history) == (str(error), 2, 3, History([1.0]))
    assert twin.value.label == "E"


# -- modes -----------------------------------------------------------------------------------


def test_training_mode_during_and_own_modes_after():
    """Every module trains while fit runs, and has its own mode again afterwards, also after an error."""
    modes = []

    class Watched(Linear):
        def forward(self, x):
            modes.append(self.training)
            if fail:
                raise KeyError
            return super().forward(x)

    net = nn.Sequential(Watched(1, 2, rng=0), Watched(2, 1, rng=0))
    net[0].eval()
    fail = False
    train(net, epochs=2)
    fail = True
    with pytest.raises(KeyError):
        train(net)
    assert modes == [True] * 5
    assert [module.training for module in net.modules()] == [True, False, True]


# -- progress --------------------------------------------------------------------------------


class Clock:
    """A clock that stands still but for its ticks."""

    def __init__(self, tick):
        self.now, self.tick = 0.0, tick

    def monotonic(self):
        self.now += self.tick
        return self.now


@pytest.fixture
def no_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)


@pytest.mark.usefixtures("no_tqdm")
def test_progress_lines(capsys, monkeypatch):
    """Without tqdm progress=True writes a line an epoch to stderr: number, loss and seconds."""
    monkeypatch.setattr(progress, "time", Clock(0.5))
    losses = train(model(), epochs=3, progress=True).losses
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"epoch {i}/3  loss {loss:.4g}  {i / 2:.1f} s" for i, loss in enumerate(losses, start=1)
    ]


@pytest.mark.usefixtures("no_tqdm")
@pytest.mark.parametrize(
    ("tick", "shown"), [(0.01, []), (0.3, [7]), (0.5, [5, 8]), (5.0, [1, 2, 3, 4, 5, 6, 7, 8])]
)
def test_progress_of_a_long_run(capsys, monkeypatch, tick, shown):
    """A run that nobody asked about is silent for two seconds, and then shows a line a second at most."""
    monkeypatch.setattr(progress, "time", Clock(tick))
    train(model(), epochs=8)
    out, err = capsys.readouterr()
    assert out == ""
    assert [int(line.split("/")[0].removeprefix("epoch ")) for line in err.splitlines()] == shown


def test_progress_bar(capsys):
    """With tqdm progress=True draws a bar on stderr, with the loss of the last epoch."""
    pytest.importorskip("tqdm")
    losses = train(model(), epochs=3, progress=True).losses
    out, err = capsys.readouterr()
    assert out == ""
    assert "3/3" in err
    assert f"loss={losses[-1]:.4g}" in err


def test_bar_of_a_run_that_ends_early(capsys):
    """A bar stays at the epoch that ended the run."""
    pytest.importorskip("tqdm")
    epochs = len(train(model(), epochs=5000, tolerance=1e-2, progress=True).losses)
    assert f"{epochs}/5000" in capsys.readouterr().err


@pytest.mark.parametrize("tqdm", ["installed", "hidden"])
@pytest.mark.parametrize("asked", [None, False])
def test_short_runs_are_silent(capsys, monkeypatch, tqdm, asked):
    """A run of less than two seconds prints nothing, nor does any with progress=False."""
    if tqdm == "hidden":
        monkeypatch.setitem(sys.modules, "tqdm", None)
    if asked is False:
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
    train(model(), epochs=3, progress=asked)
    assert capsys.readouterr() == ("", "")
