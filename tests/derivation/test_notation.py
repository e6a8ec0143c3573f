"""Formulas of notes: what they mean, what they refuse, and that no text does anything else."""

from __future__ import annotations

import ast
import builtins
import math
import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd import Value
from autograd.derivation import evaluation, notation, vocabulary
from autograd.errors import InvalidArgument

KNOWN = {
    "x": 2.0,
    "T": 3.0,
    "a": 0.5,
    "a2": 0.25,
    "n": 4,
    "X": np.arange(6.0).reshape(3, 2),
    "W": np.array([[1.0, 2.0], [3.0, 5.0]]),
    "v": np.array([1.0, -2.0]),
    "θ": 1.5,
    "μ": 0.7,
    "lambda": 7.0,
    "dE/dz": 11.0,
    "delta": 6.0,
    "dim": 3.0,
}


def evaluated(text):
    return notation.parse_line(text, 7).evaluate(KNOWN)


def complaint(text):
    """What is wrong with a line; the first line of the error names the line and repeats it."""
    with pytest.raises(InvalidArgument) as caught:
        evaluated(text)
    where, _, what = str(caught.value).partition("\n  ")
    assert where == f"line 7: {text if len(text) <= 100 else text[:100] + ' ...'}"
    return what


X, W, v = KNOWN["X"], KNOWN["W"], KNOWN["v"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2x", 4.0),
        ("2 x + 1", 5.0),
        ("x a2", 0.5),
        ("a(1 - a)", 0.25),
        ("a (1 - a)", 0.25),
        ("(1 - a)(1 + a)", 0.75),
        ("x^3 a", 4.0),
        ("2 x^2", 8.0),
        ("-x^2", -4.0),
        ("2^-1", 0.5),
        ("1/2 (T - a)^2", 3.125),
        ("1/2(T - a)^2", 3.125),
        ("1/2 x", 1.0),
        ("½ (T − a)²", 3.125),
        ("½·(T − a)²", 3.125),
        ("1/n sum(X)", 15 / 4),
        ("x/a*T", 12.0),
        ("-(T - a2) a2 (1 - a2) x", -2.75 * 0.25 * 0.75 * 2),
        ("x·T", 6.0),
        ("x × T", 6.0),
        ("T ÷ x", 1.5),
        ("x² + T³", 31.0),
        ("x⁻²", 0.25),
        ("x²a", 2.0),
        ("aⁿ", 0.0625),
        ("a₂", 0.25),
        ("θ", 1.5),
        ("µ", 0.7),  # the micro sign is the Greek letter
        ("𝑥 + 𝑎", 2.5),  # the italics of mathematics
        ("x ≥ 2", 1.0),
        ("x ≠ 2", 0.0),
        ("(x > 1)*T", 3.0),
        ("√(x)", math.sqrt(2.0)),
        ("∑(X)", 15.0),
        ("lambda*2", 14.0),
        ("dE/dz x", 22.0),
        ("∂E / ∂z", 11.0),
        ("(delta)/dim", 2.0),
        ("e^x", math.exp(2.0)),
        ("1/(1 + e^(-x))", 1 / (1 + math.exp(-2.0))),
        ("e^100", math.exp(100.0)),
        ("2 pi", 2 * math.pi),
        ("π", math.pi),
        ("sigmoid'(x)", math.exp(-2.0) / (1 + math.exp(-2.0)) ** 2),
        ("σ′(x)", math.exp(-2.0) / (1 + math.exp(-2.0)) ** 2),
        ("tanh'(x)", 1 - math.tanh(2.0) ** 2),
        ("max(0, x)", 2.0),
        ("max(0, -x)", 0.0),
        ("X^T", X.T),
        ("Xᵀ @ X", X.T @ X),
        ("X.T @ X", X.T @ X),
        ("(X @ W)^T", (X @ W).T),
        ("X*v", X * v),
        ("X ⊙ v", X * v),
        ("2 X", 2 * X),
        ("sum(X, axis=0)", X.sum(axis=0)),
        ("sum(X, axis=(0, 1), keepdims=True)", X.sum(keepdims=True)),
        ("mean(X, axis=-1, keepdims=True)", X.mean(axis=-1, keepdims=True)),
        ("max(X, axis=1)", X.max(axis=1)),
        ("where(X > 2, X, 0)", np.where(X > 2, X, 0)),
        ("outer(v, v)", np.outer(v, v)),
        ("dot(X, v)", X @ v),
        ("softmax(X, axis=1)", np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)),
        ("1e-3 x", 0.002),
        (".5 x", 1.0),
        ("0777", 777.0),
        ("10**10**10", math.inf),
        ("9^9^9^9", math.inf),
        ("0/0", math.nan),
        ("+".join(["x"] * 99), 198.0),
        ("(" * 50 + "x" + ")" * 50, 2.0),
    ],
)
def test_meaning(text, expected):
    """A formula means what its reader takes it to mean."""
    result = evaluated(f"y = {text}")
    np.testing.assert_allclose(result, expected, rtol=1e-14)
    assert np.shape(result) == np.shape(expected)


