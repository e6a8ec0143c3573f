"""Formulas as people write them: products with their signs in front, numbers put in for names.

A formula is an expression of Python's ``ast``, whose printer knows where brackets belong. Names
may hold any text (``layer0.w1``, ``sigmoid'``): they are printed as they are.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

Expr = ast.expr

_OPERATORS: dict[str, ast.operator] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "**": ast.Pow(),
    "@": ast.MatMult(),
    "%": ast.Mod(),
}
OPERATORS = frozenset(_OPERATORS)


class Product(NamedTuple):
    """A coefficient times powers: ``-0.5 * x**2 / y`` is (-0.5, ((x, 2), (y, -1)))."""

    coefficient: float
    factors: tuple[tuple[Expr, float], ...] = ()

    @property
    def key(self) -> tuple[tuple[str, float], ...]:
        """What makes two products alike but for their coefficients."""
        return tuple(sorted((ast.unparse(base), power) for base, power in self.factors))


def name(text: str) -> Expr:
    """A name, printed as it is."""
    return ast.Name(text)


def number(x: float) -> Expr:
    """A number, a negative one with its sign in front."""
    x = float(x)
    return ast.UnaryOp(ast.USub(), ast.Constant(-x)) if x < 0 else ast.Constant(x)


def binary(symbol: str, a: Expr, b: Expr) -> Expr:
    """``a symbol b``."""
    return ast.BinOp(a, _OPERATORS[symbol], b)


def call(function: str, arguments: Iterable[Expr], **options: Any) -> Expr:
    """``function(arguments, option=...)``."""
    keywords = [ast.keyword(key, name(repr(x))) for key, x in options.items()]
    return ast.Call(name(function), list(arguments), keywords)


def method(x: Expr, function: str, **options: Any) -> Expr:
    """``x.function(option=...)``."""
    keywords = [ast.keyword(key, name(repr(value))) for key, value in options.items()]
    return ast.Call(ast.Attribute(x, function), [], keywords)


def transposed(x: Expr, attribute: str = "T") -> Expr:
    """``x.T``, and ``x`` of ``x.T``."""
    if isinstance(x, ast.Attribute) and x.attr == attribute:
        return x.value
    return ast.Attribute(x, attribute)


def summed_along(x: Expr, axis: Any) -> Expr:
    """The same with the axis at each ``sum``, whose result keeps its dimensions."""

    class Along(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> Expr:
            self.generic_visit(node)
            if isinstance(node.func, ast.Name) and node.func.id == "sum" and not node.keywords:
                return call("sum", node.args, axis=axis, keepdims=True)
            return node

    return Along().visit(copy.deepcopy(x))  # type: ignore[no-any-return]


def parse(text: str) -> Expr | None:
    """The expression that a text of the table of primitives stands for; None for mere words."""
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def substitute(x: Expr, words: Mapping[str, Callable[[], Expr]]) -> Expr:
    """Put expressions in for names; each is made when it is needed."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> Expr:
            return words[node.id]() if node.id in words else node

        def visit_Call(self, node: ast.Call) -> Expr:  # a function keeps its name
            function = node.func if isinstance(node.func, ast.Name) else self.visit(node.func)
            return ast.Call(function, [self.visit(a) for a in node.args], node.keywords)

    return Put().visit(copy.deepcopy(x))  # type: ignore[no-any-return]


def names_in(x: Expr) -> set[str]:
    """The names of an expression, those of functions included."""
    return {node.id for node in ast.walk(x) if isinstance(node, ast.Name)}


# -- algebra: no more of it than a person does without thinking -----------------------------------


def as_product(x: Expr) -> Product:
    """An expression as a product.

    >>> as_product(parse("-2*a*b/(3*a)")).coefficient
    -0.6666666666666666
    """
    constant = _constant(x)
    if constant is not None:
        return Product(constant)
    if isinstance(x, ast.UnaryOp) and isinstance(x.op, ast.USub):
        return times(Product(-1.0), as_product(x.operand))
    if isinstance(x, ast.BinOp) and isinstance(x.op, ast.Mult):
        return times(as_product(x.left), as_product(x.right))
    if isinstance(x, ast.BinOp) and isinstance(x.op, ast.Div):
        below = as_product(x.right)
        if below.coefficient:
            inverse = tuple((base, -power) for base, power in below.factors)
            return times(as_product(x.left), Product(1.0 / below.coefficient, inverse))
    if isinstance(x, ast.BinOp) and isinstance(x.op, ast.Pow):
        power = _constant(x.right)
        if power == 1.0:
            return as_product(x.left)
        if power is not None:
            return Product(1.0) if power == 0.0 else Product(1.0, ((x.left, power),))
    return Product(1.0, ((x, 1.0),))


