"""The training loop of the lecture notes: forward, error, backpropagation, update, repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import Value
from autograd.errors import ChainruleError, InvalidArgument, ShapeError, UnsupportedType
from autograd.graph import first_nonfinite, topological_order
from autograd.node import describe
from nn.arguments import as_numbers, as_rng, look_up, positive_integer, real_number
from nn.losses import LOSSES
from nn.module import Module
from nn.optim import Optimizer
from nn.progress import reporter


@dataclass
class History:
    """What a training run did.

    Attributes:
        losses: the loss of each epoch: the mean over its batches, weighted by their lengths,
            each before its update.
        stopped: why it ended: "epochs" or "tolerance".

    >>> History([0.7, 0.2], "tolerance").losses[-1]
    0.2
    """

    losses: list[float] = field(default_factory=list)
    stopped: str = "epochs"


class NonFiniteLoss(ChainruleError, ArithmeticError):
    """Training met a loss that is infinite or NaN; the update of that batch was not made.

    Attributes:
        epoch: its number, from 1.
        batch: its number in the epoch, from 1.
        value: the first Value, in forward order, that is not finite.
        history: the epochs before.

    >>> raise NonFiniteLoss(Value(float("nan"), label="E"), 3, 1, History())
    Traceback (most recent call last):
    nn.training.NonFiniteLoss: ...
    """

    def __init__(self, loss: Value, epoch: int, batch: int, history: History) -> None:
        self.epoch, self.batch, self.history = epoch, batch, history
        first = first_nonfinite(loss)
        self.value = loss if first is None else first
        super().__init__(
            f"the loss is {loss.item()} in epoch {epoch}, batch {batch}: the first Value that is not finite "
            f"is {describe(self.value)}. The update was not made; try a smaller learning rate"
        )

    def __reduce__(self) -> Any:
        # Copies and pickles, which worker processes send, call __init__ with the text alone otherwise.
        return type(self).__new__, (type(self), *self.args), vars(self)


def fit(
    model: Callable[[Any], Any],
    loss: str | Callable[[Any, Any], Any],
    data: tuple[Any, Any],
    optimizer: Optimizer,
    *,
    epochs: int,
    tolerance: float | None = None,
    batch_size: int | None = None,
    shuffle: bool = True,
    rng: Any = None,
    progress: bool | None = None,
) -> History:
    """Train until the loss falls below the tolerance, or for a number of epochs.

    Args:
        model: a module, or any function of a batch of inputs.
        loss: a name of ``nn.losses``, or a function (prediction, target) that gives a scalar.
        data: inputs and targets, arrays whose first axis counts the samples.
        optimizer: changes the parameters after each batch.
        epochs: passes over the data, at most.
        tolerance: stop after an epoch whose loss is below this.
        batch_size: samples per update; all by default. The last batch may be shorter.
        shuffle: new order in each epoch, drawn from ``rng``; without batches it changes nothing.
        rng: generator or seed for the order.
        progress: True shows progress, False does not; None does when a run takes longer
            than two seconds. A bar if tqdm is installed, else a line an epoch, on stderr.

    Returns:
        The history: the loss of each epoch, and why training ended.

    Raises:
        NonFiniteLoss: names the epoch, the batch and the first Value that is not finite.
        ShapeError: if inputs and targets differ in length.
        InvalidArgument: for empty data, inputs that are not finite, numbers out of range, or an
            optimizer of parameters that the loss does not depend on.
        UnsupportedType: for a model that cannot be called, or what is no optimizer.

    >>> from nn import SGD, Linear
    >>> x = np.linspace(-1, 1, 20).reshape(-1, 1)
    >>> model = Linear(1, 1, rng=0)
    >>> history = fit(
    ...     model, "mse_loss", (x, 3 * x - 1), SGD(model.parameters(), lr=0.5), epochs=500, tolerance=1e-6
    ... )
    >>> history.stopped, round(model.weight.item(), 2), round(model.bias.item(), 2)
    ('tolerance', 3.0, -1.0)
    """
    if not callable(model):
        raise UnsupportedType(f"model must be a module or a function, got {model!r}")
    if not isinstance(optimizer, Optimizer):
        raise UnsupportedType(
            f"optimizer must be an object such as SGD(model.parameters(), lr=0.1), got {optimizer!r}"
        )
    loss_of = look_up("loss", loss, LOSSES)
    inputs, targets = _samples(data)
    epochs = positive_integer("epochs", epochs)
    batch_size = len(inputs) if batch_size is None else positive_integer("batch_size", batch_size)
    tolerance = None if tolerance is None else real_number("tolerance", tolerance)
    rng = as_rng(rng)
    history = History()

    with _mode(model), reporter(epochs, progress) as report:
        for epoch in range(1, epochs + 1):
            total = 0.0
            for number, batch in enumerate(_batches(len(inputs), batch_size, rng, shuffle), start=1):
                value = loss_of(model(inputs[batch]), targets[batch])
                error = _scalar(value)
                if not np.isfinite(error):
                    raise NonFiniteLoss(value, epoch, number, history)
                if epoch == number == 1:
                    _check_reached(value, optimizer)
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
                total += error * len(inputs[batch])
            history.losses.append(total / len(inputs))
            report(epoch, history.losses[-1])
            if tolerance is not None and history.losses[-1] < tolerance:
                history.stopped = "tolerance"
                break
    return history


def _samples(data: Any) -> tuple[Any, Any]:
    """Inputs and targets as arrays of one length, checked."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        got = f"{len(data)} items" if isinstance(data, (tuple, list)) else type(data).__name__
        raise InvalidArgument(f"data must be a pair (inputs, targets), got {got}")
    inputs, targets = map(as_numbers, data)
    for name, part in [("inputs", inputs), ("targets", targets)]:
        if not part.ndim:
            raise ShapeError(f"{name} must be an array whose first axis counts the samples, got one number")
        if not len(part):
            raise InvalidArgument(f"the data set is empty: {name} of shape {part.shape} hold no samples")
        bad = np.argwhere(~np.isfinite(part))
        if len(bad):
            at = tuple(bad[0].tolist())
            raise InvalidArgument(
                f"{name} must be finite, the element at {at} is {part[at]}: drop or replace such samples"
            )
    if len(inputs) != len(targets):
        raise ShapeError(f"inputs and targets differ in length: {len(inputs)} and {len(targets)} samples")
    return inputs, targets


