"""A picture as a Mermaid flowchart, which GitHub and many wikis draw."""

from __future__ import annotations

from autograd.drawing.model import Box, Picture

_SHAPES = {
    "computed": ("[", "]"),
    "leaf": ("(", ")"),
    "constant": ("([", "])"),
    "output": ("[[", "]]"),
    "folded": ("{{", "}}"),
}


def to_mermaid(picture: Picture, rankdir: str) -> str:
    """The text of a flowchart; shapes tell leaves, constants, results, outputs and folded boxes apart."""
    lines = [f"flowchart {rankdir}"]
    if picture.note:
        lines.append(f"  %% {picture.note}")
    numbers = {frame.key: k for k, frame in enumerate(picture.frames)}

    def fill(key: str, indent: str) -> None:
        lines.extend(indent + _box(box) for box in picture.boxes if box.frame == key)
        for frame in picture.frames:
            if frame.inside == key:
                lines.append(f'{indent}subgraph f{numbers[frame.key]}["{_escaped(frame.title)}"]')
                fill(frame.key, indent + "  ")
                lines.append(f"{indent}end")

    fill("", "  ")
    for arrow in picture.arrows:
        label = f'|"{_escaped(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {arrow.tail} -->{label} {arrow.head}")
    return "\n".join([*lines, ""])


def _box(box: Box) -> str:
    left, right = _SHAPES[box.kind]
    return f'{box.key}{left}"{"<br/>".join(_escaped(line) for line in box.lines)}"{right}'


def _escaped(text: str) -> str:
    """Text in quotes: Mermaid takes entities by number, and Markdown and HTML must not be seen in it."""
    return "".join(c if c.isalnum() or c in " .,:;=()-+/" or not c.isascii() else f"#{ord(c)};" for c in text)
