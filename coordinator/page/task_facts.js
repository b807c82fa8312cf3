// What made a picture, its numbers and curves, and what its attempts took.
import {durationText, readable, wordOf} from '/page/text.js';
import {drawAgainst} from '/page/viewer/curves.js';
import {make} from '/page/viewer/dom.js';
import {formatNumber, timeText, valueText, visible} from '/page/viewer/text.js';

// As the viewer's curves take a task; `curve` is null where it has none.
export function withCurve(task, name) {
  const {iterations = [], total = [], terms = []} = task?.result?.measures?.curve ?? {};
  if (iterations.length === 0) return {name, curve: null};
  return {name, curve: {iterations, total, terms: Object.fromEntries(terms.map(({term, losses}) => [term, losses]))}};
}

// entries: [name, value, the same of what it is compared with].
function pairs(title, entries) {
  if (entries.length === 0) return null;
  return make('section', {}, make('h3', {}, title), make('dl', {},
      entries.map(([name, value, other]) => make('div', {}, make('dt', {}, name), make('dd', {}, value),
          other !== undefined && make('dd', {class: 'other'}, other)))));
}

function seconds(duration) { return Number(String(duration ?? '').replace(/s$/, '')); }

// `logs`: those of each attempt, elements or null; the last may be of one that runs.
function attemptsSection(attempts, logs) {
  if (attempts.length + logs.length === 0) return null;
  return make('section', {}, make('h3', {}, 'Attempts'), attempts.length > 0 && attemptsTable(attempts), logs);
}

function attemptsTable(attempts) {
  return make('div', {class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Attempts'}, make('table', {},
      make('thead', {}, make('tr', {}, ['No.', 'Worker', 'Outcome', 'Device time', 'Ended'].map((name) => make('th', {scope: 'col'}, name)))),
      make('tbody', {}, attempts.map((attempt) => make('tr', {},
          make('td', {class: 'number'}, String(attempt.number)), make('td', {}, visible(attempt.worker)),
          make('td', {}, wordOf(attempt.outcome, 'OUTCOME_'), make('span', {class: 'why'}, visible(attempt.message))),
          make('td', {class: 'number'}, durationText(seconds(attempt.device_time))),
          make('td', {}, timeText(attempt.ended_at)))))));
}

const numbersOf = (object) => Object.entries(object ?? {}).filter(([, value]) => typeof value === 'number').sort(([a], [b]) => a.localeCompare(b));

function lossesOf(losses) {
  const terms = losses?.terms && typeof losses.terms === 'object' ? losses.terms : {};
  return numbersOf({...terms, ...losses});
}

function besides(entries, others) {
  const known = others && new Map(others);
  return entries.map(([name, value]) => [readable(name), formatNumber(value), known ? formatNumber(known.get(name)) : undefined]);
}

// A choice as commands have it: "neural-style" of CONVENTION_NEURAL_STYLE.
export function choiceText(name, value) {
  const prefix = [`${name.toUpperCase()}_`, 'INITIALISATION_'].find((one) => String(value).startsWith(one));
  return prefix ? value.slice(prefix.length).toLowerCase().replaceAll('_', '-') : valueText(value);
}

// `other`: the task that it is compared with, or null; `logs`: AttemptLogs.
export function factsOf(job, task, attempts, other, logs) {
  const running = task.state === 'TASK_STATE_LEASED' ? (attempts.at(-1)?.number ?? 0) + 1 : 0;
  const logElements = [...attempts.map(({number, log_digest: digest}) => logs.element(task.index, number, digest)),
    running > 0 && logs.element(task.index, running, task.log_digest)].filter(Boolean);
  const axes = job.spec.axes ?? [];
  const {result} = task;
  const measures = (of) => numbersOf(of?.result?.measures?.values);
  const render = Object.entries(task.render ?? {}).filter(([, value]) => typeof value !== 'object');
  const curves = withCurve(task, `task ${task.index}`);
  return [
    task.message ? make('p', {class: 'error'}, visible(task.message)) : null,
    pairs('Point', axes.map((axis, place) => [readable(axis.name), valueText(task.labels?.[place]), other?.labels ? valueText(other.labels[place]) : undefined])),
    pairs('Measures', besides(measures(task), other && measures(other))),
    pairs('Losses', besides(lossesOf(result?.losses ?? task.losses), other && lossesOf(other.result?.losses))),
    curves.curve ? make('section', {}, make('h3', {}, 'Losses by term'), drawAgainst(curves, other?.result?.measures?.curve ? withCurve(other, `task ${other.index}`) : null)) : null,
    pairs('Parameters', render.map(([name, value]) => [readable(name), choiceText(name, value)])),
    attemptsSection(attempts, logElements),
    pairs('Digests', [['render key', task.render_key ?? ''], ['picture', result?.image_digest ?? '']].filter(([, value]) => value)),
  ];
}
