"""Activation functions with their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.errors import InvalidArgument
from nn.activations import ACTIVATIONS
from nn.arguments import look_up
from nn.module import name_of
from nn.plots.style import BLUE, VERMILLION, new_figure, style


def activations(
    functions: Iterable[str | Callable[[Any], Any]] | Mapping[str, Callable[[Any], Any]] | None = None,
    *,
    span: tuple[float, float] = (-4.0, 4.0),
    axes: Iterable[Any] | None = None,
) -> Any:
    """Activation functions with their derivatives, which the engine computes.

    Args:
        functions: names of ``nn.activations`` or functions of a Value, alone, in a list, or by their
            titles; by default those of the notes. Of softmax it is the first output for (x, 0).
        span: the interval of x.
        axes: axes to draw into, at least one for each; a new figure if not given.

    Raises:
        ImportError: without matplotlib.
        UnknownName: for a name that is no activation.
        InvalidArgument: without any function, or for too few axes.

    >>> figure = activations(["sigmoid", "tanh", "relu"])
    """
    chosen = _functions(functions)
    if not chosen:
        raise InvalidArgument("there is no function to draw: give names, as in ['sigmoid', 'tanh']")
    x = np.linspace(*span, 801)
    with style():
        own = None if axes is None else list(axes)
        if own is not None and len(own) < len(chosen):
            raise InvalidArgument(f"{len(chosen)} functions need as many axes, got {len(own)}")
        figure = new_figure(3 * min(4, len(chosen)), 2.8 * -(-len(chosen) // 4)) if own is None else None
        panels = _panels(figure, len(chosen)) if own is None else own
        for ax, (name, function) in zip(panels, chosen.items(), strict=False):
            y, slope = _with_derivative(function, x)
            ax.plot(x, _broken(y), "-", color=BLUE, label="y")
            ax.plot(x, _broken(slope), "--", color=VERMILLION, label="dy/dx")
            ax.set(title=name, ylim=(-1.3, 2.3), xlabel="x")
        figure = panels[0].figure if figure is None else figure
        if own is None:
            figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def _panels(figure: Any, n: int) -> list[Any]:
    columns = min(4, n)
    panels = list(figure.subplots(-(-n // columns), columns, squeeze=False).flat)
    for ax in panels[n:]:
        ax.axis("off")
    return panels[:n]


def _functions(given: Any) -> Mapping[str, Callable[[Any], Any]]:
    if isinstance(given, Mapping):
        return given
    if given is None:
        given = [*(name for name in ACTIVATIONS if name != "softmax"), "softmax"]
    return dict(_titled(item) for item in ([given] if isinstance(given, str) or callable(given) else given))


def _titled(given: Any) -> tuple[str, Callable[[Any], Any]]:
    function = look_up("activation", given, ACTIVATIONS)
    if function is autograd.softmax:
        return "softmax(x, 0), first output", _softmax_of_two
    return given if isinstance(given, str) else name_of(given), function


def _softmax_of_two(x: Any) -> Any:
    return autograd.softmax(np.stack([x, np.zeros(np.shape(x))], axis=-1))[..., 0]


def _with_derivative(function: Callable[[Any], Any], points: Any) -> tuple[Any, Any]:
    x = Value(points)
    y = function(x)
    y.sum().backward()
    return y.data, x.grad


def _broken(line: Any) -> Any:
    """A line with a gap at each jump, which is no steep line."""
    line = np.array(line, float)
    line[1:][np.abs(np.diff(line)) > 0.5] = np.nan
    return line
