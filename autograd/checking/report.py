"""What a gradient check found, as data and as text."""

from __future__ import annotations

from dataclasses import dataclass, field

AGREES, DISAGREES, CANNOT_TELL = "agrees", "disagrees", "cannot tell here"


@dataclass(frozen=True)
class Element:
    """One element of one argument: the engine's derivative beside the numeric one."""

    argument: str
    index: tuple[int, ...]
    engine: float
    numeric: float
    error: float

    @property
    def ratio(self) -> float:
        """Engine over numeric; NaN where the numeric one is zero."""
        return self.engine / self.numeric if self.numeric else float("nan")


@dataclass(frozen=True)
class GradientReport:
    """The result of :func:`autograd.check_gradients`.

    Attributes:
        verdict: "agrees", "disagrees" or "cannot tell here".
        reasons: why, one sentence each.
        worst: elements that disagree, the largest difference first.
        checked: what was compared, for the text.
    """

    verdict: str
    reasons: tuple[str, ...] = ()
    worst: tuple[Element, ...] = ()
    checked: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """True only for the verdict "agrees"."""
        return self.verdict == AGREES

    def __str__(self) -> str:
        lines = [f"gradients: {self.verdict}", *(f"  {line}" for line in (*self.checked, *self.reasons))]
        if self.worst:
            lines += ["", *_table(self.worst)]
        return "\n".join(lines)

    __repr__ = __str__


def _table(elements: tuple[Element, ...]) -> list[str]:
    head = ("element", "engine", "numeric", "ratio", "difference")
    rows: list[tuple[str, ...]] = [head]
    for e in elements:
        name = e.argument + (f"[{', '.join(map(str, e.index))}]" if e.index else "")
        numbers = (e.engine, e.numeric, e.ratio, e.engine - e.numeric)
        rows.append((name, *(f"{x:.6g}" for x in numbers)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return [
        "  "
        + "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
