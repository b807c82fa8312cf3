// What the viewer knows of a job: the document of results.json
// (docs/user-guide.md) in the form that the views read. A document may lack any
// field: what is missing in it is absent here.
import {readNotes} from './findings.js';
import {measuresOf, numbersOf} from './measures.js';
import {isNumber, listOf, recordOf, textOf, visible} from './text.js';

export const newestVersion = 1;

// buildJob(document, table of known measures) is {
//   document, about, title,
//   axes: [{name, labels, inputs}]   // `inputs`: see inputsByLabel.
//   tasks, measures,
//   shared: Map of parameters that are the same for all tasks,
//   varying: [names of the others],
//   notes: {shows: [{measure, by}], chosenBy},   // findings.js
//   isSweepOfTasks, aspect
// }. A task is what the document says of it, and `numbers` (Map), `text` (what
// a filter searches), `name` (for people), `position` in `tasks`, `isChosen` and
// `inputs`: [{role, digest, name}].
// Throws an Error that says what is wrong with the document.
export function buildJob(document, knownMeasures = []) {
  check(document);
  const about = recordOf(document.job);
  const axes = listOf(document.axes).map((axis) => ({
    name: textOf(recordOf(axis).name),
    labels: listOf(recordOf(axis).labels).map(textOf),
  }));
  const notes = readNotes(recordOf(about.spec), axes);
  const names = namesOfInputs(document);
  const tasks = listOf(document.tasks)
                    .map(recordOf)
                    .map((task, i) => buildTask(task, i, axes, notes, names));
  for (const [i, axis] of axes.entries()) {
    axis.inputs = inputsByLabel(tasks, i, axis);
  }
  const {shared, varying} = sortParameters(tasks);
  return {
    document, about, axes, tasks, shared, varying, notes,
    title: visible(about.name || about.job_id || 'Results'),
    measures: measuresOf(tasks, knownMeasures),
    isSweepOfTasks: isSweepOfTasks(about),
    aspect: aspectOf(tasks),
    byLabels: new Map(tasks.map((task) => [keyOf(task.labels), task])),
  };
}

function check(document) {
  if (document?.format !== 'atelier-results') {
    throw new Error('these are no results of Atelier that this page can read');
  }
  if (isNumber(document.version) && document.version > newestVersion) {
    throw new Error(`the results are of version ${
        document.version}; this page reads ${newestVersion}`);
  }
}

function buildTask(task, position, axes, notes, names) {
  const labels = axes.map((_, i) => textOf(listOf(task.labels)[i]));
  const name = labels.length === 0 ?
      'result' :
      axes.map((axis, i) => `${visible(axis.name)} ${visible(labels[i])}`)
          .join(', ');
  const result = recordOf(task.result);
  const parameters = recordOf(task.parameters);
  const words = [task.state, task.file, task.message, result.worker, name,
    ...Object.values(parameters)];
  return {
    ...task, labels, name, position, result, parameters,
    index: isNumber(task.index) ? task.index : position,
    state: textOf(task.state) || 'unknown',
    message: textOf(task.message),
    curve: readCurve(task.curve),
    numbers: numbersOf(task),
    text: words.filter(Boolean).map(textOf).join('\n').toLowerCase(),
    isChosen: notes.isChosen(labels),
    inputs: inputsOf(recordOf(task.render), names),
  };
}

function readCurve(curve) {
  const {iterations, total, terms} = recordOf(curve);
  if (listOf(iterations).length === 0) return null;
  return {
    iterations: listOf(iterations), total: listOf(total),
    terms: Object.fromEntries(Object.entries(recordOf(terms)).map(
        ([name, values]) => [name, listOf(values)])),
  };
}

// No label holds this character unescaped in two ways.
function keyOf(labels) {
  return JSON.stringify(labels);
}

// The task at these labels, one for each axis; undefined where none is.
export function taskAt(job, labels) {
  return job.byLabels.get(keyOf(labels));
}

function sortParameters(tasks) {
  const values = new Map();
  for (const task of tasks) {
    for (const [name, value] of Object.entries(task.parameters)) {
      if (!values.has(name)) values.set(name, new Map());
      const seen = values.get(name);
      const key = JSON.stringify(value);
      seen.set(key, {value, count: (seen.get(key)?.count ?? 0) + 1});
    }
  }
  const shared = new Map();
  const varying = [];
  for (const [name, seen] of values) {
    const [{value, count}] = seen.values();
    if (count === tasks.length) shared.set(name, value);
    else varying.push(name);
  }
  return {shared, varying};
}

