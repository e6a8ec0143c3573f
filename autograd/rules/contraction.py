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
from typing import Any, NamedTuple

import numpy as np

from autograd.data import strides

FEW = 1 << 16  # multiplications that np.einsum makes in the time in which a product is arranged
FEW_OF_A_STACK = 1 << 9  # the same for each product of a stack
PIECE = 1 << 15  # the same for each piece of a product that is made in pieces
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


class _Letters(NamedTuple):
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

    @property
    def size(self) -> int:
        """Multiplications of one product of the stack."""
        return self.elements_of((*self.own[0], *self.own[1], *self.summed))

    def elements_of(self, letters: Iterable[str]) -> int:
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
    letters = _in_pieces(_as_they_lie(letters, xs))
    a, b = (_matrices(x, i, letters) for i, x in enumerate(xs))
    own = letters.own
    if _is_transposed(letters):
        a, b, own = b, a, own[::-1]
    made = [*letters.stack, *own[0], *own[1]]
    product = np.reshape(np.matmul(a, np.swapaxes(b, -1, -2)), [letters.lengths[c] for c in made])
    if made[0] not in letters.out:  # pieces of the sum
        product, made = np.sum(product, axis=0), made[1:]
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
    if not (letters.summed and own[0] and own[1]) or (stack and letters.size < FEW_OF_A_STACK):
        return None
    return letters if letters.size * letters.elements_of(stack) >= FEW else None


def _apart(x: Any, term: str) -> dict[str, int]:
    """How far apart neighbours along the axis of each letter lie in memory."""
    return dict(zip(term, strides(x), strict=True))


def _as_they_lie(letters: _Letters, xs: tuple[Any, ...]) -> _Letters:
    """In each group the axes first that are furthest apart in memory; where both have them, in the larger."""
    apart = [_apart(x, term) for x, term in zip(xs, letters.terms, strict=True)]
    own = [sorted(part, key=lambda c: -of[c]) for part, of in zip(letters.own, apart, strict=True)]
    larger = apart[0 if xs[0].size >= xs[1].size else 1]
    return letters._replace(own=own, summed=sorted(letters.summed, key=lambda c: -larger[c]))


def _in_pieces(letters: _Letters) -> _Letters:
    """With the outermost letter in the stack, if its products are still large: they fit into the cache.

    It is one of the rows or columns if those are mixed in the result, where it comes first; then the
    products are written where they belong. Or it is summed over, if that is long and the results few.
    """
    rows, columns = letters.own
    for i, (first, *rest) in enumerate(letters.own):
        own = [part if k != i else rest for k, part in enumerate(letters.own)]
        if rest and first == letters.out[0] and _order(letters) is None and not letters.stack:
            pieces = letters._replace(stack=[first], own=own)
            return pieces if pieces.size >= PIECE else letters
    pieces = letters._replace(stack=letters.summed[:1], summed=letters.summed[1:])
    few = letters.elements_of((*rows, *columns)) <= 8 * letters.elements_of(pieces.summed)
    return pieces if pieces.summed and few and pieces.size >= PIECE and not letters.stack else letters


def _matrices(x: Any, operand: int, letters: _Letters) -> Any:
    """The operand as (stack..., own, summed)."""
    term, own, summed = letters.terms[operand], letters.own[operand], letters.summed
    stack = [c for c in letters.stack if c in term]
    apart = _apart(x, term)
    closest = min((*own, *summed), key=lambda c: (apart[c], -letters.lengths[c]))
    outer, inner = (summed, own) if closest in own else (own, summed)
    moved = np.transpose(x, [term.index(c) for c in (*stack, *outer, *inner)])
    joined = np.reshape(
        moved, [*(letters.lengths[c] for c in stack), letters.elements_of(outer), letters.elements_of(inner)]
    )
    if type(joined) is np.ndarray and joined.itemsize not in joined.strides[-2:]:
        joined = joined.copy()  # BLAS reads along one of the two axes
    return joined if inner is summed else np.swapaxes(joined, -1, -2)


def _order(letters: _Letters) -> int | None:
    """0 if the rows come before the columns in the result, 1 if they come after them; None if they are mixed."""
    rows, columns = ([letters.out.index(c) for c in part] for part in letters.own)
    return 0 if max(rows) < min(columns) else 1 if max(columns) < min(rows) else None


def _is_transposed(letters: _Letters) -> bool:
    """Whether to make columns before rows: as in the result; if they are mixed there, the more go last.

    BLAS makes few numbers of many faster if the more come first.
    """
    rows, columns = (letters.elements_of(part) for part in letters.own)
    if rows * columns * 8 < letters.elements_of(letters.summed) * min(rows, columns):
        return columns > rows
    order = _order(letters)
    return rows > columns if order is None else order == 1
