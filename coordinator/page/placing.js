// Which task stands where: pure functions of a job's axes and of the state of the
// view. A grid of a million cells takes no more memory than one of ten; only
// what leaves points out, or sorts, makes a list of tasks.
import {shownOf} from '/page/view_state.js';

// Of points that are left out a list is made, but not of any number.
const MOST_LISTED = 5_000_000;

// The points of a job: `axes` as {name, labels}, `count` tasks, whether they
// fill a grid, and which point each is. The last axis changes fastest.
export class Points {
  constructor(job) {
    const {axes = [], mode = '', exclude = []} = job.spec ?? {};
    this.count = Number(job.task_count ?? 0);
    this.axes = axes.map((axis) => ({
      name: axis.name, labels: axis.values.map((value) => value.label),
    }));
    this.isZip = /ZIP/.test(mode);
    const all = this.axes.reduce((product, axis) => product * axis.labels.length, 1);
    const isWhole = all === this.count;
    this.kept = null;  // Of each task the number of its point, with exclusions.
    const isGrid = this.axes.length > 0 && !this.isZip && !/RANDOM/.test(mode);
    if (isGrid && !isWhole && all <= MOST_LISTED) this.kept = this.leaveOut(exclude, all);
    // Of a grid of which most is left out, nobody sees what is between the gaps.
    this.isGrid = isGrid && (isWhole || (this.kept?.length === this.count && this.count * 4 >= all));
  }

  leaveOut(exclude, all) {
    const rules = exclude.map(({labels}) => labels.map(({axis, label}) => {
      const place = this.axes.findIndex((one) => one.name === axis);
      return [place, this.axes[place]?.labels.indexOf(label)];
    }));
    const kept = new Int32Array(Math.min(all, this.count));
    let next = 0;
    for (let point = 0; point < all && next < kept.length; ++point) {
      const places = this.spread(point);
      if (!rules.some((rule) => rule.every(([axis, value]) => places[axis] === value))) kept[next++] = point;
    }
    return kept.subarray(0, next);
  }

  spread(point) {
    const places = new Array(this.axes.length);
    for (let axis = this.axes.length - 1; axis >= 0; --axis) {
      const {length} = this.axes[axis].labels;
      places[axis] = point % length;
      point = Math.floor(point / length);
    }
    return places;
  }

  // The task at these values, one for each axis; -1 where none is.
  indexOf(places) {
    const point = this.axes.reduce((sum, axis, at) => sum * axis.labels.length + places[at], 0);
    if (!this.kept) return point;
    let [low, high] = [0, this.kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.kept[middle] < point) low = middle + 1; else high = middle;
    }
    return this.kept[low] === point ? low : -1;
  }

  // The values of a task, one for each axis; null where only the task knows.
  placesOf(index) {
    if (index < 0 || index >= this.count || this.axes.length === 0) return null;
    if (this.isZip) return this.axes.map(() => index);
    if (this.kept) return this.isGrid || this.kept.length === this.count ? this.spread(this.kept[index]) : null;
    return this.isGrid ? this.spread(index) : null;
  }

  labelsOf(index) {
    return this.placesOf(index)?.map((place, axis) => this.axes[axis].labels[place]) ?? null;
  }
}

// Whether the cells stand by the axes, or one after another.
export function isFlow(points, state) {
  return !points.isGrid || state.order !== '' || (state.rows.length === 0 && state.columns.length <= 1);
}

// Where there is nothing to sort and all is seen, null: tasks by their index.
// `rank(index)`: its place in the order, lower first, or null for by index;
// `isWanted(index)`: or null for all.
export function orderOf(points, state, rank, isWanted) {
  const hidden = points.isGrid || points.isZip ? state.shown.some((shown) => shown !== null) : false;
  if (!rank && !isWanted && !hidden && !hasSliders(points, state)) return null;
  const shown = state.shown.map((places) => (places ? new Map(places.map((place, i) => [place, i])) : null));
  const inPlace = (places) => !places || places.every((place, axis) => !shown[axis] || shown[axis].has(place));
  // By one axis alone, its own order of values counts, and the sliders.
  const isByAxis = points.isGrid && state.order === '';
  const along = isByAxis ? state.columns[0] : undefined;
  const found = [];
  if (isByAxis) {
    const places = [...state.at];
    const values = along === undefined ? [state.at[0]] : shownOf(state, points, along);
    for (const value of values) {
      if (along !== undefined) places[along] = value;
      const index = points.indexOf(places);
      if (index >= 0 && (!isWanted || isWanted(index))) found.push(index);
    }
    return Int32Array.from(found);
  }
  for (let index = 0; index < points.count; ++index) {
    if (hidden && !inPlace(points.placesOf(index))) continue;
    if (isWanted && !isWanted(index)) continue;
    found.push(index);
  }
  if (rank) {
    const ranks = new Map(found.map((index) => [index, rank(index)]));
    found.sort((a, b) => ranks.get(a) - ranks.get(b) || a - b);
  }
  return Int32Array.from(found);
}

