"""Run workloads: one worker a column, the columns in turn, again and again."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import select
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .worker import PEERS, ROOT
from .workload import REFERENCE, Workload

LIMIT = 600.0  # seconds that an answer may take
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NPROC": "1",  # XLA's pools
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
PEERS_PYTHON = Path(ROOT) / ".venv-benchmark" / "bin" / "python"


class Worker:
    """A process that measures one column, and what it answers."""

    def __init__(self, key: str, column: str, python: str) -> None:
        whose = "peer" if column in PEERS else "ours"
        script = str(Path(__file__).with_name("worker.py"))
        self.process = subprocess.Popen(
            [python, "-P", script, whose, key, column],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | ONE_THREAD,
        )

    def ask(self, question: str) -> dict[str, Any]:
        """The answer; a status other than "ok" if there is none."""
        assert self.process.stdin
        assert self.process.stdout
        try:
            self.process.stdin.write(question + "\n")
            self.process.stdin.flush()
            ready, _, _ = select.select([self.process.stdout], [], [], LIMIT)
        except OSError:  # it has died
            return {"status": "failed", "why": "the process ended"}
        line = self.process.stdout.readline() if ready else ""
        if line:
            return dict(json.loads(line))
        return {"status": "failed", "why": "the process ended" if ready else f"no answer in {LIMIT:.0f} s"}

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


def run(
    workloads: Iterable[Workload],
    peers: Iterable[str],
    repeats: int,
    python: Path,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """The measured rows with date, machine and versions, as they stand in the JSON file."""
    versions: dict[str, str] = {"python": platform.python_version()}
    rows = []
    for workload in workloads:
        tell(f"{workload.key}: {workload.title}")
        rows.append(measure(workload, list(peers), repeats, python, versions))
    return {
        "date": dt.date.today().isoformat(),
        "machine": {"cpu": cpu(), "cores": os.cpu_count()},
        "versions": versions,
        "repeats": repeats,
        "rows": rows,
    }


def measure(
    workload: Workload, peers: list[str], repeats: int, python: Path, versions: dict[str, str]
) -> dict[str, Any]:
    """One row: the median of each column whose result is right."""
    found: dict[str, dict[str, Any]] = {}
    workers: dict[str, Worker] = {}
    try:
        for column in workload.columns:
            if column in PEERS and (column not in peers or not python.exists()):
                continue
            worker = Worker(workload.key, column, str(python) if column in PEERS else sys.executable)
            workers[column] = worker
            found[column] = worker.ask("check")
            if found[column]["status"] == "ok":
                versions.update({k: v for k, v in worker.ask("versions").items() if k != "python"})
        _sample(workload, workers, found, min(repeats, workload.repeats or repeats))
    finally:
        for worker in workers.values():
            worker.close()
    return {
        "workload": workload.name,
        "case": workload.case,
        "title": workload.title,
        "unit": workload.unit,
        "relative": workload.relative and REFERENCE in workload.columns,
        "targets": {c: {"limit": t.limit, "of": t.of} for c, t in workload.targets.items()},
        "columns": found,
    }


def _sample(
    workload: Workload, workers: dict[str, Worker], found: dict[str, dict[str, Any]], repeats: int
) -> None:
    """Samples of all columns in turn: A B C A B C ..., their medians written into ``found``."""
    samples: dict[str, list[float]] = {c: [] for c in workers if found[c]["status"] == "ok"}
    for _ in range(repeats):
        for column in list(samples):
            answer = workers[column].ask("sample")
            if answer["status"] == "ok":
                samples[column].append(answer["sample"])
            else:
                found[column] = answer
                del samples[column]
    for column, numbers in samples.items():
        found[column] |= {"median": statistics.median(numbers), "least": min(numbers), "most": max(numbers)}


def cpu() -> str:
    """The model of the processor, as Linux has it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
