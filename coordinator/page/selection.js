// The tasks that are selected, by index, and where a range of them begins.
import {rangesText} from '/page/view_state.js';

export class Selection {
  // `changed()`: others are selected.
  constructor(changed = () => {}) {
    this.changed = changed;
    this.tasks = new Set();
    this.anchor = null;  // [row, column]
  }

  get size() { return this.tasks.size; }

  has(index) { return this.tasks.has(index); }

  // Rising.
  indices() { return [...this.tasks].sort((a, b) => a - b); }

  toggle(index) {
    if (!this.tasks.delete(index)) this.tasks.add(index);
    this.changed();
  }

  // These alone, or besides those there are.
  take(indices, isMore = false) {
    if (!isMore) this.tasks.clear();
    for (const index of indices) this.tasks.add(index);
    this.changed();
  }

  clear() {
    this.anchor = null;
    if (this.size > 0) this.take([]);
  }

  // "0-4,7", as commands take numbers of tasks.
  text() { return rangesText(this.indices(), ','); }
}

// The tasks between two cells of a placing: in rows of a grid the rectangle, one
// after another all from the one to the other.
export function tasksBetween(placing, [rowA, columnA], [rowB, columnB]) {
  const found = [];
  const add = (row, column) => {
    const index = placing.indexAt(row, column);
    if (index >= 0) found.push(index);
  };
  if (placing.isFlow) {
    const [first, last] = [rowA * placing.columns + columnA, rowB * placing.columns + columnB].sort((a, b) => a - b);
    for (let at = first; at <= last; ++at) add(Math.floor(at / placing.columns), at % placing.columns);
    return found;
  }
  return tasksInBox(placing, [rowA, columnA], [rowB, columnB]);
}

// The tasks of the rectangle between two cells.
export function tasksInBox(placing, [rowA, columnA], [rowB, columnB]) {
  const found = [];
  for (let row = Math.max(0, Math.min(rowA, rowB)); row <= Math.min(placing.rows - 1, Math.max(rowA, rowB)); ++row) {
    for (let column = Math.max(0, Math.min(columnA, columnB)); column <= Math.min(placing.columns - 1, Math.max(columnA, columnB)); ++column) {
      const index = placing.indexAt(row, column);
      if (index >= 0) found.push(index);
    }
  }
  return found;
}
