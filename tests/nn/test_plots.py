"""Plots: what they show is what was computed, on any page, without pyplot's state."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from autograd import Value, softmax
from autograd.errors import InvalidArgument, ShapeError, UnknownName
from nn import MLP, SGD, Linear, fit, squared_error

pytest.importorskip("matplotlib")
from nn import plots

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(40, 2))
CLASSES = (POINTS[:, 0] * POINTS[:, 1] > 0).astype(int)


def lines(figure, panel=0):
    """The lines of a panel by label, as arrays of x and y."""
    return {line.get_label(): line.get_data() for line in figure.axes[panel].lines}


def titles(figure):
    return [ax.get_title(loc="left") for ax in figure.axes]


def test_the_steps_lie_on_the_cost_curve():
    """Each step is drawn at its weight and its cost, and the curve spans all of them."""
    steps = [0.2, 1.0, 1.5, 2.4]
    drawn = lines(plots.cost_curve(lambda w: (w - 2) ** 2, steps))
    x, y = drawn["3 steps from w = 0.2"]
    assert np.array_equal(x, steps)
    assert np.array_equal(y, [(w - 2) ** 2 for w in steps])
    curve = drawn["_child0"][0]
    assert curve.min() < min(steps)
    assert curve.max() > max(steps)


def test_one_step_and_none():
    """A single weight is drawn with a margin; no weight at all is refused."""
    assert "0 steps from w = 1" in lines(plots.cost_curve(lambda w: w * w, [1.0]))
    with pytest.raises(InvalidArgument, match="at least the weight"):
        plots.cost_curve(lambda w: w * w, [])


def test_loss_history():
    """The history of a fit is drawn epoch by epoch, several by name; a loss of zero gets a plain axis."""
    model = Linear(2, 1, rng=0)
    data = (POINTS, POINTS[:, :1])
    history = fit(model, "mse_loss", data, SGD(model.parameters(), lr=0.1), epochs=5)
    figure = plots.loss_history(history, threshold=0.1)
    x, y = figure.axes[0].lines[0].get_data()
    assert list(x) == [1, 2, 3, 4, 5]
    assert list(y) == history.losses
    assert figure.axes[0].get_yscale() == "log"
    assert all(tick == int(tick) for tick in plots.loss_history([2.0, 1.0, 0.5]).axes[0].get_xticks())
    assert list(lines(plots.loss_history([Value(2.0), Value(1.0)]))["_child0"][1]) == [2.0, 1.0]
    assert plots.loss_history([1.0, 0.0]).axes[0].get_yscale() == "linear"
    assert set(lines(plots.loss_history({"a": history, "b": [1.0]}))) == {"a", "b"}
    with pytest.raises(InvalidArgument, match="no loss"):
        plots.loss_history([])


def test_activations_and_their_derivatives():
    """Each panel shows a function and the engine's derivative of it."""
    figure = plots.activations(["tanh", "relu"])
    (x, y), (_, slope) = (lines(figure)[key] for key in ("y", "dy/dx"))
    assert np.allclose(y, np.tanh(x))
    assert np.allclose(slope, 1 - np.tanh(x) ** 2)
    assert titles(plots.activations())[:2] == ["sigmoid", "tanh"]
    assert np.allclose(lines(plots.activations({"square": lambda v: v * v}))["dy/dx"][1], 2 * x)
    with pytest.raises(UnknownName):
        plots.activations(["tahn"])


def test_what_activations_are_drawn():
    """One name, functions in a list, softmax of two numbers; nothing, or too few axes, is refused."""
    assert titles(plots.activations("relu")) == ["relu"]
    assert titles(plots.activations([np.tanh, softmax])) == ["tanh", "softmax(x, 0), first output"]
    y = lines(plots.activations("softmax"))["y"][1]
    assert np.allclose(y, 1 / (1 + np.exp(-np.linspace(-4, 4, 801))))
    with pytest.raises(InvalidArgument, match="no function to draw"):
        plots.activations([])
    with pytest.raises(InvalidArgument, match="2 functions need as many axes, got 0"):
        plots.activations(["relu", "tanh"], axes=[])


def test_gradient_by_layer():
    """A module's bars are the norms of the gradients of its weight matrices, in order."""
    model = MLP(2, [3, 4, 1], "tanh", rng=0)
    with pytest.raises(InvalidArgument, match=r"layers.0.weight has no gradient"):
        plots.gradient_by_layer(model)
    squared_error(model(POINTS), np.zeros((40, 1))).backward()
    norms = [np.linalg.norm(layer.weight.grad) for layer in model.layers]
    assert np.allclose(plots.gradient_by_layer(model).axes[0].lines[0].get_ydata(), norms)
    relative = plots.gradient_by_layer({"a": model}, relative=True)
    assert np.allclose(lines(relative)["a"][1], np.array(norms) / norms[-1])