function hasSliders(points, state) {
  return points.isGrid && state.order === '' &&
      points.axes.some((axis, i) => axis.labels.length > 1 && !state.columns.includes(i) && !state.rows.includes(i));
}

// {rows, columns, rowLevels, columnLevels, isFlow, indexAt(row, column),
//  find(index)}. A level is {axis, values, span}: its heads go on and on through
// `values`, each over `span` cells; the outermost comes first. indexAt is -1
// where there is no task, find null where the task is not seen.
export function place(points, state, order, perRow) {
  return isFlow(points, state) ? flow(points, order, Math.max(1, perRow)) : grid(points, state);
}

function flow(points, order, perRow) {
  const count = order ? order.length : points.count;
  const columns = Math.max(1, Math.min(perRow, count));
  let placeOfTask = null;
  const find = (index) => {
    if (order && !placeOfTask) placeOfTask = new Map(Array.from(order, (task, at) => [task, at]));
    const at = order ? placeOfTask.get(index) : index;
    if (at === undefined || at < 0 || at >= count) return null;
    return [Math.floor(at / columns), at % columns];
  };
  return {
    rows: Math.ceil(count / columns), columns, rowLevels: [], columnLevels: [], isFlow: true, count, find,
    indexAt: (row, column) => {
      const at = row * columns + column;
      if (column >= columns || at >= count) return -1;
      return order ? order[at] : at;
    },
  };
}

function levelsOf(points, state, axes) {
  let span = 1;
  const levels = [];
  for (const axis of [...axes].reverse()) {
    const values = shownOf(state, points, axis);
    levels.unshift({axis, values, span});
    span *= values.length;
  }
  return {levels, length: span};
}

function grid(points, state) {
  const {levels: rowLevels, length: rows} = levelsOf(points, state, state.rows);
  const {levels: columnLevels, length: columns} = levelsOf(points, state, state.columns);
  const valueAt = ({values, span}, at) => values[Math.floor(at / span) % values.length];
  return {
    rows, columns, rowLevels, columnLevels, isFlow: false, count: rows * columns,
    indexAt: (row, column) => {
      const places = [...state.at];
      for (const level of rowLevels) places[level.axis] = valueAt(level, row);
      for (const level of columnLevels) places[level.axis] = valueAt(level, column);
      return points.indexOf(places);
    },
    find: (index) => {
      const places = points.placesOf(index);
      if (!places) return null;
      const at = (levels) => levels.reduce((sum, {axis, values, span}) => {
        const value = values.indexOf(places[axis]);
        return value < 0 ? NaN : sum + value * span;
      }, 0);
      const isSeen = places.every((value, axis) => value === state.at[axis] ||
          state.rows.includes(axis) || state.columns.includes(axis));
      const [row, column] = [at(rowLevels), at(columnLevels)];
      return isSeen && row >= 0 && column >= 0 ? [row, column] : null;
    },
  };
}

// The next task in this direction, over what is left out; null at the edge. Left
// and right go on in the next row at the end of one where `wraps`.
export function neighbour(placing, [row, column], down, across, wraps = false) {
  for (;;) {
    row += down;
    column += across;
    if (wraps && across !== 0 && (column < 0 || column >= placing.columns)) {
      row += Math.sign(across);
      column = across < 0 ? placing.columns - 1 : 0;
    }
    if (row < 0 || column < 0 || row >= placing.rows || column >= placing.columns) return null;
    if (placing.indexAt(row, column) >= 0) return [row, column];
  }
}
