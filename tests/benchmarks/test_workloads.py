"""The workloads compute what they say, and the runner measures only what is right."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn

from . import libraries, measures, runner, worker
from . import w08_transformer as w8
from .transformer_by_hand import value_and_gradients
from .updates import SGD, Adam
from .workload import REFERENCE, Missing, Target, Workload, error
from .workloads import FILES, WORKLOADS

OURS = ("eager", "modules", "compiled")
COMPUTED = [
    (key, column)
    for key, workload in WORKLOADS.items()
    for column in OURS
    if column in workload.columns and workload.checked != "no"
]


@pytest.mark.parametrize(("key", "column"), COMPUTED)
def test_a_column_agrees_with_the_reference(key: str, column: str) -> None:
    """Value and gradients, or the change of the parameters, are those written by hand, two calls long."""
    try:
        assert error(WORKLOADS[key], column, small=True) <= WORKLOADS[key].tolerance
    except Missing as e:
        pytest.skip(f"{e} does not exist yet")


@pytest.mark.parametrize("key", [key for key, w in WORKLOADS.items() if w.checked != "no"])
def test_a_wrong_gradient_is_found(key: str) -> None:
    """A column whose arrays, or their changes, are 10% too large is off by more than the tolerance."""
    workload = WORKLOADS[key]

    def wrong(inputs: Any) -> Any:
        step = workload.columns[REFERENCE](inputs)
        start = [np.copy(x) for x in workload.start(inputs)] if workload.start else None

        def larger() -> Any:
            value, arrays = step()
            if start is None:
                return value, [_scaled(x) for x in arrays]
            return value, [x0 + 1.1 * (x - x0) for x, x0 in zip(arrays, start, strict=True)]

        return larger

    altered = dataclasses.replace(workload, columns={**workload.columns, "eager": wrong})
    assert error(altered, "eager", small=True) > workload.tolerance


def _scaled(x: Any) -> Any:
    return [_scaled(item) for item in x] if isinstance(x, list) else 1.1 * x


def test_the_transformers_gradients_are_those_by_hand() -> None:
    """Adam hides the size of a gradient, so that of W8 is compared by itself."""
    inputs = w8.inputs(True)
    by_hand = value_and_gradients(inputs["params"], *inputs["data"], w8.HEADS, w8.EPS)
    ours = autograd.value_and_grad(partial(w8.loss, libraries.ours()))(inputs["params"], *inputs["data"])
    for found, expected in zip([ours[0], *ours[1]], [by_hand[0], *by_hand[1]], strict=True):
        assert np.allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_every_workload_of_the_issue_is_there() -> None:
    """W1 to W13, one file each."""
    assert {w.name for w in WORKLOADS.values()} == {f"w{i}" for i in range(1, 14)}
    assert len(FILES) == 13


@pytest.mark.parametrize("key", WORKLOADS)
def test_inputs_are_the_same_each_time(key: str) -> None:
    """Inputs are seeded: two columns start from the same numbers."""
    first, second = (repr(WORKLOADS[key].inputs(True)) for _ in range(2))
    assert first == second


def test_the_updates_in_place_and_pure_agree() -> None:
    """SGD and Adam change arrays in place as their pure forms, which JAX takes, say."""
    rng = np.random.default_rng(0)
    for update in (SGD(0.1), SGD(0.1, 0.9), Adam(0.1)):
        arrays = [rng.normal(size=3)]
        pure, state = [a.copy() for a in arrays], update.state(np, arrays)
        change = update.in_place(arrays)
        for _ in range(3):
            gradients = [rng.normal(size=3)]
            change(gradients)
            pure, state = update.pure(np, pure, gradients, state)
        assert np.allclose(arrays[0], pure[0], rtol=1e-12)


def test_our_sgd_and_the_benchmarks_sgd_agree() -> None:
    """The references update as nn.SGD does, momentum included."""
    p, array = autograd.Value(np.array([1.0, 2.0])), np.array([1.0, 2.0])
    optimizer, change = nn.SGD([p], lr=0.1, momentum=0.9), SGD(0.1, 0.9).in_place([array])
    for _ in range(3):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
        change([2.0 * array])
    assert np.allclose(p.data, array, rtol=1e-12)


class FakeWorker:
    """Answers at once, and notes what it was asked."""

    log: list[tuple[str, str]]

    def __init__(self, *key_column_python: str) -> None:
        self.column = key_column_python[1]

    def ask(self, question: str) -> dict[str, Any]:
        self.log.append((self.column, question))
        if question == "check" and self.column == "wrong":
            return {"status": "wrong"}
        return {"status": "ok"} if question != "sample" else {"status": "ok", "sample": float(len(self.log))}

    def close(self) -> None:
        self.log.append((self.column, "close"))


def test_columns_run_in_turn_and_a_wrong_one_is_never_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A B A B, after all checks; a column whose check fails gets no sample, and no median."""
    FakeWorker.log = []
    monkeypatch.setattr(runner, "Worker", FakeWorker)
    names = dict.fromkeys((REFERENCE, "wrong", "eager"), lambda inputs: None)
    workload = Workload("w0", "nothing", lambda small: {}, names, targets={"eager": Target(2.0)})
    row = runner.measure(workload, [], 2, Path("none"), {})
    sampled = [column for column, question in FakeWorker.log if question == "sample"]
    assert sampled == [REFERENCE, "eager"] * 2
    assert "median" in row["columns"]["eager"]
    assert row["columns"]["wrong"] == {"status": "wrong"}


def test_a_worker_measures_in_a_process_of_its_own() -> None:
    """The protocol: check, versions, samples; and peers that are not installed are left out."""
    results = runner.run([WORKLOADS["w3"]], worker.PEERS, 1, Path("no-such-python"), lambda line: None)
    columns = results["rows"][0]["columns"]
    assert set(columns) == {REFERENCE, *OURS}
    assert all(columns[name]["median"] > 0.0 for name in (REFERENCE, "eager", "modules"))
    assert columns["eager"]["error"] <= WORKLOADS["w3"].tolerance
    assert results["versions"]["numpy"] == np.__version__


def test_a_failure_in_a_worker_is_an_answer() -> None:
    """What is missing is told from what fails."""
    assert worker._failure(Missing("autograd.compile"))["status"] == "missing"
    assert worker._failure(ModuleNotFoundError("torch"))["status"] == "missing"
    assert worker._failure(RecursionError("too deep"))["status"] == "failed"


def test_peak_bytes_sees_what_a_step_holds() -> None:
    """A step that holds 10 MB for a moment peaks at 10 MB."""

    def build() -> Any:
        return lambda: np.ones(10_000_000, np.uint8).any()

    samples: Iterator[float] = measures.peak_bytes("eager", build)
    assert 10_000_000 <= next(samples) < 10_100_000
