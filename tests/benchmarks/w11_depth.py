"""W11: the chain of W1 with 10^3 to 10^6 operations: whether it survives, time and memory per operation."""

from __future__ import annotations

from typing import Any

from . import measures
from . import w01_scalar_chain as w1
from .workload import Inputs, Target, Workload

COLUMNS = {
    "reference": w1.reference,
    "eager": w1.eager,
    "compiled": w1.compiled,
    "micrograd": w1.micrograd,
    "mygrad": w1.mygrad,
    "torch": w1.torch,
}


def _case(exponent: int, unit: str, limit: float, **more: Any) -> Workload:
    operations = 10**exponent // 3 * 3

    def inputs(small: bool) -> Inputs:
        return w1.inputs(small, operations)

    what = "time" if unit == "s" else "memory"
    return Workload(
        "w11",
        f"scalar chain of 10^{exponent} operations, {what} per operation",
        inputs,
        COLUMNS if exponent < 4 else {k: v for k, v in COLUMNS.items() if k != "compiled"},  # takes minutes
        f"10^{exponent} {what}",
        {"eager": Target(limit, None)},
        unit=unit,
        per=_operations,
        relative=False,
        checked="small",
        **more,
    )


def _operations(inputs: Inputs) -> float:
    return float(inputs["operations"])


WORKLOADS = [
    *(_case(exponent, "s", 1.5e-6, repeats=None if exponent < 6 else 3) for exponent in (3, 4, 5, 6)),
    _case(6, "B", 200.0, measure=measures.peak_resident, repeats=1),
]
