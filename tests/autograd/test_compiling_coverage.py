"""Every call of the tables, compiled: as the engine in both styles, or refused for a good reason."""

from __future__ import annotations

import numpy as np
import numpy_calls
import numpy_calls_algebra
import pytest
from calls import Call
from compiling import BOTH_STYLES, assert_as_eager, weighted

from autograd.compiling import compile
from autograd.errors import TraceError

CALLS = numpy_calls.CALLS + numpy_calls_algebra.CALLS

# The shape of what these give depends on numbers, ...
UNKNOWN_SHAPES = {
    "np.piecewise(m, [m < 0, m >= 0], [np.sin, lambda x: x**3])",
    "np.piecewise(m, [m < 0], [lambda x: x * x, 7.0])",
    "np.piecewise(m, [m < -1, m > 1], [lambda x, a: a * x, lambda x, a: x**a, 0], 3)",
    "np.piecewise(s, [s < 0, s >= 0], [lambda x: x * x, lambda x: x**3])",
    "np.compress(m[0] > 0, m, axis=-1)",
    "np.extract(m > 0, m)",
    "np.extract(m > 0, p)",
    "m[m > 0]",
    "m[m < -9]",
    "e[e > 0]",
}
# ... and these read an array as it lies in memory.
MEMORY_ORDERS = {
    'np.reshape(m.T, (6,), "A")',
    'np.ravel(m.T, order="A")',
    'np.ravel(m.T, order="K")',
    'np.ravel(np.swapaxes(t, 0, 1), order="K")',
    *(
        f'{m}.{method}(order="{order}")'
        for m in ("m", "m.T")
        for method in ("ravel", "flatten")
        for order in "AK"
    ),
}
COMPILED = [call for call in CALLS if call.text not in UNKNOWN_SHAPES | MEMORY_ORDERS]


def others(xs: list) -> list:
    """Other numbers of the same ranges: in the opposite order and a little smaller."""
    return [0.97 * np.flip(x) for x in xs]


@pytest.mark.parametrize("call", COMPILED, ids=str)
def test_a_call_gives_what_the_engine_gives(call: Call) -> None:
    """Value and gradients agree to 1e-12, at the numbers of the trace and at others, in both styles."""
    xs = call.inputs()
    for optimized in BOTH_STYLES:
        assert_as_eager(weighted(call), [xs, others(xs)], list(range(len(xs))), optimized=optimized)


SOME = [pytest.param(c, marks=pytest.mark.slow if i % 5 else ()) for i, c in enumerate(COMPILED)]


@pytest.mark.parametrize("call", SOME, ids=str)
def test_a_call_in_single_precision(call: Call) -> None:
    """Arrays of float32 give gradients of float32."""
    xs = call.inputs(np.float32)
    calls = [xs, [x.astype(np.float32) for x in others(xs)]]
    assert_as_eager(weighted(call), calls, list(range(len(xs))), 2e-5)


@pytest.mark.parametrize("call", [c for c in CALLS if c not in COMPILED], ids=str)
def test_what_cannot_be_compiled_is_refused(call: Call) -> None:
    """What depends on numbers, or on memory, is refused by name of the line, with a way out."""
    way_out = "use np.where" if call.text in UNKNOWN_SHAPES else "use 'C' or 'F'"
    with pytest.raises(TraceError, match=rf"^line 1 of .*{way_out}"):
        compile(weighted(call), list(range(len(call.letters))))(*call.inputs())


def test_the_lists_of_what_is_refused_are_exact() -> None:
    """Each call that is listed is in the tables."""
    assert {call.text for call in CALLS} >= UNKNOWN_SHAPES | MEMORY_ORDERS
