"""The examples run as programs, print their key figures and say where their files are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
ALONE = sorted(p.name for p in EXAMPLES.glob("0*.py"))
PLOTS = {"gradient_descent", "two_neurons_error", "activations", "vanishing_gradient", "digits"}
PLOT_HINT = '\nNo plots without matplotlib. To get them: pip install "chainrule[plot]"\n'


def run(name, folder, output="output", modules=(), **environment):
    """The finished process of an example, run in a folder, with this checkout's packages."""
    path = os.pathsep.join(map(str, [*modules, ROOT]))
    return subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name, output],
        env={**os.environ, "PYTHONPATH": path, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """A folder and the tour that ran there, with matplotlib and dot where they are installed."""
    folder = tmp_path_factory.mktemp("tour")
    return folder, run("tour.py", folder)


@pytest.fixture(scope="module")
def bare_tour(tmp_path_factory):
    """The same without matplotlib, and with no program on the PATH."""
    folder, hidden = tmp_path_factory.mktemp("bare"), tmp_path_factory.mktemp("hidden")
    (hidden / "matplotlib.py").write_text("raise ImportError('hidden')\n")
    return folder, run("tour.py", folder, modules=[hidden], PATH=str(hidden))


def listed(stdout):
    """The paths at the end of a report."""
    _, _, tail = stdout.partition("\nFiles written:\n")
    return [line.strip() for line in tail.splitlines() if line.startswith("  ")]


def number(pattern, text):
    """The number in a line, which must be there once."""
    (found,) = re.findall(pattern, text)
    return float(found)


def test_tour_takes_seconds(tour):
    """The tour succeeds in less than a minute, warnings being errors, without a word on stderr."""
    _, done = tour
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert number(r"The tour took (\d+) seconds", done.stdout) < 60


def test_tour_runs_every_example(tour):
    """Each example of the folder has its place in the tour, in order."""
    titles = [f"{i} of {len(ALONE)}   examples/{name}" for i, name in enumerate(ALONE, start=1)]
    assert re.findall(r"^\d of \d   .*", tour[1].stdout, re.MULTILINE) == titles


def test_tour_ends_with_the_list_of_files(tour):
    """The last lines name every file written, which lie in the folder that was asked for and no other."""
    pytest.importorskip("matplotlib")
    folder, done = tour
    files = listed(done.stdout)
    assert done.stdout.endswith(f"  {files[-1]}\n")
    assert {Path(f).stem for f in files} == PLOTS | {"two_neurons", "backprop"}
    assert sorted(files) == sorted(str(f.relative_to(folder)) for f in folder.rglob("*.*"))
    assert all((folder / f).stat().st_size > 500 for f in files)


@pytest.mark.parametrize(
    "line",
    [
        # gradient descent
        "     0  0.200000  1.782000  -1.980000   -1.980000",
        "The largest drop is that of step 1: 1.2232.",
        "The cost falls at every step: yes.",
        "After 20 steps w = 1.99998, so it converges to w = 2.",
        # two neurons, forward and updated
        "  z1  w1 x + b1       0.4150",
        "  a1  sigmoid(z1)     0.6023",
        "  z2  w2 a1 + b2      0.9210",
        "  a2  sigmoid(z2)     0.7153",
        "  w1  0.1500  0.001021  0.1496",
        "  b1  0.4000  0.010214  0.3959",
        "  w2  0.4500  0.057070  0.4272",
        "  b2  0.6500  0.094756  0.6121",
        "In epoch 248 the error is below 1e-06.",
        # activations
        "x = [1.0, 2.0, 3.0] gives s = [0.0900, 0.2447, 0.6652], whose sum is 1.0000.",
        # vanishing gradient, single neurons
        "       30  3.0e-20  9.1e-03  1.0e+00",
        # mistakes found
        "As it stands: right. With one line changed:",
        "  7  dE/da1 = dE/dz2                    first wrong: dE/da1\n     the factor w2 is missing:",
        "    dE/da2 = T - a2        right up to the sign:",
        "As it stands: right, 32 gradients. With one line changed:",
        "  1  dh = V.T @ dy                      first wrong: dh\n     the path through W @ h[7] is missing",
    ],
)
def test_key_figures(tour, bare_tour, line):
    """The tour prints the figures of the notes, with the extras and without."""
    for _, done in (tour, bare_tour):
        assert line in done.stdout


def test_engine_and_formulas_agree(tour):
    """Where an example compares the engine with a formula, they differ by rounding at most."""
    gaps = re.findall(r"largest difference from .* is (\d\S*?)[.,]?\s", tour[1].stdout)
    assert len(gaps) == 3
    assert all(float(gap) < 1e-12 for gap in gaps)


def test_digits_are_read(tour):
    """At least 97% of the held-out digits are read correctly, after seconds of training."""
    text = tour[1].stdout
    assert number(r"read correctly, accuracy (\d\.\d+)\.", text) >= 0.97
    assert number(r"Training took (\S+) seconds", text) < 30


def test_mistakes_are_found(tour):
    """Each line that the last example changes is found as the first wrong step, and diagnosed."""
    text = tour[1].stdout.partition("06_find_the_mistake")[2]
    changed = re.findall(r"^ +\d+  (\S.*?) \+?= .*first wrong: (\S+)\n +(.*)", text, re.MULTILINE)
    assert len(changed) == 19
    for written, found, diagnosis in changed:
        # What a step carries on shows in the step that takes it up.
        assert found == {"dU[:, letters[t]]": "dU", "dh_next": "dh"}.get(written, written)
        assert "no known mistake" not in diagnosis


def test_tour_without_matplotlib_and_dot(bare_tour):
    """Without the extras it succeeds, says in one line how to install plots, and still draws the graph."""
    folder, done = bare_tour
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(PLOT_HINT)
    assert done.stderr == ""
    assert listed(done.stdout) == ["output/two_neurons.svg", "output/backprop.html"]
    assert sorted(f.name for f in folder.rglob("*.*")) == ["backprop.html", "two_neurons.svg"]


@pytest.mark.parametrize("name", ALONE[:3])
def test_example_alone(tmp_path, name):
    """An example runs by itself, makes the folder that it is given, and lists the files it put there."""
    done = run(name, tmp_path, tmp_path / "new" / "folder")
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / f).exists() and f.startswith("new/folder") for f in listed(done.stdout))
    assert "Files written:" in done.stdout or PLOT_HINT in done.stdout
