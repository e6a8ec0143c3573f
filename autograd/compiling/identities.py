"""What an operation is the same as, and costs less: one rule for each, from a line to what stands for it.

``x.reshape(x.shape)`` is ``x``, ``x ** 2`` is ``x * x``, a transpose undoes a transpose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiling.operations import FLOATS, is_elementwise
from autograd.compiling.pieces import NLL_WEIGHTS, SCATTER, sum_of_pieces
from autograd.compiling.program import Line, Variable

# The lines so far, by their result; and by (x, "relu") that which computes max(x, 0).
Made = dict[Any, Line]

NUMBERS = (float, int)
PEOPLES = {"add": "sum", "maximum": "max", "minimum": "min"}  # names of the reductions of ufuncs


def simpler(line: Line, made: Made) -> Any:
    """What stands for the line's result: a variable, a number, another line; None for nothing."""
    rule = RULES.get(line.op)
    if rule is not None and not (line.options and is_elementwise(line.op)):  # where= and the like
        return rule(line, made)
    if is_elementwise(line.op) and len(line.inputs) > 1:
        return _without_repeats(line, made)
    return None


def _like(x: Any, line: Line) -> bool:
    """True if ``x`` may stand for the result without anyone noticing."""
    out = line.output
    return isinstance(x, Variable) and (x.shape, x.dtype, x.weak) == (out.shape, out.dtype, out.weak)


def _other(line: Line, op: str, *inputs: Any, **options: Any) -> Line:
    return Line(op, inputs, options, line.output, line.origin, line.quiet)


def _same(line: Line, made: Any) -> Any:
    """The operation that returns its argument."""
    return line.inputs[0] if _like(line.inputs[0], line) else None


def _reshape(line: Line, made: Made) -> Any:
    x = line.inputs[0]
    if not _is_row_major(line):
        return None
    if _like(x, line):
        return x
    if isinstance(x, Variable):
        before = made.get(x)
        if before is not None and before.op == "reshape" and _is_row_major(before):
            shorter = _other(line, "reshape", before.inputs[0], line.output.shape)
            return _reshape(shorter, made) or shorter
        if line.op != "reshape" or line.options or line.inputs[1] != line.output.shape:
            return _other(line, "reshape", x, line.output.shape)
    return None


def _is_row_major(line: Line) -> bool:
    return not {"F", "A", "K"} & {x for x in (*line.inputs, *line.options.values()) if type(x) is str}


def _swapaxes(line: Line, made: Made) -> Any:
    x = line.inputs[0]
    if not isinstance(x, Variable) or len(line.inputs) != 3:
        return None
    n = len(x.shape)
    axes = {k % n for k in line.inputs[1:3]}
    if n == 2:
        transposed = _other(line, "transpose", x, None)
        return x if len(axes) == 1 else _transpose(transposed, made) or transposed
    before = made.get(x)
    if before is not None and before.op == "swapaxes" and {k % n for k in before.inputs[1:3]} == axes:
        return before.inputs[0]  # and back
    return None


def _transpose(line: Line, made: Made) -> Any:
    x = line.inputs[0]
    if not isinstance(x, Variable):
        return None
    n = len(x.shape)
    axes = line.inputs[1] if len(line.inputs) > 1 else line.options.get("axes")
    order = tuple(range(n))[::-1] if axes is None else tuple(int(i) % n for i in axes)
    before = made.get(x)
    if before is not None and before.op == "transpose":
        first = before.inputs[1] if len(before.inputs) > 1 and before.inputs[1] else tuple(range(n))[::-1]
        order = tuple(first[i] for i in order)
        x = before.inputs[0]
    if order == tuple(range(n)):
        return x
    wanted = None if order == tuple(range(n))[::-1] else order
    return _other(line, "transpose", x, wanted) if (x, wanted) != line.inputs else None


def _negative(line: Line, made: Made) -> Any:
    before = made.get(line.inputs[0])
    return before.inputs[0] if before is not None and before.op == "negative" else None


def _multiply(line: Line, made: Made) -> Any:
    a, b = line.inputs
    for x, one in ((a, b), (b, a)):
        if type(one) in NUMBERS and one == 1 and _like(x, line):
            return x
        if type(one) in NUMBERS and one == -1 and _like(x, line):
            return _other(line, "negative", x)
    return _without_repeats(line, made)


def _add(line: Line, made: Made) -> Any:
    return sum_of_pieces(line, made) or _without_repeats(line, made)


def _divide(line: Line, made: Made) -> Any:
    a, b = line.inputs
    if type(b) in NUMBERS and b == 1 and _like(a, line):
        return a
    return _without_repeats(line, made)


def _power(line: Line, made: Made) -> Any:
    a, b = line.inputs
    if type(b) in NUMBERS and b == 1 and _like(a, line):
        return a
    if type(b) in NUMBERS and b == 2:
        return _other(line, "multiply", a, a)
    return _without_repeats(line, made)


def _sum(line: Line, made: Made) -> Any:
    """A sum over no axis; and that over the classes of what each log-probability counts for: one does."""
    x, out = line.inputs[0], line.output
    if line.options.get("axis") == () and _like(x, line):
        return x
    before = made.get(x) if isinstance(x, Variable) else None
    if before is None or before.op != NLL_WEIGHTS or len(line.inputs) > 1 or not line.options.get("keepdims"):
        return _reduction(line, made)
    if line.options.get("axis") not in (1 if len(x.shape) > 1 else 0, (1 if len(x.shape) > 1 else 0,)):
        return _reduction(line, made)
    return _other(line, "broadcast_to", before.inputs[2], out.shape)


