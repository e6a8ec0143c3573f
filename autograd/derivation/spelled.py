"""Formulas as people type them, in Python's spelling: ``½ (T − a₂)²`` is ``(1/2) * (T - a2)**2``.

What Python's parser then sees are brackets, commas, operators and numbers, and names that stand
for nothing but themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.derivation.tokens import HINTS, normal, spoken, tokens
from autograd.derivation.vocabulary import DERIVATIVES, FUNCTIONS
from autograd.errors import InvalidArgument

DEEPEST = 60
_SPELLED = {
    "^": "**",
    **dict.fromkeys("·×⋅∙•", "%"),
    **dict.fromkeys("⊙∘∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
}
_LITERALS = ("True", "False", "None")


@dataclass
class _Level:
    """What is open between two brackets: the term that is being read, and whether it has a quotient.

    Attributes:
        call: the function whose arguments stand here.
        over: True from a division sign to the next operator of its rank.
        parts: kinds of the operands since the last sum, comma or comparison.
    """

    call: str = ""
    over: bool = False
    parts: list[str] = field(default_factory=list)


class Reader:
    """Writes one expression as Python's parser reads it, its names as n0, n1, ..."""

    def __init__(self, text: str) -> None:
        self.names: list[str] = []
        self.out: list[str] = []
        self.levels = [_Level()]
        self.complete = False  # an operand has just ended
        self.last = ""
        self.expected_call = ""
        for kind, word, spaced in tokens(normal(text)):
            if self.expected_call and word != "(":
                raise InvalidArgument(_no_call(self.expected_call))
            getattr(self, f"_{kind}")(word, spaced)
            self.last = word
        self._ended()

    @property
    def text(self) -> str:
        """In Python's spelling."""
        return " ".join(self.out)

    def _ended(self) -> None:
        if self.expected_call:
            raise InvalidArgument(_no_call(self.expected_call))
        if len(self.levels) > 1:
            raise InvalidArgument("a bracket is not closed")
        if not self.complete:
            raise InvalidArgument(
                f"{self.last!r} has nothing on its right" if self.last else "the formula is missing"
            )

    # -- operands ---------------------------------------------------------------------------

    def _number(self, word: str, spaced: bool) -> None:
        if float(word) == float("inf"):
            raise InvalidArgument(f"the number {word[:20]} is larger than any float")
        if self.complete:
            raise InvalidArgument(f"an operator is missing between {self.last!r} and {word!r}")
        self._operand("number", spaced, word)
        self.out.append(str(int(word)) if word.isdigit() else repr(float(word)))

    def _derivative(self, word: str, spaced: bool) -> None:
        self._operand("name", spaced, word)
        self.out.append(self._placed(spoken(word)))

    def _name(self, word: str, spaced: bool) -> None:
        if word in FUNCTIONS or word.endswith("'"):
            if word not in FUNCTIONS and word not in DERIVATIVES:
                raise InvalidArgument(f"{word} is not known: f' is read for the functions of one variable")
            self._operand("function", spaced, word)
            self.complete, self.expected_call = False, word
            self.out.append(self._placed(word))
        elif word in _LITERALS:
            if self.last != "=":
                raise InvalidArgument(f"{word} is no number")
            self.out.append(word)
            self.complete = True
        else:
            self._operand("name", spaced, word)
            self.out.append(self._placed(spoken(word)))

    def _placed(self, name: str) -> str:
        self.names.append(name)
        return f"n{len(self.names) - 1}"

    def _operand(self, kind: str, spaced: bool, word: str) -> None:
        """An operand starts: after another one it is a factor without a sign."""
        level = self.levels[-1]
        if self.complete:
            if level.over and not _is_coefficient(level.parts, kind, spaced):
                raise InvalidArgument(
                    f"a quotient before a factor without a sign, here {word!r}, can be read in two ways: "
                    "write a/b*c or a/(b*c)"
                )
            self.out.append("%")
            level.over = False
        level.parts.append(kind)
        self.complete = True

    def _transpose(self, word: str, spaced: bool) -> None:  # noqa: ARG002 - the readers are called alike
        if not self.complete:
            raise InvalidArgument(f"{word!r} has nothing on its left")
        # ^T of a number would be a power to some: the evaluation must know how it was written.
        self.out.append(".T" if word.startswith(".") else ".power_T")

    # -- signs --------------------------------------------------------------------------------

    def _sign(self, word: str, spaced: bool) -> None:
        if word in HINTS:
            raise InvalidArgument(f"{word!r} is not in the notation of formulas: {HINTS[word]}")
        if word in "√∑":
            self._name("sqrt" if word == "√" else "sum", spaced)
        elif word == "(":
            self._open(spaced)
        elif word == ")":
            self._close()
        elif word in ",=":
            self._separator(word)
        else:
            self._operator(_SPELLED.get(word, word), word)

    def _open(self, spaced: bool) -> None:
        if len(self.levels) > DEEPEST:
            raise InvalidArgument(f"more than {DEEPEST} levels of brackets")
        if not self.expected_call:
            self._operand("bracket", spaced, "(")
        self.levels.append(_Level(self.expected_call))
        self.complete, self.expected_call = False, ""
        self.out.append("(")

    def _close(self) -> None:
        if len(self.levels) == 1:
            raise InvalidArgument("')' closes no bracket")
        if not self.complete and self.last != ",":
            call = self.levels[-1].call
            empty = f"{call}() has no argument" if call else "there is nothing between the brackets"
            raise InvalidArgument(empty if self.last == "(" else f"{self.last!r} has nothing on its right")
        self.levels.pop()
        self.complete = True
        self.out.append(")")

    def _separator(self, word: str) -> None:
        if len(self.levels) == 1:
            raise InvalidArgument(
                "there is more than one = in the line: write == for a comparison"
                if word == "="
                else "',' stands outside of brackets: a number has a decimal point"
            )
        if not self.complete:
            raise InvalidArgument(f"{word!r} has nothing on its left")
        if word == "=" and not (self.levels[-1].call and self.last in ("axis", "keepdims")):
            raise InvalidArgument("'=' stands inside brackets: write == for a comparison")
        if word == "=":
            self.out[-1] = self.names.pop()
        self.levels[-1] = _Level(self.levels[-1].call)
        self.complete = False
        self.out.append(word)

    def _operator(self, spelled: str, word: str) -> None:
        level = self.levels[-1]
        if not self.complete:
            if spelled not in ("+", "-"):
                raise InvalidArgument(f"{word!r} has nothing on its left")
        elif spelled in ("+", "-") or spelled[0] in "=!<>":
            level.over, level.parts = False, []
        elif spelled == "/":
            level.over = True
        elif spelled != "**":
            level.over = False
        if spelled == "**":
            level.parts.append("power")
        self.complete = False
        self.out.append(spelled)


def _no_call(name: str) -> str:
    return f"{name} is a function: write {name}(...)"


def _is_coefficient(parts: list[str], kind: str, spaced: bool) -> bool:
    """``1/2 (T - a)``, ``1/2 x`` and ``1/n sum(...)`` are read by everybody in the same way."""
    if parts == ["number", "number"]:
        return spaced or kind == "bracket"
    return parts == ["number", "name"] and spaced and kind == "function"
