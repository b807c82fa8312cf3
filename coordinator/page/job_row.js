// What is said of a job, and its row in the list of jobs.
import {setText} from '/page/dom.js';
import {ageText, counted, durationText, secondsOf, whole, wordOf} from '/page/text.js';
import {make} from '/page/viewer/dom.js';
import {timeText} from '/page/viewer/text.js';

export function ownerOf(job) { return job.spec?.user ?? ''; }

// "running", "paused", "queued"; and why.
export function stateOf(job) {
  const state = wordOf(job.state, 'JOB_STATE_');
  return {state: job.paused && job.ended_at === undefined ? 'paused' : state, why: job.wait_message || job.message || ''};
}

// A bar of what has ended, by how.
export function progressBar() {
  const parts = ['succeeded', 'failed', 'cancelled', 'leased'].map((name) => make('span', {class: name}));
  const bar = make('div', {class: 'progress', role: 'progressbar', 'aria-valuemin': 0}, parts);
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
  if (whole(counts.leased) > 0) words.push(`${whole(counts.leased).toLocaleString()} running`);
  for (const name of ['failed', 'cancelled']) {
    if (whole(counts[name]) > 0) words.push(`${whole(counts[name]).toLocaleString()} ${name}`);
  }
  return words.join(', ');
}

export const hasEnded = (job) => job.ended_at !== undefined;

function leftText(job) {
  if (job.time_left === undefined || hasEnded(job)) return '';
  return `about ${durationText(secondsOf(job.time_left))} left`;
}

export class Row {
  constructor(chosen) {
    this.box = make('input', {type: 'checkbox', onchange: () => chosen(this.job, this.box.checked)});
    this.name = make('a', {});
    this.study = make('span', {class: 'why'});
    this.state = make('span', {class: 'state'});
    this.why = make('span', {class: 'why'});
    this.bar = progressBar();
    this.count = make('span', {class: 'count'});
    this.left = make('span', {class: 'count left'});
    this.user = make('td', {class: 'user'});
    this.age = make('time', {});
    this.element = make('tr', {},
        make('td', {class: 'choose'}, this.box),
        make('th', {scope: 'row'}, this.name, this.study),
        make('td', {class: 'is'}, this.state, this.why),
        make('td', {class: 'wide'}, this.bar.element, make('span', {class: 'counts'}, this.count, this.left)),
        this.user,
        make('td', {class: 'number age'}, this.age));
  }

  set(job, isChosen, canChoose) {
    this.job = job;
    const {state, why} = stateOf(job);
    const name = job.spec?.name ?? job.job_id;
    setText(this.name, name);
    this.name.href = `#/jobs/${encodeURIComponent(job.job_id)}`;
    this.name.title = job.job_id;
    const study = job.spec?.study ?? '';
    setText(this.study, study === name ? '' : study);
    setText(this.state, state);
    this.state.dataset.state = state;
    setText(this.why, why);
    this.bar.set(job);
    setText(this.count, countsText(job));
    setText(this.left, leftText(job));
    setText(this.user, ownerOf(job));
    setText(this.age, ageText(job.submitted_at));
    this.age.dateTime = job.submitted_at;
    this.age.title = timeText(job.submitted_at);
    this.box.checked = isChosen;
    this.box.hidden = !canChoose;
    this.box.setAttribute('aria-label', `Choose ${name}`);
    this.element.toggleAttribute('data-chosen', isChosen);
  }
}
