"""W13: a character GPT of scalars alone, one step with Adam on one name of eight letters.

One layer, width 16, four heads, context 16, 27 tokens (the letters, and one that begins and ends a
name): 4,192 parameters. Every number is an object; nothing is an array.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .libraries import compiler
from .scalar_engine import Scalar
from .updates import Adam
from .w02_scalar_mlp import nested, scalars
from .workload import Inputs, Step, Target, Workload

UPDATE = Adam(lr=0.01)
NAME = "jonathan"
HEADS, TOKENS, END = 4, 27, 26


def inputs(small: bool) -> Inputs:
    """Weights at random; small ones have the width 4."""
    rng = np.random.default_rng(13)
    width = 4 if small else 16
    shapes = [(TOKENS, width), (16, width), *[(width, width)] * 4]
    shapes += [(4 * width, width), (width, 4 * width), (TOKENS, width)]
    params = [rng.normal(scale=0.2, size=shape) for shape in shapes]
    return {"params": params, "tokens": [END, *(ord(c) - ord("a") for c in NAME), END]}


def loss(params: list[Any], tokens: list[int]) -> Any:
    """The mean of -log p(next token), token by token."""
    characters, places, Wq, Wk, Wv, Wo, W1, W2, W = params
    keys: list[Any] = []
    values: list[Any] = []
    total = None
    for place, (token, following) in enumerate(pairwise(tokens)):
        x = norm(add(characters[token], places[place]))
        y = norm(x)
        keys.append(times(Wk, y))
        values.append(times(Wv, y))
        x = add(x, times(Wo, attend(times(Wq, y), keys, values)))
        x = add(x, times(W2, [h.relu() for h in times(W1, norm(x))]))
        surprise = softmax(times(W, x))[following].log() * -1.0
        total = surprise if total is None else total + surprise
    return total * (1.0 / (len(tokens) - 1))


def attend(q: list[Any], keys: list[Any], values: list[Any]) -> list[Any]:
    """For each head, the mean of the values so far, weighted by how keys fit the query."""
    size = len(q) // HEADS
    mixed = []
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        weights = softmax([dot(q[part], k[part]) * size**-0.5 for k in keys])
        mixed += [dot(weights, [v[i] for v in values]) for i in range(part.start, part.stop)]
    return mixed


def dot(a: list[Any], b: list[Any]) -> Any:
    """The sum of the products."""
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total


def times(W: list[Any], x: list[Any]) -> list[Any]:
    """A matrix, in rows, times a vector."""
    return [dot(row, x) for row in W]


def add(a: list[Any], b: list[Any]) -> list[Any]:
    """Element by element."""
    return [x + y for x, y in zip(a, b, strict=True)]


def norm(x: list[Any]) -> list[Any]:
    """To a root mean square of 1."""
    scale = (dot(x, x) * (1.0 / len(x)) + 1e-5) ** -0.5
    return [v * scale for v in x]


def softmax(x: list[Any]) -> list[Any]:
    """Positive, with sum 1."""
    e = [v.exp() for v in x]
    total = e[0]
    for v in e[1:]:
        total = total + v
    return [v / total for v in e]


def adam(every: list[Any]) -> Any:
    """A function that changes objects with ``data`` and ``grad``, one after the other."""
    means, squares, steps = [0.0] * len(every), [0.0] * len(every), 0

    def change() -> None:
        nonlocal steps
        steps += 1
        rate = UPDATE.lr / (1.0 - UPDATE.beta1**steps)
        root = (1.0 - UPDATE.beta2**steps) ** -0.5
        for i, p in enumerate(every):
            g = p.grad or 0.0  # a token that is not in the name has none
            means[i] = m = UPDATE.beta1 * means[i] + (1.0 - UPDATE.beta1) * g
            squares[i] = s = UPDATE.beta2 * squares[i] + (1.0 - UPDATE.beta2) * g * g
            p.data -= rate * m / (root * s**0.5 + UPDATE.eps)

    return change


def of_objects(make: Any, zero: Any, inputs: Inputs) -> Step:
    """A step with objects of one class."""
    params = [nested(make, p) for p in inputs["params"]]
    every = scalars(params)
    change = adam(every)

    def step() -> Any:
        value = loss(params, inputs["tokens"])
        value.backward()
        change()
        gradients = [[p.grad or 0.0 for p in scalars(part)] for part in params]
        for p in every:
            p.grad = zero
        return value, gradients

    return step


def reference(inputs: Inputs) -> Step:
    """The smallest engine."""
    return of_objects(Scalar, 0.0, inputs)


def eager(inputs: Inputs) -> Step:
    """Values."""
    from autograd import Value

    return of_objects(Value, None, inputs)


def compiled(inputs: Inputs) -> Step:
    """The same function of lists of numbers, traced once; Adam for all parameters at once."""
    arrays, tokens = inputs["params"], inputs["tokens"]
    function = compiler("autograd")(lambda params: loss(params, tokens))
    change = UPDATE.in_place(arrays)

    def step() -> Any:
        value, gradients = function([p.tolist() for p in arrays])
        change([np.array(g) for g in gradients])
        return value, gradients

    return step


WORKLOADS = [
    Workload(
        "w13",
        "character GPT of scalars, one step with Adam on one name",
        inputs,
        {"reference": reference, "eager": eager, "compiled": compiled},
        targets={"eager": Target(1.1), "compiled": Target(1 / 20)},
        tolerance=1e-6,
    )
]
