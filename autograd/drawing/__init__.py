"""Pictures of a graph: every Value with its operation, shape, numbers and gradient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from autograd.errors import InvalidArgument

if TYPE_CHECKING:
    from autograd.drawing.graph import Graph


def draw_graph(
    x: Any,
    *inputs: Any,
    names: Mapping[str, Any] | None = None,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    fold: bool = True,
    constants: bool = True,
    rankdir: str = "LR",
) -> Graph:
    """Draw every Value that ``x`` depends on.

    Each box names the Value (its label, or the operation), and shows shape and dtype, the
    numbers, and the gradient if ``backward()`` has set one. An arrow has the local
    derivative. An operand used twice has two arrows, which are numbered. Large graphs are
    folded: first by the modules of their parameters, then into stretches of operations.

    Args:
        x: a Value, a list of Values, a module, or the report of ``check_derivation``, whose
            verdicts are drawn.
        inputs: for a module: it is called with them, and its result is drawn. Without any,
            its parameters are.
        names: names for Values without a label, as in ``names=locals()``. The parameters of
            modules in it are named after their path.
        depth: how many levels of modules are unfolded, whatever the number of boxes.
        expand: name of a folded box to be unfolded, or several.
        fold: False draws every Value.
        constants: False leaves out constants without a name.
        rankdir: direction of reading, as in DOT: "LR", "TB", "RL" or "BT".

    Returns:
        A :class:`~autograd.drawing.graph.Graph`: ``print`` it, ``save`` it, or let a notebook
        show it. The same graph always gives the same picture.

    Raises:
        UnsupportedType: for what cannot be drawn, or ``names`` that are no dict.
        InvalidArgument: for an unknown direction, depth or folded box.

    >>> from autograd import Value
    >>> a = Value(2.0, label="a")
    >>> print(draw_graph(a * a))
    Graph of values
    *  value 4
    ├─ [n0] a  value 2   <- #1 2
    └─ [n0] a  value 2   <- #2 2
    """
    from autograd.drawing.folding import Wish
    from autograd.drawing.graph import Graph
    from autograd.drawing.model import picture_of
    from autograd.drawing.scene import scene_of

    check_view(rankdir, depth)
    if not isinstance(expand, Iterable):
        raise InvalidArgument(f"expand must be the name of a folded box, or a list of them, got {expand!r}")
    wish = Wish(depth, (expand,) if isinstance(expand, str) else tuple(expand), fold)
    return Graph(picture_of(scene_of(x, inputs, names, constants), wish), rankdir)


def check_view(rankdir: Any, depth: Any) -> None:
    """Refuse a direction or a depth that cannot be.

    Raises:
        InvalidArgument: for either.
    """
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise InvalidArgument(f"rankdir must be 'LR', 'TB', 'RL' or 'BT', got {rankdir!r}")
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise InvalidArgument(f"depth must be a number of levels, 0 or more, got {depth!r}")
