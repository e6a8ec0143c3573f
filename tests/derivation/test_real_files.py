"""Functions taken out of files of others, as they are: scripts, Python 2, helpers, what is not installed."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import check_derivation
from autograd.derivation.source import from_file
from autograd.errors import InvalidArgument

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


# -- one function that does both passes, over dicts of states ------------------------------------

CHARACTERS = '''
"""A recurrent network over characters."""
import numpy as np
import a_module_that_nobody_has

data = open("input.txt").read()
hidden_size = 7
print("training")


def lossFun(inputs, targets, hprev):
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in xrange(len(inputs)):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(xrange(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, dhraw)
    for dparam in [dWxh, dWhh, dWhy, dbh, dby]:
        np.clip(dparam, -5, 5, out=dparam)
    return loss, dWxh, dWhh, dWhy, dbh, dby
'''

V, H = 5, 7
STATES = {
    "inputs": [0, 3, 1, 2], "targets": [3, 1, 2, 4], "hprev": 0.3 * normal(H, 1), "vocab_size": V,
    "Wxh": 0.4 * normal(H, V), "Whh": 0.4 * normal(H, H), "Why": 0.4 * normal(V, H),
    "bh": 0.1 * normal(H, 1), "by": 0.1 * normal(V, 1),
}  # fmt: skip


def in_file(tmp_path, old="", new=""):
    assert old in CHARACTERS
    path = tmp_path / "rnn.py"
    path.write_text(CHARACTERS.replace(old, new) if old else CHARACTERS)
    return f"{path}::lossFun"


def test_a_function_is_taken_out_of_a_file(tmp_path):
    """The script part of the file is not run, globals are filled from the inputs, xrange is known."""
    report = check_derivation(in_file(tmp_path), None, STATES)
    assert report.ok
    assert {f.variable for f in report.findings} >= {"Wxh", "Whh", "Why", "bh", "by", "hs[4]", "ys[3]"}


@pytest.mark.parametrize(
    ("old", "new", "claim", "kind"),
    [
        ("np.dot(Why.T, dy) + dhnext", "np.dot(Why.T, dy)", "dh", "missing path"),
        ("dWhy += np.dot(dy, hs[t].T)", "dWhy += np.dot(dy, hs[t - 1].T)", "dWhy", None),
        ("dby += dy", "dby = dy", "dby", "missing path"),
        ("np.dot(Whh.T, dhraw)", "np.dot(Whh, dhraw)", "dh", "transpose"),
    ],
)
def test_mistakes_through_time_are_found(tmp_path, old, new, claim, kind):
    """The first wrong statement of a loop is named, and the mistake where it is one of those known."""
    report = check_derivation(in_file(tmp_path, old, new), None, STATES)
    assert not report.ok
    assert report.first_wrong.claim == claim
    assert kind is None or report.first_wrong.diagnosis.kind == kind


# -- files that do not run ---------------------------------------------------------------------------


def written(tmp_path, text, name="code.py"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_files_that_cannot_be_used(tmp_path):
    """A missing file, a syntax error and a missing function are named."""
    path = written(tmp_path, "def loss(x):\n    return x\n")
    with pytest.raises(InvalidArgument, match=r"defines no function 'los'; did you mean 'loss'\?"):
        check_derivation(f"{path}::los", None, {"x": 1.0})
    written(tmp_path, "def loss(x:\n    return x\n")
    with pytest.raises(InvalidArgument, match=r"code\.py, line 1: "):
        check_derivation(f"{path}::loss", None, {"x": 1.0})
    with pytest.raises(InvalidArgument, match="cannot be read"):
        check_derivation(f"{tmp_path}/missing.py::loss", None, {"x": 1.0})


OLD = """
import numpy as np
try:
    import cPickle
except ImportError, e:
    cPickle = None
"""

PRINTING = """
import numpy as np
print "starts", np.pi

def step(x, w):
    z = x * w
    if z.any(): print "z is %s, %d" % (z,
                                       len(z)), x
    print
    if E_is_wanted:
\tE = np.sum(z * z)
    dw = 2 * z * x
    for i in xrange(2): print "done %d" % i,
    return E
"""


def test_print_statements_are_left_out(tmp_path):
    """Python 2's print statements and its mixture of tabs and spaces are read; lines keep their numbers."""
    path = written(tmp_path, PRINTING.replace("\\t", "\t"))
    report = check_derivation(f"{path}::step", None, {"x": normal(3), "w": normal(3), "E_is_wanted": 1})
    assert report.ok
    assert [(f.claim, f.line, f.text) for f in report.findings] == [("dw", 12, "dw = 2 * z * x")]


def test_other_syntax_of_python_2_is_named(tmp_path):
    """What has no meaning in Python 3 is an error that says so, with its line."""
    path = written(tmp_path, OLD)
    with pytest.raises(InvalidArgument, match=r"line 5: .*: it is written for Python 2, convert it first"):
        check_derivation(f"{path}::step", None, {"x": 1.0})


NOT_INSTALLED = """
import nothing_here as nn

class Net(nn.Module):
    size = nn.size_of(3)

def f(x):
    E = x * x
    dx = 2 * x
    return E
"""


def test_a_definition_that_fails_is_named_when_it_is_asked_for(tmp_path):
    """A class whose base is not installed is missing for that reason; other functions run."""
    path = written(tmp_path, NOT_INSTALLED)
    assert check_derivation(f"{path}::f", None, {"x": 1.5}).ok
    reason = r"\(line 2: .*nothing_here.*; line 4: ImportError: nn.size_of cannot be used"
    with pytest.raises(InvalidArgument, match=r"no function 'Net\.f' " + reason):
        check_derivation(f"{path}::Net.f", None, {"x": 1.5})


