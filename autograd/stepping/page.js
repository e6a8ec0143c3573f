// The page of steps. The data beside it says what each box shows from which step on; a state is the
// number of a step and the set of folded frames, and everything is drawn from these two.
(() => {
const at = id => document.getElementById(id);
const data = JSON.parse(at('data').textContent);
const svg = document.querySelector('main svg'), main = document.querySelector('main');
const {steps, boxes, arrows, frames} = data;
const SVG = 'http://www.w3.org/2000/svg';
const put = (element, attributes) => { for (const key in attributes) element.setAttribute(key, attributes[key]); };
const make = (name, attributes, parent, text) => {
  const element = document.createElementNS(SVG, name);
  put(element, attributes);
  if (text !== undefined) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};
const last = steps.length - 1;
const frameOf = new Map(frames.map(f => [f.key, f])), boxOf = new Map(boxes.map(b => [b.key, b]));
const closed = new Set(frames.filter(f => f.folded).map(f => f.key));
let now = 0, looked = null;

// -- the picture's elements ------------------------------------------------------------------------

const drawnFrames = svg.querySelectorAll('.frame'), drawnBoxes = svg.querySelectorAll('g[role=graphics-symbol]');
const wires = svg.querySelector('.arrows');
boxes.forEach((box, i) => {
  const g = box.g = drawnBoxes[i];
  box.texts = g.querySelectorAll(':scope>text');
  box.cells = [...g.querySelectorAll('.heat')].map(heat => {
    const cells = make('g', {}, heat);
    cells.append(...heat.querySelectorAll(':scope>path'));
    return {cells, full: cells.innerHTML};
  });
  box.name = box.title || box.still[0] || (box.values[0] ? box.values[0][1] : '');
  g.setAttribute('tabindex', 0);
  const see = () => { look(box); };
  g.onfocus = g.onpointerenter = see;
  g.onblur = g.onpointerleave = () => look(null);
});
frames.forEach((frame, i) => {
  const g = frame.g = drawnFrames[i];
  make('rect', {class: 'lid'}, g);  // its title can be clicked all along
  g.querySelector('text').textContent = `- ${frame.title}`;
  const name = `${frame.key}, unfolded: Enter folds it`;
  put(g, {tabindex: 0, role: 'button', 'aria-label': name, 'aria-expanded': true});
  g.onclick = () => fold(frame);
  g.onkeydown = e => press(e, () => fold(frame));
  frame.fold = foldedBox(frame);
});

function foldedBox(frame) {
  const g = make('g', {class: 'folded fold', role: 'graphics-symbol', tabindex: 0});
  make('title', {}, g, frame.key);
  make('rect', {rx: 2}, g);
  make('rect', {rx: 2}, g);
  frame.lines = [`+ ${frame.key}`, ...frame.facts];
  frame.lines.forEach((line, k) => make('text', {'text-anchor': 'middle', class: k ? '' : 'b'}, g, line));
  const letters = Math.max(...frame.lines.map(line => line.length));
  frame.need = [8 * letters + 28, 17 * frame.lines.length + 24];  // width and height when it is folded
  g.onclick = () => unfold(frame);
  g.onkeydown = e => press(e, () => unfold(frame));
  g.onfocus = g.onpointerenter = () => look(frame);
  g.onblur = g.onpointerleave = () => look(null);
  drawnBoxes[0].before(g);
  return g;
}

const press = (e, act) => {
  if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); e.stopPropagation(); act(); }
};

// -- folding ---------------------------------------------------------------------------------------

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

// -- steps -----------------------------------------------------------------------------------------

const upTo = (moments, step) => moments.filter(m => m[0] <= step).pop();
const exactly = moment => moment ? moment[2] : '';

