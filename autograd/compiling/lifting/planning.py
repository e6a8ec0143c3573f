"""From groups of like operations to steps on arrays: where every number lies, and how it is taken from there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiling.lifting.merging import merge
from autograd.compiling.lifting.places import Move, Places, axes_of, cuts_of, joined, nested, reshaped, split, view
from autograd.compiling.lifting.program import Arrangement, Lifted, Step
from autograd.compiling.lifting.scalars import DOT, SUM, Kind, Number, Scalars
from autograd.primitive import Primitive
from autograd.rules.arithmetic import ADD
from autograd.rules.reductions import SUM as TOTAL

FEW = 4  # terms that are added one by one


class Plan:
    """Steps so far. Every number has a *code*: variables first, then constants, then the results of steps."""

    def __init__(self, scalars: Scalars, variables: int) -> None:
        distinct = {b"": 0.0} | {_bits(x): x for x in scalars.constants.values()}  # first what fills short rows
        position = {bits: i for i, bits in enumerate(distinct)}
        self.scalars = scalars
        self.constants = np.array(list(distinct.values()))
        self.steps: list[Step] = []
        self.starts = [0, variables, variables + len(distinct)]  # of variables, constants, each step
        self.shapes: list[tuple[int, ...]] = [(variables,), (len(distinct),)]
        self.zero = variables
        self.codes = np.full(len(scalars.operands), -1, dtype=np.intp)
        for number, place in scalars.inputs.items():
            self.codes[number] = place
        for number, x in scalars.constants.items():
            self.codes[number] = variables + position[_bits(x)]
        self._known: dict[Any, Arrangement] = {}

    # -- codes ------------------------------------------------------------------------------------

    def sources(self, codes: Places) -> Places:
        """What each number is an element of: 0 the variables, 1 the constants, 2 the first step."""
        return np.searchsorted(self.starts[:-1], codes, side="right") - 1

    def place(self, numbers: Sequence[Number], codes: Places) -> None:
        """Note where the numbers lie."""
        self.codes[numbers] = codes

    def step(
        self, primitive: Primitive, operands: Sequence[Any], shape: tuple[int, ...], **params: Any
    ) -> Places:
        """Add a step; the codes of its results, flat."""
        name = f"{primitive.name}_{1 + sum(s.primitive is primitive for s in self.steps)}"
        self.steps.append(Step(name, primitive, tuple(operands), params, shape))
        size = math.prod(shape)
        self.shapes.append(shape)
        self.starts.append(self.starts[-1] + size)
        return np.arange(self.starts[-2], self.starts[-1])

    # -- operands ---------------------------------------------------------------------------------

    def values(self, codes: Places) -> Any:
        """The numbers of constants: one if they are all equal. None if there is something else among them."""
        low, high = self.starts[1:3]
        if codes.min() < low or codes.max() >= high:
            return None
        values = self.constants[codes - low]
        first = codes.flat[0]
        return float(values.flat[0]) if (codes == first).all() else values

    def located(self, codes: Places) -> tuple[tuple[tuple[int, int, int], ...], tuple[int, ...], Places]:
        """Pieces of sources, the shape of what they are when joined, and the places in it."""
        sources = self.sources(codes)
        used, first = np.unique(sources, return_index=True)
        if len(used) == 1:
            (source,) = used.tolist()
            shape = self.shapes[source]
            return ((source, 0, math.prod(shape)),), shape, codes - self.starts[source]
        pieces, total, places = [], 0, np.empty_like(codes)
        for source in used[np.argsort(first)].tolist():
            chosen = sources == source
            inside = codes[chosen] - self.starts[source]
            start, stop = int(inside.min()), int(inside.max()) + 1
            places[chosen] = inside - start + total
            pieces.append((source, start, stop))
            total += stop - start
        return tuple(pieces), (total,), places

    def arrangement(
        self, pieces: Any, moves: Sequence[Move], shape: tuple[int, ...], picked: int = 0
    ) -> Arrangement:
        """An arrangement; the same object for the same one."""
        key = (
            pieces,
            tuple((m, v.tobytes() if isinstance(v, np.ndarray) else repr(v)) for m, v in moves),
            shape,
        )
        if key not in self._known:
            self._known[key] = Arrangement(pieces, tuple(moves), shape, picked)
        return self._known[key]

    def picked(self, located: Any, shape: tuple[int, ...]) -> Arrangement:
        """Elements one by one, or row by row where they lie in rows."""
        pieces, source, places = located
        rows = rows_of(places.ravel())
        if rows is not None and shape[-1:] == rows[1:]:
            numbers, length = rows
            low, high = int(numbers.min()), int(numbers.max()) + 1
            if high * length <= math.prod(source):
                moves, _ = view(source, low * length, ((high - low, length), (length, 1))) or ([], ())
                moves = [*moves, ("index", (numbers - low).reshape(shape[:-1]))]
                return self.arrangement(pieces, joined(moves, source), shape, len(numbers))
        moves = [*reshaped(source, (math.prod(source),)), ("index", places.reshape(shape))]
        return self.arrangement(pieces, moves, shape, places.size)

    def tensor(self, codes: Places, order: Sequence[int] | None = None) -> Any:
        """Exactly these elements as an array of the shape of ``codes``, axes in another order if wanted."""
        order = range(codes.ndim) if order is None else order
        moved = np.transpose(codes, order)
        constant = self.values(codes)
        if constant is not None:
            return np.full(moved.shape, constant) if isinstance(constant, float) else np.transpose(constant, order)
        pieces, source, places = located = self.located(codes.ravel())
        cuts = {math.prod(codes.shape[i + 1 :]) for i in range(codes.ndim)}
        axes = axes_of(places)
        if axes is not None and nested(cuts | cuts_of(axes), places.size):
            axes = split(axes, cuts)
            if all(s for n, s in axes if n > 1):
                owner = _owners(axes, codes.shape)
                permuted = sorted(range(len(axes)), key=lambda i: list(order).index(owner[i]))
                viewed = view(source, int(places[0]), axes, permuted)
                if viewed is not None:
                    moves, shape = viewed
                    moves = joined([*moves, *reshaped(shape, moved.shape)], source)
                    return self.arrangement(pieces, moves, moved.shape)
        pieces, source, places = located
        return self.picked((pieces, source, np.transpose(places.reshape(codes.shape), order)), moved.shape)

    def grid(self, slots: Sequence[Places], cuts: set[int]) -> tuple[list[Any], tuple[int, ...]]:
        """Operands of an elementwise operation that broadcast against each other, and their common shape.

        Args:
            slots: for each operand the codes of its elements, all of one length.
            cuts: where axes of the result must begin.
        """
        size = len(slots[0])
        if size == 1:
            return [self._single(s) for s in slots], ()
        found: list[Any] = []
        cuts = cuts | {1}
        for codes in slots:
            constant = self.values(codes)
            located = None if constant is not None else self.located(codes)
            axes = None if located is None else axes_of(located[2])
            rows = rows_of(located[2]) if located is not None and axes is None else None
            if axes is not None and nested(cuts | cuts_of(axes), size):
                cuts |= cuts_of(axes)
            elif rows is not None and nested(cuts | {rows[1]}, size):
                cuts |= {rows[1]}
                axes = None
            else:
                axes = None
            found.append((constant, located, axes))
        for _, located, axes in found:
            if axes is not None and math.prod(located[1]) == size and all(s for _, s in axes):
                own = {math.prod(located[1][i + 1 :]) for i in range(len(located[1]))}
                cuts |= own if nested(cuts | own, size) else set()  # keep the shape that there is
        lengths = tuple(n for n, _ in split([(size, 1)], cuts))
        found = [(c, l, None if a is None else split(a, cuts)) for c, l, a in found]
        for i in range(len(lengths)):
            if all(isinstance(c, float) or (a is not None and not a[i][1]) for c, l, a in found):
                found = [(c, l, None) for c, l, a in found]  # every operand repeats itself there
        return [self._on_grid(*each, lengths) for each in found], lengths

    def _single(self, codes: Places) -> Any:
        constant = self.values(codes)
        if constant is not None:
            return constant
        pieces, source, places = self.located(codes)
        viewed = view(source, int(places[0]), ())
        return self.arrangement(pieces, joined(viewed[0] if viewed else (), source), ())

    def _on_grid(self, constant: Any, located: Any, axes: Any, lengths: tuple[int, ...]) -> Any:
        if constant is not None:
            return constant if isinstance(constant, float) else constant.reshape(lengths)
        pieces, source, places = located
        if axes is not None:
            viewed = view(source, int(places[0]), axes)
            if viewed is not None:
                moves, shape = viewed
                return self.arrangement(pieces, joined(moves, source), shape)
        return self.picked(located, lengths)

    # -- groups -----------------------------------------------------------------------------------

    def elementwise(self, primitive: Primitive, codes: Places, params: dict[str, Any]) -> Places:
        """A step for rows of operands of shape (operations, operands); the code of each operation's result."""
        rows, inverse = distinct_rows(codes, self.starts)
        operands, shape = self.grid(list(rows.T), set())
        return self.step(primitive, operands, shape, **params)[inverse]

    def totals(self, codes: Places) -> Places:
        """Sums of shape (operations, terms) along the terms."""
        count = codes.shape[1]
        if count <= FEW and not self.regular(codes):
            return self.elementwise(ADD, codes, {})
        (operand,), lengths = self.grid([codes.ravel()], {count})
        return self.total(operand, lengths, count)

    def regular(self, codes: Places) -> bool:
        """Whether rows lie side by side in one source."""
        if self.values(codes) is not None:
            return False
        pieces, _, places = self.located(codes.ravel())
        axes = axes_of(places) if len(pieces) == 1 else None
        return axes is not None and nested(cuts_of(axes) | {codes.shape[1]}, places.size) and all(s for _, s in axes)

    def total(self, operand: Any, lengths: tuple[int, ...], count: int) -> Places:
        """The sum over those last axes that have ``count`` elements together."""
        keep = len(lengths)
        while math.prod(lengths[keep:]) < count:
            keep -= 1
        return self.step(TOTAL, [operand], lengths[:keep], axis=tuple(range(keep, len(lengths))), keepdims=False)


