"""Run a plain Python function and record every value that its statements assign.

The source is parsed, a call of the recorder is put after each assignment, and the result is
compiled again; the function itself stays as it is. Item assignment and augmented assignment
become function calls, so that code which fills arrays in place runs on Values too: there
``h[t] = v`` binds a new Value to ``h``.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument, UnsupportedType
from autograd.functions.selection import as_index
from autograd.rules.selection import SCATTER
from autograd.value import Value

MOST_STEPS = 200_000


@dataclass(frozen=True)
class Step:
    """One assignment as it was made.

    Attributes:
        name: what was assigned, ``Z1`` or ``cache['Z1']``.
        value: a copy of the array or number, or the Value.
        line: of the source, from 1; 0 if there is none.
        text: the statement.
    """

    name: str
    value: Any
    line: int
    text: str = ""


@dataclass
class Run:
    """What one run of a function did.

    Attributes:
        steps: every assignment in order.
        names: the last value of each name.
        result: what it returned.
    """

    steps: list[Step] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    result: Any = None

    def note(self, name: str, value: Any, line: int, text: str = "") -> None:
        """Record one assignment, and the entries of a container."""
        if len(self.steps) >= MOST_STEPS:
            raise InvalidArgument(f"more than {MOST_STEPS} assignments were made: give a smaller case")
        self.names[name] = value
        if isinstance(value, dict):
            for key, item in value.items():
                if is_number(item):
                    self.steps.append(Step(f"{name}[{key!r}]", _frozen(item), line, text))
        elif isinstance(value, (list, tuple)):
            for i, item in enumerate(value):
                if is_number(item):
                    self.steps.append(Step(f"{name}[{i}]", _frozen(item), line, text))
        elif is_number(value):
            self.steps.append(Step(name, _frozen(value), line, text))

    def put(
        self, base: Any, index: Any, value: Any, name: str | None = None, line: int = 0, text: str = ""
    ) -> Any:
        """Record and make ``base[index] = value``; gives what is to be bound to the name of ``base``."""
        if name is not None:
            self.note(name, value, line, text)
        return _put(base, index, value)


def is_number(x: Any) -> bool:
    """True for numbers, arrays of numbers and Values."""
    if isinstance(x, Value):
        return True
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "fiub"
    return isinstance(x, (int, float, np.number)) and not isinstance(x, bool)


def _frozen(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def run(f: Callable[..., Any], arguments: dict[str, Any]) -> Run:
    """Call a function and record what it assigns; arrays among the arguments are copied first.

    Raises:
        UnsupportedType: if the source of the function cannot be read.
    """
    recorded = Run()
    instrumented = _instrumented(f, recorded)
    for name, value in arguments.items():
        recorded.names[name] = value
    recorded.result = instrumented(**{name: _fresh(value) for name, value in arguments.items()})
    return recorded


def _fresh(x: Any) -> Any:
    if isinstance(x, Value):
        return x
    if isinstance(x, dict):
        return {key: _fresh(item) for key, item in x.items()}
    if isinstance(x, (list, tuple)) and type(x) in (list, tuple):
        return type(x)(_fresh(item) for item in x)
    return copy.deepcopy(x) if isinstance(x, np.ndarray) else x


# -- instrumentation ----------------------------------------------------------------------

_NOTE, _PUT, _AUGMENT = "__note__", "__put__", "__augment__"


def _instrumented(f: Callable[..., Any], recorded: Run) -> Callable[..., Any]:
    bound = getattr(f, "__self__", None)
    plain = inspect.unwrap(getattr(f, "__func__", f))
    try:
        lines, first = inspect.getsourcelines(plain)
    except (OSError, TypeError):
        raise UnsupportedType(
            f"the source of {getattr(f, '__name__', f)!r} cannot be read: "
            "define it in a file or a notebook cell"
        ) from None
    tree = ast.parse(textwrap.dedent("".join(lines)))
    definition = next(
        (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == plain.__name__), None
    )
    if definition is None:
        raise UnsupportedType(f"{plain.__name__} is not defined by a def statement: use a def, not a lambda")
    definition.decorator_list = []
    instrumented = _Instrument(first - 1).visit(definition)
    namespace = dict(plain.__globals__)
    if plain.__closure__:
        cells = zip(plain.__code__.co_freevars, plain.__closure__, strict=True)
        namespace |= {name: cell.cell_contents for name, cell in cells}
    namespace |= {_NOTE: recorded.note, _PUT: recorded.put, _AUGMENT: augment}
    module = ast.fix_missing_locations(ast.Module([instrumented], []))
    exec(compile(module, plain.__code__.co_filename, "exec"), namespace)  # noqa: S102 - the user's own function
    made = namespace[plain.__name__]
    made.__defaults__, made.__kwdefaults__ = plain.__defaults__, plain.__kwdefaults__
    return types.MethodType(made, bound) if bound is not None else made


class _Instrument(ast.NodeTransformer):
    """Puts a call of the recorder after each assignment."""

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def visit_Assign(self, node: ast.Assign) -> Any:
        """``a = b``, ``a, b = c`` and ``a[i] = b``."""
        text, line = ast.unparse(node), node.lineno + self.offset
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
            return self._item(node.targets[0], node.value, text, line)
        return [node, *self._notes(node.targets, text, line)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        """``a: T = b``."""
        if node.value is None:
            return node
        return [node, *self._notes([node.target], ast.unparse(node), node.lineno + self.offset)]

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """``a += b``, also of an item."""
        text, line = ast.unparse(node), node.lineno + self.offset
        current = _loaded(node.target)
        operator = ast.Constant(type(node.op).__name__)
        value = ast.Call(ast.Name(_AUGMENT, ast.Load()), [operator, current, node.value], [])
        if isinstance(node.target, ast.Subscript):
            return self._item(node.target, value, text, line)
        return [ast.Assign([node.target], value), *self._notes([node.target], text, line)]

    def visit_Return(self, node: ast.Return) -> Any:
        """The names of what is returned are those of the expressions."""
        if node.value is None:
            return node
        text, line = ast.unparse(node), node.lineno + self.offset
        kept = ast.Assign([ast.Name("__returned__", ast.Store())], node.value)
        notes = []
        if isinstance(node.value, ast.Tuple):
            for i, part in enumerate(node.value.elts):
                if not isinstance(part, ast.Name):
                    item = ast.Subscript(ast.Name("__returned__", ast.Load()), ast.Constant(i), ast.Load())
                    notes.append(self._note(f"return[{i}]", item, text, line))
        elif not isinstance(node.value, ast.Name):
            notes.append(self._note("return", ast.Name("__returned__", ast.Load()), text, line))
        return [kept, *notes, ast.Return(ast.Name("__returned__", ast.Load()))]

    def visit_For(self, node: ast.For) -> Any:
        """Loop variables are assigned as well."""
        self.generic_visit(node)
        notes = self._notes([node.target], ast.unparse(node.target), node.lineno + self.offset)
        node.body = notes + node.body
        return node

    def _item(self, target: ast.Subscript, value: ast.expr, text: str, line: int) -> list[ast.stmt]:
        noted = [ast.Constant(ast.unparse(target)), ast.Constant(line), ast.Constant(text)]
        while True:
            arguments = [_loaded(target.value), _index(target.slice), value, *noted]
            value, noted = ast.Call(ast.Name(_PUT, ast.Load()), arguments, []), []
            if not isinstance(target.value, ast.Subscript):
                break
            target = target.value
        if isinstance(target.value, (ast.Name, ast.Attribute)):
            base = copy.deepcopy(target.value)
            base.ctx = ast.Store()
            return [ast.Assign([base], value)]
        return [ast.Expr(value)]

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
        return ast.Expr(ast.Call(ast.Name(_NOTE, ast.Load()), arguments, []))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        """The outermost function is instrumented; those inside it are left alone."""
        if getattr(self, "inside", False):
            return node
        self.inside = True
        self.generic_visit(node)
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


def _put(base: Any, index: Any, value: Any) -> Any:
    """``base[index] = value``; a new Value where numbers that need a gradient go into an array."""
    if isinstance(base, Value) or (isinstance(base, np.ndarray) and isinstance(value, Value)):
        index = as_index(index)
        here = np.zeros(np.shape(base), bool)
        here[index] = True
        wide = np.broadcast_to(value, np.shape(here[index]))
        placed = SCATTER(wide, index=index, shape=np.shape(base))
        return np.where(here, placed, base)
    base[index] = value
    return base


_AUGMENTED: dict[str, Callable[[Any, Any], Any]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mult": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "MatMult": lambda a, b: a @ b,
    "Pow": lambda a, b: a**b,
    "FloorDiv": lambda a, b: a // b,
    "Mod": lambda a, b: a % b,
}
_IN_PLACE: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mult": np.multiply,
    "Div": np.divide,
}


def augment(operator: str, current: Any, value: Any) -> Any:
    """``current += value`` and its like: in place for arrays, as in NumPy, if no Value takes part."""
    if isinstance(current, np.ndarray) and not isinstance(value, Value) and operator in _IN_PLACE:
        return _IN_PLACE[operator](current, value, out=current)
    return _AUGMENTED[operator](current, value)
