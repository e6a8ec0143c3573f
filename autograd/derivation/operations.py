"""One operation on the way, differentiated with one of the mistakes that people make there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.derivation.constants import constant_ratio, meaning_of
from autograd.derivation.mistakes import DROPPED, altered_part, searched
from autograd.derivation.named import Diagnosis, Mistake
from autograd.derivation.search import Case, choices
from autograd.value import Value


def operation(case: Case) -> Diagnosis | None:
    """A mistake at one operation between the claim and the claims before it."""
    for mistake, k, i, edges in _candidates(case):
        if case.explains(functools.partial(_made, case, edges)):
            # Where it then adds nothing, that it is not there is simpler to say.
            idle = case.explains(functools.partial(_made, case, dict.fromkeys(edges)))
            named = DROPPED if idle else mistake
            text = named.text(case.points[0].speller, case.node(k), i)
            return Diagnosis(named.kind, text, f"with this mistake the numbers are yours {case.evidence()}")
    return None


def scaled_operation(case: Case) -> Diagnosis | None:
    """The same, times a constant: of the part that comes through the operation, or of all."""
    for mistake, k, i, edges in _candidates(case):
        made = [_made(case, edges, p) for p in range(len(case.points))]
        if any(m is NotImplemented for m in made):
            continue
        without = [case.gradient(p, edges=dict.fromkeys(edges)) for p in range(len(case.points))]
        for rest in ([np.zeros(())] * len(made), without):
            try:
                ratio = constant_ratio(
                    [y - r for y, r in zip(case.yours, rest, strict=True)],
                    [m - r for m, r in zip(made, rest, strict=True)],
                )
            except (ValueError, TypeError):
                continue
            if ratio is not None and abs(ratio) > 1e-9:
                meaning = meaning_of(ratio, case.points[0])
                what = mistake.text(case.points[0].speller, case.node(k), i)
                return Diagnosis(
                    mistake.kind, f"{what}; and it is {ratio:.6g} times that{meaning}", case.evidence()
                )
    return None


def _candidates(case: Case) -> Iterator[tuple[Mistake, int, int, dict[tuple[int, int], Any]]]:
    """Each mistake at each operation, the nearest first: at every step of a loop, or at one."""
    for group in case.groups:
        nearest = next(k for k in case.near if k in group)
        for mistake, i in searched(case.node(nearest)):
            if i not in [number for number, _ in case.links[nearest]]:
                continue
            for chosen in choices(group, nearest):
                alter = functools.partial(_altered, mistake)
                yield mistake, nearest, i, {(k, i): alter for k in chosen}


def _altered(mistake: Mistake, node: Value, i: int, g: Any) -> Any:
    return altered_part(mistake, node, i, g)


def _made(case: Case, edges: Mapping[tuple[int, int], Callable[..., Any] | None], p: int) -> Any:
    return case.gradient(p, edges=edges)
