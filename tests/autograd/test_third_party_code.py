"""Code as people write it for plain NumPy, differentiated unchanged.

Each function of ``programs_learning`` and ``programs_numerics`` is differentiated with respect
to all of its parameters, and compared with differences of what it gives for plain arrays.
"""

from __future__ import annotations

import numpy as np
import programs_learning
import programs_numerics
import pytest
from numeric import richardson

from autograd import Value, checkpoint, grad, hvp, value_and_grad
from autograd.errors import UnsupportedType
from autograd.trees import leaves, rebuild

PROGRAMS = programs_learning.PROGRAMS | programs_numerics.PROGRAMS

STEP = 0.1  # of richardson's: 0.002 at most, so that no kink is crossed
TOLERANCE = 1e-8  # of the largest element


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in leaves(tree)])


def unflattened(args, x):
    """The numbers of a flat vector in the containers and shapes of the arguments."""
    ends = np.cumsum([np.size(a) for a in leaves(args)])
    pieces = np.split(x, ends[:-1])
    return rebuild(
        args, iter([np.reshape(v, np.shape(a)) for v, a in zip(pieces, leaves(args), strict=True)])
    )


def assert_close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE * max(1.0, np.max(abs(expected))))


CASES = pytest.mark.parametrize(
    ("f", "args"), PROGRAMS.items(), ids=[f.__name__ for f in PROGRAMS]
)  # fmt: skip


@CASES
def test_gradients(f, args):
    """The value is NumPy's own, and the gradient for every parameter is that of differences."""
    everything = tuple(range(len(args)))
    value, gradient = value_and_grad(f, everything)(*args)
    np.testing.assert_allclose(value, f(*args), rtol=1e-12)
    x = flat(args)
    expected = [richardson(lambda x: f(*unflattened(args, x)), x, STEP * e) / STEP for e in np.eye(x.size)]
    assert_close(flat(gradient), np.array(expected))
    for part, arg in zip(leaves(gradient), leaves(args), strict=True):
        assert np.shape(part) == np.shape(arg)


@CASES
def test_second_order(f, args):
    """Hessian-vector products along three random directions are those of differences of the gradient."""
    x, rng = flat(args), np.random.default_rng(0)
    everything = tuple(range(len(args)))
    for _ in range(3):
        v = rng.normal(size=x.size) / np.sqrt(x.size)
        found = hvp(lambda p: f(*p), args, unflattened(args, v))
        expected = richardson(
            lambda x: flat(grad(f, everything)(*unflattened(args, x))), x, STEP * v) / STEP  # fmt: skip
        assert_close(flat(found), expected)


@CASES
def test_values_instead_of_arrays(f, args):
    """Called with Values, unchanged, each gives a Value whose backward() reaches every parameter."""
    values = rebuild(args, iter([Value(leaf) for leaf in leaves(args)]))
    f(*values).backward()
    expected = grad(f, tuple(range(len(args))))(*args)
    for v, g in zip(leaves(values), leaves(expected), strict=True):
        np.testing.assert_array_equal(0.0 if v.grad is None else v.grad, g)


def test_writing_into_an_array_is_refused():
    """Code that fills an array row by row cannot be recorded: an error, no silent constant."""

    def states(x):
        out = np.zeros((3, 2))
        for t in range(3):
            out[t] = x * t
        return out.sum()

    for f in (states, lambda x: np.array([x[0], x[1]]).sum()):
        with pytest.raises(UnsupportedType, match=r"np\.stack to join Values"):
            grad(f)(np.ones(2))


@CASES
def test_as_a_checkpoint(f, args):
    """Run again in the backward pass instead of stored, each has the same gradients to the bit."""
    everything = tuple(range(len(args)))
    found = grad(lambda *xs: checkpoint(f, *xs), everything)(*args)
    np.testing.assert_array_equal(flat(found), flat(grad(f, everything)(*args)))
