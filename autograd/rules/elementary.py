"""Elementary functions: exponential, logarithm, root, trigonometric."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitive import binary, unary


def _share(x: Any, y: Any) -> Any:
    """exp(x) / exp(y), 0 where both are exp(-inf)."""
    return np.exp(x - np.where(y == -np.inf, 0.0, y))


# fmt: off
#             name    forward  derivative (VJP)                  as text     LaTeX
EXP  = unary("exp",  np.exp,  lambda g, y, x: g * y,            "y",        "y",             scalar=math.exp)
LOG  = unary("log",  np.log,  lambda g, y, x: g / x,            "1/x",      r"\frac{1}{x}",  scalar=math.log)
SQRT = unary("sqrt", np.sqrt, lambda g, y, x: g / (2.0 * y),    "1/(2*y)",  r"\frac{1}{2y}", scalar=math.sqrt,
             kinks="sqrt'(0) = inf")
SIN  = unary("sin",  np.sin,  lambda g, y, x: g * np.cos(x),    "cos(x)",   r"\cos x",       scalar=math.sin)
COS  = unary("cos",  np.cos,  lambda g, y, x: -g * np.sin(x),   "-sin(x)",  r"-\sin x",      scalar=math.cos)
TANH = unary("tanh", np.tanh, lambda g, y, x: g * (1.0 - y * y), "1 - y**2", "1 - y^2",      scalar=math.tanh)

# log(exp(a) + exp(b)) without overflow: the exponents of the derivatives are never positive.
LOGADDEXP = binary("logaddexp", np.logaddexp,
    (lambda g, y, a, b: g * _share(a, y),  "exp(a - y)", r"e^{a-y}"),
    (lambda g, y, a, b: g * _share(b, y),  "exp(b - y)", r"e^{b-y}"))
# fmt: on
