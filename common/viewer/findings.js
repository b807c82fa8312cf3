// What a study shows, in numbers, and what was chosen by them: `shows`, `chosen`
// and `chosen_by` of its spec (docs/spec.md).
import {make} from './dom.js';
import {labelText, listOf, formatNumber, recordOf, textOf, visible} from './text.js';

// {shows: [{measure, by}], chosenBy: "chosen by ...", isChosen(labels)}. `labels`
// are those of a task, one for each axis. What names no axis counts as absent.
export function readNotes(spec, axes) {
  const placeOf = (name) => axes.findIndex((axis) => axis.name === name);
  const shows = listOf(spec.shows).map(recordOf)
                    .map((one) => ({measure: textOf(one.measure), by: textOf(one.by)}))
                    .filter(({by}) => placeOf(by) >= 0);
  const points = listOf(spec.chosen).map((point) => Object.entries(recordOf(point)))
                     .filter((point) => point.length > 0);
  const by = textOf(spec.chosen_by);
  return {
    shows,
    chosenBy: by ? `chosen by ${visible(by)}` : 'chosen',
    isChosen: (labels) => points.some((point) => point.every(
        ([axis, label]) => labels[placeOf(axis)] === textOf(label))),
  };
}

// A table for each measure that the study shows: its values by one axis across,
// a row for each combination of the others. Null where there is none.
export function findingsView(job) {
  const tables = job.notes.shows.map((shown) => tableOf(job, shown));
  return tables.length === 0 ? null :
      make('div', {class: 'findings'}, tables);
}

// {columns: [label], rows: [{label, cells: [task or undefined]}]}. Of axes that
// make no grid all tasks stand in one row.
export function arrange(job, axis) {
  const rest = job.axes.map((_, i) => i).filter((i) => i !== axis);
  const nameOf = (task, places) => places.map(
      (i) => labelText(job.axes[i].name, task.labels[i])).join(', ');
  const columns = new Set();
  const rows = new Map();
  for (const task of job.tasks) {
    const column = job.isSweepOfTasks ? task.name : visible(task.labels[axis]);
    const row = job.isSweepOfTasks ? '' : nameOf(task, rest);
    columns.add(column);
    if (!rows.has(row)) rows.set(row, new Map());
    rows.get(row).set(column, task);
  }
  return {
    columns: [...columns],
    rows: [...rows].map(([label, cells]) => ({
      label, cells: [...columns].map((column) => cells.get(column)),
    })),
  };
}

function tableOf(job, {measure, by}) {
  const known = job.measures.find((one) => one.name === measure);
  const unit = known?.unit ? ` (${known.unit})` : '';
  const caption = make('caption', {}, make('b', {}, visible(measure) + unit),
                       ` by ${visible(by)}`,
                       known?.what && make('span', {class: 'soft'}, ` ${known.what}.`));
  if (!known) {
    return make('p', {}, make('b', {}, visible(measure)), ` by ${visible(by)}: `,
                make('span', {class: 'soft'},
                     'absent, as no result has it (earlier workers measure less)'));
  }
  const {columns, rows} = arrange(
      job, job.axes.findIndex((axis) => axis.name === by));
  const hasRowHeads = rows.some(({label}) => label !== '');
  return make('div', {class: 'table-frame', tabindex: '0', role: 'region',
                      'aria-label': `${visible(measure)} by ${visible(by)}`},
              make('table', {}, caption, make('thead', {}, make(
                  'tr', {}, hasRowHeads && make('td'), columns.map((label) => make(
                      'th', {scope: 'col', class: 'numeric', title: label},
                      make('span', {}, label))))),
              make('tbody', {}, rows.map((row) => make(
                  'tr', {}, hasRowHeads && make(
                      'th', {scope: 'row', title: row.label},
                      make('span', {}, row.label)),
                  row.cells.map((task) => valueCell(job, known, task)))))));
}

function valueCell(job, measure, task) {
  if (!task) return make('td');
  const isChosen = task.isChosen;
  return make('td', {class: `numeric${isChosen ? ' chosen' : ''}`,
                     title: isChosen && job.notes.chosenBy},
              isChosen && make('span', {class: 'chosen-mark', 'aria-hidden': 'true'}, '◆ '),
              formatNumber(task.numbers.get(measure.name)),
              isChosen && make('span', {class: 'off-screen'}, `, ${job.notes.chosenBy}`));
}

// "◆ chosen by the original study", for the pages that mark it; null where
// nothing is chosen.
export function chosenLegend(job) {
  if (!job.tasks.some((task) => task.isChosen)) return null;
  return make('p', {class: 'chosen-legend'},
              make('span', {class: 'chosen-mark', 'aria-hidden': 'true'}, '◆ '),
              job.notes.chosenBy);
}
