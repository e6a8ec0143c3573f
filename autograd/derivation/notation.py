"""Formulas in the notation of notes, parsed and evaluated here: no text is ever run as code.

    z1 = w1*x + b1
    a1 = sigmoid(z1)
    E = 1/2 * sum((T - a1)**2)
    dE/dw1 = -(T - a1)*a1*(1 - a1)*x

Names, numbers, ``+ - * / ** @``, comparisons, ``.T``, and the functions of ``FUNCTIONS`` with
``axis`` and ``keepdims``; nothing else. A text may have 20,000 characters and 500 lines, a
line 2,000 characters and 60 levels of brackets, an exponent written as a number 64 at most in
size, and a result a million elements, so that time and memory are bounded.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import activations
from autograd.errors import ChainruleError, InvalidArgument, nearest

MOST_CHARACTERS, MOST_LINES, LONGEST_LINE, DEEPEST = 20_000, 500, 2_000, 60
LARGEST_EXPONENT, MOST_ELEMENTS = 64.0, 1_000_000

# dE/dw1 is a name, not a quotient.
DERIVATIVE = re.compile(r"\bd([A-Za-z]\w*)\s*/\s*d([A-Za-z]\w*)\b")

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sigmoid": activations.sigmoid,
    "σ": activations.sigmoid,
    "tanh": activations.tanh,
    "relu": activations.relu,
    "leaky_relu": activations.leaky_relu,
    "softmax": activations.softmax,
    "log_softmax": activations.log_softmax,
    "logsumexp": activations.logsumexp,
    "exp": np.exp,
    "log": np.log,
    "ln": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "abs": np.abs,
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "dot": np.dot,
    "outer": np.outer,
    "transpose": np.transpose,
    "where": np.where,
}
_OPERATORS: dict[type[Any], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Formula:
    """One line ``name = expression``; ``name`` is ``dE/dw`` for a derivative."""

    name: str
    expression: ast.expr
    text: str
    line: int

    def evaluate(self, known: Mapping[str, Any]) -> Any:
        """The value, of numbers, arrays or Values by name.

        Raises:
            InvalidArgument: naming the line, for an unknown name or numbers that do not fit.
        """
        try:
            return _evaluate(self.expression, known)
        except ChainruleError as e:
            raise InvalidArgument(f"line {self.line}: {self.text}\n  {e}") from None
        except (ArithmeticError, TypeError, ValueError, IndexError) as e:
            raise InvalidArgument(f"line {self.line}: {self.text}\n  {type(e).__name__}: {e}") from None


def is_notation(x: Any) -> bool:
    """True for text that is to be parsed."""
    return isinstance(x, str)


def parse(text: str, first_line: int = 1) -> list[Formula]:
    r"""The formulas of a text, one a line; ``#`` starts a comment.

    Raises:
        InvalidArgument: naming the line and what is wrong with it.

    >>> [f.name for f in parse("z = w*x + b  # the sum\ndE/dz = z - T")]
    ['z', 'dE/dz']
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidArgument(f"the text has {len(text)} characters: at most {MOST_CHARACTERS} are read")
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise InvalidArgument(f"the text has {len(lines)} lines: at most {MOST_LINES} are read")
    formulas = []
    for number, line in enumerate(lines, start=first_line):
        content = line.split("#")[0].strip()
        if content:
            formulas.append(parse_line(content, number))
    return formulas


def parse_line(content: str, number: int = 1) -> Formula:
    """One formula ``name = expression``."""

    def wrong(what: str) -> InvalidArgument:
        return InvalidArgument(f"line {number}: {content[:80]}\n  {what}")

    if len(content) > LONGEST_LINE:
        raise wrong(f"the line has {len(content)} characters: at most {LONGEST_LINE} are read")
    left, equals, right = content.partition("=")
    name = re.sub(r"\s+", "", left)
    if not equals or right.startswith("="):
        raise wrong("a line has the form: name = formula")
    if not (name.isidentifier() or DERIVATIVE.fullmatch(name)):
        raise wrong(f"{left.strip()!r} is no name: give one like z1, or dE/dw1 for a derivative")
    if not right.strip():
        raise wrong("the formula is missing")
    return Formula(name, parse_expression(right, wrong), content, number)