def _reduction(line: Line, made: Made) -> Any:
    """``np.add.reduce``, which starts faster, as ``np.sum``, which people write; ``lower`` turns it back."""
    x, options = line.inputs[0], dict(line.options)
    if not line.op.endswith(".reduce") or len(line.inputs) > 1 or options.keys() - {"axis", "keepdims"}:
        return None
    if not isinstance(x, Variable) or x.dtype != line.output.dtype:
        return None
    axis = {"axis": options.pop("axis", 0)}
    return _other(line, PEOPLES[line.op.removesuffix(".reduce")], x, **axis, **options)


def is_zero(x: Any) -> bool:
    """True for the number 0.0."""
    return type(x) is float and x == 0.0


def _greater(line: Line, made: Made) -> Any:
    """``x > 0`` as ``max(x, 0) > 0`` where that is there: then nobody needs x any more."""
    x, zero = line.inputs
    if is_zero(zero) and isinstance(x, Variable):
        relu = made.get((x, "relu"))
        if relu is not None:
            return _other(line, "greater", relu.output, zero)
    return _without_repeats(line, made)


def _not_equal(line: Line, made: Made) -> Any:
    """Truth values as numbers, unequal zero, are themselves."""
    x, zero = line.inputs
    before = made.get(x) if is_zero(zero) and isinstance(x, Variable) else None
    was = before.inputs[0] if before is not None and before.op == "astype" else None
    return was if isinstance(was, Variable) and _like(was, line) else _without_repeats(line, made)


def _logical(line: Line, made: Made) -> Any:
    a, b = line.inputs
    return a if a is b and _like(a, line) else _without_repeats(line, made)


def _where(line: Line, made: Made) -> Any:
    """A number that was repeated to the shape of the result, by itself."""
    if len(line.inputs) != 3 or line.output.dtype != "float64":
        return None
    condition, *inputs = line.inputs
    for i, (x, other) in enumerate((inputs, inputs[::-1])):
        before = made.get(x) if isinstance(x, Variable) else None
        if before is not None and before.op == "broadcast_to" and _is_weak(before.inputs[0]):
            shapes = [y.shape for y in (condition, other) if isinstance(y, Variable)]
            if np.broadcast_shapes(*shapes) == line.output.shape:
                inputs[i] = before.inputs[0]
                return _other(line, "where", condition, *inputs)
    return None


def _scatter(line: Line, made: Made) -> Any:
    """An array of the size of the whole, of which new axes alone are taken away."""
    x, index = line.inputs[0], line.options["index"]
    parts = index if isinstance(index, tuple) else (index,)
    whole = all(p is None or p is Ellipsis or (type(p) is slice and p == slice(None)) for p in parts)
    return _other(line, "reshape", x, line.output.shape) if whole and isinstance(x, Variable) else None


def _square(line: Line, made: Made) -> Any:
    return _other(line, "multiply", line.inputs[0], line.inputs[0])


def _without_repeats(line: Line, made: Made) -> Any:
    """Operands that were repeated to the shape of the result are repeated by NumPy anyway."""
    inputs = [_weakened(x, line) for x in line.inputs]
    for i, x in enumerate(inputs):
        before = made.get(x) if isinstance(x, Variable) else None
        if before is not None and before.op == "astype" and x.dtype in FLOATS:  # a float is one of any type
            repeated = made.get(before.inputs[0])
            weak = repeated is not None and repeated.op == "broadcast_to" and _is_weak(repeated.inputs[0])
            before = repeated if weak else before
        if before is not None and before.op == "broadcast_to":
            others = [y for k, y in enumerate(inputs) if k != i and isinstance(y, Variable)]
            source = before.inputs[0]
            if _repeated_anyway(source, x, others, line.output.shape):
                inputs[i] = source if isinstance(source, Variable) else np.asarray(source).item()
    same = all(a is b for a, b in zip(inputs, line.inputs, strict=True))
    return None if same else _other(line, line.op, *inputs, **line.options)


def _weakened(x: Any, line: Line) -> Any:
    """A NumPy number as Python's, beside an array of its type, which it leaves as it is."""
    typed = isinstance(x, np.floating) and any(y.dtype == x.dtype and not y.weak for y in line.reads)
    return float(x) if typed else x


def _is_weak(x: Any) -> bool:
    return x.weak if isinstance(x, Variable) else type(x) is float


def _repeated_anyway(source: Any, x: Variable, others: list[Variable], shape: tuple[int, ...]) -> bool:
    """Whether ``source``, a variable or a number, gives in the place of ``x`` the same shape and type."""
    weak = not isinstance(source, Variable) or source.weak
    if weak and not any(y.dtype == x.dtype and not y.weak for y in others):
        return False
    own = () if not isinstance(source, Variable) else source.shape
    return bool(others) and np.broadcast_shapes(own, *(y.shape for y in others)) == shape


RULES: dict[str, Callable[[Line, Made], Any]] = {
    "positive": _same,
    "astype": _same,
    "broadcast_to": _same,
    "reshape": _reshape,
    "expand_dims": _reshape,
    "squeeze": _reshape,
    "ravel": _reshape,
    "swapaxes": _swapaxes,
    "transpose": _transpose,
    "negative": _negative,
    "add": _add,
    "add.reduce": _sum,
    "maximum.reduce": _reduction,
    "minimum.reduce": _reduction,
    "sum": _sum,
    "not_equal": _not_equal,
    "logical_or": _logical,
    "logical_and": _logical,
    "where": _where,
    SCATTER: _scatter,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "square": _square,
    "greater": _greater,
}
