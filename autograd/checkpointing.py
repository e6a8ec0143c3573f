"""Memory for time: a piece of a computation that is run again instead of stored.

The backward pass needs the intermediate results of every operation, so a graph keeps them
all. A checkpoint keeps only where a piece starts and where it ends. When the backward pass
comes to one of its ends, the piece is run again and its new graph takes the place of the
missing one, in the same walk: so gradients are added up in the same order, and each part of
the new graph is freed as soon as the walk has left it behind.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from autograd.data import is_traced
from autograd.errors import GraphError
from autograd.primitive import Primitive
from autograd.recording import recording
from autograd.rules.activations import LINEAR
from autograd.trees import leaves, rebuild
from autograd.value import Value, _record, tick


def checkpoint(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """``f(*args)``, keeping nothing of its graph: the backward pass runs ``f`` again.

    Gradients are those of ``f(*args)``, equal to the bit, for the arguments and for all
    Values that ``f`` uses from outside (a module's parameters, say). Each backward pass costs
    one more run of ``f``. A chain of n operations in pieces of sqrt(n) holds sqrt(n) Values
    and, in the backward pass, one piece at a time.

    Args:
        f: function with a Value, or nested dicts, lists and tuples of them, as its result.
            It must compute the same each time: a random number inside needs a generator that
            is seeded inside, and a Value must not be kept from one run for the next.
        args: its arguments, of any kind; they are kept.
        kwargs: the same, by keyword.

    Returns:
        The result of ``f``. Its first run is recorded, to see which Values it uses, and
        that graph is dropped before ``checkpoint`` returns.

    Raises:
        GraphError: in the backward pass, if ``f`` does not give the same result again.
        UnsupportedType: if the graph is copied or pickled.

    Note:
        With ``create_graph=True``, gradients of higher order are equal up to rounding. The
        same holds where one result of ``f`` was computed from another.

    >>> x = Value(2.0)
    >>> y = checkpoint(lambda x: x * x * x, x)
    >>> y.backward()
    >>> x.grad, len(y.parents)
    (12.0, 1)
    """
    start = tick()
    result = f(*args, **kwargs)
    outputs = list(dict.fromkeys(y for y in leaves(result) if _was_computed(y, start)))
    if not outputs:
        return result  # nothing was recorded: no_grad(), or no Value in it
    piece = _Piece(f, args, kwargs)
    ends = {y: _end(piece, i, y, _outside(y, start)) for i, y in enumerate(outputs)}
    piece.ends = [weakref.ref(end) for end in ends.values()]
    swapped = [ends.get(y, y) if isinstance(y, Value) else y for y in leaves(result)]
    return rebuild(result, iter(swapped))


class _Piece:
    """What it takes to run a piece again; it refers to its ends weakly, as they refer to it."""

    __slots__ = ("args", "ends", "f", "kwargs")

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.f, self.args, self.kwargs = f, args, kwargs
        self.ends: list[weakref.ref[Value]] = []

    def run(self) -> tuple[list[Value], int]:
        """The results that were computed, recorded anew, and the time before them."""
        start = tick()
        with recording(True), np.errstate(all="ignore"):  # the first run has warned
            result = self.f(*self.args, **self.kwargs)
        return list(dict.fromkeys(y for y in leaves(result) if _was_computed(y, start))), start

    def replay(self) -> dict[Value, Value]:
        """For each end that is still in use, one with the graph that leads to it."""
        outputs, start = self.run()
        if len(outputs) != len(self.ends):
            self.refuse(f"{len(outputs)} results depend on Values, not {len(self.ends)}")
        found = {}
        for ref, y in zip(self.ends, outputs, strict=True):
            end = ref()
            if end is None:
                continue
            if not _alike(end._data, y._data):
                self.refuse("the numbers differ")
            if set(_outside(y, start)) != set(end.parents):
                self.refuse("it depends on other Values")
            found[end] = _recorded(LINEAR, end._data, (y,), None)
        return found

    def refuse(self, reason: str) -> NoReturn:
        name = getattr(self.f, "__name__", repr(self.f))
        raise GraphError(
            f"checkpoint ran {name} again for the backward pass and got another result ({reason}): it must "
            "compute the same each time, with arguments that have not changed, random numbers from a "
            "generator seeded inside, and nothing kept from one run for the next"
        )


def _was_computed(y: Any, start: int) -> bool:
    return isinstance(y, Value) and y.primitive is not None and y._stamp >= start


def _end(piece: _Piece, i: int, y: Value, parents: tuple[Value, ...]) -> Any:
    """What is kept of a result: its numbers, and the Values outside that it depends on."""
    if not parents:
        return y  # it depends on Values that f itself made, and nothing outside
    return _recorded(CHECKPOINT, y._data, parents, {"piece": piece, "i": i})


@recording(True)
def _recorded(primitive: Primitive, data: Any, parents: tuple[Value, ...], params: Any) -> Value:
    return _record(primitive, data, parents, params)


def _outside(output: Value, start: int) -> tuple[Value, ...]:
    """The Values made before ``start`` that a graph made since depends on."""
    seen, stack = {output}, [output]
    found: list[Value] = []
    while stack:
        for p in stack.pop().parents:
            if p.requires_grad and p not in seen:
                seen.add(p)
                (stack if p._stamp >= start else found).append(p)
    return tuple(found)


def _alike(x: Any, y: Any) -> bool:
    """Equal up to what threads and alignment may change in the last bits."""
    if np.shape(x) != np.shape(y) or getattr(x, "dtype", None) != getattr(y, "dtype", None):
        return False
    x, y = (np.asarray(v.data if is_traced(v) else v) for v in (x, y))
    finite = np.isfinite(x)
    if not np.array_equal(x[~finite], y[~finite], equal_nan=True):
        return False
    tolerance = np.sqrt(np.finfo(x.dtype).eps) * np.max(np.abs(x[finite]), initial=0.0)
    return bool(np.all(np.abs(x[finite] - y[finite]) <= tolerance))


def _numbers_again(*_: Any, piece: _Piece, i: int) -> Any:
    """The forward function of the row, for walks that compute a graph's numbers again."""
    return piece.run()[0][i]._data


CHECKPOINT = Primitive(
    "checkpoint",
    _numbers_again,
    (None,),
    ("(computed again)",),
    (r"\text{(computed again)}",),
    symbol="checkpoint",
    kinks="those of its function",
    variadic=True,
    replay=lambda end: end.params["piece"].replay(),
    doc="A piece of a computation of which only the ends are kept.",
)
