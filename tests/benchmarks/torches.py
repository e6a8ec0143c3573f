"""Columns of PyTorch, eager and compiled: losses are written in its own functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .updates import SGD
from .workload import Builder, Inputs, Step


def columns(loss: Callable[..., Any], update: Any = None, compiled: bool = False) -> dict[str, Builder]:
    """Builders from ``loss(torch, params, *data)``; ``torch.compile`` where it is worth a column."""
    found = {"torch": partial(build, loss, update, False)}
    return found | ({"torch.compile": partial(build, loss, update, True)} if compiled else {})


def build(loss: Callable[..., Any], update: Any, compiled: bool, inputs: Inputs) -> Step:
    """A step on the CPU, with one thread."""
    import torch

    torch.set_num_threads(1)
    params = [torch.tensor(p, requires_grad=not compiled) for p in inputs["params"]]
    data = [torch.as_tensor(x) for x in inputs["data"]]
    change = _updater(torch, params, update) if update else None

    def gradients_and_value() -> Any:
        value = loss(torch, params, *data)
        return torch.autograd.grad(value, params), value.detach()

    if compiled:  # torch.compile sees through this form of the gradient, and through no other
        function = torch.func.grad_and_value(lambda params: loss(torch, params, *data))
        gradients_and_value = partial(function, params)

    def step() -> Any:
        gradients, value = gradients_and_value()
        if change is None:
            return value, gradients
        change(gradients)
        return value, params

    return torch.compile(step) if compiled else step


def _updater(torch: Any, params: list[Any], update: Any) -> Callable[[Any], None]:
    if not isinstance(update, SGD):
        optimizer = torch.optim.Adam(params, update.lr, (update.beta1, update.beta2), update.eps)

        def adam(gradients: Any) -> None:
            for p, g in zip(params, gradients, strict=True):
                p.grad = g
            optimizer.step()

        return adam
    velocities = [torch.zeros_like(p) for p in params] if update.momentum else None

    def sgd(gradients: Any) -> None:
        with torch.no_grad():
            for v, g in zip(velocities or [], gradients, strict=bool(velocities)):
                v.mul_(update.momentum).add_(g)
            for p, v in zip(params, velocities or gradients, strict=True):
                p.sub_(v, alpha=update.lr)

    return sgd
