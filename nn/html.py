"""A module as a table for notebooks: what it is made of, with the shapes and numbers of parameters."""

from __future__ import annotations

from typing import Any

from autograd.html import plain, table
from nn.module import Module, Parameter, _parts, _walk, is_function_in_a_row, name_of

MOST_ROWS = 60


def module_html(module: Module) -> str:
    """A row for each module inside, and for functions in rows, indented as it is nested; the total below.

    >>> from nn import MLP
    >>> html = module_html(MLP(3, [4, 1], rng=0))
    >>> "weight (4, 3), bias (4,)" in html, "21 parameters" in html
    (True, True)
    """
    rows = [
        _row(path, part)
        for path, part in _walk(module, object)
        if isinstance(part, Module) or is_function_in_a_row(path, part)
    ]
    if len(rows) > MOST_ROWS:
        left_out = f"… {len(rows) - MOST_ROWS} more …"
        rows[MOST_ROWS // 2 : -MOST_ROWS // 2] = [(plain(left_out), "", "", "")]
    parameters = module.parameters()
    trained = sum(p.size for p in parameters if p.requires_grad)
    total = sum(p.size for p in parameters)
    foot = f"{total:,} parameters" + ("" if trained == total else f", {trained:,} of them trained")
    return table(rows, columns=("path", "module", "parameters", "number"), foot=foot)


def _row(path: str, part: Any) -> tuple[str, str, str, str]:
    depth = sum(not step.isdigit() for step in path.split(".")) if path else 0
    indent = f'<span style="padding-left: {1.2 * depth:g}em">{plain(path or "(itself)")}</span>'
    if not isinstance(part, Module):
        return indent, plain(name_of(part)), "", ""
    own = [(name, p) for name, p in _parts(part) if isinstance(p, Parameter)]
    shapes = ", ".join(f"{name} {p.shape if p.ndim else ''}".strip() for name, p in own)
    number = sum(p.size for _, p in own)
    return (
        indent,
        plain(f"{type(part).__name__}({part.extra_repr()})"),
        plain(shapes),
        f"{number:,}" if own else "",
    )
