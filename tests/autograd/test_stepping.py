"""The steps of a graph as data, and the page as text; tests/browser goes through it as a person does."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, checkpoint, gradients, step_through
from autograd.drawing.folding import BUDGET
from autograd.errors import ChainruleError, InvalidArgument, NoGradient, ShapeError, UnsupportedType
from autograd.graph import topological_order
from autograd.stepping.steps import MOST_BOXES, walkthrough
from autograd.walk import contributions


def notes():
    """The lecture notes' two neurons."""
    p = {n: Value(x, label=n) for n, x in {"w1": 0.15, "b1": 0.40, "w2": 0.45, "b2": 0.65}.items()}
    z1 = p["w1"] * 0.1 + p["b1"]
    a1 = z1.sigmoid()
    z2 = p["w2"] * a1 + p["b2"]
    a2 = z2.sigmoid()
    return {**p, "z1": z1, "a1": a1, "z2": z2, "a2": a2, "E": 0.5 * (0.25 - a2) ** 2, "x": 0.1, "T": 0.25}


def scalars():
    x, y = Value(0.7, label="x"), Value(-1.3, label="y")
    return ((x * y + x).tanh() / (y * y + x.exp()) - x) ** 2


def arrays():
    rng = np.random.default_rng(0)
    W, b = Value(rng.normal(size=(3, 2)), label="W"), Value(np.zeros(2), label="b")
    z = np.tanh(rng.normal(size=(5, 3)) @ W + b)
    return (np.concatenate([z, z * W[0]], axis=1).max(axis=1) ** 2).mean() + (W * W).sum()


def cut_off():
    """A branch that was never taken has an infinite derivative."""
    x = Value(np.array([-1.0, 0.0, 2.0, 3.0]), label="x")
    with np.errstate(all="ignore"):
        log = np.log(x)
    first, second = (np.where(x.data == k, log, 0.0 * x) for k in (2.0, 3.0))
    return (first * x[::-1] + second).sum()


def checkpointed():
    a = Value(2.0, label="a")
    b = a * 3.0
    return checkpoint(lambda u, v: u * v.tanh() + u, a, b) * b * a


def single():
    w = Value(np.arange(6, dtype=np.float32).reshape(2, 3) / 7, label="w")
    return (np.exp(w) @ np.ones(3, np.float32)).sum()


GRAPHS = [lambda: notes()["E"], scalars, arrays, cut_off, checkpointed, single]


@pytest.mark.parametrize("graph", GRAPHS)
def test_contributions_sum_to_the_gradients(graph):
    """What each edge passes on sums to the engine's gradients, to the bit, in every Value."""
    E = graph()
    nodes = [v for v in topological_order(E) if v.requires_grad]
    parts = {v: [] for v in nodes}
    for c in contributions(E, 1.0):
        parent = c.node.parents[c.i]
        parts[parent].append(c)
        assert c.last == (len(parts[parent]) == sum(p is parent for v in nodes for p in v.parents))
    for v, g in zip(nodes, gradients(E, nodes), strict=True):
        if v is not E:
            total = parts[v][0].part
            for c in parts[v][1:]:
                assert np.array_equal(c.before, total)
                total = total + c.part
            assert np.array_equal(total, g)
            assert np.array_equal(parts[v][-1].total, g)


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_last_number_shown_is_the_engines(graph):
    """Each box ends with the engine's value and gradient, digit for digit."""
    E = graph()
    walk = walkthrough(E, {})
    order = topological_order(E)
    for box in walk.picture.boxes:
        v = order[box.nodes[0]]
        (value,) = walk.values[box.key]
        shown = np.array(re.findall(r"[-\w.+]+", value.exact), np.asarray(v.data).dtype)
        assert np.array_equal(shown, np.ravel(v.data), equal_nan=True)
        if v.requires_grad:
            (g,) = gradients(E, [v])
            last = walk.gradients[box.key][-1]
            assert np.array_equal(
                np.array(re.findall(r"[-\w.+]+", last.exact), np.asarray(g).dtype), np.ravel(g)
            )
            assert not last.text.endswith("so far")


