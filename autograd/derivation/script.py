"""The training loop of a script that has no functions, as a function."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from autograd.derivation.updating import updated
from autograd.errors import InvalidArgument

NAME = "training"


def training_of(tree: ast.Module, path: str, which: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The loop of ``"file.py::"``, or of ``"file.py::27"`` by its line if there are several.

    What it updates, and whatever it reads before it assigns it, becomes a parameter.

    Raises:
        InvalidArgument: if there is no such loop.
    """
    loops = [s for s in tree.body if isinstance(s, (ast.For, ast.While)) and _updates(s)]
    lines = ", ".join(str(s.lineno) for s in loops)
    if not loops:
        raise InvalidArgument(f"{path} has no loop that trains outside of its functions: name a function")
    if not which and len(loops) > 1:
        raise InvalidArgument(f"{path} trains in the loops of the lines {lines}: name one, {path}::line")
    chosen = [s for s in loops if not which or s.lineno == int(which)]
    if not chosen:
        raise InvalidArgument(f"{path} has no loop that trains in line {which}: there are those of {lines}")
    return _function(chosen[0], path, namespace)


def _updates(loop: ast.stmt) -> bool:
    return any(updated(s) for s in ast.walk(loop) if isinstance(s, ast.stmt))


def _function(loop: ast.For | ast.While, path: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    parameters = sorted(_read_first(loop), key=lambda name: name in namespace)
    arguments = ast.arguments([], [ast.arg(name) for name in parameters], None, [], [], None, [])
    definition = ast.FunctionDef(NAME, arguments, [loop], [])
    ast.fix_missing_locations(ast.copy_location(definition, loop))
    exec(compile(ast.Module([definition], []), path, "exec"), namespace)  # noqa: S102 - the user's own file
    made: Any = namespace[NAME]
    made.__defaults__ = tuple(namespace[name] for name in parameters if name in namespace)
    made.__definition__ = definition  # there is no source with a def
    return made  # type: ignore[no-any-return]


def _read_first(loop: ast.stmt) -> set[str]:
    """Names that a loop assigns, but that have to be there before."""
    read: dict[str, int] = {}
    written: dict[str, int] = {}
    for node in ast.walk(loop):
        if isinstance(node, ast.Name):
            first = read if isinstance(node.ctx, ast.Load) else written
            first[node.id] = min(node.lineno, first.get(node.id, node.lineno))
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            read[node.target.id] = min(node.lineno, read.get(node.target.id, node.lineno))
    return {name for name, line in written.items() if name in read and read[name] <= line}
