"""One line of a program as an expression of Python and NumPy."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiling import operations
from autograd.compiling.operations import REDUCTIONS, is_elementwise
from autograd.compiling.program import Line, Variable

INFIX: dict[str, ast.operator] = {
    "add": ast.Add(), "subtract": ast.Sub(), "multiply": ast.Mult(), "divide": ast.Div(),
    "matmul": ast.MatMult(), "remainder": ast.Mod(), "floor_divide": ast.FloorDiv(),
}  # fmt: skip
COMPARED: dict[str, ast.cmpop] = {
    "less": ast.Lt(), "less_equal": ast.LtE(), "greater": ast.Gt(), "greater_equal": ast.GtE(),
    "equal": ast.Eq(), "not_equal": ast.NotEq(),
}  # fmt: skip

# Functions of floats: where NumPy has an infinity or NaN these raise, and the engine takes over.
MATH = {
    "exp": "exp", "expm1": "expm1", "log": "log", "log2": "log2", "log10": "log10", "log1p": "log1p",
    "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos",
    "arctan": "atan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2", "hypot": "hypot", "power": "pow",
    "degrees": "degrees", "radians": "radians", "copysign": "copysign",
}  # fmt: skip

# Python's own remainder has another sign of zero; NumPy's is taken for these.
_NOT_FOR_FLOATS = {"remainder", "floor_divide", "matmul"}

# Of floats, these are written with an operand twice: it must be a name.
TWICE = {"maximum", "minimum"}

# Operations that give a NumPy scalar rather than an array without dimensions.
_OF_SCALARS = {"mean", "item", "matmul", "dot", "vdot", "astype"}

Expr = ast.expr
Spell = Callable[[Variable], Expr]


def expression(line: Line, spell: Spell, out: str = "") -> Expr:
    """The line as an expression; ``spell`` gives that of a variable, ``out`` the array to write to."""
    indexed = line.op == "getitem" and len(line.inputs) == 2
    args = [(index if indexed and k else argument)(x, spell) for k, x in enumerate(line.inputs)]
    if _is_of_floats(line):
        return _of_floats(line, args)
    if line.op == "dot":
        product = call(ast.Attribute(args[0], "dot"), args[1:] + ([_name(out)] if out else []), {})
        return call(_name("float"), [product], {}) if line.output.weak else product
    if out:
        options = _options(line, spell) | {"out": _name(out)}
        return call(_numpy(line.op), args, options)
    found = _of_arrays(line, args, spell)
    # Python's floats adapt to the type of arrays, NumPy's do not; nor do arrays without dimensions.
    if line.output.weak and line.output.dtype == "float64" and not _is_of_list(line):
        found = args[0] if line.op == "astype" else found
        return call(_name("float"), [found], {})
    return ast.Subscript(found, ast.Tuple([], ast.Load())) if _is_array_of_one(line) else found


def _is_of_list(line: Line) -> bool:
    return line.op == "item" and line.inputs[0].dtype == "list"


def _is_array_of_one(line: Line) -> bool:
    """True if NumPy may give an array without dimensions, where the engine has a number."""
    op, out = line.op, line.output
    if out.shape or out.weak or out.dtype in ("tuple", "list", "generator"):
        return False
    if op == "getitem":
        return Ellipsis in (line.inputs[1] if isinstance(line.inputs[1], tuple) else line.inputs[1:])
    return not (is_elementwise(op) or op.endswith(".reduce") or op in REDUCTIONS or op in _OF_SCALARS)


def _is_of_floats(line: Line) -> bool:
    """True if everything is a Python number, and the operation has a form for these."""
    if not all(v.weak or (line.op == "where" and v.dtype == "bool" and not v.shape) for v in line.reads):
        return False
    if line.options or not (line.output.weak or line.output.dtype == "bool"):
        return False
    if line.op == "where" and line.inputs[0].__class__ is not bool:
        return True
    known = (line.op in INFIX and line.op not in _NOT_FOR_FLOATS) or line.op in COMPARED or line.op in MATH
    return known or line.op in ("negative", "absolute", "maximum", "minimum") or line.op == "positive"


def may_raise(line: Line) -> bool:
    """True if the line is one of Python's numbers that has an error where NumPy has an infinity or NaN."""
    return (line.op in MATH or line.op == "divide") and _is_of_floats(line) and operations.may_raise(line)


