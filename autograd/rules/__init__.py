"""The rules: one table of primitives, grouped by subject.

    arithmetic    + - * / ** neg abs maximum minimum
    elementary    exp log sqrt sin cos tanh logaddexp
    activations   sigmoid relu leaky_relu binary_step linear softmax log_softmax logsumexp
    reductions    sum mean max min
    products      matmul
    shapes        reshape transpose swapaxes squeeze expand_dims broadcast_to concatenate stack
    selection     where clip getitem, and scatter, its transpose

``TABLE`` maps each name to its row. Rules import NumPy and ``autograd.primitive``, nothing else.
"""

from __future__ import annotations

from autograd.primitive import Primitive
from autograd.rules import (
    activations,
    arithmetic,
    elementary,
    products,
    reductions,
    selection,
    shapes,
)

_SUBJECTS = (arithmetic, elementary, activations, reductions, products, shapes, selection)

TABLE: dict[str, Primitive] = {
    row.name: row for subject in _SUBJECTS for row in vars(subject).values() if isinstance(row, Primitive)
}
