"""Which NumPy function is which of ours, and what all of them share: axes, shapes, refusals."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd.errors import NoRule, ShapeError, UnsupportedType
from autograd.rules import shapes

F = TypeVar("F", bound=Callable[..., Any])

NOT_GIVEN: Any = np._NoValue
_INT = {int}

FUNCTIONS: dict[Any, Callable[..., Any]] = {}
UFUNCS: dict[Any, Callable[..., Any]] = {}  # filled by numpy_protocol


def implements(*numpy_functions: Any) -> Callable[[F], F]:
    """Connect NumPy's functions to ours: ``np.sum(v)`` of a Value calls it."""

    def connect(f: F) -> F:
        FUNCTIONS.update(dict.fromkeys(numpy_functions, f))
        return f

    return connect


def given(option: Any) -> bool:
    """True for an option that the user gave."""
    return option is not None and option is not NOT_GIVEN


def flag(option: Any) -> bool:
    """A bool; False if it was not given."""
    return option is not NOT_GIVEN and bool(option)


def refuse(function: str, **options: Any) -> None:
    """Raise if an option was given that has no rule, ``out`` above all."""
    for name, option in options.items():
        if given(option):
            remedy = (
                "assign the result instead" if name == "out" else "compose it of functions that have a rule"
            )
            raise NoRule(f"np.{function} of Values does not take {name}=: {remedy}")


def in_type(a: Any, dtype: Any) -> Any:
    """``a`` in a floating-point type, or as it is if none is given.

    Raises:
        NoRule: for an integer or complex type, which would lose the gradient.
    """
    if not given(dtype):
        return a
    if np.dtype(dtype).kind != "f":
        raise NoRule(
            f"astype({np.dtype(dtype)}) would lose the gradient: use .data.astype(...) if that is meant"
        )
    return shapes.ASTYPE(a, dtype=np.dtype(dtype))


def dimensions(a: Any) -> int:
    """The number of axes; ``np.ndim`` of a Value takes its time."""
    return a.ndim if hasattr(a, "ndim") else np.ndim(a)


def normalize_axes(a: Any, axis: Any) -> Any:
    """None, or a tuple of non-negative axes."""
    if axis is None:
        return None
    ndim = dimensions(a)
    if ndim == 0 and axis in (0, -1):  # NumPy reduces a number along either
        return ()
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    chosen = tuple([i if type(i) is int and 0 <= i < ndim else normalize_axis(i, ndim) for i in axes])
    if len(chosen) > 1 and len(set(chosen)) < len(chosen):
        raise ShapeError(f"an axis appears twice in {axis!r}")
    return chosen


def normalize_axis(axis: Any, ndim: int) -> int:
    """A non-negative axis."""
    i = integer(axis, "axis")
    if not -ndim <= i < ndim:
        raise ShapeError(f"axis {i} is out of range for {ndim} dimensions")
    return i % ndim


def one_axis(a: Any, axis: Any) -> tuple[Any, int]:
    """The array and its axis; flattened if none is given, or if it is a number."""
    if axis is None or np.ndim(a) == 0:
        a, axis = np.ravel(a), axis or 0
    return a, normalize_axis(axis, np.ndim(a))


def integer(x: Any, what: str) -> int:
    """An integer, or an error that says what should have been one."""
    try:
        return operator.index(x)
    except TypeError:
        raise UnsupportedType(f"{what} must be an integer or a tuple of integers, got {x!r}") from None


def lengths(shape: Any) -> tuple[int, ...]:
    """A shape as a tuple."""
    if type(shape) is tuple and set(map(type, shape)) <= _INT:  # as a rule gives it
        return shape
    return tuple(integer(n, "a shape") for n in (shape if isinstance(shape, (tuple, list)) else (shape,)))


def along(axis: int, part: Any) -> tuple[Any, ...]:
    """An index into one axis."""
    return (slice(None),) * axis + (part,)


def plain(x: Any) -> Any:
    """The numbers of a Value; anything else as it is."""
    return x._data if hasattr(x, "__apply_primitive__") else x


def constant(x: Any, function: str, argument: str) -> Any:
    """The numbers of an argument that has no derivative here.

    Raises:
        NoRule: for a Value that requires a gradient, which would be lost.
    """
    if getattr(x, "requires_grad", False):
        raise NoRule(
            f"np.{function} has no derivative with respect to {argument}: give .data if that is meant"
        )
    return plain(x)


def array(x: Any) -> Any:
    """A list as an array; a Value, an array or a number as it is."""
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def floating(*xs: Any) -> Any:
    """The type that NumPy gives these together, float64 if that is none of floating point."""
    dtype = np.result_type(*xs)
    return dtype if dtype.kind == "f" else np.dtype(np.float64)
