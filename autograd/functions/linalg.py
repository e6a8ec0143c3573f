"""``np.linalg``: solving and decompositions. Stacked matrices are taken as NumPy takes them."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument, NoRule, ShapeError
from autograd.functions.registry import NOT_GIVEN, implements, integer, normalize_axes, plain, refuse
from autograd.rules import linalg as rules

# The named tuples that NumPy gives.
EighResult = type(np.linalg.eigh(np.eye(1)))
SVDResult = type(np.linalg.svd(np.eye(1)))
QRResult = type(np.linalg.qr(np.eye(1)))
SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


# -- solving --------------------------------------------------------------------------------


@implements(np.linalg.inv)
def inv(a: Any) -> Any:
    """Inverse of a square matrix."""
    return rules.INV(_square("inv", a))


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """The x with ``a @ x == b``; ``b`` is a vector or a stack of matrices."""
    _square("solve", a)
    if np.ndim(b) == 1:
        return rules.SOLVE(a, np.expand_dims(b, -1))[..., 0]
    return rules.SOLVE(a, b)


@implements(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = NOT_GIVEN) -> Any:
    """Moore-Penrose pseudoinverse; the derivative holds where the rank does not change."""
    if rcond is None:
        rcond = 1e-15 if rtol is NOT_GIVEN else rtol
    if rcond is None:
        rcond = max(np.shape(a)[-2:]) * np.finfo(np.result_type(a)).eps
    return rules.PINV(a, rtol=plain(rcond), hermitian=hermitian)


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """Least squares: the solution of smallest norm, residuals, rank and singular values."""
    numbers = np.linalg.lstsq(plain(a), plain(b), rcond=rcond)
    m, n = np.shape(a)
    if rcond is None:
        rcond = np.finfo(np.result_type(a, b)).eps * max(m, n)
    x = pinv(a, rcond) @ b
    residuals = np.sum(np.square(b - a @ x), axis=0, keepdims=np.ndim(b) == 1)
    return x, residuals if len(numbers[1]) else numbers[1], numbers[2], svdvals(a)


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The tensor x with ``tensordot(a, x, x.ndim) == b``."""
    if axes is not None:
        last = normalize_axes(a, axes)
        a = np.transpose(a, [i for i in range(np.ndim(a)) if i not in last] + list(last))
    shape = np.shape(a)[np.ndim(b) :]
    n = int(np.prod(shape))
    return np.reshape(solve(np.reshape(a, (n, n)), np.ravel(b)), shape)


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The tensor that undoes ``tensordot(a, x, ind)``."""
    if integer(ind, "ind") <= 0:
        raise InvalidArgument(f"ind must be positive, got {ind}")
    first, last = np.shape(a)[:ind], np.shape(a)[ind:]
    return np.reshape(inv(np.reshape(a, (int(np.prod(first)), int(np.prod(last))))), (*last, *first))


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """Product of a matrix with itself, of its inverse for negative powers; by repeated squaring."""
    n = integer(n, "n")
    _square("matrix_power", a)
    if n < 0:
        a, n = inv(a), -n
    if n == 0:  # the identity, with a gradient of zero
        return a * 0.0 + np.eye(np.shape(a)[-1], dtype=np.result_type(a))
    result: Any = None
    while n:
        if n % 2:
            result = a if result is None else result @ a
        n //= 2
        a = a @ a if n else a
    return result


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """Product of several matrices; the first and the last may be vectors."""
    refuse("linalg.multi_dot", out=out)
    if len(arrays) < 2:
        raise InvalidArgument(f"multi_dot needs at least two arrays, got {len(arrays)}")
    return functools.reduce(np.dot, _ordered(list(arrays)))


def _ordered(arrays: list[Any]) -> list[Any]:
    """Neighbours multiplied first where that is cheapest, until two are left."""
    while len(arrays) > 2:
        cost = [
            np.size(a) * (np.shape(b)[-1] if np.ndim(b) > 1 else 1) for a, b in itertools.pairwise(arrays)
        ]
        i = int(np.argmin(cost))
        arrays = [*arrays[:i], np.dot(arrays[i], arrays[i + 1]), *arrays[i + 2 :]]
    return arrays


# -- determinants and decompositions -----------------------------------------------------------


@implements(np.linalg.det)
def det(a: Any) -> Any:
    """Determinant; its derivative, the cofactors, exists for singular matrices too."""
    return rules.DET(_square("det", a))


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """Sign of the determinant, a plain number, and the logarithm of its absolute value."""
    return SlogdetResult(np.linalg.slogdet(plain(a))[0], rules.LOGABSDET(_square("slogdet", a)))


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The lower (upper) triangular L with ``L @ L.T`` the symmetric part of ``a``."""
    lower = rules.CHOLESKY(_square("cholesky", a))
    return np.swapaxes(lower, -1, -2) if upper else lower


