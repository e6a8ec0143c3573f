"""``python -m autograd check``: what it prints, its exit status, and what a bad file cannot do."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.derivation import command, noted, textfile
from autograd.derivation.report import DerivationReport
from autograd.errors import InvalidArgument

ROOT = Path(__file__).resolve().parents[2]
RIGHT = """\
[point]
x = 0.1
T = 1/4
w = 0.15

[forward]
a = sigmoid(w x)
E = 1/2 (T - a)²

[claims]
dE/da = -(T - a)
dE/dw = dE/da · a (1 - a) x
"""
WRONG = RIGHT.replace("a (1 - a) x", "a x")


def check(capsys, path, *options):
    """Status, standard output and standard error of the command, run here."""
    status = command.main(["check", str(path), *options])
    return status, *capsys.readouterr()


@pytest.fixture
def notes(tmp_path):
    """A function that writes a text, or bytes, to a file."""

    def write(text):
        path = tmp_path / "notes.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


# -- verdicts -----------------------------------------------------------------------------------


def test_right(capsys, notes):
    """A right derivation is status 0, and the report on standard output."""
    status, out, err = check(capsys, notes(RIGHT))
    assert (status, err) == (0, "")
    assert out.startswith("derivation: right\n")


def test_wrong(capsys, notes):
    """A wrong one is status 1, and the report names the line of the file."""
    status, out, err = check(capsys, notes(WRONG))
    assert (status, err) == (1, "")
    assert out.startswith("derivation: wrong, first at dE/dw, line 12\n")
    assert "dE/dw = dE/da · a x\n" in out


def test_cannot_tell(capsys, notes):
    """Where a formula is not finite, nothing can be told: status 2, and why."""
    status, out, err = check(capsys, notes(RIGHT.replace("sigmoid(w x)", "log(w x - 1)")))
    assert (status, err) == (2, "")
    assert out == "derivation: cannot tell\n  a, line 7, is not finite at this point\n"


def test_too_slow(capsys, notes):
    """A check that takes longer than is allowed is given up: status 2."""
    lines = "".join(f"h{k + 1} = tanh(W @ h{k} + h{k})\n" for k in range(60))
    claims = "".join(f"dE/dh{k} = h{k}\n" for k in range(59, 0, -1))
    text = f"[point]\nW = random(40, 40)\nh0 = random(40)\n[forward]\n{lines}E = sum(h60)\n[claims]\n{claims}"
    started = time.perf_counter()
    status, out, _ = check(capsys, notes(text), "--seconds", "0.05")
    assert time.perf_counter() - started < 5
    assert (status, out) == (2, "derivation: cannot tell\n  the check took longer than 0.05 seconds\n")


def test_json(capsys, notes):
    """--json prints the report as data."""
    for text, expected in ((RIGHT, 0), (WRONG, 1)):
        path = notes(text)
        status, out, _ = check(capsys, path, "--json")
        assert status == expected
        assert json.loads(out) == json.loads(json.dumps(command.check_text(text).to_dict()))


def test_json_has_no_infinity(capsys, notes):
    """Numbers that are not finite are null, which every reader of JSON understands."""
    text = RIGHT.replace("-(T - a)", "1/(T - T)")
    _, out, _ = check(capsys, notes(text), "--json")
    first = json.loads(out, parse_constant=lambda word: pytest.fail(word))["findings"][0]
    assert first["yours"] is None


def test_json_of_a_bad_file(capsys, notes):
    """With --json an error is data too, on standard output."""
    path = notes(RIGHT.replace("sigmoid", "sigmiod"))
    status, out, err = check(capsys, path, "--json")
    assert (status, err) == (3, "")
    error = json.loads(out)["error"]
    assert (error["file"], error["line"]) == (str(path), 7)
    assert "did you mean 'sigmoid'" in error["message"]
    path.unlink()
    assert json.loads(check(capsys, path, "--json")[1])["error"]["line"] is None


def test_example(capsys, notes):
    """--example prints a file to begin with, in which the command finds the mistake."""
    assert command.main(["check", "--example"]) == 0
    status, out, _ = check(capsys, notes(capsys.readouterr().out))
    assert status == 1
    assert out.startswith("derivation: wrong, first at dE/dz1, line 25\n")


def test_the_documented_file(notes, capsys):
    """The example of the documentation is a right derivation."""
    text = textfile.__doc__.split("\n\n", 1)[1].split("\nFormulas")[0].replace("\n    ", "\n")
    assert check(capsys, notes(text))[0] == 0


def test_docs_page(capsys, notes):
    """docs/check.md shows the example and what the command prints for it."""
    page = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    file, printed = re.findall(r"```text\n(.*?)```", page, re.DOTALL)[:2]
    assert file == command.EXAMPLE
    assert printed == check(capsys, notes(file))[1]
    for status in range(6):
        assert f"| {status} |" in page


def test_standard_input(capsys, monkeypatch):
    """A file named - is the standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RIGHT.encode())))
    assert check(capsys, "-")[0] == 0


