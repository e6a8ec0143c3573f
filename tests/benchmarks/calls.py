"""What single calls of NumPy cost, as docs/performance.md says: ``python -m tests.benchmarks.calls``."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

ROUNDS, LEAST = 15, 0.002  # samples of a call, and seconds that one takes at least


def main() -> None:
    """Print a table: each way of doing a thing, in microseconds and beside the first way."""
    for title, ways in cases().items():
        first = None
        print(title)
        for name, call in ways.items():
            spent = microseconds(call)
            first = first or spent
            print(f"  {name:<34}{spent:>10.2f} us{spent / first:>8.2f}")


def cases() -> dict[str, dict[str, Callable[[], Any]]]:
    """The ways that are compared."""
    rng = np.random.default_rng(0)
    a, b, out = rng.normal(size=(8, 8)), rng.normal(size=(8, 8)), np.empty((8, 8))
    ones, row = np.ones(8), np.empty(8)
    x, rows = (rng.normal(size=shape).astype(np.float32) for shape in ((128, 784), (256, 784)))
    columns, z = np.ascontiguousarray(rows.T), np.empty((128, 256), np.float32)
    zeros = np.zeros(256, np.float32)
    v, w = rng.normal(size=1_000_000), np.empty(1_000_000)
    return {
        "the product of two 8x8 matrices": {
            "np.matmul(a, b, out=out)": lambda: np.matmul(a, b, out=out),
            "a.dot(b, out)": lambda: a.dot(b, out),
        },
        "the sum of an 8x8 matrix along axis 0": {
            "np.sum(a, axis=0)": lambda: np.sum(a, axis=0),
            "np.add.reduce(a, axis=0)": lambda: np.add.reduce(a, axis=0),
            "ones.dot(a, row)": lambda: ones.dot(a, row),
        },
        "a layer's product, 128x784 by 784x256, float32": {
            "x.dot(W, out), W in columns": lambda: x.dot(columns, z),
            "x.dot(W.T, out), W in rows": lambda: x.dot(rows.T, z),
        },
        "ReLU of 128x256 numbers, float32": {
            "np.maximum(z, 0.0, out=z)": lambda: np.maximum(z, 0.0, out=z),
            "np.maximum(z, zeros, out=z)": lambda: np.maximum(z, zeros, out=z),
        },
        "10^6 numbers of float64": {
            "np.multiply(v, v, out=w)": lambda: np.multiply(v, v, out=w),
            "np.exp(v, out=w)": lambda: np.exp(v, out=w),
            "np.tanh(v, out=w)": lambda: np.tanh(v, out=w),
        },
    }


def microseconds(call: Callable[[], Any]) -> float:
    """The median time of a call."""
    call()
    start = time.perf_counter()
    call()
    number = max(1, int(LEAST / max(time.perf_counter() - start, 1e-9)))
    samples = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(number):
            call()
        samples.append((time.perf_counter() - start) / number)
    return statistics.median(samples) * 1e6


if __name__ == "__main__":
    main()
