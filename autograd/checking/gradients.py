"""``check_gradients``: the engine's derivative against differences, with an honest verdict."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.checking.differences import EPS, RATIO, SWEEP, Estimate, central, one_sided
from autograd.checking.kinks import Branch, branches, first_flip
from autograd.checking.point import Point
from autograd.checking.report import AGREES, CANNOT_TELL, DISAGREES, Element, GradientReport
from autograd.drawing.numbers import norm_of
from autograd.errors import InvalidArgument
from autograd.functional import grad
from autograd.graph import topological_order
from autograd.trees import leaves
from autograd.value import Value

DIRECTIONS = 3
SAFETY = 10.0  # an estimate may be this many times its own error off before it counts
TINY = 1e-30  # the complex step: nothing is subtracted, so that it can be as small
SHARP = 1e-4  # an estimate whose error exceeds this part of the derivative proves nothing
MOST_ELEMENTS = 2000  # looked at one by one after a failure
WORST = 10  # shown


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 1,
    step: float | None = None,
    rng: np.random.Generator | int | None = 0,
) -> GradientReport:
    """Compare the engine's derivatives of ``f`` at ``args`` with numeric ones, in float64.

    Random directions are compared first, single elements only where a direction fails. The
    numeric derivative is a central difference, its tolerance derived from a sweep of steps;
    where ``f`` also runs on complex arrays and is analytic, the complex step (Squire and
    Trapp, 1998), which has no rounding error, replaces it.

    Args:
        f: function of arrays, or nested containers of them, with a result of any shape. It
            must give the same result each time: random numbers need a fixed seed inside.
        args: the point.
        order: 1 for the gradient, 2 for Hessian-vector products as well.
        step: largest step of the sweep, relative to the size of each argument, instead of 0.1.
        rng: generator or seed for the directions.

    Returns:
        A report whose ``ok`` is True only if everything agrees. The verdict is "cannot tell
        here" at a kink, where ``f`` is not finite, or where differences prove nothing.

    Raises:
        InvalidArgument: for an order other than 1 or 2, a step outside 1e-6 to 1, arguments
            without a number or with what is no real number, or a function without a result.

    >>> check_gradients(lambda x: np.tanh(x).sum(), np.array([0.5, -2.0]), order=2).ok
    True
    """
    if order not in (1, 2):
        raise InvalidArgument(f"order must be 1 or 2, got {order!r}")
    if step is not None and not 1e-6 <= step <= 1.0:
        raise InvalidArgument(
            f"step must be between 1e-6 and 1 of the size of the arguments, got {step!r}: "
            "a larger one measures truncation, a smaller one rounding; leave it out to have it chosen"
        )
    generator = np.random.default_rng(rng)
    steps = SWEEP if step is None else tuple(step * RATIO**-k for k in range(len(SWEEP)))
    point = Point(f, args)
    problem = _Problem.of_result(point, f, generator)
    report = _check(point, problem, steps, generator, "gradient")
    if order == 2 and report.ok:
        second = _check(point, problem.derived(generator), steps, generator, "Hessian-vector product")
        return GradientReport(
            second.verdict,
            (*report.reasons, *second.reasons),
            second.worst,
            (*report.checked, *second.checked),
        )
    return report


@dataclass(frozen=True)
class _Problem:
    """A scalar function of the flat vector, recorded; its complex form if there may be one."""

    phi: Callable[[Any], Any]
    plain: Callable[[Any], Any] | None

    @staticmethod
    def of_result(point: Point, f: Callable[..., Any], rng: np.random.Generator) -> _Problem:
        """The result of ``f``, projected with random weights: no element can hide behind another."""
        weights: list[Any] = []

        def phi(x: Any) -> Any:
            outputs = leaves(f(*point.unpack(x)))
            if not outputs:
                raise InvalidArgument("the function returned nothing: return the result to differentiate")
            if not weights:
                weights.extend(1.0 + rng.random(np.shape(y)) if np.shape(y) else 1.0 for y in outputs)
            terms = [(y * w).sum() if np.shape(y) else y * w for y, w in zip(outputs, weights, strict=True)]
            return sum(terms[1:], terms[0])

        return _Problem(phi, phi)

    def derived(self, rng: np.random.Generator) -> _Problem:
        """The first derivative along a random direction, as the function to check next."""
        directions: list[Any] = []

        def phi(x: Any) -> Any:
            if not directions:
                directions.append(rng.normal(size=np.shape(x)))
            return (grad(self.phi)(x) * directions[0]).sum()

        return _Problem(phi, None)


def _check(
    point: Point, problem: _Problem, steps: Sequence[float], rng: np.random.Generator, what: str
) -> GradientReport:
    value, states = _run(problem, point.x)
    if not math.isfinite(value):
        return GradientReport(CANNOT_TELL, (f"the function is not finite at this point: {value}",))
    again = _recorded(problem, point.x)
    if abs(float(again) - value) > 8 * EPS * abs(value):
        return GradientReport(CANNOT_TELL, (_CHANGES.format(value, float(again)),))
    with np.errstate(all="ignore"):
        engine = np.asarray(grad(problem.phi)(point.x))
    if not np.all(np.isfinite(engine)):
        return _not_finite(point, engine, what)
    referee = _Referee(point, problem, steps, again, bool(states))
    scale = max(norm_of([engine * point.sizes]), abs(value))
    unsure: list[str] = []
    for _ in range(DIRECTIONS):
        d = rng.normal(size=point.x.size)
        d *= point.sizes / np.linalg.norm(d)
        verdict, reason = _judge(float(engine @ d), referee.along(d), scale)
        if verdict == DISAGREES:
            return _by_element(point, engine, referee, rng, what, referee.kink(d))
        if verdict == CANNOT_TELL:
            unsure.append(reason)
    if unsure:
        return GradientReport(CANNOT_TELL, tuple(dict.fromkeys(f"{what}: {reason}" for reason in unsure)))
    return GradientReport(AGREES, checked=(f"{what}: {DIRECTIONS} random directions, by {referee.method}",))


_CHANGES = (
    "the function gives {:.6g} and then {:.6g} at the same point: random numbers need a fixed seed inside, "
    "and what a call changes must be made anew in each"
)


def _recorded(problem: _Problem, x: np.ndarray) -> Any:
    """The function at ``x``, with its graph."""
    with np.errstate(all="ignore"):
        return problem.phi(Value(x))


def _run(problem: _Problem, x: np.ndarray) -> tuple[float, list[Branch]]:
    """The number of the function at ``x``, and which way its piecewise operations went."""
    result = _recorded(problem, x)
    return (float(result), branches(result)) if isinstance(result, Value) else (float(result), [])


def _judge(engine: float, numeric: Estimate, scale: float) -> tuple[str, str]:
    if math.isnan(numeric.value):
        return CANNOT_TELL, numeric.reason
    tolerance = SAFETY * numeric.error + 4 * EPS * scale
    if abs(engine - numeric.value) > tolerance:
        if abs(engine - numeric.exact) <= 8 * EPS * scale:
            return CANNOT_TELL, (
                "the complex step gives what the engine does, differences do not: "
                "the steps are too large for how fast the function turns, give a smaller step="
            )
        return DISAGREES, ""
    if tolerance > SHARP * max(abs(numeric.value), scale or numeric.size):  # all is 0 at 0 of x**2
        return CANNOT_TELL, (
            f"differences are only good to {numeric.error:.1g} here, "
            f"beside a derivative of {numeric.value:.3g}: the steps, or the function's noise, are too large"
        )
    return AGREES, ""


class _Referee:
    """The numeric derivative along a direction, from steps that cross no kink."""

    def __init__(
        self, point: Point, problem: _Problem, steps: Sequence[float], here: Any, piecewise: bool
    ) -> None:
        self.point, self.problem, self.piecewise = point, problem, piecewise
        nodes = topological_order(here) if isinstance(here, Value) else []
        self.steps, self.noise = tuple(steps), _noise(nodes)
        self.complex = problem.plain if problem.plain and _is_analytic(nodes) else None
        self.method = "central differences"

    def along(self, d: np.ndarray) -> Estimate:
        line = self._line(d)
        steps, flip = self._usable(line)
        if len(steps) < 3:
            return Estimate(math.nan, math.inf, math.nan, flip)
        estimate = central(lambda t: line(t)[0], steps, self.noise)
        exact = self._complex_step(d)
        if exact is not None and abs(exact - estimate.value) <= SAFETY * estimate.error:
            self.method = "complex step and central differences"
            error = 8 * EPS * abs(exact) + TINY * estimate.size  # rounding, and truncation
            return replace(estimate, value=exact, error=error, step=TINY)
        return estimate if exact is None else replace(estimate, exact=exact)

    def kink(self, d: np.ndarray) -> str:
        """The two slopes, if they differ: Python's ``if`` makes kinks that no operation shows."""
        line = self._line(d)
        below, above = one_sided(lambda t: line(t)[0], self._usable(line)[0])
        if not abs(above.value - below.value) > SAFETY * (above.error + below.error):
            return ""
        length = float(np.linalg.norm(d))
        return (
            f"the slope is {below.value / length:.6g} from below and {above.value / length:.6g} from above: "
            "a kink that no operation shows, such as one made by Python's if"
        )

    def _line(self, d: np.ndarray) -> Callable[[float], tuple[float, list[Branch]]]:
        """The function along a direction, run once per point."""
        return functools.cache(lambda t: _run(self.problem, self.point.x + t * d))

    def _usable(self, line: Any) -> tuple[tuple[float, ...], str]:
        """The steps that cross no kink that is known, and the kink that the others cross."""
        if not self.piecewise:
            return self.steps, ""
        flips = {h: _flip(*(line(t)[1] for t in (-h, 0.0, h))) for h in self.steps}
        steps = tuple(h for h in self.steps if not flips[h])
        return steps, flips[self.steps[-1]] or next((text for text in flips.values() if text), "")

    def _complex_step(self, d: np.ndarray) -> float | None:
        if self.complex is None:
            return None
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)  # f leaves the plane
                result = complex(self.complex(self.point.x + 1j * TINY * d))
        except Exception:  # whatever f does with complex numbers, differences remain
            self.complex = None
            return None
        return result.imag / TINY if math.isfinite(result.imag) and result.imag else None


