"""Derivations by hand, each with a mistake that people make: the first wrong step, and what is wrong with it.

The two neurons of the notes, step by step, and a recurrent network over characters in plain
NumPy, as such code stands in notebooks.
"""

from __future__ import annotations

import inspect
import linecache
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common
import numpy as np

from autograd import check_derivation

POINT = {"x": 0.1, "T": 0.25, "w1": 0.15, "b1": 0.40, "w2": 0.45, "b2": 0.65}

FORWARD = """\
z1 = w1 x + b1
a1 = sigmoid(z1)
z2 = w2 a1 + b2
a2 = sigmoid(z2)
E = 1/2 (T - a2)²
"""

BY_HAND = """\
dE/da2 = -(T - a2)
dE/dz2 = dE/da2 · a2 (1 - a2)
dE/dw2 = dE/dz2 · a1
dE/db2 = dE/dz2
dE/da1 = dE/dz2 · w2
dE/dz1 = dE/da1 · a1 (1 - a1)
dE/dw1 = dE/dz1 · x
dE/db1 = dE/dz1
"""

# What should stand there, and what was written.
MISTAKES = [
    ("dE/dz2 = dE/da2 · a2 (1 - a2)", "dE/dz2 = dE/da2"),
    ("dE/dz2 = dE/da2 · a2 (1 - a2)", "dE/dz2 = dE/da2 · a2"),
    ("dE/dz2 = dE/da2 · a2 (1 - a2)", "dE/dz2 = dE/da2 · (1 - a2²)"),
    ("dE/dz2 = dE/da2 · a2 (1 - a2)", "dE/dz2 = dE/da2 · a1 (1 - a1)"),
    ("dE/dw2 = dE/dz2 · a1", "dE/dw2 = dE/dz2 · w2"),
    ("dE/dw2 = dE/dz2 · a1", "dE/dw2 = dE/dz2 · z1"),
    ("dE/da1 = dE/dz2 · w2", "dE/da1 = dE/dz2"),
    ("dE/da1 = dE/dz2 · w2", "dE/da1 = -dE/dz2 · w2"),
    ("dE/da1 = dE/dz2 · w2", "dE/da1 = dE/da2 · w2"),
    ("dE/dz1 = dE/da1 · a1 (1 - a1)", "dE/dz1 = dE/da1 · z1 (1 - z1)"),
    ("dE/dz1 = dE/da1 · a1 (1 - a1)", "dE/dz1 = dE/da1 · sigmoid'(a1)"),
    ("dE/dw1 = dE/dz1 · x", "dE/dw1 = 2 dE/dz1 · x"),
    ("dE/db1 = dE/dz1", "dE/db1 = dE/dz1 · x"),
]
CONVENTIONS = [
    ("dE/da2 = -(T - a2)", "dE/da2 = T - a2"),
    ("dE/da2 = -(T - a2)", "dE/da2 = -2 (T - a2)"),
]

TEXT = "barbarians"


def read(letters: Any, following: Any, U: Any, W: Any, V: Any, b: Any, c: Any) -> Any:
    """Read letters one by one, and guess the letter that follows each: the sum of the surprises."""
    h, p = {-1: np.zeros(len(b))}, {}
    loss = 0.0
    for t, letter in enumerate(letters):
        z = U[:, letter] + W @ h[t - 1] + b
        h[t] = np.tanh(z)
        y = V @ h[t] + c
        p[t] = np.exp(y) / np.sum(np.exp(y))
        loss -= np.log(p[t][following[t]])
    return loss, h, p


def back_through_time(letters: Any, following: Any, U: Any, W: Any, V: Any, h: Any, p: Any) -> Any:
    """The gradients, from the last letter to the first."""
    dU, dW, dV = np.zeros_like(U), np.zeros_like(W), np.zeros_like(V)
    db, dc = np.zeros(len(W)), np.zeros(len(V))
    dh_next = np.zeros(len(W))
    for t in reversed(range(len(letters))):
        dy = p[t].copy()
        dy[following[t]] -= 1
        dV += np.outer(dy, h[t])
        dc += dy
        dh = V.T @ dy + dh_next
        dz = (1 - h[t] ** 2) * dh
        dU[:, letters[t]] += dz
        dW += np.outer(dz, h[t - 1])
        db += dz
        dh_next = W.T @ dz
    return dU, dW, dV, db, dc