def _bits(x: float) -> bytes:
    return np.float64(x).tobytes()


def _owners(axes: Sequence[Any], shape: tuple[int, ...]) -> list[int]:
    """For each axis, the one of ``shape`` that it is a part of."""
    owners, inner = [], math.prod(n for n, _ in axes)
    ends = [math.prod(shape[i:]) for i in range(len(shape))]
    for n, _ in axes:
        owners.append(max(i for i, end in enumerate(ends) if end >= inner))
        inner //= n
    return owners


def distinct_rows(codes: Places, starts: Sequence[int]) -> tuple[Places, Places]:
    """Rows once each, in the order of the most varied column, and each row's number among them.

    A column of several sources has the order in which its elements appear.
    """
    ranks = [ranked(c, starts) for c in codes.T]
    constant = [bool((c >= starts[1]).all() and (c < starts[2]).all()) for c in codes.T]
    columns = sorted(range(codes.shape[1]), key=lambda i: (constant[i], -len(np.unique(ranks[i]))))
    order = np.lexsort([ranks[i] for i in reversed(columns)])
    ordered = codes[order]
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    inverse = np.empty(len(codes), dtype=np.intp)
    inverse[order] = np.cumsum(new) - 1
    return ordered[new], inverse


def ranked(codes: Places, starts: Sequence[int]) -> Places:
    """Numbers in whose order elements are taken: as they lie in their source.

    Constants, and elements of several sources, are taken as they appear.
    """
    low, high = np.searchsorted(starts, [codes.min(), codes.max()], side="right").tolist()
    if low == high != 2:
        return codes
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return first[inverse]


