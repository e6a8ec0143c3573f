"""What follows from the numbers alone: shape, dtype, float(v), len(v)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError, UnsupportedType


class Holder:
    """Something that holds a Python float or an array of floats, the base of Value."""

    __slots__ = ("_data",)

    _data: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis; ``()`` for a scalar."""
        return () if type(self._data) is float else self._data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return 1 if type(self._data) is float else int(self._data.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Floating-point type of the elements."""
        return np.dtype(np.float64) if type(self._data) is float else self._data.dtype

    def item(self) -> float:
        """The number of a Value of one element, as a Python float.

        Raises:
            ShapeError: if there are more elements, or none.
        """
        if self.size != 1:
            raise ShapeError(
                f"one number was needed, but the shape is {self.shape}: "
                "pick an element with [...], or reduce with .sum() or .mean()"
            )
        return float(self._data) if self.ndim == 0 else float(self._data.reshape(()))

    def numpy(self) -> Any:
        """The numbers as a NumPy array, shared and not copied; the graph ends there."""
        return np.asarray(self._data)

    def __len__(self) -> int:
        if self.ndim == 0:
            raise UnsupportedType("a scalar Value is one number: it has no length")
        return self.shape[0]

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(f"the truth of shape {self.shape} is ambiguous: ask np.any(v) or np.all(v)")
        return bool(self._data)

    def __float__(self) -> float:
        return self.item()

    def __int__(self) -> int:
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)
