"""Explanations: the numbers are the engine's, the formulas compute them, the words are a person's."""

from __future__ import annotations

import gc
import math
import re
import time
import weakref

import numpy as np
import pytest

from autograd import (
    Value,
    checkpoint,
    explain,
    gradients,
    leaky_relu,
    log_softmax,
    logsumexp,
    no_grad,
    primitive,
    relu,
    sigmoid,
    softmax,
)
from autograd.errors import InvalidArgument, NoGradient, StaleGraph, UnsupportedType
from autograd.explaining.paths import count, on_the_way, steps_between_names, total
from autograd.formula import text
from autograd.graph import topological_order
from autograd.names import user_names
from autograd.spelling import Speller
from nn import MLP, Linear, cross_entropy, squared_error

SEEDS = range(40)
WORDS = {
    "sin": math.sin, "cos": math.cos, "exp": math.exp, "log": math.log, "sqrt": math.sqrt,
    "tanh": math.tanh, "sign": lambda x: (x > 0) - (x < 0),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}  # fmt: skip


def notes():
    """The network of the lecture notes."""
    values = {"x": 0.1, "w1": 0.15, "b1": 0.40, "w2": 0.45, "b2": 0.65, "T": 0.25}
    v = {name: Value(n, label=name, requires_grad=name not in "xT") for name, n in values.items()}
    v["z1"] = v["w1"] * v["x"] + v["b1"]
    v["a1"] = v["z1"].sigmoid()
    v["z2"] = v["w2"] * v["a1"] + v["b2"]
    v["a2"] = v["z2"].sigmoid()
    v["E"] = 0.5 * (v["T"] - v["a2"]) ** 2
    for name, value in v.items():
        value.label = name
    return v


def random_graph(seed, size=12, labels=0.4):
    """An output and its leaves, by random operations on random nodes, some of them labelled."""
    rng = np.random.default_rng(seed)
    leaves = [Value(rng.uniform(0.5, 1.5), label=name) for name in "abc"]
    nodes = list(leaves)
    for k in range(size):
        p, q = (nodes[-1 - min(int(rng.geometric(0.4)) - 1, len(nodes) - 1)] for _ in range(2))
        operations = [
            lambda p, q: p + q, lambda p, q: p - 0.5 * q, lambda p, q: p * q, lambda p, q: p / (q * q + 1),
            lambda p, q: p.sigmoid(), lambda p, q: -p.tanh(), lambda p, q: p.sin() * 1.5,
            lambda p, q: (p * p + 0.1) ** 0.5, lambda p, q: p**3 / 3, lambda p, q: abs(p) + q.relu(),
            lambda p, q: (p * 0.3).exp(), lambda p, q: np.where(rng.random() < 0.5, p, q),
        ]  # fmt: skip
        new = operations[rng.integers(len(operations))](p, q)
        if rng.random() < labels and new.label is None and new not in leaves:
            new.label = f"n{k}"
        nodes.append(new)
    output = nodes[-1] + 0.5 * nodes[-2]
    output.label = "E"
    return output, [leaf for leaf in leaves if leaf in set(topological_order(output))]


def every_path(output, wrt):
    """The number of paths, by walking each."""
    if output is wrt:
        return 1
    return sum(every_path(p, wrt) for p in output.parents if p.requires_grad)


# -- the notes ----------------------------------------------------------------------------------


def test_the_notes_formula():
    """For the notes' network, dE/dw2 is printed as the notes have it, with the numbers."""
    v = notes()
    e = explain(v["E"], wrt=v["w2"])
    assert e.formula == "-(T - a2) * a2 * (1 - a2) * a1"
    assert str(e) == NOTES
    assert e.value == gradients(v["E"], [v["w2"]])[0]


NOTES = """\
dE/dw2 = 0.05707, along one path

  E <- a2 <- z2 <- w2

    dE/da2  = -(T - a2) = -(0.25 - 0.7153) = 0.4653
    da2/dz2 = a2 * (1 - a2) = 0.7153 * (1 - 0.7153) = 0.2037
    dz2/dw2 = a1 = 0.6023

    dE/dw2 = -(T - a2) * a2 * (1 - a2) * a1
           = -(0.25 - 0.7153) * 0.7153 * (1 - 0.7153) * 0.6023
           = 0.4653 * 0.2037 * 0.6023
           = 0.05707"""


