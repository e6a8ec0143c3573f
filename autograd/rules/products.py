"""Sums of products: matmul for every pair of dimensions, einsum, convolution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitive import Primitive
from autograd.rules.contraction import contracted
from autograd.sums import sum_of_rows

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _as_matrices(g: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Give vectors the axis that matmul gave them: a row on the left, a column on the right."""
    if b.ndim == 1:
        g, b = np.expand_dims(g, -1), np.expand_dims(b, -1)
    if a.ndim == 1:
        g, a = np.expand_dims(g, -2), np.expand_dims(a, -2)
    return g, a, b


def _times(a: Any, b: Any) -> Any:
    """``a @ b``; of two plain matrices by the call that starts fastest."""
    if type(a) is type(b) is np.ndarray and a.ndim == b.ndim == 2:
        return a.dot(b)
    return a @ b


def _each_times(g: Any, x: Any) -> Any:
    """The vector times a number, or times each of several."""
    return (g if np.ndim(g) == 0 else np.expand_dims(g, -1)) * x


def _left(g: Any, y: Any, a: Any, b: Any) -> Any:
    if a.ndim == 2 and b.ndim <= 2:  # the frequent ones, in one or two calls
        return _times(g, b.T) if b.ndim == 2 else np.expand_dims(g, -1) * b
    if a.ndim == 1 and b.ndim <= 2:
        return g @ b.T if b.ndim == 2 else _each_times(g, b)
    g, _, b = _as_matrices(g, a, b)
    grad = g @ _transpose(b)
    return np.squeeze(grad, -2) if a.ndim == 1 else grad


def _right(g: Any, y: Any, a: Any, b: Any) -> Any:
    if a.ndim == 2 and b.ndim <= 2:
        return g @ a if g.ndim > b.ndim == 1 else _times(a.T, g)  # several vectors g are rows
    if a.ndim == 1 and b.ndim <= 2:
        return np.expand_dims(a, -1) * np.expand_dims(g, -2) if b.ndim == 2 else _each_times(g, a)
    g, a, matrix = _as_matrices(g, a, b)
    if matrix.ndim == 2 and g.ndim == a.ndim > 2:
        # One product over all stacked rows, not one per matrix and a sum afterwards.
        rows = math.prod(np.shape(a)[:-1])  # -1 would not do for arrays without elements
        a, g = np.reshape(a, (rows, np.shape(a)[-1])), np.reshape(g, (rows, np.shape(g)[-1]))
    grad = _transpose(a) @ g
    return np.squeeze(grad, -1) if b.ndim == 1 else grad


def _forward(a: Any, b: Any) -> Any:
    try:
        return _times(a, b) if type(a) is np.ndarray else np.matmul(a, b)
    except ValueError:
        if not (np.ndim(a) and np.ndim(b)):
            raise ValueError("a single number is multiplied with *, not @") from None
        raise ValueError(
            "rows of the first must be as long as columns of the second, and axes before these two fit"
        ) from None


def _affine_forward(x: Any, weight: Any, bias: Any) -> Any:
    y = _times(x, weight.T)
    return np.add(y, bias, out=y) if y.dtype == bias.dtype else y + bias


def _affine_weight(g: Any, y: Any, x: Any, weight: Any, bias: Any) -> Any:
    """In rows or columns, as the weight itself lies in memory: layers keep theirs in columns."""
    in_rows = isinstance(weight, np.ndarray) and weight.flags.c_contiguous
    x, g = _as_rows(x), _as_rows(g)
    return _times(g.T, x) if in_rows else _times(x.T, g).T


def _as_rows(x: Any) -> Any:
    """All axes but the last as one."""
    return x if x.ndim == 2 else np.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


def _einsum_forward(*xs: Any, subscripts: str, optimize: Any) -> Any:
    product = contracted(subscripts, *xs)
    return np.einsum(subscripts, *xs, optimize=optimize) if product is None else product


def _einsum_rule(i: int, g: Any, y: Any, *xs: Any, subscripts: str, optimize: Any) -> Any:
    """The same sum with ``g`` in the place of input ``i``, and its letters as the result's.

    A letter of the input that appears nowhere else was summed away: ``ones`` repeat along it.
    A letter that it repeats took a diagonal: ``eye`` puts the gradient back there.
    """
    left, out = subscripts.split("->")
    inputs = left.split(",")
    own, others = inputs[i], [s for k, s in enumerate(inputs) if k != i]
    unused = iter(_letters(subscripts))
    terms, operands = [out, *others], [g, *(x for k, x in enumerate(xs) if k != i)]
    result = ""
    for letter, n in zip(own, np.shape(xs[i]), strict=True):
        fresh = next(unused) if letter in result else letter
        if fresh != letter:
            terms, operands = [*terms, letter + fresh], [*operands, np.eye(n, dtype=np.result_type(g))]
        elif not any(letter in term for term in terms):
            terms, operands = [*terms, letter], [*operands, np.ones(n, np.result_type(g))]
        result += fresh
    grad = EINSUM(*operands, subscripts=f"{','.join(terms)}->{result}", optimize=optimize)
    # An axis of length one among the others was broadcast against this input's.
    return np.broadcast_to(grad, np.broadcast_shapes(np.shape(grad), np.shape(xs[i])))


def _letters(used: str) -> list[str]:
    """The letters that subscripts do not use."""
    return [c for c in LETTERS if c not in used]


def _convolve_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    return np.convolve(g, np.flip(b), mode="full")[np.size(b) - 1 : np.size(g)]


def _convolve_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    return _convolve_a(g, y, b, a)


# One sum of products over any number of inputs; `subscripts` are explicit, without ellipsis.
EINSUM: Primitive = Primitive(
    "einsum",
    _einsum_forward,
    (_einsum_rule,),
    ("einsum of g and the other inputs",),
    (r"\textstyle\sum g \prod_{j \ne i} x_j",),
    symbol="einsum",
    variadic=True,
)

# The full convolution of two vectors.
CONVOLVE = Primitive(
    "convolve",
    lambda a, b: np.convolve(a, b, mode="full"),
    (_convolve_a, _convolve_b),
    ("correlation of g with b", "correlation of g with a"),
    (r"g \star b", r"g \star a"),
    symbol="convolve",
)

# A layer: x @ weight.T + bias, in one piece, as a layer is most of what a network computes.
AFFINE = Primitive(
    "affine",
    _affine_forward,
    (
        lambda g, y, x, weight, bias: _times(g, weight),
        _affine_weight,
        lambda g, y, x, weight, bias: sum_of_rows(_as_rows(g)),
    ),
    ("g @ weight", "g.T @ x", "g, summed over the rows"),
    (r"g\, W", r"g^{\top} x", r"\textstyle\sum g"),
    symbol="affine",
    doc="x @ weight.T + bias",
)

MATMUL = Primitive(
    "matmul",
    _forward,
    (_left, _right),
    ("g @ b.T", "a.T @ g"),
    (r"g\, b^{\top}", r"a^{\top} g"),
    symbol="@",
)
