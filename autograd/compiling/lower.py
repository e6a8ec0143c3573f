"""The last pass before memory is planned: the same numbers by calls that start faster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import extrema, sums
from autograd.compiling.operations import FLOATS, REDUCTIONS
from autograd.compiling.program import Line, Program, Variable
from autograd.rules import activations, in_place

SMALL = 1 << 18  # elements of an array that is summed by a product with ones
SHORT = 1 << 10  # elements of a vector that is summed so

OF_ROWS = {
    "maximum.reduce": "autograd.extrema:largest_of_rows",
    "minimum.reduce": "autograd.extrema:smallest_of_rows",
}


def lower(program: Program) -> Program:
    """Reductions as those of ufuncs; a mean as a sum, divided."""
    lines: list[Line] = []
    constants = dict(program.constants)
    known: dict[Any, Variable] = {}

    def constant(name: str, data: Any) -> Variable:
        v = known.setdefault((name, data.shape, data.dtype), Variable(data.shape, str(data.dtype), name=name))
        constants.setdefault(v, data)
        return v

    def ones_of(n: int, dtype: str) -> Variable:
        return constant(f"ones_{n}", np.ones(n, dtype))

    for line in program.lines:
        zeros = _zeros_for(line)
        if zeros is not None:
            name = "_".join(map(str, ("zeros", *zeros.shape)))
            inputs = line.inputs[0], constant(name, zeros)
            lines.append(Line("maximum", inputs, {}, line.output, line.origin, line.quiet))
            continue
        for part in _lowered(line):
            lines += _as_products(part, ones_of)
    return Program(program.inputs, constants, lines, program.outputs, program.updates)


def _zeros_for(line: Line) -> Any:
    """The rows of zeros by which max(x, 0) is computed twice as fast; None if it is something else."""
    x, out = line.inputs[0] if line.inputs else None, line.output
    if line.op != "maximum" or line.options or line.inputs[1:] != (0.0,) or not isinstance(x, Variable):
        return None
    if out.size < in_place.LARGE or x.dtype != out.dtype or x.dtype not in FLOATS:
        return None
    zeros = activations.zeros_beside(out.shape, np.dtype(out.dtype))
    return zeros if isinstance(zeros, np.ndarray) else None


def _is_matrix(x: Any, dtype: str) -> bool:
    """True for a matrix or vector of the type."""
    return isinstance(x, Variable) and len(x.shape) in (1, 2) and x.dtype == dtype


def _as_products(line: Line, ones_of: Callable[[int, str], Variable]) -> list[Line]:
    """Products of matrices by the call that starts fastest; sums of a matrix as products with ones."""
    if line.op == "matmul" and all(_is_matrix(x, line.output.dtype) for x in line.inputs):
        return [Line("dot", line.inputs, {}, line.output, line.origin, line.quiet)]
    if line.op == "add.reduce" and _is_short_vector(line):
        x = line.inputs[0]
        return [Line("dot", (x, ones_of(x.size, x.dtype)), {}, line.output, line.origin, line.quiet)]
    return _sum_as_product(line, ones_of) if line.op == "add.reduce" and line.output.shape else [line]


def _sum_as_product(line: Line, ones_of: Callable[[int, str], Variable]) -> list[Line]:
    """A sum along the first axis of a matrix, or along the last one of any array, as a product with ones."""
    x, out, axis = line.inputs[0], line.output, line.options.get("axis", 0)
    ndim = len(x.shape)
    axis = axis % ndim if isinstance(axis, int) else None
    if ndim < 2 or axis not in ((0, 1) if ndim == 2 else (ndim - 1,)) or x.size > SMALL:
        return [line]
    n = x.shape[axis]
    if n > sums.LONGEST or x.dtype != out.dtype or x.dtype not in FLOATS:
        return [line]

    def made(op: str, *inputs: Any, to: Variable) -> Variable:
        lines.append(Line(op, inputs, {}, to, line.origin, line.quiet))
        return to

    lines: list[Line] = []
    matrix = x if ndim == 2 else made("reshape", x, (out.size, n), to=Variable((out.size, n), x.dtype))
    total = out if len(out.shape) == 1 else Variable((out.size,), out.dtype)
    made("dot", *((ones_of(n, x.dtype), x) if axis == 0 else (matrix, ones_of(n, x.dtype))), to=total)
    if total is not out:
        made("reshape", total, out.shape, to=out)
    return lines


def _is_short_vector(line: Line) -> bool:
    """True for the sum of a short vector, in float64, where the order of the terms is of no matter."""
    x = line.inputs[0]
    plain = len(x.shape) == 1 and not line.output.shape and set(line.options) <= {"axis"}
    return plain and 0 < x.size <= SHORT and x.dtype == line.output.dtype == "float64"


def _reduction(line: Line) -> Line:
    """With its axis by keyword."""
    options = {"axis": 0} | dict(line.options)
    if len(line.inputs) > 1:
        options["axis"] = line.inputs[1]
    axis = options["axis"]
    options["axis"] = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    plain = (
        len(line.inputs) <= 2
        and set(options) <= {"axis", "keepdims"}
        and isinstance(line.inputs[0], Variable)
    )
    return Line(line.op, line.inputs[:1], options, line.output, line.origin, line.quiet) if plain else line


def _of_rows(line: Line) -> Line:
    """Extrema along the last axis by a function that takes a fraction of the time."""
    x, axis = line.inputs[0], line.options.get("axis")
    if line.op not in OF_ROWS or not isinstance(x, Variable) or len(line.inputs) > 1:
        return line
    if (
        not extrema.pays(x.shape)
        or axis not in (-1, len(x.shape) - 1)
        or x.dtype != line.output.dtype
        or x.dtype not in FLOATS
    ):
        return line
    options = {"keepdims": True} if line.options.get("keepdims") else {}
    return Line(OF_ROWS[line.op], (x,), options, line.output, line.origin, line.quiet)


def _lowered(line: Line) -> list[Line]:
    if line.op in ("add.reduce", *OF_ROWS):
        line = _of_rows(_reduction(line))
    if line.op not in REDUCTIONS and line.op != "mean":
        return [line]
    x = line.inputs[0]
    options = dict(line.options)
    axis = line.inputs[1] if len(line.inputs) > 1 else options.pop("axis", None)
    keepdims = options.pop("keepdims", False)
    if options or len(line.inputs) > 2 or not isinstance(x, Variable) or x.dtype != line.output.dtype:
        return [line]
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    short: dict[str, Any] = {"axis": axis} | ({"keepdims": True} if keepdims else {})
    if line.op != "mean":
        op = f"{REDUCTIONS[line.op]}.reduce"
        return [_of_rows(Line(op, (x,), short, line.output, line.origin, line.quiet))]
    if x.dtype == "float16" or not line.output.size:  # NumPy sums these in float32
        return [line]
    out = line.output
    total = Variable(out.shape, out.dtype, out.weak)
    return [
        Line("add.reduce", (x,), short, total, line.origin, line.quiet),
        Line("divide", (total, x.size // out.size), {}, out, line.origin, line.quiet),
    ]