@pytest.mark.parametrize(
    ("wrt", "formula"),
    [
        ("b2", "-(T - a2) * a2 * (1 - a2)"),
        ("w1", "-(T - a2) * a2 * (1 - a2) * w2 * a1 * (1 - a1) * x"),
        ("b1", "-(T - a2) * a2 * (1 - a2) * w2 * a1 * (1 - a1)"),
        ("a1", "-(T - a2) * a2 * (1 - a2) * w2"),
        ("E", "1"),
    ],
)
def test_the_other_derivatives_of_the_notes(wrt, formula):
    """All four derivatives of the notes, one of a middle node, and that of E itself."""
    v = notes()
    assert explain(v["E"], wrt=v[wrt]).formula == formula


def test_the_library_loss_gives_the_same_formula():
    """nn.squared_error is the notes' E: its target goes by the notes' name T."""
    v = notes()
    E = squared_error(v["a2"], 0.25)
    e = explain(E, wrt=v["w2"], names={"E": E})
    assert e.formula == "-(T - a2) * a2 * (1 - a2) * a1"
    assert (e.count, e.different) == (2, 1)


# -- scalars: numbers and formulas ------------------------------------------------------------------


@pytest.mark.parametrize("labels", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_sum_over_paths_is_the_gradient(seed, labels):
    """On random graphs, however many nodes have names, the paths written out add up to the gradient."""
    output, leaves = random_graph(seed, labels=labels)
    for leaf in leaves:
        e = explain(output, wrt=leaf, paths=100_000)
        (g,) = gradients(output, [leaf])
        assert e.value == g
        assert e.complete
        assert e.remainder == 0.0
        size = sum(abs(p.value) for p in e.paths) + 1e-300
        assert abs(math.fsum(p.value for p in e.paths) - g) <= 1e-11 * size


@pytest.mark.parametrize("seed", SEEDS)
def test_formulas_compute_the_numbers(seed):
    """Each path's formula, with the values of its names put in, computes the path's contribution."""
    output, leaves = random_graph(seed, size=9)
    for leaf in leaves:
        e = explain(output, wrt=leaf, paths=500)
        for path in e.paths:
            for f in path.factors:
                assert eval(f.formula, WORDS, dict(e.values)) == pytest.approx(f.value, rel=1e-4, abs=1e-9)
            assert eval(path.formula, WORDS, dict(e.values)) == pytest.approx(path.value, rel=1e-4, abs=1e-9)
            assert math.prod(f.value for f in path.factors) == pytest.approx(path.value, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_remainder_is_that_of_the_paths_not_shown(seed):
    """The largest paths are shown first, and the remainder is the sum of all others."""
    output, leaves = random_graph(seed)
    for leaf in leaves:
        whole, some = explain(output, wrt=leaf, paths=100_000), explain(output, wrt=leaf, paths=2)
        sizes = [abs(p.value) for p in whole.paths]
        assert sizes == sorted(sizes, reverse=True)
        assert [p.value for p in some.paths] == [p.value for p in whole.paths[:2]]
        left = math.fsum(p.value for p in whole.paths[2:])
        assert some.remainder == pytest.approx(left, rel=1e-9, abs=1e-12 * sum(sizes))
        assert (some.count, some.different) == (whole.count, len(whole.paths))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_number_of_paths(seed):
    """The number of paths of the graph is what counting them one by one gives."""
    rng = np.random.default_rng(seed)
    x = Value(0.7, label="x")
    nodes = [x]
    for _ in range(8):
        a, b = rng.integers(len(nodes), size=2)
        nodes.append(nodes[a].sin() + nodes[b] * nodes[-1])
    assert explain(nodes[-1], wrt=x).count == every_path(nodes[-1], x)


@pytest.mark.parametrize("labels", [False, True])
def test_a_diamond_of_forty_doublings(labels):
    """2**40 paths are counted and summed at once, alike or not, with names or without."""
    start = time.process_time()
    x = Value(0.3, label="x")
    for double in (lambda y: y + y, lambda y: y.sin() * y.cos(), lambda y: y * 0.4 + y.tanh() * y):
        y = x
        for k in range(40):
            y = double(y)
            y.label = f"y{k}" if labels else None
        e = explain(y, wrt=x)
        assert e.count >= 2**40
        assert len(e.paths) <= 6
        assert len(str(e)) < 20_000
        order = topological_order(y)
        steps = steps_between_names(order, x, Speller(order, user_names(order)))
        assert total(steps) == pytest.approx(e.value, rel=1e-9)
        assert count(steps)[0] == e.count
    assert time.process_time() - start < 5


def test_a_sum_of_a_thousand_terms():
    """A thousand paths become one, or the largest are written out and the rest is stated as one number."""
    w = Value(0.5, label="w")
    alike = different = 0.0
    for k in range(1000):
        alike = alike + (w * (k / 1000)) ** 2
        different = different + Value(k / 1000, label=f"k{k}") * w
    e = explain(alike, wrt=w)
    assert (e.count, e.different, len(e.paths)) == (1000, 1, 1)
    e = explain(different, wrt=w)
    assert (e.count, e.different, len(e.paths)) == (1000, 1000, 6)
    assert e.paths[0].formula == "k999"
    assert e.remainder == pytest.approx(sum(range(994)) / 1000)
    assert "the other 994 paths" in e.text


def test_a_long_chain_is_no_exception():
    """Ten thousand operations in a row are explained without recursion, on a page of text."""
    x = y = Value(0.5, label="x")
    for _ in range(10_000):
        y = (y * 1.01).sin()
    e = explain(y, wrt=x)
    assert e.value == gradients(y, [x])[0]
    assert len(str(e).splitlines()) < 80


@pytest.mark.parametrize(("slopes", "left"), [([1e308] * 9, math.inf), ([math.inf, -math.inf] * 5, math.nan)])
def test_paths_whose_sum_is_no_number(slopes, left):
    """What is not written out may be infinite, or no number."""
    x = Value(1.0, label="x")
    terms = [Value(slope, label=f"s{i}") * x for i, slope in enumerate(slopes)]
    with np.errstate(all="ignore"):
        e = explain(sum(terms[1:], terms[0]), wrt=x)
    assert np.array_equal(e.value, left, equal_nan=True)
    assert not np.isfinite(e.remainder)
    assert "other" in e.text


def test_equal_terms_are_written_together():
    """d*d is 2*d, x*x*x is 3*x**2, and x - x is 0."""
    x = Value(3.0, label="x")
    assert explain(x * x, wrt=x).formula == "2 * x"
    assert explain(x * x * x, wrt=x).formula == "3 * x**2"
    assert explain(x - x, wrt=x).formula == "0"
    assert explain(x / (x * x), wrt=x).value == pytest.approx(-1 / 9)


def test_several_paths_are_added():
    """Each path has its own lines; then the sum, in symbols and numbers."""
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    p, q = a * b, a.exp()
    p.label, q.label = "p", "q"
    E = p * q
    E.label = "E"
    e = explain(E, wrt=a)
    assert [path.names for path in e.paths] == [("E", "q", "a"), ("E", "p", "a")]
    assert e.formula == "p * q + q * b"
    assert "path 2: E <- p <- a" in e.text
    assert "the sum over 2 paths" in e.text


def test_a_branch_not_taken_is_no_path():
    """np.where cuts a path off: it is not counted, and its infinite derivative does no harm."""
    x = Value(0.0, label="x")
    y = np.where(x.data > 0, x.sqrt(), 3 * x)
    e = explain(y, wrt=x)
    assert (e.count, e.value, e.formula) == (1, 3.0, "3")


def test_piecewise_functions():
    """A kinked function contributes its condition, or the slope of the piece that was taken."""
    x = Value(-2.0, label="x")
    assert explain(relu(x) * 3, wrt=x).formula == "3 * (x > 0)"
    assert explain(leaky_relu(x, 0.1), wrt=x).formula == "0.1"


def test_a_rule_without_notation():
    """A user's own primitive appears as its name with a prime, or with the notation that it was given."""
    cube = primitive(lambda g, y, x: g * 3 * x**2, name="cube")(lambda x: x**3)
    power = primitive(lambda g, y, x: g * 3 * x**2, name="cube", notation=("3*x**2",))(lambda x: x**3)
    z = Value(2.0, label="z")
    assert explain(cube(z), wrt=z).formula == "cube'(z)"
    assert explain(power(z), wrt=z).formula == "3 * z**2"


def test_checkpoints():
    """A checkpointed piece is one factor, with the engine's number."""
    w = Value(0.5, label="w")
    y = 2 * checkpoint(lambda w: (w * w).sin() * w, w)
    e = explain(y, wrt=w)
    assert e.value == pytest.approx(e.paths[0].value, rel=1e-12)
    assert "checkpoint'(w)" in e.formula


def test_a_checkpoint_of_an_operand_and_what_was_made_of_it():
    """Each factor of a checkpointed piece is a partial derivative; two pieces are told apart."""
    w = Value(1.5, label="w")
    v = w.sin()
    e = explain(checkpoint(lambda w, v: w * v * v, w, v), wrt=w)
    assert sorted(p.value for p in e.paths) == pytest.approx([math.sin(3.0) * 1.5, math.sin(1.5) ** 2])
    e = explain(checkpoint(lambda w: w * w, w) * checkpoint(lambda w: w + w, w), wrt=w)
    assert e.formula == "checkpoint(w) * checkpoint_2'(w) + checkpoint_2(w) * checkpoint'(w)"


def test_conditions_and_ties():
    """A comparison in a sum stands in brackets; of equal operands each gets its share."""
    x = Value(2.0, label="x")
    assert explain(relu(x) + 3 * x, wrt=x).formula == "3 + (x > 0)"
    assert explain(np.maximum(x, 2.0), wrt=x).formula == "0.5"


def test_a_negative_number_alone_has_no_brackets():
    """Numbers stand in brackets inside of products only; nodes of equal numbers are not the same."""
    x, c = Value(2.0, label="x"), Value(-3.0, label="c")
    e = explain(x * 1.0 * c + c, wrt=x)
    assert "= c = -3" in e.text
    assert [p.names for p in e.paths] == [("y", "x")]


def test_rearrangements_of_a_number():
    """Reshaping a number changes nothing, however often."""
    x = y = Value(2.0, label="x")
    for _ in range(9):
        y = np.reshape(y, ()).T.squeeze()
    assert explain((y * y).sin() * y.reshape(()), wrt=x).paths[0].names == ("y", "v1", "x")
    assert "reshape" not in str(explain((y * y).sin(), wrt=x))


def test_parameters_of_operations_are_shown():
    """What differs in a parameter alone is not taken for the same."""
    x = Value(2.0, label="x")
    e = explain(leaky_relu(x, 0.1) * leaky_relu(x, 0.2), wrt=x)
    assert e.formula == "leaky_relu(x, negative_slope=0.1) + leaky_relu(x, negative_slope=0.2)"
    power = primitive(lambda g, y, x, n: g * n * x ** (n - 1), name="power")(lambda x, n: x**n)
    assert explain(power(x, n=3) + power(x, n=2), wrt=x).formula == "power'(x, n=3) + power'(x, n=2)"


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_other_precisions(dtype):
    """Scalars of other types are scalars too."""
    x = Value(dtype(0.5), label="x")
    e = explain((x * x).tanh(), wrt=x)
    assert e.paths[0].value == pytest.approx(float(e.value), rel=5e-3)


def test_a_network_of_neurons():
    """An MLP of single neurons: paths go through its parameters, named by where they are."""
    model = MLP(2, [3, 1], "tanh", neurons=True, rng=0)
    E = squared_error(model([0.5, -1.0]), 1.0)
    w = model.layers[0].neurons[1].w[0]
    e = explain(E, wrt=w, names={"E": E})
    assert e.wrt == "layer0.neuron1.w0"
    assert "layer1.neuron0.w1" in e.formula
    assert e.value == gradients(E, [w])[0]


# -- names ----------------------------------------------------------------------------------------


def test_names_from_a_dict():
    """names=locals() names Values after variables, in lists and dicts too, and constants by their numbers."""
    rate, w, xs = 0.3, Value(2.0), [Value(1.5), Value(0.5)]
    p = {"b": Value(0.25)}
    E = rate * w * xs[1] + p["b"]
    assert explain(E, wrt=w, names=locals()).formula == "xs[1] * rate"
    assert explain(E, wrt=p["b"], names=locals()).wrt == "p['b']"
    assert explain(E, wrt=w, names={E: "cost", w: "weight"}).derivative == "dcost/dweight"


def test_names_given_win_over_labels():
    """What is named in the call is named so; labels come next."""
    w = Value(2.0, label="label")
    assert explain(w * 3, wrt=w).wrt == "label"
    assert explain(w * 3, wrt=w, names={"w": w}).wrt == "w"


def test_the_input_of_a_layer_has_its_name():
    """An array that a layer took in another type is known by its numbers, if one alone has them."""
    layer, X = Linear(3, 2), np.arange(6.0).reshape(2, 3)
    e = explain(layer(X).sum(), wrt=layer.weight, names={"X": X, "Z": np.ones((2, 3))})
    assert e.formula == "dv1.T @ X"
    e = explain(layer(X).sum(), wrt=layer.weight, names={"X": X, "Y": X + 0})
    assert e.formula == "dv1.T @ constant[2, 3]"


def test_equal_labels_are_told_apart():
    """A label that is there twice is numbered, and made-up names avoid those that were given."""
    a, b = Value(2.0, label="w"), Value(3.0, label="w")
    E = a * b
    assert explain(E, wrt=a).formula == "w_2"
    v1 = Value(0.5, label="v1")
    e = explain((v1 * a + b).sigmoid() * v1, wrt=v1)
    assert len({name for name, _ in e.meanings} | {"v1"}) == 1 + len(e.meanings)


@pytest.mark.parametrize("label", ["x + 1", "a|b", "two\nlines", "$\\frac{", "", "läng" * 40, "x_y", "<b>"])
def test_strange_labels(label):
    """Any label gives an explanation, with balanced LaTeX and tables that keep their columns."""
    x = Value(2.0, label=label)
    e = explain(x * x * x.sin(), wrt=x)
    well_formed(e)


def test_without_any_names():
    """An output and an input without names are called y and x."""
    x = Value(2.0)
    assert explain(x * 3, wrt=x).derivative == "dy/dx"


# -- arrays -----------------------------------------------------------------------------------------


def run_lines(e, namespace):
    """The lines of an explanation, run as NumPy code."""
    space = {
        name: getattr(np, name)
        for name in (
            "ones", "zeros", "full", "outer", "expand_dims", "exp", "reshape", "mean", "sum", "max",
            "transpose", "einsum", "log2", "sin", "stack", "concatenate", "heaviside",
        )
    }  # fmt: skip
    space |= {
        "softmax": lambda x, axis=None: softmax(x, axis=axis),
        "log": np.log,
        "sqrt": np.sqrt,
        "log_softmax": lambda x, axis=None: log_softmax(x, axis=axis),
        "norm": np.linalg.norm,
        "logsumexp": lambda x, axis=None: logsumexp(x, axis=axis),
    } | namespace
    for line in e.lines:
        exec(str(line), space)
        assert np.shape(space[f"d{line.name}"]) == line.shape
        assert np.allclose(space[f"d{line.name}"], line.value, rtol=1e-5), line
    return space


def programs():
    """Programs on arrays: a function, and the shapes of its inputs."""
    return {
        "linear layer": (lambda X, W, b: np.tanh(X @ W + b).sum(), (5, 3), (3, 2), (2,)),
        "mean squares": (lambda a, T: ((a - T) ** 2).mean(), (4, 2), (4, 2)),
        "two layers": (lambda X, A, B: sigmoid(relu(X @ A) @ B).sum(), (5, 3), (3, 4), (4, 2)),
        "vectors": (lambda u, A, v: (u @ A) @ v, (3,), (3, 2), (2,)),
        "matrix and vector": (lambda A, v: (A @ v).exp().sum(), (4, 3), (3,)),
        "broadcast": (lambda a, b: (a * b).sum(axis=0).max(), (4, 1), (3,)),
        "row maxima": (lambda a: a.max(axis=1).sum(), (4, 3)),
        "transposed": (lambda a, b: (a.T * b).sum(), (4, 3), (3, 4)),
        "reshaped": (lambda a, b: (a.reshape(6) * b).sum(), (2, 3), (6,)),
        "softmax": (lambda a, b: (softmax(a, axis=None) * b).sum(), (5,), (5,)),
        "softmax of rows": (lambda a, b: (softmax(a) * b).sum(), (2, 3), (2, 3)),
        "log-softmax of rows": (lambda a, b: (log_softmax(a) * b).sum(), (2, 3), (2, 3)),
        "logsumexp of rows": (lambda a: (logsumexp(a, axis=1) ** 2).sum(), (2, 3)),
        "norm of rows": (lambda a: (np.linalg.norm(a, axis=1) ** 2).sum(), (2, 3)),
        "transposed weight": (lambda x, w: (x @ w.T).exp().sum(), (4, 3), (2, 3)),
        "stacked matrices": (lambda a, b: np.tanh(a @ b).sum(), (2, 3, 4), (2, 4, 2)),
        "logsumexp": (lambda a: logsumexp(a * a, axis=None) * 2, (5,)),
        "scalar weight": (lambda w, x: ((x - w * x) ** 2).sum(), (), (5,)),
        "used three times": (lambda a: (a * a * a - a).sum(), (3,)),
        "no elements": (lambda a: (a * 2).sum(), (0, 3)),
        "axes in another order": (lambda a: (a.transpose(1, 2, 0) ** 3).sum(), (3, 3, 3)),
        "axes as they are": (lambda a, b: (np.transpose(a, (0, 1)) @ b).exp().sum(), (3, 3), (3, 2)),
        "a vector turned over": (lambda a: (a.T * a.T).sum(), (3,)),
        "maximum with its axis": (lambda a, b: (a.max(axis=0, keepdims=True) * b).sum(), (4, 3), (4, 3)),
        "a stack times a matrix": (lambda a, b: np.tanh(a @ b).sum(), (2, 3, 4), (4, 2)),
        "a matrix times a stack": (lambda a, b: np.tanh(a @ b).sum(), (3, 4), (2, 4, 2)),
        "a stack of one": (lambda a, b: np.tanh(a @ b).sum(), (1, 3, 4), (5, 4, 2)),
        "a stack times a vector": (lambda a, v: np.tanh(a @ v).sum(), (5, 3, 4), (4,)),
        "a vector times a stack": (lambda v, a: np.tanh(v @ a).sum(), (3,), (5, 3, 4)),
        "einsum": (lambda a, b: (np.einsum("ij,kj->ik", a, b) ** 2).sum(), (4, 3), (2, 3)),
        "einsum of one with itself": (lambda a: (np.einsum("ij,jk->ik", a, a) ** 2).sum(), (3, 3)),
        "joined with itself": (lambda a: (np.concatenate([a, a * a, a], axis=1) ** 2).sum(), (2, 3)),
        "stacked with itself": (lambda a: (np.stack([a, a * a, a], axis=1) ** 2).sum(), (2, 3)),
        "a number as an array": (lambda a: (a.reshape(()) * 3).reshape(1).sum(), (1,)),
        "a slope of zero": (lambda a, b: (np.heaviside(a, 0.5) * b).sum(), (5,), (5,)),
        "ties of a maximum": (lambda a, b: (np.maximum(a, a + 0 * b) * b).sum(), (5,), (5,)),
        "of one with itself": (lambda a, b: (np.fmax(a, a) * b).sum(), (5,), (5,)),
        "ties of all": (lambda a, b: np.stack([a, a]).max() * b.sum(), (4, 3), (3,)),
        "ties in rows": (lambda a, b: (np.stack([a, a + 0 * b]).min(axis=0) * b).sum(), (4,), (4,)),
        "no rows": (lambda a, z: (a * z).sum() + z.sum(), (0, 3), (3,)),
        "mean over an axis": (lambda a, b: (a.mean(axis=1) * b).sum(), (3, 4), (3,)),
    }


@pytest.mark.parametrize("name", programs())
def test_lines_run_as_numpy(name):
    """The lines, run as they are printed, compute the engine's gradients, each of its stated shape."""
    f, *shapes = programs()[name]
    rng = np.random.default_rng(0)
    inputs = [Value(rng.normal(size=s), label=label) for s, label in zip(shapes, "ABCD", strict=False)]
    output = f(*inputs)
    output.label = "L"
    for x in inputs:
        order = topological_order(output)
        speller_names = {v.label: v.data for v in order if v.label}
        e = explain(output, wrt=x)
        named = {n: v for n, v in made_up(order, x).items() if n not in speller_names}
        space = run_lines(e, speller_names | named)
        assert np.allclose(space[f"d{e.wrt}"], gradients(output, [x])[0])
        well_formed(e)


def made_up(order, wrt):
    """The numbers behind the names v1, v2, ... of an explanation."""
    from autograd.explaining.arrays import explain_arrays

    speller = Speller(order, user_names(order))
    explain_arrays(order, wrt, speller)
    return {name: node.data for node, name in speller.names.items()}


def test_a_linear_layer_reads_as_on_paper():
    """A layer reads dW = X.T @ dZ and db = the sum of dZ over the batch, with shapes."""
    X, W, b = (Value(np.ones(s), label=n) for n, s in [("X", (5, 3)), ("W", (3, 2)), ("b", (2,))])
    Z = X @ W + b
    A = Z.tanh()
    L = A.sum()
    Z.label, A.label, L.label = "Z", "A", "L"
    e = explain(L, wrt=W)
    assert [(str(line), line.shape) for line in e.lines] == [
        ("dL = 1", ()),
        ("dA = ones((5, 2))", (5, 2)),
        ("dZ = dA * (1 - A**2)", (5, 2)),
        ("dW = X.T @ dZ", (3, 2)),
    ]
    assert str(explain(L, wrt=b).lines[-1]) == "db = dZ.sum(axis=0)"
    assert str(explain(L, wrt=X).lines[-1]) == "dX = dZ @ W.T"


@pytest.mark.parametrize(
    ("f", "lines"),
    [
        (lambda x, p, q: x * p + x * q, ["dv1 * constant[3] + dv1 * constant_2[3]"]),
        (lambda x, p, _: x * p + x * p, ["2 * dv1 * constant[3]"]),
        (
            lambda x, p, q: np.where(p > 1, x, 0) + np.where(q > 5, x, 0),
            ["dv1 * condition + dv1 * condition_2"],
        ),
        (
            lambda x, p, _: x[[0, 1]] * x[[1, 2]],
            ["scatter(dv2, [indices], (3,)) + scatter(dv3, [indices_2], (3,))"],
        ),
        (lambda x, p, _: np.pad(x, 1), ["dv1[1:4]"]),
        (
            lambda x, p, _: checkpoint(np.sin, x) + checkpoint(np.cos, x),
            ["vjp of checkpoint(dv1) + vjp of checkpoint_2(dv1)"],
        ),
        (
            lambda x, p, _: x.cumsum(axis=0) + x,
            ["dv1 + (sums of dv1 from each element on)"],
        ),
        (lambda x, p, _: x.cumsum(axis=0), ["sums of dv1 from each element on"]),
    ],
)
def test_things_without_a_name_are_told_apart(f, lines):
    """Two constants, conditions or indices of one shape are not the same."""
    x = Value(np.ones(3), label="x")
    e = explain(f(x, np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])).sum(), wrt=x)
    found = [text(line.formula) for line in e.lines]
    assert all(line in found or any(line in text for text in found) for line in lines), e.text
    well_formed(e)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (5, 2, 3)])
