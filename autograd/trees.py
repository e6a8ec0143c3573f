"""Nested containers of arrays: dicts, lists, tuples and named tuples, as functions take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """What the containers hold, in order; dict entries in the order of the dict.

    >>> leaves({"w": [1, 2], "b": (3,)})
    [1, 2, 3]
    """
    if isinstance(tree, dict):
        return [leaf for item in tree.values() for leaf in leaves(item)]
    if is_container(tree):
        return [leaf for item in tree for leaf in leaves(item)]
    return [] if tree is None else [tree]


def rebuild(tree: Any, new: Iterator[Any]) -> Any:
    """The same containers around other leaves.

    >>> rebuild({"w": [1, 2], "b": (3,)}, iter("xyz"))
    {'w': ['x', 'y'], 'b': ('z',)}
    """
    if isinstance(tree, dict):
        return {key: rebuild(item, new) for key, item in tree.items()}
    if hasattr(tree, "_fields"):
        return type(tree)(*(rebuild(item, new) for item in tree))
    if is_container(tree):
        return type(tree)(rebuild(item, new) for item in tree)
    return None if tree is None else next(new)


def tree_map(f: Callable[[Any], Any], tree: Any) -> Any:
    """The same containers with ``f`` applied to each leaf."""
    return rebuild(tree, iter([f(leaf) for leaf in leaves(tree)]))


def is_container(x: Any) -> bool:
    """True for what is taken apart; a list of plain numbers is an array to NumPy, but not here."""
    return isinstance(x, (list, tuple, dict))
