// What a cell shows of a task, from all that is known of it.
import {wordOf} from '/page/text.js';
import {pictureAt, pictureUrl} from '/page/pictures.js';
import {colorOf, inkOn} from '/page/viewer/colors.js';
import {formatMeasure, formatNumber, isNumber, visible} from '/page/viewer/text.js';

const SMALL_PX = 96;  // Smaller cells have room for two digits.
const TINY_PX = 64;   // And these for no word.
const SIGNS = {queued: '', cancelled: '–', failed: '✕'};

// How far a running task is, from 0 to 1.
export function shareOf(task, state) {
  if (state !== 'leased' || !task?.render) return 0;
  return Math.min(1, task.iteration / Math.max(1, task.render.iterations));
}

// {index, state, says, share, source, caption, value, tint, ink, isWanted,
//  isSelected, isBest, name, title}. `view`: {jobId, points, tasks, numbers,
//  state, measure, wanted, selection, placing, px}, as the job's page has them.
export function lookOf(view, index) {
  const task = view.tasks.at(index);
  const {table} = view.numbers;
  const state = task ? wordOf(task.state, 'TASK_STATE_') : table.state(index) || 'unread';
  const share = shareOf(task, state);
  const picture = pictureAt(task, view.state.iteration);
  const source = picture ? pictureUrl(picture, view.jobId, index, view.px) : '';
  const labels = (task?.labels ?? view.points.labelsOf(index))?.map(visible) ?? null;
  const named = labels ? view.points.axes.map((axis, i) => `${visible(axis.name)} ${labels[i]}`).join(', ') || 'result' : `task ${index}`;
  const {measure} = view;
  const value = measure ? table.value(measure.name, index) : NaN;
  const valueText = !measure || !isNumber(value) ? '' :
    view.state.size < SMALL_PX ? String(Number(value.toPrecision(2))) : formatMeasure(value, measure.unit);
  const tint = view.state.color && measure ? colorOf(measure, value) : null;
  const isBest = Boolean(measure?.isRanked && measure.least < measure.most && value === (measure.higher ? measure.most : measure.least));
  const isSelected = view.selection.has(index);
  const running = state === 'leased' ? `running${task?.worker ? ` on ${visible(task.worker)}` : ''}, ${Math.round(share * 100)} %` : state;
  return {
    index, state, share, source, tint, stars: isNumber(table.value('stars', index)) ? formatNumber(Number(table.value('stars', index).toFixed(1))) : '', isBest, isSelected,
    ink: tint ? inkOn(tint) : null,
    says: source ? '' : state === 'leased' ? `${Math.round(share * 100)} %` : ['succeeded', 'unread'].includes(state) ? '' : view.state.size < TINY_PX ? SIGNS[state] ?? '' : state,
    caption: view.placing.isFlow ? (labels ?? [`task ${index}`]).filter((_, i) => isSaid(view.points, i)).join(' · ') || `task ${index}` : '',
    value: valueText,
    isWanted: view.wanted === null || view.wanted(index),
    name: [named, running, measure && `${visible(measure.name)} ${valueText || 'absent'}`, isBest && 'the best', isNumber(table.value('stars', index)) && `${formatNumber(Number(table.value('stars', index).toFixed(1)))} stars`].filter(Boolean).join(', '),
    title: [named.replaceAll(', ', '\n'), running, picture?.isPreview && `preview of iteration ${picture.iteration}`, task?.message && visible(task.message)]
        .filter(Boolean).join('\n'),
  };
}

const isSaid = (points, axis) => points.axes.length === 1 || points.axes[axis]?.labels.length > 1;
