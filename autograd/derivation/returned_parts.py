"""The parts of what the backward side returns: their expressions, and what these speak of."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.derivation.claim import Claim, close
from autograd.derivation.naming import RETURN, short, variable_of
from autograd.derivation.recorder import Step
from autograd.derivation.sides import Point
from autograd.derivation.updating import is_update

Target = tuple[str, int]  # a variable, and which of its Values
NAMELESS: Target = ("", 0)
LABELS = ("y", "t", "y_true", "target", "targets", "label", "labels", "truth", "expected")


@dataclass(frozen=True)
class Part:
    """A number or array that was returned, or None; the place of its step, and its expression."""

    k: int
    step: Step
    expression: ast.expr | None

    @property
    def is_number(self) -> bool:
        """True for what can be a gradient: no integer, no None."""
        return np.asarray(self.step.value).dtype.kind == "f"

    @property
    def text(self) -> str:
        """The expression as text; empty if it cannot be told."""
        return ast.unparse(self.expression) if self.expression is not None else ""

    @property
    def is_named(self) -> bool:
        """True for ``dw`` and ``grads['w']``, false for what is computed in the return statement."""
        named = isinstance(self.expression, (ast.Name, ast.Attribute, ast.Subscript))
        return named and getattr(self.expression, "attr", "") != "T"


@dataclass
class Pairing:
    """The parts that are paired with a variable so far."""

    points: list[Point]
    claims: list[Claim]
    parts: list[Part]
    found: dict[int, tuple[Target, str]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)  # what needs no judgement
    unsure: set[int] = field(default_factory=set)  # what has two meanings, right and wrong

    def free(self) -> list[Part]:
        """The parts that are neither paired nor done."""
        return [p for p in self.parts if p.k not in {*self.found, *self.done, *self.unsure}]

    def left(self, claimed: bool) -> list[Target]:
        """The inputs that no part is paired with: those claimed before by name, or the others."""
        named = {(c.variable, c.occurrence) for c in self.claims if c.how != "numbers"}
        taken = {target for target, _ in self.found.values()}
        return [t for t in self.inputs if t not in taken and (t in named) == claimed]

    @functools.cached_property
    def inputs(self) -> list[Target]:
        """The inputs that the cost depends on, in their order."""
        nodes = self.points[0].nodes
        return [(v, i) for v in nodes for i in range(len(nodes[v])) if nodes[v][i].is_leaf]

    def shape(self, target: Target) -> tuple[int, ...]:
        """The shape of a variable."""
        shape: tuple[int, ...] = self.points[0].nodes[target[0]][target[1]].shape
        return shape

    def is_true(self, part: Part, target: Target, sign: int = 1) -> bool:
        """True if a part has the numbers of a gradient at all points, times a sign."""
        v, i = target
        return bool(np.any(part.step.value)) and all(
            close(sign * p.steps[part.k].value, p.true.get(p.nodes[v][i], np.nan)) for p in self.points
        )

    def opposite(self, part: Part) -> Target | None:
        """The input whose gradient a part has with the wrong sign; one of labels is rarely wanted."""
        left = [t for t in self.left(True) + self.left(False) if t[0].lower() not in LABELS]
        return next((t for t in left if self.is_true(part, t, -1)), None)

    def gradients(self, part: Part) -> set[str]:
        """The variables of whose gradients an expression speaks; of a name, its last assignment."""
        return set(self.mentioned(part))

    def mentioned(self, part: Part) -> list[str]:
        """The same in the order of their first mention."""
        return list(dict.fromkeys(gradients_in(part.expression, self.points[0], 0)))

    def is_computed(self, part: Part) -> bool:
        """True for a value of the forward pass."""
        return all(_is_value(p, p.steps[part.k].value) for p in self.points)


def is_returned(step: Step) -> bool:
    """True for the steps of a return statement."""
    return step.name.split("[", maxsplit=1)[0] == RETURN


def part_of_return(k: int, step: Step) -> Part:
    """The part that a step of a return statement is."""
    return Part(k, step, _expression(step))


def _expression(step: Step) -> ast.expr | None:
    """What is written for a part: of ``return[1]['w']`` the entry of a tuple, list or dict."""
    statement = ast.parse(step.text).body[0] if step.text else None
    at = statement.value if isinstance(statement, ast.Return) else None
    for key in _keys(step.name):
        if isinstance(at, (ast.Tuple, ast.List, ast.Dict)):
            at = _item(at, key)
        elif isinstance(at, (ast.Name, ast.Attribute, ast.Subscript)):
            at = ast.Subscript(at, ast.Constant(key), ast.Load())
        else:
            at = None
    return at


def _item(container: ast.Tuple | ast.List | ast.Dict, key: Any) -> ast.expr | None:
    """What is written at a place or key, if it can be told."""
    if isinstance(container, ast.Dict):
        entries = zip(container.keys, container.values, strict=True)
        return next((v for n, v in reversed([*entries]) if _is_key(n, key)), None)
    told = not any(isinstance(e, ast.Starred) for e in container.elts) and isinstance(key, int)
    return container.elts[key] if told and -1 < key < len(container.elts) else None


def _keys(name: str) -> list[Any]:
    tree: Any = ast.parse(name.replace(RETURN, "_", 1), mode="eval").body
    keys: list[Any] = []
    while isinstance(tree, ast.Subscript):
        keys.insert(0, ast.literal_eval(tree.slice))
        tree = tree.value
    return keys


def _is_key(node: ast.expr | None, key: Any) -> bool:
    return isinstance(node, ast.Constant) and node.value == key


def gradients_in(tree: ast.AST | None, point: Point, depth: int) -> Iterator[str]:
    """The variables of the gradients that are named in an expression, or in what its names stand for."""
    if tree is None:
        return
    if isinstance(tree, (ast.Name, ast.Attribute, ast.Subscript)):
        variable = variable_of(ast.unparse(tree), point.nodes)
        if variable is not None:
            yield variable
            return
        assigned = _assigned(tree, point)
        if assigned is not tree and depth < 3:
            yield from gradients_in(assigned, point, depth + 1)
    for child in ast.iter_child_nodes(tree):
        yield from gradients_in(child, point, depth)


def _assigned(tree: ast.expr, point: Point) -> ast.AST:
    """What was last assigned to a name; the expression itself if it is none."""
    name = ast.unparse(tree)
    try:
        statement = next(iter(ast.parse(_last_text(name, point)).body), None)
    except SyntaxError:  # the head of a loop
        return tree
    return _entry(statement, name) or tree


def _last_text(name: str, point: Point) -> str:
    """The last statement that assigned a name; empty if there is none."""
    texts = [s.text for s in point.steps if s.name == name and not is_returned(s)]
    return texts[-1] if texts else ""


def _entry(statement: ast.stmt | None, name: str) -> ast.AST | None:
    value = getattr(statement, "value", None)
    if isinstance(value, (ast.List, ast.Tuple, ast.Dict)) and name.endswith("]"):
        key = ast.literal_eval(name[name.rindex("[") + 1 : -1])
        return _item(value, key) or value
    return value if isinstance(value, ast.AST) else None


def is_updated(pairing: Pairing, part: Part) -> bool:
    """True for a parameter that was updated: ``w``, and ``w - rate * dw`` by what ``dw`` is."""
    tree = part.expression
    if tree is None or not part.is_number:
        return False
    first = pairing.points[0]
    inputs = [t for t in pairing.inputs if len(first.nodes[t[0]]) == 1]
    made = _assigned(tree, first)
    name = ast.unparse(tree)
    text = _last_text(name, first)
    if part.is_named and text and short(name) in first.nodes and is_update(text, short(name)):
        return True
    if part.is_named and made is tree and short(name) in first.nodes:
        return variable_of(name, first.nodes) is None and not pairing.is_computed(part)
    if not (isinstance(made, ast.BinOp) and isinstance(made.op, (ast.Sub, ast.Add))):
        return False
    own = [t for t in inputs if short(ast.unparse(made.left)) == t[0]]
    return any(_is_step(pairing.points, part, t) for t in own)


def _is_step(points: list[Point], part: Part, target: Target) -> bool:
    """True if a part is a parameter less a constant times its gradient, the same at all points."""
    ratios = []
    for p in points:
        node = p.nodes[target[0]][target[1]]
        change, true = node.data - np.asarray(p.steps[part.k].value), p.true.get(node, np.zeros(node.shape))
        if np.shape(change) != np.shape(true) or not np.any(true):
            return False
        ratios.append(float(np.vdot(true, change) / np.vdot(true, true)))
        if not close(change, ratios[0] * true):
            return False
    return True


def _is_value(point: Point, x: Any) -> bool:
    """True for the numbers of a value of the forward pass."""
    return any(node.shape == np.shape(x) and close(x, node.data) for node in point.order)


def is_measure(pairing: Pairing, part: Part) -> bool:
    """True for an accuracy, a number made of comparisons."""
    tree = _assigned(part.expression, pairing.points[0]) if part.expression is not None else None
    return tree is not None and any(isinstance(n, ast.Compare) for n in ast.walk(tree))
