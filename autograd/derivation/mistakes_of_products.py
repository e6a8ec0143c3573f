"""The mistakes that people make in the derivative of a matrix product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.derivation.named import Mistake
from autograd.derivation.spelling import Speller
from autograd.value import Value


def _product(kind: str, what: str, make: Callable[[Any, Any], Any]) -> Mistake:
    def text(s: Speller, node: Value, i: int) -> str:
        y = s.node(node)
        return (
            f"{what} in the derivative of {y}: it is {s.passed_on('g', node, i)}, with g the gradient of {y}"
        )

    return Mistake(kind, text, lambda node, i, g: make(np.asarray(g), np.asarray(node.parents[1 - i].data)))


def _mt(x: Any) -> Any:
    return np.swapaxes(x, -1, -2) if x.ndim > 1 else x


_T = "a transpose is missing or too many"
_S = "the operands of the matrix product are swapped"
_E = "an elementwise product takes the place of the matrix product"
PRODUCTS = [
    _product("transpose", _T, lambda g, other: g @ other),
    _product("transpose", _T, lambda g, other: other @ g),
    _product("transpose", _T, lambda g, other: _mt(g) @ other),
    _product("transpose", _T, lambda g, other: other @ _mt(g)),
    _product("transpose", _T, lambda g, other: _mt(other) @ _mt(g)),
    _product("transpose", _T, lambda g, other: _mt(g) @ _mt(other)),
    _product("swapped operands", _S, lambda g, other: _mt(other) @ g),
    _product("swapped operands", _S, lambda g, other: g @ _mt(other)),
    _product("elementwise product", _E, lambda g, other: g * other),
    _product("elementwise product", _E, lambda g, other: g * other.T),
    _product("elementwise product", _E, lambda g, other: (g * other).sum(axis=0)),
    _product("elementwise product", _E, lambda g, other: (g * other).sum(axis=-1)),
    _product("elementwise product", _E, lambda g, other: (g[..., None] * other).sum()),
]
