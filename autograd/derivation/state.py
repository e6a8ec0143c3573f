"""What is kept in objects, and what an update of it says of its gradient."""

from __future__ import annotations

import copy
import functools
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd.derivation.naming import short
from autograd.derivation.recorder import Run, Step, is_number
from autograd.derivation.updating import is_update
from autograd.value import Value

RATES = ("learningrate", "learnrate", "lr", "alpha", "eta", "stepsize", "rate", "epsilon")


def state_of(*sides: Any) -> dict[str, Any]:
    """The arrays and numbers in the object whose methods the sides are, and in the objects it holds."""
    owner = next((s.__self__ for s in sides if getattr(s, "__self__", None) is not None), None)
    return held_by(owner)


def held_by(owner: Any) -> dict[str, Any]:
    """The arrays and numbers in an object."""
    if owner is None or isinstance(owner, (types.ModuleType, type)):
        return {}
    return _numeric(owner, set()) or {}


def _numeric(x: Any, seen: set[int]) -> Any:
    """The numbers in a tree of containers and objects, each array once; None if there are none."""
    if is_number(x):
        return None if isinstance(x, np.ndarray) and _again(x, seen) else x
    if isinstance(x, (list, tuple)):
        listed = [_numeric(part, seen) for part in x]
        return listed if listed and all(part is not None for part in listed) else None
    if not isinstance(x, dict) and not _is_object(x):
        return None
    if _again(x, seen):
        return None
    parts = {name: _numeric(part, seen) for name, part in (x if isinstance(x, dict) else vars(x)).items()}
    found = {name: part for name, part in parts.items() if part is not None}
    return found if found or _is_object(x) else None


def _again(x: Any, seen: set[int]) -> bool:
    known = id(x) in seen
    seen.add(id(x))
    return known


def _is_object(x: Any) -> bool:
    """True for what a user's class made, a layer that is called as well; functions hold nothing."""
    return hasattr(x, "__dict__") and not isinstance(x, _NO_OBJECTS)


_NO_OBJECTS = (
    types.ModuleType, type, Value, np.ndarray, BaseException, functools.partial,
    types.FunctionType, types.MethodType, types.BuiltinFunctionType,
)  # fmt: skip


def instance_of(f: Any, state: Mapping[str, Any]) -> Any:
    """The object of a method, copied, with the given state; what was one array stays one."""
    owner = getattr(f, "__self__", None)
    if owner is None or isinstance(owner, (types.ModuleType, type)):
        return owner
    memo: dict[int, Any] = {}
    _pair(_numeric(owner, set()), state, memo)
    try:
        made = copy.deepcopy(owner, memo)
    except (TypeError, copy.Error):  # it holds an open file or the like
        made = copy.copy(owner)
        made.__dict__ = {**vars(owner), **state}
        return made
    _set_numbers(made, state)
    return made


def _pair(before: Any, given: Any, memo: dict[int, Any]) -> None:
    """What takes the place of each array."""
    if isinstance(before, np.ndarray):
        memo[id(before)] = given
    elif isinstance(before, dict):
        for name in before:
            _pair(before[name], given[name], memo)
    elif isinstance(before, list):
        for b, g in zip(before, given, strict=True):
            _pair(b, g, memo)


def _set_numbers(made: Any, given: Any) -> None:
    """Floats, which are no objects of their own, where they belong."""
    if not isinstance(given, (dict, list)) or isinstance(made, tuple):
        return
    for name, part in given.items() if isinstance(given, dict) else enumerate(given):
        inner = vars(made)[name] if _is_object(made) else made[name]
        if isinstance(part, (dict, list)):
            _set_numbers(inner, part)
        elif _is_object(made):
            vars(made)[name] = part
        else:
            made[name] = part


