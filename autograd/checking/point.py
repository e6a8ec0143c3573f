"""The arguments of a function as one vector, and the names of its elements."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument
from autograd.trees import leaves, rebuild
from autograd.value import Value


class Point:
    """The arguments as one flat float64 vector, and the way back."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.args = args
        self.arrays = [_real(x) for x in leaves(args)]
        self.x = np.concatenate([a.ravel() for a in self.arrays]) if self.arrays else np.zeros(0)
        if self.x.size == 0:
            raise InvalidArgument(
                "check_gradients needs at least one number to differentiate with respect to"
            )
        self.names = _argument_names(f, args)
        self.sizes = np.concatenate([np.full(a.size, self._size(a)) for a in self.arrays])

    def _size(self, a: np.ndarray) -> float:
        """How large an argument is: steps are relative to it, as weights and data differ in scale."""
        size = float(np.sqrt(np.mean(a**2))) if a.size else 0.0
        return size or min(1.0, max(1e-3, float(np.sqrt(np.mean(self.x**2)))))

    def unpack(self, x: Any) -> Any:
        """The arguments with the numbers of a flat array (real, complex, or a Value)."""
        parts, start = [], 0
        for a in self.arrays:
            parts.append(x[start : start + a.size].reshape(a.shape) if a.ndim else x[start])
            start += a.size
        return rebuild(self.args, iter(parts))

    def element(self, i: int) -> tuple[str, tuple[int, ...]]:
        """Which argument and index position ``i`` of the flat vector is."""
        for name, a in zip(self.names, self.arrays, strict=True):
            if i < a.size:
                return name, tuple(int(k) for k in np.unravel_index(i, a.shape)) if a.ndim else ()
            i -= a.size
        raise IndexError(i)


def _real(x: Any) -> np.ndarray:
    """The numbers of one argument, in float64."""
    array = np.asarray(x.data if isinstance(x, Value) else x)
    try:
        if array.dtype.kind != "c":
            return array.astype(np.float64)
    except (TypeError, ValueError):
        pass
    raise InvalidArgument(
        f"check_gradients takes real numbers, got {x!r:.40}: bind what is none, lambda x: f(x, 'mean')"
    )


def _argument_names(f: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    """A name for each leaf of the arguments: the parameter's, then the path into it."""
    try:
        parameters = list(inspect.signature(getattr(f, "forward", f)).parameters)
    except (TypeError, ValueError):
        parameters = []
    heads = [parameters[i] if i < len(parameters) else f"argument {i}" for i in range(len(args))]
    return [name for head, arg in zip(heads, args, strict=True) for name in _paths(head, arg)]


def _paths(head: str, tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [name for key, item in tree.items() for name in _paths(f"{head}[{key!r}]", item)]
    if isinstance(tree, (list, tuple)):
        return [name for i, item in enumerate(tree) for name in _paths(f"{head}[{i}]", item)]
    return [] if tree is None else [head]
