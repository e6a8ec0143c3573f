"""Compiling: a function traced once, and its value and gradients as one flat program.

The modules, about in the order in which a program passes through them:

tracer      stands in for arrays, and writes down what NumPy is asked to do
trace       one call of a function, and its backward pass, as a program
program     what a program is
simplify    identities, constants, common subexpressions, dead lines
signs       minus signs late, where they become subtractions
rolling     in a program of numbers that repeats itself, loops and arrays again
lower       the same numbers by faster calls
updates     each update right after its gradient
blocks      elementwise chains on large arrays, block by block
buffers     which array each line writes into
emit        the source, by writer, with names, expressions, pieces, rounds, layout and module
lifting     before all of this: scalars as arrays
compiled    what the user holds
"""

from __future__ import annotations

from autograd.compiling.compiled import Compiled, compile

__all__ = ["Compiled", "compile"]