def note_state(recorded: Run, before: Mapping[str, Any]) -> None:
    """Record what helper methods left in the object: their own statements are not recorded."""
    if recorded.instance is None or isinstance(recorded.instance, type):
        return
    known = {id(x) for x in recorded.names.values() if not isinstance(x, Value)}
    known |= {id(x) for _, x in paths("self", before)}
    for path, x in _attributes("self", _numeric(recorded.instance, set()), recorded.instance):
        if id(x) not in known and isinstance(x, (Value, np.ndarray)) and path not in recorded.names:
            recorded.note(path, x, 0, "")


def written(name: str, tree: Any, instance: Any) -> Iterator[tuple[str, Any]]:
    """What an input holds, by its path in the source; ``self`` is the object."""
    if name == "self" and _is_object(instance):
        yield from _attributes(name, tree, instance)
    else:
        yield from paths(name, tree)


def _attributes(name: str, tree: Any, owner: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, by its path in the source: ``self.layers[0].W``."""
    if isinstance(tree, dict):
        parts = owner if isinstance(owner, dict) else vars(owner)
        for key, part in tree.items():
            inner = f"{name}[{key!r}]" if isinstance(owner, dict) else f"{name}.{key}"
            yield from _attributes(inner, part, parts[key])
    elif isinstance(tree, (list, tuple)):
        for i, part in enumerate(tree):
            yield from _attributes(f"{name}[{i}]", part, owner[i])
    else:
        yield name, tree


def updates(run: Run, inputs: Mapping[str, Any], around: Mapping[str, Any]) -> list[Step]:
    """The gradients that updates of parameters imply: (before - after) / learning rate.

    Args:
        run: what was assigned, and the object as it was left.
        inputs: what was given.
        around: globals of the function, among which the learning rate may be.
    """
    steps = run.steps
    known = {short(name): x for name, x in run.names.items()}
    rate = _rate({**around, **known, **inputs, **inputs.get("self", {})})
    left = dict(paths("self", held_by(run.instance)))
    implied = []
    given = [item for name, tree in inputs.items() for item in paths(name, tree)]
    for path, before in reversed(given):  # those of a list in backward order, as gradients are
        own = [k for k, s in enumerate(steps) if short(s.name) == short(path)]
        k = _last_change(steps, own, np.shape(before))
        if not own or np.asarray(before).dtype.kind != "f":
            continue
        k = own[-1] if k is None and path in left else k
        if k is not None and is_update(steps[k].text, short(path)):
            after = left.get(path, steps[k].value)
            if np.shape(after) == np.shape(before) and np.any(change := np.asarray(before) - after):
                step = Step(f"update of {short(path)}", change / rate, steps[k].line, steps[k].text)
                implied.append((k, step))
    return [step for _, step in sorted(implied, key=lambda item: item[0])]


def _rate(known: Mapping[str, Any]) -> float:
    """The learning rate; 1 if there is none of a name that is known for one."""
    plain = {
        name.replace("_", "").lower(): x for name, x in known.items() if is_number(x) and np.ndim(x) == 0
    }
    return next((float(plain[name]) for name in RATES if plain.get(name)), 1.0)


def _last_change(steps: list[Step], own: list[int], shape: tuple[int, ...]) -> int | None:
    """The assignment after which a name keeps its value: what follows only passes it on."""
    if not own or np.shape(steps[own[-1]].value) != shape:
        return None
    last = own[-1]
    for k in reversed(own):
        if np.shape(steps[k].value) != shape or not np.array_equal(steps[k].value, steps[last].value):
            break
        last = k
    return last


def paths(name: str, tree: Any) -> list[tuple[str, Any]]:
    """What a nested input holds, by its path: ``params['W1']``."""
    if isinstance(tree, dict):
        return [found for key, item in tree.items() for found in paths(f"{name}[{key!r}]", item)]
    if isinstance(tree, (list, tuple)):
        return [found for i, item in enumerate(tree) for found in paths(f"{name}[{i}]", item)]
    return [(name, tree)]
