"""The source of a loop over rounds: Python on local floats."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable

from autograd.compiling.expressions import TWICE, Expr, argument, expression
from autograd.compiling.program import Rounds, Variable

ARRAY_OF_FLOATS = "autograd.compiling.rolling.running:array_of_floats"
STATEMENTS = 16  # in a loop: where a round has fewer, several are run at once
PACKED = 4  # rounds at once, from which on floats go into an array at once, so that few are ever alive

Body = list[tuple[Variable, Expr]]


def statements_of(rounds: Rounds, names: dict[Variable, str], taken: set[str], longest: int) -> list[str]:
    """A loop, with what comes before and after it. The two names of a carried variable may become one."""
    body = _body(rounds, names, longest)
    copies = _with_shared_names(rounds, body, names)
    lines = [f"{names[v]} = {ast.unparse(argument(first, _spell(names)))}" for v, first, _ in rounds.carried]
    carried = {after: before for before, _, after in rounds.carried}
    at_once = 1 if rounds.sliced else max(1, STATEMENTS // (len(body) + len(copies)))
    packed = {array for _, array in rounds.kept if array.dtype == "float64" and at_once >= PACKED}
    lines += ["at = 0  # bytes"] if packed else []
    for v, array in rounds.kept:
        first = names[carried[v]] if array.size > rounds.length else ""
        lines.append(f"{names[array]} = " + (f"np.empty({array.size})" if array in packed else f"[{first}]"))
        lines += [f"{names[array]}[0] = {first}"] if first and array in packed else []
    for times, count in ((at_once, rounds.length // at_once), (1, rounds.length % at_once)):
        if count:
            lines.append(_head(rounds, names, count))
            lines += [f"    {text}" for text in _repeated(rounds, body, copies, names, taken, times, packed)]
    for array in [array for _, array in rounds.kept if array not in packed]:
        make = ARRAY_OF_FLOATS.split(":")[1] if array.dtype == "float64" else "np.array"
        lines.append(f"{names[array]} = {make}({names[array]})")
    return [*lines, *(f"{names[end]} = {names[v]}" for v, end in rounds.last)]


def _with_shared_names(rounds: Rounds, body: Body, names: dict[Variable, str]) -> dict[str, str]:
    """Give carried variables one name where that can be; the rest is copied at the end of a round."""
    copies: dict[str, str] = {}
    shared: set[Variable] = set()
    for before, _, after in rounds.carried:
        if after not in shared and _may_share(before, after, body, names):
            for _, expr in body:
                _rename(expr, {names[after]: names[before]})
            names[after] = names[before]
            shared.add(after)
        else:
            copies[names[before]] = names[after]
    return copies


def _repeated(
    rounds: Rounds,
    body: Body,
    copies: dict[str, str],
    names: dict[Variable, str],
    taken: set[str],
    times: int,
    packed: set[Variable],
) -> list[str]:
    """The statements of a number of rounds; what is kept of them has a name for each."""
    now: dict[str, str] = {}
    kept: dict[str, list[str]] = {names[v]: [] for v, _ in rounds.kept}
    used = {*taken, *names.values()}
    lines = []
    for k in range(times, 0, -1):
        for v, expr in body:
            text = ast.unparse(_rename(copy.deepcopy(expr), now))
            name = names[v]
            if name in kept:
                now[name] = name if k == 1 else _unused(f"{name}_{times + 1 - k}", used)
                kept[name].append(now[name])
            lines.append(f"{now.get(name, name)} = {text}")
        now |= {before: now.get(after, after) for before, after in copies.items()}
    lines += [f"{before} = {after}" for before, after in copies.items()]
    for v, array in rounds.kept:
        values = ", ".join(kept[names[v]])
        if array in packed:
            place = "at + 8" if array.size > rounds.length else "at"
            lines.append(f'struct.pack_into("{times}d", {names[array]}, {place}, {values})')
        else:
            lines.append(names[array] + (f".append({values})" if times == 1 else f" += {values}"))
    return [*lines, f"at += {8 * times}"] if packed else lines


def _unused(name: str, used: set[str]) -> str:
    while name in used:
        name += "_"
    used.add(name)
    return name


def _head(rounds: Rounds, names: dict[Variable, str], count: int) -> str:
    if not rounds.sliced:
        return f"for _ in range({count}):"
    items = ", ".join(names[item] for item, _ in rounds.sliced)
    lists = [f"{names[array]}.tolist()" for _, array in rounds.sliced]
    return f"for {items} in " + (lists[0] if len(lists) == 1 else f"zip({', '.join(lists)})") + ":"


def _spell(names: dict[Variable, str]) -> Callable[[Variable], Expr]:
    return lambda v: ast.Name(names[v])


def _body(rounds: Rounds, names: dict[Variable, str], longest: int) -> Body:
    """What is computed in a round; what is read once alone stands where it is read."""
    uses = Counter(v for line in rounds.lines for v in line.reads)
    kept = {v for v, _ in [*rounds.kept, *rounds.last]} | {after for _, _, after in rounds.carried}
    kept.update(v for line in rounds.lines if line.op in TWICE for v in line.reads)
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


def _may_share(before: Variable, after: Variable, body: Body, names: dict[Variable, str]) -> bool:
    """Whether nobody reads the old value after the new one is there."""
    made = next(i for i, (v, _) in enumerate(body) if v is after)
    return not any(_reads(expr, names[before]) for _, expr in body[made + 1 :])


def _reads(expr: Expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(expr))


def _rename(expr: Expr, names: dict[str, str]) -> Expr:
    for node in ast.walk(expr):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return expr
