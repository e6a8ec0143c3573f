"""Layers: shapes, numbers against NumPy, two forms that agree, types, randomness, labels, graphs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.graph import topological_order
from nn import MLP, Layer, LeakyReLU, Linear, Neuron, Parameter, ReLU, Sequential, Sigmoid, Softmax
from nn.activations import ACTIVATIONS
from nn.init import INITIALIZERS

F32, F64 = np.float32, np.float64
RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))

MATRICES = {
    "Linear": lambda **options: Linear(3, 2, **options),
    "Layer": lambda **options: Layer(3, 2, "tanh", **options),
    "MLP": lambda **options: MLP(3, [4, 2], "tanh", **options),
}
NEURONS = {
    "Neuron": lambda **options: Neuron(3, "tanh", **options),
    "Layer of neurons": lambda **options: Layer(3, 2, "tanh", neurons=True, **options),
    "MLP of neurons": lambda **options: MLP(3, [4, 2], "tanh", neurons=True, **options),
}
MAKERS = MATRICES | NEURONS
every_kind = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def numbers(model):
    return [np.asarray(p.data).tolist() for p in model.parameters()]


@every_kind
@pytest.mark.parametrize("batch", [(), (5,), (2, 5), (0,)], ids=str)
def test_shapes(make, batch):
    """The last axis holds the features and becomes the neurons; the axes before it stay."""
    model = make(rng=0)
    out = () if isinstance(model, Neuron) else (2,)
    for x in (np.ones((*batch, 3)), Value(np.ones((*batch, 3)))):
        assert model(x).shape == batch + out


@every_kind
def test_one_sample_at_a_time_or_all_at_once(make):
    """A batch gives the outputs of its samples, each given as an array or as a list."""
    model = make(rng=0, dtype=F64)
    whole = model(X).data
    np.testing.assert_allclose([model(x).data for x in X], whole, rtol=1e-14)
    for x, y in zip(X.tolist(), whole, strict=True):
        found = model(x)
        found = [v.data for v in found] if isinstance(found, list) else found.data
        np.testing.assert_allclose(found, y, rtol=1e-14)


def test_linear_is_the_formula():
    """Linear is x @ weight.T + bias; a Layer applies its activation to that, a Neuron has one row of it."""
    W, b = RNG.normal(size=(2, 3)), RNG.normal(size=2)
    linear, layer, neuron = (
        Linear(3, 2, dtype=F64),
        Layer(3, 2, "sigmoid", dtype=F64),
        Neuron(3, "relu", dtype=F64),
    )
    for model in (linear, layer):
        model.load_state_dict({"weight": W, "bias": b})
    neuron.load_state_dict({"w.0": W[0, 0], "w.1": W[0, 1], "w.2": W[0, 2], "b": b[0]})
    z = X @ W.T + b
    np.testing.assert_allclose(linear(X).data, z, rtol=1e-13)
    np.testing.assert_allclose(layer(X).data, 1 / (1 + np.exp(-z)), rtol=1e-13)
    np.testing.assert_allclose(neuron(X).data, np.maximum(z[:, 0], 0), rtol=1e-13)


@every_kind
def test_without_bias(make):
    """bias=False leaves the bias out: zero goes to the activation of zero, and fewer parameters are held."""
    model = make(bias=False, rng=0)
    assert not any(path.endswith(("bias", "b")) for path in model.state_dict())
    assert len(model.parameters()) < len(make(rng=0).parameters())
    assert not model(np.zeros((4, 3))).data.any()


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize(
    "activation", [*ACTIVATIONS, autograd.tanh, np.exp, LeakyReLU(0.3), Softmax()], ids=str
)
def test_two_forms_agree(activation, bias):
    """Single neurons give the outputs and gradients of the matrix, for every activation and the same seed."""
    options = {"bias": bias, "dtype": F64, "rng": 3}
    matrices, neurons = (
        Sequential(
            Layer(3, 4, activation, neurons=n, **options), Layer(4, 2, activation, neurons=n, **options)
        )
        for n in (False, True)
    )
    inputs = Value(X), Value(X)
    for model, x in zip((matrices, neurons), inputs, strict=True):
        y = model(x)
        (y * np.arange(1.0, 3.0) * X[:, :1]).sum().backward()
    np.testing.assert_allclose(neurons(X).data, matrices(X).data, rtol=1e-12)
    np.testing.assert_allclose(inputs[1].grad, inputs[0].grad, rtol=1e-12, atol=1e-15)
    for i in range(2):
        for j, neuron in enumerate(neurons[i].neurons):
            assert [w.data for w in neuron.w] == matrices[i].weight.data[j].tolist()
            np.testing.assert_allclose(
                [w.grad for w in neuron.w], matrices[i].weight.grad[j], rtol=1e-12, atol=1e-15
            )
            if bias:
                np.testing.assert_allclose(neuron.b.grad, matrices[i].bias.grad[j], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("neurons", [False, True])
def test_mlp_is_its_layers_in_a_row(neurons):
    """Every layer but the last has the activation; the last one has the output's."""
    model = MLP(3, [4, 4, 2], "tanh", "softmax", neurons=neurons, dtype=F64, rng=0)
    assert [layer.activation for layer in model.layers] == ["tanh", "tanh", "softmax"]
    y = X
    for layer in model.layers:
        y = layer(y)
    np.testing.assert_allclose(model(X).data, y.data, rtol=1e-13)
    np.testing.assert_allclose(model(X).data.sum(axis=1), 1.0)