def times(a: Product, b: Product) -> Product:
    """The product of two, equal bases brought together."""
    powers: dict[str, tuple[Expr, float]] = {}
    for base, power in (*a.factors, *b.factors):
        text = ast.unparse(base)
        known = powers.get(text)
        powers[text] = (base, power if known is None else known[1] + power)
    coefficient = a.coefficient * b.coefficient
    return Product(coefficient, tuple((base, power) for base, power in powers.values() if power != 0.0))


def joined(products: Iterable[Product]) -> Product:
    """The product of several with every factor in its place."""
    parts = list(products)
    coefficient = 1.0
    for part in parts:
        coefficient *= part.coefficient
    return Product(coefficient, tuple(f for part in parts for f in part.factors))


def written(product: Product) -> Expr:
    """A product as a person writes it: the sign in front, what divides behind one stroke.

    >>> text(written(as_product(parse("(a - T)*(-1)*x/y**2"))))
    '-(a - T) * x / y**2'
    """
    coefficient, factors = product
    if coefficient == 0.0:
        return number(0.0)
    above = [_power(base, p) for base, p in factors if p > 0]
    below = [_power(base, -p) for base, p in factors if p < 0]
    size = abs(coefficient)
    if size != 1.0 or not above:
        above.insert(0, ast.Constant(size))
    if coefficient < 0:
        above[0] = ast.UnaryOp(ast.USub(), above[0])
    result = _chain(above)
    return binary("/", result, _chain(below)) if below else result


def _power(base: Expr, power: float) -> Expr:
    return base if power == 1.0 else binary("**", base, number(power))


def _chain(factors: list[Expr]) -> Expr:
    result = factors[0]
    for factor in factors[1:]:
        result = binary("*", result, factor)
    return result


def _constant(x: Expr) -> float | None:
    """The number that an expression of numbers alone stands for."""
    if isinstance(x, ast.Constant) and isinstance(x.value, (int, float)):
        return float(x.value)
    if isinstance(x, ast.UnaryOp) and isinstance(x.op, ast.USub):
        inner = _constant(x.operand)
        return None if inner is None else -inner
    if isinstance(x, ast.BinOp):
        a, b = _constant(x.left), _constant(x.right)
        if a is not None and b is not None:
            return _arithmetic(x.op, a, b)
    return None


def _arithmetic(op: ast.operator, a: float, b: float) -> float | None:
    if isinstance(op, ast.Add):
        return a + b
    if isinstance(op, ast.Sub):
        return a - b
    if isinstance(op, ast.Mult):
        return a * b
    return a / b if isinstance(op, ast.Div) and b else None


# -- as text --------------------------------------------------------------------------------------


def shown(x: float) -> str:
    """A number at four digits."""
    return f"{float(x) + 0.0:.4g}"  # no -0


def with_numbers(x: Expr, values: Mapping[str, float]) -> Expr:
    """Numbers put in for names, negative ones in brackets if they are a part of more."""
    if isinstance(x, ast.Name) and x.id in values:
        return name(shown(values[x.id]))

    def value(v: float) -> Callable[[], Expr]:
        return lambda: name(f"({shown(v)})" if v < 0 else shown(v))

    return substitute(x, {key: value(values[key]) for key in names_in(x) if key in values})


def text(x: Expr) -> str:
    """An expression as text."""
    # Python's printer sets "x ** 2" and long fractions; people write x**2 and 0.3333.
    return once_bracketed(ast.unparse(_Rounded().visit(copy.deepcopy(x))).replace(" ** ", "**"))


def once_bracketed(formula: str) -> str:
    """A negative number as the argument of a function needs no brackets of its own."""
    return re.sub(r"(\w|}|')\(\((-[\d.e+-]+)\)\)", r"\1(\2)", formula)


def constant_text(x: float) -> str:
    """A number that stands in a formula: whole ones in full, others at six digits."""
    return str(int(x)) if x == x // 1 and abs(x) < 1e15 else f"{x:.6g}"


class _Rounded(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> Expr:
        return ast.Name(constant_text(node.value)) if isinstance(node.value, (int, float)) else node