def test_the_notes_lines():
    """The lecture notes' network is written as the notes write it, from the first product to the update."""
    named = notes()
    lines = [step.line for step in walkthrough(named["E"], named, lr=0.4).steps]
    for line in (
        "v1 = w1 * x = 0.15 * 0.1 = 0.015",
        "z1 = v1 + b1 = 0.015 + 0.4 = 0.415",
        "a1 = sigmoid(z1) = sigmoid(0.415) = 0.6023",
        "dE/dE = 1",
        "dE/dz2 += dE/da2 * a2 * (1 - a2) = 0.4653 * 0.7153 * (1 - 0.7153) = 0.09476",
        "dE/da1 += dE/dv2 * w2 = 0.09476 * 0.45 = 0.04264",
        "w1 <- w1 - 0.4 * dE/dw1 = 0.15 - 0.4 * 0.001021 = 0.1496",
        "w2 <- w2 - 0.4 * dE/dw2 = 0.45 - 0.4 * 0.05707 = 0.4272",
        "b2 <- b2 - 0.4 * dE/db2 = 0.65 - 0.4 * 0.09476 = 0.6121",
    ):
        assert line in lines


def test_without_a_rate_the_update_has_letters():
    """Where no learning rate is given, none is made up."""
    steps = walkthrough(notes()["E"], {}).steps
    assert steps[-1].phase == "update"
    assert " - lr * " in steps[-1].line
    assert steps[-1].line.count("=") == 1


@pytest.mark.parametrize("graph", GRAPHS)
def test_order(graph):
    """Forward before backward before update; operands before results, and on the way back the reverse."""
    E = graph()
    walk = walkthrough(E, {})
    phases = [step.phase for step in walk.steps]
    assert phases == sorted(phases, key=["start", "forward", "backward", "update"].index)
    computed, complete = set(), set()
    for k, step in enumerate(walk.steps):
        arrow = walk.picture.arrows[step.arrow] if step.arrow >= 0 else None
        if step.phase == "forward":
            operands = {a.tail for a in walk.picture.arrows if a.head == step.box}
            assert all(walk.values[key][0].step < k for key in operands)
            assert walk.values[step.box][0].step == k
            computed.add(step.box)
        if step.phase == "backward":
            assert arrow is None or (arrow.tail, arrow.head) == (step.to, step.box)
            assert arrow is None or walk.gradients[step.box][-1].step < k
            assert k in [moment.step for moment in walk.gradients[step.to]]
            complete.add(step.to)
    assert computed == {box.key for box in walk.picture.boxes if box.kind in ("computed", "output")}
    assert complete == set(walk.gradients)


def lines_of(output, **options):
    return [step.line for step in walkthrough(output, {}, **options).steps]


def test_constants_may_be_left_out():
    """Without the constants there are the same steps."""
    x = Value(0.5, label="x")
    y = ((x * 2.0).sin() * 3.0).exp() - 1.0
    assert lines_of(y, constants=False)[1:] == lines_of(y)[1:]


def test_lines_of_equal_operands_and_of_what_is_no_number():
    """Equal operands of a maximum share the gradient; nan needs no brackets, nor does a number alone."""
    x, z = Value(-2.0, label="x"), Value(np.nan, label="z")
    assert "dy/dx += 0.5 * dy/dy = 0.5 * 1 = 0.5" in lines_of(np.maximum(x, -2.0))
    assert "y = z * 2 = nan * 2 = nan" in lines_of(z * 2.0)
    assert "y = reshape(x, shape=()) = -2" not in lines_of(x.reshape(()))


def test_names_of_layers_by_number():
    """The parameters of a list of layers are called by their numbers, without brackets."""
    model = nn.Sequential(nn.Linear(2, 1))
    lines = [s.line for s in walkthrough(model(np.ones((1, 2))).sum(), {"model": model}).steps]
    assert "0.bias <- 0.bias - lr * d0.bias, shape (1,)" in lines


