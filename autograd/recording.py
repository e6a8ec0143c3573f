"""Whether operations are recorded: a switch per thread and per async task."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

_recording: ContextVar[bool] = ContextVar("recording", default=True)

is_recording = _recording.get

F = TypeVar("F", bound=Callable[..., Any])


class no_grad:  # noqa: N801 - PyTorch's name
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
        self._before: list[bool] = []  # a stack: one object may be entered again

    def __enter__(self) -> None:
        self._before.append(_recording.get())
        _recording.set(False)

    def __exit__(self, *exception: object) -> None:
        _recording.set(self._before.pop())

    def __call__(self, f: F) -> F:
        """The function ``f``, computed without recording."""

        @functools.wraps(f)
        def without_recording(*args: Any, **kwargs: Any) -> Any:
            with no_grad():
                return f(*args, **kwargs)

        return without_recording  # type: ignore[return-value]
