"""What is measured of a step. Each measure takes the column and a builder, and gives samples forever."""

from __future__ import annotations

import ctypes
import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BATCH = 0.1  # seconds that one sample takes at least, so that the clock does not count
SLOW = 10.0  # seconds of a first call, after which there is no second one only to count
OUTSIDE_NUMPY = ("torch", "torch.compile", "jax")  # their memory is unknown to tracemalloc

Build = Callable[[], Callable[[], Any]]


def seconds(column: str, build: Build) -> Iterator[float]:
    """Seconds per call. Garbage is collected before a sample, and as usual during it."""
    step = build()
    first = _elapsed(step, 1)  # compiles, fills caches
    number = max(1, int(BATCH / _elapsed(step, 1))) if first < SLOW else 1
    while True:
        gc.collect()
        yield _elapsed(step, number) / number


def returned(column: str, build: Build) -> Iterator[float]:
    """The number that the step itself gives."""
    step = build()
    while True:
        yield step()


def peak_bytes(column: str, build: Build) -> Iterator[float]:
    """The largest amount of memory held during the second step, inputs and parameters included.

    Exact, from tracemalloc, which NumPy reports to; for libraries with allocators of their own
    the growth of the process.
    """
    if column in OUTSIDE_NUMPY:
        yield from peak_resident(column, build)
    while True:
        gc.collect()
        tracemalloc.start()
        step = build()
        step()
        tracemalloc.reset_peak()
        step()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        del step
        yield peak


def peak_resident(column: str, build: Build) -> Iterator[float]:
    """How far the memory of the process rises above what it held before the inputs were made."""
    while True:
        gc.collect()
        _trim()
        before = _status("VmRSS")
        step = build()
        step()  # compiles, which takes memory of its own
        _trim()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
        step()
        peak = _status("VmHWM")
        del step
        yield peak - before


def _elapsed(step: Callable[[], Any], number: int) -> float:
    start = time.perf_counter()
    for _ in range(number):
        step()
    return time.perf_counter() - start


def _trim() -> None:
    """Have glibc give back what is free, which would otherwise be used again and not be seen."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _status(field: str) -> float:
    """A number of bytes that Linux keeps of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return 1024.0 * int(line.split()[1])
    raise OSError(f"/proc/self/status has no {field}")
