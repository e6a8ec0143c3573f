"""Helper functions and methods that fill arrays item by item, made to fill them on Values as well.

``cols[:, i] = patch`` in an ``im2col`` beside the forward pass runs as in the forward pass itself,
where ``cols`` becomes a new Value. What a helper assigns is not recorded.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from autograd.derivation.instrument import definition_of, instrumented
from autograd.errors import UnsupportedType


def filling(f: Any, hooks: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """The functions among the globals of a function that fill arrays, by name, made anew."""
    around = _globals(f)
    made = {name: instrumented(x, hooks, {}) for name, x in around.items() if _fills(x) and _is_near(x, f)}
    for function in made.values():  # one may call another
        function.__globals__.update(made)
    return made


@contextlib.contextmanager
def methods_filling(f: Any, hooks: Mapping[str, Any], others: Mapping[str, Any]) -> Iterator[None]:
    """For a while the methods of classes beside a function fill arrays in the same way."""
    kept = []
    try:
        for owner in [x for x in _globals(f).values() if isinstance(x, type)]:
            for name, x in list(vars(owner).items()):
                if _fills(x) and _is_near(x, f) and "__class__" not in x.__code__.co_freevars:
                    made = instrumented(x, hooks, others)
                    kept.append((owner, name, x))
                    setattr(owner, name, made)
        yield
    finally:
        for owner, name, x in kept:
            setattr(owner, name, x)


def _globals(f: Any) -> dict[str, Any]:
    return getattr(getattr(f, "__func__", f), "__globals__", {})


def _is_near(x: Any, f: Any) -> bool:
    """True for a function of the same folder, which the user wrote."""
    here = getattr(getattr(f, "__func__", f), "__code__", None)
    return here is not None and Path(x.__code__.co_filename).parent == Path(here.co_filename).parent


def _fills(x: Any) -> bool:
    """True for a function that fills arrays; what a decorator put around one stays as it is."""
    return isinstance(x, types.FunctionType) and not hasattr(x, "__wrapped__") and _has_items(x)


@functools.lru_cache(maxsize=256)
def _has_items(plain: types.FunctionType) -> bool:
    """True if a function assigns to items, or changes what has a name."""
    try:
        definition, _ = definition_of(plain)
    except UnsupportedType:
        return False
    return any(
        isinstance(n, ast.AugAssign) or (isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store))
        for n in ast.walk(definition)
    )
