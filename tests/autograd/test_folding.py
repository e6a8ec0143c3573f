"""Folding: what is one box, what is drawn one by one, and that no picture is too large."""

from __future__ import annotations

import itertools
import random
import time

import numpy as np
import pytest

import nn
from autograd import Value, draw_graph
from autograd.drawing.folding import BUDGET, Group, Wish, folded
from autograd.drawing.naming import common, home_of
from autograd.drawing.numbers import in_short
from autograd.drawing.parts import parts_of
from autograd.errors import InvalidArgument


def network(sizes=(4, 4, 1), inputs=3):
    """The loss of an MLP of single neurons, differentiated."""
    model = nn.MLP(inputs, sizes, activation="tanh", neurons=True, rng=0)
    loss = (model(list(np.linspace(-1, 1, inputs))) - 1.0) ** 2
    loss.backward()
    return model, loss


def titles(graph, kind="folded"):
    return [box.title for box in graph.picture.boxes if box.kind == kind]


def test_small_graphs_are_not_folded():
    """A graph within the budget shows every Value, in frames for layers and neurons."""
    _, loss = network()
    picture = draw_graph(loss).picture
    assert len(picture.boxes) == 121
    assert picture.note == ""
    assert [f.key for f in picture.frames if not f.inside] == ["layer0", "layer1", "layer2"]
    assert [f.key for f in picture.frames if f.inside == "layer1"] == [f"layer1.neuron{k}" for k in range(4)]


@pytest.mark.parametrize(
    ("depth", "boxes"),
    [
        (0, ["layer0", "layer1", "layer2"]),
        (1, [f"layer{i}.neuron{k}" for i, n in enumerate((4, 4, 1)) for k in range(n)]),
        (2, []),
    ],
)
def test_depth_is_the_number_of_levels(depth, boxes):
    """depth=0 folds layers, depth=1 neurons, depth=2 nothing of this network."""
    assert sorted(titles(draw_graph(network()[1], depth=depth))) == boxes


def test_expand_unfolds_what_it_names():
    """expand= opens a box and those around it, and leaves its neighbours folded."""
    loss = network()[1]
    graph = draw_graph(loss, depth=0, expand="layer1.neuron2")
    assert sorted(titles(graph)) == ["layer0", "layer1.neuron0", "layer1.neuron1", "layer1.neuron3", "layer2"]
    assert [f.key for f in graph.picture.frames] == ["layer1", "layer1.neuron2"]
    assert "layer0" not in titles(draw_graph(loss, depth=0, expand=["layer0", "layer2"]))


def test_unknown_boxes_are_refused():
    """expand= of a box that is not there is an error that offers the nearest."""
    with pytest.raises(InvalidArgument) as e:
        draw_graph(network()[1], depth=0, expand="layer11")
    assert str(e.value) == "expand names the folded box 'layer11', but there is none; did you mean 'layer1'?"


@pytest.mark.parametrize("depth", [-1, "all", 1.5])
def test_depth_is_a_number_of_levels(depth):
    """Anything but 0, 1, 2, ... is refused."""
    with pytest.raises(InvalidArgument, match="depth must be a number of levels, 0 or more, got"):
        draw_graph(Value(1.0), depth=depth)


def test_a_folded_box_counts_what_is_in_it():
    """A folded box shows operations, leaves, numbers, and the norm of the leaves' gradients."""
    model, loss = network()
    box = next(b for b in draw_graph(loss, depth=0).picture.boxes if b.title == "layer1")
    norm = np.sqrt(sum(p.grad**2 for p in model.layers[1].parameters()))
    assert box.facts == ("36 operations", "20 leaves, 20 numbers", f"gradient norm {in_short(norm)}")
    assert box.count == 56


def test_it_says_what_was_folded():
    """The note counts nodes and boxes, names what was folded, and says how to see it; every form has it."""
    graph = draw_graph(network()[1], depth=0)
    assert graph.picture.note == (
        "121 nodes in 10 boxes; folded: layer2 (14), layer1 (56), layer0 (44). "
        "Unfold with expand='layer2', depth= or fold=False."
    )
    for form in (graph.text(), graph.svg(), graph.dot(), graph.mermaid()):
        assert "121 nodes in 10 boxes" in form


def test_arrows_between_folded_boxes_are_counted():
    """Arrows from one folded box to another are one, with their number."""
    picture = draw_graph(network()[1], depth=0).picture
    title = {box.key: box.title for box in picture.boxes}
    labels = {(title[a.tail], title[a.head]): a.label for a in picture.arrows}
    assert labels["layer0", "layer1"] == "×16"
    assert labels["layer1", "layer2"] == "×4"
    assert labels["layer2", "-"] == ""


def test_the_loss_is_outside_of_the_layers():
    """What compares a result with a target belongs to no layer."""
    rng = np.random.default_rng(0)
    model = nn.MLP(5, [4, 3], rng=0)
    loss = nn.cross_entropy(model(rng.normal(size=(6, 5))), np.array([0, 1, 2, 0, 1, 2]))
    boxes = {box.title: box.frame for box in draw_graph(loss).picture.boxes}
    assert boxes["relu"] == "layer0"
    assert boxes["affine"] == "layer1"
    assert boxes["log_softmax"] == boxes["nll"] == ""


# -- large graphs --------------------------------------------------------------------------------


def chain(n):
    y = x = Value(0.5, label="x")
    for k in range(n):
        y = y + x if k % 2 else y * 0.999
    return y


