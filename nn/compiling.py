"""A whole training step as one program: forward, loss, backward, update in place."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any

from autograd import Value
from autograd.compiling.compiled import WithProgram
from autograd.compiling.names import RESERVED, unique
from autograd.compiling.shapes import signature
from autograd.errors import UnsupportedType
from nn.arguments import look_up
from nn.losses import LOSSES
from nn.module import short_name
from nn.optim import Optimizer
from nn.reachable import held_modules
from nn.step_program import StepProgram, batch_of, trace_step


class CompiledStep(WithProgram):
    """What :func:`compile` gives: ``step(x, y)`` makes one update and gives the loss before it."""

    __name__ = "the compiled step"

    def __init__(self, model: Callable[[Any], Any], loss: Any, optimizer: Optimizer, optimized: bool) -> None:
        self._model, self._optimizer, self._optimized = model, optimizer, optimized
        self._loss = look_up("loss", loss, LOSSES)
        self._held = held_modules(model, self._loss)
        self._modules = [module for held in self._held for module in held.modules()]
        self._others: list[Value] = []  # leaves that a trace found
        self._made: dict[Any, StepProgram] = {}
        self._collect()

    def _collect(self) -> None:
        """The parameters, those of the optimizer and others, and their names in the source."""
        self._made.clear()
        self._optimized_params = list(self._optimizer.params)
        self.used = {"x", "y", "lr", *RESERVED}
        self._names: dict[Value, str] = {}
        for held in self._held:
            for path, p in held.named_parameters():
                if p not in self._names:
                    name = f"layer{path}" if path[0].isdigit() else path  # of a Sequential
                    self._names[p] = unique(short_name(name), self.used)
        for i, leaf in enumerate([*self._optimizer.params, *self._others]):
            if leaf not in self._names:
                self._names[leaf] = unique(leaf.label or f"p{i}", self.used)
        self._params = list(self._names)
        self._updated = [p for p in self._params if p in set(self._optimizer.params)]

    def __call__(self, x: Any, y: Any) -> float:
        """One update with a batch; the loss of the batch before it.

        Raises:
            TraceError: in the first call, if the model looks at the numbers, or stores something.
            NoGradient: in the first call, if the loss depends on no parameter.
        """
        optimizer = self._optimizer
        if not optimizer.prepare():
            return self._eager(x, y)
        x, y = batch_of(x), batch_of(y)
        params = optimizer.params
        if len(params) != len(self._optimized_params) or not all(map(is_, params, self._optimized_params)):
            self._collect()
        training = tuple([module.training for module in self._modules])
        key = (signature(x), signature(y), training, optimizer.constants())
        step = self._made.get(key)
        if step is None or not step.fits():
            step = self._made[key] = trace_step(self, x, y)
        self._latest = step.executable
        try:
            return step.run(x, y)
        except (ArithmeticError, ValueError):
            # Python's floats raise where IEEE arithmetic has a result: the engine gives it, and its warning.
            if not step.may_raise:
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


def compile(
    model: Callable[[Any], Any], loss: str | Callable[[Any, Any], Any], optimizer: Optimizer, *,
    optimized: bool = True,
) -> CompiledStep:  # fmt: skip
    """Compile a training step: forward, loss, backward and the optimizer's update, in one program.

    The program is made for the shapes and types of a batch, and made again when they change. The
    parameters' arrays are changed in place; ``.grad`` is not set. Between steps may change: the
    learning rate, numbers and types of parameters, which of them require a gradient or belong to the
    optimizer, the modes of modules. After a change of the model's structure or activations, compile it anew.

    Modules that draw from a generator of their own, an attribute, draw anew in each step. Whatever
    ``forward()`` would store is refused, as is an optimizer whose state is not in ``state()``.

    Args:
        model: a module, or a function of a batch whose parameters are the optimizer's.
        loss: a name of ``nn.losses``, or a function (prediction, target) that gives a scalar.
        optimizer: changes the parameters.
        optimized: False writes plain NumPy, without buffers and loops: for reading.

    Returns:
        ``step(x, y)``, which gives the loss before the update, with ``source`` and ``save(path)``.

    Raises:
        UnsupportedType: for a model that cannot be called, what is no optimizer, or one that
            defines ``step()``.

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
    if type(optimizer).step is not Optimizer.step:
        raise UnsupportedType(
            f"{type(optimizer).__name__} defines step(), but a compiled step runs update(i, p, g) alone: "
            "move it there, or train without nn.compile"
        )
    return CompiledStep(model, loss, optimizer, optimized)


__all__ = ["CompiledStep", "compile"]
