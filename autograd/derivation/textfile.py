"""A derivation in one text file: the point, the forward pass and the claims, in sections.

    # One sigmoid neuron, and the derivative of its error.

    [point]        # a number or an array for each input
    x = 0.1
    T = 1/4
    w = 0.15
    b = 0.40

    [forward]      # one formula a line, the cost last
    z = w x + b
    a = sigmoid(z)
    E = 1/2 (T - a)²

    [claims]       # the gradients that you derived, from the cost backwards
    dE/da = -(T - a)
    dE/dz = dE/da · a (1 - a)
    dE/dw = dE/dz · x

Formulas are written as in notes; ``#`` starts a comment. A line goes on in the next while a
bracket is open.

In [point], a value is a number (``0.1``, ``1/4``, ``sqrt(2)``), an array (``[1, 2]``,
``[[1, 2], [3, 4]]``), or ``zeros(3, 4)``, ``ones(3)`` or ``random(3, 4)``: normal numbers, the
same in every run. A number that is to stay as it is, such as the size of a batch, is a line of
[forward].

Two more sections may follow: ``[loss]`` with the name of the cost, if it is not the last formula,
and ``[names]`` with lines ``delta2 = z2``, which say what a claim is the gradient of, if its name
does not.

Limits: 100,000 bytes in UTF-8, 1,000 lines, 10,000 numbers in [point], a million numbers
computed by all formulas together, and the limits of formulas. Nothing in the file is run as code,
and no other file is opened.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograd.derivation import notation
from autograd.derivation.notation import wrong_line
from autograd.derivation.tokens import read_name
from autograd.errors import InvalidArgument, nearest

MOST_BYTES, MOST_NUMBERS, DEEPEST_ARRAY = 100_000, 10_000, 6
SECTIONS = ("point", "forward", "claims", "loss", "names")

_HEADER = re.compile(r"\[\s*([^\W\d]\w*)\s*\]")
_FILLED = re.compile(r"(zeros|ones|random)\s*\(([^()]*)\)")


@dataclass
class Notes:
    """What a file holds.

    Attributes:
        point: the inputs by name.
        forward, claims: the formulas as text, each in the line that it has in the file.
        loss: name of the cost, if it is given, and its line.
        names: the variable of a claim, where it is given, and the line that says so.
    """

    point: dict[str, Any] = field(default_factory=dict)
    forward: str = ""
    claims: str = ""
    loss: tuple[str, int] | None = None
    names: dict[str, tuple[str, int]] = field(default_factory=dict)


def read(path: str) -> str:
    """The text of a file, or of the standard input for ``-``.

    Raises:
        InvalidArgument: if it cannot be read, is no text, or is too large.
    """
    if path != "-" and Path(path).exists() and not Path(path).is_file():  # a pipe may have no end
        raise InvalidArgument("it is a folder" if Path(path).is_dir() else "it is no regular file")
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InvalidArgument("there is no such file") from None
    except (OSError, ValueError) as e:
        raise InvalidArgument(f"it cannot be read: {getattr(e, 'strerror', None) or e}") from None
    if len(raw) > MOST_BYTES:
        raise InvalidArgument(f"it has more than {MOST_BYTES} bytes")
    return _decoded(raw)


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidArgument("it is in UTF-16: save it as UTF-8")
    if b"\0" in raw:
        raise InvalidArgument("it is no text: it has a zero byte")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = 1 + len(re.findall(rb"\r\n|\r|\n", raw[: e.start]))
        raise InvalidArgument(
            f"line {line}: the byte 0x{raw[e.start]:02x} is not UTF-8: save the file as UTF-8"
        ) from None


def parse(text: str) -> Notes:
    r"""The sections of a text.

    Raises:
        InvalidArgument: naming the line and what is wrong with it.

    >>> parse("[point]\nx = [1, 1/2]\n[forward]\nE = sum(x)\n[claims]\ndE/dx = 1").point
    {'x': array([1. , 0.5])}
    """
    lines = re.split(r"\r\n|\r|\n", text)
    if len(lines) > notation.MOST_LINES:
        raise InvalidArgument(f"it has {len(lines)} lines: at most {notation.MOST_LINES} are read")
    parts = {name: [""] * len(lines) for name in SECTIONS}
    for name, first, block in _sections(lines):
        # A line of another section is an empty one: so every line keeps its number.
        parts[name][first : first + len(block)] = block
    for name in SECTIONS[:3]:
        if not any(line.split("#", 1)[0].strip() for line in parts[name]):
            raise InvalidArgument(f"the section [{name}] is missing or empty")
    texts = {name: "\n".join(block) for name, block in parts.items()}
    notes = Notes(_point(texts["point"]), texts["forward"], texts["claims"])
    for line, content in notation.logical_lines(texts["names"]):
        claim, _, variable = content.partition("=")
        notes.names[_name(claim, line, content)] = _name(variable, line, content), line
    for line, content in notation.logical_lines(texts["loss"]):
        if notes.loss is not None:
            raise wrong_line(line, content, "the section [loss] holds the name of the cost, and nothing else")
        notes.loss = (_name(content, line, content), line)
    return notes


def _sections(lines: list[str]) -> list[tuple[str, int, list[str]]]:
    """Name, first line and lines of each section."""
    found: list[tuple[str, int, list[str]]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines):
        content = line.split("#", 1)[0].strip()
        match = _HEADER.fullmatch(content)
        name = match[1].lower() if match else ""
        # A line of an array, [x], is no header.
        if match and (name in SECTIONS or not found or found[-1][0] != "point"):
            if name not in SECTIONS:
                known = ", ".join(f"[{s}]" for s in SECTIONS)
                raise wrong_line(
                    number + 1, content, f"unknown section{nearest(name, SECTIONS)} (known: {known})"
                )
            if name in seen:
                raise wrong_line(number + 1, content, f"the section was there already, in line {seen[name]}")
            seen[name] = number + 1
            found.append((name, number + 1, []))
        elif found:
            found[-1][2].append(line)
        elif content:
            raise wrong_line(number + 1, content, "it stands before the first section: begin with [point]")
    return found


def _name(text: str, line: int, content: str) -> str:
    try:
        return read_name(text)
    except InvalidArgument as e:
        raise wrong_line(line, content, str(e)) from None


# -- the point --------------------------------------------------------------------------------


def _point(text: str) -> dict[str, Any]:
    point: dict[str, Any] = {}
    given: dict[str, int] = {}
    numbers = 0
    rng = np.random.default_rng(0)
    for line, content in notation.logical_lines(text):
        left, equals, right = content.partition("=")
        if not equals:
            raise wrong_line(line, content, "a line of [point] has the form: name = number or array")
        name = _name(left, line, content)
        if "/" in name or name in given:
            what = f"it was given already, in line {given[name]}" if name in given else "it is a derivative"
            raise wrong_line(line, content, f"{name} cannot have a value here: {what}")
        given[name] = line
        try:
            point[name] = _value(right.strip(), rng, MOST_NUMBERS - numbers)
        except InvalidArgument as e:
            raise wrong_line(line, content, str(e)) from None
        numbers += np.size(point[name])
    return point


def _value(text: str, rng: np.random.Generator, left: int) -> Any:
    """A number or an array of at most ``left`` numbers."""
    filled = _FILLED.fullmatch(text)
    if filled:
        shape = _shape(filled[2])
        if math.prod(shape) > left:
            raise InvalidArgument(f"the section [point] has more than {MOST_NUMBERS} numbers")
        full = {"zeros": 0.0, "ones": 1.0}.get(filled[1])
        return rng.normal(size=shape) if full is None else np.full(shape, full)
    if not text.startswith("["):
        return _number(text)
    if text.count("[") > text.count("]"):
        raise InvalidArgument("a bracket is not closed")
    rows = _nested(text, left)
    try:
        array = np.array(rows)
    except ValueError:
        raise InvalidArgument("the rows of the array have different lengths") from None
    if array.size == 0:
        raise InvalidArgument("the array is empty")
    return array


def _shape(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > DEEPEST_ARRAY or not all(re.fullmatch(r"[1-9][0-9]{0,5}", part) for part in parts):
        raise InvalidArgument("it takes the lengths of the axes: random(3, 4)")
    return tuple(map(int, parts))


def _nested(text: str, left: int) -> list[Any]:
    """Lists in lists of numbers, from ``[[1, 2], [3, 4]]``."""
    stack: list[list[Any]] = [[]]
    after = ""  # what stood before: "", "[", "," or a value
    for part in re.findall(r"[\[\],]|[^\[\],]+", text):
        word = part.strip()
        if not word:
            continue
        closed = len(stack) == 1 and after
        if closed or (word in ",]" and after in "[,") or (word not in ",]" and after == "value"):
            raise InvalidArgument("the brackets and commas of the array do not fit: [[1, 2], [3, 4]]")
        if word == "[":
            stack.append([])
            if len(stack) > DEEPEST_ARRAY + 1:
                raise InvalidArgument(f"an array has at most {DEEPEST_ARRAY} axes")
        elif word == "]":
            stack[-2].append(stack.pop())
        elif word != ",":
            stack[-1].append(_number(word))
            left -= 1
            if left < 0:
                raise InvalidArgument(f"the section [point] has more than {MOST_NUMBERS} numbers")
        after = word if word in "[," else "value"
    return stack[0][0]  # type: ignore[no-any-return]


def _number(text: str) -> float:
    try:
        number = float(text)  # the common case, and the only one where there are many
    except ValueError:
        number = notation.number(text)
    if not math.isfinite(number):
        raise InvalidArgument(f"{text} is no finite number")
    return number
