"""The source of a loop over rounds: Python on local floats."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable

from autograd.compiling.expressions import Expr, argument, call, expression
from autograd.compiling.program import Rounds, Variable

ARRAY_OF_FLOATS = "autograd.compiling.rolling.running:array_of_floats"


def statements_of(rounds: Rounds, names: dict[Variable, str], longest: int) -> list[str]:
    """A loop, with what comes before and after it. Names of carried variables change to one a pair."""
    body = _body(rounds, names, longest)
    copies = []
    shared: set[Variable] = set()
    for before, _, after in rounds.carried:
        if after not in shared and _may_share(before, after, body, names):
            _rename(names[after], names[before], body)
            names[after] = names[before]
            shared.add(after)
        else:
            copies.append(f"{names[before]} = {names[after]}")
    lines = [f"{names[v]} = {ast.unparse(argument(first, _spell(names)))}" for v, first, _ in rounds.carried]
    carried = {after: before for before, _, after in rounds.carried}
    inner = []
    for v, expr in body:
        inner.append(f"{names[v]} = {ast.unparse(expr)}")
    for v, array in rounds.kept:
        longer = array.shape[0] > rounds.length
        lines.append(f"{names[array]} = [{names[carried[v]] if longer else ''}]")
        inner.append(f"{names[array]}.append({names[v]})")
    lines += [_head(rounds, names), *(f"    {text}" for text in [*inner, *copies])]
    for _, array in rounds.kept:
        make = ARRAY_OF_FLOATS.split(":")[1] if array.dtype == "float64" else "np.array"
        lines.append(f"{names[array]} = {make}({names[array]})")
    return [*lines, *(f"{names[end]} = {names[v]}" for v, end in rounds.last)]


def _head(rounds: Rounds, names: dict[Variable, str]) -> str:
    if not rounds.sliced:
        return f"for _ in range({rounds.length}):"
    items = ", ".join(names[item] for item, _ in rounds.sliced)
    lists = [f"{names[array]}.tolist()" for _, array in rounds.sliced]
    return f"for {items} in " + (lists[0] if len(lists) == 1 else f"zip({', '.join(lists)})") + ":"


def _spell(names: dict[Variable, str]) -> Callable[[Variable], Expr]:
    return lambda v: ast.Name(names[v])


def _body(rounds: Rounds, names: dict[Variable, str], longest: int) -> list[tuple[Variable, Expr]]:
    """What is computed in a round; what is read once alone stands where it is read."""
    uses = Counter(v for line in rounds.lines for v in line.reads)
    kept = {v for v, _ in [*rounds.kept, *rounds.last]} | {after for _, _, after in rounds.carried}
    inside: dict[Variable, Expr] = {}

    def spell(v: Variable) -> Expr:
        return inside.pop(v) if v in inside else ast.Name(names[v])

    body = []
    for line in rounds.lines:
        expr = expression(line, spell)
        if line.output not in kept and uses[line.output] == 1 and len(ast.unparse(expr)) <= longest:
            inside[line.output] = expr
        else:
            body.append((line.output, expr))
    return body


def _reads(expr: Expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(expr))


def _may_share(
    before: Variable, after: Variable, body: list[tuple[Variable, Expr]], names: dict[Variable, str]
) -> bool:
    """Whether nobody reads the old value after the new one is there."""
    made = next(i for i, (v, _) in enumerate(body) if v is after)
    return not any(_reads(expr, names[before]) for _, expr in body[made + 1 :])


def _rename(old: str, new: str, body: list[tuple[Variable, Expr]]) -> None:
    for _, expr in body:
        for node in ast.walk(expr):
            if isinstance(node, ast.Name) and node.id == old:
                node.id = new
