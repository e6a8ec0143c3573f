"""One call of a user's function, recorded: its arguments as Values, its result, and their derivatives."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.backward import gradients, pulled_back
from autograd.batched import jacobian_rows
from autograd.data import canonical
from autograd.errors import InvalidArgument, ShapeError
from autograd.recording import recording
from autograd.rules.activations import LINEAR
from autograd.trees import leaves, rebuild, tree_map
from autograd.value import Value, constant

Argnums = int | Sequence[int]

# True inside a transform: what is computed there may be differentiated once more.
_nested: ContextVar[bool] = ContextVar("nested", default=False)


class RecordedCall:
    """One recorded call: which arguments were differentiated, their Values, and the result.

    What is differentiated ``once``, before anybody can change the arguments, needs no copies of them.
    """

    def __init__(
        self, f: Any, argnums: Argnums, args: tuple[Any, ...], kwargs: Any, inner: bool, once: bool = False
    ) -> None:
        self.single = not isinstance(argnums, Sequence)
        numbers = positions(argnums, args, name_of(f))
        self.arguments = [args[i] for i in numbers]
        given = leaves(self.arguments)
        self.nested = inner or any(isinstance(x, Value) and x.requires_grad for x in given)
        self.inputs = [_shown(x) if once and not self.nested else _variable(x) for x in given]
        traced = dict(zip(numbers, rebuild(self.arguments, iter(self.inputs)), strict=True))
        self.result = f(*[traced.get(i, x) for i, x in enumerate(args)], **kwargs)

    def gradients(self, result: Any, seeds: Any = None) -> Any:
        """Gradients for the arguments, nested as they are, summed over the leaves of the result."""
        outputs = leaves(result)
        starts = [None] * len(outputs) if seeds is None else leaves(seeds)
        if len(starts) != len(outputs):
            raise ShapeError(f"the result has {len(outputs)} arrays, but {len(starts)} gradients were given")
        return self.arrange(pulled_back(pairs_of(outputs, starts), self.inputs, self.nested))

    def last_gradients(self) -> Any:
        """The same of the whole result, a scalar; its graph is freed as the pass goes through it."""
        y, self.result = self.result, None
        if self.nested or not isinstance(y, Value) or not y.requires_grad:
            return self.gradients(y)
        end = constant(y._data)  # the graph hangs from it alone, unless ``f`` has stored the result
        end._source, end.parents = LINEAR, (y,)
        end.params = None if y.params is None else {}
        del y
        return self.arrange(gradients(end, self.inputs, last=True))

    def jacobian(self, y: Any) -> Any:
        """Derivatives of one output, of shape ``y.shape + x.shape`` for each input."""
        if not isinstance(y, Value) or not y.requires_grad:
            return self.arrange([_stack([], np.shape(y), x) for x in self.inputs])
        tall = y.size > sum(x.size for x in self.inputs) and all(x.dtype == y.dtype for x in self.inputs)
        return self.arrange(self.by_columns(y) if tall else _by_rows(y, self.inputs, self.nested))

    def by_columns(self, y: Value) -> list[Any]:
        """The same by columns, as many as the inputs have elements: the pullback is linear, so transposed."""
        seed = Value(np.zeros(y.shape, y.dtype))
        back = gradients(y, self.inputs, seed, create_graph=True)
        turned = [_by_rows(g, [seed], self.nested)[0] for g in back]
        axes = [range(x.ndim) for x in self.inputs]
        return [np.moveaxis(t, [*k], [i - len(k) for i in k]) for t, k in zip(turned, axes, strict=True)]

    def arrange(self, flat: list[Any]) -> Any:
        """One item per input, in the containers of the arguments."""
        nested = rebuild(self.arguments, iter(flat))
        return nested[0] if self.single else tuple(nested)

    def plain(self, tree: Any) -> Any:
        """The numbers of a result, or the result itself inside another transform."""
        return tree if self.nested else tree_map(lambda y: y.data if isinstance(y, Value) else y, tree)


inside_transform = _nested.get


class Entered(recording):
    """Record, whatever no_grad() says outside, and tell inner transforms that they are inner."""

    def __init__(self) -> None:
        super().__init__(on=True)

    def __enter__(self) -> bool:
        """Whether there is a transform outside."""
        super().__enter__()
        self._inner = _nested.get()
        _nested.set(True)
        return self._inner

    def __exit__(self, *exception: object) -> None:
        _nested.set(self._inner)
        super().__exit__(*exception)


def _variable(x: Any) -> Value:
    """A Value of its own for an argument: two arguments that are one object stay two variables."""
    if isinstance(x, Value):
        return LINEAR(x) if x.requires_grad else Value(x.data)
    return Value(x)


def _shown(x: Any) -> Value:
    """The same without a copy, if it is an array of floats; ``f`` cannot write to it."""
    if type(x) is not np.ndarray or not x.ndim or x.dtype.kind != "f":
        return _variable(x)
    view = x.view()
    view.setflags(write=False)
    shown = constant(view)
    shown.requires_grad = True
    return shown


def positions(argnums: Argnums, args: Sequence[Any], name: str) -> list[int]:
    """The positions of the arguments to differentiate, from 0.

    Raises:
        InvalidArgument: for one that is none, or that is given twice.
    """
    numbers = list(argnums) if isinstance(argnums, Sequence) else [argnums]
    for i in numbers:
        if not isinstance(i, int) or not -len(args) <= i < len(args):
            raise InvalidArgument(f"argnums {i!r} is no position among the {len(args)} arguments of {name}")
    found = [i % len(args) for i in numbers]
    if len(set(found)) < len(found):
        raise InvalidArgument(f"argnums {argnums!r} of {name} name one argument twice: give each once")
    return found


def pairs_of(outputs: list[Any], seeds: list[Any]) -> list[tuple[Value, Any]]:
    """The outputs that a gradient can start from, each with its seed."""
    pairs = zip(outputs, seeds, strict=True)
    return [(y, seed) for y, seed in pairs if isinstance(y, Value) and y.requires_grad]


def _by_rows(y: Value, inputs: list[Value], create_graph: bool) -> list[Any]:
    """The Jacobian for each input: all its rows at once, or where the rows are recorded one by one."""
    if not create_graph:
        return [canonical(np.reshape(r, (*y.shape, *r.shape[1:]))) for r in jacobian_rows(y, inputs)]
    rows = []
    for i in range(y.size):
        seed = np.zeros(y.shape)
        seed.flat[i] = 1.0
        rows.append(gradients(y, inputs, seed, create_graph=True))
    return [_stack([row[k] for row in rows], y.shape, x) for k, x in enumerate(inputs)]


def _stack(rows: list[Any], shape: tuple[int, ...], x: Value) -> Any:
    if not rows:
        return canonical(np.zeros((*shape, *x.shape), x.dtype))
    stacked = np.reshape(np.stack(rows), (*shape, *x.shape))
    return stacked if isinstance(stacked, Value) else canonical(stacked)


def name_of(f: Any) -> str:
    """A short name, never ``repr(f)``: that of a partial spells out its arrays."""
    if isinstance(f, functools.partial):
        return name_of(f.func)
    return getattr(f, "__name__", type(f).__name__)
