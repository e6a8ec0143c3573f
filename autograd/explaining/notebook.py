"""Explanations in LaTeX and Markdown: notebooks set both in the colours of their page."""

from __future__ import annotations

import numpy as np

from autograd.drawing.numbers import norm_of
from autograd.explaining.explanation import ArrayExplanation, Line, Path, PathExplanation, bracketed, sum_of
from autograd.explaining.latex import latex, partial, symbol
from autograd.explaining.terminal import MOST_FACTORS, counted, shortened, trail
from autograd.formula import shown, written

BY_ELEMENT, DOT = r" \odot ", r" \cdot "


def paths_as_latex(e: PathExplanation) -> str:
    """The chain rule, the formula, the numbers, the result, in lines of their own."""
    name = partial(e.output, e.wrt)
    if any(len(p.factors) > MOST_FACTORS for p in e.paths):
        rows = [_values(e)]
    else:
        rows = [
            _joined([_chain(p) for p in e.paths], e),
            _joined([latex(p.product) for p in e.paths], e),
            _joined([latex(e.numbers(p.product), DOT) for p in e.paths], e),
            _values(e),
        ]
    rows = list(dict.fromkeys(row for row in rows if row != name))
    if rows[-1] != _number(e.value):
        rows.append(_number(e.value))
    first, *others = rows
    lines = [f"{name} &= {first}", *(f"&= {row}" for row in others)]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def paths_as_markdown(e: PathExplanation) -> str:
    """A table of factors for each path, then the derivative."""
    blocks = [f"**{_code(e.derivative)} = {shown(e.value)}**, {counted(e)}"]
    for i, path in enumerate(e.paths, start=1):
        start = f"Path {i}: " if e.different > 1 else ""
        end = f", product ${_number(path.value)}$" if e.different > 1 else ""
        blocks += [f"{start}{_code(trail(path))}{end}", _table(e, path)]
    blocks.append(f"$$\n{e.latex}\n$$")
    if not e.complete:
        others = e.different - len(e.paths)
        blocks.append(f"The last term is what the other {others:,} paths contribute together.")
    if e.meanings:
        rows = [f"${symbol(n)} = {latex(x)} = {_number(e.values[n])}$" for n, x in e.meanings]
        blocks.append("where " + ", ".join(rows))
    return "\n\n".join(block for block in blocks if block)


def arrays_as_latex(e: ArrayExplanation) -> str:
    """The lines, aligned."""
    gradients = frozenset(f"d{line.name}" for line in e.lines)
    rows = [
        rf"{_gradient(line.name)} &= {latex(line.formula, BY_ELEMENT, gradients)} && {_shape(line.shape)}"
        for line in e.lines
    ]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def arrays_as_markdown(e: ArrayExplanation) -> str:
    """The lines as a table, with shapes and sizes."""
    head = f"**{_code(e.derivative)}** by vector-Jacobian products, from the output back"
    gradients = frozenset(f"d{line.name}" for line in e.lines)
    rows = [
        f"| ${_gradient(line.name)}$ | ${latex(line.formula, BY_ELEMENT, gradients)}$ "
        f"| {_code(str(line.shape))} | {_size(line)} |"
        for line in e.lines
    ]
    if e.left_out:
        rows.insert(len(rows) // 2, f"| ... | {e.left_out} more lines | | |")
    table = "\n".join(["| gradient | formula | shape | size |", "|:--|:--|:--|--:|", *rows])
    meanings = [f"${symbol(n)} = {latex(x, BY_ELEMENT)}$ of shape {_code(str(s))}" for n, x, s in e.meanings]
    return "\n\n".join([head, table, *(["where " + ", ".join(meanings)] if meanings else [])])


def _table(e: PathExplanation, path: Path) -> str:
    rows = ["| factor | in symbols | in numbers | value |", "|:--|:--|:--|--:|"]
    for f in shortened(path.factors):
        if f is None:
            rows.append(f"| {len(path.factors) - MOST_FACTORS} more | | | |")
            continue
        formula = written(f.product)
        cells = [partial(f.above, f.below), latex(formula), latex(e.numbers(formula), DOT), _number(f.value)]
        rows.append("| " + " | ".join(f"${cell}$" for cell in cells) + " |")
    return "\n".join(rows) if path.factors else ""


def _chain(path: Path) -> str:
    return r" \cdot ".join(partial(f.above, f.below) for f in path.factors) or "1"


def _values(e: PathExplanation) -> str:
    """The product of each path, in numbers."""
    if e.different == 1 and len(e.paths[0].factors) <= MOST_FACTORS:
        return r" \cdot ".join(symbol(bracketed(f.value)) for f in e.paths[0].factors) or "1"
    terms = [_number(p.value) for p in e.paths]
    return sum_of(terms) + ("" if e.complete else f" + {symbol(bracketed(e.remainder))}")


def _joined(terms: list[str], e: PathExplanation) -> str:
    return sum_of(terms) + ("" if e.complete else r" + \dots")


def _number(x: float) -> str:
    return symbol(shown(x))


def _gradient(name: str) -> str:
    return rf"\mathrm{{d}}{symbol(name)}"


def _shape(shape: tuple[int, ...]) -> str:
    return rf"({', '.join(map(str, shape))})" if shape else r"\text{(a number)}"


def _size(line: Line) -> str:
    if line.value is None:
        return ""
    if np.size(line.value) == 1:
        return f"${_number(float(np.reshape(line.value, ())))}$"
    return rf"$\lVert\cdot\rVert = {_number(norm_of([line.value]))}$"


def _code(text: str) -> str:
    return f"`{text.replace('`', '')}`"
