"""How programs read: names that are there, no line too long, nothing that nobody would write by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES, assert_as_eager

import autograd
import nn
from autograd.compiling import compile
from autograd.compiling.module import _constant

RNG = np.random.default_rng(3)
V, M, LABELS = RNG.normal(size=6), RNG.normal(size=(6, 4)), np.array([0, 3, 1, 1, 2, 0])
DATA, TARGET = RNG.normal(size=(100, 6)), RNG.normal(size=100)
CAUSAL = np.tril(np.ones((6, 6), bool))


def error_of_data(w: Any) -> Any:
    r = DATA @ w - TARGET
    return (r * r).mean()


def attention(q: Any, k: Any) -> Any:
    s = np.where(CAUSAL, q @ k.T / 2.0, -1e9)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return ((e / e.sum(axis=-1, keepdims=True)) @ q).mean()


def cross_entropy(params: Any, y: Any) -> Any:
    logits = M @ params["W"] + params["b"]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(6), y]).mean()


# function, arguments, what is in the plain program, and what is not.
PROGRAMS: dict[str, tuple[Any, Any, list[str], list[str]]] = {
    "inner": (lambda x: 0.1 * (x @ x), (V,), ["dx = 0.2 * x"], ["reshape"]),
    "vector": (lambda x: (np.tanh(x @ M) ** 2).sum(), (V,), ["@ M.T"], ["c1", "reshape"]),
    "data": (error_of_data, (V,), ["DATA.T @ (0.02 * r)", "DATA @ w - TARGET"], ["c1"]),
    "mask": (attention, (M, M), ["np.where(CAUSAL"], ["c1", "+ -", "- -"]),
    "labels": (cross_entropy, ({"W": M[:4], "b": V[:4]}, LABELS), ["np.add.at(dp, (", "dW = "], ["dparams"]),
    "losses": (lambda W, y: nn.cross_entropy(M @ W, y), (M[:4], LABELS), [".reshape(24)["], ["_nll"]),
    "square": (lambda x: 0.5 * ((x - TARGET[:6]) ** 2).sum(), (V,), [], ["0.5 * (2.0", "2.0 * 0.5"]),
    "where": (lambda x: np.where(x > 0, x * x, -x).sum(), (V,), ["np.where(v1"], ["astype", "logical_or"]),
    "new_axes": (lambda x: (x[:, None] * x[None, :]).sum(), (V,), [".reshape((6,))"], ["_scatter"]),
    "slices": (lambda x: ((x[1:] - x[:-1] ** 2) ** 2).sum(), (V,), ["dx[:-1] -= ", "dx[1:] += "], ["slice("]),
    "picked": (lambda x: np.log(x * x)[1:3].sum() * x[0], (V,), ["[1:3] = True"], ["_selected"]),
    "repeated": (lambda x: (np.maximum(x, 0) / 0.8).sum(), (V,), ["1.25 * "], ["np.array(", "np.full("]),
    "einsum": (lambda x, y: np.einsum("ij,kj->ik", x, y).max(), (M, M), [], ["optimize"]),
    "numbers": (lambda x: x**3 - 2 * x**2 + x, (1.5,), ["- 2.0 * "], ["numpy", "+ -", "- -"]),
    "sigmoid": (lambda w, x: 1 / (1 + np.exp(-w * x)), (0.5, 2.0), ["1.0 / "], ["-(-", "--"]),
    "many": (lambda xs: sum((x * x).sum() for x in xs), ([V + k for k in range(30)],), ["xs_29"], []),
    "itself": (lambda mu: 0.5 * (mu * mu).sum(), (V,), ["dmu = np.copy(mu)"], []),
    "known": (lambda x: (x * TARGET[:6]).sum(), (V,), ["dx = np.copy(c1)"], []),
    "one_for_all": (lambda x, w: (x + w).sum(), (V, V), ["dx = np.full("], []),
    "forward": (lambda x: np.exp(np.sin(x)).sum(), (V,), [], ["forward\n    d", "  # (6,)\n    d"]),
    "float32": (lambda b, w: nn.mse_loss(w + b, V), (0.5, V.astype("f4")), [], ["float(np.float64("]),
}  # fmt: skip


@pytest.mark.parametrize("optimized", BOTH_STYLES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_read_well(name: str, optimized: bool, tmp_path: Path) -> None:
    """What they say is there, in lines that fit; and a careful person's way of writing, in plain ones."""
    f, args, there, absent = PROGRAMS[name]
    compiled = assert_as_eager(f, [args], 0, 1e-6 if name == "float32" else 1e-12, optimized=optimized)
    text = compiled.source
    assert all(len(line) <= 100 for line in text.splitlines())
    made = set(re.findall(r"^ *(?:for )?(\w+) (?:[-+*/]?=|in) ", text, re.MULTILINE))
    assert {*re.findall(r"through (\w+)", text)} <= made
    numbers = [int(n) for n in re.findall(r"^    v(\d+) = ", text, re.MULTILINE)]
    assert numbers == sorted(numbers)
    assert text.startswith(("import", "from", "def", "@"))
    saved = compiled.save(tmp_path / "saved.py").read_text()
    assert "\n\n\n\n" not in saved
    if not optimized:
        assert [part for part in there if part not in text] == []
        assert [part for part in absent if part in text] == []


