// What is made of a job that is looked at: more of its sweep around a task, and
// a file of its pictures.
import {openExtend} from '/page/extend_dialog.js';
import {whole} from '/page/text.js';
import {make} from '/page/viewer/dom.js';
import {ZipLink} from '/page/zip_link.js';

export class JobMaking {
  // `view`: {page, root, job, points, tasks, selection}, as the job's page has them.
  constructor(view) {
    this.view = view;
    this.extendButton = make('button', {type: 'button', class: 'small', title: 'More values around this task (E)', onclick: () => this.extend(view.selection.indices()[0])}, 'Extend');
    this.forSelection = make('span', {class: 'making'}, this.maySubmit && this.extendButton);
    this.zipOfSelection = new ZipLink(view.jobId, 'Their pictures, as one file');
    this.zipOfJob = new ZipLink(view.jobId, 'All pictures that there are, as one file');
  }

  get maySubmit() { return this.view.page.may('submit-job') && this.view.page.may('preview-job'); }

  // What of it goes with so many selected tasks.
  draw() {
    this.extendButton.hidden = this.view.selection.size !== 1 || !this.canExtend;
    const {job, selection} = this.view;
    this.zipOfSelection.draw(selection.size, () => selection.text());
    this.zipOfJob.draw(whole(job.tasks?.succeeded) > 0 ? whole(job.task_count) : 0);
  }

  get canExtend() { return (this.view.job.spec.axes ?? []).length > 0; }

  // What is offered of a task that is looked at.
  taskActs(index) {
    return [this.maySubmit && this.canExtend && make('button', {type: 'button', class: 'small', title: 'More values around this task (E)', onclick: () => this.extend(index)}, 'Extend')];
  }

  extend(index) {
    const {page, root, job, tasks, points} = this.view;
    const labels = tasks.at(index)?.labels ?? points.labelsOf(index);
    if (!this.maySubmit || !this.canExtend || !labels || document.querySelector('dialog.form-dialog')) return;
    openExtend(page, root, job, labels, index);
  }
}
