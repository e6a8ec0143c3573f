"""The numbers and formulas of the lecture notes: each is one test."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import autograd
import nn
from autograd import Value

# -- gradient descent on J(w) = sum (z - w x)^2 with z = 2x ---------------------------------

X = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
START, RATE, BEST = 0.2, 0.4, 2.0
DATA = {
    "notes": X, "one": [1.0], "signs": [-0.7, 0.2], "equal": [3.0] * 5, "many": np.linspace(-1, 1, 50),
    "small": [1e-3, 2e-3], "large": [100.0, -40.0],
}  # fmt: skip


def cost(w, x=X):
    x = np.asarray(x)
    return ((2 * x - w * x) ** 2).sum()


def descend(rate, steps, x=X):
    """The weights from the start on, and the costs."""
    w = Value(START)
    path = []
    for _ in range(steps + 1):
        w.zero_grad()
        J = cost(w, x)
        J.backward()
        path.append((w.data, J.item()))
        w.data -= rate * w.grad
    return np.transpose(path)


def distance(rate, x):
    """How far from the minimum 400 steps end, for a start at distance 1."""
    weights, _ = descend(rate, 400, x)
    return abs(weights[-1] - BEST) / (BEST - START)


@pytest.mark.parametrize("x", DATA.values(), ids=DATA)
def test_cost_derivative_is_the_formula(x):
    """J'(w) = -2 sum x (z - w x), at any w and for any data."""
    x = np.asarray(x)
    for w in [START, 0.0, 1.9, 2.0, -3.5, 40.0]:
        by_hand = -2 * np.sum(x * (2 * x - w * x))
        assert autograd.grad(lambda v: cost(v, x))(w) == pytest.approx(by_hand, rel=1e-12, abs=1e-12)


def test_minimum_is_at_two():
    """The cost and its derivative are zero at w = 2, and the cost is positive elsewhere."""
    assert autograd.value_and_grad(cost)(BEST) == (0.0, 0.0)
    assert all(cost(w) > 0 for w in [-5.0, 0.2, 1.999, 2.001, 9.0])


def test_first_step_is_the_largest_drop():
    """From w = 0.2 with rate 0.4 the first step drops the most, steps shrink and the cost falls to zero."""
    weights, costs = descend(RATE, 20)
    drops = -np.diff(costs)
    assert weights[0] == START
    assert drops.argmax() == 0
    assert (drops > 0).all()
    assert (np.diff(np.diff(weights)) < 0).all()
    assert weights[-1] == pytest.approx(BEST, abs=1e-4)


@pytest.mark.parametrize("x", DATA.values(), ids=DATA)
def test_converges_if_and_only_if_the_rate_is_between_zero_and_one_over_s(x):
    """With S = sum x^2, the rates just inside (0, 1/S) reach the minimum; the bounds and beyond do not."""
    bound = 1 / np.sum(np.square(x))
    for share in [0.02, 0.5, 0.98]:
        assert distance(share * bound, x) < 1e-6, share
    for share in [0.0, 1.0]:
        assert distance(share * bound, x) == pytest.approx(1.0), share
    for share in [-0.02, 1.02]:
        assert distance(share * bound, x) > 1e6, share


@pytest.mark.parametrize("share", [0.1, 0.4, 0.5, 0.7, 0.95, 1.05, 1.5])
def test_a_step_multiplies_the_distance(share):
    """A step multiplies the distance to the minimum by 1 - 2 alpha S, which overshoots from 1/(2S) on."""
    S = np.sum(X**2)
    errors = descend(share / S, 6)[0] - BEST
    np.testing.assert_allclose(errors[1:], (1 - 2 * share) * errors[:-1], atol=1e-12)
    assert (share > 0.5) == (errors[1] > 1e-12)  # on the other side


def test_overshoot_past_the_bound_and_slowness_far_below():
    """Past 1/S each step lands farther on the other side; a fortieth of the rate takes 40 times as long."""
    S = np.sum(X**2)
    errors = descend(1.05 / S, 20)[0] - BEST
    assert (errors[1:] * errors[:-1] < 0).all()
    assert (np.diff(abs(errors)) > 0).all()

    def steps_needed(rate):
        return np.argmax(abs(descend(rate, 2000)[0] - BEST) < 1e-6)

    assert steps_needed(RATE) == 25
    assert steps_needed(RATE / 40) > 40 * 25


