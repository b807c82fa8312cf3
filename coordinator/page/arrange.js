// The bar that says where each axis lies, and which of its values are seen in
// which order.
import {setText} from '/page/dom.js';
import {readable} from '/page/text.js';
import {placeOf, shownOf, withAxis, withShown} from '/page/view_state.js';
import {labelledSlider, make, refill} from '/page/viewer/dom.js';
import {visible} from '/page/viewer/text.js';

const PLACE_TEXTS = {row: 'Rows', column: 'Columns', rows: 'Block of rows', columns: 'Block of columns', slider: 'Slider'};
const MOST_LISTED = 500;

// A list of an axis's values, each with what hides, isolates and moves it.
class ValueList {
  // `get()`: {state, points}; `set(state)`.
  constructor(axis, get, set) {
    Object.assign(this, {axis, get, set});
    this.list = make('ol', {class: 'values', onkeydown: (event) => this.onKey(event)});
    const act = (text, places) => make('button', {type: 'button', class: 'small', onclick: () => this.show(places())}, text);
    const count = () => this.get().points.axes[axis].labels.length;
    this.element = make('div', {class: 'value-list'},
        make('div', {class: 'bar'},
            act('All', () => Array.from({length: count()}, (_, i) => i)),
            act('Reverse', () => [...this.shown()].reverse()),
            act('Invert', () => Array.from({length: count()}, (_, i) => i).filter((place) => !this.shown().includes(place)))),
        this.list, make('p', {class: 'hint'}, 'Space hides, O shows one alone, Alt and arrows move.'));
  }

  shown() {
    const {state, points} = this.get();
    return shownOf(state, points, this.axis);
  }

  show(places, focus) {
    const {state, points} = this.get();
    this.set(withShown(state, points, this.axis, places));
    this.draw();
    if (focus !== undefined) this.list.querySelector(`[data-value="${focus}"] input`)?.focus();
  }

  toggle(value) {
    const shown = this.shown();
    if (shown.includes(value)) return this.show(shown.filter((one) => one !== value), value);
    // Back where it comes among its neighbours.
    const at = shown.findIndex((one) => one > value);
    this.show(at < 0 ? [...shown, value] : shown.toSpliced ? shown.toSpliced(at, 0, value) : [...shown.slice(0, at), value, ...shown.slice(at)], value);
  }

  move(value, by) {
    const shown = [...this.shown()];
    const from = shown.indexOf(value);
    const to = from + by;
    if (from < 0 || to < 0 || to >= shown.length) return;
    shown.splice(to, 0, ...shown.splice(from, 1));
    this.show(shown, value);
  }

