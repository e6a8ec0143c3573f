"""The parameters of a function, filled by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.errors import InvalidArgument

# What people call the gradient that comes from above.
UPSTREAM = {"dout", "dy", "dL", "grad_output", "grad_out", "upstream", "delta_out", "gout", "dloss"}
FIRST = ("d", "g", "output_g", "out_g", "accum_g", "err", "eps", "up")  # so begins the name of a first one


def filled(
    f: Callable[..., Any],
    known: Mapping[str, Any],
    side: str,
    listed: list[str],
    result: Any = None,
    upstream: Any = None,
) -> dict[str, Any]:
    """A value for each parameter of a function, by name.

    Raises:
        InvalidArgument: naming the parameter that cannot be filled, and what there is.
    """
    arguments = {}
    for i, (name, parameter) in enumerate(inspect.signature(f).parameters.items()):
        if name in known:
            arguments[name] = known[name]
        elif upstream is not None and (name in UPSTREAM or (i == 0 and name.startswith(FIRST))):
            arguments[name] = upstream if np.ndim(upstream) else float(upstream)
        elif (found := _from_result(name, result)) is not None:
            arguments[name] = found
        elif parameter.default is parameter.empty and parameter.kind in (
            parameter.POSITIONAL_OR_KEYWORD,
            parameter.KEYWORD_ONLY,
            parameter.POSITIONAL_ONLY,
        ):
            raise InvalidArgument(
                f"the parameter {name!r} of {side} cannot be filled: there are {', '.join(listed)}. "
                "Give it in inputs, or call it yourself with call="
            )
    return arguments


def as_arrays(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs of formulas, in which lists of numbers are arrays.

    Raises:
        InvalidArgument: for a list that is no array, naming it.

    >>> as_arrays({"x": [1.0, 2.0], "n": 3})
    {'x': array([1., 2.]), 'n': 3}
    """
    return {name: _as_array(name, x) if isinstance(x, (list, tuple)) else x for name, x in inputs.items()}


def _as_array(name: str, x: Any) -> Any:
    try:
        array = np.asarray(x)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiub":
        raise InvalidArgument(
            f"inputs[{name!r}] is a {type(x).__name__} that is no array of numbers: formulas need an array, "
            f"such as np.array([[1.0, 2.0], [3.0, 4.0]])"
        )
    return array


def _from_result(name: str, result: Any) -> Any:
    """What ``forward`` returned under this name, or as its only container."""
    if isinstance(result, dict):
        return result.get(name, result if name in ("cache", "caches", "ctx", "state") else None)
    if isinstance(result, tuple):
        if name in ("cache", "caches", "ctx", "state"):
            containers = [part for part in result if isinstance(part, (dict, tuple, list))]
            return containers[-1] if containers else None
        for part in result:
            if isinstance(part, dict) and name in part:
                return part[name]
    if name in ("out", "output", "y_pred", "pred", "scores"):
        return result[0] if isinstance(result, tuple) else result
    return None
