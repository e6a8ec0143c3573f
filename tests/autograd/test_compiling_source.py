"""The source of compiled programs: for reading, and for running with NumPy alone."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiling import BOTH_STYLES, assert_as_eager, assert_same

from autograd.compiling import compile

RNG = np.random.default_rng(8)


def error(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, T: Any) -> Any:
    """Two sigmoid neurons in a row, as in the lecture notes."""
    a1 = 1.0 / (1.0 + np.exp(-(w1 * x + b1)))
    a2 = 1.0 / (1.0 + np.exp(-(w2 * a1 + b2)))
    return 0.5 * (T - a2) ** 2


NOTES = (0.15, 0.4, 0.45, 0.65, 0.1, 0.25)

NOTES_SOURCE = """\
def value_and_gradients(w1, b1, w2, b2, x, T):
    # forward
    v1 = exp(-(w1 * x + b1))
    v2 = 1.0 + v1
    a1 = 1.0 / v2
    v3 = exp(-(w2 * a1 + b2))
    v4 = 1.0 + v3
    a2 = 1.0 / v4
    v5 = T - a2
    v6 = 0.5 * (v5 * v5)

    # backward
    db2 = -(v5 * a2 / v4 * v3)                                # through v3
    dw2 = db2 * a1                                            # through v3
    db1 = db2 * w2 * a1 / v2 * v1                             # through v1
    dw1 = db1 * x                                             # through v1

    return v6, (dw1, db1, dw2, db2)
"""


def function_of(compiled: Any) -> str:
    """The text of the function."""
    return str(compiled.source[compiled.source.index("def ") :])


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_the_network_of_the_notes(optimized: bool) -> None:
    """It reads as it was written, with the user's names, and floats are floats, in both styles."""
    compiled = compile(error, (0, 1, 2, 3), optimized=optimized)
    value, _ = compiled(*NOTES)
    assert value == pytest.approx(error(*NOTES), rel=1e-15)
    assert function_of(compiled) == NOTES_SOURCE


def loss(parameters: Any, X: Any, Y: Any) -> Any:
    h = np.tanh(X @ parameters["W1"] + parameters["b1"])
    out = h @ parameters["W2"] + parameters["b2"]
    error = out - Y
    return np.mean(error * error)


def loss_arguments() -> Any:
    shapes = {"W1": (2, 4), "b1": (4,), "W2": (4, 1), "b2": (1,)}
    return (
        {name: RNG.normal(size=s) for name, s in shapes.items()},
        RNG.normal(size=(5, 2)),
        RNG.normal(size=(5, 1)),
    )


PLAIN_SOURCE = """\
def value_and_gradients(parameters, X, Y):
    # X (5, 2), Y (5, 1)
    W1 = parameters['W1']                                     # (2, 4)
    b1 = parameters['b1']                                     # (4,)
    W2 = parameters['W2']                                     # (4, 1)
    b2 = parameters['b2']                                     # (1,)

    # forward
    v1 = X @ W1 + b1                                          # (5, 4)
    h = np.tanh(v1)                                           # (5, 4)
    out = h @ W2 + b2                                         # (5, 1)
    error = out - Y                                           # (5, 1)
    v2 = float(np.mean(error * error))

    # backward
    derror = 0.4 * error                                      # (5, 1) through v2
    db2 = np.sum(derror, axis=0)                              # (1,) through out
    dW2 = h.T @ derror                                        # (4, 1) through out
    dv1 = derror @ W2.T * (1.0 - h * h)                       # (5, 4) through h
    db1 = np.sum(dv1, axis=0)                                 # (4,) through v1
    dW1 = X.T @ dv1                                           # (2, 4) through v1

    return v2, {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}
"""

FAST_SOURCE = """\
def value_and_gradients(parameters, X, Y, buffers=BUFFERS):
    # X (5, 2), Y (5, 1)
    W1 = parameters['W1']                                     # (2, 4)
    b1 = parameters['b1']                                     # (4,)
    W2 = parameters['W2']                                     # (4, 1)
    b2 = parameters['b2']                                     # (1,)
    buf0, buf1, buf2 = buffers

    # forward
    v1 = X.dot(W1, buf0)                                      # (5, 4)
    v2 = np.add(v1, b1, out=buf0)                             # (5, 4)
    h = np.tanh(v2, out=buf0)                                 # (5, 4)
    v3 = h.dot(W2, buf1)                                      # (5, 1)
    out = np.add(v3, b2, out=buf1)                            # (5, 1)
    error = np.subtract(out, Y, out=buf1)                     # (5, 1)
    v4 = float(np.vdot(error, error))
    v5 = v4 / 5

    # backward
    derror = np.multiply(0.4, error, out=buf1)                # (5, 1)
    db2 = ones_5.dot(derror)                                  # (1,) through out
    dh = derror.dot(W2.T, buf2)                               # (5, 4) through v3
    dW2 = h.T.dot(derror)                                     # (4, 1) through v3
    v6 = np.multiply(h, h, out=buf0)                          # (5, 4)
    v7 = np.subtract(1.0, v6, out=buf0)                       # (5, 4)
    dv2 = np.multiply(dh, v7, out=buf2)                       # (5, 4) through h
    db1 = ones_5.dot(dv2)                                     # (4,) through v2
    dW1 = X.T.dot(dv2)                                        # (2, 4) through v1

    return v5, {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}
"""


def test_a_small_network_as_plain_numpy() -> None:
    """For reading it is what a person would write, without arrays that are used again."""
    compiled = compile(loss, optimized=False)
    compiled(*loss_arguments())
    assert function_of(compiled) == PLAIN_SOURCE
    assert "BUFFERS" not in compiled.source