def _of_floats(line: Line, args: list[Expr]) -> Expr:
    op = line.op
    if op in INFIX:
        return _infix(op, *args)
    if op in COMPARED:
        return ast.Compare(args[0], [COMPARED[op]], [args[1]])
    if op in MATH:
        return call(_name(MATH[op]), args, {})
    if op == "negative":
        return ast.UnaryOp(ast.USub(), args[0])
    if op == "absolute":
        return call(_name("abs"), args, {})
    if op == "where":
        return ast.IfExp(args[0], args[1], args[2])
    if op == "positive":
        return args[0]
    # NaN is kept: a comparison with it is false.
    a, b = args
    number = isinstance(line.inputs[1], float)
    if not number:
        return call(_name("float"), [call(_numpy(op), args, {})], {})
    return ast.IfExp(ast.Compare(a, [ast.LtE() if op == "maximum" else ast.GtE()], [b]), b, a)


def _infix(op: str, a: Expr, b: Expr) -> Expr:
    """``a - 2 * b`` for ``a + -2 * b``."""
    positive = without_sign(b) if op in ("add", "subtract") else None
    if positive is None:
        return ast.BinOp(a, INFIX[op], b)
    return ast.BinOp(a, INFIX["subtract" if op == "add" else "add"], positive)


def changed(name: str, text: str, is_array: bool) -> str:
    """The statement that gives a variable, or the elements of an array, new values: ``w -= lr * dw``."""
    expr = ast.parse(text, mode="eval").body
    if isinstance(expr, ast.BinOp) and isinstance(expr.left, ast.Name) and expr.left.id == name:
        return ast.unparse(ast.AugAssign(expr.left, expr.op, expr.right))
    return f"{name}{'[...]' if is_array else ''} = {text}"


def without_sign(x: Expr) -> Expr | None:
    """A product or quotient without the minus sign that it begins with; None if it has none."""
    if isinstance(x, ast.UnaryOp) and isinstance(x.op, ast.USub):
        return x.operand
    if isinstance(x, ast.BinOp) and isinstance(x.op, (ast.Mult, ast.Div)):
        left = without_sign(x.left)
        return None if left is None else ast.BinOp(left, x.op, x.right)
    return None


def _of_arrays(line: Line, args: list[Expr], spell: Spell) -> Expr:
    op, options = line.op, _options(line, spell)
    if op in INFIX and not options:
        return _infix(op, *args)
    if op in COMPARED and not options:
        return ast.Compare(args[0], [COMPARED[op]], [args[1]])
    if op == "negative":
        return ast.UnaryOp(ast.USub(), args[0])
    if op == "tolist":
        return call(ast.Attribute(args[0], op), [], {})
    if op in ("getitem", "item"):
        x = line.inputs[0]
        if isinstance(x, Variable) and x.weak:
            return ast.Subscript(call(_numpy("asarray"), [args[0]], {}), args[1])
        return ast.Subscript(args[0], args[1])
    if op == "transpose" and _is_none(line.inputs[1:]):
        return ast.Attribute(args[0], "T")
    if op in ("reshape", "swapaxes") and isinstance(line.inputs[0], Variable) and not line.inputs[0].weak:
        return call(ast.Attribute(args[0], op), args[1:], options)
    if op == "astype":
        return _astype(line, args, options)
    if op.startswith("rng."):
        return call(ast.Attribute(args[0], op.removeprefix("rng.")), args[1:], options)
    return call(_numpy(op), args, options)


def _astype(line: Line, args: list[Expr], options: dict[str, Expr]) -> Expr:
    dtype = args[1]
    x = line.inputs[0]
    if isinstance(x, Variable) and x.shape and not x.weak:
        return call(ast.Attribute(args[0], "astype"), [dtype], {})
    return call(dtype, [args[0]], {})