def test_layers_of_any_batch(shape):
    """The lines of a layer compute for one row, several, and stacks of them."""
    rng = np.random.default_rng(0)
    layer, x = Linear(3, 2, rng=rng), Value(rng.normal(size=shape), label="x")
    L = np.tanh(layer(x)).sum()
    names = {"W": layer.weight, "b": layer.bias, "x": x, "L": L, "Z": L.parents[0].parents[0]}
    names["A"] = L.parents[0]
    for v in (x, layer.weight, layer.bias):
        run_lines(explain(L, wrt=v, names=names), {name: v.data for name, v in names.items()})


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_cross_entropy(reduction):
    """The gradient of the cross-entropy starts at the true classes, times what arrives."""
    z = Value(np.random.default_rng(0).normal(size=(2, 3)), label="z")
    e = explain(3.0 * cross_entropy(z, np.array([0, 2]), reduction=reduction), wrt=z)
    size = 1.5 if reduction == "mean" else 3
    assert [str(line) for line in e.lines[1:]] == [
        f"dv1 = scatter(-{size}, [index], (6,)).reshape((2, 3))",
        "dz = dv1 - exp(v1) * sum(dv1, axis=1, keepdims=True)",
    ]


def test_words_where_numpy_has_none():
    """Operations whose derivative is no formula are described; nothing raises, shapes are stated."""
    rng = np.random.default_rng(0)
    a, b = Value(rng.normal(size=(3, 3)), label="a"), Value(rng.normal(size=(3, 3)), label="b")
    programs = [
        a[1:, 0].sum(), np.concatenate([a, b]).sum(), np.einsum("ij,jk->k", a, b).sum(),
        np.where(a.data > 0, a, b).sum(), np.linalg.inv(a).sum(), np.linalg.norm(a), np.cumsum(a).sum(),
        np.stack([a, b]).max(), np.sort(a, axis=0)[0].sum(), a.swapaxes(0, 1).sum(), np.linalg.det(a),
        checkpoint(lambda a: np.tanh(a @ b), a).sum(), np.clip(a, -1, 1).sum(), np.convolve(a[0], b[0]).sum(),
    ]  # fmt: skip
    for L in programs:
        e = explain(L, wrt=a)
        assert np.array_equal(e.value, gradients(L, [a])[0])
        assert e.lines[-1].shape == (3, 3)
        well_formed(e)


