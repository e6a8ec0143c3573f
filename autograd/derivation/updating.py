"""Statements that update a parameter by a gradient, and loops that do so round after round."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from autograd.derivation.naming import short

# Names of gradients and of rates: what is added to a parameter, but not to a state or a sum.
_GRADIENT = re.compile(
    r"(?i:.*(delta|grad|error|nabla|change|update|velocity|momentum).*)|d_\w+|d_?[A-Z]\w*|d[wbhxyz]\w{0,2}"
)
_RATE = re.compile(r"(?i:.*(rate|alpha|epsilon|step_size).*)|lr|eta|eps|LR")


def updated(statement: ast.stmt) -> list[ast.expr]:
    """What is updated: ``w -= lr*dw``, ``w = w - lr*dw``, ``w, b = step(w, b)``, ``np.add(., out=w)``."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, (ast.Add, ast.Sub)):
        targets: list[ast.expr] = [statement.target]
        known = True
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):  # out=w
        targets = [k.value for k in statement.value.keywords if k.arg == "out"]
        known = False
    elif isinstance(statement, ast.Assign):
        targets = [t for target in statement.targets for t in _single(target)]
        known = False
    else:
        return []
    words = set(_words(statement.value))
    if not any(_GRADIENT.fullmatch(word) or _RATE.fullmatch(word) for word in words):
        return []
    names = {name_of(target): target for target in targets}
    return [t for n, t in names.items() if (known or n in words) and not _GRADIENT.fullmatch(n)]


def is_update(text: str, name: str) -> bool:
    """True if a statement, as text, updates what has this short name; what helpers did has no text."""
    if not text:
        return True
    try:
        statements = ast.parse(text).body
    except SyntaxError:  # the head of a loop
        return False
    return any(name_of(target) == name for s in statements for target in updated(s))


def name_of(target: ast.expr) -> str:
    """The short name of what is assigned: ``self.params['W1']`` is W1, ``self.w[l]`` is w."""
    return short(ast.unparse(target))


def _single(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from _single(part)
    else:
        yield target


def _words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


# -- loops --------------------------------------------------------------------------------------


def one_round(definition: ast.FunctionDef, given: Collection[str]) -> None:
    """Leave every training loop after its first round: later ones start from other parameters.

    A training loop updates a parameter that other statements of it use. A loop over layers or
    parameters updates another one in each round, ``W[l]``, and runs to its end.
    """
    for loop in ast.walk(definition):
        if isinstance(loop, (ast.For, ast.While)) and _trains(loop, given):
            loop.body.append(ast.copy_location(ast.Break(), loop.body[-1]))


def _trains(loop: ast.For | ast.While, given: Collection[str]) -> bool:
    own = (
        {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
        if isinstance(loop, ast.For)
        else set()
    )
    statements = [n for n in ast.walk(loop) if isinstance(n, ast.stmt) and n is not loop]
    for statement in statements:
        for target in updated(statement):
            inside = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
            if (inside & own) or not (name_of(target) in given or inside & set(given)):
                continue
            simple = [s for s in statements if s is not statement and not hasattr(s, "body")]
            if any(name_of(target) in _words(s) and not updated(s) for s in simple):
                return True
    return False
