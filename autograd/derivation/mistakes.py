"""The mistakes that people make at one operation, as what it then passes on.

Each alters the derivative of a node. A claimed gradient that equals the one computed with an
alteration, at several points, was made with that mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.derivation.mistakes_of_products import PRODUCTS
from autograd.derivation.mistakes_of_sums import BROADCASTING, SUMS
from autograd.derivation.named import Mistake
from autograd.derivation.spelling import Speller
from autograd.derivation.sweep import part_of, raw_part_of
from autograd.errors import ChainruleError
from autograd.value import Value


def of_node(node: Value) -> Iterator[tuple[Mistake, int]]:
    """The mistakes that fit a node, each for one of its inputs."""
    wanting = [i for i, p in enumerate(node.parents) if p.requires_grad]
    yield from searched(node)
    if _is_function(node):
        yield from ((m, 0) for m in _FUNCTIONS)
    yield from ((DROPPED, i) for i in wanting)
    yield from ((NEGATED, i) for i in wanting)


def searched(node: Value) -> Iterator[tuple[Mistake, int]]:
    """Those of them that are tried one by one.

    The others are found more generally: signs and missing paths by solving for what each path
    contributes, derivatives of functions by their formula, however the function was written.
    """
    name = node.primitive.name  # type: ignore[union-attr]
    wanting = [i for i, p in enumerate(node.parents) if p.requires_grad]
    if name == "matmul":
        yield from ((m, i) for i in wanting for m in PRODUCTS)
    yield from ((m, i) for m in _BY_NAME.get(name, ()) for i in wanting)
    if node.primitive.kind == "elementwise" and not _is_function(node):  # type: ignore[union-attr]
        yield from ((m, i) for m in _ELEMENTWISE for i in wanting)
    for i in wanting:
        if node.parents[i].shape != node.shape and name in BROADCASTING:
            yield from ((m, i) for m in SUMS)


def _is_function(node: Value) -> bool:
    return len(node.parents) == 1 and node.primitive.kind == "elementwise"  # type: ignore[union-attr]


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


_LINEAR = {"multiply", "divide"}


def _undivided(node: Value, i: int, g: Any) -> Any:
    """The gradient as it came, where the derivative is not 1 or -1 anyway."""
    local = raw_part_of(node, i, np.ones(node.shape))
    fixed = all(not p.requires_grad and np.size(p.data) == 1 for k, p in enumerate(node.parents) if k != i)
    if local is None or np.all(np.abs(local) == 1.0) or (fixed and node.primitive.name in _LINEAR):  # type: ignore[union-attr]
        return NotImplemented  # a constant is found as such
    return g


def _twice(node: Value, i: int, g: Any) -> Any:
    if _undivided(node, i, g) is NotImplemented:
        return NotImplemented
    once = part_of(node, i, g)
    return part_of(node, i, once) if np.shape(once) == node.shape else NotImplemented


_ELEMENTWISE = [
    Mistake("missing factor", _factor_missing, _undivided),
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


def _own_factor(node: Value, i: int, g: Any) -> Any:
    return raw_part_of(node, 1 - i, g)


def _spell_other(s: Speller, node: Value, i: int) -> str:
    own, other = s.node(node.parents[i]), s.node(node.parents[1 - i])
    return f"the derivative of {s.node(node)} with respect to {own} has the factor {other}, not {own}"


# -- at particular operations -----------------------------------------------------------------


def _power(lowered: bool, factor: bool) -> Callable[[Value, int, Any], Any]:
    def alter(node: Value, i: int, g: Any) -> Any:
        a, b = (p.data for p in node.parents)
        return NotImplemented if i else g * (b if factor else 1.0) * np.power(a, b - 1.0 if lowered else b)

    return alter


def _overwritten(node: Value, i: int, g: Any) -> Any:
    part = np.zeros(node.parents[0].shape)
    part[(node.params or {})["index"]] = g
    return part


_BY_NAME: dict[str, list[Mistake]] = {
    "multiply": [Mistake("wrong variable", _spell_other, _own_factor)],
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


def altered_part(mistake: Mistake, node: Value, i: int, g: Any) -> Any:
    """What a node passes on with a mistake; NotImplemented where the mistake cannot be made."""
    try:
        with np.errstate(all="ignore"):
            return mistake.alter(node, i, g)
    except (ValueError, IndexError, TypeError, ArithmeticError, ChainruleError):
        return NotImplemented
