"""The rules: one table of primitives, grouped by subject.

    arithmetic    + - * / ** % neg abs, and other functions of two numbers
    elementary    exp, log, powers, trigonometric and hyperbolic functions
    activations   sigmoid relu leaky_relu binary_step linear softmax log_softmax nll logsumexp
    reductions    sum mean max min cumsum norm
    products      matmul affine einsum convolve; einsum as a product of matrices is in contraction
    shapes        reshape transpose swapaxes squeeze expand_dims broadcast_to concatenate stack
    selection     where clip getitem, and scatter, its transpose
    windows       sliding_window_view, and add_windows, its transpose
    linalg        inv solve det cholesky eigh svd qr pinv
    special       functions of scipy.special; not in ``TABLE``, loaded when SciPy is used

``TABLE`` maps each name to its row. Rules import NumPy, ``autograd.primitive`` and small
helpers, and know no engine.
"""

from __future__ import annotations

from autograd.primitive import Primitive
from autograd.rules import (
    activations,
    arithmetic,
    elementary,
    linalg,
    products,
    reductions,
    selection,
    shapes,
    windows,
)

_SUBJECTS = (arithmetic, elementary, activations, reductions, products, shapes, selection, windows, linalg)

TABLE: dict[str, Primitive] = {
    row.name: row for subject in _SUBJECTS for row in vars(subject).values() if isinstance(row, Primitive)
}
