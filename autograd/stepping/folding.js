// Folding on the page: what stands for what, where everything goes, and the arrows between.
const around = key => {  // the frames that something is in, from inside to outside
  const found = [];
  for (let f = frameOf.get(key); f; f = frameOf.get(f.inside)) found.push(f);
  return found;
};
const folder = box => around(box.frame).filter(f => closed.has(f.key)).pop();
const shownAs = key => { const box = boxOf.get(key); return box && (folder(box) || box); };
const elementOf = thing => thing && (thing.fold || thing.g);

function fold(frame) { closed.add(frame.key); refold(frame, frame.g, frame.fold); }
function unfold(frame) { closed.delete(frame.key); refold(frame, frame.fold, frame.g); }

function refold(frame, before, after) {  // what was under the pointer stays there
  const old = before.getBoundingClientRect();
  drawFolds();
  const next = after.getBoundingClientRect();
  view.pan(old.left - next.left, old.top - next.top);
  after.focus({preventScroll: true});
}

function drawFolds() {
  for (const frame of frames) {
    frame.away = around(frame.inside).some(f => closed.has(f.key));
    frame.g.classList.toggle('away', frame.away || closed.has(frame.key));
    frame.fold.classList.toggle('away', frame.away || !closed.has(frame.key));
  }
  for (const box of boxes) box.g.classList.toggle('away', !!folder(box));
  const squeezed = [squeeze(0), squeeze(1)];
  drawPlaces(squeezed);
  drawArrows(squeezed);
  show(now);
}

// The picture is laid out unfolded. Where nothing but folded frames is, across the whole of it, it is
// squeezed: so all keeps its order, and what was folded gives its room away. Gives the new place of
// any old one along an axis (0: x, 1: y).
function squeeze(axis) {
  const span = p => [p[axis], p[axis] + p[axis + 2]], open = frames.filter(f => !closed.has(f.key) && !f.away);
  const labels = arrows.filter(a => a.at && ![a.tail, a.head].some(key => folder(boxOf.get(key))));
  const firm = boxes.filter(b => !folder(b)).map(b => span(b.place)).map(([a, b]) => [a - 6, b + 6]);
  open.map(f => span(f.place)).forEach(([a, b]) => firm.push([a, a + (axis ? 24 : 12)], [b - 12, b]));
  for (const {at: [x, y], label} of labels)
    firm.push(axis ? [y - 7, y + 7] : [x - 3.5 * label.length, x + 3.5 * label.length]);
  const shut = frames.filter(f => closed.has(f.key) && !f.away).map(f => ({span: span(f.place), need: f.need[axis]}));
  const cuts = [...new Set([...firm, ...shut.map(f => f.span)].flat())].sort((a, b) => a - b);
  const parts = cuts.slice(1).map((to, k) => {
    const from = cuts[k], inside = ([a, b]) => a <= from && to <= b;
    const over = shut.filter(f => inside(f.span));
    return {length: to - from, over: over.length && !firm.some(inside) ? over : [], all: over, factor: 1};
  });
  for (const f of shut) {
    f.soft = f.hard = 0;
    for (const part of parts) if (part.all.includes(f)) f[part.over.length ? 'soft' : 'hard'] += part.length;
  }
  for (const part of parts) if (part.over.length)
    part.factor = Math.min(1, Math.max(...part.over.map(f => Math.max(0, f.need - f.hard) / f.soft)));
  const places = [cuts[0]];
  parts.forEach((part, k) => places.push(places[k] + part.length * part.factor));
  return x => {
    let low = 0, high = cuts.length - 1;
    if (!cuts.length || x <= cuts[0]) return x;
    if (x >= cuts[high]) return x - cuts[high] + places[high];
    while (high - low > 1) { const middle = (low + high) >> 1; if (cuts[middle] <= x) low = middle; else high = middle; }
    return places[low] + (x - cuts[low]) * parts[low].factor;
  };
}

const full = svg.viewBox.baseVal, whole = {x: full.x, y: full.y, width: full.width, height: full.height};
const round = x => Math.round(x * 10) / 10;

