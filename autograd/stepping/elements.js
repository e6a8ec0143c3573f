// The data of the page, and the elements of its picture. The data says what each box shows from which
// step on; a state is the number of a step and the set of folded frames, and all is drawn from these two.
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
const attend = (g, act) => {  // what happens under the pointer, and where the focus is
  g.onpointerenter = act;
  g.onfocus = () => { act(); if (g.matches(':focus-visible')) view.reveal([g]); };
  g.onblur = g.onpointerleave = () => look(null);
};
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
  attend(g, () => look(box));
});
frames.forEach((frame, i) => {
  const g = frame.g = drawnFrames[i];
  make('rect', {class: 'lid'}, g);  // its title can be clicked all along
  g.querySelector('text').textContent = `- ${frame.title}`;
  const name = `${frame.key}, unfolded: Enter folds it`;
  put(g, {tabindex: 0, role: 'button', 'aria-label': name, 'aria-expanded': true});
  g.onclick = () => fold(frame);
  g.onkeydown = e => press(e, () => fold(frame));
  attend(g, () => look(null));
  frame.fold = foldedBox(frame);
  const leaves = boxes.filter(b => (b.kind === 'leaf' || b.kind === 'folded') && b.gradients.length &&
    `${b.frame}.`.startsWith(`${frame.key}.`));
  frame.complete = Math.max(0, ...leaves.map(b => b.gradients[b.gradients.length - 1][0]));  // the step
});

function foldedBox(frame) {
  const g = make('g', {class: 'folded fold', role: 'button', 'aria-expanded': false, tabindex: 0});
  make('title', {}, g, frame.key);
  make('rect', {rx: 2}, g);
  make('rect', {rx: 2}, g);
  frame.lines = [`+ ${frame.key}`, ...frame.facts];
  frame.lines.forEach((line, k) => make('text', {'text-anchor': 'middle', class: k ? '' : 'b'}, g, line));
  const letters = Math.max(...frame.lines.map(line => line.length));
  frame.need = [8 * letters + 28, 17 * frame.lines.length + 24];  // width and height when it is folded
  g.onclick = () => unfold(frame);
  g.onkeydown = e => press(e, () => unfold(frame));
  attend(g, () => look(frame));
  drawnBoxes[0].before(g);
  return g;
}

const press = (e, act) => {
  if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); e.stopPropagation(); act(); }
};
