"""``autograd.compile``: a function traced once, whose value and gradients one flat program computes."""

from __future__ import annotations

import builtins
import gc
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograd.compiling.blocks import in_blocks
from autograd.compiling.buffers import Plan, plan_buffers
from autograd.compiling.emit import Shape, emit
from autograd.compiling.lower import lower
from autograd.compiling.module import module_text, namespace, new_buffers
from autograd.compiling.products import with_folded_numbers, with_inner_products, with_shared_products
from autograd.compiling.program import Program, Variable
from autograd.compiling.rolling import rolled
from autograd.compiling.shapes import shape_of, shape_of_numbers, signature
from autograd.compiling.signs import with_late_signs
from autograd.compiling.simplify import (
    simplify,
    with_own_results,
    with_shared_constants,
    without_dead_lines,
)
from autograd.compiling.trace import argument_names, trace
from autograd.compiling.transposes import is_transpose, with_late_transposes, with_transposed_products
from autograd.compiling.updates import with_early_updates
from autograd.errors import InvalidArgument
from autograd.functional import value_and_grad
from autograd.recorded_call import inside_transform, positions

NAME = "value_and_gradients"


def optimize(program: Program) -> Program:
    """Every pass over a program that is ``plain`` already, in order."""
    loops = rolled(program) if is_of_floats(program) else None
    if loops is not None:
        return loops
    program = with_folded_numbers(with_shared_products(program))
    program = with_early_updates(with_inner_products(lower(program)))
    return in_blocks(without_dead_lines(program))


def is_of_floats(program: Program) -> bool:
    """True for a program of Python's numbers alone."""
    return all(v.weak for v in [*program.inputs, *(line.output for line in program.lines)])


def plain(program: Program, of: Sequence[Variable] = ()) -> Program:
    """The passes that leave a program as a person would write it.

    Its last results are the gradients ``of`` these variables.
    """
    program = _shortest(program)
    for moved in (with_late_transposes, with_transposed_products):
        if any(is_transpose(line) for line in program.lines):
            program = _shortest(moved(program))
    signed = with_late_signs(with_folded_numbers(program, exact=True))
    if signed.lines != program.lines:
        program = _shortest(signed)
    return without_dead_lines(with_own_results(with_shared_constants(program), of))


def _shortest(program: Program) -> Program:
    """Simplified until nothing is left to do."""
    program = without_dead_lines(program)
    while True:
        shorter = without_dead_lines(simplify(program))
        if len(shorter.lines) == len(program.lines):
            return shorter
        program = shorter


class Executable:
    """A program with its source and its function.

    Attributes:
        program: after the passes.
        text: the source of the module that the function is in.
    """

    def __init__(
        self, program: Program, shape: Shape, *, name: str = NAME, optimized: bool = True,
        of: Sequence[Variable] = (),
    ) -> None:  # fmt: skip
        program = plain(program, of)
        self.is_of_floats = is_of_floats(program)
        self.program = optimize(program) if optimized else program
        self.plan = plan_buffers(self.program) if optimized and not self.is_of_floats else Plan()
        self._source = emit(self.program, name, shape, self.plan if optimized else None)
        self.text = module_text(self._source, self.program, self.plan, alone=False)
        scope = namespace(self.program, self._source.names)
        code = module_text(self._source, self.program, Plan(), alone=False)  # each call brings its arrays
        exec(builtins.compile(code, f"<compiled {name}>", "exec"), scope)  # noqa: S102 - our own source
        for op in self._source.functions:  # nothing is traced any more
            own = op.partition(":")[2]
            scope[own] = getattr(scope.get(own), "__wrapped__", scope.get(own))
        self.function: Callable[..., Any] = scope[name]
        # Threads that call at the same time take arrays of their own.
        self._free: list[list[Any]] = []

    def __call__(self, *args: Any) -> Any:
        """Run it."""
        if not self.plan.kinds:
            return self.function(*args)
        try:
            buffers = self._free.pop()
        except IndexError:
            buffers = new_buffers(self.plan)
        try:
            return self.function(*args, buffers)
        finally:
            self._free.append(buffers)

    def alone(self) -> str:
        """The source of a module that needs NumPy alone."""
        return module_text(self._source, self.program, self.plan, alone=True)


