"""One function, several libraries: a loss is written once, and takes a library's names as ``lib``.

``lib.np`` has NumPy's functions; beside it stand the functions that NumPy does not have. A builder
made of a loss takes ``inputs["params"]``, a list of arrays to differentiate by, and
``inputs["data"]``, what else the loss takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .workload import Builder, Inputs, Missing, Step

Loss = Callable[..., Any]  # loss(lib, params, *data)
COLUMNS = ("eager", "compiled", "hips", "mygrad", "jax")


@dataclass(frozen=True)
class Library:
    """The names of one library."""

    np: Any
    sigmoid: Callable[[Any], Any]
    relu: Callable[[Any], Any]
    softmax: Callable[[Any], Any]
    cross_entropy: Callable[[Any, Any], Any]  # of logits (n, classes) and labels (n,), the mean


def columns(loss: Loss, names: tuple[str, ...] = COLUMNS, update: Any = None) -> dict[str, Builder]:
    """Builders of value and gradients; with ``update`` (see ``updates``) of a whole training step."""
    return {name: partial(BUILDERS[name], loss, update) for name in names}


def ours() -> Library:
    """NumPy on Values, and our own functions."""
    import numpy as np

    import autograd
    import nn

    return Library(np, autograd.sigmoid, autograd.relu, autograd.softmax, nn.cross_entropy)


def composed(np: Any) -> Library:
    """A library that has NumPy's functions alone: the others are composed of them."""

    def softmax(x: Any) -> Any:
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        return e / np.sum(e, axis=-1, keepdims=True)

    def cross_entropy(logits: Any, labels: Any) -> Any:
        shifted = logits - np.max(logits, axis=1, keepdims=True)
        log_total = np.log(np.sum(np.exp(shifted), axis=1))
        return np.mean(log_total - shifted[np.arange(len(labels)), labels])

    return Library(
        np, lambda x: 1.0 / (1.0 + np.exp(-x)), lambda x: np.maximum(x, 0.0), softmax, cross_entropy
    )


def eager(loss: Loss, update: Any, inputs: Inputs) -> Step:
    """Values that record what is computed."""
    from autograd import value_and_grad

    return _step(value_and_grad(partial(loss, ours())), update, inputs)


def compiled(loss: Loss, update: Any, inputs: Inputs) -> Step:
    """The same function, traced once."""
    return _step(compiler("autograd")(partial(loss, ours()), argnums=0), update, inputs)


def compiler(package: str) -> Any:
    """``autograd.compile`` or ``nn.compile``."""
    import importlib

    function = getattr(importlib.import_module(package), "compile", None)
    if function is None:
        raise Missing(f"{package}.compile")
    return function


def hips(loss: Loss, update: Any, inputs: Inputs) -> Step:
    """HIPS autograd; its worker finds it under the name of our package."""
    import autograd.numpy as np

    from autograd import value_and_grad

    return _step(value_and_grad(partial(loss, composed(np))), update, inputs)


def mygrad(loss: Loss, update: Any, inputs: Inputs) -> Step:
    """MyGrad's tensors, which NumPy's functions take too."""
    import mygrad as mg
    import numpy as np
    from mygrad import nnet

    def cross_entropy(logits: Any, labels: Any) -> Any:
        return nnet.softmax_crossentropy(logits, labels)

    lib = Library(np, nnet.sigmoid, nnet.relu, lambda x: nnet.softmax(x, axis=-1), cross_entropy)

    def value_and_gradients(params: list[Any], *data: Any) -> Any:
        tensors = [mg.tensor(p, copy=False) for p in params]
        value = loss(lib, tensors, *data)
        value.backward()
        return value.data, [t.grad for t in tensors]

    return _step(value_and_gradients, update, inputs)


def jax(loss: Loss, update: Any, inputs: Inputs) -> Step:
    """JAX, the whole step compiled."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def cross_entropy(logits: Any, labels: Any) -> Any:
        log_p = jax.nn.log_softmax(logits)
        return -jnp.mean(log_p[jnp.arange(len(labels)), labels])

    lib = Library(jnp, jax.nn.sigmoid, jax.nn.relu, jax.nn.softmax, cross_entropy)
    value_and_gradients = jax.value_and_grad(partial(loss, lib))
    params = [jnp.asarray(p) for p in inputs["params"]]
    data = [jnp.asarray(x) for x in inputs["data"]]
    if update is None:
        function = jax.jit(value_and_gradients)

        def gradients() -> Any:
            value, found = function(params, *data)
            return value.block_until_ready(), found

        return gradients

    # Giving old parameters away saves memory, and costs time where they are tiny.
    large = sum(p.nbytes for p in params) > 1 << 20

    @partial(jax.jit, donate_argnums=(0, 1) if large else ())
    def train(params: Any, state: Any, *data: Any) -> Any:
        value, gradients = value_and_gradients(params, *data)
        return value, *update.pure(jnp, params, gradients, state)

    state = update.state(jnp, params)

    def step() -> Any:
        nonlocal params, state
        value, params, state = train(params, state, *data)
        return value.block_until_ready(), params

    return step


def _step(value_and_gradients: Callable[..., Any], update: Any, inputs: Inputs) -> Step:
    """A step that calls the function, and where there is an update makes it, in place."""
    params, data = inputs["params"], inputs["data"]
    if update is None:
        return lambda: value_and_gradients(params, *data)
    change = update.in_place(params)

    def step() -> Any:
        value, gradients = value_and_gradients(params, *data)
        change(gradients)
        return value, params

    return step


BUILDERS: dict[str, Callable[[Loss, Any, Inputs], Step]] = {
    "eager": eager,
    "compiled": compiled,
    "hips": hips,
    "mygrad": mygrad,
    "jax": jax,
}
