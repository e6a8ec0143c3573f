"""What a report says besides its verdicts: a constant for all, and what the inputs could hide."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.derivation.claim import Claim, close, numbers_of
from autograd.derivation.diagnosis import constant_ratio, meaning_of
from autograd.derivation.power import power
from autograd.derivation.recognised import clipped, clipped_together
from autograd.derivation.report import RIGHT, WRONG
from autograd.derivation.sides import Point


def convention_of(claims: list[Claim], verdicts: list[str], points: list[Point]) -> str:
    """One constant times the gradient of every parameter is a convention, not a mistake."""
    leaves = [c for c in claims if c.node(points[0]).is_leaf and c.how != "numbers"]
    if len(leaves) < 2 or WRONG not in verdicts:
        return ""
    yours = [[np.asarray(c.at(p)) for p in points] for c in leaves]
    true = [[np.asarray(p.true.get(c.node(p), np.zeros(c.node(p).shape))) for p in points] for c in leaves]
    others = [v for c, v in zip(claims, verdicts, strict=True) if c not in leaves]
    if all(v == RIGHT for v in others) and (clipping := clipped_together(yours, true)):
        return clipping
    ratios = [constant_ratio(y, t) for y, t in zip(yours, true, strict=True)]
    k = ratios[0]
    if (
        k is None
        or abs(k - 1.0) < 1e-9
        or k == 0.0
        or any(r is None or abs(r - k) > 1e-6 * abs(k) for r in ratios)
    ):
        return ""
    if k < 0 and any(c.name.startswith("update of ") for c in leaves):
        return ""  # it goes uphill
    if abs(k + 1.0) < 1e-9:
        return "right up to the sign: every gradient is -1 times the true one, the direction of descent"
    return f"right up to a constant: every gradient is {k:.6g} times the true one{meaning_of(k, points[0])}"


def notes_on(points: list[Point], claims: list[Claim], wanted: int) -> list[str]:
    """What these inputs cannot show, and what was not judged."""
    notes = []
    if len(points) < wanted:
        notes.append(
            f"only {len(points)} of {wanted} points could be used: elsewhere the functions fail or differ"
        )
    by_numbers = [c for c in claims if c.how == "numbers"]
    if by_numbers:
        pairs = ", ".join(f"{c.name} with {points[0].names[c.node(points[0])]}" for c in by_numbers)
        notes.append(f"paired by their numbers: {pairs}")
    by_place = [c for c in claims if c.how in ("place", "shape")]
    if by_place:
        pairs = ", ".join(f"{c.name} of {points[0].names[c.node(points[0])]}" for c in by_place)
        notes.append(f"taken for gradients by their place or shape: {pairs}")
    leaves = _unclaimed(points[0], claims)
    if leaves:
        notes.append(f"no gradient was claimed for {', '.join(leaves)}")
    hidden = [_hides(name, value) for name, value in points[0].inputs.items()]
    return notes + [h for h in hidden if h]


def clippings(claims: list[Claim], verdicts: list[str], points: list[Point]) -> list[str]:
    """Notes on gradients that are right but for a clipping."""
    notes = []
    for claim, verdict in zip(claims, verdicts, strict=True):
        yours, true = numbers_of(claim, points)
        if verdict == RIGHT and not all(close(y, t) for y, t in zip(yours, true, strict=True)):
            how = clipped(yours, true)
            notes += [f"{claim.name} is {how}"] if how else []
    return notes


def _unclaimed(point: Point, claims: list[Claim]) -> list[str]:
    """The inputs of which no gradient was claimed, and the layers of those of which some were."""
    claimed = {c.node(point) for c in claims}
    found: dict[str, None] = {}
    for name, nodes in point.nodes.items():
        own = {c.variable for c in claims} & {name} or claimed & set(nodes)
        if nodes[0].is_leaf and not own:
            found[name] = None
        elif all(node.is_leaf for node in nodes):
            found |= dict.fromkeys(point.names[node] for node in nodes if node not in claimed)
    return list(found)


def shown_power(claims: list[Claim], points: list[Point], given: list[dict[Any, Any]]) -> list[str]:
    """How many of the known mistakes would have shown."""
    shown, hidden = power(claims, points, given)
    if not shown:
        return []
    notes = [f"{shown} mistakes were tried at these steps, and all would have shown"]
    if hidden:
        notes.append(f"{len(hidden)} of them not at your inputs, only at others nearby: {_some(hidden)}")
    return notes


def _some(texts: list[str]) -> str:
    return "; ".join(texts[:3]) + (f"; and {len(texts) - 3} more" if len(texts) > 3 else "")


def _hides(name: str, value: Any) -> str:
    """What a mistake could hide behind in an input, as a note; empty if there is nothing."""
    if isinstance(value, (dict, list, tuple, str)) or callable(value) or value is None:
        return ""
    x = np.asarray(getattr(value, "data", value) if not isinstance(value, np.ndarray) else value)
    if x.dtype.kind != "f" or x.size == 0:
        return ""
    if not np.any(x):
        return f"{name} is 0: what is multiplied by it shows at the other points only"
    if x.ndim >= 1 and 1 in x.shape and x.size > 1:
        return f"axis {x.shape.index(1)} of {name} has length one: a missing sum over it would not show"
    if x.ndim == 2 and x.shape[0] == x.shape[1] > 1:
        return f"{name} is square: a missing transpose shows in the numbers only, not in the shape"
    return ""
