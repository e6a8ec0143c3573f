"""Every error and warning of the library, drawn once.

    ChainruleError
    |-- UnsupportedType   (TypeError)     data of a kind that a Value cannot hold or record
    |   |-- NoRule                        a NumPy function that has no derivative rule here
    |   |-- ImmutableValue                item assignment into a recorded Value
    |   `-- TraceError                    what a compiled function cannot do
    |-- InvalidArgument   (ValueError)    an argument outside its range
    |   |-- ShapeError                    shapes that do not fit together
    |   `-- UnknownName                   a name that is in no table; the nearest is offered
    `-- GraphError        (RuntimeError)  backward() asked for what the graph cannot give
        |-- NoGradient                    nothing in the graph requires a gradient
        |-- GradientNotKept               .grad of an intermediate that was not kept
        `-- StaleGraph                    a recorded input was changed after it was used

    AccumulatedGradientWarning (UserWarning)  a step on a sum of gradients nobody asked for

Each text names the thing, what was given and the way out. Catch ``ChainruleError`` for all
of them, or the built-in class in brackets.
"""

from __future__ import annotations

from collections.abc import Iterable


class ChainruleError(Exception):
    """Base class of every error raised on purpose by ``autograd`` and ``nn``."""


class UnsupportedType(ChainruleError, TypeError):
    """Data of a kind that a Value cannot hold or record."""


class NoRule(UnsupportedType):
    """A NumPy function, or a form of one, that has no derivative rule here."""


class ImmutableValue(UnsupportedType):
    """Item assignment into a Value, whose numbers a graph may already have used."""


class TraceError(UnsupportedType):
    """Something that a compiled function cannot do, such as an ``if`` on the numbers of the call."""


class InvalidArgument(ChainruleError, ValueError):
    """An argument outside its range."""


class ShapeError(InvalidArgument):
    """Shapes that do not fit together."""


class UnknownName(InvalidArgument):
    """A name that is in no table."""


class GraphError(ChainruleError, RuntimeError):
    """The graph cannot give what was asked of it."""


class NoGradient(GraphError):
    """``backward()`` from a Value that depends on nothing that requires a gradient."""


class GradientNotKept(GraphError):
    """``.grad`` of an intermediate Value whose gradient was not kept."""


class StaleGraph(GraphError):
    """A recorded input was changed after the graph had used it."""


class AccumulatedGradientWarning(UserWarning):
    """An optimizer stepped on a sum of gradients that nobody asked for."""


def nearest(name: object, known: Iterable[str]) -> str:
    """A suggestion to append to an error text, or an empty string.

    >>> nearest("sigmiod", ["relu", "sigmoid"])
    "; did you mean 'sigmoid'?"
    """
    import difflib  # slow to import, and errors are rare

    names = list(known)
    folded = {name.casefold(): name for name in names}  # "ReLU" is far from "relu", letter by letter
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    if not close:
        close = [folded[x] for x in difflib.get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.5)]
    return f"; did you mean {close[0]!r}?" if close else ""
