"""Pictures of graphs: the DOT text, odd labels, and what happens without the program dot."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import graphviz
import numpy as np
import pytest

import nn
from autograd import Value, check_derivation, draw_graph, primitive, sigmoid
from autograd.errors import InvalidArgument, UnsupportedType

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def neuron():
    w, x, b = Value(2.0, label="w"), Value([0.5, -1.0], requires_grad=False), Value(0.25, label="b")
    y = sigmoid(w * x + b).sum()
    y.label = "y"
    return y


def boxes(dot):
    """The lines of text of each box, by the name of its node."""
    found = {}
    for name, label in re.findall(r"^\t(n\d+) \[label=<(.*?)> (?:color|fillcolor)=", dot, re.MULTILINE):
        found[name] = [html.unescape(line) for line in re.sub("</?b>", "", label).split("<br/>")]
    return found


def arrows(dot):
    """Tail, head and label of each arrow."""
    found = re.findall(r"^\t(n\d+) -> (n\d+)(?: \[label=<(.*)>\])?$", dot, re.MULTILINE)
    return [(tail, head, html.unescape(label)) for tail, head, label in found]


def test_the_text_of_a_picture():
    """Boxes in forward order, with label, operation, shape, numbers and gradient; arrows as written."""
    y = neuron()
    y.backward()
    dot = draw_graph(y).source
    assert boxes(dot) == {
        "n0": ["w", "value 2", "gradient -0.03958"],
        "n1": ["(2,) float64", "value [0.5, -1]"],
        "n2": ["*", "(2,) float64", "value [1, -2]"],
        "n3": ["b", "value 0.25", "gradient 0.2992"],
        "n4": ["+", "(2,) float64", "value [1.25, -1.75]"],
        "n5": ["sigmoid", "(2,) float64", "value [0.777, 0.148]"],
        "n6": ["y  sum", "value 0.9253", "gradient 1"],
    }
    assert arrows(dot) == [
        ("n0", "n2", "const"), ("n1", "n2", ""), ("n2", "n4", "1"), ("n3", "n4", "1"),
        ("n4", "n5", "y*(1 - y)"), ("n5", "n6", "g, repeated to the shape of x"),
    ]  # fmt: skip
    assert dot.startswith("digraph graph_of_values {\n\tgraph [bgcolor=transparent nodesep=0.25 rankdir=LR ")


def test_pictures_are_deterministic():
    """The same graph gives the same text, byte for byte, and drawing changes nothing."""
    y = neuron()
    first = draw_graph(y).source
    assert draw_graph(y).source == draw_graph(neuron()).source == first
    assert all(v.grad is None for v in (y, *y.parents))
    assert "gradient" not in first


def test_an_operand_used_twice_has_two_arrows():
    """The graph of a + a has two boxes and two arrows, which are numbered."""
    a = Value(2.0, label="a")
    dot = draw_graph(a + a).source
    assert arrows(dot) == [("n0", "n1", "#1 1"), ("n0", "n1", "#2 1")]
    assert boxes(dot) == {"n0": ["a", "value 2"], "n1": ["+", "value 4"]}


def test_a_single_leaf_is_a_picture():
    """A Value without history is one box."""
    assert boxes(draw_graph(Value(2.0)).source) == {"n0": ["value 2"]}


def test_gradients_that_were_not_kept_are_left_out():
    """What has no gradient to show shows none; keep_grads brings it; recorded ones show their numbers."""
    x = Value([1.0, 2.0], label="x")
    y = (x * 2).sum()
    y.backward()
    assert [len(box) for box in boxes(draw_graph(y).source).values()] == [4, 1, 3, 3]
    y.backward(keep_grads=True)
    assert boxes(draw_graph(y).source)["n2"][-1] == "gradient [1, 1]"
    x.zero_grad()
    y.backward(create_graph=True)
    assert boxes(draw_graph(x).source)["n0"][-1] == "gradient [2, 2]"


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (1 / 3, "0.3333"),
        (np.float32(1e-12), "1e-12"),
        (np.inf, "inf"),
        (np.nan, "nan"),
        ([1.0, np.nan], "[1, nan]"),
        ([], "(no elements)"),
        (np.arange(5.0), "0 to 4"),
        (np.array([[1.0, np.inf], [np.nan, -2.0]]), "-2 to 1, 2 not finite"),
        (np.full((2, 2), np.nan), "no finite element"),
        (np.arange(1e6).reshape(1000, 1000), "0 to 1e+06"),
    ],
)
def test_numbers_are_short(numbers, text):
    """A box shows a number, a short vector, or the range of anything larger."""
    assert boxes(draw_graph(Value(numbers)).source)["n0"][-1] == f"value {text}"


def test_kinds_are_told_apart_by_shape_too():
    """Leaf, constant, intermediate and output differ in style, not in colour alone."""
    dot = draw_graph(neuron()).source
    styles = re.findall(r'style="?([\w,]+)"?', dot)
    leaf, constant, result = "filled,rounded", "filled,rounded,dashed", "filled"
    assert styles == [leaf, constant, result, leaf, result, result, "filled,bold"]


LABELS = [
    'say "w"', "it's", "<b>", "x > y", "<<x>>", "a & b", "&amp;", "&lt;", "100 %", "{a|b}", "a -> b", "graph",
    "α²·∇J", "日本語", "a\\", "\\N", "\\Gamma", "C:\\new", '\\"', "-- ; }", "]", "w[0]", "]]>", "/* */",
]  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_odd_labels_are_shown_as_they_are(label):
    """Quotes, brackets, entities, backslashes and every script come out in the picture as written."""
    dot = draw_graph(Value(1.0, label=label) * Value(1.0, label="other")).source
    assert [box[0].replace("\\\\", "\\") for box in boxes(dot).values()] == [label, "other", "*"]
    if shutil.which("dot"):
        svg = subprocess.run(["dot", "-Tsvg"], input=dot.encode(), capture_output=True, check=True)
        assert svg.stderr == b""
        assert label in [
            html.unescape(t) for t in re.findall(r"<text[^>]*>(.*?)</text>", svg.stdout.decode())
        ]


@needs_dot
@pytest.mark.parametrize("label", ["two\nlines", "a\ttab", "nul\0", "bell\a", "\x7f", "\u2028", "", " "])
def test_unprintable_labels_are_drawn(label):
    """Control characters and line ends become spaces, so that no label makes an invalid picture."""
    dot = draw_graph(Value(1.0, label=label)).source
    title, *_ = boxes(dot)["n0"]
    assert title == ("".join(c if c.isprintable() else " " for c in label) or "value 1")
    assert subprocess.run(["dot", "-Tsvg"], input=dot.encode(), capture_output=True, check=True).stderr == b""


@pytest.mark.parametrize("suffix", [".dot", ".gv"])
def test_text_is_always_saved(tmp_path, monkeypatch, suffix):
    """DOT text needs no program; save() returns the path, given as text or as a Path."""
    monkeypatch.setenv("PATH", "")
    graph = draw_graph(Value(1.0, label="α") + 1)
    for path in (tmp_path / f"g{suffix}", str(tmp_path / f"h{suffix}")):
        written = graph.save(path)
        assert str(written) == str(path)
        assert written.read_text(encoding="utf-8") == graph.source


MAGIC = {".svg": b"<svg", ".html": b"<!DOCTYPE html>", ".mmd": b"flowchart LR", ".txt": b"Graph of values\n"}


@pytest.mark.parametrize("path", [None, ""], ids=["dot", "no dot"])
@pytest.mark.parametrize("suffix", MAGIC)
def test_pictures_are_saved(tmp_path, capsys, monkeypatch, suffix, path):
    """The ending of the name chooses the format, with dot and without; nothing else is written or printed."""
    if path is not None:
        monkeypatch.setenv("PATH", path)
    picture = tmp_path / f"picture{suffix}"
    assert draw_graph(neuron()).save(picture) == picture
    assert picture.read_bytes().startswith(MAGIC[suffix])
    assert list(tmp_path.iterdir()) == [picture]
    assert capsys.readouterr() == ("", "")


@needs_dot
@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_dot_renders_png_and_pdf(tmp_path, capsys, suffix, magic):
    """PNG and PDF come from dot."""
    path = tmp_path / f"picture{suffix}"
    assert draw_graph(neuron()).save(path) == path
    assert path.read_bytes().startswith(magic)
    assert list(tmp_path.iterdir()) == [path]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_without_dot_there_is_one_line_and_the_text(tmp_path, monkeypatch, capsys, suffix):
    """Where dot is missing, one line says how to install it, and the DOT text is written instead."""
    monkeypatch.setenv("PATH", "")
    graph = draw_graph(neuron())
    instead = tmp_path / "picture.dot"
    assert graph.save(tmp_path / f"picture{suffix}") == instead
    assert instead.read_text() == graph.source
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"picture{suffix} needs the program dot: install Graphviz (sudo apt install graphviz, "
        f"or brew install graphviz); wrote {instead} instead\n"
    )


@pytest.mark.parametrize("name", ["picture", "picture.jpg", "picture.SVGZ", ".svg"])
def test_unknown_endings_are_refused(tmp_path, name):
    """A name without a known ending is an error that lists them, and writes nothing."""
    with pytest.raises(InvalidArgument) as e:
        draw_graph(Value(1.0)).save(tmp_path / name)
    known = ".dot, .gv, .svg, .html, .mmd, .txt, .png, .pdf"
    assert str(e.value) == f"cannot save a graph as {name!r}: the name must end in one of {known}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [None, ""], ids=["dot", "no dot"])
def test_notebooks_show_a_picture(monkeypatch, path):
    """In a notebook a graph is an SVG, with dot and without, and a tree where there is only text."""
    if path is not None:
        monkeypatch.setenv("PATH", path)
    graph = draw_graph(Value(1.0) + 1)
    shown = graph._repr_mimebundle_()
    assert shown["image/svg+xml"].startswith("<svg")
    assert shown["text/plain"] == str(graph) == "Graph of values\n+  value 2\n├─ value 1   <- 1\n└─ 1"
    assert repr(graph) == "<Graph of values: 3 boxes; .save('graph.svg') or print it>"


def test_a_picture_that_fails_is_a_tree_in_a_notebook(monkeypatch):
    """Whatever goes wrong with the layout, a notebook shows no traceback."""
    graph = draw_graph(Value(1.0) + 1)
    monkeypatch.setattr("autograd.drawing.graph.plan_of", lambda *_: 1 / 0)
    assert list(graph._repr_mimebundle_()) == ["text/plain"]


def test_the_digraph_is_the_same_picture(tmp_path):
    """digraph() is a graphviz.Digraph, which can be changed, saved and rendered as graphviz does."""
    graph = draw_graph(neuron(), rankdir="TB")
    digraph = graph.digraph()
    assert isinstance(digraph, graphviz.Digraph)
    assert digraph.source == graph.source == graph.dot()
    assert "rankdir=TB" in graph.source
    digraph.node("one more")
    assert '"one more"' in digraph.source
    assert '"one more"' not in graph.source
    if shutil.which("dot"):
        assert graph.pipe("svg").startswith(b"<?xml")
        assert Path(graph.render("g.gv", directory=tmp_path, format="svg")).read_text().startswith("<?xml")


def test_graphviz_is_imported_when_it_is_used():
    """``import autograd`` and pictures without DOT text do not import graphviz."""
    code = (
        "import sys, autograd; g = autograd.draw_graph(autograd.Value(1.0) + 1); g.svg(); g.text(); g.html();"
        "assert 'graphviz' not in sys.modules; g.dot(); assert 'graphviz' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the notes' network ---------------------------------------------------------------------------

NOTES = Path(__file__).parent / "notes_network.dot"


def notes_network():
    """The error of two sigmoid neurons in a row, and its variables by name."""
    w1, b1, w2, b2 = Value(0.15), Value(0.40), Value(0.45), Value(0.65)
    x, T = Value(0.1, requires_grad=False), Value(0.25, requires_grad=False)
    z1 = w1 * x + b1
    a1 = z1.sigmoid()
    z2 = w2 * a1 + b2
    a2 = z2.sigmoid()
    E = 0.5 * (T - a2) ** 2
    E.backward()
    return E, {k: v for k, v in locals().items() if isinstance(v, Value)}


def test_golden_text_of_the_notes_network():
    """The DOT text of the notes' two neurons is what it was, byte for byte."""
    E, names = notes_network()
    assert draw_graph(E, names=names).dot() == NOTES.read_text(encoding="utf-8")


