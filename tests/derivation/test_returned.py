"""What a backward function returns is its last word: it is judged, whatever its locals were."""

import numpy as np
import pytest

from autograd import check_derivation

RNG = np.random.default_rng(5)
INPUTS = {"X": RNG.normal(size=(6, 3)), "w": RNG.normal(size=3), "b": 0.3}
NAMED = "X, z = cache; dz = 2 * z; dw = X.T @ dz; db = dz.sum()"
BARE = "X, z = cache; dz = 2 * z"


def forward(X, w, b):
    """A sum of squares."""
    z = X @ w + b
    J = np.sum(z**2)
    return J, (X, z)


def difference(a, c):
    """Both inputs have one shape, and gradients that differ in the sign only."""
    d = a - c
    J = np.sum(d**2)
    return J


def mean_entropy(X, w, b, y):
    """Logistic regression; the division by the number of rows comes with the mean."""
    z = X @ w + b
    a = 1 / (1 + np.exp(-z))
    J = -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))
    return J, (X, a, y)


def squared(w, b):
    """A cost whose gradient, without its factor, is the weight itself."""
    J = np.sum(w**2) + b
    return J


def scalar(x, w, b):
    """Everything has the same shape: ()."""
    z = w * x + b
    E = z**2
    return E


@pytest.fixture
def judged(tmp_path):
    """The report on a backward function with this signature and these statements."""

    def judge(head, body, forward=forward, inputs=INPUTS):
        lines = [*([head] if head else []), *body.split("; ")]
        parameters = {"forward": "cache", "mean_entropy": "cache", "difference": "d", "squared": "w, b"}
        signature = parameters.get(forward.__name__, "x, w, z, E") if forward else "X, w, b"
        path = tmp_path / "derived.py"
        path.write_text(
            f"import numpy as np\n\n\ndef derived({signature}):\n" + "".join(f"    {x}\n" for x in lines)
        )
        side = f"{path}::derived"
        return check_derivation(forward, side, inputs) if forward else check_derivation(side, None, inputs)

    return judge


@pytest.mark.parametrize(
    ("body", "claim", "variable"),
    [
        ("return -dw, db", "return[0]", "w"),
        ("return 2*dw, db", "return[0]", "w"),
        ("return dw[::-1], db", "return[0]", "w"),
        ("return [dw + 1, db]", "return[0]", "w"),
        ("return np.zeros(3), 0.0", "return[0]", "w"),
        ("return dw.sum(), db", "return[0]", "w"),
        ("return dw, 2*db", "return[1]", "b"),
        ("return 2*dw", "return", "w"),
        ("out = 2*dw; return out, db", "return[0]", "w"),
        ("grads = [2*dw, db]; return grads", "return[0]", "w"),
        ("return {'w': 2*dw, 'b': db}", "return['w']", "w"),
        ("return dict(w=2*dw, b=db)", "return['w']", "w"),
        ("return [{'w': 2*dw}, db]", "return[0]['w']", "w"),
        ("return db*dw, db", "return[0]", "w"),
    ],
)
def test_a_returned_gradient_is_judged_though_a_local_is_right(judged, body, claim, variable):
    """What is made of a right local on the way out is wrong at its place in the return statement."""
    report = judged(NAMED, body)
    assert report.verdict == "wrong"
    assert (report.first_wrong.claim, report.first_wrong.variable) == (claim, variable)


@pytest.mark.parametrize(
    ("body", "variable"),
    [
        ("return 2 * (X.T @ dz), dz.sum()", "w"),
        ("return X.T @ dz, 3 * dz.sum()", "b"),
        ("p = 2 * (X.T @ dz); return p, dz.sum()", "w"),
        ("return {'w': 3 * (X.T @ dz), 'b': dz.sum()}", "w"),
        ("return 2 * dz[:, None] * w, X.T @ dz, dz.sum()", "X"),
    ],
)
def test_a_wrong_gradient_without_a_name_is_judged(judged, body, variable):
    """By its place, its shape or its key it is known what it should be."""
    report = judged(BARE, body)
    assert report.verdict == "wrong"
    assert report.first_wrong.variable == variable


@pytest.mark.parametrize(
    "body",
    [
        "return db, dw",
        "return dw",
        "return",
        "return dz, dw, db",
        "return [dw, db], z",
        "return dw, db, None",
        "return dw, db, np.linalg.norm(dw)",
        "return np.outer(dz, w), dw, db",
        "return dw.reshape(3), float(db)",
        "return np.sum(z**2), dw, db",
        "u, v = dw, db; return u, v",
        "acc = np.mean(z > 0); return acc, dw, db",
        "new = w - 0.1 * dw; return new, b - 0.1 * db",
        "return {'w': dw, 'b': db}",
        "return {'dw': dw}, z",
    ],
)
def test_right_gradients_stay_right_beside_other_things(judged, body):
    """Costs, predictions, measures, updated parameters and None may be returned as well."""
    assert judged(NAMED, body).ok


@pytest.mark.parametrize(
    "body", ["return X.T @ dz, dz.sum()", "return dz.sum(), X.T @ dz", "return X.T @ dz, dz.sum(), z"]
)
def test_right_gradients_without_names_are_right(judged, body):
    """They are paired by their numbers, in any order."""
    assert judged(BARE, body).ok