# -- what the file may hold -----------------------------------------------------------------------


def test_values():
    """Numbers, arrays over several lines, and arrays by their shape."""
    text = """[point]
a = -1e-3
b = 2 sqrt(2)
c = [1, 1/2]
d = [[1, 2],   # the first row
     [3, 4]]
e = zeros(2, 3)
f = ones(2)
g = random(3)
[forward]
E = sum(c)
[claims]
dE/dc = 1
"""
    point = textfile.parse(text).point
    assert (point["a"], point["b"]) == (-0.001, 2 * np.sqrt(2))
    np.testing.assert_array_equal(point["c"], [1, 0.5])
    np.testing.assert_array_equal(point["d"], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(point["e"], np.zeros((2, 3)))
    np.testing.assert_array_equal(point["f"], np.ones(2))
    np.testing.assert_array_equal(point["g"], textfile.parse(text).point["g"])
    assert len(set(point["g"])) == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_ends_of_lines(capsys, notes, start, end):
    """The ends of lines of every system are read, and so is a mark at the start; numbers of lines stay."""
    status, out, _ = check(capsys, notes(start + WRONG.replace("\n", end)))
    assert status == 1
    assert "first at dE/dw, line 12\n" in out


def test_names_and_loss(capsys, notes):
    """[names] says what a claim is the gradient of, [loss] which name is the cost."""
    text = RIGHT.replace("dE/da", "delta").replace("E = 1/2 (T - a)²", "E = 1/2 (T - a)²\nq = a + 1")
    more = "[names]\ndelta = a\n[loss]\nE\n"
    assert check(capsys, notes(text + more))[0] == 0
    assert check(capsys, notes(text))[0] != 0


def test_chain_of_local_derivatives(capsys, notes):
    """Factors of the chain rule may have lines of their own, which claim nothing about the cost."""
    text = RIGHT.replace("dE/dw = dE/da · a (1 - a) x", "da/dw = a (1 - a) x\ndE/dw = dE/da da/dw")
    assert check(capsys, notes(text))[0] == 0


def test_arrays(capsys, notes):
    """Matrices, sums over axes, and the transpose as it is written on paper."""
    text = """[point]
X = [[1, 2, 3], [4, 5, 7]]
W = random(3, 2)
b = [0.1, -0.2]
T = random(2, 2)
[forward]
Z = X @ W + b
A = tanh(Z)
E = 1/2 sum((A - T)²)
[claims]
dE/dA = A - T
dE/dZ = dE/dA * (1 - A²)
dE/dW = X^T @ dE/dZ
dE/db = sum(dE/dZ, axis=0)
"""
    assert check(capsys, notes(text))[0] == 0
    status, out, _ = check(capsys, notes(text.replace("sum(dE/dZ, axis=0)", "sum(dE/dZ, axis=1)")))
    assert status == 1
    assert "first at dE/db, line 14\n" in out


# -- bad files --------------------------------------------------------------------------------------

KNOWN = "(known are x, T, w)"
NUMBERS = "the section [point] has more than 10000 numbers"


def edited(old, new, text=RIGHT):
    assert old in text
    return text.replace(old, new, 1)


BAD = {
    "empty": ("", "the section [point] is missing or empty"),
    "only comments": ("# nothing\n\n", "the section [point] is missing or empty"),
    "no forward": ("[point]\nx = 1\n[claims]\ny = 1\n", "the section [forward] is missing or empty"),
    "no claims": (RIGHT.partition("dE/da")[0], "the section [claims] is missing or empty"),
    "no sections": ("x = 1\n", "line 1: x = 1\n  it stands before the first section: begin with [point]"),
    "unknown section": (
        edited("[claims]", "[claim]"),
        (
            "line 10: [claim]\n  unknown section; did you mean 'claims'? "
            "(known: [point], [forward], [claims], [loss], [names])"
        ),
    ),
    "section twice": (
        RIGHT + "[point]\n",
        "line 13: [point]\n  the section was there already, in line 1",
    ),
    # the point
    "no value": (
        edited("x = 0.1", "x"),
        "line 2: x\n  a line of [point] has the form: name = number or array",
    ),
    "no name": (edited("x = 0.1", "= 0.1"), "line 2: = 0.1\n  the name before the = is missing"),
    "value twice": (
        edited("T = 1/4", "x = 1/4"),
        "line 3: x = 1/4\n  x cannot have a value here: it was given already, in line 2",
    ),
    "derivative in the point": (
        edited("T = 1/4", "dT/dx = 1/4"),
        "line 3: dT/dx = 1/4\n  dT/dx cannot have a value here: it is a derivative",
    ),
    "name in the point": (edited("1/4", "x"), "line 3: T = x\n  x is no number"),
    "function in the point": (
        edited("x = 0.1", "exp = 0.1"),
        "line 2: exp = 0.1\n  exp is a function here: give the result another name",
    ),
    "infinite": (edited("0.1", "10**10**10"), "line 2: x = 10**10**10\n  10**10**10 is no finite number"),
    "nan": (edited("0.1", "nan"), "line 2: x = nan\n  nan is no finite number"),
    "large number": (
        edited("0.1", "1" * 400),
        f"line 2: x = {'1' * 96} ...\n  {'1' * 400} is no finite number",
    ),
    "ragged": (
        edited("0.1", "[[1, 2], [3]]"),
        "line 2: x = [[1, 2], [3]]\n  the rows of the array have different lengths",
    ),
    "two commas": (
        edited("0.1", "[1,, 2]"),
        "line 2: x = [1,, 2]\n  the brackets and commas of the array do not fit: [[1, 2], [3, 4]]",
    ),
    "spaces for commas": (
        edited("0.1", "[1 2]"),
        "line 2: x = [1 2]\n  an operator is missing between '1' and '2'",
    ),
    "after the array": (
        edited("0.1", "[1] 2"),
        "line 2: x = [1] 2\n  the brackets and commas of the array do not fit: [[1, 2], [3, 4]]",
    ),
    "open array": (edited("0.1", "[1, 2"), "line 2: x = [1, 2 T = 1/4 w = 0.15\n  a bracket is not closed"),
    "deep array": (
        edited("0.1", "[" * 5000 + "1" + "]" * 5000),
        f"line 2: x = {'[' * 96} ...\n  an array has at most 6 axes",
    ),
    "large array": (edited("0.1", "random(101, 100)"), f"line 2: x = random(101, 100)\n  {NUMBERS}"),
    "huge array": (
        edited("0.1", "zeros(99999999999)"),
        "line 2: x = zeros(99999999999)\n  it takes the lengths of the axes: random(3, 4)",
    ),
    "two large arrays": (
        edited("0.1", "ones(6000)").replace("1/4", "ones(6000)"),
        f"line 3: T = ones(6000)\n  {NUMBERS}",
    ),
    # formulas
    "typing error": (
        edited("sigmoid", "sigmiod"),
        f"line 7: a = sigmiod(w x)\n  'sigmiod' is not known here; did you mean 'sigmoid'? {KNOWN}",
    ),
    "open bracket": (
        edited("sigmoid(w x)", "sigmoid(w x"),
        "line 7: a = sigmoid(w x E = 1/2 (T - a)²\n  a bracket is not closed",
    ),
    "code": (
        edited("sigmoid(w x)", "__import__('os').system('true')"),
        "line 7: a = __import__('os').system('true')\n  \"'\" is not in the notation of formulas",
    ),
    "opening a file": (
        edited("sigmoid(w x)", "open(x)"),
        f"line 7: a = open(x)\n  'open' is not known here; did you mean 'mean'? {KNOWN}",
    ),
    "a file of code": (
        "[point]\nx = 1\n[forward]\nnotes.py::f\n[claims]\ndE/dx = 1\n",
        "line 4: notes.py::f\n  a line has the form: name = formula",
    ),
    "attribute": (
        edited("w x", "w.x"),
        (
            "line 7: a = sigmoid(w.x)\n  "
            "'.' is not in the notation of formulas: after a dot only T is read, for the transpose"
        ),
    ),
    "deep brackets": (
        edited("w x", "(" * 900 + "w" + ")" * 900),
        f"line 7: a = sigmoid({'(' * 88} ...\n  more than 60 levels of brackets",
    ),
    "long chain": (
        edited("w x", "w" + "+w" * 900),
        (
            f"line 7: a = sigmoid({('w+' * 50)[:88]} ...\n  "
            "more than 100 operations are one inside the other: split it into several lines"
        ),
    ),
    "tower of powers": (
        edited("w x", "w" + "^9" * 900),
        (
            f"line 7: a = sigmoid({('w' + '^9' * 50)[:88]} ...\n  "
            "more than 100 operations are one inside the other: split it into several lines"
        ),
    ),
    "long line": (
        edited("w x", "w" * 3000),
        f"line 7: a = sigmoid({'w' * 88} ...\n  the formula has more than 2000 characters: split it",
    ),
    "large result": (
        edited("0.1", "random(2000)").replace("w x", "w outer(x, x)"),
        "line 7: a = sigmoid(w outer(x, x))\n  a result of 4000000 elements is larger than 1000000",
    ),
    "repetition": (
        edited("0.1", "random(900)").replace("a = sigmoid(w x)", "b = outer(x, x)\nc = b + b\na = sum(c) w"),
        "line 8: c = b + b\n  the formulas up to here compute too many numbers: take smaller arrays",
    ),
    "shapes": (
        edited("0.1", "[1, 2]").replace("1/4", "[1, 2, 3]"),
        "line 8: E = 1/2 (T - a)²\n  the shapes (3,) and (2,) do not fit together",
    ),
    "no cost": (
        edited("0.1", "[1, 2]"),
        (
            "line 8: E = 1/2 (T - a)²\n  the cost must be one number, E has the shape (2,): "
            "let the last formula sum it up, or name the cost in a section [loss]"
        ),
    ),
    "unknown cost": (RIGHT + "[loss]\nF\n", "line 14: F\n  'F' is not in [forward]"),
    "two costs": (
        RIGHT + "[loss]\nE\na\n",
        "line 15: a\n  the section [loss] holds the name of the cost, and nothing else",
    ),
    # claims
    "unknown variable": (
        edited("dE/dw =", "dE/dv ="),
        "line 12: dE/dv = dE/da · a (1 - a) x\n  there is no variable 'v'",
    ),
    "claim before its use": (
        edited("dE/dw = dE/da", "dE/dw = dE/dq"),
        (
            "line 12: dE/dw = dE/dq · a (1 - a) x\n  'dE/dq' has no line of its own before this one"
            "; did you mean 'dE/da'? (there are dE/da)"
        ),
    ),
    "no influence": (
        edited("w = 0.15", "w = 0.15\nq = 1") + "dE/dq = 0\n",
        "line 14: dE/dq = 0\n  the cost does not depend on q",
    ),
    "nameless": (
        RIGHT.partition("dE/da")[0] + "foo = 3\n",
        (
            "line 11: foo = 3\n  no claim says what it is the gradient of: call it dE/dz1, "
            "or add a section [names] with a line foo = z1"
        ),
    ),
    "name of no claim": (RIGHT + "[names]\nq = a\n", "line 14: q = a\n  there is no claim 'q'"),
    "name of no variable": (RIGHT + "[names]\ndE/da = q\n", "line 14: dE/da = q\n  there is no variable 'q'"),
    # files
    "too many lines": (RIGHT + "\n" * 1000, "it has 1013 lines: at most 1000 are read"),
    "too large": (RIGHT + "#" * 100_000, "it has more than 100000 bytes"),
    "UTF-16": (RIGHT.encode("utf-16"), "it is in UTF-16: save it as UTF-8"),
    "Latin-1": (
        RIGHT.encode("latin-1"),
        "line 8: the byte 0xb2 is not UTF-8: save the file as UTF-8",
    ),
    "binary": (b"\x7fELF\x02\x01\x01\0\0\0", "it is no text: it has a zero byte"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_file(capsys, notes, case):
    """A bad file is status 3, at once, and the message says which line is wrong, and what is."""
    text, expected = BAD[case]
    path = notes(text)
    started = time.perf_counter()
    status, out, err = check(capsys, path)
    assert (out, err) == ("", f"{path}: {expected}\n")
    assert status == 3
    assert time.perf_counter() - started < 2


def test_missing_file(capsys, tmp_path):
    """A file that is not there, a folder, and a name that no file can have."""
    for path, expected in [
        (tmp_path / "none.txt", "there is no such file"),
        (tmp_path, "it is a folder"),
        ("\0", "it cannot be read: embedded null byte"),
    ]:
        status, out, err = check(capsys, path)
        assert (status, out, err) == (3, "", f"{path}: {expected}\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are Unix's")
def test_files_without_end(capsys, tmp_path):
    """A pipe and a device, which might never end, are not opened."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        assert check(capsys, path) == (3, "", f"{path}: it is no regular file\n")


def test_gigabyte(capsys, tmp_path):
    """A file of a gigabyte is refused without being read."""
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(10**9)
    started = time.perf_counter()
    assert check(capsys, path) == (3, "", f"{path}: it has more than 100000 bytes\n")
    assert time.perf_counter() - started < 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_file(data):
    """Whatever is done to a file, it has a report or a bad line: no other error."""
    lines = WRONG.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        word = data.draw(
            st.sampled_from(["", "[", "]", "(", "=", "x", "[loss]", "0", "1e308", "\0", "/", "²"])
        )
        column = data.draw(st.integers(0, len(lines[at])))
        lines[at] = lines[at][:column] + word + lines[at][column + data.draw(st.integers(0, 2)) :]
    try:
        report = command.check_text("\n".join(lines))
    except InvalidArgument:
        return
    assert isinstance(report, DerivationReport)


# -- the program --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "python -m autograd: the following arguments are required: check\n"),
        (["check"], "python -m autograd check: one of the arguments file --example is required\n"),
        (["check", "a", "b"], "python -m autograd: unrecognized arguments: b\n"),
        (["check", "a", "--jsn"], "python -m autograd: unrecognized arguments: --jsn\n"),
        (
            ["check", "a", "--seconds", "0"],
            "python -m autograd check: argument --seconds: must be more than 0 and at most 86400\n",
        ),
        (
            ["check", "a", "--seconds", "x"],
            "python -m autograd check: argument --seconds: invalid _seconds value: 'x'\n",
        ),
    ],
)
def test_bad_usage(capsys, arguments, expected):
    """A wrong call is status 4, which no verdict has."""
    assert command.main(arguments) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: python -m autograd")
    assert err.endswith(expected)


def test_help(capsys):
    """--help describes the file, the formulas, the limits and each status."""
    assert command.main(["check", "--help"]) == 0
    out = capsys.readouterr().out
    for text in ("[forward]", "100,000 bytes", "sigmoid'(z)", "cannot tell, and why", "arctan, abs"):
        assert text in out
    assert re.findall(r"^    (\d)    ", out, re.MULTILINE) == list("012345")


def test_fault(capsys, notes, monkeypatch):
    """An error of the program itself is not taken for the verdict "wrong", which is status 1."""
    monkeypatch.setattr(noted, "check_derivation", lambda *args, **options: 1 / len(args[:0]) or options)
    status, out, err = check(capsys, notes(RIGHT))
    assert (status, out) == (5, "")
    assert "a fault of the program, please report it:\nTraceback" in err
    assert "ZeroDivisionError" in err


def process(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "autograd", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
        **options,
    )


def test_process(notes):
    """The program ends with the status of the verdict, also where the terminal knows ASCII only."""
    path = notes(WRONG.replace("a x", "a x²"))
    done = process("check", path, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.returncode, done.stderr) == (1, b"")
    assert rb"dE/dw = dE/da \xb7 a x\xb2" in done.stdout
    assert process("check", "-", input=RIGHT.encode()).returncode == 0
    assert process("check").returncode == 4


def test_reader_that_has_left(notes):
    """A pipe that is closed at its other end does not change the status."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "autograd", "check", notes(WRONG)],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


ENTROPY = """\
[point]
X = random(5, 4)
W = random(4, 3)
b = random(3)
Y = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1]]
[forward]
Z = X @ W + b
P = softmax(Z)
L = -1/5 * sum(Y * log(P))
[claims]
dL/dP = -1/5 * Y / P
dL/dZ = 1/5 * (P - Y)
dL/dW = X.T @ dL/dZ
dL/db = sum(dL/dZ, axis=0)
"""
HINGE = """\
[point]
X = random(6, 3)
w = random(3)
y = [1, -1, 1, 1, -1, -1]
[forward]
m = y * (X @ w)
h = max(0, 1 - m)
L = 1/6 * sum(h)
[claims]
dL/dh = 1/6 * (h > -1)
dL/dm = -dL/dh * (m < 1)
dL/dw = X.T @ (dL/dm * y)
"""
NORM = """\
[point]
x = random(4, 5)
R = random(4, 5)
[forward]
v = mean(x², axis=1, keepdims=True)
s = sqrt(v + 0.01)
y = x / s
L = sum(R * y)
[claims]
dy = R
ds = -sum(dy * x, axis=1, keepdims=True) / s²
dv = ds / (2 s)
dx = dy / s + 2/5 * dv * x
"""


HATS = """\
[point]
x = 0.5
w = 0.3
b = 0.1
t = 1
[forward]
z = w x + b
ŷ = σ(z)
E = −t ln(ŷ) − (1 − t) ln(1 − ŷ)
[claims]
dE/dŷ = −t/ŷ + (1 − t)/(1 − ŷ)
dE/dz = ŷ − t
dE/dw = dE/dz x
dE/db = dE/dz
"""
CENTRED = """\
[point]
x = random(5, 3)
γ = random(3)
R = random(5, 3)
[forward]
x̂ = tanh(x)
y = γ * x̂
L = sum(R * y)
[claims]
dy = R
dx̂ = dy * γ
dx = dx̂ * (1 - x̂²)
"""
CHAIN = """\
[point]
x = 0.1
w = 0.15
T = 0.25
[forward]
z = w x
a = sigmoid(z)
E = 1/2 (T - a)²
[claims]
dE/da = a - T
dE/dz = dE/da a (1 - a)
dE/dw = dE/dz x
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong", "claim", "line"),
    [
        (HATS, " + (1 − t)/(1 − ŷ)", "", "dE/dŷ", "dE/dŷ = (-t) * 1/ŷ + -(((-1) * (1 - t)) * 1/(1 - ŷ))"),
        (HATS, "dE/db = dE/dz", "dE/db = 1", "dE/db", "dE/db = dE/dz"),
        (CENTRED, "dy * γ", "dy", "dx̂", "dx̂ = dy * γ"),
        (CHAIN, "dE/da a (1 - a)", "a (1 - a)", "dE/dz", "dE/dz = dE/da * a*(1 - a)"),
        (CHAIN, "dE/dz x", "x", "dE/dw", "dE/dw = dE/dz * x"),
        (ENTROPY, "sum(dL/dZ, axis=0)", "sum(dL/dZ, axis=1)", "dL/db", "dL/db = sum(dL/dZ, axis=0)"),
        (
            ENTROPY,
            "1/5 * (P - Y)",
            "dL/dP * P * (1 - P)",
            "dL/dZ",
            "dL/dZ = P * (dL/dP - sum(dL/dP * P, axis=-1, keepdims=True))",
        ),
        (ENTROPY, "= -1/5 * Y / P", "= 1/5 * Y / P", "dL/dP", "dL/dP = ((-0.2) * Y) * 1/P"),
        (HINGE, "(m < 1)", "(m > 1)", "dL/dm", "dL/dm = -(dL/dh * ((1 - m) > 0))"),
        (NORM, "-sum", "sum", "ds", "ds = sum(dy * (-y/s), axis=1, keepdims=True)"),
        (NORM, "ds / (2 s)", "ds / s", "dv", "dv = ds * (0.5/s)"),
    ],
)
def test_the_offered_line_mends_the_file(text, right, wrong, claim, line):
    """The first wrong step is named, and the line that is offered can be pasted in its place."""
    spoilt = text.replace(right, wrong)
    report = command.check_text(spoilt)
    assert (report.first_wrong.claim, report.first_wrong.corrected) == (claim, line)
    lines = spoilt.splitlines()
    lines[report.first_wrong.line - 1] = line
    assert command.check_text("\n".join(lines)).ok


PRODUCT = """\
[point]
X = random(4, 3)
W = random(3, 2)
R = random(4, 2)
[forward]
Z = X @ W
H = tanh(Z)
E = sum(H * R)
[claims]
dH = R
dZ = dH * (1 - H**2)
dW = X.T @ dZ
"""


@pytest.mark.parametrize(
    ("right", "wrong", "claim"), [("dH = R\n", "dH = R.T\n", "dH"), ("1 - H**2", "1 + H**2", "dZ")]
)
def test_the_first_wrong_line_before_one_that_cannot_be_computed(right, wrong, claim):
    """A shape that does not fit is told only where nothing before is wrong."""
    spoilt = PRODUCT.replace("X.T @ dZ", "X @ dZ")
    with pytest.raises(InvalidArgument, match="line 12: dW = X @ dZ"):
        command.check_text(spoilt)
    report = command.check_text(spoilt.replace(right, wrong))
    assert report.first_wrong.claim == claim
    assert "not computed: line 1" in report.notes[-1]
