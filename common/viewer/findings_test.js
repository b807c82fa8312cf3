import assert from 'node:assert/strict';
import {test} from 'node:test';
import {arrange, readNotes} from './findings.js';
import {buildJob} from './job_model.js';

const axes = [{name: 'content', labels: ['a.jpg', 'b.jpg']},
  {name: 'look', labels: ['x', 'y']}];

// Every point of the axes; `render(i, j)` is that of their i-th and j-th values.
function jobOf(render, about = {}) {
  const tasks = [];
  for (let i = 0; i < 2; ++i) {
    for (let j = 0; j < 2; ++j) {
      tasks.push({
        labels: [axes[0].labels[i], axes[1].labels[j]], render: render(i, j),
        measures: {psnr: 10 * i + j},
      });
    }
  }
  return buildJob({
    format: 'atelier-results', version: 1, axes, tasks, job: about,
    inputs: [{digest: 'c0', name: 'photo.jpg'}],
  });
}

test('what names no axis of the job counts as absent', () => {
  const notes = readNotes({
    shows: [{measure: 'psnr', by: 'look'}, {measure: 'ssim', by: 'other'}, 7],
    chosen: [{look: 'x', content: 'b.jpg'}, {other: 'x'}, {}, null],
    chosen_by: 'the original study',
  }, axes);
  assert.deepEqual(notes.shows, [{measure: 'psnr', by: 'look'}]);
  assert.equal(notes.chosenBy, 'chosen by the original study');
  assert.ok(notes.isChosen(['b.jpg', 'x']));
  assert.ok(!notes.isChosen(['a.jpg', 'x']), 'all labels of a point count');
  const none = readNotes({shows: 7, chosen: {}}, axes);
  assert.deepEqual([none.shows, none.isChosen(['a.jpg', 'x'])], [[], false]);
});

test('a measure is arranged by one axis, with rows for the others', () => {
  const job = jobOf(() => ({}));
  const {columns, rows} = arrange(job, 0);
  assert.deepEqual(columns, ['a.jpg', 'b.jpg']);
  assert.deepEqual(rows.map(({label, cells}) =>
    [label, ...cells.map((task) => task.numbers.get('psnr'))]),
                   [['x', 0, 10], ['y', 1, 11]]);
});

test('zipped axes are one row of all tasks', () => {
  const job = jobOf(() => ({}), {spec: {expand: 'zip'}});
  assert.deepEqual(arrange(job, 0).columns,
                   ['content a.jpg, look x', 'content a.jpg, look y',
                     'content b.jpg, look x', 'content b.jpg, look y']);
});

test('an axis of a parameter that takes pictures has its inputs', () => {
  const job = jobOf((i) => ({content_digest: `c${i}`, style_digests: ['s']}));
  assert.deepEqual(job.axes[0].inputs.map((inputs) => inputs.map((one) => one.name)),
                   [['photo.jpg'], ['c1']]);
  assert.equal(job.axes[1].inputs, null, 'it sets no picture');
});

test('an axis with a name of its own has what goes by its labels', () => {
  const job = jobOf((i, j) => ({
    content_digest: `c${i}`, style_digests: j ? ['s1', 's2'] : ['s0'],
    style_mask_digests: ['', 'm'],
  }));
  assert.deepEqual(job.axes[1].inputs.map((inputs) => inputs.map((one) => one.digest)),
                   [['s0'], ['s1', 's2']], 'a blend is several; masks are alike');
});

test('an axis by whose labels pictures do not go has none', () => {
  const job = jobOf((i, j) => ({content_digest: `c${(i + j) % 2}`}));
  assert.equal(job.axes[0].inputs, null);
});
