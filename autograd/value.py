"""Value: a number or an array that remembers how it was computed."""

from __future__ import annotations

import operator
from _thread import allocate_lock  # threading takes its time to import
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import functions
from autograd import recording as switch
from autograd.data import as_data, as_operand, is_traced
from autograd.errors import ImmutableValue, UnsupportedType
from autograd.functions import FUNCTIONS, UFUNCS
from autograd.node import LEAF, Node, describe
from autograd.primitive import Primitive, evaluate
from autograd.recording import is_recording
from autograd.rules import activations, arithmetic, elementary, products, selection

# Every write to a leaf's data takes the next tick; every Value is stamped with the tick at
# which it was made. A leaf stamped later than a Value computed from it was changed since.
_now = 0
_clock = allocate_lock()  # it never runs backwards

NO_PARAMS: dict[str, Any] = {}

_new = object.__new__


def apply(primitive: Primitive, inputs: tuple[Any, ...], params: dict[str, Any]) -> Value:
    """Compute a primitive of Values, numbers and arrays, and record it."""
    if len(inputs) == 1:  # a Value, or this would not be called
        parents: tuple[Value, ...] = inputs
        xs = [inputs[0]._data]
    else:
        parents = tuple([x if isinstance(x, Value) else constant(as_operand(x)) for x in inputs])
        xs = [p._data for p in parents]
    data = evaluate(primitive, xs, params)
    if type(data) is float and primitive.scalar is not None and not params:
        return _record(primitive, data, parents, None if all([type(x) is float for x in xs]) else params)
    return _record(primitive, data, parents, params)


def tick() -> int:
    """A time after everything so far: Values made from now on are stamped with it, or later."""
    global _now
    with _clock:
        _now += 1
        return _now


def catch_up(stamp: int) -> int:
    """Let no time from now on be before that of a Value of another process; gives it."""
    global _now
    with _clock:
        _now = max(_now, stamp)
        return stamp


def constant(data: Any) -> Value:
    """A Value around numbers that need no gradient; they are shared, not copied."""
    node = _new(Value)
    node._data = data
    node._stamp = _now
    node._source = node.params = node._left = node._right = None
    node._label = node._grad = node._note = None
    return node


def _record(
    primitive: Primitive, data: Any, parents: tuple[Value, ...], params: dict[str, Any] | None
) -> Value:
    """A new Value, with its history if any parent requires a gradient."""
    if is_recording():
        for p in parents:
            if p._source is not None:
                node = _new(Value)
                node._data = data
                node._stamp = _now
                node._source, node.params = primitive, params
                if len(parents) == 2:  # what the property does
                    node._left, node._right = parents
                else:
                    node._left, node._right = parents[0] if len(parents) == 1 else parents, None
                node._label = node._grad = node._note = None
                return node
    return constant(data)


# A scalar operation must cost next to nothing, so the next two functions write out, for floats,
# what `constant` and `_record` do. Such a Value has the params None, and no other has. The slots that
# it may never need are not filled, which Python's garbage collector would follow again and again.


def _operators(primitive: Primitive) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """An infix operator and its reflected form."""
    scalar: Any = primitive.scalar

    def infix(self: Value, other: Any) -> Value:
        if not isinstance(other, Value):
            other = constant(other if type(other) is float else as_operand(other))
        a, b = self._data, other._data
        if type(a) is float and type(b) is float:
            try:
                y = scalar(a, b)
                if y - y == 0.0:
                    if (self._source is None and other._source is None) or (
                        switch.used and not is_recording()
                    ):
                        return constant(y)
                    node = _new(Value)
                    node._data = y
                    node._stamp = _now
                    node.params = node._note = None
                    node._source = primitive
                    node._left = self
                    node._right = other
                    return node
            except (ArithmeticError, ValueError):
                pass  # not finite: NumPy gives the IEEE result, and its warning
        node = constant(evaluate(primitive, (a, b), NO_PARAMS))
        if not (self._source is None and other._source is None) and is_recording():  # as _record does it
            node._source, node.params = primitive, NO_PARAMS
            node._left, node._right = self, other
        return node

    def reflected(self: Value, other: Any) -> Value:
        return infix(constant(other if type(other) is float else as_operand(other)), self)

    return infix, reflected


