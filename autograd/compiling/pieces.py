"""Arrays of zeros with something at an index each, added: one array, written piece by piece.

That is what the gradients of several parts of one array come to.
"""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np

from autograd.compiling.expressions import Expr, Spell, argument, call, index, without_sign
from autograd.compiling.program import Line, Variable
from autograd.rules.selection import MANY, is_basic

SCATTER, TOGETHER, PLACED, SELECTED = (
    f"autograd.rules.selection:{name}"
    for name in ("_scatter_forward", "_scatter_together", "_placed_together", "_selected")
)
NLL_WEIGHTS = "autograd.rules.activations:_nll_weights"


def is_written_in_pieces(line: Line) -> bool:
    """True for an array with axes that is written by statements, piece by piece.

    At arrays of integers a function of the library adds many elements faster than NumPy's.
    """
    if not line.output.shape:
        return False
    if line.op == SCATTER:
        return is_basic(line.options["index"]) or not _are_many(line.inputs[0])
    return line.op in (TOGETHER, PLACED, SELECTED, NLL_WEIGHTS)


def _are_many(x: Any) -> bool:
    return isinstance(x, Variable) and x.size >= MANY


def pieces_of(line: Line, name: str, spell: Spell) -> list[str]:
    """These statements: the array, and what is at each index of it."""
    out = line.output
    whole: Expr = ast.Name(name)
    if line.op == NLL_WEIGHTS:  # its index is that of one row after the other
        whole = call(ast.Attribute(whole, "reshape"), [ast.Constant(out.size)], {})
    dtype = "" if out.dtype == "float64" else f", np.{out.dtype}"
    shape = out.shape if len(out.shape) != 1 else out.shape[0]
    texts = [f"{name} = np.{'empty' if line.op == PLACED else 'zeros'}({shape}{dtype})"]
    if line.op == SCATTER and not is_basic(line.options["index"]):
        at, part = (ast.unparse(argument(x, spell)) for x in (line.options["index"], line.inputs[0]))
        return [*texts, f"np.add.at({name}, {at}, {part})"]
    for part, at in _parts(line):
        place = ast.unparse(ast.Subscript(whole, index(at, spell)))
        expr, sign = argument(part, spell), "="
        if line.op == TOGETHER:
            positive = without_sign(expr)
            expr, sign = (expr, "+=") if positive is None else (positive, "-=")
        texts.append(f"{place} {sign} {ast.unparse(expr)}")
    return texts


def _parts(line: Line) -> list[tuple[Any, Any]]:
    """What a line puts into an array, each with its index."""
    if line.op == SCATTER:
        return [(line.inputs[0], line.options["index"])]
    if line.op == SELECTED:
        return [(True, line.options["index"])]
    if line.op == NLL_WEIGHTS:
        return [(line.inputs[2], line.inputs[1])]
    return [*zip(line.inputs[0], line.options["indices"], strict=True)]


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
        return _parts(before)
    if before.op != SCATTER or not is_basic(before.options["index"]):
        return []
    return [(before.inputs[0], before.options["index"])]


def _are_all(parts: Any, indices: Any, shape: tuple[int, ...]) -> bool:
    """Whether each element of an array of that shape is in one part, and in no other."""
    if sum(part.size if isinstance(part, Variable) else np.size(part) for part in parts) != math.prod(shape):
        return False
    found = np.zeros(shape, bool)
    for at in indices:
        found[at] = True
    return bool(found.all())