def parse_expression(text: str, wrong: Callable[[str], InvalidArgument] = InvalidArgument) -> ast.expr:
    """An expression, checked against what is allowed."""
    deepest = depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST or len(text) > LONGEST_LINE:
        raise wrong(f"more than {DEEPEST} levels of brackets or {LONGEST_LINE} characters")
    spelled = DERIVATIVE.sub(lambda m: f"d{m[1]}__d{m[2]}", text.replace("^", "**").strip())
    try:
        expression = ast.parse(spelled, mode="eval").body
        _check(expression)
    except SyntaxError as e:
        raise wrong(f"it is no formula: {e.msg}") from None
    except InvalidArgument as e:
        raise wrong(str(e)) from None
    except (RecursionError, MemoryError, ValueError):
        raise wrong("it is nested too deeply, or has a number that is too large") from None
    return expression


def names_in(expression: ast.expr) -> set[str]:
    """The names that an expression uses, functions left out."""
    called = {id(n.func) for n in ast.walk(expression) if isinstance(n, ast.Call)}
    return {_spoken(n.id) for n in ast.walk(expression) if isinstance(n, ast.Name) and id(n) not in called}


def _spoken(identifier: str) -> str:
    return re.sub(r"^d(\w+?)__d(\w+)$", r"d\1/d\2", identifier)


def _check(node: ast.expr) -> None:
    """Refuse everything that is not in the notation."""
    match node:
        case ast.Constant(value=bool() | complex()) | ast.Constant(value=str() | bytes() | None):
            raise InvalidArgument(f"{ast.unparse(node)} is no number")
        case ast.Constant() | ast.Name():
            pass
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _OPERATORS:
            _check(left)
            _check(right)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            _check(left)
            _check(right)
        case ast.Attribute(value=value, attr="T"):
            _check(value)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            if name not in FUNCTIONS:
                known = ", ".join(FUNCTIONS)
                raise InvalidArgument(f"unknown function {name!r}{nearest(name, FUNCTIONS)} (known: {known})")
            for keyword in keywords:
                if keyword.arg not in ("axis", "keepdims") or not _is_literal(keyword.value):
                    raise InvalidArgument(
                        f"{name} takes axis= and keepdims= with numbers, not {ast.unparse(keyword)}"
                    )
            for argument in args:
                _check(argument)
        case _:
            raise InvalidArgument(f"{ast.unparse(node)!r} is not in the notation of formulas")


def _is_literal(node: ast.expr) -> bool:
    try:
        return isinstance(ast.literal_eval(node), (int, bool, tuple, type(None)))
    except ValueError:
        return False


def _evaluate(node: ast.expr, known: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=identifier):
            name = _spoken(identifier)
            if name not in known:
                hint = nearest(name, known) or "."
                raise InvalidArgument(f"{name!r} is not known here{hint} Known are {', '.join(known)}")
            return known[name]
        case ast.BinOp(op=op, left=left, right=right):
            a, b = _evaluate(left, known), _evaluate(right, known)
            if isinstance(op, ast.Pow):
                _check_power(b)
            return _bounded(_ieee(_OPERATORS[type(op)], a, b))
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_evaluate(operand, known))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            holds = _OPERATORS[type(op)](_evaluate(left, known), _evaluate(right, known))
            return np.asarray(holds, float)
        case ast.Attribute(value=value):
            return np.transpose(_evaluate(value, known))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            options = {str(k.arg): ast.literal_eval(k.value) for k in keywords}
            return _bounded(FUNCTIONS[name](*(_evaluate(a, known) for a in args), **options))
    raise InvalidArgument(f"{ast.unparse(node)!r} is not in the notation of formulas")


def _ieee(f: Callable[..., Any], a: Any, b: Any) -> Any:
    """Python's floats with NumPy's results, which are infinities and NaN where Python has errors."""
    if isinstance(a, float) and isinstance(b, float):
        return float(f(np.float64(a), np.float64(b)))
    return f(a, b)


def _check_power(b: Any) -> None:
    exponent = np.max(np.abs(np.asarray(getattr(b, "data", b))), initial=0.0)
    if exponent > LARGEST_EXPONENT:
        raise InvalidArgument(f"the exponent {exponent:g} is larger than {LARGEST_EXPONENT:g}")


def _bounded(x: Any) -> Any:
    if np.size(x) > MOST_ELEMENTS:
        raise InvalidArgument(f"a result of {np.size(x)} elements is larger than {MOST_ELEMENTS}")
    return x
