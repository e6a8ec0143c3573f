"""Formulas in LaTeX."""

from __future__ import annotations

import ast
import re

from autograd.formula import Expr, constant_text, once_bracketed

_GREEK = frozenset(
    """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi
    chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega""".split()  # noqa: SIM905
)
_KNOWN = {
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "exp",
    "max",
    "min",
    "det",
    "arcsin",
    "arccos",
    "arctan",
}
_RANK = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2, ast.MatMult: 2, ast.Mod: 2, ast.Pow: 4}
_COMPARED = {
    ast.Gt: ">", ast.Lt: "<", ast.GtE: r"\ge", ast.LtE: r"\le", ast.Eq: "=", ast.NotEq: r"\ne",
}  # fmt: skip
_ATOM = 5
_SPECIAL = {
    "\\": r"\backslash{}",
    "{": r"\{",
    "}": r"\}",
    "|": r"\vert{}",
    "~": r"\sim{}",
    "^": r"\wedge{}",
    " ": r"\ ",
}


def latex(x: Expr, product: str = r" \, ", gradients: frozenset[str] = frozenset()) -> str:
    r"""An expression in LaTeX.

    Args:
        x: the expression.
        product: the sign of a product.
        gradients: names such as ``dW``, which are set as d of what follows.

    >>> latex(ast.parse("-(T - a2)*a2*(1 - a2)/w**2", mode="eval").body)
    '\\frac{-(T - a_{2}) \\, a_{2} \\, (1 - a_{2})}{w^{2}}'
    """
    return once_bracketed(_Printer(product, gradients).at(x)[0])


def symbol(name: str) -> str:
    r"""A name: letters with their numbers as an index, Greek letters, longer words upright.

    >>> symbol("w2"), symbol("alpha"), symbol("layer0.b"), symbol("-0.5")
    ('w_{2}', '\\alpha', '\\mathrm{layer0.b}', '-0.5')
    """
    quantity = re.fullmatch(r"(\()?(-?[\d.]+)e([+-]\d+)(\))?", name)
    if quantity:
        bracket, digits, power, closed = quantity.groups(default="")
        return rf"{bracket}{digits} \cdot 10^{{{int(power)}}}{closed}"
    parts = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", name)
    if parts:
        letters, index = parts.groups()
        letters = "\\" + letters if letters in _GREEK else letters
        base = letters if len(letters) == 1 or letters.startswith("\\") else rf"\mathrm{{{letters}}}"
        return f"{base}_{{{index}}}" if index else base
    if re.fullmatch(r"[\d.()\-]*", name):
        return name
    return rf"\mathrm{{{escaped(name)}}}"


def escaped(text: str) -> str:
    """Text without the characters that LaTeX and Markdown tables take for their own."""
    text = "".join(_SPECIAL.get(c, c) for c in text)
    return re.sub(r"(?<!\\)([_#$%&])", r"\\\1", text)


def partial(output: str, wrt: str) -> str:
    """The sign of a derivative."""
    return rf"\frac{{\partial {symbol(output)}}}{{\partial {symbol(wrt)}}}"