function drawPlaces([toX, toY]) {
  const moved = ([x, y, w, h]) => {
    const left = toX(x), top = toY(y);
    return {x: round(left), y: round(top), width: round(toX(x + w) - left), height: round(toY(y + h) - top)};
  };
  for (const box of boxes) box.g.setAttribute('transform', `translate(${round(toX(box.place[0]))} ${round(toY(box.place[1]))})`);
  for (const frame of frames) {
    const {x, y, width, height} = moved(frame.place);
    const [rect, lid] = frame.g.querySelectorAll('rect'), [back, front] = frame.fold.querySelectorAll('rect');
    put(rect, {x, y, width, height}); put(lid, {x, y, width, height: 24});
    put(frame.g.querySelector('text'), {x: x + 10, y: y + 16});
    put(back, {x: x + 4, y: y + 4, width: Math.max(0, width - 4), height: Math.max(0, height - 4)});
    put(front, {x, y, width: Math.max(0, width - 4), height: Math.max(0, height - 4)});
    const n = frame.lines.length, size = Math.max(12, Math.min(28, 12 * width / frame.need[0], 12 * height / frame.need[1]));
    frame.fold.querySelectorAll('text').forEach((text, k) => put(text, {x: x + width / 2 - 2,
      y: y + height / 2 - 2 + size * (1.3 * (k - (n - 1) / 2) + .35), style: `font-size:${size}px`}));
  }
  const width = toX(whole.x + whole.width) - whole.x, height = toY(whole.y + whole.height) - whole.y;
  put(svg, {viewBox: [whole.x, whole.y, round(width), round(height)].join(' '), width: round(width), height: round(height)});
}

const within = (x, y, [left, top, w, h]) =>
  x > left - .6 && x < left + w + .6 && y > top - .6 && y < top + h + .6;

function pieces(arrow, [toX, toY]) {  // those of the curve that are outside of folded frames
  const ends = [shownAs(arrow.tail), shownAs(arrow.head)];
  if (ends[0] === ends[1]) return null;
  const hidden = ends.filter(end => end.fold).map(end => end.place), r = arrow.route, found = [];
  for (let k = 0; k + 7 < r.length; k += 6) {
    const p = r.slice(k, k + 8);
    if (!hidden.some(place => within(p[0], p[1], place) && within(p[6], p[7], place))) found.push(p.map((x, i) => round(i % 2 ? toY(x) : toX(x))));
  }
  return {ends, found};
}

function curve(found) {
  let d = '', pen = '';
  for (const p of found) {
    const start = `${p[0]} ${p[1]}`;
    d += (pen === start ? '' : `M${start}`) + `C${p.slice(2).join(' ')}`;
    pen = `${p[6]} ${p[7]}`;
  }
  return d;
}

function tip(p) {  // the head of an arrow
  let [bx, by] = [p[4], p[5]], [x, y] = [p[6], p[7]];
  if (bx === x && by === y) [bx, by] = p[2] === x && p[3] === y ? [p[0], p[1]] : [p[2], p[3]];
  const n = Math.hypot(x - bx, y - by) || 1, dx = (x - bx) / n, dy = (y - by) / n;
  return `M${x} ${y}L${x - 7 * dx - 3.2 * dy} ${y - 7 * dy + 3.2 * dx}L${x - 7 * dx + 3.2 * dy} ${y - 7 * dy - 3.2 * dx}Z`;
}

const turned = ([a, b, c, d, e, f, g, h]) => [g, h, e, f, c, d, a, b];

function drawArrows(squeezed) {
  wires.replaceChildren();
  const drawn = new Set();  // a piece that several arrows share is drawn once, else it looks bold
  for (const arrow of arrows) {
    const seen = arrow.seen = pieces(arrow, squeezed);
    if (!seen || !seen.found.length) continue;
    const g = make('g', {}, wires);
    make('title', {}, g, `${seen.ends[0].name || seen.ends[0].key} to ${seen.ends[1].name || seen.ends[1].key}`);
    const fresh = seen.found.filter(p => !drawn.has(p.join()) && drawn.add(p.join()));
    if (fresh.length) make('path', {class: 'line', d: curve(fresh)}, g);
    make('path', {d: tip(seen.found[seen.found.length - 1])}, g);
    if (arrow.at && !seen.ends.some(end => end.fold))
      make('text', {x: squeezed[0](arrow.at[0]), y: squeezed[1](arrow.at[1]) + 3}, wires, arrow.label);
  }
}

