// What people say of a job's pictures: stars from 1 to 5, and which of a few is
// the worst. The answers' numbers go to the table of all numbers as the columns
// "stars" and "worst_share".
import {get, jobPath, post} from '/page/api.js';

const PAGE_SIZE = 1000;
const MOST_PAGES = 10;  // That a choice of the least shown looks at.
const MOST_TRIED = 2000;
export const MOST_JUDGED = 4;

export const setKey = (indices) => [...indices].sort((a, b) => a - b).join();

// Up to four tasks to judge next: the first of `candidates`, least shown first,
// that were not `judged` (keys of sets) together; null where there are none.
// `shown(index)`: how often one was shown; ties stay as they come.
export function nextSet(candidates, shown, judged) {
  const ranked = [...candidates].sort((a, b) => shown(a) - shown(b));
  const size = Math.min(MOST_JUDGED, ranked.length);
  if (size < 2) return null;
  const places = Array.from({length: size}, (_, i) => i);
  for (let tried = 0; tried < MOST_TRIED; ++tried) {
    const set = places.map((place) => ranked[place]);
    if (!judged.has(setKey(set))) return set;
    // The next combination: the last place that can move does.
    let at = size - 1;
    while (at >= 0 && places[at] === ranked.length - size + at) --at;
    if (at < 0) return null;
    places[at] += 1;
    for (let i = at + 1; i < size; ++i) places[i] = places[i - 1] + 1;
  }
  return null;
}

export class Ratings {
  // `table`: of numbers; `changed()`: it says something else; `mayRate`: the
  // viewer may give some.
  constructor(jobId, table, {changed, mayRate}) {
    Object.assign(this, {jobId, table, changed, mayRate});
    this.isOffered = true;  // Until a coordinator of before says otherwise.
    this.known = new Map();  // By index, as the last answers had them.
    this.judged = new Set();  // Sets that were judged here.
  }

  at(index) { return this.known.get(index); }

  // What is known of a task, read once; undefined where it is not offered.
  async read(index) {
    if (!this.isOffered || this.known.has(index)) return this.known.get(index);
    const answer = await this.ask({first_index: index, page_size: 1});
    const found = answer?.ratings.find((one) => Number(one.task_index) === index);
    if (answer) this.known.set(index, found ?? {task_index: String(index), mean_stars: 0, people: 0, own_stars: 0, times_shown: 0, times_worst: 0});
    return this.known.get(index);
  }

  // Of the first so many tasks that have any.
  async readAll() {
    let token = '';
    for (let page = 0; page < MOST_PAGES; ++page) {
      const answer = await this.ask({page_size: PAGE_SIZE, page_token: token});
      for (const rating of answer?.ratings ?? []) this.known.set(Number(rating.task_index), rating);
      token = answer?.next_page_token ?? '';
      if (token === '') return;
    }
  }

  async ask(query) {
    try {
      return await get(`${jobPath(this.jobId)}/ratings?${new URLSearchParams(query)}`);
    } catch (error) {
      if (error.code !== 404) throw error;
      this.isOffered = false;
      return null;
    }
  }

  async give(index, stars) {
    this.take([await post(`${jobPath(this.jobId)}/tasks/${index}/stars`, {stars})]);
  }

  async judge(indices, worst) {
    const {ratings} = await post(`${jobPath(this.jobId)}/judgements`, {task_indexes: indices, worst});
    this.judged.add(setKey(indices));
    this.take(ratings);
  }

  take(ratings) {
    for (const rating of ratings) {
      const index = Number(rating.task_index);
      this.known.set(index, rating);
      this.table.put('stars', index, rating.people > 0 ? rating.mean_stars : NaN);
      this.table.put('worst_share', index, Number(rating.times_shown) > 0 ? Number(rating.times_worst) / Number(rating.times_shown) : NaN);
    }
    this.changed();
  }

  // Tasks to judge next, of these; null where there are none.
  async next(candidates) {
    await this.readAll();
    return this.isOffered ? nextSet(candidates, (index) => Number(this.known.get(index)?.times_shown ?? 0), this.judged) : null;
  }
}
