// What is made of a job that is looked at: more of its sweep around a task, a task
// once more, and a file of its pictures.
import {openExtend} from '/page/extend_dialog.js';
import {setText} from '/page/dom.js';
import {ownerOf} from '/page/job_row.js';
import {rerunSpec} from '/page/rerun.js';
import {asOwn, Submission} from '/page/submission.js';
import {whole} from '/page/text.js';
import {make} from '/page/viewer/dom.js';
import {ZipLink} from '/page/zip_link.js';

const MOST_RETRIED = 1000;  // The coordinator takes so many at once.
const hasEnded = (task) => /_(SUCCEEDED|FAILED|CANCELLED)$/.test(task?.state);

export class JobMaking {
  // `view`: {page, root, job, points, tasks, selection}, as the job's page has them.
  constructor(view) {
    this.view = view;
    this.reruns = new Submission();
    this.error = make('p', {class: 'error', role: 'alert'});  // Over a large picture nothing of the page is seen.
    this.extendButton = make('button', {type: 'button', class: 'small', title: 'More values around this task (E)', onclick: () => this.extend(view.selection.indices()[0])}, 'Extend');
    this.retryButton = make('button', {type: 'button', class: 'small', title: 'Queue those of them again that failed', onclick: () => this.retry(view.selection.indices())}, 'Retry');
    this.forSelection = make('span', {class: 'acts-of-tasks'}, this.retryButton, this.maySubmit && this.extendButton);
    this.zipOfSelection = new ZipLink(view.jobId, 'Their pictures, as one file');
    this.zipOfJob = new ZipLink(view.jobId, 'All pictures that there are, as one file');
  }

  get maySubmit() { return this.view.page.may('submit-job') && this.view.page.may('preview-job'); }

  // What of it goes with so many selected tasks.
  draw() {
    this.extendButton.hidden = this.view.selection.size !== 1 || !this.canExtend;
    const {job, selection} = this.view;
    const failed = this.failedOf([...selection.tasks]).length;
    this.retryButton.hidden = failed === 0 || failed > MOST_RETRIED;
    this.zipOfSelection.draw(selection.size, () => selection.text());
    this.zipOfJob.draw(whole(job.task_count));
    this.zipOfJob.offer(whole(job.tasks?.succeeded) > 0);
  }

  // Those that may be queued again by themselves.
  failedOf(indices) {
    const {page, job, numbers} = this.view;
    if (/_CANCELLED$/.test(job.state) || !page.may('retry-job', ownerOf(job))) return [];
    return indices.filter((index) => numbers.table.state(index) === 'failed');
  }

  async retry(indices) {
    const failed = this.failedOf(indices);
    if (failed.length === 0) return;
    this.errorOf = failed[0];
    const error = await this.view.act('retry', '', {task_indices: failed});
    if (error && !this.view.stopped) setText(this.error, `Not done: ${error.message}`);
  }

  get canExtend() { return (this.view.job.spec.axes ?? []).length > 0; }

  // What is offered of a task that is looked at; `task()`: as it is now.
  taskActs(index, task) {
    const button = (text, title, onclick) => make('button', {type: 'button', class: 'small', title, onclick}, text);
    const retry = this.failedOf([index]).length > 0 && button('Retry', 'Queue this task again', () => this.retry([index]));
    if (index !== this.errorOf) setText(this.error, '');
    if (!this.maySubmit) return [retry, this.error];
    return [
      retry,
      this.canExtend && button('Extend', 'More values around this task (E)', () => this.extend(index)),
      hasEnded(task()) && button('Rerun', 'Render this task once more, as a job of its own (R)', () => this.rerun(index)), this.error,
    ];
  }

  // Its task once it was read; null where the page has left it by then.
  async taskAt(index) {
    const {tasks} = this.view;
    await tasks.ensure([index]);
    return this.view.stopped ? null : tasks.at(index) ?? null;
  }

  async rerun(index) {
    if (!this.maySubmit) return;
    const task = await this.taskAt(index);
    const {page, job} = this.view;
    if (!hasEnded(task) || !confirm(`Render task ${index} once more, as a job of its own?`)) return;
    this.errorOf = index;
    setText(this.error, '');
    try {
      const made = await this.reruns.submit(asOwn(rerunSpec(job.spec, task), page));
      if (made === null) return;
      this.reruns = new Submission();
      if (!this.view.stopped) page.go(`#/jobs/${encodeURIComponent(made.job_id)}`);
    } catch (error) {
      if (this.view.stopped) return;
      if (error.code === 401) return page.failed(error);
      setText(this.error, `Not done: ${error.message}`);
    }
  }

  // `index`: undefined where no task is pointed at.
  async extend(index) {
    if (!this.maySubmit || !this.canExtend || index === undefined) return;
    // What a random sample has at an index is known of its tasks alone.
    const labels = this.view.points.labelsOf(index) ?? (await this.taskAt(index))?.labels;
    const {page, root, job} = this.view;
    if (!labels || document.querySelector('dialog.form-dialog')) return;
    openExtend(page, root, job, labels, index);
  }
}
