"""Numbers as pictures show them: in few digits, as a range, as a small heat map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

CELLS = 16  # rows and columns of a heat map at most


@dataclass(frozen=True)
class Heat:
    """A heat map: each cell from -1 to 1, in parts of the largest; None where a number is not finite."""

    cells: tuple[tuple[float | None, ...], ...]


def in_short(x: Any) -> str:
    """A number; all elements of a short vector; the range of anything larger.

    >>> in_short(1 / 3), in_short(np.arange(3.0)), in_short(np.arange(6.0))
    ('0.3333', '[0, 1, 2]', '0 to 5')
    """
    x = np.asarray(x)
    if x.ndim == 0:
        return f"{x.item() + 0.0:.4g}"
    if x.size == 0:
        return "(no elements)"
    if x.ndim == 1 and x.size <= 4:
        return "[" + ", ".join(f"{e + 0.0:.3g}" for e in x.tolist()) + "]"
    finite = x[np.isfinite(x)]
    if finite.size == 0:
        return "no finite element"
    missing = x.size - finite.size
    remark = f", {missing} not finite" if missing else ""
    low, high = finite.min() + 0.0, finite.max() + 0.0  # no -0
    return (f"all {low:.3g}" if low == high else f"{low:.3g} to {high:.3g}") + remark


def heat_of(x: Any) -> Heat | None:
    """The heat map of an array that is not shown number by number, by means over blocks.

    A vector is one row; the first axes of more than two are taken together.

    >>> heat_of(np.array([[1.0, -2.0], [0.0, np.nan]])).cells
    ((0.5, -1.0), (0.0, None))
    """
    x = np.asarray(x)
    if x.size == 0 or x.ndim == 0 or (x.ndim == 1 and x.size <= 4):
        return None
    x = x.reshape(-1, x.shape[-1]).astype(np.float64)
    with np.errstate(all="ignore"):
        largest = float(np.max(np.abs(x), initial=0.0, where=np.isfinite(x)))
        means = _block_means(_block_means(x / largest if largest else x, 0), 1)
    top = float(np.max(np.abs(means), initial=0.0, where=np.isfinite(means)))
    rows = (means / top if top else means).tolist()
    return Heat(tuple(tuple(round(c, 3) if np.isfinite(c) else None for c in row) for row in rows))


def _block_means(x: Any, axis: int) -> Any:
    n = x.shape[axis]
    if n <= CELLS:
        return x
    starts = np.arange(CELLS) * n // CELLS
    counts = np.diff(np.append(starts, n))
    return np.add.reduceat(x, starts, axis) / np.expand_dims(counts, 1 - axis)


def norm_of(gradients: list[Any]) -> float:
    """The Euclidean norm of arrays taken together.

    >>> norm_of([3.0, np.array([4.0])])
    5.0
    """
    arrays = [np.asarray(g, np.float64) for g in gradients]
    with np.errstate(all="ignore"):
        largest = float(np.max([np.max(np.abs(x), initial=0.0) for x in arrays], initial=0.0))
        if not 0.0 < largest < np.inf:
            return largest
        return largest * float(np.sqrt(sum(np.sum(np.square(x / largest)) for x in arrays)))  # no overflow
