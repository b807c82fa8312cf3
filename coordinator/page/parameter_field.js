// A field of a form for one parameter: its row of the table says what it takes.
import {setText} from '/page/dom.js';
import {parseValues, separatorOf, ValueError} from '/page/parameter_values.js';
import {make, refill} from '/page/viewer/dom.js';
import {visible} from '/page/viewer/text.js';

export const readable = (row) => visible(row.name).replaceAll('_', ' ');

// What it takes, in words: its help, and what is allowed besides.
export function hintOf(row, isList = false) {
  const choices = row.kind === 'choice' && isList ? choicesOf(row).map(({name}) => name).join(', ') : '';
  return [row.help, row.allowed && `allowed: ${row.allowed}`, choices].filter(Boolean).join('; ');
}

// A picture to start from is given on the command line.
export function choicesOf(row, also = '') {
  return row.choices.filter(({wire_name: name}) => name !== 'INITIALISATION_IMAGE' || name === also);
}

// What it is where nothing is given. Of studies the table says more than this page.
const defaultOf = (row) => row.default?.replace(/ \(studies: [^)]*\)/, '');

export class ParameterField {
  // `text`: what is written there at first. `hasDefault`: whether nothing may be.
  // `also`: the wire's name of a choice that is offered besides.
  constructor(row, {text = '', hasDefault = true, also = '', changed}) {
    this.row = row;
    const id = `new-${row.wire_name}`;
    this.error = make('p', {class: 'error', id: `${id}-error`});
    const common = {id, 'aria-describedby': `${id}-hint ${id}-error`};
    if (row.kind === 'choice') {
      this.input = make('select', {...common, onchange: changed},
          hasDefault && make('option', {value: ''}, row.default ? `as usual: ${defaultOf(row)}` : 'as usual'),
          choicesOf(row, also).map(({name}) => make('option', {value: name}, name)));
      this.input.value = text;
    } else {
      this.input = make('input', {
        ...common, type: 'text', autocomplete: 'off', spellcheck: 'false', inputmode: row.kind === 'integer' && !row.zero ? 'numeric' : 'text',
        placeholder: defaultOf(row) || null, value: text, oninput: changed,
      });
    }
    this.element = make('div', {class: 'field-row'}, make('label', {for: id}, readable(row)), this.input,
        make('p', {class: 'hint', id: `${id}-hint`}, hintOf(row)), this.error);
  }

  get isGiven() { return this.input.value.trim() !== ''; }

  refuse(text) {
    setText(this.error, text);
    this.input.setAttribute('aria-invalid', String(text !== ''));
  }

  // Undefined where nothing is given. What is no value is said. Throws ValueError.
  value() {
    this.refuse('');
    if (!this.isGiven) return undefined;
    try {
      const values = parseValues(this.input.value, this.row);
      if (values.length !== 1 || this.input.value.includes('=')) throw new ValueError('one value; several go on an axis');
      return values[0].value;
    } catch (error) {
      if (error instanceof ValueError) this.refuse(error.message);
      throw error;
    }
  }
}

// Values of one parameter, as an axis of the job.
export class AxisField {
  // `rows`: those to choose from; `row`: the one that is chosen.
  constructor(id, {rows, row, text = '', changed, removed}) {
    Object.assign(this, {rows, changed});
    this.error = make('p', {class: 'error', id: `${id}-error`});
    this.hint = make('p', {class: 'hint', id: `${id}-hint`});
    this.select = make('select', {'aria-label': 'Parameter of this axis', onchange: () => { this.draw(); changed(); }},
        rows.map((one) => make('option', {value: one.wire_name}, readable(one))));
    this.select.value = row.wire_name;
    this.input = make('input', {
      type: 'text', id, autocomplete: 'off', spellcheck: 'false', value: text, 'aria-describedby': `${id}-hint ${id}-error`, oninput: changed,
    });
    this.remove = make('button', {type: 'button', class: 'small quiet', title: 'Remove this axis', onclick: removed}, '✕');
    this.element = make('div', {class: 'field-row axis-row'}, make('div', {class: 'value-line'}, this.select, this.input, this.remove), this.hint, this.error);
    this.draw();
  }

  get row() { return this.rows.find((one) => one.wire_name === this.select.value); }

  draw() {
    this.input.setAttribute('aria-label', `Values of ${readable(this.row)}`);
    this.remove.setAttribute('aria-label', `Remove the axis ${readable(this.row)}`);
    const apart = separatorOf(this.row) === ';' ? 'values apart by “;”' : this.row.kind === 'integer' ? 'such as 1, 2, 5 or 0-3' : 'apart by commas';
    refill(this.hint, `${hintOf(this.row, true)}; ${apart}`);
  }

  // Other axes have these already.
  forbid(taken) {
    for (const option of this.select.options) option.disabled = option.value !== this.select.value && taken.has(option.value);
  }

  refuse(text) {
    setText(this.error, text);
    this.input.setAttribute('aria-invalid', String(text !== ''));
  }

  // As a spec has it; null while nothing is written. Throws ValueError.
  axis() {
    this.refuse('');
    const {row} = this;
    try {
      const values = parseValues(this.input.value, row);
      return values.length === 0 ? null : {name: row.name, values: values.map(({label, value}) => ({label, set: {[row.wire_name]: value}}))};
    } catch (error) {
      if (error instanceof ValueError) this.refuse(error.message);
      throw error;
    }
  }
}

// An axis that no text says, as another job has it.
export class KeptAxis {
  constructor(axis, {removed}) {
    this.kept = axis;
    const name = visible(axis.name).replaceAll('_', ' ');
    this.error = make('p', {class: 'error'});
    this.remove = make('button', {type: 'button', class: 'small quiet', 'aria-label': `Remove the axis ${name}`, title: 'Remove this axis', onclick: removed}, '✕');
    this.element = make('div', {class: 'field-row axis-row'},
        make('div', {class: 'value-line'}, make('span', {class: 'kept'}, `${name}: ${axis.values.map(({label}) => visible(label)).slice(0, 8).join(', ')}${axis.values.length > 8 ? `, … (${axis.values.length})` : ''}, as that job has it`), this.remove), this.error);
  }

  get input() { return this.remove; }
  forbid() {}
  refuse(text) { setText(this.error, text); }
  axis() { return this.kept; }
}
