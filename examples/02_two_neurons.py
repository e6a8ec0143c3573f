"""Backpropagation through two neurons in a row, by hand and by the engine, step by step.

One input, two sigmoid neurons, one target: the smallest network with a chain to go through.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import common

from autograd import Value, draw_graph, step_through
from nn import SGD, plots, squared_error

X, TARGET, RATE = 0.1, 0.25, 0.4
START = {"w1": 0.15, "b1": 0.40, "w2": 0.45, "b2": 0.65}
TOLERANCE, MOST = 1e-6, 100_000

FORMULAS = {
    "w2": "-(T - a2) a2 (1 - a2) a1",
    "b2": "-(T - a2) a2 (1 - a2)",
    "w1": "-(T - a2) a2 (1 - a2) w2 a1 (1 - a1) x",
    "b1": "-(T - a2) a2 (1 - a2) w2 a1 (1 - a1)",
}


def parameters() -> dict[str, Value]:
    """The weights and biases of the notes."""
    return {name: Value(number, label=name) for name, number in START.items()}


def forward(p: dict[str, Value]) -> dict[str, Value]:
    """Every step of the way from the input to the error, by name."""
    z1 = p["w1"] * Value(X, label="x", requires_grad=False) + p["b1"]
    a1 = z1.sigmoid()
    z2 = p["w2"] * a1 + p["b2"]
    a2 = z2.sigmoid()
    steps = {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "E": squared_error(a2, TARGET)}
    for name, step in steps.items():
        step.label = name
    return steps


def by_hand(p: dict[str, Value], steps: dict[str, Value]) -> dict[str, float]:
    """The four gradients as derived on paper, from plain numbers."""
    a1, a2, w2 = steps["a1"].item(), steps["a2"].item(), p["w2"].item()
    at_z2 = -(TARGET - a2) * a2 * (1 - a2)
    at_z1 = at_z2 * w2 * a1 * (1 - a1)
    return {"w2": at_z2 * a1, "b2": at_z2, "w1": at_z1 * X, "b1": at_z1}


def report_forward(steps: dict[str, Value]) -> None:
    """Each value on the way."""
    formulas = ["w1 x + b1", "sigmoid(z1)", "w2 a1 + b2", "sigmoid(z2)", "1/2 (T - a2)^2"]
    rows = [
        (name, formula, step.item()) for (name, step), formula in zip(steps.items(), formulas, strict=True)
    ]
    common.table({"": "", "formula": "", "value": ".4f"}, rows)


def report_gradients(p: dict[str, Value], steps: dict[str, Value]) -> None:
    """The engine's gradients beside those by hand."""
    hand = by_hand(p, steps)
    rows = [
        (f"dE/d{name}", formula, hand[name], p[name].grad, abs(hand[name] - p[name].grad))
        for name, formula in FORMULAS.items()
    ]
    columns = {"": "", "formula": "", "by hand": ".6f", "engine": ".6f", "difference": ".1g"}
    common.table(columns, rows)


def report_update(p: dict[str, Value], optimizer: SGD) -> None:
    """One step of gradient descent, parameter by parameter."""
    before = {name: (v.item(), v.grad) for name, v in p.items()}
    optimizer.step()
    rows = [(name, *before[name], v.item()) for name, v in p.items()]
    common.table({"": "", "before": ".4f", "gradient": ".6f", "after": ".4f"}, rows)


def train(p: dict[str, Value], optimizer: SGD) -> list[float]:
    """Forward, error, backpropagation, update, until the error is below the threshold."""
    errors = []
    for epoch in count(1):
        E = forward(p)["E"]
        errors.append(E.item())
        if errors[-1] < TOLERANCE or epoch == MOST:
            return errors
        optimizer.zero_grad()
        E.backward()
        optimizer.step()
    return errors


def report_training(p: dict[str, Value], errors: list[float]) -> None:
    """The error at some epochs, and where training ended."""
    shown = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
    rows = [(epoch, errors[epoch - 1]) for epoch in shown if epoch < len(errors)]
    common.table({"epoch": "d", "error E": ".2e"}, [*rows, (len(errors), errors[-1])])
    steps = forward(p)
    after = ", ".join(f"{name} = {v.item():.4f}" for name, v in p.items())
    common.say(
        f"""In epoch {len(errors)} the error is below {TOLERANCE:g}. The output is {steps["a2"].item():.4f},
        the target {TARGET}; {after}."""
    )


def draw(figure: Any, errors: list[float]) -> None:
    """The error against the epoch."""
    ax = figure.subplots()
    plots.loss_history(errors, threshold=TOLERANCE, ax=ax)
    ax.set(title="Error of the two neurons", ylabel="E = 1/2 (T - a2)^2", xscale="log")


def main(output: Path) -> list[Path]:
    """Print the report; return the files written."""
    common.heading("Forward")
    print(f"Input x = {X}, target T = {TARGET}.")
    p = parameters()
    steps = forward(p)
    report_forward(steps)

    common.heading("Backward")
    steps["E"].backward()
    report_gradients(p, steps)
    graph = draw_graph(steps["E"]).save(output / "two_neurons.svg")
    page = step_through(steps["E"], output / "backprop.html", lr=RATE)

    common.heading(f"Update, learning rate {RATE}")
    optimizer = SGD(p.values(), lr=RATE)
    report_update(p, optimizer)

    common.heading(f"Repeat until E < {TOLERANCE:g}")
    errors = train(p, optimizer)
    report_training(p, errors)
    return [graph, page, *common.save_plot(output / "two_neurons_error.png", (7, 3.6), draw, errors)]


if __name__ == "__main__":
    common.run(main, __doc__)
