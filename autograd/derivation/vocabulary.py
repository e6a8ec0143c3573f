"""The words of formulas: functions, their derivatives and the operators, with their limits.

Everything is computed on floats and arrays of floats, or on Values: so a power costs the same
whatever its exponent is. How large a result becomes is known before it is computed.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import activations
from autograd.errors import InvalidArgument

MOST_ELEMENTS = 1_000_000
CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}


@dataclass(frozen=True)
class Function:
    """One function of the notation.

    Attributes:
        run: on floats, arrays and Values.
        fewest, most: numbers of arguments.
        options: keywords that it takes.
        size: of the result, from the shapes of the arguments, where it may be larger than they are.
    """

    run: Callable[..., Any]
    fewest: int = 1
    most: int = 1
    options: tuple[str, ...] = ()
    size: Callable[..., int] | None = None


def broadcast_size(*shapes: tuple[int, ...]) -> int:
    """Elements of the result of an elementwise operation."""
    try:
        return math.prod(np.broadcast_shapes(*shapes))
    except ValueError:
        raise InvalidArgument(f"the shapes {_listed(shapes)} do not fit together") from None


def product_size(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """Elements of a matrix product."""
    if not a or not b:
        raise InvalidArgument("@ is the product of matrices and vectors: write * for numbers")
    if a[-1] != (b[-2] if len(b) > 1 else b[0]):
        raise InvalidArgument(f"the shapes {_listed((a, b))} do not fit together in a matrix product")
    columns = b[-1] if len(b) > 1 else 1
    return broadcast_size(a[:-2], b[:-2]) * (a[-2] if len(a) > 1 else 1) * columns


def _dot_size(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    if not a or not b:
        return broadcast_size(a, b)
    if len(a) > 2 or len(b) > 2:
        raise InvalidArgument("dot takes vectors and matrices: write @ for stacks of matrices")
    return product_size(a, b)


def _listed(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " and ".join(map(str, shapes))


def _largest(*xs: Any, **options: Any) -> Any:
    """``max(z)`` of all elements, and ``max(0, z)`` of two, which is how notes write the ReLU."""
    return np.maximum(*xs) if len(xs) == 2 else np.max(xs[0], **options)


def _smallest(*xs: Any, **options: Any) -> Any:
    return np.minimum(*xs) if len(xs) == 2 else np.min(xs[0], **options)


def _step(holds: Any, yes: float = 1.0, no: float = 0.0) -> Any:
    return np.where(holds, yes, no)


_AXES, _REDUCED = ("axis",), ("axis", "keepdims")

FUNCTIONS: dict[str, Function] = {
    "sigmoid": Function(activations.sigmoid),
    "σ": Function(activations.sigmoid),
    "tanh": Function(activations.tanh),
    "relu": Function(activations.relu),
    "leaky_relu": Function(activations.leaky_relu, most=2),
    "softmax": Function(activations.softmax, options=_AXES),
    "log_softmax": Function(activations.log_softmax, options=_AXES),
    "logsumexp": Function(activations.logsumexp, options=_REDUCED),
    "exp": Function(np.exp),
    "log": Function(np.log),
    "ln": Function(np.log),
    "sqrt": Function(np.sqrt),
    "sin": Function(np.sin),
    "cos": Function(np.cos),
    "tan": Function(np.tan),
    "sinh": Function(np.sinh),
    "cosh": Function(np.cosh),
    "arctan": Function(np.arctan),
    "abs": Function(np.abs),
    "sign": Function(np.sign),
    "square": Function(np.square),
    "sum": Function(np.sum, options=_REDUCED),
    "mean": Function(np.mean, options=_REDUCED),
    "var": Function(np.var, options=_REDUCED),
    "std": Function(np.std, options=_REDUCED),
    "max": Function(_largest, most=2, options=_REDUCED, size=broadcast_size),
    "min": Function(_smallest, most=2, options=_REDUCED, size=broadcast_size),
    "maximum": Function(np.maximum, 2, 2, size=broadcast_size),
    "minimum": Function(np.minimum, 2, 2, size=broadcast_size),
    "dot": Function(np.dot, 2, 2, size=_dot_size),
    "outer": Function(np.outer, 2, 2, size=lambda a, b: math.prod(a) * math.prod(b)),
    "transpose": Function(np.transpose),
    "where": Function(np.where, 3, 3, size=broadcast_size),
}

_SLOPES: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda x: activations.sigmoid(x) * (1.0 - activations.sigmoid(x)),
    "tanh": lambda x: 1.0 - activations.tanh(x) ** 2,
    "relu": lambda x: _step(x > 0.0),
    "leaky_relu": lambda x: _step(x > 0.0, no=0.01),
    "exp": np.exp,
    "log": lambda x: 1.0 / x,
    "sqrt": lambda x: 0.5 / np.sqrt(x),
    "sin": np.cos,
    "cos": lambda x: -np.sin(x),
    "tan": lambda x: 1.0 / np.cos(x) ** 2,
    "sinh": np.cosh,
    "cosh": np.sinh,
    "arctan": lambda x: 1.0 / (1.0 + x**2),
    "abs": np.sign,
    "square": lambda x: 2.0 * x,
}
_SLOPES |= {"σ": _SLOPES["sigmoid"], "ln": _SLOPES["log"]}

# f'(z) for the functions f of one variable.
DERIVATIVES: dict[str, Function] = {f"{name}'": Function(slope) for name, slope in _SLOPES.items()}


def _juxtaposed(a: Any, b: Any) -> Any:
    """``a b``, ``a·b`` and ``a × b``: of arrays these are matrix products to some, elementwise to others."""
    if np.ndim(a) and np.ndim(b):
        raise InvalidArgument(
            f"a product of arrays of shapes {_listed((np.shape(a), np.shape(b)))} must say which one it is: "
            "write @ for the matrix product, * for element by element"
        )
    return a * b


def _truth(f: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A comparison as a number: 1 where it holds."""

    def compare(a: Any, b: Any) -> Any:
        holds = f(a, b)
        return float(holds) if np.ndim(holds) == 0 else np.asarray(holds, float)

    return compare


# An operator and the size of its result. "%" stands for a product without a sign.
OPERATORS: dict[type[Any], tuple[Callable[..., Any], Callable[..., int]]] = {
    ast.Add: (operator.add, broadcast_size),
    ast.Sub: (operator.sub, broadcast_size),
    ast.Mult: (operator.mul, broadcast_size),
    ast.Mod: (_juxtaposed, lambda a, b: 1 if a and b else broadcast_size(a, b)),
    ast.Div: (operator.truediv, broadcast_size),
    ast.Pow: (operator.pow, broadcast_size),
    ast.MatMult: (operator.matmul, product_size),
    ast.Gt: (_truth(operator.gt), broadcast_size),
    ast.GtE: (_truth(operator.ge), broadcast_size),
    ast.Lt: (_truth(operator.lt), broadcast_size),
    ast.LtE: (_truth(operator.le), broadcast_size),
    ast.Eq: (_truth(operator.eq), broadcast_size),
    ast.NotEq: (_truth(operator.ne), broadcast_size),
}
