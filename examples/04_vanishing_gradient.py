"""Why deep sigmoid networks learn so slowly: the gradient of each layer, for depths 2 to 30.

On its way back each layer multiplies the gradient by its weights and by the derivative of
its activation: at most 1/4 for sigmoid, at most 1 for tanh, exactly 1 for a ReLU that is on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import common
import numpy as np

import autograd
from autograd import Value
from nn import MLP, plots, squared_error

WIDTH, SAMPLES, NETWORKS = 64, 64, 5
DEPTHS = range(2, 31)
SHOWN = [2, 5, 10, 15, 20, 25, 30]
INIT = {"sigmoid": "xavier", "tanh": "xavier", "relu": "he"}  # what each is usually started with


def chain_gradient(activation: str, depth: int) -> float:
    """Derivative of the output of single neurons in a row, each of weight 1 and bias 0, at x = 1."""
    x = Value(1.0, label="x")
    y = x
    for _ in range(depth):
        y = getattr(autograd, activation)(y)
    y.backward()
    return float(x.grad)


def report_chain() -> None:
    """The smallest deep network: the derivative is a product of one factor per neuron."""
    print("Derivative of the output with respect to the input:")
    rows = [(depth, *(chain_gradient(name, depth) for name in INIT)) for depth in SHOWN]
    common.table({"neurons": "d", **dict.fromkeys(INIT, ".1e")}, rows)
    common.say(
        """Each neuron multiplies by the derivative of its activation. The sigmoid's is 1/4 at most; tanh's
        is 1 at zero only, and the product still shrinks; that of a ReLU that is on is 1."""
    )


def layer_gradients(activation: str, depth: int, seed: int) -> list[float]:
    """The norm of the gradient of each layer's weights, from first to last, before any training."""
    rng = np.random.default_rng(seed)
    sizes = [WIDTH] * depth
    model = MLP(
        WIDTH, sizes, activation=activation, output_activation=activation, init=INIT[activation], rng=rng
    )
    x, target = rng.normal(size=(SAMPLES, WIDTH)), rng.uniform(size=(SAMPLES, WIDTH))
    squared_error(model(x), target).backward()
    return [float(np.linalg.norm(p.grad)) for p in model.parameters() if p.ndim == 2]


def typical(activation: str, depth: int) -> np.ndarray:
    """The geometric mean over several networks, in units of the last layer's."""
    norms = np.array([layer_gradients(activation, depth, seed) for seed in range(NETWORKS)])
    return np.exp(np.log(norms / norms[:, -1:]).mean(axis=0))


def largest_derivative(activation: str) -> float:
    """The largest derivative of an activation on a fine grid."""
    x = np.linspace(-8, 8, 1601)
    return float(autograd.grad(lambda v: getattr(autograd, activation)(v).sum())(x).max())


def report(gradients: dict[str, dict[int, np.ndarray]]) -> None:
    """Against depth, against layer, and the factor per layer."""
    columns = dict.fromkeys(gradients, ".1e")
    deepest = DEPTHS[-1]

    print("Gradient of the first layer, as a share of that of the last:")
    common.table({"depth": "d", **columns}, [(d, *(g[d][0] for g in gradients.values())) for d in SHOWN])

    print(f"The same along the layers of the deepest network, {deepest} layers:")
    layers = [1, *SHOWN[1:]]
    rows = [(layer, *(g[deepest][layer - 1] for g in gradients.values())) for layer in layers]
    common.table({"layer": "d", **columns}, rows)

    rows = []
    for name, g in gradients.items():
        factor = g[deepest][0] ** (1 / (deepest - 1))
        rows.append((name, INIT[name], largest_derivative(name), factor))
    print("What one layer does to a gradient that passes it:")
    headers = {
        "activation": "",
        "initial weights": "",
        "largest derivative": ".2f",
        "factor per layer": ".3f",
    }
    common.table(headers, rows)

    first = {name: g[deepest][0] for name, g in gradients.items()}
    common.say(
        f"""The sigmoid's derivative is at most {rows[0][2]:.2f}: through {deepest} layers
        {first["sigmoid"]:.0e} of the gradient is left, and the first layers hardly learn. With tanh
        {first["tanh"]:.1g} is left, with ReLU {first["relu"]:.1g}: where it is on, its derivative is
        {rows[2][2]:g}, and it passes the gradient on as it is."""
    )


def draw(figure: Any, gradients: dict[str, dict[int, np.ndarray]]) -> None:
    """A chain of neurons; along the layers of the deepest network; the first layer against depth."""
    chain, along, against = figure.subplots(1, 3, sharey=True)
    deepest = DEPTHS[-1]
    chains = {name: [chain_gradient(name, depth) for depth in DEPTHS] for name in gradients}
    plots.gradient_by_layer(chains, ax=chain, first=DEPTHS[0])
    plots.gradient_by_layer({name: g[deepest] for name, g in gradients.items()}, ax=along)
    firsts = {name: [g[depth][0] for depth in DEPTHS] for name, g in gradients.items()}
    plots.gradient_by_layer(firsts, ax=against, first=DEPTHS[0])
    against.plot(DEPTHS, 0.25 ** (np.array(DEPTHS) - 1.0), ":", color=plots.GREY, label="1/4 per layer")
    chain.set(title="Single neurons in a row", xlabel="number of neurons", ylabel="gradient")
    along.set(title=f"Along a network of {deepest} layers", ylabel="gradient, last layer = 1")
    against.set(title="Its first layer, against depth", xlabel="number of layers", ylabel="")
    for ax in (chain, along):
        ax.get_legend().remove()
    against.legend(loc="lower left")


def main(output: Path) -> list[Path]:
    """Print the report; return the files written."""
    common.heading("A chain of single neurons, weight 1 and bias 0, at x = 1")
    report_chain()
    common.heading("Networks")
    common.say(
        f"""Networks of {DEPTHS[0]} to {DEPTHS[-1]} layers, {WIDTH} neurons each, before training: norm of the
        gradient of each layer's weights, as the geometric mean over {NETWORKS} networks."""
    )
    print()
    gradients = {name: {depth: typical(name, depth) for depth in DEPTHS} for name in INIT}
    report(gradients)
    return common.save_plot(output / "vanishing_gradient.png", (13, 4), draw, gradients)


if __name__ == "__main__":
    common.run(main, __doc__)