# -- one input, two sigmoid neurons in a row ------------------------------------------------

INPUT, TARGET = 0.1, 0.25
WEIGHTS = {"w1": 0.15, "b1": 0.40, "w2": 0.45, "b2": 0.65}
SETTINGS = [(INPUT, TARGET, WEIGHTS)] + [
    (x, T, dict(zip(WEIGHTS, weights, strict=True)))
    for x, T, *weights in np.random.default_rng(0).normal(size=(5, 6)).tolist()
]


def two_neurons(x, T, weights):
    """The parameters, and each step from the input to the error, by name."""
    p = {name: Value(number, label=name) for name, number in weights.items()}
    z1 = p["w1"] * x + p["b1"]
    a1 = z1.sigmoid()
    z2 = p["w2"] * a1 + p["b2"]
    a2 = z2.sigmoid()
    return p, {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "E": nn.squared_error(a2, T)}


def as_network(form):
    """The same two neurons as a network of matrices or of single neurons."""
    model = nn.MLP(1, [1, 1], "sigmoid", "sigmoid", neurons=form == "neurons", dtype=np.float64, rng=0)
    for p, number in zip(model.parameters(), WEIGHTS.values(), strict=True):
        p.data = np.full(p.shape, number)
    return model


def test_forward_values():
    """z1 = 0.415, a1 = 0.6023, z2 = 0.9210 and a2 = 0.7153, to four places."""
    _, steps = two_neurons(INPUT, TARGET, WEIGHTS)
    found = {name: round(steps[name].item(), 4) for name in ("z1", "a1", "z2", "a2")}
    assert found == {"z1": 0.415, "a1": 0.6023, "z2": 0.9210, "a2": 0.7153}


@pytest.mark.parametrize(("x", "T", "weights"), SETTINGS, ids=["notes", *"12345"])
def test_gradients_are_the_four_formulas(x, T, weights):
    """dE/dw2, dE/db2, dE/dw1 and dE/db1 are the products of the chain rule, factor by factor."""
    p, steps = two_neurons(x, T, weights)
    steps["E"].backward()
    a1, a2, w2 = steps["a1"].data, steps["a2"].data, weights["w2"]
    by_hand = {
        "w2": -(T - a2) * a2 * (1 - a2) * a1,
        "b2": -(T - a2) * a2 * (1 - a2),
        "w1": -(T - a2) * a2 * (1 - a2) * w2 * a1 * (1 - a1) * x,
        "b1": -(T - a2) * a2 * (1 - a2) * w2 * a1 * (1 - a1),
    }
    assert {name: v.grad for name, v in p.items()} == pytest.approx(by_hand, rel=1e-14)


@pytest.mark.parametrize("form", ["values", "neurons", "matrices"])
def test_updated_parameters(form):
    """One update with rate 0.4 gives w2 = 0.427, b2 = 0.612, w1 = 0.1496 and b1 = 0.3959, in any form."""
    if form == "values":
        p, steps = two_neurons(INPUT, TARGET, WEIGHTS)
        parameters, E = list(p.values()), steps["E"]
    else:
        model = as_network(form)
        parameters, E = model.parameters(), nn.squared_error(model(np.array([INPUT])), [TARGET])
    E.backward()
    nn.SGD(parameters, lr=RATE).step()
    w1, b1, w2, b2 = (p.item() for p in parameters)
    steps = [RATE * np.sum(p.grad) for p in parameters]
    assert [w1, b1, w2, b2] == pytest.approx(np.subtract([*WEIGHTS.values()], steps), rel=1e-15)
    assert (round(w1, 4), round(b1, 4), round(w2, 3), round(b2, 3)) == (0.1496, 0.3959, 0.427, 0.612)