@pytest.mark.parametrize(
    ("returned", "verdict"),
    [
        ("loss, {'w': 3 * (X.T @ dz), 'b': -dz.sum()}", "wrong"),
        ("loss, (3 * dw, db)", "wrong"),
        ("loss, {'w': X.T @ dz, 'b': dz.sum()}", "right"),
        ("loss, (dw, db)", "right"),
        ("loss, z, [dw, db]", "right"),
        ("loss, dw", "right"),
    ],
)
def test_a_function_with_both_passes(judged, returned, verdict):
    """Gradients beside the cost are paired by key and name, however deep they are."""
    passes = "z = X @ w + b; loss = np.sum(z**2); dz = 2 * z; dw = X.T @ dz; db = dz.sum()"
    report = judged(passes, f"return {returned}", None)
    assert report.verdict == verdict


@pytest.mark.parametrize(
    ("returned", "verdict"),
    [("da, -da", "right"), ("2*d, -2*d", "right"), ("da, 2*da", "wrong"), ("da, da", "cannot tell")],
)
def test_inputs_of_one_shape(judged, returned, verdict):
    """The gradient of one made from that of the other; the gradient of d in the place of that of c."""
    inputs = {"a": RNG.normal(size=4), "c": RNG.normal(size=4)}
    assert judged("da = 2 * d", f"return {returned}", difference, inputs).verdict == verdict


@pytest.mark.parametrize(
    ("returned", "verdict"),
    [
        ("E, dw, db", "right"),
        ("dz, dw, db", "right"),
        ("E, dz * w, dw, db", "right"),
        ("dz * w, 2 * dw, db", "wrong"),
        ("dz * w, dw, 2 * db", "wrong"),
        ("3.0, dw, db", "wrong"),
    ],
)
def test_scalars(judged, returned, verdict):
    """Where no shape tells anything, names and places do."""
    inputs = {"x": 0.7, "w": 0.4, "b": 0.2}
    report = judged("dz = 2*z; dw = dz*x; db = dz", f"return {returned}", scalar, inputs)
    assert report.verdict == verdict


@pytest.mark.parametrize(
    ("returned", "verdict"),
    [
        ("dw / len(y), np.mean(a - y)", "right"),
        ("{'dw': dw / len(y), 'db': np.mean(a - y)}", "right"),
        ("dw, np.mean(a - y)", "wrong"),
    ],
)
def test_a_gradient_may_be_divided_on_the_way_out(judged, returned, verdict):
    """``dw / m`` is what is claimed, not ``dw``, in a tuple as in a dict."""
    inputs = INPUTS | {"y": RNG.uniform(size=6)}
    report = judged("X, a, y = cache; dw = X.T @ (a - y)", f"return {returned}", mean_entropy, inputs)
    assert report.verdict == verdict


@pytest.mark.parametrize("body", ["return None, None", "return 0, 0"])
def test_nothing_returned_in_the_place_of_gradients(judged, body):
    """It cannot be told what was meant, and the report names the place."""
    report = judged(NAMED, body)
    assert report.verdict == "cannot tell"
    assert "return[0]" in report.doubt


@pytest.mark.parametrize("returned", ["w, 1.0", "w * 1, 1.0"])
def test_a_value_in_the_place_of_its_gradient_is_not_called_right(judged, returned):
    """The missing factor 2 makes the gradient of a square the weight itself."""
    inputs = {"w": RNG.normal(size=3), "b": 0.2}
    assert judged("", f"return {returned}", squared, inputs).verdict == "cannot tell"
    assert judged("", "return 2 * w, 1.0", squared, inputs).ok


def square(X, W, U):
    """Two weights of one shape."""
    H = X @ W
    J = np.sum((H @ U) ** 2)
    return J


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("return np.concatenate([dW.ravel(), dU.ravel()])", "right"),
        ("return np.concatenate([dW.ravel('F'), dU.ravel('F')])", "right"),
        ("return np.concatenate([2 * dW.ravel(), dU.ravel()])", "cannot tell"),
        ("pair = type('Pair', (tuple,), {}); return pair((2 * dW, z)), dU", "wrong"),
        ("return list(map(lambda g: 2 * g, [dW, dU]))", "cannot tell"),
        ("return dW.T, dU", "wrong"),
        ("new = {'W': W - 0.1 * dW}; return new", "right"),
    ],
)
def test_gradients_in_containers(tmp_path, body, verdict):
    """Made into one vector, by a function or in an object, transposed, or used for an update."""
    lines = ["z = X @ W", "dS = 2 * (z @ U)", "dU = z.T @ dS", "dW = X.T @ (dS @ U.T)", *body.split("; ")]
    path = tmp_path / "derived.py"
    path.write_text("import numpy as np\n\ndef g(X, W, U):\n" + "".join(f"    {x}\n" for x in lines))
    inputs = {"X": RNG.normal(size=(5, 3)), "W": RNG.normal(size=(3, 3)), "U": RNG.normal(size=(3, 3))}
    assert check_derivation(square, f"{path}::g", inputs).verdict == verdict


def test_what_cannot_be_judged_can_be_named(tmp_path):
    """``names`` says of what a part of the returned values is the gradient."""
    path = tmp_path / "derived.py"
    path.write_text(
        "import numpy as np\n\ndef g(cache):\n    X, z = cache\n"
        "    p = 2 * (X.T @ (2 * z))\n    return p, np.sum(2 * z)\n"
    )
    report = check_derivation(forward, f"{path}::g", INPUTS)
    assert (report.verdict, "return[0] (p)" in report.doubt) == ("cannot tell", True)
    report = check_derivation(forward, f"{path}::g", INPUTS, names={"return[0]": "w"})
    assert (report.verdict, report.first_wrong.variable) == ("wrong", "w")
