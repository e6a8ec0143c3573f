"""Functions compiled anew from their source, with a call of a recorder after each assignment.

Item assignment and augmented assignment become calls as well, so that code which fills arrays
in place runs on Values too: there ``h[t] = v`` binds a new Value to ``h``. The function itself
stays as it is.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import textwrap
import types
from collections.abc import Callable, Collection, Mapping
from typing import Any

from autograd.derivation.naming import RETURN
from autograd.derivation.updating import one_round
from autograd.errors import UnsupportedType

NOTE, PUT, AUGMENT, START, FLOAT = "__note__", "__put__", "__augment__", "__start__", "__float__"
WRITERS = ("copyto", "put", "place", "putmask", "put_along_axis", "fill_diagonal")  # np.copyto(a, b)


def instrumented(
    f: Callable[..., Any],
    hooks: Mapping[str, Any],
    others: Mapping[str, Any],
    instance: Any = None,
    starts: Collection[str] = (),
    trained: Collection[str] = (),
) -> Callable[..., Any]:
    """A copy of a function that calls the hooks.

    Args:
        f: a function or method whose source can be read.
        hooks: what ``NOTE``, ``PUT``, ``AUGMENT``, ``START`` and ``FLOAT`` stand for.
        others: further names it may use, in the place of globals.
        instance: the object that a method is bound to instead of its own.
        starts: names whose values ``START`` may replace after an assignment.
        trained: parameters; of a loop that updates them only one round is run.

    Raises:
        UnsupportedType: if the source cannot be read.
    """
    plain = inspect.unwrap(getattr(f, "__func__", f))
    code, owner = _compiled(plain, frozenset(starts), frozenset(trained))
    namespace: dict[str, Any] = {"xrange": range} | dict(plain.__globals__)
    cells = zip(plain.__code__.co_freevars, plain.__closure__ or (), strict=True)
    namespace |= {name: cell.cell_contents for name, cell in cells}
    namespace |= {name: x for name, x in others.items() if name.isidentifier()} | dict(hooks)
    made = _made(plain.__name__, code, owner, namespace)
    made.__defaults__, made.__kwdefaults__ = plain.__defaults__, plain.__kwdefaults__
    return types.MethodType(made, instance) if instance is not None else made


def _made(name: str, code: types.CodeType, owner: str, namespace: dict[str, Any]) -> Any:
    """The function, with these globals."""
    outer = dict(namespace)
    exec(code, namespace)  # noqa: S102 - the user's own function
    if not owner:
        return namespace[name]
    made = vars(namespace.pop(owner))[name]
    namespace.update({owner: outer[owner]} if owner in outer else {})
    return made


@functools.lru_cache(maxsize=32)  # a derivation runs the same two functions at many points
def _compiled(plain: Any, starts: frozenset[str], trained: frozenset[str]) -> tuple[types.CodeType, str]:
    """The code of the definition, and the class it is in, so that ``self.__name`` is what it was."""
    definition, first = definition_of(plain)
    definition.decorator_list = []
    one_round(definition, trained)
    statement: ast.stmt = _Instrument(first - 1, starts).visit(definition)
    owner = next(iter(plain.__qualname__.split(".")[-2:-1]), "").replace("<locals>", "")
    if owner:
        inside, statement = statement, ast.parse(f"class {owner}: pass").body[0]
        statement.body = [inside]  # type: ignore[attr-defined]
    module = ast.fix_missing_locations(ast.Module([statement], []))
    ast.increment_lineno(module, first - 1)
    return compile(module, plain.__code__.co_filename, "exec"), owner


def definition_of(plain: Any) -> tuple[ast.FunctionDef, int]:
    """The syntax tree of a function, and the line on which it starts."""
    if hasattr(plain, "__definition__"):
        return copy.deepcopy(plain.__definition__), 1
    try:
        lines, first = inspect.getsourcelines(plain)
    except (OSError, TypeError):
        raise UnsupportedType(
            f"the source of {getattr(plain, '__name__', plain)!r} cannot be read: "
            "define it in a file or a notebook cell"
        ) from None
    try:
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except SyntaxError:  # a lambda in the middle of a statement
        tree = ast.Module([], [])
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == plain.__name__]
    if not found:
        raise UnsupportedType(f"{plain.__name__} is not defined by a def statement: use a def, not a lambda")
    return found[0], first


class _Instrument(ast.NodeTransformer):
    """Puts a call of the recorder after each assignment."""

    def __init__(self, offset: int, starts: Collection[str]) -> None:
        self.offset = offset
        self.starts = starts

    def visit(self, node: ast.AST) -> Any:
        """What takes the place of a statement is on its line."""
        made = super().visit(node)
        if isinstance(node, ast.stmt) and isinstance(made, list):
            for statement in made:
                ast.fix_missing_locations(ast.copy_location(statement, node))
        return made

    def visit_Assign(self, node: ast.Assign) -> Any:
        """``a = b``, ``a, b = c`` and ``a[i] = b``."""
        text, line = ast.unparse(node), node.lineno + self.offset
        node.value = self.visit(node.value)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
            return self._item(node.targets[0], node.value, text, line)
        return [node, *self._started(node.targets), *self._notes(node.targets, text, line)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        """``a: T = b``."""
        if node.value is None:
            return node
        return [node, *self._notes([node.target], ast.unparse(node), node.lineno + self.offset)]

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """``a += b``, also of an item."""
        text, line = ast.unparse(node), node.lineno + self.offset
        node.value = self.visit(node.value)
        current = _loaded(node.target)
        operator = ast.Constant(type(node.op).__name__)
        value = ast.Call(ast.Name(AUGMENT, ast.Load()), [operator, current, node.value], [])
        if isinstance(node.target, ast.Subscript):
            return self._item(node.target, value, text, line)
        return [ast.Assign([node.target], value), *self._notes([node.target], text, line)]

    def visit_Expr(self, node: ast.Expr) -> Any:
        """``np.add.at(a, i, b)`` writes into its first argument, ``a.append(b)`` into what it belongs to."""
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            return node
        text, line = ast.unparse(node), node.lineno + self.offset
        node.value = self.visit(call)
        method, owner = call.func.attr, call.func.value
        if method in ("at", *WRITERS):
            return [node, *self._notes(call.args[:1], text, line)]
        if out := [k.value for k in call.keywords if k.arg == "out"]:
            return [node, *self._notes(out, text, line)]
        if method in ("update", "fill", "sort"):
            return [node, *self._notes([owner], text, line)]
        if method in ("append", "insert") and isinstance(owner, (ast.Name, ast.Attribute)):
            index = ast.Constant(-1) if method == "append" else call.args[0]
            item = ast.Subscript(_loaded(owner), index, ast.Load())
            return [node, self._note(ast.unparse(item), item, text, line)]
        return node

    def visit_Return(self, node: ast.Return) -> Any:
        """What is returned is recorded with its parts: ``return[0]``."""
        if node.value is None:
            return node
        text, line = ast.unparse(node), node.lineno + self.offset
        kept = ast.Assign([ast.Name("__returned__", ast.Store())], self.visit(node.value))
        returned = ast.Name("__returned__", ast.Load())
        return [kept, self._note(RETURN, returned, text, line), ast.Return(returned)]

    def visit_For(self, node: ast.For) -> Any:
        """Loop variables are assigned as well."""
        self.generic_visit(node)
        notes = self._notes([node.target], ast.unparse(node.target), node.lineno + self.offset)
        node.body = notes + node.body
        return node

    def _item(self, target: ast.Subscript, value: ast.expr, text: str, line: int) -> list[ast.stmt]:
        names = [ast.Constant(ast.unparse(target)), ast.Constant(ast.unparse(target.value))]
        noted: list[ast.expr] = [*names, ast.Constant(line), ast.Constant(text)]
        while True:
            arguments = [_loaded(target.value), _index(target.slice), value, *noted]
            value, noted = ast.Call(ast.Name(PUT, ast.Load()), arguments, []), []
            if not isinstance(target.value, ast.Subscript):
                break
            target = target.value
        if isinstance(target.value, (ast.Name, ast.Attribute)):
            base = copy.deepcopy(target.value)
            base.ctx = ast.Store()
            return [ast.Assign([base], value)]
        return [ast.Expr(value)]

    def _started(self, targets: list[Any]) -> list[ast.stmt]:
        """``w = __start__("w", w)``: a value given from outside in the place of the one made here."""
        names = [n for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
        return [
            ast.Assign([n], ast.Call(ast.Name(START, ast.Load()), [ast.Constant(n.id), _loaded(n)], []))
            for n in names
            if n.id in self.starts and isinstance(n.ctx, ast.Store)
        ]

    def _notes(self, targets: list[Any], text: str, line: int) -> list[ast.stmt]:
        notes: list[ast.stmt] = []
        for target in targets:
            if isinstance(target, (ast.Tuple, ast.List)):
                notes += self._notes(target.elts, text, line)
            elif isinstance(target, (ast.Name, ast.Attribute, ast.Subscript)):
                notes.append(self._note(ast.unparse(target), _loaded(target), text, line))
        return notes

    def _note(self, name: str, value: ast.expr, text: str, line: int) -> ast.stmt:
        arguments = [ast.Constant(name), value, ast.Constant(line), ast.Constant(text)]
        return ast.Expr(ast.Call(ast.Name(NOTE, ast.Load()), arguments, []))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        """The outermost function is instrumented; those inside it are left alone."""
        if getattr(self, "inside", False):
            return node
        self.inside = True
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """``float(cost)`` keeps the graph of a cost."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "float" and len(node.args) == 1:
            node.func = ast.Name(FLOAT, ast.Load())
        return node

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        """Left alone."""
        return node


def _loaded(target: ast.expr) -> ast.expr:
    loaded = copy.deepcopy(target)
    for node in ast.walk(loaded):
        if hasattr(node, "ctx"):
            node.ctx = ast.Load()
    return loaded


def _index(index: ast.expr) -> ast.expr:
    """A subscript as an argument: slices become calls of ``slice``."""
    if isinstance(index, ast.Slice):
        parts = [p if p is not None else ast.Constant(None) for p in (index.lower, index.upper, index.step)]
        return ast.Call(ast.Name("slice", ast.Load()), parts, [])
    if isinstance(index, ast.Tuple):
        return ast.Tuple([_index(part) for part in index.elts], ast.Load())
    return index
