"""The program of a training step, from one traced call, and what it reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Value
from autograd.compiling.compiled import Executable
from autograd.compiling.emit import Shape
from autograd.compiling.generator import TracedGenerator, drawn_from
from autograd.compiling.names import unique
from autograd.compiling.operations import may_raise
from autograd.compiling.program import UPDATE, Program
from autograd.compiling.shapes import signature
from autograd.compiling.trace import derivatives, input_data
from autograd.compiling.tracer import Tape, Tracer
from autograd.errors import NoGradient, UnsupportedType
from autograd.graph import topological_order
from autograd.recording import recording
from autograd.value import tick
from nn.reachable import generators_of, traced_generators, unchanged

if TYPE_CHECKING:
    from nn.compiling import CompiledStep


class StepProgram:
    """A program for batches of one shape, and what it reads and writes.

    Attributes:
        executable: the program.
        may_raise: whether Python's floats may raise in it, before anything is changed.
    """

    def __init__(
        self, owner: CompiledStep, executable: Executable, numbers: list[int], may_raise: bool
    ) -> None:
        self.executable, self.may_raise = executable, may_raise
        self._numbers = numbers  # the places of those that are no arrays, and come back as results
        self._optimizer = owner._optimizer
        self._params, self._updated = owner._params, owner._updated
        self._generators = generators_of(owner._modules)
        self._sources = [p._source for p in self._params]
        self._data = self._current()
        self._kinds = [_kind(x) for x in self._data]

    def _current(self) -> list[Any]:
        """The numbers of parameters and state."""
        return [*[p._data for p in self._params], *self._optimizer.state()]

    def fits(self) -> bool:
        """Whether parameters and state are what the program was made for; others may have been set."""
        if not all(map(is_, self._sources, [p._source for p in self._params])):  # one was frozen, or thawed
            return False
        data = self._current()
        if all(map(is_, data, self._data)):
            return True
        self._data = data
        return [_kind(x) for x in data] == self._kinds

    def run(self, x: Any, y: Any) -> float:
        """One update."""
        generators = [getattr(module, name) for module, name in self._generators]
        loss, *numbers = self.executable(x, y, self._optimizer.lr, *self._data, *generators)
        for k, new in zip(self._numbers, numbers, strict=True):
            if k < len(self._params):
                self._params[k]._data = new
            else:
                self._optimizer.set_number(k - len(self._params), new)
        now = tick()
        for p in self._updated:
            p._stamp = now
        return float(loss)


def _kind(x: Any) -> Any:
    """What a program is made for."""
    return signature(x), _is_in_columns(x)


def _is_in_columns(x: Any) -> bool:
    """True for a matrix that lies in memory column by column, as the weights of layers do."""
    return isinstance(x, np.ndarray) and x.ndim == 2 and x.flags.f_contiguous and not x.flags.c_contiguous


def batch_of(x: Any) -> Any:
    """The numbers of a batch, as the engine holds them."""
    if type(x) is np.ndarray and x.ndim and x.dtype.kind in "fiub":  # the frequent case
        return x
    x = input_data(x, differentiated=False)
    return np.asarray(x) if isinstance(x, np.ndarray) else x


def trace_step(owner: CompiledStep, x: Any, y: Any) -> StepProgram:
    """The program for batches like these."""
    tape, optimizer, params = Tape(), owner._optimizer, owner._params
    inputs = [tape.input(item, name) for item, name in ((x, "x"), (y, "y"), (optimizer.lr, "lr"))]
    used = set(owner.used)
    names = [owner._names[p] for p in params]
    names += [
        unique(f"{name}_{owner._names[optimizer.params[i]]}", used) for name, i in optimizer.state_names()
    ]
    data = [*[p._data for p in params], *optimizer.state()]
    held = [_held(tape, x, name, used) for x, name in zip(data, names, strict=True)]
    places = generators_of(owner._modules)
    drawn = [TracedGenerator(tape, getattr(m, name), unique(name, used)) for m, name in places]
    arrays = [t.variable for t in held]  # now, since an update may write into a tracer
    given = [*(v.variable for v in inputs), *arrays, *(g.variable for g in drawn)]
    turned = [_is_in_columns(x) for x in data]
    old = [t.T if columns else t for t, columns in zip(held, turned, strict=True)]
    was = [t.variable for t in old]
    scaled = owner._optimized and optimizer.is_linear() and all(_is_precise(p) for p in owner._updated)
    with (
        unchanged(
            owner._modules, "forward() may not store anything that a compiled step would have to renew"
        ),
        unchanged(
            [optimizer], "an update may keep what state() and state_names() give, and traced() replaces"
        ),
        traced_generators(places, drawn),
        _traced(params, old[: len(params)]),
        optimizer.traced(1.0 if scaled else inputs[2], old[len(params) :]),
        recording(True),
        drawn_from(owner._model),
        drawn_from(owner._loss),
    ):
        value = _traced_loss(owner, *inputs[:2])
        unknown = _unknown_leaves(value)
        if not unknown:
            result = value._data.variable  # now: a parameter holds its numbers again afterwards
            # Gradients times lr cost less than lr times each gradient.
            new = _updated(
                tape, owner, derivatives(tape, value, owner._updated, inputs[2] if scaled else None)
            )
    if unknown:
        owner._others += unknown
        owner._collect()
        return trace_step(owner, x, y)
    changed = [k for k, x in enumerate(new) if not isinstance(x, Tracer) or x.variable is not was[k]]
    updates = [(arrays[k], _new(tape, new[k], turned[k])) for k in changed]
    program = Program(given, tape.constants, tape.lines, [result], updates)
    arguments = ["x", "y", "lr", *names, *(g.variable.name for g in drawn)]
    shape = _shape(arguments, "lr" if scaled else "")
    executable = Executable(program, shape, name="step", optimized=owner._optimized)
    raising = any(may_raise(line) for line in program.lines)
    return StepProgram(owner, executable, [k for k in changed if not arrays[k].shape], raising)


def _is_precise(p: Value) -> bool:
    """Whether small gradients stay what they are when they are multiplied by a small number."""
    return type(p._data) is float or p._data.dtype.itemsize > 2


def _unknown_leaves(value: Value) -> list[Value]:
    """Leaves of a traced graph that require a gradient, and are nobody's parameters."""
    order = topological_order(value)
    return [v for v in order if v.is_leaf and v.requires_grad and not isinstance(v._data, Tracer)]