  onKey(event) {
    const value = Number(event.target.closest('li')?.dataset.value ?? NaN);
    if (Number.isNaN(value)) return;
    const step = {ArrowUp: -1, ArrowDown: 1}[event.key];
    if (step && event.altKey) {
      this.move(value, step);
    } else if (step) {
      const items = [...this.list.children];
      const next = items[items.findIndex((item) => item.dataset.value === String(value)) + step];
      next?.querySelector('input').focus();
    } else if (event.key.toLowerCase() === 'o') {
      this.show([value], value);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  draw() {
    const {points} = this.get();
    const {labels} = points.axes[this.axis];
    const shown = this.shown();
    const hidden = new Set(labels.keys());
    shown.forEach((value) => hidden.delete(value));
    const all = [...shown, ...hidden];
    refill(this.list, all.slice(0, MOST_LISTED).map((value) => this.item(value, labels[value], !hidden.has(value))),
        all.length > MOST_LISTED && make('li', {class: 'hint'}, `and ${all.length - MOST_LISTED} more`));
  }

  item(value, label, isShown) {
    const text = visible(label);
    const button = (sign, name, onclick) => make('button', {type: 'button', class: 'small quiet', tabindex: '-1', 'aria-label': `${name} ${text}`, title: name, onclick}, sign);
    return make('li', {'data-value': value, class: isShown ? '' : 'hidden-value'},
        make('label', {}, make('input', {type: 'checkbox', checked: isShown, onchange: () => this.toggle(value)}), make('span', {}, text)),
        button('only', 'Show alone', () => this.show([value], value)),
        button('↑', 'Move up', () => this.move(value, -1)), button('↓', 'Move down', () => this.move(value, 1)));
  }
}

// `get()`: {state, points}; `set(state)`: another view is wanted.
export class Arrange {
  constructor(get, set) {
    Object.assign(this, {get, set});
    this.element = make('div', {class: 'axes', role: 'group', 'aria-label': 'Axes'});
    this.sliders = make('div', {class: 'sliders'});
    this.parts = new Map();
  }

  // Elements that are there stay, so that the focus does.
  draw() {
    const {state, points} = this.get();
    const axes = [...points.axes.keys()].filter((axis) => points.axes[axis].labels.length > 1);
    if (this.parts.size === 0) {
      for (const axis of axes) this.parts.set(axis, this.part(axis, points));
      refill(this.element, [...this.parts.values()].map((part) => part.element));
    }
    for (const [axis, {select, count}] of this.parts) {
      if (select) select.value = placeOf(state, axis);
      const all = points.axes[axis].labels.length;
      const shown = shownOf(state, points, axis).length;
      setText(count, shown === all ? `${all}` : `${shown} of ${all}`);
      count.classList.toggle('some', shown < all || state.shown[axis] !== null);
    }
    this.drawSliders(axes, state, points);
  }

  part(axis, points) {
    const {name} = points.axes[axis];
    const select = points.isGrid ? make('select', {
      'aria-label': `Where ${name} lies`, 'data-axis': name, onchange: () => this.set(withAxis(this.get().state, axis, select.value)),
    }, Object.entries(PLACE_TEXTS).map(([value, text]) => make('option', {value}, text))) : null;
    const count = make('span', {class: 'count'});
    const values = new ValueList(axis, this.get, this.set);
    const panel = make('div', {class: 'popover', popover: 'auto', 'aria-label': `Values of ${name}`}, make('h2', {}, readable(name)), values.element);
    const button = make('button', {
      type: 'button', class: 'values-button', 'aria-label': `Values of ${name}`, title: 'Hide, isolate and order values', 'aria-haspopup': 'true',
      onclick: () => openBelow(panel, button, () => values.draw()),
    }, count, ' ▾');
    return {element: make('div', {class: 'axis'}, make('span', {class: 'name', title: name}, readable(name)), select, points.isGrid || points.isZip ? button : count, panel), select, count};
  }

  drawSliders(axes, state, points) {
    const wanted = points.isGrid && state.order === '' ? axes.filter((axis) => placeOf(state, axis) === 'slider') : [];
    const sign = wanted.map((axis) => `${axis}:${shownOf(state, points, axis)}`).join(';');
    if (sign === this.sliderSign) return;
    this.sliderSign = sign;
    refill(this.sliders, wanted.map((axis) => {
      const {name, labels} = points.axes[axis];
      const shown = shownOf(state, points, axis);
      return labelledSlider(readable(name), shown.map((value) => visible(labels[value])), Math.max(0, shown.indexOf(state.at[axis])), (place) => {
        const now = this.get().state;
        this.set({...now, at: now.at.map((at, i) => (i === axis ? shown[place] : at))});
      });
    }));
    this.sliders.hidden = wanted.length === 0;
  }
}

// Shows a popover below what opens it, inside the window.
export function openBelow(panel, button, draw) {
  draw();
  panel.togglePopover();
  if (!panel.matches(':popover-open')) return;
  const box = button.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, innerWidth - panel.offsetWidth - 8));
  const top = Math.max(8, Math.min(box.bottom + 4, innerHeight - panel.offsetHeight - 8));
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
  (panel.querySelector('li input') ?? panel.querySelector('button'))?.focus();
}