def test_a_small_network_for_speed() -> None:
    """Intermediate results are written into arrays that are allocated once, as early as one is free."""
    compiled = compile(loss)
    compiled(*loss_arguments())
    assert function_of(compiled) == FAST_SOURCE
    assert compiled.source.count("np.empty(") == 3  # two results of one size lie in one piece of memory


def test_names_that_would_hide_others() -> None:
    """Arguments with names of modules, of parts of a list or of the program's own arrays are kept apart."""

    def f(np: Any, x_1: Any, x: Any, buf0: Any, b0: Any) -> Any:
        rows = np * x[0] * b0
        start = rows + x_1 + x[2] * buf0
        v1 = (start * rows) * buf0
        x = v1 * rows
        return (x * v1).sum() + x[1].sum()

    args = (V, 2 * V, [V + 1, V[:2], V + 2], V + 3, V + 4)
    for optimized in BOTH_STYLES:
        assert_as_eager(f, [args, args], (0, 1, 2, 3, 4), optimized=optimized)


# -- files that run alone -------------------------------------------------------------------------------

V, M = RNG.normal(size=6), RNG.normal(size=(4, 3))
Q = RNG.normal(size=(3, 3))
LARGE = RNG.normal(size=(20, 10))

SAVED: dict[str, tuple[Any, Any]] = {
    "network": (loss, loss_arguments()),
    "notes": (error, NOTES),
    "sort": (lambda x: (np.sort(x) * np.arange(6.0)).sum(), (V,)),
    "sort_with_ties": (lambda x: (np.sort(x) * np.arange(6.0)).sum(), (np.round(V),)),
    "median": (lambda x: np.median(x, axis=0).sum(), (M,)),
    "quantile": (lambda x: np.quantile(x, [0.2, 0.7], axis=1).sum(), (M,)),
    "interp": (lambda x: np.interp(x, [-1.0, 0.0, 1.0], [0.0, 2.0, -1.0]).sum(), (V,)),
    "take": (lambda x: np.take_along_axis(x, np.argsort(-x, axis=0), axis=0)[:2].sum(), (M,)),
    "take_by_argument": (lambda x, i: np.take(x, i).sum() + x[i].sum(), (V, np.array([0, 3, 3]))),
    "choose": (lambda x, i: np.choose(i, [x, 2 * x, x * x]).sum(), (np.ones(3), np.array([0, 2, 1]))),
    "gather": (lambda x: (x[[0, 1, 0], [1, 1, 1]] ** 2).sum() + x[1:, ::2].sum(), (M,)),
    "where": (lambda x: np.where(x > 0, np.log(np.abs(x)), x).sum(), (M,)),
    "bessel": (lambda x: np.i0(x).sum(), (V,)),
    "nanmax": (lambda x: np.nanmax(x, axis=0).sum(), (np.where(M > 1, np.nan, M),)),
    "svd": (lambda x: np.linalg.svd(x + x.T, hermitian=True)[1].sum(), (Q,)),
    "solve": (lambda x: np.linalg.solve(x + 5 * np.eye(3), np.ones(3)).sum(), (Q,)),
    "einsum": (lambda x, y: np.einsum("ij,kj->ik", x, y).sum(), (M, M)),
    "constant": (lambda x: (x @ LARGE).sum(), (RNG.normal(size=20),)),
    "infinities": (lambda x: np.max(x, initial=-np.inf) + (x * [1.0, -2.0, np.e]).sum(), (np.ones(3),)),
    "nested": (lambda p: (p["a"][0] * p["a"][1]).sum() * p["b"], ({"a": (V, V), "b": 2.0},)),
    "blocks": (lambda x: (np.tanh(x) * np.exp(-x * x)).sum(), (RNG.normal(size=140_001),)),
}

ALONE = """
import sys
sys.modules["autograd"] = sys.modules["nn"] = None  # any import of them fails
import pickle, runpy, pathlib
cases = pickle.loads(pathlib.Path("arguments.pickle").read_bytes())
results = {name: runpy.run_path(f"{name}.py")["value_and_gradients"](*args) for name, args in cases.items()}
pathlib.Path("results.pickle").write_bytes(pickle.dumps(results))
"""


@pytest.mark.parametrize("optimized", BOTH_STYLES)
def test_saved_programs_run_alone(tmp_path: Path, optimized: bool) -> None:
    """Files that are saved give the same numbers in a Python of their own, without this library."""
    expected = {}
    for name, (f, args) in SAVED.items():
        compiled = compile(f, optimized=optimized)
        expected[name] = compiled(*args)
        assert compiled.save(tmp_path / f"{name}.py") == tmp_path / f"{name}.py"
    arguments = {name: args for name, (_, args) in SAVED.items()}
    (tmp_path / "arguments.pickle").write_bytes(pickle.dumps(arguments))
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", ALONE],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = pickle.loads((tmp_path / "results.pickle").read_bytes())
    for name, result in results.items():
        assert_same(result, expected[name]), name


def test_a_saved_program_says_no_word_of_this_library(tmp_path: Path) -> None:
    """Nothing is imported but NumPy and the standard library."""
    for name, (f, args) in SAVED.items():
        compiled = compile(f)
        compiled(*args)
        text = compiled.save(tmp_path / f"{name}.py").read_text()
        imports = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
        assert imports <= {"math", "numpy", "base64"}, name
        assert "autograd" not in text
        assert "opaque" not in text