def test_names_are_those_of_variables():
    """names=locals() names Values that have no label, also those in lists and dicts."""
    x, w, extra = Value(1.0, label="mine"), [Value(2.0), Value(3.0)], {"b": Value(4.0)}
    y = x * w[0] + w[1] + extra["b"]
    titles = [box[0] for box in boxes(draw_graph(y, names=locals()).dot()).values()]
    assert titles == ["mine", "w[0]", "*", "w[1]", "+", "extra['b']", "y  +"]


def test_parameters_are_named_after_their_path():
    """A module among the variables names its parameters; a label that is only their end is no hindrance."""

    class Pair(nn.Module):
        def __init__(self):
            self.layers = [nn.Linear(1, 1, rng=0), nn.Linear(1, 1, rng=1)]

        def forward(self, x):
            return self.layers[1](self.layers[0](x))

    model = Pair()
    y = model(np.ones((1, 1)))
    titles = [box.title for box in draw_graph(y, names=locals()).picture.boxes]
    assert [t for t in titles if "layer" in t] == [
        "layer0.weight", "layer0.bias", "layer1.weight", "layer1.bias",
    ]  # fmt: skip


def test_local_derivatives_are_numbers_between_scalars():
    """The label of each arrow between scalars is the derivative, to four digits."""
    E, names = notes_network()
    picture = draw_graph(E, names=names).picture
    title = {box.key: box.title for box in picture.boxes}
    labels = {(title[a.tail], title[a.head]): a.label for a in picture.arrows}
    a1, a2 = names["a1"].item(), names["a2"].item()
    assert labels["z2  +", "a2  sigmoid"] == f"{a2 * (1 - a2):.4g}"
    assert labels["w2", "*"] == f"{a1:.4g}"
    assert labels["T", "-"] == ""
    assert labels["a2  sigmoid", "-"] == "-1"


