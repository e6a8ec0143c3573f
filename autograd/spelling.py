"""Nodes of a graph as a person would write them: ``w1 * x + b1``, ``sigmoid(z1)``.

Where the user gave a name (a label, or a variable in ``names=``), a node is written by it; small
unnamed expressions are written out, larger ones get a name ``v1``, ``v2``, ...
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.errors import UnsupportedType
from autograd.formula import (
    OPERATORS,
    Expr,
    binary,
    call,
    name,
    names_in,
    number,
    parse,
    substitute,
    text,
    transposed,
)
from autograd.value import Value

SMALL, DEEP, LONGEST = 3, 4, 40
_PLAIN = re.compile(r"[^\W\d][\w.]*(\[[^\[\]()]*\])*")
_HIDDEN = re.compile(r"_.*|In|Out")  # what IPython adds to locals()


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

    def mention(self, node: Value) -> Expr:
        """A node inside of a formula: by name, or written out if it is small."""
        if node not in self.names and node.primitive is not None and self._cost[node] > SMALL:
            self.named(node)
        return self.spell(node)

    def spell(self, node: Value, depth: int = DEEP) -> Expr:
        """A node by name, else by its operation on its parents."""
        if node in self.names:
            return name(self.names[node])
        return self.definition(node, depth)

    def definition(self, node: Value, depth: int = DEEP) -> Expr:
        """The operation that made a node, or its number."""
        if node.primitive is None:
            return number(node.item()) if node.ndim == 0 else name(f"constant{list(node.shape)}")
        if depth == 0:
            return name("...")
        parts = [self.spell(p, depth - 1) for p in node.parents]
        if node.op in OPERATORS and len(parts) == 2:
            return binary(node.op, *parts)
        if node.primitive.name == "negative":
            return ast.UnaryOp(ast.USub(), parts[0])
        return _call(node, parts)

    def short_definition(self, node: Value) -> Expr:
        """The operation that made a node, on one line: what is too deep in it is left out."""
        for depth in range(DEEP, 1, -1):
            found = self.definition(node, depth)
            if len(text(found)) <= LONGEST:
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
        found = parse(primitive.notation[i])
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
        primitive = node.primitive.name if node.primitive else ""
        return call(primitive + mark, [self.mention(p) for p in node.parents[:3]])


def _letters(node: Value) -> Iterator[tuple[str, Value]]:
    """The letters that the table uses for the inputs of a node."""
    alone = len(node.parents) == 1
    letters = "xab" if node.primitive is not None and node.primitive.name == "clip" else "abcdef"
    return zip("x" if alone else letters, node.parents, strict=False)


def _call(node: Value, parts: list[Expr]) -> Expr:
    primitive, params = node.primitive, node.params or {}
    assert primitive is not None  # noqa: S101 - only computed nodes come here
    if primitive.name == "getitem":
        return ast.Subscript(parts[0], name(index_text(params.get("index"))))
    if primitive.name == "transpose" and node.shape == node.parents[0].shape[::-1]:
        return ast.Attribute(parts[0], "T")
    if primitive.name == "affine":
        return binary("+", binary("@", parts[0], transposed(parts[1])), parts[2])
    if primitive.kind == "arrangement" and len(parts) == 1 and node.ndim == 0:
        return parts[0]
    options = {key: params[key] for key in ("axis", "shape") if params.get(key) is not None}
    return call(primitive.name, parts, **options)


def index_text(index: Any) -> str:
    """An index as it was written, arrays of indices by a word."""
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(_slice(p) for p in parts)


def _slice(part: Any) -> str:
    if isinstance(part, slice):
        bounds = ["" if b is None else str(b) for b in (part.start, part.stop)]
        return ":".join(bounds) + ("" if part.step is None else f":{part.step}")
    return "..." if part is Ellipsis else str(part) if np.ndim(part) == 0 else "indices"


def _costs(order: list[Value], names: Mapping[Value, str]) -> dict[Value, int]:
    """How much there is to read in each node written out."""
    cost: dict[Value, int] = {}
    for node in order:
        if node.primitive is None or node in names:
            cost[node] = 1
        else:
            parts = sum([cost[p] for p in node.parents])
            infix = node.op in OPERATORS or node.primitive.kind == "arrangement" or node.op == "neg"
            cost[node] = min(parts + 2 * (not infix), 1000)
    return cost


# -- the user's names ------------------------------------------------------------------------------


def user_names(order: list[Value], given: Mapping[Any, Any] | None = None) -> dict[Value, str]:
    """Names of the nodes of a graph: those given, else labels; one that is there twice is numbered.

    Args:
        order: the graph, parents before children.
        given: names and Values, as ``locals()`` has them, or the other way round. Plain arrays
            and numbers name the constants that were made of them.

    Raises:
        UnsupportedType: if ``given`` is no dict.
    """
    if given is not None and not isinstance(given, Mapping):
        raise UnsupportedType(
            f"names must be a dict of names and Values, such as locals(), got {type(given).__name__}"
        )
    wanted, constants = _given(given or {})
    names: dict[Value, str] = {}
    taken: set[str] = set()
    for node in order:
        wish = wanted.get(node) or node.label or _constant(node, constants)
        if wish:
            names[node] = unique(tidy(wish), taken)
    return names


def unique(wish: str, taken: set[str]) -> str:
    """A name, with a number if it is taken; it is taken from then on."""
    new, count = wish, 1
    while new in taken:
        count += 1
        new = f"{wish}_{count}"
    taken.add(new)
    return new


def tidy(label: str) -> str:
    """A label that fits into a formula: on one line, short, in brackets if it is no plain name."""
    line = " ".join("".join(c if c.isprintable() else " " for c in label).split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
    return line if _PLAIN.fullmatch(line) else f"({line})"


def _given(given: Mapping[Any, Any]) -> tuple[dict[Value, str], list[tuple[str, Any]]]:
    """Names of Values, those inside of lists and dicts too, and named plain numbers."""
    names: dict[Value, str] = {}
    constants: list[tuple[str, Any]] = []
    for key, x in given.items():
        label, thing = (x, key) if isinstance(key, Value) else (key, x)
        if isinstance(key, str) and _HIDDEN.fullmatch(key):
            continue
        for path, part in _inside(str(label), thing):
            if isinstance(part, Value):
                names.setdefault(part, path)
            elif path == label and type(part) in (int, float, np.float64, np.ndarray):
                constants.append((path, part))
    return names, constants


def _inside(label: str, thing: Any) -> Iterator[tuple[str, Any]]:
    yield label, thing
    if isinstance(thing, dict):
        yield from ((f"{label}[{key!r}]", x) for key, x in thing.items() if isinstance(x, Value))
    elif isinstance(thing, (list, tuple)):
        yield from ((f"{label}[{i}]", x) for i, x in enumerate(thing) if isinstance(x, Value))


def _constant(node: Value, constants: list[tuple[str, Any]]) -> str | None:
    """The name of the plain number that a constant was made of, if one alone can be meant."""
    if node.primitive is not None or node.requires_grad or not constants:
        return None
    data = node.data
    if isinstance(data, np.ndarray):
        found = [key for key, x in constants if x is data]
    elif float(data) == int(data) if np.isfinite(data) else True:
        return None  # 1, 2 and the like stand for themselves
    elif abs(float(data)) == 0.5:
        return None
    else:
        found = [key for key, x in constants if np.ndim(x) == 0 and float(x) == float(data)]
    return found[0] if len(set(found)) == 1 else None