function drawBox(box) {
  const value = upTo(box.values, now), gradient = upTo(box.gradients, now);
  const fill = (line, heat, moment, empty) => {
    if (line >= 0) box.texts[line].textContent = moment ? moment[1] : empty;
    if (heat >= 0) box.cells[heat].cells.innerHTML = !moment ? '' : moment[3] || box.cells[heat].full;
  };
  fill(box.valueLine, box.valueHeat, value, 'value');
  fill(box.gradientLine, box.gradientHeat, gradient, box.kind === 'folded' ? '' : 'gradient');
  const said = [box.name, box.kind, ...box.still];
  if (value) said.push(`value ${exactly(value)}`);
  if (exactly(gradient)) said.push(`gradient ${exactly(gradient)}${/ so far$/.test(gradient[1]) ? ' so far' : ''}`);
  box.g.setAttribute('aria-label', said.join('; '));
  box.g.querySelector('title').textContent = said.join('\n');
  box.g.querySelector('desc').textContent = said.join('; ');
}

function drawFold(frame) {
  const complete = Math.max(0, ...boxes.filter(b => (b.kind === 'leaf' || b.kind === 'folded') &&
    around(b.frame).includes(frame) && b.gradients.length).map(b => b.gradients[b.gradients.length - 1][0]));
  frame.shown = frame.facts.filter(fact => !fact.startsWith('gradient norm') || now >= complete);
  frame.fold.querySelectorAll('text').forEach((text, k) => {
    if (k) text.textContent = frame.shown.includes(frame.facts[k - 1]) ? frame.facts[k - 1] : '';
  });
  frame.fold.setAttribute('aria-label', [`${frame.key}, folded: Enter unfolds it`, ...frame.shown].join('; '));
}

function light(step) {
  for (const g of svg.querySelectorAll('.lit,.to')) g.classList.remove('lit', 'to');
  for (const g of svg.querySelectorAll('.flow,.tip')) g.remove();
  const lit = elementOf(shownAs(step.box)), to = elementOf(shownAs(step.to));
  if (to && to !== lit) to.classList.add('to');
  if (lit) lit.classList.add('lit');
  const back = step.phase === 'backward';
  for (const arrow of back ? arrows.filter((_, k) => k === step.arrow) : arrows.filter(a => a.head === step.box)) {
    const found = arrow.seen ? arrow.seen.found : [];
    if (!found.length) continue;
    make('path', {class: 'flow', d: curve(found)}, wires);
    make('path', {class: 'tip', d: back ? tip(turned(found[0])) : tip(found[found.length - 1])}, wires);
  }
  return [lit, to].filter(Boolean);
}

function show(step) {
  now = Math.max(0, Math.min(last, step));
  const {phase, line, note} = steps[now];
  at('slider').value = now;
  at('slider').setAttribute('aria-valuetext', `step ${now} of ${last}, ${phase}: ${line}`);
  at('where').textContent = `step ${now} of ${last}, ${phase}`;
  at('line').textContent = line;
  at('note').textContent = note;
  boxes.forEach(drawBox);
  frames.forEach(drawFold);
  const list = at('steps').children, old = at('steps').querySelector('[aria-current]');
  if (old) old.removeAttribute('aria-current');
  list[now].setAttribute('aria-current', 'step');
  const lit = light(steps[now]);
  drawDetails();
  return lit;
}

function go(step) {
  const lit = show(step), item = at('steps').children[now], list = at('list');
  if (lit.length) view.reveal(lit);
  list.scrollTop = item.offsetTop - list.clientHeight / 2;
}

const phase = way => {  // to where the phase before or the next one begins
  const starts = [0];
  steps.forEach((s, i) => { if (i && s.phase !== steps[i - 1].phase) starts.push(i); });
  starts.push(last);
  return way > 0 ? starts.find(s => s > now) ?? last : starts.filter(s => s < now).pop() ?? 0;
};

// -- exact numbers ---------------------------------------------------------------------------------

function look(thing) { looked = thing; drawDetails(); }

