"""A sum of products of two arrays as one product of matrices, which BLAS computes.

The letters of both operands fall into four groups: those of a stack (in both, and in the result),
those summed over (in both, not in the result), and those of one operand alone, rows of the one and
columns of the other. Each operand is brought into the form (stack, own, summed) by reordering its
axes and joining each group to one; where that takes a copy, the elements are copied in the order
in which most of them lie together in memory.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import strides

FEW = 1 << 13  # multiplications that np.einsum makes in the time in which a product is arranged
FEW_OF_A_STACK = 1 << 9  # the same for each product of a stack


def contracted(subscripts: str, *xs: Any) -> Any:
    """The sum that explicit subscripts without ellipsis name; None where np.einsum does better, or alone.

    >>> contracted("ij,kj->ik", np.ones((50, 100)), np.ones((3, 100))).shape
    (50, 3)
    """
    left, out = subscripts.split("->")
    terms = left.split(",")
    lengths = _lengths(terms, out, xs) if len(xs) == 2 else None
    if lengths is None:
        return None
    of_a, of_b = terms
    stack = [c for c in out if c in of_a and c in of_b]
    summed = [c for c in of_a if c not in out]
    rows, columns = ([c for c in term if c in out and c not in stack] for term in terms)
    each = math.prod(lengths[c] for c in (*rows, *columns, *summed))
    if not summed or not (rows and columns) or each < (FEW_OF_A_STACK if stack else FEW):
        return None
    larger = 0 if math.prod(xs[0].shape) >= math.prod(xs[1].shape) else 1
    summed = _as_they_lie(xs[larger], terms[larger], summed)
    rows, columns = _as_they_lie(xs[0], of_a, rows), _as_they_lie(xs[1], of_b, columns)
    a = _matrices(xs[0], of_a, stack, rows, summed, lengths)
    b = _matrices(xs[1], of_b, stack, columns, summed, lengths)
    if _is_transposed(out, rows, columns, lengths, math.prod(lengths[c] for c in summed)):
        a, b, rows, columns = b, a, columns, rows
    made = [*stack, *rows, *columns]
    product = np.reshape(np.matmul(a, np.swapaxes(b, -1, -2)), [lengths[c] for c in made])
    order = tuple(made.index(c) for c in out)
    return product if order == tuple(range(len(out))) else np.transpose(product, order)


def _lengths(terms: list[str], out: str, xs: tuple[Any, ...]) -> dict[str, int] | None:
    """The length of each letter; None unless each is in one place of a term and takes part in a product."""
    lengths: dict[str, int] = {}
    if (
        not all(getattr(x, "ndim", 0) for x in xs)
        or xs[0].dtype != xs[1].dtype
        or xs[0].dtype not in (np.float32, np.float64)
    ):
        return None
    for term, other, x in zip(terms, terms[::-1], xs, strict=True):
        if len(set(term)) < len(term) or len(term) != x.ndim:
            return None
        for letter, n in zip(term, x.shape, strict=True):
            if lengths.setdefault(letter, n) != n or (letter not in other and letter not in out):
                return None
    return lengths


def _as_they_lie(x: Any, term: str, letters: list[str]) -> list[str]:
    """The letters with the axes that are furthest apart in memory first."""
    apart = dict(zip(term, strides(x), strict=True))
    return sorted(letters, key=lambda c: -apart[c])


def _matrices(
    x: Any, term: str, stack: list[str], own: list[str], summed: list[str], lengths: dict[str, int]
) -> Any:
    """The operand as (stack..., own, summed)."""
    apart = dict(zip(term, strides(x), strict=True))
    closest = min((*own, *summed), key=lambda c: (apart[c], -lengths[c]))
    outer, inner = (summed, own) if closest in own else (own, summed)
    moved = np.transpose(x, [term.index(c) for c in (*stack, *outer, *inner)])
    shape = [*(lengths[c] for c in stack), *(math.prod(lengths[c] for c in part) for part in (outer, inner))]
    joined = np.reshape(moved, shape)
    if type(joined) is np.ndarray and joined.itemsize not in joined.strides[-2:]:
        joined = joined.copy()  # BLAS reads along one of the two axes
    return joined if inner is summed else np.swapaxes(joined, -1, -2)


def _is_transposed(
    out: str, rows: list[str], columns: list[str], lengths: dict[str, int], summed: int
) -> bool:
    """Whether columns come before rows: as in the result; if they are mixed there, the more go last.

    BLAS makes few numbers of many faster if the more come first.
    """
    of_rows, of_columns = (math.prod(lengths[c] for c in part) for part in (rows, columns))
    if of_rows * of_columns * 8 < summed * min(of_rows, of_columns):
        return of_columns > of_rows
    places = [[out.index(c) for c in part] for part in (rows, columns)]
    if max(places[0]) < min(places[1]):
        return False
    if max(places[1]) < min(places[0]):
        return True
    return of_rows > of_columns
