// The tasks of a job that somebody looks at: read by the page, kept while they
// are new, read again when they may have changed.
import {get, jobPath} from '/page/api.js';

const PAGE_SIZE = 100;
const MOST_PAGES = 100;
const LEAST_WAIT_MS = 400;
const MOST_RUNNING = 1000;  // That a snapshot has.
const FINAL = new Set(['TASK_STATE_SUCCEEDED', 'TASK_STATE_FAILED', 'TASK_STATE_CANCELLED']);

export class Tasks {
  // `changed()`: of what is wanted something has come.
  constructor(jobId, {changed, failed}) {
    this.jobId = jobId;
    this.changed = changed;
    this.failed = failed;
    this.pages = new Map();  // By number, least lately wanted first.
    this.wanted = [];
    this.seen = [];
    this.also = new Map();  // By who asks.
    this.waiting = [];  // What to call once something was read.
    this.running = new Map();  // As of the last snapshot, by index.
    this.previews = new Map();  // Of those all that snapshots had, by index.
    this.ended = [0, 0, 0];  // As of it, how many succeeded, failed, were cancelled.
    this.stopped = false;
    this.busy = false;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  // Undefined: not read yet.
  at(index) {
    const task = this.pages.get(Math.floor(index / PAGE_SIZE))?.tasks[index % PAGE_SIZE];
    const running = this.running.get(index);
    if (running === undefined || FINAL.has(task?.state)) return task ?? running;
    const seen = [...task?.previews ?? [], ...this.previews.get(index) ?? []];
    return seen.length > 0 ? {...running, previews: seen} : running;
  }

  // From now on these are looked at, the most urgent first.
  want(indices) {
    this.seen = indices;
    this.wantAll();
  }

  // Besides these, until `who` names others.
  wantAlso(who, indices) {
    this.also.set(who, indices);
    this.wantAll();
  }

  wantAll() {
    this.wanted = [...new Set([...this.seen, ...[...this.also.values()].flat()].map((index) => Math.floor(index / PAGE_SIZE)))];
    this.readOn();
  }

  // Resolves once all of these have been read.
  async ensure(indices) {
    const who = {};
    this.wantAlso(who, indices);
    while (!this.stopped && !indices.every((index) => this.pages.has(Math.floor(index / PAGE_SIZE)))) {
      await new Promise((done) => { this.waiting.push(done); });
    }
    this.also.delete(who);
  }

  take(snapshot) {
    this.running = new Map(snapshot.running.map((task) => [Number(task.index), task]));
    this.keepPreviews();
    // What has ended stays so, unless it was retried or repaired.
    const ended = ['succeeded', 'failed', 'cancelled'].map((state) => Number(snapshot.job.tasks[state]));
    const wentBack = ended.some((count, place) => count < this.ended[place]);
    if (ended.join() !== this.ended.join()) {
      for (const page of this.pages.values()) page.stale ||= wentBack || !page.final;
      this.ended = ended;
    }
    // What was taken from its worker is queued again, and no count says so.
    const hasAll = this.running.size < MOST_RUNNING;
    for (const page of hasAll ? this.pages.values() : []) {
      page.stale ||= page.tasks.some((task) => task.state === 'TASK_STATE_LEASED' && !this.running.has(Number(task.index)));
    }
    this.readOn();
    this.changed();
  }

  // A snapshot has the last alone.
  keepPreviews() {
    for (const index of this.previews.keys()) {
      if (!this.running.has(index)) this.previews.delete(index);
    }
    for (const [index, {previews}] of this.running) {
      const kept = this.previews.get(index) ?? [];
      const more = (previews ?? []).filter(({digest}) => !kept.some((one) => one.digest === digest));
      if (more.length > 0) this.previews.set(index, [...kept, ...more].slice(-16));
    }
  }

  // A change that was asked for here.
  forget() {
    for (const page of this.pages.values()) page.stale = true;
    this.readOn();
  }

  readOn() {
    if (this.busy || this.stopped) return;
    const number = this.wanted.find((one) => this.pages.get(one)?.stale ?? true);
    if (number === undefined) return;
    this.busy = true;
    this.timer = setTimeout(() => this.read(number), Math.max(0, (this.readAt ?? 0) + LEAST_WAIT_MS - performance.now()));
  }

  async read(number) {
    // What somebody scrolled past is not asked for.
    if (!this.wanted.includes(number)) { this.busy = false; return this.readOn(); }
    // Of what is there already only what changes is read at this pace.
    this.readAt = this.pages.has(number) ? performance.now() : 0;
    const before = this.ended;
    try {
      const query = new URLSearchParams({first_index: number * PAGE_SIZE, page_size: PAGE_SIZE});
      const tasks = [];
      let token = '';
      do {  // A page may end before it is full.
        if (token) query.set('page_token', token);
        const answer = await get(`${jobPath(this.jobId)}/tasks?${query}`);
        tasks.push(...answer.tasks);
        token = answer.next_page_token;
        query.set('page_size', Math.max(1, PAGE_SIZE - tasks.length));
      } while (token && tasks.length < PAGE_SIZE);
      if (this.stopped) return;
      this.pages.delete(number);
      this.pages.set(number, {
        tasks, stale: before !== this.ended, final: tasks.every((task) => FINAL.has(task.state)),
      });
      for (const old of this.pages.keys()) {
        if (this.pages.size <= MOST_PAGES) break;
        if (!this.wanted.includes(old)) this.pages.delete(old);
      }
      this.changed();
      this.waiting.splice(0).forEach((done) => done());
    } catch (error) {
      if (this.stopped) return;
      this.readAt = performance.now() + 2000;
      this.failed(error);
    }
    this.busy = false;
    this.readOn();
  }
}
