// Where values of a curve stand on its axis, and what is written beside it.
import {isNumber} from './text.js';

// A scale over `values`: logarithmic where none is negative; what is 0 has no
// place on it then. It has toShare(value), 0 at the bottom and 1 at the top, and
// ticks: [values].
export function makeScale(values) {
  const numbers = values.filter(isNumber);
  const positive = numbers.filter((value) => value > 0);
  const isLog = positive.length > 0 && numbers.every((value) => value >= 0);
  let [least, most] = spanOf(isLog ? positive : numbers);
  if (least === most) {
    [least, most] = isLog ? [least / 2, most * 2] : [least - 1, most + 1];
  }
  const through = isLog ? Math.log10 : (x) => x;
  const from = through(least);
  const to = through(most);
  return {
    isLog,
    toShare: (value) => (through(value) - from) / (to - from),
    ticks: isLog ? logTicks(least, most) : evenTicks(least, most),
  };
}

function spanOf(numbers) {
  let least = Infinity;
  let most = -Infinity;
  for (const value of numbers) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return numbers.length === 0 ? [0, 1] : [least, most];
}

// Powers of ten, and 2 and 5 between them where there are few.
function logTicks(least, most) {
  const first = Math.floor(Math.log10(least));
  const last = Math.ceil(Math.log10(most));
  const every = Math.max(1, Math.ceil((last - first) / 6));
  const between = last - first <= 2 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = first; power <= last; power += every) {
    for (const factor of between) ticks.push(factor * 10 ** power);
  }
  return ticks.filter((tick) => tick >= least && tick <= most);
}

export function evenTicks(least, most) {
  const rough = (most - least) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power)
                   .find((one) => one >= rough);
  const ticks = [];
  // Counted, so that no step is lost between numbers that are nearly alike.
  for (let i = Math.ceil(least / step); i * step <= most && ticks.length < 12;
       ++i) {
    ticks.push(i * step);
  }
  return ticks;
}

// The curves to draw for these tasks: of one task all terms, of several one
// term each. [{name, iterations, values, look, isOther}]; `look` is the number
// of a stroke (colors.js), `isOther` those of what is only compared.
export function curvesOf(tasks, term) {
  if (tasks.length === 1) {
    return termsOf(tasks).map((name, i) => curveOf(tasks[0], name, name, i));
  }
  return tasks.map((task, i) => curveOf(task, term, task.name, i))
      .filter((curve) => curve.values.some(isNumber));
}

// All terms of a task, and those of another beside them.
export function curvesAgainst(task, other) {
  const terms = termsOf([task, other]);
  return [[task, false], [other, true]].flatMap(([of, isOther]) => terms.map(
      (name, i) => ({
        ...curveOf(of, name, isOther ? `${name} (compared)` : name, i), isOther,
      }))).filter((curve) => curve.values.some(isNumber));
}

function curveOf(task, term, name, look) {
  const {iterations = [], total = [], terms = {}} = task.curve ?? {};
  return {
    name, iterations, look, isOther: false,
    values: (term === 'total' ? total : terms[term]) ?? [],
  };
}

// The terms that any of the tasks has a curve of, `total` first.
export function termsOf(tasks) {
  const names = new Set();
  for (const task of tasks) {
    if (task.curve?.total?.length) names.add('total');
    for (const name of Object.keys(task.curve?.terms ?? {})) names.add(name);
  }
  return [...names].sort(
      (a, b) => (b === 'total') - (a === 'total') || (a < b ? -1 : 1));
}
