"""Initial weights: distributions, fans, names."""

from __future__ import annotations

import numpy as np
import pytest

from nn import init

# name: standard deviation for fan-in and fan-out, and whether it is uniform, else normal
FORMULAS = {
    "uniform": (lambda fan_in, fan_out: 1 / np.sqrt(3 * fan_in), True),
    "normal": (lambda fan_in, fan_out: 1 / np.sqrt(fan_in), False),
    "xavier_uniform": (lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out)), True),
    "xavier_normal": (lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out)), False),
    "he_uniform": (lambda fan_in, fan_out: np.sqrt(2 / fan_in), True),
    "he_normal": (lambda fan_in, fan_out: np.sqrt(2 / fan_in), False),
}
ALIASES = {
    "xavier": "xavier_uniform", "he": "he_normal",
    "kaiming_uniform": "he_uniform", "kaiming_normal": "he_normal",
}  # fmt: skip
BIG = 200_000  # elements: the deviation of a sample is known to half a percent


def standard(name, shape):
    """Weights in units of the deviation that they should have."""
    return init.INITIALIZERS[name](shape, 0) / FORMULAS[name][0](shape[1], shape[0])


@pytest.mark.parametrize("shape", [(BIG // 100, 100), (100, BIG // 100), (BIG, 1)], ids=str)
@pytest.mark.parametrize("name", FORMULAS)
def test_moments_and_bounds(name, shape):
    """Mean 0, the deviation of the formula for shape (out, in), and the shape of the distribution."""
    w, uniform = standard(name, shape), FORMULAS[name][1]
    assert w.shape == shape
    assert abs(w.mean()) < 0.01
    assert w.std() == pytest.approx(1, abs=0.01)
    # The fourth moment tells them apart: 9/5 for a uniform distribution, 3 for a normal one.
    assert np.mean(w**4) == pytest.approx(1.8 if uniform else 3, rel=0.03)
    if uniform:
        assert np.sqrt(3) * 0.999 < abs(w).max() <= np.sqrt(3) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("f", "option", "deviation"),
    [
        (init.uniform, {"bound": 0.3}, 0.3 / np.sqrt(3)),
        (init.normal, {"std": 0.3}, 0.3),
        (init.xavier_uniform, {"gain": 2.0}, 2 * np.sqrt(2 / 2100)),
        (init.xavier_normal, {"gain": 2.0}, 2 * np.sqrt(2 / 2100)),
        (init.normal, {"std": 0.0}, 0.0),
        (init.uniform, {"bound": 0}, 0.0),
    ],
)
def test_options(f, option, deviation):
    """A bound, a deviation or a gain sets the scale, 0 included."""
    assert f((2000, 100), 0, **option).std() == pytest.approx(deviation, rel=0.01)


def test_zeros():
    """Zeros takes any shape."""
    assert init.zeros((2, 3)).tolist() == [[0.0] * 3] * 2
    assert init.zeros(3).tolist() == [0.0] * 3


@pytest.mark.parametrize("name", [*FORMULAS, "zeros"])
def test_same_seed_same_numbers(name):
    """A seed and a generator of that seed give the same; the generator then moves on."""
    f, rng = init.INITIALIZERS[name], np.random.default_rng(5)
    first, again, later = f((3, 4), 5), f((3, 4), rng), f((3, 4), rng)
    np.testing.assert_array_equal(first, again)
    assert (name == "zeros") == np.array_equal(again, later)


def test_names():
    """Every name is a function of the module; the aliases are PyTorch's and the usual short ones."""
    assert set(init.INITIALIZERS) == {*FORMULAS, *ALIASES, "zeros"}
    for alias, name in ALIASES.items():
        assert init.INITIALIZERS[alias] is init.INITIALIZERS[name]
    for name in [*FORMULAS, "zeros"]:
        assert init.INITIALIZERS[name] is getattr(init, name)
    assert (init.kaiming_uniform, init.kaiming_normal) == (init.he_uniform, init.he_normal)


@pytest.mark.parametrize(
    ("name", "activation"), [("xavier_normal", np.tanh), ("he_normal", lambda x: np.maximum(x, 0))]
)
def test_signals_keep_their_size(name, activation):
    """Through 20 layers He's weights keep a signal with ReLU, and Xavier's do with tanh near zero."""
    rng = np.random.default_rng(0)
    x = start = 0.01 * rng.normal(size=(100, 256))
    for _ in range(20):
        x = activation(x @ init.INITIALIZERS[name]((256, 256), rng))
    assert 0.3 < np.sqrt(np.mean(x**2) / np.mean(start**2)) < 3
