// A picture to zoom into and to move: by wheel, by dragging, and by the functions given back.
const viewer = (main, svg) => {
  let x = 0, y = 0, k = 1, from = null;
  const show = () => { svg.style.transform = `translate(${x}px,${y}px) scale(${k})`; };
  const zoom = (f, px = main.clientWidth / 2, py = main.clientHeight / 2) => {
    const n = Math.min(20, Math.max(.02, k * f));
    x = px - (px - x) * n / k; y = py - (py - y) * n / k; k = n; show();
  };
  const pan = (dx, dy) => { x += dx; y += dy; show(); };
  const fit = () => {
    const b = svg.viewBox.baseVal, gap = main.clientHeight - b.height * Math.min(1.5, main.clientWidth / b.width);
    k = Math.min(1.5, main.clientWidth / b.width, main.clientHeight / b.height);
    x = Math.max(0, (main.clientWidth - b.width * k) / 2); y = Math.max(0, Math.min(gap / 2, 40)); show();
  };
  // Move so that an element can be seen, if it cannot; always to the middle if so asked.
  const reveal = (element, middle = false) => {
    const a = element.getBoundingClientRect(), b = main.getBoundingClientRect();
    const out = a.left < b.left || a.right > b.right || a.top < b.top || a.bottom > b.bottom;
    if (out || middle) pan((b.left + b.right - a.left - a.right) / 2, (b.top + b.bottom - a.top - a.bottom) / 2);
  };
  main.classList.add('live');
  svg.style.height = ''; svg.style.maxWidth = 'none';
  main.addEventListener('wheel', e => {
    const r = main.getBoundingClientRect();
    e.preventDefault(); zoom(Math.exp(-e.deltaY / 500), e.clientX - r.left, e.clientY - r.top);
  }, {passive: false});
  main.onpointerdown = e => { from = {x: e.clientX - x, y: e.clientY - y, at: [e.clientX, e.clientY]}; };
  main.onpointermove = e => {
    if (!from) return;
    if (!main.hasPointerCapture(e.pointerId)) {  // a click that trembles is still a click
      if (Math.hypot(e.clientX - from.at[0], e.clientY - from.at[1]) < 4) return;
      main.setPointerCapture(e.pointerId);
    }
    x = e.clientX - from.x; y = e.clientY - from.y; show();
  };
  main.onpointerup = main.onpointercancel = () => { from = null; };
  // Focus may scroll the picture's frame: the picture moves instead.
  main.addEventListener('scroll', () => { main.scrollTo(0, 0); });
  addEventListener('resize', fit);
  fit();
  return {zoom, pan, fit, reveal};
};
