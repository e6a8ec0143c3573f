"""Each side of a derivation, run on given inputs: functions, methods, text and mappings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.derivation import notation, recorder
from autograd.derivation.arguments import filled
from autograd.derivation.naming import short
from autograd.derivation.recorder import Run
from autograd.derivation.state import held_by, instance_of, note_state, paths
from autograd.errors import InvalidArgument
from autograd.value import Value

Side = str | Callable[..., Any] | Mapping[str, Any]


def run_forward(forward: Side, inputs: dict[str, Any]) -> Run:
    """Run the forward side, or the function that does both passes."""
    if isinstance(forward, str):
        return _run_formulas(notation.parse(forward), inputs)
    if callable(forward):
        state = inputs.get("self", {})
        arguments = filled(forward, inputs, "forward", list(inputs))
        starts = {n: x for n, x in inputs.items() if n not in arguments and recorder.is_number(x)}
        instance = instance_of(forward, recorder.fresh(state))
        recorded = recorder.run(forward, arguments, inputs, instance, starts, _parameters(inputs))
        note_state(recorded, state)
        return recorded
    raise InvalidArgument(f"forward must be a function or text, got {type(forward).__name__}")


def _parameters(inputs: Mapping[str, Any]) -> set[str]:
    """Short names of the arrays among the inputs."""
    found = [item for name, tree in inputs.items() for item in paths(name, tree)]
    return {short(path) for path, x in found if np.ndim(x) or isinstance(x, (float, Value))}


def _run_formulas(formulas: list[notation.Formula], known: Mapping[str, Any]) -> Run:
    recorded = Run(names=dict(known))
    for formula in formulas:
        value = formula.evaluate(recorded.names)
        recorded.note(formula.name, value, formula.line, formula.text)
        recorded.result = value
    return recorded


def run_backward(
    backward: Side | None,
    inputs: dict[str, Any],
    forward: Run,
    upstream: Any,
    call: Callable[..., Any] | None,
) -> Run:
    """Run the backward side with what is known after the forward side."""
    known = {**by_short_name(forward), **forward.names, **inputs}
    if isinstance(backward, str):
        return _run_formulas(notation.parse(backward), known)
    if isinstance(backward, Mapping):
        return _run_mapping(backward, known)
    if not callable(backward):
        raise InvalidArgument(
            f"backward must be a function, text or a mapping, got {type(backward).__name__}"
        )
    arguments = _arguments(backward, known, forward.result, upstream, call)
    here = _globals(backward)
    others = {n: x for n, x in known.items() if n in inputs or n not in here}
    instance = forward.instance if getattr(backward, "__self__", None) is not None else None
    if instance is None:
        instance = instance_of(backward, inputs.get("self", {}))
    held = held_by(instance)
    recorded = recorder.run(backward, arguments, others, instance, trained=_parameters(inputs))
    note_state(recorded, held)
    if recorded.error is not None:
        raise recorder.failure("backward", recorded.error) from recorded.error
    return recorded


def _arguments(
    backward: Callable[..., Any], known: dict[str, Any], result: Any, upstream: Any, call: Any
) -> dict[str, Any]:
    """By name, as the user calls it or from what is known."""
    if call is None:
        return filled(backward, known, "backward", list(known), result, upstream)
    arguments: dict[str, Any] = {}
    call(lambda *args, **kwargs: arguments.update(_bound(backward, args, kwargs)), known, result)
    return arguments


def _bound(f: Callable[..., Any], args: Any, kwargs: Any) -> dict[str, Any]:
    return dict(inspect.signature(f).bind(*args, **kwargs).arguments)


def _run_mapping(claims: Mapping[str, Any], known: Mapping[str, Any]) -> Run:
    """Claims as a mapping from names to formulas, functions or numbers."""
    recorded = Run(names=dict(known))
    for name, claim in claims.items():
        if isinstance(claim, str):
            value = notation.parse_claim(name, claim).evaluate(recorded.names)
        elif callable(claim):
            arguments = filled(claim, recorded.names, f"the claim {name!r}", list(known))
            value = claim(**arguments)
        else:
            value = np.asarray(claim, np.float64)
        recorded.note(name, value, 0, claim if isinstance(claim, str) else "")
        if name in known:  # {"x": 2*x} is the gradient of x, and x stays what it is
            recorded.names[name] = known[name]
    return recorded


def _globals(f: Any) -> dict[str, Any]:
    return getattr(getattr(f, "__func__", f), "__globals__", {})


def around(f: Any) -> dict[str, Any]:
    """Globals of a function, and the defaults of its parameters."""
    parameters = inspect.signature(f).parameters.values() if callable(f) else ()
    return {**_globals(f), **{p.name: p.default for p in parameters if p.default is not p.empty}}


def by_short_name(recorded: Run) -> dict[str, Any]:
    """What was computed as ``self.Z1`` or ``cache['Z1']`` by the name Z1; not one item of a list."""
    return {
        short(name): x for name, x in recorded.names.items() if not name.endswith("]") or name[-2] in "'\""
    }
