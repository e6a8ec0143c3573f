"""The statement as it should be, written from the claims before it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from autograd.derivation.claim import Claim
from autograd.derivation.formulas import written_functions
from autograd.derivation.naming import RETURN
from autograd.derivation.search import Case
from autograd.derivation.sides import Point
from autograd.derivation.spelling import Speller
from autograd.value import Value

LONGEST, DEEPEST, MOST_PARTS = 160, 4, 4


def corrected(claim: Claim, points: list[Point], given: list[dict[Value, Any]], claims: list[Claim]) -> str:
    """``dZ1 = dA1 * (1 - A1**2)``; empty if it has no short form."""
    if claim.how == "place" and claim.name.partition("[")[0] != RETURN:  # the mistake is inside a layer
        return ""
    case = Case(claim, points, given)
    first = points[0]
    before = claims[: claims.index(claim)]
    spoken = {c.node(first): c.name for c in before if c.times == 1.0}
    writer = _Writer(case, spoken)
    parts = writer.parts(claim.node(first), DEEPEST)
    if not parts or ((len(parts) > MOST_PARTS or writer.is_ambiguous) and len(set(parts)) > 1):
        return ""
    if len(parts) > 1 and len(set(parts)) == 1:  # one statement of a loop
        text = f"{claim.name} += {parts[0]}"
    else:
        text = f"{_left(claim.name)}{' + '.join(parts)}"
    if len(text) > LONGEST or writer.speller.is_prose(text):
        return ""
    return text if first.formulas else re.sub(r"(?<![\w.])(\w+)(?=\()", _of_numpy, text)


def _of_numpy(name: re.Match[str]) -> str:
    """``np.tanh`` for tanh, as the code has it."""
    return f"np.{name[0]}" if hasattr(np, name[0]) else name[0]


def _left(name: str) -> str:
    """What stands before the expression of a claim."""
    return "return " if name == RETURN else f"{name} = "


def _as_written(point: Point) -> dict[Value, str]:
    """The names; ``self.W`` and ``params['W']`` for what the backward side has in there only."""
    roots = {"self", *point.local}
    split = {path: re.split(r"[.\[]", path, maxsplit=1) for path in sorted(point.held, key=len, reverse=True)}
    held = {point.held[p]: p for p, (root, *rest) in split.items() if rest and root in roots}
    return point.names | {v: path for v, path in held.items() if point.names.get(v) not in point.local}


class _Writer:
    """Writes the gradient of a node from the names of those claimed before."""

    def __init__(self, case: Case, spoken: dict[Value, str]) -> None:
        self.case, self.spoken, self.point = case, spoken, case.points[0]
        self.speller = Speller(_as_written(self.point), self.point.formulas, exact=True)
        self.functions = written_functions(case, self.speller)
        self.used: dict[str, set[Value]] = {}

    @property
    def is_ambiguous(self) -> bool:
        """True if a name stands for the gradients of several steps of a loop."""
        return any(len(nodes) > 1 for nodes in self.used.values())

    def parts(self, node: Value, depth: int) -> list[str]:
        """What comes through each use, in order; empty if one of them cannot be written."""
        if depth == 0:
            return []
        function = self.functions.get(self.case.place[node])
        if function is not None:
            y, write = function
            g = self.gradient(self.case.node(y), depth)
            return [write(g)] if g else []
        parts = []
        for place, i in sorted(self.case.uses(self.case.place[node])):
            child = self.case.node(place)
            g = self.gradient(child, depth)
            if not g:
                return []
            parts.append(self.speller.passed_on(g, child, i))
        return parts

    def gradient(self, node: Value, depth: int) -> str:
        """A gradient by its name, or written out."""
        if node in self.spoken:
            self.used.setdefault(self.spoken[node], set()).add(node)
            return self.spoken[node]
        if node is self.point.order[-1]:
            return self.upstream()
        parts = self.parts(node, depth - 1)
        if len(parts) == 2 and parts[0] == parts[1]:  # of x * x
            return f"2 * {parts[0]}"
        return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})" if parts else ""

    def upstream(self) -> str:
        """The gradient of the result: 1 for a cost, else as the backward side calls it."""
        if not self.point.order[-1].ndim:
            return "1"
        return self.point.upstream or "dout"
