// What a step shows, exact numbers, search, and the controls.

// -- steps -----------------------------------------------------------------------------------------

const upTo = (moments, step) => moments.filter(m => m[0] <= step).pop();
const exactly = moment => moment ? moment[2] : '';

function drawBox(box) {
  const value = upTo(box.values, now), gradient = upTo(box.gradients, now);
  if (box.drawn && box.drawn[0] === value && box.drawn[1] === gradient) return;
  box.drawn = [value, gradient];
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
  frame.shown = frame.facts.filter(fact => !fact.startsWith('gradient norm') || now >= frame.complete);
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
