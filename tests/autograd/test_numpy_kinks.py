"""Where functions of NumPy have no derivative, and what is taken there; zeros, ties and NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd import Value, grad, gradients, hessian

NAN = math.nan

# fmt: off
TIES = {  # function, point, weights of the result, gradient: equal elements share what they receive
    "sort":               (np.sort, [2, 1, 2, 0], [1, 2, 3, 5], [4, 2, 4, 1]),
    "sort, by rows":    (lambda x: np.sort(x, axis=1), [[1, 1], [1, 0]], [[1, 3], [5, 7]], [[2, 2], [7, 5]]),
    "sort, by columns": (lambda x: np.sort(x, axis=0), [[1, 1], [1, 0]], [[1, 3], [5, 7]], [[3, 7], [3, 3]]),
    "sort, flat":         (lambda x: np.sort(x, axis=None), [[1, 1], [1, 0]], [6, 1, 2, 3], [[2, 2], [2, 6]]),
    "partition":          (lambda x: np.partition(x, 1), [2, 1, 2], [1, 2, 4], [3, 1, 3]),
    "median":             (np.median, [2, 5, 2, 0], 1, [1/2, 0, 1/2, 0]),
    "median of a tie":    (np.median, [2, 2, 2, 0, 9], 3, [1, 1, 1, 0, 0]),
    "quantile":           (lambda x: np.quantile(x, 0.25), [1, 1, 0, 2, 3], 1, [1/2, 1/2, 0, 0, 0]),
    "percentile":         (lambda x: np.percentile(x, 100), [3, 1, 3], 1, [1/2, 0, 1/2]),
    "max":                (np.max, [3, 1, 3], 1, [1/2, 0, 1/2]),
    "ptp":                (np.ptp, [3, 1, 3, 1], 1, [1/2, -1/2, 1/2, -1/2]),
    "ptp of equals":      (np.ptp, [2, 2], 1, [0, 0]),
    "nanmax":             (np.nanmax, [3, NAN, 3], 1, [1/2, 0, 1/2]),
    "max, initial":       (lambda x: np.max(x, initial=3.0), [3, 1], 1, [1/2, 0]),
    "maximum.reduce":     (np.maximum.reduce, [3, 1, 3], 1, [1/2, 0, 1/2]),
    "largest of norms":   (lambda x: np.linalg.norm(x, np.inf), [3, -3, 1], 1, [1/2, -1/2, 0]),
}
ZEROS = {  # the derivative at zeros and equal elements is taken as 0
    "std of equals":      (np.std, [2, 2, 2], 1, [0, 0, 0]),
    "std by rows":        (lambda x: np.std(x, axis=1), [[2, 2], [1, 3]], [1, 1], [[0, 0], [-1/2, 1/2]]),
    "std with ddof":      (lambda x: np.std(x, ddof=1), [2, 2, 2], 1, [0, 0, 0]),
    "nanstd of equals":   (np.nanstd, [2, NAN, 2], 1, [0, 0, 0]),
    **{f"norm {p}":     (lambda x, p=p: np.linalg.norm(x, p), [0, 0], 1, [0, 0])
       for p in (None, 0, 1, 2, 3, 2.5, np.inf, -np.inf)},
    **{f"matrix {p}": (lambda x, p=p: np.linalg.norm(x, p), np.zeros((2, 2)), 1, np.zeros((2, 2)))
       for p in (None, "fro", 1, -1, np.inf, -np.inf)},
    "norm by rows":       (lambda x: np.linalg.norm(x, axis=1), [[0, 0], [3, 4]], [1, 1], [[0, 0], [.6, .8]]),
    "hypot":              (lambda x: np.hypot(x, x), [0, 1], [1, 1], [0, 2**0.5]),
    "abs":                (np.abs, [0, -1], [1, 1], [0, -1]),
    "sinc":               (np.sinc, [0, 1], [1, 1], [0, -1]),
}
WITHOUT_NAN = {  # NaN is ignored, and has no gradient
    "nansum":             (np.nansum, [1, NAN, 2], 1, [1, 0, 1]),
    "nanprod":            (np.nanprod, [3, NAN, 2], 1, [2, 0, 3]),
    "nanmean":            (np.nanmean, [1, NAN, 2], 1, [1/2, 0, 1/2]),
    "nanvar":             (np.nanvar, [1, NAN, 3], 1, [-1, 0, 1]),
    "nanstd":             (np.nanstd, [1, NAN, 3], 1, [-1/2, 0, 1/2]),
    "nanmin":             (np.nanmin, [1, NAN, 3], 1, [1, 0, 0]),
    "nancumsum":          (np.nancumsum, [1, NAN, 3], [1, 1, 1], [3, 0, 1]),
    "nancumprod":         (np.nancumprod, [2, NAN, 3], [1, 1, 1], [1 + 1 + 3, 0, 2]),
    "nan_to_num":         (np.nan_to_num, [1, NAN, math.inf], [1, 1, 1], [1, 0, 0]),
}
# fmt: on


@pytest.mark.parametrize(
    ("f", "point", "weights", "expected"),
    [*TIES.values(), *ZEROS.values(), *WITHOUT_NAN.values()],
    ids=[*TIES, *ZEROS, *WITHOUT_NAN],
)
def test_at_the_kink(f: Any, point: Any, weights: Any, expected: Any) -> None:
    """The gradient at ties, zeros and NaN is the one of the table, and it can be differentiated again."""
    x = Value(point)
    total = np.sum(np.asarray(weights, float) * f(x))
    if not isinstance(total, Value):  # norm of order 0
        assert not np.any(expected)
        return
    (first,) = gradients(total, [x], create_graph=True)
    assert_allclose(first.data, expected, atol=1e-15)
    if first.requires_grad:
        (second,) = gradients(np.sum(first), [x])
        assert np.all(np.isfinite(second))


@pytest.mark.parametrize("zeros", range(4))
def test_products_are_exact_at_zeros(zeros: int) -> None:
    """First and second derivatives of prod are products of the others, with any number of zeros."""
    x = np.array([0.0] * zeros + [2.0, -3.0, 5.0, 0.5])
    n = len(x)
    first = [np.prod(np.delete(x, i)) for i in range(n)]
    second = [[0.0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(n)] for i in range(n)]
    assert_allclose(grad(np.prod)(x), first, rtol=1e-14)
    assert_allclose(hessian(np.prod)(x), second, rtol=1e-14)


@pytest.mark.parametrize("zeros", range(4))
def test_running_products_are_exact_at_zeros(zeros: int) -> None:
    """The same for cumprod, each of whose results is a product."""
    x = np.array([1.5, 0.0, 2.0, -3.0, 5.0])
    x[4 - zeros : 4] = 0.0
    n, w = len(x), np.arange(1.0, 6.0)

    def total(x: Any) -> Any:
        return np.sum(w * np.cumprod(x))

    first, second = np.zeros(n), np.zeros((n, n))
    for k in range(n):
        for i in range(k + 1):
            first[i] += w[k] * np.prod(np.delete(x[: k + 1], i))
            for j in set(range(k + 1)) - {i}:
                second[i, j] += w[k] * np.prod(np.delete(x[: k + 1], [i, j]))
    assert_allclose(grad(total)(x), first, rtol=1e-14)
    assert_allclose(hessian(total)(x), second, rtol=1e-14)


@pytest.mark.parametrize("f", [np.nanmax, np.nanmin, np.nanmean, np.nanstd])
def test_nothing_but_nan(f: Any) -> None:
    """A row of NaN gives NaN, as NumPy's functions do, and does not disturb the gradient of the others."""
    x = Value([[NAN, NAN], [1.0, 3.0]])
    with np.errstate(invalid="ignore"):
        y = f(x, axis=1)
        (g,) = gradients(y[1], [x])
    assert np.isnan(y.data[0])
    assert np.all(g[0] == 0.0)
    assert np.all(np.isfinite(g))


@pytest.mark.parametrize("f", [np.median, np.sort, lambda x: np.quantile(x, 0.3), np.max, np.ptp])
def test_nan_stays_visible(f: Any) -> None:
    """Without the prefix nan, a NaN among the elements gives what NumPy gives: NaN."""
    numbers = np.array([1.0, NAN, 0.5])
    assert_allclose(f(Value(numbers)).data, f(numbers))


@pytest.mark.parametrize("n", [0, 1])
def test_a_singular_matrix_has_a_determinant_with_derivatives(n: int) -> None:
    """The gradient of det is the cofactors, also where the determinant is zero."""
    a = np.diag([2.0, 0.0, 5.0 * n])
    assert_allclose(grad(np.linalg.det)(a), np.diag([0.0, 10.0 * n, 0.0]), atol=1e-14)


def test_equal_eigenvalues_share() -> None:
    """The sum of equal eigenvalues and the trace of a function of the matrix have their derivatives."""
    a = np.eye(3)
    assert_allclose(grad(lambda a: np.sum(np.linalg.eigvalsh(a)))(a), np.eye(3), atol=1e-14)
    assert_allclose(grad(lambda a: np.sum(np.linalg.svdvals(a)))(a), np.eye(3), atol=1e-14)
