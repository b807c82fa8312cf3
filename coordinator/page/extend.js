// A job's sweep enlarged around one of its tasks: which values are offered, and
// the spec of the larger job. As “atelier extend” does it.
import {givenIn, isAllowed, parseValues, ValueError} from '/page/parameter_values.js';

// The axes of numbers of a job: [{place, name, row, values}], values as numbers;
// or, as `why`, what keeps the job from being extended.
export function extendableAxes(spec, rows) {
  const {axes = [], mode = ''} = spec;
  if (/RANDOM/.test(mode)) return {axes: [], why: 'It is a random sample; one of more values would have other tasks.'};
  if (/ZIP/.test(mode) && axes.length > 1) return {axes: [], why: 'Its axes go together, value by value, and none grows alone.'};
  const found = axes.map((axis, place) => axisOf(axis, place, rows)).filter(Boolean);
  return {axes: found, why: found.length > 0 ? '' : 'None of its axes is of numbers.'};
}

function axisOf(axis, place, rows) {
  let row;
  const values = [];
  for (const {set} of axis.values) {
    const given = givenIn(set);
    if (given.length !== 1) return null;
    const [name, value] = given[0];
    row ??= rows.get(name);
    if (row?.wire_name !== name || !['integer', 'number'].includes(row.kind)) return null;
    values.push(Number(value));
  }
  return row && {place, name: axis.name, row, values};
}

// Whether steps are ratios rather than differences.
function looksGeometric(sorted) {
  if (sorted[0] <= 0) return false;
  if (sorted.length === 2) return sorted[1] / sorted[0] >= 3;
  const steps = (of) => sorted.slice(1).map((value, i) => of(value, sorted[i]));
  const unevenness = (all) => Math.max(...all) / Math.min(...all);
  return unevenness(steps((a, b) => a / b - 1)) < unevenness(steps((a, b) => a - b));
}

// The shortest number that is as good.
function rounded(value, gap, isWhole) {
  if (isWhole) return Math.round(value);
  for (let digits = 2; digits < 15; ++digits) {
    const short = Number(value.toPrecision(digits));
    if (Math.abs(short - value) <= gap / 20) return short;
  }
  return value;
}

// Values to try around one that an axis has: between it and its neighbours, and
// a step further where it is at an end. Rising.
export function offersAround({values, row}, at) {
  const sorted = [...new Set(values)].filter(Number.isFinite).sort((a, b) => a - b);
  const here = sorted.indexOf(values[at]);
  if (here < 0) return [];
  const value = sorted[here];
  const isGeometric = sorted.length > 1 ? looksGeometric(sorted) : value > 0;
  const isPositive = sorted[0] > 0;
  const middle = (a, b) => (isGeometric ? Math.sqrt(a * b) : (a + b) / 2);
  const beyond = (neighbour, isUp) => {
    if (neighbour === undefined) return isGeometric ? (isUp ? value * 2 : value / 2) : isUp ? value + 1 : value - 1;
    if (isGeometric) return value * (value / neighbour);
    const next = value + (value - neighbour);
    return isPositive && next <= 0 ? value / 2 : next;
  };
  const [below, above] = [sorted[here - 1], sorted[here + 1]];
  const raw = [
    below === undefined ? beyond(above, false) : middle(below, value),
    above === undefined ? beyond(below, true) : middle(value, above),
  ];
  return raw.map((one) => rounded(one, Math.abs(one - value), row.kind === 'integer'))
      .filter((one, i, all) => Number.isFinite(one) && isAllowed(one, row) && !sorted.includes(one) && all.indexOf(one) === i);
}

// The spec of the larger job. `texts`: by place of an axis what is written there.
// `skipped`: values that the job has. Throws ValueError with `place`.
export function extendedSpec(spec, axes, texts) {
  const larger = structuredClone(spec);
  larger.no_cache = false;
  const skipped = [];
  let added = 0;
  for (const {place, row, values} of axes) {
    let written;
    try {
      written = parseValues(texts[place] ?? '', row);
    } catch (error) {
      throw Object.assign(error, {place});
    }
    const known = new Map(spec.axes[place].values.map(({label}, i) => [label, values[i]]));
    for (const {label, value} of written) {
      const number = Number(value);
      if ([...known.values()].includes(number)) { skipped.push(label); continue; }
      if (known.has(label)) throw Object.assign(new ValueError(`“${label}” is the label of another value; write LABEL=${label}`), {place});
      known.set(label, number);
      larger.axes[place].values.push({label, set: {[row.wire_name]: value}});
      ++added;
    }
  }
  return {spec: larger, skipped, added};
}
