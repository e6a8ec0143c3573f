"""What notebooks show of Values and modules: short tables in the colours of the page."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest

from autograd import Value, no_grad
from nn import MLP, CrossEntropyLoss, Linear, Module, Parameter, ReLU, Sequential

VOID = {"br", "hr", "img"}


class Checked(HTMLParser):
    """Reads HTML: every element closed, no ids, no scripts, no colours of its own."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert "id" not in attributes
        assert tag not in ("script", "style")
        style = attributes.get("style", "").replace("background: none", "").replace("color: inherit", "")
        assert "background" not in style
        assert "color:" not in style
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def shown(x):
    return Checked(x._repr_html_()).text


def test_a_scalar():
    """Label, operation, number and gradient of a computed scalar."""
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    y.backward()
    assert shown(y) == "Value label y operation * value 9 gradient 1"
    assert shown(x) == "Value label x kind leaf value 3 gradient 6"


def test_labels_that_cannot_be_printed():
    """Characters that no page can hold are spaces, as in pictures."""
    x = Value(3.0, label="a\x00\ud800b<")
    assert shown(x).startswith("Value label a b< kind")
    assert x._repr_html_().encode()


def test_no_gradient_yet():
    """Why there is no gradient is said, and constants have no such row."""
    x = Value([1.0, 2.0])
    y = (x * 2).sum()
    z = x * 3
    assert "none yet: call backward()" in shown(y)
    (z.sum() + y).backward()
    assert "not kept" in shown(z)
    with no_grad():
        assert shown(x * 2) == "Value kind constant shape (2,) float64 value [2., 4.]"


@pytest.mark.parametrize("shape", [(0,), (3,), (1000,), (50, 50), (4, 4, 4, 4), (100_000, 3), (1, 1, 1)])
def test_arrays_are_capped(shape):
    """However large the array, the table stays short, shape and dtype stand there, and nothing raises."""
    x = Value(np.random.default_rng(0).normal(size=shape).astype(np.float32))
    x.sum().backward()
    assert f"{shape} float32" in shown(x)
    assert len(x._repr_html_()) < 6000


@pytest.mark.parametrize("label", ["<b>&'\"", "x" * 10_000, "two\nlines", "</table><script>"])
def test_strange_labels_are_text(label):
    """A label is never HTML, and a long one is cut."""
    x = Value([np.nan, np.inf], label=label)
    assert label[:3] in shown(x)
    assert len(x._repr_html_()) < 3000


def test_nothing_is_drawn_or_changed():
    """The table of the end of a long graph is that of one Value, and costs nothing."""
    y = Value(1.0)
    for _ in range(10_000):
        y = y + 1.0
    assert shown(y) == "Value operation + value 10001 gradient none yet: call backward()"


def test_a_module():
    """A row for each module inside, with shapes, numbers and the total."""
    text = shown(MLP(3, [4, 1], rng=0))
    assert "layers.0 Layer(3, 4, activation='relu') weight (4, 3), bias (4,) 16" in text
    assert text.endswith("21 parameters")
    text = shown(Sequential(Linear(2, 3, rng=0), np.tanh))
    assert "0 Linear(2, 3) weight (3, 2), bias (3,) 9 1 tanh" in text


def test_many_neurons_are_capped():
    """A network of three hundred neurons is a table of sixty rows, which counts them all."""
    model = MLP(2, [200, 100], neurons=True, rng=0)
    html = model._repr_html_()
    assert html.count("<tr>") <= 62
    assert "243 more" in shown(model)
    assert shown(model).endswith(f"{sum(p.size for p in model.parameters()):,} parameters")


def test_modules_of_all_kinds():
    """Frozen and shared parameters are counted right; modules without any have an empty cell."""
    model = Sequential(Linear(2, 3, rng=0), ReLU(), Linear(3, 3, bias=False, rng=0))
    model.again = model[2]
    model[2].weight.requires_grad = False
    assert shown(model).endswith("18 parameters, 9 of them trained")
    assert shown(CrossEntropyLoss()).endswith("0 parameters")

    class Odd(Module):
        def __init__(self):
            self.parts = {"<a>": Parameter(1.0), "b": [Parameter([1.0, 2.0])]}
            self.itself = self

    assert "parts.<a>, parts.b.0 (2,)" in shown(Odd())


def test_parameters_say_what_they_are():
    """A parameter's table is headed by its own class."""
    assert shown(Parameter(1.0, label="w")).startswith("Parameter label w kind leaf")
