"""Functions of functions: the gradient, Jacobian or Hessian of ``f`` as a new function.

They take and give plain arrays, also inside nested dicts, lists and tuples, and nest freely.
Inside another transform they work on the Values that it traces, and give Values.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np

from autograd.backward import gradients, pulled_back
from autograd.batched import jacobian_rows
from autograd.data import canonical
from autograd.errors import InvalidArgument, ShapeError
from autograd.recording import recording
from autograd.rules.activations import LINEAR
from autograd.trees import leaves, rebuild, tree_map
from autograd.value import Value, constant

F = TypeVar("F", bound=Callable[..., Any])
Argnums = int | Sequence[int]

# True inside a transform: what is computed there may be differentiated once more.
_nested: ContextVar[bool] = ContextVar("nested", default=False)


def grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The gradient of a scalar function, as a function of the same arguments.

    Args:
        f: a function that returns a scalar.
        argnums: the position of the argument to differentiate, or several.

    Returns:
        A function that gives the gradient, of the shape and dtype of the argument (nested
        as the argument is); a tuple of them if ``argnums`` is a sequence.

    Raises:
        ShapeError: if ``f`` does not return a scalar.
        InvalidArgument: if ``argnums`` is not a position.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda p: (p["w"] * p["w"]).sum())({"w": np.ones(2)})
    {'w': array([2., 2.])}
    """
    value_and_gradient = value_and_grad(f, argnums)

    @_named_after(f, "gradient")
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return value_and_gradient(*args, **kwargs)[1]

    return gradient


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Like :func:`grad`, but the function gives ``(value, gradient)``.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """

    @_named_after(f, "value and gradient")
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        with _Entered() as inner:
            trace = _Trace(f, argnums, args, kwargs, inner, once=True)
            if np.shape(trace.result) != ():
                raise ShapeError(
                    f"grad needs a function with a scalar result, {_name(f)} gives shape "
                    f"{np.shape(trace.result)}: reduce it with .sum() or .mean(), or use jacobian"
                )
            return trace.plain(trace.result), trace.last_gradients()

    return value_and_gradient


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of ``f`` and its pullback, ``gradient @ Jacobian``.

    Returns:
        ``(value, pullback)``. ``pullback(g)`` takes a gradient of the shape of the value
        (nested as the value is) and gives a tuple with one gradient per argument.

    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> value, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    with _Entered() as inner:
        trace = _Trace(f, tuple(range(len(args))), args, {}, inner)

        def pullback(g: Any) -> tuple[Any, ...]:
            with _Entered():
                return trace.gradients(trace.result, g)  # type: ignore[no-any-return]

        return trace.plain(trace.result), pullback


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of ``f`` and its derivative along ``tangents``, ``Jacobian @ tangent``.

    A pullback is linear in its gradient; its own transpose is the derivative forward.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    args, tangents = tuple(args), tuple(tangents)
    _check_like(args, tangents, "tangents")
    with _Entered() as inner:
        trace = _Trace(f, tuple(range(len(args))), args, {}, inner)
        outputs = leaves(trace.result)
        seeds = [Value(np.zeros(np.shape(y))) for y in outputs]
        back = pulled_back(_pairs(outputs, seeds), trace.inputs, create_graph=True)
        forward = pulled_back(_pairs(back, leaves(tangents)), seeds, trace.nested)
        return trace.plain(trace.result), rebuild(trace.result, iter(forward))


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The Jacobian of ``f``, of shape ``output.shape + input.shape``.

    The function is called once, and its graph walked once for all elements of the output, or of
    the arguments, whichever are fewer. Large ones are taken a few at a time, in bounded memory.

    Returns:
        A function that gives the Jacobian: for nested outputs and arguments the containers
        of the output, around those of ``argnums`` and of the argument.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @_named_after(f, "Jacobian")
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        with _Entered() as inner:
            trace = _Trace(f, argnums, args, kwargs, inner)
            return tree_map(trace.jacobian, trace.result)

    return jacobian_of


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The matrix of second derivatives of a scalar function, of shape ``x.shape + x.shape``.

    The function is called once, and the graph of its gradient walked once for all elements of ``x``.

    >>> hessian(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return _named_after(f, "Hessian")(jacobian(grad(f, argnums), argnums))


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The product of the Hessian of a scalar function at ``x`` with ``v``, without the Hessian.

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    _check_like(x, v, "v")
    return vjp(grad(f), x)[1](v)[0]


class _Trace:
    """One recorded call: which arguments were differentiated, their Values, and the result.

    What is differentiated ``once``, before anybody can change the arguments, needs no copies of them.
    """

    def __init__(
        self, f: Any, argnums: Argnums, args: tuple[Any, ...], kwargs: Any, inner: bool, once: bool = False
    ) -> None:
        self.single = not isinstance(argnums, Sequence)
        numbers = positions(argnums, args, _name(f))
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
        return self.arrange(pulled_back(_pairs(outputs, starts), self.inputs, self.nested))

    def last_gradients(self) -> Any:
        """The same of the whole result, a scalar; its graph is freed as the pass goes through it."""
        y, self.result = self.result, None
        if self.nested or not isinstance(y, Value) or not y.requires_grad:
            return self.gradients(y)
        end = constant(y._data)  # the graph hangs from it alone, unless ``f`` has stored the result
        end.requires_grad, end.primitive, end.parents = True, LINEAR, (y,)
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


class _Entered(recording):
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
        InvalidArgument: for one that is none.
    """
    numbers = list(argnums) if isinstance(argnums, Sequence) else [argnums]
    for i in numbers:
        if not isinstance(i, int) or not -len(args) <= i < len(args):
            raise InvalidArgument(f"argnums {i!r} is no position among the {len(args)} arguments of {name}")
    return [i % len(args) for i in numbers]


def _check_like(x: Any, v: Any, name: str) -> None:
    given, expected = [np.shape(a) for a in leaves(v)], [np.shape(a) for a in leaves(x)]
    if given != expected:
        raise ShapeError(f"{name} must have the shapes of the arguments, {expected}, got {given}")


def _pairs(outputs: list[Any], seeds: list[Any]) -> list[tuple[Value, Any]]:
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


def _name(f: Any) -> str:
    """A short name, never ``repr(f)``: that of a partial spells out its arrays."""
    if isinstance(f, functools.partial):
        return _name(f.func)
    return getattr(f, "__name__", type(f).__name__)


def _named_after(f: Any, what: str) -> Callable[[F], F]:
    def rename(g: F) -> F:
        g.__name__ = g.__qualname__ = f"{what.replace(' ', '_')}_of_{_name(f)}"
        g.__doc__ = f"The {what} of {_name(f)}."
        return g

    return rename
