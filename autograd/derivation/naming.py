"""Which variable a name speaks of: ``dZ1``, ``grads['W1']``, ``W1_grad`` and ``dE/dw1``."""

from __future__ import annotations

import re
from collections.abc import Iterable

RETURN = "return"  # what a function returned goes by this name, its parts by return[0]
# What people put before and after the name of a variable to mean a gradient, most telling first.
_PATTERNS = [
    re.compile(p.replace(r"\w", r"[\w\u0300-\u036f]"))  # a hat may be a sign of its own
    for p in (
        r"update of (\w+)",
        r"d[A-Za-z]\w*/d(\w+)",
        r"d(?:loss|cost|err|error|[LEJC])_?d_?(\w+)",
        r"(?:grads?|gradients?|nabla|delta|del)_(\w+)",
        r"(\w+)_(?:grads?|gradients?|delta|bar)",
        r"[dDgG]_(\w+)",
        r"(\w+)_[dg]",
        r"[dD](\w+)",
        r"grad([A-Z]\w*|\w\d*)",
        r"delta(\w+)",
        r"g([A-Z]\w*)",
    )
]
_CONTAINER = re.compile(r"(?:\w+\.)*_*(?:grads?|gradients?|nablas?|derivatives?|deltas?|d[A-Z]?\w{0,6})")


def short(name: str) -> str:
    """The part of a name that tells the variable: ``cache['Z1']``, ``self.__Z1`` and ``Z1[t]`` are Z1.

    >>> short("cache['Z1']"), short("self.h[t]"), short("self['params']['W1']"), short("layers[0].dW")
    ('Z1', 'h', 'W1', 'dW')
    """
    name = re.sub(r"\[[^\[\]]*\](?=[\[\]'\"\w]*\.)", "", name)  # what comes after a dot tells
    keys = re.findall(r"\[['\"](\w+)['\"]\]", name)
    last = str(keys[-1]) if keys else re.sub(r"\[.*$", "", name).rsplit(".", 1)[-1]
    return re.sub(r"^(_[A-Za-z]\w*?)?__(?=[A-Za-z])", "", last)


def variable_of(claim: str, variables: Iterable[str]) -> str | None:
    """The variable that a claim's name tells, if it tells one.

    >>> variable_of("dw1", ["W1", "b1"]), variable_of("grads['W1']", ["W1"]), variable_of("temp", ["W1"])
    ('W1', 'W1', None)
    """
    known = list(variables)
    name = short(claim)
    for pattern in _PATTERNS:
        match = pattern.fullmatch(name)
        found = find(match[1], known) if match else None
        if found is not None:
            return found
    container = claim.split("[", maxsplit=1)[0]
    if name != short(container) and _CONTAINER.fullmatch(container):  # a key tells, a number does not
        return find(name, known)
    return None


def find(name: str, known: list[str]) -> str | None:
    """A name among those known: exactly, else but for case and underscores if only one fits."""
    if name in known:
        return name
    alike = [k for k in known if _plain(k) == _plain(name)]
    alike = alike or [k for k in known if _plain(k) == _plain(name) + "s"]  # hs holds the h of every step
    return alike[0] if len(alike) == 1 else None


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
