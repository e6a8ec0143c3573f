"""Nodes of a graph as a person would write them: ``w1*x + b1``, ``sigmoid(z1)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.value import Value

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "**": 4}
_SIMPLE = re.compile(
    r"d[\w\u0300-\u036f]+/d[\w\u0300-\u036f]+|[\w\u0300-\u036f.\[\]'\"]+(\([^()]*\))?(\.\w+(\([^()]*\))?)*"
)


class Speller:
    """Spells nodes by the names that the user gave, and by their operations where there is none."""

    def __init__(self, names: Mapping[Value, str], formulas: bool = False, exact: bool = False) -> None:
        self.names = names
        self.formulas = formulas  # as those of text: sum(x, axis=0), not x.sum(axis=0)
        self.exact = exact  # as it can be run, with each reshape

    def node(self, node: Value, depth: int = 4) -> str:
        """A node by name, else by its operation on its parents."""
        if node in self.names:
            return self.names[node]
        if node.primitive is None:
            return _number(node.data)
        if depth == 0:
            return "(...)"
        parts = [self.node(p, depth - 1) for p in node.parents]
        symbol = node.op
        if symbol in _PRECEDENCE and len(parts) == 2:
            a, b = (_bracketed(p, symbol) for p in parts)
            return f"{a}{symbol}{b}" if _PRECEDENCE[symbol] > 1 and symbol != "@" else f"{a} {symbol} {b}"
        if symbol == "neg":
            return f"-{_bracketed(parts[0], '*')}"
        if node.primitive.name == "getitem":
            return f"{parts[0]}[{_index(node.params or {})}]"
        if node.primitive.name in ("transpose", "swapaxes"):
            return f"{_bracketed(parts[0], '**')}{_turn(node)}"
        if node.primitive.kind == "arrangement" and len(parts) == 1:
            return self._arranged(node, parts[0]) if self.exact else parts[0]
        if (node.params or {}).get("axis") is not None:
            parts.append(self._options(node))
            if not self.formulas:
                return f"{_atom(parts[0])}.{node.primitive.name}({', '.join(parts[1:])})"
        return f"{node.primitive.name}({', '.join(parts)})"

    @staticmethod
    def _arranged(node: Value, x: str) -> str:
        """What was reshaped; other arrangements in words, which are no code."""
        if node.primitive.name != "reshape":  # type: ignore[union-attr]
            return f"{node.primitive.name} of {x}"  # type: ignore[union-attr]
        return f"{_atom(x)}.reshape({', '.join(map(str, node.shape))})"

    @staticmethod
    def _options(node: Value) -> str:
        """Along which axis a sum or a mean is taken, and whether the axis is kept."""
        params = node.params or {}
        axes = params["axis"] if isinstance(params["axis"], tuple) else (params["axis"],)
        return f"axis={_axes(axes)}" + (", keepdims=True" if params.get("keepdims") else "")

    def derivative(self, node: Value, i: int, g: str = "g") -> str:
        """The local derivative of a node, in the names of its inputs: ``a1*(1 - a1)``."""
        text, letters = _notation(node, i)
        words: dict[str, Callable[[], str]] = {"y": lambda: self.node(node), "g": lambda: g}
        for letter, parent in zip(letters, node.parents, strict=False):
            words[letter] = lambda parent=parent: self.node(parent)  # type: ignore[misc]
        written = re.sub(r"\b[abcgxy]\b", lambda m: _atom(words[m[0]]()) if m[0] in words else m[0], text)
        return written.replace(".T.T", "").replace(".mT.mT", "")

    def gradient(self, parts: list[tuple[str, Value, int]]) -> str:
        """The sum of what consumers pass on, each with the text of its own gradient."""
        return " + ".join(self.passed_on(g, node, i) for g, node, i in parts)

    def passed_on(self, g: str, node: Value, i: int) -> str:
        """What a node passes to its input ``i``: ``dz1 * w1``."""
        text = self._times(g, node, i)
        parent = node.parents[i]
        axes = _summed_axes(node.shape, parent.shape)
        if not axes or "summed" in text or node.primitive.kind == "arrangement":  # type: ignore[union-attr]
            return text
        kept = parent.shape and parent.ndim == node.ndim
        return self.summed(text, f"axis={_axes(axes)}" if parent.shape else "", kept)

    def summed(self, text: str, axis: str, kept: Any = False) -> str:
        """The sum of what is written, along an axis and with the axis kept."""
        options = [option for option in (axis, "keepdims=True" if kept else "") if option]
        if self.formulas:
            inner = text[1:-1] if _is_bracket(text) else text
            return f"sum({', '.join([inner, *options])})"
        return f"{_atom(text)}.sum({', '.join(options)})"

    def _times(self, g: str, node: Value, i: int) -> str:
        notation, _ = _notation(node, i)
        name = node.primitive.name  # type: ignore[union-attr]
        if name == "sum" and _broadcasts(node):
            return g
        if name == "mean" and _broadcasts(node):
            count = np.size(node.parents[0].data) // max(np.size(node.data), 1)
            return f"{_atom(g)} / {count}"
        local = self.derivative(node, i, g)
        if re.search(r"\bg\b", notation):
            return local
        if local == "1":
            return g
        if local == "-1":
            return f"-{_atom(g)}"
        if g == "1":
            return local
        return f"{_atom(g)} * {local if _tight(local) else f'({local})'}"

    @staticmethod
    def is_prose(text: str) -> bool:
        """True for a derivative that is said in words, as it has no short formula."""
        return any(word in text for word in _WORDS)


_WORDS = (" of ", "repeated to", "at the index", "other inputs", "condition", "elsewhere", "the part")


def _broadcasts(node: Value) -> bool:
    """True if what was summed away comes back by broadcasting alone."""
    wide = node.parents[0].shape
    try:
        return np.broadcast_shapes(node.shape, wide) == wide
    except ValueError:
        return False


def _turn(node: Value, back: bool = False) -> str:
    """How the axes of an array are moved: ``.T``, ``.mT`` for the last two of several."""
    n = node.ndim
    params = node.params or {}
    order = list(range(n))
    if "axes" in params:
        order = [int(a) % n for a in params["axes"]] if params["axes"] is not None else order[::-1]
    else:
        a, b = params["axis1"] % n, params["axis2"] % n
        order[a], order[b] = b, a
    order = [order.index(k) for k in range(n)] if back else order
    if order == list(range(n))[::-1]:
        return ".T"
    if order == [*range(n - 2), n - 1, n - 2]:
        return ".mT"
    return f".transpose({', '.join(map(str, order))})"


def _notation(node: Value, i: int) -> tuple[str, list[str]]:
    """How the derivative of a node is written, and the letters for its inputs."""
    primitive = node.primitive
    assert primitive is not None  # noqa: S101 - a node of a graph was computed
    letters = ["x"] if len(node.parents) == 1 else ["a", "b", "c"][: len(node.parents)]
    if primitive.name == "clip":
        letters = ["x", "a", "b"]
    if primitive.name in ("transpose", "swapaxes"):
        return f"g{_turn(node, back=True)}", letters
    if primitive.name == "matmul" and node.parents[1 - i].ndim == 1:  # of the other, a vector
        products = ("g*b", "g*a") if node.parents[i].ndim == 1 else ("outer(g, b)", "outer(a, g)")
        return products[i], letters
    if primitive.name == "matmul" and max(p.ndim for p in node.parents) > 2:
        return primitive.notation[i].replace(".T", ".mT"), letters
    exponent = node.parents[-1].data
    if primitive.name == "power" and i == 0 and np.size(exponent) == 1 and float(exponent) == 2.0:
        return "2*a", letters
    return primitive.notation[0 if primitive.variadic else i], letters


def _summed_axes(wide: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes along which broadcasting repeated an input."""
    if len(shape) > len(wide):
        return ()
    padded = (0,) * (len(wide) - len(shape)) + shape
    return tuple(k for k, (m, n) in enumerate(zip(wide, padded, strict=True)) if m != n and n <= 1)


