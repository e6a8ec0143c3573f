"""How arguments are nested: their signature, and code that takes them apart and puts gradients together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiling.emit import Shape
from autograd.compiling.names import identifiers
from autograd.compiling.trace import input_data, is_static
from autograd.trees import is_container
from autograd.value import Value


def signature(x: Any) -> Any:
    """What a program is made for: containers, shapes, types and static arguments."""
    if type(x) is float:
        return float
    if type(x) is np.ndarray:
        return x.shape, x.dtype
    if isinstance(x, np.ndarray):
        return type(x), x.shape, x.dtype
    if isinstance(x, dict):
        return dict, tuple(x), tuple([signature(item) for item in x.values()])
    if is_container(x):
        return type(x), tuple([signature(item) for item in x])
    if isinstance(x, Value):
        return Value, signature(x._data)
    if isinstance(x, np.generic):
        return (), x.dtype
    if isinstance(x, np.random.Generator):
        return np.random.Generator
    try:
        hash(x)
    except TypeError:
        return _Same(x)
    return type(x), x


class _Same:
    """An object as a key by its identity; it holds the object, whose id is then no other's."""

    def __init__(self, x: Any) -> None:
        self._x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._x is self._x

    def __hash__(self) -> int:
        return id(self._x)


def shape_of(args: Sequence[Any], names: Sequence[str], argnums: Sequence[int], single: bool) -> Shape:
    """The code around a program that takes these arguments and gives ``(value, gradients)``."""
    names = identifiers(names)

    def unpacking(inputs: list[str]) -> list[str]:
        left = iter(inputs)
        lines: list[str] = []
        for i, (x, name) in enumerate(zip(args, names, strict=True)):
            for path, leaf in _leaves(x, name, i in argnums):
                target = next(left)
                taken = _taken(leaf, path, i in argnums)
                lines += [f"{target} = {taken}"] if target != taken else []
        return lines

    def returning(results: list[str]) -> str:
        value, *gradients = results
        left = iter(gradients)
        nested = {i: _nested(args[i], names[i], left) for i in sorted(set(argnums))}
        return f"{value}, {nested[argnums[0]] if single else _tuple([nested[i] for i in argnums])}"

    return Shape(list(names), unpacking, returning)


def shape_of_numbers(
    args: Sequence[Any], names: Sequence[str], argnums: Sequence[int], single: bool
) -> Shape:
    """The same for a program of one array, of all numbers in the arguments together."""
    names = identifiers(names)
    given = [names[i] for i in argnums]
    tree = given[0] if single else _tuple(given)

    def unpacking(inputs: list[str]) -> list[str]:
        return [f"{inputs[0]} = np.array(leaves({tree}))"]

    def returning(results: list[str]) -> str:
        value, gradient = results
        return f"{value}, rebuild({tree}, iter({gradient}.tolist()))"

    return Shape(list(names), unpacking, returning, ("autograd.trees:leaves", "autograd.trees:rebuild"))


def _taken(leaf: Any, path: str, differentiated: bool) -> str:
    """The expression that gives a leaf as the engine holds it."""
    if isinstance(leaf, np.random.Generator):
        return path
    path = f"{path}._data" if isinstance(leaf, Value) else path
    if type(leaf) is not float and type(input_data(leaf, differentiated)) is float:
        return f"float({path})"
    if differentiated and isinstance(leaf, np.ndarray) and leaf.dtype.kind != "f":
        return f"{path}.astype(np.float64)"
    return f"{path}[()]" if isinstance(leaf, np.ndarray) and leaf.shape == () else path


def _leaves(x: Any, path: str, differentiated: bool) -> list[tuple[str, Any]]:
    """Each leaf that is an input, with the expression that gives it."""
    if isinstance(x, dict):
        items = zip(x.values(), _entries(x, path), strict=True)
        return [leaf for item, place in items for leaf in _leaves(item, place, differentiated)]
    if is_container(x):
        return [leaf for i, item in enumerate(x) for leaf in _leaves(item, f"{path}[{i}]", differentiated)]
    return [] if is_static(x, differentiated) else [(path, x)]


def _nested(x: Any, path: str, left: Any) -> str:
    """Gradients in the containers of the argument, as source; ``path`` is the expression for it."""
    if isinstance(x, dict):
        items = [
            _nested(item, place, left) for item, place in zip(x.values(), _entries(x, path), strict=True)
        ]
        if not _is_written(tuple(x)):
            return f"dict(zip({path}, [{', '.join(items)}]))"
        return "{" + ", ".join(f"{key!r}: {item}" for key, item in zip(x, items, strict=True)) + "}"
    if is_container(x):
        items = [_nested(item, f"{path}[{i}]", left) for i, item in enumerate(x)]
        if hasattr(x, "_fields"):
            return f"type({path})({', '.join(items)})"
        if isinstance(x, list):
            return f"[{', '.join(items)}]"
        return _tuple(items)
    return "None" if x is None else next(left)


def _entries(x: dict[Any, Any], path: str) -> list[str]:
    """The expression for each entry of a dict: by its key, or by its place where a key cannot be written."""
    if _is_written(tuple(x)):
        return [f"{path}[{key!r}]" for key in x]
    return [f"list({path}.values())[{i}]" for i in range(len(x))]


def _is_written(key: Any) -> bool:
    """True for a key that is what Python reads from its ``repr``; members of enumerations are none."""
    if type(key) is tuple:
        return all(_is_written(item) for item in key)
    return type(key) in (str, bytes, int, bool, type(None)) or (type(key) is float and math.isfinite(key))


def _tuple(items: list[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
