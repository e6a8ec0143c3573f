"""What the variables of a program are called in its source."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

from autograd.compiling.expressions import MATH
from autograd.compiling.program import Line, Loop, Program, Rounds, Variable, variables

# What the source calls and imports. The library's own functions whose names begin with _ need not be
# here: no identifier does.
RESERVED = frozenset(
    {
        *("np", "math", "base64", "struct", "functools", "itertools"),
        *("buffers", "BUFFERS", "start", "stop", "at"),
        *("abs", "bool", "complex", "dict", "float", "int", "iter", "list", "min", "object"),
        *("range", "slice", "str", "type", "zip"),
        *("leaves", "rebuild", "equal_elements", "largest_of_rows", "smallest_of_rows"),
        *("array_of_floats", "running_products"),
        *MATH.values(),
    }
)
NUMBERED = re.compile(r"buf\d+|special_\w+")  # arrays to write into, and SciPy's functions


def names_of(
    program: Program, arguments: Sequence[str] = (), late: Collection[Variable] = ()
) -> dict[Variable, str]:
    """An identifier for each variable: the user's, ``d`` and that for a gradient, else v1, v2, ...

    ``params.W`` is W if nothing else is. No name is given twice; a second ``x`` is ``x_2``. An input
    that is an argument by itself keeps its name; no other variable has the name of an argument, which
    may be read after it. Those of ``late`` are numbered after the others, constants by themselves.
    """
    names: dict[Variable, str] = {v: v.name for v in program.inputs if v.name in arguments}
    used = {*RESERVED, *arguments}
    order = [*program.inputs, *(v for line in program.lines for v in _made(line))]
    named = [v for v in [*order, *program.constants] if v.name]
    ends = Counter(_end(v) for v in named)
    for v in named:  # the user's names first
        if v not in names:
            short = ends[_end(v)] == 1 and not _end(v)[:1].isdigit()
            names[v] = free(identifier(_end(v) if short else v.name), used)
    forward = {line.output for line in program.lines if isinstance(line, Line) and line.origin is None}
    inner = forward - {*variables(program.results)}  # whose numbers are a gradient as well
    count = dict.fromkeys("cv", 0)
    for v in [*program.constants, *sorted(order, key=late.__contains__)]:
        if v in names:
            continue
        if v.gradient_of in names and v not in inner:
            names[v] = free("d" + names[v.gradient_of], used)
            continue
        letter = "c" if v in program.constants else "v"
        count[letter] += 1
        names[v] = free(f"{letter}{count[letter]}", used)
    return names


def _end(v: Variable) -> str:
    return v.name.rpartition(".")[2]


def _made(line: object) -> list[Variable]:
    if isinstance(line, Loop):
        return [part.output for part in line.body]
    if isinstance(line, Rounds):
        carried, items = [v for v, _, _ in line.carried], [v for v, _ in line.sliced]
        return [*line.writes, *carried, *items, *(part.output for part in line.lines)]
    return line.writes  # type: ignore[attr-defined, no-any-return]


def identifier(text: str) -> str:
    """A Python name like the text: ``layer0.w`` is ``layer0_w``."""
    # Python reads names in this form; two that it takes for one are one here too.
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", text)).strip("_") or "v"
    taken = name[0].isdigit() or keyword.iskeyword(name) or name in RESERVED or NUMBERED.fullmatch(name)
    name = f"v_{name}" if taken else name
    return name if name.isidentifier() else identifier(re.sub(r"[^\x00-\x7f]+", "_", name))


def unique(text: str, used: set[str]) -> str:
    """An identifier like the text that is not used yet; it is from now on."""
    return free(identifier(text), used)


def identifiers(texts: Sequence[str]) -> list[str]:
    """Python names like the texts, each another one; a text that is one keeps it."""
    used = set(RESERVED)
    kept = {text: free(text, used) for text in texts if identifier(text) == text}
    return [kept.pop(text) if text in kept else free(identifier(text), used) for text in texts]


def free(name: str, used: set[str]) -> str:
    """A name that is not used yet, and is from now on."""
    k, found = 1, name
    while found in used:
        k += 1
        found = f"{name}_{k}"
    used.add(found)
    return found
