// What somebody sees of a job, as data, and its form in the address. Changes
// make a new state; nothing here knows elements.
//
//   let state = stateOf(new URLSearchParams('row=seed&filter=ssim>0.6'), points);
//   state = withAxis(state, 0, 'columns');
//   queryOf(state, points);  // Only what is not as it would be anyway.

export const CELL_PX = [48, 64, 96, 128, 192, 256, 384, 512];
export const PLACES = ['row', 'column', 'rows', 'columns', 'slider'];
export const COMPARISONS = ['side', 'swipe', 'difference'];
export const PANELS = ['curves', 'parallel'];
export const MOST_COMPARED = 3;  // Besides the one that is open.

const USUAL_PX = 128;
const FITTING_PX = [64, 96, 128, 192, 256];
const MOST_ACROSS = 16;
const WIDE = 1.5;  // Windows are wider than high.
const MOST_AT_FIRST = 300;  // Cells that blocks are made of unasked.
const identity = (count) => Array.from({length: count}, (_, place) => place);

// The last axis is across and the one before it down; those before make blocks,
// of columns while the grid stays wide rather than long and the window is, else of
// rows, while all is soon looked over, and have sliders from then on. Axes of one
// value need no place. `rows` and `columns` are axes by their places, the outermost first;
// `at`: of each axis the value that a slider is at; `shown`: of each axis the
// values that are seen, in this order, or null for all as they come.
// `points.usualPx`: the size of cells that suits the window, once that is known;
// `points.isNarrow`: it has no room for blocks of columns.
export function firstState(points) {
  const {axes, isGrid} = points;
  const long = isGrid ? identity(axes.length).filter((axis) => axes[axis].labels.length > 1) : [];
  const columns = long.slice(-1);
  const rows = long.slice(-2, -1);
  let [across, down] = [columns, rows].map((list) => list.reduce((product, axis) => product * axes[axis].labels.length, 1));
  for (const axis of long.slice(0, -2).reverse()) {
    const {length} = axes[axis].labels;
    if (across * down * length > MOST_AT_FIRST) break;
    const isAcross = !points.isNarrow && across * length <= MOST_ACROSS && across < down * WIDE;
    (isAcross ? columns : rows).unshift(axis);
    if (isAcross) across *= length; else down *= length;
  }
  return {
    rows, columns,
    at: axes.map(() => 0),
    shown: axes.map(() => null),
    order: '', filter: '', color: '', size: points.usualPx ?? USUAL_PX,
    iteration: null,  // Null: the end of each.
    task: null, compared: [], how: 'side', panel: '',
  };
}

// The largest cells of which all are seen in so much room, and the usual ones
// where there are too many. `count`: of those that stand one after another, or null
// where `rows` and `columns` say it.
export function fittingPx({rows, columns, count, aspect}, {width, height, caption, gap}) {
  const fits = (px) => {
    const most = Math.floor(width / (px + gap));
    const across = count === null ? columns : Math.max(1, most);
    const down = count === null ? rows : Math.ceil(count / across);
    return across <= most && down * (Math.round(px / aspect) + caption + gap) <= height;
  };
  return FITTING_PX.findLast(fits) ?? USUAL_PX;
}

// The values of an axis that are seen, by their places.
export function shownOf(state, points, axis) {
  return state.shown[axis] ?? identity(points.axes[axis].labels.length);
}

export function placeOf(state, axis) {
  for (const [inner, outer, list] of [['row', 'rows', state.rows], ['column', 'columns', state.columns]]) {
    if (list.includes(axis)) return list[list.length - 1] === axis ? inner : outer;
  }
  return 'slider';
}

// The state with an axis in another place. "row" and "column" are what changes
// fastest, and what was there takes the axis's old place; "rows" and "columns"
// are blocks around all that is there.
export function withAxis(state, axis, place) {
  const from = placeOf(state, axis);
  if (from === place) return state;
  const rows = state.rows.filter((one) => one !== axis);
  const columns = state.columns.filter((one) => one !== axis);
  const next = {...state, rows, columns};
  const list = {row: rows, rows, column: columns, columns}[place];
  if (place === 'rows' || place === 'columns') {
    list.unshift(axis);
  } else if (list) {
    const replaced = list.pop();
    list.push(axis);
    if (replaced !== undefined) giveBack(next, replaced, from, list);
  }
  return next;
}

function giveBack(next, axis, from, list) {
  if (from === 'slider') return;
  const to = from.startsWith('row') ? next.rows : next.columns;
  if (to === list) to.splice(-1, 0, axis);
  else if (from === 'row' || from === 'column') to.push(axis);
  else to.unshift(axis);
}

