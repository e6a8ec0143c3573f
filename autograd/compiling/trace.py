"""From a function to a program: one call with tracers, and the backward pass after it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.compiling.generator import TracedGenerator, drawn_from
from autograd.compiling.lifting import lift
from autograd.compiling.names import free
from autograd.compiling.program import Program, Variable
from autograd.compiling.tracer import Tape, Tracer
from autograd.data import as_operand, canonical
from autograd.errors import ShapeError
from autograd.recorded_call import Entered
from autograd.recording import recording
from autograd.trees import is_container
from autograd.value import Value
from autograd.walk import contributions

MANY = 1000  # lines; for fewer, arrays do not pay


@dataclass(frozen=True)
class Trace:
    """A traced call.

    Attributes:
        program: its inputs are the leaves of the arguments that are no static ones, in order;
            its outputs the value and a gradient for each differentiated leaf.
        of: the leaves that the gradients are of.
        is_lifted: True if the leaves, all numbers, are together one array: its only input.
    """

    program: Program
    of: Sequence[Variable] = ()
    is_lifted: bool = False


def trace(f: Callable[..., Any], argnums: Sequence[int], args: Sequence[Any], names: Sequence[str]) -> Trace:
    """Call ``f`` with tracers in the place of the arrays and numbers of its arguments.

    Args:
        f: gives a scalar.
        argnums: positions of the arguments to differentiate.
        args: the arguments.
        names: a name for each.

    Raises:
        TraceError: if what ``f`` does depends on the numbers.
        ShapeError: if its result is no scalar.
    """
    tape = Tape()
    inputs: list[Value] = []
    given: list[Variable] = []

    def variable(x: Any, name: str, differentiated: bool) -> Any:
        if isinstance(x, np.random.Generator):
            generator = TracedGenerator(tape, x, name)
            given.append(generator.variable)
            return generator
        tracer = tape.input(input_data(x, differentiated), name)
        given.append(tracer.variable)
        if not differentiated:
            return tracer
        inputs.append(Value(tracer, label=name))
        return inputs[-1]

    traced = [
        placed(x, name, i in argnums, variable) for i, (x, name) in enumerate(zip(args, names, strict=True))
    ]
    found: dict[str, Any] = {}
    with Entered(), drawn_from(f), _locals_of(f, found):
        output = f(*traced)
    taken = {v.name for v in given}
    _name(found, taken)
    _name_constants(tape, _from_outside(f) | found, taken)
    if len(inputs) == len(given) and len(tape.lines) >= MANY:
        lifted = _lifted(output, inputs)
        if lifted is not None:
            return lifted
    gradients = _gradients(tape, output, inputs, f)
    data = getattr(output, "_data", output)
    value = data.variable if isinstance(data, Tracer) else canonical(as_operand(data))
    of = [x._data.variable for x in inputs]
    return Trace(Program(given, tape.constants, tape.lines, [value, *gradients]), of)


def _lifted(output: Any, inputs: list[Value]) -> Trace | None:
    """The trace of the same computation with arrays, if it is one of numbers that repeats itself."""
    if not isinstance(output, Value) or output.shape != () or not all(x._data.variable.weak for x in inputs):
        return None
    lifted = lift(output, inputs)
    if lifted is None:
        return None
    tape = Tape()
    theta = Value(tape.input(np.array([x._data.data for x in inputs]), "theta"), label="theta")
    with recording(True):
        result = lifted(theta)
    gradients = _gradients(tape, result, [theta], lifted)
    program = Program([theta._data.variable], tape.constants, tape.lines, [result._data.variable, *gradients])
    return Trace(program, is_lifted=True)


def placed(x: Any, name: str, differentiated: bool, variable: Callable[[Any, str, bool], Any]) -> Any:
    """The same containers around ``variable(leaf, name, differentiated)``; static leaves stay."""
    if isinstance(x, dict):
        return {key: placed(item, f"{name}.{key}", differentiated, variable) for key, item in x.items()}
    if is_container(x):
        items = [placed(item, f"{name}.{i}", differentiated, variable) for i, item in enumerate(x)]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    return x if is_static(x, differentiated) else variable(x, name, differentiated)


def is_static(x: Any, differentiated: bool) -> bool:
    """True for what a program is made for, once for each: flags, counts, names, functions."""
    if x is None or differentiated:  # what cannot be differentiated is refused by name
        return x is None
    return not isinstance(x, (float, np.ndarray, np.generic, np.random.Generator, Value))


def input_data(x: Any, differentiated: bool) -> Any:
    """The numbers of an argument, as the engine holds them."""
    x = x._data if isinstance(x, Value) else x
    if not differentiated:
        return canonical(as_operand(x))
    x = as_operand(x)
    return canonical(x if isinstance(x, float) or x.dtype.kind == "f" else x.astype(np.float64))


def _gradients(tape: Tape, output: Any, inputs: list[Value], f: Any) -> list[Any]:
    """The gradients of the output with respect to the inputs, variables or zeros."""
    name = getattr(f, "__name__", repr(f))
    if np.shape(output) != ():
        raise ShapeError(
            f"compile needs a function with a scalar result, {name} gives shape {np.shape(output)}: "
            "reduce it with .sum() or .mean()"
        )
    if not isinstance(output, Value) or not output.requires_grad or not isinstance(output._data, Tracer):
        return [_result(tape, 0.0, x) for x in inputs]
    totals = derivatives(tape, output, inputs)
    return [_result(tape, 0.0 if g is None else g, x) for g, x in zip(totals, inputs, strict=True)]


def derivatives(tape: Tape, output: Value, inputs: list[Value], seed: Any = None) -> list[Any]:
    """The gradients of the output as tracers, times a seed; None for an input that it does not depend on."""
    if seed is None:
        seed = 1.0 if output._data.variable.weak else output.dtype.type(1.0)
    totals: dict[Value, Any] = {output: seed}
    for step in _with_origins(tape, contributions(output, seed)):
        parent = step.node.parents[step.i]
        totals[parent] = step.total
        if step.last and isinstance(step.total, Tracer) and isinstance(parent._data, Tracer):
            _note_gradient(step.total.variable, parent._data.variable)
    return [totals.get(x) for x in inputs]


def _note_gradient(g: Variable, of: Variable) -> None:
    """Remember whose gradient it is; of several that have the same, one with a name."""
    if g.gradient_of is None or (of.name and not g.gradient_of.name):
        g.gradient_of = of


def _with_origins(tape: Tape, steps: Iterator[Any]) -> Iterator[Any]:
    """Each step, with its lines marked as the derivative of the operation that it belongs to."""
    start = len(tape.lines)
    for step in steps:
        variable = step.node._data.variable if isinstance(step.node._data, Tracer) else None
        for line in tape.lines[start:]:
            line.origin = variable
        start = len(tape.lines)
        yield step


def _result(tape: Tape, g: Any, x: Value) -> Any:
    """The gradient of an input as a variable or, of a float, a number."""
    if isinstance(g, Tracer):
        return g.variable
    if x.shape == ():
        return float(g) if x._data.variable.weak else x.dtype.type(g)
    return tape.constant(np.broadcast_to(np.asarray(g, x.dtype), x.shape))


# -- names -----------------------------------------------------------------------------------------


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """What the arguments are called in the definition of ``f``."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    used = set(names)
    return names[:count] + [free(f"arg{i}", used) for i in range(len(names), count)]


