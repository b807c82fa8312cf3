// What a results document says, as the other files ask for it. A document may
// lack any field, or come from a later version: what is not there is absent.

// As client/lib/measure_names.h: what of two values is the better one.
const HIGHER_IS_BETTER = new Set(['psnr', 'ssim', 'stars']);
// What a measure is, for people.
const MEASURES = {
  psnr: 'PSNR against the content, luma, dB',
  ssim: 'SSIM against the content, luma',
  content_distance: 'Distance of features to the content',
  style_distance: 'Wasserstein distance of features to the style, mean over layers',
  gram_distance: 'Relative distance of Gram matrices to the style, mean over layers',
  seconds_per_iteration: 'Seconds for an iteration',
  peak_memory_bytes: 'Peak memory of the render',
  seconds: 'Seconds for the render',
  iterations: 'Iterations done',
};
// Parameters that a title names first.
const TITLE_ORDER = ['content', 'style', 'size', 'preset', 'iterations', 'init',
  'convention', 'content_weight', 'style_weight', 'tv_weight', 'content_layers',
  'style_layers', 'optimizer', 'pooling', 'weights', 'seed'];

function list(value) { return Array.isArray(value) ? value : []; }
function record(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}
function text(value) {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
function isNumber(value) { return typeof value === 'number' && Number.isFinite(value); }

// Numbers by their value, texts with numbers in them as people count, what is
// empty last.
function compareValues(a, b) {
  if (a === b) return 0;
  if (a === '' || a === null || a === undefined) return 1;
  if (b === '' || b === null || b === undefined) return -1;
  const [left, right] = [Number(a), Number(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  return String(a).localeCompare(String(b), 'en', {numeric: true});
}

class Results {
  constructor(document) {
    this.document = record(document);
    this.job = record(this.document.job);
    this.name = text(this.job.name) || 'results';
    this.axes = list(this.document.axes).map((axis) => ({
      name: text(record(axis).name), labels: list(record(axis).labels).map(text),
    }));
    this.inputs = list(this.document.inputs).map(record);
    this.tasks = list(this.document.tasks).map((task) => readTask(record(task)));
    this.byLabels = new Map();
    for (const task of this.tasks) this.byLabels.set(labelKey(task.labels), task);
    this.figures = figureNames(this.tasks);
    this.sheet = record(this.document.sheet);
  }

  // The task at a place of each axis; undefined where rules leave it out.
  at(places) {
    return this.byLabels.get(labelKey(this.axes.map((axis, i) => axis.labels[places[i]])));
  }

  // Whether tasks fill their axes' grid, but for what is left out: those of
  // zipped axes and of samples do not.
  get isGrid() {
    const spec = record(this.job.spec);
    const expand = spec.expand ?? spec.mode ?? 'grid';
    if (expand !== 'grid' || this.axes.length < 2) return false;
    if (this.tasks.some((task) => task.labels.length !== this.axes.length)) return false;
    const points = this.axes.reduce((product, axis) => product * axis.labels.length, 1);
    return this.tasks.length * 4 >= points;
  }

  // The task whose figure is the best; undefined where none has it.
  best(figure) {
    const sign = isHigherBetter(figure) ? -1 : 1;
    let best;
    for (const task of this.tasks) {
      if (!isNumber(task.figures[figure])) continue;
      if (!best || sign * (task.figures[figure] - best.figures[figure]) < 0) best = task;
    }
    return best;
  }

  // [name, value] of the parameters that all tasks share; those of a title first.
  get common() {
    const first = record(this.tasks[0]?.parameters);
    return Object.keys(first)
        .filter((name) => first[name] !== '' && this.tasks.every(
            (task) => task.parameters[name] === first[name]))
        .sort((a, b) => rank(a) - rank(b)).map((name) => [name, first[name]]);
  }

  // Names of the parameters that differ from task to task and are no axis.
  get varying() {
    const axes = new Set(this.axes.map((axis) => axis.name));
    const names = new Set(this.tasks.flatMap((task) => Object.keys(task.parameters)));
    return [...names].filter((name) => !axes.has(name) && new Set(
        this.tasks.map((task) => task.parameters[name] ?? '')).size > 1);
  }

  // {role, digest, name} of what a task was made from, by its render.
  inputsOf(task) {
    const render = record(task.render);
    const named = (role, digest) => {
      const input = this.inputs.find((one) => one.digest === digest);
      return {role, digest, name: text(input?.name) || text(digest).slice(0, 12)};
    };
    const found = [];
    if (render.content_digest) found.push(named('content', render.content_digest));
    for (const digest of list(render.style_digests)) found.push(named('style', digest));
    for (const digest of list(render.style_mask_digests)) {
      if (digest) found.push(named('mask', digest));
    }
    return found.filter((input, i) => found.findIndex(
        (other) => other.digest === input.digest && other.role === input.role) === i);
  }

  // The inputs of all tasks, once each, with the roles they have. Of a job
  // whose renders are not known, what it names.
  get allInputs() {
    const found = new Map();
    for (const task of this.tasks) {
      for (const input of this.inputsOf(task)) found.set(`${input.role} ${input.digest}`, input);
    }
    for (const input of found.size > 0 ? [] : this.inputs) {
      found.set(`input ${input.digest}`, {role: 'input', digest: input.digest, name: text(input.name)});
    }
    const order = ['content', 'style', 'mask', 'input'];
    return [...found.values()].sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  }
}

function rank(name) {
  const place = TITLE_ORDER.indexOf(name);
  return place < 0 ? TITLE_ORDER.length : place;
}

function labelKey(labels) { return JSON.stringify(labels); }

function readTask(task) {
  const result = record(task.result);
  const parameters = {};
  for (const [name, value] of Object.entries(record(task.parameters))) {
    parameters[name] = text(value);
  }
  const figures = {};
  for (const [name, value] of Object.entries(record(task.measures))) {
    if (isNumber(value)) figures[name] = value;
  }
  for (const [name, value] of Object.entries(record(result.losses))) {
    if (isNumber(value)) figures[`${name}_loss`] = value;
  }
  for (const name of ['seconds', 'iterations']) {
    if (isNumber(result[name])) figures[name] = result[name];
  }
  return {
    ...task, parameters, figures, index: Number(task.index) || 0,
    labels: list(task.labels).map(text), state: text(task.state) || 'unknown',
    message: text(task.message), curve: readCurve(task.curve),
    hasMeasures: Object.keys(record(task.measures)).length > 0,
  };
}

// {iterations, lines: [{name, values}]}; null where there is none.
function readCurve(curve) {
  const iterations = list(record(curve).iterations);
  if (iterations.length === 0) return null;
  const lines = [{name: 'total', values: list(curve.total)}];
  for (const [name, values] of Object.entries(record(curve.terms))) {
    lines.push({name, values: list(values)});
  }
  return {iterations, lines: lines.filter((line) => line.values.some(isNumber))};
}

function isLayerMeasure(figure) { return /^(gram_distance|wasserstein)_relu/.test(figure); }

// Those that some task has: measures, by layer last, then losses, then times.
function figureNames(tasks) {
  const names = new Set(tasks.flatMap((task) => Object.keys(task.figures)));
  const group = (name) => {
    if (isLayerMeasure(name)) return 20;
    if (name.endsWith('_loss')) return name === 'total_loss' ? 31 : 30;
    const known = Object.keys(MEASURES).indexOf(name);
    if (name === 'seconds' || name === 'iterations') return 40 + known;
    return known < 0 ? 19 : known;
  };
  return [...names].sort((a, b) => group(a) - group(b) || compareValues(a, b));
}

function isHigherBetter(figure) { return HIGHER_IS_BETTER.has(figure); }

function figureTitle(figure) { return figure.replaceAll('_', ' '); }

function figureText(figure, value) {
  if (!isNumber(value)) return '';
  return figure === 'peak_memory_bytes' ? bytesText(value) : numberText(value);
}

// What a cell says of a task in words: "style_weight 1500, start noise".
function taskTitle(results, task) {
  const words = task.labels.map((label, i) => {
    const name = results.axes[i]?.name ?? '';
    return name && !label.startsWith(name) ? `${name} ${label}` : label;
  });
  return words.join(', ') || results.name;
}

// "failed: out of memory"; empty for a task that has its picture.
function gapText(task) {
  if (task.state === 'succeeded' && task.file) return '';
  const word = task.state === 'succeeded' ? 'no picture' : task.state;
  return task.message ? `${word}: ${task.message}` : word;
}
