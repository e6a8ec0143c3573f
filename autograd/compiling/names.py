"""What the variables of a program are called in its source."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence

from autograd.compiling.expressions import MATH
from autograd.compiling.program import Loop, Program, Rounds, Variable

RESERVED = frozenset(
    {
        "np",
        "math",
        "buffers",
        "start",
        "stop",
        "float",
        "abs",
        "at",
        "struct",
        "min",
        "range",
        "slice",
        "type",
        "zip",
        *MATH.values(),
    }
)


def names_of(program: Program, arguments: Sequence[str] = ()) -> dict[Variable, str]:
    """An identifier for each variable: the user's, ``d`` and that for a gradient, else v1, v2, ...

    No name is given twice; a second ``x`` is ``x_2``. An input that is an argument by itself keeps
    its name; no other variable has the name of an argument, which may be read after it.
    """
    names: dict[Variable, str] = {v: v.name for v in program.inputs if v.name in arguments}
    used = {*RESERVED, *arguments}
    order = [*program.inputs, *(v for line in program.lines for v in _made(line))]
    for v in [*order, *program.constants]:  # the user's names first
        if v.name and v not in names:
            names[v] = _free(identifier(v.name), used)
    count = 0
    for v in [*program.constants, *order]:
        if v in names:
            continue
        if v.gradient_of in names:
            names[v] = _free("d" + names[v.gradient_of], used)
            continue
        count += 1
        names[v] = _free(f"{'c' if v in program.constants else 'v'}{count}", used)
    return names


def _made(line: object) -> list[Variable]:
    if isinstance(line, Loop):
        return [part.output for part in line.body]
    if isinstance(line, Rounds):
        carried, items = [v for v, _, _ in line.carried], [v for v, _ in line.sliced]
        return [*line.writes, *carried, *items, *(part.output for part in line.lines)]
    return line.writes  # type: ignore[attr-defined, no-any-return]


def identifier(text: str) -> str:
    """A Python name like the text: ``layer0.w`` is ``layer0_w``."""
    name = re.sub(r"\W+", "_", text).strip("_") or "v"
    taken = name[0].isdigit() or keyword.iskeyword(name) or name in RESERVED or re.fullmatch(r"buf\d+", name)
    return f"v_{name}" if taken else name


def unique(text: str, used: set[str]) -> str:
    """An identifier like the text that is not used yet; it is from now on."""
    return _free(identifier(text), used)


def _free(name: str, used: set[str]) -> str:
    k, found = 1, name
    while found in used:
        k += 1
        found = f"{name}_{k}"
    used.add(found)
    return found
