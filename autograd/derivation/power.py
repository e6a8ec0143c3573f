"""What a check could see: a second referee beside the engine, and mistakes it would miss here."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.checking.differences import SWEEP, central
from autograd.derivation.claims import Claim, close
from autograd.derivation.mistakes import altered_part, of_node
from autograd.derivation.named import Mistake
from autograd.derivation.search import Case
from autograd.derivation.sides import Point
from autograd.trees import leaves, tree_map
from autograd.value import Value

MOST_TRIED, NEARBY = 300, 8
FEWEST, MOST_WORK = 2, 1_000_000  # mistakes at one operation; elements that may be compared there


def differences_doubt(
    point: Point, output: Callable[[Mapping[str, Any]], Value], rng: np.random.Generator
) -> str:
    """Compare the engine with central differences of the cost; empty if they agree, else how not.

    Along a random direction of all inputs at once, so that the price does not depend on their
    number.
    """
    inputs = [v for v in leaves(point.values) if isinstance(v, Value)]
    sizes = {v: float(np.sqrt(np.mean(np.square(v.data)))) if v.size else 0.0 for v in inputs}
    usual = min(1.0, max(1e-3, *sizes.values())) if sizes else 1.0  # for what is 0
    direction = {v: (sizes[v] or usual) * rng.normal(size=v.shape) for v in inputs}
    slope = sum(float(np.sum(point.true[v] * d)) for v, d in direction.items() if v in point.true)

    def along(t: float) -> float:
        with np.errstate(all="ignore"):
            at = tree_map(lambda v: v.data + t * direction[v] if isinstance(v, Value) else v, point.values)
            return float(np.sum(output(at).data * point.seed))

    estimate = central(along, SWEEP[2:])
    if math.isnan(estimate.value) or abs(estimate.value - slope) <= 100.0 * estimate.error + 1e-7 * abs(
        slope
    ):
        return ""
    return (
        f"the engine's derivative along a random direction is {slope:.8g}, central differences give "
        f"{estimate.value:.8g}, good to {estimate.error:.1g}: there may be a kink at these inputs"
    )


def power(claims: list[Claim], points: list[Point], given: list[dict[Any, Any]]) -> tuple[int, list[str]]:
    """Put each known mistake into the true derivation, at the operations next to each claim.

    Returns:
        How many change a number at one of the points at least; and those among them that
        change none at the first point.
    """
    shown, hidden = 0, []
    statements = {(c.line, c.text or c.name): c for c in claims}  # a loop makes one again and again
    for claim in statements.values():
        case = Case(claim, points, given)
        tries = max(FEWEST, MOST_WORK // max(case.expected[0].size, 1))
        for k in case.near[:NEARBY]:
            for mistake, i in itertools.islice(of_node(case.node(k)), tries):
                edges = {(k, i): functools.partial(_altered, mistake)}
                changed = next((p for p in range(len(points)) if _changes(case, p, edges)), None)
                shown += changed is not None
                if changed:
                    hidden.append(f"{claim.name}: {mistake.text(points[0].speller, case.node(k), i)}")
                if shown >= MOST_TRIED:
                    return shown, hidden
    return shown, hidden


def _altered(mistake: Mistake, node: Value, i: int, g: Any) -> Any:
    return altered_part(mistake, node, i, g)


def _changes(case: Case, p: int, edges: Mapping[tuple[int, int], Any]) -> bool:
    """Whether a mistake can be made at a point and changes the claimed number."""
    made = case.gradient(p, edges=edges)
    return made is not NotImplemented and not close(made, case.expected[p])
