"""Sums of two operands as products of matrices: the same numbers as np.einsum's own loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compiling import assert_close_to_eager
from numpy.testing import assert_allclose

from autograd import Value, check_gradients, value_and_grad
from autograd.rules.contraction import _as_they_lie, _in_pieces, _letters, contracted

RNG = np.random.default_rng(0)
LENGTHS = {"n": 5, "c": 6, "h": 9, "w": 14, "i": 3, "j": 3, "o": 16, "k": 39, "m": 67, "p": 57}

# What is laid out each in its way: stacks, one letter or many on each side, and every order of the result.
PRODUCTS = [
    "mk,kp->mp", "km,kp->mp", "mk,pk->mp", "mk,kp->pm", "km,pk->pm",
    "nchwij,ocij->nohw", "nohw,ocij->nchwij", "nohw,nchwij->ocij", "nohw,nchwij->cjoi",
    "chmp,cphk->cmhk", "nmk,npk->nmp", "nmk,npk->mpn", "mnk,nkp->pnm", "mkc,pkc->mp", "ckm,kcp->mp",
]  # fmt: skip
# What is no product of two matrices, or broadcasts, or is too small to be worth it.
OTHERS = ["mm,mp->mp", "mk,mk->m", "mp,m->mp", "m,p->mp", "mkp,m->p", "ij,jk->ik", "mk,kp,p->m", "kmp->mp"]


def operands(subscripts: str, dtype: Any = float) -> list[Any]:
    """An array for each term."""
    terms = subscripts.partition("->")[0].split(",")
    return [RNG.standard_normal([LENGTHS[c] for c in term]).astype(dtype) for term in terms]


def layouts(x: Any) -> list[Any]:
    """The same numbers as they may lie in memory: by rows, by columns, with gaps, reversed."""
    gaps = np.zeros([2 * n for n in x.shape], x.dtype)[tuple(slice(None, None, 2) for _ in x.shape)]
    gaps[...] = x
    return [x, np.asfortranarray(x), gaps, np.flip(np.flip(x).copy())]


@pytest.mark.parametrize("subscripts", PRODUCTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_product_has_the_numbers_of_einsum(subscripts: str, dtype: Any) -> None:
    """Every order of letters, however the operands lie in memory, gives what NumPy's loops give."""
    a, b = operands(subscripts, dtype)
    expected = np.einsum(subscripts, a.astype(float), b.astype(float))
    for x in layouts(a):
        for y in layouts(b):
            found = contracted(subscripts, x, y)
            assert found is not None
            assert found.dtype == dtype
            assert_allclose(found, expected, rtol=0, atol=1e-11 if dtype == np.float64 else 1e-3)


@pytest.mark.parametrize(
    ("subscripts", "letter"),
    [("nchwij,ocij->nohw", "n"), ("nohw,ocij->nchwij", "n"), ("nohw,nchwij->ocij", "n"), ("mk,kp->mp", None)],
)
def test_a_convolution_is_made_image_by_image(subscripts: str, letter: str | None) -> None:
    """Products whose results lie mixed, or whose sums are long, come in pieces; a plain one does not."""
    xs = tuple(operands(subscripts))
    letters = _letters(subscripts, *(x.shape for x in xs))
    assert letters is not None
    assert _in_pieces(_as_they_lie(letters, xs)).stack == ([letter] if letter else [])


@pytest.mark.parametrize(
    "subscripts", ["mk,kp->mp", "mk,kp->pm", "km,pk->pm", "nmk,npk->nmp", "nmk,npk->npm"]
)
def test_a_result_lies_in_memory_as_it_is_named(subscripts: str) -> None:
    """Where rows and columns are not mixed, the product is made in the order of the result."""
    found = contracted(subscripts, *operands(subscripts))
    assert found is not None
    assert found.flags.c_contiguous


def test_few_results_of_long_sums_have_the_more_first() -> None:
    """BLAS makes these faster; the result is a transpose."""
    a, b = RNG.standard_normal((3, 4000)), RNG.standard_normal((20, 4000))
    assert contracted("mk,pk->mp", a, b).flags.f_contiguous
    assert contracted("mk,pk->pm", a, b).flags.c_contiguous


@pytest.mark.parametrize("subscripts", OTHERS)
def test_what_is_no_product_is_left_to_numpy(subscripts: str) -> None:
    """Repeated letters, stacks of vectors, letters that one operand sums alone, and few elements."""
    assert contracted(subscripts, *operands(subscripts)) is None


def test_operands_that_do_not_fit_are_left_to_numpy() -> None:
    """Lengths that broadcast or differ, and types that NumPy would promote."""
    a, b = operands("mk,kp->mp")
    assert contracted("mk,kp->mp", a[:, :1], b) is None
    assert contracted("mk,kp->mp", a[:, :2], b) is None
    assert contracted("mk,kp->mp", a.astype(np.float32), b) is None
    assert contracted("mk,kp->mp", a.astype(int), b.astype(int)) is None
    assert contracted("mk,->mk", a, 2.0) is None


@pytest.mark.parametrize("optimize", [False, True, ["einsum_path", (0, 1)]])
def test_derivatives_of_a_convolution_agree_with_differences(optimize: Any) -> None:
    """Windows of an image times filters, by einsum: first derivatives, and the second."""
    x, w = RNG.standard_normal((3, 4, 9, 10)), RNG.standard_normal((18, 4, 3, 2))

    def loss(x: Any, w: Any) -> Any:
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 1))), (3, 2), (2, 3)
        )
        z = np.einsum("nchwij,ocij->nohw", windows, w, optimize=optimize)
        assert contracted("nchwij,ocij->nohw", windows.data, w.data) is not None
        return np.sum(np.tanh(z / 10))

    def slope(x: Any, w: Any) -> Any:
        """A derivative that itself is differentiated."""
        windows = np.lib.stride_tricks.sliding_window_view(x, (3, 2), (2, 3))
        return np.sum(np.einsum("nchwij,ocij->nohw", windows, w, optimize=optimize) ** 3)

    assert check_gradients(loss, x, w).ok
    h = 1e-5
    v = RNG.standard_normal(x.shape)
    gradient = value_and_grad(slope, (0, 1))
    moved = [
        (p - m) / (2 * h) for p, m in zip(gradient(x + h * v, w)[1], gradient(x - h * v, w)[1], strict=True)
    ]
    leaves = Value(x), Value(w)
    slope(*leaves).backward(create_graph=True)
    first = leaves[0].grad
    (first * v).sum().backward()
    # .grad holds the first gradient and the second one on top of it.
    assert_allclose(leaves[0].grad.data - gradient(x, w)[1][0], moved[0], rtol=1e-6, atol=1e-5)
    assert_allclose(leaves[1].grad.data - gradient(x, w)[1][1], moved[1], rtol=1e-6, atol=1e-5)


def test_a_compiled_program_multiplies_matrices() -> None:
    """The program has products in the place of einsum, and the numbers of the engine."""
    a, b = operands("nchwij,ocij->nohw")

    def loss(a: Any, b: Any) -> Any:
        return np.sum(np.sin(np.einsum("nchwij,ocij->nohw", a, b)))

    compiled = assert_close_to_eager(loss, (a, b), rtol=1e-12, atol=1e-12)
    assert "einsum" not in compiled.source
