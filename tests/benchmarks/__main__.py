"""``python -m tests.benchmarks``: measure, print the table, and after a full run write the pages."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from . import table
from .runner import PEERS_PYTHON, run
from .worker import FRESH, PEERS, ROOT
from .workloads import WORKLOADS


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit status."""
    options = _options(arguments)
    names, peers = options.workloads.lower().split(), options.peers.lower().split()
    known = {w.name for w in WORKLOADS.values()} | WORKLOADS.keys()
    unknown = [n for n in names if n not in known] + [p for p in peers if p not in (*PEERS, "none")]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; workloads w1 to w13, peers {', '.join(PEERS)} or none")
        return 2
    if options.repeats < 1:
        print(f"--repeats must be at least 1, got {options.repeats}")
        return 2
    if options.fresh:
        os.environ[FRESH] = "1"
    chosen = [w for w in WORKLOADS.values() if not names or w.name in names]
    results = run(
        chosen, peers or PEERS, options.repeats, options.peers_python, lambda s: print(s, file=sys.stderr)
    )
    print(f"{table.conditions(results)}\n\n{table.text(results)}")
    if names or peers or options.fresh:
        print("\nA part of the table: docs/benchmarks.* and the README are left as they are.")
    else:
        write(results)
    return 0


def write(results: dict[str, object], root: Path = Path(ROOT)) -> None:
    """The JSON file, the page, and the table in the README."""
    docs, readme = root / "docs", root / "README.md"
    (docs / "benchmarks.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (docs / "benchmarks.md").write_text(table.page(results), encoding="utf-8")
    document = readme.read_text(encoding="utf-8")
    readme.write_text(table.between_markers(document, table.readme(results)), encoding="utf-8")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--workloads", default="", help='only these, as in "w1 w3"')
    parser.add_argument("--peers", default="", help='only these, as in "torch jax", or none')
    parser.add_argument("--repeats", type=int, default=7, help="rounds, of which the median is taken")
    parser.add_argument("--peers-python", type=Path, default=PEERS_PYTHON, help="where the peers are")
    parser.add_argument("--fresh", action="store_true", help="processes as Python starts them (see the page)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