def test_gradients_that_vanished_altogether():
    """Zeros are drawn; there is nothing relative to zero, nor without layers."""
    assert lines(plots.gradient_by_layer({"a": [0.0, 0.0]}))["a"][1].tolist() == [0.0, 0.0]
    with pytest.raises(InvalidArgument, match="the gradient of the last layer is 0 in 'a'"):
        plots.gradient_by_layer({"a": [0.1, 0.0]}, relative=True)
    with pytest.raises(InvalidArgument, match="there are no layers"):
        plots.gradient_by_layer([])


@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_decision_boundary(outputs):
    """Every sample is drawn with the marker of its class, for one output and for several."""
    model = MLP(2, [4, outputs], output_activation="sigmoid", rng=0)
    figure = plots.decision_boundary(model, (POINTS, CLASSES))
    drawn = lines(figure)
    for k in (0, 1):
        assert np.array_equal(np.transpose(drawn[str(k)]), POINTS[k == CLASSES])
    assert all(p.grad is None for p in model.parameters())


def test_every_class_is_drawn():
    """Ten classes have ten looks; of -1 and 1, a network of one output decides at 0."""
    drawn = (
        plots.decision_boundary(lambda x: x @ np.ones((2, 10)), (POINTS, np.arange(40) % 10)).axes[0].lines
    )
    assert [len(line.get_xdata()) for line in drawn] == [4] * 10
    assert len({(line.get_color(), line.get_marker()) for line in drawn}) == 10
    signed, unsigned = (
        plots.decision_boundary(lambda x, at=at: x[:, :1] + at, (POINTS, targets))
        for at, targets in [(0.0, 2 * CLASSES - 1), (0.5, CLASSES)]
    )
    assert np.array_equal(lines(signed)["0"], lines(unsigned)["0"])
    assert signed._repr_png_() == unsigned._repr_png_()
    for bad, text in [((POINTS, CLASSES - 2), "or -1 and 1; got -2"), ((POINTS[:0], []), "no samples")]:
        with pytest.raises(InvalidArgument, match=text):
            plots.decision_boundary(lambda x: x[:, :1], bad)


def test_boundary_while_training():
    """Training in rounds is training in one: the panels stand at their epochs, and the model is trained."""
    figures, models = [], []
    for epochs in ([0, 3, 10], [10]):
        model = MLP(2, [4, 2], "tanh", rng=0)
        optimizer = SGD(model.parameters(), lr=0.1)
        figures.append(
            plots.boundary_while_training(
                model, "cross_entropy", (POINTS, CLASSES), optimizer, epochs=epochs, rng=0, batch_size=10
            )
        )
        models.append(model.state_dict())
    assert titles(figures[0]) == ["before training", "epoch 3", "epoch 10"]
    assert all(np.array_equal(models[0][key], models[1][key]) for key in models[0])
    for bad in ([], [3, 3], [-1, 2], 5, [0.5, 1]):
        with pytest.raises(InvalidArgument, match="rising"):
            plots.boundary_while_training(None, "mse_loss", None, None, epochs=bad)


def test_data_that_is_no_plane():
    """Three inputs, or labels of another length, are refused by shape."""
    with pytest.raises(ShapeError, match=r"\(40, 3\)"):
        plots.decision_boundary(lambda x: x, (np.zeros((40, 3)), CLASSES))
    with pytest.raises(ShapeError, match="40 and 39"):
        plots.decision_boundary(lambda x: x, (POINTS, CLASSES[1:]))


def test_pictures_for_notebooks_and_pages():
    """A figure shows itself as a PNG with a transparent ground, and pyplot is never imported."""
    figure = plots.loss_history([1.0, 0.5])
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert figure.get_facecolor()[3] == 0.0
    code = (
        "import sys; from nn import plots; assert 'matplotlib' not in sys.modules; "
        "plots.activations(['tanh'])._repr_png_(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_lines_differ_in_more_than_colour():
    """No two lines of a plot share their dashes and marker."""
    axes = plots.gradient_by_layer({str(k): [1.0, 2.0] for k in range(5)}).axes[0]
    assert len({(line.get_linestyle(), line.get_marker()) for line in axes.lines}) == 5


def test_without_matplotlib():
    """The import works, and the first plot names the extra."""
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from nn import plots\n"
        "try: plots.loss_history([1.0])\n"
        "except ImportError as e: assert 'pip install \"chainrule[plot]\"' in str(e)\n"
        "else: raise SystemExit(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