def _axes(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(axes)


def _tight(text: str) -> bool:
    """True if a product may follow without brackets."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and c in "+-" and i and text[i - 1] == " ":
            return False
    return not text.startswith("-")


def _bracketed(text: str, symbol: str) -> str:
    if _SIMPLE.fullmatch(text) or (_PRECEDENCE[symbol] == 1 and not text.startswith("-")):
        return text
    return text if _PRECEDENCE[symbol] == 2 and _tight(text) and "@" not in text else f"({text})"


def _atom(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) or _is_bracket(text) else f"({text})"


def _is_bracket(text: str) -> bool:
    """True if one pair of brackets is around all of it."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and i < len(text) - 1:
            return False
    return text.startswith("(")


def _number(x: Any) -> str:
    return f"{float(x):.6g}" if np.ndim(x) == 0 else f"(constant of shape {np.shape(x)})"


def _index(params: dict[str, Any]) -> str:
    index = params.get("index")
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(_slice(p) for p in parts)


def _slice(part: Any) -> str:
    if isinstance(part, slice):
        bounds = ["" if b is None else str(b) for b in (part.start, part.stop)]
        return ":".join(bounds) + ("" if part.step is None else f":{part.step}")
    return "..." if part is Ellipsis else str(part) if np.ndim(part) == 0 else "indices"