TWO_WAYS = (
    "a quotient before a factor without a sign, here {!r}, can be read in two ways: write a/b*c or a/(b*c)"
)
ARRAYS = (
    "a product of arrays of shapes (3, 2) and (2, 2) must say which one it is: "
    "write @ for the matrix product, * for element by element"
)
NO_INDEX = (
    "'[' is not in the notation of formulas: "
    "there is no indexing in formulas: give the parts names of their own, h0 and h1"
)
NO_NAME = "{!r} is no name: give one like z1, or dE/dw1 for a derivative"
NESTED = "more than 100 operations are one inside the other: split it into several lines"
KNOWN_NAMES = f"(known are {', '.join(KNOWN)})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y", "a line has the form: name = formula"),
        ("x == T", "a line has the form: name = formula"),
        ("x >= T", "a line has the form: name = formula"),
        ("= 3", "the name before the = is missing"),
        ("y =", "the formula is missing"),
        ("3 = 3", NO_NAME.format("3")),
        ("f(x) = 3", NO_NAME.format("f(x)")),
        ("x.y = 3", NO_NAME.format("x.y")),
        ("θ' = 3", NO_NAME.format("θ'")),
        ("sum = 3", "sum is a function here: give the result another name"),
        ("y = 1/2x", TWO_WAYS.format("x")),
        ("y = a/a2 x", TWO_WAYS.format("x")),
        ("y = 1/a (1 - a)", TWO_WAYS.format("(")),
        ("y = 1/a^2 x", TWO_WAYS.format("x")),
        ("y = X W", ARRAYS),
        ("y = X·W", ARRAYS),
        ("y = X × W", ARRAYS),
        ("y = x^T", "^T is the transpose, here of a number: write **T for a power"),
        ("y = ((x)", "a bracket is not closed"),
        ("y = x)", "')' closes no bracket"),
        ("y = x +", "'+' has nothing on its right"),
        ("y = (x +)", "'+' has nothing on its right"),
        ("y = * x", "'*' has nothing on its left"),
        ("y = x + * a", "'*' has nothing on its left"),
        ("y = ()", "there is nothing between the brackets"),
        ("y = sum()", "sum() has no argument"),
        ("y = x 2", "an operator is missing between 'x' and '2'"),
        ("y = x²3", "an operator is missing between '2' and '3'"),
        ("y = 2½", "'2½' can be read in two ways: write the number with a point"),
        ("y = sin x", "sin is a function: write sin(...)"),
        ("y = sigmoid", "sigmoid is a function: write sigmoid(...)"),
        ("y = sigmiod(x)", f"'sigmiod' is not known here; did you mean 'sigmoid'? {KNOWN_NAMES}"),
        ("y = softmax'(X)", "softmax' is not known: f' is read for the functions of one variable"),
        ("y = q", f"'q' is not known here {KNOWN_NAMES}"),
        (
            "y = dE/dw",
            "'dE/dw' has no line of its own before this one; did you mean 'dE/dz'? (there are dE/dz)",
        ),
        ("y = delta/dim", "delta/dim is read as a derivative: write (delta)/dim for the quotient"),
        ("y = a = 3", "there is more than one = in the line: write == for a comparison"),
        ("y = (a = 3)", "'=' stands inside brackets: write == for a comparison"),
        ("y = a < x < T", "comparisons cannot be chained: multiply (a < b)*(b < c)"),
        ("y = 1,5", "',' stands outside of brackets: a number has a decimal point"),
        ("y = (1,5)", "',' stands between the arguments of a function only"),
        ("y = sum(X, 0)", "sum takes 1 argument, got 2: write axis=0 for an axis"),
        ("y = exp(x, X)", "exp takes 1 argument, got 2"),
        ("y = where(x)", "where takes 3 arguments, got 1"),
        ("y = sum(X, axis=x)", "axis= takes whole numbers"),
        ("y = sum(X, axis=0.5)", "axis= takes whole numbers"),
        ("y = sum(X, axis=10**10**10)", "axis= takes whole numbers"),
        ("y = sum(X, keepdims=1)", "keepdims= takes True or False"),
        ("y = exp(X, axis=0)", "exp takes no axis="),
        ("y = softmax(X, keepdims=True)", "softmax takes no keepdims="),
        ("y = max(x, X, axis=0)", "max of 2 arguments takes no axis="),
        ("y = sum(X, axis=0, axis=1)", "axis= is given twice"),
        ("y = sum(X, axis=7)", "AxisError: axis 7 is out of bounds for array of dimension 2"),
        ("y = True", "True is no number"),
        ("y = None", "None is no number"),
        ("y = X @ X", "the shapes (3, 2) and (3, 2) do not fit together in a matrix product"),
        ("y = v @ x", "@ is the product of matrices and vectors: write * for numbers"),
        ("y = X + X.T", "the shapes (3, 2) and (2, 3) do not fit together"),
        ("y = 1e999", "the number 1e999 is larger than any float"),
        ("y = " + "9" * 400, f"the number {'9' * 20} is larger than any float"),
        ("y = |x|", "'|' is not in the notation of formulas: write abs(x)"),
        ("y = x[0]", NO_INDEX),
        ("y = [x for x in X]", NO_INDEX),
        ("y = w_{1}", "'{' is not in the notation of formulas: only round brackets are read"),
        (
            r"y = \sigma(x)",
            r"'\\' is not in the notation of formulas: LaTeX is not read: write sigmoid(z), 1/2, w1",
        ),
        ("y = x % 2", "'%' is not in the notation of formulas: write * for a product"),
        ("y = x // 2", "'//' is not in the notation of formulas: write / for a quotient"),
        ("y = x!", "'!' is not in the notation of formulas"),
        ("y = x; z = x", "';' is not in the notation of formulas"),
        ("y = lambda: 1", "':' is not in the notation of formulas"),
        ("y = 'x'", '"\'" is not in the notation of formulas'),
        ('y = __import__("os")', "'\"' is not in the notation of formulas"),
        (
            "y = x.real",
            "'.' is not in the notation of formulas: after a dot only T is read, for the transpose",
        ),
        ("y = sum(*X)", "'*' has nothing on its left"),
        ("y = sum(**X)", "'**' has nothing on its left"),
        ("y = eval(x)", f"'eval' is not known here; did you mean 'var'? {KNOWN_NAMES}"),
        ("y = " + "(" * 100 + "x" + ")" * 100, "more than 60 levels of brackets"),
        ("y = " + "+".join(["x"] * 150), NESTED),
        ("y = " + "-" * 1500 + "x", NESTED),
        ("y = " + "x^" * 500 + "x", NESTED),
        ("y = X" + ".T" * 600, NESTED),
        ("y = " + "x" * 3000, "the formula has more than 2000 characters: split it"),
        ("y = " + "\ufdfa" * 1000, "the formula has more than 2000 characters: split it"),
    ],
)
def test_complaint(text, expected):
    """A line that cannot be read or computed is an error that names it and says what is wrong."""
    assert complaint(text) == expected


