"""ndarray's methods on Values: those with a derivative, those with plain results, those refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import functions
from autograd.data import as_array
from autograd.errors import ImmutableValue
from autograd.holder import Holder
from autograd.rules.shapes import RESHAPE, TRANSPOSE

_remainder: Any = np.remainder
_floor_divide: Any = np.floor_divide


def _plain(name: str) -> Callable[..., Any]:
    """A method whose result has no derivative: ndarray's, on the numbers."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        options = {key: functions.plain(x) for key, x in kwargs.items()}
        return getattr(as_array(self._data), name)(*map(functions.plain, args), **options)

    method.__doc__ = f"ndarray's {name}, with a plain result: it has no derivative."
    return method


def _in_place(name: str, instead: str) -> Callable[..., Any]:
    """A method that would change the numbers."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise ImmutableValue(f"v.{name}() would change numbers that a graph has recorded: write {instead}")

    method.__doc__ = f"Refused: write {instead}."
    return method


class ArrayMethods(Holder):
    """What ndarray has as a method, with ndarray's arguments."""

    __slots__ = ()

    __apply_primitive__: Callable[..., Any]

    def __mod__(self, other: Any) -> Any:
        return _remainder(self, other)

    def __rmod__(self, other: Any) -> Any:
        return _remainder(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _floor_divide(other, self)

    sum = functions.sum
    prod = functions.prod
    mean = functions.mean
    var = functions.var
    std = functions.std
    max = functions.max
    min = functions.min
    cumsum = functions.cumsum
    cumprod = functions.cumprod
    clip = functions.clip
    squeeze = functions.squeeze
    swapaxes = functions.swapaxes
    ravel = flatten = functions.ravel
    diagonal = functions.diagonal
    trace = functions.trace
    repeat = functions.repeat
    take = functions.take
    choose = functions.choose
    dot = functions.dot
    astype = functions.astype
    copy = conj = conjugate = functions.copy

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """The same elements in another shape; one length may be -1."""
        lengths = shape[0] if len(shape) == 1 else shape
        if order == "C":
            return self.__apply_primitive__(RESHAPE, (self,), {"shape": functions.lengths(lengths)})
        return functions.reshape(self, lengths, order)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order; reversed without arguments."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return functions.transpose(self, order or None)

    def compress(self, condition: Any, axis: int | None = None) -> Any:
        """Slices along an axis where a condition holds."""
        return functions.compress(condition, self, axis)

    @property
    def T(self) -> Any:
        """The axes reversed."""
        return self.__apply_primitive__(TRANSPOSE, (self,), {"axes": tuple(range(self.ndim))[::-1]})

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return functions.matrix_transpose(self)

    @property
    def real(self) -> Any:
        """The Value itself: there is no other part."""
        return self

    all = _plain("all")
    any = _plain("any")
    argmax = _plain("argmax")
    argmin = _plain("argmin")
    argsort = _plain("argsort")
    argpartition = _plain("argpartition")
    nonzero = _plain("nonzero")
    round = _plain("round")
    searchsorted = _plain("searchsorted")
    tolist = _plain("tolist")

    sort = _in_place("sort", "np.sort(v)")
    partition = _in_place("partition", "np.partition(v, kth)")
    resize = _in_place("resize", "np.resize(v, shape)")
    fill = _in_place("fill", "np.full_like(v, x)")
    put = _in_place("put", "np.where(mask, x, v)")
