"""What a function finds around it while it runs: the same at every run, and left as it was."""

from __future__ import annotations

import contextlib
import functools
import io
import math
import random
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.compiling.generator import generators_of
from autograd.value import Value

SEED = 0
REACH = 4  # steps from a function to a generator


@contextlib.contextmanager
def alone(f: Callable[..., Any], others: Mapping[str, Any]) -> Iterator[None]:
    """Run with the same random numbers each time, without printing, with inputs for its globals."""
    quiet = contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore")
    with _seeded(), _rewound(f), _globals_of(f, others), quiet[0], quiet[1]:
        yield


@contextlib.contextmanager
def _seeded() -> Iterator[None]:
    """A dropout mask is the same in every run; the caller's random numbers go on as if nothing was."""
    states = np.random.get_state(), random.getstate()  # noqa: NPY002 - what the user's code draws from
    np.random.seed(SEED)  # noqa: NPY002
    random.seed(SEED)
    try:
        yield
    finally:
        np.random.set_state(states[0])  # noqa: NPY002
        random.setstate(states[1])


@contextlib.contextmanager
def _rewound(f: Any) -> Iterator[None]:
    """Generators that a function finds around it are where they were: the next run draws the same."""
    found = [(g.bit_generator, g.bit_generator.state) for g in generators_of(f, set(), REACH)]
    try:
        yield
    finally:
        for generator, state in found:
            generator.state = state


@contextlib.contextmanager
def _globals_of(f: Any, others: Mapping[str, Any]) -> Iterator[None]:
    """Helpers run as they are, and look for weights and sizes among the globals of their module."""
    around = getattr(getattr(f, "__func__", f), "__globals__", {})
    kept = {name: around[name] for name in others if name in around}
    around.update({name: x for name, x in others.items() if name.isidentifier()})
    try:
        yield
    finally:
        for name in others:
            around.pop(name, None)
        around.update(kept)


# -- the module math ----------------------------------------------------------------------------

_OTHERWISE = {"fabs": "abs", "pow": "power", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}


def _on_value(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    """A function of ``math`` that takes Values as well, which have to stay in the graph."""
    of_numpy = getattr(np, _OTHERWISE.get(name, name))

    @functools.wraps(plain)
    def function(*xs: Any) -> Any:
        return of_numpy(*xs) if any(isinstance(x, Value) for x in xs) else plain(*xs)

    return function


_FUNCTIONS = {
    getattr(math, name): _on_value(name, getattr(math, name))
    for name in ("exp", "log", "log2", "log10", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "sinh",
                 "cosh", "tanh", "fabs", "pow", "asin", "acos", "atan")
}  # fmt: skip
_MATH = types.SimpleNamespace(**{**vars(math), **{f.__name__: g for f, g in _FUNCTIONS.items()}})


def on_values(f: Any) -> dict[str, Any]:
    """What stands for ``math`` and its functions among the globals of a function."""
    found: dict[str, Any] = {}
    for name, x in getattr(getattr(f, "__func__", f), "__globals__", {}).items():
        if x is math:
            found[name] = _MATH
        elif isinstance(x, types.BuiltinFunctionType) and x in _FUNCTIONS:
            found[name] = _FUNCTIONS[x]
    return found