@pytest.mark.parametrize("name", sorted(vocabulary.DERIVATIVES))
def test_primes(name):
    """f'(z) is the derivative of f(z): the engine's."""
    x = Value(0.6)
    vocabulary.FUNCTIONS[name[:-1]].run(x).backward()
    assert evaluated_at(f"y = {name}(x)", x=0.6) == pytest.approx(x.grad, rel=1e-12)


def evaluated_at(text, **known):
    return notation.parse_line(text).evaluate(known)


def test_constants_give_way():
    """E and pi are variables where there are such variables."""
    assert evaluated_at("y = e^2 + pi", e=3.0, pi=1.0) == 10.0


def test_lines():
    """A line goes on while a bracket is open; comments are left out; the numbers are those of the text."""
    text = "# notes\r\n\ra = (1 +\n   # more\n   2)\n\nb = 3 # end\n"
    assert list(notation.logical_lines(text)) == [(3, "a = (1 + 2)"), (7, "b = 3")]
    with pytest.raises(InvalidArgument, match=r"^line 4: b = c = 2\n"):
        notation.parse("a = 1\n\n\nb = c = 2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 20_001, "the text has 20001 characters: at most 20000 are read"),
        ("\n" * 1_000, "the text has 1001 lines: at most 1000 are read"),
    ],
)
def test_long_texts(text, expected):
    """A text has a largest size."""
    with pytest.raises(InvalidArgument) as caught:
        notation.parse(text)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    "text",
    [
        "outer(u, u)",
        "transpose(u + column)",
        "u + column",
        "maximum(u, column)",
        "where(u > 0, column, 0)",
        "u < column",
        "(column @ row)",
        "dot(column, row)",
        "column*row",
    ],
)
def test_results_are_limited_before_they_are_computed(text):
    """A result of more than a million elements is refused, without the memory for it."""
    many = np.ones(40_000)
    known = {"u": many, "column": many[:, None], "row": many[None, :]}
    started = time.process_time()
    with pytest.raises(InvalidArgument, match=r"a result of 1600000000 elements is larger than 1000000$"):
        notation.parse_line(f"y = {text}").evaluate(known)
    assert time.process_time() - started < 1.0


