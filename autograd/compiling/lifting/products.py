"""Sums of products: matrix products where rows meet columns, and sums of unequal length made equal."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from autograd.compiling.lifting.elementwise import elementwise, ranked, totals
from autograd.compiling.lifting.operands import CONSTANTS, VARIABLES, Plan
from autograd.compiling.lifting.places import Places
from autograd.rules.arithmetic import MULTIPLY
from autograd.rules.products import MATMUL

FULL = 0.5  # the part of a matrix product that must be wanted
MOST_ROUNDS, MOST_SEGMENTS = 50, 4
PADDING = 300  # a few hundred elements picked one by one cost as much as one more operation


def padded(plan: Plan, rows: list[Places], is_dot: bool) -> list[tuple[list[int], Places]]:
    """Rows of codes as arrays: one for all, with zeros at the end of short rows, or one for each length.

    Returns:
        Numbers of rows, and their codes: (rows, terms), or (2, rows, terms) for the factors of dots.
    """
    lengths = np.array([len(r) for r in rows])
    if is_dot:
        lengths //= 2
    kinds = np.unique(lengths)
    if len(kinds) > 1:
        area = len(rows) * int(kinds[-1])
        whole = _extended(plan, rows, lengths) if is_dot and FULL * area <= lengths.sum() else None
        if whole is None and area <= PADDING * len(kinds):
            whole = _filled(plan, rows, lengths, is_dot)
        if whole is not None:
            return [(list(range(len(rows))), whole)]
    result = []
    for length in kinds:
        chosen = np.flatnonzero(lengths == length).tolist()
        codes = np.array([rows[i] for i in chosen])
        result.append((chosen, codes.reshape(len(chosen), 2, length).swapaxes(0, 1) if is_dot else codes))
    return result


def _filled(plan: Plan, rows: list[Places], lengths: Places, is_dot: bool) -> Places:
    """Zeros at the end of short rows."""
    most = int(lengths.max())
    whole = np.full((len(rows), 2 if is_dot else 1, most), plan.filling, dtype=np.intp)
    for row, codes, length in zip(whole, rows, lengths.tolist(), strict=True):
        row[:, :length] = codes.reshape(-1, length)
    return whole.swapaxes(0, 1) if is_dot else whole[:, 0]


def _extended(plan: Plan, rows: list[Places], lengths: Places) -> Places | None:
    """Zeros on one side, if the rows of the other are beginnings of the longest ones; else None.

    So attention looks from every place at those before it: the values of later places get the weight 0,
    which is the same number as long as these values are finite.
    """
    left, right = _filled(plan, rows, lengths, is_dot=True)
    for one, other in ((left, right), (right, left)):
        longest = other[lengths == lengths.max()]
        whole = other.copy()
        for length in np.unique(lengths)[:-1].tolist():
            short = np.flatnonzero(lengths == length)
            match = _found(other[short, :length], longest[:, :length])
            if match is None:
                break
            whole[short] = longest[match]
        else:
            return np.array([one, whole])
    return None


def _found(rows: Places, among: Places) -> Places | None:
    """For each row, the number of an equal one; None if one has none."""
    weights = _weights(rows.shape[1])
    keys, wanted = among @ weights, rows @ weights
    order = np.argsort(keys, kind="stable")
    match = order[np.minimum(np.searchsorted(keys[order], wanted), len(order) - 1)]
    return match if np.array_equal(among[match], rows) else None


def _weights(n: int) -> Places:
    """Random odd numbers: the sum of a row with them, modulo 2**64, tells rows apart."""
    return np.random.default_rng(n).integers(-(2**62), 2**62, n) * 2 + 1


def _numbered(plan: Plan, rows: Places) -> tuple[Places, Places]:
    """Different rows, in the order of their first elements, and for each row its number among them."""
    keys = rows @ _weights(rows.shape[1])
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    if not np.array_equal(rows[first][inverse], rows):  # two keys were equal by chance
        _, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        inverse = inverse.reshape(-1)  # NumPy 2.0 gives it the dimensions of the rows
    order = np.lexsort([first, ranked(rows[:, 0], plan.starts)[first]])
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rows[first[order]], rank[inverse]


def dots(plan: Plan, codes: Places) -> Places:
    """Steps for dots of shape (2, dots, terms); the code of each result."""
    left, right = _sides(plan, codes)
    parts = _segments(plan, left, right)
    if len(parts) == 1:
        return _dots(plan, left, right)
    return totals(plan, np.stack([_dots(plan, left[:, part], right[:, part]) for part in parts], axis=1))


def _segments(plan: Plan, left: Places, right: Places) -> list[slice]:
    """Terms side by side whose factors are alike, variables or not: ``w @ x + u @ h`` are two products."""
    kinds = 2 * (plan.sources(left) == VARIABLES) + (plan.sources(right) == VARIABLES)
    breaks = np.flatnonzero(kinds[0, 1:] != kinds[0, :-1]) + 1
    if len(breaks) >= MOST_SEGMENTS or (kinds != kinds[0]).any():
        return [slice(None)]
    ends = [0, *breaks.tolist(), left.shape[1]]
    return [slice(a, b) for a, b in pairwise(ends)]


def _dots(plan: Plan, left: Places, right: Places) -> Places:
    """Matrix products of those rows that meet, and products element by element of the others."""
    (lefts, i), (rights, j) = _numbered(plan, left), _numbered(plan, right)
    if i[:2].tolist() == [0, 1] and j[0] == j[1:2]:  # what changes from dot to dot are the columns
        left, right, lefts, rights, i, j = right, left, rights, lefts, j, i
    result = np.empty(len(left), dtype=np.intp)
    matrices: dict[tuple[int, int], list[tuple[Places, Places, Places]]] = {}
    lone: list[int] = []
    for members in _parts(i, j, len(lefts), len(rights)):
        a, b = np.unique(i[members]), np.unique(j[members])
        pairs = len(np.unique(i[members] * len(rights) + j[members])) if len(members) > 1 else 0
        if pairs >= FULL * len(a) * len(b) and len(a) * len(b) > 1:
            matrices.setdefault((len(a), len(b)), []).append((a, b, members))
        else:
            lone.extend(members.tolist())
    for parts in matrices.values():
        rows, columns, _ = zip(*parts, strict=True)
        found = _matmul(plan, lefts[np.array(rows)], rights[np.array(columns)])
        for number, (a, b, members) in enumerate(parts):
            result[members] = found[number, np.searchsorted(a, i[members]), np.searchsorted(b, j[members])]
    if lone:
        result[lone] = _rowwise(plan, left[lone], right[lone])
    return result


def _sides(plan: Plan, codes: Places) -> tuple[Places, Places]:
    """Factors of one source all on one side, however they were written: later ones on the left.

    What fills short rows goes where the rest of its row goes.
    """
    left, right = codes
    a, b = plan.sources(left), plan.sources(right)
    a, b = (np.where(s == CONSTANTS, len(plan.shapes), s) for s in (a, b))
    swap = a < b
    filled = (left == plan.filling) | (right == plan.filling)
    swap = np.where(filled, swap[:, :1], swap)
    return np.where(swap, right, left), np.where(swap, left, right)


def _parts(i: Places, j: Places, rows: int, columns: int) -> list[Places]:
    """Dots that have rows or columns in common with each other, and with no others."""
    labels, other = np.arange(rows), np.empty(columns, dtype=np.intp)
    smaller = labels
    for _ in range(MOST_ROUNDS):
        labels = smaller
        other[:] = rows
        np.minimum.at(other, j, labels[i])
        smaller = labels.copy()
        np.minimum.at(smaller, i, other[j])
        if np.array_equal(smaller, labels):
            break
    else:
        return [np.array([n]) for n in range(len(i))]  # a long chain, no matrix
    of = labels[i]
    order = np.argsort(of, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(of[order])) + 1)


def _matmul(plan: Plan, left: Places, right: Places) -> Places:
    """A step for (parts, rows, terms) and (parts, columns, terms); codes of shape (parts, rows, columns)."""
    parts, rows, _ = left.shape
    columns = right.shape[1]
    shape: tuple[int, ...] = (parts, rows, columns)
    if parts > 1:
        operands = [plan.tensor(left), plan.tensor(right, (0, 2, 1))]
    elif rows == 1:
        operands, shape = [plan.tensor(right[0]), plan.tensor(left[0, 0])], (columns,)
    elif columns == 1:
        operands, shape = [plan.tensor(left[0]), plan.tensor(right[0, 0])], (rows,)
    else:
        operands, shape = [plan.tensor(left[0]), plan.tensor(right[0], (1, 0))], (rows, columns)
    return plan.step(MATMUL, operands, shape).reshape(parts, rows, columns)


def _rowwise(plan: Plan, left: Places, right: Places) -> Places:
    """Products element by element, then sums, of shape (dots, terms)."""
    terms = left.shape[1]
    both, inverse = _numbered(plan, np.concatenate([left, right], axis=1))
    left, right = both[:, :terms], both[:, terms:]
    if terms <= 3:
        columns = [
            elementwise(plan, MULTIPLY, np.stack(pair, axis=1), {})
            for pair in zip(left.T, right.T, strict=True)
        ]
        return totals(plan, np.stack(columns, axis=1))[inverse]
    operands, lengths = plan.grid([left.ravel(), right.ravel()], {terms})
    products = plan.step(MULTIPLY, operands, lengths)
    return totals(plan, products.reshape(-1, terms))[inverse]
