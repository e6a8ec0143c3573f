"""A picture as one HTML file: it needs no network, and is a still picture without scripts."""

from __future__ import annotations

import html

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

_SCRIPT = """
const main=document.querySelector('main'),svg=main.querySelector('svg');
let x=0,y=0,k=1,from=null;
const show=()=>{svg.style.transform=`translate(${x}px,${y}px) scale(${k})`};
const zoom=(f,px=main.clientWidth/2,py=main.clientHeight/2)=>{
  const n=Math.min(20,Math.max(.02,k*f));x=px-(px-x)*n/k;y=py-(py-y)*n/k;k=n;show()};
const fit=()=>{const b=svg.viewBox.baseVal;
  k=Math.min(1.5,main.clientWidth/b.width,main.clientHeight/b.height);
  x=Math.max(0,(main.clientWidth-b.width*k)/2);y=0;show()};
document.querySelector('header').insertAdjacentHTML('beforeend',
  '<button aria-label="zoom in">+</button><button aria-label="zoom out">-</button><button>fit</button>');
const [more,less,whole]=document.querySelectorAll('button');
more.onclick=()=>zoom(1.25);less.onclick=()=>zoom(.8);whole.onclick=fit;
main.classList.add('live');svg.style.height='';svg.style.maxWidth='none';
main.addEventListener('wheel',e=>{e.preventDefault();const r=main.getBoundingClientRect();
  zoom(Math.exp(-e.deltaY/500),e.clientX-r.left,e.clientY-r.top)},{passive:false});
main.onpointerdown=e=>{from=[e.clientX-x,e.clientY-y];main.setPointerCapture(e.pointerId)};
main.onpointermove=e=>{if(from){x=e.clientX-from[0];y=e.clientY-from[1];show()}};
main.onpointerup=main.onpointercancel=()=>{from=null};
const keys={'+':()=>zoom(1.25),'=':()=>zoom(1.25),'-':()=>zoom(.8),'0':fit,
  ArrowLeft:()=>{x+=60;show()},ArrowRight:()=>{x-=60;show()},
  ArrowUp:()=>{y+=60;show()},ArrowDown:()=>{y-=60;show()}};
addEventListener('keydown',e=>{
  if(keys[e.key]&&!e.ctrlKey&&!e.metaKey&&!e.altKey){keys[e.key]();e.preventDefault()}});
addEventListener('resize',fit);fit();
"""


def to_html(title: str, svg: str) -> str:
    """A page with the picture: wheel, drag, buttons and keys (+ - 0 and arrows) zoom and move it."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{html.escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<header><h1>{html.escape(title)}</h1></header>\n"
        f"<main>\n{svg}</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )
