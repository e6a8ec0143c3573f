"""Memory that is freed stays with the process, so that the next step finds it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

STEPS = """
import resource, sys
import numpy as np
if sys.argv[1] == "autograd":
    import autograd
def step():
    arrays = [np.ones(1 << 18) for _ in range(8)]  # of 2 MB each
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
step(); step()
before = faults()
for _ in range(5):
    step()
print(faults() - before)
"""

learns = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or any(name.startswith(("MALLOC_", "GLIBC_")) for name in os.environ),
    reason="the C library must be one that learns",
)  # fmt: skip


def page_faults(module: str) -> int:
    """Of five steps, in a process of their own."""
    command = [sys.executable, "-c", STEPS, module]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@learns
def test_a_step_finds_the_memory_of_the_one_before() -> None:
    """Arrays that are allocated again and again cost page faults once, where NumPy alone pays each time."""
    assert page_faults("autograd") < 100
    assert page_faults("numpy") > 1000