def test_budget():
    """All formulas of a file share one budget of computed numbers."""
    budget = evaluation.Budget(25)
    formula = notation.parse_line("y = u + u")
    formula.evaluate({"u": np.ones(10)}, budget)
    formula.evaluate({"u": np.ones(10)}, budget)
    with pytest.raises(InvalidArgument, match=r"the formulas up to here compute too many numbers"):
        formula.evaluate({"u": np.ones(10)}, budget)


def test_integers_are_floats():
    """A power of whole numbers that were given as such costs no more than one of floats."""
    started = time.process_time()
    assert evaluated_at("y = n^n^n^n", n=9) == math.inf
    assert time.process_time() - started < 0.1


def test_arguments_are_not_written_to():
    """No formula changes an array that it reads."""
    before = {name: np.copy(x) for name, x in KNOWN.items()}
    for text in ("maximum(X, v)", "-X", "X^2", "sum(X, axis=0)", "X.T @ X", "abs(X)"):
        evaluated(f"y = {text}")
    for name, x in before.items():
        np.testing.assert_array_equal(KNOWN[name], x)


def test_values_record():
    """The same formulas on Values have a graph, whose gradient is that of the formula."""
    x = Value(0.3)
    y = notation.parse_line("y = 1/2 (1 - sigmoid(2 x))² + max(0, x) + e^x").evaluate({"x": x})
    y.backward()
    s = 1 / (1 + math.exp(-0.6))
    assert x.grad == pytest.approx(-(1 - s) * s * (1 - s) * 2 + 1 + math.exp(0.3), rel=1e-12)


def test_claims_of_a_mapping():
    """The text of an entry is a formula, and may repeat its name; keywords are no names."""
    for text in ("sum(X, axis=0)", "db = sum(X, axis=0)", "∂E/∂b = sum(X, axis=0)"):
        np.testing.assert_array_equal(notation.parse_claim("db", text).evaluate(KNOWN), X.sum(axis=0))
    assert notation.parse_claim("db", "x == 2").evaluate(KNOWN) == 1.0
    with pytest.raises(InvalidArgument, match=r"^db: x \+\n  '\+' has nothing on its right$"):
        notation.parse_claim("db", "x +")


# -- properties ---------------------------------------------------------------------------------

ALPHABET = "xTaXvndEe0129.+-*/^@()[]{},=<>!%&|~:;'\"\\_ \t\n#½²ᵀ√∑∂·×−′θ🙂\0"
WORDS = [
    *vocabulary.FUNCTIONS, *vocabulary.DERIVATIVES, *KNOWN, "+", "-", "*", "/", "**", "^", "@", "(", ")", ",",
    "=", "==", "<", ".T", "^T", "axis=", "keepdims=", "True", "lambda", "if", "else", "for", "in", "not",
    "and", "import", "__import__", "__class__", "os", "eval", "exec", "open", "0", "1", "2.5", "1e308", "[",
    "]", ".", ":", ":=", "yield", "await", "f''", "10**10", " ", "\n", "½", "²", "·", "dE/dz", "∂", "None",
]  # fmt: skip


def attempt(text):
    """Read and evaluate a text: nothing but a number, an array or the documented error may come of it."""
    complaint = "line "
    try:
        for formula in notation.parse(text):
            result = formula.evaluate(KNOWN, evaluation.Budget(10_000))
            assert isinstance(result, (float, np.ndarray, np.generic))
    except InvalidArgument as e:
        complaint = str(e)
    assert complaint.startswith("line ")


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(ALPHABET, max_size=60)))
@example("y = x if x else x")
@example("y = (x := 3)")
@example("y = x.__class__.__bases__")
def test_any_text(text):
    """Whatever the text, it has a value or it is an InvalidArgument that names the line."""
    attempt(text)
    attempt(f"y = {text}")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25), st.sampled_from(["", " "]))