def test_error_is_half_the_sum_of_squares():
    """E = 1/2 sum (T - a)^2, and its derivative with respect to a is a - T."""
    a, T = Value([0.7153, 0.1, -2.0]), np.array([0.25, 0.1, 1.0])
    E = nn.squared_error(a, T)
    E.backward()
    assert E.data == pytest.approx(0.5 * sum((T - a.data) ** 2))
    np.testing.assert_allclose(a.grad, a.data - T)


def test_mean_squared_error_of_a_data_set():
    """MSE = 1/n sum (T - a)^2 over the n samples."""
    a, T = [0.5, 0.25, 1.0, 0.0], [1.0, 0.25, 0.0, 0.5]
    assert nn.mse_loss(Value(a), T).data == (0.5**2 + 0 + 1 + 0.5**2) / 4


@pytest.mark.parametrize("form", ["neurons", "matrices"])
@pytest.mark.parametrize(("tolerance", "stopped"), [(1e-3, "tolerance"), (1e-9, "epochs")])
def test_training_repeats_until_a_threshold_or_a_number_of_epochs(form, tolerance, stopped):
    """Training ends in the first epoch whose error is below the threshold, or else after the last one."""
    model = as_network(form)
    data = ([[INPUT]], [[TARGET]])
    optimizer = nn.SGD(model.parameters(), lr=RATE)
    history = nn.fit(model, nn.squared_error, data, optimizer, epochs=100, tolerance=tolerance)
    below = (np.array(history.losses) < tolerance).tolist()
    assert history.stopped == stopped
    assert below == [False] * (len(below) - 1) + [stopped == "tolerance"]
    assert (len(below) == 100) == (stopped == "epochs")
    assert (np.diff(history.losses) < 0).all()


# -- activations: formula, derivative, range ------------------------------------------------

GRID = np.linspace(-15, 15, 3001)


def first_of_softmax(x):
    """The first output of softmax(x, 0): a function of one number."""
    return autograd.softmax(np.stack([x, 0 * x], axis=-1))[..., 0]


