"""The table of mistakes (mistakes.txt), and what check_derivation says of each."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from derivations import DERIVATIONS

from autograd import check_derivation

TABLE = Path(__file__).with_name("mistakes.txt")
CONVENTION = "-"


@dataclass(frozen=True)
class Mistake:
    """One row of the table."""

    derivation: str
    old: str
    new: str
    claim: str
    kinds: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.derivation}: {self.old}  =>  {self.new}"


@dataclass(frozen=True)
class Outcome:
    """What was found: whether the first wrong step and the kind are as the table says."""

    mistake: Mistake
    first: bool
    kind: bool
    ok: bool
    report: Any

    def __str__(self) -> str:
        found = self.report.first_wrong
        said = f"{found.claim}, {found.diagnosis.kind}: {found.diagnosis.text}" if found else "nothing wrong"
        return f"{self.mistake}\n    want {self.mistake.claim}, {self.mistake.kinds}\n    got  {said}"


def rows() -> Iterator[Mistake]:
    derivation = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            derivation = line.strip("[]")
        elif line and not line.startswith("#"):
            texts, claim, kinds = (part.strip() for part in line.rsplit("|", 2))
            old, new = (text.strip() for text in texts.split("=>"))
            yield Mistake(derivation, old, new, claim, tuple(kinds.split(" / ")))


def backward_with(mistake: Mistake) -> Callable[..., Any]:
    """The backward function of a derivation with one piece of its text replaced."""
    right = DERIVATIONS[mistake.derivation].backward
    source = inspect.getsource(right)
    assert source.count(mistake.old) == 1, f"not there exactly once: {mistake}"
    source = source.replace(mistake.old, mistake.new)
    name = f"<{mistake.derivation}: {mistake.new}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace = dict(right.__globals__)
    exec(compile(source, name, "exec"), namespace)
    return namespace[right.__name__]


def judged(mistake: Mistake, seed: int = 0) -> Outcome:
    derivation = DERIVATIONS[mistake.derivation]
    inputs = derivation.inputs(np.random.default_rng(seed))
    report = check_derivation(derivation.forward, backward_with(mistake), inputs)
    if mistake.claim == CONVENTION:
        said = bool(report.convention)
        return Outcome(mistake, said, said, report.ok, report)
    found = report.first_wrong
    first = found is not None and found.claim == mistake.claim
    kind = found is not None and found.diagnosis is not None and found.diagnosis.kind in mistake.kinds
    return Outcome(mistake, first, kind, report.ok, report)