@pytest.mark.parametrize("neurons", [False, True])
def test_layers_of_a_network_may_be_exchanged(neurons):
    """Functions, and layers of the other form, may stand in its list."""
    model = MLP(3, [4, 2], neurons=neurons, dtype=F64, rng=0)
    expected = Sequential(
        model.layers[0], np.tanh, Linear(4, 5, dtype=F64, rng=1), Layer(5, 1, dtype=F64, rng=2)
    )
    model.layers[1:] = expected[1:]
    np.testing.assert_array_equal(model(X).data, expected(X).data)


@pytest.mark.parametrize(
    "x",
    [[1.0, -2.0], (1, -2), [Value(1.0), Value(-2.0)], [Value(1.0), -2], [np.float32(1), np.int64(-2)]],
    ids=["list", "tuple", "Values", "mixed", "NumPy scalars"],
)
def test_scalars_and_values_as_inputs(x):
    """A list of numbers or of scalar Values is one sample, to matrices and to neurons alike."""
    expected = MLP(2, [3, 2], rng=0)(np.array([1.0, -2.0])).data
    np.testing.assert_allclose(MLP(2, [3, 2], rng=0)(x).data, expected, rtol=1e-6)
    outputs = MLP(2, [3, 2], neurons=True, rng=0)(x)
    assert [type(v) for v in outputs] == [Value] * 2
    np.testing.assert_allclose([v.data for v in outputs], expected, rtol=1e-6)
    assert MLP(2, [3, 1], neurons=True, rng=0)(x).shape == ()


def test_gradients_reach_values_in_a_list():
    """The Values of a list receive their gradients, in both forms."""
    for neurons in (False, True):
        x = [Value(0.5), Value(-2.0)]
        y = MLP(2, [2, 1], "tanh", neurons=neurons, rng=0)(x)
        y.backward(np.ones(y.shape))
        assert all(v.grad for v in x)


def test_one_feature_needs_no_axis():
    """A layer of one input takes a plain number."""
    for make in (Linear, Layer):
        assert make(1, 2, rng=0)(3.0).shape == (2,)
    assert Neuron(1, rng=0)(3.0).shape == ()


DTYPES = [np.float16, F32, F64, "float64"]


