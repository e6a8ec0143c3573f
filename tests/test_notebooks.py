"""The notebooks run from top to bottom, and what is stored in them is what they give."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples" / "notebooks"
NAMES = sorted(path.stem for path in (FOLDER / "source").glob("*.py"))
KEY_FIGURES = {
    "1_gradient_descent": ["engine -1.980000, by hand -1.980000", "learning rate must stay below 1.818"],
    "2_backpropagation": ["w2 = 0.4272", "&= -(T - a_{2}) \\, a_{2} \\, (1 - a_{2}) \\, a_{1}"],
    "3_vanishing_gradient": ["     30   3.0e-20   9.1e-03   1.0e+00"],
    "4_activations_and_training": ["less than 1e-15: True", "100% of the points"],
}


def load(name, folder=FOLDER):
    return json.loads((folder / f"{name}.ipynb").read_text(encoding="utf-8"))


def outputs(notebook):
    """Each output as its kind and, where it is text that is the same on every machine, the text."""
    found = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = output.get("text", data.get("text/markdown", []))
            found.append((output["output_type"], sorted(data), "".join(text)))
    return found


def test_four_notebooks():
    """Each source has its notebook and each notebook its source: the lecture notes' whole module."""
    assert len(NAMES) == 4
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_stored_outputs(name):
    """Every cell of code was run in order, none failed, and the key figures of the notes are there."""
    notebook = load(name)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    kinds = {kind for kind, _, _ in outputs(notebook)}
    assert kinds <= {"stream", "execute_result"}
    assert all(o.get("name", "stdout") == "stdout" for cell in code for o in cell["outputs"])
    text = "\n".join(text for _, _, text in outputs(notebook))
    assert all(figure in text for figure in KEY_FIGURES[name])
    assert str(ROOT) not in json.dumps(notebook)


@pytest.mark.parametrize("name", NAMES)
def test_cells_are_those_of_the_source(name):
    """A notebook holds its source, cell by cell: `python examples/make_notebooks.py` makes it anew."""
    spec = importlib.util.spec_from_file_location("make_notebooks", ROOT / "examples" / "make_notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wanted = module.cells((FOLDER / "source" / f"{name}.py").read_text(encoding="utf-8"))
    assert [(c["cell_type"], "".join(c["source"])) for c in load(name)["cells"]] == wanted


@pytest.mark.parametrize("name", NAMES)
def test_ids_do_not_collide(name):
    """No two pictures or tables of a notebook share an id, nor two cells."""
    notebook = load(name)
    ids = [cell["id"] for cell in notebook["cells"]]
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for kind in ("text/html", "image/svg+xml"):
                ids += re.findall(r'\bid="([^"]+)"', "".join(output.get("data", {}).get(kind, [])))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_small(name):
    """A notebook is under 400 kB, and its plots are PNG pictures."""
    assert (FOLDER / f"{name}.ipynb").stat().st_size < 400_000
    for cell in load(name)["cells"]:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                assert base64.b64decode(output["data"]["image/png"]).startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A folder of notebooks that were run just now."""
    for module in ("nbformat", "nbclient", "ipykernel", "matplotlib"):
        pytest.importorskip(module, reason='needs pip install "chainrule[plot,notebook]"')
    folder = tmp_path_factory.mktemp("notebooks")
    script = ROOT / "examples" / "make_notebooks.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script, "--output", folder],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_running_gives_what_is_stored(fresh, name):
    """Run again, a notebook prints and explains what is stored in it, and shows pictures where it did."""
    assert outputs(load(name, fresh)) == outputs(load(name))
