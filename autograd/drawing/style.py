"""The colours of pictures: Okabe and Ito's palette, which people with any colour vision can tell apart.

Lines and texts on the page itself have one grey that is readable on white and on black, since
a notebook in dark colours need not be what the browser calls dark.
"""

from __future__ import annotations

GREY = "#757575"
BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILLION, PURPLE = "#E69F00", "#D55E00", "#CC79A7"

# kind: fill, stroke and ink on a light page, then on a dark one
_BOXES = {
    "computed": ("#f4f4f4", "#6e6e6e", "#2b2b2b", "#9a9a9a"),
    "leaf": ("#e2f0fa", BLUE, "#10293b", SKY),
    "constant": ("#fdf3dc", "#b27b00", "#33280f", ORANGE),
    "output": ("#dff3ec", GREEN, "#0f2f26", "#12b98b"),
    "folded": ("#f8e9f1", "#b05a89", "#38232f", PURPLE),
}


def _rules(dark: bool) -> str:
    ink, back = ("#f0f0f0", "#161616") if dark else ("#1b1b1b", "#ffffff")
    rules = [f".chainrule text{{fill:{ink}}}", f".chainrule .heat rect{{fill:{back}}}"]
    for kind, colours in _BOXES.items():
        fill, stroke = colours[2:] if dark else colours[:2]
        rules.append(f".chainrule .{kind}>rect{{fill:{fill};stroke:{stroke}}}")
    positive, negative = ("#ff8a3d", SKY) if dark else (VERMILLION, BLUE)
    rules.append(f".chainrule .pos{{fill:{positive}}}.chainrule .neg{{stroke:{negative}}}")
    rules.append(f".chainrule .nan{{stroke:{ink}}}")
    rules.append(f".chainrule .wrong>rect{{stroke:{VERMILLION}}}.chainrule .follows>rect{{stroke:{ORANGE}}}")
    return "".join(rules)


CSS = (
    ".chainrule{font-family:Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif;font-size:12px}"
    ".chainrule text{white-space:pre}.chainrule .b{font-weight:bold}"
    ".chainrule .constant>rect{stroke-dasharray:4 3}"
    ".chainrule .output>rect{stroke-width:2.5}"
    ".chainrule .wrong>rect{stroke-width:4}"
    ".chainrule .follows>rect{stroke-width:3;stroke-dasharray:9 3}"
    f".chainrule .frame rect{{fill:none;stroke:{GREY};stroke-opacity:.6}}"
    f".chainrule .line{{fill:none;stroke:{GREY};stroke-width:1.2}}.chainrule .arrows path{{fill:{GREY}}}"
    ".chainrule .arrows .line{fill:none}"
    ".chainrule .arrows text{font-size:10px;text-anchor:middle}"
    ".chainrule .heat text{font-size:10px}"
    f".chainrule .heat rect{{stroke:{GREY};stroke-width:.5}}"
    ".chainrule .neg,.chainrule .nan{fill:none}"
    ".chainrule .frame text{font-size:10px;font-weight:bold}.chainrule .note{font-size:10px}"
    + _rules(dark=False)
    + f"@media(prefers-color-scheme:dark){{{_rules(dark=True)}}}"
    + f".chainrule .arrows text,.chainrule .frame text,.chainrule text.note{{fill:{GREY}}}"
)
