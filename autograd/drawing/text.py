"""A picture as a plain-text tree for terminals: results above, operands below them."""

from __future__ import annotations

from collections import Counter

from autograd.drawing.model import Picture

DEEPEST = 24  # levels of indentation; what is below continues at the margin


def to_text(picture: Picture) -> str:
    """Each box once, in full where it is met first; then by its number."""
    tree = _Tree(picture)
    used = {arrow.tail for arrow in picture.arrows}
    tree.roots = [box.key for box in picture.boxes if box.key not in used][::-1]
    for root in tree.roots:  # grows by what is too deep
        if root not in tree.seen:
            tree.write(root)
    return "\n".join(tree.lines) + "\n"


class _Tree:
    def __init__(self, picture: Picture) -> None:
        self.lines = [picture.title] + ([picture.note] if picture.note else [])
        self.boxes = {box.key: box for box in picture.boxes}
        self.operands: dict[str, list[tuple[str, str]]] = {box.key: [] for box in picture.boxes}
        for arrow in picture.arrows:
            self.operands[arrow.head].append((arrow.tail, arrow.label))
        self.uses = Counter(arrow.tail for arrow in picture.arrows)
        self.seen: set[str] = set()
        self.roots: list[str] = []

    def write(self, root: str) -> None:
        """The tree below a box. A stack takes the place of recursion: graphs are deep."""
        stack = [(root, "", "", "")]  # box, what its line and those below it begin with, its label
        while stack:
            key, first, rest, label = stack.pop()
            operands = self.operands[key]
            seen, deep = key in self.seen, len(rest) > 3 * DEEPEST
            remark = "  (see above)" if seen else "  (continued below)" if deep else ""
            self.lines.append(first + self.headline(key, label, deep) + (remark if operands else ""))
            if seen or (deep and operands):
                self.roots += [] if seen else [key]
                continue
            self.seen.add(key)
            for k, (tail, own) in reversed(list(enumerate(operands))):
                branch, below = ("└─ ", "   ") if k == len(operands) - 1 else ("├─ ", "│  ")
                stack.append((tail, rest + branch, rest + below, own))

    def headline(self, key: str, label: str, numbered: bool) -> str:
        """The texts of a box, with its number if it is met again."""
        box = self.boxes[key]
        number = f"[{key}] " if self.uses[key] > 1 or numbered or key in self.roots[1:] else ""
        return number + "  ".join(box.lines) + (f"   <- {label}" if label else "")
