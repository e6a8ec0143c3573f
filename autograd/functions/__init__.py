"""NumPy's functions on Values: arguments as NumPy takes them, in terms of primitives.

    registry      which function of NumPy is which of ours
    reductions    sum mean var max cumsum ...
    statistics    average sort quantile cov nansum ...
    differences   diff gradient trapezoid
    shapes        reshape transpose ...
    joining       stack split ...
    arrangement   roll pad diagonal take ...: elements by position
    selection     where clip select piecewise
    products      dot einsum convolve interp ...
    folding       np.hypot.reduce, .accumulate, .outer
    linalg        solve det cholesky eigh svd ...
    norms         norm cond

Each works on plain arrays as well. ``numpy_protocol`` connects them to NumPy, and ``Value``
has those that ndarray has as methods. Functions call each other by NumPy's names where they
can: so they record what NumPy's user would have recorded.
"""

from autograd.functions import differences, joining, norms, statistics  # noqa: F401 - to be registered
from autograd.functions.arrangement import choose, compress, diagonal, repeat, take
from autograd.functions.folding import method_of
from autograd.functions.products import dot, trace
from autograd.functions.reductions import cumprod, cumsum, max, mean, min, prod, std, sum, var
from autograd.functions.registry import FUNCTIONS, UFUNCS, in_type, lengths, normalize_axes, plain, refuse
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
    "UFUNCS",
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
    "in_type",
    "lengths",
    "matrix_transpose",
    "max",
    "mean",
    "method_of",
    "min",
    "normalize_axes",
    "plain",
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
