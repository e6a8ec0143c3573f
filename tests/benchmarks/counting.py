"""Counts of what a step does, which do not depend on the machine: the tests hold bounds on them."""

from __future__ import annotations

import ctypes
import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

Step = Callable[[], Any]

# In CPython a ufunc is called, by its name or by an operator of arrays, through a pointer in the
# object itself; where it stands is a field of the type.
VECTORCALL_OFFSET_FIELD = 56
VECTORCALL = ctypes.PYFUNCTYPE(
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p
)


def numpy_calls(step: Step) -> int:
    """How often a step goes through NumPy: ufuncs and operators of arrays, functions and methods."""
    step()
    counted = 0

    def count(frame: Any, event: str, function: Any) -> None:
        nonlocal counted
        counted += event == "c_call" and _is_numpys(function)

    with _counted_ufuncs() as ufuncs:
        sys.setprofile(count)
        try:
            step()
        finally:
            sys.setprofile(None)
    return counted + len(ufuncs)


def python_operations(step: Step) -> int:
    """How many bytecode instructions a step runs."""
    step()
    counted = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal counted
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        counted += event == "opcode"
        return trace

    sys.settrace(trace)
    try:
        step()
    finally:
        sys.settrace(None)
    return counted


def allocations(step: Step) -> tuple[int, int]:
    """Blocks and bytes that the result of a step holds, its graph included."""
    step()
    gc.collect()
    tracemalloc.start()
    try:
        result = step()
        held = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, tracemalloc.__file__)])
        del result
    finally:
        tracemalloc.stop()
    return len(held.traces), sum(trace.size for trace in held.traces)


def _is_numpys(function: Any) -> bool:
    owner = getattr(function, "__self__", None)
    module = getattr(function, "__module__", None) or ""
    return isinstance(owner, (np.ndarray, np.ufunc)) or module.partition(".")[0] == "numpy"


@contextmanager
def _counted_ufuncs() -> Iterator[list[str]]:
    """The names of the ufuncs that are called inside, one for each call."""
    offset = ctypes.c_ssize_t.from_address(id(np.ufunc) + VECTORCALL_OFFSET_FIELD).value
    calls: list[str] = []
    slots = []
    for ufunc in {id(f): f for f in vars(np).values() if isinstance(f, np.ufunc)}.values():
        slot = ctypes.c_void_p.from_address(id(ufunc) + offset)
        hook = _hook(ufunc.__name__, VECTORCALL(slot.value), calls)
        slots.append((slot, slot.value, hook))
        slot.value = ctypes.cast(hook, ctypes.c_void_p).value
    try:
        yield calls
    finally:
        for slot, original, _ in slots:
            slot.value = original


def _hook(name: str, original: Any, calls: list[str]) -> Any:
    def call(ufunc: int, arguments: int, number: int, names: int | None) -> int:
        calls.append(name)
        return int(original(ufunc, arguments, number, names))

    return VECTORCALL(call)
