"""Run a plain Python function and record every value that its statements assign."""

from __future__ import annotations

import copy
import functools
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograd.derivation.helpers import filling, methods_filling
from autograd.derivation.instrument import AUGMENT, FLOAT, NOTE, PUT, START, instrumented
from autograd.derivation.naming import RETURN
from autograd.derivation.surroundings import alone, on_values
from autograd.errors import InvalidArgument
from autograd.functions.selection import as_index
from autograd.rules.selection import SCATTER
from autograd.value import Value

MOST_STEPS = 200_000
_OURS = str(Path(__file__).parents[1])


@dataclass(frozen=True)
class Step:
    """One assignment as it was made.

    Attributes:
        name: what was assigned, ``Z1`` or ``cache['Z1']``.
        value: a copy of the array or number, or the Value.
        line: of the source, from 1; 0 if there is none.
        text: the statement.
        at_end: True for what the array held at the end, changed by no statement that names it.
    """

    name: str
    value: Any
    line: int
    text: str = ""
    at_end: bool = False


@dataclass
class Run:
    """What one run of a function did.

    Attributes:
        steps: every assignment in order.
        names: the last value of each name.
        result: what it returned.
        error: what it raised.
        instance: the object, if it is a method.
        arrays: the name of each array, by its identity; with the array, so that it stays alive.
        held: the array that each name stands for, and the step that recorded it last.
    """

    steps: list[Step] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    error: Exception | None = None
    instance: Any = None
    arrays: dict[int, tuple[str, Any]] = field(default_factory=dict)
    held: dict[str, tuple[Any, Step]] = field(default_factory=dict)
    filled: dict[str, Step] = field(default_factory=dict)

    def note(self, name: str, value: Any, line: int, text: str = "") -> None:
        """Record one assignment, and the entries of a container."""
        if len(self.steps) >= MOST_STEPS:
            raise InvalidArgument(f"more than {MOST_STEPS} assignments were made: give a smaller case")
        self.names[name] = value
        if isinstance(value, np.ndarray):
            self.arrays.setdefault(id(value), (name, value))
        for part, item in _parts(name, value, deep=name == RETURN):
            if is_number(item) or (item is None and name == RETURN):
                self._add(part, item, line, text)
        if isinstance(value, (list, tuple)) and name != RETURN:
            self._add_list(name, value, line, text)

    def _add(self, name: str, value: Any, line: int, text: str) -> None:
        self.steps.append(Step(name, _frozen(value), line, text))
        is_item = name.endswith("]") and name[-2] not in "'\""  # its index may be another one later
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and not is_item:
            self.held[name] = value, self.steps[-1]
        else:
            self.held.pop(name, None)

    def put(
        self,
        base: Any,
        index: Any,
        value: Any,
        name: str | None = None,
        whole: str = "",
        line: int = 0,
        text: str = "",
    ) -> Any:
        """Record and make ``base[index] = value``; gives what is to be bound to the name of ``base``.

        Besides the item the whole is recorded: of an array at every write, of a Value once
        all is written, as the states on the way have no other use.
        """
        if name is not None:  # grads[key] by what the key is
            self.note(f"{whole}[{index!r}]" if isinstance(index, str) else name, value, line, text)
        result = _put(base, index, value)
        if whole and isinstance(result, Value):
            self.filled[whole] = Step(whole, result, line, text)
        elif whole and isinstance(result, np.ndarray) and result.dtype.kind == "f":
            self._add(whole, result, line, text)
        elif whole:
            self._add_list(whole, result, line, text)
        return result

    def _add_list(self, name: str, value: Any, line: int, text: str) -> None:
        """A list of numbers is recorded as an array, beside its items."""
        if _is_list_of_floats(value):
            self.steps.append(Step(name, np.array(value, float), line, text))

    def ends(self) -> dict[str, Step]:
        """What the array of each name holds now: the step itself, unless it was changed afterwards."""
        return {name: _at_end(array, step) for name, (array, step) in self.held.items()}

    def finish(self) -> None:
        """Record the Values that were filled item by item."""
        self.steps.extend(self.filled.values())


def _parts(name: str, value: Any, deep: bool) -> Iterator[tuple[str, Any]]:
    """The entries of a container by their path; those of containers inside it as well if ``deep``."""
    entries: Any = enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, item in value.items() if isinstance(value, dict) else entries:
        part = f"{name}[{key!r}]"
        whole = np.array(item, float) if deep and _is_list_of_floats(item) else item
        yield from _parts(part, whole, deep) if deep else ((part, item),)
    if not isinstance(value, (dict, list, tuple)):
        yield name, value


def _is_list_of_floats(x: Any) -> bool:
    """True for a list that people may use as an array: of more than one number, with a float among them."""
    plain = isinstance(x, list) and len(x) > 1 and all(isinstance(item, (int, float)) for item in x)
    return plain and any(isinstance(item, float) for item in x)


