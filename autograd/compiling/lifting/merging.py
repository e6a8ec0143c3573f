"""Groups that do not lie on one level by accident, brought together.

The first of several sequences is often a special case: a softmax over one token needs no sum, and
what comes before it lies nearer to the output than for the other tokens. A group whose operands are there
early enough joins one of the same kind that takes its operands from the same groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.compiling.lifting.scalars import DOT, Kind, Number, Scalars
from autograd.rules.arithmetic import MULTIPLY

Origin = tuple[Any, ...]  # the group that a number comes from: level, kind, number of operands of a dot
Sources = tuple[frozenset[Origin], ...]
VARIABLE: Origin = ("variable",)
CONSTANT: Origin = ("constant",)


def merge(scalars: Scalars) -> None:
    """Change levels, and the kind of products that join a group of dots of unequal lengths."""
    origins = dict.fromkeys(scalars.inputs, VARIABLE) | dict.fromkeys(scalars.constants, CONSTANT)
    taken: dict[Kind, dict[Origin, Sources]] = {}
    for (level, kind), numbers in scalars.groups().items():
        for length, part in _by_length(scalars, kind, numbers).items():
            _resolve(scalars, origins, part)
            sources = _sources(scalars, origins, kind, part)
            host = _host(taken, (level, kind, length), sources)
            taken.setdefault(host[1], {}).setdefault(host, sources)
            for n in part:
                origins[n] = host
                scalars.levels[n], scalars.kinds[n] = host[:2]


def _by_length(scalars: Scalars, kind: Kind, numbers: list[Number]) -> dict[int, list[Number]]:
    """Dots of one length are a group of their own here; sums are one whatever their length."""
    parts: dict[int, list[Number]] = {}
    for n in numbers:
        parts.setdefault(len(scalars.operands[n]) if kind is DOT else 0, []).append(n)
    return parts


def _resolve(scalars: Scalars, origins: dict[Number, Origin], numbers: Sequence[Number]) -> None:
    """Give operands that are another number its origin."""
    for number in numbers:
        for n in scalars.operands[number]:
            if n not in origins:
                target = n
                while target in scalars.same:
                    target = scalars.same[target]
                origins[n] = origins[target]


def _sources(
    scalars: Scalars, origins: dict[Number, Origin], kind: Kind, numbers: Sequence[Number]
) -> Sources:
    """For each operand, the groups it comes from; a dot and a sum have one kind of operand."""
    if isinstance(kind[0], str):
        return (frozenset([origins[n] for number in numbers for n in scalars.operands[number]]),)
    columns = zip(*[scalars.operands[n] for n in numbers], strict=True)
    return tuple(frozenset([origins[n] for n in column]) for column in columns)


def _host(taken: dict[Kind, dict[Origin, Sources]], own: Origin, sources: Sources) -> Origin:
    """The group to join, the nearest before this one; ``own`` if there is none.

    It comes after all that it takes, so after all that this group takes.
    """
    _, kind, length = own
    for group, others in reversed(taken.get(kind, {}).items()):
        if group[2] == length and all(map(frozenset.issubset, sources, others)):
            return group
    if kind[0] is MULTIPLY:
        dots = [g for g, others in taken.get(DOT, {}).items() if others[0] == sources[0] | sources[1]]
        if len({g[2] for g in dots}) > 1:  # they have unequal lengths, and this is one of length one
            return dots[-1]
    return own
