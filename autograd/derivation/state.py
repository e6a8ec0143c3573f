"""What is kept in objects, and what an update of it says of its gradient."""

from __future__ import annotations

import copy
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.derivation.naming import short
from autograd.derivation.recorder import Step, is_number

RATES = ("learning_rate", "lr", "alpha", "eta", "step_size", "rate")


def state_of(*sides: Any) -> dict[str, Any]:
    """The arrays and numbers among the attributes of the object whose methods the sides are."""
    owner = next((s.__self__ for s in sides if getattr(s, "__self__", None) is not None), None)
    if owner is None or isinstance(owner, types.ModuleType):
        return {}
    return {name: x for name, x in vars(owner).items() if _is_numeric(x)}


def _is_numeric(x: Any) -> bool:
    if isinstance(x, dict):
        return bool(x) and all(map(_is_numeric, x.values()))
    if isinstance(x, (list, tuple)):
        return bool(x) and all(map(_is_numeric, x))
    return is_number(x)


def instance_of(f: Any, state: Mapping[str, Any]) -> Any:
    """The object of a method, copied, with the given state."""
    owner = getattr(f, "__self__", None)
    if owner is None or isinstance(owner, types.ModuleType):
        return None
    made = copy.copy(owner)
    made.__dict__ = {**vars(owner), **state}
    return made


def updates(steps: list[Step], inputs: Mapping[str, Any]) -> list[Step]:
    """The gradients that updates of parameters imply: (before - after) / learning rate."""
    known = {name: x for step in steps for name, x in [(short(step.name), step.value)]}
    rates = {**known, **inputs, **inputs.get("self", {})}
    rate = next((float(rates[n]) for n in RATES if np.ndim(rates.get(n, np.ones(2))) == 0), 1.0)
    implied = []
    for path, before in [item for name, tree in inputs.items() for item in paths(name, tree)]:
        last = next((s for s in reversed(steps) if short(s.name) == short(path)), None)
        if (
            last is not None
            and np.shape(last.value) == np.shape(before)
            and np.asarray(before).dtype.kind == "f"
        ):
            change = (np.asarray(before) - last.value) / rate
            if np.any(change):
                implied.append(Step(f"update of {short(path)}", change, last.line, last.text))
    return implied


def paths(name: str, tree: Any) -> list[tuple[str, Any]]:
    """What a nested input holds, by its path: ``params['W1']``."""
    if isinstance(tree, dict):
        return [found for key, item in tree.items() for found in paths(f"{name}[{key!r}]", item)]
    if isinstance(tree, (list, tuple)):
        return [found for i, item in enumerate(tree) for found in paths(f"{name}[{i}]", item)]
    return [(name, tree)]
