"""What a rolled program calls."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np


def array_of_floats(numbers: Any) -> Any:
    """A list of floats as an array, in a third of the time that ``np.array`` takes."""
    return np.frombuffer(struct.pack(f"{len(numbers)}d", *numbers))


def running_products(first: Any, factors: Any, rounds: Any) -> Any:
    """``first`` times the factors of the first round, one after the other, then those of the second, ...

    Factors are arrays with a number for each round, or numbers. Gives an array for each factor: the
    product up to it, in each round, to the bit as a loop would.
    """
    table = np.empty((rounds, len(factors)))
    for i, factor in enumerate(factors):
        table[:, i] = factor
    table[0, 0] *= first
    products = np.multiply.accumulate(table.reshape(-1)).reshape(table.shape)
    return tuple(products.T)
