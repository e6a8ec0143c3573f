"""Nodes of a graph as a person would write them: ``w1 * x + b1``, ``sigmoid(z1)``.

Where the user gave a name (a label, or a variable in ``names=``), a node is written by it; small
unnamed expressions are written out, larger ones get a name ``v1``, ``v2``, ...
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.formula import (
    OPERATORS,
    Expr,
    binary,
    call,
    constant_text,
    name,
    names_in,
    number,
    parse,
    substitute,
    text,
    transposed,
)
from autograd.value import Value

SMALL, DEEP, WIDEST = 3.5, 5, 60


class Speller:
    """Writes nodes and derivatives in names.

    Args:
        order: the graph, parents before children.
        names: the user's names of some of its nodes.
    """

    def __init__(self, order: list[Value], names: Mapping[Value, str]) -> None:
        self.names = dict(names)
        self.given = frozenset(names)
        self._taken = set(names.values())
        self._cost = _costs(order, self.names)
        self._count = 0
        self._words: dict[str, dict[int, str]] = {}

    def named(self, node: Value) -> str:
        """The name of a node; one is made up if it has none."""
        if node not in self.names:
            self.names[node] = self.fresh()
        return self.names[node]

    def fresh(self) -> str:
        """A name that nothing has."""
        while True:
            self._count += 1
            new = f"v{self._count}"
            if new not in self._taken:
                self._taken.add(new)
                return new

    def free(self, *wishes: str) -> str:
        """The first of some names that nothing has."""
        new = next((wish for wish in wishes if wish not in self._taken), None)
        if new is None:
            return self.fresh()
        self._taken.add(new)
        return new

    def apart(self, word: str, thing: Any, suffix: str = "") -> str:
        """A word for something that has no name: ``constant[3]``, and ``constant_2[3]`` for another."""
        known = self._words.setdefault(word + suffix, {})
        number = "" if not known else f"_{len(known) + 1}"
        return known.setdefault(id(thing), f"{word}{number}{suffix}")

    def mention(self, node: Value) -> Expr:
        """A node inside of a formula: by name, or written out if it is small."""
        if node not in self.names and node.primitive is not None and self._cost[node] > SMALL:
            self.named(node)
        return self.spell(node)

    def spell(self, node: Value, depth: int = DEEP) -> Expr:
        """A node by name, else by its operation on its parents."""
        while node not in self.names and _same_number(node):
            node = node.parents[0]
        if node in self.names:
            return name(self.names[node])
        return self.definition(node, depth)

    def definition(self, node: Value, depth: int = DEEP) -> Expr:
        """The operation that made a node, or its number."""
        if node.primitive is None:
            shape = str(list(node.shape))
            return name(self.apart("constant", node.data, shape)) if node.ndim else number(node.item())
        if depth == 0:
            return name("...")
        parts = [self.spell(p, depth - 1) for p in node.parents]
        if node.op in OPERATORS and len(parts) == 2:
            return binary(node.op, *parts)
        if node.primitive.name == "negative":
            return ast.UnaryOp(ast.USub(), parts[0])
        return self._call(node, parts)

    def short_definition(self, node: Value) -> Expr:
        """The operation that made a node, on one line: what is too deep in it is left out."""
        for depth in range(DEEP, 1, -1):
            found = self.definition(node, depth)
            if len(text(found)) <= WIDEST:
                return found
        return self.definition(node, 1)

    def derivative(
        self, node: Value, i: int, g: Expr, y: Callable[[], Expr] | None = None
    ) -> tuple[Expr | None, bool]:
        """The local derivative of a node in names; None if the table has only words for it.

        Args:
            node: a computed node.
            i: the number of the input.
            g: what to write for the gradient that arrives.
            y: what to write for the node itself; by default what ``mention`` gives.

        Returns:
            The derivative, and whether it holds ``g`` (a product with it is still to be made).
        """
        primitive = node.primitive
        if primitive is None or primitive.variadic:
            return None, False
        found = parse(_rule(node, primitive.name, primitive.notation[i]))
        if found is None:
            return None, False
        words: dict[str, Callable[[], Expr]] = {
            letter: functools.partial(self.mention, p) for letter, p in _letters(node)
        }
        words |= {"y": y or (lambda: self.mention(node)), "g": lambda: g}
        for key, option in (node.params or {}).items():
            if isinstance(option, (int, float)) and not isinstance(option, bool):
                words[key] = functools.partial(number, option)
        return substitute(found, words), "g" in names_in(found)

    def prime(self, node: Value, i: int) -> Expr:
        """A derivative of which no formula is known: ``softplus'(z)``."""
        mark = "'" if len(node.parents) == 1 else f"'{i + 1}"
        return self.call(node, [*map(self.mention, node.parents[:3])], after=mark)

    def call(self, node: Value, arguments: list[Expr], before: str = "", after: str = "") -> Expr:
        """``function(arguments, option=...)`` with the function and the options of a node."""
        primitive = node.primitive
        assert primitive is not None  # noqa: S101 - only computed nodes come here
        again = primitive.replay is not None  # results that are computed again are told apart
        function = self.apart(primitive.name, node) if again else primitive.name
        options = {} if again else self._options(node)
        keywords = [ast.keyword(key, name(x)) for key, x in options.items()]
        return ast.Call(name(f"{before}{function}{after}"), arguments, keywords)

    def index(self, node: Value) -> Expr:
        """The index of a node that was taken from an array, or put into one."""
        index = (node.params or {}).get("index")
        parts = index if isinstance(index, tuple) else (index,)
        return name(", ".join(map(self._index, parts)) or "()")

    def _index(self, part: Any) -> str:
        if isinstance(part, slice):
            bounds = ["" if b is None else str(b) for b in (part.start, part.stop)]
            return ":".join(bounds) + ("" if part.step is None else f":{part.step}")
        if np.ndim(part) == 0:
            return "..." if part is Ellipsis else str(part)
        return self.apart("indices", part)

    def _call(self, node: Value, parts: list[Expr]) -> Expr:
        primitive, params = node.primitive, node.params or {}
        assert primitive is not None  # noqa: S101 - only computed nodes come here
        if _same_number(node):
            return parts[0]
        if primitive.name == "getitem":
            return ast.Subscript(parts[0], self.index(node))
        if primitive.name == "scatter":
            return scattered(parts[0], self.index(node), node.shape)
        if primitive.name == "transpose" and reverses(params["axes"]):
            return ast.Attribute(parts[0], "T")
        if primitive.name == "affine":
            return binary("+", binary("@", parts[0], transposed(parts[1])), parts[2])
        if primitive.name in ("where", "einsum"):  # as NumPy has them
            first = self._option(*next(iter(params.items())))
            return call(primitive.name, [name(first), *parts])
        return self.call(node, [ast.List(parts)] if primitive.name in ("concatenate", "stack") else parts)

    def _options(self, node: Value) -> dict[str, str]:
        """The parameters of an operation that are not left as they are by default."""
        found = {key: x for key, x in (node.params or {}).items() if x is not None and x is not False}
        return {key: self._option(key, x) for key, x in found.items()}

    def _option(self, key: str, x: Any) -> str:
        x = one_or_more(x) if key == "axis" else x
        if isinstance(x, (bool, int, float, str, np.dtype)):
            return repr(x) if isinstance(x, str) else constant_text(x) if type(x) is float else str(x)
        plain = isinstance(x, tuple) and all(isinstance(n, int) for n in x)
        return repr(x) if plain else self.apart(key, x)


