"""Statements that are too long for a line, broken where one reads on."""

from __future__ import annotations

import io
import tokenize
from itertools import pairwise

WIDTH = 100  # characters of a line
INDENT = 4
COMMENT_AT = 56


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """The lines of a statement, broken behind commas inside brackets where it is too long.

    >>> wrapped("def f(first, second, third):", 20)
    ['def f(first, second,', '        third):']
    """
    if len(text) <= width:
        return [text]
    lines, start, indent = [], 0, ""
    for here, following in pairwise([*_breaks(text), len(text)]):
        if len(indent) + following - start > width:
            lines.append(indent + text[start:here])
            start, indent = here + 1, " " * 8
    return [*lines, indent + text[start:]]


def statement(text: str, comment: str = "") -> list[str]:
    """The lines of a statement of a function, with a comment behind it."""
    *lines, last = wrapped(text, WIDTH - INDENT - len(comment))
    return [*lines, f"{last:<{COMMENT_AT}}{comment}" if comment else last]


def unpacked(names: list[str], source: str) -> list[str]:
    """The statement that takes several things out of a list."""
    text = ", ".join(names)
    is_plain = len(names) > 1 and len(f"{text} = {source}") <= WIDTH - INDENT
    return statement(f"{text if is_plain else f'[{text}]'} = {source}")


def _breaks(text: str) -> list[int]:
    """The places behind commas inside brackets that a blank follows."""
    found, depth = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == "," and depth and text[token.end[1] : token.end[1] + 1] == " ":
                found.append(token.end[1])
    return found