def test_local_derivatives_of_arrays_are_in_the_names_of_operands():
    """Between arrays an arrow says the rule, with names where there are names."""
    x, w = Value(np.ones((5, 3)), label="x", requires_grad=False), Value(np.ones((3, 2)), label="w")
    y = np.tanh(x @ w) * x.sum()
    assert [a.label for a in draw_graph(y).picture.arrows if a.label] == ["x.T @ g", "1 - y**2", "15"]


@pytest.mark.parametrize(
    ("exponent", "label"), [(2, "2*x"), (3.0, "3*x**2"), (0.5, "0.5/x**0.5"), (-1, "-1/x**2"), (1, "1")]
)
def test_the_derivative_of_a_power_has_its_number(exponent, label):
    """An arrow from an array to its square says 2*x."""
    x = Value(np.ones(3), label="x")
    assert draw_graph(x**exponent).picture.arrows[0].label == label


def test_a_broken_rule_costs_no_picture():
    """A rule of the user's that raises leaves the label to its notation."""

    @primitive(lambda g, y, x: 1 / 0, notation=("cos(x)",))
    def broken(x):
        return np.sin(x)

    assert [a.label for a in draw_graph(broken(Value(1.0, label="t"))).picture.arrows] == ["cos(t)"]


def test_constants_can_be_hidden():
    """constants=False leaves out those without a name."""
    x = Value(3.0, label="x", requires_grad=False)
    y = Value(2.0, label="w") * x * 5.0 + 1.0
    assert [b.title or b.facts[0] for b in draw_graph(y).picture.boxes] == ["w", "x", "*", "5", "*", "1", "+"]
    assert [b.title for b in draw_graph(y, constants=False).picture.boxes] == ["w", "x", "*", "*", "+"]


