"""Random programs of NumPy functions, as Python source.

A program is a function of a few arrays, one line per step, each step a template of the
catalogue filled with earlier results. It is run with plain arrays and with Values alike.
To read one: ``print(random_program(7).source)``.
"""

from __future__ import annotations

import re
import string
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

SHAPES = ((), (3,), (4,), (2, 3), (3, 3), (1, 4), (2, 2, 3))
LARGEST, MOST_ELEMENTS = 10.0, 24
STEPS = (4, 10)  # fewer where nothing fits

# Templates by what {a} must be. {axis}: an axis of a; {over}: nothing, an axis, a tuple of axes,
# with or without keepdims; {S}: a positive definite matrix made of a, {n} its length; {k}: -2 to 2;
# {shape}: the shape of a, {flip} the same from the right.
CATALOGUE: dict[str, list[str]] = {
    "any array": [
        "{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / ({b}**2 + 1)", "2.0 - {a}", "{a} ** 3", "-{a}",
        "np.sin({a})", "np.cos({a})", "np.tanh({a})", "np.arctan({a})", "np.arcsinh({a})",
        "np.exp(0.5 * {a})", "np.exp2(0.4 * {a})", "np.expm1(0.3 * {a})", "np.sinh(0.3 * {a})",
        "np.cosh(0.3 * {a})", "np.tan(0.5 * np.tanh({a}))", "np.arcsin(0.9 * np.tanh({a}))",
        "np.arccos(0.9 * np.tanh({a}))", "np.arctanh(0.7 * np.tanh({a}))", "np.arccosh({a}**2 + 1.5)",
        "np.log({a}**2 + 0.5)", "np.log1p({a}**2)", "np.log2({a}**2 + 1)", "np.log10({a}**2 + 1)",
        "np.sqrt({a}**2 + 0.5)", "np.cbrt({a}**2 + 1)", "np.square({a})", "np.reciprocal({a}**2 + 1)",
        "np.power({a}**2 + 1, np.tanh({b}))", "np.arctan2({a}, {b}**2 + 1)", "np.hypot({a}, {b} + 2.5)",
        "np.logaddexp({a}, {b})", "np.logaddexp2({a}, {b})", "np.maximum({a}, {b})",
        "np.minimum({a}, {b})", "np.fmax({a}, 0.3)", "np.clip({a}, -1, 1)", "np.abs({a})",
        "np.copysign({a}, {b})", "np.fmod({a}, 2.5)", "np.remainder({a}, 2.5)", "np.sinc(0.4 * {a})",
        "np.deg2rad(40 * {a})", "np.where({a} > 0.1, {a}, {b})",
        "np.where({a} > 0, np.log1p(np.abs({a})), {b})",
        "np.heaviside({a}, 0.5) * {b}", "np.nan_to_num({a})",
        "np.sum({a}{over})", "np.mean({a}{over})", "np.prod(0.7 * {a}{over})", "np.max({a}{over})",
        "np.min({a}{over})", "np.std({a}{over})", "np.var({a}{over})", "np.linalg.norm({a})",
        "np.ravel({a})", "np.reshape({a}, {flip})", "np.transpose({a})", "np.expand_dims({a}, 0)",
        "np.atleast_2d({a})", "np.squeeze({a})", "{a}[None, ...]", "{a}[..., None]", "np.outer({a}, {b})",
        "np.broadcast_to({a}, (2, *{shape}))", "np.stack([{a}, {a} * {a}, {a}], axis=-1)",
        "np.tile({a}, 2)", "np.inner({a}, {b})", "np.append({a}, {b})", "np.kron({a}, {b})",
    ],
    "a vector or more": [
        "np.median({a}, axis={axis})", "np.quantile({a}, 0.3, axis={axis})", "np.ptp({a}, axis={axis})",
        "np.cumsum({a}, axis={axis})", "np.cumprod(0.7 * {a}, axis={axis})", "np.diff({a}, axis={axis})",
        "np.trapezoid({a}, axis={axis})", "np.gradient({a}, axis={axis})",
        "np.average({a}, axis={axis}, weights=np.arange(1.0, 1 + {a}.shape[{axis}]))",
        "np.average({a}, axis=0, weights=np.exp({b}))", "np.nansum({a}, axis={axis})",
        "np.sort({a}, axis={axis})", "np.take_along_axis({a}, np.argsort(-{a}, axis={axis}), axis={axis})",
        "np.flip({a}, axis={axis})", "np.roll({a}, {k}, axis={axis})", "np.repeat({a}, 2, axis={axis})",
        "np.moveaxis({a}, {axis}, 0)", "np.swapaxes({a}, {axis}, -1)", "np.pad({a}, 1)",
        "np.pad({a}, 1, mode='edge')", "np.pad({a}, 1, mode='wrap')", "np.take({a}, [0, -1], axis={axis})",
        "np.concatenate([{a}, {b}], axis={axis})", "np.vstack([{a}, {b}])", "np.hstack([{a}, {b}, {a}])",
        "np.delete({a}, 0, axis={axis})", "np.insert({a}, 1, 0.5, axis={axis})",
        "np.array_split({a}, 2, axis={axis})[0]", "np.linalg.norm({a}, axis={axis})",
        "np.linalg.norm({a}, ord=1, axis={axis})", "np.matmul({a}, {b})", "np.dot({a}, {b})", "{a} @ {b}",
        "np.tensordot({a}, {b}, axes=1)", "np.einsum('...i,...i->...', {a}, {b})",
        "np.vecdot({a}, {b})", "np.einsum('...i->i', {a})",
        "{a}[0]", "{a}[-1]", "{a}[::-1]", "{a}[..., 1:]", "{a}[..., ::2]", "{a}[[0, 1, 0]]",
        "{a}[..., [1, 0, 1]]", "{a}[np.cos(np.arange(len({a}))) > 0]", "np.choose([0, 1, 1], [{a}, {b}])",
        "np.exp({a} - np.max({a}, axis={axis}, keepdims=True))",
        "{a} / np.sqrt(np.sum({a}**2, axis={axis}, keepdims=True) + 0.5)",
    ],
    "a vector": [
        "np.convolve({a}, {b})", "np.correlate({a}, {b}, mode='same')", "np.diag({a})", "np.diagflat({a}, 1)",
        "np.vander({a}, 3)", "np.polyval({a}, 0.5 * np.tanh({b}))", "np.interp(0.3, [-1.0, 0, 1], {a})",
        "np.einsum('i,j->ij', {a}, {b})", "np.ediff1d({a})", "np.cross({a}, {b})", "np.vdot({a}, {b})",
    ],
    "a matrix": [
        "{a}.T @ {a}", "np.einsum('ij,kj->ik', {a}, {a})", "np.einsum('ij,ij->j', {a}, {b})",
        "np.tril({a})", "np.triu({a}, {k})", "np.trace({a})", "np.diag({a})", "np.rot90({a})",
        "np.diagonal({a}, axis1=-2, axis2=-1)", "np.cov({a})", "{a}[:, 0]", "{a}[[0, 1], [1, 0]]",
        "{a}[[0, 1, 1]][:, ::-1]", "np.linalg.norm({a}, 'fro')", "np.linalg.norm({S}, 2)",
        "np.linalg.norm({S}, 'nuc')", "np.linalg.inv({S})", "np.linalg.solve({S}, {b})",
        "np.linalg.det(0.3 * {S})", "np.linalg.slogdet({S})[1]", "np.linalg.cholesky({S})",
        "np.linalg.eigvalsh({S})", "np.linalg.eigh({S})[1] ** 2", "np.linalg.svd({S}, compute_uv=False)",
        "np.linalg.qr({S})[1]", "np.linalg.pinv({S})", "np.linalg.matrix_power(0.3 * {S}, 3)",
        "np.linalg.multi_dot([{a}, {a}.T, {a}])", "np.linalg.lstsq({S}, {b}, rcond=None)[0]",
    ],
}  # fmt: skip

