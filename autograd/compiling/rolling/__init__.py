"""Repeated structure found in a program of numbers: what a loop had written out becomes a loop again.

The lines of a long chain are the same block again and again, each time with results of the block
before. ``repeats`` finds such blocks, ``parts`` tells what in them depends on the round before,
``arrays`` writes the program anew: what does not becomes operations on arrays of all rounds, running
products and sums among them; what does is run in a loop. ``running`` is what such a program calls.
"""

from __future__ import annotations

from autograd.compiling.program import Program
from autograd.compiling.rolling.arrays import Writer
from autograd.compiling.rolling.finishing import with_lists, without_unread
from autograd.compiling.rolling.repeats import repeats_of

__all__ = ["rolled"]


def rolled(program: Program) -> Program | None:
    """The program with its repeats as loops and arrays; None if there are none."""
    found = repeats_of(program.lines)
    if not found:
        return None
    writer = Writer(program)
    done = 0
    for repeat in found:
        writer.copy(program.lines[done : repeat.start])
        writer.roll(repeat)
        done = repeat.stop
    writer.copy(program.lines[done:])
    program = without_unread(with_lists(writer.finished()))
    program.raises = True
    return program
