"""Whether operations are recorded: a switch per thread and per async task."""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import Any

_recording: ContextVar[bool] = ContextVar("recording", default=True)

is_recording = _recording.get

used = False  # whether it was ever switched off: while it was not, nobody needs to ask


class recording(ContextDecorator):  # noqa: N801 - reads as what it does
    """Record, or do not, in the current thread or async task."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._before: list[bool] = []  # a stack: one object may be entered again

    def __enter__(self) -> Any:
        global used
        used = used or not self._on
        self._before.append(_recording.get())
        _recording.set(self._on)

    def __exit__(self, *exception: object) -> None:
        _recording.set(self._before.pop())


class no_grad(recording):  # noqa: N801 - PyTorch's name
    """Compute without recording, as a context manager or a decorator.

    Results are constants: they have no parents and require no gradient. The switch holds
    for the current thread or async task only.

    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """

    def __init__(self) -> None:
        super().__init__(on=False)

    def _recreate_cm(self) -> no_grad:
        return no_grad()  # a decorated function may run in several threads at once
