"""A sum of products of two arrays as one product of matrices, which BLAS computes.

The letters of both operands fall into four groups: those of a stack (in both, and in the result),
those summed over (in both, not in the result), and those of one operand alone, rows of the one and
columns of the other. Each operand is brought into the form (stack, own, summed) by reordering its
axes and joining each group to one; where that takes a copy, the elements are copied in the order
in which most of them lie together in memory.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.data import strides

FEW = 1 << 16  # multiplications that np.einsum makes in the time in which a product is arranged
FEW_OF_A_STACK = 1 << 9  # the same for each product of a stack
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


@dataclass(frozen=True)
class _Letters:
    """What the letters of two terms stand for.

    Attributes:
        terms: the letters of each operand.
        out: those of the result.
        lengths: the length of each.
        stack: those that both operands and the result have.
        own: those of each operand alone, rows and columns.
        summed: those that are summed over.
    """

    terms: list[str]
    out: str
    lengths: dict[str, int]
    stack: list[str]
    own: list[list[str]]
    summed: list[str]

    def count(self, letters: Iterable[str]) -> int:
        """How many elements these axes have together."""
        return math.prod(self.lengths[c] for c in letters)


def contracted(subscripts: str, *xs: Any) -> Any:
    """The sum that explicit subscripts without ellipsis name; None where np.einsum does better, or alone.

    >>> contracted("ij,kj->ik", np.ones((50, 1000)), np.ones((3, 1000))).shape
    (50, 3)
    """
    if len(xs) != 2 or not all(getattr(x, "ndim", 0) for x in xs):
        return None
    letters = _letters(subscripts, *(x.shape for x in xs)) if xs[0].dtype == xs[1].dtype in FLOATS else None
    if letters is None:
        return None
    larger = 0 if xs[0].size >= xs[1].size else 1
    summed = _as_they_lie(xs[larger], letters.terms[larger], letters.summed)
    own = [_as_they_lie(*part) for part in zip(xs, letters.terms, letters.own, strict=True)]
    a, b = (_matrices(x, i, letters, own[i], summed) for i, x in enumerate(xs))
    if _is_transposed(letters):
        a, b, own = b, a, own[::-1]
    made = [*letters.stack, *own[0], *own[1]]
    product = np.reshape(np.matmul(a, np.swapaxes(b, -1, -2)), [letters.lengths[c] for c in made])
    order = tuple(made.index(c) for c in letters.out)
    return product if order == tuple(range(len(order))) else np.transpose(product, order)


@functools.lru_cache(maxsize=256)
def _letters(subscripts: str, *shapes: tuple[int, ...]) -> _Letters | None:
    """The groups of letters; None if each is not once in a term and part of a product, or all is small."""
    left, out = subscripts.split("->")
    terms = left.split(",")
    lengths: dict[str, int] = {}
    for term, other, shape in zip(terms, terms[::-1], shapes, strict=True):
        if len(set(term)) < len(term) or len(term) != len(shape):
            return None
        for letter, n in zip(term, shape, strict=True):
            if lengths.setdefault(letter, n) != n or (letter not in other and letter not in out):
                return None
    stack = [c for c in out if c in terms[0] and c in terms[1]]
    own = [[c for c in term if c in out and c not in stack] for term in terms]
    letters = _Letters(terms, out, lengths, stack, own, [c for c in terms[0] if c not in out])
    each = letters.count((*own[0], *own[1], *letters.summed))
    if not (letters.summed and own[0] and own[1]) or (stack and each < FEW_OF_A_STACK):
        return None
    return letters if each * letters.count(stack) >= FEW else None


def _as_they_lie(x: Any, term: str, letters: list[str]) -> list[str]:
    """The letters with the axes that are furthest apart in memory first."""
    apart = dict(zip(term, strides(x), strict=True))
    return sorted(letters, key=lambda c: -apart[c])


def _matrices(x: Any, operand: int, letters: _Letters, own: list[str], summed: list[str]) -> Any:
    """The operand as (stack..., own, summed)."""
    term, lengths = letters.terms[operand], letters.lengths
    apart = dict(zip(term, strides(x), strict=True))
    closest = min((*own, *summed), key=lambda c: (apart[c], -lengths[c]))
    outer, inner = (summed, own) if closest in own else (own, summed)
    moved = np.transpose(x, [term.index(c) for c in (*letters.stack, *outer, *inner)])
    stacked = [lengths[c] for c in letters.stack]
    joined = np.reshape(moved, [*stacked, letters.count(outer), letters.count(inner)])
    if type(joined) is np.ndarray and joined.itemsize not in joined.strides[-2:]:
        joined = joined.copy()  # BLAS reads along one of the two axes
    return joined if inner is summed else np.swapaxes(joined, -1, -2)


def _is_transposed(letters: _Letters) -> bool:
    """Whether columns come before rows: as in the result; if they are mixed there, the more go last.

    BLAS makes few numbers of many faster if the more come first.
    """
    rows, columns = (letters.count(part) for part in letters.own)
    if rows * columns * 8 < letters.count(letters.summed) * min(rows, columns):
        return columns > rows
    places = [[letters.out.index(c) for c in part] for part in letters.own]
    if max(places[0]) < min(places[1]):
        return False
    return max(places[1]) < min(places[0]) or rows > columns