@pytest.mark.parametrize("make", MATRICES.values(), ids=MATRICES)
def test_dtype(make):
    """Parameters are float32 unless dtype says otherwise, and so is what comes out for plain numbers."""
    for model, dtype in [(make(), F32), *((make(dtype=dtype), np.dtype(dtype)) for dtype in DTYPES)]:
        assert all(p.dtype == dtype for p in model.parameters())
        assert model(X).dtype == model(X.tolist()).dtype == dtype


@pytest.mark.parametrize("make", MATRICES.values(), ids=MATRICES)
def test_dtype_of_parameters_that_were_set(make):
    """Plain numbers are taken in the type that the parameters have now."""
    model = make()
    for p in model.parameters():
        p.data = p.data.astype(F64)
    np.testing.assert_array_equal(model(X).data, model(Value(X)).data)


@pytest.mark.parametrize("make", NEURONS.values(), ids=NEURONS)
def test_dtype_of_neurons(make):
    """A weight of a single neuron is a Python float, rounded to the type."""
    for model, dtype in [
        (make(rng=0), F32),
        *((make(rng=0, dtype=dtype), np.dtype(dtype)) for dtype in DTYPES),
    ]:
        for p in model.parameters():
            assert type(p.data) is float
            assert p.data == np.asarray(p.data, dtype).item()


@pytest.mark.parametrize("neurons", [False, True])
def test_an_activation_may_be_set_anew(neurons):
    """A layer applies the activation that it has now, softmax too, and finds the parameters of a module."""
    layer = Layer(3, 2, "relu", neurons=neurons, rng=0)
    for activation in ("tanh", "softmax", LeakyReLU(0.3), "relu"):
        layer.activation = activation
        expected = Layer(3, 2, activation, neurons=neurons, rng=0)
        np.testing.assert_array_equal(layer(X).data, expected(X).data)
        assert repr(layer) == repr(expected)


@every_kind
def test_same_seed_same_numbers(make):
    """A seed fixes the numbers, another seed gives others, and a generator goes on where it was."""
    assert numbers(make(rng=1)) == numbers(make(rng=1)) == numbers(make(rng=np.random.default_rng(1)))
    assert numbers(make(rng=1)) != numbers(make(rng=2))
    rng = np.random.default_rng(1)
    assert numbers(make(rng=rng)) != numbers(make(rng=rng))
    assert numbers(make()) != numbers(make())


@every_kind
def test_global_random_state_is_untouched(make):
    """NumPy's global generator is neither read nor moved, with a seed or without."""
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].tolist(), np.random.get_state()[2]  # noqa: NPY002
    make(rng=0)
    first = numbers(make())
    assert (np.random.get_state()[1].tolist(), np.random.get_state()[2]) == before  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    assert numbers(make()) != first


def test_layers_of_a_network_differ():
    """One seed for a network does not repeat the same numbers in each layer."""
    model = MLP(3, [3, 3], rng=0)
    for a, b in itertools.combinations(numbers(model), 2):
        assert a != b


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initial_weights_by_name(name):
    """init= takes each name of nn.init, draws the weights with it and makes the biases zero."""
    expected = INITIALIZERS[name]((2, 3), np.random.default_rng(0))
    layer = Linear(3, 2, init=name, dtype=F64, rng=0)
    np.testing.assert_array_equal(layer.weight.data, expected)
    np.testing.assert_array_equal(layer.bias.data, np.zeros(2))


