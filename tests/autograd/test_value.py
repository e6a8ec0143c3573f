"""What a Value holds, how it is written in expressions, and what it answers to Python."""

from __future__ import annotations

import operator
import warnings

import numpy as np
import pytest

from autograd import Value

F32 = np.float32
A = np.array([1.0, 2.0, 3.0])
M = np.arange(1.0, 7.0).reshape(2, 3)


@pytest.mark.parametrize(
    ("given", "dtype", "shape"),
    [
        (3, np.float64, ()),
        (True, np.float64, ()),
        (2.5, np.float64, ()),
        (np.float64(2.5), np.float64, ()),
        (np.int32(2), np.float64, ()),
        (np.array(2), np.float64, ()),
        (F32(2.5), F32, ()),
        (np.array(2.5, np.float16), np.float16, ()),
        ([1, 2], np.float64, (2,)),
        ([[1.0], [2.0]], np.float64, (2, 1)),
        ((1, 2), np.float64, (2,)),
        (range(3), np.float64, (3,)),
        ([], np.float64, (0,)),
        (np.array([True, False]), np.float64, (2,)),
        (np.array([1, 2], np.uint8), np.float64, (2,)),
        (np.ones(2, F32), F32, (2,)),
        (np.ones((2, 0), np.float16), np.float16, (2, 0)),
        (np.ones(2, np.longdouble), np.longdouble, (2,)),
    ],
    ids=repr,
)
def test_construction(given, dtype, shape):
    """Integers and bools become float64, floating-point types stay, and so do shape and numbers."""
    v = Value(given)
    assert (v.dtype, v.shape, v.ndim, v.size) == (dtype, shape, len(shape), np.size(given))
    np.testing.assert_array_equal(v.data, np.asarray(given, dtype))
    assert (v.label, v.grad, v.op, v.parents, v.is_leaf, v.requires_grad) == (None, None, "", (), True, True)


def test_arrays_are_copied():
    """Changing the array that a Value was made of does not change the Value."""
    given = A.copy()
    v = Value(given)
    given[0] = 99.0
    assert v.data[0] == 1.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: Value(3),
        lambda: Value(np.array(3.0)),
        lambda: Value(A)[1],
        lambda: Value(A).sum(),
        lambda: Value(A) @ A,
        lambda: Value([2.0]).reshape(()),
        lambda: Value(2.0) * np.float64(3.0),
        lambda: Value(2.0) * np.array(3),
        lambda: np.where(True, Value(1.0), 0),
        lambda: Value(0.0).sigmoid(),
    ],
)
def test_scalars_are_python_floats(make):
    """A scalar of double precision is a float inside, whatever made it."""
    assert type(make().data) is float


OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
OPERANDS = [2, 3.0, True, np.float64(1.5), F32(1.5), np.int64(2), A, [1, 2, 3], M, np.array([[1], [2]])]


