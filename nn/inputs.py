"""What a layer accepts: arrays, lists and Values, with the features in the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Value
from autograd.data import as_operand
from autograd.errors import ShapeError
from nn.arguments import joined
from nn.module import Module


def as_input(x: Any, features: int, like: Any, owner: Module) -> Any:
    """The input of a matrix product: Values as they are, plain numbers in the dtype that ``like`` has."""
    if isinstance(x, Value) and isinstance(x._data, np.ndarray) and x._data.shape[-1:] == (features,):
        return x  # from another layer
    x = joined(x)
    if not isinstance(x, Value):
        x = as_operand(x)
        x = np.asarray(x, like.dtype) if isinstance(x, (float, np.ndarray)) else x.astype(like.dtype)
    if features == 1 and x.ndim == 0:
        x = x.reshape(1)
    if x.ndim == 0 or x.shape[-1] != features:
        raise ShapeError(
            f"{type(owner).__name__} takes {features} features in the last axis, "
            f"got an input of shape {x.shape}: give one of shape (..., {features})"
        )
    return x


def as_columns(x: Any, features: int, like: Any, owner: Module) -> list[Value]:
    """One Value per feature; plain numbers are labelled x0, x1, ... for pictures."""
    if isinstance(x, (list, tuple)) and all(np.ndim(item) == 0 for item in x):
        if len(x) != features:
            raise ShapeError(
                f"{type(owner).__name__} takes {features} inputs, got {len(x)}: give a list of {features}"
            )
        columns = list(x)
    else:
        whole = as_input(x, features, like, owner)
        columns = [whole[..., i] for i in range(features)]
    return [
        c if isinstance(c, Value) else Value(c, label=f"x{i}", requires_grad=False)
        for i, c in enumerate(columns)
    ]


def join(outputs: list[Value], x: Any) -> Any:
    """The outputs of single neurons in the form of their input."""
    if isinstance(x, (list, tuple)) and all(np.ndim(item) == 0 for item in x):
        return outputs[0] if len(outputs) == 1 else outputs
    return np.stack(outputs, axis=-1)
