"""Sums of products."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument, ShapeError
from autograd.functions.arrangement import diagonal, flip
from autograd.functions.registry import array, implements, in_type, normalize_axes, plain, refuse
from autograd.functions.shapes import moveaxis
from autograd.rules import products, selection


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """The last axis of ``a`` with the last but one of ``b`` (or its only one)."""
    refuse("dot", out=out)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) == 1 or (np.ndim(a) <= 2 and np.ndim(b) == 2):
        return np.matmul(a, b)
    return tensordot(a, b, (-1, -2))


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """The last axes of both."""
    return np.multiply(a, b) if np.ndim(a) == 0 or np.ndim(b) == 0 else tensordot(a, b, (-1, -1))


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """Both flattened."""
    return np.matmul(np.ravel(a), np.ravel(b))


@implements(np.outer, np.linalg.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """Every element of the one times every element of the other."""
    refuse("outer", out=out)
    return np.multiply(np.reshape(a, (-1, 1)), np.reshape(b, (1, -1)))


@implements(np.linalg.matmul)
def matmul(x1: Any, x2: Any, /) -> Any:
    """Matrix product."""
    return products.MATMUL(x1, x2)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Products of vectors along an axis."""
    if axis != -1:
        x1, x2 = moveaxis(x1, axis, -1), moveaxis(x2, axis, -1)
    if np.shape(x1)[-1:] != np.shape(x2)[-1:] or np.ndim(x1) == 0:
        raise ShapeError(f"vecdot needs vectors of one length, got shapes {np.shape(x1)} and {np.shape(x2)}")
    return np.sum(x1 * x2, axis=-1)


implements(np.linalg.vecdot)(vecdot)


def matvec(x1: Any, x2: Any, /) -> Any:
    """Matrices times vectors, stacked."""
    return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]


def vecmat(x1: Any, x2: Any, /) -> Any:
    """Vectors times matrices, stacked."""
    return np.matmul(np.expand_dims(x1, -2), x2)[..., 0, :]


@implements(np.tensordot, np.linalg.tensordot)
def tensordot(a: Any, b: Any, /, axes: Any = 2) -> Any:
    """Sum over pairs of axes: the last of ``a`` with the first of ``b``, or those listed."""
    if isinstance(axes, (int, np.integer)):
        first, second = range(np.ndim(a) - axes, np.ndim(a)), range(axes)
        of_a, of_b = tuple(first), tuple(second)
    else:
        of_a, of_b = normalize_axes(a, axes[0]), normalize_axes(b, axes[1])
    summed = [np.shape(a)[i] for i in of_a]
    if summed != [np.shape(b)[i] for i in of_b]:
        raise ShapeError(
            f"tensordot cannot pair axes {of_a} of shape {np.shape(a)} with {of_b} of {np.shape(b)}"
        )
    rest_a = [i for i in range(np.ndim(a)) if i not in of_a]
    rest_b = [i for i in range(np.ndim(b)) if i not in of_b]
    shape_a, shape_b = [np.shape(a)[i] for i in rest_a], [np.shape(b)[i] for i in rest_b]
    n = math.prod(summed)
    left = np.reshape(np.transpose(a, (*rest_a, *of_a)), (math.prod(shape_a), n))
    right = np.reshape(np.transpose(b, (*of_b, *rest_b)), (n, math.prod(shape_b)))
    return np.reshape(np.matmul(left, right), (*shape_a, *shape_b))


@implements(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, dtype: Any = None, **options: Any) -> Any:
    """Einstein's summation, in both of NumPy's notations, for one operand or many."""
    refuse("einsum", out=out)
    subscripts, arrays = _subscripts(operands)
    explicit = _explicit(subscripts, [np.ndim(a) for a in arrays])
    return products.EINSUM(*(in_type(a, dtype) for a in arrays), subscripts=explicit, optimize=optimize)


