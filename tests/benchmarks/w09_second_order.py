"""W9: second derivatives of a network 3-3-2 of tanh, 20 parameters, squared error of 8 points.

One row for the product of the Hessian with a vector, one for the Hessian itself. By hand, tangents
are carried forward through the backward pass (Pearlmutter, "Fast exact multiplication by the
Hessian", 1994), for one direction or for all twenty at once. The value of a step is the loss, or
for a product with v, which does not need the loss, the derivative along v.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from . import libraries
from .workload import Builder, Inputs, Step, Target, Workload

PARAMETERS = 20


def inputs(small: bool) -> Inputs:
    """Parameters in one vector: weights 3x3, biases, weights 3x2, biases."""
    rng = np.random.default_rng(9)
    batch = 3 if small else 8
    p, v = rng.normal(scale=0.7, size=(2, PARAMETERS))
    return {"p": p, "v": v, "x": rng.normal(size=(batch, 3)), "t": rng.normal(size=(batch, 2))}


def split(p: Any) -> Any:
    """The four arrays of a vector (..., 20), or of several in one array."""
    lead = p.shape[:-1]
    W1, b1 = p[..., :9].reshape((*lead, 3, 3)), p[..., 9:12].reshape((*lead, 1, 3))
    return W1, b1, p[..., 12:18].reshape((*lead, 3, 2)), p[..., 18:].reshape((*lead, 1, 2))


def loss(np: Any, x: Any, t: Any, p: Any) -> Any:
    """Mean squared error, in the functions of one library; of several vectors, the sum."""
    W1, b1, W2, b2 = split(p)
    error = np.tanh(x @ W1 + b1) @ W2 + b2 - t
    return np.sum(error * error) / len(x)


def along(inputs: Inputs, p: Any, V: Any) -> Any:
    """Hessian times each row of V, of shape (k, 20); and the gradient, of shape (20,)."""
    (W1, b1, W2, b2), (dW1, db1, dW2, db2) = split(p), split(V)
    x, t = inputs["x"], inputs["t"]
    c = 2.0 / len(x)
    h = np.tanh(x @ W1 + b1)
    slope = 1.0 - h * h
    dh = slope * (x @ dW1 + db1)
    d2 = c * (h @ W2 + b2 - t)
    dd2 = c * (dh @ W2 + h @ dW2 + db2)
    back = d2 @ W2.T
    d1 = back * slope
    dd1 = (dd2 @ W2.T + d2 @ dW2.swapaxes(-1, -2)) * slope - 2.0 * back * h * dh
    gradient = [x.T @ d1, d1.sum(0), h.T @ d2, d2.sum(0)]
    tangent = [x.T @ dd1, dd1.sum(-2), dh.swapaxes(-1, -2) @ d2 + h.T @ dd2, dd2.sum(-2)]
    rows = np.concatenate([part.reshape(len(V), -1) for part in tangent], axis=1)
    return rows, np.concatenate([part.ravel() for part in gradient])


def product_reference(inputs: Inputs) -> Step:
    """By hand, one direction."""
    p, v = inputs["p"], inputs["v"]
    return lambda: (0.0, [along(inputs, p, v[None])[0]])


def hessian_reference(inputs: Inputs) -> Step:
    """By hand, all directions at once."""
    p, eye = inputs["p"], np.eye(PARAMETERS)
    return lambda: (0.0, [along(inputs, p, eye)[0]])


def _arguments(inputs: Inputs) -> Any:
    return inputs["p"], inputs["v"], partial(loss, np, inputs["x"], inputs["t"])


def product_eager(inputs: Inputs) -> Step:
    """``autograd.hvp``."""
    from autograd import hvp

    p, v, f = _arguments(inputs)
    return lambda: (0.0, [hvp(f, p, v)])


def hessian_eager(inputs: Inputs) -> Step:
    """``autograd.hessian``."""
    from autograd import hessian

    p, _, f = _arguments(inputs)
    h = hessian(f)
    return lambda: (0.0, [h(p)])


def product_compiled(inputs: Inputs) -> Step:
    """The gradient of the derivative along v, traced once."""
    from autograd import grad

    p, v, f = _arguments(inputs)
    slope = libraries.compiler("autograd")(lambda p, v: np.sum(grad(f)(p) * v))
    return lambda: (0.0, [slope(p, v)[1]])


def hessian_compiled(inputs: Inputs) -> Step:
    """The same for twenty copies of the parameters, each with a direction of its own."""
    from autograd import grad

    p, _, f = _arguments(inputs)
    eye = np.eye(PARAMETERS)
    slopes = libraries.compiler("autograd")(lambda copies: np.sum(grad(f)(copies) * eye))

    def step() -> Any:
        return 0.0, [slopes(np.tile(p, (PARAMETERS, 1)))[1]]

    return step


def hips(which: str, inputs: Inputs) -> Step:
    """HIPS autograd."""
    import autograd.numpy as anp

    import autograd

    f = partial(loss, anp, inputs["x"], inputs["t"])
    p, v = inputs["p"], inputs["v"]
    if which == "hessian":
        h = autograd.hessian(f)
        return lambda: (0.0, [h(p)])
    product = autograd.hessian_vector_product(f)
    return lambda: (0.0, [product(p, v)])


def jax(which: str, inputs: Inputs) -> Step:
    """JAX, compiled."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    p, v, x, t = (jnp.asarray(inputs[name]) for name in "pvxt")
    f = partial(loss, jnp, x, t)
    if which == "hessian":
        h = jax.jit(jax.hessian(f))
        return lambda: (0.0, [jax.block_until_ready(h(p))])
    product = jax.jit(lambda p, v: jax.jvp(jax.grad(f), (p,), (v,))[1])
    return lambda: (0.0, [jax.block_until_ready(product(p, v))])


def torch(which: str, inputs: Inputs) -> Step:
    """PyTorch's functional interface."""
    import torch
    from torch.autograd import functional

    torch.set_num_threads(1)
    p, v, x, t = (torch.as_tensor(inputs[name]) for name in "pvxt")
    f = partial(loss, torch, x, t)
    if which == "hessian":
        return lambda: (0.0, [functional.hessian(f, p, vectorize=True)])
    return lambda: (0.0, [functional.vhp(f, p, v)[1]])


def _case(which: str, title: str, own: dict[str, Builder]) -> Workload:
    peers = {name: partial(f, which) for name, f in (("hips", hips), ("torch", torch), ("jax", jax))}
    targets = {"eager": Target(6.0), "compiled": Target(2.0)}
    return Workload("w9", f"{title}, MLP of 20 parameters", inputs, own | peers, which, targets)


WORKLOADS = [
    _case(
        "product",
        "Hessian-vector product",
        {"reference": product_reference, "eager": product_eager, "compiled": product_compiled},
    ),
    _case(
        "hessian",
        "full Hessian",
        {"reference": hessian_reference, "eager": hessian_eager, "compiled": hessian_compiled},
    ),
]