@pytest.mark.parametrize("f", OPERATORS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", OPERANDS, ids=repr)
@pytest.mark.parametrize("x", [2.5, A], ids=["scalar", "array"])
def test_operators_take_either_side(f, x, other):
    """Each of v op c, c op v, v op w records, with the numbers of the same operation on arrays."""
    c = np.asarray(other, np.float64)
    for result, expected in [
        (f(Value(x), other), f(x, c)),
        (f(other, Value(x)), f(c, x)),
        (f(Value(x), Value(other)), f(x, c)),
    ]:
        assert isinstance(result, Value)
        assert result.requires_grad
        np.testing.assert_allclose(result.data, expected, rtol=1e-6)
        assert result.shape == np.shape(expected)


@pytest.mark.parametrize(
    ("a", "b"), [(A, A), (M, A), (M, M.T), (A, M.T), (np.stack([M, M]), M.T), (M, np.stack([M.T] * 4))]
)
def test_matmul_takes_either_side(a, b):
    """@ records with a Value on the left, on the right and on both sides."""
    for result in (Value(a) @ b, a @ Value(b), Value(a) @ Value(b)):
        assert isinstance(result, Value)
        np.testing.assert_allclose(result.data, a @ b)


@pytest.mark.parametrize("f", [operator.neg, operator.pos, operator.abs], ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [-2.0, -A], ids=["scalar", "array"])
def test_unary_operators(f, x):
    """-v, +v and abs(v) record."""
    v = Value(x)
    assert f(v).parents == (v,)
    np.testing.assert_array_equal(f(v).data, f(x))


COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


@pytest.mark.parametrize("f", COMPARISONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("x", "y"), [(1.0, 2.0), (2.0, 2.0), (A, 2.0), (A, A[::-1]), (2.0, A)])
def test_comparisons_give_plain_booleans(f, x, y):
    """Comparisons look at the numbers and give bools or boolean arrays, never Values."""
    for result in (f(Value(x), Value(y)), f(Value(x), y), f(x, Value(y))):
        assert not isinstance(result, Value)
        assert np.asarray(result).dtype == bool
        np.testing.assert_array_equal(result, f(x, y))


def test_comparison_with_what_is_no_number():
    """A Value equals neither None nor a string, and has no order with them."""
    v = Value(1.0)
    assert (v == None, v != None, v == "1.0") == (False, True, False)  # noqa: E711
    with pytest.raises(TypeError, match="'<' not supported"):
        v < None  # noqa: B015


def test_scalars_answer_as_numbers():
    """bool, float, int, item and format work on anything of one element."""
    for v in (Value(2.75), Value([[2.75]]), Value(F32(2.75)), Value([2.75])):
        assert (bool(v), float(v), int(v), v.item(), f"{v:.1f}") == (True, 2.75, 2, 2.75, "2.8")
        assert type(v.item()) is float
    assert not Value(0.0)


def test_arrays_answer_as_sequences():
    """Both len and iteration go along the first axis; each item is recorded."""
    v = Value(M, label="m")
    rows = list(v)
    assert len(v) == len(rows) == 2
    assert all(row.parents == (v,) for row in rows)
    np.testing.assert_array_equal(rows[1].data, M[1])
    first, second = Value([1.0, 2.0])
    assert (first.item(), second.item()) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Value(2), "Value(2.0)"),
        (lambda: Value(2.0, label="x"), "Value(2.0, label='x')"),
        (lambda: Value(2.0, requires_grad=False), "Value(2.0, requires_grad=False)"),
        (lambda: Value(2.0) * 3, "Value(6.0, op='*')"),
        (lambda: Value([1, 2], label="a"), "Value([1., 2.], label='a')"),
        (lambda: Value([[1, 2], [3, 4]]), "Value([[1., 2.],\n       [3., 4.]])"),
        (lambda: Value(A).sum(), "Value(6.0, op='sum')"),
    ],
)
def test_repr_shows_numbers_label_and_operation(make, text):
    """repr, str and an empty format show numbers, label and operation."""
    assert repr(make()) == str(make()) == f"{make()}" == text


METHODS = {
    "sum": lambda x: x.sum(),
    "sum of an axis": lambda x: x.sum(0),
    "sum of axes, kept": lambda x: x.sum(axis=(0, -1), keepdims=True),
    "mean": lambda x: x.mean(axis=1),
    "max": lambda x: x.max(axis=-1, keepdims=True),
    "min": lambda x: x.min(),
    "clip": lambda x: x.clip(0.2, 0.7),
    "reshape": lambda x: x.reshape(4, -1),
    "reshape of a tuple": lambda x: x.reshape((2, 2, 3)),
    "reshape to one number": lambda x: x.sum().reshape(()),
    "transpose": lambda x: x.transpose(),
    "transpose in order": lambda x: x.transpose(1, 0),
    "transpose of a tuple": lambda x: x.transpose((-1, 0)),
    "transpose of a vector": lambda x: x.ravel().transpose(0),
    "T": lambda x: x.T,
    "swapaxes": lambda x: x.swapaxes(0, -1),
    "squeeze": lambda x: x[:1].squeeze(),
    "ravel": lambda x: x.ravel(),
    "flatten": lambda x: x.flatten(),
    "astype": lambda x: x.astype(F32),
    "item": lambda x: x[0, 1],
    "slice": lambda x: x[::-1, 1:3],
    "new axis": lambda x: x[:, None, ..., 0],
    "array as index": lambda x: x[np.array([0, 0, 2])],
    "list as index": lambda x: x[[2, 1], [0, 0]],
    "mask as index": lambda x: x[x > 0.5],
    "empty index": lambda x: x[[]],
}
X = np.random.default_rng(0).random((3, 4))


@pytest.mark.parametrize("f", METHODS.values(), ids=METHODS)
def test_methods_are_those_of_arrays(f):
    """A method of a Value records, and gives numbers, shape and dtype of the method of ndarray."""
    result, expected = f(Value(X)), f(X)
    assert isinstance(result, Value)
    assert not result.is_leaf
    np.testing.assert_array_equal(result.data, expected)
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)


