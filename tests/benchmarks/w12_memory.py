"""W12: the most memory that a step of W5 holds, over that of parameters, activations and input."""

from __future__ import annotations

from . import dense, measures
from .w05_large_mlp import BATCH, COLUMNS, SIZES, inputs
from .workload import Inputs, Target, Workload


def necessary(inputs: Inputs) -> float:
    """Bytes of parameters, input, and the results of the three layers."""
    held = sum(p.nbytes for p in inputs["params"]) + inputs["data"][0].nbytes
    return float(held + BATCH * sum(SIZES[1:]) * inputs["params"][0].itemsize)


WORKLOADS = [
    Workload(
        "w12",
        "peak memory of a W5 step over parameters, activations and input",
        inputs,
        COLUMNS,
        targets={"eager": Target(3.0, None), "compiled": Target(2.4, None)},
        start=dense.start,
        tolerance=1e-3,
        measure=measures.peak_bytes,
        unit="",
        per=necessary,
        relative=False,
        checked="small",
        repeats=1,
    )
]
