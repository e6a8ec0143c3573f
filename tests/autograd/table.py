"""The table of cases: where each primitive is tried, and what it must give.

One line per case, at least one for each row of ``autograd.rules.TABLE``::

    unary("log", np.log, POSITIVE)                        elementwise; x is from (-2, 2) if nothing is said
    binary("power", np.power, POSITIVE, REAL)             the same for a and b
    case("sum", np.sum, (2, 3), axis=(0,), keepdims=True) the shape of each input, then the parameters
    moves("swapaxes", np.swapaxes, (2, 3), axis1=0, ...)  the same where elements only move

The reference is NumPy's function or another closed form. It takes the inputs and the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from closed_forms import add_windows, bessel, logsumexp, norm, packed, scatter, symmetric, to_ties
from numpy.lib.stride_tricks import sliding_window_view

from autograd.primitive import Primitive
from autograd.rules import TABLE

Shape = tuple[int, ...]
Domain = tuple[float, float]

REAL, POSITIVE, INSIDE, ABOVE_ONE = (-2.0, 2.0), (0.3, 2.5), (-0.9, 0.9), (1.2, 3.0)

# The place of an input's samples between grid points. Unlike for each input, and neither 0 nor 1/2:
# no two samples tie, and none is at zero, where the kinks are.
OFFSETS = (0.3, 0.65, 0.85)


@dataclass(frozen=True)
class Case:
    name: str
    reference: Callable[..., Any]
    shapes: tuple[Shape, ...]
    domains: tuple[Domain, ...]
    params: dict[str, Any]
    kind: str = "other"
    diagonal: float = 0.0  # added to the diagonals of the first input, a square matrix
    analytic: bool = True  # False if NumPy's function of complex matrices has a conjugate in it

    @property
    def primitive(self) -> Primitive:
        return TABLE[self.name]

    @property
    def takes_floats(self) -> bool:
        return self.kind == "elementwise" and not any(isinstance(p, np.ndarray) for p in self.params.values())

    @property
    def wrt(self) -> list[int]:
        """The inputs that have a derivative."""
        rules = self.primitive.vjps
        return [i for i in range(len(self.shapes)) if self.primitive.variadic or rules[i] is not None]

    def forward(self, *xs: Any) -> Any:
        return self.primitive.forward(*xs, **self.params)

    def inputs(self, shapes: tuple[Shape, ...] | None = None, dtype: Any = float) -> list[Any]:
        rng = np.random.default_rng(0)
        chosen = zip(shapes or self.shapes, self.domains, strict=True)
        xs = [_sample(rng, *c, OFFSETS[i % 3]).astype(dtype) for i, c in enumerate(chosen)]
        if self.diagonal:
            xs[0] = xs[0] + np.diag(self.diagonal + np.arange(xs[0].shape[-1])).astype(dtype)
        return xs

    def __str__(self) -> str:
        shapes = " ".join(str(s).replace(" ", "") for s in self.shapes)
        params = " ".join(f"{k}={v}".replace("\n", "") for k, v in self.params.items())
        return f"{self.name} {shapes} {params}".rstrip()


def _sample(rng: np.random.Generator, shape: Shape, domain: Domain, offset: float) -> Any:
    n, (low, high) = math.prod(shape), domain
    return np.reshape(low + (high - low) * (rng.permutation(n) + offset) / max(n, 1), shape)


def case(name: str, reference: Any, *shapes: Shape, domain: Domain = REAL, **params: Any) -> Case:
    return Case(name, reference, shapes, (domain,) * len(shapes), params)


def moves(name: str, reference: Any, *shapes: Shape, **params: Any) -> Case:
    return Case(name, reference, shapes, (REAL,) * len(shapes), params, "arrangement")


def elementwise(name: str, reference: Any, *domains: Domain, **params: Any) -> Case:
    return Case(name, reference, ((2, 3),) * len(domains), domains, params, "elementwise")


def unary(name: str, reference: Any, x: Domain = REAL, **params: Any) -> Case:
    return elementwise(name, reference, x, **params)


def binary(name: str, reference: Any, a: Domain = REAL, b: Domain = REAL, **params: Any) -> Case:
    return elementwise(name, reference, a, b, **params)


def matrices(
    name: str, reference: Any, n: int, *shapes: Shape, stack: Shape = (), analytic: bool = True
) -> Case:
    """Well-conditioned square matrices, with gaps between their eigenvalues, then other inputs."""
    domains = (REAL,) * (1 + len(shapes))
    return Case(name, reference, ((*stack, n, n), *shapes), domains, {}, diagonal=3.0, analytic=analytic)


def factors(name: str, reference: Any, shape: Shape, **params: Any) -> Case:
    """What is defined by orthogonality, which is conjugate for complex matrices."""
    return Case(name, reference, (shape,), (REAL,), params, analytic=False)


MASK = np.array([[True, False, True], [False, False, True]])
TIED = np.array([[2.0, 0.0, 2.0], [2.0, 1.0, 3.0]])
AXES = [
    {"axis": axis, "keepdims": keepdims}
    for axis in (None, (0,), (1,), (0, 2), (0, 1, 2))
    for keepdims in (False, True)
]
INDICES = [
    1, -1, slice(None, None, -2), (Ellipsis, 1), (slice(None), None, 0), (0, 1),
    np.array([2, 0, 2]), (np.array([0, 0, 1]), np.array([2, 2, 0])), (slice(1, 3), np.array([1, 1])),
    np.eye(3, dtype=bool), np.array([], dtype=int),
]  # fmt: skip

# fmt: off
CASES = [
    # arithmetic
    binary("add",         np.add),
    binary("subtract",    np.subtract),
    binary("multiply",    np.multiply),
    binary("divide",      np.divide),
    binary("power",       np.power, POSITIVE),
    unary("negative",     np.negative),
    unary("absolute",     np.absolute),
    binary("maximum",     np.maximum),
    binary("minimum",     np.minimum),
    binary("fmax",        np.fmax),
    binary("fmin",        np.fmin),
    binary("remainder",   np.remainder, (3.2, 3.9), (1.1, 1.5)),
    binary("remainder",   np.remainder, (-3.9, -3.2), (1.1, 1.5)),
    binary("fmod",        np.fmod, (-3.9, -3.2), (1.1, 1.5)),
    binary("arctan2",     np.arctan2),
    binary("hypot",       np.hypot),
    binary("logaddexp",   np.logaddexp),
    binary("logaddexp2",  np.logaddexp2),
    binary("copysign",    np.copysign),
    binary("heaviside",   np.heaviside),
    unary("nan_to_num",   lambda x, **_: x),

    # elementary
    unary("exp",          np.exp),
    unary("exp2",         np.exp2),
    unary("expm1",        np.expm1),
    unary("log",          np.log, POSITIVE),
    unary("log2",         np.log2, POSITIVE),
    unary("log10",        np.log10, POSITIVE),
    unary("log1p",        np.log1p, POSITIVE),
    unary("sqrt",         np.sqrt, POSITIVE),
    unary("cbrt",         np.cbrt, POSITIVE),
    unary("square",       np.square),
    unary("reciprocal",   np.reciprocal, POSITIVE),
    unary("sin",          np.sin),
    unary("cos",          np.cos),
    unary("tan",          np.tan, INSIDE),
    unary("arcsin",       np.arcsin, INSIDE),
    unary("arccos",       np.arccos, INSIDE),
    unary("arctan",       np.arctan),
    unary("sinh",         np.sinh),
    unary("cosh",         np.cosh),
    unary("tanh",         np.tanh),
    unary("arcsinh",      np.arcsinh),
    unary("arccosh",      np.arccosh, ABOVE_ONE),
    unary("arctanh",      np.arctanh, INSIDE),
    unary("degrees",      np.degrees),
    unary("radians",      np.radians),
    unary("sinc",         np.sinc),
    unary("sinc",         np.sinc, (-0.05, 0.05)),
    unary("sinc_slope",   lambda x: (np.cos(np.pi * x) - np.sinc(x)) / x),
    unary("i0",           np.i0),
    unary("bessel",       bessel, n=1),
    unary("bessel",       bessel, n=2),

    # activations
    unary("sigmoid",      lambda x: (1 + np.tanh(x / 2)) / 2),
    unary("relu",         lambda x: (x + abs(x)) / 2),
    unary("leaky_relu",   lambda x, negative_slope: np.maximum(x, negative_slope * x), negative_slope=0.1),
    unary("binary_step",  lambda x: np.heaviside(x, 1.0)),
    unary("linear",       np.positive),
    *[case("softmax",     lambda x, axis: np.exp(x) / np.exp(x).sum(axis, keepdims=True), (2, 3), axis=axis)
      for axis in (None, (0,), (1,), (0, 1))],
    *[case("log_softmax", lambda x, axis: x - logsumexp(x, axis=axis, keepdims=True), (2, 3), axis=axis)
      for axis in (None, (0,), (1,), (0, 1))],
    case("nll",           lambda log_p, index, scale: -scale * log_p.reshape(-1)[index].sum(), (3, 4),
         index=np.array([3, 4, 8]), scale=0.5),
    *[case("logsumexp",   logsumexp, (2, 3, 2), **axes) for axes in AXES],

    # reductions
    *[case("sum",         np.sum,  (2, 3, 2), **axes) for axes in AXES],
    *[case("mean",        np.mean, (2, 3, 2), **axes) for axes in AXES],
    *[case("max",         np.max,  (2, 3, 2), **axes) for axes in AXES],
    *[case("to_ties",     to_ties, shape, values=TIED, extrema=TIED.max(axis, keepdims=True), axis=axis)
      for shape, axis in (((2, 1), (1,)), ((1, 3), (0,)), ((1, 1), (0, 1)))],
    *[case("min",         np.min,  (2, 3, 2), **axes) for axes in AXES],
    *[case("norm",        norm, (2, 3, 2), **axes)
      for axes in AXES[2:]],
    *[case("cumsum",      np.cumsum, (2, 3, 2), axis=axis) for axis in (0, 1, 2)],
    case("cumsum",        np.cumsum, (0, 3), axis=0),
    case("sum",           np.sum,  (0, 3), axis=(0,), keepdims=False),
    case("mean",          np.mean, (0, 3), axis=(1,), keepdims=False),
    case("max",           np.max,  (0, 3), axis=(1,), keepdims=True),
    case("min",           np.min,  (0, 3), axis=(1,), keepdims=False),

    *[case("affine",      lambda x, weight, bias: x @ weight.T + bias, (*rows, 3), (4, 3), (4,))
      for rows in ((), (2,), (2, 2), (0,))],

    # products: every pair of vectors, matrices, stacks of them that broadcast, and empty ones
    *[case("matmul",      np.matmul, a, b) for a, b in (
        ((3,), (3,)),         ((3,), (3, 2)),       ((2, 3), (3,)),       ((2, 3), (3, 4)),
        ((3,), (2, 3, 2)),    ((2, 2, 3), (3,)),    ((2, 2, 3), (3, 2)),  ((2, 3), (2, 3, 2)),
        ((2, 2, 3), (2, 3, 1)), ((2, 1, 1, 3), (3, 3, 2)), ((1, 2, 3), (2, 3, 2)),
        ((0,), (0,)), ((2, 0), (0, 3)), ((2, 2, 0), (0, 3)), ((2, 2, 3), (3, 0)), ((0, 2, 3), (3, 2)),
    )],

    *[case("einsum",      lambda *xs, subscripts, optimize: np.einsum(subscripts, *xs), *shapes,
           subscripts=subscripts, optimize=optimize)
      for optimize in (False, True) for subscripts, *shapes in (
        ("ij,jk->ik", (2, 3), (3, 4)), ("ii->i", (3, 3)), ("ii->", (3, 3)), ("iji->j", (2, 3, 2)),
        ("ij->", (2, 3)), ("ij,ij->", (2, 3), (2, 3)), ("i,j->ij", (2,), (3,)),
        ("aij,ajk->aik", (2, 2, 3), (2, 3, 2)), ("ij,jk,kl->il", (2, 3), (3, 2), (2, 2)),
        ("ij,k->i", (2, 3), (2,)), ("ij,jk->ik", (2, 1), (3, 2)), ("iij,ijj->ij", (2, 2, 3), (2, 3, 3)),
        ("ij,jk->ik", (2, 0), (0, 3)))],
    *[case("convolve",    np.convolve, a, b) for a, b in (((5,), (3,)), ((2,), (4,)), ((1,), (1,)))],

    # linear algebra; a decomposition is right if its factors are, which the product shows
    *[matrices("inv",     np.linalg.inv, n) for n in (1, 3)],
    matrices("inv",       np.linalg.inv, 2, stack=(2,)),
    *[matrices("solve",   np.linalg.solve, 3, (3, k)) for k in (1, 2)],
    matrices("solve",     np.linalg.solve, 2, (2, 2, 3)),
    *[matrices("det",     np.linalg.det, n) for n in (2, 3)],
    matrices("det",       np.linalg.det, 2, stack=(2,)),
    matrices("cofactor",  lambda x: np.linalg.det(x) * np.linalg.inv(x).T, 3, analytic=False),
    *[matrices("logabsdet", lambda x: np.log(abs(np.linalg.det(x))), n, analytic=False) for n in (2, 3)],
    *[matrices("cholesky", lambda x: np.linalg.cholesky(symmetric(x)), n, stack=stack, analytic=False)
      for n, stack in ((1, ()), (3, ()), (2, (2,)))],
    *[matrices("eigh",    lambda x: packed(*np.linalg.eigh(symmetric(x))), n, stack=stack, analytic=False)
      for n, stack in ((1, ()), (3, ()), (2, (2,)))],
    *[matrices("svd",     lambda x: packed(*np.linalg.svd(x)), n, stack=stack, analytic=False)
      for n, stack in ((3, ()), (2, (2,)))],
    *[factors("svd",      lambda x: packed(*np.linalg.svd(x, full_matrices=False)), shape)
      for shape in ((4, 2), (2, 4))],
    *[matrices("qr",      lambda x: packed(*np.linalg.qr(x)), n, stack=stack, analytic=False)
      for n, stack in ((3, ()), (2, (2,)))],
    factors("qr",         lambda x: packed(*np.linalg.qr(x)), (4, 2)),
    *[factors("pinv",     lambda x, **_: np.linalg.pinv(x), shape, rtol=1e-15, hermitian=False)
      for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2))],

    # shapes
    *[moves("reshape",    lambda x, shape: x.reshape(shape), old, shape=new) for old, new in (
        ((2, 3), (3, 2)), ((2, 3), (6,)), ((2, 3), (2, -1, 1)), ((1, 1), ()), ((), (1,)), ((0, 3), (3, 0)))],
    *[moves("transpose",  np.transpose, (2, 3, 4), axes=axes) for axes in ((2, 1, 0), (1, 2, 0), (0, 2, 1))],
    moves("transpose",    np.transpose, (0, 3), axes=(1, 0)),
    moves("swapaxes",     np.swapaxes, (2, 3, 4), axis1=0, axis2=2),
    moves("squeeze",      np.squeeze, (1, 3, 1), axis=(0, 2)),
    moves("squeeze",      np.squeeze, (1, 3, 1), axis=(2,)),
    moves("expand_dims",  np.expand_dims, (2, 3), axis=(0, 2)),
    *[case("broadcast_to", np.broadcast_to, old, shape=new) for old, new in (
        ((3,), (2, 3)), ((2, 1), (2, 3)), ((), (2, 3)), ((1, 3), (2, 2, 3)), ((1, 3), (0, 3)))],
    *[moves("concatenate", lambda *xs, axis: np.concatenate(xs, axis), *shapes, axis=axis)
      for axis, *shapes in (
        (0, (2, 3), (1, 3), (2, 3)), (1, (2, 3), (2, 1)), (0, (2, 3)), (0, (0, 3), (2, 3)))],
    *[moves("stack",      lambda *xs, axis: np.stack(xs, axis), (2, 3), (2, 3), (2, 3), axis=axis)
      for axis in (0, 1, 2)],
    unary("astype",       lambda x, dtype: np.array(x, dtype), dtype=np.dtype(np.float64)),

    # selection
    *[binary("where",     lambda a, b, condition: np.where(condition, a, b), condition=condition)
      for condition in (MASK, True, False)],
    elementwise("clip",   np.clip, REAL, (-1.0, -0.5), (0.5, 1.0)),
    elementwise("clip",   np.clip, REAL, (0.5, 1.0), (-1.0, -0.5)),  # bounds that cross: the upper one wins
    *[moves("getitem",    lambda x, index: x[index], (3, 3), index=index) for index in INDICES],
    moves("getitem",      lambda x, index: x[index], (0, 3), index=slice(0, 1)),
    moves("getitem",      lambda x, index: np.asarray(x)[index], (), index=(None, Ellipsis)),
    *[moves("scatter",    scatter, shape, shape=(3, 3), index=index) for shape, index in (
        ((3,), 1), ((2, 3), slice(None, None, -2)), ((4, 3), np.array([2, 0, 2, 2])))],
    *[moves("sliding_window_view", sliding_window_view, (3, 4), window_shape=n, axis=axis)
      for n, axis in (((2, 2), (0, 1)), ((3,), (1,)), ((4,), (1,)), ((2, 2), (1, 1)))],
    *[moves("add_windows", add_windows, shape, window_shape=n, axis=axis) for shape, n, axis in (
        ((2, 3, 2, 2), (2, 2), (0, 1)), ((2, 2, 3), (3,), (1,)), ((3, 1, 4), (4,), (1,)),
        ((3, 2, 2, 2), (2, 2), (1, 1)))],
    case("share_ties",    lambda x, groups: x, (2, 3), groups=np.arange(6)),
]
# fmt: on
