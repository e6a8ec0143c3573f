"""The names that users gave to the nodes of a graph: by variables, or by labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd.errors import UnsupportedType
from autograd.value import Value

LONGEST = 40
_PLAIN = re.compile(r"(\d+\.)*[^\W\d][\w.]*(\[[^\[\]()]*\])*")
_HIDDEN = re.compile(r"_.*|In|Out")  # what IPython adds to locals()


def user_names(order: list[Value], given: Mapping[Any, Any] | None = None) -> dict[Value, str]:
    """Names of the nodes of a graph: those given, else labels; one that is there twice is numbered.

    Args:
        order: the graph, parents before children.
        given: names and Values, as ``locals()`` has them, or the other way round. Plain arrays
            and numbers name the constants that were made of them.

    Raises:
        UnsupportedType: if ``given`` is no dict.
    """
    wanted, constants = _given(checked_names(given))
    names: dict[Value, str] = {}
    taken: set[str] = set()
    for node in order:
        wish = wanted.get(node) or node.label or _constant(node, constants)
        if wish:
            names[node] = unique(tidy(wish), taken)
    return names


def checked_names(given: Any) -> Mapping[Any, Any]:
    """The user's ``names=``, empty for None.

    Raises:
        UnsupportedType: if it is no dict.
    """
    if given is not None and not isinstance(given, Mapping):
        raise UnsupportedType(
            f"names must be a dict of names and Values, such as locals(), got {type(given).__name__}"
        )
    return given or {}


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
    line = " ".join(printable(label).split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
    return line if _PLAIN.fullmatch(line) else f"({line})"


def printable(text: str) -> str:
    """Text with spaces for line ends and control characters."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


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
        found = found or [key for key, x in constants if _became(x, data)]
    elif float(data) == int(data) if np.isfinite(data) else True:
        return None  # 1, 2 and the like stand for themselves
    elif abs(float(data)) == 0.5:
        return None
    else:
        found = [key for key, x in constants if np.ndim(x) == 0 and float(x) == float(data)]
    return found[0] if len(set(found)) == 1 else None


def _became(x: Any, data: Any) -> bool:
    """True for an array whose numbers are those of a constant, in another type: a layer's input."""
    if not isinstance(x, np.ndarray) or x.shape != data.shape or x.dtype.kind not in "fiub":
        return False
    with np.errstate(all="ignore"):
        return np.array_equal(x.astype(data.dtype), data, equal_nan=True)
