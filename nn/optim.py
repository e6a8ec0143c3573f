"""Optimizers: how gradients change parameters. In the lecture notes, the update with rate alpha."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import is_
from typing import Any

import numpy as np

from autograd import Value
from autograd.backward import spend
from autograd.errors import AccumulatedGradientWarning, InvalidArgument, UnsupportedType
from autograd.node import describe
from autograd.value import tick
from nn.arguments import real_number

BLOCK = 1 << 18  # elements that are updated together


class Optimizer:
    """Base class: holds parameters, clears their gradients, warns of sums nobody asked for.

    A subclass defines ``update(i, p, g)``, which changes ``p.data``, the i-th parameter, by its
    gradient ``g``, a float or an array. State is best kept by ``p``, for the list may change.

    Args:
        params: the Values to change, as ``model.parameters()`` gives them.
        lr: learning rate, positive and finite.

    Raises:
        UnsupportedType: if a parameter is no Value, or requires no gradient.
        InvalidArgument: if there are none, or one appears twice, or for a bad rate.

    >>> class SignDescent(Optimizer):
    ...     def update(self, i, p, g):
    ...         p.data -= self.lr * np.sign(g)
    >>> w = Value(3.0)
    >>> (w * w).backward()
    >>> SignDescent([w], lr=0.5).step()
    >>> w.data
    2.5
    """

    def __init__(self, params: Iterable[Value], lr: float) -> None:
        if isinstance(params, (Value, Mapping)) or not isinstance(params, Iterable):
            raise UnsupportedType(
                "params must be a list of Values, as model.parameters() gives it, or [p] for a single one; "
                f"got {type(params).__name__}"
            )
        self.params = list(params)
        if not self.params:
            raise InvalidArgument(
                "there are no parameters to optimize: the list is empty; a Module's parameters are those of "
                "its attributes that are a Parameter, a Module, or lists and dicts of them"
            )
        for i, p in enumerate(self.params):
            if not isinstance(p, Value):
                raise UnsupportedType(
                    f"parameter {i} must be a Value, got {type(p).__name__}: give model.parameters()"
                )
            if not (p.requires_grad and p.is_leaf):
                raise UnsupportedType(
                    f"parameter {i} ({describe(p)}) cannot be optimized: "
                    "it must be a leaf with requires_grad=True; "
                    "leave out what is frozen: [p for p in model.parameters() if p.requires_grad]"
                )
        [(p, count)] = Counter(self.params).most_common(1)
        if count > 1:
            raise InvalidArgument(
                f"{describe(p)} appears {count} times among the parameters, and would be updated as often "
                "in each step: list it once"
            )
        self.lr = lr

    @property
    def lr(self) -> float:
        """Learning rate; it may be changed between steps."""
        return self._lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self._lr = real_number("lr (the learning rate)", lr, above=0.0)

    def __repr__(self) -> str:
        # Lists and dicts hold state, as long as the parameters.
        own = {
            name: x for name, x in vars(self).items() if name[0] != "_" and not isinstance(x, (list, dict))
        }
        settings = ", ".join([f"{name}={x!r}" for name, x in ({"lr": self.lr} | own).items()])
        number = len(self.params)
        return f"{type(self).__name__}({number} parameter{'s' * (number != 1)}, {settings})"

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.params:
            p.zero_grad()

    def step(self) -> None:
        """Change every parameter that has a gradient.

        Warns:
            AccumulatedGradientWarning: if a gradient is a sum over several backward passes
                that nobody asked for, with its cause.
        """
        causes: dict[str, Value] = {}
        now = tick()
        for i, p in enumerate(self.params):
            g = p._grad
            if g is not None:
                cause = spend(p)
                if cause:
                    causes.setdefault(cause, p)
                # It is a Value after backward(create_graph=True).
                self.update(i, p, g._data if isinstance(g, Value) else g)
                p._stamp = now
        for cause, p in causes.items():
            warnings.warn(
                f"this step used a sum of gradients (of {describe(p)}, for one): {cause}. "
                "Call zero_grad() before backward()",
                AccumulatedGradientWarning,
                stacklevel=2,
            )

    # -- for compiled steps: what an update reads beside parameters and gradients -------------------

    def constants(self) -> tuple[Any, ...]:
        """Numbers that a compiled step is made for, alone or in lists, but for the learning rate."""
        return tuple([_numbers(x) for name, x in vars(self).items() if name not in ("_lr", "params")])

    def is_linear(self) -> bool:
        """True if an update takes off lr times the gradient and reads nothing else."""
        return False

    def prepare(self) -> bool:
        """Make the state that updates read; False if the next update is unlike those after it."""
        return True

    def state_names(self) -> list[tuple[str, int]]:
        """What each array of the state is, and the number of its parameter."""
        return []

    def state(self) -> list[Any]:
        """The arrays and numbers of the state."""
        return []

    def set_number(self, k: int, number: Any) -> None:
        """Take back the k-th item of the state, a number; arrays were changed in place."""

    @contextmanager
    def traced(self, lr: Any, state: list[Any]) -> Iterator[None]:  # noqa: ARG002 - subclasses have some
        """Tracers in the place of the learning rate and the state."""
        before = self._lr
        self._lr = lr
        try:
            yield
        finally:
            self._lr = before

    def update(self, i: int, p: Value, g: Any) -> None:
        """Change one parameter; every optimizer defines its own."""
        raise NotImplementedError(f"{type(self).__name__} defines no update(self, i, p, g)")


class SGD(Optimizer):
    """Stochastic gradient descent, p <- p - lr * g, with PyTorch's momentum and weight decay.

    With momentum m the step is taken along a velocity v <- m v + (1 - dampening) g, which
    starts as the first gradient; with Nesterov along g + m v. Weight decay adds
    ``weight_decay * p`` to the gradient, the derivative of ``weight_decay / 2 * p**2``.

    Args:
        params: the Values to change.
        lr: learning rate (alpha in the lecture notes).
        momentum: share of the velocity that is kept, 0 for none.
        dampening: share of the gradient that the velocity leaves out.
        weight_decay: strength of the pull towards zero.
        nesterov: look ahead; needs momentum and no dampening.

    Raises:
        InvalidArgument: for a setting out of range, and as for :class:`Optimizer`.

    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.8
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = real_number("momentum", momentum)
        self.dampening = real_number("dampening", dampening)
        self.weight_decay = real_number("weight_decay", weight_decay)
        if nesterov and (not momentum or dampening):
            raise InvalidArgument(
                "nesterov=True needs momentum above 0 and dampening 0, "
                f"got momentum={momentum!r} and dampening={dampening!r}"
            )
        self.nesterov = nesterov
        self._velocities: dict[Value, Any] = {}  # by parameter, for the list may change

    def constants(self) -> tuple[Any, ...]:
        """Its hyperparameters."""
        if type(self) is not SGD:
            return super().constants()
        return self.momentum, self.dampening, self.weight_decay, self.nesterov

    def is_linear(self) -> bool:
        """True of plain gradient descent."""
        return type(self) is SGD and not (self.momentum or self.weight_decay)

    def prepare(self) -> bool:
        """Velocities of zero, from which the first update is like the others, but for dampening.

        Those of the parameters come first, in their order; others are of parameters that were taken away.
        """
        known, params = self._velocities, self.params
        if not self.momentum or (len(known) >= len(params) and all(map(is_, known, params))):
            return True
        if self.dampening and not all(p in known for p in params):
            return False
        ordered = {p: known[p] if p in known else _zero(p) for p in params}
        self._velocities = ordered | {p: v for p, v in known.items() if p not in ordered}
        return True

    def state_names(self) -> list[tuple[str, int]]:
        """The velocities."""
        return [("velocity", i) for i in range(len(self.state()))]

    def state(self) -> list[Any]:
        """The velocities."""
        return list(self._velocities.values())[: len(self.params)]

    def set_number(self, k: int, number: Any) -> None:
        """Take back a velocity."""
        self._velocities[list(self._velocities)[k]] = number

    @contextmanager
    def traced(self, lr: Any, state: list[Any]) -> Iterator[None]:
        """Tracers in the place of the learning rate and the velocities."""
        before = dict(self._velocities)
        self._velocities.update(zip(before, state, strict=False))
        try:
            with super().traced(lr, state):
                yield
        finally:
            self._velocities.update(before)

    def update(self, i: int, p: Value, g: Any) -> None:  # noqa: ARG002 - for other optimizers
        """One step of one parameter."""
        x, v = p._data, None
        first = False
        if self.momentum:
            v = self._velocities.get(p)
            # A velocity starts anew with the first gradient, and with one of another shape.
            first = v is None or getattr(v, "shape", ()) != getattr(x, "shape", ())
            if first:  # a copy: p.grad may be changed in place before the next step
                v = g + self.weight_decay * x if self.weight_decay else +g
        if isinstance(x, np.ndarray) and x.size > BLOCK:
            for part in _blocks(x, g, v):
                self._stepped(*part, first=first)
        else:
            p._data, v = self._stepped(x, g, v, first=first)
        if v is not None:
            self._velocities[p] = v

    def _stepped(self, x: Any, g: Any, v: Any, *, first: bool) -> tuple[Any, Any]:
        """The parameter and its velocity after a step; arrays are changed in place."""
        if self.weight_decay:
            g = g + self.weight_decay * x
        if v is not None:
            if not first:
                v *= self.momentum
                v += (1.0 - self.dampening) * g if self.dampening else g
            g = g + self.momentum * v if self.nesterov else v
        x -= self._lr * g
        return x, v


def _zero(p: Value) -> Any:
    """A velocity of zero."""
    return 0.0 if type(p._data) is float else np.zeros_like(p._data)


def _numbers(x: Any) -> Any:
    """Numbers, as they are compared with those of another time; None for anything else."""
    if isinstance(x, (list, tuple)):
        return tuple([_numbers(item) for item in x])
    return x if isinstance(x, (float, int, np.generic)) else None


def _blocks(*arrays: Any) -> Iterator[list[Any]]:
    """The same parts of each array, small enough to stay in the cache with what is made of them."""
    if all(a is None or a.flags.f_contiguous for a in arrays):
        arrays = tuple([a if a is None else a.T for a in arrays])
    if not all(a is None or a.flags.c_contiguous for a in arrays):
        yield list(arrays)
        return
    flat = [a if a is None else a.reshape(-1) for a in arrays]
    for start in range(0, arrays[0].size, BLOCK):
        yield [a if a is None else a[start : start + BLOCK] for a in flat]
