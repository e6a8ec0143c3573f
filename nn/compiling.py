"""A whole training step as one program: forward, loss, backward, update in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autograd import Value
from autograd.compiling.compiled import Executable, WithProgram
from autograd.compiling.emit import Shape
from autograd.compiling.names import identifier
from autograd.compiling.program import UPDATE, Program
from autograd.compiling.shapes import signature
from autograd.compiling.trace import derivatives, input_data
from autograd.compiling.tracer import Tape, Tracer
from autograd.errors import UnsupportedType
from autograd.recording import recording
from autograd.value import tick
from nn.arguments import look_up
from nn.losses import LOSSES
from nn.module import Module, short_name
from nn.optim import Optimizer


class CompiledStep(WithProgram):
    """What :func:`compile` gives: ``step(x, y)`` makes one update and gives the loss before it."""

    __name__ = "the compiled step"

    def __init__(self, model: Callable[[Any], Any], loss: Any, optimizer: Optimizer, optimized: bool) -> None:
        self._model, self._optimizer, self._optimized = model, optimizer, optimized
        self._loss = look_up("loss", loss, LOSSES)
        named = dict(model.named_parameters()) if isinstance(model, Module) else {}
        self._names: dict[Value, str] = {p: identifier(short_name(path)) for path, p in named.items()}
        for i, p in enumerate(optimizer.params):
            taken = {"x", "y", "lr", *self._names.values()}
            label = identifier(p.label or f"p{i}")
            self._names.setdefault(p, f"{label}_{i}" if label in taken else label)
        self._params = list(self._names)
        self._updated = [p for p in self._params if p in set(optimizer.params)]
        self._made: dict[Any, _Step] = {}

    def __call__(self, x: Any, y: Any) -> float:
        """One update with a batch; the loss of the batch before it.

        Raises:
            TraceError: in the first call, if the model looks at the numbers.
        """
        optimizer = self._optimizer
        if not optimizer.prepare():
            return self._eager(x, y)
        training = self._model.training if isinstance(self._model, Module) else True
        key = (signature(x), signature(y), training, optimizer.constants())
        step = self._made.get(key)
        if step is None:
            step = self._made[key] = _trace(self, x, y)
        self._latest = step.executable
        return step.run(x, y)

    def _eager(self, x: Any, y: Any) -> float:
        """An update by the engine: the first one, where it differs from those after it."""
        value = self._loss(self._model(x), y)
        self._optimizer.zero_grad()
        value.backward()
        self._optimizer.step()
        self._optimizer.zero_grad()
        return float(value.item())


class _Step:
    """A program for batches of one shape, and what it reads and writes."""

    def __init__(self, owner: CompiledStep, executable: Executable) -> None:
        self.executable = executable
        self._owner, self._optimizer = owner, owner._optimizer
        self._params, self._updated = owner._params, owner._updated
        self._numbers = [p for p in self._updated if type(p._data) is float]

    def run(self, x: Any, y: Any) -> float:
        """One update."""
        state = self._optimizer.state()
        results = self.executable(x, y, self._optimizer.lr, *[p._data for p in self._params], *state)
        loss, *numbers = results
        for p, new in zip(self._numbers, numbers, strict=False):
            p._data = new
        self._optimizer.set_numbers(numbers[len(self._numbers) :])
        now = tick()
        for p in self._updated:
            p._stamp = now
        return float(loss)


def _trace(owner: CompiledStep, x: Any, y: Any) -> _Step:
    tape = Tape()
    optimizer, params = owner._optimizer, owner._params
    inputs = [tape.input(input_data(item, differentiated=False), name) for item, name in ((x, "x"), (y, "y"))]
    lr = tape.input(optimizer.lr, "lr")
    old = [tape.input(p._data, owner._names[p]) for p in params]
    state = [
        tape.input(item, f"{name}_{owner._names[optimizer.params[i]]}")
        for (name, i), item in zip(optimizer.state_names(), optimizer.state(), strict=True)
    ]
    with _traced(params, old), optimizer.traced(lr, state), recording(True):
        value = owner._loss(owner._model(inputs[0]), inputs[1])
        if not isinstance(value, Value) or value.shape != ():
            raise UnsupportedType("the loss of a batch must be a scalar Value: reduce it with .mean()")
        gradients = derivatives(tape, value, owner._updated)
        tape.origin = UPDATE
        index = {p: i for i, p in enumerate(optimizer.params)}
        for p, g in zip(owner._updated, gradients, strict=True):
            if g is not None:
                optimizer.update(index[p], p, g)
        new = [p._data for p in params]
        new_state = optimizer.state()
    updates = [
        (before.variable, after.variable)
        for before, after in zip([*old, *state], [*new, *new_state], strict=True)
        if isinstance(after, Tracer) and after.variable is not before.variable
    ]
    given = [t.variable for t in (*inputs, lr, *old, *state)]
    program = Program(given, tape.constants, tape.lines, [value._data.variable], updates)
    executable = Executable(program, _shape(program), name="step", optimized=owner._optimized)
    return _Step(owner, executable)


def _shape(program: Program) -> Shape:
    """Arguments x, y, the rate, parameters and state; the loss and new numbers come back."""

    def returning(results: list[str]) -> str:
        return f"({', '.join(results)},)"

    return Shape([v.name for v in program.inputs], lambda inputs: [], returning)


@contextmanager
def _traced(params: list[Value], tracers: list[Tracer]) -> Iterator[None]:
    """Tracers in the place of the parameters' numbers."""
    before = [(p._data, p._stamp, p._grad, p._passes) for p in params]
    for p, tracer in zip(params, tracers, strict=True):
        p._data = tracer
    try:
        yield
    finally:
        for p, kept in zip(params, before, strict=True):
            p._data, p._stamp, p._grad, p._passes = kept


def compile(
    model: Callable[[Any], Any], loss: str | Callable[[Any, Any], Any], optimizer: Optimizer, *,
    optimized: bool = True,
) -> CompiledStep:  # fmt: skip
    """Compile a training step: forward, loss, backward and the optimizer's update, in one program.

    The program is made for the shapes and types of a batch, and made again when they change. The
    parameters' arrays are changed in place; ``.grad`` is not set. The learning rate may be changed
    between steps.

    Args:
        model: a module, or a function of a batch whose parameters are the optimizer's.
        loss: a name of ``nn.losses``, or a function (prediction, target) that gives a scalar.
        optimizer: changes the parameters.
        optimized: False writes plain NumPy, without buffers and loops: for reading.

    Returns:
        ``step(x, y)``, which gives the loss before the update, with ``source`` and ``save(path)``.

    Raises:
        UnsupportedType: for a model that cannot be called, or what is no optimizer.

    >>> import numpy as np
    >>> from nn import SGD, Linear
    >>> x = np.linspace(-1, 1, 20, dtype=np.float32).reshape(-1, 1)
    >>> model = Linear(1, 1, rng=0)
    >>> step = compile(model, "mse_loss", SGD(model.parameters(), lr=0.5))
    >>> for _ in range(100):
    ...     error = step(x, 3 * x - 1)
    >>> error < 1e-6, round(model.weight.item(), 2)
    (True, 3.0)
    """
    if not callable(model):
        raise UnsupportedType(f"model must be a module or a function, got {model!r}")
    if not isinstance(optimizer, Optimizer):
        raise UnsupportedType(
            f"optimizer must be an object such as SGD(model.parameters(), lr=0.1), got {optimizer!r}"
        )
    return CompiledStep(model, loss, optimizer, optimized)


__all__ = ["CompiledStep", "compile"]
