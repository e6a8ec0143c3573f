"""Arithmetic: + - * / ** and their relatives, element by element.

Rules are written as if both inputs had the shape of the result.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd.primitive import binary, unary


def _power_base(g: Any, y: Any, a: Any, b: Any) -> Any:
    # The derivative of a**0 is 0 at a = 0 as well, where 0 * 0**-1 would be NaN: 1 stands in for a there.
    if type(b) is not float or b == 0.0:
        a = a + (a == 0.0) * (b == 0.0)
    return g * (b * a ** (b - 1))


def _power_exponent(g: Any, y: Any, a: Any, b: Any) -> Any:
    # Where a = 0 the limit of a**b * log(a) is 0 for b > 0; log(1) = 0 gives it without NaN.
    return g * y * np.log(np.where(a == 0.0, 1.0, a))


def _share(wins: Any, a: Any, b: Any) -> Any:
    """1 where this side wins, 1/2 where both are equal."""
    return wins + 0.5 * (a == b)


def _compare(a: Any, b: Any) -> Any:
    """Which of two is larger: 1, 0 or -1."""
    return np.sign(a - b)


def _maximum_scalar(a: float, b: float) -> float:
    return a if a > b else b if b >= a else math.nan


def _minimum_scalar(a: float, b: float) -> float:
    return a if a < b else b if b <= a else math.nan


# fmt: off
ADD = binary("add", np.add,
    (lambda g, y, a, b: g,       "1", "1"),
    (lambda g, y, a, b: g,       "1", "1"), symbol="+", scalar=operator.add)

SUBTRACT = binary("subtract", np.subtract,
    (lambda g, y, a, b: g,       "1", "1"),
    (lambda g, y, a, b: -g,     "-1", "-1"), symbol="-", scalar=operator.sub)

MULTIPLY = binary("multiply", np.multiply,
    (lambda g, y, a, b: g * b,   "b", "b"),
    (lambda g, y, a, b: g * a,   "a", "a"), symbol="*", scalar=operator.mul)

DIVIDE = binary("divide", np.divide,
    (lambda g, y, a, b: g / b,       "1/b",  r"\frac{1}{b}"),
    (lambda g, y, a, b: -g * y / b,  "-y/b", r"-\frac{y}{b}"), symbol="/", scalar=operator.truediv)

POWER = binary("power", np.power,
    (_power_base,      "b*a**(b - 1)", r"b a^{b-1}"),
    (_power_exponent,  "y*log(a)",     r"y \ln a"),
    symbol="**", scalar=math.pow)

NEGATIVE = unary("negative", np.negative,
     lambda g, y, x: -g,               "-1",      "-1", symbol="neg", scalar=operator.neg)

ABSOLUTE = unary("absolute", np.absolute,
     lambda g, y, x: g * np.sign(x),   "sign(x)", r"\operatorname{sign}(x)", symbol="abs", scalar=abs,
     kinks="abs'(0) = 0", branch=np.sign)

MAXIMUM = binary("maximum", np.maximum,
    (lambda g, y, a, b: g * _share(a > b, a, b),  "(a > b)", "[a > b]"),
    (lambda g, y, a, b: g * _share(b > a, a, b),  "(b > a)", "[b > a]"),
    kinks="ties share equally: 1/2 to each side", scalar=_maximum_scalar, branch=_compare)

MINIMUM = binary("minimum", np.minimum,
    (lambda g, y, a, b: g * _share(a < b, a, b),  "(a < b)", "[a < b]"),
    (lambda g, y, a, b: g * _share(b < a, a, b),  "(b < a)", "[b < a]"),
    kinks="ties share equally: 1/2 to each side", scalar=_minimum_scalar, branch=_compare)
# fmt: on