def test_each_arrow_of_an_operand_used_twice():
    """Of ``a * a`` both contributions are steps, each along its own arrow."""
    a = Value(3.0, label="a")
    walk = walkthrough(a * a, {})
    arrows = [step.arrow for step in walk.steps if step.arrow >= 0]
    assert sorted(arrows) == [0, 1]
    assert [m.text for m in walk.gradients["n0"]] == ["gradient 3 so far", "gradient 6"]


def test_nothing_of_the_users_changes(tmp_path):
    """Gradients, labels and the graph are as they were."""
    named = notes()
    named["E"].backward()
    before = {name: (v.grad, v.label) for name, v in named.items() if isinstance(v, Value)}
    step_through(named["E"], tmp_path / "a.html", names=named)
    assert before == {name: (v.grad, v.label) for name, v in named.items() if isinstance(v, Value)}


@pytest.mark.parametrize("path", [None, ""], ids=["dot", "no dot"])
def test_same_graph_same_file(tmp_path, monkeypatch, path):
    """The same graph gives the same bytes, also through another Python path."""
    if path is not None:
        monkeypatch.setenv("PATH", path)
    pages = [step_through(arrays(), tmp_path / f"{k}.html").read_bytes() for k in range(2)]
    assert pages[0] == pages[1]


def data_of(page):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1]
    )


@pytest.mark.parametrize(
    "label", ["</script><script>x", "<!--data-->", "]]>", "\ud800", "a\0b", '"&<>', "日本", "\\u003c"]
)
def test_labels_are_escaped(tmp_path, label):
    """Whatever a label holds, the page has its three scripts' ends, its data can be read, its picture too."""
    a = Value(2.0, label=label)
    page = step_through(a * a, tmp_path / "a.html").read_text(encoding="utf-8")
    assert len(re.findall(r"</script", page, re.IGNORECASE)) == 2
    assert len(data_of(page)["boxes"]) == 2
    assert ET.fromstring(re.search(r"<svg.*?</svg>", page, re.DOTALL)[0]).tag.endswith("svg")


def test_the_machinery_is_small(tmp_path):
    """Beside its data and picture the page has less than 300 kB; and it names no address to fetch from."""
    page = step_through(Value(1.0, label="x") * 2.0, tmp_path / "a.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 300_000
    addresses = set(re.findall(r"\b\w+://[^\s\"'`]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not a place
    assert "default-src 'none'" in page


def test_a_rate_of_numpy(tmp_path):
    """A learning rate may be a number of NumPy's."""
    page = step_through(Value(1.0) * 2, tmp_path / "a.html", lr=np.float32(0.5))
    assert " - 0.5 * " in page.read_text(encoding="utf-8")


def test_the_path_is_returned(tmp_path):
    """The Path of the file comes back, for a string too."""
    path = tmp_path / "backprop.html"
    assert step_through(Value(1.0) * 2.0, str(path)) == path
    assert autograd.step_through is step_through


def test_a_seed(tmp_path):
    """With a seed an array can be gone through."""
    x = Value(np.ones(3), label="x")
    with pytest.raises(ShapeError, match="seed="):
        step_through(x * 2.0, tmp_path / "a.html")
    walk = walkthrough(x * 2.0, {}, seed=np.array([1.0, 0.0, 2.0]))
    assert walk.gradients["n0"][-1].exact == "[2.0, 0.0, 4.0]"


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda path: step_through(3.0, path), UnsupportedType, "got float"),
        (lambda path: step_through([Value(1.0)], path), UnsupportedType, "got list"),
        (
            lambda path: step_through(Value(1.0) * 2, path.with_suffix(".svg")),
            InvalidArgument,
            "end in .html",
        ),
        (
            lambda path: step_through(Value(1.0, requires_grad=False), path),
            NoGradient,
            "requires no gradient",
        ),
        (lambda path: step_through(Value(1.0) * 2, path, lr="0.1"), InvalidArgument, "lr must be"),
        (lambda path: step_through(Value(1.0) * 2, path, lr=float("nan")), InvalidArgument, "lr must be"),
        (
            lambda path: step_through(Value(1.0) * 2, path, names=["x"]),
            UnsupportedType,
            "names must be a dict",
        ),
        (lambda path: step_through(Value(1.0) * 2, path, depth=-1), InvalidArgument, "depth"),
        (lambda path: step_through(Value(1.0) * 2, path, rankdir="up"), InvalidArgument, "rankdir"),
        (lambda path: step_through(Value(1.0) * 2, path, seed=[1.0]), ShapeError, "seed"),
    ],
)
def test_bad_input(tmp_path, make, error, words):
    """Each wrong argument is named in one of the library's errors, and no file is written."""
    with pytest.raises(error, match=re.escape(words)) as caught:
        make(tmp_path / "a.html")
    assert isinstance(caught.value, ChainruleError)
    assert not list(tmp_path.iterdir())