def test_shapes_of_arguments_are_told() -> None:
    """With their types where these are not float64."""
    compiled = compile(cross_entropy)
    compiled({"W": M[:4, :4].astype("f4"), "b": V[:4]}, LABELS)
    assert "    # y (6,) int64\n" in compiled.source
    assert re.search(r"W = params\['W'\] +# \(4, 4\) float32\n", compiled.source)


def test_what_does_not_raise_does_not_say_so(tmp_path: Path) -> None:
    """A mean divides by a number that is not zero."""
    compiled = compile(lambda x: (x * x).mean() / 2)
    compiled(V)
    assert compiled.save(tmp_path / "saved.py").read_text().startswith("import numpy")


CONSTANTS: dict[str, tuple[Any, str]] = {
    "zeros": (np.zeros((3, 2)), "np.zeros((3, 2))"),
    "minus_zeros": (-np.zeros(3), "np.full(3, -0.0)"),
    "ones": (np.ones(3, "f4"), "np.ones(3, np.float32)"),
    "number": (np.full((2, 2), 0.5), "np.full((2, 2), 0.5)"),
    "infinity": (np.full(2, np.inf), "np.array([math.inf, math.inf])"),
    "truths": (np.array([True, False]), "np.array([True, False])"),
    "range": (np.arange(5), "np.arange(5)"),
    "from_one": (np.arange(1, 5), "np.arange(1, 5)"),
    "steps": (np.arange(0, 12, 4), "np.arange(0, 12, 4)"),
    "numbers": (np.array([1, 5, 2]), "np.array([1, 5, 2], np.int64)"),
    "nothing": (np.zeros((0, 2)), "np.array([], np.float64).reshape((0, 2))"),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_as_people_write_them(name: str) -> None:
    """An array of one number, or of whole numbers in even steps, is not written out, and is what it was."""
    array, text = CONSTANTS[name]
    assert _constant("c", array, alone=True) == f"c = {text}"
    scope: dict[str, Any] = {}
    exec(f"import math, numpy as np\nc = {text}", scope)
    assert scope["c"].tobytes() == array.tobytes()
    assert (scope["c"].dtype, scope["c"].shape) == (array.dtype, array.shape)


def test_updates_in_place() -> None:
    """In the plain style too: what a parameter becomes is written onto it where nobody reads the old one."""
    x, y = M.astype("f4"), V[:, None].astype("f4")
    model, same = (nn.Sequential(nn.Linear(4, 1, rng=0)) for _ in range(2))
    step = nn.compile(model, "mse_loss", nn.SGD(model.parameters(), lr=0.1, momentum=0.9), optimized=False)
    optimizer = nn.SGD(same.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        step(x, y)
        nn.mse_loss(same(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()
    np.testing.assert_allclose(model.parameters()[0].data, same.parameters()[0].data, rtol=1e-5)
    assert "    layer0_bias -= lr * velocity_layer0_bias" in step.source
    a, b = autograd.Value(0.5, label="a"), autograd.Value(0.1, label="b")
    line = nn.compile(lambda x: a * x + b, "mse_loss", nn.SGD([a, b], lr=0.1), optimized=False)
    line(V, 3 * V)
    assert "    a -= lr * da\n" in line.source
