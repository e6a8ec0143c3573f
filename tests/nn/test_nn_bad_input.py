"""Bad input to ``nn``: the exact error, which names the thing, what was given and the way out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from autograd import Value
from autograd.errors import (
    ChainruleError,
    InvalidArgument,
    ShapeError,
    UnknownName,
    UnsupportedType,
)
from nn import (
    MLP,
    SGD,
    CrossEntropyLoss,
    Layer,
    LeakyReLU,
    Linear,
    MSELoss,
    Neuron,
    ReLU,
    Sequential,
    Softmax,
    binary_cross_entropy_with_logits,
    cross_entropy,
    fit,
    init,
    mse_loss,
    squared_error,
)
from nn.activations import ACTIVATIONS
from nn.init import INITIALIZERS
from nn.losses import LOSSES

NAMES = ", ".join(ACTIVATIONS)
LOSS_NAMES = ", ".join(LOSSES)
GIVE = "cannot be differentiated: give numbers, bools, and arrays or nested lists of them"
RNG = "rng must be a numpy.random.Generator, an integer seed or None, got"
SIZES = "sizes must list the neurons of each layer, as in [4, 4, 1], got"
FLOAT = "dtype must be a floating-point type such as np.float32, got"
INITIAL = "initial weights need a shape (out, in) of positive lengths, got"
ONE_SHAPE = "prediction and target must have one shape, got (4, 3) and"
RESHAPE = "reshape one of them (losses do not broadcast)"
PARAMS = "params must be a list of Values, as model.parameters() gives it, or [p] for a single one; got"
LEAF = (
    "cannot be optimized: it must be a leaf with requires_grad=True; "
    "leave out what is frozen: [p for p in model.parameters() if p.requires_grad]"
)
RATE = "lr (the learning rate) must be"
SLOPE = "negative_slope must be"
NESTEROV = "nesterov=True needs momentum above 0 and dampening 0, got"
DROP = "drop or replace such samples"
DATA = "data must be a pair (inputs, targets), got"
ITEMS = "Sequential takes modules and functions, as in Sequential(Linear(2, 3), ReLU()); item 0 is"
STATE = "a state is a dict of arrays by path, as state_dict() gives it, got"
UNFIT = "the state does not fit this MLP, which is unchanged:\n  "
NOT_REACHED = (
    "the loss depends on none of the optimizer's parameters: make the optimizer of those of the "
    "model that is trained, and compute the loss without .data, .detach() and no_grad()"
)
REPLACED = (
    "is a Parameter, what replaces it ({}) would be neither trained nor saved: "
    "set its numbers with .{}.data = ..., or give a Parameter"
)
POSITIVE = "must be a positive integer, got"
SOFTMAX = "a single neuron has no softmax: give it to a Layer, which has all outputs"


def world():
    """A network with gradients and a velocity, and data for it."""
    w = SimpleNamespace(model=MLP(3, [4, 2], "tanh", rng=0), logits=Value(np.zeros((4, 3)), label="logits"))
    w.X, w.T = np.linspace(-1, 1, 30).reshape(10, 3), np.ones((10, 2))
    w.optimizer = SGD(w.model.parameters(), lr=0.1, momentum=0.9)
    mse_loss(w.model(w.X), w.T).backward()
    w.optimizer.step()
    w.model.layers[0].eval()
    w.leaf, w.constant = Value(1.0, label="w"), Value(1.0, label="c", requires_grad=False)
    return w


def training(w, **changes):
    given = {"model": w.model, "loss": "mse_loss", "data": (w.X, w.T), "optimizer": w.optimizer, "epochs": 2}
    return fit(**given | changes)


def state(w, **changes):
    """Load the state of the model with other entries; None takes one away."""
    entries = w.model.state_dict() | {name.replace("_", "."): entry for name, entry in changes.items()}
    w.model.load_state_dict({path: entry for path, entry in entries.items() if entry is not None})


def sgd(w, **options):
    return SGD([w.leaf], **({"lr": 0.1} | options))


def spoilt(array, at, number):
    array = array.copy()
    array[at] = number
    return array


def row(name, act, error, text):
    return pytest.param(act, error, text, id=name)


TABLE = [
    # -- layers and networks ----------------------------------------------------------------------
    row("activation, misspelt", lambda w: Layer(3, 2, "sigmod"), UnknownName,
        f"unknown activation 'sigmod'; did you mean 'sigmoid'? Names: {NAMES}"),
    row("output activation", lambda w: MLP(3, [2], output_activation="leaky"), UnknownName,
        f"unknown activation 'leaky'; did you mean 'leaky_relu'? Names: {NAMES}"),
    row("activation that is not used", lambda w: MLP(3, [2], "rel"), UnknownName,
        f"unknown activation 'rel'; did you mean 'relu'? Names: {NAMES}"),
    row("activation, like no other", lambda w: Neuron(3, "xyz"), UnknownName,
        f"unknown activation 'xyz'. Names: {NAMES}"),
    row("activation None", lambda w: Layer(3, 2, None), UnsupportedType,
        "activation must be a name or a function, got None"),
    row("activation in a list", lambda w: Neuron(3, ["relu"]), UnsupportedType,
        "activation must be a name or a function, got ['relu']"),
    row("activation, a class", lambda w: Layer(3, 2, ReLU), UnsupportedType,
        "activation must be a name or a function, got a class: write ReLU()"),
    row("slope, a text", lambda w: LeakyReLU("a"), UnsupportedType, f"{SLOPE} a number, got 'a'"),
    row("slope None", lambda w: LeakyReLU(None), UnsupportedType, f"{SLOPE} a number, got None"),
    row("slope NaN", lambda w: LeakyReLU(np.nan), InvalidArgument, f"{SLOPE} finite, got nan"),
    row("activation, in capitals", lambda w: Layer(3, 2, "ReLU"), UnknownName,
        f"unknown activation 'ReLU'; did you mean 'relu'? Names: {NAMES}"),
    row("activation set later", lambda w: setattr(w.model.layers[0], "activation", "sigmod"), UnknownName,
        f"unknown activation 'sigmod'; did you mean 'sigmoid'? Names: {NAMES}"),
    row("softmax set on a neuron", lambda w: setattr(Neuron(3), "activation", "softmax"), InvalidArgument,
        SOFTMAX),
    row("softmax on a neuron", lambda w: Neuron(3, "softmax"), InvalidArgument, SOFTMAX),
    row("softmax module on a neuron", lambda w: Neuron(3, Softmax()), InvalidArgument, SOFTMAX),
    row("no inputs", lambda w: Linear(0, 2), InvalidArgument, f"in_features {POSITIVE} 0"),
    row("negative size", lambda w: Layer(3, -1), InvalidArgument,
        f"out_features {POSITIVE} -1"),
    row("float size", lambda w: Neuron(3.0), InvalidArgument, f"in_features {POSITIVE} 3.0"),
    row("bool size", lambda w: Linear(3, True), InvalidArgument,
        f"out_features {POSITIVE} True"),
    row("empty sizes", lambda w: MLP(3, []), InvalidArgument, f"{SIZES} []"),
    row("a number as sizes", lambda w: MLP(3, 4), InvalidArgument, f"{SIZES} 4"),
    row("None as sizes", lambda w: MLP(3, None), InvalidArgument, f"{SIZES} None"),
    row("a float among the sizes", lambda w: MLP(3, [4, 1.0]), InvalidArgument,
        f"sizes[1] {POSITIVE} 1.0"),
    row("a zero among the sizes", lambda w: MLP(3, [0, 1]), InvalidArgument,
        f"sizes[0] {POSITIVE} 0"),
    row("integer dtype", lambda w: Linear(3, 2, dtype=int), UnsupportedType, f"{FLOAT} <class 'int'>"),
    row("complex dtype", lambda w: MLP(3, [2], dtype="complex64"), UnsupportedType, f"{FLOAT} 'complex64'"),
    row("no dtype", lambda w: Neuron(3, dtype="float33"), UnsupportedType, f"{FLOAT} 'float33'"),
    row("rng, a text", lambda w: Linear(3, 2, rng="seed"), UnsupportedType, f"{RNG} 'seed'"),
    row("rng, a float", lambda w: MLP(3, [2], rng=0.5), UnsupportedType, f"{RNG} 0.5"),
    row("rng, negative", lambda w: Neuron(3, rng=-1), UnsupportedType, f"{RNG} -1"),
    row("initializer, misspelt", lambda w: Linear(3, 2, init="xaviar"), UnknownName,
        f"unknown initializer 'xaviar'; did you mean 'xavier'? Names: {', '.join(INITIALIZERS)}"),
    row("initializer, a number", lambda w: Linear(3, 2, init=0.5), UnsupportedType,
        "initializer must be a name or a function, got 0.5"),
    row("initializer of another shape", lambda w: Linear(3, 2, init=lambda s, rng: np.ones(3)), ShapeError,
        "init must give an array of shape (2, 3), got (3,)"),
    row("initializer of text", lambda w: Linear(3, 2, init=lambda s, rng: "ones"), UnsupportedType,
        f"str 'ones' {GIVE}"),
    row("initial weights of a vector", lambda w: init.he_normal((3,)), InvalidArgument, f"{INITIAL} (3,)"),
    row("initial weights of nothing", lambda w: init.uniform((0, 3)), InvalidArgument, f"{INITIAL} (0, 3)"),
    row("initial weights of a number", lambda w: init.uniform(3), InvalidArgument, f"{INITIAL} 3"),
    row("initial weights of halves", lambda w: init.normal((2.5, 3)), InvalidArgument, f"{INITIAL} (2.5, 3)"),
    row("gain, a name", lambda w: init.xavier_uniform((2, 3), gain="relu"), UnsupportedType,
        "gain must be a number, got 'relu'"),
    row("negative gain", lambda w: init.xavier_normal((2, 3), gain=-1), InvalidArgument,
        "gain must be finite and not negative, got -1"),
    row("negative bound", lambda w: init.uniform((2, 3), bound=-1), InvalidArgument,
        "bound must be finite and not negative, got -1"),
    row("negative deviation", lambda w: init.normal((2, 3), std=-1), InvalidArgument,
        "std must be finite and not negative, got -1"),
    row("a list in Sequential", lambda w: Sequential([ReLU()]), UnsupportedType, f"{ITEMS} [ReLU()]"),
    row("a class in Sequential", lambda w: Sequential(ReLU), UnsupportedType,
        f"{ITEMS} <class 'nn.activations.ReLU'>"),
    row("wrong width", lambda w: w.model(np.ones((5, 4))), ShapeError,
        "Layer takes 3 features in the last axis, got an input of shape (5, 4): give one of shape (..., 3)"),
    row("no width", lambda w: Linear(3, 2)(1.0), ShapeError,
        "Linear takes 3 features in the last axis, got an input of shape (): give one of shape (..., 3)"),
    row("samples and features exchanged", lambda w: Neuron(3)(np.ones((3, 5))), ShapeError,
        "Neuron takes 3 features in the last axis, got an input of shape (3, 5): give one of shape (..., 3)"),
    row("a short list", lambda w: MLP(3, [2], neurons=True)([1.0, 2.0]), ShapeError,
        "MLP takes 3 inputs, got 2: give a list of 3"),
    row("text as input", lambda w: w.model("abc"), UnsupportedType, f"str 'abc' {GIVE}"),
    row("text among inputs", lambda w: Layer(3, 2, neurons=True)([1.0, "b", 3.0]), UnsupportedType,
        f"str 'b' {GIVE}"),
    row("None as input", lambda w: w.model(None), UnsupportedType, f"None {GIVE}"),
    row("rows of different lengths", lambda w: w.model([[1, 2, 3], [1, 2]]), UnsupportedType,
        "list [[1, 2, 3], [1, 2]] is no array, its rows differ in length: "
        "pad them, or keep a list of Values"),
    row("an array for a parameter", lambda w: setattr(w.model.layers[0], "weight", np.ones((4, 3))),
        UnsupportedType, f"Layer.weight {REPLACED.format('ndarray', 'weight')}"),
    row("a Value for a parameter", lambda w: setattr(w.model.layers[0], "bias", Value(np.ones(4))),
        UnsupportedType, f"Layer.bias {REPLACED.format('Value', 'bias')}"),
    row("training data as mode", lambda w: w.model.train(w.X), UnsupportedType,
        "train(mode) sets the mode, True or False, got ndarray: nn.fit trains a model"),
    # -- states -----------------------------------------------------------------------------------
    row("missing entry", lambda w: state(w, layers_0_bias=None), InvalidArgument,
        f"{UNFIT}missing: layers.0.bias"),
    row("extra entry", lambda w: state(w, extra=1.0), InvalidArgument, f"{UNFIT}unexpected: extra"),
    row("misshapen entry", lambda w: state(w, layers_0_weight=np.ones((3, 4))), InvalidArgument,
        f"{UNFIT}layers.0.weight: expected shape (4, 3), got (3, 4)"),
    row("entry of text", lambda w: state(w, layers_1_bias="zero"), InvalidArgument,
        f"{UNFIT}layers.1.bias: str 'zero' {GIVE}"),
    row("all of them", lambda w: state(w, layers_0_bias=None, layers_1_bias=1.0, extra=1.0), InvalidArgument,
        f"{UNFIT}missing: layers.0.bias\n  unexpected: extra\n  layers.1.bias: expected shape (2,), got ()"),
    row("a model as state", lambda w: w.model.load_state_dict(w.model), UnsupportedType, f"{STATE} MLP"),
    row("None as state", lambda w: w.model.load_state_dict(None), UnsupportedType, f"{STATE} NoneType"),
    # -- losses -----------------------------------------------------------------------------------
    row("label too large", lambda w: cross_entropy(w.logits, [0, 1, 2, 3]), InvalidArgument,
        "the label 3 at index (3,) is out of range: logits of shape (4, 3) have classes 0 to 2"),
    row("negative label", lambda w: cross_entropy(w.logits, [0, -1, 2, 2]), InvalidArgument,
        "the label -1 at index (1,) is out of range: logits of shape (4, 3) have classes 0 to 2"),
    row("label of one sample", lambda w: cross_entropy(w.logits[0], 3), InvalidArgument,
        "the label 3 at index () is out of range: logits of shape (3,) have classes 0 to 2"),
    row("float labels", lambda w: cross_entropy(w.logits, [0.0, 1.0, 2.0, 2.0]), InvalidArgument,
        "class numbers must be integers, got dtype float64: use target.astype(int)"),
    row("bool labels", lambda w: cross_entropy(w.logits, [True, False, True, True]), InvalidArgument,
        "class numbers must be integers, got dtype bool: use target.astype(int)"),
    row("labels in a column", lambda w: cross_entropy(w.logits, [[0], [1], [2], [2]]), ShapeError,
        "for logits of shape (4, 3), targets are class numbers of shape (4,) "
        "or probabilities of shape (4, 3); got shape (4, 1)"),
    row("too few labels", lambda w: CrossEntropyLoss()(w.logits, [0, 1]), ShapeError,
        "for logits of shape (4, 3), targets are class numbers of shape (4,) "
        "or probabilities of shape (4, 3); got shape (2,)"),
    row("text as labels", lambda w: cross_entropy(w.logits, ["cat", "dog"]), UnsupportedType,
        f"list ['cat', 'dog'] {GIVE}"),
    row("probability above 1", lambda w: cross_entropy(w.logits, spoilt(np.zeros((4, 3)), (1, 2), 5)),
        InvalidArgument, "targets must lie in [0, 1], the one at (1, 2) is 5.0"),
    row("logits without classes", lambda w: cross_entropy(w.leaf, 0), ShapeError,
        "logits have the shape (batch, classes, ...) or (classes,), got ()"),
    row("binary target of 2", lambda w: binary_cross_entropy_with_logits(w.leaf, 2), InvalidArgument,
        "targets must lie in [0, 1], the one at () is 2.0"),
    row("binary target NaN", lambda w: binary_cross_entropy_with_logits(w.leaf, np.nan), InvalidArgument,
        "targets must lie in [0, 1], the one at () is nan"),
    row("targets of another shape", lambda w: mse_loss(w.logits, np.ones((4, 1))), ShapeError,
        f"{ONE_SHAPE} (4, 1): {RESHAPE}"),
    row("one target for all", lambda w: squared_error(w.logits, 1.0), ShapeError,
        f"{ONE_SHAPE} (): {RESHAPE}"),
    row("binary targets of another shape", lambda w: binary_cross_entropy_with_logits(w.logits, [1] * 4),
        ShapeError, f"{ONE_SHAPE} (4,): {RESHAPE}"),
    row("None as target", lambda w: mse_loss(w.logits, None), UnsupportedType, f"None {GIVE}"),
    row("complex target", lambda w: mse_loss(w.logits, np.ones((4, 3), complex)), UnsupportedType,
        f"an array of dtype complex128 {GIVE}"),
    row("masked target", lambda w: mse_loss(w.logits, np.ma.masked_array(np.ones((4, 3)))), UnsupportedType,
        "a masked array would lose its mask: give .filled(...) instead"),
    row("reduction, misspelt", lambda w: mse_loss(w.logits, w.logits, "men"), UnknownName,
        "unknown reduction 'men'; did you mean 'mean'? Names: mean, sum, none"),
    row("reduction of a module", lambda w: MSELoss("average"), UnknownName,
        "unknown reduction 'average'. Names: mean, sum, none"),
    row("reduction None", lambda w: CrossEntropyLoss(None), InvalidArgument,
        "reduction must be one of mean, sum, none, got None"),
    # -- optimizers -------------------------------------------------------------------------------
    row("negative rate", lambda w: sgd(w, lr=-0.1), InvalidArgument, f"{RATE} finite and above 0, got -0.1"),
    row("rate 0", lambda w: sgd(w, lr=0), InvalidArgument, f"{RATE} finite and above 0, got 0"),
    row("rate NaN", lambda w: sgd(w, lr=np.nan), InvalidArgument, f"{RATE} finite and above 0, got nan"),
    row("rate infinite", lambda w: sgd(w, lr=np.inf), InvalidArgument, f"{RATE} finite and above 0, got inf"),
    row("rate, a very large integer", lambda w: sgd(w, lr=10**5000), InvalidArgument,
        f"{RATE} finite and above 0, got inf"),
    row("rate, a text", lambda w: sgd(w, lr="0.1"), UnsupportedType, f"{RATE} a number, got '0.1'"),
    row("rate None", lambda w: sgd(w, lr=None), UnsupportedType, f"{RATE} a number, got None"),
    row("rate True", lambda w: sgd(w, lr=True), UnsupportedType, f"{RATE} a number, got True"),
    row("rate set later", lambda w: setattr(w.optimizer, "lr", 0.0), InvalidArgument,
        f"{RATE} finite and above 0, got 0.0"),
    row("negative momentum", lambda w: sgd(w, momentum=-0.9), InvalidArgument,
        "momentum must be finite and not negative, got -0.9"),
    row("negative dampening", lambda w: sgd(w, dampening=-0.9), InvalidArgument,
        "dampening must be finite and not negative, got -0.9"),
    row("negative weight decay", lambda w: sgd(w, weight_decay=-0.9), InvalidArgument,
        "weight_decay must be finite and not negative, got -0.9"),
    row("nesterov without momentum", lambda w: sgd(w, nesterov=True), InvalidArgument,
        f"{NESTEROV} momentum=0.0 and dampening=0.0"),
    row("nesterov with dampening", lambda w: sgd(w, momentum=0.9, dampening=0.1, nesterov=True),
        InvalidArgument, f"{NESTEROV} momentum=0.9 and dampening=0.1"),
    row("no parameters", lambda w: SGD([]), InvalidArgument,
        "there are no parameters to optimize: the list is empty; a Module's parameters are those of "
        "its attributes that are a Parameter, a Module, or lists and dicts of them"),
    row("a single Value", lambda w: SGD(w.leaf), UnsupportedType, f"{PARAMS} Value"),
    row("the model", lambda w: SGD(w.model), UnsupportedType, f"{PARAMS} MLP"),
    row("the method", lambda w: SGD(w.model.parameters), UnsupportedType, f"{PARAMS} method"),
    row("a state", lambda w: SGD(w.model.state_dict()), UnsupportedType, f"{PARAMS} dict"),
    row("arrays", lambda w: SGD([w.leaf, np.ones(3)]), UnsupportedType,
        "parameter 1 must be a Value, got ndarray: give model.parameters()"),
    row("named parameters", lambda w: SGD(w.model.named_parameters()), UnsupportedType,
        "parameter 0 must be a Value, got tuple: give model.parameters()"),
    row("a constant", lambda w: SGD([w.constant]), UnsupportedType,
        f"parameter 0 (Value 'c') {LEAF}"),
    row("a computed Value", lambda w: SGD([w.leaf, w.leaf * 2]), UnsupportedType,
        f"parameter 1 (the result of multiply) {LEAF}"),
    row("a parameter twice", lambda w: SGD([w.leaf, *w.model.parameters(), w.leaf]), InvalidArgument,
        "Value 'w' appears 2 times among the parameters, and would be updated as often in each step: "
        "list it once"),
    # -- training ---------------------------------------------------------------------------------
    row("no epochs", lambda w: training(w, epochs=0), InvalidArgument, f"epochs {POSITIVE} 0"),
    row("half an epoch", lambda w: training(w, epochs=0.5), InvalidArgument,
        f"epochs {POSITIVE} 0.5"),
    row("batch size 0", lambda w: training(w, batch_size=0), InvalidArgument,
        f"batch_size {POSITIVE} 0"),
    row("negative tolerance", lambda w: training(w, tolerance=-1.0), InvalidArgument,
        "tolerance must be finite and not negative, got -1.0"),
    row("rng of fit", lambda w: training(w, rng="seed"), UnsupportedType, f"{RNG} 'seed'"),
    row("loss, misspelt", lambda w: training(w, loss="mse"), UnknownName,
        f"unknown loss 'mse'; did you mean 'mse_loss'? Names: {LOSS_NAMES}"),
    row("loss, a class", lambda w: training(w, loss=MSELoss), UnsupportedType,
        "loss must be a name or a function, got a class: write MSELoss()"),
    row("loss None", lambda w: training(w, loss=None), UnsupportedType,
        "loss must be a name or a function, got None"),
    row("optimizer, a name", lambda w: training(w, optimizer="sgd"), UnsupportedType,
        "optimizer must be an object such as SGD(model.parameters(), lr=0.1), got 'sgd'"),
    row("model None", lambda w: training(w, model=None), UnsupportedType,
        "model must be a module or a function, got None"),
    row("optimizer of another model", lambda w: training(w, optimizer=sgd(w)), InvalidArgument,
        NOT_REACHED),
    row("inputs only", lambda w: training(w, data=w.X), InvalidArgument, f"{DATA} ndarray"),
    row("three parts", lambda w: training(w, data=(w.X, w.T, w.T)), InvalidArgument, f"{DATA} 3 items"),
    row("numbers as data", lambda w: training(w, data=(1.0, 2.0)), ShapeError,
        "inputs must be an array whose first axis counts the samples, got one number"),
    row("empty data", lambda w: training(w, data=(w.X[:0], w.T[:0])), InvalidArgument,
        "the data set is empty: inputs of shape (0, 3) hold no samples"),
    row("no targets", lambda w: training(w, data=(w.X, [])), InvalidArgument,
        "the data set is empty: targets of shape (0,) hold no samples"),
    row("different lengths", lambda w: training(w, data=(w.X, w.T[:7])), ShapeError,
        "inputs and targets differ in length: 10 and 7 samples"),
    row("NaN in the inputs", lambda w: training(w, data=(spoilt(w.X, (7, 2), np.nan), w.T)), InvalidArgument,
        f"inputs must be finite, the element at (7, 2) is nan: {DROP}"),
    row("infinity in the targets", lambda w: training(w, data=(w.X, spoilt(w.T, (0, 1), -np.inf))),
        InvalidArgument, f"targets must be finite, the element at (0, 1) is -inf: {DROP}"),
    row("complex inputs", lambda w: training(w, data=(w.X * 1j, w.T)), UnsupportedType,
        f"an array of dtype complex128 {GIVE}"),
    row("inputs of another width", lambda w: training(w, data=(w.X[:, :2], w.T)), ShapeError,
        "Layer takes 3 features in the last axis, got an input of shape (10, 2): give one of shape (..., 3)"),
    row("targets without their axis", lambda w: training(w, data=(w.X, w.T[:, 0])), ShapeError,
        f"prediction and target must have one shape, got (10, 2) and (10,): {RESHAPE}"),
    row("loss of many numbers", lambda w: training(w, loss=lambda y, t: y - t), ShapeError,
        "the loss of a batch must be one number, got shape (10, 2): reduce it with .mean()"),
    row("loss that is a float", lambda w: training(w, loss=lambda y, t: 1.0), UnsupportedType,
        "the loss of a batch must be a Value, got float: "
        "compute it from the model's output, without .data and float()"),
    row("loss of a constant", lambda w: training(w, loss=lambda y, t: y.detach().mean()), InvalidArgument,
        NOT_REACHED),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "text"), TABLE)
def test_bad_input(act, error, text):
    """The error has this class and this text; parameters, gradients, modes and velocities are as before."""
    w = world()
    before = snapshot(w)
    with pytest.raises(error) as caught:
        act(w)
    assert type(caught.value) is error
    assert str(caught.value) == text
    np.testing.assert_equal(snapshot(w), before)


def snapshot(w):
    """All that can be seen of the model, the optimizer and the data, arrays copied."""
    values = [*w.model.parameters(), w.logits, w.leaf, w.constant]
    return [
        [(np.copy(v.data), np.copy(v.grad), v._note, v.label, v.requires_grad) for v in values],
        [module.training for module in w.model.modules()],
        {
            name: np.copy(part)
            for name, part in vars(w.optimizer).items()
            if name not in ("params", "_velocities")
        },
        {i: np.copy(velocity) for i, velocity in w.optimizer._velocities.items()},
        [w.X.copy(), w.T.copy()],
    ]


def test_errors_are_also_the_builtin_ones():
    """Every error can be caught as ChainruleError, and as TypeError, ValueError or RuntimeError."""
    for _, error, _ in (case.values for case in TABLE):
        assert issubclass(error, ChainruleError)
        assert issubclass(error, (TypeError, ValueError, RuntimeError))