FITS = {
    "any array": lambda a: True,
    "a vector or more": lambda a: a.ndim >= 1,
    "a vector": lambda a: a.ndim == 1,
    "a matrix": lambda a: a.ndim == 2,
}
TEMPLATES = [(kind, template) for kind, templates in CATALOGUE.items() for template in templates]


@dataclass(frozen=True)
class Program:
    """A function as source, the arrays at which it is differentiated, and the templates in it."""

    source: str
    inputs: list[np.ndarray]
    templates: list[str]

    def function(self, **names: Any) -> Any:
        """The compiled function; ``names`` replace what its source refers to."""
        scope = {"np": np} | names
        exec(self.source, scope)
        return scope["f"]

    def __str__(self) -> str:
        """A script that runs the program and prints its gradients."""
        arrays = "\n".join(f"x{i} = {_literal(x)}" for i, x in enumerate(self.inputs))
        xs = ", ".join(f"x{i}" for i in range(len(self.inputs)))
        call = f"print(grad(f, {tuple(range(len(self.inputs)))})({xs}))"
        return f"import numpy as np\n\nfrom autograd import grad\n\n\n{self.source}\n\n{arrays}\n{call}\n"


def _literal(x: np.ndarray) -> str:
    return f"np.array({x.tolist()})"


def random_program(seed: int) -> Program:
    """A few inputs, and steps that fit in shape and stay finite and small; recent results are used most."""
    rng = np.random.default_rng(seed)
    inputs = [rng.normal(size=SHAPES[i]) for i in rng.integers(len(SHAPES), size=rng.integers(2, 4))]
    known = {f"x{i}": x for i, x in enumerate(inputs)}
    lines: list[str] = []
    used: list[str] = []
    wanted = rng.integers(*STEPS, endpoint=True)
    for _ in range(40):
        kind, template = TEMPLATES[rng.integers(len(TEMPLATES))]
        code = _filled(kind, template, known, rng)
        y = _tried(code, known) if code else None
        if y is None:
            continue
        name = f"v{len(lines)}"
        lines.append(f"{name} = {code}")
        used.append(template)
        known[name] = y
        if len(lines) == wanted:
            break
    ends = [
        name
        for name in known
        if not re.search(rf"\b{name}\b", "\n".join(x.split(" = ", 1)[1] for x in lines))
    ]
    total = " + ".join(_projected(name, known[name]) for name in ends if name.startswith("v")) or "0.0"
    head = f"def f({', '.join(f'x{i}' for i in range(len(inputs)))}):"
    return Program("\n    ".join([head, *lines, f"return {total}"]) + "\n", inputs, used)


