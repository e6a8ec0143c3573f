"""The derivative as a person writes it: every path, each factor, their products and the sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.backward import gradients
from autograd.errors import InvalidArgument, NoGradient, UnsupportedType
from autograd.explaining.arrays import explain_arrays
from autograd.explaining.explanation import Explanation, Factor, Path, PathExplanation
from autograd.explaining.paths import Way, count, largest, on_the_way, steps_between_names
from autograd.formula import Expr, names_in, written
from autograd.graph import topological_order
from autograd.names import user_names
from autograd.node import describe
from autograd.spelling import Speller
from autograd.value import Value

MOST_MEANINGS = 16


def explain(
    output: Value, wrt: Value, *, names: Mapping[Any, Any] | None = None, paths: int = 6
) -> Explanation:
    """Explain the derivative of ``output`` with respect to ``wrt``, in symbols and numbers.

    For scalars it is a sum over the paths from one to the other, each a product of local
    derivatives: the chain rule, written out (a, b and c below are numbers). Where arrays are
    on the way it is the vector-Jacobian product of each operation, from the output back.

    Args:
        output: the Value that is differentiated: the error E of the lecture notes. An array is
            explained without numbers.
        wrt: with respect to what: any Value in its graph that requires a gradient.
        names: names of Values, such as ``locals()`` or ``{"T": T}``; plain arrays and numbers in
            it name the constants that were made of them. A Value without a name there goes by
            its label, and one without a label is written out, or called v1, v2, ...
        paths: how many paths are written out, those that contribute most. The others are
            counted, and their sum is stated.

    Returns:
        An explanation: ``print`` it, or let a notebook show it; ``.text``, ``.latex``,
        ``.markdown``, ``.formula`` and ``.value``, and the parts as data (``.paths`` or
        ``.lines``).

    Raises:
        UnsupportedType: if ``output`` or ``wrt`` is not a Value, or ``names`` no dict.
        NoGradient: if either requires no gradient, or ``output`` does not depend on ``wrt``.
        StaleGraph: if the graph's numbers were changed since.
        InvalidArgument: for a number of paths below one.

    >>> a, b, c = Value(2.0, label="a"), Value(3.0, label="b"), Value(4.0, label="c")
    >>> E = (a * b).sigmoid() * c
    >>> print(explain(E, wrt=a, names={"E": E}))
    dE/da = 0.0296, along one path
    <BLANKLINE>
      E <- v1 <- a
    <BLANKLINE>
        dE/dv1 = c = 4
        dv1/da = v1 * (1 - v1) * b = 0.9975 * (1 - 0.9975) * 3 = 0.0074
    <BLANKLINE>
        dE/da = c * v1 * (1 - v1) * b
              = 4 * 0.9975 * (1 - 0.9975) * 3
              = 4 * 0.0074
              = 0.0296
    <BLANKLINE>
    where
      v1 = sigmoid(a * b) = 0.9975
    """
    _check(output, wrt, paths)
    order = topological_order(output)
    nodes = on_the_way(order, wrt)
    if output not in nodes:
        raise NoGradient(f"{describe(output)} does not depend on {describe(wrt)}: it is not in its graph")
    speller = Speller(order, user_names(order, names))
    for node, wishes in ((output, ("y", "output")), (wrt, ("x", "input"))):
        if node not in speller.names:
            speller.names[node] = speller.free(*wishes)
    if any(node.ndim for node in nodes):
        return explain_arrays(order, wrt, speller)
    (value,) = gradients(output, [wrt])
    return _over_paths(order, wrt, float(value), speller, paths)


def _check(output: Any, wrt: Any, paths: int) -> None:
    for role, given in (("output", output), ("wrt", wrt)):
        if not isinstance(given, Value):
            raise UnsupportedType(
                f"explain takes Values: {role} is {type(given).__name__}; "
                "give the result, and wrt= the Value that it is differentiated with respect to"
            )
        if not given.requires_grad:
            raise NoGradient(
                f"{describe(given)} requires no gradient, so there is no derivative to explain: "
                "make it with requires_grad=True, and outside of no_grad()"
            )
    if isinstance(paths, bool) or not isinstance(paths, int) or paths < 1:
        raise InvalidArgument(f"paths must be a positive integer, got {paths!r}")


def _over_paths(order: list[Value], wrt: Value, value: float, speller: Speller, most: int) -> PathExplanation:
    steps = steps_between_names(order, wrt, speller)
    whole, different = count(steps)
    found = tuple(_path(way, speller) for way in largest(steps, most))
    nodes = {label: node for node, label in speller.names.items()}
    meanings = _meanings(found, nodes, speller)
    formulas = [written(f.product) for p in found for f in p.factors] + [x for _, x in meanings]
    used = {label for x in formulas for label in names_in(x)} | {label for label, _ in meanings}
    values = {label: nodes[label].item() for label in used if label in nodes and not nodes[label].ndim}
    return PathExplanation(
        speller.names[order[-1]], speller.names[wrt], value, found, whole, different, values, meanings
    )


def _path(way: Way, speller: Speller) -> Path:
    along = list(way)
    labels = tuple(speller.names[w.node] for w in along)
    steps = [w.step for w in along if w.step is not None]
    whole = 1
    for step in steps:
        whole *= step.count
    factors = tuple(
        Factor(above, below, step.product, step.value)
        for above, below, step in zip(labels[:-1], labels[1:], steps, strict=True)
    )
    return Path(labels, factors, way.value, whole)


def _meanings(
    paths: tuple[Path, ...], nodes: dict[str, Value], speller: Speller
) -> tuple[tuple[str, Expr], ...]:
    """What the names that were made up stand for, those in the paths and those in their meanings."""
    wanted = [label for p in paths for label in p.names[1:-1]]
    wanted += [label for p in paths for f in p.factors for label in sorted(names_in(written(f.product)))]
    found: dict[str, Expr] = {}
    while wanted and len(found) < MOST_MEANINGS:
        label = wanted.pop(0)
        node = nodes.get(label)
        if node is None or label in found or node in speller.given or node.primitive is None:
            continue
        found[label] = speller.short_definition(node)
        wanted += sorted(names_in(found[label]))
    return tuple(found.items())
