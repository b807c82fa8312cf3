import assert from 'node:assert/strict';
import {test} from 'node:test';
import {logText} from '/page/attempt_log.js';
import {rangeIn, withEnd} from '/page/brush_handles.js';
import {Line} from '/page/cells.js';
import {folderCommand, quoted, showCommand} from '/page/commands.js';
import {extendableAxes, extendedSpec, offersAround} from '/page/extend.js';
import {previewText, sumOf} from '/page/job_preview.js';
import {Table} from '/page/numbers.js';
import {columnsOf, withRange} from '/page/parallel.js';
import {parseValues, ValueError} from '/page/parameter_values.js';
import {neighbour, orderOf, place, Points} from '/page/placing.js';
import {pictureAt, stopsOf, thumbnailPx} from '/page/pictures.js';
import {nextSet, setKey} from '/page/ratings.js';
import {Selection, tasksBetween, tasksInBox} from '/page/selection.js';
import {refusalOf, Submission} from '/page/submission.js';
import {choiceText} from '/page/task_facts.js';
import {readable} from '/page/text.js';
import {firstState, fittingPx, placeOf, queryOf, rangesOf, rangesText, shownOf, stateOf, withAxis, withShown} from '/page/view_state.js';
import {panned, WHOLE, zoomed} from '/page/zoom.js';

// A grid of axes "a", "b", … of so many values each.
function pointsOf(lengths, {exclude = [], mode = 'SWEEP_MODE_GRID', count} = {}) {
  const all = lengths.reduce((product, length) => product * length, 1);
  return new Points({
    task_count: String(count ?? all),
    spec: {
      mode, exclude,
      axes: lengths.map((length, i) => ({
        name: 'abcdefgh'[i], values: Array.from({length}, (_, value) => ({label: `${'abcdefgh'[i]}${value}`})),
      })),
    },
  });
}

function indices(placing) {
  return Array.from({length: placing.rows}, (_, row) => Array.from({length: placing.columns}, (_, column) => placing.indexAt(row, column)));
}

const placed = (points, state, perRow = 9) => place(points, state, orderOf(points, state, null, null), perRow);

// Of three axes, with a slider for the first.
const withSlider = (points) => withAxis(firstState(points), 0, 'slider');

test('the last axis is across, those before it down, in blocks of what is soon looked over', () => {
  const few = firstState(pointsOf([2, 2, 3]));
  assert.deepEqual([few.rows, few.columns], [[0, 1], [2]]);
  const many = firstState(pointsOf([2, 1, 20, 20]));
  assert.deepEqual([many.rows, many.columns], [[2], [3]]);
  // What would be long and narrow is made wide, where the window is.
  const long = pointsOf([6, 5, 2]);
  assert.deepEqual([firstState(long).rows, firstState(long).columns], [[1], [0, 2]]);
  long.isNarrow = true;
  assert.deepEqual([firstState(long).rows, firstState(long).columns], [[0, 1], [2]]);
});

test('cells are as large as lets all of them be seen, and no address says so', () => {
  const room = {width: 1100, height: 480, caption: 0, gap: 6};
  const fitting = (rows, columns, count = null, more = {}) => fittingPx({rows, columns, count, aspect: 4 / 3}, {...room, ...more});
  assert.equal(fitting(6, 10), 96);
  assert.equal(fitting(3, 4), 192);
  assert.equal(fitting(1, 1), 256, 'and no larger');
  assert.equal(fitting(6, 10, null, {width: 700}), 64);
  assert.equal(fitting(100, 100), 128, 'too many are seen as usual');
  assert.equal(fitting(1, 1, 8), 256);
  assert.equal(fitting(1, 1, 9, {caption: 24}), 192, 'one after another, below each a line');
  const points = pointsOf([2, 3]);
  points.usualPx = 192;
  const state = stateOf(new URLSearchParams(), points);
  assert.equal(state.size, 192);
  assert.deepEqual(queryOf(state, points), {});
  assert.equal(queryOf({...state, size: 128}, points).size, '128');
  assert.equal(stateOf(new URLSearchParams('size=128'), points).size, 128);
});

