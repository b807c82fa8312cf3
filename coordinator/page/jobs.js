// The jobs, newest first.
import {get, repeat} from '/page/api.js';
import {element, setText} from '/page/dom.js';
import {ageText, counted, timeText, whole, wordOf} from '/page/text.js';

const PAGE_SIZE = 50;
const REFRESH_SECONDS = 3;

export function ownerOf(job) { return job.spec?.user ?? ''; }

// "running", "paused", "queued"; and why.
export function stateOf(job) {
  const state = wordOf(job.state, 'JOB_STATE_');
  return {state: job.paused && job.ended_at === undefined ? 'paused' : state, why: job.wait_message || job.message || ''};
}

// A bar of what has ended, by how.
export function progressBar() {
  const parts = ['succeeded', 'failed', 'cancelled', 'leased'].map((name) => element('span', {class: name}));
  const bar = element('div', {class: 'progress', role: 'progressbar', 'aria-valuemin': 0}, parts);
  return {
    element: bar,
    set(job) {
      const total = Math.max(1, whole(job.task_count));
      const counts = job.tasks ?? {};
      for (const part of parts) part.style.width = `${100 * whole(counts[part.className]) / total}%`;
      bar.setAttribute('aria-valuemax', total);
      bar.setAttribute('aria-valuenow', whole(counts.succeeded) + whole(counts.failed) + whole(counts.cancelled));
      bar.setAttribute('aria-valuetext', countsText(job));
      bar.title = countsText(job);
    },
  };
}

export function countsText(job) {
  const counts = job.tasks ?? {};
  const words = [`${whole(counts.succeeded).toLocaleString()} of ${counted(whole(job.task_count), 'task')}`];
  if (whole(counts.leased) > 0) words.push(`${counts.leased} running`);
  for (const name of ['failed', 'cancelled']) {
    if (whole(counts[name]) > 0) words.push(`${counts[name]} ${name}`);
  }
  return words.join(', ');
}

class Row {
  constructor() {
    this.name = element('a', {});
    this.state = element('span', {class: 'state'});
    this.why = element('span', {class: 'why'});
    this.bar = progressBar();
    this.count = element('span', {class: 'count'});
    this.user = element('td', {});
    this.age = element('time', {});
    this.element = element('tr', {},
        element('th', {scope: 'row'}, this.name),
        element('td', {}, this.state, this.why),
        element('td', {class: 'wide'}, this.bar.element, this.count),
        this.user,
        element('td', {class: 'number'}, this.age));
  }

  set(job) {
    const {state, why} = stateOf(job);
    setText(this.name, job.spec?.name ?? job.job_id);
    this.name.href = `#/jobs/${encodeURIComponent(job.job_id)}`;
    this.name.title = job.job_id;
    setText(this.state, state);
    this.state.dataset.state = state;
    setText(this.why, why);
    this.bar.set(job);
    setText(this.count, countsText(job));
    setText(this.user, ownerOf(job));
    setText(this.age, ageText(job.submitted_at));
    this.age.dateTime = job.submitted_at;
    this.age.title = timeText(job.submitted_at);
  }
}

export function showJobs(page, root) {
  page.title('Jobs');
  const rows = new Map();
  const older = [];  // Pages below the first, as they were when they came.
  let next = '';
  let first = [];
  const body = element('tbody', {});
  const more = element('button', {type: 'button', hidden: true, click: () => readOlder()}, 'Older jobs');
  const empty = element('p', {class: 'hint', hidden: true});
  const search = element('input', {type: 'search', placeholder: 'Name, id, user or state', 'aria-label': 'Search these jobs', input: () => draw()});
  root.append(
      element('div', {class: 'bar'}, element('h1', {}, 'Jobs'), search),
      element('div', {class: 'scroll'}, element('table', {class: 'jobs'},
          element('thead', {}, element('tr', {}, ['Name', 'State', 'Progress', 'User', 'Age'].map((name) => element('th', {scope: 'col'}, name)))),
          body)),
      empty, more);

  const matches = (job) => {
    const words = search.value.trim().toLowerCase().split(/\s+/);
    const text = [job.spec?.name, job.job_id, ownerOf(job), stateOf(job).state].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const draw = () => {
    const seen = new Set();
    const jobs = [...first, ...older].filter((job) => !seen.has(job.job_id) && seen.add(job.job_id) && matches(job));
    const shown = jobs.map((job) => {
      let row = rows.get(job.job_id);
      if (row === undefined) rows.set(job.job_id, row = new Row());
      row.set(job);
      return row.element;
    });
    // Only what moved is moved, so that focus and selection stay.
    shown.forEach((line, place) => {
      if (body.children[place] !== line) body.insertBefore(line, body.children[place] ?? null);
    });
    while (body.children.length > shown.length) body.lastElementChild.remove();
    empty.hidden = shown.length > 0;
    empty.textContent = search.value ? 'None of these jobs matches; older ones may.' :
      'No jobs yet. “atelier submit” and “atelier study” make some.';
    more.hidden = next === '';
  };
  const read = (token) => get(`/api/v1/jobs?${new URLSearchParams({page_size: PAGE_SIZE, page_token: token})}`);
  const readOlder = async () => {
    more.disabled = true;
    try {
      const answer = await read(next);
      older.push(...answer.jobs);
      next = answer.next_page_token;
      draw();
    } catch (error) {
      page.failed(error);
    } finally {
      more.disabled = false;
    }
  };
  return repeat(REFRESH_SECONDS, async () => {
    try {
      const answer = await read('');
      // What left the first page is older now.
      const ids = new Set(answer.jobs.map((job) => job.job_id));
      if (older.length === 0) next = answer.next_page_token;
      else older.unshift(...first.filter((job) => !ids.has(job.job_id) && answer.next_page_token !== ''));
      first = answer.jobs;
      page.say();
      draw();
    } catch (error) {
      page.failed(error);
    }
  });
}
