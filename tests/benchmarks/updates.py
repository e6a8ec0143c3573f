"""How gradients change parameters: in place for NumPy, and as a pure function for JAX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class SGD:
    """p <- p - lr v, with the velocity v <- momentum v + g."""

    lr: float
    momentum: float = 0.0

    def in_place(self, params: list[Any]) -> Callable[[list[Any]], None]:
        """A function of the gradients that changes the arrays themselves."""
        if not self.momentum:
            return lambda gradients: self._descend(params, gradients)
        velocities = [np.zeros_like(p) for p in params]

        def change(gradients: list[Any]) -> None:
            for v, g in zip(velocities, gradients, strict=True):
                v *= self.momentum
                v += g
            self._descend(params, velocities)

        return change

    def _descend(self, params: list[Any], directions: list[Any]) -> None:
        for p, v in zip(params, directions, strict=True):
            p -= self.lr * v

    def state(self, xp: Any, params: list[Any]) -> list[Any]:
        """What the pure form carries along."""
        return [xp.zeros_like(p) for p in params] if self.momentum else []

    def pure(self, xp: Any, params: list[Any], gradients: list[Any], velocities: list[Any]) -> Any:
        """New parameters and a new state."""
        if self.momentum:
            gradients = velocities = [
                self.momentum * v + g for v, g in zip(velocities, gradients, strict=True)
            ]
        return [p - self.lr * g for p, g in zip(params, gradients, strict=True)], velocities


@dataclass(frozen=True)
class Adam:
    """Kingma and Ba's rule, with PyTorch's defaults."""

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def in_place(self, params: list[Any]) -> Callable[[list[Any]], None]:
        """A function of the gradients that changes the arrays themselves."""
        means, squares = ([np.zeros_like(p) for p in params] for _ in range(2))
        steps = 0

        def change(gradients: list[Any]) -> None:
            nonlocal steps
            steps += 1
            rate = self.lr / (1.0 - self.beta1**steps)
            root = (1.0 - self.beta2**steps) ** -0.5
            for p, g, m, s in zip(params, gradients, means, squares, strict=True):
                m *= self.beta1
                m += (1.0 - self.beta1) * g
                s *= self.beta2
                s += (1.0 - self.beta2) * (g * g)
                p -= rate * m / (root * np.sqrt(s) + self.eps)

        return change

    def state(self, xp: Any, params: list[Any]) -> Any:
        """What the pure form carries along: means, squares, and the number of steps."""
        return [xp.zeros_like(p) for p in params], [xp.zeros_like(p) for p in params], 0

    def pure(self, xp: Any, params: list[Any], gradients: list[Any], state: Any) -> Any:
        """New parameters and a new state."""
        means, squares, steps = state
        steps = steps + 1
        means = [self.beta1 * m + (1 - self.beta1) * g for m, g in zip(means, gradients, strict=True)]
        squares = [self.beta2 * s + (1 - self.beta2) * g * g for s, g in zip(squares, gradients, strict=True)]
        rate = self.lr / (1.0 - self.beta1**steps)
        root = (1.0 - self.beta2**steps) ** -0.5
        new = [
            (p - rate * m / (root * xp.sqrt(s) + self.eps)).astype(p.dtype)
            for p, m, s in zip(params, means, squares, strict=True)
        ]
        return new, (means, squares, steps)
