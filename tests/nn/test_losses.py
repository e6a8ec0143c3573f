"""Losses: values against closed forms, gradients against differences, shapes, reductions, extremes."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Value
from autograd.errors import InvalidArgument
from nn import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    MSELoss,
    SquaredErrorLoss,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    squared_error,
)

F32 = np.float32
RNG = np.random.default_rng(0)
CLASSES = 3


def log_p(x):
    """The logarithm of softmax along the axis of the classes, written out; it takes complex numbers."""
    e = np.exp(x)
    return np.log(e / e.sum(axis=1 if x.ndim > 1 else 0, keepdims=True))


def picked(x, labels):
    """-log p of each label, by a loop over the samples."""
    terms = np.zeros(labels.shape, x.dtype)
    for i in np.ndindex(labels.shape):
        terms[i] = -log_p(x)[(*i[:1], labels[i], *i[1:])]
    return terms


def weighted(x, p):
    return -(p * log_p(x)).sum(axis=1 if x.ndim > 1 else 0)


def binary(x, t):
    p = 1 / (1 + np.exp(-x))
    return -t * np.log(p) - (1 - t) * np.log(1 - p)


def labels(*shape):
    return RNG.integers(CLASSES, size=shape)


def normal(*shape):
    return RNG.normal(size=shape)


def shares(*shape):
    """Probabilities along the axis of the classes."""
    p = RNG.random(shape)
    return p / p.sum(axis=1 if p.ndim > 1 else 0, keepdims=True)


# name: function, its terms as a closed form, predictions, targets
CASES = {
    "mse (N, C)": (mse_loss, lambda x, t: (t - x) ** 2, normal(4, 3), normal(4, 3)),
    "mse ()": (mse_loss, lambda x, t: (t - x) ** 2, normal(), normal()),
    "cross-entropy (N, C)": (cross_entropy, picked, normal(4, CLASSES), labels(4)),
    "cross-entropy (C,)": (cross_entropy, picked, normal(CLASSES), labels()),
    "cross-entropy (N, C, L)": (cross_entropy, picked, normal(4, CLASSES, 2), labels(4, 2)),
    "cross-entropy (N, C, H, W)": (cross_entropy, picked, normal(2, CLASSES, 4, 5), labels(2, 4, 5)),
    "cross-entropy of shares (N, C)": (cross_entropy, weighted, normal(4, CLASSES), shares(4, CLASSES)),
    "cross-entropy of shares (C,)": (cross_entropy, weighted, normal(CLASSES), shares(CLASSES)),
    "cross-entropy of shares (N, C, L)": (
        cross_entropy,
        weighted,
        normal(4, CLASSES, 2),
        shares(4, CLASSES, 2),
    ),
    "one class": (cross_entropy, picked, normal(4, 1), np.zeros(4, int)),
    "binary (N, C)": (binary_cross_entropy_with_logits, binary, normal(4, 3), RNG.random((4, 3))),
    "binary ()": (binary_cross_entropy_with_logits, binary, normal(), np.array(1)),
}
every_case = pytest.mark.parametrize(("loss", "terms", "x", "target"), CASES.values(), ids=CASES)


@every_case
def test_values_and_reductions(loss, terms, x, target):
    """Each loss is its closed form: none for the terms, else their sum or, by default, their mean."""
    expected = np.asarray(terms(np.asarray(x), target))
    for reduced, number in [
        (loss(Value(x), target, "none"), expected),
        (loss(Value(x), target, "sum"), expected.sum()),
        (loss(Value(x), target, reduction="mean"), expected.mean()),
        (loss(Value(x), target), expected.mean()),
    ]:
        assert reduced.shape == number.shape
        np.testing.assert_allclose(reduced.data, number, rtol=1e-12, atol=1e-14)


@every_case
def test_gradients(loss, terms, x, target):
    """The gradient is the derivative of the closed form, by a complex step in float64."""
    prediction = Value(x)
    loss(prediction, target).backward()
    x, step = np.asarray(x), 1e-30
    expected = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[i] += 1j * step
        expected[i] = np.asarray(terms(moved, target)).mean().imag / step
    np.testing.assert_allclose(prediction.grad, expected, rtol=1e-12, atol=1e-15)


@every_case
def test_any_kind_of_target(loss, terms, x, target):
    """Lists, Values and arrays of another type are the same targets, and the prediction's type stays."""
    target = np.asarray(target)
    expected = pytest.approx(np.mean(terms(np.asarray(x), target)), rel=1e-12)
    other = target.astype(np.uint8) if target.dtype.kind == "i" else Value(target)
    for kind in (target.tolist(), np.array(target, order="F"), other):
        assert loss(Value(x), kind).data == expected
    assert loss(Value(np.asarray(x, F32)), target).dtype == F32
    assert loss(x, target) == expected  # plain numbers, to measure


