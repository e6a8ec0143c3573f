"""Formulas in the notation of notes, parsed and evaluated here: no text is ever run as code.

    z1 = w1*x + b1
    a1 = sigmoid(z1)
    E = 1/2 sum((T - a1)²)
    dE/dw1 = -(T - a1) a1 (1 - a1) x

One formula a line; a line goes on in the next while a bracket is open; ``#`` starts a comment.
There are names, numbers, ``+ - * / ** ^ @``, comparisons (1 where they hold, else 0), ``.T`` and
``^T`` for the transpose, ``e`` and ``pi`` unless they are variables, functions with ``axis``
and ``keepdims``, and their derivatives ``sigmoid'(z)``; nothing else. Greek letters, ``₁``, ``²``,
``½``, ``·``, ``−`` and ``∂`` may be used. A factor may stand without a sign beside another, but not
two arrays, whose product can be meant in two ways.

Limits, so that time and memory are bounded: 20,000 characters and 1,000 lines in a text, 2,000
characters in a formula, 60 levels of brackets, 100 operations one inside the other, a million
elements in a result. All numbers are floats: 10**10**10 costs nothing, and is infinite.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.derivation.evaluation import Budget, Evaluation, check
from autograd.derivation.spelled import Reader
from autograd.derivation.tokens import normal, read_name
from autograd.derivation.vocabulary import CONSTANTS
from autograd.errors import ChainruleError, InvalidArgument

MOST_CHARACTERS, MOST_LINES, LONGEST_FORMULA, MOST_NESTED = 20_000, 1_000, 2_000, 100


@dataclass(frozen=True)
class Formula:
    """One line ``name = expression``; ``name`` is ``dE/dw`` for a derivative."""

    name: str
    expression: ast.expr
    text: str
    line: int

    def evaluate(self, known: Mapping[str, Any], budget: Budget | None = None) -> Any:
        """The value, of numbers, arrays or Values by name.

        Raises:
            InvalidArgument: naming the line, for an unknown name or numbers that do not fit.

        >>> parse_line("y = 2 x + 1").evaluate({"x": 3.0})
        7.0
        """
        try:
            return _evaluated(self.expression, known, budget or Budget(10**18))
        except InvalidArgument as e:
            raise self.wrong(str(e)) from None

    def wrong(self, what: str) -> InvalidArgument:
        """The error that names the line and says what is wrong with it."""
        return wrong_line(self.line, self.text, what)


def parse(text: str, first_line: int = 1) -> list[Formula]:
    r"""The formulas of a text, one a line; ``#`` starts a comment.

    Raises:
        InvalidArgument: naming the line and what is wrong with it.

    >>> [f.name for f in parse("z = w*x + b  # the sum\n∂E/∂z = z - T")]
    ['z', 'dE/dz']
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidArgument(f"the text has {len(text)} characters: at most {MOST_CHARACTERS} are read")
    return [parse_line(content, number) for number, content in logical_lines(text, first_line)]


def logical_lines(text: str, first_line: int = 1) -> Iterator[tuple[int, str]]:
    r"""Number and content of each line that has one; lines go on while a round bracket is open.

    >>> list(logical_lines("a = (1 +\n  2)  # three\n\nb = 1"))
    [(1, 'a = (1 + 2)'), (4, 'b = 1')]
    """
    lines = re.split(r"\r\n|\r|\n", text)
    if len(lines) > MOST_LINES:
        raise InvalidArgument(f"the text has {len(lines)} lines: at most {MOST_LINES} are read")
    begun, content, depth = 0, "", 0
    for number, line in enumerate(lines, start=first_line):
        part = line.split("#", 1)[0].strip()
        if not part:
            continue
        begun = begun or number
        content = f"{content} {part}" if content else part
        depth += sum(part.count(c) for c in "([（") - sum(part.count(c) for c in ")]）")
        if depth <= 0:
            yield begun, content
            begun, content, depth = 0, "", 0
    if content:
        yield begun, content


