// What is made of a job that is looked at: more of its sweep around a task.
import {openExtend} from '/page/extend_dialog.js';
import {make} from '/page/viewer/dom.js';

export class JobMaking {
  // `view`: {page, root, job, points, tasks, selection}, as the job's page has them.
  constructor(view) {
    this.view = view;
    this.extendButton = make('button', {type: 'button', class: 'small', title: 'More values around this task (E)', onclick: () => this.extend(view.selection.indices()[0])}, 'Extend');
    this.forSelection = make('span', {class: 'making'}, this.maySubmit && this.extendButton);
  }

  get maySubmit() { return this.view.page.may('submit-job') && this.view.page.may('preview-job'); }

  // What of it goes with so many selected tasks.
  draw() {
    this.extendButton.hidden = this.view.selection.size !== 1 || !this.canExtend;
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
