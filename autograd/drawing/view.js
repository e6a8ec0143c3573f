// A picture to zoom into and to move: by wheel, by dragging, and by the functions given back.
// It starts as a whole, but no smaller than the scale `least`.
const viewer = (main, svg, least = 0) => {
  let x = 0, y = 0, k = 1, from = null;
  const show = () => { svg.style.transform = `translate(${x}px,${y}px) scale(${k})`; };
  const zoom = (f, px = main.clientWidth / 2, py = main.clientHeight / 2) => {
    const n = Math.min(20, Math.max(.02, k * f));
    x = px - (px - x) * n / k; y = py - (py - y) * n / k; k = n; show();
  };
  const pan = (dx, dy) => { x += dx; y += dy; show(); };
  const fit = (at_least = 0) => {
    const b = svg.viewBox.baseVal, wide = main.clientWidth, high = main.clientHeight;
    k = Math.max(at_least, Math.min(1.5, wide / b.width, high / b.height));
    x = Math.max(0, (wide - b.width * k) / 2); y = Math.max(0, Math.min(40, (high - b.height * k) / 2)); show();
  };
  // Move so that some elements can be seen, if they cannot, or the first where not all fit; always to
  // the middle if so asked.
  const reveal = (elements, middle = false) => {
    const boxes = elements.map(e => e.getBoundingClientRect()), b = main.getBoundingClientRect();
    const left = Math.min(...boxes.map(r => r.left)), right = Math.max(...boxes.map(r => r.right));
    const top = Math.min(...boxes.map(r => r.top)), bottom = Math.max(...boxes.map(r => r.bottom));
    const fits = right - left <= b.width && bottom - top <= b.height;
    if (!fits && boxes.length > 1) { reveal(elements.slice(0, 1), middle); return; }
    const within = left < b.right && right > b.left && top < b.bottom && bottom > b.top;
    if (!fits && within && !middle) return;
    const outside = left < b.left || right > b.right || top < b.top || bottom > b.bottom;
    if (outside || middle) pan((b.left + b.right - left - right) / 2, (b.top + b.bottom - top - bottom) / 2);
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
  // The focus may scroll the picture's frame: the picture moves instead.
  main.addEventListener('scroll', () => {
    const {scrollLeft, scrollTop} = main;
    if (scrollLeft || scrollTop) { main.scrollTo(0, 0); pan(-scrollLeft, -scrollTop); }
  });
  addEventListener('resize', () => fit(least));
  fit(least);
  return {zoom, pan, fit: () => fit(), reveal};
};