FUNCTIONS = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh,
    "abs": np.abs, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [0.7, X, X.astype(F32)], ids=["float", "array", "float32"])
def test_functions_as_methods(name, x):
    """v.exp() and its like have the numbers and dtype of NumPy's function."""
    result = getattr(Value(x), name)()
    assert result.dtype == np.asarray(x).dtype
    np.testing.assert_allclose(result.data, FUNCTIONS[name](x), rtol=1e-6)


def test_history_is_ordered_and_keeps_duplicates():
    """The op is the symbol of the operation, parents its operands as they were written."""
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    assert ((a / b).op, (a / b).parents, (b / a).parents) == ("/", (a, b), (b, a))
    assert (a * a).parents == (a, a)
    assert not (a * a).is_leaf
    left, right = (2 - a).parents
    assert (left.data, left.requires_grad, right is a) == (2.0, False, True)


def test_results_of_constants_are_constants():
    """What depends on nothing that requires a gradient has no history."""
    c = Value(2.0, requires_grad=False) * 3
    assert (c.requires_grad, c.is_leaf, c.op, c.parents) == (False, True, "", ())


def test_detach_and_numpy_share_the_numbers():
    """detach() and numpy() end the graph and copy nothing."""
    v = Value(A, label="v")
    assert v.detach().data is v.numpy() is v.data
    assert not v.detach().requires_grad
    assert isinstance(Value(2.0).numpy(), np.ndarray)
    y = v * v.detach()
    y.sum().backward()
    np.testing.assert_array_equal(v.grad, A)


def test_identity():
    """A Value hashes by identity, so that Values with equal numbers stay apart in sets and dicts."""
    a, b = Value(1.0), Value(1.0)
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[a] == "a"
    assert len({Value(A), Value(A)}) == 2


IEEE = {
    "1/0": lambda x, y: (x + 1) / y,
    "0/0": lambda x, y: x / y,
    "-1/0": lambda x, y: (x - 1) / y,
    "1/-0": lambda x, y: (x + 1) / -y,
    "0**-1": lambda x, y: x ** (y - 1),
    "(-8)**(1/3)": lambda x, y: (x - 8) ** (y + 1 / 3),
    "0**0": lambda x, y: x**y,
    "10.0**400": lambda x, y: (x + 10) ** (y + 400),
    "exp(1000)": lambda x, y: np.exp(x + 1000),
    "exp(-1000)": lambda x, y: np.exp(x - 1000),
    "log(0)": lambda x, y: np.log(x),
    "log(-1)": lambda x, y: np.log(x - 1),
    "sqrt(-1)": lambda x, y: np.sqrt(x - 1),
    "sin(inf)": lambda x, y: np.sin(x + np.inf),
    "1e308*10": lambda x, y: (x + 1e308) * (y + 10),
    "1e308+1e308": lambda x, y: (x + 1e308) + (y + 1e308),
    "inf-inf": lambda x, y: (x + np.inf) - (y + np.inf),
    "inf*0": lambda x, y: (x + np.inf) * y,
    "tanh(nan)": lambda x, y: np.tanh(x + np.nan),
    "maximum(nan, 0)": lambda x, y: np.maximum(x + np.nan, y),
    "minimum(0, nan)": lambda x, y: np.minimum(x, y + np.nan),
}


@pytest.mark.parametrize("f", IEEE.values(), ids=IEEE)
def test_scalars_agree_with_arrays_where_floats_would_raise(f):
    """Scalar results that are not finite are those of 0-d arrays, with the same warnings."""

    def outcome(x, y):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = f(x, y)
        return float(result), [(w.category, str(w.message).replace("scalar ", "")) for w in caught]

    plain, ours = outcome(np.zeros(()), np.zeros(())), outcome(Value(0.0), Value(0.0))
    np.testing.assert_equal(ours, plain)
    one_element = outcome(Value([0.0]), Value([0.0]))
    np.testing.assert_equal(one_element[0], plain[0])


@pytest.mark.parametrize("f", IEEE.values(), ids=IEEE)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_gradients_of_scalars_agree_with_arrays_where_floats_would_raise(f):
    """The gradients there are those of one-element arrays: infinite or NaN, and never an exception."""
    found = []
    for x, y in [(Value(0.0), Value(0.0)), (Value([0.0]), Value([0.0]))]:
        f(x, y).sum().backward()
        found.append([None if v.grad is None else float(np.sum(v.grad)) for v in (x, y)])
    np.testing.assert_equal(*found)
