// A new job: pictures, parameters and axes, what it would take, and off it goes.
// With ?from=JOB it begins as that job is. What is written stays while the page
// does, also where somebody looks at another place in between; texts also when it
// is loaded again.
import {ApiError, get, jobPath, post} from '/page/api.js';
import {setText} from '/page/dom.js';
import {JobPreview} from '/page/job_preview.js';
import {forget, formOf, keep, textsOf} from '/page/new_draft.js';
import {NewJobFields} from '/page/new_job_fields.js';
import {bytesText, sendPicture} from '/page/new_picture.js';
import {parameterTable} from '/page/parameter_table.js';
import {asOwn, mayMakeJobs, refusalOf, Submission} from '/page/submission.js';
import {counted} from '/page/text.js';
import {make, refill} from '/page/viewer/dom.js';
import {clipped} from '/page/viewer/text.js';

const RETRY_MS = 2000;

class NewJob {
  constructor(page, root, from) {
    Object.assign(this, {page, root, from});
    this.submission = new Submission();
    this.abort = new AbortController();
    this.preview = new JobPreview({said: ({missing}) => this.said(missing), refused: (error) => this.refused(error)});
    this.error = make('p', {class: 'error', role: 'alert'});
    this.note = make('p', {class: 'hint', role: 'status'});
    this.sent = make('progress', {max: 1, hidden: true, 'aria-label': 'How much is sent'});
    this.submit = make('button', {type: 'submit', class: 'primary', disabled: true}, 'Submit');
    this.body = make('div', {class: 'form-body'}, make('p', {class: 'hint'}, '…'));
    this.element = make('form', {class: 'new-job', novalidate: true, onsubmit: (event) => { event.preventDefault(); this.send(); }},
        make('h1', {}, 'New job'), this.body,
        make('div', {class: 'form-foot'}, this.preview.element, this.note, this.sent, this.error, this.submit));
    root.append(this.element);
    // A picture that misses its place must not take this one's.
    this.onDrag = (event) => { if (event.dataTransfer?.types.includes('Files')) event.preventDefault(); };
    for (const name of ['dragover', 'drop']) document.addEventListener(name, this.onDrag);
    this.begin();
  }

  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.preview.stop();
    this.abort.abort();
    for (const name of ['dragover', 'drop']) document.removeEventListener(name, this.onDrag);
  }

  async begin() {
    try {
      const [table, job] = await Promise.all([parameterTable(), this.from && get(jobPath(this.from), this.abort.signal)]);
      if (this.isStopped) return;
      this.page.say();
      this.table = table;
      this.job = job;
      const {user} = this.page.session;
      const form = formOf(user, this.from);
      const texts = form ? null : textsOf(user, this.from);
      if (form) this.submission = form.submission;
      this.show(form?.fields ?? new NewJobFields({table, job, texts}), form ? 'This is as you left it.' : texts && 'These are the texts that you left; pictures are to be chosen again.');
    } catch (error) {
      if (this.isStopped) return;
      this.page.failed(error);
      if (error.code === 0 || error.code >= 500) this.timer = setTimeout(() => this.begin(), RETRY_MS);
    }
  }

  startOver() {
    forget(this.from);
    this.submission = new Submission();
    this.show(new NewJobFields({table: this.table, job: this.job}));
  }

  // `note`: why it is not empty, if it is not.
  show(fields, note) {
    this.fields = fields;
    fields.element.inert = false;
    fields.told = () => {
      // Of what was submitted, or is another view's by now, nothing is kept.
      if (this.isStopped || this.fields !== fields) return;
      if (this.page.session) keep(this.from, {user: this.page.session.user, fields, submission: this.submission});
      this.changed();
    };
    refill(this.body, note && make('div', {class: 'bar', role: 'note'}, make('p', {class: 'hint'}, note),
        make('button', {type: 'button', class: 'small', onclick: () => this.startOver()}, 'Start over')), fields.element);
    fields.focus();
    this.changed();
  }

  refuse(text) { setText(this.error, text); }

  changed() {
    if (this.isBusy || this.isStopped) return;
    this.refuse('');
    setText(this.note, '');
    const {spec, why} = this.fields.read();
    this.submit.disabled = spec === null;
    this.preview.ask(spec && asOwn(spec, this.page), why);
  }

  // Which inputs of it are not stored.
  said(missing) {
    if (this.isBusy) return;
    this.refuse('');
    const {files, gone} = this.fields.sources(missing);
    const bytes = files.reduce((sum, {file}) => sum + file.size, 0);
    setText(this.note, files.length > 0 ? `${counted(files.length, 'picture')} to send: ${bytesText(bytes)}.` : '');
    this.sayGone(gone);
  }

  // Returns whether there are any.
  sayGone(gone) {
    const unsaid = gone.filter((digest) => !this.fields.refusePicture(digest, 'is stored no longer; choose it again.'));
    if (unsaid.length > 0) this.refuse(`${counted(unsaid.length, 'input')} of it ${unsaid.length === 1 ? 'is' : 'are'} stored no longer.`);
    return gone.length > 0;
  }

  refused(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 401) return this.page.failed(error);
    const {path, text} = refusalOf(error.message);
    if (!this.fields.refuse(path, text)) this.refuse(error.message);
  }

  // What the coordinator does not have goes there first.
  async sendPictures(spec) {
    const {missing_digests: missing = []} = await post('/api/v1/jobs/preview', {spec, first_index: '0', page_size: 1}, {}, this.abort.signal);
    const {files, gone} = this.fields.sources(missing);
    if (this.sayGone(gone)) return false;
    this.sent.hidden = files.length === 0;
    for (const [place, picture] of files.entries()) {
      this.sent.value = 0;
      setText(this.note, `Sending “${clipped(picture.name, 60)}”${files.length > 1 ? `, ${place + 1} of ${files.length}` : ''}`);
      try {
        await sendPicture(picture, {progress: (share) => { this.sent.value = share; }, signal: this.abort.signal});
      } catch (error) {
        if (error.code === 401 || !this.fields.refusePicture(picture.digest, `was not sent: ${error.message}`)) throw error;
        return false;
      }
    }
    return true;
  }

  async send() {
    if (this.isBusy || !this.fields) return;
    const {spec: read} = this.fields.read();
    if (read === null) return;
    const spec = asOwn(read, this.page);
    this.setBusy(true);
    this.refuse('');
    let job = null;
    try {
      if (await this.sendPictures(spec)) job = await this.submission.submit(spec);
    } catch (error) {
      if (this.isStopped) return;
      this.refused(error);
    }
    if (this.isStopped) return;
    this.setBusy(false);
    if (job !== null) {
      this.isStopped = true;
      forget(this.from);
      return this.page.go(`#/jobs/${encodeURIComponent(job.job_id)}`);
    }
    setText(this.note, '');
    this.fields.element.querySelector('[aria-invalid=true]')?.focus();
  }

  setBusy(isBusy) {
    this.isBusy = isBusy;
    this.submit.disabled = isBusy;
    this.fields.element.inert = isBusy;
    if (isBusy) this.preview.stop();
    else this.sent.hidden = true;
  }
}

export function showNewJob(page, root, query) {
  page.title('New job');
  if (!mayMakeJobs(page)) {
    root.append(make('h1', {}, 'New job'), make('p', {class: 'hint'}, 'You may look at jobs here, and make none.'));
    return undefined;
  }
  const view = new NewJob(page, root, query.get('from'));
  return () => view.stop();
}