def test_any_words(words, space):
    """The same for texts of the words of the notation, and of Python's."""
    attempt(f"y = {space.join(words)}")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_formulas(data):
    """The same for formulas with characters put in, left out and swapped."""
    text = list("y = -(T - a2) a2 (1 - a2)*sum(X.T @ X, axis=0) + 1/2 σ'(x)^2")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at] = data.draw(st.sampled_from(["", *ALPHABET])) + data.draw(st.sampled_from(["", text[at]]))
    attempt("".join(text))


ALLOWED = ["Constant", "Name", "BinOp", "UnaryOp", "Compare", "Attribute", "Call", "Tuple"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_only_what_is_allowed_is_ever_evaluated(words):
    """What passes the check holds names, numbers, operators, .T and calls of the functions: nothing else."""
    try:
        expression = notation.parse_expression(" ".join(words))
    except InvalidArgument:
        return
    called = {id(n.func) for n in ast.walk(expression) if isinstance(n, ast.Call)}
    for node in ast.walk(expression):
        if isinstance(node, ast.expr):
            assert isinstance(
                node,
                (
                    ast.Constant,
                    ast.Name,
                    ast.BinOp,
                    ast.UnaryOp,
                    ast.Compare,
                    ast.Attribute,
                    ast.Call,
                    ast.Tuple,
                ),
            )
        if isinstance(node, ast.Attribute):
            assert node.attr in ("T", "power_T")
        if id(node) in called:
            assert node.id in vocabulary.FUNCTIONS or node.id in vocabulary.DERIVATIVES


def test_nothing_is_run_or_opened(monkeypatch):
    """Texts that would do something as code do nothing: eval, exec, open and print are not called."""

    def forbidden(*args, **options):
        raise AssertionError(f"called with {args} and {options}")

    texts = [
        "__import__('os').system('true')", "eval(x)", "exec(x)", "open(x)", "().__class__", "x.__dict__",
        "sum.__globals__", "X.tofile(x)", "(lambda: x)()", "[x for x in X]", "X[0]", "f'{x}'", "print(x)",
        "exp.__call__(x)", "sum(X).T.base", "X.dump", "getattr(x, x)",
    ]  # fmt: skip
    for name in ("eval", "exec", "open", "print"):
        monkeypatch.setattr(builtins, name, forbidden)
    for text in texts:
        with pytest.raises(InvalidArgument):
            evaluated(f"y = {text}")


# -- against NumPy ------------------------------------------------------------------------------

NUMBERS = st.floats(-4, 4).map(lambda x: round(x, 3))


def expressions(depth):
    """Text in the notation and the same in Python, over scalars and arrays of one shape."""
    leaf = st.one_of(
        st.sampled_from([("x", "x"), ("T", "T"), ("V", "V"), ("a2", "a2")]),
        NUMBERS.map(lambda x: (f"({x!r})", f"np.float64({x!r})")),
    )
    if depth == 0:
        return leaf
    part = expressions(depth - 1)
    signs = [("+", "+"), ("-", "-"), ("−", "-"), ("*", "*"), (" ⊙ ", "*"), ("/", "/"), (" ÷ ", "/")]
    binary = st.tuples(part, st.sampled_from(signs), part).map(
        lambda t: (f"({t[0][0]}){t[1][0]}({t[2][0]})", f"({t[0][1]}){t[1][1]}({t[2][1]})")
    )
    calls = [("sigmoid", "S"), ("tanh", "np.tanh"), ("exp", "np.exp"), ("abs", "np.abs"), ("sum", "np.sum")]
    called = st.tuples(st.sampled_from(calls), part).map(
        lambda t: (f"{t[0][0]}({t[1][0]})", f"{t[0][1]}({t[1][1]})")
    )
    scaled = st.tuples(NUMBERS.map(abs), part).map(
        lambda t: (f"{t[0]!r} ({t[1][0]})", f"{t[0]!r}*({t[1][1]})")
    )
    squared = part.map(lambda t: (f"({t[0]})²", f"({t[1]})**2"))
    return st.one_of(leaf, binary, called, scaled, squared)


@settings(max_examples=300, deadline=None)
@given(expressions(4))
def test_evaluation_is_numpy(pair):
    """The value of a formula is that of the same expression in NumPy."""
    text, code = pair
    known = {"x": 1.25, "T": -0.5, "a2": 0.3, "V": np.array([0.5, -1.5, 2.0])}
    floats = {name: np.asarray(x) for name, x in known.items()}
    with np.errstate(all="ignore"):
        expected = eval(code, {"np": np, "S": lambda x: 1 / (1 + np.exp(-x)), **floats})
        if len(text) > notation.LONGEST_FORMULA:
            return
        result = notation.parse_line(f"y = {text}").evaluate(known)
    np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-12)
