"""Cost curve, loss history and gradients by layer: lines against a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument
from nn.module import Module
from nn.plots.style import BLUE, GREY, MARKERS, axes_or_new, looks, style
from nn.training import History


def cost_curve(
    cost: Callable[[Any], Any],
    steps: Sequence[float],
    *,
    span: tuple[float, float] | None = None,
    colour: str = BLUE,
    ax: Any = None,
) -> Any:
    """The cost J(w) of one weight, with the steps of a descent on it.

    Args:
        cost: function of a number (or of a Value) that gives one.
        steps: the weight before the first step and after each.
        span: the weights between which the curve is drawn; by default all steps and a margin.
        colour: of the steps.
        ax: axes to draw into; a new figure if not given.

    Returns:
        The figure.

    Raises:
        ImportError: without matplotlib.
        InvalidArgument: without any steps.

    >>> figure = cost_curve(lambda w: (w - 2) ** 2, [0.2, 1.1, 1.6, 1.8])
    """
    weights = [float(w) for w in steps]
    if not weights:
        raise InvalidArgument("steps must hold at least the weight to start from")
    margin = 0.15 * (max(weights) - min(weights)) or 1.0
    low, high = span or (min(weights) - margin, max(weights) + margin)
    curve = np.linspace(low, high, 300)
    with style():
        figure, ax = axes_or_new(ax)
        ax.plot(curve, [float(cost(w)) for w in curve], color=GREY, linewidth=1.2)
        costs = [float(cost(w)) for w in weights]
        word = "step" if len(weights) == 2 else "steps"
        label = f"{len(weights) - 1} {word} from w = {weights[0]:g}"
        ax.plot(weights, costs, "o-", color=colour, markersize=5, linewidth=1, label=label)
        ax.plot(weights[0], costs[0], "o", fillstyle="none", color=colour, markersize=10)
        ax.set(title="Gradient descent", xlabel="weight w", ylabel="cost J(w)")
        ax.legend(loc="upper center")
    return figure


def loss_history(
    history: History | Sequence[float] | Mapping[str, Any], *, threshold: float | None = None, ax: Any = None
) -> Any:
    """The loss against the epoch, on a logarithmic axis where it is positive.

    Args:
        history: what ``nn.fit`` gives, or a list of losses, Values too, or several of either by name.
        threshold: the loss at which training was to stop, drawn as a line.
        ax: axes to draw into; a new figure if not given.

    Raises:
        ImportError: without matplotlib.
        InvalidArgument: if there is no loss.

    >>> figure = loss_history([1.0, 0.5, 0.3], threshold=0.4)
    """
    runs = history if isinstance(history, Mapping) else {"": history}
    losses = {
        name: [float(loss) for loss in (run.losses if isinstance(run, History) else run)]
        for name, run in runs.items()
    }
    if not any(losses.values()):
        raise InvalidArgument("there is no loss to draw: train for at least one epoch")
    with style():
        figure, ax = axes_or_new(ax)
        for (name, run), look in zip(losses.items(), looks(len(losses)), strict=True):
            marker = "o" if len(run) == 1 else ""
            ax.plot(range(1, len(run) + 1), run, label=name, marker=marker, **look)
        if threshold is not None:
            ax.axhline(threshold, color=GREY, linestyle=":", linewidth=1.2)
            ax.annotate("threshold", (1, threshold), xytext=(4, 4), textcoords="offset points")
        logarithmic = all(loss > 0 for run in losses.values() for loss in run)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.set(title="Loss", xlabel="epoch", ylabel="loss", yscale="log" if logarithmic else "linear")
        if len(losses) > 1:
            ax.legend()
    return figure


def gradient_by_layer(
    norms: Module | Mapping[str, Module | Sequence[float]],
    *,
    relative: bool = False,
    first: int = 1,
    ax: Any = None,
) -> Any:
    """The norm of the gradient of each layer's weights against depth, on a logarithmic axis unless all are 0.

    Args:
        norms: a module after ``backward()``, several by name, or numbers from the first layer
            to the last by name. The weights are a module's parameters of two dimensions.
        relative: True divides by that of the last layer.
        first: the number of the first layer.
        ax: axes to draw into; a new figure if not given.

    Raises:
        ImportError: without matplotlib.
        InvalidArgument: for a module whose weights have no gradient, without any layer, or relative to
            a gradient of 0.

    >>> figure = gradient_by_layer({"sigmoid": [1e-6, 1e-4, 1e-2], "relu": [0.1, 0.1, 0.1]})
    """
    runs = norms if isinstance(norms, Mapping) else {"": norms}
    series = {
        name: weight_gradients(run) if isinstance(run, Module) else list(run) for name, run in runs.items()
    }
    for name, run in series.items():
        if not run or (relative and not run[-1]):
            what = "the gradient of the last layer is 0" if run else "there are no layers"
            raise InvalidArgument(f"{what}{f' in {name!r}' if name else ''}: nothing to draw")
    with style():
        figure, ax = axes_or_new(ax)
        for (name, run), look, marker in zip(series.items(), looks(len(series)), MARKERS * 9, strict=False):
            sizes = np.asarray(run, float) / (run[-1] if relative else 1.0)
            ax.plot(range(first, first + len(run)), sizes, marker=marker, markersize=3.5, label=name, **look)
        unit = ", last layer = 1" if relative else ""
        ax.set(title="Gradient by layer", xlabel="layer", ylabel=f"norm of the gradient{unit}")
        ax.set_yscale("log" if any(map(any, series.values())) else "linear")
        ax.xaxis.get_major_locator().set_params(integer=True)
        if len(series) > 1:
            ax.legend()
    return figure


def weight_gradients(model: Module) -> list[float]:
    """The norm of the gradient of each weight matrix, from the first layer to the last.

    Raises:
        InvalidArgument: if there is none, or one has no gradient.

    >>> from nn import Linear
    >>> layer = Linear(2, 1, rng=0)
    >>> layer([3.0, 4.0]).backward(seed=[1.0])
    >>> weight_gradients(layer)
    [5.0]
    """
    weights = [(path, p) for path, p in model.named_parameters() if p.ndim == 2]
    missing = [path for path, p in weights if p.grad is None]
    if missing or not weights:
        what = f"{missing[0]} has no gradient" if missing else "the module has no weight matrix"
        raise InvalidArgument(f"{what}: give a module with layers of weights, after loss.backward()")
    return [float(np.linalg.norm(p.grad)) for _, p in weights]
