"""Freed memory is kept for the next step, instead of going back to the system.

A step of training allocates what the step before it has just freed. The C library of Linux gives
large arrays, and the end of its heap, back to the system as they are freed; the next step gets them
again page by page, each filled with zeros first, which costs a small network more than its
arithmetic. The library learns, though: once an array of some size was freed, arrays up to that size
come from the heap, and twice as much of it may lie free before it goes back (mallopt(3),
M_MMAP_THRESHOLD and M_TRIM_THRESHOLD). So one array of the largest size that counts is freed when
this library is imported. It is never touched, so that it takes no memory. At most 64 MB of memory
that was in use once stay with the process.

Who has set these thresholds, by the environment or by mallopt, keeps them: the library then learns
nothing. Under another C library nothing happens.
"""

from __future__ import annotations

import contextlib
import os

LARGEST = (32 << 20) - (1 << 16)  # bytes: above 32 MB, with what the library adds, it does not learn


def keep_freed_memory() -> None:
    """Have the C library keep what is freed."""
    if _is_glibc():
        with contextlib.suppress(MemoryError):  # where there is a limit, nothing is to be kept
            bytes(LARGEST)  # from calloc, which takes untouched pages


def _is_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, ValueError, OSError):  # another library, or another system
        return False
