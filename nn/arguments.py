"""Arguments that many functions take, checked: names, counts, numbers, generators."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import Value
from autograd.data import as_array, as_operand
from autograd.errors import InvalidArgument, UnknownName, UnsupportedType, nearest


def look_up(kind: str, given: Any, table: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    """The function that ``given`` stands for.

    Raises:
        UnknownName: for a name that is not in the table; the nearest is offered.
        UnsupportedType: for what is neither a name nor a function, or for a class.

    >>> look_up("rounding", "roundd", {"round": round})
    Traceback (most recent call last):
        ...
    autograd.errors.UnknownName: unknown rounding 'roundd'; did you mean 'round'? Names: round
    """
    if isinstance(given, type):
        raise UnsupportedType(f"{kind} must be a name or a function, got a class: write {given.__name__}()")
    if callable(given):
        return given  # type: ignore[no-any-return]
    if not isinstance(given, str):
        raise UnsupportedType(f"{kind} must be a name or a function, got {given!r}")
    if given not in table:
        hint = nearest(given, table) or "."
        raise UnknownName(f"unknown {kind} {given!r}{hint} Names: {', '.join(table)}")
    return table[given]


def positive_integer(name: str, n: Any) -> int:
    """A count or a size.

    >>> positive_integer("epochs", 3)
    3
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise InvalidArgument(f"{name} must be a positive integer, got {n!r}")
    return int(n)


def real_number(name: str, x: Any, above: float | None = None) -> float:
    """A finite number that is not negative, or that lies above a bound (``-math.inf`` for any)."""
    try:
        number = None if isinstance(x, (bool, str)) else float(x)
    except (TypeError, ValueError):
        number = None
    except OverflowError:  # a very large int, whose digits nobody wants to read
        x = number = math.inf
    if number is None:
        raise UnsupportedType(f"{name} must be a number, got {x!r}")
    if not math.isfinite(number) or (number < 0.0 if above is None else number <= above):
        bound = " and not negative" if above is None else f" and above {above:g}"
        raise InvalidArgument(f"{name} must be finite{'' if above == -math.inf else bound}, got {x!r}")
    return number


def as_numbers(x: Any) -> Any:
    """The numbers of data or targets as an array: of a Value, an array, a list or a number.

    >>> as_numbers(2), as_numbers(Value([1.0]))
    (array(2), array([1.]))
    """
    x = joined(x)
    x = x.data if isinstance(x, Value) else x
    return as_array(x if isinstance(x, int) else as_operand(x))


def joined(x: Any) -> Any:
    """Lists that hold Values as one Value; anything else as it is.

    >>> joined([Value(1.0), 2.0]), joined([1.0, 2.0])
    (Value([1., 2.], op='stack'), [1.0, 2.0])
    """
    if not isinstance(x, (list, tuple)):
        return x
    items = [joined(item) for item in x]
    return np.stack(items) if any(isinstance(item, Value) for item in items) else x


def as_rng(rng: Any) -> np.random.Generator:
    """A random generator, from a generator, a seed, or None for an unpredictable one.

    >>> int(as_rng(0).integers(100)) == int(as_rng(0).integers(100))
    True
    """
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise UnsupportedType(
            f"rng must be a numpy.random.Generator, an integer seed or None, got {rng!r}"
        ) from None
