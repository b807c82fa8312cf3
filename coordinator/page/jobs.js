// The jobs, newest first: searched for by the coordinator, and cancelled or
// deleted several at once. What is asked for stands in the address's query:
// ?search=, ?state=, ?mine=.
import {get, jobPath, post, remove, repeat} from '/page/api.js';
import {hasEnded, ownerOf, Row} from '/page/job_row.js';
import {mayMakeJobs} from '/page/submission.js';
import {counted} from '/page/text.js';
import {labelledSelect, make} from '/page/viewer/dom.js';

const PAGE_SIZE = 50;
const REFRESH_SECONDS = 3;
const TYPING_MS = 300;
// A call looks at a bounded number of jobs. So many calls go on by themselves.
const CALLS_AT_ONCE = 5;

const STATES = [
  {value: '', text: 'any', states: []},
  {value: 'unfinished', text: 'not ended', states: ['RUNNING', 'QUEUED']},
  {value: 'running', text: 'running', states: ['RUNNING']},
  {value: 'queued', text: 'queued', states: ['QUEUED']},
  {value: 'succeeded', text: 'succeeded', states: ['SUCCEEDED']},
  {value: 'failed', text: 'failed', states: ['FAILED']},
  {value: 'cancelled', text: 'cancelled', states: ['CANCELLED']},
];

// The jobs that are asked for, page by page.
class JobList {
  constructor(question) {
    this.question = question;
    this.first = [];
    this.older = [];  // Pages below the first, as they were when they came.
    this.next = '';   // Where the next one begins; empty: there is none.
    this.wentOn = false;  // Past the first.
    this.abort = new AbortController();
  }

  stop() { this.abort.abort(); }

  jobs() {
    const seen = new Set();
    return [...this.first, ...this.older].filter((job) => !seen.has(job.job_id) && seen.add(job.job_id));
  }

  async read(token) {
    const query = new URLSearchParams({page_size: PAGE_SIZE, page_token: token, ...this.question.fields});
    for (const state of this.question.states) query.append('states', `JOB_STATE_${state}`);
    return get(`/api/v1/jobs?${query}`, this.abort.signal);
  }

  // The first page as it is now. What left it is older now, unless it is no
  // longer what is asked for.
  async refresh() {
    const answer = await this.read('');
    if (!this.wentOn) {
      this.next = answer.next_page_token;
    } else if (answer.next_page_token !== '' && answer.jobs.length > 0) {
      const ids = new Set(answer.jobs.map((job) => job.job_id));
      const oldest = Date.parse(answer.jobs.at(-1).submitted_at);
      this.older.unshift(...this.first.filter((job) => !ids.has(job.job_id) && Date.parse(job.submitted_at) <= oldest));
    }
    this.first = answer.jobs;
  }

  // A page more, as far as a few calls lead.
  async goOn(drawn) {
    let found = 0;
    this.wentOn = true;
    for (let calls = 0; calls < CALLS_AT_ONCE && found < PAGE_SIZE && this.next !== ''; ++calls) {
      const answer = await this.read(this.next);
      this.older.push(...answer.jobs);
      this.next = answer.next_page_token;
      found += answer.jobs.length;
      drawn();
    }
  }
}

