"""NumPy's functions on Values, driven by the tables of calls: values, derivatives, types, shapes."""

from __future__ import annotations

from typing import Any

import comparing
import numpy as np
import numpy_calls
import numpy_calls_algebra
import pytest
from calls import Call

every_call = pytest.mark.parametrize("call", numpy_calls.CALLS + numpy_calls_algebra.CALLS, ids=str)


@every_call
def test_value_is_numpys(call: Call) -> None:
    """A call on Values gives what it gives on arrays: the same containers, shapes, dtypes and numbers."""
    comparing.check_value(call)


@every_call
def test_derivative_is_the_numeric_one(call: Call) -> None:
    """The derivative by each argument agrees with the complex step through NumPy, or differences of it."""
    comparing.check_derivative(call)


@every_call
def test_second_derivative_is_the_numeric_one(call: Call) -> None:
    """A recorded gradient is the plain one, and its derivative along a direction that of differences."""
    comparing.check_second_derivative(call)


@every_call
def test_float32_stays(call: Call) -> None:
    """From float32 comes the dtype that NumPy gives, and gradients of float32, near those of float64."""
    comparing.check_float32(call)


@every_call
@pytest.mark.parametrize("cut", [np.s_[:0], np.s_[..., :0], 0], ids=["empty", "narrow", "number"])
def test_shapes_that_numpy_takes(call: Call, cut: Any) -> None:
    """Where NumPy takes arrays without elements, or without axes, so do Values, to second order."""
    comparing.check_shape(call, cut)
