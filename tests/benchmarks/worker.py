"""One column of one workload in a process of its own: ``python -P worker.py ours|peer w3 eager``.

A line on standard input asks, a line of JSON on standard output answers: "check" compares the
result with the reference's, "sample" measures once, "versions" tells what is installed.
Peers find this repository behind their own libraries on the path, so that ``autograd`` is ours in
our columns, and HIPS autograd in its own.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])
FRESH = "BENCHMARK_FRESH"  # in the environment
LARGE = 31 << 20  # bytes; glibc learns from blocks up to 32 MiB
PEERS = {  # column: distribution
    "micrograd": "micrograd",
    "hips": "autograd",
    "mygrad": "mygrad",
    "torch": "torch",
    "torch.compile": "torch",
    "jax": "jax",
}


def main(whose: str, key: str, column: str) -> None:
    """Answer until the input ends."""
    sys.path.insert(0 if whose == "ours" else len(sys.path), ROOT)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    if hasattr(os, "sched_setaffinity"):  # all columns on one core
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if FRESH not in os.environ:
        _settle_allocator()
    answers = _answers(key, column)
    next(answers)
    for line in sys.stdin:
        try:
            answer = answers.send(line.strip())
        except (Exception, SystemExit) as e:
            answer = _failure(e)
            answers = _answers(key, column)
            next(answers)
        out.write(json.dumps(answer) + "\n")
        out.flush()


def _settle_allocator() -> None:
    """Bring the C library's allocator into the state of a process that has held large arrays.

    glibc gives blocks back to the system, and pays a page fault for each 4 kB when it asks again,
    until it has seen a block of that size freed. A single large one in the history of the process
    makes the same program of arrays of 4 MB several times as fast, so that columns could not be
    compared. Without this our columns alone would have it, from ``autograd.memory``.
    """
    import numpy as np

    np.ones(LARGE, np.uint8)


def _failure(e: BaseException) -> dict[str, Any]:
    status = "missing" if isinstance(e, ModuleNotFoundError) else "failed"  # workload.Missing is one
    return {"status": status, "why": f"{type(e).__name__}: {e}"[:200]}


def _answers(key: str, column: str) -> Iterator[dict[str, Any]]:
    """Answers to questions that are sent in."""
    from tests.benchmarks.workloads import WORKLOADS

    workload = WORKLOADS[key]
    samples = None
    answer: dict[str, Any] = {}
    while True:
        question = yield answer
        if question == "versions":
            answer = _versions(column)
        elif question == "check":
            answer = _check(workload, column)
        else:
            if samples is None:
                samples = _samples(workload, column)
            answer = {"status": "ok", "sample": next(samples)}


def _samples(workload: Any, column: str) -> Iterator[float]:
    def build() -> Any:
        return workload.columns[column](workload.inputs(False))

    per = workload.per(workload.inputs(False)) if workload.per else 1.0
    return (sample / per for sample in workload.measure(column, build))


def _check(workload: Any, column: str) -> dict[str, Any]:
    """Whether the results are the reference's, and how long building and the first call take."""
    from tests.benchmarks.workload import error

    if workload.checked == "no":
        return {"status": "ok"}
    small = workload.checked == "small"
    inputs = workload.inputs(small)
    start = time.perf_counter()
    workload.columns[column](inputs)()
    first = time.perf_counter() - start
    wrong = error(workload, column, small)
    return {"status": "ok" if wrong <= workload.tolerance else "wrong", "error": wrong, "first": first}


def _versions(column: str) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("numpy", PEERS.get(column, "numpy")):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
