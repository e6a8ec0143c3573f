"""A picture as a plain-text tree for terminals: results above, operands below them."""

from __future__ import annotations

from autograd.drawing.model import Box, Picture

DEEPEST = 24  # levels of indentation; what is below continues at the margin


def to_text(picture: Picture) -> str:
    """Each box once, in full where it is met first; then by its name or number."""
    into: dict[str, list[tuple[str, str]]] = {box.key: [] for box in picture.boxes}
    used = set()
    for arrow in picture.arrows:
        into[arrow.head].append((arrow.tail, arrow.label))
        used.add(arrow.tail)
    boxes = {box.key: box for box in picture.boxes}
    shared = _shared(picture)
    lines = [picture.title] + ([picture.note] if picture.note else [])
    seen: set[str] = set()
    roots = [box.key for box in picture.boxes if box.key not in used][::-1]
    for root in roots:  # grows by what is too deep
        stack = [(root, "", "", "")]
        while stack:
            key, first, rest, label = stack.pop()
            if len(rest) > 3 * DEEPEST and key not in seen and into[key]:
                lines.append(f"{first}{_headline(boxes[key], label)}  (continued below)")
                roots.append(key)
                continue
            again = key in seen
            mark = f"[{key}] " if key in shared else ""
            lines.append(
                first + mark + _headline(boxes[key], label) + ("  (see above)" if again and into[key] else "")
            )
            if again:
                continue
            seen.add(key)
            operands = into[key]
            for k in range(len(operands) - 1, -1, -1):
                last = k == len(operands) - 1
                stack.append(
                    (
                        operands[k][0],
                        rest + ("└─ " if last else "├─ "),
                        rest + ("   " if last else "│  "),
                        operands[k][1],
                    )
                )
    return "\n".join(lines) + "\n"


def _shared(picture: Picture) -> set[str]:
    """Boxes used more than once: they get a number."""
    uses: dict[str, int] = {}
    for arrow in picture.arrows:
        uses[arrow.tail] = uses.get(arrow.tail, 0) + 1
    return {key for key, n in uses.items() if n > 1}


def _headline(box: Box, label: str) -> str:
    text = "  ".join(box.lines)
    return f"{text}   <- {label}" if label else text
