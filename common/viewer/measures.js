// The numbers that a task has: measures, losses, time.
import {isNumber, recordOf} from './text.js';

// All numbers of one task by the names of their columns.
export function numbersOf(task) {
  const numbers = new Map();
  const add = (name, value) => {
    if (isNumber(value)) numbers.set(name, value);
  };
  for (const [name, value] of Object.entries(recordOf(task.measures))) {
    add(name, value);
  }
  const result = recordOf(task.result);
  for (const [term, value] of Object.entries(recordOf(result.losses))) {
    add(lossName(term), value);
  }
  add('seconds', result.seconds);
  add('iterations_done', result.iterations);
  return numbers;
}

// Of the render, not of its picture.
const timeNames = /^(seconds|peak_memory|iterations)/;

// As in results.csv.
function lossName(term) {
  return term === 'total_variation' ? 'tv_loss' : `${term}_loss`;
}

// A measure of `name`, as the table says; what is not in it is shown under its
// own name, and lower counts as better.
export function describeMeasure(name, known) {
  const row = known.find((one) => one.name === name) ?? {};
  return {
    name,
    unit: row.unit ?? ({seconds: 's'}[name] ?? ''),
    higher: row.better === 'higher',
    isRanked: row.better !== 'neither',
    what: row.what ?? '',
    isOfLayer: /_(relu|conv|pool)\d/.test(name),
    isCost: name.endsWith('_loss') || timeNames.test(name),
  };
}

// The place of a column: measures of the picture in the table's order, then losses, then time.
export function rankMeasure(name, known) {
  const place = known.findIndex((one) => one.name === name);
  if (timeNames.test(name)) return 3e6 + (place < 0 ? 0 : 1 + place);
  if (name.endsWith('_loss')) return 2e6;
  return place < 0 ? 1e6 : place;
}

// What any of these tasks has, in the order of columns, with the span of its
// values and the tasks that have the best one:
// {name, unit, higher, isRanked, what, isOfLayer, isCost, least, most, best: Set
// of tasks}. `known` is a table of {name, unit, better: "higher", "lower" or
// "neither", what}.
export function measuresOf(tasks, known) {
  const names = new Set(tasks.flatMap((task) => [...task.numbers.keys()]));
  return [...names]
      .sort((a, b) => rankMeasure(a, known) - rankMeasure(b, known) ||
                (a < b ? -1 : 1))
      .map((name) => withSpan(describeMeasure(name, known), tasks));
}

function withSpan(measure, tasks) {
  let least = Infinity;
  let most = -Infinity;
  for (const task of tasks) {
    const value = task.numbers.get(measure.name);
    if (value === undefined) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const top = measure.higher ? most : least;
  // Where all are the same, none is the best.
  const best = new Set(least === most || !measure.isRanked ? [] : tasks.filter(
      (task) => task.numbers.get(measure.name) === top));
  return {...measure, least, most, best};
}

// How good a value is among those of its measure: 0 the worst, 1 the best.
// By ratios where values span more than two orders of magnitude.
export function goodness(measure, value) {
  if (!isNumber(value) || measure.least === measure.most) return null;
  const isWide = measure.least > 0 && measure.most / measure.least > 100;
  const scale = isWide ? Math.log : (x) => x;
  const [least, most] = [scale(measure.least), scale(measure.most)];
  const share = (scale(value) - least) / (most - least);
  return measure.higher ? share : 1 - share;
}
