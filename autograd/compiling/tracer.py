"""Tracers: stand-ins for arrays that write down what NumPy is asked to do with them.

A tracer speaks NumPy's protocols, so that a Value may hold one and every rule, forward and
backward, runs on it unchanged. It carries the numbers of the call that is traced, which give
each variable its shape and type; no decision may depend on them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd.compiling.expressions import COMPARED
from autograd.compiling.methods import ArrayMethods, is_foreign
from autograd.compiling.operations import function_of
from autograd.compiling.program import Line, Variable
from autograd.data import canonical
from autograd.errors import TraceError

_HERE = str(Path(__file__).parents[2] / "autograd")
_INSIDE = (_HERE, str(Path(__file__).parents[2] / "nn"), str(Path(np.__file__).parent))

# Answers that depend on shapes and types alone.
_ABOUT_SHAPES = {
    np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj, np.einsum_path,
    np.zeros_like, np.ones_like, np.empty_like,
}  # fmt: skip


_OF_UNKNOWN_SHAPE = {
    np.nonzero, np.flatnonzero, np.argwhere, np.extract, np.compress, np.unique, np.bincount, np.histogram,
}  # fmt: skip


class Tape:
    """The lines that are being written.

    Attributes:
        lines: so far.
        constants: arrays that are no results of the trace, with their variables.
        origin: the forward variable whose gradient is being computed.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.constants: dict[Variable, Any] = {}
        self.origin: Variable | None = None
        self._known: dict[int, Variable] = {}
        self._equal: dict[Any, Variable] = {}
        self._kept: list[Any] = []

    def input(self, data: Any, name: str = "") -> Tracer:
        """A tracer for what the caller gives."""
        return Tracer(self, variable_like(data, name), data)

    def record(self, op: str, f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Call ``f`` with numbers, write the call down, and give tracers of the results."""
        with np.errstate(all="ignore"):
            found = f(*_numbers(args), **_numbers(options))
        return self.write(op, args, options, found)

    def write(self, op: str, args: tuple[Any, ...], options: dict[str, Any], found: Any) -> Any:
        """Write down a call that gave ``found``."""
        switched = np.geterr()
        quiet = switched["over"] == "ignore" or switched["divide"] == "ignore"
        inputs, options = self._lowered(args), self._lowered(options)
        if isinstance(found, (tuple, list)):
            whole = Variable((), "tuple")
            self.lines.append(Line(op, inputs, options, whole, self.origin, quiet))
            items = [self.write("item", (_Whole(whole), i), {}, item) for i, item in enumerate(found)]
            return type(found)(*items) if hasattr(found, "_fields") else type(found)(items)
        if found is None:
            raise TraceError(f"{_place()}: np.{op} changes an array, which cannot be traced: use np.where")
        found = canonical(found)
        out = variable_like(found)
        # Python's comparison of floats gives Python's bool.
        out.weak = out.weak or (op in COMPARED and all(_is_weak(x) for x in inputs))
        self.lines.append(Line(op, inputs, options, out, self.origin, quiet))
        return Tracer(self, out, found)

    def _lowered(self, x: Any) -> Any:
        """Variables for tracers and arrays, in the same containers."""
        if isinstance(x, Tracer):
            if x.tape is not self:
                raise TraceError("a traced array was kept from another call: return it instead")
            return x.variable
        if isinstance(x, _Whole):
            return x.variable
        if isinstance(x, (np.ndarray, np.float64)) and x.ndim == 0:
            return canonical(x)
        if isinstance(x, np.ndarray):
            return self.constant(x)
        if isinstance(x, dict):
            return {key: self._lowered(item) for key, item in x.items()}
        if isinstance(x, (tuple, list)):
            return type(x)([self._lowered(item) for item in x])
        if isinstance(x, slice):
            return slice(*map(self._lowered, (x.start, x.stop, x.step)))
        return x

    def known(self, data: Any) -> Variable | None:
        """The variable of an array that has been met, or of an equal one."""
        return self._known.get(id(data)) or self._equal.get(_content(data))

    def constant(self, data: Any) -> Variable:
        """The variable of an array that is no result of the trace."""
        known = self._known.get(id(data))
        if known is None or not np.array_equal(data, self.constants.get(known, data)):  # changed meanwhile
            known = variable_like(data)
            self._kept.append(data)  # so that its id is not used again
            if data.size > 1 and not any(data.strides):  # one number, repeated
                number = float(data.flat[0]) if data.dtype == np.float64 else data.flat[0]
                self.lines.append(Line("broadcast_to", (number, data.shape), {}, known, self.origin))
            else:
                known = self._own_constant(known, data.copy("K"))  # as it is now, whoever changes it later
            self._known[id(data)] = known
        return known

    def _own_constant(self, new: Variable, data: Any) -> Variable:
        """The variable of a constant: an older one of the same numbers, or a new one."""
        known = self._equal.setdefault(_content(data), new)
        if known is not new and np.array_equal(data, self.constants.get(known, ())):
            return known
        turned = self._equal.get(_content(data.T)) if data.ndim == 2 else None
        if turned is not None and np.array_equal(data.T, self.constants.get(turned, ())):
            self.lines.append(Line("transpose", (turned, None), {}, new, self.origin))
        else:
            self.constants[new] = data
        return new


def _content(data: Any) -> Any:
    """What arrays of the same numbers in the same places have in common."""
    return data.shape, data.dtype, data.strides, hash(data.tobytes())


def _is_weak(x: Any) -> bool:
    return x.weak if isinstance(x, Variable) else type(x) in (float, int, bool)


class _Whole:
    """The variable of a tuple, while it is taken apart."""

    def __init__(self, variable: Variable) -> None:
        self.variable = variable


def variable_like(data: Any, name: str = "") -> Variable:
    """A variable of the shape and type of these numbers."""
    if isinstance(data, float) and type(data) is float:
        return Variable((), "float64", weak=True, name=name)
    if isinstance(data, (bool, int)) and not isinstance(data, np.generic):
        return Variable((), "bool" if isinstance(data, bool) else "int64", weak=True, name=name)
    return Variable(tuple(data.shape), str(data.dtype), name=name)


def _numbers(x: Any) -> Any:
    """The numbers in the place of tracers."""
    if isinstance(x, Tracer):
        return x.data
    if isinstance(x, dict):
        return {key: _numbers(item) for key, item in x.items()}
    if isinstance(x, (tuple, list)):
        return type(x)([_numbers(item) for item in x])
    return slice(*map(_numbers, (x.start, x.stop, x.step))) if isinstance(x, slice) else x


def _refused(what: str) -> Callable[..., Any]:
    def method(self: Tracer, *_: Any, **__: Any) -> Any:
        raise TraceError(
            f"{_place()}: {what} depends on the numbers of the call, which a compiled program does not know "
            "when it is made: use np.where instead of if, and arrays instead of float()"
        )

    return method


def _refused_order(self: Tracer) -> Any:
    raise TraceError(
        f"{_place()}: the orders 'A' and 'K' depend on how an array lies in memory, which a compiled program "
        "does not know when it is made: use 'C' or 'F'"
    )


class Tracer(ArrayMethods):
    """One array, or number, of a trace."""

    __slots__ = ("__weakref__", "data", "tape", "variable")

    def __init__(self, tape: Tape, variable: Variable, data: Any) -> None:
        self.tape, self.variable, self.data = tape, variable, data

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self.variable.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.variable.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.variable.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return np.dtype(self.variable.dtype)

    def __repr__(self) -> str:
        return f"<traced {self.variable.dtype} {self.shape}>"

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        if any(isinstance(part, Tracer) and part.variable.dtype == "bool" for part in parts):
            raise TraceError(
                f"{_place()}: the shape of x[mask] depends on the mask: use np.where(mask, x, 0)"
            )
        return self.tape.record("getitem", function_of("getitem"), (self, index), {})

    def astype(self, dtype: Any, order: str = "K", casting: str = "unsafe", copy: bool = True) -> Any:
        """In another type."""
        dtype = np.dtype(dtype)
        if dtype == self.dtype and not self.variable.weak:
            return self
        return self.tape.record("astype", function_of("astype"), (self, dtype), {})

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any(is_foreign(x) for x in inputs):
            return NotImplemented
        out = options.pop("out", None)
        name = _name_of_ufunc(ufunc) + ("" if method == "__call__" else f".{method}")
        result = self.tape.record(name, getattr(ufunc, method), inputs, options)
        if out is not None:  # the array that was to be written is now another variable
            (target,) = out
            if not isinstance(target, Tracer):
                raise TraceError(
                    f"{_place()}: a result is written into an array that is no argument, which a compiled "
                    "program would not do again: assign the result instead"
                )
            target.variable, target.data = result.variable, result.data
        return result

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if any(hasattr(kind, "__apply_primitive__") for kind in types):
            return NotImplemented
        if function in _OF_UNKNOWN_SHAPE and isinstance(args[0], Tracer):
            raise TraceError(
                f"{_place()}: the shape of np.{function.__name__} depends on the numbers: "
                "use np.where, or a mask"
            )
        words = {x for x in (*args, *options.values()) if type(x) is str}
        if function in (np.ravel, np.reshape) and words & {"A", "K"}:
            _refused_order(self)
        if function in _ABOUT_SHAPES:
            return function(*_numbers(args), **_numbers(options))
        return self.tape.record(_name_of_function(function), function, args, options)

    def __trace_call__(self, f: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Write down a call as a whole: of a function that looks at numbers, or changes arrays."""
        return self.tape.record(f"{f.__module__}:{f.__name__}", f, args, options)

    __bool__ = _refused("a condition")
    __float__ = _refused("float()")
    __int__ = __index__ = _refused("int(), or an index,")
    __array__ = _refused("a plain array")
    item = tolist = _refused("a plain number")
    flags = strides = property(_refused_order)
    __setitem__ = _refused("x[i] = ...")


def _name_of_ufunc(ufunc: Any) -> str:
    """Of NumPy's the name; of SciPy's with the module before it."""
    name = str(ufunc.__name__)
    return name if getattr(np, name, None) is ufunc else f"special.{name}"


def _name_of_function(function: Any) -> str:
    """Where it is found in NumPy: ``linalg.inv``."""
    name = str(function.__name__)
    for prefix, module in [("", np), ("linalg.", np.linalg), ("lib.stride_tricks.", np.lib.stride_tricks)]:
        if getattr(module, name, None) is function:
            return prefix + name
    raise TraceError(f"{_place()}: {function.__module__}.{name} cannot be traced")


def _place() -> str:
    """The user's line that is running, as error texts name it."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_INSIDE):
        frame = frame.f_back
    return f"line {frame.f_lineno} of {Path(frame.f_code.co_filename).name}, in {frame.f_code.co_name}"