def _rule(node: Value, operation: str, notation: str) -> str:
    """The text of the table; a maximum or minimum shares the gradient among operands that are equal."""
    if operation not in ("maximum", "minimum", "fmax", "fmin"):
        return notation
    a, b = node.parents
    if a is not b and not np.any(a.data == b.data):
        return notation
    return "0.5" if a is b or not node.ndim else f"{notation} + 0.5*(a == b)"


def _letters(node: Value) -> Iterator[tuple[str, Value]]:
    """The letters that the table uses for the inputs of a node."""
    alone = len(node.parents) == 1
    letters = "xab" if node.primitive is not None and node.primitive.name == "clip" else "abcdef"
    return zip("x" if alone else letters, node.parents, strict=False)


def one_or_more(axes: Any) -> Any:
    """``axis=0`` for ``axis=(0,)``."""
    return axes[0] if isinstance(axes, tuple) and len(axes) == 1 else axes


def reverses(axes: Any) -> bool:
    """True for the axes of a transpose that are those of ``.T``."""
    return tuple(axes) == (*range(len(axes)),)[::-1]


def scattered(x: Expr, index: Expr, shape: tuple[int, ...]) -> Expr:
    """Zeros of a shape with ``x`` at an index."""
    return call("scatter", [x, ast.List([index]), name(repr(shape))])


def _same_number(node: Value) -> bool:
    """True for a number that was only reshaped."""
    primitive = node.primitive
    moved = primitive is not None and primitive.kind == "arrangement"
    return moved and len(node.parents) == 1 and node.ndim == node.parents[0].ndim == 0


def _costs(order: list[Value], names: Mapping[Value, str]) -> dict[Value, float]:
    """How much there is to read in each node written out."""
    cost: dict[Value, float] = {}
    for node in order:
        if node.primitive is None or node in names:
            cost[node] = 1
        else:
            parts = sum([cost.get(p, 1) for p in node.parents])  # a constant may be left out
            if _same_number(node):
                cost[node] = parts
                continue
            light = node.primitive.kind == "arrangement" or node.primitive.name == "negative"
            cost[node] = min(parts + (0.5 if light else 0 if node.op in OPERATORS else 2), 1000)
    return cost
