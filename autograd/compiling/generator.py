"""Randomness in a traced function: draws are written down, so that each call draws anew."""

from __future__ import annotations

import types
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


DEPTH = 4  # steps from a function to a generator


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
    """Refuse a function that draws from a generator it does not take as an argument: it would be frozen.

    Generators are looked for in closures, in globals by name, in what functions among these use
    themselves, and in attributes; NumPy's own, of ``np.random.normal`` and the like, is another.
    """
    found = list(generators_of(f, set(), DEPTH))
    before = [g.bit_generator.state for g in found]
    legacy = np.random.get_state(legacy=False)  # noqa: NPY002 - that is what is looked for
    yield
    drawn = any(repr(g.bit_generator.state) != repr(state) for g, state in zip(found, before, strict=True))
    if drawn or repr(np.random.get_state(legacy=False)) != repr(legacy):  # noqa: NPY002
        for g, state in zip(found, before, strict=True):
            g.bit_generator.state = state
        np.random.set_state(legacy)  # noqa: NPY002
        raise TraceError(
            "the function draws from a generator that is not among its arguments, and would draw the same "
            "numbers in each call: give it the generator as an argument, as in f(params, x, rng)"
        )


def generators_of(x: Any, seen: set[int], depth: int) -> Iterator[np.random.Generator]:
    """The generators that a function or an object can reach in a few steps."""
    if isinstance(x, np.random.Generator):
        yield x
    if id(x) in seen or not depth or isinstance(x, (type, types.ModuleType, TracedGenerator)):
        return
    seen.add(id(x))
    code = getattr(x, "__code__", None)
    parts = closure_of(x)
    if isinstance(code, types.CodeType):
        parts += [x.__globals__[name] for name in code.co_names if name in x.__globals__]
    parts += [getattr(x, "__self__", None), *getattr(x, "__dict__", {}).values()]
    for part in parts:
        yield from generators_of(part, seen, depth - 1)


def closure_of(f: Any) -> list[Any]:
    """What a function holds from the functions around it."""
    return [cell.cell_contents for cell in getattr(f, "__closure__", None) or () if _is_full(cell)]


def _is_full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