def test_several_outputs_are_one_picture():
    """A list of Values is drawn as one graph, each of them marked as an output."""
    x = Value(1.0, label="x")
    y, z = x * 2, x + 1
    assert [b.kind for b in draw_graph([y, z]).picture.boxes if not b.kind.startswith("c")] == [
        "leaf", "output", "output",
    ]  # fmt: skip


def test_a_module_is_drawn_by_its_parameters_or_its_result():
    """Without inputs a module is its parameters, in frames; with inputs it is called."""
    model = nn.MLP(3, [2, 1], rng=0)
    parameters = draw_graph(model).picture
    assert [b.title for b in parameters.boxes] == [
        "layer0.weight", "layer0.bias", "layer1.weight", "layer1.bias",
    ]  # fmt: skip
    assert [f.key for f in parameters.frames] == ["layer0", "layer1"]
    assert parameters.arrows == ()
    assert draw_graph(model, np.ones((5, 3))).picture.boxes[-1].title == "affine"


@pytest.mark.parametrize("what", [3.0, None, "x", [], [1.0], int])
def test_what_cannot_be_drawn_is_refused(what):
    """Anything but a Value, a list of them, a module or a report is an error that says so."""
    with pytest.raises(UnsupportedType, match="draw_graph draws a Value, got"):
        draw_graph(what)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (
            {"names": ["x"]},
            UnsupportedType,
            "names must be a dict of names and Values, such as locals(), got list",
        ),
        ({"names": "x"}, UnsupportedType, "got str"),
        ({"expand": 3}, InvalidArgument, "expand must be the name of a folded box, or a list of them, got 3"),
        ({"expand": None}, InvalidArgument, "got None"),
    ],
)
def test_wrong_names_and_boxes_are_named(wrong, error, words):
    """What cannot be names, or the name of a box, is named in one of the library's errors."""
    with pytest.raises(error, match=re.escape(words)):
        draw_graph(Value(1.0) * 2, **wrong)


