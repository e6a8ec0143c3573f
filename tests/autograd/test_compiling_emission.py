"""The source that is written: valid Python for every name, axis and length of a block."""

from __future__ import annotations

import contextlib
import enum
import importlib
import math
import pkgutil
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES, assert_as_eager, assert_same

import autograd
from autograd import value_and_grad
from autograd.compiling import compile
from autograd.compiling.names import identifier
from autograd.compiling.rolling import running
from autograd.errors import UnsupportedType

RNG = np.random.default_rng(12)
TALL = RNG.normal(size=(100_001, 3))
windows = np.lib.stride_tricks.sliding_window_view


def runs(f: Any, args: Any, argnums: Any = 0, **options: Any) -> Any:
    """A compiled function gives what the engine gives, without asking the engine; gives it back."""
    compiled = assert_as_eager(f, [args, args], argnums, **options)
    compiled._executable()(*args)  # a fault of the program raises here
    return compiled


# -- loops ---------------------------------------------------------------------------------------------

WITHOUT_SCRATCH: dict[str, tuple[Any, Any]] = {
    "where": (lambda x: np.where(x > 0, np.exp(x) * x, 0).sum(), np.ones(300_001)),
    "cumsum": (lambda x: (np.exp(np.cumsum(x, axis=1)) * x).sum(), TALL),
    "transpose": (lambda x: (np.exp(x.T) * x.T).sum(), TALL),
    "initial": (lambda x: np.exp(np.max(x, axis=1, initial=0.5)).sum(), TALL),
    "sum_where": (lambda x: np.exp(np.sum(x, axis=1, where=TALL > 0)).sum(), TALL),
}


@pytest.mark.parametrize("name", WITHOUT_SCRATCH)
def test_loops_with_and_without_arrays_of_a_block(name: str) -> None:
    """The last block is shorter; a loop that keeps all its results has no array to cut for that."""
    f, x = WITHOUT_SCRATCH[name]
    runs(f, (x,))


# -- functions of the library ----------------------------------------------------------------------------

AXES: dict[str, tuple[Any, Any]] = {
    "max": (lambda x: (x.max(axis=1) ** 2).sum(), RNG.normal(size=(5000, 3))),
    "max_keepdims": (lambda x: (x.min(axis=0, keepdims=True) * x).sum(), RNG.normal(size=(3, 5000))),
    "windows": (lambda x: (windows(x, 2) ** 2).sum(), np.arange(5.0)),
    "windows_of_rows": (lambda x: (windows(x, 3, axis=1) ** 2).sum(), RNG.normal(size=(4, 6))),
}


@pytest.mark.parametrize("optimized", BOTH_STYLES)
@pytest.mark.parametrize("name", AXES)
def test_functions_of_the_library_take_axes_as_they_are(name: str, optimized: bool, tmp_path: Path) -> None:
    """One axis stays a tuple where a tuple is taken apart; the saved file has what the function needs."""
    f, x = AXES[name]
    compiled = runs(f, (x,), optimized=optimized)
    scope: dict[str, Any] = {}
    exec(compiled.save(tmp_path / "saved.py").read_text(), scope)
    assert_same(scope["value_and_gradients"](x), compiled(x))


# -- names -----------------------------------------------------------------------------------------------


def _parts(x: Any, x_part: Any) -> Any:
    dx_part = x * x_part
    return (np.exp(dx_part) * x).sum()


def _underscores(_x: Any, x: Any) -> Any:
    return _x.w * x + _x.b * x * x


def _builtins(min: Any, v_min: Any) -> Any:
    return (abs(min) * v_min).sum()


def _several(arg1: Any, *rest: Any) -> Any:
    return (arg1 * rest[0]).sum() + (rest[1] ** 2).sum()


def _modules(base64: Any, struct: Any, special_expit: Any, step: Any) -> Any:
    functools = base64 * struct
    return (functools.max(axis=1) * step).sum() + special_expit


Pair = namedtuple("Pair", ["w", "b"])
ONES = np.ones(3)
NAMED: dict[str, tuple[Any, Any]] = {
    "parts": (_parts, (np.full((600, 1000), 0.5), np.linspace(0, 1, 1000))),
    "underscores": (_underscores, (Pair(2.0, 3.0), 4.0)),
    "builtins": (_builtins, (-ONES, 2 * ONES)),
    "several": (_several, (ONES, 2 * ONES, 3 * ONES)),
    "modules": (_modules, (RNG.normal(size=(5000, 3)), np.arange(3.0), 2.0, 3.0)),
    "one_name_to_python": (lambda p: p["x²"] * p["x2"] + p["℘"] ** 3, ({"x²": 2.0, "x2": 3.0, "℘": 4.0},)),
}


@pytest.mark.parametrize("optimized", BOTH_STYLES)
@pytest.mark.parametrize("name", NAMED)
def test_no_two_things_have_one_name(name: str, optimized: bool) -> None:
    """Names of arguments and locals are kept apart from each other and from what the source calls."""
    f, args = NAMED[name]
    runs(f, args, tuple(range(len(args))), optimized=optimized)


@pytest.mark.parametrize("name", ["leaves", "rebuild", "iter", "np", "p"])
def test_names_in_programs_of_many_numbers(name: str) -> None:
    """The functions that take a list of numbers apart are not hidden by an argument of their name."""
    scope: dict[str, Any] = {"np": np}
    exec(f"def f({name}): return sum(sum(v * w for v in {name}) for w in {name})", scope)
    compiled = runs(scope["f"], ([0.1 * k for k in range(30)],))
    assert "rebuild(" in compiled.source