def test_default_initial_weights():
    """By default weights and biases are uniform in +-1/sqrt(in_features), as in PyTorch."""
    layer = Linear(16, 4000, rng=0)
    for p in layer.parameters():
        assert abs(p.data).max() <= 0.25
        assert abs(p.data).max() > 0.249
        assert abs(p.data.mean()) < 0.01


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        (Linear(2, 1), ["weight", "bias"]),
        (Neuron(2), ["w0", "w1", "b"]),
        (Neuron(1, bias=False), ["w0"]),
        (Layer(1, 2, neurons=True), ["neuron0.w0", "neuron0.b", "neuron1.w0", "neuron1.b"]),
        (MLP(2, [1, 1]), ["layer0.weight", "layer0.bias", "layer1.weight", "layer1.bias"]),
        (MLP(1, [1], neurons=True), ["layer0.neuron0.w0", "layer0.neuron0.b"]),
        (Sequential(Linear(1, 1, bias=False), ReLU(), Layer(1, 1)), ["0.weight", "2.weight", "2.bias"]),
    ],
    ids=lambda m: type(m).__name__,
)
def test_labels(model, labels):
    """Each parameter is labelled with its path, shortened, for pictures and error texts."""
    assert [p.label for p in model.parameters()] == labels


def nodes(output):
    return [v.label or v.op or v.data for v in topological_order(output)]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Neuron(2, "tanh")([1.0, 2.0]), ["w0", "x0", "*", "w1", "x1", "*", "+", "b", "+", "tanh"]),
        (lambda: Neuron(1, "sigmoid", bias=False)([1.0]), ["w0", "x0", "*", "sigmoid"]),
        (lambda: Neuron(1, "relu")([Value(2.0, label="in")]), ["w0", "in", "*", "b", "+", "relu"]),
        (
            lambda: MLP(1, [1, 1], "sigmoid", "sigmoid", neurons=True)([0.1]),
            [
                "layer1.neuron0.w0", "layer0.neuron0.w0", "x0", "*", "layer0.neuron0.b", "+", "sigmoid",
                "*", "layer1.neuron0.b", "+", "sigmoid",
            ],
        ),
    ],
    ids=["two inputs", "no bias", "a Value", "two neurons"],
)  # fmt: skip
def test_graph_of_neurons_is_the_textbook(make, expected):
    """Single neurons have one node per input, weight, product, sum and activation, and no other."""
    assert nodes(make()) == expected


def test_graph_of_a_layer_shares_the_inputs():
    """Each input is one node, used by every neuron, and the inputs are constants."""
    y = Layer(2, 3, "linear", neurons=True)([1.0, 2.0])
    order = topological_order(y[0] + y[1] + y[2])
    inputs = [v for v in order if v.label in ("x0", "x1")]
    assert [v.label for v in inputs] == ["x0", "x1"]
    assert not any(v.requires_grad for v in inputs)


@pytest.mark.parametrize(
    ("module", "function"),
    [
        (Sigmoid(), autograd.sigmoid),
        (LeakyReLU(0.3), lambda x: autograd.leaky_relu(x, 0.3)),
        (LeakyReLU(-1), abs),
        (Softmax(dim=0), lambda x: autograd.softmax(x, axis=0)),
    ],
    ids=["Sigmoid", "LeakyReLU", "LeakyReLU(-1)", "Softmax"],
)
def test_activation_modules(module, function):
    """A module around an activation is the function, and has no parameters."""
    np.testing.assert_array_equal(module(Value(X)).data, function(X))
    np.testing.assert_array_equal(module([Value(x) for x in X]).data, function(X))
    assert module.parameters() == []


@pytest.mark.parametrize("slope", [0.25, [0.25, 0.5]], ids=str)
def test_a_slope_that_is_trained(slope):
    """A Parameter as the slope of leaky_relu gets its gradient and belongs to the model."""
    x = np.array([[-1.0, 2.0], [3.0, -4.0], [-5.0, 0.5]])
    layer = Layer(2, 2, LeakyReLU(Parameter(slope)), init=lambda *_: np.eye(2), dtype=F64)
    y = layer(x)
    y.sum().backward()
    np.testing.assert_array_equal(y.data, np.where(x > 0, x, np.multiply(slope, x)))
    negative = np.minimum(x, 0).sum(axis=0)
    p = layer.parameters()[0]
    np.testing.assert_array_equal(p.grad, negative if p.ndim else negative.sum())
    assert next(iter(layer.state_dict())) == "activation.negative_slope"
