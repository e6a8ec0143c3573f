"""Linear algebra on the last two axes, stacked matrices included.

Matrices that NumPy takes to be symmetric (cholesky, eigh) are read as their symmetric part,
so that the gradient is symmetric too. Sources: M. Giles, *Collected Matrix Derivative
Results for Forward and Reverse Mode Algorithmic Differentiation* (2008); for the
pseudoinverse Golub and Pereyra (1973); for the Cholesky factor I. Murray (2016).

A primitive has one result; a decomposition packs its factors into one array along the last
axis, and the public function takes them out again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitive import Primitive


def transposed(x: Any) -> Any:
    """The last two axes exchanged."""
    return np.swapaxes(x, -1, -2)


def symmetric(x: Any) -> Any:
    """The symmetric part, (x + x.T)/2."""
    return 0.5 * (x + transposed(x))


def pack(*factors: Any) -> Any:
    """The elements of matrices and vectors of a stack, one after the other."""
    rows = [np.reshape(f, (*np.shape(f)[:-k], int(np.prod(np.shape(f)[-k:])))) for f, k in factors]
    return np.concatenate(rows, axis=-1)


def unpack(packed: Any, *shapes: tuple[int, ...]) -> list[Any]:
    """The factors of these shapes, taken out again."""
    parts, start = [], 0
    for shape in shapes:
        stop = start + int(np.prod(shape))
        parts.append(np.reshape(packed[..., start:stop], (*np.shape(packed)[:-1], *shape)))
        start = stop
    return parts


def _column(x: Any) -> Any:
    return np.expand_dims(x, -1)


def _row(x: Any) -> Any:
    return np.expand_dims(x, -2)


def _reciprocal(x: Any) -> Any:
    """1/x, and 0 where x is 0: there the vectors are free to turn, and 0 is taken."""
    zero = np.equal(x, 0.0)
    return np.where(zero, 0.0, 1.0 / np.where(zero, 1.0, x))


def _reciprocal_gaps(w: Any) -> Any:
    """1/(w_j - w_i), row i and column j."""
    return _reciprocal(_row(w) - _column(w))


def _equal(w: Any) -> Any:
    """Which neighbours among sorted values are equal."""
    return w[..., 1:] == w[..., :-1]


def _solve_matrix(g: Any, y: Any, a: Any, b: Any) -> Any:
    return -np.linalg.solve(transposed(a), g) @ transposed(y)


def _cofactor_forward(x: Any) -> Any:
    # From the singular values, so that it exists for singular matrices: det(x) inv(x).T is
    # det(u) det(v) u diag(products of the other values) v.T.
    u, s, vh = np.linalg.svd(x)
    n = s.shape[-1]
    others = np.where(np.eye(n, dtype=bool), 1.0, _row(s)).prod(-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return (np.reshape(sign, (*np.shape(sign), 1, 1)) * (u * _row(others)) @ vh).astype(x.dtype)


def _cofactor_rule(g: Any, y: Any, x: Any) -> Any:
    inverse = transposed(np.linalg.inv(x))
    return np.sum(g * inverse, axis=(-2, -1), keepdims=True) * y - y @ transposed(g) @ inverse


def _lower(x: Any) -> Any:
    """The lower triangle, the diagonal halved."""
    n = np.shape(x)[-1]
    return x * (np.tri(n, k=-1) + 0.5 * np.eye(n)).astype(np.result_type(x))


def _cholesky_rule(g: Any, y: Any, x: Any) -> Any:
    inner = _lower(transposed(y) @ g)
    # inv(y).T @ inner @ inv(y), by two solves
    half = np.linalg.solve(transposed(y), inner)
    return symmetric(transposed(np.linalg.solve(transposed(y), transposed(half))))


def _eigh_forward(x: Any, *, uplo: Any = "L") -> Any:
    w, v = np.linalg.eigh(symmetric(x), uplo)  # which triangle is read decides on the signs of v
    return pack((w, 1), (v, 2))


def _eigh_rule(g: Any, y: Any, x: Any, *, uplo: Any = "L") -> Any:
    n = np.shape(x)[-1]
    (gw, gv), (w, v) = unpack(g, (n,), (n, n)), unpack(y, (n,), (n, n))
    inner = _column(gw) * np.eye(n) + _reciprocal_gaps(w) * (transposed(v) @ gv)
    return symmetric(v @ inner.astype(np.result_type(g)) @ transposed(v))


def _svd_forward(x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return pack((u, 2), (s, 1), (vh, 2))


def _svd_rule(g: Any, y: Any, x: Any) -> Any:
    m, n = np.shape(x)[-2:]
    k = min(m, n)
    shapes = (m, k), (k,), (k, n)
    (gu, gs, gvh), (u, s, vh) = unpack(g, *shapes), unpack(y, *shapes)
    f = _reciprocal_gaps(s * s)
    left, right = transposed(u) @ gu, gvh @ transposed(vh)
    inner = f * (left - transposed(left)) * _row(s) + _column(s) * (f * (transposed(right) - right))
    inner = (inner + _column(gs) * np.eye(k)).astype(np.result_type(g))
    grad = u @ inner @ vh
    if m > k:  # what the columns of u gain outside of their span
        grad = grad + (gu - u @ left) * _row(_reciprocal(s)) @ vh
    if n > k:
        grad = grad + u @ (_column(_reciprocal(s)) * (gvh - right @ vh))
    return grad


def _qr_forward(x: Any) -> Any:
    q, r = np.linalg.qr(x)
    return pack((q, 2), (r, 2))


def _qr_rule(g: Any, y: Any, x: Any) -> Any:
    m, n = np.shape(x)[-2:]
    (gq, gr), (q, r) = unpack(g, (m, n), (n, n)), unpack(y, (m, n), (n, n))
    inner = r @ transposed(gr) - transposed(gq) @ q
    mirrored = _lower(inner) + transposed(_lower(inner))
    return transposed(np.linalg.solve(r, transposed(gq + q @ mirrored)))


def _pinv_rule(g: Any, y: Any, x: Any, *, rtol: Any, hermitian: bool) -> Any:
    gt, yt = transposed(g), transposed(y)
    rows, columns = np.eye(np.shape(x)[-2]), np.eye(np.shape(x)[-1])
    left, right = rows - x @ y, columns - y @ x
    grad = -yt @ g @ yt + left @ gt @ y @ yt + yt @ y @ gt @ right
    return grad.astype(np.result_type(g))


# fmt: off
INV = Primitive("inv", np.linalg.inv,
    (lambda g, y, x: -transposed(y) @ g @ transposed(y),),
    ("-y.T @ g @ y.T",), (r"-y^{\top} g\, y^{\top}",), symbol="inv")

SOLVE = Primitive("solve", np.linalg.solve,
    (_solve_matrix, lambda g, y, a, b: np.linalg.solve(transposed(a), g)),
    ("-inv(a).T @ g @ y.T", "inv(a).T @ g"), (r"-a^{-\top} g\, y^{\top}", r"a^{-\top} g"), symbol="solve")

PINV = Primitive("pinv", lambda x, *, rtol, hermitian: np.linalg.pinv(x, rtol=rtol, hermitian=hermitian),
    (_pinv_rule,),
    ("-y.T @ g @ y.T + (1 - x @ y) @ g.T @ y @ y.T + y.T @ y @ g.T @ (1 - y @ x)",),
    (r"-y^{\top} g y^{\top} + (1 - x y) g^{\top} y y^{\top} + y^{\top} y g^{\top} (1 - y x)",), symbol="pinv")

DET = Primitive("det", np.linalg.det,
    (lambda g, y, x: np.expand_dims(g, (-2, -1)) * COFACTOR(x),),
    ("g * cofactor(x)",), (r"g \operatorname{cof}(x)",), symbol="det")

COFACTOR: Primitive = Primitive("cofactor", _cofactor_forward, (_cofactor_rule,),
    ("sum(g*inv(x).T)*y - y @ g.T @ inv(x).T",),
    (r"\langle g, x^{-\top} \rangle y - y\, g^{\top} x^{-\top}",), symbol="cof")

LOGABSDET = Primitive("logabsdet", lambda x: np.linalg.slogdet(x)[1],
    (lambda g, y, x: np.expand_dims(g, (-2, -1)) * transposed(np.linalg.inv(x)),),
    ("g * inv(x).T",), (r"g\, x^{-\top}",), symbol="logabsdet")

CHOLESKY = Primitive("cholesky", lambda x: np.linalg.cholesky(symmetric(x)), (_cholesky_rule,),
    ("inv(y).T @ lower(y.T @ g) @ inv(y), made symmetric; lower halves the diagonal",),
    (r"\operatorname{sym}(y^{-\top} \Phi(y^{\top} g)\, y^{-1})",), symbol="cholesky")

EIGH = Primitive("eigh", _eigh_forward, (_eigh_rule,),
    ("v @ (diag(gw) + (v.T @ gv)/(w_j - w_i)) @ v.T, made symmetric",),
    (r"v \left(\operatorname{diag}(g_w) + \tfrac{v^{\top} g_v}{w_j - w_i}\right) v^{\top}",), symbol="eigh",
    kinks="equal eigenvalues: their vectors are free, and 0 is taken for the turn between them",
    branch=lambda x, **_: _equal(np.linalg.eigvalsh(symmetric(x))))

SVD = Primitive("svd", _svd_forward, (_svd_rule,),
    ("u @ (diag(gs) + terms of gu and gv over s_j**2 - s_i**2) @ v.T",),
    (r"u \left(\operatorname{diag}(g_s) + \cdots\right) v^{\top}",), symbol="svd",
    kinks="equal singular values: their vectors are free, and 0 is taken for the turn between them",
    branch=lambda x: _equal(np.linalg.svd(x, compute_uv=False)))

QR = Primitive("qr", _qr_forward, (_qr_rule,),
    ("(gq + q @ copyltu(r @ gr.T - gq.T @ q)) @ inv(r).T; copyltu mirrors the lower triangle",),
    (r"(g_q + q \operatorname{copyltu}(r g_r^{\top} - g_q^{\top} q))\, r^{-\top}",), symbol="qr")
# fmt: on