test('names of axes and measures are words, and those of layers stay', () => {
  assert.equal(readable('style_weight'), 'style weight');
  assert.equal(readable('gram_distance_relu1_1'), 'gram distance relu1_1');
  assert.equal(readable('wasserstein_relu5_1'), 'wasserstein relu5_1');
  assert.equal(choiceText('convention', 'CONVENTION_NEURAL_STYLE'), 'neural-style');
  assert.equal(choiceText('init', 'INITIALISATION_NOISE'), 'noise');
  assert.equal(choiceText('size_px', 128), '128');
});

test('a slider says which value of its axis is seen', () => {
  const points = pointsOf([2, 2, 3]);
  const state = {...withSlider(points), at: [1, 0, 0]};
  assert.deepEqual(indices(placed(points, state)), [[6, 7, 8], [9, 10, 11]]);
  assert.deepEqual(placed(points, state).find(10), [1, 1]);
  assert.equal(placed(points, state).find(0), null, 'the slider is elsewhere');
});

test('any axis moves to a block of rows or of columns', () => {
  const points = pointsOf([2, 2, 3]);
  const blocks = withAxis(withSlider(points), 0, 'rows');
  assert.deepEqual([blocks.rows, blocks.columns], [[0, 1], [2]]);
  const placing = placed(points, blocks);
  assert.deepEqual(indices(placing), [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]);
  assert.deepEqual(placing.rowLevels, [{axis: 0, values: [0, 1], span: 2}, {axis: 1, values: [0, 1], span: 1}]);
  const across = withAxis(blocks, 0, 'columns');
  assert.deepEqual(indices(placed(points, across)), [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]]);
  for (let index = 0; index < 12; ++index) {
    const [row, column] = placed(points, across).find(index);
    assert.equal(placed(points, across).indexAt(row, column), index);
  }
});

test('an axis takes the place of another, which gets its own', () => {
  const points = pointsOf([2, 2, 3]);
  const first = withSlider(points);
  const turned = withAxis(first, 1, 'column');
  assert.deepEqual([turned.rows, turned.columns], [[2], [1]]);
  const fromSlider = withAxis(first, 0, 'row');
  assert.deepEqual([fromSlider.rows, placeOf(fromSlider, 1)], [[0], 'slider']);
  const within = withAxis(withAxis(first, 0, 'rows'), 0, 'row');
  assert.deepEqual(within.rows, [1, 0]);
  const away = withAxis(first, 2, 'slider');
  assert.deepEqual([away.rows, away.columns], [[1], []]);
});

test('values are hidden, alone and in another order', () => {
  const points = pointsOf([2, 3]);
  const state = withShown(firstState(points), points, 1, [2, 0]);
  assert.deepEqual(indices(placed(points, state)), [[2, 0], [5, 3]]);
  assert.equal(placed(points, state).find(1), null);
  assert.equal(withShown(state, points, 1, []), state, 'something is always seen');
  assert.deepEqual(shownOf(withShown(state, points, 1, [0, 1, 2]), points, 1), [0, 1, 2]);
  assert.equal(withShown(state, points, 1, [0, 1, 2]).shown[1], null);
});

test('what exclusions leave out has no cell, and all others keep their task', () => {
  const exclude = [{labels: [{axis: 'a', label: 'a0'}, {axis: 'b', label: 'b1'}]}];
  const points = pointsOf([2, 3], {exclude, count: 5});
  assert.ok(points.isGrid);
  const placing = placed(points, firstState(points));
  assert.deepEqual(indices(placing), [[0, -1, 1], [2, 3, 4]]);
  assert.deepEqual(points.labelsOf(1), ['a0', 'b2']);
  assert.deepEqual(neighbour(placing, [0, 0], 0, 1), [0, 2]);
  assert.deepEqual(neighbour(placing, [0, 2], 0, 1, true), [1, 0]);
  assert.equal(neighbour(placing, [1, 2], 0, 1, true), null);
});

