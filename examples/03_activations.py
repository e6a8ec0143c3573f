"""The seven activation functions: formula, range, value and derivative, by the engine and by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import common
import numpy as np

import autograd
from autograd import Value
from nn import plots

POINTS = [-2.0, -0.5, 0.0, 0.5, 2.0]
GRID = np.linspace(-8, 8, 1601)
LOGITS = np.array([1.0, 2.0, 3.0])


def softmax_of_two(x: Any) -> Any:
    """The first output of softmax(x, 0): a function of one number."""
    return autograd.softmax(np.stack([x, np.zeros(np.shape(x))], axis=-1))[..., 0]


# name: function, formula, range, derivative in words, derivative in NumPy
ACTIVATIONS: dict[str, tuple[Any, str, str, str, Any]] = {
    "sigmoid": (
        autograd.sigmoid, "1 / (1 + exp(-x))", "(0, 1)",
        "exp(-x) / (1 + exp(-x))^2 = y (1 - y)", lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
    ),
    "tanh": (
        autograd.tanh, "tanh(x)", "(-1, 1)",
        "1 / cosh(x)^2 = 1 - y^2", lambda x: 1 / np.cosh(x) ** 2,
    ),
    "relu": (
        autograd.relu, "max(x, 0)", "[0, inf)",
        "1 if x > 0, else 0", lambda x: 1.0 * (x > 0),
    ),
    "leaky relu": (
        autograd.leaky_relu, "x if x > 0, else 0.01 x", "(-inf, inf)",
        "1 if x > 0, else 0.01", lambda x: np.where(x > 0, 1, 0.01),
    ),
    "binary step": (
        autograd.binary_step, "1 if x >= 0, else 0", "{0, 1}",
        "0", np.zeros_like,
    ),
    "linear": (
        autograd.linear, "x", "(-inf, inf)",
        "1", np.ones_like,
    ),
    "softmax": (
        softmax_of_two, "exp(x_i) / sum exp(x_k)", "(0, 1), sum 1",
        "y_i (1 if i = j, else 0) - y_i y_j", lambda x: np.exp(x) / (np.exp(x) + 1) ** 2,
    ),
}  # fmt: skip


def evaluate(name: str, points: Any) -> tuple[np.ndarray, np.ndarray]:
    """Values and derivatives: one backward pass gives those of all points."""
    x = Value(points, label="x")
    y = ACTIVATIONS[name][0](x)
    y.sum().backward()
    return y.data, x.grad


def report_functions() -> None:
    """Three tables: formulas, values, derivatives."""
    columns = {"function": "", "y": "", "range": "", "dy/dx": ""}
    common.table(columns, [(name, *row[1:4]) for name, row in ACTIVATIONS.items()])

    at_points = {name: evaluate(name, POINTS) for name in ACTIVATIONS}
    columns = {f"x = {x:g}": ".4f" for x in POINTS}
    print("Values. Softmax is shown as the first output of softmax(x, 0):")
    common.table({"y": "", **columns}, [(name, *y) for name, (y, _) in at_points.items()])

    slopes = {name: evaluate(name, GRID)[1] for name in ACTIVATIONS}
    rows = [(name, *at_points[name][1], slope.max()) for name, slope in slopes.items()]
    print("Derivatives by the engine:")
    common.table({"dy/dx": "", **columns, "largest": ".4f"}, rows)

    gap = max(np.abs(slope - ACTIVATIONS[name][4](GRID)).max() for name, slope in slopes.items())
    print(f"The largest difference from the formulas is {gap:.1g}, at {len(GRID)} points in [-8, 8].")
    flat = [name for name, slope in slopes.items() if not slope.any()]
    print(f"Flat everywhere, so that nothing can be learned through it: {', '.join(flat)}.")


def report_jacobian() -> None:
    """Softmax depends on all its inputs: its derivative is a matrix."""
    s, J = autograd.softmax(LOGITS), autograd.jacobian(autograd.softmax)(LOGITS)
    print(
        f"x = {LOGITS.tolist()} gives s = [{', '.join(f'{p:.4f}' for p in s)}], whose sum is {s.sum():.4f}."
    )
    columns = {"ds_i/dx_j": "", **{f"x_{j + 1}": ".4f" for j in range(len(s))}, "sum": ".4f"}
    common.table(columns, [(f"s_{i + 1}", *row, abs(row.sum())) for i, row in enumerate(J)])
    gap = np.abs(J - (np.diag(s) - np.outer(s, s))).max()
    print(f"The largest difference from diag(s) - s s^T is {gap:.1g}.")
    print("Rows sum to zero: adding the same number to every input changes nothing.")


def draw(figure: Any) -> None:
    """Each function with its derivative, and the Jacobian of softmax."""
    axes = list(figure.subplots(2, 4).flat)
    plots.activations({name: row[0] for name, row in ACTIVATIONS.items()}, axes=axes)
    axes[6].set_title("softmax(x, 0), first output")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    draw_jacobian(axes[-1])


def draw_jacobian(ax: Any) -> None:
    """A coloured square for each entry."""
    J = autograd.jacobian(autograd.softmax)(LOGITS)
    ax.imshow(J, cmap="RdBu", vmin=-0.45, vmax=0.45, aspect="auto")
    for (i, j), entry in np.ndenumerate(J):
        ax.text(j, i, f"{entry:.2f}", ha="center", va="center", color="black")
    ticks = range(len(J))
    ax.set_xticks(ticks, [f"x{j + 1}" for j in ticks])
    ax.set_yticks(ticks, [f"s{i + 1}" for i in ticks])
    ax.set_title(f"ds/dx of softmax at ({', '.join(f'{x:g}' for x in LOGITS)})")
    ax.grid(visible=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def main(output: Path) -> list[Path]:
    """Print the report; return the files written."""
    common.heading("Seven activation functions")
    report_functions()
    common.heading("The Jacobian of softmax")
    report_jacobian()
    return common.save_plot(output / "activations.png", (12, 6), draw)


if __name__ == "__main__":
    common.run(main, __doc__)