@contextmanager
def _locals_of(f: Any, found: dict[str, Any]) -> Iterator[None]:
    """Collect the local variables of ``f`` as they are when it returns."""
    code = getattr(getattr(f, "__func__", f), "__code__", None)
    before = sys.getprofile()

    def look(frame: Any, event: str, arg: Any) -> None:
        if event == "return" and frame.f_code is code:
            found.update(frame.f_locals)

    if code is not None and before is None:
        sys.setprofile(look)
    try:
        yield
    finally:
        if code is not None and before is None:
            sys.setprofile(None)


def _from_outside(f: Any) -> dict[str, Any]:
    """What ``f`` takes from around it, by name."""
    try:
        outside = inspect.getclosurevars(f)
    except (TypeError, ValueError):  # no function, or a variable without a value
        return {}
    return {**outside.globals, **outside.nonlocals}


def _name_constants(tape: Tape, found: dict[str, Any], taken: set[str]) -> None:
    """Name arrays that are no arguments after the user's variables that hold them."""
    for name, x in found.items():
        v = tape.known(x) if isinstance(x, np.ndarray) else None
        if v is not None and not v.name and name not in taken:
            v.name = name
            taken.add(name)


def _name(found: dict[str, Any], taken: set[str]) -> None:
    """Name variables after the local variables, and labels, of the user."""
    for name, x in found.items():
        data = getattr(x, "_data", x)
        if isinstance(data, Tracer) and not data.variable.name and name not in taken:
            data.variable.name = name
            taken.add(name)
