"""Where a program repeats itself: blocks of lines, one after the other, that do the same.

Two blocks do the same if their lines have the same operations, and take the same results of their own
block and of the one before. Everything else that they take may differ: numbers, and what was computed
before the first of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.compiling.operations import is_elementwise
from autograd.compiling.program import NUMBERS, Line, Variable

FEWEST = 64  # rounds; for fewer, calls of NumPy cost more than what they replace
LONGEST = 256  # lines of a block
GRAM = 6  # operations in a row by which the next block is found
TRIED = 4  # periods

# For each operand of each line of a block: (position, rounds back) of a result of the repeat itself,
# or None for anything from outside.
Structure = list[tuple[tuple[int, int] | None, ...]]


@dataclass(frozen=True)
class Repeat:
    """A run of equal blocks.

    Attributes:
        start: the number of the first line.
        blocks: the lines, block by block.
        structure: what the lines take from each other.
    """

    start: int
    blocks: list[list[Line]]
    structure: Structure

    @property
    def stop(self) -> int:
        """The number of the line after the last."""
        return self.start + len(self.blocks) * len(self.blocks[0])


def repeats_of(lines: list[Line]) -> list[Repeat]:
    """The repeats of a program, in order; they do not overlap."""
    if len(lines) < 2 * FEWEST:
        return []
    ops = _numbered(lines)
    places = {line.output: i for i, line in enumerate(lines)}
    mismatches: dict[int, Any] = {}
    found: list[Repeat] = []
    following = _following(ops)
    i = 0
    while i < len(lines):
        best: Repeat | None = None
        for period in following(i):
            if period not in mismatches:
                mismatches[period] = np.flatnonzero(ops[:-period] != ops[period:])
            rounds = (_first(mismatches[period], i, len(ops) - period) - i) // period + 1
            if rounds >= FEWEST and (best is None or rounds * period > best.stop - i):
                repeat = _checked(lines, places, i, period, rounds)
                best = repeat if repeat and (best is None or repeat.stop > best.stop) else best
        if best is not None:
            found.append(best)
        i = best.stop if best else i + 1
    return found


def _numbered(lines: list[Line]) -> Any:
    """A number for the operation of each line; a different one each time for those that cannot repeat."""
    known: dict[Any, int] = {}
    return np.array([known.setdefault(_kind(line) or line, len(known)) for line in lines])


def _kind(line: Line) -> Any:
    """What lines of the same block position have in common; None for a line that is no such."""
    if line.options or line.output.shape or not (is_elementwise(line.op) or line.op == "where"):
        return None
    if any(type(x) is not Variable and type(x) not in NUMBERS for x in line.inputs):
        return None
    return line.op, len(line.inputs), line.output.dtype, line.output.weak


def _following(ops: Any) -> Any:
    """A function that gives, for a line, the distances to the next that begin with the same operations."""
    grams = [tuple(ops[i : i + GRAM].tolist()) for i in range(len(ops))]
    where: dict[Any, list[int]] = defaultdict(list)
    rank = []
    for i, gram in enumerate(grams):
        rank.append(len(where[gram]))
        where[gram].append(i)

    def following(i: int) -> Iterator[int]:
        later = where[grams[i]][rank[i] + 1 : rank[i] + 1 + TRIED]
        return (j - i for j in later if j - i <= LONGEST)

    return following


def _first(sorted_numbers: Any, least: int, otherwise: int) -> int:
    """The first of the numbers that is ``least`` or more."""
    k = int(np.searchsorted(sorted_numbers, least))
    return int(sorted_numbers[k]) if k < len(sorted_numbers) else otherwise


def _checked(
    lines: list[Line], places: dict[Variable, int], start: int, period: int, rounds: int
) -> Repeat | None:
    """As many rounds as do the same; None if they are too few."""
    blocks = [lines[i : i + period] for i in range(start, start + rounds * period, period)]

    def taken(r: int) -> Structure:
        return [_taken(line, places, start, period, r) for line in blocks[r]]

    structure = taken(1)
    if any(back > 1 for operands in structure for _, back in filter(None, operands)):
        return None
    count = next((r for r in range(1, rounds) if taken(r) != structure), rounds)
    fits = all(
        a == b or (a is None and b is not None and b[1] == 1)
        for first, other in zip(taken(0), structure, strict=True)
        for a, b in zip(first, other, strict=True)
    )
    return Repeat(start, blocks[:count], structure) if fits and count >= FEWEST else None


def _taken(
    line: Line, places: dict[Variable, int], start: int, period: int, r: int
) -> tuple[tuple[int, int] | None, ...]:
    """For each operand of a line of round ``r``: position and rounds back, or None for one from outside."""
    found: list[tuple[int, int] | None] = []
    for x in line.inputs:
        i = places.get(x, -1) - start if type(x) is Variable else -1
        found.append((i % period, r - i // period) if i >= 0 else None)
    return tuple(found)
