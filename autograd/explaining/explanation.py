"""What an explanation is: its parts as data, and as text, LaTeX and Markdown."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograd.formula import Expr, Product, joined, name, shown, text, with_numbers, written

MOST_WRITTEN = 40  # factors in the formula of a path


class Explanation:
    """What :func:`autograd.explain` gives: ``print`` it, or let a notebook show it.

    Attributes:
        output: name of the Value that was differentiated.
        wrt: name of the Value with respect to which it was.
        value: the derivative, as the engine computes it; None for an output that is no scalar.
    """

    output: str
    wrt: str
    value: Any

    @property
    def text(self) -> str:
        """For a terminal."""
        raise NotImplementedError

    @property
    def latex(self) -> str:
        """Formula and numbers in LaTeX, for mathematical mode."""
        raise NotImplementedError

    @property
    def markdown(self) -> str:
        """Everything in Markdown, formulas in LaTeX."""
        raise NotImplementedError

    @property
    def derivative(self) -> str:
        """The derivative's name, ``dE/dw2``."""
        return f"d{self.output}/d{self.wrt}"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.markdown


@dataclass(frozen=True)
class Factor:
    """One factor of a path: the derivative of one named node with respect to the next.

    Attributes:
        above: name of the node nearer to the output.
        below: name of the node nearer to ``wrt``.
        product: the derivative in symbols, taken apart.
        value: the derivative.
    """

    above: str
    below: str
    product: Product
    value: float

    @property
    def derivative(self) -> str:
        """Its name, ``da2/dz2``."""
        return f"d{self.above}/d{self.below}"

    @property
    def formula(self) -> str:
        """The derivative in symbols."""
        return text(written(self.product))


@dataclass(frozen=True)
class Path:
    """One path from the output: names of its nodes, its factors and their product.

    Attributes:
        names: the named nodes along it, the output first.
        factors: one for each step.
        value: their product.
        count: how many paths of the graph are written together in it.
    """

    names: tuple[str, ...]
    factors: tuple[Factor, ...]
    value: float
    count: int = 1

    @property
    def product(self) -> Expr:
        """The product of all factors in symbols; the middle of a very long one is left out."""
        parts = [f.product for f in self.factors]
        if len(parts) > MOST_WRITTEN:
            parts[8:-8] = [Product(1.0, ((name("..."), 1.0),))]
        return written(joined(parts))

    @property
    def formula(self) -> str:
        """The product of all factors in symbols, as text."""
        return text(self.product)

    @property
    def is_condition(self) -> bool:
        """True if the formula is a comparison and nothing more, which needs brackets in a sum."""
        return isinstance(self.product, ast.Compare)


@dataclass(frozen=True, repr=False)
class PathExplanation(Explanation):
    """The derivative of a scalar as a sum over paths.

    Attributes:
        output, wrt, value: see :class:`Explanation`.
        paths: the paths that contribute most, the largest first.
        count: number of paths in the graph.
        different: number of paths that differ as they are written.
        values: the numbers of all names in the formulas.
        meanings: what the names that were made up stand for.
    """

    output: str
    wrt: str
    value: float
    paths: tuple[Path, ...]
    count: int
    different: int
    values: Mapping[str, float] = field(default_factory=dict)
    meanings: tuple[tuple[str, Expr], ...] = ()

    @property
    def complete(self) -> bool:
        """True if every path is written out."""
        return self.different == len(self.paths)

    @property
    def remainder(self) -> float:
        """What the paths that are not written out contribute together; 0.0 if there are none."""
        return 0.0 if self.complete else self.value - sum([p.value for p in self.paths])

    @property
    def formula(self) -> str:
        """The derivative in symbols: the sum of the paths that are written out."""
        alone = self.different == 1
        terms = [f"({p.formula})" if p.is_condition and not alone else p.formula for p in self.paths]
        return sum_of(terms) + ("" if self.complete else " + ...")

    def numbers(self, x: Expr) -> Expr:
        """A formula with numbers for its names."""
        return with_numbers(x, self.values)

    @property
    def text(self) -> str:
        """For a terminal."""
        from autograd.explaining.terminal import paths_as_text

        return paths_as_text(self)

    @property
    def latex(self) -> str:
        """Formula and numbers in LaTeX, for mathematical mode."""
        from autograd.explaining.notebook import paths_as_latex

        return paths_as_latex(self)

    @property
    def markdown(self) -> str:
        """Everything in Markdown, formulas in LaTeX."""
        from autograd.explaining.notebook import paths_as_markdown

        return paths_as_markdown(self)


@dataclass(frozen=True)
class Line:
    """The gradient of one array: what it is computed from.

    Attributes:
        name: of the array, ``W1``; its gradient is called ``dW1``.
        formula: how the gradient follows from those before it.
        shape: of both.
        value: the gradient; None where the output is no scalar.
    """

    name: str
    formula: Expr
    shape: tuple[int, ...]
    value: Any = None

    def __str__(self) -> str:
        return f"d{self.name} = {text(self.formula)}"


@dataclass(frozen=True, repr=False)
class ArrayExplanation(Explanation):
    """The gradient of arrays by vector-Jacobian products, line by line from the output back.

    Attributes:
        output, wrt, value: see :class:`Explanation`.
        lines: the gradients in the order in which they are computed, that of ``wrt`` last.
        left_out: number of lines in the middle that are not shown.
        meanings: what the names that were made up stand for, with shapes.
    """

    output: str
    wrt: str
    value: Any
    lines: tuple[Line, ...]
    left_out: int = 0
    meanings: tuple[tuple[str, Expr, tuple[int, ...]], ...] = ()

    @property
    def formula(self) -> str:
        """The last line's right-hand side, ``X.T @ dZ``."""
        return text(self.lines[-1].formula)

    @property
    def text(self) -> str:
        """For a terminal."""
        from autograd.explaining.terminal import arrays_as_text

        return arrays_as_text(self)

    @property
    def latex(self) -> str:
        """The lines in LaTeX, for mathematical mode."""
        from autograd.explaining.notebook import arrays_as_latex

        return arrays_as_latex(self)

    @property
    def markdown(self) -> str:
        """Everything in Markdown, formulas in LaTeX."""
        from autograd.explaining.notebook import arrays_as_markdown

        return arrays_as_markdown(self)


def sum_of(terms: list[str]) -> str:
    """Terms with plus and minus between them."""
    result = terms[0] if terms else "0"
    for term in terms[1:]:
        result += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return result


def bracketed(x: float) -> str:
    """A number inside of a product."""
    return f"({shown(x)})" if x < 0 else shown(x)
