// The grid of a job: from the state of the view to cells in their places, with
// heads, colours and what is selected.
import {artifactUrl} from '/page/api.js';
import {Cell} from '/page/cell.js';
import {CELL_GAP_PX, CellGrid} from '/page/cells.js';
import {lookOf} from '/page/looks.js';
import {thumbnailPx} from '/page/pictures.js';
import {orderOf, place} from '/page/placing.js';
import {tasksBetween, tasksInBox} from '/page/selection.js';
import {readable} from '/page/text.js';
import {fittingPx} from '/page/view_state.js';
import {labelText, visible} from '/page/viewer/text.js';

const CAPTION_PX = 24;
const TALL_CAPTION_PX = 40;  // A label and a value.
const COLUMN_HEAD_PX = 26;
const ROW_HEAD_PX = 124;
const NARROW_ROW_HEAD_PX = 58;
const HEAD_PICTURE_PX = 44;
export const NARROW_PX = 600;
const TINY_PX = 64;
const MOST_SELECTED = 100_000;

// Width over height of the job's pictures, as far as that is known before any.
export function aspectOf(job) {
  const {content_digest: digest} = job.spec.base ?? {};
  const {width_px: width, height_px: height} = job.spec.images?.find((image) => image.digest === digest) ?? {};
  return width > 0 && height > 0 ? Math.max(0.4, Math.min(2.5, width / height)) : 4 / 3;
}

export class JobGrid {
  // `view`: {jobId, job, points, tasks, numbers, selection, state, aspect}; what
  // is worked out here is kept there, too: placing, px, measure, wanted, count.
  // `hears`: open(index), point(index).
  constructor(view, hears) {
    Object.assign(this, {view, hears});
    this.cells = new CellGrid({
      label: 'Pictures',
      newCell: () => new Cell((row, column) => this.look(row, column)),
      hears: {
        open: (row, column) => hears.open(view.placing.indexAt(row, column)),
        select: (...how) => this.select(...how),
        box: (from, to, isMore) => { view.selection.anchor = from; view.selection.take(tasksInBox(view.placing, from, to), isMore); },
        all: () => this.selectAll(),
        none: () => view.selection.clear(),
        seen: (places) => view.tasks.want(places.map(([row, column]) => view.placing.indexAt(row, column))),
        point: (row, column) => hears.point(view.placing.indexAt(row, column)),
      },
    });
    this.element = this.cells.element;
    this.resized = new ResizeObserver(() => { if (this.view.placing?.isFlow && this.perRow() !== this.drawnPerRow) this.arrange(); });
    this.resized.observe(this.element);
  }

  stop() {
    this.resized.disconnect();
    this.cells.stop();
  }

  look(row, column) {
    const index = this.view.placing.indexAt(row, column);
    return index < 0 ? null : lookOf(this.view, index);
  }

  get cellWidth() { return this.view.state.size + CELL_GAP_PX; }

  perRow() {
    return Math.max(1, Math.floor((this.element.clientWidth - 2 * CELL_GAP_PX) / this.cellWidth));
  }

  // What the numbers say, of what the state asks for.
  judge() {
    const {view} = this;
    const {table, isOffered} = view.numbers;
    const named = view.state.color || view.state.order.replace(/^-/, '');
    view.measure = isOffered ? table.measure(named) : null;
    view.wanted = isOffered ? table.wanted(view.points, view.state.filter) : null;
  }

  // The size of cells at which all of them are seen, as far as there is one.
  fittingPx() {
    const {element, cells, view: {placing, aspect}} = this;
    const extra = (line) => line.length - line.count * line.size;  // Between blocks.
    return fittingPx({rows: placing.rows, columns: placing.columns, count: placing.isFlow ? placing.count : null, aspect}, {
      width: element.clientWidth - cells.left - CELL_GAP_PX - extra(cells.across), height: element.clientHeight - cells.top - CELL_GAP_PX - extra(cells.down),
      caption: cells.captionPx, gap: CELL_GAP_PX,
    });
  }

