"""Formulas as people type them, cut into names, numbers and signs.

Any character that is in none of them is an error.
"""

from __future__ import annotations

import re
import unicodedata

from autograd.derivation.vocabulary import FUNCTIONS
from autograd.errors import InvalidArgument

_NAME = r"[^\W\d][\w\u0300-\u036f]*"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<derivative>(?:d|∂\s*){_NAME}\s*/\s*(?:d(?=[^\W\d])|∂\s*){_NAME})
    | (?P<transpose>\.\s*T(?!\w)|\^\s*[T⊤](?!\w)|\^?[ᵀ⊤])
    | (?P<name>∇?_?{_NAME}'?)
    | (?P<sign>\*\*|==|!=|<=|>=|//|[-+*/@^(),<>=·×⋅∙•⊙∘∗÷∕⁄≤≥≠√∑])
    )""",
    re.VERBOSE,
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n")
_FRACTION = re.compile(r"([0-9]\s*)?([¼½¾⅐-⅞])")
_DASHES = str.maketrans("−‒–—﹣－’′‘", "------'''")
HINTS = {
    "[": "there is no indexing in formulas: give the parts names of their own, h0 and h1",
    "{": "only round brackets are read",
    "}": "only round brackets are read",
    "\\": "LaTeX is not read: write sigmoid(z), 1/2, w1",
    "|": "write abs(x)",
    ".": "after a dot only T is read, for the transpose",
    "%": "write * for a product",
    "//": "write / for a quotient",
}


def normal(text: str) -> str:
    """The text with raised and lowered characters, fractions and dashes in their plain form.

    >>> normal("½·(a₂ − T)²")
    '(1/2)·(a2 - T)**2'
    """
    mixed = _FRACTION.search(text)
    if mixed and mixed[1]:
        raise InvalidArgument(f"{mixed[0]!r} can be read in two ways: write the number with a point")
    text = re.sub(r"[⁰¹²³⁴-⁹⁻ⁿ]+", lambda m: _raised(m[0].translate(_RAISED)), text)
    text = _FRACTION.sub(lambda m: f"({unicodedata.normalize('NFKC', m[2]).replace('⁄', '/')})", text)
    text = text.replace("ᵀ", ".T").translate(_DASHES)
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def _raised(exponent: str) -> str:
    if not re.fullmatch(r"-?(?:[0-9]+|n)", exponent):
        raise InvalidArgument("the raised signs are no number: write ^ before an exponent")
    # The space keeps a number that follows apart.
    return f"**{exponent} " if exponent[0] != "-" else f"**({exponent}) "


def read_name(text: str) -> str:
    """A name, or a derivative like dE/dw1.

    Raises:
        InvalidArgument: if the text is something else.

    >>> read_name(" ∂E / ∂w₁ ")
    'dE/dw1'
    """
    plain = normal(text)
    match = _TOKEN.fullmatch(plain) if plain else None
    kind = match.lastgroup if match else None
    if match is None or kind not in ("name", "derivative") or plain.endswith("'"):
        raise InvalidArgument(
            f"{text.strip()!r} is no name: give one like z1, or dE/dw1 for a derivative"
            if text.strip()
            else "the name before the = is missing"
        )
    name = spoken(match[kind])
    if name in FUNCTIONS:
        raise InvalidArgument(f"{name} is a function here: give the result another name")
    return name


def spoken(name: str) -> str:
    """The one spelling of a name: dE/dw1 for ∂E / ∂w1, grad_W for ∇W."""
    return re.sub(r"∇_?", "grad_", re.sub(r"\s", "", name).replace("∂", "d"))


def tokens(text: str) -> list[tuple[str, str, bool]]:
    """Kind, text and whether space stands before it, of each word or sign.

    Raises:
        InvalidArgument: for a character that is in no formula.
    """
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            character = text[at:].lstrip()[0]
            hint = HINTS.get(character, "")
            raise InvalidArgument(
                f"{character!r} is not in the notation of formulas{': ' if hint else ''}{hint}"
            )
        kind = str(match.lastgroup)
        found.append((kind, match[kind], match.start(kind) > at))
        at = match.end()
    return found
