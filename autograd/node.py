"""What a Value has beside its numbers: a name, a history, a gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import functions
from autograd.data import as_data
from autograd.errors import GradientNotKept, ImmutableValue, ShapeError
from autograd.methods import ArrayMethods
from autograd.primitive import Primitive

if TYPE_CHECKING:
    from autograd.value import Value

NOT_KEPT = object()  # stands in for the gradient of an intermediate that was not kept
LEAF: Any = object()  # the source of a leaf that requires a gradient


class Node(ArrayMethods):
    """A node of the computation graph, the base of Value."""

    __slots__ = (
        "__weakref__",
        "_grad",
        "_label",
        "_left",  # the parents, see below
        "_note",  # of a leaf, what happened to its gradient (autograd.backward.spend); see autograd.floats
        "_right",
        "_source",  # where the numbers come from: a primitive, LEAF, or None for a constant
        "_stamp",
        "params",
    )

    _grad: Any
    _label: str | None
    _left: Any
    _note: Any
    _right: Any
    _source: Any
    _stamp: int
    params: dict[str, Any] | None

    @property
    def label(self) -> str | None:
        """The name for pictures, reports and error texts."""
        return getattr(self, "_label", None)

    @label.setter
    def label(self, new: str | None) -> None:
        self._label = new

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values from which this one was computed, in order; none for a leaf.

        One or two of them have slots of their own: a tuple would be a second object for the
        garbage collector to follow, and would double its work on large graphs.
        """
        left, right = self._left, self._right
        if right is not None:
            return left, right
        if type(left) is tuple:
            return left
        return () if left is None else (left,)

    @parents.setter
    def parents(self, new: tuple[Value, ...]) -> None:
        self._left, self._right = new if len(new) == 2 else (new[0] if len(new) == 1 else new, None)

    @property
    def primitive(self) -> Primitive | None:
        """The row of the table of primitives that made this Value; None for a leaf."""
        return None if self._left is None else self._source

    @property
    def op(self) -> str:
        """The operation that made this Value, as a symbol; empty for a leaf."""
        return "" if self._left is None else self._source.symbol

    @property
    def is_leaf(self) -> bool:
        """True if no recorded operation made this Value."""
        return self._left is None

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is to reach this Value. It can be set on a leaf."""
        return self._source is not None

    @requires_grad.setter
    def requires_grad(self, new: bool) -> None:
        if self._left is not None:
            raise ImmutableValue(
                f"{describe(self)} was computed from Values that require gradients: "
                "set requires_grad on those, or work on .detach()"
            )
        self._source = LEAF if new else None

    @property
    def grad(self) -> Any:
        """The gradient: None before ``backward()``, then of the shape and dtype of ``data``.

        Leaves accumulate over calls of ``backward()``; intermediates are set by each.

        Raises:
            GradientNotKept: for an intermediate array without a label, whose gradient
                ``backward()`` did not keep.
        """
        grad = gradient_of(self)
        if grad is NOT_KEPT:
            raise GradientNotKept(
                f"the gradient of {describe(self)} was not kept, to save memory: "
                "give the Value a label, or call backward(keep_grads=True)"
            )
        return grad

    @grad.setter
    def grad(self, new: Any) -> None:
        if new is None:
            self.zero_grad()
            return
        new = new if isinstance(new, Node) else as_data(new)
        if np.shape(new) != self.shape:
            raise ShapeError(
                f"the gradient of {describe(self)} must have its shape, got {np.shape(new)}: "
                "give zeros of that shape, or None to forget it"
            )
        self._grad, self._note = in_dtype(new, self.dtype), "fresh"

    def zero_grad(self) -> None:
        """Forget the gradient: ``grad`` is None again."""
        self._grad = self._note = None

    def _keep_grad(self) -> None:
        """Let the gradient fit new numbers."""
        if np.shape(self._grad) == self.shape:
            self._grad = in_dtype(self._grad, self.dtype)
        else:
            self.zero_grad()


def gradient_of(v: Node) -> Any:
    """The gradient that is there: None if none was computed, NOT_KEPT if it was dropped."""
    return getattr(v, "_grad", None)


def in_dtype(g: Any, dtype: Any) -> Any:
    """A gradient in the floating-point type of what it belongs to; recorded if it is a Value."""
    return g if getattr(g, "dtype", np.float64) == dtype else functions.astype(g, dtype)


def describe(v: Node) -> str:
    """A Value as error texts name it: by its label, else by its operation and shape."""
    if v.label is not None:
        name = f"Value {v.label!r}"
    else:
        name = f"the result of {v.primitive.name}" if v.primitive else "an unlabelled Value"
    return f"{name} of shape {v.shape}" if v.ndim else name
