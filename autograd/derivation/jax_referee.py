"""JAX as a further referee: the recorded graph, run again and differentiated by JAX.

An extra, for those who want a second engine's word: ``pip install "chainrule[jax]"``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.derivation.claims import close
from autograd.derivation.sides import Point
from autograd.graph import topological_order
from autograd.value import Value

# Primitives that JAX has under the same name, with the same parameters.
SAME_NAMES = (
    *("add", "subtract", "multiply", "divide", "power", "negative", "absolute", "maximum", "minimum"),
    *("fmax", "fmin", "remainder", "fmod", "hypot", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"),
    *("logaddexp", "logaddexp2", "sqrt", "cbrt", "square", "reciprocal", "sinc", "sin", "cos", "tan"),
    *("arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
    *("sum", "mean", "max", "min", "cumsum", "matmul", "convolve", "reshape", "transpose", "swapaxes"),
    *("squeeze", "expand_dims", "broadcast_to"),
)


def jax_doubts(point: Point) -> str:
    """Empty if JAX has the engine's gradients of all inputs, else how they differ, or why JAX cannot tell.

    Raises:
        ImportError: if JAX is not installed.
    """
    try:
        import jax
    except ImportError:
        raise ImportError('referee="jax" needs JAX: pip install "chainrule[jax]"') from None
    output = point.order[-1]
    leaves = [v for v in point.order if v.primitive is None]
    with jax.enable_x64(True):
        functions = _functions(jax)
        missing = sorted({_name(v) for v in point.order if v.primitive} - set(functions))
        if missing:
            return f"JAX was asked, but has no {', '.join(missing)} here"
        gradients = jax.grad(
            lambda xs: _run_again(output, dict(zip(leaves, xs, strict=True)), functions, point.seed)
        )
        found = gradients([jax.numpy.asarray(v.data) for v in leaves])
    for leaf, g in zip(leaves, found, strict=True):
        if not close(np.asarray(g), point.true[leaf]):
            return f"JAX has another gradient of {point.names.get(leaf, 'an input')} than the engine"
    return ""


def _run_again(output: Value, known: dict[Value, Any], functions: dict[str, Any], seed: Any) -> Any:
    for node in topological_order(output):
        if node.primitive is not None:
            inputs = [known.get(p, p.data) for p in node.parents]
            known[node] = functions[_name(node)](inputs, node.params or {})
    return (known[output] * seed).sum()


def _name(node: Value) -> str:
    return node.primitive.name  # type: ignore[union-attr]


def _functions(jax: Any) -> dict[str, Any]:
    """What JAX has for each primitive, as a function of its inputs and parameters."""
    jnp = jax.numpy
    functions = {name: _calling(getattr(jnp, name)) for name in SAME_NAMES}
    return functions | {
        "sigmoid": _calling(jax.nn.sigmoid),
        "relu": _calling(jax.nn.relu),
        "leaky_relu": _calling(jax.nn.leaky_relu),
        "softmax": _calling(jax.nn.softmax),
        "log_softmax": _calling(jax.nn.log_softmax),
        "logsumexp": _calling(jax.nn.logsumexp),
        "linear": _calling(lambda x: x),
        "astype": _calling(lambda x, dtype: x.astype(dtype)),
        "affine": _calling(lambda x, weight, bias: x @ weight.T + bias),
        "nll": _calling(lambda log_p, index, scale: -scale * log_p.reshape(-1)[index].sum()),
        "clip": _calling(jnp.clip),
        "where": _calling(lambda a, b, condition: jnp.where(condition, a, b)),
        "getitem": _calling(lambda x, index: x[index]),
        "scatter": _calling(lambda x, index, shape: jnp.zeros(shape, x.dtype).at[index].add(x)),
        "sliding_window_view": _calling(_windows),
        "norm": _calling(lambda x, axis, keepdims: jnp.sqrt(jnp.sum(x * x, axis=axis, keepdims=keepdims))),
        "concatenate": lambda xs, params: jnp.concatenate(xs, **params),
        "stack": lambda xs, params: jnp.stack(xs, **params),
        "einsum": lambda xs, params: jnp.einsum(params["subscripts"], *xs),
    }


def _windows(x: Any, window_shape: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    places = np.arange(x.size).reshape(x.shape)
    return x.reshape(-1)[np.lib.stride_tricks.sliding_window_view(places, window_shape, axis)]


def _calling(f: Any) -> Any:
    return lambda xs, params: f(*xs, **params)