def is_number(x: Any) -> bool:
    """True for numbers, arrays of numbers and Values."""
    if isinstance(x, Value):
        return True
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "fiub"
    return isinstance(x, (int, float, np.number)) and not isinstance(x, bool)


def _at_end(array: Any, step: Step) -> Step:
    if np.array_equal(array, step.value, equal_nan=True):
        return step
    text = f"{step.text}  # and changed in place afterwards" if step.text else ""
    return Step(step.name, array.copy(), step.line, text, at_end=True)


def _frozen(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def run(
    f: Callable[..., Any],
    arguments: Mapping[str, Any],
    others: Mapping[str, Any],
    instance: Any = None,
    starts: Mapping[str, Any] | None = None,
    trained: Collection[str] = (),
) -> Run:
    """Call a function and record what it assigns; arrays among the arguments are copied first.

    Args:
        f: a function or method whose source can be read.
        arguments: by name.
        others: names that take the place of its globals.
        instance: the object to which a method is bound instead of its own.
        starts: values in the place of the first ones that it assigns to these names.
        trained: parameters; of a loop that updates them only one round is run.
    """
    recorded = Run(names=dict(arguments), instance=instance)
    start = functools.partial(_start, dict(starts or {}))
    hooks = {NOTE: recorded.note, PUT: recorded.put, AUGMENT: augment, FLOAT: _as_float, START: start}
    helpers = filling(f, QUIET)
    others = {**on_values(f), **helpers, **others}
    made = instrumented(f, hooks, others, instance, list(starts or ()), trained)
    try:
        with alone(f, others), methods_filling(f, QUIET, helpers):
            recorded.result = made(**{name: fresh(value) for name, value in arguments.items()})
    except Exception as e:  # whatever the function does: what it did before may be enough
        recorded.error = e
    recorded.finish()
    return recorded


def _unrecorded(*_: Any) -> None:
    """What a helper assigns is seen by nobody."""


def _as_float(x: Any) -> Any:
    """What ``float`` gives; a Value stays what it is, in the graph."""
    return x if isinstance(x, Value) and x.size == 1 else float(x)


def _start(starts: dict[str, Any], name: str, value: Any) -> Any:
    """The given value the first time that one of its shape is assigned, so that weights can be chosen."""
    if name in starts and is_number(value) and np.shape(value) == np.shape(starts[name]):
        return fresh(starts.pop(name))
    return value


def failure(side: str, error: Exception) -> InvalidArgument:
    """What a side raised, with the line of it."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if not f.filename.startswith(_OURS) and "site-packages" not in f.filename]
    line = theirs[-1] if theirs else None
    place = f" in line {line.lineno}" + (f", {line.line}" if line.line else "") if line else ""
    hint = ""
    if "'float' object cannot be interpreted as an integer" in str(error):
        hint = " (in Python 2, / of two integers gives an integer: write //)"
    if any(f.filename.endswith("defmatrix.py") for f in frames):
        hint = " (np.matrix is not followed: write np.array, and @ for *)"
    return InvalidArgument(f"{side} failed{place}: {type(error).__name__}: {error}{hint}")


def fresh(x: Any) -> Any:
    """The same containers with copies of the arrays."""
    if isinstance(x, Value):
        return x
    if isinstance(x, dict):
        return {key: fresh(item) for key, item in x.items()}
    if isinstance(x, (list, tuple)) and type(x) in (list, tuple):
        return type(x)(fresh(item) for item in x)
    return copy.deepcopy(x) if isinstance(x, (np.ndarray, np.random.Generator)) else x


def _put(base: Any, index: Any, value: Any) -> Any:
    """``base[index] = value``; a new Value where numbers that need a gradient go into an array."""
    if isinstance(base, Value) or (isinstance(base, np.ndarray) and isinstance(value, Value)):
        index = as_index(index)
        here = np.zeros(np.shape(base), bool)
        here[index] = True
        wide = np.broadcast_to(value, np.shape(here[index]))
        placed = SCATTER(wide, index=index, shape=np.shape(base))
        return np.where(here, placed, base)
    base[index] = value
    return base


_AUGMENTED: dict[str, Callable[[Any, Any], Any]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mult": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "MatMult": lambda a, b: a @ b,
    "Pow": lambda a, b: a**b,
    "FloorDiv": lambda a, b: a // b,
    "Mod": lambda a, b: a % b,
}
_IN_PLACE: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mult": np.multiply,
    "Div": np.divide,
}


def _put_only(base: Any, index: Any, value: Any, *_: Any) -> Any:
    return _put(base, index, value)


def augment(operator: str, current: Any, value: Any) -> Any:
    """``current += value`` and its like: in place for arrays, as in NumPy, if no Value takes part."""
    if isinstance(current, np.ndarray) and not isinstance(value, Value) and operator in _IN_PLACE:
        return _IN_PLACE[operator](current, value, out=current)
    return _AUGMENTED[operator](current, value)


QUIET = {NOTE: _unrecorded, PUT: _put_only, AUGMENT: augment, FLOAT: _as_float}
