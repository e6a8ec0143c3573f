"""What Values are called in a picture, and which module each belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograd.value import Value

_PATH = re.compile(r"(\w+\.)+[A-Za-z_]\w*")
DEEPEST = 6  # frames inside frames


def is_module(x: Any) -> bool:
    """True for an ``nn.Module``, of which this package knows nothing else."""
    return callable(getattr(x, "named_parameters", None)) and not isinstance(x, type)


def short_path(path: str) -> str:
    """A parameter's path as pictures have it.

    >>> short_path("layers.0.neurons.2.w.1")
    'layer0.neuron2.w1'
    """
    return re.sub(r"s?\.(\d+)", r"\1", path)


def home_of(name: str | None) -> tuple[str, ...]:
    """The modules that a parameter's name puts it in.

    >>> home_of("layer0.neuron2.w1"), home_of("w1")
    (('layer0', 'neuron2'), ())
    """
    if name is None or not _PATH.fullmatch(name):
        return ()
    return tuple(name.split(".")[:-1][:DEEPEST])


def common(homes: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The modules that all of several are in.

    >>> common([("layer0", "neuron1"), ("layer0", "neuron2")])
    ('layer0',)
    """
    if not homes:
        return ()
    first, last = min(homes), max(homes)
    n = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(map(len, homes)))
    return first[:n]


def names_of(names: Mapping[Any, Any]) -> dict[Value, str]:
    """Names of Values from variables: those of parameters from their modules, others from their own.

    A Value that has a label keeps it, and of several variables the first names it. The dict may be
    the other way round, ``{w: "w"}``.

    >>> x, w = Value(1.0), [Value(2.0), Value(3.0)]
    >>> list(names_of({"x": x, "w": w}).values())
    ['x', 'w[0]', 'w[1]']
    """
    found: dict[Value, str] = {}
    for module in filter(is_module, names.values()):
        for path, p in module.named_parameters():
            found.setdefault(p, short_path(path))
    for key, thing in names.items():
        name, x = (str(thing), key) if isinstance(key, Value) else (str(key), thing)
        if not name.startswith("_"):
            for path, v in _values(name, x):
                if v.label is None:
                    found.setdefault(v, path)
    return found


def _values(name: str, x: Any) -> Iterator[tuple[str, Value]]:
    """A Value, or those in a list, tuple or dict."""
    if isinstance(x, Value):
        yield name, x
    elif isinstance(x, (list, tuple)):
        yield from ((f"{name}[{i}]", v) for i, v in enumerate(x) if isinstance(v, Value))
    elif isinstance(x, dict):
        yield from ((f"{name}[{key!r}]", v) for key, v in x.items() if isinstance(v, Value))
