"""A gradient as the sum of what comes through each use: which of the parts is wrong, and how much.

A part that is missing has the coefficient 0, one with the wrong sign -1, one with a constant
too many that constant. The coefficients are solved for, so that no combination need be guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.derivation.claims import close
from autograd.derivation.constants import meaning_of
from autograd.derivation.named import Diagnosis
from autograd.derivation.search import Case, Edge, statement
from autograd.derivation.whole import of_operation

MOST_PARTS, MOST_ROWS = 64, 4000


@dataclass(frozen=True)
class Part:
    """What comes through one use of a node, or through that use at every step of a loop."""

    edges: tuple[Edge, ...]
    numbers: list[Any]


def paths(case: Case) -> Diagnosis | None:
    """The parts whose coefficient is not 1, at the claim's own node or at one on the way."""
    for fork in [case.target, *case.near]:
        edges = case.uses(fork) if case.node(fork) not in case.given[0] or fork == case.target else []
        if not 1 < len(edges) <= MOST_PARTS:
            continue
        singles = [Part((e,), _through(case, e)) for e in edges]
        singles = [part for part in singles if _counts(case, part)]
        for parts in (_by_statement(case, singles), singles):
            found = _fitted(case, fork, parts) or _overwritten(case, fork, parts)
            if found is not None:
                return found
    return None


def _through(case: Case, edge: Edge) -> list[Any]:
    """What the gradient loses without one use."""
    lost = []
    for p, expected in enumerate(case.expected):
        rest = case.gradient(p, edges={edge: None})
        lost.append(np.zeros(expected.shape) if rest is NotImplemented else expected - rest)
    return lost


def _counts(case: Case, part: Part) -> bool:
    scale = max(float(np.max(np.abs(e), initial=0.0)) for e in case.expected)
    return any(float(np.max(np.abs(n), initial=0.0)) > 1e-9 * scale for n in part.numbers)


def _by_statement(case: Case, parts: list[Part]) -> list[Part]:
    """Uses in one statement of a loop as one."""
    found: dict[Any, list[Part]] = {}
    for part in parts:
        k, i = part.edges[0]
        found.setdefault((statement(case.points[0], case.node(k)), i), []).append(part)
    return [_together(same) for same in found.values()]


def _together(parts: list[Part]) -> Part:
    edges = tuple(e for part in parts for e in part.edges)
    return Part(edges, [sum(numbers) for numbers in zip(*(part.numbers for part in parts), strict=True)])


def _fitted(case: Case, fork: int, parts: list[Part]) -> Diagnosis | None:
    if not parts or case.yours[0].shape != case.expected[0].shape:
        return None
    off = [y - e for y, e in zip(case.yours, case.expected, strict=True)]
    for part in parts:  # one part is wrong: the simplest reason
        k = _coefficient(off, part.numbers)
        if k is not None and _explains(case, off, [part], [k]):
            return _named(case, fork, parts, [k + 1.0 if q is part else 1.0 for q in parts])
    rows = _rows(case, parts, off)
    if rows is None:
        return None
    found, _, rank, _ = np.linalg.lstsq(*rows, rcond=1e-9)
    if rank < len(parts) or not _explains(case, off, parts, list(found)):
        return None
    return _named(case, fork, parts, [float(k) + 1.0 for k in found])


def _coefficient(off: list[Any], numbers: list[Any]) -> float | None:
    square = sum(float(np.vdot(n, n)) for n in numbers)
    return sum(float(np.vdot(n, d)) for n, d in zip(numbers, off, strict=True)) / square if square else None


def _rows(case: Case, parts: list[Part], off: list[Any]) -> tuple[Any, Any] | None:
    """The equations, or some of them where there are many."""
    if len(parts) < 2:
        return None
    size = case.expected[0].size
    some = slice(None, None, 1 + size * len(case.points) // MOST_ROWS)
    columns = [np.concatenate([np.ravel(n)[some] for n in part.numbers]) for part in parts]
    right = np.concatenate([np.ravel(d)[some] for d in off])
    return (np.stack(columns, axis=1), right) if len(right) > len(parts) else None


def _explains(case: Case, off: list[Any], parts: list[Part], ks: list[float]) -> bool:
    for p, (expected, d) in enumerate(zip(case.expected, off, strict=True)):
        made = sum(k * part.numbers[p] for k, part in zip(ks, parts, strict=True))
        scale = float(np.max(np.abs(expected), initial=0.0))
        if not close(made, d, scale):
            return False
    return True


def _named(case: Case, fork: int, parts: list[Part], ks: list[float]) -> Diagnosis | None:
    """In words: which parts are missing, have the wrong sign, or a constant too many."""
    ks = [float(round(k)) if abs(k - round(k)) < 1e-6 else k for k in ks]
    wrong = [(k, part) for k, part in zip(ks, parts, strict=True) if k != 1.0]
    kept = [part for k, part in zip(ks, parts, strict=True) if k == 1.0]
    if not wrong:
        return None
    node = _spelled_fork(case, fork)
    times = ", ".join(f"{k:.6g}" for k in ks)
    evidence = f"yours has the {len(ks)} parts of the sum {times} times {case.evidence()}"
    names = ", ".join(dict.fromkeys(_spelled(case, part) for _, part in wrong))
    if all(k == 0.0 for k, _ in wrong):
        if len(kept) == 1 and len(wrong) > 1:
            text = (
                f"only the path through {_spelled(case, kept[0])} is there, of {len(parts)}: the others "
                "are missing, or were overwritten where they should be added (= for +=)"
            )
        elif not kept:
            return None
        else:
            text = f"the path through {names} is missing: {node} is used there too"
        return Diagnosis("missing path", text, evidence)
    if len({round(k, 6) for k, _ in wrong}) > 1:
        return None
    k = wrong[0][0]
    if k == -1.0:
        return Diagnosis("sign", f"the sign of the part that comes through {names} is wrong", evidence)
    named = of_operation(case, k, [place for _, part in wrong for place, _ in part.edges])
    if named:
        return Diagnosis(*named, evidence)
    meaning = meaning_of(k, case.points[0])
    text = f"the part that comes through {names} is {k:.6g} times what it should be{meaning}"
    return Diagnosis("constant factor", text, evidence)


def _overwritten(case: Case, fork: int, parts: list[Part]) -> Diagnosis | None:
    """Each element has one of the parts only: windows that overlap were written, not added."""
    if len(parts) < 2 or fork != case.target or case.yours[0].shape != case.expected[0].shape:
        return None
    for p, yours in enumerate(case.yours):
        scale = 1e-6 * float(np.max(np.abs(case.expected[p]), initial=0.0))
        if not np.all(np.any([np.abs(yours - part.numbers[p]) <= scale for part in parts], axis=0)):
            return None
    text = (
        f"the parts of {_spelled_fork(case, fork)} were written over each other where they should be "
        f"added (= for +=): each element has one of the {len(parts)} only"
    )
    return Diagnosis("missing path", text, f"each element equals one of the parts {case.evidence()}")


def _spelled(case: Case, part: Part) -> str:
    k, _ = part.edges[-1]
    return case.points[0].speller.node(case.node(k))


def _spelled_fork(case: Case, fork: int) -> str:
    return case.points[0].speller.node(case.node(fork))
