"""SciPy's special functions, where SciPy is: values, derivatives, and what cannot be intercepted."""

from __future__ import annotations

from typing import Any

import calls
import comparing
import numpy as np
import pytest

import autograd
from autograd import Value, grad
from autograd.errors import NoRule, UnsupportedType

special = pytest.importorskip("scipy.special")
calls.CONSTANTS["special"] = special

CALLS = calls.calls("""
special.{expit|log_expit|erf|erfc|erfcx|ndtr|log_ndtr|i0|i1|i0e|i1e}({s|m|e})
special.{logit|ndtri|entr}(0.5 + u / 2)
special.erfinv({u|e})
special.erfcinv({1.0 + u|e})
special.{gammaln|gamma|psi|digamma}({r|p|e})
special.{gamma|psi}(np.real(u) / 4 - 2.5)
special.{beta|betaln}({p, pv|p, kp|r, p|p, 2.5|e, pv})
special.{xlogy|xlog1py}({m, p|m, kp|s, r|m, 2.0|e, pv})
special.{rel_entr|kl_div}({p, pv|p, kp|r, p|2.0, p|e, pv})
""")

REQUIRED = """
expit logit log_expit erf erfc erfcx erfinv erfcinv gammaln gamma psi beta betaln i0 i1 i0e i1e ndtr ndtri
log_ndtr xlogy xlog1py entr rel_entr kl_div
"""

# Python functions that convert what they are given to arrays, so that no Value sees the call.
CONVERTING = {
    "logsumexp": lambda v: special.logsumexp(v, axis=0),
    "softmax": lambda v: special.softmax(v),
    "log_softmax": lambda v: special.log_softmax(v, axis=-1),
    "polygamma": lambda v: special.polygamma(1, v),
}

every_call = pytest.mark.parametrize("call", CALLS, ids=str)


@every_call
def test_value_is_scipys(call: calls.Call) -> None:
    """A special function of Values gives what SciPy gives on arrays."""
    comparing.check_value(call)


@every_call
def test_derivative_is_the_numeric_one(call: calls.Call) -> None:
    """Its derivatives agree with the complex step through SciPy, or with differences of it."""
    comparing.check_derivative(call)


@every_call
def test_second_derivative_is_the_numeric_one(call: calls.Call) -> None:
    """So do its second derivatives."""
    comparing.check_second_derivative(call)


@every_call
def test_float32_stays(call: calls.Call) -> None:
    """From float32 come float32 results and gradients."""
    comparing.check_float32(call)


def test_every_required_function_is_called() -> None:
    """Each function of the list of what must be covered has a call, except those that convert."""
    assert set(REQUIRED.split()) <= {call.name for call in CALLS}


@pytest.mark.parametrize(("name", "f"), CONVERTING.items(), ids=CONVERTING)
def test_functions_that_convert_name_ours(name: str, f: Any) -> None:
    """SciPy's functions that make arrays of their arguments are refused, naming what to use instead."""
    with pytest.raises(UnsupportedType, match=rf"scipy's {name} makes a plain array of it, use autograd.*"):
        f(Value([0.5, 1.5]))


def test_what_to_use_instead_is_the_same() -> None:
    """The functions that the error names give SciPy's numbers, polygamma with derivatives as well."""
    from autograd.rules.special import POLYGAMMA

    x = np.array([0.5, 1.5, -0.3])
    np.testing.assert_allclose(autograd.logsumexp(x), special.logsumexp(x))
    np.testing.assert_allclose(autograd.softmax(x), special.softmax(x))
    np.testing.assert_allclose(autograd.log_softmax(x), special.log_softmax(x))
    np.testing.assert_allclose(POLYGAMMA(x[:2], n=2), special.polygamma(2, x[:2]))
    assert grad(lambda x: POLYGAMMA(x, n=2))(0.5) == special.polygamma(3, 0.5)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: special.xlogy(0.0, x), 2.0, 0.0),
        (lambda x: special.xlogy(x, 2.0), 0.0, np.log(2.0)),
        (lambda x: special.xlog1py(0.0, x), -0.5, 0.0),
        (special.i0, 0.0, 0.0),
        (special.i1, 0.0, 0.5),
        (special.i0e, 0.0, 0.0),
        (special.i1e, 0.0, 0.5),
        (special.expit, 1000.0, 0.0),
        (special.log_expit, -1000.0, 1.0),
        (special.erfcx, 30.0, 2 * 30 * special.erfcx(30.0) - 2 / np.sqrt(np.pi)),
        (special.log_ndtr, 0.0, np.sqrt(2 / np.pi)),
    ],
)
def test_at_special_points(f: Any, x: float, expected: float) -> None:
    """At zeros and far out the derivatives are the limits that the formulas have there."""
    np.testing.assert_allclose(grad(f)(x), expected, rtol=1e-14, atol=1e-300)


def test_a_function_without_a_rule_is_named() -> None:
    """The error for another function of scipy.special names it."""
    with pytest.raises(NoRule, match=r"^scipy\.special\.airy has no derivative rule for Values"):
        special.airy(Value(0.5))
