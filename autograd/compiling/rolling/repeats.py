"""Where a program repeats itself: blocks of lines, one after the other, that do the same.

Two blocks do the same if their lines have the same operations, and take the same results of their own
block and of the one before. Everything else that they take may differ: numbers, and what was computed
before the first of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
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
    following = _following(ops)
    broken: dict[int, int] = {}  # for a period, the line up to which there cannot be enough rounds
    found: list[Repeat] = []
    i = 0
    while i < len(lines):
        repeats = []
        for period in following(i):
            if i >= broken.get(period, 0):
                repeat = _repeat(lines, places, i, period, _rounds(ops, i, period))
                repeats += [repeat] if repeat else []
        best = max(repeats, key=lambda repeat: repeat.stop, default=None)
        if best is None or len(best.blocks) < FEWEST:
            broken |= {len(repeat.blocks[0]): repeat.stop for repeat in repeats}
            i += 1
        else:
            found.append(best)
            i = best.stop
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
    """A function that gives, for a line, distances at which the same operations come again and again."""
    grams = [tuple(ops[i : i + GRAM].tolist()) for i in range(len(ops))]
    where: dict[Any, list[int]] = defaultdict(list)
    rank = []
    for i, gram in enumerate(grams):
        rank.append(len(where[gram]))
        where[gram].append(i)

    def following(i: int) -> Iterator[int]:
        later = where[grams[i]][rank[i] + 1 : rank[i] + 1 + TRIED]
        ends = ((j - i, i + (j - i) * (FEWEST - 2)) for j in later if j - i <= LONGEST)
        return (period for period, end in ends if end < len(grams) and grams[end] == grams[i])

    return following


def _rounds(ops: Any, i: int, period: int) -> int:
    """The number of blocks, from a line on, that have the same operations."""
    here, there = ops[i:-period], ops[i + period :]
    few = FEWEST * period
    different = np.flatnonzero(here[:few] != there[:few])  # most end soon
    if not len(different):
        different = np.flatnonzero(here != there)
    end = int(different[0]) if len(different) else len(here)
    return end // period + 1


def _repeat(
    lines: list[Line], places: dict[Variable, int], start: int, period: int, rounds: int
) -> Repeat | None:
    """As many rounds as do the same; None if the first does not."""

    def block(r: int) -> list[Line]:
        return lines[start + r * period : start + (r + 1) * period]

    def taken(r: int) -> Structure:
        return [_taken(line, places, start, period, r) for line in block(r)]

    if rounds < FEWEST:
        return None
    structure = taken(1)
    if not _may_begin(taken(0), structure):
        return None
    count = next((r for r in range(1, rounds) if taken(r) != structure), rounds)
    return Repeat(start, [block(r) for r in range(count)], structure)


def _may_begin(first: Structure, structure: Structure) -> bool:
    """Whether the first round differs in that it takes from outside what others take of the one before."""
    pairs = zip(chain(*first), chain(*structure), strict=True)
    return all(a == b or (a is None and b is not None and b[1] == 1) for a, b in pairs)


def _taken(
    line: Line, places: dict[Variable, int], start: int, period: int, r: int
) -> tuple[tuple[int, int] | None, ...]:
    """For each operand of a line of round ``r``: position and rounds back, or None for one from outside."""
    found: list[tuple[int, int] | None] = []
    for x in line.inputs:
        i = places.get(x, -1) - start if type(x) is Variable else -1
        found.append((i % period, r - i // period) if i >= 0 else None)
    return tuple(found)
