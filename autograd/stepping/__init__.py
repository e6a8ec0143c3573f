"""Stepping: a page that goes through a computation and its backward pass, operation by operation.

lines    what is written for each step
steps    the steps, and what each box shows from when, as plain data
page     the same as one HTML file: page.html, page.css, page.js
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import InvalidArgument, NoGradient, UnsupportedType

if TYPE_CHECKING:
    from autograd.stepping.steps import Walkthrough
    from autograd.value import Value


def step_through(
    output: Value,
    path: str | Path,
    *,
    names: Mapping[str, Any] | None = None,
    lr: float | None = None,
    seed: Any = None,
    depth: int | None = None,
    constants: bool = True,
    rankdir: str = "LR",
) -> Path:
    """Write a page that goes through the forward and the backward pass of ``output``, step by step.

    One HTML file that needs nothing else. A slider and the arrow keys go from operation to
    operation: forward with its numbers (``z = w * x = 0.15 * 0.1 = 0.015``), then backward
    with the chain rule (``dE/da += dE/dz * w = 0.0947 * 0.45 = 0.0426``), where a Value that
    is used several times collects its gradient one contribution after the other, then the
    update of the parameters. Without scripts it is the finished picture with a list of steps.

    The graph and its ``.grad`` are left as they are; ``backward()`` need not have been called.

    Args:
        output: the Value that is differentiated: the error E of the lecture notes.
        path: the file to write, which ends in ``.html``.
        names: names for Values without a label, as in ``names=locals()``. The parameters of
            modules in it are named after their path; plain numbers and arrays name the
            constants that were made of them. What has no name is called v1, v2, ...
        lr: learning rate of the update at the end, for every leaf that requires a gradient.
            Without it the update is written with the letters ``lr``.
        seed: the gradient to start from; needed if ``output`` is not a scalar.
        depth: how many levels of modules are unfolded at first. By default as many as make
            about 200 boxes. The page folds and unfolds.
        constants: False leaves out constants without a name.
        rankdir: direction of reading, as in DOT: "LR", "TB", "RL" or "BT".

    Returns:
        The path. The same graph always gives the same file.

    Raises:
        UnsupportedType: if ``output`` is not a Value, or ``names`` no dict.
        NoGradient: if ``output`` depends on nothing that requires a gradient.
        ShapeError: if it is not a scalar and there is no seed, or one of another shape.
        InvalidArgument: for a path, learning rate, depth or direction that cannot be.

    Note:
        Of a very large graph about 600 boxes are laid out, some of which stay folded: all of
        the operations in one are a single step. The page says so.

    >>> import tempfile
    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = step_through(x * x, f"{folder}/backprop.html", lr=0.1)
    ...     "dy/dx += dy/dy * x = 1 * 3 = 3" in page.read_text(encoding="utf-8")
    True
    """
    from autograd.drawing import check_view
    from autograd.names import checked_names
    from autograd.stepping.page import to_page
    from autograd.stepping.steps import walkthrough

    path = Path(path)
    _check(output, path, lr)
    check_view(rankdir, depth)
    walk = walkthrough(output, checked_names(names), lr, seed, depth, constants)
    path.write_text(to_page(walk, rankdir, _remarks(walk, lr)), encoding="utf-8")
    return path


def _check(output: Any, path: Path, lr: Any) -> None:
    from autograd.node import describe
    from autograd.value import Value

    if not isinstance(output, Value):
        raise UnsupportedType(
            f"step_through goes through the graph of a Value, got {type(output).__name__}: "
            "give the result that is to be differentiated"
        )
    if not output.requires_grad:
        raise NoGradient(
            f"{describe(output)} requires no gradient, so there is no backward pass to go through: "
            "make its inputs with requires_grad=True, and outside of no_grad()"
        )
    if path.suffix.lower() not in (".html", ".htm"):
        raise InvalidArgument(f"step_through writes a page: its path must end in .html, got {path.name!r}")
    number = isinstance(lr, (int, float, np.floating)) and not isinstance(lr, bool) and math.isfinite(lr)
    if lr is not None and not number:
        raise InvalidArgument(f"lr must be a finite number, or None for an update in letters, got {lr!r}")


def _remarks(walk: Walkthrough, lr: float | None) -> list[str]:
    """What the reader should know of this page."""
    from autograd.stepping.steps import MOST_BOXES

    remarks = []
    if walk.short:
        remarks.append(f"d{walk.short} is short for d{walk.output}/d{walk.short}.")
    if lr is None:
        remarks.append("The update has the letters lr for a learning rate: step_through(..., lr=0.1).")
    closed = [box for box in walk.picture.boxes if box.kind == "folded"]
    if closed:
        count = sum(box.count for box in closed)
        remarks.append(
            f"A page has about {MOST_BOXES} boxes at most: {count:,} nodes stay folded in {len(closed)} of "
            "them, and what each box computes and passes on is one step."
        )
    return remarks
