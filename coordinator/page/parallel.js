// Parallel coordinates: a line for each task through its values on each axis and
// its measures. What is dragged on a measure becomes part of the filter.
import {BrushHandles, sharesOf} from '/page/brush_handles.js';
import {readable} from '/page/text.js';
import {colorOf, strokeOf} from '/page/viewer/colors.js';
import {make} from '/page/viewer/dom.js';
import {clipped, formatNumber, isNumber} from '/page/viewer/text.js';
import {shownOf} from '/page/view_state.js';

const TOP = 40;
const BOTTOM = 28;
const SIDE = 56;
const MOST_MEASURES = 6;
const MOST_LINES = 20_000;
const NEAR_PX = 12;
const COLUMN_PX = 84;
const LEAST_PX = 5;

// {name, isAxis, share(index), valueAt(share), ends} of each upright line: the
// job's axes, then measures of the pictures and what else is looked at. `share`
// is 0 at the bottom and 1 at the top, NaN where a task has no value.
export function columnsOf(points, table, alsoNamed = []) {
  const axes = [...points.axes.keys()].filter((axis) => points.axes[axis].labels.length > 1 && points.placesOf(0) !== null);
  const measures = table.measures().filter((one) => one.least <= one.most);
  const named = measures.filter((one) => alsoNamed.includes(one.name));
  const usual = measures.filter((one) => !one.isOfLayer && !one.isCost && !named.includes(one));
  return [
    ...axes.map((axis) => {
      const {name, labels} = points.axes[axis];
      return {
        name, axis, isAxis: true, ends: [labels[0], labels[labels.length - 1]],
        share: (index) => points.placesOf(index)[axis] / (labels.length - 1),
        valueAt: (share) => Math.round(share * (labels.length - 1)),
      };
    }),
    ...[...named, ...usual].slice(0, MOST_MEASURES).map((measure) => {
      const span = measure.most - measure.least || 1;
      return {
        name: measure.name, isAxis: false, ends: [measure.least, measure.most].map(formatNumber),
        share: (index) => (table.value(measure.name, index) - measure.least) / span,
        shareOf: (value) => (value - measure.least) / span, valueAt: (share) => measure.least + share * span,
      };
    }),
  ];
}

// The filter with another range of a measure, without an end that is null.
export function withRange(filter, name, from, to = null) {
  const kept = filter.replace(new RegExp(`(^|\\s)${name.replace(/\W/g, '\\$&')}\\s*(<=|>=|<|>)\\s*[^\\s"]+`, 'g'), ' ');
  const range = [[from, '>='], [to, '<=']].filter(([value]) => value !== null)
      .map(([value, sign]) => `${name}${sign}${Number(value.toPrecision(4))}`).join(' ');
  return `${kept} ${range}`.replace(/\s+/g, ' ').trim();
}

