"""Functions of functions: the gradient, Jacobian or Hessian of ``f`` as a new function.

They take and give plain arrays, also inside nested dicts, lists and tuples, and nest freely.
Inside another transform they work on the Values that it traces, and give Values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from autograd.backward import pulled_back
from autograd.errors import ShapeError
from autograd.recorded_call import Argnums, Entered, RecordedCall, name_of, pairs_of
from autograd.trees import leaves, rebuild, tree_map
from autograd.value import Value

F = TypeVar("F", bound=Callable[..., Any])


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
        InvalidArgument: if ``argnums`` is not a position, or has one twice.

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
    """Like :func:`grad`, with its errors, but the function gives ``(value, gradient)``.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """

    @_named_after(f, "value and gradient")
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        with Entered() as inner:
            trace = RecordedCall(f, argnums, args, kwargs, inner, once=True)
            if np.shape(trace.result) != ():
                raise ShapeError(
                    f"a gradient needs a function with a scalar result, {name_of(f)} gives shape "
                    f"{np.shape(trace.result)}: reduce it with .sum() or .mean(), or use jacobian"
                )
            return trace.plain(trace.result), trace.last_gradients()

    return value_and_gradient


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of ``f`` and its pullback, ``gradient @ Jacobian``.

    Returns:
        ``(value, pullback)``. ``pullback(g)`` takes a gradient of the shape of the value
        (nested as the value is) and gives a tuple with one gradient per argument.

    Raises:
        ShapeError: from the pullback, for a gradient of another shape.

    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> value, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    with Entered() as inner:
        trace = RecordedCall(f, tuple(range(len(args))), args, {}, inner)

        def pullback(g: Any) -> tuple[Any, ...]:
            with Entered():
                return trace.gradients(trace.result, g)  # type: ignore[no-any-return]

        return trace.plain(trace.result), pullback


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of ``f`` and its derivative along ``tangents``, ``Jacobian @ tangent``.

    A pullback is linear in its gradient; its own transpose is the derivative forward (Townsend,
    2017). The derivative has the shape and dtype of the value, nested as it is.

    Raises:
        ShapeError: if ``tangents`` have other shapes than ``args``.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    args, tangents = tuple(args), tuple(tangents)
    _check_like(args, tangents, "tangents")
    with Entered() as inner:
        trace = RecordedCall(f, tuple(range(len(args))), args, {}, inner)
        outputs = leaves(trace.result)
        seeds = [_zeros_like(y) for y in outputs]
        back = pulled_back(pairs_of(outputs, seeds), trace.inputs, create_graph=True)
        forward = pulled_back(pairs_of(back, leaves(tangents)), seeds, trace.nested)
        return trace.plain(trace.result), rebuild(trace.result, iter(forward))


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The Jacobian of ``f``, of shape ``output.shape + input.shape``.

    The function is called once, and its graph walked once for all elements of the output, or of
    the arguments, whichever are fewer. Large ones are taken a few at a time, in bounded memory.

    Returns:
        A function that gives the Jacobian: for nested outputs and arguments the containers
        of the output, around those of ``argnums`` and of the argument.

    Raises:
        InvalidArgument: for ``argnums`` as in :func:`grad`.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @_named_after(f, "Jacobian")
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        with Entered() as inner:
            trace = RecordedCall(f, argnums, args, kwargs, inner)
            return tree_map(trace.jacobian, trace.result)

    return jacobian_of


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The matrix of second derivatives of a scalar function, of shape ``x.shape + x.shape``.

    The function is called once, and the graph of its gradient walked once for all elements of ``x``.
    Arguments and errors are those of :func:`grad`.

    >>> hessian(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return _named_after(f, "Hessian")(jacobian(grad(f, argnums), argnums))


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The product of the Hessian of a scalar function at ``x`` with ``v``, without the Hessian.

    The derivative along ``v`` of the gradient (Pearlmutter, 1994), of the shape of ``x``.

    Raises:
        ShapeError: if ``v`` has another shape than ``x``, or ``f`` does not give a scalar.

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    _check_like(x, v, "v")
    return vjp(grad(f), x)[1](v)[0]


def _check_like(x: Any, v: Any, name: str) -> None:
    given, expected = [np.shape(a) for a in leaves(v)], [np.shape(a) for a in leaves(x)]
    if given != expected:
        raise ShapeError(f"{name} must have the shapes of the arguments, {expected}, got {given}")


def _zeros_like(y: Any) -> Value:
    """Zeros of the shape of a result, and of its dtype if it can have a derivative."""
    dtype = getattr(y, "dtype", None)
    return Value(np.zeros(np.shape(y), dtype if dtype is not None and dtype.kind == "f" else None))


def _named_after(f: Any, what: str) -> Callable[[F], F]:
    def rename(g: F) -> F:
        g.__name__ = g.__qualname__ = f"{what.replace(' ', '_')}_of_{name_of(f)}"
        g.__doc__ = f"The {what} of {name_of(f)}."
        return g

    return rename
