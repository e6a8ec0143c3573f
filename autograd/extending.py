"""A user's own primitive: a function with derivatives that are written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument, ShapeError
from autograd.primitive import Primitive, Rule


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

    Raises:
        InvalidArgument: without a derivative; at the first call, if their number is not that
            of the inputs.
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
            forward,
            tuple(_checked(label, i, rule) for i, rule in enumerate(vjps)),
            notation or ("(by rule)",) * len(vjps),
            latex or (r"\text{(by rule)}",) * len(vjps),
            symbol=label,
            kind="elementwise" if elementwise else "other",
            doc=forward.__doc__ or "",
        )

    return make


def _checked(name: str, i: int, rule: Rule) -> Rule:
    """The rule, refusing a result that is no gradient of its input."""

    def checked(g: Any, y: Any, *inputs: Any, **params: Any) -> Any:
        part = rule(g, y, *inputs, **params)
        allowed = (np.shape(inputs[i]), np.shape(y))
        if part is None or np.shape(part) not in allowed:
            given = "None" if part is None else f"shape {np.shape(part)}"
            raise ShapeError(
                f"the derivative of {name} with respect to input {i} must have the shape "
                f"{allowed[0]} of that input, it gave {given}: correct that rule"
            )
        return part

    return checked
