"""A drawn graph: one picture, in every form that it can be shown or saved in."""

from __future__ import annotations

import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.drawing.dot import digraph
from autograd.drawing.dot_layout import arrange_by_dot
from autograd.drawing.html import to_html
from autograd.drawing.layout import Layout, arrange
from autograd.drawing.mermaid import to_mermaid
from autograd.drawing.model import Picture
from autograd.drawing.plan import plan_of
from autograd.drawing.svg import to_svg
from autograd.drawing.text import to_text
from autograd.errors import InvalidArgument

INSTALL_DOT = "install Graphviz (sudo apt install graphviz, or brew install graphviz)"


def arranged(picture: Picture, rankdir: str) -> Layout:
    """Where everything in a picture is: by ``dot`` where it is installed, else by the built-in layout."""
    plan = plan_of(picture, rankdir)
    return arrange_by_dot(plan) or arrange(plan)


class Graph:
    """What :func:`autograd.draw_graph` gives.

    Attributes:
        picture: boxes, arrows and frames as data.

    >>> from autograd import Value, draw_graph
    >>> graph = draw_graph(Value(2.0, label="a") * 3.0)
    >>> print(graph)
    Graph of values
    *  value 6
    ├─ a  value 2   <- 3
    └─ 3
    """

    def __init__(self, picture: Picture, rankdir: str) -> None:
        self.picture = picture
        self.rankdir = rankdir

    # -- forms --------------------------------------------------------------------------------

    def dot(self) -> str:
        """Text in the DOT language of Graphviz."""
        return str(self.digraph().source)

    @property
    def source(self) -> str:
        """The same, under graphviz's name."""
        return self.dot()

    def digraph(self) -> Any:
        """A ``graphviz.Digraph``, to be changed, rendered or saved as graphviz does."""
        return digraph(self.picture, self.rankdir)

    def layout(self) -> Layout:
        """Where everything is: by ``dot`` where it is installed, else by the built-in layout."""
        return self._layout

    @cached_property
    def _layout(self) -> Layout:
        return arranged(self.picture, self.rankdir)

    def svg(self) -> str:
        """A picture for browsers and notebooks, which follows their light or dark colours."""
        return to_svg(self.picture, self._layout)

    def html(self) -> str:
        """One page that needs nothing else, to zoom into and to move."""
        return to_html(self.picture.title, self.svg())

    def mermaid(self) -> str:
        """A Mermaid flowchart, for Markdown."""
        return to_mermaid(self.picture, self.rankdir)

    def text(self) -> str:
        """A tree for terminals: results above, their operands below, local derivatives after ``<-``."""
        return to_text(self.picture)

    # -- files ----------------------------------------------------------------------------------

    def save(self, filename: str | Path) -> Path:
        """Write the picture to a file and return its path; the ending chooses the format.

        ``.svg``, ``.html``, ``.dot`` (or ``.gv``), ``.mmd`` and ``.txt`` need nothing else.
        ``.png`` and ``.pdf`` are rendered by the program ``dot``; where that is not
        installed, one line on stderr says how to install it, and the DOT text is written
        beside instead, whose path is returned.

        Raises:
            InvalidArgument: for any other ending.
        """
        path = Path(filename)
        ending = path.suffix.lower()
        forms = {
            ".dot": self.dot, ".gv": self.dot, ".svg": self.svg, ".html": self.html,
            ".mmd": self.mermaid, ".txt": self.text,
        }  # fmt: skip
        rendered = (".png", ".pdf")
        if ending in forms:
            path.write_text(forms[ending](), encoding="utf-8")
            return path
        if ending not in rendered:
            known = ", ".join((*forms, *rendered))
            raise InvalidArgument(
                f"cannot save a graph as {path.name!r}: the name must end in one of {known}"
            )
        picture = self._rendered(ending[1:])
        if picture is None:
            instead = self.save(path.with_suffix(".dot"))
            print(
                f"{path.name} needs the program dot: {INSTALL_DOT}; wrote {instead} instead", file=sys.stderr
            )
            return instead
        path.write_bytes(picture)
        return path

    def pipe(self, format: str) -> bytes:
        """The picture as ``dot`` renders it, as ``graphviz.Digraph.pipe`` does."""
        return bytes(self.digraph().pipe(format=format))

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Write and render the DOT text, as ``graphviz.Digraph.render`` does."""
        return str(self.digraph().render(*args, **kwargs))

    def _rendered(self, form: str) -> bytes | None:
        """The rendered picture, or None where ``dot`` is not installed."""
        import graphviz

        try:
            return self.pipe(form)
        except graphviz.ExecutableNotFound:
            return None

    # -- in a terminal or notebook ----------------------------------------------------------------

    def __str__(self) -> str:
        return self.text().removesuffix("\n")

    def __repr__(self) -> str:
        return f"<{self.picture.title}: {len(self.picture.boxes)} boxes; .save('graph.svg') or print it>"

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, str]:
        """For notebooks: the picture, and the tree for those that show text alone."""
        try:
            return {"image/svg+xml": self.svg(), "text/plain": str(self)}
        except Exception:  # no notebook shows a traceback for a picture
            return {"text/plain": str(self)}
