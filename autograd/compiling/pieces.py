"""Arrays of zeros with something at an index each, added: one array, written piece by piece.

That is what the gradients of several parts of one array come to.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.compiling.program import Line, Variable
from autograd.rules.selection import is_basic

SCATTER, TOGETHER, PLACED = (
    f"autograd.rules.selection:{name}"
    for name in ("_scatter_forward", "_scatter_together", "_placed_together")
)


def sum_of_pieces(line: Line, made: dict[Any, Line]) -> Line | None:
    """The line for a sum of two arrays of pieces; None if one is something else."""
    sides = [_pieces(made.get(x), line.output) for x in line.inputs if isinstance(x, Variable)]
    if len(sides) < 2 or not all(sides):
        return None
    parts, indices = zip(*sides[0], *sides[1], strict=True)
    shape = line.output.shape
    op = PLACED if _are_all(parts, indices, shape) else TOGETHER
    options = {"indices": indices, "shape": shape}
    return Line(op, (parts,), options, line.output, line.origin, line.quiet)


def _pieces(before: Line | None, like: Variable) -> list[tuple[Any, Any]]:
    """What a line puts into zeros of the shape and type of another's result, with the places."""
    if before is None:
        return []
    out = before.output
    if (out.shape, out.dtype, out.weak) != (like.shape, like.dtype, like.weak):
        return []
    if before.op in (TOGETHER, PLACED):
        return [*zip(before.inputs[0], before.options["indices"], strict=True)]
    if before.op != SCATTER or not is_basic(before.options["index"]):
        return []
    return [(before.inputs[0], before.options["index"])]


def _are_all(parts: Any, indices: Any, shape: tuple[int, ...]) -> bool:
    """Whether each element of an array of that shape is in one part, and in no other."""
    if sum(part.size if isinstance(part, Variable) else np.size(part) for part in parts) != math.prod(shape):
        return False
    found = np.zeros(shape, bool)
    for index in indices:
        found[index] = True
    return bool(found.all())
