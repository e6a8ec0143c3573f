"""The smallest scalar engine: each number keeps the slopes of its inputs; one loop is the chain rule."""

from __future__ import annotations

import math
from typing import Any


class Scalar:
    """A number, what it was computed from, and its derivative with respect to each of that."""

    __slots__ = ("data", "grad", "inputs", "slopes")

    def __init__(self, data: float, inputs: Any = (), slopes: Any = ()) -> None:
        self.data, self.grad, self.inputs, self.slopes = data, 0.0, inputs, slopes

    def __add__(self, other: Any) -> Scalar:
        if isinstance(other, Scalar):
            return Scalar(self.data + other.data, (self, other), (1.0, 1.0))
        return Scalar(self.data + other, (self,), (1.0,))

    def __mul__(self, other: Any) -> Scalar:
        if isinstance(other, Scalar):
            return Scalar(self.data * other.data, (self, other), (other.data, self.data))
        return Scalar(self.data * other, (self,), (other,))

    def __truediv__(self, other: Any) -> Scalar:
        return self * other**-1.0

    def __sub__(self, other: Any) -> Scalar:
        return self + other * -1.0

    def __pow__(self, n: float) -> Scalar:
        return Scalar(self.data**n, (self,), (n * self.data ** (n - 1.0),))

    def exp(self) -> Scalar:
        y = math.exp(self.data)
        return Scalar(y, (self,), (y,))

    def log(self) -> Scalar:
        return Scalar(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> Scalar:
        return Scalar(max(self.data, 0.0), (self,), (float(self.data > 0.0),))

    def backward(self) -> None:
        """Add to ``grad`` of everything that this depends on."""
        order: list[Scalar] = []
        seen: set[int] = set()
        stack = [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((x, False) for x in node.inputs if id(x) not in seen)
        self.grad = 1.0
        for node in reversed(order):
            g = node.grad
            for x, slope in zip(node.inputs, node.slopes, strict=True):
                x.grad += g * slope
