"""What is written for each step: the operation, the chain rule and the update, in symbols and in numbers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.drawing.numbers import norm_of
from autograd.drawing.scene import Scene
from autograd.explaining.arrays import contribution
from autograd.explaining.explanation import bracketed
from autograd.formula import Expr, name, names_in, shown, text, with_numbers
from autograd.names import user_names
from autograd.spelling import Speller
from autograd.value import Value
from autograd.walk import Contribution


class Writer:
    """Writes the lines of a scene, in which every Value but the constants gets a name.

    Args:
        scene: what is drawn; names that were made up are put into it.
        given: the user's names of Values and of plain numbers.
    """

    def __init__(self, scene: Scene, given: Mapping[Any, Any]) -> None:
        order = scene.order
        self.speller = Speller(order, user_names(order, {**scene.names, **given}))
        self.output = next(iter(scene.outputs))
        if self.output not in self.speller.names:
            self.speller.names[self.output] = self.speller.free("y", "output")
        for v in order:
            if v.requires_grad:
                self.speller.named(v)
        self.names = scene.names = self.speller.names
        self.nodes = {label: v for v, label in self.names.items()}
        self.arrays = any(v.ndim for v in order if v.requires_grad)

    def gradient(self, v: Value) -> str:
        """The name of a gradient: ``dE/dw``, or ``dW`` for short where arrays are on the way."""
        return f"d{self.names[v]}" if self.arrays else f"d{self.names[self.output]}/d{self.names[v]}"

    def forward(self, v: Value) -> str:
        """``z1 = w1 * x = 0.15 * 0.1 = 0.015``."""
        formula = self.speller.definition(v, 1)
        return self._line(f"{self.names[v]} =", formula, v.data, {}, {})

    def seed(self, seed: Any) -> str:
        """Where the backward pass begins."""
        return f"{self.gradient(self.output)} = {in_line(seed)}"

    def backward(self, c: Contribution) -> str:
        """``dE/da1 += dE/dz2 * w2 = 0.0947 * 0.45 = 0.0426``."""
        above = self.gradient(c.node)
        formula = contribution(c.node, c.i, name(above), self.speller)
        numbers = {} if c.node.ndim else {above: float(c.gradient)}
        start = f"{self.gradient(c.node.parents[c.i])} +="
        return self._line(start, formula, c.part, numbers, {above: np.shape(c.gradient)})

    def sum_so_far(self, c: Contribution, done: int, total: int) -> str:
        """``0.01 + 0.0426 = 0.0526, 2 of 2: complete``."""
        state = f"{done} of {total} contributions{': complete' if c.last else ''}"
        label = self.gradient(c.node.parents[c.i])
        if c.before is None or np.ndim(c.part):
            size = shown(float(c.total)) if np.ndim(c.total) == 0 else f"norm {norm_of([c.total]):.4g}"
            return f"{label}: {size}{'' if c.last else ' so far'}; {state}"
        sum_ = f"{shown(float(c.before))} + {bracketed(float(c.part))} = {shown(float(c.total))}"
        return f"{label} = {sum_}; {state}"

    def update(self, v: Value, lr: float | None, gradient: Any) -> str:
        """``w1 <- w1 - 0.4 * dE/dw1 = 0.15 - 0.4 * 0.001021 = 0.1496``."""
        label, rate = self.names[v], "lr" if lr is None else f"{lr:.6g}"
        line = f"{label} <- {label} - {rate} * {self.gradient(v)}"
        if v.ndim:
            return f"{line}, shape {v.shape}"
        line += f" = {shown(v.item())} - {rate} * {bracketed(float(gradient))}"
        return line if lr is None else f"{line} = {shown(float(updated(v, lr, gradient)))}"

    def _line(
        self, start: str, formula: Expr, value: Any, scalars: Mapping[str, float], shapes: Mapping[str, Any]
    ) -> str:
        """Symbols, numbers and result; shapes instead of numbers where there are arrays."""
        words = {label: self.nodes[label] for label in names_in(formula) if label in self.nodes}
        if np.ndim(value) == 0 and not any(v.ndim for v in words.values()):
            known = {label: v.item() for label, v in words.items()} | dict(scalars)
            numbers = text(with_numbers(formula, known))
            steps = [text(formula), numbers, shown(float(value))]
            return f"{start} {' = '.join(dict.fromkeys(steps))}"
        shapes = {label: v.shape for label, v in words.items()} | dict(shapes)
        if np.ndim(value) == 0:
            return f"{start} {text(formula)} = {in_line(value)}"
        return f"{start} {text(formula)}, {_in_shapes(formula, shapes) or 'shape '}{in_line(value)}"


def updated(v: Value, lr: float, gradient: Any) -> Any:
    """The data of a Value after one step of gradient descent, in its dtype."""
    new = v.data - lr * gradient
    return new if isinstance(new, float) else np.asarray(new, v.dtype)


def in_line(x: Any) -> str:
    """A number; of an array its shape and its length.

    >>> in_line(0.5), in_line(np.ones((2, 2)))
    ('0.5', '(2, 2), norm 2')
    """
    return shown(float(x)) if np.ndim(x) == 0 else f"{np.shape(x)}, norm {norm_of([x]):.4g}"


def _in_shapes(formula: Expr, shapes: Mapping[str, Any]) -> str:
    """``shapes (4, 3) @ (3, 2) -> `` for a product of matrices that have names, else nothing."""
    if not (isinstance(formula, ast.BinOp) and isinstance(formula.op, ast.MatMult)):
        return ""
    sides = []
    for side in (formula.left, formula.right):
        turned = isinstance(side, ast.Attribute) and side.attr == "T"
        inner = side.value if isinstance(side, ast.Attribute) else side
        shape = shapes.get(inner.id) if isinstance(inner, ast.Name) else None
        if shape is None or (isinstance(side, ast.Attribute) and not turned):
            return ""
        sides.append(str(shape[::-1] if turned else shape))
    return f"shapes {sides[0]} @ {sides[1]} -> "