export class Parallel {
  // `view()`: {points, numbers, state, measure, wanted, selection}; `hears`:
  // point(index), open(index), set(state) with another filter or values.
  constructor(view, hears) {
    Object.assign(this, {view, hears});
    this.canvas = make('canvas', {
      role: 'img', 'aria-label': 'Parallel coordinates: a line for each task. Sliders over it and the filter say the same by keys.',
      onpointerdown: (event) => this.begin(event), onpointermove: (event) => this.move(event), onpointerup: (event) => this.end(event),
      onpointerleave: () => this.light(-1), ondblclick: (event) => this.clear(event),
    });
    this.handles = new BrushHandles(() => this.view(), {
      brush: (column, from, to) => this.brush(column, [from, to]), shown: (axis, places) => this.hears.values(axis, places),
    });
    this.element = make('section', {class: 'parallel', 'aria-label': 'Parallel coordinates'}, make('div', {class: 'drawing'}, this.canvas, this.handles.element),
        make('p', {class: 'hint'}, 'Drag along a line to filter by it, double-click it to take that back; click a task’s line to open it. By keys: Tab to an end of a line, arrows move it, with Shift both, Delete takes it back.'));
    this.lit = -1;
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.element);
  }

  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  light(index) {
    if (index === this.lit) return;
    this.lit = index;
    this.later();
  }

  x(column) {
    const room = this.canvas.clientWidth - 2 * SIDE;
    return SIDE + (this.columns.length > 1 ? column / (this.columns.length - 1) : 0.5) * room;
  }

  y(share) { return TOP + (1 - share) * (this.canvas.clientHeight - TOP - BOTTOM); }

  draw() {
    const {canvas} = this;
    if (!canvas.isConnected || canvas.clientWidth === 0) return;
    const {points, numbers, state, measure, wanted, selection} = this.view();
    this.columns = columnsOf(points, numbers.table, [state.color, state.order.replace(/^-/, '')]);
    canvas.style.minWidth = `${this.columns.length * COLUMN_PX}px`;  // Names lie beside each other.
    const ratio = devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    const ink = canvas.getContext('2d');
    ink.scale(ratio, ratio);
    const style = getComputedStyle(canvas);
    const color = (name) => style.getPropertyValue(name);
    const every = Math.max(1, Math.ceil(points.count / MOST_LINES));
    this.lines = [];
    const unwanted = [];
    for (let index = 0; index < (numbers.isOffered ? points.count : 0); index += every) {
      if (numbers.table.state(index) !== 'succeeded') continue;
      (wanted && !wanted(index) ? unwanted : this.lines).push(index);
    }
    const strong = Math.max(0.15, Math.min(0.9, 60 / Math.max(1, this.lines.length)));
    for (const index of unwanted) this.line(ink, index, color('--line'), 0.35, 1);
    for (const index of this.lines) {
      const tint = measure && state.color ? colorOf(measure, numbers.table.value(measure.name, index)) : null;
      this.line(ink, index, tint ?? color('--busy'), strong, 1.2);
    }
    if (selection.size > 0) selection.indices().slice(0, 500).forEach((index, i) => this.line(ink, index, strokeOf(i).color, 1, 2));
    if (this.lit >= 0) this.line(ink, this.lit, color('--accent'), 1, 3);
    this.drawBrushes(ink, color);
    this.drawAxes(ink, color);
    this.handles.draw(this.columns, (at, share) => [this.x(at), this.y(share)]);
  }

  line(ink, index, color, alpha, width) {
    ink.globalAlpha = alpha;
    ink.strokeStyle = color;
    ink.lineWidth = width;
    ink.beginPath();
    let isDown = false;
    this.columns.forEach((column, at) => {
      const share = column.share(index);
      if (isNumber(share)) ink[isDown ? 'lineTo' : 'moveTo'](this.x(at), this.y(share));
      isDown = isNumber(share);
    });
    ink.stroke();
    ink.globalAlpha = 1;
  }

  // What is brushed of each line.
  drawBrushes(ink, color) {
    ink.globalAlpha = 0.3;
    ink.fillStyle = color('--accent');
    this.columns.forEach((column, at) => {
      const {from, to} = sharesOf(column, this.view());
      if (from > 0 || to < 1) ink.fillRect(this.x(at) - 7, this.y(to), 14, Math.max(2, this.y(from) - this.y(to)));
    });
    ink.globalAlpha = 1;
  }

  drawAxes(ink, color) {
    ink.font = '12px system-ui, sans-serif';
    ink.textAlign = 'center';
    const room = Math.max(8, Math.floor(this.canvas.clientWidth / Math.max(1, this.columns.length) / 7));
    this.columns.forEach((column, at) => {
      const x = this.x(at);
      ink.fillStyle = color('--quiet');
      ink.fillRect(x - 0.5, TOP, 1, this.y(0) - TOP);
      ink.fillStyle = color('--text');
      ink.fillText(clipped(readable(column.name), room), x, 13);
      ink.fillStyle = color('--quiet');
      ink.fillText(clipped(column.ends[1], room), x, 28);
      ink.fillText(clipped(column.ends[0], room), x, this.y(0) + 21);
    });
    if (!this.from || this.to === undefined) return;
    ink.fillStyle = color('--accent');
    ink.globalAlpha = 0.3;
    ink.fillRect(this.x(this.from.column) - 9, Math.min(this.from.y, this.to), 18, Math.abs(this.to - this.from.y));
    ink.globalAlpha = 1;
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const column = (this.columns ?? []).findIndex((_, at) => Math.abs(this.x(at) - x) <= NEAR_PX);
    return {x, y, column};
  }

  // The task whose line is nearest, -1 where none is near.
  nearest({x, y}) {
    const at = this.columns.findLastIndex((_, i) => this.x(i) <= x);
    if (at < 0 || at + 1 >= this.columns.length) return -1;
    const along = (x - this.x(at)) / (this.x(at + 1) - this.x(at));
    let best = -1;
    let least = NEAR_PX;
    for (const index of this.lines ?? []) {
      const [a, b] = [this.columns[at].share(index), this.columns[at + 1].share(index)];
      const away = Math.abs(this.y(a + (b - a) * along) - y);
      if (away < least) { least = away; best = index; }
    }
    return best;
  }

  begin(event) {
    const place = this.place(event);
    this.from = place.column >= 0 ? place : null;
    this.to = undefined;
    if (this.from) this.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (!this.columns) return;
    const place = this.place(event);
    this.canvas.style.cursor = place.column >= 0 ? 'ns-resize' : 'pointer';
    if (this.from) { this.to = place.y; return this.later(); }
    const index = this.nearest(place);
    this.light(index);
    if (index >= 0) this.hears.point(index);
  }

  end(event) {
    const {from, to} = this;
    this.from = null;
    if (from && to !== undefined && Math.abs(to - from.y) >= LEAST_PX) {
      const shareOf = (y) => Math.max(0, Math.min(1, 1 - (y - TOP) / (this.y(0) - TOP)));
      return this.brush(this.columns[from.column], [shareOf(from.y), shareOf(to)].sort((a, b) => a - b));
    }
    const index = this.nearest(this.place(event));
    if (index >= 0) this.hears.open(index);
  }

  // Of a column from one share of its length up to another.
  brush(column, [from, to]) {
    const {state, points} = this.view();
    if (!column.isAxis) {
      return this.hears.set({...state, filter: withRange(state.filter, column.name, from > 0 ? column.valueAt(from) : null, to < 1 ? column.valueAt(to) : null)});
    }
    const isAll = from <= 0 && to >= 1;
    const [first, last] = [column.valueAt(from), column.valueAt(to)];
    const places = isAll ? [...points.axes[column.axis].labels.keys()] : shownOf(state, points, column.axis).filter((place) => place >= first && place <= last);
    this.hears.values(column.axis, places);
  }

  clear(event) {
    const {column: at} = this.place(event);
    const column = this.columns?.[at];
    if (!column) return;
    this.brush(column, [0, 1]);
  }
}
