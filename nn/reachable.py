"""What a model, a loss and an optimizer hold while a step of theirs is traced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import is_
from typing import Any

import numpy as np

from autograd.compiling.generator import TracedGenerator, closure_of
from autograd.errors import TraceError
from nn.module import Module


def held_modules(*functions: Callable[..., Any]) -> list[Module]:
    """The modules that are called, or that functions hold in their closures, not those inside."""
    found: dict[int, Module] = {}
    for f in functions:
        for part in (f, getattr(f, "__self__", None), *closure_of(f)):
            if isinstance(part, Module):
                found[id(part)] = part
    return list(found.values())


def generators_of(modules: list[Module]) -> list[tuple[Module, str]]:
    """Each attribute that is a generator of random numbers, with its module."""
    return [
        (module, name)
        for module in modules
        for name, x in vars(module).items()
        if isinstance(x, np.random.Generator)
    ]


@contextmanager
def traced_generators(places: list[tuple[Module, str]], traced: list[TracedGenerator]) -> Iterator[None]:
    """Draws of modules are written down, so that a program draws anew."""
    before = [vars(module)[name] for module, name in places]
    for (module, name), generator in zip(places, traced, strict=True):
        vars(module)[name] = generator
    try:
        yield
    finally:
        for (module, name), generator in zip(places, before, strict=True):
            vars(module)[name] = generator


@contextmanager
def unchanged(objects: list[Any], why: str) -> Iterator[None]:
    """Give attributes back what they held, lists, dicts and arrays among them, and refuse their changes.

    Raises:
        TraceError: names what was changed.
    """
    before = [(x, {name: (item, _content(item)) for name, item in vars(x).items()}) for x in objects]
    try:
        yield
    finally:
        changed = [f"{type(x).__name__}.{name}" for x, items in before for name in _restored(x, items)]
    if changed:
        raise TraceError(f"{changed[0]} was changed while the step was traced: {why}")


def _items(x: list[Any] | dict[Any, Any]) -> list[Any]:
    return list(x.values()) if isinstance(x, dict) else x


def _content(x: Any) -> Any:
    """A copy of what can be changed in place, and of what is inside."""
    if isinstance(x, (list, dict)):
        return x.copy(), [_content(item) for item in _items(x)]
    return x.copy() if isinstance(x, np.ndarray) else None


def _restored(owner: Any, items: dict[str, Any]) -> list[str]:
    """The names of the attributes that had been changed."""
    now = vars(owner)
    changed = [name for name in now if name not in items]
    for name in changed:
        del now[name]
    for name, (x, content) in items.items():
        put_back = _put_back(x, content)
        if put_back or now.get(name) is not x:
            changed.append(name)
            now[name] = x
    return changed


def _put_back(x: Any, content: Any) -> bool:
    """Whether a list, dict or array had other contents; they are what they were."""
    if isinstance(x, np.ndarray):
        same = np.array_equal(x, content, equal_nan=x.dtype.kind == "f")
        if not same:
            x[...] = content
        return not same
    if not isinstance(x, (list, dict)):
        return False
    whole, parts = content
    same = len(x) == len(whole) and all(map(is_, _items(x), _items(whole)))
    if isinstance(x, dict):
        same = same and [*x] == [*whole]
    if not same:
        x.clear()
        x.update(whole) if isinstance(x, dict) else x.extend(whole)
    inside = [_put_back(item, part) for item, part in zip(_items(whole), parts, strict=True)]
    return not same or any(inside)
