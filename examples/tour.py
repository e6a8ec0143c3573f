"""The tour that `make run` takes: every example in order, then the files they wrote."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

import common

EXAMPLES = [
    "01_gradient_descent",
    "02_two_neurons",
    "03_activations",
    "04_vanishing_gradient",
    "05_digits",
    "06_find_the_mistake",
]


def main(output: Path) -> list[Path]:
    """Run each example; return all files written."""
    start = time.perf_counter()
    files = []
    for number, name in enumerate(EXAMPLES, start=1):
        print(f"\n{'=' * 88}\n{number} of {len(EXAMPLES)}   examples/{name}.py\n{'=' * 88}")
        files += importlib.import_module(name).main(output)
    print(f"\n{'=' * 88}\nThe tour took {time.perf_counter() - start:.0f} seconds.")
    return files


if __name__ == "__main__":
    common.run(main, __doc__)