test('zipped axes, samples and jobs of one axis are one task after another', () => {
  const zip = pointsOf([3, 3], {mode: 'SWEEP_MODE_ZIP', count: 3});
  assert.deepEqual(indices(placed(zip, firstState(zip), 2)), [[0, 1], [2, -1]]);
  assert.deepEqual(zip.labelsOf(2), ['a2', 'b2']);
  const sample = pointsOf([9, 9], {mode: 'SWEEP_MODE_RANDOM', count: 4});
  assert.equal(sample.labelsOf(0), null);
  const one = pointsOf([4]);
  const state = withShown(firstState(one), one, 0, [3, 1]);
  assert.deepEqual(indices(placed(one, state, 2)), [[3, 1]]);
});

test('a million cells need no list', () => {
  const points = pointsOf([1000, 1000]);
  assert.equal(orderOf(points, firstState(points), null, null), null);
  const placing = placed(points, firstState(points));
  assert.equal(placing.indexAt(999, 999), 999_999);
  assert.deepEqual(placing.find(123_456), [123, 456]);
});

test('the address says the view, and only what is unusual of it', () => {
  const points = pointsOf([2, 2, 3]);
  assert.deepEqual(queryOf(firstState(points), points), {});
  let state = withAxis(firstState(points), 0, 'columns');
  state = withShown(state, points, 2, [2, 0]);
  state = {...state, order: '', filter: 'ssim > 0.6', color: 'ssim', size: 256, iteration: 40, task: 7, compared: ['content', '3'], how: 'swipe', panel: 'curves'};
  const query = queryOf(state, points);
  assert.deepEqual(query, {
    row: 'b', column: 'a.c', 'show.c': '2.0', filter: 'ssim > 0.6', color: 'ssim', size: '256', iteration: '40',
    panel: 'curves', task: '7', with: 'content.3', how: 'swipe',
  });
  assert.deepEqual(stateOf(new URLSearchParams(query), points), state);
  const slider = {...withSlider(points), at: [1, 0, 0], order: '-ssim'};
  assert.deepEqual(queryOf(slider, points), {row: 'b', column: 'c', 'at.a': 'a1', sort: '-ssim'});
  assert.deepEqual(stateOf(new URLSearchParams(queryOf(slider, points)), points), slider);
});

test('an address that is wrong shows what there is', () => {
  const points = pointsOf([2, 3]);
  const wrong = new URLSearchParams('row=x.b&column=b&show.a=9&at.a=z&size=7&task=6&with=script.1.9&how=x&panel=y&iteration=-1');
  const state = stateOf(wrong, points);
  assert.deepEqual(state, {...firstState(points), rows: [], columns: [1], compared: ['1']});
  assert.equal(rangesText([0, 1, 2, 5, 4]), '0-2.5.4');
  assert.deepEqual(rangesOf('0-2.5.4.99999', 6), [0, 1, 2, 5, 4]);
});

test('numbers filter and sort', () => {
  const points = pointsOf([2, 2]);
  const table = new Table(4);
  table.take({first_index: 0, states: 'sssq', columns: {ssim: [0.2, 0.9, 0.5, null], total_loss: [3, 2, 1, null]}});
  const kept = (text) => [0, 1, 2, 3].filter(table.wanted(points, text));
  assert.equal(table.wanted(points, '  '), null);
  assert.deepEqual(kept('ssim > 0.4'), [1, 2]);
  assert.deepEqual(kept('state=queued'), [3]);
  assert.deepEqual(kept('a=a1 b1'), [3]);
  const state = {...firstState(points), order: 'ssim'};
  const sorted = (order) => [...orderOf(points, {...state, order}, table.rank(order), null)];
  assert.deepEqual(sorted('ssim'), [1, 2, 0, 3], 'the best first, what has none last');
  assert.deepEqual(sorted('-ssim'), [0, 2, 1, 3]);
  assert.deepEqual(sorted('total_loss'), [2, 1, 0, 3]);
  assert.equal(table.rank('constructor'), null);
  assert.deepEqual([...orderOf(points, state, table.rank('ssim'), table.wanted(points, 'ssim < 0.6'))], [2, 0]);
  assert.deepEqual([table.measure('ssim').least, table.measure('ssim').most, table.measure('ssim').higher], [0.2, 0.9, true]);
  table.take({first_index: 3, states: 's', columns: {ssim: [1], psnr: [20]}});
  assert.equal(table.state(3), 'succeeded');
  assert.equal(table.value('psnr', 0), NaN);
  assert.deepEqual(table.measures().map((one) => one.name), ['psnr', 'ssim', 'total_loss']);
});