def _batches(n: int, batch_size: int, rng: np.random.Generator, shuffle: bool) -> Iterator[Any]:
    """Indices of each batch of one epoch."""
    if batch_size >= n:
        yield slice(None)
        return
    order = rng.permutation(n) if shuffle else np.arange(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def _scalar(loss: Any) -> float:
    if not isinstance(loss, Value):
        raise UnsupportedType(
            f"the loss of a batch must be a Value, got {type(loss).__name__}: "
            "compute it from the model's output, without .data and float()"
        )
    if loss.size != 1:
        raise ShapeError(
            f"the loss of a batch must be one number, got shape {loss.shape}: reduce it with .mean()"
        )
    return loss.item()


def _check_reached(loss: Value, optimizer: Optimizer) -> None:
    """Refuse an optimizer that could never change the loss."""
    if set(optimizer.params).isdisjoint(topological_order(loss)):
        raise InvalidArgument(
            "the loss depends on none of the optimizer's parameters: make the optimizer of those of the "
            "model that is trained, and compute the loss without .data, .detach() and no_grad()"
        )


@contextmanager
def _mode(model: Any) -> Iterator[None]:
    """Training mode for a while, then each module's own again."""
    modes = [(module, module.training) for module in model.modules()] if isinstance(model, Module) else []
    try:
        for module, _ in modes:
            module.training = True
        yield
    finally:
        for module, mode in modes:
            module.training = mode
