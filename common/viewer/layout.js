// Which task stands where: axes as rows, columns and sliders.
import {taskAt} from './job_model.js';
import {labelText} from './text.js';

export const noAxis = -1;
// In the place of columns: every task on its own, in their order.
export const eachTask = -2;

// How a job is shown at first: {rows, columns, at: [index of a label for each
// axis]}. The last axis is across and the first down, as on the sheet; axes of
// one value need no place.
export function firstView(job) {
  const long = job.axes.map((axis, i) => (axis.labels.length > 1 ? i : noAxis))
                   .filter((i) => i !== noAxis);
  const at = job.axes.map(() => 0);
  if (job.isSweepOfTasks || job.axes.length === 0 || isSparse(job)) {
    return {rows: noAxis, columns: eachTask, at};
  }
  if (long.length === 0) return {rows: noAxis, columns: 0, at};
  const columns = long[long.length - 1];
  return {rows: long.length > 1 ? long[0] : noAxis, columns, at};
}

// Of a grid of which most is left out, nobody sees what is between the gaps.
function isSparse(job) {
  const points = job.axes.reduce((product, axis) => product * axis.labels.length, 1);
  return job.tasks.length * 4 < points;
}

// The view with an axis moved to "rows" or "columns"; what was there changes
// places with it.
export function withAxis(view, place, axis) {
  const next = {...view, at: [...view.at], [place]: axis};
  const other = place === 'rows' ? 'columns' : 'rows';
  if (place === 'columns' && axis === eachTask) next.rows = noAxis;
  if (place === 'rows' && axis !== noAxis && view.columns === eachTask) {
    next.columns = noAxis;
  }
  if (axis >= 0 && view[other] === axis) {
    next[other] = view[place] >= 0 ? view[place] : noAxis;
  }
  return next;
}

// The axes that have a slider in this view.
export function sliderAxes(job, view) {
  if (view.columns === eachTask) return [];
  return job.axes.map((_, i) => i).filter(
      (i) => i !== view.rows && i !== view.columns &&
          job.axes[i].labels.length > 1);
}

// {rowHeads, columnHeads, rows: [[cell]]}; heads are null where there is no
// such axis. A head is {text, axis, label}: what it says, and which label (its
// place) of which axis (its place) it is. A cell is {task, caption, head}; `task`
// is undefined where rules leave the point out, `caption` is empty where the
// heads say it all, and `head` is there where the caption is one. Without rows
// cells are in reading order, `perRow` in each.
export function layOut(job, view, perRow) {
  if (view.columns === eachTask) {
    return inReadingOrder(
        job.tasks.map((task) => ({
          task, caption: captionOf(job, task), head: onlyHead(job, task),
        })),
        perRow);
  }
  const down = headsOf(job, view.rows);
  const across = headsOf(job, view.columns);
  const rows = down.map((_, row) => across.map((_, column) => {
    const at = [...view.at];
    if (view.rows >= 0) at[view.rows] = row;
    if (view.columns >= 0) at[view.columns] = column;
    return {
      task: taskAt(job, at.map((place, axis) => job.axes[axis].labels[place])),
      caption: '', head: null,
    };
  }));
  if (view.rows === noAxis) {
    const cells = rows[0].map(
        (cell, i) => ({...cell, caption: across[i].text, head: across[i]}));
    return inReadingOrder(cells, perRow);
  }
  return {
    rowHeads: down,
    columnHeads: view.columns >= 0 ? across : null,
    rows,
  };
}

function headsOf(job, axis) {
  if (axis < 0) return [{text: '', axis, label: 0}];
  const {name, labels} = job.axes[axis];
  return labels.map((label, i) => ({text: labelText(name, label), axis, label: i}));
}

function captionOf(job, task) {
  return job.axes
      .map((axis, i) => (axis.labels.length > 1 || job.axes.length === 1 ?
                             labelText(axis.name, task.labels[i]) :
                             ''))
      .filter(Boolean)
      .join(', ');
}

// Of a job with one axis, its head for this task.
function onlyHead(job, task) {
  if (job.axes.length !== 1) return null;
  const label = job.axes[0].labels.indexOf(task.labels[0]);
  return {text: captionOf(job, task), axis: 0, label};
}

function inReadingOrder(cells, perRow) {
  const rows = [];
  const width = Math.max(1, perRow);
  for (let i = 0; i < cells.length; i += width) {
    rows.push(cells.slice(i, i + width));
  }
  return {rowHeads: null, columnHeads: null, rows};
}
