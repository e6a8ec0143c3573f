"""Modules: what is inside and under which path, saving and loading, modes, copies."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from autograd import Value
from nn import MLP, SGD, Layer, LeakyReLU, Linear, Module, Neuron, Parameter, Sequential


class Tree(Module):
    """Parameters and modules in every kind of place."""

    def __init__(self):
        self.last_by_name = Parameter(1.0)
        self.rows = [Parameter([1.0, 2.0]), (Linear(2, 1, rng=0), Parameter(2.0))]
        self.by_key = {"b": Parameter(3.0), 7: [Parameter(4.0)]}
        self.inner = Sequential(Linear(1, 1, bias=False, rng=0), np.tanh)
        self.constant = Value(5.0)
        self.settings = {"rate": 0.1, "names": ["a"], "nothing": None}


TREE = [
    "last_by_name", "rows.0", "rows.1.0.weight", "rows.1.0.bias", "rows.1.1", "by_key.b", "by_key.7.0",
    "inner.0.weight",
]  # fmt: skip

MODELS = {
    "Linear": lambda: Linear(3, 2, rng=0),
    "neurons": lambda: MLP(3, [2, 1], neurons=True, rng=0),
    "matrices": lambda: MLP(3, [2, 1], "tanh", rng=0),
    "Sequential": lambda: Sequential(Linear(3, 2, rng=0), LeakyReLU(0.2), np.tanh, Linear(2, 1, rng=1)),
}
X = np.random.default_rng(0).normal(size=(4, 3))
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


def numbers(model):
    return {path: array.tolist() for path, array in model.state_dict().items()}


def holding(**attributes):
    """A module with these attributes."""
    module = Module()
    vars(module).update(attributes)
    return module


def test_paths():
    """A path is attributes, indices and keys joined by dots, in the order in which they were set."""
    tree = Tree()
    assert [path for path, _ in tree.named_parameters()] == list(tree.state_dict()) == TREE
    assert tree.parameters() == [p for _, p in tree.named_parameters()]
    assert [path for path, _ in tree.named_modules()] == ["", "rows.1.0", "inner", "inner.0"]
    assert [module for _, module in tree.named_modules()] == tree.modules()
    assert tree.children() == [tree.rows[1][0], tree.inner]


def test_plain_values_are_no_parameters():
    """Only a Parameter is owned by a module: a Value, a number or an array of it is not."""
    assert holding(v=Value(1.0), x=1.0, array=np.ones(2), nothing=None).parameters() == []


def test_shared_parameters():
    """A parameter held twice is given once, is saved under both paths and keeps one gradient."""
    p, layer = Parameter(2.0), Linear(1, 1, rng=0)
    module = holding(a=p, b=[p], first=layer, second=layer)
    assert [path for path, _ in module.named_parameters()] == ["a", "first.weight", "first.bias"]
    assert list(module.state_dict()) == ["a", "b.0", "first.weight", "first.bias"]
    assert module.children() == [layer]
    (module.a * module.b[0]).backward()
    assert p.grad == 4.0
    module.load_state_dict(module.state_dict())


def test_cycles():
    """A module that holds the one that holds it is walked once, and can be shown, copied and pickled."""
    child = holding(weight=Parameter(1.0))
    parent = holding(child=child)
    child.parent = parent
    assert list(parent.state_dict()) == ["child.weight"]
    assert list(child.state_dict()) == ["weight"]
    assert len(parent.modules()) == 2
    assert repr(parent) == "Module(\n  (child): Module(\n    (parent): ...\n  )\n)"
    for twin in (copy.deepcopy(parent), pickle.loads(pickle.dumps(parent))):
        assert twin.child.parent is twin
        assert twin.child.weight is not child.weight


@every_model
def test_state_is_a_copy(make):
    """Neither changes to the model change a state that was saved, nor the other way round."""
    model = make()
    state, before = model.state_dict(), numbers(model)
    for array in state.values():
        array[...] = 9.0
    assert numbers(model) == before
    saved = model.state_dict()
    for p in model.parameters():
        p.data = p.data + 1.0
    assert {path: array.tolist() for path, array in saved.items()} == before


@every_model
def test_a_loaded_state_gives_the_same_outputs(make):
    """load_state_dict(state_dict()) makes another model compute the same, and shares no memory."""
    model, other = make(), make()
    for p in other.parameters():
        p.data = p.data * 0.5 + 1.0
    state = model.state_dict()
    assert other.load_state_dict(state) == ([], [])
    np.testing.assert_array_equal(other(X).data, model(X).data)
    for array in state.values():
        array[...] = 9.0
    assert numbers(other) == numbers(model)


@pytest.mark.parametrize(
    "given", [[[1, 1]], np.ones((1, 2), int), np.ones((1, 2), np.float16), Value([[1.0, 1.0]])], ids=repr
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_loading_keeps_the_dtype(dtype, given):
    """A parameter keeps its type, whatever the type of the numbers loaded: lists, integers, Values."""
    layer = Linear(2, 1, bias=False, dtype=dtype)
    layer.load_state_dict({"weight": given})
    assert layer.weight.dtype == dtype
    np.testing.assert_array_equal(layer.weight.data, [[1.0, 1.0]])


def test_loading_reports_all_problems_at_once_and_changes_nothing():
    """The error names each missing, unexpected, misshapen and unusable entry; no parameter has changed."""
    model = MLP(3, [2, 1], rng=0)
    before = numbers(model)
    state = model.state_dict() | {"layers.0.weight": np.ones((3, 2)), "layers.1.weight": "text", "extra": 1.0}
    del state["layers.0.bias"]
    with pytest.raises(ValueError, match="does not fit") as caught:
        model.load_state_dict(state)
    assert str(caught.value) == (
        "the state does not fit this MLP, which is unchanged:\n"
        "  missing: layers.0.bias\n"
        "  unexpected: extra\n"
        "  layers.0.weight: expected shape (2, 3), got (3, 2)\n"
        "  layers.1.weight: str 'text' cannot be differentiated: "
        "give numbers, bools, and arrays or nested lists of them"
    )
    assert numbers(model) == before


def test_loading_what_fits():
    """With strict=False the entries that both have are loaded, and the other ones are returned."""
    model = MLP(3, [2, 1], rng=0)
    before = numbers(model)
    keys = model.load_state_dict({"layers.1.bias": [7.0], "extra": 1.0}, strict=False)
    assert keys.missing_keys == ["layers.0.weight", "layers.0.bias", "layers.1.weight"]
    assert keys.unexpected_keys == ["extra"]
    assert numbers(model) == before | {"layers.1.bias": [7.0]}
    with pytest.raises(ValueError, match=r"layers.1.bias: expected shape \(1,\), got \(2,\)"):
        model.load_state_dict({"layers.1.bias": [7.0, 8.0]}, strict=False)


def test_a_graph_from_before_loading_is_refused():
    """Gradients of a graph that had used the old numbers would be wrong: backward() says so."""
    layer = Linear(3, 1, rng=0)
    y = layer(X).sum()
    layer.load_state_dict(layer.state_dict())
    with pytest.raises(RuntimeError, match="was changed after the graph had used it"):
        y.backward()


def test_train_and_eval():
    """A new module trains; train and eval set the mode of every module inside and return the module."""
    tree = Tree()
    assert all(module.training for module in tree.modules())
    for switch, mode in [(tree.eval, False), (tree.train, True), (lambda: tree.train(False), False)]:
        assert switch() is tree
        assert [module.training for module in tree.modules()] == [mode] * 4
    assert Tree().training


@every_model
def test_zero_grad(make):
    """It forgets every gradient."""
    model = make()
    model(X).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


class Named(Module):
    def __init__(self):
        self.body = [Linear(1, 2, rng=0), Neuron(2, "tanh")]
        self.again = self.body[0]

    def extra_repr(self):
        return "rate=0.1"


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (Module(), "Module()"),
        (Linear(3, 2), "Linear(3, 2)"),
        (Linear(3, 2, bias=False), "Linear(3, 2, bias=False)"),
        (
            Sequential(Linear(1, 2), np.tanh, np.tanh),
            "Sequential(\n  (0): Linear(1, 2)\n  (1): tanh\n  (2): tanh\n)",
        ),
        (Layer(1, 2, bias=False), "Layer(1, 2, activation='relu', bias=False)"),
        (
            Layer(1, 1, neurons=True),
            "Layer(\n  1, 1, activation='relu'\n  (neurons.0): Neuron(1, activation='relu')\n)",
        ),
        (
            Named(),
            "Named(\n  rate=0.1\n  (body.0): Linear(1, 2)\n  (body.1): Neuron(2, activation='tanh')\n)",
        ),
        (
            Sequential(MLP(1, [2])),
            "Sequential(\n  (0): MLP(\n    (layers.0): Layer(1, 2, activation='linear')\n  )\n)",
        ),
    ],
    ids=["empty", "Linear", "no bias", "Sequential", "Layer without bias", "neurons", "list", "nested"],
)
def test_repr(module, text):
    """Modules, each once, and functions in rows, indented below the one that holds them, with settings."""
    assert repr(module) == text


@pytest.mark.parametrize(
    "twin_of", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"]
)
@every_model
def test_copies_are_independent(make, twin_of):
    """A copy has the same paths, labels, numbers, gradients, mode and outputs, and a life of its own."""
    model = make().eval()
    model(X).sum().backward()
    twin = twin_of(model)
    assert repr(twin) == repr(model)
    assert numbers(twin) == numbers(model)
    assert not twin.training
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert type(q) is Parameter
        assert (q.label, q.dtype) == (p.label, p.dtype)
        np.testing.assert_array_equal(q.grad, p.grad)
    np.testing.assert_array_equal(twin(X).data, model(X).data)
    before = numbers(model)
    SGD(twin.parameters(), lr=1.0).step()
    assert numbers(model) == before != numbers(twin)


def test_copies_keep_sharing():
    """A parameter that is held twice is held twice in a copy."""
    p = Parameter(2.0)
    twin = copy.deepcopy(holding(a=p, b=[p]))
    assert twin.a is twin.b[0] is not p


def test_no_forward():
    """A module that defines no forward says so when it is called."""
    with pytest.raises(NotImplementedError, match=r"^Tree defines no forward\(self, \.\.\.\)$"):
        Tree()(1.0)


def test_forward_takes_any_arguments():
    """Calling a module is calling its forward, keywords included."""

    class Scaled(Module):
        def forward(self, x, *, by):
            return by * x

    assert Scaled()(3.0, by=2.0) == 6.0


def test_sequential_is_a_sequence_of_its_items():
    """It has a length, items by index and iteration, in order, functions included."""
    first = Linear(1, 2, rng=0)
    model = Sequential(first, np.tanh)
    assert (len(model), list(model), model[0], model[-1]) == (2, [first, np.tanh], first, np.tanh)
    assert len(Sequential(*[np.tanh] * 12)) == 12
    assert Sequential()(3.0) == 3.0


def test_a_slice_of_a_sequential_is_one():
    """It shares the items, counts them anew, and leaves the labels of parameters as they are."""
    model = Sequential(Linear(1, 2, rng=0), np.tanh, Linear(2, 1, rng=1))
    end = model[1:]
    assert (list(end), list(end.state_dict())) == ([np.tanh, model[2]], ["1.weight", "1.bias"])
    assert end[1].weight.label == "2.weight"
    np.testing.assert_array_equal(end(model[0](X[:, :1])).data, model(X[:, :1]).data)


def test_a_parameter_gives_way_to_a_parameter_or_to_none():
    """Tying weights and leaving the bias out are assignments; the numbers go into .data."""
    a, b = Linear(2, 2, rng=0), Linear(2, 2, rng=1)
    b.weight, b.bias = a.weight, None
    assert b.parameters() == [a.weight]
    a.weight.data = np.ones((2, 2))
    assert b(np.ones(2)).data.tolist() == [2.0, 2.0]


def test_a_state_that_overflows_changes_nothing():
    """Numbers too large for a parameter's type warn before any is set, even where warnings are errors."""
    model = Linear(1, 1, rng=0)
    before = numbers(model)
    with pytest.raises(RuntimeWarning, match="overflow"):
        model.load_state_dict({"weight": [[1.0]], "bias": [1e300]})
    assert numbers(model) == before
