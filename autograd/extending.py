"""A user's own primitive: a function with derivatives that are written down."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.data import as_operand, canonical
from autograd.errors import InvalidArgument, ShapeError, UnsupportedType
from autograd.primitive import Primitive, Rule
from autograd.value import Value


def primitive(
    *vjps: Rule,
    name: str | None = None,
    notation: tuple[str, ...] = (),
    latex: tuple[str, ...] = (),
    elementwise: bool = False,
) -> Callable[[Callable[..., Any]], Primitive]:
    """Make a primitive of a function on arrays, as a decorator.

    Args:
        vjps: one derivative per input, ``(g, y, *inputs, **params) -> gradient``, where ``g``
            is the gradient with respect to the result ``y``. The gradient has the shape of
            its input, or of the result if the input was broadcast to it. Written in NumPy
            and operators, it can be differentiated again.
        name: shown in pictures and error texts; the function's own name if not given.
        notation: each derivative as text, for people.
        latex: the same in LaTeX.
        elementwise: True if each element of the result depends on one element of each input
            only. Elements that ``np.where`` cuts off then stay cut off.

    The function gets numbers and arrays, and gives one: lists are taken as arrays, integers and
    bools as float64. What a derivative gives is copied, so it may be an array that is kept elsewhere.

    Raises:
        InvalidArgument: without a derivative; at the first call, if their number is not that
            of the inputs.
        UnsupportedType: at the call, if the result is no number or array of real numbers, or is
            a Value; in the backward pass, if a derivative is none.
        ShapeError: in the first backward pass, if a derivative has a wrong shape.

    >>> @primitive(lambda g, y, x: g * 3 * x**2)
    ... def cube(x):
    ...     return x**3
    >>> from autograd import grad
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (12.0, 12.0)
    """
    if not vjps or not all(callable(rule) for rule in vjps):
        raise InvalidArgument("@primitive needs one derivative per input: @primitive(lambda g, y, x: ...)")

    def make(forward: Callable[..., Any]) -> Primitive:
        label = name or forward.__name__
        return Primitive(
            label,
            _checked_forward(label, forward),
            tuple(_checked(label, i, rule) for i, rule in enumerate(vjps)),
            notation or ("(by rule)",) * len(vjps),
            latex or (r"\text{(by rule)}",) * len(vjps),
            symbol=label,
            kind="elementwise" if elementwise else "other",
            doc=forward.__doc__ or "",
        )

    return make


def _checked_forward(name: str, forward: Callable[..., Any]) -> Callable[..., Any]:
    """The function, refusing a result that no Value can hold."""

    @functools.wraps(forward)
    def checked(*inputs: Any, **params: Any) -> Any:
        y = forward(*inputs, **params)
        if isinstance(y, Value):
            raise UnsupportedType(
                f"the function of the primitive {name} gave a Value: let it compute with plain numbers and "
                "arrays, which are what it gets, or call it without @primitive"
            )
        return _real(y, f"the function of the primitive {name}")

    return checked


def _checked(name: str, i: int, rule: Rule) -> Rule:
    """The rule, refusing a result that is no gradient of its input; it gives memory of its own."""

    def checked(g: Any, y: Any, *inputs: Any, **params: Any) -> Any:
        part = rule(g, y, *inputs, **params)
        if part is g or (type(part) is complex and type(g) is float):
            return part  # a power of Python's floats: it is asked for again, in IEEE arithmetic
        if isinstance(part, Value) and not isinstance(y, Value):
            part = part.data  # nothing is recorded
        if part is not None and not isinstance(part, Value):
            part = _real(part, f"the derivative of {name} with respect to input {i}")
        allowed = (np.shape(inputs[i]), np.shape(y))
        if part is None or np.shape(part) not in allowed:
            given = "None" if part is None else f"shape {np.shape(part)}"
            raise ShapeError(
                f"the derivative of {name} with respect to input {i} must have the shape "
                f"{allowed[0]} of that input, it gave {given}: correct that rule"
            )
        return part.copy("K") if type(part) is np.ndarray else part

    return checked


def _real(x: Any, source: str) -> Any:
    """What a user's function gave as floating-point numbers."""
    try:
        data = as_operand(x)
    except UnsupportedType as e:
        raise UnsupportedType(f"{source} gave what no Value can hold: {e}") from None
    return canonical(data if type(data) is float or data.dtype.kind == "f" else data.astype(np.float64))