def test_an_output_that_is_an_array():
    """Without a scalar there are formulas and no numbers."""
    x = Value(np.ones((2, 3)), label="x")
    y = x.tanh()
    e = explain(y, wrt=x, names={"y": y})
    assert [str(line) for line in e.lines] == ["dy = the gradient that arrives", "dx = dy * (1 - y**2)"]
    assert e.value is None
    well_formed(e)


def test_a_deep_network_is_shortened():
    """Hundreds of layers give the first lines, the last ones, and how many are left out."""
    y = x = Value(np.ones(3), label="x")
    for _ in range(300):
        y = y.tanh()
    e = explain(y.sum(), wrt=x)
    assert len(e.lines) == 60
    assert f"{e.left_out} more lines" in e.text


# -- as text, LaTeX and Markdown ----------------------------------------------------------------------


def well_formed(e):
    """Balanced LaTeX; tables of constant width; text without control characters."""
    for tex in (e.latex, e.markdown):
        tex = re.sub(r"`[^`]*`", "", tex)  # names are shown as they are
        plain = tex.replace(r"\{", "").replace(r"\}", "")
        assert plain.count("{") == plain.count("}")
        assert tex.count("$") % 2 == 0 or r"\$" in tex
    rows = [line for line in e.markdown.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) <= 1
    assert all(c.isprintable() or c == "\n" for c in e.text)


