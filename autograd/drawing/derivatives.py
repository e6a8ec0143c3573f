"""The local derivative of an operation with respect to one operand, as an arrow's label shows it."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import numpy as np

from autograd.backward import pull_back
from autograd.drawing.metrics import shortened
from autograd.formula import as_product, number, parse, substitute, written
from autograd.formula import text as formula_text
from autograd.names import printable
from autograd.value import Value

LONGEST = 30


def local_derivative(v: Value, i: int, names: Mapping[Value, str]) -> str:
    """A number between scalars, else the rule in people's notation; empty for a constant operand.

    >>> w, x = Value(2.0, label="w"), Value([3.0, 4.0], label="x")
    >>> local_derivative(w * w, 0, {}), local_derivative(w * x, 1, {w: "w"})
    ('2', 'w')
    """
    p, primitive = v.parents[i], v.primitive
    if primitive is None or not p.requires_grad:
        return ""
    if v.ndim == 0 and p.ndim == 0 and primitive.replay is None:
        try:
            xs = tuple(q.data for q in v.parents)
            with np.errstate(all="ignore"):
                part = pull_back(primitive, i, 1.0, v.data, xs, v.params or {}, None)
            return f"{float(part):.4g}"
        except Exception:  # a rule of the user's that fails must not cost the picture
            return _notation(v, i, names)
    return _notation(v, i, names)


def _notation(v: Value, i: int, names: Mapping[Value, str]) -> str:
    """The derivative in the letters of its rule, replaced by the operands' names."""
    primitive = v.primitive
    notation = primitive.notation if primitive else ()
    if not notation:
        return ""
    text = notation[i if len(notation) > i and primitive and not primitive.variadic else 0]
    text = _with_exponent(text, v, names) if "**" in text else text
    letters = {"y": names.get(v, "y")}
    if len(v.parents) == 1:
        letters["x"] = _called(v.parents[0], names, "x")
    else:
        letters |= {c: _called(p, names, c) for c, p in zip("abc", v.parents, strict=False)}
    text = re.sub(r"\b[abcxy]\b", lambda m: letters.get(m[0], m[0]), text).replace(".T.T", "")
    return printable(shortened(text, LONGEST))


def _with_exponent(notation: str, v: Value, names: Mapping[Value, str]) -> str:
    """A power with its number put in: ``2*a`` for ``b*a**(b - 1)``."""
    pairs = zip("abc", v.parents if len(v.parents) > 1 else (), strict=False)
    numbers = {c: functools.partial(number, p.item()) for c, p in pairs if _is_number(p, names)}
    found = parse(notation) if numbers else None
    if found is None:
        return notation
    return (
        formula_text(written(as_product(substitute(found, numbers)))).replace(" * ", "*").replace(" / ", "/")
    )


def _is_number(p: Value, names: Mapping[Value, str]) -> bool:
    return p.is_leaf and not p.requires_grad and p.ndim == 0 and p not in names


def _called(p: Value, names: Mapping[Value, str], letter: str) -> str:
    """An operand in a derivative: its name, its number, its operation, or the letter of the rule."""
    if p in names:
        return names[p]
    if p.is_leaf and letter != "x":
        return ("leaf" if p.requires_grad else "const") if p.ndim else f"{p.item():.4g}"
    if p.op == "transpose" and p.parents[0] in names:
        return f"{names[p.parents[0]]}.T"
    if letter == "x":
        return letter
    return f"{p.op}(…)" if p.op.isidentifier() else f"(… {p.op} …)"
