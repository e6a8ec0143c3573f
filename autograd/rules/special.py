"""Functions of ``scipy.special``, loaded only when the user has SciPy and calls one.

Sources of the formulas: the NIST Digital Library of Mathematical Functions, chapters 5
(gamma), 7 (error function) and 10 (Bessel functions).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from autograd.primitive import Primitive, binary, unary
from autograd.rules.activations import SIGMOID

SQRT_PI = math.sqrt(math.pi)
SQRT_2PI = math.sqrt(2.0 * math.pi)


def _polygamma_forward(x: Any, *, n: int) -> Any:
    return np.asarray(special.polygamma(n, x)).astype(np.asarray(x).dtype)


def _log1mexp_slope(y: Any) -> Any:
    """1 - exp(y) for y <= 0: sigmoid(-x), where y = log(sigmoid(x))."""
    return -np.expm1(y)


def _mills(y: Any, x: Any) -> Any:
    """The normal density over the distribution function exp(y), without underflow."""
    return np.exp(-0.5 * x * x - y) / SQRT_2PI


def _where_not_zero(x: Any, f: Callable[[Any], Any]) -> Any:
    """f(x), and 0 where x is 0."""
    zero = np.equal(x, 0.0)
    return np.where(zero, 0.0, f(np.where(zero, 1.0, x)))


# fmt: off
LOGIT     = unary("logit",     special.logit,     lambda g, y, x: g / (x * (1.0 - x)),                      "1/(x*(1 - x))",            r"\frac{1}{x(1-x)}")
LOG_EXPIT = unary("log_expit", special.log_expit, lambda g, y, x: g * _log1mexp_slope(y),                   "1 - exp(y)",               "1 - e^y")
ERF       = unary("erf",       special.erf,       lambda g, y, x: g * (2.0 / SQRT_PI) * np.exp(-x * x),      "2/sqrt(pi)*exp(-x**2)",    r"\tfrac{2}{\sqrt\pi} e^{-x^2}", scalar=math.erf)
ERFC      = unary("erfc",      special.erfc,      lambda g, y, x: g * (-2.0 / SQRT_PI) * np.exp(-x * x),     "-2/sqrt(pi)*exp(-x**2)",   r"\tfrac{-2}{\sqrt\pi} e^{-x^2}", scalar=math.erfc)
ERFCX     = unary("erfcx",     special.erfcx,     lambda g, y, x: g * (2.0 * x * y - 2.0 / SQRT_PI),         "2*x*y - 2/sqrt(pi)",       r"2xy - \tfrac{2}{\sqrt\pi}")
ERFINV    = unary("erfinv",    special.erfinv,    lambda g, y, x: g * (0.5 * SQRT_PI) * np.exp(y * y),       "sqrt(pi)/2*exp(y**2)",     r"\tfrac{\sqrt\pi}{2} e^{y^2}")
ERFCINV   = unary("erfcinv",   special.erfcinv,   lambda g, y, x: g * (-0.5 * SQRT_PI) * np.exp(y * y),      "-sqrt(pi)/2*exp(y**2)",    r"-\tfrac{\sqrt\pi}{2} e^{y^2}")
NDTR      = unary("ndtr",      special.ndtr,      lambda g, y, x: g * np.exp(-0.5 * x * x) / SQRT_2PI,       "exp(-x**2/2)/sqrt(2*pi)",  r"\tfrac{1}{\sqrt{2\pi}} e^{-x^2/2}")
NDTRI     = unary("ndtri",     special.ndtri,     lambda g, y, x: g * SQRT_2PI * np.exp(0.5 * y * y),        "sqrt(2*pi)*exp(y**2/2)",   r"\sqrt{2\pi} e^{y^2/2}")
LOG_NDTR  = unary("log_ndtr",  special.log_ndtr,  lambda g, y, x: g * _mills(y, x),                          "exp(-x**2/2 - y)/sqrt(2*pi)", r"\tfrac{1}{\sqrt{2\pi}} e^{-x^2/2 - y}")

GAMMALN   = unary("gammaln",   special.gammaln,   lambda g, y, x: g * PSI(x),                                "psi(x)",                   r"\psi(x)")
GAMMA     = unary("gamma",     special.gamma,     lambda g, y, x: g * (y * PSI(x)),                          "y*psi(x)",                 r"y\,\psi(x)")
PSI: Primitive = unary("psi",       special.psi,       lambda g, y, x: g * POLYGAMMA(x, n=1),                     "polygamma(1, x)",          r"\psi'(x)")
POLYGAMMA: Primitive = unary("polygamma", _polygamma_forward, lambda g, y, x, *, n: g * POLYGAMMA(x, n=n + 1),          "polygamma(n + 1, x)",      r"\psi^{(n+1)}(x)")

BESSEL_I0 = unary("bessel_i0", special.i0,        lambda g, y, x: g * BESSEL_I1(x),                          "i1(x)",                    "I_1(x)")
BESSEL_I1: Primitive = unary("bessel_i1", special.i1,        lambda g, y, x: g * (BESSEL_I0(x) - _i1_over_x(y, x)),     "i0(x) - y/x",              r"I_0(x) - \tfrac{y}{x}")
I0E       = unary("i0e",       special.i0e,       lambda g, y, x: g * (I1E(x) - np.sign(x) * y),             "i1e(x) - sign(x)*y",       r"e^{-|x|} I_1(x) - \operatorname{sign}(x) y", kinks="i0e'(0) = 0", branch=np.sign)
I1E: Primitive = unary("i1e",       special.i1e,       lambda g, y, x: g * (I0E(x) - _i1_over_x(y, x) - np.sign(x) * y), "i0e(x) - y/x - sign(x)*y", r"e^{-|x|} I_0(x) - \tfrac{y}{x} - \operatorname{sign}(x) y")
ENTR      = unary("entr",      special.entr,      lambda g, y, x: -g * (np.log(x) + 1.0),                    "-log(x) - 1",              r"-\ln x - 1")

BETA = binary("beta", special.beta,
    (lambda g, y, a, b: g * (y * (PSI(a) - PSI(a + b))),  "y*(psi(a) - psi(a + b))",  r"y(\psi(a) - \psi(a+b))"),
    (lambda g, y, a, b: g * (y * (PSI(b) - PSI(a + b))),  "y*(psi(b) - psi(a + b))",  r"y(\psi(b) - \psi(a+b))"))
BETALN = binary("betaln", special.betaln,
    (lambda g, y, a, b: g * (PSI(a) - PSI(a + b)),        "psi(a) - psi(a + b)",      r"\psi(a) - \psi(a+b)"),
    (lambda g, y, a, b: g * (PSI(b) - PSI(a + b)),        "psi(b) - psi(a + b)",      r"\psi(b) - \psi(a+b)"))
XLOGY = binary("xlogy", special.xlogy,
    (lambda g, y, a, b: g * np.log(b),                    "log(b)",                   r"\ln b"),
    (lambda g, y, a, b: g * _where_not_zero(a, lambda a: a / b),  "a/b",              r"\tfrac{a}{b}"))
XLOG1PY = binary("xlog1py", special.xlog1py,
    (lambda g, y, a, b: g * np.log1p(b),                  "log(1 + b)",               r"\ln(1 + b)"),
    (lambda g, y, a, b: g * _where_not_zero(a, lambda a: a / (1.0 + b)),  "a/(1 + b)", r"\tfrac{a}{1 + b}"))
REL_ENTR = binary("rel_entr", special.rel_entr,
    (lambda g, y, a, b: g * (np.log(a / b) + 1.0),        "log(a/b) + 1",             r"\ln\tfrac{a}{b} + 1"),
    (lambda g, y, a, b: -g * a / b,                       "-a/b",                     r"-\tfrac{a}{b}"))
KL_DIV = binary("kl_div", special.kl_div,
    (lambda g, y, a, b: g * np.log(a / b),                "log(a/b)",                 r"\ln\tfrac{a}{b}"),
    (lambda g, y, a, b: g * (1.0 - a / b),                "1 - a/b",                  r"1 - \tfrac{a}{b}"))
# fmt: on


def _i1_over_x(y: Any, x: Any) -> Any:
    """y/x, and its limit 1/2 at 0."""
    zero = np.equal(x, 0.0)
    return np.where(zero, 0.5, y / np.where(zero, 1.0, x))


TABLE: dict[str, Primitive] = {
    row.name: row for row in list(vars().values()) if isinstance(row, Primitive) and row is not SIGMOID
}

UFUNCS: dict[Any, Callable[..., Any]] = {
    special.expit: SIGMOID,
    special.i0: BESSEL_I0,
    special.i1: BESSEL_I1,
} | {
    getattr(special, name): row
    for name, row in TABLE.items()
    if isinstance(getattr(special, name, None), np.ufunc)
}
