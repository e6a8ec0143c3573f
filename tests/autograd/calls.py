"""Rows of the tables of calls: NumPy code as text, in which letters stand for arrays.

``np.sum(t, axis={0|(0, 2)})`` is two calls, one per alternative; alternatives in several
places give every combination. ``ARRAYS`` says what the letters are. A call is evaluated on
plain arrays and on Values, and what NumPy gives is the reference.
"""

from __future__ import annotations

import itertools
import math
import re
import types
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

REAL, POSITIVE, INSIDE, ABOVE_ONE = (-2.0, 2.0), (0.3, 2.5), (-0.9, 0.9), (1.2, 3.0)

ARRAYS = {
    "s": ((), REAL), "r": ((), POSITIVE),            # numbers
    "v": ((3,), REAL), "w": ((4,), REAL),            # vectors
    "f": ((5,), REAL), "z": ((2,), REAL), "pv": ((3,), POSITIVE),
    "m": ((2, 3), REAL), "n": ((3, 2), REAL),        # matrices
    "p": ((2, 3), POSITIVE), "u": ((2, 3), INSIDE), "h": ((2, 3), ABOVE_ONE),
    "k": ((2, 1), REAL), "kp": ((2, 1), POSITIVE), "o": ((2, 3), REAL),  # a column; o has NaN in it
    "tall": ((4, 2), REAL), "wide": ((2, 4), REAL),
    "q": ((3, 3), REAL), "q2": ((2, 2), REAL), "c": ((2, 2, 2), REAL),   # square, well-conditioned
    "t": ((2, 3, 2), REAL), "t4": ((2, 2, 2, 2), REAL),
    "e": ((0, 3), REAL), "e1": ((0,), REAL),         # without elements
}  # fmt: skip

IS_NEW = hasattr(np, "vecmat")  # NumPy 2.2

SQUARE = {"q", "q2", "c"}

CONSTANTS = {
    "np": np,
    "mask": np.array([[True, False, True], [False, True, True]]),
    "nan": math.nan,
    "inf": math.inf,
}

# NumPy's functions whose complex results are not analytic, or (partition) in another order: the
# complex step does not apply.
CONJUGATING = {
    "abs", "conj", "conjugate", "vdot", "vecdot", "vecmat", "correlate", "cov", "corrcoef", "cholesky",
    "eigh", "eigvalsh", "svd", "svdvals", "qr", "pinv", "lstsq", "slogdet", "cond", "nan_to_num",
    "partition",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    text: str
    code: types.CodeType
    letters: tuple[str, ...]  # of the arrays, in the order of ARRAYS

    @property
    def name(self) -> str:
        """The function: ``linalg.norm`` of ``np.linalg.norm(...)``; the method, with a dot before it."""
        found = re.match(r"(?:np|special)\.([\w.]+)\(|\w+(?:\[None\])?(\.\w+)\b", self.text)
        return (found[1] or found[2]) if found else "[ ]"

    @property
    def is_analytic(self) -> bool:
        return not any(word in CONJUGATING for word in re.findall(r"\w+", self.text))

    def inputs(self, dtype: Any = float) -> list[Any]:
        return [sample(letter).astype(dtype) for letter in self.letters]

    def __call__(self, *xs: Any) -> Any:
        return eval(self.code, CONSTANTS | dict(zip(self.letters, xs, strict=True)))

    def __str__(self) -> str:
        return self.text


def sample(letter: str) -> Any:
    """The array of a letter: no two samples tie, none is at zero, where the kinks are."""
    shape, (low, high) = ARRAYS[letter]
    place = list(ARRAYS).index(letter)
    n = math.prod(shape)
    # A golden-ratio sequence of places between grid points, which no two letters share; below 0.5,
    # so that no two absolute values tie.
    offset = 0.1 + 0.3 * math.modf(0.15 + 0.618034 * place)[0]
    rng = np.random.default_rng(place + 23)
    # A little noise: nor do sums of them tie.
    steps = rng.permutation(n) + offset + 0.05 * rng.random(n)
    x = np.reshape(low + (high - low) * steps / max(n, 1), shape)
    if letter in SQUARE:
        x = x + np.diag(3.0 + np.arange(shape[-1]))
    if letter == "o":
        x[0, 1] = x[1, 2] = math.nan
    return x


def calls(table: str) -> list[Call]:
    """The calls of a table: one row per line, comments and empty lines left out."""
    rows = [line.split("  #")[0].strip() for line in table.splitlines()]
    texts = [text for row in rows if row and not row.startswith("#") for text in expand(row)]
    found = [Call(text, *_compiled(text)) for text in texts]
    return found if IS_NEW else [call for call in found if _is_taken(call)]


def _is_taken(call: Call) -> bool:
    """Whether this NumPy takes the call: those before 2.2 have fewer functions and arguments."""
    try:
        with warnings.catch_warnings(action="error"):
            call(*call.inputs())
    except Exception:
        return False
    return True


def expand(row: str) -> list[str]:
    """Every choice among the alternatives in braces.

    >>> expand("f({a|b}, {1|2})")
    ['f(a, 1)', 'f(a, 2)', 'f(b, 1)', 'f(b, 2)']
    """
    parts = re.split(r"\{([^{}]*\|[^{}]*)\}", row)
    choices = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def _compiled(text: str) -> tuple[types.CodeType, tuple[str, ...]]:
    code = compile(text, text, "eval")
    names = set(re.findall(r"\w+", text)) & set(code.co_names)
    return code, tuple(letter for letter in ARRAYS if letter in names)