@implements(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, ascending, and eigenvectors in columns, of the symmetric part of ``a``."""
    n = np.shape(_square("eigh", a))[-1]
    if UPLO not in ("L", "U", "l", "u"):
        raise InvalidArgument(f"UPLO must be 'L' or 'U', got {UPLO!r}")
    return EighResult(*rules.unpack(rules.EIGH(a, uplo=UPLO), (n,), (n, n)))


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, ascending, of the symmetric part of ``a``."""
    return eigh(a, UPLO)[0]


@implements(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """Singular value decomposition ``u @ diag(s) @ vh``.

    Raises:
        NoRule: for the full matrices of a matrix that is not square: the columns that
            complete them are free, and have no derivative.
    """
    m, n = np.shape(_matrix("svd", a))[-2:]
    if compute_uv and full_matrices and m != n:
        raise NoRule(
            f"np.linalg.svd of Values of shape {np.shape(a)} takes full_matrices=False only: "
            "the columns that complete u or vh are free, and have no derivative"
        )
    k = min(m, n)
    u, s, vh = _svd_of_symmetric(a) if hermitian else rules.unpack(rules.SVD(a), (m, k), (k,), (k, n))
    return SVDResult(u, s, vh) if compute_uv else s


def _svd_of_symmetric(a: Any) -> tuple[Any, Any, Any]:
    """From the eigenvalues: their absolute values, descending, the signs in the right vectors."""
    w, v = eigh(a)
    order = np.argsort(np.abs(w), axis=-1)[..., ::-1]
    w, v = np.take_along_axis(w, order, -1), np.take_along_axis(v, np.expand_dims(order, -2), -1)
    return v, np.abs(w), np.swapaxes(v * np.expand_dims(np.sign(w), -2), -1, -2)


@implements(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """Singular values, descending."""
    return svd(x, compute_uv=False)


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """Factors q with orthonormal columns and r upper triangular.

    Raises:
        NoRule: for a mode other than "reduced", "r" or, of a matrix that is not tall, "complete".
    """
    m, n = np.shape(_matrix("qr", a))[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise NoRule(
            f"np.linalg.qr of Values of shape {np.shape(a)} takes the modes 'reduced' and 'r', got {mode!r}"
        )
    k = min(m, n)
    q, r = rules.unpack(rules.QR(a[..., :k]), (m, k), (k, k))
    if n > m:  # the other columns follow from the square part
        r = np.concatenate([r, np.swapaxes(q, -1, -2) @ a[..., k:]], axis=-1)
    return r if mode == "r" else QRResult(q, r)


def _matrix(name: str, a: Any) -> Any:
    if np.ndim(a) < 2:
        raise ShapeError(f"np.linalg.{name} needs matrices, got shape {np.shape(a)}")
    return a


def _square(name: str, a: Any) -> Any:
    if np.shape(_matrix(name, a))[-1] != np.shape(a)[-2]:
        raise ShapeError(f"np.linalg.{name} needs square matrices, got shape {np.shape(a)}")
    return a