function drawDetails() {
  const step = steps[now], thing = looked || shownAs(step.to || step.box), place = at('details');
  place.replaceChildren();
  const add = (name, parent, text) => {
    const element = document.createElement(name);
    element.textContent = text; parent.append(element);
    return element;
  };
  if (!thing) { add('p', place, 'Hover over a box, or go to it with Tab, for its exact numbers.'); return; }
  add('h2', place, thing.name || thing.key);
  if (thing.fold) { thing.shown.forEach(fact => add('div', place, fact)); return; }
  thing.still.forEach(fact => add('div', place, fact));
  const dl = add('dl', place, ''), value = upTo(thing.values, now), gradient = upTo(thing.gradients, now);
  const row = (name, moment, empty) => { add('dt', dl, name); add('dd', dl, moment ? moment[2] : empty).id = `exact-${name}`; };
  if (thing.kind === 'folded') { if (gradient) add('div', place, gradient[1]); return; }
  row('value', value, 'not yet computed');
  if (thing.gradientLine >= 0) row('gradient', gradient, 'not yet computed');
}

// -- search ----------------------------------------------------------------------------------------

let place = -1;
function search(onwards) {
  const wanted = at('search').value.trim().toLowerCase();
  for (const g of svg.querySelectorAll('.found')) g.classList.remove('found');
  if (!wanted) { place = -1; at('found').textContent = ''; return; }
  const exact = thing => (thing.name || thing.key).toLowerCase().split(/\s+/)[0] === wanted ? 0 : 1;
  const hits = [...frames, ...boxes].filter(t => (t.name || t.key).toLowerCase().includes(wanted))
    .sort((a, b) => exact(a) - exact(b));
  if (!hits.length) { place = -1; at('found').textContent = 'none'; return; }
  place = onwards ? (place + 1) % hits.length : 0;
  const hit = hits[place], outer = around(hit.fold ? hit.inside : hit.frame);
  if (outer.some(f => closed.has(f.key))) { outer.forEach(f => closed.delete(f.key)); drawFolds(); }
  const g = hit.fold && !closed.has(hit.key) ? hit.g : elementOf(hit);
  g.classList.add('found');
  view.reveal([g], true);
  look(hit);
  at('found').textContent = `${place + 1} of ${hits.length}: ${hit.name || hit.key}`;
}

// -- controls --------------------------------------------------------------------------------------

document.documentElement.classList.add('js');
for (const id of ['controls', 'now', 'details', 'help']) at(id).hidden = false;
for (const id of ['fold', 'unfold']) at(id).hidden = !frames.length;
at('slider').max = last;
drawFolds();
document.body.classList.toggle('wide', full.width > 2.5 * full.height);
const view = viewer(main, svg, .8);
const all = shut => { frames.forEach(f => shut ? closed.add(f.key) : closed.delete(f.key)); drawFolds(); view.fit(); };
const onto = {first: () => go(0), back: () => go(now - 1), next: () => go(now + 1), last: () => go(last),
  more: () => view.zoom(1.25), less: () => view.zoom(.8), fit: view.fit, fold: () => all(true), unfold: () => all(false)};
for (const id in onto) at(id).onclick = onto[id];
at('slider').oninput = () => go(+at('slider').value);
at('search').oninput = () => search(false);
at('search').onkeydown = e => {
  if (e.key === 'Enter') search(true);
  if (e.key === 'Escape') { at('search').value = ''; search(false); at('slider').focus(); }
};
[...at('steps').children].forEach((item, k) => { item.onclick = () => go(k); });
const keys = {ArrowRight: onto.next, ArrowLeft: onto.back, Home: onto.first, End: onto.last,
  PageUp: () => go(phase(-1)), PageDown: () => go(phase(1)), '+': onto.more, '=': onto.more, '-': onto.less,
  0: view.fit, f: onto.fold, u: onto.unfold, '/': () => at('search').focus()};
const shifted = {ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60]};
addEventListener('keydown', e => {
  if (e.target === at('search') || e.ctrlKey || e.metaKey || e.altKey) return;
  const move = e.shiftKey && shifted[e.key];
  if (move) view.pan(...move); else if (keys[e.key]) keys[e.key](); else return;
  e.preventDefault();
});
go(0);
})();