# -- helpers, globals and what is made inside ----------------------------------------------------------

HELPERS = """
from my_activations import squash
import numpy as np

rate = 0.2
silent = lambda x: x


def predict(x):
    return squash(np.dot(x, weights))


def fit(x, y, rounds):
    outer = np.random.randn(x.shape[1], 2)
    for r in range(rounds):
        print("round", r)
        out = squash(np.dot(x, outer))
        out_error = out - y
        out_delta = out_error * out * (1 - out)
        outer -= rate * x.T.dot(out_delta)
    return outer


def cost_and_gradient(x, y):
    residual = predict(x) - y
    cost = 0.5 * np.sum(residual ** 2)
    p = predict(x)
    dweights = x.T.dot(residual * p * (1 - p))
    return cost, dweights
"""


def squash(x):
    return 1 / (1 + np.exp(-x))


def test_inputs_stand_for_what_a_file_lacks(tmp_path, capsys):
    """Functions that are not installed and weights that are globals are given as inputs, for helpers too."""
    path = written(tmp_path, HELPERS)
    inputs = {"x": normal(5, 3), "y": normal(5, 2), "weights": normal(3, 2), "squash": squash}
    assert check_derivation(f"{path}::cost_and_gradient", None, inputs).ok
    assert capsys.readouterr().out == ""


def test_weights_that_a_function_draws_itself_can_be_given(tmp_path, capsys):
    """An input with the name of a local variable is its first value; nothing is printed."""
    path = written(tmp_path, HELPERS)
    inputs = {"x": normal(5, 3), "y": normal(5, 2), "rounds": 1, "outer": normal(3, 2), "squash": squash}
    report = check_derivation(f"{path}::fit", None, inputs, loss=lambda out_error: 0.5 * np.sum(out_error**2))
    assert report.ok
    assert {f.claim for f in report.findings} >= {"out_delta", "update of outer"}
    assert capsys.readouterr().out == ""


# -- scripts without functions, and what is not installed ------------------------------------------------

SCRIPT = """
import numpy as np
from nowhere.layers import Base
import notheano as tensors

data = open("missing.csv").read()


def bend(x, deriv=False):
    return x * (1 - x) if deriv else 1 / (1 + np.exp(-x))


inner = np.random.random((3, 4))
for i in range(60000):
    middle = bend(np.dot(x, inner))
    out = bend(np.dot(middle, outer))
    out_error = y - out
    out_delta = out_error * bend(out, deriv=True)
    middle_delta = out_delta.dot(outer.T) * bend(middle, deriv=True)
    outer += middle.T.dot(out_delta)
    inner += x.T.dot(middle_delta)
print(out)


class Cell(Base):
    def __init__(self, n):
        super().__init__(n, "cell")
        self.w = np.ones(n) * 0.5

    def step(self, x):
        z = x * self.w
        E = np.sum(z ** 2)
        dz = z
        dz += dz
        dz += dz
        dw = dz * x
        return E

    def symbolic(self, x):
        return tensors.dot(x, self.w)
"""


def test_the_training_loop_of_a_script(tmp_path):
    """A script without functions is checked in one round of its loop, with what it starts from as inputs."""
    path = written(tmp_path, SCRIPT)
    inputs = {"x": normal(5, 3), "y": normal(5, 2), "inner": normal(3, 4), "outer": normal(4, 2)}

    def loss(out_error):
        return 0.5 * np.sum(out_error**2)

    assert check_derivation(f"{path}::", None, inputs, loss=loss).ok
    wrong = written(
        tmp_path, SCRIPT.replace("bend(middle, deriv=True)", "bend(out, deriv=True).mean()"), "w.py"
    )
    report = check_derivation(f"{wrong}::", None, inputs, loss=loss)
    assert (report.first_wrong.claim, report.first_wrong.line) == ("middle_delta", 19)
    with pytest.raises(InvalidArgument, match=r"no loop that trains in line 3: there are those of 14"):
        check_derivation(f"{path}::3", None, inputs, loss=loss)
    two = written(
        tmp_path, SCRIPT + SCRIPT.partition("inner = ")[2].replace("np.random", "inner = np.random", 1)
    )
    with pytest.raises(InvalidArgument, match="trains in the loops of the lines 14, "):
        check_derivation(f"{two}::", None, inputs, loss=loss)
    none = written(tmp_path, "x = 1\n", "none.py")
    with pytest.raises(InvalidArgument, match="has no loop that trains outside of its functions"):
        check_derivation(f"{none}::", None, inputs)


def test_what_is_not_installed(tmp_path):
    """A base class that is not there is left out; what is used of another package is named in an error."""
    cell = from_file(f"{written(tmp_path, SCRIPT)}::Cell")(3)
    report = check_derivation(cell.step, None, {"x": normal(3)})
    assert (report.first_wrong.claim, report.first_wrong.text) == ("dz", "dz += dz")
    with pytest.raises(InvalidArgument, match=r"in line 40, .*tensors\.dot cannot be used: No module named"):
        check_derivation(cell.symbolic, "dw = x", {"x": normal(3)})


MATRICES = """
import numpy as np

def cost(x, w):
    w = np.matrix(w)
    return np.sum(x * w)
"""


def test_matrices_are_refused(tmp_path):
    """The old np.matrix, which multiplies with *, is refused by name."""
    path = written(tmp_path, MATRICES)
    with pytest.raises(InvalidArgument, match=r"in line 5, w = np\.matrix\(w\).*np\.matrix is not followed"):
        check_derivation(f"{path}::cost", "dw = x", {"x": normal(2, 3), "w": normal(3, 2)})
