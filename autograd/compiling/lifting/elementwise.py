"""Like operations on elements, and sums, as steps; an operation that is there several times is done once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiling.lifting.operands import CONSTANTS, Plan
from autograd.compiling.lifting.places import Places
from autograd.primitive import Primitive
from autograd.rules.arithmetic import ADD
from autograd.rules.reductions import SUM

FEW = 4  # terms that are added one by one, if they do not lie side by side


def elementwise(plan: Plan, primitive: Primitive, codes: Places, params: dict[str, Any]) -> Places:
    """A step for operands of shape (operations, operands); the code of each operation's result."""
    rows, inverse = distinct_rows(codes, plan.starts)
    operands, shape = plan.grid(list(rows.T), set())
    return plan.step(primitive, operands, shape, **params)[inverse]


def totals(plan: Plan, codes: Places) -> Places:
    """A step for sums of shape (operations, terms); the code of each sum."""
    count = codes.shape[1]
    if count <= FEW and not plan.regular(codes):
        return elementwise(plan, ADD, codes, {})
    (operand,), lengths = plan.grid([codes.ravel()], {count})
    axis = len(lengths)
    while math.prod(lengths[axis:]) < count:
        axis -= 1
    return plan.step(SUM, [operand], lengths[:axis], axis=tuple(range(axis, len(lengths))), keepdims=False)


def distinct_rows(codes: Places, starts: Sequence[int]) -> tuple[Places, Places]:
    """Rows once each, in the order of the most varied column, and each row's number among them."""
    ranks = [ranked(c, starts) for c in codes.T]
    constant = [c.min() >= starts[CONSTANTS] and c.max() < starts[CONSTANTS + 1] for c in codes.T]
    columns = sorted(range(len(ranks)), key=lambda i: (constant[i], -len(np.unique(ranks[i]))))
    order = np.lexsort([ranks[i] for i in reversed(columns)])
    ordered = codes[order]
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    inverse = np.empty(len(codes), dtype=np.intp)
    inverse[order] = np.cumsum(new) - 1
    return ordered[new], inverse


def ranked(codes: Places, starts: Sequence[int]) -> Places:
    """Numbers in whose order elements are taken: as they lie in their sources; constants as they appear."""
    if codes.min() < starts[CONSTANTS] or codes.max() >= starts[CONSTANTS + 1]:
        return codes
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return first[inverse]
