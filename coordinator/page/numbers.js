// The numbers of all tasks of a job: read once, then what has not ended again
// while it runs, and what sorts, filters and colours the grid by them.
import {get, jobPath} from '/page/api.js';
import {KNOWN_MEASURES} from '/page/known_measures.js';
import {parseFilter} from '/page/viewer/filter.js';
import {describeMeasure, rankMeasure} from '/page/viewer/measures.js';

// What people say of pictures (ratings.js), after what is measured.
const MEASURES = [...KNOWN_MEASURES,
  {name: 'stars', unit: '', better: 'higher', what: 'Stars from 1 to 5, mean of all people'},
  {name: 'worst_share', unit: '', better: 'lower', what: 'How often it was the worst of those shown with it'}];

export const MOST_TASKS = 100_000;
const PAGE = 10_000;
const LEAST_WAIT_MS = 3000;
const STATES = {q: 'queued', l: 'leased', s: 'succeeded', f: 'failed', c: 'cancelled'};

// Columns of numbers and the states of tasks [0, count), filled page by page.
export class Table {
  constructor(count) {
    this.count = count;
    this.version = 0;  // Of what it says; more with each change.
    this.columns = new Map();
    this.states = new Array(Math.ceil(count / PAGE)).fill('');
    this.measures_ = null;
  }

  // An answer of /numbers.
  take({first_index: first, states, columns}) {
    this.version += 1;
    this.measures_ = null;
    const page = Math.floor(first / PAGE);
    const from = first - page * PAGE;
    const before = (this.states[page] ?? '').padEnd(from, '?');
    this.states[page] = before.slice(0, from) + states + before.slice(from + states.length);
    for (const name of Object.keys(columns)) {
      if (!this.columns.has(name)) this.columns.set(name, new Float64Array(this.count).fill(NaN));
    }
    for (const [name, values] of this.columns) {
      const read = columns[name];
      for (let i = 0; i < states.length; ++i) values[first + i] = read?.[i] ?? NaN;
    }
  }

  // One number, as an answer of another route had it.
  put(name, index, value) {
    if (index >= this.count || (!this.columns.has(name) && Number.isNaN(value))) return;
    if (!this.columns.has(name)) this.columns.set(name, new Float64Array(this.count).fill(NaN));
    if (Object.is(this.columns.get(name)[index], value)) return;
    this.columns.get(name)[index] = value;
    this.version += 1;
    this.measures_ = null;
  }

  // "succeeded"; empty where it is not known.
  state(index) {
    return STATES[this.states[Math.floor(index / PAGE)]?.[index % PAGE]] ?? '';
  }

  // NaN where it has none.
  value(name, index) {
    return this.columns.get(name)?.[index] ?? NaN;
  }

  // In the order of columns, with the span of their values.
  measures() {
    this.measures_ ??= [...this.columns.keys()]
        .sort((a, b) => rankMeasure(a, MEASURES) - rankMeasure(b, MEASURES) || (a < b ? -1 : 1))
        .map((name) => ({...describeMeasure(name, MEASURES), ...this.span(name)}));
    return this.measures_;
  }

  measure(name) {
    return this.measures().find((one) => one.name === name) ?? null;
  }

  span(name) {
    let least = Infinity;
    let most = -Infinity;
    for (const value of this.columns.get(name)) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return {least, most};
  }

  // Whether a task is wanted, by what people type; null for nothing typed.
  // Names are those of measures, axes, "state" and "index".
  wanted(points, text) {
    if (text.trim() === '') return null;
    const table = this;
    const task = {
      index: 0, parameters: {},
      numbers: {
        has: (name) => !Number.isNaN(table.value(name, task.index)),
        get: (name) => table.value(name, task.index),
      },
      get state() { return table.state(this.index); },
      get labels() { return points.labelsOf(this.index) ?? []; },
      get text() { return [this.state, ...this.labels].join('\n').toLowerCase(); },
    };
    const test = parseFilter({axes: points.axes}, text);
    return (index) => {
      task.index = index;
      return test(task);
    };
  }

  // The place of a task in an order: "ssim" the best first, "-ssim" the worst;
  // of what is no better nor worse the least first. What has none comes last.
  // Null for an order that is none of these.
  rank(order) {
    const measure = this.measure(order.replace(/^-/, ''));
    if (!measure) return null;
    const sign = (measure.higher ? -1 : 1) * (order.startsWith('-') ? -1 : 1);
    return (index) => {
      const value = this.value(measure.name, index);
      return Number.isNaN(value) ? Infinity : sign * value;
    };
  }
}

export class Numbers {
  // `changed()`: the table says something else.
  constructor(jobId, count, {changed, failed}) {
    this.jobId = jobId;
    this.changed = changed;
    this.failed = failed;
    this.isOffered = count <= MOST_TASKS;
    this.table = new Table(this.isOffered ? count : 0);
    this.stopped = false;
    this.stale = new Set(this.isOffered ? this.table.states.keys() : []);
    this.ended = '';
    this.readOn();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  // A snapshot of the job, or a change that was asked for here (`all`).
  take(job, all = false) {
    const ended = ['succeeded', 'failed', 'cancelled'].map((state) => Number(job.tasks[state]));
    const before = this.ended;
    this.ended = ended.join();
    if (!this.isOffered || (before === this.ended && !all) || before === '') return;
    const wentBack = ended.some((count, i) => count < Number(before.split(',')[i]));
    this.table.states.forEach((states, page) => {
      if (all || wentBack || /[ql?]/.test(states) || states === '') this.stale.add(page);
    });
    this.readOn();
  }

  readOn() {
    if (this.busy || this.stopped || this.stale.size === 0) return;
    this.busy = true;
    const wait = this.readAt === undefined ? 0 : this.readAt + LEAST_WAIT_MS - performance.now();
    this.timer = setTimeout(() => this.read(), Math.max(0, wait));
  }

  // All that is stale now.
  async read() {
    const pages = [...this.stale];
    this.stale.clear();
    this.readAt = performance.now();
    try {
      for (const page of pages) {
        const end = Math.min(this.table.count, (page + 1) * PAGE);
        for (let first = page * PAGE; first < end;) {
          const query = new URLSearchParams({first_index: first, page_size: end - first});
          const answer = await get(`${jobPath(this.jobId)}/numbers?${query}`);
          if (this.stopped) return;
          this.table.take(answer);
          first = answer.next_index ?? end;
        }
        this.changed();
      }
    } catch (error) {
      if (this.stopped) return;
      pages.forEach((page) => this.stale.add(page));
      this.failed(error);
    }
    this.busy = false;
    this.readOn();
  }
}
