"""The mistakes that people make where broadcasting is undone: sums over the batch, missing or wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.derivation.named import Mistake
from autograd.derivation.spelling import Speller
from autograd.derivation.sweep import raw_part_of
from autograd.value import Value

BROADCASTING = {"add", "subtract", "multiply", "divide", "maximum", "minimum", "broadcast_to", "where"}


def _summed(kind: str, what: str, make: Callable[[Any, tuple[int, ...]], Any]) -> Mistake:
    def text(s: Speller, node: Value, i: int) -> str:
        parent = node.parents[i]
        return f"{what}: {s.node(parent)} of shape {parent.shape} was repeated to {node.shape}"

    def alter(node: Value, i: int, g: Any) -> Any:
        raw = raw_part_of(node, i, g)
        return (
            NotImplemented if raw is None else make(np.broadcast_to(raw, node.shape), node.parents[i].shape)
        )

    return Mistake(kind, text, alter)


def _repeated_axes(wide: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    padded = (1,) * (wide.ndim - len(shape)) + shape
    return tuple(k for k, (m, n) in enumerate(zip(wide.shape, padded, strict=True)) if n == 1 and m != 1)


def _fitted(part: Any, shape: tuple[int, ...]) -> Any:
    return np.reshape(part, shape) if np.size(part) == int(np.prod(shape)) else part


SUMS = [
    _summed("missing sum", "the sum over the batch is missing", lambda wide, shape: wide),
    _summed(
        "mean for sum",
        "the mean was taken over the batch where the sum belongs",
        lambda wide, shape: _fitted(wide.mean(axis=_repeated_axes(wide, shape)), shape),
    ),
    _summed("wrong axis", "the sum was taken over everything", lambda wide, shape: wide.sum()),
    _summed(
        "wrong axis",
        "the sum was taken over the wrong axis",
        lambda wide, shape: wide.sum(
            axis=tuple(k for k in range(wide.ndim) if k not in _repeated_axes(wide, shape)),
            keepdims=len(shape) == wide.ndim,
        ),
    ),
    _summed(
        "missing sum", "only the first row of the batch is used", lambda wide, shape: _fitted(wide[:1], shape)
    ),
]