def _method(primitive: Primitive) -> Callable[[Any], Any]:
    """A method without arguments."""
    scalar: Any = primitive.scalar

    def method(self: Value) -> Value:
        x = self._data
        if type(x) is float:
            try:
                y = scalar(x)
                if y - y == 0.0:
                    if self._source is None or (switch.used and not is_recording()):
                        return constant(y)
                    node = _new(Value)
                    node._data = y
                    node._stamp = _now
                    node.params = node._note = node._right = None
                    node._source = primitive
                    node._left = self
                    return node
            except (ArithmeticError, ValueError):
                pass  # as above
        return _record(primitive, evaluate(primitive, (x,), NO_PARAMS), (self,), NO_PARAMS)

    method.__doc__ = f"{primitive.name}, element by element."
    return method


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A comparison of the numbers, which gives plain booleans."""

    def method(self: Value, other: Any) -> Any:
        if isinstance(other, Value):
            return compare(self._data, other._data)
        return NotImplemented if other is None or isinstance(other, str) else compare(self._data, other)

    return method


class Value(Node):
    """A scalar or an array of floats, with the operation that made it.

    Operators, methods and NumPy functions of Values record a graph; :meth:`backward`
    differentiates it. Comparisons give plain booleans.

    Args:
        data: number, array or nested list. Arrays are copied. Integers and bools become
            float64, other floating-point types stay.
        label: name for pictures, reports and error texts.
        requires_grad: False makes a constant.

    Raises:
        UnsupportedType: for data that is complex, text or any other object.

    >>> x = Value(3.0, label="x")
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> y.data, x.grad
    (15.0, 8.0)
    """

    __slots__ = ()

    def __init__(self, data: Any, *, label: str | None = None, requires_grad: bool = True) -> None:
        if isinstance(data, Value):
            raise UnsupportedType(
                "Value(v) of a Value would cut its graph: use v itself, or v.detach() if that is meant"
            )
        if label is not None and not isinstance(label, str):
            raise UnsupportedType(f"label must be a string, got {type(label).__name__} {label!r}")
        self._data = as_data(data)
        self._label = label
        self._source = LEAF if requires_grad else None
        self.params = self._left = self._right = self._grad = self._note = None
        self._stamp = _now

    # -- what a Value holds ------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The numbers: a Python float, or a NumPy array.

        ``p.data -= lr * p.grad`` updates a leaf; a graph that had used the old numbers
        refuses to be differentiated from then on. Its gradient stays, for others to be added; in
        the new dtype if that is another. Numbers of another shape forget it: nothing could be
        added to it.
        """
        return self._data

    @data.setter
    def data(self, new: Any) -> None:
        if self.primitive is not None:
            raise ImmutableValue(
                f"{describe(self)} was computed: its data cannot be set; "
                "change the leaves it depends on, or work on .detach()"
            )
        if isinstance(new, Value):
            raise UnsupportedType(
                f"the data of {describe(self)} must be plain numbers, got a Value: "
                "work with .data on the right, as in p.data = p.data - lr * p.grad"
            )
        if new is not self._data:
            self._data = as_data(new)
            if self._grad is not None:
                self._keep_grad()
        self._stamp = tick()

    # -- the backward pass ---------------------------------------------------------------

    def backward(self, seed: Any = None, *, keep_grads: bool = False, create_graph: bool = False) -> None:
        """Set ``.grad`` on every Value that this one depends on; leaves add up several passes.

        Arguments and errors are those of :func:`autograd.backward.backward`.

        >>> x = Value([1.0, 2.0])
        >>> (x * x).backward(seed=[1.0, 10.0])
        >>> x.grad
        array([ 2., 40.])
        """
        from autograd.backward import backward

        backward(self, seed, keep_grads=keep_grads, create_graph=create_graph)

    def detach(self) -> Value:
        """A constant with the same numbers, shared and not copied; the graph ends there."""
        return constant(self._data)

    # -- operators and methods, each one line of the table of primitives --------------------

    __add__, __radd__ = _operators(arithmetic.ADD)
    __sub__, __rsub__ = _operators(arithmetic.SUBTRACT)
    __mul__, __rmul__ = _operators(arithmetic.MULTIPLY)
    __truediv__, __rtruediv__ = _operators(arithmetic.DIVIDE)
    __pow__, __rpow__ = _operators(arithmetic.POWER)

    __neg__ = _method(arithmetic.NEGATIVE)
    __pos__ = _method(activations.LINEAR)
    __abs__ = _method(arithmetic.ABSOLUTE)
    abs = __abs__
    exp = _method(elementary.EXP)
    log = _method(elementary.LOG)
    sqrt = _method(elementary.SQRT)
    sin = _method(elementary.SIN)
    cos = _method(elementary.COS)
    tanh = _method(elementary.TANH)
    sigmoid = _method(activations.SIGMOID)
    relu = _method(activations.RELU)

    def __matmul__(self, other: Any) -> Value:
        return apply(products.MATMUL, (self, other), NO_PARAMS)

    def __rmatmul__(self, other: Any) -> Value:
        return apply(products.MATMUL, (other, self), NO_PARAMS)

    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)
    __hash__ = object.__hash__

    def __apply_primitive__(
        self, primitive: Primitive, inputs: tuple[Any, ...], params: dict[str, Any]
    ) -> Value:
        return apply(primitive, inputs, params)

    def __setitem__(self, index: Any, new: Any) -> None:
        raise ImmutableValue(
            "v[i] = x would change numbers that a graph has recorded: "
            "write v = np.where(mask, x, v), or v.data[i] = x on a leaf before it is used"
        )

    def __getitem__(self, index: Any) -> Value:
        return apply(selection.GETITEM, (self,), {"index": functions.as_index(index)})

    def __iter__(self) -> Iterator[Value]:
        if self.ndim == 0:
            raise UnsupportedType("a scalar Value is one number: it cannot be iterated over")
        return (self[i] for i in range(len(self)))

    # -- what a Value answers to Python and NumPy -----------------------------------------------

    def __repr__(self) -> str:
        body = (
            f"{self._data!r}"
            if self.ndim == 0 or is_traced(self._data)
            else np.array2string(self._data, separator=", ", prefix="Value(")
        )
        parts = [body]
        if self.label is not None:
            parts.append(f"label={self.label!r}")
        if self.primitive is not None:
            parts.append(f"op={self.op!r}")
        elif not self.requires_grad:
            parts.append("requires_grad=False")
        return f"{type(self).__name__}({', '.join(parts)})"

    def _repr_html_(self) -> str:
        from autograd.html import value_html

        return value_html(self)

    def __reduce__(self) -> Any:
        from autograd.copying import reduce_value

        return reduce_value(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        known = UFUNCS.get(ufunc)
        if known is not None and method == "__call__" and not kwargs:  # the frequent case, from every rule
            return apply(known, inputs, NO_PARAMS) if type(known) is Primitive else known(*inputs)
        from autograd.numpy_protocol import call_ufunc

        return call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is np.shape and args and args[0] is self:  # asked for in every rule
            return self.shape
        known = FUNCTIONS.get(func)
        if known is not None:
            return known(*args, **kwargs)
        from autograd.numpy_protocol import call_function

        return call_function(func, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.requires_grad:
            from autograd.numpy_protocol import instead_of_array

            raise UnsupportedType(
                f"{describe(self)} as a plain array would lose its gradient: {instead_of_array()}"
            )
        return np.array(self._data, dtype=dtype, copy=copy)