const replaced = (list, at, value) => list.map((one, i) => (i === at ? value : one));

export function withShown(state, points, axis, places) {
  if (places.length === 0) return state;  // Something is always seen.
  const count = points.axes[axis].labels.length;
  const isAll = places.length === count && places.every((place, i) => place === i);
  const shown = replaced(state.shown, axis, isAll ? null : places);
  const at = places.includes(state.at[axis]) ? state.at : replaced(state.at, axis, places[0]);
  return {...state, shown, at};
}

// [0, 1, 2, 5] is "0-2.5": no character of it is escaped in an address.
export function rangesText(numbers, between = '.') {
  const parts = [];
  for (let i = 0; i < numbers.length;) {
    let last = i;
    while (numbers[last + 1] === numbers[last] + 1) ++last;
    parts.push(last === i ? `${numbers[i]}` : `${numbers[i]}-${numbers[last]}`);
    i = last + 1;
  }
  return parts.join(between);
}

// Those below `count`, each once; null where there are none.
export function rangesOf(text, count) {
  const found = new Set();
  for (const part of String(text ?? '').split('.')) {
    const [, first, last] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    if (first === undefined) continue;
    for (let i = Number(first); i <= Math.min(Number(last ?? first), count - 1); ++i) found.add(i);
  }
  return found.size > 0 ? [...found] : null;
}

// Whatever an address says makes a state that can be shown.
export function stateOf(query, points) {
  const {axes, isGrid, count} = points;
  let state = firstState(points);
  const axesOf = (key) => (query.get(key) ?? '').split('.')
      .map((name) => axes.findIndex((axis) => axis.name === name)).filter((axis, i, all) => axis >= 0 && all.indexOf(axis) === i);
  if (isGrid && (query.has('row') || query.has('column'))) {
    const columns = axesOf('column');
    const rows = axesOf('row').filter((axis) => !columns.includes(axis));
    if (!query.has('row')) state.rows = state.rows.filter((axis) => !columns.includes(axis));
    else state.rows = rows;
    state.columns = query.has('column') ? columns : state.columns.filter((axis) => !rows.includes(axis));
  }
  axes.forEach(({name, labels}, axis) => {
    const at = labels.indexOf(query.get(`at.${name}`));
    if (at >= 0) state.at[axis] = at;
    const shown = rangesOf(query.get(`show.${name}`), labels.length);
    if (shown) state = withShown(state, points, axis, shown);
  });
  const whole = (key, below) => {
    const text = query.get(key) ?? '';
    return /^\d{1,15}$/.test(text) && Number(text) < below ? Number(text) : null;
  };
  const oneOf = (key, allowed, otherwise) => (allowed.includes(query.get(key)) ? query.get(key) : otherwise);
  const isCompared = (text) => /^(content|style|style\d{1,2}|\d{1,15})$/.test(text) && !(Number(text) >= count);
  return {
    ...state,
    order: query.get('sort') ?? '', filter: query.get('filter') ?? '', color: query.get('color') ?? '',
    size: Number(oneOf('size', CELL_PX.map(String), state.size)),
    iteration: whole('iteration', 1e9), task: whole('task', count),
    compared: (query.get('with') ?? '').split('.').filter(isCompared).slice(0, MOST_COMPARED),
    how: oneOf('how', COMPARISONS, 'side'), panel: oneOf('panel', PANELS, ''),
  };
}

// As an object for URLSearchParams.
export function queryOf(state, points) {
  const {axes, isGrid} = points;
  const usual = firstState(points);
  const query = {};
  const names = (list) => list.map((axis) => axes[axis].name).join('.');
  if (isGrid && (names(state.rows) !== names(usual.rows) || names(state.columns) !== names(usual.columns))) {
    query.row = names(state.rows);
    query.column = names(state.columns);
  }
  axes.forEach(({name, labels}, axis) => {
    if (state.shown[axis]) query[`show.${name}`] = rangesText(state.shown[axis]);
    const isSlider = isGrid && placeOf(state, axis) === 'slider';
    if (isSlider && state.at[axis] !== shownOf(state, points, axis)[0]) query[`at.${name}`] = labels[state.at[axis]];
  });
  const say = (key, value, otherwise) => { if (value !== otherwise && value !== null) query[key] = String(value); };
  say('sort', state.order, '');
  say('filter', state.filter, '');
  say('color', state.color, '');
  say('size', state.size, usual.size);
  say('iteration', state.iteration, null);
  say('panel', state.panel, '');
  say('task', state.task, null);
  if (state.task !== null && state.compared.length > 0) {
    query.with = state.compared.join('.');
    say('how', state.how, 'side');
  }
  return query;
}