# name: function, formula, derivative, range as a test of y, values at both ends of the grid
ACTIVATIONS = {
    "sigmoid": (
        autograd.sigmoid, lambda x: 1 / (1 + np.exp(-x)), lambda x, y: y * (1 - y),
        lambda y: (y > 0) & (y < 1), (0, 1),
    ),
    "tanh": (
        autograd.tanh, lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), lambda x, y: 1 - y**2,
        lambda y: (y > -1) & (y < 1), (-1, 1),
    ),
    "relu": (
        autograd.relu, lambda x: np.where(x > 0, x, 0), lambda x, y: np.where(x > 0, 1, 0),
        lambda y: y >= 0, (0, 15),
    ),
    "softmax": (
        first_of_softmax, lambda x: np.exp(x) / (np.exp(x) + 1), lambda x, y: y * (1 - y),
        lambda y: (y > 0) & (y < 1), (0, 1),
    ),
    "binary_step": (
        autograd.binary_step, lambda x: np.where(x >= 0, 1, 0), lambda x, y: 0 * x,
        lambda y: (y == 0) | (y == 1), (0, 1),
    ),
    "linear": (
        autograd.linear, lambda x: x, lambda x, y: np.ones_like(x),
        np.isfinite, (-15, 15),
    ),
    "leaky_relu": (
        autograd.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x), lambda x, y: np.where(x > 0, 1, 0.01),
        np.isfinite, (-0.15, 15),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("f", "formula", "derivative", "inside", "ends"), ACTIVATIONS.values(), ids=ACTIVATIONS
)
def test_activation(f, formula, derivative, inside, ends):
    """Each of the seven has its formula, its range with its ends, and its derivative, also at the kink."""
    x = Value(GRID)
    y = f(x)
    y.sum().backward()
    np.testing.assert_allclose(y.data, formula(GRID), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(x.grad, derivative(GRID, y.data), rtol=1e-12, atol=1e-12)
    assert inside(y.data).all()
    assert (y.data[0], y.data[-1]) == pytest.approx(ends, abs=1e-6)


def test_the_seven_are_the_activations_of_a_layer():
    """The table of this file and that of ``nn`` have the same seven names."""
    assert set(nn.activations.ACTIVATIONS) == set(ACTIVATIONS)


@pytest.mark.parametrize(("name", "bound"), [("sigmoid", 0.25), ("tanh", 1.0), ("relu", 1.0)])
def test_largest_derivative(name, bound):
    """Sigmoid' is at most 1/4 and tanh' at most 1, both at zero only; relu' is 1 wherever it is on."""
    x = np.linspace(-8, 8, 1601)
    slope = autograd.grad(lambda v: ACTIVATIONS[name][0](v).sum())(x)
    assert slope.max() == bound
    assert (slope == bound).tolist() == ((x > 0) if name == "relu" else (x == 0)).tolist()


@pytest.mark.parametrize("logits", [[0.0, 0.0], [1.0, 2.0, 3.0], [-4.0, 700.0, 710.0], [5.0]], ids=str)
def test_softmax_sums_to_one_and_its_jacobian(logits):
    """Softmax sums to 1, and its Jacobian is diag(s) - s s^T, whose rows sum to 0."""
    s, J = autograd.softmax(logits), autograd.jacobian(autograd.softmax)(np.array(logits))
    assert s.sum() == pytest.approx(1, rel=1e-15)
    np.testing.assert_allclose(J, np.diag(s) - np.outer(s, s), atol=1e-16)
    np.testing.assert_allclose(J.sum(axis=1), 0, atol=1e-16)


# -- the vanishing gradient -----------------------------------------------------------------

DEPTHS = range(2, 31)


def chain_gradients(activation, depth):
    """The gradient of each layer's bias for single neurons in a row, of weight 1 and bias 0, at x = 1."""
    ones = lambda shape, rng: np.ones(shape)  # noqa: E731
    model = nn.MLP(1, [1] * depth, activation, activation, init=ones, dtype=np.float64)
    model(1.0).backward()
    return np.array([layer.bias.grad.item() for layer in model.layers])


def layer_gradients(activation, init, depth, seed, width=32):
    """The norm of the gradient of each layer's weights before training, in units of the last layer's."""
    rng = np.random.default_rng(seed)
    model = nn.MLP(width, [width] * depth, activation, activation, init=init, dtype=np.float64, rng=rng)
    nn.squared_error(model(rng.normal(size=(32, width))), rng.uniform(size=(32, width))).backward()
    norms = np.array([np.linalg.norm(layer.weight.grad) for layer in model.layers])
    return norms / norms[-1]


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_gradient_through_a_chain_is_a_product_of_derivatives(name):
    """The gradient of layer k is the product of the derivatives from k on, at every depth from 2 to 30."""
    f, _, derivative, _, _ = ACTIVATIONS[name]
    for depth in DEPTHS:
        outputs = [1.0]
        for _ in range(depth):
            outputs.append(float(f(outputs[-1])))
        slopes = [float(derivative(x, y)) for x, y in pairwise(outputs)]
        np.testing.assert_allclose(chain_gradients(name, depth), np.cumprod(slopes[::-1])[::-1], rtol=1e-12)


def test_gradient_of_the_first_neuron_vanishes_with_depth():
    """It falls with each further sigmoid by at least 1/4, and with each tanh; with ReLU it stays 1."""
    first = {
        name: np.array([chain_gradients(name, d)[0] for d in DEPTHS]) for name in ("sigmoid", "tanh", "relu")
    }
    assert (first["sigmoid"][1:] <= 0.25 * first["sigmoid"][:-1]).all()
    assert (np.diff(first["tanh"]) < 0).all()
    assert first["sigmoid"][-1] < 1e-19
    assert first["tanh"][-1] < 0.01
    assert (first["relu"] == 1).all()


def test_gradient_of_the_first_layers_of_a_network():
    """Towards the first layer of a sigmoid network it shrinks with every layer; in a ReLU network not."""
    for depth in [2, 5, 10, 20, 30]:
        for seed in range(3):
            sigmoid = layer_gradients("sigmoid", "xavier", depth, seed)
            relu = layer_gradients("relu", "he", depth, seed)
            assert (sigmoid[:-1] < 0.6 * sigmoid[1:]).all()
            assert sigmoid[0] < 0.3 ** (depth - 1)
            assert relu[0] > 0.1