def _filled(kind: str, template: str, known: dict[str, Any], rng: np.random.Generator) -> str:
    """The template with operands; empty if the one drawn does not fit."""
    names = list(known)
    a, b = (names[-1 - int(rng.geometric(0.25)) % len(names)] for _ in range(2))
    x = known[a]
    if not FITS[kind](x):
        return ""
    axis = int(rng.integers(-x.ndim, x.ndim)) if x.ndim else 0
    n = len(x) if x.ndim else 0
    words = {
        "a": a, "b": b, "axis": axis, "k": int(rng.integers(-2, 3)), "over": _over(x, axis, rng),
        "shape": x.shape, "flip": x.shape[::-1], "n": n,
        "S": f"({a} @ {a}.T / 4 + np.diag(np.arange(1.0, {n + 1})))",
    }  # fmt: skip
    wanted = {field for _, field, _, _ in string.Formatter().parse(template) if field}
    return template.format(**{w: words[w] for w in wanted})


def _over(x: Any, axis: int, rng: np.random.Generator) -> str:
    """The arguments of a reduction."""
    axes = ["", f", axis={axis}", f", axis={axis}", ", axis=(0, -1)" if x.ndim > 1 else ""]
    chosen = axes[rng.integers(4)] if x.ndim else ""
    return chosen + (", keepdims=True" if rng.random() < 0.3 else "")


def _tried(code: str, known: dict[str, Any]) -> Any:
    """The result as an array; None if it does not exist, or is too large in any sense."""
    try:
        with np.errstate(all="raise", under="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error")
            y = np.asarray(eval(code, {"np": np}, known))
    except (ValueError, IndexError, FloatingPointError, np.linalg.LinAlgError, Warning):
        return None
    small = y.dtype == np.float64 and 0 < y.size <= MOST_ELEMENTS and np.max(np.abs(y)) < LARGEST
    return y if small else None


def _projected(name: str, y: Any) -> str:
    """A number made of every element of a result, with weights that differ."""
    return f"np.sum({name} * np.linspace(1, 2, {y.size}).reshape({y.shape}))" if y.ndim else name
