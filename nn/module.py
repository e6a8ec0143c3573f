"""Module and Parameter: what has weights, and a weight.

A module is an ordinary object. Its parameters and submodules are its attributes, alone or
in lists, tuples and dicts, and the path to one is its name: ``layers.0.weight``.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

import numpy as np

from autograd import Value
from autograd.data import as_data
from autograd.errors import ChainruleError, InvalidArgument, UnsupportedType


class Parameter(Value):
    """A Value that a module owns and an optimizer changes: a module finds it among its attributes.

    >>> Parameter([1.0, 2.0], label="w")
    Parameter([1., 2.], label='w')
    """

    __slots__ = ()


class IncompatibleKeys(NamedTuple):
    """What ``load_state_dict(strict=False)`` left alone."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """Base class of everything with parameters: define ``__init__`` and ``forward``.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(2.0, label="factor")
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> model = Scale()
    >>> model(3.0).data, dict(model.named_parameters())
    (6.0, {'factor': Parameter(2.0, label='factor')})
    """

    training: bool = True

    def __setattr__(self, name: str, new: Any) -> None:
        owned = isinstance(vars(self).get(name), Parameter)
        if owned and not (new is None or isinstance(new, (Parameter, Module))):
            raise UnsupportedType(
                f"{type(self).__name__}.{name} is a Parameter, what replaces it ({type(new).__name__}) would "
                f"be neither trained nor saved: set its numbers with .{name}.data = ..., or give a Parameter"
            )
        super().__setattr__(name, new)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result of ``forward``."""
        return self.forward(*args, **kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every module defines its own."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(self, ...)")

    # -- what is inside ------------------------------------------------------------------

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module, under the name "", and every module inside, each once, by path."""
        yield from _walk(self, Module)

    def modules(self) -> list[Module]:
        """This module and every module inside."""
        return [module for _, module in self.named_modules()]

    def children(self) -> list[Module]:
        """The modules that this one holds itself, each once."""
        return [module for _, module in self._named_children()]

    def _named_children(self) -> list[tuple[str, Module]]:
        inside = [(name, part) for name, part in _parts(self) if isinstance(part, Module)]
        first = {id(module): name for name, module in reversed(inside)}
        return [(name, module) for name, module in inside if first[id(module)] == name]

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter inside with its path, each once."""
        seen: set[Parameter] = set()
        for path, p in _walk(self, Parameter):
            if p not in seen:
                seen.add(p)
                yield path, p

    def parameters(self) -> list[Parameter]:
        """Every parameter inside, each once, in the order of the attributes."""
        return [p for _, p in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.parameters():
            p.zero_grad()

    def train(self, mode: bool = True) -> Self:
        """Set the mode of this module and all inside: training, or with False evaluation.

        Raises:
            UnsupportedType: for what is no bool.
        """
        if not isinstance(mode, bool):
            raise UnsupportedType(
                f"train(mode) sets the mode, True or False, got {type(mode).__name__}: nn.fit trains a model"
            )
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set evaluation mode: ``train(False)``."""
        return self.train(False)

    # -- saving and loading ----------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """A copy of the numbers of every parameter, as arrays by path."""
        return {path: np.array(p.data) for path, p in _walk(self, Parameter)}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Set the numbers of the parameters; nothing is changed if an entry does not fit.

        Args:
            state: arrays by path, as :meth:`state_dict` gives them.
            strict: with False, missing and unexpected entries are left alone and returned.

        Raises:
            InvalidArgument: names every missing, unexpected and misshapen entry.
            UnsupportedType: for what is no dict.
        """
        if not isinstance(state, Mapping):
            raise UnsupportedType(
                f"a state is a dict of arrays by path, as state_dict() gives it, got {type(state).__name__}"
            )
        own = dict(_walk(self, Parameter))
        missing = [path for path in own if path not in state]
        unexpected = [path for path in state if path not in own]
        problems = [f"missing: {path}" for path in missing] if strict else []
        problems += [f"unexpected: {path}" for path in unexpected] if strict else []
        loaded = {}
        for path, p in own.items():
            if path in state:
                try:
                    given = state[path]
                    numbers = as_data(given.data if isinstance(given, Value) else given)
                    loaded[path] = np.asarray(numbers, p.dtype)
                except ChainruleError as e:
                    problems.append(f"{path}: {e}")
                    continue
                if np.shape(loaded[path]) != p.shape:
                    problems.append(f"{path}: expected shape {p.shape}, got {np.shape(loaded[path])}")
        if problems:
            raise InvalidArgument(
                f"the state does not fit this {type(self).__name__}, which is unchanged:\n  "
                + "\n  ".join(problems)
            )
        for path, data in loaded.items():
            own[path].data = data
        return IncompatibleKeys(missing, unexpected)

    # -- how it looks ----------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What ``repr`` shows in the brackets besides the modules inside."""
        return ""

    def _repr_html_(self) -> str:
        from nn.html import module_html

        return module_html(self)

    @reprlib.recursive_repr()
    def __repr__(self) -> str:
        children = dict(self._named_children())
        inside = [
            (name, part)
            for name, part in _parts(self)
            if name in children or is_function_in_a_row(name, part)
        ]
        extra = self.extra_repr()
        if not inside:
            return f"{type(self).__name__}({extra})"
        lines = [extra] if extra else []
        lines += [f"({name}): {repr(part) if name in children else name_of(part)}" for name, part in inside]
        body = "\n".join(lines).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)"


def _parts(module: Module) -> Iterator[tuple[str, Any]]:
    """The attributes of a module that are no container, and the items of those that are."""
    stack = [(name, part) for name, part in reversed(vars(module).items())]
    while stack:
        path, part = stack.pop()
        if isinstance(part, dict):
            stack += [(f"{path}.{key}", item) for key, item in reversed(part.items())]
        elif isinstance(part, (list, tuple)):
            stack += [(f"{path}.{i}", item) for i, item in reversed(list(enumerate(part)))]
        else:
            yield path, part


def is_function_in_a_row(path: str, part: Any) -> bool:
    """True of what is called without being a module, in a list or a Sequential."""
    in_a_row = path.rpartition(".")[2].isdigit()
    return in_a_row and callable(part) and not isinstance(part, (Module, type))


def _walk(root: Module, kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Everything of a kind inside, by path; a module that is held twice is entered once."""
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", root)]
    while stack:
        path, part = stack.pop()
        if isinstance(part, Module):
            if id(part) in seen:
                continue
            seen.add(id(part))
            inside = [(f"{path}.{name}" if path else name, p) for name, p in _parts(part)]
            stack += reversed(inside)
        if isinstance(part, kind):
            yield path, part


def label_parameters(module: Module) -> None:
    """Label each parameter with its path, shortened for pictures: ``layers.0.w.1`` is layer0.w1.

    >>> from nn import MLP
    >>> model = MLP(1, [1], neurons=True, rng=0)
    >>> [p.label for p in model.parameters()]
    ['layer0.neuron0.w0', 'layer0.neuron0.b']
    """
    for path, p in module.named_parameters():
        p.label = short_name(path)


def short_name(path: str) -> str:
    """A path for pictures and formulas: ``layers.0.w.1`` is layer0.w1."""
    return re.sub(r"s?\.(\d+)", r"\1", path)


def name_of(function: Any) -> str:
    """The name of a function, or of the class of what is called like one."""
    return getattr(function, "__name__", None) or type(function).__name__