def _new(tape: Tape, x: Any, columns: bool) -> Any:
    """The variable, or the number, that a parameter or a part of the state becomes."""
    if not isinstance(x, Tracer):
        return tape.constant(np.asarray(x).T if columns else np.asarray(x)) if np.ndim(x) else x
    return (x.T if columns else x).variable


def _traced_loss(owner: CompiledStep, x: Any, y: Any) -> Value:
    """The loss of a batch, checked."""
    value = owner._loss(owner._model(x), y)
    if not isinstance(value, Value) or value.shape != ():
        raise UnsupportedType("the loss of a batch must be a scalar Value: reduce it with .mean()")
    if not (value.requires_grad and isinstance(value._data, Tracer)):
        raise NoGradient("the loss depends on no parameter: use those of the optimizer in the model")
    return value


def _held(tape: Tape, x: Any, name: str, used: set[str]) -> Tracer:
    """An array of a parameter or of the state as it lies in memory: a matrix in columns is transposed."""
    if not _is_in_columns(x):
        return tape.input(x, name)
    return tape.input(x.T, unique(f"{name}_T", used))


def _updated(tape: Tape, owner: CompiledStep, gradients: list[Any]) -> list[Any]:
    """Parameters and state after an update, as traced."""
    tape.origin = UPDATE
    optimizer = owner._optimizer
    index = {p: i for i, p in enumerate(optimizer.params)}
    for p, g in zip(owner._updated, gradients, strict=True):
        if g is not None:
            optimizer.update(index[p], p, g)
    return [*[p._data for p in owner._params], *optimizer.state()]


def _shape(arguments: list[str], scale: str) -> Shape:
    """Arguments x, y, the rate, parameters and state; the loss and new numbers come back."""

    def unpacking(inputs: list[str]) -> list[str]:
        return [f"{v} = {name}.T" for v, name in zip(inputs, arguments, strict=True) if v != name]

    def returning(results: list[str]) -> str:
        return f"({', '.join(results)}{',' if len(results) == 1 else ''})"

    return Shape(arguments, unpacking, returning, scale=scale)


@contextmanager
def _traced(params: list[Value], tracers: list[Tracer]) -> Iterator[None]:
    """Tracers in the place of the parameters' numbers."""
    before = [(p._data, p._stamp, p._grad, p._note) for p in params]
    for p, tracer in zip(params, tracers, strict=True):
        p._data = tracer
    try:
        yield
    finally:
        for p, kept in zip(params, before, strict=True):
            p._data, p._stamp, p._grad, p._note = kept
