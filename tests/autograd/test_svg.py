"""The SVG and HTML of a picture: well formed, readable by everybody, the same every time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest

from autograd import Value, draw_graph
from autograd.drawing.numbers import CELLS, heat_of, in_short, norm_of

SVG = "{http://www.w3.org/2000/svg}"


def picture(label="w"):
    w = Value(np.arange(-6.0, 6.0).reshape(3, 4), label=label)
    y = np.tanh(w * Value(2.0, label="s")).sum()
    y.backward(keep_grads=True)
    return draw_graph(y)


def symbols(svg):
    return [g for g in ET.fromstring(svg).iter(f"{SVG}g") if g.get("role") == "graphics-symbol"]


@pytest.mark.parametrize("path", [None, ""], ids=["dot", "no dot"])
@pytest.mark.parametrize("label", ["w", '"<&>', "a\0b", "日本", "]]>", "\ud800", "</svg>", "-->"])
def test_it_is_well_formed(label, path, monkeypatch):
    """Every label gives XML that a parser reads, and that can be written as UTF-8."""
    if path is not None:
        monkeypatch.setenv("PATH", path)
    svg = picture(label).svg()
    assert ET.fromstring(svg.encode()).tag == f"{SVG}svg"


def test_each_box_has_a_title_and_a_description():
    """A screen reader finds the name of each box, and everything that it shows."""
    for g, box in zip(symbols(picture().svg()), picture().picture.boxes, strict=True):
        assert g.find(f"{SVG}title").text == box.title
        assert g.find(f"{SVG}desc").text == g.get("aria-label") == box.description
        assert all(line in box.description for line in box.lines)
        assert "".join(t.text for t in g.iter(f"{SVG}text")).startswith("".join(box.lines))


def test_each_arrow_has_a_title():
    """An arrow says from where to where, and the local derivative."""
    titles = [t.text for t in ET.fromstring(picture().svg()).iter(f"{SVG}title")]
    assert "s to *, local derivative w" in titles


def test_nothing_is_said_by_colour_alone():
    """Without its colours, the kinds differ in outline, and the signs of numbers in being hollow."""
    x = Value(1.0, label="x")
    y = x * 2 + 3
    svg = draw_graph(y).svg()
    rules = re.sub(r"#[0-9a-fA-F]{6}", "", svg)
    for rule in (".constant>rect{stroke-dasharray:4 3}", ".output>rect{stroke-width:2.5}"):
        assert rule in rules
    radius = {g.get("class"): g.find(f"{SVG}rect").get("rx") for g in symbols(svg)}
    assert radius == {"leaf": "10", "constant": "10", "computed": "2", "output": "2"}
    classes = {p.get("class") for p in ET.fromstring(picture().svg()).iter(f"{SVG}path")}
    assert {"pos", "neg"} <= classes
    assert ".neg,.chainrule .nan{fill:none}" in rules


def test_light_and_dark_are_in_one_file():
    """The colours follow the reader's, by a media query."""
    svg = picture().svg()
    assert svg.count("@media(prefers-color-scheme:dark)") == 1


def luminance(colour):
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_text_can_be_read():
    """Text in boxes has a contrast of 10 and more, text on the page 4.5 on white and on black."""
    light, dark = re.search(r"(.*)@media\(prefers-color-scheme:dark\)\{(.*?)\}\}(.*)", picture().svg()).group(
        1, 2
    )
    for rules in (light, dark):
        ink = re.search(r"\.chainrule text\{fill:(#\w{6})\}", rules)[1]
        fills = re.findall(r">rect\{fill:(#\w{6})", rules)
        assert len(fills) == 5
        assert min(contrast(ink, fill) for fill in fills) > 10
    grey = re.search(r"text\.note\{fill:(#\w{6})\}", picture().svg())[1]
    assert min(contrast(grey, "#ffffff"), contrast(grey, "#000000")) > 4.5


def test_no_ids_can_collide():
    """There is no id in a picture, so that many fit on one page."""
    assert not re.search(r"\sid=|url\(#", picture().svg())


@pytest.mark.parametrize("form", ["svg", "html", "dot", "mermaid", "text"])
def test_forms_are_deterministic(form):
    """The same graph gives the same bytes in every form."""
    assert getattr(picture(), form)() == getattr(picture(), form)()


def test_pictures_are_as_wide_as_a_page_at_most():
    """A picture has its size, and shrinks to the page or notebook that it is in."""
    root = ET.fromstring(picture().svg())
    assert float(root.get("width")) > 0
    assert root.get("style") == "max-width:100%;height:auto"