@contextmanager
def _without_collection() -> Iterator[None]:
    """What a program is made of is new, and no garbage: looking for some takes up to half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class WithProgram:
    """Something that runs a program: its source, which can be read and saved."""

    __name__: str
    _latest: Executable | None = None

    @property
    def source(self) -> str:
        """The program that the latest call ran, as Python and NumPy."""
        return self._executable().text

    def save(self, path: str | Path) -> Path:
        """Write the program of the latest call to a file that runs with NumPy alone; gives its path.

        Its function takes arguments of the same shapes and types, and dicts with their keys in the same
        order. A program of floats raises an ArithmeticError or ValueError where the compiled function
        asks the engine, which gives an infinity or NaN; the file says so.

        Raises:
            InvalidArgument: before the first call: a program is made for shapes and types.
        """
        path = Path(path)
        path.write_text(self._executable().alone(), encoding="utf-8")
        return path

    def _executable(self) -> Executable:
        if self._latest is None:
            raise InvalidArgument(
                f"{self.__name__} has no program yet: it is made for the shapes and types of a call, "
                "so call it once first"
            )
        return self._latest


class Compiled(WithProgram):
    """What :func:`compile` gives: takes the arguments of ``f``, gives ``(value, gradients)``."""

    def __init__(self, f: Callable[..., Any], argnums: int | Sequence[int], *, optimized: bool) -> None:
        self._f, self._argnums, self._optimized = f, argnums, optimized
        self._eager = value_and_grad(f, argnums)
        self._made: dict[Any, Executable] = {}
        self.__name__ = f"compiled_{getattr(f, '__name__', 'function')}"
        self.__doc__ = f"Value and gradients of {getattr(f, '__name__', repr(f))}, compiled."

    def __call__(self, *args: Any) -> Any:
        """Value and gradients, as ``value_and_grad(f)(*args)`` gives them.

        Inside a transform, or another compiled function, it goes the way of ``value_and_grad`` itself: what
        is differentiated there may be among the arguments, or what the function takes from outside.
        """
        if inside_transform():
            return self._eager(*args)
        key = tuple([signature(x) for x in args])
        executable = self._made.get(key)
        if executable is None:
            with _without_collection():
                executable = self._made[key] = self._make(args)
        self._latest = executable
        try:
            result = executable(*args)
        except (ArithmeticError, ValueError):
            # Python's floats raise where IEEE arithmetic has a result: the engine gives it, and its warning.
            return self._eager(*args)
        if executable.is_of_floats and not math.isfinite(result[0]):
            return self._eager(*args)  # with its warning: Python's floats overflow in silence
        return result

    def _make(self, args: Sequence[Any]) -> Executable:
        names = argument_names(self._f, len(args))
        numbers = positions(self._argnums, args, getattr(self._f, "__name__", repr(self._f)))
        traced = trace(self._f, numbers, args, names)
        form = shape_of_numbers if traced.is_lifted else shape_of
        shape = form(args, names, numbers, not isinstance(self._argnums, Sequence))
        return Executable(traced.program, shape, optimized=self._optimized, of=traced.of)


def compile(f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, optimized: bool = True) -> Compiled:
    """Compile the value and the gradients of a scalar function.

    The function is called once with tracers; what it does, and its backward pass, become one flat
    program, which later calls run. A program is made for the shapes and types of its arguments, and
    for the values of those that are no numbers (flags, counts as ``int``, names); another is made
    when they change. Arrays that the function takes from outside are constants of the program, and
    other objects are looked at once: what changes in place belongs among the arguments, as numbers.

    Args:
        f: gives a scalar Value; arguments are arrays, floats and nested dicts, lists and tuples of
            them. A ``np.random.Generator`` among the arguments is drawn from anew in each call; one
            that ``f`` makes itself draws in the first call alone.
        argnums: the position of the argument to differentiate, or several.
        optimized: False writes plain NumPy, without buffers and loops: for reading.

    Returns:
        A function that gives ``(value, gradients)`` as :func:`value_and_grad` does, with the
        attributes ``source`` and ``save(path)``.

    Raises:
        TraceError: in the first call, if what ``f`` does depends on the numbers; it names the line.
        ShapeError: in the first call, if the result is no scalar.

    >>> import numpy as np
    >>> def loss(w, x):
    ...     y = x @ w
    ...     return (y * y).sum()
    >>> compiled = compile(loss, optimized=False)
    >>> compiled(np.array([1.0, 2.0]), np.eye(2))
    (5.0, array([2., 4.]))
    >>> print(compiled.source[compiled.source.index("def") :])
    def value_and_gradients(w, x):
        # w (2,), x (2, 2)
    <BLANKLINE>
        # forward
        y = x @ w                                                 # (2,)
        v1 = float(np.sum(y * y))
    <BLANKLINE>
        # backward
        dw = x.T @ (y + y)                                        # (2,) through y
    <BLANKLINE>
        return v1, dw
    <BLANKLINE>
    """
    if not callable(f):
        raise InvalidArgument(f"compile takes a function of arrays, got {f!r}")
    return Compiled(f, argnums, optimized=optimized)
