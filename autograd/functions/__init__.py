"""NumPy's functions on Values: arguments as NumPy takes them, in terms of primitives.

    registry      which function of NumPy is which of ours
    reductions    sum mean var max quantile cumsum diff cov ...
    shapes        reshape transpose stack split ...
    arrangement   roll pad diagonal take ...: elements by position
    selection     where clip select piecewise
    products      dot einsum convolve interp ...
    linalg        solve det cholesky eigh svd norm ...

Each works on plain arrays as well. ``numpy_protocol`` connects them to NumPy, and ``Value``
has those that ndarray has as methods. Functions call each other by NumPy's names where they
can: so they record what NumPy's user would have recorded.
"""

from autograd.functions import linalg  # noqa: F401 - imported to be registered
from autograd.functions.arrangement import choose, compress, diagonal, repeat, take
from autograd.functions.products import dot, trace
from autograd.functions.reductions import cumprod, cumsum, max, mean, min, prod, std, sum, var
from autograd.functions.registry import FUNCTIONS, normalize_axes, refuse
from autograd.functions.selection import as_index, clip
from autograd.functions.shapes import (
    astype,
    copy,
    matrix_transpose,
    ravel,
    reshape,
    squeeze,
    swapaxes,
    transpose,
)

__all__ = [
    "FUNCTIONS",
    "as_index",
    "astype",
    "choose",
    "clip",
    "compress",
    "copy",
    "cumprod",
    "cumsum",
    "diagonal",
    "dot",
    "matrix_transpose",
    "max",
    "mean",
    "min",
    "normalize_axes",
    "prod",
    "ravel",
    "refuse",
    "repeat",
    "reshape",
    "squeeze",
    "std",
    "sum",
    "swapaxes",
    "take",
    "trace",
    "transpose",
    "var",
]
