"""A matplotlib figure that shows itself in notebooks, where pyplot would have to be imported otherwise."""

from __future__ import annotations

import io

from matplotlib.figure import Figure


class NotebookFigure(Figure):
    """What the functions of ``nn.plots`` give."""

    def _repr_png_(self) -> bytes:
        # A PNG: the ids inside of an SVG would meet those of the next cell's.
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=100)
        return out.getvalue()
