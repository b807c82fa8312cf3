// A grid of cells of any size, of which only those in sight are elements.
//
//   const grid = new CellGrid({label: 'Pictures', newCell, hears});
//   grid.shape({placing, width: 132, height: 100, ...});
//
// A browser's heights end near 2^24 px, so the scroller is no taller than that
// allows, and its position is mapped to the grid's. What is in sight lies in a
// box that sticks to the scroller, and is moved with it.
import {BoxDrag} from '/page/box_drag.js';
import {setAttribute} from '/page/dom.js';
import {drawHeads} from '/page/heads.js';
import {neighbour} from '/page/placing.js';
import {make} from '/page/viewer/dom.js';

const TALLEST_PX = 8_000_000;
export const CELL_GAP_PX = 6;
const BLOCK_GAP_PX = 16;

const clamped = (value, least, most) => Math.max(least, Math.min(most, value));

// Cells of one size in a line, a gap after each `block` of them.
export class Line {
  constructor(count, size, block = count) {
    Object.assign(this, {count, size, block: Math.max(1, block)});
    this.blockPx = this.block * size + BLOCK_GAP_PX;
  }

  offset(place) { return place * this.size + Math.floor(place / this.block) * BLOCK_GAP_PX; }

  get length() { return this.count === 0 ? 0 : this.offset(this.count - 1) + this.size; }

  // The cell at or before a position.
  at(px) {
    const before = Math.max(0, Math.floor(px / this.blockPx));
    const within = Math.floor((px - before * this.blockPx) / this.size);
    return before * this.block + clamped(within, 0, this.block - 1);
  }
}

// The innermost axis of several makes blocks.
const blockOf = (levels, count) => (levels.length > 1 ? levels[levels.length - 1].values.length : count);

