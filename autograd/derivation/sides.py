"""The two sides of a derivation, run at one point: what was computed, and what is claimed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.derivation import recorder
from autograd.derivation.arguments import filled
from autograd.derivation.naming import RETURN, short
from autograd.derivation.recorder import Run, Step
from autograd.derivation.running import Side, around, by_short_name, run_backward, run_forward
from autograd.derivation.spelling import Speller
from autograd.derivation.state import paths, updates, written
from autograd.derivation.sweep import consumers, graph, sweep
from autograd.errors import InvalidArgument
from autograd.trees import leaves as leaves_of
from autograd.trees import tree_map
from autograd.value import Value

__all__ = ["Point", "Side", "output_of", "run_point"]

LOSSES = ("loss", "cost", "E", "J", "L", "error", "C", "total_loss")


@dataclass
class Point:
    """A derivation at one point.

    Attributes:
        inputs: as they were given.
        values: the same with a Value for each float.
        order: the graph of the forward pass, the output last.
        nodes: the Values of each name, in the order of assignment.
        names: a name for each Value.
        lines: the line and statement that made each Value.
        steps: what the backward side assigned.
        seed: the gradient of the output.
        ends: what the arrays that were assigned held at the end, by name.
        result: what the backward side returned.
        local: the names that the backward side gives to anything.
        upstream: what the backward side calls the gradient of the output; empty if it takes none.
        formulas: True if the backward side is text, in which every use of a name is seen.
        held: the Values by their whole names, ``self.layers[0].W``.
        true: the true gradient of every Value.
    """

    inputs: dict[str, Any]
    values: dict[str, Any]
    order: list[Value]
    nodes: dict[str, list[Value]]
    names: dict[Value, str]
    lines: dict[Value, tuple[int, str]]
    steps: list[Step]
    seed: Any
    ends: dict[str, Step] = field(default_factory=dict)
    result: Any = None
    upstream: str = ""
    formulas: bool = False
    held: dict[str, Value] = field(default_factory=dict)
    local: frozenset[str] = frozenset()
    uses: dict[Value, list[tuple[Value, int]]] = field(init=False)
    true: dict[Value, Any] = field(init=False)
    speller: Speller = field(init=False)

    def __post_init__(self) -> None:
        self.uses = consumers(self.order)
        self.true = sweep(self.order, self.seed)
        self.speller = Speller(self.names, self.formulas)


def run_point(
    forward: Side,
    backward: Side | None,
    inputs: Mapping[str, Any],
    loss: Any,
    call: Callable[..., Any] | None,
    rng: np.random.Generator,
) -> Point:
    """Run both sides at the given inputs; ``backward`` is None where one function does both."""
    both = backward is None or backward is forward
    leaves, recorded, output = _differentiated(forward, inputs, loss, both)
    upstream = np.ones(output.shape) if output.size == 1 else rng.normal(size=output.shape)
    plain = {name: tree_map(_plain, value) for name, value in inputs.items()}
    numbers = run_forward(forward, plain)
    if numbers.error is not None:
        raise recorder.failure("forward", numbers.error) from numbers.error
    run = numbers if both else run_backward(backward, plain, numbers, upstream, call)
    if output.size != 1 and not callable(backward):
        raise InvalidArgument(
            f"the result of forward has shape {output.shape}: say what its cost is with loss=, "
            "a name or a function of it"
        )
    order = graph(output)
    nodes, names = _named(leaves, recorded, set(order))
    seed = upstream if output.ndim else float(upstream)
    is_told = isinstance(backward, Mapping)  # its entries are gradients, and update nothing
    implied = [] if is_told else updates(run, plain, around(forward if both else backward))
    steps, lines = [*run.steps, *implied], _lines(recorded)
    came = next((name for name, x in run.names.items() if x is upstream), "")
    entries = backward.values() if isinstance(backward, Mapping) else [backward]
    text = any(isinstance(entry, str) for entry in entries)
    given = [item for name, tree in leaves.items() for item in written(name, tree, recorded.instance)]
    held = {path: v for path, v in [*given, *recorded.names.items()] if isinstance(v, Value)}
    return Point(
        dict(inputs), leaves, order, nodes, names, lines, steps, seed, run.ends(), run.result,
        upstream=came, formulas=text, held=held, local=frozenset(run.names),
    )  # fmt: skip


def _differentiated(
    forward: Side, inputs: Mapping[str, Any], loss: Any, both: bool
) -> tuple[dict[str, Any], Run, Value]:
    """Values for the inputs, what was done with them, and the cost."""
    leaves, recorded = _recorded(forward, inputs)
    if recorded.error is not None and not both:
        raise recorder.failure("forward", recorded.error) from recorded.error
    try:
        return leaves, recorded, _output(recorded, loss, leaves)
    except InvalidArgument:
        if recorded.error is None:
            raise
        raise recorder.failure("forward", recorded.error) from recorded.error


def output_of(forward: Side, loss: Any, inputs: Mapping[str, Any]) -> Value:
    """The Value that is differentiated, at other inputs."""
    leaves, recorded = _recorded(forward, inputs)
    return _output(recorded, loss, leaves)


def _recorded(forward: Side, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], Run]:
    leaves = {name: tree_map(functools.partial(_leaf, name), value) for name, value in inputs.items()}
    return leaves, run_forward(forward, leaves)


def _leaf(name: str, x: Any) -> Any:
    """A Value for a float; anything else as it is."""
    x = x.data if isinstance(x, Value) else x
    if isinstance(x, (bool, str)) or x is None or callable(x):
        return x
    if np.asarray(x).dtype.kind == "f":
        return Value(np.asarray(x, np.float64), label=name)
    return x


def _plain(x: Any) -> Any:
    """The same numbers in double precision, as a fresh array or a float."""
    x = x.data if isinstance(x, Value) else x
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return x.astype(np.float64)
    return x


def _output(recorded: Run, loss: Any, inputs: dict[str, Any]) -> Value:
    """The Value to differentiate: the cost."""
    if isinstance(loss, str):
        if not isinstance(recorded.names.get(loss), Value):
            raise InvalidArgument(
                f"loss={loss!r} is no Value of the forward pass: there are {', '.join(_values(recorded))}"
            )
        return recorded.names[loss]  # type: ignore[no-any-return]
    result = recorded.result
    if callable(loss):
        known = by_short_name(recorded)
        known |= {**recorded.names, **inputs}  # a parameter as it was, also if it is updated afterwards
        known |= {"self": recorded.instance} if recorded.instance is not None else {}
        arguments = filled(loss, known, "loss", list(known), result)
        return loss(**arguments)  # type: ignore[no-any-return]
    parts = list(result.values()) if isinstance(result, dict) else result
    parts = list(parts) if isinstance(parts, (tuple, list)) else [parts]
    scalars = [p for p in parts if isinstance(p, Value) and p.size == 1]
    values = scalars or [p for p in parts if isinstance(p, Value)]
    if not values:
        values = [recorded.names[k] for k in LOSSES if isinstance(recorded.names.get(k), Value)]
    if not values:
        raise InvalidArgument(
            f"forward returned nothing that depends on the inputs: {_hint(inputs)}. "
            f"It computed {', '.join(_values(recorded)) or 'no Values'}"
        )
    return values[0]


def _hint(inputs: dict[str, Any]) -> str:
    if any(isinstance(x, Value) for x in leaves_of(inputs)):
        return "return the cost, or name it with loss="
    return "all of them are integers, and floats are differentiated: give 2.0 for 2"


def _values(recorded: Run) -> list[str]:
    return [name for name, v in recorded.names.items() if isinstance(v, Value)]


def _named(
    inputs: dict[str, Any], recorded: Run, inside: set[Value]
) -> tuple[dict[str, list[Value]], dict[Value, str]]:
    """The Values of each short name, and a name for each Value: the first it was given."""
    found_of: dict[str, dict[Value, None]] = {}
    found = [(path, v) for name, tree in inputs.items() for path, v in paths(name, tree)]
    found += [(step.name, step.value) for step in recorded.steps]
    known = set()
    for name, v in found:
        if isinstance(v, Value) and v in inside and not (short(name) == RETURN and v in known):
            found_of.setdefault(short(name), {})[v] = None
            known.add(v)
    nodes = {name: list(values) for name, values in found_of.items()}
    names: dict[Value, str] = {}
    for name, values in nodes.items():
        for k, v in enumerate(values):
            names.setdefault(v, name if len(values) == 1 else f"{name}[{k}]")
    for node in inside:
        for p in node.parents:  # plain arrays became constants
            if not p.requires_grad and id(p.data) in recorded.arrays:
                names.setdefault(p, recorded.arrays[id(p.data)][0])
    return nodes, names | _computed_again(names, inside - {*names})


def _computed_again(names: dict[Value, str], inside: set[Value]) -> dict[Value, str]:
    """Names for what has one as it was computed before: the mean in ``x.var(axis=0)``, which is mu."""
    known = {_key(v): (name, v) for v, name in names.items() if v.primitive is not None}
    found = {}
    for node in inside:
        name, v = known.get(_key(node), ("", node)) if node.primitive is not None else ("", node)
        if name and node.shape[node.ndim - v.ndim :] == v.shape and np.size(v.data) == np.size(node.data):
            found[node] = name
    return found


def _key(node: Value) -> Any:
    """Equal for the same operation on the same Values, with the axes kept or not."""
    params = {name: x for name, x in (node.params or {}).items() if name != "keepdims"}
    return node.primitive, tuple(map(id, node.parents)), repr(params)


def _lines(recorded: Run) -> dict[Value, tuple[int, str]]:
    """The statement that made each Value: the first one whose value depends on it."""
    made: dict[Value, tuple[int, str]] = {}
    for step in recorded.steps:
        stack = [step.value] if isinstance(step.value, Value) else []
        while stack:
            node = stack.pop()
            if node not in made and node.primitive is not None:
                made[node] = (step.line, step.text)
                stack.extend(node.parents)
    return made
