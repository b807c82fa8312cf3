// A grid of cells of any size, of which only those in sight are elements.
//
//   const grid = new CellGrid({rows: [{label, key}], ...});
//
// A browser's heights end near 2^24 px, so the scroller is no taller than that
// allows, and its position is mapped to the grid's. What is in sight lies in a
// box that sticks to the scroller, and is moved with it.
import {element, setAttribute, setText} from '/page/dom.js';

const TALLEST_PX = 8_000_000;
const COLUMN_HEAD_PX = 28;
const ROW_HEAD_PX = 96;
const PLAIN_ROW_HEAD_PX = 12;

const clamped = (value, least, most) => Math.max(least, Math.min(most, value));

export class CellGrid {
  // `make()`: {element, set(row, column)} of a new cell, whose element is a
  // button; `open(row, column)`: it was chosen; `seen(cells)`: [row, column] of
  // those in sight have changed; `label`: of the whole.
  constructor({label, make, open, seen}) {
    this.make = make;
    this.open = open;
    this.seen = seen;
    this.cells = new Map();
    this.heads = new Map();
    this.spare = [];
    this.active = [0, 0];
    this.box = element('div', {class: 'box'});
    this.spacer = element('div', {class: 'spacer'}, this.box);
    this.element = element('div', {
      class: 'cells', role: 'group', 'aria-label': label, scroll: () => this.later(), keydown: (event) => this.onKey(event),
    }, this.spacer);
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.element);
    this.shape({rows: 0, columns: 0, width: 1, height: 1});
  }

  stop() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }

  // `rowLabels` and `columnLabels`: texts by place, or null for none.
  shape({rows, columns, width, height, rowLabels = null, columnLabels = null}) {
    Object.assign(this, {rows, columns, width, height, rowLabels, columnLabels});
    this.left = rowLabels ? ROW_HEAD_PX : PLAIN_ROW_HEAD_PX;
    this.top = columnLabels ? COLUMN_HEAD_PX : PLAIN_ROW_HEAD_PX;
    this.active = [clamped(this.active[0], 0, Math.max(0, rows - 1)), clamped(this.active[1], 0, Math.max(0, columns - 1))];
    this.spacer.style.width = `${this.left + columns * width}px`;
    this.spacer.style.height = `${Math.min(TALLEST_PX, this.fullHeight)}px`;
    for (const place of [...this.cells.keys()]) this.drop(place);
    this.later();
  }

  get fullHeight() { return this.top + this.rows * this.height; }

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

  draw() {
    const {clientWidth, clientHeight, scrollLeft} = this.element;
    this.box.style.width = `${clientWidth}px`;
    this.box.style.height = `${clientHeight}px`;
    const position = this.position;
    const firstRow = clamped(Math.floor(position / this.height), 0, this.rows);
    const lastRow = clamped(Math.ceil((position + clientHeight - this.top) / this.height), 0, this.rows);
    const firstColumn = clamped(Math.floor(scrollLeft / this.width), 0, this.columns);
    const lastColumn = clamped(Math.ceil((scrollLeft + clientWidth - this.left) / this.width), 0, this.columns);
    const kept = new Set();
    const inSight = [];
    for (let row = firstRow; row < lastRow; ++row) {
      for (let column = firstColumn; column < lastColumn; ++column) {
        const place = `${row} ${column}`;
        kept.add(place);
        inSight.push([row, column]);
      }
    }
    let changed = false;
    for (const place of [...this.cells.keys()]) {
      if (!kept.has(place)) { this.drop(place); changed = true; }
    }
    for (const [row, column] of inSight) {
      const place = `${row} ${column}`;
      let cell = this.cells.get(place);
      if (cell === undefined) { cell = this.take(row, column); changed = true; }
      const x = Math.round(this.left + column * this.width - scrollLeft);
      const y = Math.round(this.top + row * this.height - position);
      cell.element.style.transform = `translate(${x}px, ${y}px)`;
    }
    this.drawHeads(firstRow, lastRow, firstColumn, lastColumn, position, scrollLeft);
    this.mark();
    if (changed) this.seen(inSight);
  }

  take(row, column) {
    const cell = this.spare.pop() ?? this.make();
    Object.assign(cell, {row, column});
    const {element: button} = cell;
    button.onclick = () => { this.active = [cell.row, cell.column]; this.mark(); this.open(cell.row, cell.column); };
    button.onfocus = () => { this.active = [cell.row, cell.column]; this.mark(); };
    button.style.width = `${this.width - 4}px`;
    button.style.height = `${this.height - 4}px`;
    cell.set(row, column);
    this.cells.set(`${row} ${column}`, cell);
    this.box.append(button);
    return cell;
  }

  drop(place) {
    const cell = this.cells.get(place);
    this.cells.delete(place);
    // Focus must not be lost to nothing as its cell leaves.
    if (cell.element === document.activeElement) this.element.focus({preventScroll: true});
    cell.element.remove();
    this.spare.push(cell);
    if (this.spare.length > 200) this.spare.shift();
  }

  drawHeads(firstRow, lastRow, firstColumn, lastColumn, position, scrollLeft) {
    const wanted = new Map();
    if (this.rowLabels) {
      for (let row = firstRow; row < lastRow; ++row) {
        wanted.set(`r${row}`, {text: this.rowLabels[row], x: 0, y: this.top + row * this.height - position, kind: 'row'});
      }
    }
    if (this.columnLabels) {
      for (let column = firstColumn; column < lastColumn; ++column) {
        wanted.set(`c${column}`, {text: this.columnLabels[column], x: this.left + column * this.width - scrollLeft, y: 0, kind: 'column'});
      }
    }
    for (const [key, head] of this.heads) {
      if (!wanted.has(key)) { head.remove(); this.heads.delete(key); }
    }
    for (const [key, {text, x, y, kind}] of wanted) {
      let head = this.heads.get(key);
      if (head === undefined) {
        head = element('div', {class: `head ${kind}`, 'aria-hidden': 'true'});
        this.heads.set(key, head);
        this.box.append(head);
      }
      setText(head, text);
      setAttribute(head, 'title', text);
      head.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      head.style.width = `${kind === 'row' ? ROW_HEAD_PX - 8 : this.width - 4}px`;
      head.style.height = `${kind === 'row' ? this.height - 4 : COLUMN_HEAD_PX}px`;
    }
  }

  // One cell is reached by Tab, all others by arrows from it.
  mark() {
    let found = false;
    for (const cell of this.cells.values()) {
      const isActive = cell.row === this.active[0] && cell.column === this.active[1];
      cell.element.tabIndex = isActive ? 0 : -1;
      found ||= isActive;
    }
    this.element.tabIndex = found ? -1 : 0;
  }

  onKey(event) {
    const screen = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1);
    const steps = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
      PageUp: [-screen, 0], PageDown: [screen, 0], Home: [0, -this.columns], End: [0, this.columns],
    };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.metaKey || this.rows === 0) return;
    event.preventDefault();
    const rows = event.ctrlKey && step[1] !== 0 ? Math.sign(step[1]) * this.rows : step[0];
    this.reach(this.active[0] + rows, this.active[1] + step[1]);
  }

  // Brings a cell into sight and gives it the focus.
  reach(row, column) {
    this.active = [clamped(row, 0, this.rows - 1), clamped(column, 0, this.columns - 1)];
    const [toRow, toColumn] = this.active;
    const {clientHeight, clientWidth, scrollLeft} = this.element;
    const position = this.position;
    if (toRow * this.height < position) this.position = toRow * this.height;
    else if (this.top + (toRow + 1) * this.height > position + clientHeight) this.position = this.top + (toRow + 1) * this.height - clientHeight;
    if (toColumn * this.width < scrollLeft) this.element.scrollLeft = toColumn * this.width;
    else if (this.left + (toColumn + 1) * this.width > scrollLeft + clientWidth) this.element.scrollLeft = this.left + (toColumn + 1) * this.width - clientWidth;
    this.draw();
    this.cells.get(`${toRow} ${toColumn}`)?.element.focus({preventScroll: true});
  }
}