export class CellGrid {
  // `newCell()`: {element, set(row, column), clear()} of a new cell, whose
  // element is a button. `hears`: open(row, column); select(row, column, how,
  // from) with "toggle" or "range", which begins at `from` where that is given and
  // else where the last did; box(from, to, isMore); all(); none();
  // seen([row, column]s), those in sight have changed; point(row, column), the
  // pointer or the focus is there.
  constructor({label, newCell, hears}) {
    this.newCell = newCell;
    this.hears = hears;
    this.cells = new Map();
    this.heads = new Map();
    this.spare = [];
    this.active = [0, 0];
    this.box = make('div', {class: 'box'});
    this.spacer = make('div', {class: 'spacer'}, this.box);
    this.element = make('div', {
      class: 'cells', role: 'group', 'aria-label': label, tabindex: '0',
      onscroll: () => this.later(), onkeydown: (event) => this.onKey(event),
      onkeyup: (event) => { if (event.key === ' ') event.preventDefault(); },  // It clicks no button.
      onpointerover: (event) => this.onPointer(event),
    }, this.spacer);
    this.drag = new BoxDrag(this);
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.element);
  }

  stop() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    for (const place of [...this.cells.keys()]) this.drop(place);
  }

  // `width` and `height`: of a cell with the gap after it. `steps`: {row, column}
  // with the px that heads of each level take, the outermost first.
  // `headOf(level, value, side)`: {text, picture, start} of a head, `start` being
  // what of its text goes first where there is little room; `corner`: the
  // texts over the heads of rows, or null.
  shape({placing, width, height, steps, headOf, corner}) {
    Object.assign(this, {placing, width, height, steps, headOf, corner});
    const room = (list) => list.reduce((sum, px) => sum + px, 0) + CELL_GAP_PX;
    this.left = room(steps.row);
    this.top = room(steps.column);
    this.across = new Line(placing.columns, width, blockOf(placing.columnLevels, placing.columns));
    this.down = new Line(placing.rows, height, blockOf(placing.rowLevels, placing.rows));
    this.active = [clamped(this.active[0], 0, Math.max(0, placing.rows - 1)), clamped(this.active[1], 0, Math.max(0, placing.columns - 1))];
    this.spacer.style.width = `${this.left + this.across.length}px`;
    this.spacer.style.height = `${Math.min(TALLEST_PX, this.fullHeight)}px`;
    for (const place of [...this.cells.keys()]) this.drop(place);
    for (const head of this.heads.values()) head.remove();
    this.heads.clear();
    this.later();
  }

  get fullHeight() { return this.top + this.down.length + CELL_GAP_PX; }

  // The grid's own position of what the scroller shows at its top, in px.
  get position() {
    const {scrollTop, clientHeight} = this.element;
    const room = this.spacer.offsetHeight - clientHeight;
    if (room <= 0 || this.fullHeight <= TALLEST_PX) return scrollTop;
    return scrollTop / room * (this.fullHeight - clientHeight);
  }

  set position(px) {
    const {clientHeight} = this.element;
    const room = this.spacer.offsetHeight - clientHeight;
    this.element.scrollTop = this.fullHeight <= TALLEST_PX ? px : px / (this.fullHeight - clientHeight) * room;
  }

  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  // Again, of each cell in sight, what it shows.
  refresh() {
    for (const cell of this.cells.values()) cell.set(cell.row, cell.column);
  }

  // The rows and columns in sight: [first, one after the last) of each.
  inSight() {
    const {clientWidth, clientHeight, scrollLeft} = this.element;
    const along = (line, from, room) => (line.count === 0 ? [0, 0] : [
      clamped(line.at(from), 0, line.count), clamped(line.at(from + Math.max(0, room)) + 1, 0, line.count)]);
    return {
      rows: along(this.down, this.position, clientHeight - this.top),
      columns: along(this.across, scrollLeft, clientWidth - this.left),
    };
  }

  draw() {
    if (!this.placing || !this.element.isConnected) return;
    const {clientWidth, clientHeight, scrollLeft} = this.element;
    this.box.style.width = `${clientWidth}px`;
    this.box.style.height = `${clientHeight}px`;
    const {position} = this;
    const {rows, columns} = this.inSight();
    const inSight = new Map();
    for (let row = rows[0]; row < rows[1]; ++row) {
      for (let column = columns[0]; column < columns[1]; ++column) {
        if (this.placing.indexAt(row, column) >= 0) inSight.set(`${row} ${column}`, [row, column]);
      }
    }
    let changed = false;
    for (const key of [...this.cells.keys()]) {
      if (!inSight.has(key)) { this.drop(key); changed = true; }
    }
    for (const [key, [row, column]] of inSight) {
      let cell = this.cells.get(key);
      if (cell === undefined) { cell = this.take(row, column); changed = true; }
      const x = Math.round(this.left + this.across.offset(column) - scrollLeft);
      const y = Math.round(this.top + this.down.offset(row) - position);
      cell.element.style.transform = `translate(${x}px, ${y}px)`;
    }
    drawHeads(this, rows, columns, position, scrollLeft);
    this.mark();
    if (changed) this.hears.seen([...inSight.values()]);
  }

  take(row, column) {
    const cell = this.spare.pop() ?? this.newCell();
    Object.assign(cell, {row, column});
    const {element: button} = cell;
    button.onclick = (event) => this.onClick(event, cell);
    button.onfocus = () => { this.active = [cell.row, cell.column]; this.mark(); this.hears.point(cell.row, cell.column); };
    // A long touch selects.
    button.oncontextmenu = (event) => {
      if (event.pointerType !== 'touch') return;
      event.preventDefault();
      this.hears.select(cell.row, cell.column, 'toggle');
    };
    button.style.width = `${this.width - CELL_GAP_PX}px`;
    button.style.height = `${this.height - CELL_GAP_PX}px`;
    cell.set(row, column);
    this.cells.set(`${row} ${column}`, cell);
    this.box.append(button);
    return cell;
  }

  drop(key) {
    const cell = this.cells.get(key);
    this.cells.delete(key);
    // Focus must not be lost to nothing as its cell leaves.
    if (cell.element === document.activeElement) this.element.focus({preventScroll: true});
    cell.element.remove();
    cell.clear();
    this.spare.push(cell);
    if (this.spare.length > 200) this.spare.shift();
  }

  // One cell is reached by Tab, all others by arrows from it.
  mark() {
    let found = false;
    for (const cell of this.cells.values()) {
      const isActive = cell.row === this.active[0] && cell.column === this.active[1];
      setAttribute(cell.element, 'tabindex', isActive ? '0' : '-1');
      found ||= isActive;
    }
    setAttribute(this.element, 'tabindex', found ? '-1' : '0');
  }

  onClick(event, cell) {
    this.active = [cell.row, cell.column];
    this.mark();
    if (event.shiftKey) this.hears.select(cell.row, cell.column, 'range');
    else if (event.ctrlKey || event.metaKey) this.hears.select(cell.row, cell.column, 'toggle');
    else this.hears.open(cell.row, cell.column);
  }

  onPointer(event) {
    const element = event.target.closest?.('.cell');
    if (!element || event.pointerType === 'touch') return;
    for (const cell of this.cells.values()) {
      if (cell.element === element) return this.hears.point(cell.row, cell.column);
    }
  }

  // The cell that a key leads to, or undefined for other keys.
  target(event, [row, column], wraps = false) {
    const {rows, columns} = this.placing;
    const screen = Math.max(1, Math.floor((this.element.clientHeight - this.top) / this.height) - 1);
    const step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
    if (step) return neighbour(this.placing, [row, column], ...step, wraps);
    if (event.key === 'PageUp') return [Math.max(0, row - screen), column];
    if (event.key === 'PageDown') return [Math.min(rows - 1, row + screen), column];
    if (event.key === 'Home') return [event.ctrlKey ? 0 : row, 0];
    if (event.key === 'End') return [event.ctrlKey ? rows - 1 : row, columns - 1];
    return undefined;
  }

  onKey(event) {
    if (event.altKey || !this.placing || this.placing.count === 0) return;
    const [row, column] = this.active;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      this.hears.all();
    } else if (event.key === ' ') {
      this.hears.select(row, column, 'toggle');
      this.isRanging = false;
    } else if (event.key === 'Escape') {
      this.hears.none();
    } else if (event.key === 'Enter' && event.target === this.element) {
      this.hears.open(row, column);
    } else {
      const target = event.metaKey ? undefined : this.target(event, this.active, this.placing.isFlow);
      if (target === undefined) return;
      if (target) {
        this.reach(...target);
        if (event.shiftKey) this.hears.select(...this.active, 'range', this.isRanging ? undefined : [row, column]);
        this.isRanging = event.shiftKey;
      }
    }
    event.preventDefault();
  }

  // Where it is in sight.
  focusActive() {
    this.cells.get(this.active.join(' '))?.element.focus({preventScroll: true});
  }

  // Brings a cell into sight, and gives it the focus.
  reach(row, column) {
    this.active = [clamped(row, 0, this.placing.rows - 1), clamped(column, 0, this.placing.columns - 1)];
    const [toRow, toColumn] = this.active;
    const {clientHeight, clientWidth, scrollLeft} = this.element;
    const {position} = this;
    const y = this.down.offset(toRow);
    const x = this.across.offset(toColumn);
    if (y < position) this.position = y;
    else if (this.top + y + this.height > position + clientHeight) this.position = this.top + y + this.height - clientHeight;
    if (x < scrollLeft) this.element.scrollLeft = x;
    else if (this.left + x + this.width > scrollLeft + clientWidth) this.element.scrollLeft = this.left + x + this.width - clientWidth;
    this.draw();
    this.focusActive();
  }
}
