"""Every path from an output to a Value in a graph of scalars: counted, summed, the largest found.

A path goes from one named node to the next. What lies between two of them without a name is
multiplied out into one factor (``0.5 * d * d`` passes on ``d``, not ``0.5 * d`` twice); where that
would grow, a node is given a name. Paths are never listed: their number and their sum are those
of the ways into each node, and the largest ones are kept node by node.
"""

from __future__ import annotations

import ast
import heapq
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.formula import Product, as_product, number, times
from autograd.spelling import Speller
from autograd.value import Value
from autograd.walk import parts

MOST_WAYS, MOST_FACTORS = 6, 6


@dataclass(frozen=True, slots=True)
class Step:
    """From one named node towards another.

    Attributes:
        start: the node nearer to the output.
        product: the derivative in symbols.
        value: the derivative.
        count: how many paths of the graph were written together.
    """

    start: Value
    product: Product
    value: float
    count: int


@dataclass(frozen=True, slots=True)
class Way:
    """A path from the output so far: its last step, and the way to there."""

    node: Value
    value: float
    before: Way | None = None
    step: Step | None = None

    def __iter__(self) -> Iterator[Way]:
        """The ways along the path, from the output on."""
        ways: list[Way] = []
        way: Way | None = self
        while way is not None:
            ways.append(way)
            way = way.before
        return reversed(ways)


Steps = dict[Value, list[Step]]


def on_the_way(order: list[Value], wrt: Value) -> set[Value]:
    """The nodes that depend on ``wrt``, itself included, and pass a gradient to it."""
    found = {wrt}
    for node in order:
        if node.requires_grad and not found.isdisjoint(node.parents):
            found.add(node)
    return found


def steps_between_names(order: list[Value], wrt: Value, speller: Speller) -> Steps:
    """The steps that end at each named node, the output first and ``wrt`` last."""
    nodes = on_the_way(order, wrt)
    arriving: dict[Value, dict[Any, Step]] = {order[-1]: {}}
    steps: Steps = {}
    for node in reversed(order):
        if node not in nodes or node not in arriving:
            continue
        ways = arriving.pop(node)
        local = [] if node is wrt else list(_local_derivatives(node, nodes, speller))
        if node is order[-1] or node is wrt or node in speller.names or _grown(ways):
            speller.named(node)
            steps[node] = list(ways.values())
            ways = {None: Step(node, Product(1.0), 1.0, 1)}
        for parent, product, value in local:
            _add(arriving.setdefault(parent, {}), ways, product, value)
    steps.setdefault(wrt, [])  # every path is cut off
    return steps


def count(steps: Steps) -> tuple[int, int]:
    """How many paths the graph has, and how many differ as they are written."""
    whole: dict[Value, tuple[int, int]] = {}
    for node, arriving in steps.items():
        if not whole:
            whole[node] = 1, 1
            continue
        ways = [(s.count * whole[s.start][0], whole[s.start][1]) for s in arriving]
        whole[node] = sum(n for n, _ in ways), sum(n for _, n in ways)
    return whole[next(reversed(steps))]


def largest(steps: Steps, most: int) -> list[Way]:
    """The paths that contribute most, by size."""
    best: dict[Value, list[Way]] = {}
    for node, arriving in steps.items():
        ways = [
            Way(node, before.value * step.value, before, step)
            for step in arriving
            for before in best[step.start]
        ]
        best[node] = heapq.nlargest(most, ways, key=_size) if best else [Way(node, 1.0)]
    return best[next(reversed(steps))]


def total(steps: Steps) -> float:
    """The sum over all paths."""
    sums: dict[Value, float] = {}
    for node, arriving in steps.items():
        sums[node] = sum([s.value * sums[s.start] for s in arriving]) if sums else 1.0
    return sums[next(reversed(steps))]


def _size(way: Way) -> float:
    return math.inf if math.isnan(way.value) else abs(way.value)


def _grown(ways: Mapping[Any, Step]) -> bool:
    return len(ways) > MOST_WAYS or any(len(s.product.factors) > MOST_FACTORS for s in ways.values())


def _add(arriving: dict[Any, Step], ways: Mapping[Any, Step], product: Product, value: float) -> None:
    """Lengthen the ways by one derivative; those that are alike become one."""
    for way in ways.values():
        new = times(way.product, product) if product.factors else _scaled(way.product, product.coefficient)
        key = way.start, new.key
        known = arriving.get(key)
        if known is None:
            arriving[key] = Step(way.start, new, way.value * value, way.count)
        else:
            merged = Product(known.product.coefficient + new.coefficient, new.factors)
            arriving[key] = Step(way.start, merged, known.value + way.value * value, known.count + way.count)


def _scaled(product: Product, by: float) -> Product:
    return Product(product.coefficient * by, product.factors)


def _local_derivatives(
    node: Value, nodes: set[Value], speller: Speller
) -> Iterator[tuple[Value, Product, float]]:
    """Each parent on the way, with the derivative in symbols and as a number."""
    one = 1.0 if type(node.data) is float else np.ones((), node.dtype)[()]
    with np.errstate(all="ignore"):
        values = [(i, float(part)) for i, part in parts(node, one)]
    for i, value in values:
        parent = node.parents[i]
        if parent in nodes and not _cut_off(node, i):
            yield parent, _symbols(node, i, value, speller), value


def _cut_off(node: Value, i: int) -> bool:
    """True for a branch not taken, to which no gradient goes at all."""
    selects = node.primitive.selects if node.primitive else None
    if selects is None:
        return False
    return not np.all(selects(i, *[p.data for p in node.parents], **(node.params or {})))


def _symbols(node: Value, i: int, value: float, speller: Speller) -> Product:
    primitive = node.primitive
    if primitive is not None and (primitive.selects is not None or primitive.kind == "arrangement"):
        return Product(value)
    formula, _ = speller.derivative(node, i, number(1.0))
    if isinstance(formula, ast.IfExp) or (formula is None and value == 1.0):
        return Product(value)  # a branch that was taken; a rearrangement
    return Product(1.0, ((speller.prime(node, i), 1.0),)) if formula is None else as_product(formula)
