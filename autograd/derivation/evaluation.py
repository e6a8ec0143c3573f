"""Parsed formulas: refused if anything in them is not in the notation, and evaluated node by node."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.derivation.vocabulary import (
    CONSTANTS,
    DERIVATIVES,
    FUNCTIONS,
    MOST_ELEMENTS,
    OPERATORS,
    Function,
    broadcast_size,
)
from autograd.errors import InvalidArgument, nearest

_CALLABLE = {**FUNCTIONS, **DERIVATIVES}


@dataclass
class Budget:
    """How many elements may still be computed."""

    elements: int

    def take(self, elements: int) -> None:
        """Count a result before it is computed."""
        if elements > MOST_ELEMENTS:
            raise InvalidArgument(f"a result of {elements} elements is larger than {MOST_ELEMENTS}")
        self.elements -= elements
        if self.elements < 0:
            raise InvalidArgument("the formulas up to here compute too many numbers: take smaller arrays")


# -- what is allowed --------------------------------------------------------------------------


def check(node: ast.expr) -> None:
    """Refuse everything that is not in the notation."""
    match node:
        case ast.Constant(value=int() | float()) | ast.Name() if not _is_literal_word(node):
            return
        case ast.BinOp(op=op, left=left, right=right) if type(op) in OPERATORS:
            children = [left, right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            children = [operand]
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
            children = [left, right]
        case ast.Compare():
            raise InvalidArgument("comparisons cannot be chained: multiply (a < b)*(b < c)")
        case ast.Attribute(value=value, attr="T" | "power_T"):
            children = [value]
        case ast.Call(func=ast.Name(id=name), args=children, keywords=keywords) if name in _CALLABLE:
            _check_call(name, _CALLABLE[name], len(children), keywords)
        case ast.Tuple():
            raise InvalidArgument("',' stands between the arguments of a function only")
        case _:
            raise InvalidArgument("it is not in the notation of formulas")
    for child in children:
        check(child)


def _is_literal_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _check_call(name: str, function: Function, given: int, keywords: list[ast.keyword]) -> None:
    if not function.fewest <= given <= function.most:
        most = "" if function.fewest == function.most else f" to {function.most}"
        plural = "" if function.most == 1 else "s"
        axis = ": write axis=0 for an axis" if "axis" in function.options and given > 1 else ""
        raise InvalidArgument(f"{name} takes {function.fewest}{most} argument{plural}, got {given}{axis}")
    for keyword in keywords:
        if keyword.arg not in function.options:
            raise InvalidArgument(f"{name} takes no {keyword.arg}=")
        if not _is_option(str(keyword.arg), keyword.value):
            wanted = "whole numbers" if keyword.arg == "axis" else "True or False"
            raise InvalidArgument(f"{keyword.arg}= takes {wanted}")
    if given > 1 and keywords:
        raise InvalidArgument(f"{name} of {given} arguments takes no {keywords[0].arg}=")
    if len({keyword.arg for keyword in keywords}) < len(keywords):
        raise InvalidArgument(f"{keywords[0].arg}= is given twice")


def _is_option(option: str, node: ast.expr) -> bool:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    if option == "keepdims":
        return isinstance(value, bool)
    parts = value if isinstance(value, tuple) else (value,)
    return value is None or all(type(part) is int and abs(part) < 64 for part in parts)


# -- evaluation -------------------------------------------------------------------------------


@dataclass
class Evaluation:
    """One run through an expression."""

    known: Mapping[str, Any]
    budget: Budget

    def of(self, node: ast.expr) -> Any:
        """The value of a part."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return self.named(name)
            case ast.BinOp(op=ast.Pow(), left=ast.Name(id="e"), right=right) if "e" not in self.known:
                return self.applied(np.exp, None, self.of(right))
            case (
                ast.BinOp(op=op, left=left, right=right)
                | ast.Compare(left=left, ops=[op], comparators=[right])
            ):
                return self.applied(*OPERATORS[type(op)], self.of(left), self.of(right))
            case ast.UnaryOp(op=op, operand=operand):
                value = self.of(operand)
                return -value if isinstance(op, ast.USub) else value
            case ast.Attribute(value=operand, attr=attr):
                return self.transposed(self.of(operand), attr)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                function = _CALLABLE[name]
                options = {str(k.arg): ast.literal_eval(k.value) for k in keywords}
                return self.applied(function.run, function.size, *map(self.of, args), **options)
        raise InvalidArgument("it is not in the notation of formulas")

    def named(self, name: str) -> Any:
        """A variable, or a constant of mathematics."""
        if name in self.known:
            value = self.known[name]
            return float(value) if isinstance(value, (int, np.integer)) else value
        if name in CONSTANTS:
            return CONSTANTS[name]
        raise InvalidArgument(_unknown(name, self.known))

    def applied(
        self, f: Callable[..., Any], size: Callable[..., int] | None, *xs: Any, **options: Any
    ) -> Any:
        """An operation, counted before it is done; Python's floats as NumPy's, which do not raise."""
        shapes = [np.shape(x) for x in xs]
        self.budget.take(size(*shapes) if size and len(xs) > 1 else math.prod(shapes[0]))
        if all(isinstance(x, float) for x in xs):
            xs = tuple(map(np.float64, xs))
        result = f(*xs, **options)
        return float(result) if isinstance(result, (float, np.float64)) else result

    def transposed(self, x: Any, attr: str) -> Any:
        """``A.T`` and ``A^T``."""
        if attr == "power_T" and np.ndim(x) == 0:
            raise InvalidArgument("^T is the transpose, here of a number: write **T for a power")
        self.budget.take(broadcast_size(np.shape(x)))
        return np.transpose(x)


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    top, over, bottom = name.partition("/")
    if over and top in known and bottom in known:
        return f"{name} is read as a derivative: write ({top})/{bottom} for the quotient"
    if over:
        there = [n for n in known if "/" in n]
        listed = f" (there are {', '.join(there)})" if there else ""
        return f"{name!r} has no line of its own before this one{nearest(name, there)}{listed}"
    functions = FUNCTIONS if len(name) > 2 else ()
    hint = nearest(name, [*known, *functions])
    return f"{name!r} is not known here{hint} (known are {', '.join(known) or 'no names'})"
