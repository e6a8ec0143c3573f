"""What a primitive is: one row of a table, pure data.

A primitive is a function whose derivative is written down rather than worked out. A row
holds its name, its forward function, one derivative per input, how people write that
derivative, and its kinks. The engine reads rows and knows no mathematics; the rows (in
``autograd.rules``) know no engine.

A derivative is a vector-Jacobian product (VJP). It takes the gradient ``g`` of the final
result with respect to the primitive's result ``y``, then ``y`` and the inputs, and gives
the gradient with respect to one input::

    lambda g, y, x: g * y * (1 - y)          # sigmoid

It may be written as if every input had the shape of the result: the backward pass undoes
broadcasting. Called with arrays it computes; called with Values it records itself, so that
derivatives can be differentiated again.
"""

from __future__ import annotations

import functools
import importlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from autograd.data import as_operand, canonical
from autograd.errors import ChainruleError, InvalidArgument, NoRule, ShapeError

Rule = Callable[..., Any]

BROADCASTING = "from the right, lengths must be equal, or one of them 1"

# How a primitive treats the elements of its inputs; the backward pass uses it to keep
# "no gradient" (an element that where() or indexing cut off) apart from "gradient zero".
Kind = Literal["elementwise", "arrangement", "other"]


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """One row of the table of primitives.

    Attributes:
        name: unique name, NumPy's where NumPy has the function.
        forward: the function on arrays, ``forward(*inputs, **params)``.
        vjps: one rule ``(g, y, *inputs, **params)`` per input; None where the derivative
            does not exist. A ``variadic`` primitive has a single rule, which takes the
            number of the input first: ``(i, g, y, *inputs, **params)``.
        notation: the derivative of each input as people write it, in the letters of the
            rule: ``x`` (or ``a`` and ``b``) for the inputs, ``y`` for the result, and ``g``
            for the incoming gradient where the rule is more than a product with it.
        latex: the same in LaTeX.
        symbol: what a picture or a formula shows for the operation.
        kinks: where the derivative does not exist, and what is taken there.
        scalar: the function on Python floats, from ``math``; None to use ``forward``.
        kind: "elementwise", "arrangement" (moves elements, computes nothing) or "other".
        selects: for a primitive that cuts elements off, ``selects(i, *inputs, **params)``
            is True for the elements of input ``i`` that reach the result.
        branch: for a piecewise primitive, ``branch(*inputs, **params)`` tells which piece
            each element is on; the derivative exists where that does not change.
        variadic: True if it takes any number of inputs.
        replay: for a result whose graph was not stored: ``replay(result)`` computes it again,
            together with what was computed beside it, and gives for each a Value to walk on from.
        doc: what it computes, where the name does not say it.
    """

    name: str
    forward: Callable[..., Any]
    vjps: tuple[Rule | None, ...]
    notation: tuple[str, ...]
    latex: tuple[str, ...]
    symbol: str = ""
    kinks: str = ""
    scalar: Callable[..., float] | None = None
    kind: Kind = "other"
    selects: Callable[..., Any] | None = None
    branch: Callable[..., Any] | None = None
    variadic: bool = False
    replay: Callable[[Any], dict[Any, Any]] | None = None
    doc: str = ""

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        """Apply to plain numbers and arrays, or record the application to Values."""
        if len(inputs) != len(self.vjps) and not self.variadic:
            raise InvalidArgument(
                f"{self.name} has derivatives for {len(self.vjps)} inputs, but got {len(inputs)}: "
                "give one derivative per input, and options by keyword"
            )
        for x in inputs:
            if hasattr(x, "__apply_primitive__"):
                return x.__apply_primitive__(self, inputs, params)
        return evaluate(self, [as_operand(x) for x in inputs], params)

    def rule(self, i: int) -> Rule:
        """The derivative with respect to input ``i``."""
        rule = self.vjps[0 if self.variadic else i]
        if rule is None:
            raise NoRule(f"{self.name} has no derivative with respect to input {i}: give a constant there")
        return functools.partial(rule, i) if self.variadic else rule

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __deepcopy__(self, memo: Any) -> Primitive:
        return self  # it never changes

    def __reduce__(self) -> Any:
        """Pickle a primitive by name, as functions are, so that it stays one object."""
        from autograd.rules import TABLE

        if TABLE.get(self.name) is self:
            return _named, (self.name,)
        place = getattr(self.forward, "__module__", ""), getattr(self.forward, "__qualname__", "")
        if _found(*place) is not self:
            raise pickle.PicklingError(
                f"the primitive {self.name} cannot be pickled: decorate a function at the top of a module"
            )
        return _found, place


def evaluate(primitive: Primitive, xs: Any, params: dict[str, Any]) -> Any:
    """The numbers of a primitive: from ``math`` for floats, else from NumPy.

    Raises:
        ShapeError: if the shapes of the inputs do not fit together.
    """
    if type(xs[0]) is float and primitive.scalar is not None and all([type(x) is float for x in xs]):
        try:
            y = primitive.scalar(*xs, **params)
            if y - y == 0.0:
                return y
        except (ArithmeticError, ValueError):
            pass  # not finite: NumPy gives the IEEE result, and its warning
    try:
        y = primitive.forward(*xs, **params) if params else primitive.forward(*xs)
        return y if type(y) is np.ndarray and y.ndim else canonical(y)
    except ChainruleError:
        raise
    except ValueError as e:
        arrays = [*(p for p in params.values() if isinstance(p, np.ndarray)), *xs]
        shapes = " and ".join(str(np.shape(x)) for x in arrays)
        reason = BROADCASTING if primitive.kind == "elementwise" else str(e).strip()
        raise ShapeError(f"{primitive.name} does not fit shapes {shapes}: {reason}") from None


def unary(name: str, forward: Callable[..., Any], vjp: Rule, text: str, latex: str, **more: Any) -> Primitive:
    """A row for an elementwise function of ``x``."""
    more = {"symbol": name, "kind": "elementwise"} | more
    return Primitive(name, forward, (vjp,), (text,), (latex,), **more)


def binary(
    name: str,
    forward: Callable[..., Any],
    to_a: tuple[Rule, str, str],
    to_b: tuple[Rule, str, str],
    **more: Any,
) -> Primitive:
    """A row for an elementwise function of ``a`` and ``b``; each side is (rule, text, LaTeX)."""
    more = {"symbol": name, "kind": "elementwise"} | more
    (rule_a, text_a, latex_a), (rule_b, text_b, latex_b) = to_a, to_b
    return Primitive(name, forward, (rule_a, rule_b), (text_a, text_b), (latex_a, latex_b), **more)


def _named(name: str) -> Primitive:
    from autograd.rules import TABLE

    return TABLE[name]


def _found(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name, None) if module else None
