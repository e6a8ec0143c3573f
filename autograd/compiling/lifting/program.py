"""The program that a lifted graph is: operations on arrays, as data that can be read and run."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiling.lifting.places import Move, apply_moves
from autograd.primitive import Primitive
from autograd.rules.arithmetic import ADD
from autograd.value import Value

# What work costs, in microseconds: an operation of flat code on floats; an operation on arrays, each
# of its elements, and each element that is picked one by one.
FLOAT, ARRAY, ELEMENT, PICKED = 0.05, 1.5, 0.001, 0.01


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Elements of earlier results, in a shape.

    Attributes:
        pieces: (source, start, stop). Source 0 holds the variables, source 1 constants, and
            source i is step i - 2. More than one piece are flattened, cut and joined end to end.
        moves: what is done to them, one after the other.
        shape: of what comes out.
        picked: how many elements are picked one by one.
    """

    pieces: tuple[tuple[int, int, int], ...]
    moves: tuple[Move, ...]
    shape: tuple[int, ...]
    picked: int = 0


@dataclass(frozen=True, eq=False)
class Step:
    """One operation on arrays.

    Attributes:
        name: for people.
        primitive: the row of the table that is applied; additions take any number of operands.
        operands: arrangements, numbers and constant arrays.
        params: of the primitive.
        shape: of the result.
    """

    name: str
    primitive: Primitive
    operands: tuple[Any, ...]
    params: dict[str, Any]
    shape: tuple[int, ...]

    def cost(self) -> float:
        """About how long it takes, in microseconds."""
        arranged = [x for x in self.operands if isinstance(x, Arrangement)]
        operations = max(1, len(self.operands) - 1) + sum(len(x.moves) + len(x.pieces) - 1 for x in arranged)
        elements = sum(
            int(np.prod(np.shape(x) if not isinstance(x, Arrangement) else x.shape)) for x in self.operands
        )
        return ARRAY * operations + ELEMENT * elements + PICKED * sum(x.picked for x in arranged)


@dataclass(frozen=True, eq=False, repr=False)
class Lifted:
    """A program on arrays: a function of all variables in one array, to one number.

    Attributes:
        steps: the operations, in order.
        result: where the number is found.
        constants: numbers that are joined with results somewhere.
    """

    steps: tuple[Step, ...]
    result: Arrangement | float
    constants: NDArray[np.float64]

    def __call__(self, theta: Any) -> Any:
        """The number for variables of shape (number of variables,): a Value for a Value."""
        results = [theta if hasattr(theta, "shape") else np.asarray(theta), self.constants]
        arranged: dict[Any, Any] = {}
        for step in self.steps:
            operands = [_take(x, results, arranged) for x in step.operands]
            if step.primitive is ADD:
                y = functools.reduce(ADD, operands)
            else:
                y = step.primitive(*operands, **step.params)
            if isinstance(y, Value):
                y.label = step.name
            results.append(y)
        return _take(self.result, results, arranged)

    def cost(self) -> float:
        """About how long a call takes, in microseconds."""
        return sum(step.cost() for step in self.steps)

    def __repr__(self) -> str:
        return f"<Lifted: {len(self.steps)} operations on arrays>"

    def __str__(self) -> str:
        """One line a step: its name, its operation, its shape, and what it takes."""
        names = ["theta", "constants", *(step.name for step in self.steps)]
        lines = []
        for step in self.steps:
            operands = ", ".join(_text(x, names) for x in step.operands)
            lines.append(f"{step.name}{list(step.shape)} = {step.primitive.name}({operands})")
        return "\n".join(lines)


def _take(operand: Any, results: list[Any], arranged: dict[Any, Any]) -> Any:
    """What an operand holds; equal arrangements are made once."""
    if not isinstance(operand, Arrangement):
        return operand
    found = arranged.get(operand)
    if found is None:
        if len(operand.pieces) == 1:
            x = results[operand.pieces[0][0]]
        else:
            x = np.concatenate(
                [np.reshape(results[i], (-1,))[start:stop] for i, start, stop in operand.pieces]
            )
        found = arranged[operand] = apply_moves(x, operand.moves)
    return found


def _text(x: Any, names: list[str]) -> str:
    if not isinstance(x, Arrangement):
        return f"constant{list(x.shape)}" if isinstance(x, np.ndarray) else repr(x)
    source = " & ".join(f"{names[i]}[{a}:{b}]" if len(x.pieces) > 1 else names[i] for i, a, b in x.pieces)
    return source + "".join(f".{k}({'array' if isinstance(v, np.ndarray) else v})" for k, v in x.moves)