def parse_line(content: str, number: int = 1) -> Formula:
    """One formula ``name = expression``.

    Raises:
        InvalidArgument: naming the line and what is wrong with it.
    """
    left, equals, right = content.partition("=")
    try:
        if not equals or right.startswith("=") or left.endswith(("!", "<", ">")):
            raise InvalidArgument("a line has the form: name = formula")
        if content.count("(") > content.count(")"):  # the next lines were taken for its rest
            raise InvalidArgument("a bracket is not closed")
        return Formula(read_name(left), parse_expression(right), content, number)
    except InvalidArgument as e:
        raise wrong_line(number, content, str(e)) from None


def parse_claim(name: str, text: str) -> Formula:
    """The formula of an entry ``name: text`` of a mapping, where the text may repeat the name.

    >>> known = {"dz": 2.0, "x": 3.0}
    >>> parse_claim("dw", "dz*x").evaluate(known), parse_claim("dw", "dw = dz*x").evaluate(known)
    (6.0, 6.0)
    """
    left, equals, right = text.partition("=")
    repeated = equals and not right.startswith("=") and _is_name(left)
    try:
        return Formula(name, parse_expression(right if repeated else text), text.strip(), 0)
    except InvalidArgument as e:
        raise wrong_line(0, f"{name}: {text.strip()}", str(e)) from None


def number(text: str) -> float:
    """The value of a formula without variables.

    Raises:
        InvalidArgument: saying what is wrong with it.

    >>> number("1/4"), number("-2 sqrt(4)")
    (0.25, -4.0)
    """
    expression = parse_expression(text)
    if names_in(expression) - set(CONSTANTS):
        raise InvalidArgument(f"{text} is no number")
    return float(_evaluated(expression, {}, Budget(len(text))))


def _evaluated(expression: ast.expr, known: Mapping[str, Any], budget: Budget) -> Any:
    try:
        with np.errstate(all="ignore"):
            return Evaluation(known, budget).of(expression)
    except ChainruleError as e:
        raise InvalidArgument(str(e)) from None
    except RecursionError:
        raise InvalidArgument("it is nested too deeply") from None
    except (ArithmeticError, TypeError, ValueError, IndexError) as e:
        raise InvalidArgument(f"{type(e).__name__}: {e}") from None


def _is_name(text: str) -> bool:
    try:
        return bool(read_name(text))
    except InvalidArgument:
        return False


def wrong_line(line: int, text: str, what: str) -> InvalidArgument:
    """The error that names a line, repeats it and says what is wrong with it."""
    shown = text if len(text) <= 100 else f"{text[:100]} ..."
    return InvalidArgument(f"line {line}: {shown}\n  {what}" if line else f"{shown}\n  {what}")


def parse_expression(text: str) -> ast.expr:
    """An expression, checked against what is allowed.

    Raises:
        InvalidArgument: saying what is wrong with it.
    """
    if len(text) > LONGEST_FORMULA or len(normal(text)) > LONGEST_FORMULA:
        raise InvalidArgument(f"the formula has more than {LONGEST_FORMULA} characters: split it")
    reader = Reader(text)
    try:
        expression = ast.parse(reader.text, mode="eval").body
    except SyntaxError:
        raise InvalidArgument("it is no formula: an operator or a bracket is out of place") from None
    except (RecursionError, MemoryError, ValueError):
        raise InvalidArgument("it is nested too deeply: split it into several lines") from None
    if _height(expression) > MOST_NESTED:
        raise InvalidArgument(
            f"more than {MOST_NESTED} operations are one inside the other: split it into several lines"
        )
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            node.id = reader.names[int(node.id[1:])]
    check(expression)
    return expression


def _height(expression: ast.expr) -> int:
    """Operations one inside the other; without recursion, as chains can be long."""
    height, level = 0, [expression]
    while level:
        height += 1
        level = [n for node in level for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
    return height


def names_in(expression: ast.expr) -> set[str]:
    """The names that an expression uses, functions left out.

    >>> sorted(names_in(parse_expression("sigmoid(z1) dE/dw1")))
    ['dE/dw1', 'z1']
    """
    called = {id(n.func) for n in ast.walk(expression) if isinstance(n, ast.Call)}
    return {n.id for n in ast.walk(expression) if isinstance(n, ast.Name) and id(n) not in called}