// Whether the tasks fill no grid: of zipped axes and random samples, each is
// shown on its own.
function isSweepOfTasks(about) {
  const {expand = 'grid'} = recordOf(about.spec);
  const mode = recordOf(about.spec_message).mode ?? 'SWEEP_MODE_GRID';
  return expand !== 'grid' ||
      !['SWEEP_MODE_GRID', 'SWEEP_MODE_UNSPECIFIED'].includes(mode);
}

// Width over height of the pictures, so that cells keep their place while
// pictures load.
function aspectOf(tasks) {
  const {width_px: width, height_px: height} =
      tasks.find(({result}) => result.width_px > 0 && result.height_px > 0)
          ?.result ?? {width_px: 4, height_px: 3};
  return width / height;
}

// By their roles: the fields of a render that name pictures.
const inputFields = {
  content: ['content_digest'],
  style: ['style_digests'],
  init: ['init_digest'],
  style_mask: ['style_mask_digests'],
  style_region: ['style_region_digests'],
};

function namesOfInputs(document) {
  return new Map(listOf(document.inputs).map(recordOf).map(
      (input) => [textOf(input.digest), textOf(input.name)]));
}

// {role, digest, name} of what a render read, once each.
function inputsOf(render, names) {
  const found = [];
  for (const [role, fields] of Object.entries(inputFields)) {
    const digests = new Set(fields.flatMap((field) => render[field] ?? [])
                                .filter((digest) => typeof digest === 'string' &&
                                    digest !== ''));
    for (const digest of digests) {
      found.push({
        role, digest, name: names.get(digest) || digest.slice(0, 12),
      });
    }
  }
  return found;
}

// Where the values of an axis are pictures: for each label the inputs that are
// its value. Null for other axes. An axis of a parameter that takes pictures has
// those of that role; one with a name of its own all that go by its labels.
function inputsByLabel(tasks, axis, {name, labels}) {
  const roles = inputFields[name] ? [name] : Object.keys(inputFields);
  const isAlike = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const ofRole = (role) => labels.map((label) => {
    const lists = tasks.filter((task) => task.labels[axis] === label)
                      .map((task) => task.inputs.filter((one) => one.role === role));
    return lists.every((list) => isAlike(list, lists[0])) ? lists[0] ?? [] : null;
  });
  const varying = roles.map(ofRole).filter(
      (lists) => lists.every((list) => list !== null) &&
          lists.some((list) => list.length > 0) &&
          (roles.length === 1 || lists.some((list) => !isAlike(list, lists[0]))));
  if (varying.length === 0) return null;
  return labels.map((_, i) => varying.flatMap((lists) => lists[i]));
}

// All inputs of the job, once each, contents first: {role, digest, name,
// width_px, height_px}. Of a job whose renders are not known, what it names.
export function inputsOfJob(job) {
  const listed = listOf(job.document.inputs).map(recordOf);
  const about = new Map(listed.map((input) => [textOf(input.digest), input]));
  const found = new Map();
  for (const {role, digest, name} of job.tasks.flatMap((task) => task.inputs)) {
    const known = found.get(digest);
    if (!known) found.set(digest, {...about.get(digest), role, digest, name});
    else if (!known.role.split(', ').includes(role)) known.role += `, ${role}`;
  }
  for (const input of found.size > 0 ? [] : listed) {
    const digest = textOf(input.digest);
    found.set(digest, {
      ...input, role: 'input', digest,
      name: textOf(input.name) || digest.slice(0, 12),
    });
  }
  const order = [...Object.keys(inputFields), 'input'];
  const rank = ({role}) => order.indexOf(role.split(', ')[0]);
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}

// "10 of 12 succeeded, 1 failed", by state.
export function stateCounts(job) {
  const counts = new Map();
  for (const task of job.tasks) {
    counts.set(task.state, (counts.get(task.state) ?? 0) + 1);
  }
  const done = counts.get('succeeded') ?? 0;
  counts.delete('succeeded');
  const others = [...counts].map(([state, n]) => `, ${n} ${visible(state)}`);
  return `${done} of ${job.tasks.length} succeeded${others.join('')}`;
}
