// What is made of a job that is looked at: more of its sweep around a task, and a
// task once more.
import {openExtend} from '/page/extend_dialog.js';
import {rerunSpec} from '/page/rerun.js';
import {asOwn, Submission} from '/page/submission.js';
import {make} from '/page/viewer/dom.js';

export class JobMaking {
  // `view`: {page, root, job, points, tasks, selection}, as the job's page has them.
  constructor(view) {
    this.view = view;
    this.reruns = new Submission();
    this.extendButton = make('button', {type: 'button', class: 'small', title: 'More values around this task (E)', onclick: () => this.extend(view.selection.indices()[0])}, 'Extend');
    this.forSelection = make('span', {class: 'making'}, this.maySubmit && this.extendButton);
  }

  get maySubmit() { return this.view.page.may('submit-job') && this.view.page.may('preview-job'); }

  // What of it goes with so many selected tasks.
  draw() {
    this.extendButton.hidden = this.view.selection.size !== 1 || !this.canExtend;
  }

  get canExtend() { return (this.view.job.spec.axes ?? []).length > 0; }

  // What is offered of a task that is looked at; `task()`: as it is now.
  taskActs(index, task) {
    return [this.maySubmit && make('button', {type: 'button', class: 'small', title: 'Render this task once more, as a job of its own (R)', onclick: () => this.rerun(index, task())}, 'Rerun'), this.maySubmit && this.canExtend && make('button', {type: 'button', class: 'small', title: 'More values around this task (E)', onclick: () => this.extend(index)}, 'Extend')];
  }

  // `task`: with its render, or undefined where it was not read yet.
  async rerun(index, task) {
    const {page, job} = this.view;
    if (!this.maySubmit || !task?.render || !confirm(`Render task ${index} once more, as a job of its own?`)) return;
    page.refused();
    try {
      const made = await this.reruns.submit(asOwn(rerunSpec(job.spec, task), page));
      if (made === null) return;
      this.reruns = new Submission();
      if (!this.view.stopped) page.go(`#/jobs/${encodeURIComponent(made.job_id)}`);
    } catch (error) {
      if (!this.view.stopped) page.refused(error);
    }
  }

  extend(index) {
    const {page, root, job, tasks, points} = this.view;
    const labels = tasks.at(index)?.labels ?? points.labelsOf(index);
    if (!this.maySubmit || !this.canExtend || !labels || document.querySelector('dialog.form-dialog')) return;
    openExtend(page, root, job, labels, index);
  }
}