@pytest.mark.parametrize("shape", [(4, CLASSES), (CLASSES,), (4, CLASSES, 2)], ids=str)
def test_class_numbers_and_one_hot_rows_agree(shape):
    """A class number is short for the row of zeros with a one: the same loss and the same gradient."""
    axis = 1 if len(shape) > 1 else 0
    numbers = labels(*shape[:axis], *shape[axis + 1 :])
    one_hot = np.moveaxis(np.eye(CLASSES)[numbers], -1, axis)
    x = Value(normal(*shape))
    y = Value(x.data)
    for v, target in [(x, numbers), (y, one_hot)]:
        cross_entropy(v, target).backward()
    assert cross_entropy(x, numbers).data == pytest.approx(cross_entropy(y, one_hot).data, rel=1e-14)
    np.testing.assert_allclose(x.grad, y.grad, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("label", [2, np.int64(2), np.array(2), [0, 0, 1]], ids=repr)
def test_one_sample(label):
    """The target of a single row of logits may be a plain number."""
    assert cross_entropy(Value([1.0, 2.0, 3.0]), label).data == pytest.approx(
        np.log(np.exp([-2, -1, 0]).sum())
    )


def test_gradient_of_cross_entropy_is_softmax_minus_one_hot():
    """For one sample it is p - t, and for a batch its mean."""
    x = Value(normal(4, CLASSES))
    cross_entropy(x, [0, 2, 1, 1]).backward()
    p = np.exp(x.data) / np.exp(x.data).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(x.grad, (p - np.eye(CLASSES)[[0, 2, 1, 1]]) / 4, atol=1e-15)


@pytest.mark.parametrize("dtype", [F32, np.float64])
@pytest.mark.parametrize(
    ("loss", "x", "target", "value", "grad"),
    [
        (cross_entropy, [[1000.0, -1000.0]], [0], 0.0, [[0, 0]]),
        (cross_entropy, [[1000.0, -1000.0]], [1], 2000.0, [[1, -1]]),
        (cross_entropy, [[1000.0, -1000.0]], [[0.5, 0.5]], 1000.0, [[0.5, -0.5]]),
        (cross_entropy, [[-np.inf, 0.0, 0.0]], [1], np.log(2), [[0, -0.5, 0.5]]),
        (cross_entropy, [[-np.inf, 0.0, 0.0]], [[0, 1, 0]], np.log(2), [[0, -0.5, 0.5]]),
        (cross_entropy, [[-np.inf, 0.0, 0.0]], [[0.0, 0.5, 0.5]], np.log(2), [[0, 0, 0]]),
        (binary_cross_entropy_with_logits, [1000.0, -1000.0], [1, 0], 0.0, [0, 0]),
        (binary_cross_entropy_with_logits, [1000.0, -1000.0], [0, 1], 1000.0, [0.5, -0.5]),
        (binary_cross_entropy_with_logits, [0.0], [0.5], np.log(2), [0]),
        (mse_loss, [1e15], [-1e15], 4e30, [4e15]),
        (squared_error, [1e15], [-1e15], 2e30, [2e15]),
    ],
    ids=str,
)
def test_extremes(loss, x, target, value, grad, dtype):
    """Logits of +-1000, or -inf where the probability is 0, give the exact loss and gradient, without NaN."""
    v = Value(np.array(x, dtype))
    y = loss(v, target)
    y.backward()
    assert y.dtype == v.grad.dtype == dtype
    np.testing.assert_allclose(y.data, value, rtol=1e-6)
    np.testing.assert_allclose(v.grad, grad, rtol=1e-6)


@pytest.mark.parametrize(
    ("module", "function", "target"),
    [
        (SquaredErrorLoss(), squared_error, normal(4, 3)),
        *((MSELoss(r), lambda x, t, r=r: mse_loss(x, t, r), normal(4, 3)) for r in ("mean", "sum", "none")),
        *(
            (CrossEntropyLoss(r), lambda x, t, r=r: cross_entropy(x, t, r), labels(4))
            for r in ("mean", "sum", "none")
        ),
        (
            BCEWithLogitsLoss("sum"),
            lambda x, t: binary_cross_entropy_with_logits(x, t, "sum"),
            labels(4, 3) % 2,
        ),
        (BCEWithLogitsLoss(), binary_cross_entropy_with_logits, labels(4, 3) % 2),
    ],
    ids=repr,
)
def test_modules_are_the_functions(module, function, target):
    """A loss as a module computes what the function does, and has no parameters."""
    x = normal(4, 3)
    np.testing.assert_array_equal(module(Value(x), target).data, function(Value(x), target).data)
    assert module.parameters() == []


def test_repr_shows_a_reduction_that_was_chosen():
    """The default is not repeated."""
    assert [repr(CrossEntropyLoss()), repr(MSELoss("sum"))] == [
        "CrossEntropyLoss()",
        "MSELoss(reduction='sum')",
    ]


def test_targets_get_no_gradient():
    """A target is a constant, even if it is a Value that requires a gradient."""
    x, target = Value([1.0, 2.0]), Value([0.5, 0.5])
    for loss in (squared_error, mse_loss, cross_entropy, binary_cross_entropy_with_logits):
        loss(x, target).backward()
    assert target.grad is None


def test_plain_integers_as_predictions():
    """Predictions that are integers do not round the targets."""
    assert mse_loss(np.array([1, 2]), [1.5, 2.5]) == 0.25


@pytest.mark.parametrize("shape", [(0, 3), (4, 3, 0), (0, 3, 2)])
@pytest.mark.parametrize("one_hot", [False, True])
def test_cross_entropy_of_nothing(shape, one_hot):
    """Of an empty batch it is that of other losses: NaN with NumPy's warnings, a sum of 0, or nothing."""
    x, batch = Value(np.zeros(shape)), shape[:1] + shape[2:]
    target = np.zeros(shape) if one_hot else np.zeros(batch, int)
    assert cross_entropy(x, target, "none").shape == batch
    loss = cross_entropy(x, target, "sum")
    loss.backward()
    assert loss.data == 0.0
    assert x.grad.shape == shape
    for mean in (lambda: cross_entropy(x, target), lambda: mse_loss(x, x.data)):
        with pytest.warns(RuntimeWarning):
            assert np.isnan(mean().data)


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (squared_error, [1.0, 0.0]),
        (mse_loss, [1.0, 0.0]),
        (cross_entropy, 1),
        (binary_cross_entropy_with_logits, [1.0, Value(0.0)]),
    ],
)
def test_lists_of_values(loss, target):
    """The outputs of single neurons go into a loss as they are, one by one or as rows."""
    whole, parts = Value([0.5, -2.0]), [Value(0.5), Value(-2.0)]
    loss(whole, target).backward()
    value = loss(parts, target)
    value.backward()
    np.testing.assert_array_equal([v.grad for v in parts], whole.grad)
    assert loss([parts, parts], [target, target]).data == value.data * (2 if loss is squared_error else 1)


@pytest.mark.parametrize("dtype", ["u1", "i1", "<i2", ">i4", ">i8", ">u2"])
@pytest.mark.parametrize("n", [4, 40])
def test_types_of_labels(dtype, n):
    """Class numbers may have any integer type, in either order of bytes."""
    x, target = Value(normal(n, 3)), labels(n)
    assert cross_entropy(x, target.astype(dtype)).data == cross_entropy(x, target).data
    with pytest.raises(InvalidArgument, match="out of range"):
        cross_entropy(x, (target + 100).astype(dtype))
