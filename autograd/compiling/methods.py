"""ndarray's methods and operators on tracers: NumPy's functions, which are written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def is_foreign(x: Any) -> bool:
    """True for a Value, which handles what it meets a tracer in."""
    return hasattr(x, "__apply_primitive__")


def _infix(name: str, ufunc: Any, swapped: bool = False) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        if is_foreign(other):
            return NotImplemented
        pair = (other, self) if swapped else (self, other)
        return self.tape.record(name, ufunc, pair, {})

    return method


def _prefix(name: str, ufunc: Any) -> Callable[[Any], Any]:
    return lambda self: self.tape.record(name, ufunc, (self,), {})


def _method(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return getattr(np, name)(self, *args, **options)

    method.__doc__ = f"NumPy's {name}."
    return method


class ArrayMethods:
    """What people write as a method of an array."""

    __slots__ = ()

    sum, prod, mean, std, var = map(_method, ("sum", "prod", "mean", "std", "var"))
    max, min, argmax, argmin, ptp = map(_method, ("max", "min", "argmax", "argmin", "ptp"))
    any, all, cumsum, cumprod = map(_method, ("any", "all", "cumsum", "cumprod"))
    argsort, argpartition, round = map(_method, ("argsort", "argpartition", "round"))
    ravel = flatten = _method("ravel")
    squeeze, swapaxes, diagonal, trace = map(_method, ("squeeze", "swapaxes", "diagonal", "trace"))
    repeat, take, choose, dot, searchsorted = map(
        _method, ("repeat", "take", "choose", "dot", "searchsorted")
    )
    nonzero = _method("nonzero")

    def clip(self, min: Any = None, max: Any = None) -> Any:
        """Limited to an interval."""
        return np.clip(self, min, max)  # type: ignore[call-overload]

    def copy(self, order: str = "C") -> Any:
        """The same: no line of a program changes a variable."""
        return self

    conj = conjugate = copy

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """In another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order; reversed without arguments."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return np.transpose(self, order or None)  # type: ignore[call-overload]

    def compress(self, condition: Any, axis: int | None = None) -> Any:
        """Slices along an axis where a condition holds."""
        return np.compress(condition, self, axis)  # type: ignore[call-overload]

    @property
    def T(self) -> Any:
        """The axes reversed."""
        return np.transpose(self)  # type: ignore[call-overload]

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return np.swapaxes(self, -1, -2)  # type: ignore[call-overload]

    @property
    def real(self) -> Any:
        """The same: there is no other part."""
        return self

    __add__, __radd__ = _infix("add", np.add), _infix("add", np.add, swapped=True)
    __sub__, __rsub__ = _infix("subtract", np.subtract), _infix("subtract", np.subtract, swapped=True)
    __mul__, __rmul__ = _infix("multiply", np.multiply), _infix("multiply", np.multiply, swapped=True)
    __truediv__, __rtruediv__ = _infix("divide", np.divide), _infix("divide", np.divide, swapped=True)
    __pow__, __rpow__ = _infix("power", np.power), _infix("power", np.power, swapped=True)
    __mod__, __rmod__ = _infix("remainder", np.remainder), _infix("remainder", np.remainder, swapped=True)
    __floordiv__ = _infix("floor_divide", np.floor_divide)
    __rfloordiv__ = _infix("floor_divide", np.floor_divide, swapped=True)
    __matmul__, __rmatmul__ = _infix("matmul", np.matmul), _infix("matmul", np.matmul, swapped=True)
    __lt__, __le__ = _infix("less", np.less), _infix("less_equal", np.less_equal)
    __gt__, __ge__ = _infix("greater", np.greater), _infix("greater_equal", np.greater_equal)
    __eq__, __ne__ = _infix("equal", np.equal), _infix("not_equal", np.not_equal)
    __and__ = __rand__ = _infix("bitwise_and", np.bitwise_and)
    __or__ = __ror__ = _infix("bitwise_or", np.bitwise_or)
    __xor__ = __rxor__ = _infix("bitwise_xor", np.bitwise_xor)
    __lshift__, __rshift__ = _infix("left_shift", np.left_shift), _infix("right_shift", np.right_shift)
    __rlshift__ = _infix("left_shift", np.left_shift, swapped=True)
    __rrshift__ = _infix("right_shift", np.right_shift, swapped=True)
    __divmod__, __rdivmod__ = _infix("divmod", np.divmod), _infix("divmod", np.divmod, swapped=True)
    __neg__, __abs__ = _prefix("negative", np.negative), _prefix("absolute", np.absolute)
    __pos__, __invert__ = _prefix("positive", np.positive), _prefix("invert", np.invert)
    __hash__ = object.__hash__
