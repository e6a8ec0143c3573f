"""Gradient descent on one weight: the trajectory, and what the learning rate does to it.

The data obey z = 2x. The cost J(w) = sum (z_i - w x_i)^2 is a parabola with its minimum at
w = 2. With S = sum x_i^2, one step of learning rate alpha multiplies the distance to the
minimum by 1 - 2 alpha S; so the method converges if and only if 0 < alpha < 1/S.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import common
import numpy as np

from autograd import Value
from nn import plots

X = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
Z = 2 * X
S = float(np.sum(X**2))
START, RATE, BEST = 0.2, 0.4, 2.0
STEPS, CLOSE = 2000, 1e-6


def cost(w: Any) -> Any:
    """J(w), of a Value or of a number."""
    return ((Z - w * X) ** 2).sum()


def descend(rate: float) -> Iterator[tuple[float, float, float]]:
    """(w, J, J') before the first step and after each; the engine differentiates."""
    w = Value(START, label="w")
    while True:
        J = cost(w)
        J.backward()
        yield w.data, J.item(), w.grad
        w.data -= rate * w.grad
        w.zero_grad()


def first(steps: int, rate: float) -> list[tuple[float, float, float]]:
    """The start and that many steps."""
    return list(islice(descend(rate), steps + 1))


def report_trajectory() -> None:
    """The first steps in a table, then what they show."""
    path = first(20, RATE)
    costs = [J for _, J, _ in path]
    drops = -np.diff(costs)
    by_hand = [-2 * float(np.sum(X * (Z - w * X))) for w, _, _ in path]
    rows = [
        (step, w, J, slope, formula, drops[step - 1] if step else "")
        for step, ((w, J, slope), formula) in enumerate(zip(path, by_hand, strict=True))
    ]
    columns = {"step": "d", "w": ".6f", "J(w)": ".6f", "J' engine": ".6f", "J' by hand": ".6f", "drop": ".6f"}
    common.table(columns, rows[:9] + rows[-1:])
    gap = max(abs(slope - formula) for (_, _, slope), formula in zip(path, by_hand, strict=True))
    lengths = np.diff([w for w, _, _ in path])
    print(f"By hand, J'(w) = -2 sum x (z - w x). The largest difference from the engine is {gap:.1g}.")
    print(f"The largest drop is that of step {int(np.argmax(drops)) + 1}: {drops.max():.4f}.")
    print(f"The cost falls at every step: {'yes' if np.all(drops > 0) else 'no'}.")
    print(f"Each step is {lengths[1] / lengths[0]:.2f} times as long as the one before: 1 - 2 alpha S.")
    print(f"After {len(path) - 1} steps w = {path[-1][0]:.5f}, so it converges to w = {path[-1][0]:.0f}.")


def report_rates() -> None:
    """The same start with other learning rates, around the bound 1/S."""
    rows = []
    for name, rate in [
        ("far too small", RATE / 40),
        ("too small", RATE / 10),
        ("as above", RATE),
        ("1/(2S), the best", 0.5 / S),
        ("a little below 1/S", 0.95 / S),
        ("1/S, the bound", 1 / S),
        ("a little above 1/S", 1.05 / S),
    ]:
        w = [w for w, _, _ in first(20, rate)]
        path = enumerate(islice(descend(rate), STEPS + 1))
        arrived = next((step for step, (at, _, _) in path if abs(at - BEST) < CLOSE), "never")
        rows.append((name, rate, 1 - 2 * rate * S, w[1], w[2], w[20], arrived))
    columns = {
        "learning rate": "", "alpha": ".4f", "1 - 2 alpha S": ".3f",
        "w, step 1": ".4f", "step 2": ".4f", "step 20": ".4f", "steps to w = 2": "d",
    }  # fmt: skip
    common.table(columns, rows)
    common.say(
        f"""A step multiplies the distance to the minimum by 1 - 2 alpha S. Near 1 that is slow, 0 arrives
        at once, below 0 each step lands on the other side, and from -1 on it never settles.
        (Arrived means within {CLOSE:g}. At most {STEPS} steps were tried.)"""
    )


def draw(figure: Any) -> None:
    """The cost curve with the steps on it, for a good, a too large and a too small rate."""
    panels = [
        ("converges", RATE, 8, plots.BLUE),
        ("overshoots and diverges", 1.05 / S, 5, plots.VERMILLION),
        ("creeps", RATE / 10, 8, plots.GREEN),
    ]
    axes = figure.subplots(1, 3, sharex=True, sharey=True)
    for ax, (title, rate, steps, colour) in zip(axes, panels, strict=True):
        weights = [w for w, _, _ in first(steps, rate)]
        plots.cost_curve(cost, weights, span=(-1.2, 5.2), colour=colour, ax=ax)
        ax.set(title=f"alpha = {rate:.2f}: {title}", ylim=(-0.2, 5.2))
        ax.label_outer()


def main(output: Path) -> list[Path]:
    """Print the report; return the files written."""
    common.heading("Gradient descent on J(w) = sum (z - w x)^2, with z = 2x")
    print(f"Data: x = {X.tolist()}, so S = sum x^2 = {S:.2f}.")
    print(f"The learning rate must stay below 1/S = {1 / S:.4f}. Here alpha = {RATE}, from w = {START}:")
    report_trajectory()
    common.heading("Other learning rates")
    report_rates()
    return common.save_plot(output / "gradient_descent.png", (11, 3.6), draw)


if __name__ == "__main__":
    common.run(main, __doc__)
