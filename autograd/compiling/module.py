"""The source of a module around an emitted function: imports, constants, buffers."""

from __future__ import annotations

import base64
import dis
import importlib
import inspect
import re
import types
from typing import Any

import numpy as np

from autograd.compiling.buffers import Plan, nbytes
from autograd.compiling.emit import Source
from autograd.compiling.expressions import MATH
from autograd.compiling.layout import WIDTH, wrapped
from autograd.compiling.operations import is_one_number
from autograd.compiling.program import Program, Variable

SHORT = 64  # elements of a constant that is written out in numbers
LINE = 64  # bytes
RAISES = """\
# This computes with Python's floats: where NumPy gives an infinity or NaN, as for 1 / 0, log(0) or
# exp(1000), it raises ZeroDivisionError, ValueError, OverflowError or FloatingPointError instead.
"""
STANDARD = ("base64", "functools", "itertools", "math", "struct")


def module_text(source: Source, program: Program, plan: Plan, *, alone: bool) -> str:
    """The text of a module; ``alone`` makes one that runs without this library."""
    own = [op for op in source.functions if ":" in op]
    special = [op for op in source.functions if op.startswith("special.")]
    arrays = [_constant(source.names[v], x, alone) for v, x in program.constants.items()]
    parts = _sources(own) if alone else []
    parts += ["", *arrays] if arrays else []
    parts += ["", *_buffers(plan)] if plan.kinds else []
    body = "\n".join([*parts, "", "", _with_default(source.text) if plan.kinds else source.text])
    imports = [*_standard(body), *(["import numpy as np"] if "np." in body else [])]
    imports += [f"from scipy.special import {op[8:]} as {op.replace('.', '_')}" for op in special]
    imports += [] if alone else ["from {} import {}".format(*op.split(":")) for op in own]
    head = RAISES if alone and source.raises else ""
    text = "\n".join([*imports, *(["", ""] if alone and own else []), body])
    return head + re.sub(r"\n{4,}", "\n\n\n", text.lstrip("\n"))


def _with_default(text: str) -> str:
    """The function with arrays of the module's own, for those who call it without any."""
    return re.sub(r"(?<=[( ])buffers\):", "buffers=BUFFERS):", text, count=1)


def _standard(text: str) -> list[str]:
    """The imports from Python's library: functions of ``math`` by name, since a program calls them often."""
    used = sorted(set(re.findall(r"(?<![\w.])(\w+)\(", text)) & set(MATH.values()))
    lines = [f"import {name}" for name in STANDARD if f"{name}." in text]
    lines += [f"from math import {', '.join(used)}"] if used else []
    return [*lines, ""] if lines else []


def _constant(name: str, x: Any, alone: bool) -> str:
    array = np.asarray(x)
    short = _of_one_number(array) or _evenly_spaced(array)
    if short or array.size <= SHORT:
        return "\n".join(_assigned(name, short or _in_full(array), array))
    if not alone:
        return f"# {name} is a constant array of shape {array.shape}, {array.dtype}"
    packed = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    data = f'base64.b64decode("{packed}")'
    return f"{name} = np.frombuffer({data}, np.{array.dtype}).reshape({array.shape})"


def _of_one_number(array: Any) -> str:
    """An array of one number in all places; empty if it is something else."""
    if array.dtype.kind not in "bif" or not is_one_number(array):
        return ""
    shape, number = array.shape if array.ndim > 1 else array.size, array.flat[0].item()
    if number == 1 or not any(array.flat[0].tobytes()):
        return f"np.{'ones' if number else 'zeros'}({shape}{_type(array, 'float64')})"
    return f"np.full({shape}, {number!r}{_type(array, 'float64', 'bool')})" if np.isfinite(number) else ""


def _evenly_spaced(array: Any) -> str:
    """Whole numbers in even steps; empty if it is something else."""
    if array.ndim != 1 or array.size < 3 or array.dtype != np.int64:
        return ""
    first, step = int(array[0]), int(array[1] - array[0])
    stop = first + step * array.size
    if not step or not np.array_equal(array, np.arange(first, stop, step)):
        return ""
    start, by = f"{first}, " if (first, step) != (0, 1) else "", f", {step}" if step != 1 else ""
    return f"np.arange({start}{stop}{by})"