def test_names_may_be_the_other_way_round():
    """Names takes Values with their names too, as explain does; keys need not be texts."""
    x, y = Value(1.0), Value(2.0)
    titles = [box.title for box in draw_graph(x * y, names={x: "x", 3: y}).picture.boxes]
    assert titles == ["x", "3", "*"]


def test_endings_may_be_capitals(tmp_path):
    """A name in capitals is the same format."""
    path = draw_graph(Value(1.0) * 2).save(tmp_path / "GRAPH.SVG")
    assert path.read_text(encoding="utf-8").startswith("<svg")


def test_inputs_are_for_modules():
    """A Value is a result already: inputs beside it are refused."""
    with pytest.raises(UnsupportedType, match="draw_graph takes inputs for a module alone"):
        draw_graph(Value(1.0), 2.0)


# -- verdicts -------------------------------------------------------------------------------------

FORWARD = "z1 = w1*x + b1\na1 = sigmoid(z1)\nE = 1/2*(T - a1)**2"
INPUTS = {"w1": 0.15, "b1": 0.4, "x": 0.1, "T": 0.25}


def test_verdicts_are_in_the_picture():
    """A report marks what is right, what is first wrong, and what follows from it, with the ratio."""
    report = check_derivation(FORWARD, "dE/da1 = -(T - a1)\ndE/dz1 = dE/da1\ndE/dw1 = dE/dz1*x", INPUTS)
    graph = draw_graph(report)
    marks = {box.title.split()[0]: box.mark for box in graph.picture.boxes if box.mark}
    assert {name: mark.verdict for name, mark in marks.items()} == {
        "a1": "right", "z1": "wrong", "w1": "follows",
    }  # fmt: skip
    ratio = f"{1 / (0.60229 * (1 - 0.60229)):.3f}"
    assert marks["z1"].text == f"dE/dz1: first wrong, ratio {ratio}"
    assert marks["w1"].text == f"dE/dw1: follows from dE/dz1, ratio {ratio}"
    for text in (graph.svg(), graph.dot(), graph.text(), graph.mermaid()):
        assert "first wrong, ratio" in text
    assert 'class="computed wrong"' in graph.svg()


def test_a_right_derivation_has_no_wrong_box():
    """Every claim of a right derivation is marked right, and gradients are those of the check."""
    report = check_derivation(FORWARD, "dE/da1 = -(T - a1)\ndE/dw1 = -(T - a1)*a1*(1 - a1)*x", INPUTS)
    picture = draw_graph(report).picture
    assert {box.mark.verdict for box in picture.boxes if box.mark} == {"right"}
    assert any(fact == "gradient 0.3523" for box in picture.boxes for fact in box.facts)


# -- trees for terminals ----------------------------------------------------------------------------


def test_deep_trees_come_back_to_the_margin():
    """A chain of a hundred operations stays within a terminal's width, and shows each box once."""
    y = Value(1.0, label="x")
    for _ in range(100):
        y = y.sin()
    text = draw_graph(y).text()
    assert text.count("sin") == 100 + text.count("(continued below)")
    assert max(map(len, text.splitlines())) < 150


def test_shared_operands_are_shown_once():
    """In a tree what is below a shared box is written once, and referred to afterwards."""
    x = Value(1.0, label="x")
    y = x * 2
    text = draw_graph(y.sin() + y.cos()).text()
    assert text.count("[n2] *  value 2") == 2
    assert text.count("(see above)") == 1
