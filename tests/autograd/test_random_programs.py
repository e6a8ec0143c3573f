"""Random programs, differentiated by the engine and by brute force.

A program is a list of steps ``(operation, operands)`` over a growing list of arrays. To run
one by hand: ``print(show(random_program(7)))``.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
import pytest
import reference

import autograd
from autograd import Value, gradients

LEAVES = ((), (), (3,), (2, 3), (2, 1), (3, 3))
MOST_ELEMENTS, LARGEST = 18, 20.0


def choose(wins, a, b):
    """One of two, by the real parts (the step is imaginary), and both in equal parts in a tie."""
    a, b = np.broadcast_arrays(a, b)
    return np.where(np.real(a) == np.real(b), 0.5 * (a + b), np.where(wins(np.real(a), np.real(b)), a, b))


def extreme(pick, x, axis=None):
    ties = np.real(x) == pick(np.real(x), axis=axis, keepdims=True)
    return np.sum(x * ties, axis=axis) / np.sum(ties, axis=axis)


def cut(x, condition, otherwise):
    return np.where(condition(np.real(x)), x, otherwise)


def softmax(x):
    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)


# Operation: inputs, as the engine computes it, as NumPy does with complex numbers (None: the same).
OPERATIONS = {
    "a + b":           (2, operator.add, None),
    "a - b":           (2, operator.sub, None),
    "a * b":           (2, operator.mul, None),
    "a / b":           (2, operator.truediv, None),
    "a @ b":           (2, operator.matmul, None),
    "(a*a + 1)**b":    (2, lambda a, b: (a * a + 1) ** b, None),
    "2**a":            (1, lambda a: 2**a, None),
    "a**3":            (1, lambda a: a**3, None),
    "a**-2":           (1, lambda a: a**-2, None),
    "a**1.5":          (1, lambda a: a**1.5, None),
    "1 - a":           (1, lambda a: 1 - a, None),
    "array / a":       (1, lambda a: np.array([1.0, 2.0, 3.0]) / a, None),
    "-a":              (1, operator.neg, None),
    "abs":             (1, abs, lambda a: a * np.sign(np.real(a))),
    "exp":             (1, np.exp, None),
    "log":             (1, np.log, None),
    "sqrt(a + 2)":     (1, lambda a: np.sqrt(a + 2), None),
    "sin":             (1, np.sin, None),
    "cos":             (1, np.cos, None),
    "tanh":            (1, np.tanh, None),
    "sigmoid":         (1, autograd.sigmoid, lambda a: 1 / (1 + np.exp(-a))),
    "relu":            (1, autograd.relu, lambda a: cut(a, lambda x: x > 0, 0)),
    "leaky_relu":      (1, autograd.leaky_relu, lambda a: cut(a, lambda x: x > 0, 0.01 * a)),
    "maximum":         (2, np.maximum, lambda a, b: choose(np.greater, a, b)),
    "minimum":         (2, np.minimum, lambda a, b: choose(np.less, a, b)),
    "clip":            (1, lambda a: a.clip(-1, 1),
                        lambda a: cut(a, lambda x: abs(x) <= 1, np.sign(np.real(a)))),
    "logaddexp":       (2, np.logaddexp, lambda a, b: np.log(np.exp(a) + np.exp(b))),
    "softmax":         (1, autograd.softmax, softmax),
    "log_softmax":     (1, autograd.log_softmax, lambda a: np.log(softmax(a))),
    "logsumexp":       (1, autograd.logsumexp, lambda a: np.log(np.sum(np.exp(a)))),
    "sum":             (1, np.sum, None),
    "sum(0)":          (1, lambda a: np.sum(a, axis=0), None),
    "sum(-1, keep)":   (1, lambda a: np.sum(a, axis=-1, keepdims=True), None),
    "mean":            (1, np.mean, None),
    "mean(0, -1)":     (1, lambda a: np.mean(a, axis=(0, -1)), None),
    "max":             (1, np.max, lambda a: extreme(np.max, a)),
    "max(0)":          (1, lambda a: np.max(a, axis=0), lambda a: extreme(np.max, a, 0)),
    "min(-1)":         (1, lambda a: np.min(a, axis=-1), lambda a: extreme(np.min, a, -1)),
    "reshape(-1)":     (1, lambda a: np.reshape(a, -1), None),
    "reshape(3, -1)":  (1, lambda a: np.reshape(a, (3, -1)), None),
    "T":               (1, np.transpose, None),
    "[:, None]":       (1, lambda a: a[:, None], None),
    "squeeze":         (1, np.squeeze, None),
    "broadcast_to":    (1, lambda a: np.broadcast_to(a, (2, 3)), None),
    "concatenate":     (2, lambda a, b: np.concatenate([a, b, a]), None),
    "stack":           (2, lambda a, b: np.stack([a, b], axis=-1), None),
    "[0]":             (1, lambda a: a[0], None),
    "[::-1]":          (1, lambda a: a[::-1], None),
    "[..., 1:]":       (1, lambda a: a[..., 1:], None),
    "[[0, 1, 0, 0]]":  (1, lambda a: a[[0, 1, 0, 0]], None),
    "[[0, 0], [1, 1]]": (1, lambda a: a[[0, 0], [1, 1]], None),
    "[mask]":          (1, lambda a: a[np.array([True, False, True])], None),
    "where":           (2, lambda a, b: np.where([True, False, True], a, b), None),
}  # fmt: skip

NEED_AN_AXIS = {"sum(0)", "sum(-1, keep)", "mean(0, -1)", "max(0)", "min(-1)", "softmax", "log_softmax"}


@dataclass(frozen=True)
class Program:
    """The numbers to start from, and the steps."""

    leaves: list[np.ndarray]
    steps: list[tuple[str, tuple[int, ...]]]

    def run(self, start, call):
        """All arrays of the program, leaves first; ``call`` applies an operation."""
        found = list(start)
        for name, operands in self.steps:
            found.append(call(name, *[found[i] for i in operands]))
        return found


def by_numpy(name, *xs):
    _, ours, theirs = OPERATIONS[name]
    return (theirs or ours)(*xs)


def random_program(seed):
    """Up to a dozen steps that fit in shape, stay finite, and use recent results the most."""
    rng = np.random.default_rng(seed)
    leaves = [rng.normal(size=LEAVES[i]) for i in rng.permutation(len(LEAVES))[:3]]
    found, steps = list(leaves), []
    for _ in range(rng.integers(5, 30)):
        name = str(rng.choice(list(OPERATIONS)))
        recent = len(found) - 1 - rng.geometric(0.3, OPERATIONS[name][0]) % len(found)
        operands = tuple(int(i) for i in recent)
        if name in NEED_AN_AXIS and found[operands[0]].ndim == 0:
            continue  # NumPy takes axis -1 of a single number
        try:
            with np.errstate(all="raise"):
                y = np.asarray(by_numpy(name, *[found[i] for i in operands]))
        except (ValueError, IndexError, FloatingPointError):
            continue
        if 0 < y.size <= MOST_ELEMENTS and np.max(abs(y)) < LARGEST and len(steps) < 12:
            steps.append((name, operands))
            found.append(y)
    return Program(leaves, steps)


def show(program):
    """The program as text, a line per array."""
    lines = [f"x{i} = {x.tolist()}" for i, x in enumerate(program.leaves)]
    for i, (name, operands) in enumerate(program.steps, len(lines)):
        lines.append(f"x{i} = {name} of {', '.join(f'x{k}' for k in operands)}")
    return "\n".join(lines)


def test_programs_use_every_operation():
    """The programs below are varied: each operation occurs in at least three of them."""
    used = [{name for name, _ in random_program(seed).steps} for seed in range(400)]
    assert min(sum(name in names for names in used) for name in OPERATIONS) >= 3
    assert np.mean([len(random_program(seed).steps) for seed in range(50)]) > 5


SEEDS = [*range(400), *[pytest.param(seed, marks=pytest.mark.slow) for seed in range(400, 2000)]]


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_are_those_of_brute_force(seed):
    """Every gradient, of leaves and in the middle, plain and recorded, is the sum over all paths."""
    program = random_program(seed)
    expected = program.run(
        [reference.Node(x) for x in program.leaves],
        lambda name, *xs: reference.apply(lambda *a: by_numpy(name, *a), *xs),
    )
    ours = program.run([Value(x) for x in program.leaves], lambda name, *xs: OPERATIONS[name][1](*xs))
    total = reference.gradients(expected[-1])
    seed_of_ones = np.ones(ours[-1].shape)
    ours[-1].backward(seed_of_ones, keep_grads=True)
    recorded = gradients(ours[-1], ours, seed_of_ones, create_graph=True)
    for i, (v, node, again) in enumerate(zip(ours, expected, recorded, strict=True)):
        text = f"seed {seed}, x{i} of\n{show(program)}"
        np.testing.assert_allclose(v.data, node.value, rtol=1e-12, atol=1e-12, err_msg=text)
        assert (v.grad is None) == (node not in total), text
        if node in total:
            g = total[node]
            close = {"rtol": 1e-10, "atol": 1e-10 * max(1.0, np.max(abs(g))), "err_msg": text}
            np.testing.assert_allclose(v.grad, g, **close)
            np.testing.assert_allclose(again.data, g, **close)
