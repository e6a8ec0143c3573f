"""How the plots look: colours, lines, and figures that show themselves in notebooks."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

BLUE, VERMILLION, GREEN, ORANGE, PURPLE = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7"
GREY = "#767676"  # the one that has the contrast of 4.5 on white and on black
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, GREY)
MARKERS, DASHES = "osD^vP", ("-", "--", "-.", ":")

STYLE: dict[str, Any] = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color"),
        GREY,
    ),
}  # fmt: skip


def style() -> AbstractContextManager[Any]:
    """A context in which plots, one's own as well, look like these.

    Raises:
        ImportError: without matplotlib.

    >>> with style():
    ...     ax = new_figure(4, 3).subplots()
    """
    return matplotlib().rc_context(STYLE)  # type: ignore[no-any-return]


def new_figure(width: float, height: float) -> Any:
    """An empty figure of a size in inches, which notebooks show; used within :func:`style`."""
    matplotlib()
    from nn.plots.figure import NotebookFigure

    return NotebookFigure(figsize=(width, height), layout="constrained")


def matplotlib() -> Any:
    """The module, or an error that names the extra."""
    try:
        import matplotlib as mpl
    except ImportError:
        raise ImportError('plots need matplotlib: pip install "chainrule[plot]"') from None
    return mpl


def axes_or_new(ax: Any, size: tuple[float, float] = (6.0, 3.6)) -> tuple[Any, Any]:
    """The figure of the axes and these, or a new figure and its axes."""
    if ax is not None:
        return ax.figure, ax
    figure = new_figure(*size)
    return figure, figure.subplots()


def looks(n: int) -> list[dict[str, str]]:
    """Colour and dashes of each of several lines."""
    return [{"color": COLOURS[k % len(COLOURS)], "linestyle": DASHES[k % len(DASHES)]} for k in range(n)]
