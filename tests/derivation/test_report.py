"""The report of a derivation: what a person reads in a terminal and a notebook, and what programs get."""

from __future__ import annotations

import html.parser
import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import assert_derivation, check_derivation
from autograd.derivation.report import DerivationReport, Finding, differing, worst_element
from autograd.derivation.report_text import WIDTH

FORWARD = "z = w*x + b\na = sigmoid(z)\nE = 1/2*(T - a)**2"
BACKWARD = "dE/da = -(T - a)\ndE/dz = dE/da*a*(1 - a)\ndE/dw = dE/dz*x\ndE/db = dE/dz"
POINT = {"w": 0.15, "b": 0.4, "x": 0.1, "T": 0.25}


class Diagnosis:
    """What a report needs of one."""

    def __init__(self, text="the sign is wrong", evidence="ratio -1 at all 5 points", kind="sign"):
        self.kind, self.text, self.evidence = kind, text, evidence


def finding(claim="dz", verdict="right", worst=((), 1.0, 1.0), **more):
    options = {"variable": claim[1:], "line": 0, "text": ""} | more
    return Finding(claim=claim, verdict=verdict, worst=worst, **options)


def wrong(claim="dz", worst=((), -1.0, 1.0), **more):
    return finding(claim, "wrong", worst, **{"diagnosis": Diagnosis(), **more})


# -- text ---------------------------------------------------------------------------------------


def test_wrong_step():
    """The whole text for a derivation with one mistake: table, statement, correction, evidence."""
    report = DerivationReport(
        (
            finding("dE/da", variable="a"),
            wrong("dE/dz", line=2, text="dE/dz = -dE/da*s", corrected="dE/dz = dE/da*s", variable="z"),
            finding("dE/dw", "follows", ((), -0.01, 0.01), variable="w"),
        ),
        notes=("no gradient was claimed for x",),
    )
    assert (
        str(report)
        == """\
derivation: wrong, first at dE/dz, line 2

  claim  variable  verdict             yours  true    ratio
  dE/da  a         right
  dE/dz  z         wrong                  -1     1  -1.0000
  dE/dw  w         follows from dE/dz  -0.01  0.01  -1.0000

dE/dz, line 2
  yours:     dE/dz = -dE/da*s
  should be: dE/dz = dE/da*s
  mistake:   the sign is wrong
  evidence:  ratio -1 at all 5 points

note: no gradient was claimed for x"""
    )


def test_right():
    """A right derivation has its verdict and its claims, and no numbers."""
    assert (
        str(DerivationReport((finding("da"), finding("dz"))))
        == """\
derivation: right

  claim  variable  verdict
  da     a         right
  dz     z         right"""
    )


def test_convention():
    """A constant that all gradients share is said once, and no step is called wrong."""
    report = DerivationReport((wrong("da"), wrong("dw")), convention="right up to the sign")
    assert report.ok
    assert report.first_wrong is None
    assert (
        str(report)
        == """\
derivation: right
  right up to the sign

  claim  variable  verdict                     yours  true    ratio
  da     a         right but for the constant     -1     1  -1.0000
  dw     w         right but for the constant     -1     1  -1.0000"""
    )


def test_doubt():
    """Where nothing can be told, the reason stands under the verdict, and no step is called wrong."""
    report = DerivationReport((wrong(),), doubt="the engine and differences disagree")
    assert str(report).startswith("derivation: cannot tell\n  the engine and differences disagree\n\n")
    assert "mistake:" not in str(report)
    assert not report
    assert DerivationReport(()).verdict == "cannot tell"


def test_cannot_tell_names_the_claims():
    """A claim whose true gradient is not finite is named."""
    report = DerivationReport((finding("da"), finding("dz", "cannot tell", ((), 1.0, math.nan))))
    assert str(report).splitlines()[:2] == [
        "derivation: cannot tell",
        "  the true gradient is not finite here: dz",
    ]


def test_shapes():
    """Where the shape is wrong, both shapes stand in the place of numbers."""
    report = DerivationReport((wrong("db", ((0,), math.nan, 1.0), shapes=((5, 2), (2,))),))
    assert str(report).splitlines()[2:4] == [
        "  claim  variable  verdict  element   yours  true",
        "  db     b         wrong    shape    (5, 2)  (2,)",
    ]


@pytest.mark.parametrize(
    ("yours", "true", "expected"),
    [
        (0.5, 0.25, "0.5 0.25 2.0000"),
        (1.0000001, 1.0, "1.0000001 1 1.0000"),
        (1 + 1e-13, 1.0, "1.0000000000001 1 1.0000"),
        (1.0, 0.0, "1 0 -"),
        (0.0, 2.0, "0 2 0"),
        (3e8, 1e-3, "3e+08 0.001 3e+11"),
        (math.nan, 1.0, "nan 1 nan"),
        (-math.inf, 1.0, "-inf 1 -inf"),
    ],
)
def test_numbers(yours, true, expected):
    """Two numbers that differ look different, whatever digits that takes; a ratio to 0 is left out."""
    row = str(DerivationReport((wrong("dz", ((), yours, true)),))).splitlines()[3]
    assert row.split()[3:] == expected.split()


