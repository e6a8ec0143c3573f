"""How an input may be moved: freely, or in the form that its numbers have, as labels and masks do.

A claim such as ``dz = p - y`` is true of labels only, whose rows sum to one. So what holds zeros
and ones, or shares of one, keeps that form where no gradient is claimed for it. Ones alone are the
usual start of a scale, and a symmetric 0/1 matrix in a product hides a missing transpose: both are
moved as any other number is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd.derivation.naming import short, variable_of
from autograd.derivation.sides import Point
from autograd.derivation.state import paths
from autograd.trees import leaves
from autograd.value import Value

FREE, STAYS, SHARES = "free", "stays", "shares"
CONSTANTS = ("I", "Id", "eye", "identity", "ones")  # their names say that they are nothing else
PRODUCTS = ("matmul", "einsum")


def forms(point: Point, names: Mapping[str, str] | None = None, kept: bool = True) -> list[str]:
    """For each leaf of the inputs how it is moved, in the order of the leaves.

    What the cost does not depend on stays, as a learning rate or a momentum of zero; the others
    keep a form they have, or are free as well if nothing is to be ``kept``.
    """
    inside, having = set(point.order), with_form(point, names) if kept else {}

    def way(v: Any) -> str:
        if not isinstance(v, Value):
            return FREE
        return having[v][1] if v in having else FREE if v in inside else STAYS

    return [way(v) for v in leaves(point.values)]


def with_form(point: Point, names: Mapping[str, str] | None = None) -> dict[Value, tuple[str, str]]:
    """The inputs that keep a form, each with its name and the way it is moved."""
    claimed = _claimed(point, (names or {}).values())
    given = [(short(path), v) for name, tree in point.values.items() for path, v in paths(name, tree)]
    inside = {v: name for name, v in given if isinstance(v, Value) and v in point.uses and v not in claimed}
    ways = {v: _form(v, name, point) for v, name in inside.items()}
    return {v: (name, ways[v]) for v, name in inside.items() if ways[v] != FREE}


def _claimed(point: Point, told: Iterable[str]) -> set[Value]:
    """The inputs of which the backward side names a gradient."""
    variables = {variable_of(name, point.nodes) for name in {s.name for s in point.steps}} | set(told)
    return {v for name in variables if name in point.nodes for v in point.nodes[name]}


def _form(v: Value, name: str, point: Point) -> str:
    x = np.asarray(v.data)
    if x.ndim == 0 or x.size < 2 or not np.all(np.isfinite(x)):
        return FREE
    if not is_coded(x):
        return SHARES if share_axis(x) is not None else FREE
    if name in CONSTANTS:
        return STAYS
    return FREE if np.all(x == 1.0) or _hides_transpose(v, point) else STAYS


def is_coded(x: Any) -> bool:
    """True for zeros and ones: classes, a mask, or a scale that was not trained yet."""
    return bool(np.all((x == 0.0) | (x == 1.0)) and np.any(x == 1.0))


def _hides_transpose(v: Value, point: Point) -> bool:
    """True for a permutation such as the identity that is its own transpose, in a product."""
    x = v.data
    if x.ndim != 2 or x.shape[0] != x.shape[1] or not np.array_equal(x, x.T) or np.any(x.sum(0) != 1.0):
        return False
    uses = [child for child, _ in point.uses.get(v, [])]
    uses += [child for use in uses if _called(use) == "transpose" for child, _ in point.uses.get(use, [])]
    return any(_called(use) in PRODUCTS for use in uses)


def _called(node: Value) -> str:
    return node.primitive.name if node.primitive is not None else ""


def share_axis(x: Any) -> int | None:
    """The axis along which numbers that are not negative sum to one.

    >>> share_axis(np.array([[0.2, 0.8], [0.5, 0.5]])), share_axis(np.array([0.2, 0.7])) is None
    (-1, True)
    """
    axes = [k for k in range(-1, -1 - x.ndim, -1) if x.shape[k] > 1]
    if x.dtype.kind != "f" or np.any(x < 0.0):
        return None
    return next((k for k in axes if np.allclose(x.sum(axis=k), 1.0, rtol=0.0, atol=1e-9)), None)


# -- notes --------------------------------------------------------------------------------------

_KEPT = {
    STAYS: "{} holds zeros and ones only, and stayed as it is: for other numbers this may be wrong",
    SHARES: "{} sums to one, and was moved so that it still does: elsewhere this may be wrong",
}


def on_forms(kept: Iterable[tuple[str, str]]) -> list[str]:
    """What was not shown, as inputs kept their form."""
    return [_KEPT[way].format(name) for name, way in dict.fromkeys(kept)]


def at_given_inputs_only(point: Point, names: Mapping[str, str] | None) -> list[str]:
    """What to say where all is right at the given inputs, and not around them."""
    ways = dict(zip(map(id, leaves(point.values)), forms(point, names), strict=True))
    given = [(short(path), v) for name, tree in point.values.items() for path, v in paths(name, tree)]
    moved = [(name, v) for name, v in given if isinstance(v, Value) and ways[id(v)] != STAYS]
    claimed = _claimed(point, (names or {}).values())
    coded = [name for name, v in moved if v.ndim and is_coded(v.data) and v not in claimed]
    hint = f". If {coded[0]} stands for labels or a mask, give integers: they stay" if coded else ""
    changed = ", ".join(dict.fromkeys(name for name, _ in moved))
    return [
        f"all is right at your inputs, but not at others nearby, where these were changed: {changed}{hint}"
    ]