  // Everything anew. A task that has the focus keeps it, and where it `follows` is
  // brought into sight.
  arrange({follows = true} = {}) {
    const {view, cells} = this;
    const {state, points} = view;
    this.judge();
    const hadFocus = this.element.contains(document.activeElement);
    const active = hadFocus && view.placing ? view.placing.indexAt(...cells.active) : -1;
    const rank = state.order === '' || state.order === 'index' ? null : view.numbers.table.rank(state.order);
    const order = orderOf(points, state, rank, view.wanted);
    this.drawnPerRow = this.perRow();
    view.placing = place(points, state, order, this.drawnPerRow);
    view.selection.anchor = null;  // It was a place of what was before.
    this.order = order;
    this.sayCount();
    view.px = thumbnailPx(state.size, devicePixelRatio);
    const hasCaption = view.placing.isFlow || view.measure !== null;
    const isTall = view.placing.isFlow && view.measure !== null;
    cells.captionPx = isTall ? TALL_CAPTION_PX : hasCaption ? CAPTION_PX : 0;
    this.element.classList.toggle('tall', isTall);
    this.element.classList.toggle('small-cells', state.size <= TINY_PX);
    this.element.classList.toggle('tiny', state.size < TINY_PX);
    this.element.classList.toggle('captions', hasCaption);
    this.element.style.setProperty('--caption', `${cells.captionPx}px`);
    const rowPx = this.element.clientWidth < NARROW_PX ? NARROW_ROW_HEAD_PX : ROW_HEAD_PX;
    const {rowLevels, columnLevels} = view.placing;
    cells.shape({
      placing: view.placing, width: this.cellWidth, height: Math.round(state.size / view.aspect) + cells.captionPx + CELL_GAP_PX,
      steps: {
        row: rowLevels.map(() => rowPx),
        column: columnLevels.map((level) => COLUMN_HEAD_PX + (level.values.some((value) => this.digestOf(level.axis, value)) ? HEAD_PICTURE_PX : 0)),
      },
      headOf: (level, value, side) => this.head(level, value, side),
      corner: rowLevels.length > 0 && columnLevels.length > 0 ?
        [`${this.nameOf(columnLevels)} →`, `${this.nameOf(rowLevels)} ↓`] : null,
    });
    const found = active >= 0 ? view.placing.find(active) : null;
    if (found) cells.active = found;
    if (!hadFocus) return;
    if (found && follows) return cells.reach(...found);
    cells.draw();
    cells.focusActive();
  }

  nameOf(levels) { return readable(this.view.points.axes[levels[levels.length - 1].axis].name); }

  // Numbers or tasks have changed: only what is seen differently is drawn.
  refresh() {
    const {view} = this;
    if (!view.placing) return;
    const before = this.order;
    const hadMeasure = view.measure !== null;
    this.judge();
    if (view.placing.isFlow && (before || view.wanted)) {
      const {order} = view.state;
      const now = orderOf(view.points, view.state, order === '' || order === 'index' ? null : view.numbers.table.rank(order), view.wanted);
      if (!isSame(before, now)) return this.arrange({follows: false});
    }
    if (hadMeasure !== (view.measure !== null)) return this.arrange({follows: false});
    this.sayCount();
    this.cells.refresh();
  }

  // How many of the tasks are wanted and have a place.
  sayCount() {
    const {view} = this;
    const {placing, wanted, numbers, state} = view;
    if (placing.isFlow || !wanted) { view.count = Math.min(placing.count, view.points.count); return; }
    const sign = `${numbers.table.version} ${state.filter}`;
    if (sign === this.countSign) return;
    this.countSign = sign;
    view.count = 0;
    for (let index = 0; index < view.points.count; ++index) view.count += wanted(index) ? 1 : 0;
  }

  // The picture that is this value of an axis, or undefined.
  digestOf(axis, value) {
    const set = this.view.job.spec.axes[axis]?.values[value]?.set ?? {};
    return set.content_digest || set.style_digests?.[0] || undefined;
  }

  head({axis}, value, side) {
    const {name, labels} = this.view.points.axes[axis];
    const {rowLevels, columnLevels} = this.view.placing;
    const levels = side === 'row' ? rowLevels : columnLevels;
    // The corner has the name of the innermost ones.
    const isNamed = levels[levels.length - 1].axis === axis && rowLevels.length > 0 && columnLevels.length > 0;
    const digest = this.digestOf(axis, value);
    return {
      // What tells heads apart is seen where there is little room.
      start: side === 'column' && !isNamed && labelText('', labels[value]) !== visible(labels[value]) ? readable(name) : '',
      text: isNamed ? visible(labels[value]) : labelText(readable(name), labels[value]),
      picture: digest ? `${artifactUrl(digest, this.view.jobId)}&thumbnail_px=128` : '',
    };
  }

  select(row, column, how, from) {
    const {selection, placing} = this.view;
    const index = placing.indexAt(row, column);
    if (index < 0) return;
    if (how === 'range') {
      selection.anchor = from ?? selection.anchor ?? [row, column];
      return selection.take(tasksBetween(placing, selection.anchor, [row, column]));
    }
    selection.anchor = [row, column];
    selection.toggle(index);
  }

  selectAll() {
    const {selection, placing, wanted} = this.view;
    const found = [];
    for (let row = 0; row < placing.rows && found.length < MOST_SELECTED; ++row) {
      for (let column = 0; column < placing.columns; ++column) {
        const index = placing.indexAt(row, column);
        if (index >= 0 && (!wanted || wanted(index))) found.push(index);
      }
    }
    selection.take(found);
  }
}

function isSame(a, b) {
  return a === b || Boolean(a && b && a.length === b.length && a.every((value, i) => value === b[i]));
}