class _Printer:
    """Gives each part with the rank of its operator, by which brackets are set."""

    def __init__(self, product: str, gradients: frozenset[str]) -> None:
        self.product, self.gradients = product, gradients

    def at(self, x: Expr) -> tuple[str, int]:
        writer = getattr(self, f"_{type(x).__name__.lower()}", None)
        return (rf"\mathrm{{{escaped(ast.unparse(x))}}}", _ATOM) if writer is None else writer(x)

    def inside(self, x: Expr, rank: int) -> str:
        text, own = self.at(x)
        return text if own >= rank else f"({text})"

    def _name(self, x: ast.Name) -> tuple[str, int]:
        if x.id in self.gradients:
            return rf"\mathrm{{d}}{symbol(x.id[1:])}", _ATOM
        return symbol(x.id), _ATOM

    def _constant(self, x: ast.Constant) -> tuple[str, int]:
        return symbol(constant_text(x.value) if isinstance(x.value, (int, float)) else str(x.value)), _ATOM

    def _unaryop(self, x: ast.UnaryOp) -> tuple[str, int]:
        return f"-{self.inside(x.operand, 2)}", 2

    def _binop(self, x: ast.BinOp) -> tuple[str, int]:
        rank = _RANK[type(x.op)]
        if isinstance(x.op, ast.Div):
            return rf"\frac{{{self.at(x.left)[0]}}}{{{self.at(x.right)[0]}}}", 3
        if isinstance(x.op, ast.Pow):
            return f"{self.inside(x.left, _ATOM)}^{{{self.at(x.right)[0]}}}", 4
        sign = {
            ast.Add: " + ",
            ast.Sub: " - ",
            ast.Mult: self.product,
            ast.MatMult: r" \, ",
            ast.Mod: r" \bmod ",
        }
        after = self.inside(x.right, rank if isinstance(x.op, ast.Add) else rank + 1)
        before = self.inside(x.left, rank)
        if isinstance(x.op, ast.Mult) and isinstance(x.right, ast.Constant):
            return rf"{before} \cdot {after}", rank
        if isinstance(x.op, ast.Mult) and isinstance(x.left, ast.Constant):
            return before + (r" \cdot " if after[:1].isdigit() else r" \, ") + after, rank
        return f"{before}{sign[type(x.op)]}{after}", rank

    def _call(self, x: ast.Call) -> tuple[str, int]:
        arguments = ", ".join(self.at(a)[0] for a in x.args)
        options = "".join(f"{k.arg}={ast.unparse(k.value)}" for k in x.keywords)
        if isinstance(x.func, ast.Attribute):
            below = rf"_{{\mathrm{{{escaped(options)}}}}}" if options else ""
            if x.func.attr == "sum":
                return rf"\textstyle\sum{below} {self.inside(x.func.value, 3)}", 2
            return rf"\mathrm{{{escaped(x.func.attr)}}}{below}({self.at(x.func.value)[0]})", _ATOM
        function = ast.unparse(x.func)
        if function == "sqrt":
            return rf"\sqrt{{{arguments}}}", _ATOM
        if function == "ones":
            return r"\mathbf{1}", _ATOM
        word = {"log": r"\ln", "sigmoid": r"\sigma"}.get(function)
        word = word or ("\\" + function if function in _KNOWN else rf"\mathrm{{{escaped(function)}}}")
        more = [rf"\mathrm{{{escaped(k.arg or '')}}}={symbol(ast.unparse(k.value))}" for k in x.keywords]
        return f"{word}({', '.join([arguments, *more])})", _ATOM

    def _list(self, x: ast.List) -> tuple[str, int]:
        return f"[{', '.join(self.at(part)[0] for part in x.elts)}]", _ATOM

    def _attribute(self, x: ast.Attribute) -> tuple[str, int]:
        if x.attr == "T":
            return rf"{self.inside(x.value, _ATOM)}^{{\top}}", 4
        return rf"\mathrm{{{escaped(x.attr)}}}({self.at(x.value)[0]})", _ATOM

    def _subscript(self, x: ast.Subscript) -> tuple[str, int]:
        return rf"{{{self.inside(x.value, 4)}}}_{{[{escaped(ast.unparse(x.slice))}]}}", 4

    def _ifexp(self, x: ast.IfExp) -> tuple[str, int]:
        yes, condition, no = (self.at(part)[0] for part in (x.body, x.test, x.orelse))
        return rf"{yes} \text{{ if }} {condition} \text{{ else }} {no}", 0

    def _compare(self, x: ast.Compare) -> tuple[str, int]:
        parts = [self.inside(x.left, 2)]
        for op, right in zip(x.ops, x.comparators, strict=True):
            parts += [_COMPARED.get(type(op), "?"), self.inside(right, 2)]
        return f"[{' '.join(parts)}]", _ATOM