def test_latex_of_the_notes():
    """Formula, numbers and result in aligned lines."""
    v = notes()
    tex = explain(v["E"], wrt=v["w2"]).latex
    assert r"&= -(T - a_{2}) \, a_{2} \, (1 - a_{2}) \, a_{1} \\" in tex
    assert r"\frac{\partial E}{\partial a_{2}} \cdot \frac{\partial a_{2}}{\partial z_{2}}" in tex
    assert tex.startswith("\\begin{aligned}\n\\frac{\\partial E}{\\partial w_{2}} &= ")


def test_latex_of_words_parameters_and_pieces():
    """Words keep their spaces, calls their parameters; a name with an index is in braces before another."""
    x, z = Value(np.ones(3), label="x"), Value(2.0, label="z")
    assert r"{\mathrm{d}v_{1}}_{[3:6]}" in explain(np.concatenate([x, x]).sum(), wrt=x).latex
    assert r"\mathrm{sums\ of\ dv1\ from\ each" in explain(x.cumsum(axis=0).sum(), wrt=x).latex
    square = explain(leaky_relu(z, 0.1) ** 2, wrt=z).latex
    assert r"\mathrm{leaky\_relu}(z, \mathrm{negative\_slope}=0.1)" in square
    piecewise = r"(1 \text{ if } [x > 0] \text{ else } 0.1)"
    assert piecewise in explain(leaky_relu(x, 0.1).sum(), wrt=x).latex


