"""Pictures of graphs: the DOT text, odd labels, and what happens without the program dot."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import graphviz
import numpy as np
import pytest

from autograd import Value, draw_graph, sigmoid
from autograd.errors import InvalidArgument

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def neuron():
    w, x, b = Value(2.0, label="w"), Value([0.5, -1.0], requires_grad=False), Value(0.25, label="b")
    y = sigmoid(w * x + b).sum()
    y.label = "y"
    return y


def boxes(dot):
    """The lines of text of each box, by the name of its node."""
    found = {}
    for name, label in re.findall(r"^\t(n\d+) \[label=<(.*?)> fillcolor", dot, re.MULTILINE):
        found[name] = [html.unescape(line) for line in re.sub("</?b>", "", label).split("<br/>")]
    return found


def arrows(dot):
    return re.findall(r"^\t(n\d+) -> (n\d+)$", dot, re.MULTILINE)


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
        ("n0", "n2"), ("n1", "n2"), ("n2", "n4"), ("n3", "n4"), ("n4", "n5"), ("n5", "n6"),
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
    """The graph of a + a has two boxes and two arrows."""
    a = Value(2.0, label="a")
    dot = draw_graph(a + a).source
    assert arrows(dot) == [("n0", "n1"), ("n0", "n1")]
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


@needs_dot
@pytest.mark.parametrize(("suffix", "magic"), [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_pictures_are_saved(tmp_path, capsys, suffix, magic):
    """The ending of the name chooses the format; nothing else is written or printed."""
    path = tmp_path / f"picture{suffix}"
    assert draw_graph(neuron()).save(path) == path
    assert path.read_bytes().startswith(magic)
    assert list(tmp_path.iterdir()) == [path]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
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
    known = ".dot, .gv, .svg, .png, .pdf"
    assert str(e.value) == f"cannot save a graph as {name!r}: the name must end in one of {known}"
    assert list(tmp_path.iterdir()) == []


def test_notebooks_show_a_picture_or_the_text(monkeypatch):
    """In a notebook a graph is an SVG; without dot it is the text."""
    graph = draw_graph(Value(1.0) + 1)
    if shutil.which("dot"):
        assert "<svg" in graph._repr_mimebundle_()["image/svg+xml"]
    monkeypatch.setenv("PATH", "")
    assert graph._repr_mimebundle_() == {"text/plain": graph.source}


def test_the_graph_is_a_digraph(tmp_path):
    """It is a graphviz.Digraph, which can be changed, and saved and rendered as graphviz does."""
    graph = draw_graph(neuron(), rankdir="TB")
    assert isinstance(graph, graphviz.Digraph)
    assert "rankdir=TB" in graph.source
    graph.node("one more")
    assert '"one more"' in graph.source
    assert Path(graph.save("g.gv", directory=tmp_path)).read_text() == graph.source
    if shutil.which("dot"):
        assert Path(graph.render("g.gv", directory=tmp_path, format="svg")).read_text().startswith("<?xml")
