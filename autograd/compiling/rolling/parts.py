"""What in a repeated block depends on the round before, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autograd.compiling.rolling.repeats import Repeat, Structure

Kind = Literal["elementwise", "sum", "product", "rounds"]


@dataclass(frozen=True)
class Part:
    """Lines of a block that need each other's results.

    Attributes:
        kind: "elementwise" if a line takes nothing of the round before; "sum" and "product" for running
            ones; "rounds" for all else, which must be computed round after round.
        positions: of the lines in the block; for a product those of its factors, in order.
    """

    kind: Kind
    positions: tuple[int, ...]


def parts_of(repeat: Repeat) -> list[Part]:
    """The parts of a block, each after those whose results it takes."""
    reach = _reach(repeat.structure)
    groups = dict.fromkeys(
        tuple(j for j in range(len(reach)) if j == k or (reach[k] >> j & 1 and reach[j] >> k & 1))
        for k in range(len(reach))
    )
    # What depends on something reaches all that this reaches, and more.
    order = sorted(groups, key=lambda group: ((reach[group[0]] | 1 << group[0]).bit_count(), group))
    return [_part(repeat, group, reach) for group in order]


def _reach(structure: Structure) -> list[int]:
    """For each line of a block the lines, as bits, on which it depends in this round or before."""
    reach = [0] * len(structure)
    changed = True
    while changed:
        changed = False
        for k, operands in enumerate(structure):
            now = reach[k]
            for operand in operands:
                if operand is not None:
                    now |= 1 << operand[0] | reach[operand[0]]
            changed = changed or now != reach[k]
            reach[k] = now
    return reach


def _part(repeat: Repeat, group: tuple[int, ...], reach: list[int]) -> Part:
    k = group[0]
    if not reach[k] >> k & 1:
        return Part("elementwise", group)
    if len(group) == 1 and repeat.blocks[0][k].op == "add" and _own_operands(repeat, k, group) == 1:
        return Part("sum", group)
    return Part("product", _factors(repeat, group)) if _is_product(repeat, group) else Part("rounds", group)


def _own_operands(repeat: Repeat, k: int, group: Sequence[int]) -> int:
    return sum(operand is not None and operand[0] in group for operand in repeat.structure[k])


def _is_product(repeat: Repeat, group: tuple[int, ...]) -> bool:
    """A cycle of multiplications that goes through the block once a round."""
    back = [x[1] for k in group for x in repeat.structure[k] if x is not None and x[0] in group]
    multiplied = all(repeat.blocks[0][k].op == "multiply" for k in group)
    return multiplied and all(_own_operands(repeat, k, group) == 1 for k in group) and sum(back) == 1


def _factors(repeat: Repeat, group: tuple[int, ...]) -> tuple[int, ...]:
    """The positions from that which takes the result of the round before; the rest follow in order."""
    first = next(k for k in group for x in repeat.structure[k] if x is not None and x[0] in group and x[1])
    at = group.index(first)
    return group[at:] + group[:at]
