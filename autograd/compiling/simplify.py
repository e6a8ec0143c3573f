"""Passes that make a program shorter without changing its numbers.

Each takes a program and gives a program. ``simplify`` walks the lines once: it replaces what is
known (``x.reshape(x.shape)`` is ``x``), computes what is constant, and lets equal lines share
their result. ``without_dead_lines`` drops what nobody reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiling.operations import is_elementwise, is_view, run
from autograd.compiling.pieces import sum_of_pieces
from autograd.compiling.program import Line, Program, Variable, rewritten, variables

# The lines so far, by their result; and by (x, "relu") that which computes max(x, 0).
Made = dict[Any, Line]

NUMBERS = (float, int)
SMALL = 1 << 16  # elements of a constant that is computed when the program is made


def without_dead_lines(program: Program) -> Program:
    """Without the lines whose results nobody reads. Draws from a generator stay: the next depend on them."""
    wanted = set(variables(program.results))
    kept: list[Line] = []
    for line in reversed(program.lines):
        if line.output in wanted or line.op.startswith("rng."):
            kept.append(line)
            wanted.update(line.reads)
    constants = {v: x for v, x in program.constants.items() if v in wanted}
    return Program(program.inputs, constants, kept[::-1], program.outputs, program.updates)


def with_own_results(program: Program) -> Program:
    """Each array that the program gives belongs to the caller alone: it is no input, constant or view."""
    roots: dict[Variable, Variable] = {}
    spread: dict[Variable, Any] = {}  # what has one element in several places, with what was repeated
    lines = list(program.lines)
    for line in lines:
        if line.op == "broadcast_to":
            spread[line.output] = line.inputs[0]
        for source in line.reads[:1] if is_view(line) else []:
            if line.op != "item" or source in roots:  # items of a result that is new are arrays of their own
                roots[line.output] = roots.get(source, source)
            if source in spread:
                spread[line.output] = spread[source]
    given = {*program.inputs, *program.constants}
    outputs = []
    for x in program.outputs:
        if isinstance(x, Variable) and x.shape:
            root = roots.get(x, x)
            if root in given or x in spread:
                lines.append(_copied(x, spread))
                outputs.append(lines[-1].output)
                continue
            given.add(root)
        outputs.append(x)
    return Program(program.inputs, program.constants, lines, outputs, program.updates)


def _copied(x: Variable, spread: dict[Variable, Any]) -> Line:
    """A line of the backward pass that copies a variable; one number, repeated, is filled in."""
    copy = Variable(x.shape, x.dtype, name=x.name, gradient_of=x.gradient_of)
    backward = Variable((), "bool")
    number = spread.get(x)
    if isinstance(number, NUMBERS) and x.dtype == "float64":
        return Line("full", (x.shape, number), {}, copy, backward)
    return Line("copy", (x,), {}, copy, backward)


def simplify(program: Program) -> Program:
    """Identities, constants and common subexpressions, in one walk."""
    instead: dict[Variable, Any] = {}
    made: Made = {}
    known: dict[Any, Variable] = {}
    constants = dict(program.constants)
    lines: list[Line] = []
    for old in program.lines:
        line = rewritten(old, instead)
        found = _simpler(line, made)
        while isinstance(found, Line):
            line = found
            found = _simpler(line, made)
        if found is None and _is_constant(line, constants):
            found = _computed(line, constants)
        if found is None:
            key = _key(line)
            found = known.setdefault(key, line.output)
            if found is line.output:
                made[line.output] = line
                if line.op == "maximum" and _is_zero(line.inputs[1]):
                    made[line.inputs[0], "relu"] = line
                lines.append(line)
                continue
        if isinstance(found, Variable) and not found.name and found in made:
            found.name, found.gradient_of = line.output.name, line.output.gradient_of
        instead[old.output] = found
        if line.output is not old.output:
            instead[line.output] = found
    return Program(program.inputs, constants, [], program.outputs, program.updates).renamed(lines, instead)


def _key(line: Line) -> Any:
    if line.op.startswith("rng.") or ":" in line.op:
        return line  # a draw is never another one
    return line.op, _hashable(line.inputs), _hashable(line.options), line.output.dtype


def _hashable(x: Any) -> Any:
    if isinstance(x, Variable):
        return id(x), Variable
    if isinstance(x, (tuple, list)):
        return type(x), tuple(_hashable(item) for item in x)
    if isinstance(x, dict):
        return tuple((key, _hashable(item)) for key, item in x.items())
    if isinstance(x, slice):
        return slice, _hashable((x.start, x.stop, x.step))
    return type(x), repr(x)


# -- constants ---------------------------------------------------------------------------------------


def _is_constant(line: Line, constants: dict[Variable, Any]) -> bool:
    if (
        line.op.startswith("rng.")
        or line.op in ("item", "broadcast_to", "copy")
        or line.output.dtype == "tuple"
    ):
        return False
    return line.output.size <= SMALL and all(v in constants for v in line.reads)


def _computed(line: Line, constants: dict[Variable, Any]) -> Any:
    """The result: a number, or the variable of a new constant."""
    with np.errstate(all="ignore"):
        found = run(line, constants)
    if line.output.weak or isinstance(found, np.float64):
        return float(found)
    if line.output.shape == () and isinstance(found, (np.generic, bool)):
        return found
    constants[line.output] = found
    return line.output if isinstance(found, np.ndarray) else None


# -- identities --------------------------------------------------------------------------------------


def _simpler(line: Line, made: Made) -> Any:
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


def _is_zero(x: Any) -> bool:
    return type(x) is float and x == 0.0


def _greater(line: Line, made: Made) -> Any:
    """``x > 0`` as ``max(x, 0) > 0`` where that is there: then nobody needs x any more."""
    x, zero = line.inputs
    if _is_zero(zero) and isinstance(x, Variable):
        relu = made.get((x, "relu"))
        if relu is not None:
            return _other(line, "greater", relu.output, zero)
    return _without_repeats(line, made)


def _square(line: Line, made: Made) -> Any:
    return _other(line, "multiply", line.inputs[0], line.inputs[0])


def _without_repeats(line: Line, made: Made) -> Any:
    """Operands that were repeated to the shape of the result are repeated by NumPy anyway."""
    inputs = [_weakened(x, line) for x in line.inputs]
    for i, x in enumerate(inputs):
        before = made.get(x) if isinstance(x, Variable) else None
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
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "square": _square,
    "greater": _greater,
}
