"""The derivative of a function of one number by differences, with an honest error.

A central difference errs in two ways: its truncation error shrinks with the step h as h**2,
its rounding error grows as 1/h. Neither is known beforehand, so a sweep of steps is taken,
each extrapolated once (Richardson), and the step is chosen where neighbouring ones agree
best. Their disagreement is the error: derived from the function, not guessed by the user.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

EPS = 2.0**-52
RATIO = math.sqrt(10.0)  # of one step to the next: two steps a decade
SWEEP = tuple(RATIO**-k for k in range(2, 17))  # from 0.1 to 1e-8, relative to the size of x


@dataclass(frozen=True)
class Estimate:
    """A derivative, how far it may be off, and the step at which it was taken.

    Where no step could be used, ``value`` is NaN and ``reason`` says why. ``exact`` is what the
    complex step gives where it is another number, else NaN. ``size`` is the largest value of the
    function that was met.
    """

    value: float
    error: float
    step: float
    reason: str = ""
    exact: float = math.nan
    size: float = 0.0


def central(phi: Callable[[float], float], steps: tuple[float, ...], noise: float = 0.0) -> Estimate:
    """The derivative of ``phi`` at 0, from central differences at ``steps``, largest first.

    Args:
        phi: the function; a step at which it is not finite is left out.
        steps: at least three, each ``RATIO`` times smaller than the one before.
        noise: rounding error of one value of ``phi``, if known to be larger than that of
            its result.

    >>> estimate = central(math.exp, SWEEP)
    >>> abs(estimate.value - 1.0) < estimate.error < 1e-9
    True
    """
    return _best([(h, phi(h), phi(-h), 2.0 * h) for h in steps], 2, noise)


def one_sided(phi: Callable[[float], float], steps: tuple[float, ...]) -> tuple[Estimate, Estimate]:
    """The slopes of ``phi`` at 0 from below and from above; at a kink they are not the same.

    >>> below, above = one_sided(lambda t: 2 * t if t > 0 else 3 * t, SWEEP)
    >>> round(below.value, 9), round(above.value, 9)
    (3.0, 2.0)
    """
    here = phi(0.0)
    below = _best([(h, here, phi(-h), h) for h in steps], 1, 0.0)
    return below, _best([(h, phi(h), here, h) for h in steps], 1, 0.0)


def _best(pairs: list[tuple[float, float, float, float]], order: int, noise: float) -> Estimate:
    """The slope at the best step, of pairs (step, value above, value below, distance).

    ``order`` is the power of the step in the truncation error.
    """
    usable = [pair for pair in pairs if math.isfinite(pair[1]) and math.isfinite(pair[2])]
    if len(usable) < 3:
        return Estimate(math.nan, math.inf, math.nan, "the function is not finite close by")
    steps = [h for h, *_ in usable]
    slopes = [(above - below) / distance for _, above, below, distance in usable]
    size = max(noise / EPS, *(abs(value) for _, above, below, _ in usable for value in (above, below)))
    refined = [_extrapolated(steps, slopes, k, order) for k in range(len(slopes))]
    errors = [_disagreement(refined, k) + EPS * size / steps[k] for k in range(len(refined))]
    best = min(range(1, len(refined)), key=errors.__getitem__)
    return Estimate(refined[best], errors[best], steps[best], size=size)


def _extrapolated(steps: list[float], slopes: list[float], k: int, order: int) -> float:
    """The slope at step k without the leading term of its error, by means of the step before."""
    if k == 0:
        return slopes[0]
    ratio = (steps[k - 1] / steps[k]) ** order
    return (ratio * slopes[k] - slopes[k - 1]) / (ratio - 1.0)


def _disagreement(values: list[float], k: int) -> float:
    """How far the neighbours are off; both, since one may agree by chance."""
    return max(abs(values[k] - values[j]) for j in (k - 1, k + 1) if 0 <= j < len(values))