@pytest.mark.parametrize("seed", range(10))
def test_markdown_is_well_formed(seed):
    """Explanations of random graphs are Markdown with balanced formulas and whole tables."""
    output, leaves = random_graph(seed)
    for leaf in leaves:
        well_formed(explain(output, wrt=leaf))


def test_one_representation_for_notebooks():
    """Markdown with formulas, and no HTML or LaTeX beside it; in a terminal, the text."""
    v = notes()
    e = explain(v["E"], wrt=v["w2"])
    assert e._repr_markdown_() == e.markdown
    assert not hasattr(e, "_repr_html_")
    assert not hasattr(e, "_repr_latex_")
    assert repr(e) == str(e) == e.text


# -- what is refused ----------------------------------------------------------------------------------


def test_errors():
    """What cannot be explained is refused, by name and with the way out."""
    x, c = Value(2.0, label="x"), Value(1.0, label="c", requires_grad=False)
    y = x * c
    with pytest.raises(UnsupportedType, match="output is float"):
        explain(2.0, wrt=x)
    with pytest.raises(UnsupportedType, match="wrt is str"):
        explain(y, wrt="x")
    with pytest.raises(NoGradient, match="'c' requires no gradient"):
        explain(y, wrt=c)
    with pytest.raises(NoGradient, match="does not depend on Value 'z'"):
        explain(y, wrt=Value(1.0, label="z"))
    with no_grad():
        z = x * 2
    with pytest.raises(NoGradient):
        explain(z, wrt=x)
    with pytest.raises(UnsupportedType, match="names must be a dict"):
        explain(y, wrt=x, names=["x"])
    for bad in (0, -1, 2.0, True):
        with pytest.raises(InvalidArgument, match="paths"):
            explain(y, wrt=x, paths=bad)
    x.data = 3.0
    with pytest.raises(StaleGraph):
        explain(y, wrt=x)


def test_nothing_is_changed_and_nothing_is_held():
    """Explaining touches no gradient and no label, and the explanation does not hold the graph."""
    v = notes()
    v["E"].label = None
    explanation = explain(v["E"], wrt=v["w1"])
    assert v["E"].label is None
    assert v["w1"].grad is None
    gone = weakref.ref(v["E"])
    del v
    gc.collect()
    assert gone() is None
    assert "dE" not in explanation.text


def test_on_the_way():
    """Only what lies between output and wrt is on the way."""
    v = notes()
    order = topological_order(v["E"])
    found = {node.label for node in on_the_way(order, v["w2"])}
    assert found >= {"w2", "z2", "a2", "E"}
    assert not found & {"w1", "b1", "z1", "a1", "x", "T", "b2"}
