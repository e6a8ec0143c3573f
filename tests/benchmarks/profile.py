"""Where the time of a workload goes: ``python -m tests.benchmarks.profile w3 [eager|compiled|reference]``."""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from typing import Any

from . import counting
from .workloads import WORKLOADS

SECONDS = 1.0
ROWS = 15


def main(arguments: list[str]) -> int:
    """Print a profile of each case of a workload."""
    name, column = (*arguments, "eager")[:2] if arguments else ("", "")
    chosen = [w for w in WORKLOADS.values() if name and name in (w.name, w.key) and column in w.columns]
    if not chosen:
        print("usage: python -m tests.benchmarks.profile WORKLOAD [COLUMN]; workloads:", ", ".join(WORKLOADS))
        return 2
    for workload in chosen:
        try:
            step = workload.columns[column](workload.inputs(False))
        except ModuleNotFoundError as e:
            print(f"{workload.key} {column}: there is no {e}")
            return 2
        print(report(f"{workload.key} {column}: {workload.title}", step))
    return 0


def report(title: str, step: Any) -> str:
    """Time per call, the functions that take it, the share of NumPy, and the counts."""
    step()
    start = time.perf_counter()
    step()
    number = max(1, int(SECONDS / (time.perf_counter() - start)))
    start = time.perf_counter()
    for _ in range(number):
        step()
    seconds = (time.perf_counter() - start) / number
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(number):
        step()
    profile.disable()
    return "\n".join([f"{title}: {seconds * 1e6:.1f} µs a call", *_rows(profile, number), *_counts(step)])


def _rows(profile: cProfile.Profile, number: int) -> list[str]:
    """The functions by the time spent in themselves, and the share of built-in and NumPy's functions.

    A ufunc, or an operator of arrays, counts for the line that calls it: cProfile does not see it.
    """
    stats: Any = pstats.Stats(profile)
    by_self = sorted(stats.stats.items(), key=lambda item: -item[1][2])
    total = sum(row[2] for _, row in by_self) or 1.0
    lines = ["  share   µs a call  calls  function"]
    for (file, line, name), (_, calls, own, *_) in by_self[:ROWS]:
        place = name if file == "~" else f"{'/'.join(file.split('/')[-2:])}:{line} {name}"
        lines.append(f"  {own / total:5.1%}  {own / number * 1e6:10.2f}  {calls / number:5.0f}  {place}")
    kinds = {"NumPy's own code": 0.0, "other built-in functions": 0.0, "Python": 0.0}
    for (file, _, name), row in by_self:
        plain = "other built-in functions" if file == "~" else "Python"
        kinds["NumPy's own code" if "numpy" in file + name else plain] += row[2]
    lines.append("  " + ", ".join(f"{kind} {own / total:.0%}" for kind, own in kinds.items()))
    return lines


def _counts(step: Any) -> list[str]:
    blocks, size = counting.allocations(step)
    calls, instructions = counting.numpy_calls(step), counting.python_operations(step)
    held = f"{blocks} blocks and {size} bytes held by the result"
    return [f"  {calls} calls of NumPy, {instructions} bytecode instructions, {held}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