def test_what_the_source_calls_is_reserved() -> None:
    """Every function of the library that a program may call has a name that no variable gets."""
    for module in pkgutil.walk_packages(autograd.__path__, "autograd."):
        with contextlib.suppress(ModuleNotFoundError):  # SciPy need not be there
            importlib.import_module(module.name)
    opaque = {
        name
        for module in [x for key, x in sys.modules.items() if key.startswith("autograd.")]
        for name, x in vars(module).items()
        if getattr(getattr(x, "__code__", None), "co_qualname", "") == "opaque.<locals>.call"
    }
    assert {"equal_elements", "_to_ties"} <= opaque
    rolled = [name for name, x in vars(running).items() if getattr(x, "__module__", "") == running.__name__]
    assert "running_products" in rolled
    for name in [*opaque, *rolled, "leaves", "rebuild", "largest_of_rows", "exp", "special_expit"]:
        assert identifier(name) != name


# -- keys of dicts ---------------------------------------------------------------------------------------

Kind = enum.Enum("Kind", ["W", "B"])
Text = enum.StrEnum("Text", ["W", "B"])
KEYS = [
    (Kind.W, Kind.B),
    (Text.W, Text.B),
    (len, math.inf),
    ((1, Kind.W), (1, "b")),
    (np.int64(1), frozenset([2])),
    (1.5, (None, True, b"b", "")),
]


@pytest.mark.parametrize("optimized", BOTH_STYLES)
@pytest.mark.parametrize("keys", KEYS, ids=str)
def test_any_key_of_a_dict(keys: Any, optimized: bool, tmp_path: Path) -> None:
    """A key that cannot be written in a program is found by its place in the dict; saved files run alone."""
    w, b = keys

    def f(p: Any) -> Any:
        return (p[w]["x"] ** 2 * p[b][0]).sum()

    p = {w: {"x": np.arange(3.0)}, b: (2.0, None)}
    compiled = runs(f, (p,), optimized=optimized)
    scope: dict[str, Any] = {}
    exec(compiled.save(tmp_path / "saved.py").read_text(), scope)
    assert_same(scope["value_and_gradients"](p), compiled(p))
    many = {w: [0.1 * k for k in range(30)], b: 2.0}
    lifted = runs(lambda p: sum(sum(v * u for v in p[w]) for u in p[w]) * p[b], (many,), optimized=optimized)
    assert "rebuild(" in lifted.source


@pytest.mark.parametrize("argument", ["a", ["a", 1.0], {"w": np.ones(2), "name": "a"}, ({"c": 1j},)], ids=str)
def test_what_cannot_be_differentiated_is_refused_by_name(argument: Any) -> None:
    """A string, or a complex number, among what is differentiated is refused as the engine does."""
    for transform in (value_and_grad, compile):
        with pytest.raises(UnsupportedType, match=r"(str 'a'|complex 1j) cannot be differentiated"):
            transform(lambda p: np.float64(1.0))(argument)
    assert_as_eager(lambda x, name: getattr(np, name)(x).sum(), [(np.ones(2), "sin")], 0)


# -- numbers ---------------------------------------------------------------------------------------------


FACTORS = [
    (1e-300, 1e200, 1e200, "float64"),
    (1e300, 1e-200, 1e-200, "float64"),
    (1e-250, 1e-200, 1e200, "float64"),
    (1e30, 1e-30, 1e-30, "float32"),
    (1e-30, 1e30, 1e30, "float32"),
    (1.0, 0.5, 3e4, "float32"),
]


@pytest.mark.parametrize("case", FACTORS, ids=str)
def test_factors_near_the_limits_of_a_type_stay_apart(case: Any) -> None:
    """Their product would be zero or infinite where one by one they are not, or the other way round."""
    *numbers, dtype = case
    x, a, b = numbers
    with np.errstate(all="ignore"):  # the gradient of a may be infinite, in the engine too
        compiled = runs(lambda x: (x * a * b).sum(), (np.full(3, x, dtype),), tolerance=1e-6)
        value = compiled(np.full(3, x, dtype))[0]
    assert value == pytest.approx(3 * x * a * b, rel=1e-6) if x * a else value == 0.0
    products = sum(line.op == "multiply" for line in compiled._executable().program.lines)
    assert products == (1 if x == 1.0 else 2)


RAISING = [
    (lambda x: np.log(x), 0.0),
    (lambda x: np.exp(x), 1000.0),
    (lambda x: 1 / x, 0.0),
    (lambda x: np.log((x * np.ones(3)).sum()), 0.0),
]


@pytest.mark.parametrize("case", range(len(RAISING)))
def test_saved_programs_of_floats_say_that_they_raise(case: int, tmp_path: Path) -> None:
    """The engine gives infinities, Python's floats errors: the head of the file says so, where it can be."""
    f, x = RAISING[case]
    compiled = compile(f)
    with np.errstate(all="ignore"):
        assert not np.isfinite(compiled(x)[1])
    text = compiled.save(tmp_path / "saved.py").read_text()
    assert text.startswith("# This computes with Python's floats")
    scope: dict[str, Any] = {}
    exec(text, scope)
    with pytest.raises((ArithmeticError, ValueError)):
        scope["value_and_gradients"](x)
    plain = runs(lambda x: x * x + 3.0, (x,))
    assert "raises" not in plain.save(tmp_path / "plain.py").read_text()
