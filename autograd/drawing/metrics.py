"""How wide text is: from above, for the fonts that pictures ask for, since no font can be measured here."""

from __future__ import annotations

import unicodedata

# Characters by their width in units of the font's size, rounded up: for each the wider one of
# Liberation Sans (whose widths are those of Helvetica and Arial) and DejaVu Sans.
_WIDTHS = {
    0.30: "'ijlI",
    0.34: " ,./:;\\|",
    0.42: "f-()[]t!r",
    0.53: '"*J`s',
    0.60: "zc?_Lkvxy",
    0.65: "FToaehnubdgpq0123456789${}",
    0.70: "EKPSYAVXZB",
    0.80: "CRUNHDGOQ&",
    0.87: "w#+<=>^~M",
    1.02: "mW%@",
}
_WIDTH_OF = {c: width for width, characters in _WIDTHS.items() for c in characters}
_OTHER, _EMOJI = 1.05, 1.4  # other scripts and symbols
_BOLD, _BOLDER = 1.12, 0.05  # bold characters: so many times wider, and so much more


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text at most, in the unit of ``size``.

    >>> text_width("sigmoid", 10) < text_width("sigmoid", 10, bold=True) < 70
    True
    """
    width = sum(_WIDTH_OF.get(c) or _other(c) for c in text)
    return (width * _BOLD + _BOLDER * len(text) if bold else width) * size


def _other(c: str) -> float:
    return 0.0 if unicodedata.combining(c) else _EMOJI if ord(c) > 0x1F000 else _OTHER


def shortened(text: str, length: int) -> str:
    """Text of at most that many characters: the end is replaced by an ellipsis.

    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"
