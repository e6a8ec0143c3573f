"""All workloads, by key: each file ``wNN_name.py`` beside this one declares its own."""

from __future__ import annotations

import importlib
from pathlib import Path

from .workload import Workload

FILES = sorted(path.stem for path in Path(__file__).parent.glob("w[0-9][0-9]_*.py"))
WORKLOADS: dict[str, Workload] = {
    workload.key: workload
    for name in FILES
    for workload in importlib.import_module(f".{name}", __package__).WORKLOADS
}