def test_index_of_the_worst_element():
    """The element that is farthest off is shown with its index."""
    report = DerivationReport((wrong("dW", ((2, 10), 1.0, 2.0)),))
    assert "  dW     W         wrong    [2, 10]" in str(report)


def test_several_mistakes():
    """Each mistake is explained, in the order of the steps."""
    text = str(DerivationReport((wrong("da"), finding("dz"), wrong("dw"))))
    assert re.findall(r"^(\w+)\n  mistake:", text, re.MULTILINE) == ["da", "dw"]


def test_long_names_and_lines():
    """Long names keep the columns; long texts go on in the next line under their start, no word cut."""
    name = "grads['hidden_to_hidden_weights_of_the_first_layer']"
    statement = "dW = " + " + ".join(f"np.dot(delta_{k}.T, activation_{k})" for k in range(8))
    text = str(DerivationReport((finding("da"), wrong(name, variable="W" * 30, text=statement, line=12))))
    rows = text.splitlines()[2:5]
    assert rows[0].index("verdict") == rows[1].index("right") == rows[2].index("wrong")
    start = text.index("  yours:     ")
    block = text[start : text.index("\n  mistake:")].splitlines()
    assert len(block) > 2
    assert all(line.startswith(" " * 13) for line in block[1:])
    assert all(len(line) <= WIDTH for line in block)
    assert " ".join(line.strip() for line in block) == f"yours:     {statement}"


def test_long_tables_are_folded():
    """Of many steps, runs of one verdict are folded but for their ends; mistakes are never folded."""
    steps = [finding(f"dh[{t}]", variable="h") for t in range(60)]
    steps[30] = wrong("dh[30]", variable="h")
    steps[31:] = [finding(f"dh[{t}]", "follows", ((), 2.0, 1.0), variable="h") for t in range(31, 60)]
    lines = str(DerivationReport(tuple(steps))).splitlines()
    names = [line[:15].strip() for line in lines[3 : lines.index("", 3)]]
    assert names == ["dh[0]", "... 28 more", "dh[29]", "dh[30]", "dh[31]", "... 27 more", "dh[59]"]


def test_never_a_truncated_matrix():
    """However large the arrays, a report shows elements with their indices, and no dots in a matrix."""
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(300, 200)), rng.normal(size=(200, 100))
    report = check_derivation("E = sum((X @ W)**2)", {"dW": "X.T @ (X @ W)*3"}, {"X": X, "W": W})
    assert report.verdict == "wrong"
    assert "..." not in str(report)
    assert len(str(report)) < 1500
    assert len(report._repr_html_()) < 5000


# -- real reports -------------------------------------------------------------------------------


def test_of_a_check():
    """The report of a check says where, what, and how it should be."""
    report = check_derivation(FORWARD, BACKWARD.replace("*a*(1 - a)", ""), POINT)
    first = report.first_wrong
    assert (first.claim, first.line, first.text) == ("dE/dz", 2, "dE/dz = dE/da")
    assert first.corrected == "dE/dz = dE/da * a*(1 - a)"
    assert "a*(1 - a) is missing" in first.diagnosis.text
    for part in (first.text, first.corrected, first.diagnosis.text.split(";")[0], first.diagnosis.evidence):
        assert part in re.sub(r"\s+", " ", str(report))


def test_a_corrected_sum_is_that_of_the_whole_product():
    """Of a product that begins and ends with a bracket all is summed, in formulas and in code."""
    forward = "H = tanh(X @ W1 + b1)\nY = H @ W2\nE = sum((Y - T)**2)"
    claims = "dY = 2*(Y - T)\ndb1 = sum((dY @ W2.T)*(1 - H), axis=0)"
    shapes = {"X": "N D", "W1": "D H", "b1": "H", "W2": "H K", "T": "N K"}
    corrected = check_derivation(forward, claims, shapes=shapes).first_wrong.corrected
    assert corrected == "db1 = sum((dY @ W2.T) * (1 - H**2), axis=0)"

    def by_hand(H, Y, T, W2):
        dY = 2 * (Y - T)
        db1 = ((dY @ W2.T) * (1 - H)).sum(axis=0)
        return db1

    corrected = check_derivation(forward, by_hand, shapes=shapes).first_wrong.corrected
    assert corrected == "db1 = ((dY @ W2.T) * (1 - H**2)).sum(axis=0)"


def test_shapes_of_a_check():
    """A claim of another shape has both shapes in its finding."""
    known = {"X": np.ones((3, 2)), "b": np.zeros(2)}
    report = check_derivation("E = sum((X + b)**2)", {"db": "2*(X + b)"}, known)
    assert report.first_wrong.shapes == ((3, 2), (2,))


