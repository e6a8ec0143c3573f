"""Programs of three inputs, with ``piece`` in the place of checkpoint or of a plain call."""

from __future__ import annotations

import numpy as np

from autograd import Value

B = np.linspace(-1.0, 2.0, 4)


def used_inside_and_outside(piece, x, w, s):
    y = piece(lambda x, w: np.tanh(w @ x) * x + x, x, w)
    return (y * x * s).sum() + (x * y).sum() + (w * w).sum()


def closed_over(piece, x, w, s):
    h = np.exp(x * s)  # a leaf and an intermediate come in through the closure
    y = piece(lambda x: (w @ h) * x + s, x)
    return (y * h + x).sum()


def chain(piece, x, w, s):
    for _ in range(5):
        x = piece(lambda x: x + np.sin(w @ x * s), x)
    return (x * x).sum()


def several_results(piece, x, w, s):
    both = piece(lambda x: {"sum": [np.sin(x) + w @ x, x.sum() * s], "extra": (np.cos(x), 2.0, None)}, x)
    return (both["sum"][0] * x).sum() * both["sum"][1] + (both["extra"][0] * both["extra"][1]).sum()


def part_of_the_results(piece, x, w, s):
    first, _ = piece(lambda x: (np.sin(x) * s, w @ x), x)
    return first.sum() + x.sum()


def shared_inside(piece, x, w, s):
    def f(x):
        h = np.tanh(w @ x)
        return h * s, h + x, h * h

    a, b, c = piece(f, x)
    return (a * np.sin(b) + c * x + b).sum()


def nested(piece, x, w, s):
    def inner(x):
        return np.tanh(w @ x) * s

    return piece(lambda x: piece(inner, x) + x * piece(inner, x + 1.0), x).sum()


def cut_off(piece, x, w, s):
    y = piece(lambda x: np.where(x.data > 0, np.sqrt(np.where(x.data > 0, x, 1.0)), x * s), x)
    return (w @ y[1:3].sum(keepdims=True).repeat(4)).sum() + y[0]


def cut_off_outside(piece, x, w, s):
    with np.errstate(divide="ignore"):
        y = piece(lambda x: np.log(x * (x.data > 0)), x)  # the infinite slopes are never asked for
    return np.where(x.data > 0, y, w[0] * s).sum()


def constants(piece, x, w, s):
    c = Value(B, requires_grad=False)
    return piece(lambda x: c * np.sin(x * c) + np.ones(4) * s, x).sum() * w.sum()


UNUSED = []


def unused_results_kept_alive(piece, x, w, s):
    UNUSED[:] = piece(lambda x: (np.sin(x) * s, np.sin(x) @ w, x + s), x)
    return UNUSED[1].sum()


def trees_in(piece, x, w, s):
    y = piece(lambda p, k: p["w"] @ p["more"][0] * k + p["more"][1], {"w": w, "more": (x, s)}, 2.0)
    return y.sum()


def containers_and_keywords(piece, x, w, s):
    return piece(lambda *parts, scale, shift: sum(parts) * scale + shift, x, w, 1.5, scale=s, shift=B).sum()


def untouched(piece, x, w, s):
    same, other = piece(lambda x, w: (x, w), x, w)
    return (other @ same).sum() * s


def a_scalar(piece, x, w, s):
    return piece(lambda s: s * s * s + s, s) * s + x.sum() + w.sum()


PROGRAMS = [
    used_inside_and_outside, closed_over, chain, several_results, part_of_the_results, shared_inside,
    nested, cut_off, cut_off_outside, constants, unused_results_kept_alive, trees_in,
    containers_and_keywords, untouched, a_scalar,
]  # fmt: skip
