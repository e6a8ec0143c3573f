"""What the operations of a program are: those that work element by element, views, reductions.

Names are NumPy's; ``special.`` and ``linalg.`` stand before those of submodules, and
``module:function`` is a function of this library that is called as a whole.
"""

from __future__ import annotations

import importlib
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiling.program import Line, Loop, Variable, mapped

# Their result may show the elements of the first input, without a copy wherever NumPy can.
VIEWS = {"reshape", "transpose", "swapaxes", "broadcast_to", "lib.stride_tricks.sliding_window_view",
         "moveaxis", "flip", "diagonal", "squeeze", "expand_dims", "ravel", "real", "split", "array_split",
         "hsplit", "vsplit", "dsplit", "unstack", "rollaxis", "rot90", "diag", "linalg.diagonal",
         "matrix_transpose", "linalg.matrix_transpose", "fliplr", "flipud", "real_if_close", "diff",
         "linalg.matrix_power", "broadcast_arrays", "atleast_1d", "atleast_2d", "atleast_3d"}  # fmt: skip

# These show all of their inputs.
VIEWS_OF_SEVERAL = {"broadcast_arrays", "atleast_1d", "atleast_2d", "atleast_3d"}

# Reductions that are a ufunc's, which starts in half the time.
REDUCTIONS = {"sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum",
              "amax": "maximum", "amin": "minimum", "all": "logical_and", "any": "logical_or"}  # fmt: skip

# Operations that give floats a result, whatever they are.
NEVER_RAISING = {"add", "subtract", "multiply", "negative", "positive", "absolute", "item", "getitem", "copy",
                 "vdot", "dot", "add.reduce", "maximum", "minimum", "tanh", "where", "sum", "mean",
                 "astype"}  # fmt: skip

# Types of which BLAS computes products.
FLOATS = ("float32", "float64")


def is_one_number(x: np.ndarray) -> bool:
    """True for several elements, the same to the bit; most arrays tell by the first two."""
    if x.size < 2 or x.flat[1].tobytes() != (first := x.flat[0].tobytes()):
        return False
    return bool(x.tobytes() == first * x.size)


def is_elementwise(op: str) -> bool:
    """True for a ufunc of one result and no core dimensions."""
    ufunc = getattr(np, op, None) if op.isidentifier() else None
    return isinstance(ufunc, np.ufunc) and ufunc.nout == 1 and ufunc.signature is None


def may_raise(line: Line) -> bool:
    """True for an operation of Python's floats that raises where NumPy has infinity or NaN."""
    if line.op == "divide" and type(line.inputs[1]) in (int, float) and line.inputs[1]:
        return False
    return line.output.weak and bool(line.reads) and line.op not in NEVER_RAISING


def is_view(line: Line) -> bool:
    """True if the result may share memory with the first input."""
    if line.op == "getitem":
        index = line.inputs[1]
        parts = index if isinstance(index, tuple) else (index,)
        return all(p is None or p is Ellipsis or isinstance(p, (int, slice, np.integer)) for p in parts)
    if line.op == "einsum":  # of one array it may be a transpose or a diagonal
        return len(line.reads) == 1
    return line.op in VIEWS or line.op == "item"


def roots_of(lines: Sequence[Line | Loop]) -> dict[Variable, Variable]:
    """For each view the variable whose memory it shows."""
    roots: dict[Variable, Variable] = {}
    for line in lines:
        if isinstance(line, Line) and is_view(line) and line.reads:
            source = line.reads[0]
            roots[line.output] = roots.get(source, source)
    return roots


def function_of(op: str) -> Any:
    """The function that an operation is."""
    if op == "getitem":
        return lambda x, index: np.asarray(x)[index]
    if op == "astype":
        return lambda x, dtype: np.asarray(x).astype(dtype)
    if ":" in op:
        module, name = op.split(":")
        return getattr(importlib.import_module(module), name)
    if op.startswith("special."):
        return getattr(importlib.import_module("scipy.special"), op.removeprefix("special."))
    return operator.attrgetter(op)(np)


def run(line: Line, numbers: dict[Variable, Any]) -> Any:
    """The result of a line."""
    if line.op == "item":
        whole, i = mapped(numbers.__getitem__, line.inputs)
        return whole[i]
    options = {key: mapped(numbers.__getitem__, x) for key, x in line.options.items()}
    if line.op.startswith("rng."):
        generator, *rest = mapped(numbers.__getitem__, line.inputs)
        return getattr(generator, line.op.removeprefix("rng."))(*rest, **options)
    return function_of(line.op)(*mapped(numbers.__getitem__, line.inputs), **options)