def _in_full(array: Any) -> str:
    if not array.size:
        return f"np.array({_numbers(array)}, np.{array.dtype}).reshape({array.shape})"
    return f"np.array({_numbers(array)}{_type(array, 'float64', 'bool')})"


def _numbers(array: Any) -> str:
    """The elements in nested lists."""
    return repr(array.tolist()).replace("nan", "math.nan").replace("inf", "math.inf")


def _type(array: Any, *known: str) -> str:
    """An argument with the type of the elements, unless NumPy takes that anyway."""
    return "" if array.dtype in known else f", np.{array.dtype}"


def _assigned(name: str, text: str, array: Any) -> list[str]:
    """The statement on one line if it is short; a matrix row by row."""
    text = f"{name} = {text}"
    rows = [f"    {_numbers(row)}," for row in array] if array.ndim == 2 and "np.array([" in text else []
    if len(text) <= WIDTH or not rows or max(map(len, rows)) > WIDTH:
        return wrapped(text)
    return [f"{name} = np.array([", *rows, f"]{text.rpartition(']')[2]}"]


def _buffers(plan: Plan) -> list[str]:
    """Arrays by themselves, or views where several lie in one piece of memory."""
    alone = [sum(kind[2] == m for kind in plan.kinds) == 1 for m in range(len(plan.memory))]
    shared = [f"_M{m} = np.empty({n}, np.uint8)" for m, n in enumerate(plan.memory) if not alone[m]]
    arrays = [
        f"np.empty({shape}, np.{dtype}),"
        if alone[m]
        else f"_M{m}[:{nbytes(shape, dtype)}].view(np.{dtype}).reshape({shape}),"
        for shape, dtype, m in plan.kinds
    ]
    return [
        *shared,
        "# Intermediate results are written into these arrays, call after call: one call at a time.",
        "BUFFERS = [",
        *(f"    {line}" for line in arrays),
        "]",
    ]


def _sources(own: list[str]) -> list[str]:
    """The functions of this library that the program calls, with what they need."""
    found: dict[str, str] = {}
    for op in own:
        module, name = op.split(":")
        _collect(importlib.import_module(module), name, found)
    return ["\n\n\n".join(text.rstrip("\n") for text in found.values()), ""]


def _collect(module: Any, name: str, found: dict[str, str]) -> None:
    thing = getattr(module, name)
    thing = getattr(thing, "__wrapped__", thing)
    if name in found:
        return
    if isinstance(thing, type) and issubclass(thing, Exception):
        base = next(kind for kind in thing.__mro__ if kind.__module__ == "builtins" and kind is not Exception)
        found[name] = f"class {name}({base.__name__}):\n    pass\n"
        return
    if not isinstance(thing, types.FunctionType):
        found[name] = f"{name} = {thing!r}"
        return
    found[name] = ""  # its place, should it call itself
    for other in sorted(_globals_of(thing.__code__)):
        value = vars(module).get(other)
        if value is not None and not isinstance(value, types.ModuleType) and other != "as_array":
            _collect(module, other, found)
    text = inspect.getsource(thing)
    lines = [line for line in text.splitlines() if not line.startswith("@opaque")]
    text = "\n".join(lines).replace("as_array(", "np.asarray(").replace(": Any", "").replace(" -> Any", "")
    del found[name]
    found[name] = text + "\n"


def _globals_of(code: types.CodeType) -> set[str]:
    """The global names that a function loads, those in functions inside it too."""
    loaded = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return loaded.union(*(_globals_of(x) for x in code.co_consts if isinstance(x, types.CodeType)))


def namespace(program: Program, names: dict[Variable, str]) -> dict[str, Any]:
    """The constants under their names."""
    return {names[v]: x for v, x in program.constants.items()}


def new_buffers(plan: Plan) -> list[Any]:
    """Fresh arrays to write into."""
    memory = [_on_a_line(n) for n in plan.memory]
    return [memory[m][: nbytes(shape, dtype)].view(dtype).reshape(shape) for shape, dtype, m in plan.kinds]


def _on_a_line(n: int) -> Any:
    """So many bytes from the start of a line of the cache, so that no vector of elements lies across two."""
    memory = np.empty(n + LINE, np.uint8)
    start = -memory.__array_interface__["data"][0] % LINE
    return memory[start : start + n]