def _subscripts(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """Subscripts as text; ``(a, [0, 1], b, [1, 2], [0, 2])`` is the other notation."""
    if isinstance(operands[0], str):
        return operands[0], list(operands[1:])
    out = operands[-1] if len(operands) % 2 else None
    arrays, lists = list(operands[: len(operands) // 2 * 2 : 2]), operands[1::2]
    text = ",".join(map(_spelled, lists))
    return (text if out is None else f"{text}->{_spelled(out)}"), arrays


def _spelled(numbers: Any) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join("..." if n is Ellipsis else letters[n] for n in numbers)


def _explicit(subscripts: str, ndims: list[int]) -> str:
    """The same subscripts with a result, and letters in the place of every ellipsis."""
    left, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise InvalidArgument(f"einsum {subscripts!r} names {len(terms)} operands, got {len(ndims)}")
    free = [c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if c not in subscripts]
    hidden = [n - len(t.replace("...", "")) if "..." in t else 0 for t, n in zip(terms, ndims, strict=True)]
    if min(hidden) < 0:
        raise ShapeError(f"einsum {subscripts!r} has more subscripts than an operand has dimensions")
    longest = "".join(free[: max(hidden)])
    terms = [t.replace("...", longest[len(longest) - n :]) for t, n in zip(terms, hidden, strict=True)]
    if not arrow:  # the letters that occur once, in alphabetical order
        letters = "".join(terms)
        out = longest + "".join(sorted(c for c in set(letters) - set(longest) if letters.count(c) == 1))
    return f"{','.join(terms)}->{out.replace('...', longest)}"


def float_power(x1: Any, x2: Any, /) -> Any:
    """Powers in double precision."""
    return np.power(in_type(x1, np.float64), in_type(x2, np.float64))


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    """Every element of ``a`` times all of ``b``, in blocks."""
    ndim = max(np.ndim(a), np.ndim(b))
    of_a = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    of_b = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    wide = np.reshape(a, tuple(itertools.chain(*((n, 1) for n in of_a))))
    deep = np.reshape(b, tuple(itertools.chain(*((1, n) for n in of_b))))
    return np.reshape(np.multiply(wide, deep), tuple(m * n for m, n in zip(of_a, of_b, strict=True)))


@implements(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """Vector product in three dimensions; with two components the third is 0."""
    if axis is not None:
        axisa = axisb = axisc = axis
    parts_a, parts_b = _components(a, axisa), _components(b, axisb)
    if len(parts_a) == len(parts_b) == 2:
        return parts_a[0] * parts_b[1] - parts_a[1] * parts_b[0]
    (a0, a1, a2), (b0, b1, b2) = ([*p, 0.0][:3] for p in (parts_a, parts_b))
    product = np.broadcast_arrays(a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0)
    return np.stack(product, axis=axisc)


@implements(np.linalg.cross)
def cross_3d(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Vector product of vectors with three components."""
    if np.shape(x1)[axis] != 3 or np.shape(x2)[axis] != 3:
        raise ShapeError(f"np.linalg.cross needs 3 components, got shapes {np.shape(x1)} and {np.shape(x2)}")
    return cross(x1, x2, axis=axis)


def _components(a: Any, axis: int) -> list[Any]:
    moved = moveaxis(a, axis, -1)
    if np.shape(moved)[-1] not in (2, 3):
        raise ShapeError(f"cross needs vectors of 2 or 3 components, got shape {np.shape(a)}, axis {axis}")
    return [moved[..., i] for i in range(np.shape(moved)[-1])]


@implements(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """Sum of a diagonal."""
    refuse("trace", out=out)
    return np.sum(diagonal(in_type(a, dtype), offset, axis1, axis2), axis=-1)


@implements(np.linalg.trace)
def matrix_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """Sum of a diagonal of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Convolution of two vectors: all of it, as long as the longer one, or where they overlap."""
    sizes = _sizes("convolve", a, v)
    full = products.CONVOLVE(np.ravel(a), np.ravel(v))
    return _cropped(full, sizes, mode)


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Correlation of two vectors: a convolution with the second one reversed."""
    sizes = _sizes("correlate", a, v)
    full = products.CONVOLVE(np.ravel(a), flip(np.ravel(v)))
    if mode == "same" and np.size(v) > np.size(a):  # NumPy exchanges the two, and reverses the result
        return full[sizes[1] // 2 : sizes[1] // 2 + sizes[0]]
    return _cropped(full, sizes, mode)


def _sizes(name: str, a: Any, v: Any) -> tuple[int, int]:
    if np.size(a) == 0 or np.size(v) == 0 or max(np.ndim(a), np.ndim(v)) > 1:
        raise ShapeError(
            f"np.{name} needs two vectors that are not empty, got {np.shape(a)} and {np.shape(v)}"
        )
    return max(np.size(a), np.size(v)), min(np.size(a), np.size(v))


def _cropped(full: Any, sizes: tuple[int, int], mode: str) -> Any:
    longer, shorter = sizes
    if mode == "full":
        return full
    if mode == "valid":
        return full[shorter - 1 : longer]
    if mode == "same":
        start = (shorter - 1) // 2
        return full[start : start + longer]
    raise InvalidArgument(f"mode must be 'full', 'same' or 'valid', got {mode!r}")


@implements(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """A polynomial with coefficients ``p``, highest power first, by Horner's scheme."""
    y: Any = np.zeros(np.shape(x), np.result_type(x))
    for i in range(np.shape(p)[0]):
        y = y * x + p[i]
    return y


@implements(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Powers of ``x`` in columns, the highest first."""
    if np.ndim(x) != 1:
        raise ShapeError(f"np.vander needs a vector, got shape {np.shape(x)}")
    n = np.shape(x)[0] if N is None else N
    powers = np.arange(n, dtype=float)
    base = np.expand_dims(in_type(x, np.promote_types(np.result_type(x), int)), -1)
    return base ** (powers if increasing else powers[::-1])


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Linear interpolation between points, in double precision; differentiable in all three."""
    x, xp, fp = (in_type(array(p), np.float64) for p in (x, xp, fp))
    if period is not None:
        order = np.argsort(np.mod(plain(xp), period))
        xp, fp, x = _at(np.mod(xp, period), order), _at(fp, order), np.mod(x, period)
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    n = np.shape(xp)[0]
    at = np.searchsorted(plain(xp), plain(x), side="right") - 1
    i = np.clip(at, 0, max(n - 2, 0))
    j = np.minimum(i + 1, n - 1)
    x0, f0, f1 = _at(xp, i), _at(fp, i), _at(fp, j)
    width = _at(xp, j) - x0 if n > 1 else 1.0
    y = f0 + (f1 - f0) * ((x - x0) / width)
    y = np.where(plain(x) < plain(xp)[0], fp[0] if left is None else left, y)
    return np.where(plain(x) > plain(xp)[-1], fp[-1] if right is None else right, y)


def _at(x: Any, i: Any) -> Any:
    """``x[i]``, where ``i`` alone may be traced."""
    return selection.GETITEM(x, index=i)