test('ranges are rectangles in a grid, and reading order elsewhere', () => {
  const points = pointsOf([3, 3]);
  const grid = placed(points, firstState(points));
  assert.deepEqual(tasksBetween(grid, [2, 1], [1, 0]), [3, 4, 6, 7]);
  const flow = placed(points, {...firstState(points), order: 'index'}, 3);
  assert.deepEqual(tasksBetween(flow, [0, 2], [1, 1]), [2, 3, 4]);
  assert.deepEqual(tasksInBox(flow, [-1, 1], [9, 1]), [1, 4, 7]);
  const selection = new Selection();
  selection.take([4, 0, 1, 2]);
  selection.toggle(4);
  selection.toggle(7);
  assert.equal(selection.text(), '0-2,7');
});

test('a task shows the last preview at or before an iteration, at the end its result', () => {
  const previews = [{iteration: 10, digest: 'ten'}, {iteration: 20, digest: 'twenty'}];
  const done = {result: {image_digest: 'end', iterations: 30, previews}};
  const digest = (task, iteration) => pictureAt(task, iteration)?.digest;
  assert.deepEqual([null, 30, 29, 20, 19, 10, 9].map((at) => digest(done, at)), ['end', 'end', 'twenty', 'twenty', 'ten', 'ten', undefined]);
  assert.equal(digest({previews}, null), 'twenty', 'while it runs');
  assert.equal(digest({result: {image_digest: 'end', iterations: 30}}, 5), 'end', 'nothing else is there');
  assert.equal(pictureAt(undefined, null), null);
  assert.deepEqual(stopsOf([done, {previews: [{iteration: 5, digest: 'five'}]}]), [5, 10, 20]);
  assert.deepEqual([thumbnailPx(96), thumbnailPx(128, 2), thumbnailPx(200, 2), thumbnailPx(600)], [128, 256, 512, 0]);
});

test('what is under the pointer stays there while one zooms', () => {
  const at = (zoom, x) => zoom.x + (x - 0.5) / zoom.scale;
  const closer = zoomed(WHOLE, 4, 0.25, 0.5);
  assert.equal(closer.scale, 4);
  assert.ok(Math.abs(at(closer, 0.25) - at(WHOLE, 0.25)) < 1e-9);
  assert.deepEqual(zoomed(closer, 0.01), WHOLE, 'no further out than all of it');
  assert.deepEqual(panned(WHOLE, 0.5, 0.5), WHOLE);
  assert.equal(panned(closer, -10, 0).x, 1 - 0.5 / 4);
});

test('what is copied is safe in a shell', () => {
  assert.equal(showCommand('0a1b', 3), 'atelier show 0a1b 3');
  assert.equal(quoted('a b\'c'), '\'a b\'\\\'\'c\'');
});

test('blocks have a gap between them, and a position has one cell', () => {
  const line = new Line(6, 10, 3);
  assert.deepEqual([0, 2, 3, 5].map((place) => line.offset(place)), [0, 20, 46, 66]);
  assert.equal(line.length, 76);
  assert.deepEqual([0, 9, 10, 29, 40, 46, 75, 500].map((px) => line.at(px)), [0, 0, 1, 2, 2, 3, 5, 32]);
});

