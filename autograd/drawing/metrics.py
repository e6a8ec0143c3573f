"""How wide text is: from above, for the fonts that pictures ask for, since no font can be measured here."""

from __future__ import annotations

import unicodedata

# Widths in units of the font's size, each at least that of Helvetica, Arial, Liberation Sans,
# DejaVu Sans and Verdana (the widest two of them).
_NARROW = dict.fromkeys("iljI|!'.,:;`", 0.46) | dict.fromkeys('ft()[]{}/\\-r "', 0.52)
_WIDE = dict.fromkeys("mwMWQO@%+=<>~#&GD", 1.0) | dict.fromkeys("mwQOGD+=<>~#&", 0.9)
_SMALL, _CAPITAL, _OTHER, _BOLD = 0.66, 0.8, 1.05, 1.12


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text at most, in the unit of ``size``.

    >>> text_width("sigmoid", 10) < text_width("sigmoid", 10, bold=True) < 70
    True
    """
    width = sum(map(_width, text)) * size
    return width * _BOLD if bold else width


def _width(c: str) -> float:
    known = _NARROW.get(c) or _WIDE.get(c)
    if known:
        return known
    if c.isascii():
        return _CAPITAL if c.isupper() else _SMALL
    if unicodedata.combining(c):
        return 0.0
    return _OTHER


def shortened(text: str, length: int) -> str:
    """Text of at most that many characters: the end is replaced by an ellipsis.

    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"
