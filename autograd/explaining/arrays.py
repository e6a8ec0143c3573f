"""The backward pass of arrays as a person writes it: ``dW = X.T @ dZ``, line by line."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.backward import gradients
from autograd.explaining.explanation import ArrayExplanation, Line
from autograd.explaining.paths import on_the_way
from autograd.explaining.products import affine, einsum, matmul, place
from autograd.formula import (
    Expr,
    Product,
    as_product,
    binary,
    call,
    method,
    name,
    names_in,
    number,
    summed_along,
    text,
    times,
    transposed,
    written,
)  # fmt: skip
from autograd.spelling import Speller, one_or_more, reverses, scattered
from autograd.value import Value

MOST_LINES, MOST_PARTS = 60, 4


@dataclass(frozen=True)
class _Part:
    """What one consumer passes on, still of its shape: ``axes`` are those that broadcasting repeated.

    A formula in ``words`` is put in brackets where it is a part of another.
    """

    formula: Expr
    axes: tuple[int, ...] = ()
    ndim: int = 0
    shape: tuple[int, ...] = ()
    words: bool = False


def explain_arrays(order: list[Value], wrt: Value, speller: Speller) -> ArrayExplanation:
    """The gradients on the way from the output to ``wrt``, each from those before it."""
    output, nodes = order[-1], on_the_way(order, wrt)
    received: dict[Value, list[_Part]] = {output: []}
    written_lines: list[tuple[Value, Expr]] = []
    names = {output: "output", wrt: "input"}
    for node in reversed(order):
        if node not in nodes or node not in received:
            continue
        parts = received.pop(node)
        formula = _total(parts) if parts else _start(output)
        if node not in names and isinstance(formula, ast.Name | ast.Constant) and not _in_words_alone(parts):
            g: Expr = formula  # passed on as it is
        else:
            g = name(f"d{speller.named(node)}") if parts or output.ndim else formula
            nothing = isinstance(formula, ast.Constant) and not formula.value and node.ndim
            zeros = call("zeros", [name(repr(node.shape))])
            written_lines.append((node, zeros if nothing else formula))
        if node is not wrt:
            for i, parent in enumerate(node.parents):
                if parent in nodes:
                    received.setdefault(parent, []).append(_part(node, i, g, speller))
    return _explanation(output, wrt, written_lines, speller)


def contribution(node: Value, i: int, g: Expr, speller: Speller) -> Expr:
    """What an operation adds to the gradient of its operand ``i``; ``g`` is the gradient of its result."""
    part = _part(node, i, g, speller)
    return _summed(part.formula, part)


def _start(output: Value) -> Expr:
    return number(1.0) if output.ndim == 0 else name("the gradient that arrives")


def _explanation(
    output: Value, wrt: Value, found: list[tuple[Value, Expr]], speller: Speller
) -> ArrayExplanation:
    left_out = max(0, len(found) - MOST_LINES)
    shown = found if not left_out else [*found[: MOST_LINES // 2], *found[-MOST_LINES // 2 :]]
    nodes = [node for node, _ in shown]
    values = gradients(output, nodes) if output.size == 1 else [None] * len(nodes)
    lines = [
        Line(speller.names[node], formula, node.shape, value)
        for (node, formula), value in zip(shown, values, strict=True)
    ]
    used = set().union(*(names_in(formula) for _, formula in shown), *({speller.names[n]} for n in nodes))
    made_up = [
        (label, speller.short_definition(node), node.shape)
        for node, label in speller.names.items()
        if node not in speller.given and node.primitive is not None and label in used
    ]
    return ArrayExplanation(
        speller.names[output], speller.names[wrt], lines[-1].value, tuple(lines), left_out,
        tuple((n, x, s) for n, x, s in made_up if text(x) != n),
    )  # fmt: skip


def _total(parts: list[_Part]) -> Expr:
    """The sum of what all consumers pass on; equal parts are written together."""
    if _in_words_alone(parts):
        return parts[0].formula
    sums: dict[Any, tuple[Product, _Part]] = {}
    for part in parts:
        product = as_product(name(f"({text(part.formula)})") if part.words else part.formula)
        key = product.key, part.axes, part.shape
        known = sums[key][0].coefficient if key in sums else 0.0
        sums[key] = Product(known + product.coefficient, product.factors), part
    terms = [_summed(written(product), part) for product, part in sums.values()]
    result = terms[0]
    for term in terms[1:MOST_PARTS]:
        minus = isinstance(term, ast.UnaryOp) and isinstance(term.op, ast.USub)
        result = binary("-", result, term.operand) if minus else binary("+", result, term)  # type: ignore[attr-defined]
    if len(terms) > MOST_PARTS:
        result = binary("+", result, name(f"... ({len(terms) - MOST_PARTS} more)"))
    return result


def _in_words_alone(parts: list[_Part]) -> bool:
    return len(parts) == 1 and parts[0].words


def _summed(x: Expr, part: _Part) -> Expr:
    """Broadcasting undone."""
    if not part.axes or isinstance(x, ast.Constant):
        return x
    if not part.shape:
        return method(x, "sum")
    axis = one_or_more(part.axes)
    if len(part.shape) == part.ndim:
        return method(x, "sum", axis=axis, keepdims=True)
    summed = method(x, "sum", axis=axis)
    if len(part.shape) == part.ndim - len(part.axes):
        return summed
    return ast.Call(ast.Attribute(summed, "reshape"), [name(repr(part.shape))], [])


def _part(node: Value, i: int, g: Expr, speller: Speller) -> _Part:
    parent = node.parents[i]
    if isinstance(g, ast.Constant) and not g.value:
        return _Part(g)
    formula, whole = _special(node, i, g, speller), True
    if formula is None:
        formula, whole = _from_the_table(node, i, g, speller)
    if formula is None:
        formula = _in_words(node, i, g, speller)
        return _Part(formula, words=isinstance(formula, ast.Name))
    if not whole:
        formula = written(times(as_product(g), as_product(formula)))
    axes = _repeated(node, parent)
    return _Part(formula, axes, node.ndim, parent.shape)


def _from_the_table(node: Value, i: int, g: Expr, speller: Speller) -> tuple[Expr | None, bool]:
    """The table's derivative; its sums and its lost axes are those of the operation."""
    params = node.params or {}
    if "keepdims" in params:  # logsumexp, norm
        return speller.derivative(
            node, i, _reduced_back(g, params), lambda: _reduced_back(speller.mention(node), params)
        )
    formula, whole = speller.derivative(node, i, g)
    if formula is not None and node.primitive is not None and node.primitive.name.endswith("softmax"):
        axis = params.get("axis")
        formula = formula if axis is None else summed_along(formula, one_or_more(axis))
    return formula, whole


