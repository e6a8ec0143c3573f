"""What a workload is: inputs, the ways to compute one thing, and what is measured of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import measures

Inputs = dict[str, Any]
Step = Callable[[], tuple[Any, Any]]  # gives (value, [array, array, ...]), gradients or parameters
Builder = Callable[[Inputs], Step]

REFERENCE = "reference"


class Missing(ModuleNotFoundError):
    """A column that cannot be measured here: what it needs is not installed, or not written yet."""


@dataclass(frozen=True)
class Target:
    """The most that a column may take: ``limit`` times another column, or the bare number."""

    limit: float
    of: str | None = REFERENCE


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    Attributes:
        name: "w3"; a file may hold several cases of one name.
        title: what is computed, as the table names the row.
        inputs: seeded inputs, by ``inputs(small)``; small ones are for tests.
        columns: for each way to compute it a builder, which takes the inputs and gives a step:
            a function without arguments that does the work once. Libraries are imported in there.
        case: which of the cases of the name.
        targets: of columns.
        start: the arrays that a step changes, as they are before the first one; results are then
            compared by the change.
        tolerance: the largest error of a result, relative to the norm of the reference's.
        measure: what is measured, see ``measures``.
        unit: of the measurement: "s", "B", or "" for a plain number.
        per: what a measurement is divided by, from the inputs.
        relative: whether the table shows ratios to the reference, or the measurement itself.
        checked: at the size that is measured ("full"), with small inputs ("small"), or not at
            all ("no") where nothing is computed.
        repeats: the most that are measured, for what takes long or is the same each time.
    """

    name: str
    title: str
    inputs: Callable[[bool], Inputs]
    columns: Mapping[str, Builder]
    case: str = ""
    targets: Mapping[str, Target] = field(default_factory=dict)
    start: Callable[[Inputs], list[Any]] | None = None
    tolerance: float = 1e-9
    measure: Callable[[str, Callable[[], Step]], Iterator[float]] = measures.seconds
    unit: str = "s"
    per: Callable[[Inputs], float] | None = None
    relative: bool = True
    checked: str = "full"
    repeats: int | None = None

    @property
    def key(self) -> str:
        """The name of the row: "w6 float32"."""
        return f"{self.name} {self.case}".strip()


def vectors(workload: Workload, column: str, small: bool) -> list[Any]:
    """What the first two calls of a step give, as one vector for each value and array.

    The second call shows whether the first left the right parameters and state behind.
    """
    inputs = workload.inputs(small)
    step = workload.columns[column](inputs)
    start = [_vector(x) for x in workload.start(inputs)] if workload.start else None
    found = []
    for _ in range(2):
        value, arrays = step()
        changed = [_vector(x) for x in arrays]
        if start is not None:
            changed = [x - x0 for x, x0 in zip(changed, start, strict=True)]
        found += [_vector(value), *changed]
    return found


def difference(found: list[Any], expected: list[Any]) -> float:
    """The largest error among pairs of vectors, relative to the norm of the expected one."""
    if [x.shape for x in found] != [x.shape for x in expected]:
        return np.inf
    errors = [
        np.linalg.norm(x - y) / (np.linalg.norm(y) or 1.0) for x, y in zip(found, expected, strict=True)
    ]
    return float(np.max(errors, initial=0.0)) if np.all(np.isfinite(errors)) else np.inf


def error(workload: Workload, column: str, small: bool) -> float:
    """How far a column is from the reference; both start from inputs of their own."""
    return difference(vectors(workload, column, small), vectors(workload, REFERENCE, small))


def _vector(x: Any) -> Any:
    """Numbers, arrays, tensors and Values, nested in lists, as one new vector of float64."""
    return np.concatenate([np.ravel(_numbers(leaf)) for leaf in _leaves(x)]).astype(np.float64)


def _leaves(x: Any) -> list[Any]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in _leaves(item)]
    return [x]


def _numbers(x: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic)) or not hasattr(x, "data"):
        return np.asarray(x)
    return np.asarray(x.data)  # a Value, here and in micrograd; a tensor without its gradient
