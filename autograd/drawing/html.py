"""A picture as one HTML file: it needs no network, and is a still picture without scripts."""

from __future__ import annotations

import html
from pathlib import Path

_STYLE = """
:root{color-scheme:light dark}
body{margin:0;font:14px Helvetica,Arial,sans-serif;background:Canvas;color:CanvasText}
header{padding:8px 12px;display:flex;gap:8px;align-items:center;flex-wrap:wrap}
h1{font-size:15px;margin:0 12px 0 0}
button{font:inherit;min-width:32px}
main{overflow:auto;height:calc(100vh - 50px)}
main.live{overflow:hidden;cursor:grab;touch-action:none}
main.live svg{max-width:none!important;transform-origin:0 0}
"""

VIEW = Path(__file__).with_name("view.js").read_text(encoding="utf-8")

_SCRIPT = """
const main = document.querySelector('main'), view = viewer(main, main.querySelector('svg'));
document.querySelector('header').insertAdjacentHTML('beforeend',
  '<button aria-label="zoom in">+</button><button aria-label="zoom out">-</button><button>fit</button>');
const [more, less, whole] = document.querySelectorAll('button');
more.onclick = () => view.zoom(1.25); less.onclick = () => view.zoom(.8); whole.onclick = view.fit;
const keys = {'+': () => view.zoom(1.25), '=': () => view.zoom(1.25), '-': () => view.zoom(.8), '0': view.fit,
  ArrowLeft: () => view.pan(60, 0), ArrowRight: () => view.pan(-60, 0),
  ArrowUp: () => view.pan(0, 60), ArrowDown: () => view.pan(0, -60)};
addEventListener('keydown', e => {
  if (keys[e.key] && !e.ctrlKey && !e.metaKey && !e.altKey) { keys[e.key](); e.preventDefault(); }
});
"""


def to_html(title: str, svg: str) -> str:
    """A page with the picture: wheel, drag, buttons and keys (+ - 0 and arrows) zoom and move it."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{html.escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<header><h1>{html.escape(title)}</h1></header>\n"
        f"<main>\n{svg}</main>\n<script>{VIEW}{_SCRIPT}</script>\n</body>\n</html>\n"
    )
