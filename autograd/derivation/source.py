"""Functions out of files, of which only imports, definitions and constants are run."""

from __future__ import annotations

import ast
import linecache
import tokenize
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd.derivation.script import training_of
from autograd.errors import InvalidArgument, nearest

MOST_REPAIRS = 1000


def from_file(address: str) -> Callable[..., Any]:
    """The function of ``"file.py::name"`` or ``"file.py::Class.name"``; of ``"file.py::"`` the training loop.

    Raises:
        InvalidArgument: if there is no such file or function, or it does not parse.
    """
    path, _, name = address.partition("::")
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise InvalidArgument(f"{path} cannot be read: {e}") from None
    tree, text = _parsed(text, path)
    # Whoever asks for the source of a function is given the one that was compiled.
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    namespace: dict[str, Any] = {"__name__": Path(path).stem, "__file__": path, "xrange": range}
    missing: list[str] = []
    for statement in filter(_is_definition, tree.body):
        _define(statement, path, namespace, missing)
    if not name or name.isdigit():
        return training_of(tree, path, name, namespace)
    owner, _, attribute = name.partition(".")
    found = getattr(namespace.get(owner), attribute, None) if attribute else namespace.get(owner)
    if not callable(found):
        known = [k for k, v in namespace.items() if isinstance(v, (types.FunctionType, type))]
        failed = f" ({'; '.join(missing)})" if missing else ""
        raise InvalidArgument(f"{path} defines no function {name!r}{nearest(name, known)}{failed}")
    return found  # type: ignore[no-any-return]


def _define(statement: ast.stmt, path: str, namespace: dict[str, Any], missing: list[str]) -> None:
    """Run one definition; what fails, as an import of a package that is not there, may not be needed."""
    try:
        exec(compile(ast.Module([statement], []), path, "exec"), namespace)  # noqa: S102 - the user's own file
    except Exception as e:
        missing.append(f"line {statement.lineno}: {type(e).__name__}: {e}")
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            names = [(a.asname or a.name).partition(".")[0] for a in statement.names]
            namespace.update({n: Missing(n, str(e)) for n in names if n not in namespace})


class Missing:
    """What stands for an import that failed: an error as soon as it is used, but a base class of its own."""

    def __init__(self, name: str, why: str) -> None:
        self._name, self._why = name, why

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type]:
        return (_Base,)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - whatever it is called with
        """Refused."""
        raise ImportError(f"{self._name} cannot be used: {self._why}. Give it in inputs")

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return Missing(f"{self._name}.{attribute}", self._why)


class _Base:
    """In the place of a base class that is not there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass


def _is_definition(statement: ast.stmt) -> bool:
    """True for what a file says, False for what its script does."""
    if isinstance(statement, ast.Assign):
        try:
            ast.literal_eval(statement.value)
        except ValueError:
            return isinstance(statement.value, ast.Lambda)
        return True
    return isinstance(statement, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))


# -- Python 2 -------------------------------------------------------------------------------


def _parsed(text: str, path: str) -> tuple[ast.Module, str]:
    """The tree of a file, and its text without Python 2's print statements, on the same lines."""
    repaired = text
    for _ in range(MOST_REPAIRS):
        try:
            return ast.parse(repaired, path), repaired
        except TabError:
            if repaired == repaired.expandtabs():
                raise
            repaired = repaired.expandtabs()
        except SyntaxError as e:
            if "call to 'print'" not in e.msg:
                raise InvalidArgument(_complaint(path, e, text != repaired)) from None
            repaired = _without_statement(repaired, e)
    raise InvalidArgument(f"{path} has more than {MOST_REPAIRS} print statements of Python 2: convert it")


def _complaint(path: str, e: SyntaxError, older: bool) -> str:
    older = older or "exception types must be parenthesized" in e.msg
    hint = ": it is written for Python 2, convert it first" if older else ""
    return f"{path}, line {e.lineno}: {e.msg}{hint}"


def _without_statement(text: str, e: SyntaxError) -> str:
    """The text with ``pass`` in the place of a statement, and as many lines as before."""
    lines = text.splitlines(keepends=True)
    first, column = int(e.lineno or 1) - 1, int(e.offset or 1) - 1
    rest = [lines[first][column:], *lines[first + 1 :]]
    row, end = _end_of_statement(rest)
    head, tail = lines[first][:column], rest[row][end:]
    return "".join([*lines[:first], head, "pass ", "\\\n" * row, tail, *rest[row + 1 :]])


def _end_of_statement(lines: list[str]) -> tuple[int, int]:
    """Row and column where the first statement of these lines ends."""
    for token in tokenize.generate_tokens(iter([*lines, ""]).__next__):
        if token.type in (tokenize.NEWLINE, tokenize.COMMENT) or token.string == ";":
            return token.start[0] - 1, token.start[1]
    return 0, len(lines[0])
