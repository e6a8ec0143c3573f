"""A whole training step as one program: forward, loss, backward, update in place."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Value
from autograd.compiling.compiled import Executable, WithProgram
from autograd.compiling.emit import Shape
from autograd.compiling.names import identifier
from autograd.compiling.program import UPDATE, Program
from autograd.compiling.shapes import signature
from autograd.compiling.trace import derivatives, input_data
from autograd.compiling.tracer import Tape, Tracer
from autograd.errors import NoGradient, UnsupportedType
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
            NoGradient: in the first call, if the loss depends on no parameter.
        """
        optimizer = self._optimizer
        if not optimizer.prepare():
            return self._eager(x, y)
        training = self._model.training if isinstance(self._model, Module) else True
        key = (signature(x), signature(y), training, optimizer.constants())
        step = self._made.get(key)
        if step is None or not step.fits():
            step = self._made[key] = _trace(self, x, y)
        self._latest = step.executable
        try:
            return step.run(x, y)
        except (ArithmeticError, ValueError):
            # Python's floats raise where IEEE arithmetic has a result: the engine gives it, and its warning.
            if not step.is_of_numbers:
                raise
            return self._eager(x, y)

    def _eager(self, x: Any, y: Any) -> float:
        """An update by the engine: where the first differs from those after it, and where floats overflow."""
        value = self._loss(self._model(x), y)
        self._optimizer.zero_grad()
        value.backward()
        self._optimizer.step()
        self._optimizer.zero_grad()
        return float(value.item())


class _Step:
    """A program for batches of one shape, and what it reads and writes."""

    def __init__(self, owner: CompiledStep, executable: Executable, numbers: list[int]) -> None:
        self.executable = executable
        self._numbers = numbers  # the places of those that are no arrays, and come back as results
        self._optimizer = owner._optimizer
        self._params, self._updated = owner._params, owner._updated
        self._data = self._current()
        self.is_of_numbers = all(type(x) is float for x in self._data)  # which change at its end alone
        self._kinds = [_kind(x) for x in self._data]

    def _current(self) -> list[Any]:
        """The numbers of parameters and state."""
        return [*[p._data for p in self._params], *self._optimizer.state()]

    def fits(self) -> bool:
        """Whether parameters and state are what the program was made for; others may have been set."""
        data = self._current()
        if all(map(operator.is_, data, self._data)):
            return True
        self._data = data
        return [_kind(x) for x in data] == self._kinds

    def run(self, x: Any, y: Any) -> float:
        """One update."""
        loss, *numbers = self.executable(x, y, self._optimizer.lr, *self._data)
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


def _trace(owner: CompiledStep, x: Any, y: Any) -> _Step:
    tape = Tape()
    optimizer, params = owner._optimizer, owner._params
    inputs = [tape.input(input_data(item, differentiated=False), name) for item, name in ((x, "x"), (y, "y"))]
    lr = tape.input(optimizer.lr, "lr")
    names = [owner._names[p] for p in params]
    names += [f"{name}_{owner._names[optimizer.params[i]]}" for name, i in optimizer.state_names()]
    data = [*[p._data for p in params], *optimizer.state()]
    held = [_held(tape, x, name, names) for x, name in zip(data, names, strict=True)]
    turned = [_is_in_columns(x) for x in data]
    old = [t.T if columns else t for t, columns in zip(held, turned, strict=True)]
    # Gradients times lr cost less than lr times each gradient.
    scaled = owner._optimized and optimizer.is_linear()
    with (
        _traced(params, old[: len(params)]),
        optimizer.traced(1.0 if scaled else lr, old[len(params) :]),
        recording(True),
    ):
        value = _traced_loss(owner, *inputs)
        result = value._data.variable  # now: a parameter holds its numbers again afterwards
        new = _updated(tape, owner, derivatives(tape, value, owner._updated, lr if scaled else None))
    changed = [
        k
        for k, (was, after) in enumerate(zip(old, new, strict=True))
        if isinstance(after, Tracer) and after.variable is not was.variable
    ]
    updates = [(held[k].variable, (new[k].T if turned[k] else new[k]).variable) for k in changed]
    program = Program(
        [t.variable for t in (*inputs, lr, *held)], tape.constants, tape.lines, [result], updates
    )
    shape = _shape(["x", "y", "lr", *names], "lr" if scaled else "")
    executable = Executable(program, shape, name="step", optimized=owner._optimized)
    return _Step(owner, executable, [k for k in changed if not held[k].shape])


def _traced_loss(owner: CompiledStep, x: Any, y: Any) -> Value:
    """The loss of a batch, checked."""
    value = owner._loss(owner._model(x), y)
    if not isinstance(value, Value) or value.shape != ():
        raise UnsupportedType("the loss of a batch must be a scalar Value: reduce it with .mean()")
    if not (value.requires_grad and isinstance(value._data, Tracer)):
        raise NoGradient("the loss depends on no parameter: use those of the optimizer in the model")
    return value


def _held(tape: Tape, x: Any, name: str, taken: list[str]) -> Tracer:
    """An array of a parameter or of the state as it lies in memory: a matrix in columns is transposed."""
    if not _is_in_columns(x):
        return tape.input(x, name)
    return tape.input(x.T, f"{name}_T" if f"{name}_T" not in taken else "")


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
        return f"({', '.join(results)},)"

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
