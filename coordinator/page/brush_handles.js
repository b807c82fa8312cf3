// The two ends of what is brushed on each line of parallel coordinates, as
// sliders for keys: arrows and Page keys move an end, with Shift both, Home and
// End go as far as it goes, Delete takes the brush back.
import {setAttribute} from '/page/dom.js';
import {readable} from '/page/text.js';
import {make} from '/page/viewer/dom.js';
import {formatNumber, visible} from '/page/viewer/text.js';
import {shownOf} from '/page/view_state.js';

const SHARE_STEP = 0.02;  // Of a measure's span.
const PAGE_STEPS = 5;

// The range of a measure that a filter says: {from, to}, null where it has no end.
export function rangeIn(filter, name) {
  const range = {from: null, to: null};
  const word = new RegExp(`(?:^|\\s)${name.replace(/\W/g, '\\$&')}\\s*(<=|>=|<|>)\\s*([^\\s"]+)`, 'g');
  for (const [, sign, text] of filter.matchAll(word)) {
    const value = Number(text);
    if (text !== '' && Number.isFinite(value)) range[sign.startsWith('>') ? 'from' : 'to'] = value;
  }
  return range;
}

// The values of an axis with another end of those that are shown: those beyond
// are hidden, those up to it shown again where they come.
export function withEnd(shown, end, place) {
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const [from, to] = end === 'from' ? [Math.min(place, high), high] : [low, Math.max(place, low)];
  const kept = shown.filter((one) => one >= from && one <= to);
  const more = (first, last) => Array.from({length: Math.max(0, last - first + 1)}, (_, i) => first + i);
  return [...more(from, low - 1), ...kept, ...more(high + 1, to)];
}

// What the ends of a column are, as shares of its length, {from, to}.
export function sharesOf(column, {state, points}) {
  if (column.isAxis) {
    const shown = shownOf(state, points, column.axis);
    const last = points.axes[column.axis].labels.length - 1;
    return {from: Math.min(...shown) / last, to: Math.max(...shown) / last};
  }
  const {from, to} = rangeIn(state.filter, column.name);
  const shareOf = (value, otherwise) => (value === null ? otherwise : Math.max(0, Math.min(1, column.shareOf(value))));
  return {from: shareOf(from, 0), to: shareOf(to, 1)};
}

export class BrushHandles {
  // `view()`: {state, points}; `brush(column, from, to)` in shares of its length;
  // `shown(axis, places)`: values of an axis.
  constructor(view, {brush, shown}) {
    Object.assign(this, {view, brush, shown});
    this.handles = new Map();
    this.element = make('div', {class: 'handles'});
  }

  // `place(at, share)`: [x, y] on the drawing.
  draw(columns, place) {
    const wanted = new Set();
    columns.forEach((column, at) => {
      const shares = sharesOf(column, this.view());
      for (const end of ['from', 'to']) {
        const key = `${column.isAxis ? 'axis' : 'measure'} ${column.name} ${end}`;
        wanted.add(key);
        this.set(key, column, end, shares, place(at, shares[end]));
      }
    });
    for (const [key, handle] of this.handles) {
      if (!wanted.has(key)) { handle.remove(); this.handles.delete(key); }
    }
    const all = [...wanted].map((key) => this.handles.get(key));
    all.forEach((handle, i) => { if (this.element.children[i] !== handle) this.element.insertBefore(handle, this.element.children[i] ?? null); });
  }

  set(key, column, end, shares, [x, y]) {
    let handle = this.handles.get(key);
    if (handle === undefined) {
      handle = make('span', {role: 'slider', class: `handle ${end}`, tabindex: '0', 'aria-orientation': 'vertical', 'data-name': column.name, 'data-end': end,
        'aria-label': `${readable(column.name)}, ${end === 'from' ? 'from' : 'up to'}`,
        onkeydown: (event) => this.onKey(event, key)});
      this.handles.set(key, handle);
    }
    handle.column = column;
    const value = column.valueAt(shares[end]);
    setAttribute(handle, 'aria-valuemin', String(column.valueAt(0)));
    setAttribute(handle, 'aria-valuemax', String(column.valueAt(1)));
    setAttribute(handle, 'aria-valuenow', String(value));
    setAttribute(handle, 'aria-valuetext', column.isAxis ? visible(this.view().points.axes[column.axis].labels[value]) : formatNumber(value));
    handle.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  onKey(event, key) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const {column} = this.handles.get(key);
    const {end} = this.handles.get(key).dataset;
    const steps = {ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: PAGE_STEPS, PageDown: -PAGE_STEPS, Home: -Infinity, End: Infinity}[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') this.brush(column, 0, 1);
    else if (steps === undefined) return;
    else this.move(column, end, steps, event.shiftKey);
    event.preventDefault();
    event.stopPropagation();
  }

  move(column, end, steps, isBoth) {
    const {state, points} = this.view();
    const shares = sharesOf(column, {state, points});
    const step = column.isAxis ? 1 / (points.axes[column.axis].labels.length - 1) : SHARE_STEP;
    if (isBoth) {
      const by = Math.max(-shares.from, Math.min(1 - shares.to, steps * step));
      if (!column.isAxis) return this.brush(column, shares.from + by, shares.to + by);
      const [first, last] = [column.valueAt(shares.from + by), column.valueAt(shares.to + by)];
      return this.shown(column.axis, Array.from({length: last - first + 1}, (_, i) => first + i));
    }
    const limited = end === 'from' ? Math.max(0, Math.min(shares.to, shares.from + steps * step)) : Math.min(1, Math.max(shares.from, shares.to + steps * step));
    if (column.isAxis) return this.shown(column.axis, withEnd(shownOf(state, points, column.axis), end, column.valueAt(limited)));
    this.brush(column, end === 'from' ? limited : shares.from, end === 'to' ? limited : shares.to);
  }
}
