"""A drawn graph: a graphviz.Digraph that can be saved where the program dot is missing too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import graphviz

from autograd.errors import InvalidArgument

INSTALL_DOT = "install Graphviz (sudo apt install graphviz, or brew install graphviz)"
_TEXT_FORMATS = (".dot", ".gv")
_RENDERED_FORMATS = (".svg", ".png", ".pdf")


class Graph(graphviz.Digraph):  # type: ignore[misc] # graphviz has no types
    """What :func:`autograd.draw_graph` gives; ``source`` is its text in the DOT language."""

    def save(self, filename: str | Path | None = None, directory: Any = None, **options: Any) -> Any:
        """Write the picture to a file and return its path; the ending chooses the format.

        ``.dot`` and ``.gv`` are text. ``.svg``, ``.png`` and ``.pdf`` are rendered by the
        program ``dot``; where that is not installed, one line on stderr says how to install
        it, and the DOT text is written beside instead, whose path is returned. Without a
        name, or with ``directory=``, this is ``graphviz.Digraph.save``.

        Raises:
            InvalidArgument: for any other ending.
        """
        if filename is None or directory is not None or options:
            return super().save(filename, directory=directory, **options)
        path = Path(filename)
        if path.suffix in _TEXT_FORMATS:
            path.write_text(self.source, encoding="utf-8")
            return path
        if path.suffix not in _RENDERED_FORMATS:
            known = ", ".join(_TEXT_FORMATS + _RENDERED_FORMATS)
            raise InvalidArgument(
                f"cannot save a graph as {path.name!r}: the name must end in one of {known}"
            )
        picture = self._rendered(path.suffix[1:])
        if picture is None:
            instead: Path = self.save(path.with_suffix(".dot"))
            print(
                f"{path.name} needs the program dot: {INSTALL_DOT}; wrote {instead} instead", file=sys.stderr
            )
            return instead
        path.write_bytes(picture)
        return path

    def _rendered(self, form: str) -> bytes | None:
        """The rendered picture, or None where ``dot`` is not installed."""
        try:
            return bytes(self.pipe(format=form))
        except graphviz.ExecutableNotFound:
            return None

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, str]:
        """For notebooks: the picture, or the DOT text where ``dot`` is not installed."""
        svg = self._rendered("svg")
        return {"text/plain": self.source} if svg is None else {"image/svg+xml": svg.decode()}
