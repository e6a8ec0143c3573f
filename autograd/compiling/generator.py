"""Randomness in a traced function: draws are written down, so that each call draws anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.compiling.program import Variable
from autograd.compiling.tracer import Tape, Tracer
from autograd.errors import TraceError

DRAWS = (
    "beta", "binomial", "choice", "exponential", "gamma", "integers", "laplace", "normal", "permutation",
    "permuted", "poisson", "random", "standard_normal", "uniform",
)  # fmt: skip


class TracedGenerator:
    """Stands in for a ``np.random.Generator`` among the arguments of a traced function."""

    def __init__(self, tape: Tape, generator: np.random.Generator, name: str) -> None:
        self.tape, self.variable = tape, Variable((), "generator", name=name)
        # The trace draws from a copy: the first call of the program starts where the caller's stands.
        self._copy = np.random.Generator(type(generator.bit_generator)())
        self._copy.bit_generator.state = generator.bit_generator.state

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):
            raise AttributeError(method)
        if method not in DRAWS:
            raise TraceError(f"rng.{method} cannot be traced: use one of {', '.join(DRAWS)}")

        def draw(*args: Any, **options: Any) -> Any:
            numbers = getattr(self._copy, method)(*args, **options)
            whole = Tracer(self.tape, self.variable, None)
            return self.tape.write(f"rng.{method}", (whole, *args), options, numbers)

        return draw


@contextmanager
def drawn_from(f: Any) -> Iterator[None]:
    """Refuse a function that draws from a generator it does not take as an argument: it would be frozen."""
    cells = [cell.cell_contents for cell in getattr(f, "__closure__", None) or () if _is_full(cell)]
    code = getattr(f, "__code__", None)
    names = code.co_names if code else ()
    found = [
        x for x in [*cells, *(f.__globals__.get(n) for n in names)] if isinstance(x, np.random.Generator)
    ]
    before = [g.bit_generator.state for g in found]
    yield
    if any(repr(g.bit_generator.state) != repr(state) for g, state in zip(found, before, strict=True)):
        for g, state in zip(found, before, strict=True):
            g.bit_generator.state = state
        raise TraceError(
            "the function draws from a generator that is not among its arguments, and would draw the same "
            "numbers in each call: give it the generator as an argument, as in f(params, x, rng)"
        )


def _is_full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