def tangle(n):
    rng = random.Random(0)
    values = [Value(0.1 * k, label=f"v{k}") for k in range(10)]
    for _ in range(n):
        values.append(values[rng.randrange(len(values))] + values[-rng.randrange(1, 9)])
    return sum(values[-n // 2 :])


LARGE = {
    "chain": lambda: chain(100_000),
    "tangle": lambda: tangle(60_000),
    "neurons": lambda: nn.MLP(64, [128, 96, 10], neurons=True, rng=0)([0.1] * 64),
}


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_a_hundred_thousand_nodes_take_seconds(make):
    """A graph of some 100,000 nodes is drawn within the budget of boxes in less than ten seconds."""
    output = make()
    start = time.process_time()
    graph = draw_graph(output)
    assert graph.svg()
    assert time.process_time() - start < 10
    assert len(graph.picture.boxes) <= BUDGET
    assert sum(box.count for box in graph.picture.boxes) > 50_000


def test_stretches_unfold():
    """A computation without modules is cut into stretches, each of which can be unfolded in turn."""
    y = chain(5_000)
    whole = draw_graph(y)
    assert titles(whole) == [f"part{k}" for k in range(1, 33)]
    part = draw_graph(y, expand="part3")
    assert "part3" not in titles(part)
    assert sum(box.count for box in part.picture.boxes) == sum(box.count for box in whole.picture.boxes)
    assert len(draw_graph(y, fold=False).picture.boxes) == 1 + 5_000 + 2_500


# -- the parts, on random graphs --------------------------------------------------------------------


def random_graph(seed):
    """Parents of each node, smaller than its own number, and a module for most nodes."""
    rng = random.Random(seed)
    n = rng.randrange(1, 120)
    parents = [[] if i < 4 or rng.random() < 0.3 else [rng.randrange(i) for _ in range(2)] for i in range(n)]
    homes = [tuple(rng.choice("abc") for _ in range(rng.randrange(3))) for _ in range(n)]
    return parents, homes


def is_acyclic(parents, owner):
    edges = {(owner[p], owner[i]) for i, ps in enumerate(parents) for p in ps if owner[p] != owner[i]}
    nodes = {*owner}
    while nodes:
        sources = {v for v in nodes if not any(w == v and u in nodes for u, w in edges)}
        if not sources:
            return False
        nodes -= sources
    return True


@pytest.mark.parametrize("seed", range(60))
def test_no_two_parts_need_each_other(seed):
    """However modules are entangled, each node is in one part, of its module, and parts have no cycle."""
    parents, homes = random_graph(seed)
    labels = [home[0] if home else None for home in homes]
    parts = parts_of(range(len(parents)), labels, parents)
    owner = {i: k for k, (_, nodes) in enumerate(parts) for i in nodes}
    assert sorted(i for _, nodes in parts for i in nodes) == list(range(len(parents)))
    for name, nodes in parts:
        assert {labels[i] for i in nodes} == {name and name.split()[0]}
    names = [name for name, _ in parts if name is not None]
    assert len(names) == len(set(names))
    assert is_acyclic(parents, [owner[i] for i in range(len(parents))])


@pytest.mark.parametrize("seed", range(60))
def test_folded_pictures_have_no_cycles(seed):
    """At every depth the visible boxes, and the boxes of every frame, have no cycle and are all the nodes."""
    parents, homes = random_graph(seed)
    for depth in (0, 1, None):
        whole = folded(homes, parents, Wish(depth=depth))
        stack = [whole]
        while stack:
            group = stack.pop()
            owner = {}
            for k, item in enumerate(group.items):
                owner |= dict.fromkeys(item.nodes if isinstance(item, Group) else (item,), k)
                if isinstance(item, Group) and item.open:
                    stack.append(item)
            assert sorted(owner) == sorted(group.nodes)
            edges = [[p for p in parents[i] if p in owner] for i in group.nodes]
            at = {i: k for k, i in enumerate(group.nodes)}
            assert is_acyclic([[at[p] for p in ps] for ps in edges], [owner[i] for i in group.nodes])


def test_a_module_used_twice_is_two_parts():
    """A layer that is applied again, with something in between, is drawn twice, its parameters apart."""
    layer = nn.Layer(2, 2, "tanh", rng=0)
    for p, name in zip(layer.parameters(), ("cell.weight", "cell.bias"), strict=True):
        p.label = name
    x = Value(np.ones((1, 2)), label="x")
    y = layer(layer(x) * x)
    graph = draw_graph(y, depth=0)
    assert titles(graph) == ["cell parameters", "cell", "cell (2)"]
    assert titles(graph, "leaf") == ["x"]
    assert graph.svg()


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("layer0.neuron2.w1", ("layer0", "neuron2")),
        ("0.weight", ("0",)),
        ("w1", ()),
        (None, ()),
        ("0.5", ()),
        ("a.b c", ()),
        ("E.", ()),
        (".".join("abcdefghij"), tuple("abcdef")),
    ],
)
def test_homes_are_paths(name, home):
    """A dotted path of names is a place in modules; other labels are not."""
    assert home_of(name) == home


def test_common_homes():
    """The common part of homes is that of all of them, in any order."""
    for homes in itertools.permutations([("a", "b", "c"), ("a", "b"), ("a", "b", "d")]):
        assert common(list(homes)) == ("a", "b")
    assert common([("a",), ("b",)]) == ()
    assert common([]) == ()