def _flip(below: list[Branch], here: list[Branch], above: list[Branch]) -> str:
    return first_flip(below, above) or first_flip(here, above)


def _noise(nodes: list[Value]) -> float:
    """The rounding error of the result if it was computed in less than double precision, else 0."""
    least = max((float(np.finfo(n.dtype).eps) for n in nodes if n.dtype.kind == "f"), default=EPS)
    return least * max(1.0, abs(float(nodes[-1].data))) if least > EPS else 0.0


def _is_analytic(nodes: list[Value]) -> bool:
    """No operation with a kink, and none of a constant that hides a dependence."""
    return bool(nodes) and not any(n.primitive is not None and n.primitive.kinks for n in nodes)


def _not_finite(point: Point, engine: np.ndarray, what: str) -> GradientReport:
    i = int(np.flatnonzero(~np.isfinite(engine))[0])
    reason = f"the engine's {what} is {engine[i]} at {_place(point, i)}, where the function is finite"
    return GradientReport(CANNOT_TELL, (reason,))


def _by_element(
    point: Point, engine: np.ndarray, referee: _Referee, rng: np.random.Generator, what: str, kink: str
) -> GradientReport:
    """Look at elements one by one, once a direction has failed; ``kink`` is one along that direction."""
    n = point.x.size
    chosen = np.arange(n) if n <= MOST_ELEMENTS else np.sort(rng.choice(n, MOST_ELEMENTS, replace=False))
    scale = norm_of([engine * point.sizes])
    wrong, kinks = [], []
    for i in chosen:
        d, size = np.zeros(n), float(point.sizes[i])
        d[i] = size
        numeric = referee.along(d)
        if math.isnan(numeric.value):
            kinks.append(f"{_place(point, i)}: {numeric.reason}")
        elif _judge(float(engine[i]) * size, numeric, scale)[0] == DISAGREES:
            here = referee.kink(d) if kink else ""
            if here:
                kinks.append(f"{_place(point, i)}: {here}")
            else:
                found = float(engine[i]), numeric.value / size, numeric.error / size
                wrong.append(Element(*point.element(int(i)), *found))
    if kink and not wrong:
        return GradientReport(CANNOT_TELL, (f"{what}: at {kinks[0]}" if kinks else f"{what}: {kink}",))
    wrong.sort(key=lambda e: -abs(e.engine - e.numeric))
    sample = "" if len(chosen) == n else f" of a sample of {len(chosen)}"
    reasons = [f"{what}: {len(wrong)} of {n} elements{sample} disagree"]
    reasons += [f"no difference can be taken at {len(kinks)} elements: {kinks[0]}"] if kinks else []
    return GradientReport(DISAGREES, tuple(reasons), tuple(wrong[:WORST]))


def _place(point: Point, i: Any) -> str:
    name, index = point.element(int(i))
    return f"{name}[{', '.join(map(str, index))}]" if index else name