export function showJobs(page, root, query) {
  page.title('Jobs');
  const rows = new Map();
  const chosen = new Map();  // Jobs by id.
  let list;
  let stopReading = () => {};
  let typing = 0;
  const body = make('tbody', {});
  const more = make('button', {type: 'button', hidden: true, onclick: () => readOlder()});
  const empty = make('p', {class: 'hint', role: 'status', hidden: true});
  const search = make('input', {
    type: 'search', placeholder: 'Name, id, study or user', 'aria-label': 'Search all jobs', maxlength: 128,
    title: 'Search all jobs ( / )', value: query.get('search') ?? '',
    oninput: () => { clearTimeout(typing); typing = setTimeout(ask, TYPING_MS); },
    onkeydown: (event) => {
      if (event.key === 'Enter') ask();
      if (event.key === 'ArrowDown') { event.preventDefault(); body.querySelector('th a')?.focus(); }
    },
  });
  let state = STATES.find((one) => one.value === query.get('state')) ?? STATES[0];
  const {user} = page.session;
  const mine = make('input', {type: 'checkbox', checked: query.has('mine') && user !== '', onchange: () => ask()});
  const acts = make('div', {class: 'acts', role: 'group', 'aria-label': 'What is chosen', hidden: true});
  const all = make('input', {type: 'checkbox', 'aria-label': 'Choose all of these', onchange: () => chooseAll(all.checked)});
  const heads = [all, 'Name', 'State', 'Progress', 'User', 'Age'];
  root.append(
      make('div', {class: 'bar'}, make('h1', {}, 'Jobs'), mayMakeJobs(page) && make('a', {class: 'button primary', href: '#/new', title: 'New job (N)'}, 'New job'),
          make('div', {class: 'controls find', role: 'search'},
              labelledSelect('State', STATES, state.value, (value) => { state = STATES.find((one) => one.value === value); ask(); }),
              user !== '' && make('label', {}, mine, 'Mine'), search)),
      acts,
      make('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of jobs'}, make('table', {class: 'jobs', onkeydown: (event) => onKey(event)},
          make('thead', {}, make('tr', {}, heads.map((name) => make('th', {scope: 'col'}, name)))),
          body)),
      empty, more);

  const mayCancel = (job) => !hasEnded(job) && page.may('cancel-job', ownerOf(job));
  const mayDelete = (job) => hasEnded(job) && page.may('delete-job', ownerOf(job));
  const canChoose = (job) => mayCancel(job) || mayDelete(job);

  const choose = (job, isChosen) => {
    if (isChosen && canChoose(job)) chosen.set(job.job_id, job);
    else chosen.delete(job.job_id);
    draw();
  };
  const chooseAll = (isChosen) => {
    chosen.clear();
    if (isChosen) for (const job of list.jobs().filter(canChoose)) chosen.set(job.job_id, job);
    draw();
  };

  // One after the other: what fails is said, and the others go on.
  const actOn = async (jobs, verb, act) => {
    const names = jobs.length === 1 ? `“${jobs[0].spec?.name ?? jobs[0].job_id}”` : counted(jobs.length, 'job');
    const about = verb === 'Delete' ? `Delete ${names} with all results?` : `Cancel ${names}? What has a picture keeps it.`;
    if (!confirm(about)) return;
    for (const button of acts.children) button.disabled = true;
    const failures = [];
    for (const job of jobs) {
      try {
        await act(job);
        chosen.delete(job.job_id);
      } catch (error) {
        if (stopped) return;
        if (error.code === 401) return page.failed(error);
        failures.push(error.message);
      }
    }
    if (stopped) return;
    ask();
    if (failures.length > 0) problem = `${counted(failures.length, 'job')} stayed as before: ${failures[0]}`;
  };
  let problem = '';  // Said until the next question.
  let stopped = false;

  const drawActs = () => {
    const jobs = [...chosen.values()];
    const cancel = jobs.filter(mayCancel);
    const gone = jobs.filter(mayDelete);
    acts.hidden = jobs.length === 0;
    const sign = [jobs.length, cancel.length, gone.length].join();
    if (acts.dataset.sign === sign && ![...acts.children].some((button) => button.disabled)) return;
    acts.dataset.sign = sign;
    const button = (text, onclick, isDanger) => make('button', {type: 'button', class: isDanger ? 'danger' : 'quiet', onclick}, text);
    acts.replaceChildren(
        make('span', {class: 'count', role: 'status'}, `${counted(jobs.length, 'job')} chosen`),
        ...(cancel.length > 0 ? [button(`Cancel ${cancel.length}`, () => actOn(cancel, 'Cancel', (job) => post(`${jobPath(job.job_id)}/cancel`)), true)] : []),
        ...(gone.length > 0 ? [button(`Delete ${gone.length}`, () => actOn(gone, 'Delete', (job) => remove(jobPath(job.job_id))), true)] : []),
        button('Choose none', () => chooseAll(false)));
  };

  const draw = () => {
    const jobs = list.jobs();
    const known = new Set(jobs.map((job) => job.job_id));
    for (const job of jobs) if (chosen.has(job.job_id)) chosen.set(job.job_id, job);
    for (const id of chosen.keys()) if (!known.has(id)) chosen.delete(id);
    for (const id of rows.keys()) if (!known.has(id)) rows.delete(id);
    const shown = jobs.map((job) => {
      let row = rows.get(job.job_id);
      if (row === undefined) rows.set(job.job_id, row = new Row(choose));
      row.set(job, chosen.has(job.job_id), canChoose(job));
      return row.element;
    });
    // Only what moved is moved, so that focus and selection stay.
    shown.forEach((line, place) => {
      if (body.children[place] !== line) body.insertBefore(line, body.children[place] ?? null);
    });
    while (body.children.length > shown.length) body.lastElementChild.remove();
    const choosable = jobs.filter(canChoose).length;
    all.hidden = choosable === 0;
    all.checked = choosable > 0 && chosen.size === choosable;
    all.indeterminate = chosen.size > 0 && chosen.size < choosable;
    const {isSearch} = list.question;
    empty.hidden = shown.length > 0;
    empty.textContent = !isSearch ? `No jobs yet. ${mayMakeJobs(page) ? '“New job”, ' : ''}“atelier submit” and “atelier study” make some.` :
      list.next === '' ? 'No job matches.' : 'None of the newer jobs matches.';
    more.hidden = list.next === '';
    more.textContent = isSearch ? 'Search older jobs' : 'Older jobs';
    drawActs();
  };

  const failed = (error) => { if (error.name !== 'AbortError') page.failed(error); };
  const readOlder = async () => {
    const asked = list;
    more.disabled = true;
    try {
      await asked.goOn(() => { if (asked === list) draw(); });
    } catch (error) {
      if (asked === list) failed(error);
    } finally {
      more.disabled = false;
    }
  };

  // Asks anew, where what is asked for is another thing or has changed.
  const ask = () => {
    clearTimeout(typing);
    stopReading();
    list?.stop();
    problem = '';
    const fields = {};
    const text = search.value.trim();
    if (text) fields.search = text;
    if (mine.checked) fields.user = user;
    page.keep({...(text && {search: text}), ...(state.value && {state: state.value}), ...(mine.checked && {mine: 1})});
    const asked = list = new JobList({fields, states: state.states, isSearch: Boolean(text || mine.checked || state.value)});
    let isFirst = true;
    stopReading = repeat(REFRESH_SECONDS, async () => {
      try {
        await asked.refresh();
        if (asked !== list) return;
        page.say(problem);
        draw();
        if (isFirst && asked.first.length < PAGE_SIZE && asked.question.isSearch) await readOlder();
        isFirst = false;
      } catch (error) {
        if (asked === list) failed(error);
      }
    });
  };

  const onKey = (event) => {
    const line = event.target.closest('tbody tr');
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = {ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling}[event.key];
    if (next !== undefined) {
      event.preventDefault();
      (next?.querySelector('th a') ?? (event.key === 'ArrowUp' ? search : null))?.focus();
    } else if (event.key === 'x') {
      const box = line.querySelector('.choose input');
      if (!box.hidden) box.click();
    }
  };
  const onSlash = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input:not([type=checkbox]), select, textarea, dialog')) return;
    if (event.key === 'n' && mayMakeJobs(page)) return page.go('#/new');
    if (event.key !== '/') return;
    event.preventDefault();
    search.focus();
    search.select();
  };
  document.addEventListener('keydown', onSlash);
  ask();
  return () => {
    stopped = true;
    clearTimeout(typing);
    stopReading();
    list.stop();
    document.removeEventListener('keydown', onSlash);
  };
}
