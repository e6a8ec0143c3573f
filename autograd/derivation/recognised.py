"""What is no mistake of a step: gradients that were clipped, or are those of another loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.derivation.claims import Claim, close
from autograd.derivation.diagnosis import constant_ratio
from autograd.derivation.sides import Point
from autograd.derivation.sweep import sweep
from autograd.value import Value


@np.errstate(all="ignore")
def clipped(yours: list[Any], true: list[Any]) -> str:
    """How a gradient was clipped, in words; empty if it was not."""
    if any(y.shape != t.shape or y.size == 0 for y, t in zip(yours, true, strict=True)):
        return ""
    bounds = [float(np.max(np.abs(y))) for y in yours]
    reached = [b for b, t in zip(bounds, true, strict=True) if np.any(np.abs(t) > b * (1 + 1e-9))]
    if (
        _is_bound(reached, bounds)  # any smaller number is clipped to itself
        and max(reached) - min(reached) < 1e-6 * max(reached)
        # A claim that is the same number everywhere may be just that.
        and any(np.any(np.abs(t) < 0.999 * max(reached)) for t in true)
        and all(close(y, np.clip(t, -b, b)) for y, t, b in zip(yours, true, bounds, strict=True))
    ):
        return f"clipped to at most {max(bounds):.6g} in size, element by element"
    norms = [float(np.linalg.norm(y)) for y in yours]
    shorter = [n < float(np.linalg.norm(t)) * (1 - 1e-9) for n, t in zip(norms, true, strict=True)]
    along = all(constant_ratio([y], [t]) is not None for y, t in zip(yours, true, strict=True))
    limits = [n for n, s in zip(norms, shorter, strict=True) if s]
    if along and len(limits) > 1 and max(limits) - min(limits) < 1e-6 * max(limits) and yours[0].size > 1:
        return f"clipped to a norm of {limits[0]:.6g}"
    return ""


def _is_bound(reached: list[float], sizes: list[float]) -> bool:
    """True for a size met at several points, or at one if it is the largest and as plain as 5.0."""
    if len(reached) != 1:
        return len(reached) > 1
    plain = float(f"{reached[0]:.3g}")
    return reached[0] == max(sizes) and abs(reached[0] - plain) < 1e-9 * plain


def clipped_together(yours: list[list[Any]], true: list[list[Any]]) -> str:
    """How gradients were clipped by the norm of all of them, in words; empty if they were not.

    Args:
        yours: for each claim the numbers at each point.
        true: the gradients.
    """
    norms, ratios = [], []
    for ys, ts in zip(zip(*yours, strict=True), zip(*true, strict=True), strict=True):  # at one point
        found = [constant_ratio([y], [t]) or 0.0 for y, t in zip(ys, ts, strict=True)]
        if min(found) <= 0.0 or max(found) > 1.0 + 1e-9 or np.ptp(found) > 1e-6 * found[0]:
            return ""
        ratios.append(found[0])
        norms.append(math.sqrt(sum(float(np.sum(np.square(y))) for y in ys)))
    limits = [n for n, k in zip(norms, ratios, strict=True) if k < 1.0 - 1e-9]
    if not _is_bound(limits, norms) or np.ptp(limits) > 1e-6 * limits[0] or np.ptp(ratios) < 1e-6 * ratios[0]:
        return ""
    return f"right up to a clipping: all gradients together have a norm of {limits[0]:.6g} at most"


# The derivative of each loss with respect to the prediction p, for the target t.
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "the squared error": lambda p, t: p - t,
    "binary cross-entropy": lambda p, t: (p - t) / (p * (1 - p)),
    "cross-entropy": lambda p, t: -t / p,
    "the absolute error": lambda p, t: np.sign(p - t),
}


def other_loss(claim: Claim, points: list[Point]) -> str:
    """A sentence on the loss whose gradient a claim has, up to a constant; empty if there is none."""
    yours = [np.asarray(claim.at(p)) for p in points]
    true = [np.asarray(p.true.get(claim.node(p), 0.0)) for p in points]
    if not all(np.any(y) for y in yours) or constant_ratio(yours, true) is not None:
        return ""  # a constant is a finding of its own, and no other loss
    if len({float(v) for y in yours for v in np.ravel(y)}) == 1:
        return ""  # one number everywhere is the gradient of anything
    for prediction, target, pairs in _pairs(points):
        for name, slope in LOSSES.items():
            if not _is_along(claim, points[:1], pairs[:1], slope):
                continue  # one point is enough to exclude it
            if k := _is_along(claim, points, pairs, slope):
                times = "" if abs(k - 1.0) < 1e-9 else f" times {k:.6g}"
                which = f"{name} of {prediction} and {target}{times}"
                return f"it is exactly the gradient of {which}, not of your cost"
    return ""


def _is_along(
    claim: Claim, points: list[Point], pairs: list[tuple[Value, Any]], slope: Callable[[Any, Any], Any]
) -> float | None:
    """The constant between a claim and the gradient of a loss with this slope; None if there is none."""
    with np.errstate(all="ignore"):
        made = [
            _gradient_from(claim, p, v, slope(np.asarray(v.data), t))
            for p, (v, t) in zip(points, pairs, strict=True)
        ]
    if not all(np.all(np.isfinite(g)) for g in made):
        return None
    return constant_ratio([np.asarray(claim.at(p)) for p in points], made)


def _gradient_from(claim: Claim, point: Point, prediction: Value, slope: Any) -> Any:
    end = next(k for k, node in enumerate(point.order, start=1) if node is prediction)
    node = claim.node(point)
    return np.asarray(sweep(point.order[:end], slope).get(node, np.zeros(node.shape)))


def _pairs(points: list[Point]) -> Iterator[tuple[str, str, list[tuple[Value, Any]]]]:
    """Computed values with a name, and inputs of the same shape that may be their targets."""
    first = points[0]
    inputs = [name for name, nodes in first.nodes.items() if nodes[0].is_leaf and len(nodes) == 1]
    for name, nodes in first.nodes.items():
        for k, node in enumerate(nodes):
            for target in inputs:
                if (
                    not node.is_leaf
                    and node.shape == first.nodes[target][0].shape
                    and node is not first.order[-1]
                ):
                    pairs = [(p.nodes[name][k], p.nodes[target][0].data) for p in points]
                    yield first.names[node], target, pairs
