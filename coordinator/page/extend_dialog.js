// Asks which values a job's sweep grows by around one of its tasks, says what
// that takes, and submits the larger job.
import {extendableAxes, extendedSpec, offersAround} from '/page/extend.js';
import {setText} from '/page/dom.js';
import {JobPreview} from '/page/job_preview.js';
import {byWireName, parameterTable} from '/page/parameter_table.js';
import {separatorOf, ValueError} from '/page/parameter_values.js';
import {asOwn, refusalOf, Submission} from '/page/submission.js';
import {make, refill} from '/page/viewer/dom.js';
import {clipped, visible} from '/page/viewer/text.js';

const MOST_NAMED = 12;

// Values that are added to one axis: a text, and a button for each that is offered.
class AxisField {
  constructor(axis, at, changed) {
    Object.assign(this, {axis, changed});
    const id = `extend-${axis.place}`;
    const offers = offersAround(axis, at).map(String);
    this.error = make('p', {class: 'error', id: `${id}-error`});
    this.input = make('input', {
      type: 'text', id, inputmode: 'text', autocomplete: 'off', spellcheck: 'false', value: offers.join(', '), 'aria-describedby': `${id}-has ${id}-error`,
      oninput: () => { this.draw(); changed(); },
    });
    this.offers = offers.map((value) => make('button', {type: 'button', class: 'small', 'data-value': value, onclick: () => this.toggle(value)}, value));
    const named = axis.labels.length > MOST_NAMED ? [...axis.labels.slice(0, MOST_NAMED), `and ${axis.labels.length - MOST_NAMED} more`] : axis.labels;
    this.element = make('div', {class: 'field-row'},
        make('label', {for: id}, visible(axis.name).replaceAll('_', ' ')),
        make('div', {class: 'value-line'}, this.input, this.offers.length > 0 && make('span', {class: 'offers', role: 'group', 'aria-label': `Offered for ${visible(axis.name)}`}, this.offers)),
        make('p', {class: 'hint', id: `${id}-has`}, `has ${named.map((label) => clipped(label, 24)).join(', ')}; this task ${clipped(axis.labels[at], 24)}${axis.row.allowed ? `; allowed: ${axis.row.allowed}` : ''}`),
        this.error);
    this.draw();
  }

  get parts() { return this.input.value.split(separatorOf(this.axis.row)).map((one) => one.trim()).filter(Boolean); }

  toggle(value) {
    const parts = this.parts;
    this.input.value = (parts.includes(value) ? parts.filter((one) => one !== value) : [...parts, value]).join(', ');
    this.draw();
    this.changed();
  }

  draw() {
    const {parts} = this;
    for (const button of this.offers) button.setAttribute('aria-pressed', String(parts.includes(button.dataset.value)));
  }

  refuse(text) {
    setText(this.error, text);
    this.input.setAttribute('aria-invalid', String(text !== ''));
  }
}

class ExtendDialog {
  constructor(page, job, labels, index) {
    Object.assign(this, {page, job, labels});
    this.submission = new Submission();
    this.preview = new JobPreview({
      said: ({missing}) => { this.refuse(missing.length > 0 ? `${missing.length} of its inputs are no longer stored.` : ''); },
      refused: (error) => this.refused(error),
    });
    this.error = make('p', {class: 'error', role: 'alert'});
    this.note = make('p', {class: 'hint'});
    this.fields = make('div', {class: 'field-rows'}, make('p', {class: 'hint'}, '…'));
    this.name = make('input', {type: 'text', id: 'extend-name', maxlength: 128, required: true, value: job.spec.name, oninput: () => this.changed()});
    this.submit = make('button', {type: 'submit', class: 'primary', disabled: true}, 'Submit');
    this.element = make('dialog', {
      class: 'form-dialog', 'aria-labelledby': 'extend-title', onclose: () => this.closed(),
      onclick: (event) => { if (event.target === this.element) this.element.close(); },
    }, make('form', {method: 'dialog', novalidate: true, onsubmit: (event) => { event.preventDefault(); this.send(); }},
        make('div', {class: 'bar'}, make('h2', {id: 'extend-title'}, `More around task ${index}`),
            make('button', {type: 'button', class: 'quiet', 'aria-label': 'Close', onclick: () => this.element.close()}, '✕')),
        make('p', {class: 'hint'}, 'A new job of the same tasks and those with these values. What has a picture is not rendered again.'),
        this.fields,
        make('div', {class: 'field-row'}, make('label', {for: 'extend-name'}, 'Name of the new job'), this.name),
        this.note, this.preview.element, this.error,
        make('div', {class: 'acts'}, this.submit)));
  }

  async open(root) {
    this.opener = document.activeElement;
    root.append(this.element);
    this.element.showModal();
    try {
      this.draw(byWireName(await parameterTable()));
    } catch (error) {
      this.refused(error);
    }
  }

  draw(rows) {
    const {axes, why} = extendableAxes(this.job.spec, rows);
    if (why) return refill(this.fields, make('p', {class: 'hint'}, why));
    this.axes = axes;
    this.rows = axes.map((axis) => {
      const labels = this.job.spec.axes[axis.place].values.map(({label}) => label);
      return new AxisField({...axis, labels}, labels.indexOf(this.labels[axis.place]), () => this.changed());
    });
    refill(this.fields, this.rows.map((row) => row.element));
    this.rows[0].input.focus();
    this.changed();
  }

  // The larger job's spec; null where something is wrong, which is said.
  spec() {
    const texts = {};
    for (const row of this.rows) { texts[row.axis.place] = row.input.value; row.refuse(''); }
    try {
      const {spec, skipped, added} = extendedSpec(this.job.spec, this.axes, texts);
      setText(this.note, skipped.length > 0 ? `The job has ${skipped.map((label) => clipped(label, 24)).join(', ')} already.` : '');
      if (added === 0) return null;
      spec.name = this.name.value.trim();
      return asOwn(spec, this.page);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.rows.find((row) => row.axis.place === error.place).refuse(error.message);
      return null;
    }
  }

  changed() {
    this.refuse('');
    const spec = this.rows ? this.spec() : null;
    this.submit.disabled = spec === null;
    this.preview.ask(spec, 'Write a value that the job does not have.');
  }

  refuse(text) { setText(this.error, text); }

  refused(error) {
    if (error.code === 401) return this.page.failed(error);
    const {path, text} = refusalOf(error.message);
    const place = Number(/^axes\[(\d+)\]/.exec(path)?.[1] ?? -1);
    const row = this.rows?.find((one) => one.axis.place === place);
    if (row) row.refuse(text);
    else this.refuse(path === 'name' ? `Name: ${text}` : error.message);
  }

  async send() {
    const spec = this.rows ? this.spec() : null;
    if (spec === null) return;
    this.submit.disabled = true;
    this.refuse('');
    try {
      const job = await this.submission.submit(spec);
      if (job !== null) this.page.go(`#/jobs/${encodeURIComponent(job.job_id)}`);
    } catch (error) {
      this.submit.disabled = false;
      this.refused(error);
    }
  }

  closed() {
    this.preview.stop();
    this.element.remove();
    this.opener?.focus?.();
  }
}

// `labels`: of the task's values, one for each axis of the job.
export function openExtend(page, root, job, labels, index) {
  return new ExtendDialog(page, job, labels, index).open(root);
}
