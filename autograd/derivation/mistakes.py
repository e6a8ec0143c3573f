"""The mistakes that people make at one operation, as what it then passes on.

Each alters the derivative of a node. A claimed gradient that equals the one computed with an
alteration, at several points, was made with that mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.derivation.spelling import Speller
from autograd.derivation.sweep import part_of, raw_part_of
from autograd.errors import ChainruleError
from autograd.value import Value


@dataclass(frozen=True)
class Mistake:
    """One way to differentiate a node wrongly.

    Attributes:
        kind: a word for programs, "missing factor".
        text: what a person reads, made by a speller from the node and the number of the input.
        alter: what the node then passes to an input: (node, i, g) to the part, or None for nothing.
    """

    kind: str
    text: Callable[[Speller, Value, int], str]
    alter: Callable[[Value, int, Any], Any]


def of_node(node: Value) -> Iterator[tuple[Mistake, int | None]]:
    """The mistakes that fit a node; for one input, or for all of them alike."""
    name = node.primitive.name  # type: ignore[union-attr]
    wanting = [i for i, p in enumerate(node.parents) if p.requires_grad]
    if name == "matmul":
        for i in wanting:
            yield from ((m, i) for m in _PRODUCTS)
    elif name in _BY_NAME:
        yield from ((m, i) for m in _BY_NAME[name] for i in wanting)
    if node.primitive.kind == "elementwise":  # type: ignore[union-attr]
        yield from ((m, i) for m in _ELEMENTWISE for i in wanting)
        if len(node.parents) == 1:
            yield from ((m, 0) for m in _FUNCTIONS)
    for i in wanting:
        if node.parents[i].shape != node.shape and name in _BROADCASTING:
            yield from ((m, i) for m in _UNSUMMED)
    yield from ((DROPPED, i) for i in wanting)
    yield from ((NEGATED, i) for i in wanting)


# -- at any node ----------------------------------------------------------------------------

NEGATED = Mistake(
    "sign",
    lambda s, node, i: (
        f"the sign is wrong in the derivative of {s.node(node)} with respect to {s.node(node.parents[i])}"
    ),
    lambda node, i, g: -part_of(node, i, g),
)

DROPPED = Mistake(
    "missing path",
    lambda s, node, i: (
        f"the path through {s.node(node)} is missing: {s.node(node.parents[i])} is used there too"
    ),
    lambda node, i, g: None,
)


def _factor_missing(s: Speller, node: Value, i: int) -> str:
    x = s.node(node.parents[i])
    if len(node.parents) == 1:
        return (
            f"the factor {s.derivative(node, i)} is missing: the derivative of {node.primitive.name} at {x}"  # type: ignore[union-attr]
        )
    return (
        f"the factor {s.derivative(node, i)} is missing: the derivative of {s.node(node)} with respect to {x}"
    )


def _twice(node: Value, i: int, g: Any) -> Any:
    once = part_of(node, i, g)
    return part_of(node, i, once) if np.shape(once) == node.shape else NotImplemented


_ELEMENTWISE = [
    Mistake("missing factor", _factor_missing, lambda node, i, g: g),
    Mistake(
        "extra factor",
        lambda s, node, i: (
            f"the factor {s.derivative(node, i)} is there twice: the derivative of {s.node(node)}"
        ),
        _twice,
    ),
]

# -- at a function of one variable ----------------------------------------------------------


def _at_result(node: Value, i: int, g: Any) -> Any:
    """The derivative at y = f(x) where it should be at x: sigma'(a) for sigma'(z)."""
    primitive, params = node.primitive, node.params or {}
    y = primitive.forward(node.data, **params)  # type: ignore[union-attr]
    return primitive.rule(0)(g, y, node.data, **params)  # type: ignore[union-attr]


def _formula_at_input(node: Value, i: int, g: Any) -> Any:
    """The formula in y, applied to x: 1 - z**2 for 1 - tanh(z)**2."""
    x = node.parents[0].data
    return node.primitive.rule(0)(g, x, x, **(node.params or {}))  # type: ignore[union-attr]


_FUNCTIONS = [
    Mistake(
        "wrong variable",
        lambda s, node, i: (
            f"the derivative of {node.primitive.name} is taken at its result "  # type: ignore[union-attr]
            f"{s.node(node)}, not at {s.node(node.parents[0])}"
        ),
        _at_result,
    ),
    Mistake(
        "wrong variable",
        lambda s, node, i: (
            f"the derivative of {node.primitive.name} is {s.derivative(node, 0)}: "  # type: ignore[union-attr]
            f"its formula was applied to {s.node(node.parents[0])} in the place of {s.node(node)}"
        ),
        _formula_at_input,
    ),
    Mistake(
        "wrong factor",
        lambda s, node, i: f"the factor is {s.node(node)} itself, not its derivative {s.derivative(node, 0)}",
        lambda node, i, g: g * node.data,
    ),
]

# -- at products ------------------------------------------------------------------------------


def _own_factor(node: Value, i: int, g: Any) -> Any:
    return raw_part_of(node, 1 - i, g)


def _spell_other(s: Speller, node: Value, i: int) -> str:
    own, other = s.node(node.parents[i]), s.node(node.parents[1 - i])
    return f"the derivative of {s.node(node)} with respect to {own} has the factor {other}, not {own}"


def _product(kind: str, what: str, make: Callable[[Any, Any], Any]) -> Mistake:
    def text(s: Speller, node: Value, i: int) -> str:
        y = s.node(node)
        return (
            f"{what} in the derivative of {y}: it is {s.passed_on('g', node, i)}, with g the gradient of {y}"
        )

    return Mistake(kind, text, lambda node, i, g: make(np.asarray(g), np.asarray(node.parents[1 - i].data)))


_T = "a transpose is missing or too many"
_S = "the operands of the matrix product are swapped"
_E = "an elementwise product takes the place of the matrix product"
_PRODUCTS = [
    _product("transpose", _T, lambda g, other: g @ other),
    _product("transpose", _T, lambda g, other: other @ g),
    _product("transpose", _T, lambda g, other: g.T @ other),
    _product("transpose", _T, lambda g, other: other @ g.T),
    _product("transpose", _T, lambda g, other: g.T @ other.T),
    _product("swapped operands", _S, lambda g, other: other.T @ g),
    _product("swapped operands", _S, lambda g, other: g @ other.T),
    _product("elementwise product", _E, lambda g, other: g * other),
    _product("elementwise product", _E, lambda g, other: g * other.T),
]

# -- at particular operations -----------------------------------------------------------------


def _power(lowered: bool, factor: bool) -> Callable[[Value, int, Any], Any]:
    def alter(node: Value, i: int, g: Any) -> Any:
        a, b = (p.data for p in node.parents)
        return NotImplemented if i else g * (b if factor else 1.0) * np.power(a, b - 1.0 if lowered else b)

    return alter


def _diagonal(node: Value, i: int, g: Any) -> Any:
    return g * node.data * (1.0 - node.data)


def _overwritten(node: Value, i: int, g: Any) -> Any:
    part = np.zeros(node.parents[0].shape)
    part[(node.params or {})["index"]] = g
    return part


_BY_NAME: dict[str, list[Mistake]] = {
    "multiply": [Mistake("wrong factor", _spell_other, _own_factor)],
    "divide": [
        Mistake(
            "wrong factor",
            lambda s, node, i: (
                f"the derivative of {s.node(node)} with respect to {s.node(node.parents[i])} "
                f"is {s.derivative(node, i)}"
            ),
            lambda node, i, g: -g * node.data if i else g * node.parents[1].data,
        )
    ],
    "power": [
        Mistake(
            "constant factor",
            lambda s, node, i: f"the exponent is missing as a factor in the derivative of {s.node(node)}",
            _power(lowered=True, factor=False),
        ),
        Mistake(
            "wrong factor",
            lambda s, node, i: f"the exponent is not lowered by one in the derivative of {s.node(node)}",
            _power(lowered=False, factor=True),
        ),
    ],
    "softmax": [
        Mistake(
            "diagonal of Jacobian",
            lambda s, node, i: (
                f"only the diagonal of the Jacobian of {s.node(node)} is used: "
                "softmax has the Jacobian diag(s) - s s^T, and every output depends on every input"
            ),
            _diagonal,
        ),
        Mistake(
            "missing factor",
            lambda s, node, i: (
                f"the Jacobian of {s.node(node)} is missing: the gradient is passed on as it is"
            ),
            lambda node, i, g: g,
        ),
    ],
    "getitem": [
        Mistake(
            "repeated indices",
            lambda s, node, i: (
                f"repeated indices of {s.node(node)} overwrite each other: their gradients add up (np.add.at)"
            ),
            _overwritten,
        )
    ],
}

# -- where broadcasting is undone ----------------------------------------------------------------

_BROADCASTING = {"add", "subtract", "multiply", "divide", "maximum", "minimum", "broadcast_to", "where"}


def _summed(kind: str, what: str, make: Callable[[Any, tuple[int, ...]], Any]) -> Mistake:
    def text(s: Speller, node: Value, i: int) -> str:
        parent = node.parents[i]
        return f"{what}: {s.node(parent)} of shape {parent.shape} was repeated to {node.shape}"

    def alter(node: Value, i: int, g: Any) -> Any:
        raw = raw_part_of(node, i, g)
        return (
            NotImplemented if raw is None else make(np.broadcast_to(raw, node.shape), node.parents[i].shape)
        )

    return Mistake(kind, text, alter)


def _repeated_axes(wide: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    padded = (1,) * (wide.ndim - len(shape)) + shape
    return tuple(k for k, (m, n) in enumerate(zip(wide.shape, padded, strict=True)) if n == 1 and m != 1)


def _fitted(part: Any, shape: tuple[int, ...]) -> Any:
    return np.reshape(part, shape) if np.size(part) == int(np.prod(shape)) else part


_UNSUMMED = [
    _summed("missing sum", "the sum over the batch is missing", lambda wide, shape: wide),
    _summed(
        "mean for sum",
        "the mean was taken over the batch where the sum belongs",
        lambda wide, shape: _fitted(wide.mean(axis=_repeated_axes(wide, shape)), shape),
    ),
    _summed("wrong axis", "the sum was taken over everything", lambda wide, shape: wide.sum()),
    _summed(
        "wrong axis",
        "the sum was taken over the wrong axis",
        lambda wide, shape: wide.sum(
            axis=tuple(k for k in range(wide.ndim) if k not in _repeated_axes(wide, shape))
        ),
    ),
    _summed(
        "missing sum", "only the first row of the batch is used", lambda wide, shape: _fitted(wide[:1], shape)
    ),
]


def altered_part(mistake: Mistake, node: Value, i: int, g: Any) -> Any:
    """What a node passes on with a mistake; NotImplemented where the mistake cannot be made."""
    try:
        with np.errstate(all="ignore"):
            return mistake.alter(node, i, g)
    except (ValueError, IndexError, TypeError, ArithmeticError, ChainruleError):
        return NotImplemented