def rows_of(places: Places) -> tuple[Places, int] | None:
    """Where places are whole rows of a matrix, in no order: their numbers and their length."""
    breaks = np.flatnonzero(np.diff(places) != 1)
    length = int(breaks[0]) + 1 if len(breaks) else 1
    if length == 1 or len(places) % length:
        return None
    rows = places.reshape(-1, length)
    fits = np.array_equal(rows, rows[:, :1] + np.arange(length)) and not (rows[:, 0] % length).any()
    return (rows[:, 0] // length, length) if fits else None


def planned(scalars: Scalars, variables: int) -> Lifted:
    """The program of a graph."""
    from autograd.compiling.lifting.products import dots, padded

    merge(scalars)
    plan = Plan(scalars, variables)
    same = sorted(scalars.same.items())
    alias: dict[Number, list[Number]] = {}
    root: dict[Number, Number] = {}
    for number, target in same:
        root[number] = root.get(target, target)
        alias.setdefault(root[number], []).append(number)
    for target, numbers in alias.items():
        if plan.codes[target] >= 0:
            plan.place(numbers, plan.codes[target])
    for (_, kind), numbers in scalars.groups().items():
        _group(plan, kind, numbers, dots, padded)
        for n in [n for n in numbers if n in alias]:
            plan.place(alias[n], plan.codes[n])
    result = plan._single(plan.codes[[scalars.output]])
    return Lifted(tuple(plan.steps), result, plan.constants)


def _group(plan: Plan, kind: Kind, numbers: list[Number], dots: Any, padded: Any) -> None:
    operands = plan.scalars.operands
    if kind is DOT or kind is SUM:
        rows = [plan.codes[list(operands[n])] for n in numbers]
        for chosen, codes in padded(plan, rows, kind is DOT):
            found = dots(plan, codes) if kind is DOT else plan.totals(codes)
            plan.place([numbers[i] for i in chosen], found)
        return
    codes = plan.codes[[operands[n] for n in numbers]]
    plan.place(numbers, plan.elementwise(kind[0], codes, plan.scalars.params[kind]))
