"""A mistake, and a diagnosis that names one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd.derivation.spelling import Speller
from autograd.value import Value


@dataclass(frozen=True)
class Mistake:
    """One way to differentiate a node wrongly.

    Attributes:
        kind: a word for programs, "missing factor".
        text: what a person reads, made by a speller from the node and the number of the input.
        alter: what the node then passes to an input: (node, i, g) to the part, or None for nothing.
    """

    kind: str
    text: Callable[[Speller, Value, int], str]
    alter: Callable[[Value, int, Any], Any]


@dataclass(frozen=True)
class Diagnosis:
    """A mistake, named.

    Attributes:
        kind: a word for programs: "sign", "missing factor", ...
        text: what is wrong, for a person.
        evidence: the numbers that say so.
    """

    kind: str
    text: str
    evidence: str
