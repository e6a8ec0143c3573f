"""Arithmetic: + - * / ** and other functions of two numbers, element by element.

Rules are written as if both inputs had the shape of the result.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd.broadcasting import summed_towards
from autograd.data import shape_of
from autograd.primitive import binary, unary
from autograd.rules.in_place import LARGE, times


def _subtrahend(g: Any, y: Any, a: Any, b: Any) -> Any:
    return -g if type(g) is float else -summed_towards(b, g)


def _divisor(g: Any, y: Any, a: Any, b: Any) -> Any:
    if type(g) is float or shape_of(g) == shape_of(b):
        return -g * y / b
    return -summed_towards(b, g * y) / b


def _power_forward(a: Any, b: Any) -> Any:
    return np.square(a) if type(b) is float and b == 2.0 else np.power(a, b)  # power is far slower


def _power_base(g: Any, y: Any, a: Any, b: Any) -> Any:
    # The derivative of a**0 is 0 at a = 0 as well, where 0 * 0**-1 would be NaN: 1 stands in for a there.
    if type(b) is float and b == 2.0:
        return times(g, b * a)
    if type(b) is not float or b == 0.0:
        a = a + (a == 0.0) * (b == 0.0)
    return g * (b * a ** (b - 1))


def _power_exponent(g: Any, y: Any, a: Any, b: Any) -> Any:
    # Where a = 0 the limit of a**b * log(a) is 0 for b > 0; log(1) = 0 gives it without NaN.
    return g * y * np.log(np.where(a == 0.0, 1.0, a))


def _share(g: Any, wins: Any, a: Any, b: Any) -> Any:
    """``g`` where this side wins, half of it where both are equal."""
    ties = a == b
    if not type(g) is type(wins) is np.ndarray or wins.size < LARGE:
        return g * (wins + 0.5 * ties)
    share = wins.astype(g.dtype)  # see relu
    if ties.any():
        share[ties] = 0.5
    return times(g, share)


def _wins(larger: Any, other: Any) -> Any:
    """This side is taken if it is larger, or if the other is NaN."""
    return np.logical_or(larger, np.isnan(other))


def _nonzero(y: Any) -> Any:
    """``y``, or 1 where it is 0: the numerator is 0 there as well."""
    return np.where(y == 0.0, 1.0, y)


def _over_square(x: Any, a: Any, b: Any) -> Any:
    """``x / (a**2 + b**2)``, also where the squares are too small or too large for floats."""
    r = np.hypot(a, b)
    return x / r / r


def _sign(x: Any) -> Any:
    """1 or -1; the sign bit decides for zeros."""
    return np.where(np.signbit(x), -1.0, 1.0)


def _exponent(x: Any, y: Any) -> Any:
    """X - y, where -inf - -inf is -inf: the share of nothing is nothing."""
    return x - np.where(y == -np.inf, 0.0, y)


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
    (_subtrahend,                "-1", "-1"), symbol="-", scalar=operator.sub)

MULTIPLY = binary("multiply", np.multiply,
    (lambda g, y, a, b: g * b,   "b", "b"),
    (lambda g, y, a, b: g * a,   "a", "a"), symbol="*", scalar=operator.mul)

DIVIDE = binary("divide", np.divide,
    (lambda g, y, a, b: g / b,       "1/b",  r"\frac{1}{b}"),
    (_divisor,                       "-y/b", r"-\frac{y}{b}"), symbol="/", scalar=operator.truediv)

POWER = binary("power", _power_forward,
    (_power_base,      "b*a**(b - 1)", r"b a^{b-1}"),
    (_power_exponent,  "y*log(a)",     r"y \ln a"),
    symbol="**", scalar=math.pow)

NEGATIVE = unary("negative", np.negative,
     lambda g, y, x: -g,               "-1",      "-1", symbol="neg", scalar=operator.neg)

ABSOLUTE = unary("absolute", np.absolute,
     lambda g, y, x: g * np.sign(x),   "sign(x)", r"\operatorname{sign}(x)", symbol="abs", scalar=abs,
     kinks="abs'(0) = 0", branch=np.sign)

MAXIMUM = binary("maximum", np.maximum,
    (lambda g, y, a, b: _share(g, a > b, a, b),  "(a > b)", "[a > b]"),
    (lambda g, y, a, b: _share(g, b > a, a, b),  "(b > a)", "[b > a]"),
    kinks="ties share equally: 1/2 to each side", scalar=_maximum_scalar, branch=_compare)

MINIMUM = binary("minimum", np.minimum,
    (lambda g, y, a, b: _share(g, a < b, a, b),  "(a < b)", "[a < b]"),
    (lambda g, y, a, b: _share(g, b < a, a, b),  "(b < a)", "[b < a]"),
    kinks="ties share equally: 1/2 to each side", scalar=_minimum_scalar, branch=_compare)

FMAX = binary("fmax", np.fmax,
    (lambda g, y, a, b: _share(g, _wins(a > b, b), a, b),  "(a > b)", "[a > b]"),
    (lambda g, y, a, b: _share(g, _wins(b > a, a), a, b),  "(b > a)", "[b > a]"),
    kinks="ties share equally: 1/2 to each side", branch=_compare)

FMIN = binary("fmin", np.fmin,
    (lambda g, y, a, b: _share(g, _wins(a < b, b), a, b),  "(a < b)", "[a < b]"),
    (lambda g, y, a, b: _share(g, _wins(b < a, a), a, b),  "(b < a)", "[b < a]"),
    kinks="ties share equally: 1/2 to each side", branch=_compare)

REMAINDER = binary("remainder", np.remainder,
    (lambda g, y, a, b: g,                        "1",             "1"),
    (lambda g, y, a, b: -g * np.floor(a / b),     "-floor(a/b)",   r"-\lfloor a/b \rfloor"),
    symbol="%", kinks="jumps where b divides a: the derivative beside the jump", branch=lambda a, b: np.floor(a / b))

FMOD = binary("fmod", np.fmod,
    (lambda g, y, a, b: g,                        "1",             "1"),
    (lambda g, y, a, b: -g * np.trunc(a / b),     "-trunc(a/b)",   r"-\operatorname{trunc}(a/b)"),
    kinks="jumps where b divides a: the derivative beside the jump", branch=lambda a, b: np.trunc(a / b))

ARCTAN2 = binary("arctan2", np.arctan2,
    (lambda g, y, a, b: g * _over_square(b, a, b),  "b/(a**2 + b**2)",  r"\frac{b}{a^2 + b^2}"),
    (lambda g, y, a, b: -g * _over_square(a, a, b), "-a/(a**2 + b**2)", r"\frac{-a}{a^2 + b^2}"), scalar=math.atan2)

HYPOT = binary("hypot", np.hypot,
    (lambda g, y, a, b: g * a / _nonzero(y),      "a/y",           r"\frac{a}{y}"),
    (lambda g, y, a, b: g * b / _nonzero(y),      "b/y",           r"\frac{b}{y}"),
    scalar=math.hypot, kinks="hypot'(0, 0) = 0", branch=lambda a, b: np.hypot(a, b) == 0.0)

# log(exp(a) + exp(b)) without overflow: the exponents of the derivatives are never positive.
LOGADDEXP = binary("logaddexp", np.logaddexp,
    (lambda g, y, a, b: g * np.exp(_exponent(a, y)),   "exp(a - y)",  r"e^{a-y}"),
    (lambda g, y, a, b: g * np.exp(_exponent(b, y)),   "exp(b - y)",  r"e^{b-y}"))

LOGADDEXP2 = binary("logaddexp2", np.logaddexp2,
    (lambda g, y, a, b: g * np.exp2(_exponent(a, y)),  "2**(a - y)",  r"2^{a-y}"),
    (lambda g, y, a, b: g * np.exp2(_exponent(b, y)),  "2**(b - y)",  r"2^{b-y}"))

COPYSIGN = binary("copysign", np.copysign,
    (lambda g, y, a, b: g * (_sign(a) * _sign(b)), "sign(a)*sign(b)", r"\operatorname{sign}(a) \operatorname{sign}(b)"),
    (lambda g, y, a, b: np.zeros_like(g),         "0",             "0"),
    kinks="copysign'(0, b) = sign(b)", branch=lambda a, b: (_sign(a), _sign(b)))

HEAVISIDE = binary("heaviside", np.heaviside,
    (lambda g, y, a, b: np.zeros_like(g),         "0",             "0"),
    (lambda g, y, a, b: g * (a == 0.0),           "(a == 0)",      "[a = 0]"),
    kinks="heaviside'(0, b) = 0", branch=lambda a, b: np.sign(a))

NAN_TO_NUM = unary("nan_to_num", np.nan_to_num,
    lambda g, y, x, **_: np.where(np.isfinite(x), g, 0.0), "1 if finite else 0", r"[x \text{ finite}]",
    branch=lambda x, **_: np.isfinite(x))
# fmt: on