# -- for programs -------------------------------------------------------------------------------


def test_to_dict():
    """The data of a report has a fixed form, which JSON can hold."""
    report = DerivationReport(
        (finding("da"), wrong("dW", ((1, 0), -2.0, 2.0), line=3, text="dW = -g", corrected="dW = g")),
        notes=("a note",),
    )
    data = report.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert {key: data[key] for key in ("verdict", "first_wrong", "convention", "doubt", "notes")} == {
        "verdict": "wrong",
        "first_wrong": "dW",
        "convention": None,
        "doubt": None,
        "notes": ["a note"],
    }
    assert data["findings"][1] == {
        "claim": "dW",
        "variable": "W",
        "verdict": "wrong",
        "line": 3,
        "text": "dW = -g",
        "worst_index": [1, 0],
        "yours": -2.0,
        "true": 2.0,
        "shapes": None,
        "kind": "sign",
        "diagnosis": "the sign is wrong",
        "evidence": "ratio -1 at all 5 points",
        "corrected": "dW = g",
        "paired_by": "name",
    }
    assert data["findings"][0]["diagnosis"] is None
    assert data["findings"][0]["line"] is None


def test_assert_derivation():
    """In a test, a wrong derivation fails with the report as the text of the failure."""
    assert_derivation(FORWARD, BACKWARD, POINT)
    with pytest.raises(AssertionError) as caught:
        assert_derivation(FORWARD, BACKWARD.replace("dE/dz*x", "dE/dz*w"), POINT)
    assert "derivation: wrong, first at dE/dw, line 3\n" in str(caught.value)
    assert "should be: dE/dw = dE/dz * x\n" in str(caught.value)


def test_truth():
    """A report is true where the derivation is right, and its representation is its text."""
    right, bad = DerivationReport((finding(),)), DerivationReport((wrong(),))
    assert right
    assert not bad
    assert repr(bad) == str(bad)


@pytest.mark.parametrize(
    ("yours", "true", "expected"),
    [
        ([1.0, 2.0], [1.0, 4.0], ((1,), 2.0, 4.0)),
        (3.0, 1.0, ((), 3.0, 1.0)),
        ([[1.0, 2.0]], [1.0, 4.0], ((1,), 2.0, 4.0)),
        ([1.0, math.inf], [1.0, 4.0], ((1,), math.inf, 4.0)),
        ([], [], ((), 0.0, 0.0)),
    ],
)
def test_worst_element(yours, true, expected):
    """The element that is farthest off: index, claim, truth."""
    assert worst_element(yours, true) == expected


def test_worst_element_of_other_shapes():
    """Where the numbers cannot be compared, the claimed one is NaN."""
    index, yours, true = worst_element(np.ones((3, 2)), np.array([1.0, 2.0]))
    assert math.isnan(yours)
    assert (index, true) == ((0,), 1.0)
    assert differing(np.ones((3, 2)), np.ones(2)) == ((3, 2), (2,))


# -- HTML ---------------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """Open tags, texts and attributes of a page; complains of tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts, self.attributes = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.texts.append(text)


NASTY = "<script>alert('x')</script> & \"quotes\""


def test_html():
    """The page has what the text has: verdict, table, statements, mistake, evidence and notes."""
    report = check_derivation(FORWARD, BACKWARD.replace("*a*(1 - a)", ""), POINT)
    page = Page(report._repr_html_())
    text = " ".join(page.texts)
    first = report.first_wrong
    for part in (
        "wrong",
        "dE/dz",
        "follows from dE/dz",
        first.text,
        first.corrected,
        first.diagnosis.evidence,
    ):
        assert part in text
    for note in report.notes:
        assert note in text


def test_html_is_on_its_own():
    """No script, no link and nothing from outside; no colour for text or page but small marks."""
    page = Page(DerivationReport((finding(), wrong()), notes=("n",))._repr_html_())
    assert set(page.tags) <= {"div", "span", "b", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert {name for name, _ in page.attributes} == {"style"}
    assert not any("url(" in value or "http" in value for _, value in page.attributes)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_html_is_escaped(text):
    """Whatever stands in names and statements is text in the page, never a tag."""
    nasty = NASTY + text
    report = DerivationReport(
        (
            wrong(nasty, text=nasty, corrected=nasty, diagnosis=Diagnosis(nasty, nasty), variable=nasty),
            finding("dw", "follows", ((), 1.0, 2.0)),
        ),
        notes=(nasty,),
    )
    page = Page(report._repr_html_())
    assert "script" not in page.tags
    assert "".join(page.texts).count("<script>alert('x')</script>") >= 7


def test_html_of_a_convention_and_a_doubt():
    """What stands under the verdict in the text does so in the page."""
    assert "up to the sign" in DerivationReport((wrong(),), convention="up to the sign")._repr_html_()
    assert "too slow" in DerivationReport((), doubt="too slow")._repr_html_()
