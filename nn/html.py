"""A module as a table for notebooks: what it is made of, with the shapes and numbers of parameters."""

from __future__ import annotations

from autograd.html import plain, table
from nn.module import Module, Parameter, _parts

MOST_ROWS = 60


def module_html(module: Module) -> str:
    """A row for each module inside, indented as it is nested; the total below.

    >>> from nn import MLP
    >>> html = module_html(MLP(3, [4, 1], rng=0))
    >>> "weight (4, 3), bias (4,)" in html, "21 parameters" in html
    (True, True)
    """
    modules = list(module.named_modules())
    rows = [_row(path, part) for path, part in modules]
    if len(rows) > MOST_ROWS:
        left_out = f"… {len(rows) - MOST_ROWS} more …"
        rows[MOST_ROWS // 2 : -MOST_ROWS // 2] = [(plain(left_out), "", "", "")]
    parameters = module.parameters()
    trained = sum(p.size for p in parameters if p.requires_grad)
    total = sum(p.size for p in parameters)
    foot = f"{total:,} parameters" + ("" if trained == total else f", {trained:,} of them trained")
    return table(rows, columns=("path", "module", "parameters", "number"), foot=foot)


def _row(path: str, module: Module) -> tuple[str, str, str, str]:
    own = [(name, p) for name, p in _parts(module) if isinstance(p, Parameter)]
    shapes = ", ".join(f"{name} {p.shape if p.ndim else ''}".strip() for name, p in own)
    depth = sum(not step.isdigit() for step in path.split(".")) if path else 0
    indent = f'<span style="padding-left: {1.2 * depth:g}em">{plain(path or "(itself)")}</span>'
    extra = module.extra_repr()
    number = sum(p.size for _, p in own)
    return indent, plain(f"{type(module).__name__}({extra})"), plain(shapes), f"{number:,}" if own else ""