def test_both_layouts_show_the_same(monkeypatch):
    """With dot and without, a picture has the same boxes, arrows and texts: places alone differ."""
    graph = draw_graph(Value(1.0, label="x").sin().cos() * 3.0)
    first = graph.svg()
    monkeypatch.setenv("PATH", "")
    second = draw_graph(Value(1.0, label="x").sin().cos() * 3.0).svg()
    texts = [
        sorted(t.text or "" for t in ET.fromstring(svg).iter() if t.tag != f"{SVG}path")
        for svg in (first, second)
    ]
    assert texts[0] == texts[1]


# -- pages ------------------------------------------------------------------------------------------


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for k, v in attrs if k in ("src", "href")]


def test_a_page_needs_nothing_else():
    """The HTML holds the picture as it is, and loads nothing."""
    graph = picture()
    page = Page()
    page.feed(graph.html())
    assert graph.svg() in graph.html()
    assert page.links == []
    assert page.tags.count("svg") == page.tags.count("script") == 1
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", graph.html())


# -- heat maps ------------------------------------------------------------------------------------------


def test_heat_maps_diverge_about_zero():
    """Cells are parts of the largest number by size: from -1 to 1, zero at zero."""
    assert heat_of(np.array([[0.0, 5.0], [-10.0, 2.5]])).cells == ((0.0, 0.5), (-1.0, 0.25))
    assert heat_of(np.zeros((2, 3))).cells == ((0.0,) * 3,) * 2


def test_heat_maps_mark_what_is_not_finite():
    """A block with a number that is not finite has no mean: it is marked, and the others keep their scale."""
    x = np.ones((40, 5))
    x[0, 0], x[39, 4] = np.nan, np.inf
    cells = heat_of(x).cells
    assert (cells[0][0], cells[-1][-1], cells[1][1]) == (None, None, 1.0)
    assert heat_of(np.full((2, 2), np.nan)).cells == ((None, None),) * 2
    svg = draw_graph(Value(x)).svg()
    assert 'class="nan"' in svg


@pytest.mark.parametrize("shape", [(5,), (17, 3), (100, 100), (2, 3, 40), (1, 1), (16, 17), (1000, 1)])
def test_heat_maps_are_small(shape):
    """A heat map has at most 16 rows and columns, whose cells are the means of their blocks."""
    x = np.random.default_rng(0).normal(size=shape)
    cells = np.array(heat_of(x).cells)
    flat = x.reshape(-1, shape[-1])
    assert cells.shape == tuple(min(n, CELLS) for n in flat.shape)
    assert np.max(np.abs(cells)) == 1.0
    rows = (
        np.array_split(flat, cells.shape[0]) if flat.shape[0] % CELLS == 0 or flat.shape[0] < CELLS else None
    )
    if rows is not None and flat.shape[1] <= CELLS:
        means = np.array([r.mean(axis=0) for r in rows])
        assert np.allclose(cells, means / np.abs(means).max(), atol=1e-3)


@pytest.mark.parametrize("x", [1.0, [1.0, 2.0], [], np.zeros((0, 3)), np.zeros((3, 0))])
def test_what_is_shown_as_numbers_has_no_heat_map(x):
    """Scalars, short vectors and arrays without elements have none."""
    assert heat_of(x) is None


@pytest.mark.parametrize(
    "x", [np.array([[1e308, -1e308]]), np.array([[5e-324, 0.0]]), np.float16([[6e4, 1.0]])]
)
def test_heat_maps_of_extreme_numbers(x):
    """The largest and smallest floats neither overflow nor warn."""
    assert np.max(np.abs(np.array(heat_of(x).cells))) == 1.0


@pytest.mark.parametrize(
    ("gradients", "norm"),
    [
        ([np.full(100, 3e200)], 3e201),
        ([np.full(10_000, 60_000.0, np.float16)], 6e6),
        ([3e-200, np.array([4e-200])], 5e-200),
        ([], 0.0),
        ([np.array([1.0, np.nan]), 2.0], np.nan),
        ([np.zeros((0, 3)), -np.inf], np.inf),
    ],
)
def test_norms_do_not_overflow(gradients, norm):
    """The length of what is shown as one number is right for all sizes and types."""
    assert norm_of(gradients) == pytest.approx(norm, rel=1e-3, nan_ok=True)


def test_numbers_have_no_negative_zero():
    """-0 is 0, and equal numbers are said once."""
    assert (in_short(-0.0), in_short(np.array([-0.0, 1.0])), in_short(np.full(9, 2.5))) == (
        "0",
        "[0, 1]",
        "all 2.5",
    )