def _repeated(node: Value, parent: Value) -> tuple[int, ...]:
    """The axes along which broadcasting repeated an input."""
    elementwise = node.primitive is not None and node.primitive.kind == "elementwise"
    stacks = node.op == "@" and min(p.ndim for p in node.parents) > 1
    if not (elementwise or stacks or node.op == "broadcast_to") or parent.ndim > node.ndim:
        return ()
    padded = (-1,) * (node.ndim - parent.ndim) + parent.shape
    pairs = list(zip(node.shape, padded, strict=True))
    return tuple(k for k, (m, n) in enumerate(pairs[:-2] if stacks else pairs) if m != n and n <= 1)


def _special(node: Value, i: int, g: Expr, speller: Speller) -> Expr | None:
    """Derivatives whose text in the table is words, in NumPy's words."""
    params, operation = node.params or {}, node.primitive.name if node.primitive else ""
    shape = node.parents[i].shape
    if operation in ("sum", "mean"):
        ones = call("ones", [name(repr(shape))]) if shape else number(1.0)
        share = max(int(np.prod(shape)) // max(node.size, 1), 1) if operation == "mean" else 1
        product = times(as_product(_reduced_back(g, params)), as_product(ones))
        return written(Product(product.coefficient / share, product.factors))
    if operation in ("max", "min"):
        y = _reduced_back(speller.mention(node), params)
        where = ast.Compare(speller.mention(node.parents[i]), [ast.Eq()], [y])
        part = times(as_product(_reduced_back(g, params)), as_product(where))
        shares = _shares(where, node)
        return written(part if shares is None else times(part, Product(1.0, ((shares, -1.0),))))
    if operation == "getitem":
        return scattered(g, speller.index(node), shape)
    if operation == "scatter":
        return ast.Subscript(g, speller.index(node))
    if operation in ("concatenate", "stack"):
        return ast.Subscript(g, name(place(node, i, params["axis"])))
    if operation == "nll":
        each = written(times(Product(-params["scale"]), as_product(g)))
        index = name(speller.apart("index", params["index"]))
        picked = scattered(each, index, (int(np.prod(shape)),))
        return ast.Call(ast.Attribute(picked, "reshape"), [name(repr(shape))], [])
    if operation == "where":
        condition = name(speller.apart("condition", params["condition"]))
        chosen = ast.UnaryOp(ast.Invert(), condition) if i else condition
        return written(times(as_product(g), as_product(chosen)))
    if operation in ("reshape", "squeeze", "expand_dims"):
        if isinstance(g, ast.Constant):
            return call("full", [name(repr(shape)), g])
        return ast.Call(ast.Attribute(g, "reshape"), [name(repr(shape))], [])
    if operation in ("broadcast_to", "astype") or (operation == "transpose" and len(shape) < 2):
        return g
    if operation == "transpose":
        axes = params["axes"]
        back = tuple(sorted(range(len(axes)), key=axes.__getitem__))
        return transposed(g) if reverses(axes) else call("transpose", [g], axes=back)
    if operation == "matmul":
        return matmul(node, i, g, speller)
    if operation == "einsum":
        return einsum(node, i, g, speller)
    if operation == "affine":
        return affine(node, i, g, speller)
    return None


def _shares(where: Expr, node: Value) -> Expr | None:
    """Among how many equal elements a maximum or minimum is shared; None if there is one for each."""
    params, x = node.params or {}, node.parents[0].data
    y = node.data if params["keepdims"] else np.expand_dims(node.data, params["axis"] or ())
    if np.count_nonzero(x == y) <= node.size:
        return None
    if params["axis"] is None:
        return method(where, "sum")
    return method(where, "sum", axis=one_or_more(params["axis"]), keepdims=True)


def _reduced_back(x: Expr, params: dict[str, Any]) -> Expr:
    """A reduced array with the axes of length one that it lost."""
    axis = params.get("axis")
    if axis is None or params.get("keepdims") or isinstance(x, ast.Constant):
        return x
    return call("expand_dims", [x], axis=one_or_more(axis))


def _in_words(node: Value, i: int, g: Expr, speller: Speller) -> Expr:
    """The text of the table with names for its letters."""
    primitive = node.primitive
    assert primitive is not None  # noqa: S101 - a node with parents was computed
    words = primitive.notation[0 if primitive.variadic else i]
    several = sum(p is node.parents[i] for p in node.parents) > 1
    if words.startswith("("):
        return speller.call(node, [g], before="vjp of ", after=f"'{i + 1}" if several else "")
    if several and primitive.variadic:
        words += f" than number {i + 1}"
    letters = {"g": text(g), "x": text(speller.mention(node.parents[i])), "y": ""}
    letters |= {"a": text(speller.mention(node.parents[0])), "b": text(speller.mention(node.parents[-1]))}
    if "y" in re.findall(r"\b\w\b", words):
        letters["y"] = text(speller.mention(node))
    return name(re.sub(r"\b[abgxy]\b", lambda m: letters[m[0]], words))
