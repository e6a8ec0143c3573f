"""The plan in the making: which number lies where, and how an operation takes its operands from there.

Every number has a *code*. Variables have the first ones, constants the next, then the elements of each
result in the order of the steps. The codes of what an operation takes say from which results, and in
which pattern; an operand is then a view of one result, or of pieces of several.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.compiling.lifting.places import (
    Axis,
    Move,
    Places,
    axes_of,
    cuts_of,
    joined,
    nested,
    reshaped,
    rows_of,
    split,
    view,
)
from autograd.compiling.lifting.program import Arrangement, Step
from autograd.compiling.lifting.scalars import Scalars
from autograd.primitive import Primitive

VARIABLES, CONSTANTS = 0, 1  # the first two sources


@dataclass(frozen=True, eq=False)
class Located:
    """Elements of one source, or of joined pieces of several.

    Attributes:
        pieces: as in an arrangement.
        shape: of what they are joined to.
        places: of the elements in it, flat.
    """

    pieces: tuple[tuple[int, int, int], ...]
    shape: tuple[int, ...]
    places: Places


@dataclass(frozen=True, eq=False)
class Slot:
    """One operand of an elementwise operation: constant, or somewhere, along axes if it has a pattern."""

    constant: Any = None
    located: Located | None = None
    axes: tuple[Axis, ...] | None = None


class Plan:
    """Steps so far, and the codes of all numbers."""

    def __init__(self, scalars: Scalars, variables: int) -> None:
        distinct = {b"": 0.0} | {_bits(x): x for x in scalars.constants.values()}
        position = {bits: i for i, bits in enumerate(distinct)}
        self.filling = variables  # the code of a zero that fills short rows, and is no constant of the graph
        self.constants = np.array(list(distinct.values()))
        self.steps: list[Step] = []
        self.starts = [
            0,
            variables,
            variables + len(distinct),
        ]  # the first code of each source, and of the next
        self.shapes: list[tuple[int, ...]] = [(variables,), (len(distinct),)]
        self.codes = np.full(len(scalars.operands), -1, dtype=np.intp)
        self._known: dict[Any, Arrangement] = {}
        for number, place in scalars.inputs.items():
            self.codes[number] = place
        for number, x in scalars.constants.items():
            self.codes[number] = variables + position[_bits(x)]

    def step(
        self, primitive: Primitive, operands: Sequence[Any], shape: tuple[int, ...], **params: Any
    ) -> Places:
        """Add a step; the codes of its result, flat."""
        name = f"{primitive.name}_{1 + sum(s.primitive is primitive for s in self.steps)}"
        self.steps.append(Step(name, primitive, tuple(operands), params, shape))
        self.shapes.append(shape)
        self.starts.append(self.starts[-1] + math.prod(shape))
        return np.arange(self.starts[-2], self.starts[-1])

    def sources(self, codes: Places) -> Places:
        """What each number is an element of: 0 the variables, 1 the constants, 2 the first step."""
        return np.searchsorted(self.starts[:-1], codes, side="right") - 1

    def values(self, codes: Places) -> Any:
        """The numbers of constants, one if they are all equal; None if there is something else among them."""
        low, high = self.starts[CONSTANTS : CONSTANTS + 2]
        if codes.min() < low or codes.max() >= high:
            return None
        values = self.constants[codes - low]
        return float(values.flat[0]) if (codes == codes.flat[0]).all() else values

    def located(self, codes: Places) -> Located:
        """Where elements are; pieces of several sources lie in the order in which they are first met."""
        sources = self.sources(codes)
        used, first = np.unique(sources, return_index=True)
        if len(used) == 1:
            shape = self.shapes[used[0]]
            return Located(((int(used[0]), 0, math.prod(shape)),), shape, codes - self.starts[used[0]])
        pieces: list[tuple[int, int, int]] = []
        total, places = 0, np.empty_like(codes)
        for source in used[np.argsort(first)].tolist():
            inside = codes[sources == source] - self.starts[source]
            start, stop = int(inside.min()), int(inside.max()) + 1
            places[sources == source] = inside - start + total
            pieces.append((source, start, stop))
            total += stop - start
        return Located(tuple(pieces), (total,), places)

    def tensor(self, codes: Places, order: Sequence[int] | None = None) -> Any:
        """Exactly these elements, as an array of the shape of ``codes`` with its axes in another order."""
        order = list(range(codes.ndim) if order is None else order)
        moved = np.transpose(codes, order)
        constant = self.values(moved)
        if constant is not None:
            return np.full(moved.shape, constant) if isinstance(constant, float) else constant
        located = self.located(codes.ravel())
        cuts = {math.prod(codes.shape[i + 1 :]) for i in range(codes.ndim)}
        axes = _compatible(located, cuts)
        if axes is not None and all(s for _, s in axes):
            axes = split(axes, cuts)
            owners = _owners(axes, codes.shape)
            by_owner = sorted(range(len(axes)), key=lambda i: order.index(owners[i]))
            viewed = view(located.shape, int(located.places[0]), [axes[i] for i in by_owner])
            if viewed is not None:
                moves, shape = viewed
                return self._arranged(located, [*moves, *reshaped(shape, moved.shape)], moved.shape)
        places = np.transpose(located.places.reshape(codes.shape), order)
        return self._picked(replace(located, places=places.ravel()), moved.shape)

    def grid(self, columns: Sequence[Places], cuts: set[int]) -> tuple[list[Any], tuple[int, ...]]:
        """Operands of an elementwise operation, that broadcast against each other, and their common shape.

        Args:
            columns: for each operand the codes of its elements, all of one length.
            cuts: where axes of the result must begin (see ``cuts_of``).
        """
        size = len(columns[0])
        slots, cuts = self._slots(columns, cuts if size == 1 else cuts | {1})
        lengths = tuple(n for n, _ in split([(size, 1)], cuts)) if size > 1 else ()
        slots = [s if s.axes is None else replace(s, axes=split(s.axes, cuts)) for s in slots]
        for i in range(len(lengths)):
            if all([_repeats(slot, i) for slot in slots]):
                slots = [replace(slot, axes=None) for slot in slots]
        return [self._on_grid(slot, lengths) for slot in slots], lengths

    def regular(self, codes: Places) -> bool:
        """Whether rows of elements lie side by side in one source."""
        if self.values(codes) is not None:
            return False
        located = self.located(codes.ravel())
        axes = _compatible(located, {codes.shape[1]})
        return axes is not None and len(located.pieces) == 1 and all(s for _, s in axes)

    def _slots(self, columns: Sequence[Places], cuts: set[int]) -> tuple[list[Slot], set[int]]:
        """What is known of each operand, and where the axes of all begin."""
        slots, size = [], len(columns[0])
        for codes in columns:
            constant = self.values(codes)
            located = self.located(codes) if constant is None else None
            axes = _compatible(located, cuts) if located else None
            wanted: set[int] = set()
            if located and axes is not None:
                cuts = cuts | cuts_of(axes)
                if math.prod(located.shape) == size and all(
                    s for _, s in axes
                ):  # keep the shape that there is
                    wanted = {math.prod(located.shape[i:]) for i in range(1, len(located.shape) + 1)}
            elif located and (rows := rows_of(located.places)):
                wanted = {rows[1]}
            cuts = cuts | wanted if nested(cuts | wanted, size) else cuts
            slots.append(Slot(constant, located, axes))
        return slots, cuts

    def _on_grid(self, slot: Slot, lengths: tuple[int, ...]) -> Any:
        """An operand of a shape that broadcasts to ``lengths``."""
        if slot.located is None:
            return slot.constant if isinstance(slot.constant, float) else slot.constant.reshape(lengths)
        if slot.axes is not None:
            viewed = view(slot.located.shape, int(slot.located.places[0]), slot.axes)
            if viewed is not None:
                return self._arranged(slot.located, *viewed)
        return self._picked(slot.located, lengths)

    def _picked(self, located: Located, shape: tuple[int, ...]) -> Arrangement:
        """Elements one by one, or row by row where they lie in rows."""
        size = math.prod(located.shape)
        rows = rows_of(located.places)
        if rows and shape[-1] == rows[1]:
            numbers, length = rows
            low, high = int(numbers.min()), int(numbers.max()) + 1
            viewed = view(located.shape, low * length, ((high - low, length), (length, 1)))
            if viewed is not None:
                index = (numbers - low).reshape(shape[:-1])
                return self._arranged(located, [*viewed[0], ("index", index)], shape, len(numbers))
        moves = [*reshaped(located.shape, (size,)), ("index", located.places.reshape(shape))]
        return self._arranged(located, moves, shape, len(located.places))

    def _arranged(
        self, located: Located, moves: Sequence[Move], shape: tuple[int, ...], picked: int = 0
    ) -> Arrangement:
        """An arrangement; the same object for the same one."""
        kept = joined(moves, located.shape)
        texts = [(name, v.tobytes() if isinstance(v, np.ndarray) else repr(v)) for name, v in kept]
        key = located.pieces, tuple(texts), shape
        return self._known.setdefault(key, Arrangement(located.pieces, kept, shape, picked))


def _bits(x: float) -> bytes:
    """Tells 0.0 from -0.0."""
    return np.float64(x).tobytes()


def _compatible(located: Located, cuts: set[int]) -> tuple[Axis, ...] | None:
    """The axes that places follow, if others can begin at the cuts."""
    axes = axes_of(located.places)
    return axes if axes is not None and nested(cuts | cuts_of(axes), len(located.places)) else None


def _repeats(slot: Slot, axis: int) -> bool:
    """Whether an operand is the same all along an axis."""
    return isinstance(slot.constant, float) or (slot.axes is not None and slot.axes[axis][1] == 0)


def _owners(axes: Sequence[Axis], shape: tuple[int, ...]) -> list[int]:
    """For each axis, the one of ``shape`` that it is a part of."""
    sizes = [math.prod(shape[i:]) for i in range(len(shape))]
    reach = [math.prod(n for n, _ in axes[i:]) for i in range(len(axes))]
    return [max(i for i, size in enumerate(sizes) if size >= inner) for inner in reach]
