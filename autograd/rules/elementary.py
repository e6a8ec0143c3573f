"""Elementary functions of one number: exponentials, logarithms, roots, trigonometry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array, opaque
from autograd.primitive import Primitive, unary
from autograd.rules.in_place import LARGE, complement, times

LN2, LN10 = math.log(2.0), math.log(10.0)
DEGREE = math.pi / 180.0


# The derivative of sin(u)/u as u times a polynomial in u**2, highest power first.
_SINC_SLOPE_SERIES = (1 / 518918400, -1 / 3991680, 1 / 45360, -1 / 840, 1 / 30, -1 / 3)


def _sinc_slope_forward(x: Any) -> Any:
    # Near 0 the two terms of the formula cancel, and the series takes over.
    u = np.pi * as_array(x)
    near = np.abs(u) < 0.3
    away = np.where(near, 1.0, u)
    slope = np.where(near, u * np.polyval(_SINC_SLOPE_SERIES, u * u), (np.cos(u) - np.sin(u) / away) / away)
    return (np.pi * slope).astype(u.dtype)


def _sinc_curvature(x: Any) -> Any:
    """The second derivative of sinc, from its differential equation; -pi**2/3 at 0."""
    flat = np.equal(x, 0.0)
    away = np.where(flat, 1.0, x)
    return np.where(flat, -(np.pi**2) / 3.0, -(np.pi**2) * np.sinc(x) - 2.0 * SINC_SLOPE(x) / away)


@opaque
def _bessel_forward(x: Any, *, n: int) -> Any:
    # I_n(x) is the mean of exp(x cos t) cos(n t) over a circle: the rule of rectangles converges
    # faster than any power of the number of points (Abramowitz and Stegun 9.6.19).
    count = 32 + int(8.0 * math.sqrt(float(np.max(np.abs(x), initial=0.0, where=np.isfinite(x)))))
    t = np.pi * (np.arange(count) + 0.5) / count
    return np.mean(np.exp(np.multiply.outer(x, np.cos(t))) * np.cos(n * t), axis=-1).astype(
        np.asarray(x).dtype
    )


def _tanh_rule(g: Any, y: Any, x: Any) -> Any:
    if type(y) is not np.ndarray or y.size < LARGE:
        return g * (1.0 - y * y)
    return times(g, complement(y * y))


# fmt: off
#                       name          forward       derivative (VJP)                      as people write it   LaTeX
EXP        = unary("exp",         np.exp,        lambda g, y, x: g * y,                  "y",                 "y",                            scalar=math.exp)
EXP2       = unary("exp2",        np.exp2,       lambda g, y, x: g * (y * LN2),          "y*log(2)",          r"y \ln 2")
EXPM1      = unary("expm1",       np.expm1,      lambda g, y, x: g * (y + 1.0),          "y + 1",             "y + 1",                        scalar=math.expm1)
LOG        = unary("log",         np.log,        lambda g, y, x: g / x,                  "1/x",               r"\frac{1}{x}",                 scalar=math.log)
LOG2       = unary("log2",        np.log2,       lambda g, y, x: g / (x * LN2),          "1/(x*log(2))",      r"\frac{1}{x \ln 2}",           scalar=math.log2)
LOG10      = unary("log10",       np.log10,      lambda g, y, x: g / (x * LN10),         "1/(x*log(10))",     r"\frac{1}{x \ln 10}",          scalar=math.log10)
LOG1P      = unary("log1p",       np.log1p,      lambda g, y, x: g / (1.0 + x),          "1/(1 + x)",         r"\frac{1}{1 + x}",             scalar=math.log1p)
SQRT       = unary("sqrt",        np.sqrt,       lambda g, y, x: g / (2.0 * y),          "1/(2*y)",           r"\frac{1}{2y}",                scalar=math.sqrt, kinks="sqrt'(0) = inf")
CBRT       = unary("cbrt",        np.cbrt,       lambda g, y, x: g / (3.0 * y * y),      "1/(3*y**2)",        r"\frac{1}{3y^2}",              kinks="cbrt'(0) = inf")
SQUARE     = unary("square",      np.square,     lambda g, y, x: g * (2.0 * x),          "2*x",               "2x")
RECIPROCAL = unary("reciprocal",  np.reciprocal, lambda g, y, x: -g * (y * y),           "-y**2",             "-y^2")
SIN        = unary("sin",         np.sin,        lambda g, y, x: g * np.cos(x),          "cos(x)",            r"\cos x",                      scalar=math.sin)
COS        = unary("cos",         np.cos,        lambda g, y, x: -g * np.sin(x),         "-sin(x)",           r"-\sin x",                     scalar=math.cos)
TAN        = unary("tan",         np.tan,        lambda g, y, x: g * (1.0 + y * y),      "1 + y**2",          "1 + y^2",                      scalar=math.tan)
ARCSIN     = unary("arcsin",      np.arcsin,     lambda g, y, x: g / np.sqrt(1.0 - x*x), "1/sqrt(1 - x**2)",  r"\frac{1}{\sqrt{1 - x^2}}",    scalar=math.asin)
ARCCOS     = unary("arccos",      np.arccos,     lambda g, y, x: -g / np.sqrt(1.0 - x*x), "-1/sqrt(1 - x**2)", r"\frac{-1}{\sqrt{1 - x^2}}",  scalar=math.acos)
ARCTAN     = unary("arctan",      np.arctan,     lambda g, y, x: g / (1.0 + x * x),      "1/(1 + x**2)",      r"\frac{1}{1 + x^2}",           scalar=math.atan)
SINH       = unary("sinh",        np.sinh,       lambda g, y, x: g * np.cosh(x),         "cosh(x)",           r"\cosh x",                     scalar=math.sinh)
COSH       = unary("cosh",        np.cosh,       lambda g, y, x: g * np.sinh(x),         "sinh(x)",           r"\sinh x",                     scalar=math.cosh)
TANH       = unary("tanh",        np.tanh,       _tanh_rule,                             "1 - y**2",          "1 - y^2",                      scalar=math.tanh)
ARCSINH    = unary("arcsinh",     np.arcsinh,    lambda g, y, x: g / np.sqrt(x*x + 1.0), "1/sqrt(x**2 + 1)",  r"\frac{1}{\sqrt{x^2 + 1}}",    scalar=math.asinh)
ARCCOSH    = unary("arccosh",     np.arccosh,    lambda g, y, x: g / np.sqrt(x*x - 1.0), "1/sqrt(x**2 - 1)",  r"\frac{1}{\sqrt{x^2 - 1}}",    scalar=math.acosh)
ARCTANH    = unary("arctanh",     np.arctanh,    lambda g, y, x: g / (1.0 - x * x),      "1/(1 - x**2)",      r"\frac{1}{1 - x^2}",           scalar=math.atanh)
DEGREES    = unary("degrees",     np.degrees,    lambda g, y, x: g / DEGREE,             "180/pi",            r"\frac{180}{\pi}",             scalar=math.degrees)
RADIANS    = unary("radians",     np.radians,    lambda g, y, x: g * DEGREE,             "pi/180",            r"\frac{\pi}{180}",             scalar=math.radians)
SINC       = unary("sinc",        np.sinc,       lambda g, y, x: g * SINC_SLOPE(x),      "(cos(pi*x) - y)/x", r"\frac{\cos \pi x - y}{x}")
SINC_SLOPE: Primitive = unary("sinc_slope", _sinc_slope_forward, lambda g, y, x: g * _sinc_curvature(x), "-pi**2*sinc(x) - 2*y/x", r"-\pi^2 \operatorname{sinc} x - \frac{2y}{x}")
I0         = unary("i0",          np.i0,         lambda g, y, x: g * BESSEL(x, n=1),     "i1(x)",             "I_1(x)")
BESSEL: Primitive = unary("bessel",     _bessel_forward, lambda g, y, x, *, n: g * (BESSEL(x, n=n - 1) + BESSEL(x, n=n + 1)) / 2.0,
                   "(I(n - 1, x) + I(n + 1, x))/2", r"\tfrac{1}{2}(I_{n-1}(x) + I_{n+1}(x))")
# fmt: on
