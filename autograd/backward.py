"""The backward pass: reverse-mode differentiation of a recorded graph.

From the output back to the leaves, each Value receives its whole gradient before it passes
it on: one product with the local derivative per parent, ``gradient @ Jacobian``, which is
the chain rule. Broadcasting is undone here, once for all rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.data import as_data, canonical
from autograd.errors import NoGradient, ShapeError, UnsupportedType
from autograd.floats import gradients_of_floats
from autograd.node import describe, gradient_of, in_dtype
from autograd.sweep import pull_back as pull_back  # noqa: PLC0414 - for those that read graphs
from autograd.sweep import sweep, uses_towards
from autograd.value import Value, constant

TWICE = "backward() ran twice through the same graph"
LEFT_OVER = "the gradient of an earlier step was not cleared"


def backward(
    output: Value, seed: Any = None, *, keep_grads: bool = False, create_graph: bool = False
) -> None:
    """Set ``.grad`` on the Values that ``output`` depends on.

    Leaves accumulate. Intermediates are set: scalars and labelled ones always, all with
    ``keep_grads=True``. Nothing is changed if an error is raised.

    Args:
        output: the Value to differentiate, a scalar unless a seed is given.
        seed: gradient of the final result with respect to ``output``, of its shape.
        keep_grads: keep the gradient of every intermediate.
        create_graph: record the pass itself, so that gradients are Values which can be
            differentiated again. ``x.grad`` then refers to ``x``, a cycle that lives until
            ``zero_grad()``; :func:`gradients` makes none.

    Raises:
        NoGradient: if ``output`` depends on nothing that requires a gradient.
        ShapeError: if it is not a scalar and there is no seed, or one of another shape.
        StaleGraph: if a recorded input was changed since.
    """
    again = output.primitive is not None and gradient_of(output) is not None
    seeds = {output: _seed(output, seed, create_graph)}
    found = _of_floats(seeds, set_grads=True)
    if found is None:
        found = sweep(seeds, create_graph, None if keep_grads else _is_kept)
    for node, g in found:
        if node._left is None:
            _accumulate(node, g, again)
        else:
            node._grad = g


def gradients(
    output: Value,
    inputs: Iterable[Value],
    seed: Any = None,
    *,
    create_graph: bool = False,
    last: bool = False,
) -> list[Any]:
    """Gradients of ``output`` with respect to ``inputs``; no ``.grad`` is touched.

    An input that ``output`` does not depend on has gradient zero. Only what leads to an input is
    computed: gradients for the input of a model cost none for its parameters. With ``last=True``
    the output is taken off its graph, so that this is freed as the pass goes through it. Each
    gradient has the shape and dtype of its input, and is a Value with ``create_graph=True``.

    Raises:
        UnsupportedType: if ``output`` or an item of ``inputs`` is no Value, or ``inputs`` no list.
        ShapeError: if ``output`` is not a scalar and there is no ``seed``, or one of another shape.
        StaleGraph: if a recorded input was changed since.

    >>> x = Value(3.0)
    >>> gradients(x * x, [x])
    [6.0]
    """
    if not isinstance(output, Value):
        raise UnsupportedType(f"gradients() needs a Value as its output, got {type(output).__name__}")
    inputs = _listed(inputs)
    return pulled_back([(output, seed)] if output.requires_grad else [], inputs, create_graph, last=last)


def pulled_back(
    outputs: list[tuple[Value, Any]], inputs: list[Value], create_graph: bool, *, last: bool = False
) -> list[Any]:
    """Gradients of several outputs together, each with its seed, by one walk: they add up.

    >>> x = Value(3.0)
    >>> pulled_back([(x * x, 1.0), (2.0 * x, 10.0)], [x], create_graph=False)
    [26.0]
    """
    seeds: dict[Value, Any] = {}
    for y, seed in outputs:
        start = _seed(y, seed, create_graph)
        seeds[y] = seeds[y] + start if y in seeds else start
    pairs = _of_floats(seeds)
    if pairs is None:
        wanted = set(inputs)
        uses = uses_towards(seeds, wanted)
        pairs = sweep(seeds, create_graph, wanted.__contains__, uses, last=last) if seeds else ()
    found = dict(pairs)
    for x in inputs:
        if x not in found:
            zeros = _zeros(x._data)
            found[x] = constant(zeros) if create_graph else zeros
    return [found[x] for x in inputs]


def _listed(inputs: Any) -> list[Value]:
    """The inputs of gradients(), checked."""
    if isinstance(inputs, (Value, dict)) or not isinstance(inputs, Iterable):
        raise UnsupportedType(
            f"gradients() needs a list of Values as its inputs, got one {type(inputs).__name__}: "
            "give [x], or list(d.values()) of a dict"
        )
    listed = list(inputs)
    for i, x in enumerate(listed):
        if not isinstance(x, Value):
            raise UnsupportedType(f"input {i} of gradients() must be a Value, got {type(x).__name__}")
    return listed


def _of_floats(seeds: dict[Value, Any], *, set_grads: bool = False) -> Iterable[tuple[Value, Any]] | None:
    """Each Value on the way with its gradient, if there are only floats; else None."""
    if len(seeds) != 1:
        return None
    ((output, start),) = seeds.items()
    return gradients_of_floats(output, start, set_grads=set_grads) if type(start) is float else None


def _is_kept(node: Value) -> bool:
    return type(node._data) is float or node._label is not None


def spend(leaf: Value) -> str | None:
    """Tell that an optimizer used the gradient; gives the cause if it was an unasked sum."""
    cause = leaf._note
    leaf._note = "spent"
    return cause if cause in (TWICE, LEFT_OVER) else None


def _accumulate(leaf: Value, g: Any, again: bool) -> None:
    if leaf._grad is None:
        leaf._grad, leaf._note = g, "fresh"
        return
    if leaf._note == "spent":
        leaf._note = LEFT_OVER
    elif again:
        leaf._note = TWICE
    leaf._grad = leaf._grad + g


def _seed(output: Value, seed: Any, create_graph: bool) -> Any:
    """The gradient to start from, checked; a Value if the pass is to be recorded."""
    if not output.requires_grad:
        raise NoGradient(
            f"{describe(output)} requires no gradient: it depends on no Value with requires_grad=True, "
            "or was computed under no_grad()"
        )
    if seed is None:
        if output.size != 1:
            raise ShapeError(
                f"backward() needs a scalar, got {describe(output)}: "
                "reduce it with .sum() or .mean(), or give seed=, the gradient to start from"
            )
        seed = 1.0 if type(output._data) is float else np.ones(output.shape)
    if type(seed) is float is type(output._data):
        return constant(seed) if create_graph else seed
    data = as_data(seed._data if isinstance(seed, Value) else seed)
    if np.shape(data) != output.shape:
        raise ShapeError(f"seed must have the shape {output.shape} of the output, got {np.shape(data)}")
    if create_graph and isinstance(seed, Value):
        return in_dtype(seed, output.dtype)
    data = data if type(output._data) is float else canonical(np.asarray(data, output.dtype))
    return constant(data) if create_graph else data


def _zeros(x: Any) -> Any:
    return 0.0 if type(x) is float else canonical(np.zeros_like(x))
