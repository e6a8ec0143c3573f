"""The derivatives of functions as people write them, and as they write them wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

# What people write as a derivative, of v, and the function that has it; at the result where
# the third is "y", at the input where it is "x".
FORMULAS: list[tuple[str, Callable[[Any], Any], str, str]] = [
    ("{v}*(1 - {v})", lambda v: v * (1 - v), "sigmoid", "y"),
    ("1 - {v}**2", lambda v: 1 - v * v, "tanh", "y"),
    ("{v} > 0", lambda v: (v > 0) * 1.0, "relu", "x"),
    ("exp({v})", np.exp, "exp", "x"),
    ("1/{v}", lambda v: 1 / v, "log", "x"),
    ("2*{v}", lambda v: 2 * v, "a square", "x"),
    ("cos({v})", np.cos, "sin", "x"),
    ("-{v}**2", lambda v: -v * v, "the reciprocal", "y"),
    ("0.5/{v}", lambda v: 0.5 / v, "the square root", "y"),
]
# Formulas that are nobody's derivative, with the kind of the mistake for the function that has
# the first formula, and what to say.
SPOILT: list[tuple[str, str, Callable[[Any], Any], str, str]] = [
    ("sigmoid", "{v}", lambda v: v, "missing factor", "the factor (1 - {y}) is missing"),
    ("sigmoid", "1 - {v}", lambda v: 1 - v, "missing factor", "the factor {y} is missing"),
    ("sigmoid", "{v}*(1 + {v})", lambda v: v * (1 + v), "sign", "the sign before the second {y} is wrong"),
    ("tanh", "1 - {v}", lambda v: 1 - v, "wrong factor", "{y} is not squared"),
    ("tanh", "1 + {v}**2", lambda v: 1 + v * v, "sign", "the sign before {y}**2 is wrong"),
    ("tanh", "{v}**2 - 1", lambda v: v * v - 1, "sign", "the signs are the other way round"),
    ("relu", "{v} < 0", lambda v: (v < 0) * 1.0, "wrong factor", "the condition is the other way round"),
    ("", "{v}", lambda v: v, "wrong factor", "yours is {v} itself"),
    ("", "{v}**2", lambda v: v * v, "wrong factor", "yours is {v}**2"),
    ("", "1 - {v}", lambda v: 1 - v, "wrong factor", "yours is 1 - {v}"),
]