SLIPS = [
    ("dh = V.T @ dy + dh_next", "dh = V.T @ dy"),
    ("dz = (1 - h[t] ** 2) * dh", "dz = h[t] * (1 - h[t]) * dh"),
    ("dU[:, letters[t]] += dz", "dU[:, letters[t]] = dz"),
    ("dW += np.outer(dz, h[t - 1])", "dW += np.outer(dz, h[t])"),
    ("db += dz", "db = dz"),
    ("dh_next = W.T @ dz", "dh_next = W @ dz"),
]


def edited(function: Callable[..., Any], old: str, new: str) -> Callable[..., Any]:
    """The function as if ``new`` had been written where ``old`` stands."""
    source = inspect.getsource(function)
    assert source.count(old) == 1, old  # noqa: S101 - a slip that changes nothing shows nothing
    name = f"<with {new}>"
    source = source.replace(old, new)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace = dict(function.__globals__)
    exec(compile(source, name, "exec"), namespace)  # noqa: S102 - the function above
    return namespace[function.__name__]


def report_neurons() -> None:
    """The derivation of the notes, right, with one mistake at a time, and under another convention."""
    print(FORWARD)
    print(BY_HAND)
    print(f"As it stands: {check_derivation(FORWARD, BY_HAND, POINT).verdict}. With one line changed:\n")
    for number, (right, written) in enumerate(MISTAKES, start=1):
        report = check_derivation(FORWARD, BY_HAND.replace(right, written), POINT)
        show(number, written, report)
    common.say(
        """A constant that all gradients share is a convention, not a mistake of one step: some people
        derive the direction of descent, and some leave the 1/2 out of the error."""
    )
    print()
    for right, written in CONVENTIONS:
        report = check_derivation(FORWARD, BY_HAND.replace(right, written), POINT)
        said = textwrap.fill(report.convention or report.verdict, 60).replace("\n", "\n" + " " * 27)
        print(f"    {written:<22} {said}")


def show(number: int, written: str, report: Any) -> None:
    """What was written, the first wrong step that was found, and the diagnosis."""
    first = report.first_wrong
    found = f"first wrong: {first.claim}" if first else report.verdict
    print(f"{number:>3}  {written:<34} {found}")
    if first:
        print(textwrap.fill(first.diagnosis.text, 88, initial_indent=" " * 5, subsequent_indent=" " * 5))
    print()


def characters(rng: np.random.Generator) -> dict[str, Any]:
    """The letters of the text as numbers, and small random weights."""
    letters = sorted(set(TEXT))
    numbers = np.array([letters.index(letter) for letter in TEXT])
    hidden, count = 5, len(letters)
    shapes = {"U": (hidden, count), "W": (hidden, hidden), "V": (count, hidden), "b": hidden, "c": count}
    weights = {name: 0.5 * rng.normal(size=shape) for name, shape in shapes.items()}
    return {"letters": numbers[:-1], "following": numbers[1:], **weights}


def report_characters() -> None:
    """Backpropagation through time, right, with slips, and one report in full."""
    inputs = characters(np.random.default_rng(0))
    common.say(
        f"""A recurrent network reads {TEXT!r} letter by letter and guesses each next one. The backward pass
        is plain NumPy, as it stands in many notebooks; the check reads it as it is."""
    )
    right = check_derivation(read, back_through_time, inputs)
    print(f"\nAs it stands: {right.verdict}, {len(right.findings)} gradients. With one line changed:\n")
    reports = [check_derivation(read, edited(back_through_time, *slip), inputs) for slip in SLIPS]
    for number, ((_, written), report) in enumerate(zip(SLIPS, reports, strict=True), start=1):
        show(number, written, report)
    print(f"The report of number 1, in full:\n\n{reports[0]}")
    print("\nTo check a derivation of your own: docs/check.md.")


def main(output: Path) -> list[Path]:  # noqa: ARG001 - it writes nothing
    """Print the report; no files are written."""
    common.heading("Two neurons by hand, with a mistake in one line")
    report_neurons()
    common.heading("A recurrent network over characters, through time")
    report_characters()
    return []


if __name__ == "__main__":
    common.run(main, __doc__)