test('lines through axes and measures, and ranges of them as a filter', () => {
  const points = pointsOf([2, 3]);
  const table = new Table(6);
  table.take({first_index: 0, states: 'ssssss', columns: {ssim: [0, 1, 2, 3, 4, null], total_loss: [1, 1, 1, 1, 1, 1]}});
  const columns = columnsOf(points, table);
  assert.deepEqual(columns.map((one) => one.name), ['a', 'b', 'ssim']);
  assert.deepEqual(columns.map((one) => one.share(4)), [1, 0.5, 1]);
  assert.ok(Number.isNaN(columns[2].share(5)));
  assert.equal(columns[2].valueAt(0.5), 2);
  assert.deepEqual(columnsOf(points, table, ['total_loss']).map((one) => one.name), ['a', 'b', 'total_loss', 'ssim']);
  const filter = withRange('noise ssim > 3', 'ssim', 0.61236, 0.7);
  assert.equal(filter, 'noise ssim>=0.6124 ssim<=0.7');
  assert.equal(withRange(filter, 'ssim', null), 'noise');
});

test('a brush has two ends, each of which moves alone', () => {
  assert.equal(withRange('seed=3 ssim>=0.2', 'ssim', null, 0.75), 'seed=3 ssim<=0.75');
  assert.deepEqual(rangeIn('seed=3 ssim>=0.2 my_ssim<=0.1', 'ssim'), {from: 0.2, to: null});
  assert.deepEqual(rangeIn('ssim > 0.2 ssim<=0.75', 'ssim'), {from: 0.2, to: 0.75});
  assert.deepEqual(rangeIn('ssim>=x', 'ssim'), {from: null, to: null});
  assert.deepEqual(withEnd([0, 1, 2, 3], 'from', 2), [2, 3]);
  assert.deepEqual(withEnd([4, 2], 'to', 5), [4, 2, 5], 'an order that somebody made stays');
  assert.deepEqual(withEnd([2, 3], 'from', 0), [0, 1, 2, 3]);
  assert.deepEqual(withEnd([2, 3], 'to', 0), [2], 'something is always shown');
});

test('a log keeps its lines and hides nothing', () => {
  assert.equal(logText('a\r\nb\tc\n\u001b[2Jd\u202e\n\n'), 'a\nb    c\n\\x1b[2Jd\\u202e');
});

test('those least shown are judged next, and no set twice', () => {
  const shown = (index) => [5, 0, 1, 0, 0, 0][index];
  assert.deepEqual(nextSet([0, 1, 2, 3, 4, 5], shown, new Set()), [1, 3, 4, 5]);
  assert.deepEqual(nextSet([0, 1, 2, 3, 4, 5], shown, new Set([setKey([5, 4, 3, 1])])), [1, 3, 4, 2]);
  assert.deepEqual(nextSet([0, 2], shown, new Set()), [2, 0], 'of few all');
  assert.equal(nextSet([0, 2], shown, new Set(['0,2'])), null);
  assert.equal(nextSet([0], shown, new Set()), null);
  const judged = new Set();
  for (let set; (set = nextSet([0, 1, 2, 3, 4, 5], shown, judged)); judged.add(setKey(set))) assert.ok(judged.size < 15);
  assert.equal(judged.size, 15, 'all sets of four of six');
});

test('a number that is put is what the table says', () => {
  const table = new Table(3);
  table.take({first_index: 0, states: 'sss', columns: {}});
  table.put('stars', 1, NaN);
  assert.equal(table.measure('stars'), null);
  table.put('stars', 1, 4);
  table.put('stars', 2, 2);
  assert.equal(table.measure('stars').most, 4);
  assert.deepEqual([0, 1, 2].map((index) => table.wanted(pointsOf([3]), 'stars > 3')(index)), [false, true, false]);
  assert.ok(table.rank('stars')(1) < table.rank('stars')(2), 'more stars come first');
});

test('the command that makes a folder is safe in a shell', () => {
  assert.equal(folderCommand('ab12'), 'atelier fetch ab12 --output atelier-ab12');
});

const number = {wire_name: 'style_weight', kind: 'number', least: 0, most: 1e6, step: 1, allowed: 'at least 0'};
const integer = {wire_name: 'iterations', kind: 'integer', least: 1, most: 1000, step: 1, allowed: 'from 1 to 1000'};

