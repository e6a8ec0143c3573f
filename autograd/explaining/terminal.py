"""Explanations as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from autograd.drawing.numbers import norm_of
from autograd.explaining.explanation import (
    ArrayExplanation,
    Factor,
    Line,
    Path,
    PathExplanation,
    bracketed,
    sum_of,
)
from autograd.formula import shown, text, written

WIDTH = 100
MOST_FACTORS = 16  # of one path; the middle of a longer one is left out


def paths_as_text(e: PathExplanation) -> str:
    """The paths one after the other, then their sum."""
    blocks = [f"{e.derivative} = {shown(e.value)}, {counted(e)}"]
    for i, path in enumerate(e.paths, start=1):
        lines = [f"path {i}: {trail(path)}"] if e.different > 1 else [f"  {trail(path)}"]
        blocks.append("\n".join([*lines, *_factors(e, path), *_product(e, path)]))
    if e.different > 1:
        blocks.append(_sum(e))
    if e.meanings:
        width = max(len(name) for name, _ in e.meanings)
        rows = [f"  {name:<{width}} = {text(x)} = {shown(e.values[name])}" for name, x in e.meanings]
        blocks.append("\n".join(["where", *rows]))
    return "\n\n".join(blocks)


def counted(e: PathExplanation) -> str:
    """How many paths there are, in words."""
    if not e.different:
        return "since every path is cut off on its way"
    if e.different == 1:
        alike = f" ({e.count:,} in the graph, which are alike)" if e.count > 1 else ""
        return f"along one path{alike}"
    alike = f" (of {e.count:,}: those alike are written together)" if e.count > e.different else ""
    return f"the sum over {e.different:,} paths{alike}"


def trail(path: Path) -> str:
    """The nodes of a path, as the numbers flow."""
    names = list(path.names)
    if len(names) > MOST_FACTORS:
        names[6:-6] = ["..."]
    return " <- ".join(names)


def shortened(factors: Sequence[Factor], most: int = MOST_FACTORS) -> list[Factor | None]:
    """The first and the last of many; None stands for those between."""
    half = most // 2
    return list(factors) if len(factors) <= most else [*factors[:half], None, *factors[-half:]]


def _factors(e: PathExplanation, path: Path) -> list[str]:
    """A table of the factors: name, symbols, numbers, value."""
    rows: list[tuple[str | None, str]] = []
    for f in shortened(path.factors):
        if f is None:
            rows.append((None, ""))
            continue
        formula = written(f.product)
        symbols, numbers, value = text(formula), text(e.numbers(formula)), shown(f.value)
        steps = [s for s in (symbols, numbers) if s != value]
        rows.append((f.derivative, " = ".join(dict.fromkeys([*steps, value]))))
    width = max((len(label) for label, _ in rows if label), default=0)
    more = f"    ... {len(path.factors) - len(rows) + 1} more ..."
    return ["", *(more if label is None else f"    {label:<{width}} = {x}" for label, x in rows)]


def _product(e: PathExplanation, path: Path) -> list[str]:
    """The product of the factors in symbols, in numbers, one number a factor, one number."""
    if len(path.factors) < 2:
        return []
    if len(path.factors) > MOST_FACTORS:
        return ["", f"    the product of these {len(path.factors)} factors = {shown(path.value)}"]
    steps = [path.formula, text(e.numbers(path.product))]
    steps += [" * ".join(bracketed(f.value) for f in path.factors), shown(path.value)]
    name = e.derivative if e.different == 1 else "product"
    lines = []
    for i, step in enumerate(dict.fromkeys(steps)):
        start = f"    {name if not i else ' ' * len(name)} = "
        lines += textwrap.wrap(
            step, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False
        )
    return ["", *lines]


def _sum(e: PathExplanation) -> str:
    """The sum of the paths in symbols and numbers, and what is not written out."""
    numbers = sum_of([shown(p.value) for p in e.paths])
    if not e.complete:
        others = e.different - len(e.paths)
        numbers += f" + {bracketed(e.remainder)}"
        note = f"\n  (the last number is what the other {others:,} paths contribute together)"
    else:
        note = ""
    steps = [e.formula] if e.complete and all(len(p.factors) <= MOST_FACTORS for p in e.paths) else []
    lines: list[str] = []
    for i, step in enumerate([*steps, numbers, shown(e.value)]):
        start = f"  {e.derivative if not i else ' ' * len(e.derivative)} = "
        lines += textwrap.wrap(
            step, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False
        )
    return "\n".join(["sum of the paths", *lines]) + note


def arrays_as_text(e: ArrayExplanation) -> str:
    """One line per gradient, with its shape and its size."""
    head = (
        f"{e.derivative} by vector-Jacobian products, from the output back "
        f"(d{e.wrt} is short for {e.derivative})"
    )
    rows = [(f"d{line.name}", text(line.formula), str(line.shape), _size(line)) for line in e.lines]
    lines = _aligned(rows)
    if e.left_out:
        lines.insert(len(lines) // 2, f"  ... {e.left_out} more lines ...")
    blocks = [head, "\n".join(lines)]
    if e.meanings:
        blocks.append("\n".join(["where", *_aligned([(n, text(x), str(s), "") for n, x, s in e.meanings])]))
    return "\n\n".join(blocks)


def _aligned(rows: list[tuple[str, str, str, str]]) -> list[str]:
    names, formulas, shapes = (max(len(row[k]) for row in rows) for k in range(3))
    formulas = min(formulas, 60)
    return [f"  {a:<{names}} = {b:<{formulas}}  {c:<{shapes}}  {d}".rstrip() for a, b, c, d in rows]


def _size(line: Line) -> str:
    """A number, or the length of an array."""
    if line.value is None:
        return ""
    if np.size(line.value) == 1:
        return shown(float(np.reshape(line.value, ())))
    return f"norm {shown(norm_of([line.value]))}"
