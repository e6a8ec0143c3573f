"""What is to be drawn: the Values of a graph with their names, modules, gradients and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.drawing.naming import common, home_of, is_module, names_of, short_path
from autograd.errors import UnsupportedType
from autograd.graph import topological_order
from autograd.names import checked_names, printable
from autograd.node import NOT_KEPT, gradient_of
from autograd.value import Value


@dataclass(frozen=True)
class Mark:
    """The verdict on a claimed gradient: "right", "wrong", "follows" or "cannot tell", and its text."""

    verdict: str
    text: str


@dataclass
class Scene:
    """A graph to be drawn.

    Attributes:
        title: in a few words.
        order: the Values, parents before children.
        outputs: those that were asked for.
        names: the name of a Value, if it has one.
        homes: the modules that each Value of ``order`` is in.
        gradients: to be shown instead of ``.grad``.
        marks: verdicts on the gradients of Values.
    """

    title: str
    order: list[Value]
    outputs: set[Value]
    names: dict[Value, str] = field(default_factory=dict)
    homes: list[tuple[str, ...]] = field(default_factory=list)
    gradients: Mapping[Value, Any] | None = None
    marks: dict[Value, Mark] = field(default_factory=dict)

    def gradient(self, v: Value) -> Any:
        """The gradient to show, None if there is none."""
        g = gradient_of(v) if self.gradients is None else self.gradients.get(v)
        return None if g is NOT_KEPT else getattr(g, "data", g) if isinstance(g, Value) else g


def scene_of(x: Any, inputs: Sequence[Any], names: Mapping[str, Any] | None, constants: bool) -> Scene:
    """The scene of a Value, of several, of a module or its result, or of a report.

    Raises:
        UnsupportedType: for anything else.
    """
    known = names_of(checked_names(names))
    if inputs and not is_module(x):
        raise UnsupportedType("draw_graph takes inputs for a module alone: a Value is a result already")
    if getattr(x, "findings", None) is not None and hasattr(x, "graph"):
        scene = _of_report(x)
    elif is_module(x):
        known = {p: short_path(path) for path, p in x.named_parameters()} | known
        scene = _of_module(x, inputs)
    else:
        scene = _of_values(x)
    for v in scene.order:
        name = known.get(v, v.label)
        if name is not None:
            scene.names.setdefault(v, printable(name))
    if not constants:
        scene.order = [v for v in scene.order if not _is_bare(v, scene)]
    scene.homes = _homes(scene)
    return scene


def _is_bare(v: Value, scene: Scene) -> bool:
    return v.is_leaf and not v.requires_grad and v not in scene.names and v not in scene.outputs


def _of_values(x: Any) -> Scene:
    outputs = list(x) if isinstance(x, (list, tuple)) else [x]
    if not outputs or not all(isinstance(v, Value) for v in outputs):
        kind = next((type(v).__name__ for v in outputs if not isinstance(v, Value)), "an empty list")
        raise UnsupportedType(f"draw_graph draws a Value, got {kind}: give the result to be drawn")
    order = list(dict.fromkeys(v for output in outputs for v in topological_order(output)))
    return Scene("Graph of values", order, set(outputs))


def _of_module(module: Any, inputs: Sequence[Any]) -> Scene:
    """The graph of a module's result for the inputs; without any, its parameters."""
    kind = type(module).__name__
    if not inputs:
        return Scene(f"Parameters of {kind}", [p for _, p in module.named_parameters()], set())
    result = module(*inputs)
    scene = _of_values(list(result) if isinstance(result, (list, tuple)) else result)
    scene.title = f"Graph of {kind}"
    return scene


def _of_report(report: Any) -> Scene:
    if report.graph is None:
        raise UnsupportedType("this report has no graph to draw: nothing could be told of the derivation")
    output, names, gradients = report.graph
    scene = Scene(f"Derivation: {report.verdict}", topological_order(output), {output}, dict(names))
    scene.gradients = gradients
    nodes = {name: v for v, name in names.items()}
    worst = {"wrong": 3, "follows": 2, "cannot tell": 1, "right": 0}
    for finding in report.findings:
        v = nodes.get(finding.variable)
        mark = Mark(finding.verdict, _verdict_text(finding, report))
        if v is not None and (v not in scene.marks or worst[mark.verdict] > worst[scene.marks[v].verdict]):
            scene.marks[v] = mark
    return scene


def _verdict_text(finding: Any, report: Any) -> str:
    """``dE/dz: first wrong, ratio 4.175``."""
    first = report.first_wrong
    words = {"wrong": "wrong", "follows": f"follows from {first.claim}" if first else "follows"}
    verdict = "first wrong" if finding is first else words.get(finding.verdict, finding.verdict)
    if report.convention and finding.verdict != "right":
        verdict = "right but for a constant"
    text = f"{finding.claim}: {verdict}"
    _, yours, true = finding.worst
    if finding.verdict in ("wrong", "follows") and true and np.isfinite(yours / true):
        text += f", ratio {yours / true:.4g}"
    return text


# -- which module made what -----------------------------------------------------------------


def _homes(scene: Scene) -> list[tuple[str, ...]]:
    """The module of each Value: that of the parameters used last on the way to it.

    A graph does not record which module called an operation, but its parameters tell: an
    operation on a parameter belongs to the parameter's module, and what is computed from one
    module's results alone stays there, until it is reduced or meets something else.
    """
    homes: dict[Value, tuple[str, ...]] = {}
    pure: set[Value] = set()  # parameters, and what is computed from parameters alone
    for v in scene.order:
        if v.is_leaf:
            home = home_of(scene.names.get(v)) if v.requires_grad else ()
            homes[v] = home
            if home:
                pure.add(v)
            continue
        parents = [p for p in v.parents if p.requires_grad]
        weights = [p for p in parents if p in pure]
        if weights:
            homes[v] = common([homes[p] for p in weights])
            if len(weights) == len(parents) and _keeps(v) and not _foreign(v):
                pure.add(v)
        else:
            homes[v] = _inherited(v, parents, homes)
    _settle_constants(scene.order, homes)
    return [homes[v] for v in scene.order]


def _keeps(v: Value) -> bool:
    """True if an operation leaves the elements as they are, or changes each by itself."""
    return v.primitive is not None and v.primitive.kind in ("elementwise", "arrangement")


def _inherited(v: Value, parents: list[Value], homes: dict[Value, tuple[str, ...]]) -> tuple[str, ...]:
    home = common([homes.get(p, ()) for p in parents])
    # What is subtracted from a result is a target.
    target = v.op == "-" and len(parents) < len(v.parents)
    target |= v.op in ("log_softmax", "logsumexp")  # the cross-entropy of logits
    reduced = len(parents) == 1 and not _keeps(v) and v.shape != parents[0].shape
    return () if _foreign(v) or target or reduced else home


def _foreign(v: Value) -> bool:
    """True if an operand is data: a constant with a name, or an array."""
    return any(not p.requires_grad and (p.label is not None or p.ndim) for p in v.parents)


def _settle_constants(order: Iterable[Value], homes: dict[Value, tuple[str, ...]]) -> None:
    """A constant without a name is where it is used."""
    used: dict[Value, list[tuple[str, ...]]] = {}
    for v in order:
        for p in v.parents:
            if p.is_leaf and not p.requires_grad and p.label is None:
                used.setdefault(p, []).append(homes[v])
    for p, places in used.items():
        if p in homes:
            homes[p] = common(places)
