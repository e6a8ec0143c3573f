"""The command ``python -m autograd check notes.txt``: a derivation in a text file, checked.

The exit status says what was found:

    0    right
    1    wrong: the report names the first wrong step
    2    cannot tell, and why
    3    the file cannot be read or understood: the message names the line
    4    the command was called in a wrong way
    5    a fault of the program itself

    $ python -m autograd check notes.txt
    $ python -m autograd check notes.txt --json
    $ python -m autograd check --example > notes.txt
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import traceback
from collections.abc import Sequence
from textwrap import fill
from typing import Any, NoReturn, TextIO

from autograd.derivation import notation, textfile
from autograd.derivation.noted import SECONDS, check_text
from autograd.derivation.report import CANNOT_TELL, RIGHT, WRONG
from autograd.derivation.vocabulary import FUNCTIONS
from autograd.errors import InvalidArgument

STATUS = {RIGHT: 0, WRONG: 1, CANNOT_TELL: 2}
BAD_FILE, BAD_USAGE, FAULT = 3, 4, 5

EXAMPLE = """\
# Two sigmoid neurons in a row, and the derivatives of the error by hand.
# python -m autograd check finds the wrong step.

[point]
x = 0.1
T = 0.25
w1 = 0.15
b1 = 0.40
w2 = 0.45
b2 = 0.65

[forward]
z1 = w1 x + b1
a1 = sigmoid(z1)
z2 = w2 a1 + b2
a2 = sigmoid(z2)
E = 1/2 (T - a2)²

[claims]
dE/da2 = -(T - a2)
dE/dz2 = dE/da2 · a2 (1 - a2)
dE/dw2 = dE/dz2 · a1
dE/db2 = dE/dz2
dE/da1 = dE/dz2 · w2
dE/dz1 = dE/da1
dE/dw1 = dE/dz1 · x
dE/db1 = dE/dz1
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status.

    Never raises: an error of the program itself is status 5, since 1 means "wrong".
    """
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as e:  # argparse leaves in this way, also after --help
        return int(e.code or 0)
    if options.example:
        return _say(sys.stdout, EXAMPLE, 0)
    try:
        report = check_text(textfile.read(options.file), options.seconds)
    except InvalidArgument as e:
        return _failed(options, str(e), BAD_FILE)
    except Exception:
        return _failed(options, f"a fault of the program, please report it:\n{traceback.format_exc()}", FAULT)
    text = json.dumps(_finite(report.to_dict()), indent=2) if options.json else str(report)
    return _say(sys.stdout, f"{text}\n", STATUS[report.verdict])


# -- the shell --------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Python's parser of arguments, whose own status for a wrong call means "cannot tell" here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(BAD_USAGE, f"{self.prog}: {message}\n")

    def _print_message(self, message: str, file: Any = None) -> None:
        """The help has letters that not every terminal can show."""
        if message:
            _say(file or sys.stderr, message, 0)


def _body(doc: str | None) -> str:
    """A docstring without its first paragraph."""
    return (doc or "").split("\n\n", 1)[1].rstrip()


_EPILOG = f"""{_body(__doc__)}\n\nThe file:\n\n{_body(textfile.__doc__)}\n\nFormulas:\n
{_body(notation.__doc__)}\n\nFunctions:\n\n{fill(", ".join(FUNCTIONS), 96)}""".replace("``", "`")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m autograd", description="Automatic differentiation on NumPy.")
    commands = parser.add_subparsers(title="commands", metavar="check", required=True)
    check = commands.add_parser(
        "check",
        help="find the first wrong step of a derivation, and name the mistake",
        description="Find the first wrong step of a derivation in a text file, and name the mistake.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = check.add_mutually_exclusive_group(required=True)
    which.add_argument("file", nargs="?", help="the file, or - for the standard input")
    which.add_argument("--example", action="store_true", help="print a file to begin with, and stop")
    check.add_argument("--json", action="store_true", help="print the report, or the error, as JSON")
    check.add_argument(
        "--seconds", type=_seconds, default=SECONDS, help="give up after so long (default: %(default)g)"
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.0 < seconds <= 86_400.0:
        raise argparse.ArgumentTypeError("must be more than 0 and at most 86400")
    return seconds


def _failed(options: argparse.Namespace, message: str, status: int) -> int:
    if options.json:
        line = message.removeprefix("line ").partition(":")[0] if message.startswith("line ") else ""
        error = {"file": options.file, "line": int(line) if line.isdigit() else None, "message": message}
        return _say(sys.stdout, json.dumps({"error": error}, indent=2) + "\n", status)
    return _say(sys.stderr, f"{options.file}: {message}\n", status)


def _say(stream: TextIO, text: str, status: int) -> int:
    """Write, also where the terminal does not know a letter; a reader that has left is no error."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - what Python flushes at its end
    return status


def _finite(x: Any) -> Any:
    """JSON knows no infinity and no NaN: they become null."""
    if isinstance(x, dict):
        return {key: _finite(item) for key, item in x.items()}
    if isinstance(x, list):
        return [_finite(item) for item in x]
    return None if isinstance(x, float) and not math.isfinite(x) else x