def _is_none(rest: tuple[Any, ...]) -> bool:
    return not rest or rest == (None,)


def _options(line: Line, spell: Spell) -> dict[str, Expr]:
    if ":" in line.op:  # of this library: it takes what it is given, and has no defaults
        return {key: argument(x, spell) for key, x in line.options.items()}
    given = {key: x for key, x in line.options.items() if not _is_default(line, key, x)}
    return {key: argument(_short(key, x), spell) for key, x in given.items()}


def _is_default(line: Line, key: str, x: Any) -> bool:
    """True for an option that NumPy takes anyway."""
    if key == "axis" and line.op in REDUCTIONS and x in (0, (0,)):  # of a vector
        return len(line.reads[0].shape) == 1 and not line.options.get("keepdims")
    none = key == "axis" and x is None and not line.op.endswith(".reduce")
    return none or (key in ("keepdims", "optimize") and x is False)


def _short(key: str, x: Any) -> Any:
    """``axis=0`` for ``axis=(0,)``."""
    return x[0] if key == "axis" and isinstance(x, tuple) and len(x) == 1 else x


def _numpy(op: str) -> Expr:
    """The function of an operation."""
    if ":" in op:
        return _name(op.split(":")[1])
    if op.startswith("special."):
        return _name(op.replace(".", "_"))
    found: Expr = _name("np")
    for part in op.split("."):
        found = ast.Attribute(found, part)
    return found


def _name(text: str) -> Expr:
    return ast.Name(text)


def call(f: Expr, args: list[Expr], options: dict[str, Expr]) -> Expr:
    """``f(*args, **options)``."""
    return ast.Call(f, args, [ast.keyword(key, x) for key, x in options.items()])


def index(x: Any, spell: Spell) -> Expr:
    """What stands between the brackets: slices with colons."""
    if isinstance(x, slice):
        parts = [None if p is None else argument(p, spell) for p in (x.start, x.stop, x.step)]
        return ast.Slice(*parts)
    if isinstance(x, tuple):
        items = [index(item, spell) for item in x]
        return items[0] if len(items) == 1 else ast.Tuple(items, ast.Load())
    return argument(x, spell)


def argument(x: Any, spell: Spell) -> Expr:
    """An argument: a variable, a number, or nested tuples, lists and slices of them."""
    if isinstance(x, Variable):
        return spell(x)
    if isinstance(x, tuple):
        return ast.Tuple([argument(item, spell) for item in x], ast.Load())
    if isinstance(x, list):
        return ast.List([argument(item, spell) for item in x])
    if isinstance(x, slice):
        parts = [None if p is None else argument(p, spell) for p in (x.start, x.stop, x.step)]
        return call(_name("slice"), [ast.Constant(None) if p is None else p for p in parts], {})
    if isinstance(x, np.dtype):
        return ast.Attribute(_name("np"), x.name)
    if isinstance(x, np.generic):
        return call(ast.Attribute(_name("np"), x.dtype.name), [_number(x.item())], {})
    if isinstance(x, type) and issubclass(x, np.generic):
        return ast.Attribute(_name("np"), x.__name__)
    if isinstance(x, type):
        return _name(x.__name__)
    return _number(x)


def _number(x: Any) -> Expr:
    """A constant; a negative number with its sign in front, infinities and NaN by name."""
    if isinstance(x, float) and math.isnan(x):
        return ast.Attribute(_name("math"), "nan")
    if isinstance(x, float) and math.isinf(x):
        infinity: Expr = ast.Attribute(_name("math"), "inf")
        return infinity if x > 0 else ast.UnaryOp(ast.USub(), infinity)
    if isinstance(x, (int, float)) and not isinstance(x, bool) and (x < 0 or str(x)[0] == "-"):
        return ast.UnaryOp(ast.USub(), ast.Constant(-x))
    return ast.Constant(x)


def writes_to(line: Line) -> bool:
    """True if NumPy can write the result into an array that is there."""
    if line.output.weak or line.output.shape == ():
        return False
    op = line.op
    return is_elementwise(op) or op in ("matmul", "dot") or op.endswith(".reduce")
