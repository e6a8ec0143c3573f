"""What a function finds around it while it runs: the same at every run, and left as it was."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

SEED = 0


@contextlib.contextmanager
def alone(f: Callable[..., Any], others: Mapping[str, Any]) -> Iterator[None]:
    """Run with the same random numbers each time, without printing, with inputs for its globals."""
    with _seeded(), _globals_of(f, others), contextlib.redirect_stdout(io.StringIO()):
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
