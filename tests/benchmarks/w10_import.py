"""W10: what it costs to have the packages: time of the import, resident memory, installed size."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import marshal
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from . import measures
from .worker import PEERS, ROOT
from .workload import REFERENCE, Builder, Inputs, Missing, Target, Workload

IMPORTS = {
    "reference": "numpy",
    "eager": "autograd, nn",
    "hips": "autograd.numpy",
    "mygrad": "mygrad",
    "torch": "torch",
    "jax": "jax",
}
TIME = "import time; t = time.perf_counter(); import {0}; print(time.perf_counter() - t)"
MEMORY = (
    "import {0}; "
    "print(1024 * next(int(s.split()[1]) for s in open('/proc/self/status') if s.startswith('VmRSS')))"
)
PYC_HEADER = 16


def inputs(small: bool) -> Inputs:
    """Nothing to compute with."""
    return {}


def in_new_process(code: str, column: str, inputs: Inputs) -> Any:
    """A step that imports in a fresh interpreter, and gives the number that is printed there."""
    names = IMPORTS[column]
    top = names.split(",")[0].partition(".")[0]
    if column in PEERS and importlib.util.find_spec(top) is None:
        raise Missing(top)
    path = f"import sys; sys.path.insert(0, {ROOT!r}); " if column == "eager" else ""
    command = [sys.executable, "-P", "-c", path + code.format(names)]

    # Installed packages have their bytecode.
    environment = {k: x for k, x in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def step() -> Any:
        return float(
            subprocess.run(command, capture_output=True, check=True, text=True, env=environment).stdout
        )

    step()  # bytecode is written once
    return step


def our_size(inputs: Inputs) -> Any:
    """The files of both packages and their bytecode, as pip installs them."""
    return lambda: float(sum(_with_bytecode(p) for name in ("autograd", "nn") for p in _files(name)))


def peer_size(column: str, inputs: Inputs) -> Any:
    """The files of a peer's distribution, without what it depends on."""
    try:
        files = importlib.metadata.files(PEERS.get(column, "numpy")) or []
    except importlib.metadata.PackageNotFoundError as e:
        raise Missing(str(e)) from None
    paths = [Path(str(file.locate())) for file in files]
    return lambda: float(sum(path.stat().st_size for path in paths if path.exists()))


def _files(package: str) -> list[Path]:
    files = (Path(ROOT) / package).rglob("*")
    return [path for path in files if path.is_file() and "__pycache__" not in path.parts]


def _with_bytecode(path: Path) -> int:
    size = path.stat().st_size
    if path.suffix == ".py":
        code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
        size += len(marshal.dumps(code)) + PYC_HEADER
    return size


def _case(case: str, title: str, columns: dict[str, Builder], target: Target | None, **more: Any) -> Workload:
    targets = {"eager": target} if target else {}
    more = {"measure": measures.returned, "checked": "no"} | more
    return Workload("w10", title, inputs, columns, case, targets, **more)


def _imports(code: str) -> dict[str, Builder]:
    return {column: partial(in_new_process, code, column) for column in IMPORTS}


SIZES: dict[str, Builder] = {c: partial(peer_size, c) for c in IMPORTS if c != "eager"}
WORKLOADS = [
    _case("time", "time of the import", _imports(TIME), Target(1.25)),
    _case("memory", "resident memory after the import", _imports(MEMORY), None, unit="B"),
    _case(
        "size",
        "installed size, beside NumPy and graphviz",
        {REFERENCE: SIZES.pop(REFERENCE), "eager": our_size, **SIZES},
        Target(1e6, None),
        unit="B",
        relative=False,
        repeats=1,
    ),
]
