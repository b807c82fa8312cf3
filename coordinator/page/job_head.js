// What a job is, how far it came, and what may be done to it.
import {artifactUrl} from '/page/api.js';
import {setText} from '/page/dom.js';
import {countsText, ownerOf, progressBar, stateOf} from '/page/job_row.js';
import {mayMakeJobs} from '/page/submission.js';
import {ageText, durationText, whole} from '/page/text.js';
import {make, refill} from '/page/viewer/dom.js';
import {timeText, visible} from '/page/viewer/text.js';

const MOST_INPUTS = 4;
const INPUT_PX = 128;

export class JobHead {
  // `act(verb, question, body)`: one of the buttons was pressed; "" deletes.
  constructor(page, id, act) {
    Object.assign(this, {page, id, act});
    this.name = make('h1', {}, '…');
    this.state = make('span', {class: 'state'});
    this.why = make('p', {class: 'why'});
    this.facts = make('p', {class: 'facts'});
    this.bar = progressBar();
    this.acts = make('div', {class: 'acts'});
    this.priority = make('input', {type: 'number', min: -1000, max: 1000, step: 1, onchange: () => this.setPriority()});
    this.priorityField = make('label', {class: 'priority', title: 'Among the jobs of its user the highest goes first'}, 'Priority', this.priority);
    this.inputs = make('div', {class: 'inputs'});
    this.element = make('div', {class: 'job-head', hidden: true}, this.inputs,
        make('div', {class: 'of-job'}, make('div', {class: 'bar'}, this.name, this.state, this.why, this.acts), this.facts, this.bar.element));
  }

  draw(job) {
    const {state, why} = stateOf(job);
    this.element.hidden = false;
    this.page.title(job.spec.name);
    setText(this.name, job.spec.name);
    setText(this.state, state);
    this.state.dataset.state = state;
    setText(this.why, why);
    this.why.title = visible(why);
    this.why.classList.toggle('brief', job.ended_at === undefined);
    const left = Number(String(job.time_left ?? '').replace(/s$/, '') || NaN);
    const words = [countsText(job), left >= 0 && `about ${durationText(left)} left`, ownerOf(job) && `of ${ownerOf(job)}`, `priority ${job.priority ?? 0}`,
      job.ended_at ? `ended ${timeText(job.ended_at)}` : `submitted ${ageText(job.submitted_at)} ago`, this.id];
    setText(this.facts, words.filter(Boolean).join(' · '));
    this.bar.set(job);
    this.drawActs(job, state);
    this.drawInputs(job);
  }

  // Only what may be done, and does something now.
  drawActs(job, state) {
    const hasEnded = job.ended_at !== undefined;
    const [failed, cancelled] = [whole(job.tasks.failed) > 0, whole(job.tasks.cancelled) > 0];
    const broken = failed && cancelled ? 'failed or was cancelled' : failed ? 'failed' : cancelled ? 'was cancelled' : '';
    const acts = [
      !hasEnded && state !== 'paused' && ['Pause', 'pause-job', 'pause'],
      !hasEnded && state === 'paused' && ['Resume', 'resume-job', 'resume'],
      broken && [`Retry what ${broken}`, 'retry-job', 'retry'],
      !hasEnded && ['Cancel', 'cancel-job', 'cancel', `Cancel “${visible(job.spec.name)}”? What has a picture keeps it.`],
      hasEnded && ['Delete', 'delete-job', '', `Delete “${visible(job.spec.name)}” with its results?`],
    ].filter((act) => act && this.page.may(act[1], ownerOf(job)));
    const mayRank = !hasEnded && this.page.may('set-job-priority', ownerOf(job));
    if (document.activeElement !== this.priority) this.priority.value = job.priority ?? 0;
    const sign = [mayRank, ...acts.map((act) => act[0])].join();
    if (sign === this.actsSign) return;
    this.actsSign = sign;
    refill(this.acts, mayRank && this.priorityField,
        mayMakeJobs(this.page) && make('a', {class: 'button', href: `#/new?${new URLSearchParams({from: this.id})}`, title: 'A new job that begins as this one is'}, 'Make another'), ...acts.map(([text, , verb, question]) => make('button', {
      type: 'button', class: question ? 'danger' : '', onclick: () => this.act(verb, question),
    }, text)));
  }

  setPriority() {
    if (this.priority.value === '' || !this.priority.reportValidity()) return;
    this.act('priority', '', {priority: Number(this.priority.value)});
  }

  // What all of its pictures were made from.
  drawInputs(job) {
    const {content_digest: content, style_digests: styles = []} = job.spec.base ?? {};
    const inputs = [content && ['content', content], ...styles.map((digest) => ['style', digest])].filter(Boolean).slice(0, MOST_INPUTS);
    const sign = inputs.join();
    if (sign === this.inputSign) return;
    this.inputSign = sign;
    refill(this.inputs, inputs.map(([role, digest]) => {
      const name = visible(job.spec.images?.find((image) => image.digest === digest)?.name ?? '');
      return make('img', {src: `${artifactUrl(digest, this.id)}&thumbnail_px=${INPUT_PX}`, alt: `${role} ${name}`, title: `${role}: ${name}`, width: 56, height: 56, decoding: 'async',
        onerror: (event) => event.target.remove()});
    }));
  }
}