def chain(n):
    x = Value(0.5, label="x")
    for k in range(n):
        x = x * 1.01 if k % 2 else x.tanh()
    return x


def test_a_very_large_graph_is_bounded(tmp_path):
    """Fifty thousand operations make a page of bounded size, which says that some of them stay folded."""
    page = step_through(chain(50_000), tmp_path / "a.html").read_text(encoding="utf-8")
    data = data_of(page)
    assert len(data["boxes"]) <= MOST_BOXES
    assert len(data["steps"]) < 3 * MOST_BOXES
    assert "stay folded" in page
    assert sum(step["phase"] == "update" for step in data["steps"]) <= 1


def test_folded_steps_keep_the_sums():
    """What passes from a folded box to a Value outside is one step; the last sum is the whole gradient."""
    scale = Value(1.1, label="scale")
    x = scale
    for _ in range(5_000):
        x = x * scale.tanh()
    walk = walkthrough(x, {}, constants=False)
    order = topological_order(x)
    closed = [box for box in walk.picture.boxes if box.kind == "folded"]
    assert closed
    assert any(" contributions from part" in step.line for step in walk.steps)
    closed_keys = {box.key for box in closed}
    pairs = [(s.box, s.to) for s in walk.steps if s.box != s.to and {s.box, s.to} & closed_keys]
    assert any(to for _, to in pairs)
    assert len([p for p in pairs if p[1]]) == len({p for p in pairs if p[1]})
    for box in walk.picture.boxes:
        if box.kind != "folded" and order[box.nodes[0]].requires_grad:
            assert walk.gradients[box.key][-1].exact == str(gradients(x, [order[box.nodes[0]]])[0])


def visible(picture):
    """How many boxes can be seen at first: those in no folded frame, and the outermost folded frames."""
    folded = {frame.key for frame in picture.frames if frame.folded}
    inside = {frame.key: frame.inside for frame in picture.frames}

    def hidden(key):
        return bool(key) and (key in folded or hidden(inside[key]))

    return sum(not hidden(box.frame) for box in picture.boxes) + sum(
        not hidden(inside[key]) for key in folded
    )


def test_what_starts_folded():
    """A graph beyond the budget of boxes starts within it, and unfolds beyond it; a small one is whole."""
    small, large = (walkthrough(chain(n), {}).picture for n in (100, 400))
    assert not any(frame.folded for frame in small.frames)
    assert visible(small) == len(small.boxes)
    assert visible(large) <= BUDGET < len(large.boxes) <= MOST_BOXES


def test_depth():
    """``depth`` chooses how many levels are unfolded at first."""
    w = [Value(0.5, label=f"layer{k}.neuron{j}.w") for k in range(2) for j in range(2)]
    y = ((w[0] * 2.0).tanh() + (w[1] * 3.0).tanh()) * w[2] + w[3] * 1.5
    for depth, folded in ((0, True), (9, False)):
        frames = walkthrough(y, {}, depth=depth).picture.frames
        assert any(frame.folded for frame in frames) == folded
