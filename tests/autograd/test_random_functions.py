"""Random programs of NumPy functions: gradients and Hessian-vector products against differences."""

from __future__ import annotations

import collections
from dataclasses import dataclass

import numpy as np
import pytest
from numeric import richardson
from random_functions import TEMPLATES, Program, random_program

from autograd import grad, hvp, primitive

# A numeric derivative is taken with two sizes of steps, or three, and from both sides. It counts
# if it does not depend on the size, and if both sides agree; else a kink is close, or the
# function turns too sharply for differences.
SIZES = (0.1, 0.02, 0.004)  # of H, the largest step of richardson()
STEADY = 1e-8  # greatest difference between sizes, relative to the derivative and the function
SIDES = 1e-3  # the same between slopes from below and above; these are of first order only
TOLERANCE = 1e-6  # greatest difference between engine and numbers


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


@dataclass
class Line:
    """A function to numbers or arrays, along a direction."""

    phi: object
    x: np.ndarray
    d: np.ndarray

    def derivative(self):
        """By differences; None where they cannot tell."""
        with np.errstate(all="ignore"):
            here = self.phi(self.x)
            above, below = (self.slope(here, side * 1e-5) for side in (1, -1))
            last = richardson(self.phi, self.x, SIZES[0] * self.d) / SIZES[0]
            scale = max(1.0, np.max(np.abs(last)), np.max(np.abs(here)))
            if not np.max(np.abs(above - below)) <= SIDES * scale:
                return None
            for size in SIZES[1:]:
                before, last = last, richardson(self.phi, self.x, size * self.d) / size
                if np.max(np.abs(last - before)) <= STEADY * scale:
                    return last
        return None

    def slope(self, here, t):
        return (self.phi(self.x + t * self.d) - here) / t


@dataclass
class Verdict:
    """What a program gave: for each order None if differences cannot tell, else engine and numbers."""

    first: object = None
    second: object = None

    @property
    def mistake(self):
        for what, pair in (("gradient", self.first), ("Hessian-vector product", self.second)):
            if pair is not None:
                engine, expected = pair
                scale = max(1.0, np.max(np.abs(expected)))
                if not np.max(np.abs(engine - expected)) <= TOLERANCE * scale:
                    return f"{what}: engine {engine}, differences {expected}"
        return ""


def examine(program: Program, seed: int, **names) -> Verdict:
    """Compare a program's derivatives in a random direction with differences."""
    f = program.function(**names)
    args = program.inputs
    everything = tuple(range(len(args)))
    ends = np.cumsum([a.size for a in args])[:-1]
    x = flat(args)
    d = np.random.default_rng(seed).normal(size=x.size)
    d /= np.linalg.norm(d)

    def unpacked(x):
        return [part.reshape(a.shape) for part, a in zip(np.split(x, ends), args, strict=True)]

    def gradient(x):
        return flat(grad(f, everything)(*unpacked(x)))

    verdict = Verdict()
    slope = Line(lambda x: f(*unpacked(x)), x, d).derivative()
    if slope is not None:
        verdict.first = (gradient(x) @ d, slope)
        change = Line(gradient, x, d).derivative()
        if change is not None:
            verdict.second = (flat(hvp(lambda p: f(*p), tuple(args), tuple(unpacked(d)))), change)
    return verdict


BLOCK = 100
BLOCKS = [*range(12), *[pytest.param(i, marks=pytest.mark.slow) for i in range(12, 120)]]


@pytest.mark.parametrize("block", BLOCKS)
def test_derivatives_of_random_programs(block):
    """Of 100 programs, each gradient and Hessian-vector product that differences can tell is theirs.

    At least 90 of them must be such that differences can tell, in both orders.
    """
    decided = collections.Counter()
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        program = random_program(seed)
        try:
            verdict = examine(program, seed)
        except Exception as e:
            e.add_note(f"in the program of seed {seed}:\n\n{program}")
            raise
        assert not verdict.mistake, f"seed {seed}: {verdict.mistake}\n\n{program}"
        decided["first"] += verdict.first is not None
        decided["second"] += verdict.second is not None
    assert decided["first"] >= 0.9 * BLOCK
    assert decided["second"] >= 0.9 * BLOCK


def test_the_catalogue_is_used():
    """Every template occurs in at least five of the programs; they are longer than four steps on average."""
    programs = [random_program(seed) for seed in range(12 * BLOCK)]
    used = collections.Counter(template for p in programs for template in set(p.templates))
    assert len(TEMPLATES) >= 150
    assert min(used[template] for _, template in TEMPLATES) >= 5
    assert np.mean([len(p.templates) for p in programs]) > 5


WRONG = {
    "tanh": primitive(lambda g, y, x: g * (1 - y), elementwise=True)(np.tanh),
    "cos": primitive(lambda g, y, x: g * np.sin(x), elementwise=True)(np.cos),
    "log1p": primitive(lambda g, y, x: g / (1.0001 + x), elementwise=True)(np.log1p),
    "square": primitive(lambda g, y, x: 2 * g * getattr(x, "data", x), elementwise=True)(np.square),
}


class Broken:
    """NumPy with one wrong rule."""

    def __init__(self, name):
        self.name = name

    def __getattr__(self, name):
        return WRONG[name] if name == self.name else getattr(np, name)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_found(name):
    """With one wrong rule, also if only its second derivative is wrong, programs that use it fail."""
    found = 0
    for seed in range(600):
        program = random_program(seed)
        if f"np.{name}(" in program.source:
            found += bool(examine(program, seed, np=Broken(name)).mistake)
    assert found >= 5


UNTOLD = {
    "a kink at the point": "np.abs(x0 - 0.5)",
    "a kink close by": "np.abs(x0 - 0.500003)",
    "a jump": "np.floor(x0 * 2) + x0",
    "a kink of the derivative": "np.abs(x0 - 0.5) ** 2 * np.where(x0 > 0.5, 1.0, 2.0)",
    "too fast": "np.sin(x0 * 1e6)",
    "not finite close by": "np.sqrt(x0 - 0.5 + 1e-9)",
}


@pytest.mark.parametrize("formula", UNTOLD.values(), ids=UNTOLD)
def test_no_verdict_where_differences_cannot_tell(formula):
    """Kinks, jumps and what is too sharp are recognised, and give no verdict on one of the orders."""
    verdict = examine(Program(f"def f(x0):\n    return np.sum({formula})\n", [np.array([0.5])], []), 0)
    assert verdict.first is None or verdict.second is None
    assert not verdict.mistake


def test_a_program_prints_as_a_script(capsys):
    """The text in a failure is a script that computes the gradients of that very program."""
    program = random_program(7)
    exec(str(program), {})
    expected = grad(program.function(), tuple(range(len(program.inputs))))(*program.inputs)
    assert capsys.readouterr().out == f"{expected}\n"
