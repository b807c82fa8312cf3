import assert from 'node:assert/strict';
import {test} from 'node:test';
import {makeScale} from './curve_scale.js';
import {parseFilter} from './filter.js';
import {buildJob} from './job_model.js';
import {eachTask, firstView, layOut, noAxis, sliderAxes, withAxis} from './layout.js';
import {clipped, formatMeasure, formatNumber, prettyJson, visible} from './text.js';

// All points of a grid of these axes, but those at the indices of `without`.
function gridJob(axes, {without = [], mode = null} = {}) {
  let points = [[]];
  for (const {labels} of axes) {
    points = points.flatMap((point) => labels.map((label) => [...point, label]));
  }
  const tasks = points.filter((_, i) => !without.includes(i)).map(
      (labels, index) => ({
        index, labels, state: 'succeeded', parameters: {seed: index, size: 64},
        measures: {ssim: index / 10}, result: {losses: {content: 1}},
      }));
  return buildJob({
    format: 'atelier-results', version: 1, axes, tasks,
    job: {name: 'a', spec_message: {mode}},
  }, [{name: 'ssim', unit: '', better: 'higher', what: ''}]);
}

const weight = {name: 'style_weight', labels: ['1', '2']};
const pooling = {name: 'pooling', labels: ['avg', 'max']};
const layers = {name: 'layers', labels: ['a', 'b', 'c']};

function indices(layout) {
  return layout.rows.map((row) => row.map((cell) => cell.task?.index));
}

function texts(heads) {
  return heads.map((head) => head.text);
}

test('the first axis is down, the last across, others have sliders', () => {
  const job = gridJob([weight, pooling, layers]);
  const view = firstView(job);
  assert.deepEqual(sliderAxes(job, view), [1]);
  const layout = layOut(job, view, 9);
  assert.deepEqual(texts(layout.rowHeads), ['style_weight 1', 'style_weight 2']);
  assert.deepEqual(texts(layout.columnHeads), ['a', 'b', 'c']);
  assert.deepEqual(layout.columnHeads[2], {text: 'c', axis: 2, label: 2});
  assert.deepEqual(indices(layout), [[0, 1, 2], [6, 7, 8]]);
  view.at[1] = 1;
  assert.deepEqual(indices(layOut(job, view, 9)), [[3, 4, 5], [9, 10, 11]]);
});

test('what is left out is a cell without a task', () => {
  const job = gridJob([weight, layers], {without: [1]});
  assert.deepEqual(indices(layOut(job, firstView(job), 9)),
                   [[0, undefined, 1], [2, 3, 4]]);
});

test('axes change places', () => {
  const job = gridJob([weight, layers]);
  const view = withAxis(firstView(job), 'rows', 1);
  assert.deepEqual([view.rows, view.columns], [1, 0]);
  assert.deepEqual(indices(layOut(job, view, 9)), [[0, 3], [1, 4], [2, 5]]);
  assert.equal(withAxis(view, 'columns', eachTask).rows, noAxis);
});

test('one axis, no axis and zipped axes stand in reading order', () => {
  const one = gridJob([layers]);
  assert.deepEqual(indices(layOut(one, firstView(one), 2)), [[0, 1], [2]]);
  const none = gridJob([]);
  assert.deepEqual(indices(layOut(none, firstView(none), 2)), [[0]]);
  const zipped = gridJob([weight, pooling], {mode: 'SWEEP_MODE_ZIP'});
  const layout = layOut(zipped, firstView(zipped), 9);
  assert.deepEqual(layout.rows[0].map((cell) => cell.caption),
                   ['style_weight 1, avg', 'style_weight 1, max',
                     'style_weight 2, avg', 'style_weight 2, max']);
});

test('what all share is told apart from what varies', () => {
  const job = gridJob([layers]);
  assert.deepEqual([...job.shared], [['size', 64]]);
  assert.deepEqual(job.varying, ['seed']);
});

test('the best is by the sense of a measure, and none where all are alike', () => {
  const {measures, tasks} = gridJob([layers]);
  const [ssim, loss] = measures;
  assert.deepEqual([...ssim.best], [tasks[2]]);
  assert.equal(loss.name, 'content_loss');
  assert.equal(loss.best.size, 0);
});

test('documents of others are refused with their reason', () => {
  assert.throws(() => buildJob(null), /no results of Atelier that/);
  assert.throws(() => buildJob({format: 'atelier-results', version: 2}),
                /version 2; this page reads 1/);
  assert.equal(buildJob({format: 'atelier-results', version: 1}).tasks.length, 0);
});

test('filters take words and comparisons', () => {
  const job = gridJob([weight, layers]);
  const kept = (text) => job.tasks.filter(parseFilter(job, text))
                             .map((task) => task.index);
  assert.deepEqual(kept(''), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(kept('ssim >= 0.3 layers=b'), [4]);
  assert.deepEqual(kept('style_weight<2 seed != 0'), [1, 2]);
  assert.deepEqual(kept('constructor = 1'), [], 'no name of JavaScript');
  assert.deepEqual(kept('nothing'), []);
});

test('numbers and texts read well', () => {
  assert.equal(formatNumber(0.1), '0.1');
  assert.equal(formatNumber(0.41268), '0.4127');
  assert.equal(formatNumber(1.1520426e-6), '1.152e-6');
  assert.equal(formatNumber(60934.66), '6.093e4');
  assert.equal(formatNumber(null), 'absent');
  assert.equal(formatMeasure(3 * 2 ** 20, 'bytes'), '3 MiB');
  assert.equal(visible('a\u202eb\u001b'), 'a\\u202eb\\x1b');
  assert.equal(clipped('😀😀😀', 2), '😀…');
  assert.deepEqual(JSON.parse(prettyJson({a: ['x'.repeat(90), {b: null}]})),
                   {a: ['x'.repeat(90), {b: null}]});
});

test('an axis is logarithmic where no value is negative', () => {
  const scale = makeScale([0.1, 1, 1000]);
  assert.ok(scale.isLog);
  assert.equal(scale.toShare(10), 0.5);
  assert.deepEqual(scale.ticks, [0.1, 1, 10, 100, 1000]);
  assert.deepEqual(makeScale([0, 10, 1, null]).ticks, [1, 2, 5, 10], '0 is left out');
  assert.equal(makeScale([-1, 1]).isLog, false);
  assert.ok(makeScale([2, 2]).toShare(2) > 0);
  assert.ok(makeScale([]).ticks.length > 0);
});