test('what is offered around a value is between its neighbours, and a step beyond the ends', () => {
  const offers = (values, at, row = number) => offersAround({values, row}, at);
  assert.deepEqual(offers([1000, 1500, 2000], 1), [1250, 1750]);
  assert.deepEqual(offers([1000, 1500, 2000], 2), [1750, 2500]);
  assert.deepEqual(offers([10, 100, 1000], 1), [32, 320], 'ratios');
  assert.deepEqual(offers([10, 100, 1000], 0), [1, 32]);
  assert.deepEqual(offers([100, 0.5, 10], 1), [0.025, 2.2], 'in whatever order');
  assert.deepEqual(offers([1, 2], 0, integer), [], 'whole numbers, and not below the least');
  assert.deepEqual(offers([900, 950], 1, integer), [925, 1000]);
  assert.deepEqual(offers([10, 1000], 1, integer), [100], 'nor above the most');
  assert.deepEqual(offers([8, 16], 0, {...integer, least: 8, most: 16, step: 8}), []);
  assert.deepEqual(offers([300], 0, integer), [150, 600]);
});

test('values are read as they are written', () => {
  assert.deepEqual(parseValues('1e3, heavy=2000 ,', number), [{label: '1e3', value: 1000}, {label: 'heavy', value: 2000}]);
  assert.deepEqual(parseValues('1-3', integer).map(({value}) => value), [1, 2, 3]);
  assert.deepEqual(parseValues('18446744073709551615', {...integer, most: 2 ** 64}), [{label: '18446744073709551615', value: '18446744073709551615'}]);
  for (const text of ['three', '0', '1.5', '5,5', '1001', '1-9999', 'NaN', '0x10']) assert.throws(() => parseValues(text, integer), ValueError, text);
});

test('a larger job has the values of the other and those that are new', () => {
  const axis = (name, ...values) => ({name, values: values.map((value) => ({label: String(value), set: {style_digests: [], [name]: value}}))});
  const spec = {no_cache: true, mode: 'SWEEP_MODE_GRID', axes: [axis('style_weight', 1000, 2000), axis('init', 'NOISE')], exclude: [{labels: []}]};
  const rows = new Map([['style_weight', number], ['init', {wire_name: 'init', kind: 'choice'}]]);
  const {axes} = extendableAxes(spec, rows);
  assert.deepEqual(axes.map(({place}) => place), [0]);
  const {spec: larger, skipped, added} = extendedSpec(spec, axes, {0: '2e3, 3000'});
  assert.deepEqual([skipped, added, larger.no_cache, larger.exclude.length], [['2e3'], 1, false, 1]);
  assert.deepEqual(larger.axes[0].values.at(-1), {label: '3000', set: {style_weight: 3000}});
  assert.equal(spec.axes[0].values.length, 2, 'the job itself stays');
  assert.throws(() => extendedSpec(spec, axes, {0: '1000=7'}), /another value/);
  assert.match(extendableAxes({...spec, mode: 'SWEEP_MODE_ZIP'}, rows).why, /none grows alone/);
  assert.match(extendableAxes({...spec, mode: 'SWEEP_MODE_RANDOM'}, rows).why, /sample/);
});

test('one spec has one request id, and another another', () => {
  const submission = new Submission();
  const {request_id: first} = submission.request({name: 'a'});
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.equal(submission.request({name: 'a'}).request_id, first);
  assert.notEqual(submission.request({name: 'b'}).request_id, first);
  assert.deepEqual(refusalOf('spec.axes[1].values[3].set.seed: no'), {path: 'axes[1].values[3].set.seed', text: 'no'});
  assert.deepEqual(refusalOf('quota: no'), {path: '', text: 'quota: no'});
});

test('what a job takes is judged by what is known of its tasks', () => {
  const tasks = [{has_result: true}, {device_time: '30s'}, {device_time: '30s'}, {}];
  assert.equal(previewText(4, sumOf(tasks)), '4 tasks: 1 has a result, 3 to render, about 1 min of device time');
  assert.match(previewText(2, sumOf([{}, {}])), /how long is not known/);
  assert.match(previewText(9, sumOf(tasks)), /^9 tasks: of the first 4, 1 has/);
});
