"""Passes that make a program shorter without changing its numbers.

Each takes a program and gives a program. ``simplify`` walks the lines once: it replaces what is
known (``x.reshape(x.shape)`` is ``x``), computes what is constant, and lets equal lines share
their result. ``without_dead_lines`` drops what nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiling.identities import NUMBERS, Made, is_zero, simpler
from autograd.compiling.operations import FLOATS, is_one_number, is_view, run
from autograd.compiling.program import UPDATE, Line, Program, Variable, rewritten, variables

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


def with_own_results(program: Program, of: Sequence[Variable] = ()) -> Program:
    """Each array that the program gives belongs to the caller alone: it is no input, constant or view.

    A number that is given, and a new value, is no input that the program changes. The last results are
    gradients ``of`` these.
    """
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
    changed = {old for old, _ in program.updates}
    outputs = []
    named = [None] * (len(program.outputs) - len(of)) + [*of]
    for x, leaf in zip(program.outputs, named, strict=True):
        if isinstance(x, Variable) and (x.shape or roots.get(x, x) in changed):
            root = roots.get(x, x)
            if root in given or x in spread:
                copy = _copied(x, spread, leaf)
                lines.insert(len(lines) if x.shape else _first_update(lines), copy)
                outputs.append(copy.output)
                continue
            given.add(root)
        outputs.append(x)

    def kept(old: Variable, x: Any) -> Any:
        """A new value; copied, if it is an old one, which may be gone when it is written."""
        if not isinstance(x, Variable) or x is old or roots.get(x, x) not in changed:
            return x
        copy = _copied(x, spread, None)
        lines.insert(_first_update(lines), copy)
        return copy.output

    updates = [(old, kept(old, x)) for old, x in program.updates]
    return Program(program.inputs, program.constants, lines, outputs, updates)


def _first_update(lines: list[Line]) -> int:
    """Where the lines of updates begin."""
    return next((k for k, line in enumerate(lines) if line.origin is UPDATE), len(lines))


def _copied(x: Variable, spread: dict[Variable, Any], of: Variable | None) -> Line:
    """A line that copies a variable, of the backward pass if an array; one number, repeated, is filled in."""
    copy = Variable(x.shape, x.dtype, x.weak, "" if of else x.name, of or x.gradient_of)
    if not x.shape:
        return Line("positive", (x,), {}, copy)
    backward = Variable((), "bool")
    number = spread.get(x)
    if isinstance(number, NUMBERS) and x.dtype == "float64":
        return Line("full", (x.shape, number), {}, copy, backward)
    return Line("copy", (x,), {}, copy, backward)


def with_shared_constants(program: Program) -> Program:
    """Without constants that show the elements of another, transposed."""
    constants: dict[Variable, Any] = {}
    lines: list[Line] = []
    for v in sorted(program.constants, key=lambda v: not v.name):  # those that the user knows stay
        x = program.constants[v]
        other = next((u for u, y in constants.items() if x.ndim == 2 and _is_transpose(x, y)), None)
        if other is None:
            constants[v] = x
        else:
            lines.append(Line("transpose", (other, None), {}, v))
    return Program(program.inputs, constants, [*lines, *program.lines], program.outputs, program.updates)


def _is_transpose(x: Any, y: Any) -> bool:
    """True for views of one array that differ in the order of axes alone."""
    here, there = x.__array_interface__["data"], y.__array_interface__["data"]
    return here == there and x.dtype == y.dtype and (x.shape, x.strides) == (y.shape[::-1], y.strides[::-1])


def simplify(program: Program) -> Program:
    """Identities, constants and common subexpressions, in one walk."""
    instead: dict[Variable, Any] = {}
    made: Made = _repeated_numbers(program.constants)
    known: dict[Any, Variable] = {}
    constants = dict(program.constants)
    lines: list[Line] = []
    for old in program.lines:
        line = rewritten(old, instead)
        found = simpler(line, made)
        while isinstance(found, Line):
            line = found
            found = simpler(line, made)
        if found is None and _is_constant(line, constants):
            found = known.get(_key(line)) or _computed(line, constants)
            if isinstance(found, Variable):
                known[_key(line)] = found
        if found is None:
            key = _key(line)
            found = known.setdefault(key, line.output)
            if found is line.output:
                made[line.output] = line
                if line.op == "maximum" and is_zero(line.inputs[1]):
                    made[line.inputs[0], "relu"] = line
                lines.append(line)
                continue
        if isinstance(found, Variable) and not found.name and found in made:
            found.name = line.output.name
            found.gradient_of = line.output.gradient_of or found.gradient_of
        instead[old.output] = found
        if line.output is not old.output:
            instead[line.output] = found
    return Program(program.inputs, constants, [], program.outputs, program.updates).renamed(lines, instead)


def _repeated_numbers(constants: dict[Variable, Any]) -> Made:
    """The constants that have one number in all places, as what repeats it."""
    return {
        v: Line("broadcast_to", (x.flat[0].item(), v.shape), {}, v)
        for v, x in constants.items()
        if v.dtype in FLOATS and is_one_number(x)
    }


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
