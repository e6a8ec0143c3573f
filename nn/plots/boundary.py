"""The decision boundary of a network of two inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import Value, no_grad
from autograd.errors import InvalidArgument, ShapeError
from nn.arguments import as_numbers, as_rng
from nn.plots.style import COLOURS, GREY, MARKERS, axes_or_new, new_figure, style
from nn.training import fit


def decision_boundary(
    model: Callable[[Any], Any], data: tuple[Any, Any], *, title: str = "", ax: Any = None
) -> Any:
    """What a network of two inputs decides in the plane, with the data on it.

    Classes are told apart by colour and by marker. A network of one output decides at 0.5 if
    targets are 0 and 1 (give a model that ends in a sigmoid), at 0 if they are -1 and 1; one of
    several outputs for the largest.

    Args:
        model: a module, or any function of an array of shape (n, 2).
        data: inputs of shape (n, 2), and targets: class numbers of shape (n,), or (n, 1), or one-hot rows.
        title: of the panel.
        ax: axes to draw into; a new figure if not given.

    Raises:
        ImportError: without matplotlib.
        ShapeError: for inputs of another shape, or targets of another length.
        InvalidArgument: without any samples, or for negative classes other than -1 and 1.

    >>> points = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> figure = decision_boundary(lambda x: x.sum(axis=1, keepdims=True) / 2, (points, [0, 1]))
    """
    inputs, classes, border = _points(data)
    with style():
        figure, ax = axes_or_new(ax, (4.2, 4.0))
        _draw_regions(ax, model, inputs, classes, border)
        for k in range(classes.max() + 1):
            at, n = inputs[classes == k], len(COLOURS)
            marker = MARKERS[(k + k // n) % n]  # colours come again after six classes, with another marker
            look = {"color": COLOURS[k % n], "markersize": 4, "alpha": 0.8}
            ax.plot(at[:, 0], at[:, 1], marker, label=str(k), **look)
        ax.set(title=title, xlabel="x1", ylabel="x2")
        ax.grid(visible=False)
    return figure


def boundary_while_training(
    model: Callable[[Any], Any],
    loss: str | Callable[[Any, Any], Any],
    data: tuple[Any, Any],
    optimizer: Any,
    *,
    epochs: Sequence[int] = (0, 5, 20, 100),
    rng: Any = None,
    **options: Any,
) -> Any:
    """The decision boundary before training and after some epochs of it, side by side.

    Args:
        model: a module of two inputs; it is trained.
        loss: a name of ``nn.losses`` or a function, as for ``nn.fit``.
        data: inputs of shape (n, 2) and targets.
        optimizer: of the model's parameters.
        epochs: when to draw, in rising order; training ends with the last.
        rng: generator or seed for the order of the samples.
        options: more options of ``nn.fit``, such as ``batch_size``.

    Raises:
        ImportError: without matplotlib.
        InvalidArgument: if ``epochs`` do not rise.

    >>> from nn import MLP, SGD
    >>> x = np.random.default_rng(0).normal(size=(20, 2))
    >>> model = MLP(2, [4, 2], rng=0)
    >>> optimizer = SGD(model.parameters(), lr=0.1)
    >>> data = (x, (x[:, 0] > 0).astype(int))
    >>> figure = boundary_while_training(model, "cross_entropy", data, optimizer, epochs=[0, 10])
    """
    times = list(epochs) if isinstance(epochs, Iterable) else []
    whole = all(isinstance(epoch, (int, np.integer)) for epoch in times)
    if not times or not whole or times[0] < 0 or any(b <= a for a, b in pairwise(times)):
        raise InvalidArgument(f"epochs must be rising integers from 0 on, as in [0, 10, 100], got {epochs!r}")
    rng = as_rng(rng)
    with style():
        figure = new_figure(3.1 * len(times), 3.3)
        panels = figure.subplots(1, len(times), sharex=True, sharey=True, squeeze=False)[0]
    done = 0
    for ax, epoch in zip(panels, times, strict=True):
        if epoch > done:
            fit(model, loss, data, optimizer, epochs=epoch - done, rng=rng, **options)
            done = epoch
        decision_boundary(model, data, title="before training" if not epoch else f"epoch {epoch}", ax=ax)
        ax.label_outer()
    return figure


def _points(data: tuple[Any, Any]) -> tuple[Any, Any, float]:
    """Inputs, class numbers from 0 on, and the score from which a single output is for class 1."""
    inputs, targets = map(as_numbers, data)
    if inputs.ndim != 2 or inputs.shape[1] != 2:
        raise ShapeError(f"a decision boundary is drawn for two inputs, of shape (n, 2), got {inputs.shape}")
    if not inputs.size:
        raise InvalidArgument("there are no samples to draw")
    if targets.ndim == 2 and targets.shape[1] > 1:
        targets = targets.argmax(axis=1)  # one-hot
    classes = np.rint(targets.reshape(-1)).astype(int)
    if len(classes) != len(inputs):
        raise ShapeError(f"inputs and targets differ in length: {len(inputs)} and {len(classes)} samples")
    if classes.min() >= 0:
        return inputs, classes, 0.5
    if not set(classes.tolist()) <= {-1, 1}:
        raise InvalidArgument(f"classes are numbers from 0 on, or -1 and 1; got {classes.min()}")
    return inputs, (classes > 0).astype(int), 0.0


def _draw_regions(ax: Any, model: Callable[[Any], Any], inputs: Any, classes: Any, border: float) -> None:
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = 0.08 * (high - low) + 1e-9
    x1, x2 = (np.linspace(a, b, 120) for a, b in zip(low - margin, high + margin, strict=True))
    grid = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    with no_grad():
        output = model(grid)
    scores = np.asarray(output.data if isinstance(output, Value) else output).reshape(len(grid), -1)
    decided = scores.argmax(axis=1) if scores.shape[1] > 1 else (scores[:, 0] > border).astype(int)
    kinds = max(int(decided.max()), int(classes.max())) + 1
    levels = np.arange(kinds + 1) - 0.5
    regions = decided.reshape(len(x2), len(x1))
    ax.contourf(
        x1, x2, regions, levels=levels, colors=[COLOURS[k % len(COLOURS)] for k in range(kinds)], alpha=0.22
    )
    if decided.min() != decided.max():
        ax.contour(x1, x2, regions, levels=levels[1:-1], colors=[GREY], linewidths=1.2)
