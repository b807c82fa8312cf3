// The tasks as a table: parameters and measures, sorted by any column.
import {make} from './dom.js';
import {formatNumber, isNumber, valueText, visible} from './text.js';

// options: {job, fullPicture(task): URL or null, onOpen(task)}
export class TableView {
  constructor(options) {
    this.options = options;
    this.sort = {name: 'index', isDown: false};
    this.rows = new Map();  // The elements of tasks, made once.
    this.isWhole = false;
    this.hasLayers = false;
    this.body = make('tbody');
    this.head = make('thead');
    this.count = make('p', {class: 'soft', 'aria-live': 'polite'});
    const layers = options.job.measures.filter(({isOfLayer}) => isOfLayer);
    this.element = make(
        'div', {},
        make('div', {class: 'controls'}, this.count,
             this.toggle('All parameters', 'isWhole'),
             layers.length > 0 && this.toggle(
                 `Measures of each layer (${layers.length})`, 'hasLayers')),
        make('div', {class: 'table-frame', tabindex: '0', role: 'region',
                     'aria-label': 'Table of results'},
             make('table', {class: 'tasks'}, this.head, this.body)));
  }

  // A box for columns that are too many to stand there always.
  toggle(text, what) {
    const box = make('input', {
      type: 'checkbox', onchange: () => {
        this[what] = box.checked;
        this.rows.clear();
        this.show(this.state);
      },
    });
    return make('label', {class: 'field'}, box, text);
  }

  // state: {wanted(task)}
  show(state) {
    this.state = state;
    this.columns = columnsOf(this.options.job, this);
    if (!this.columns.some((column) => column.name === this.sort.name)) {
      this.sort = {name: 'index', isDown: false};
    }
    this.head.replaceChildren(make(
        'tr', {}, this.columns.map((column) => this.header(column))));
    const tasks = this.sorted(this.options.job.tasks.filter(state.wanted));
    this.body.replaceChildren(...tasks.map((task) => this.row(task)));
    this.count.textContent = `${tasks.length} of ${
        this.options.job.tasks.length} tasks`;
  }

  header(column) {
    const isSorted = column.name === this.sort.name;
    const order = isSorted && (this.sort.isDown ? 'descending' : 'ascending');
    const button = make(
        'button', {
          type: 'button', title: column.what,
          onclick: () => this.sortBy(column),
        },
        column.title, make('span', {class: 'order', 'aria-hidden': 'true'},
                           isSorted ? (this.sort.isDown ? ' ▼' : ' ▲') : ''));
    return make('th', {
      scope: 'col', 'aria-sort': order, 'data-column': column.name,
      class: column.isNumeric && 'numeric',
    }, button);
  }

  // The best of a measure first, then the other way round.
  sortBy(column) {
    this.sort = column.name === this.sort.name ?
        {name: column.name, isDown: !this.sort.isDown} :
        {name: column.name, isDown: Boolean(column.measure?.higher)};
    this.show(this.state);
    this.head.querySelector('[aria-sort] button')?.focus();
  }

  // What is absent comes last, whichever the order.
  sorted(tasks) {
    const column = this.columns.find((one) => one.name === this.sort.name);
    const way = this.sort.isDown ? -1 : 1;
    return tasks.map((task) => ({task, key: column.key(task)}))
        .sort((a, b) => isAbsent(a.key) - isAbsent(b.key) ||
                  way * compare(a.key, b.key) ||
                  a.task.position - b.task.position)
        .map(({task}) => task);
  }

  row(task) {
    if (!this.rows.has(task)) {
      this.rows.set(task, make(
          'tr', {'data-index': task.index},
          this.columns.map((column) => this.field(column, task))));
    }
    return this.rows.get(task);
  }

  field(column, task) {
    if (column.name === 'index') {
      return make('th', {scope: 'row'}, make('button', {
        type: 'button', class: 'link', onclick: () => this.options.onOpen(task),
        'aria-label': `Open ${task.name}`,
      }, String(task.index)));
    }
    if (column.name === 'file') {
      const url = this.options.fullPicture(task);
      const name = visible(task.file ?? '');
      return make('td', {},
                  url ? make('a', {href: url}, name) : valueText(task.file));
    }
    const isBest = column.measure?.best.has(task);
    return make('td', {
      class: [column.isNumeric && 'numeric', isBest && 'best']
                 .filter(Boolean).join(' '),
      title: isBest && 'The best',
    }, column.text(task), isBest && make('span', {class: 'off-screen'}, ' (the best)'));
  }
}

function columnsOf(job, {isWhole, hasLayers}) {
  const axes = job.axes.map((axis, i) => ({
    name: `axis ${axis.name}`, title: visible(axis.name),
    key: (task) => asKey(task.labels[i]), text: (task) => visible(task.labels[i]),
  }));
  const isAxis = new Set(job.axes.map((axis) => axis.name));
  const names = isWhole ? [...job.varying, ...job.shared.keys()] : job.varying;
  const parameters = names.filter((name) => !isAxis.has(name)).map((name) => ({
    name: `parameter ${name}`, title: visible(name),
    key: (task) => asKey(task.parameters[name]),
    text: (task) => valueText(task.parameters[name]),
  }));
  const shown = job.measures.filter(({isOfLayer}) => hasLayers || !isOfLayer);
  const measures = shown.map((measure) => ({
    name: measure.name, measure, isNumeric: true, what: measure.what || null,
    title: visible(measure.name) + (measure.unit ? ` (${measure.unit})` : ''),
    key: (task) => task.numbers.get(measure.name),
    text: (task) => formatNumber(task.numbers.get(measure.name)),
  }));
  const isMeasured = job.measures.some(({isCost}) => !isCost);
  return [
    {name: 'index', title: '#', key: (task) => task.index}, ...axes,
    ...parameters, ...chosenColumn(job),
    ...(isMeasured ? [] : [{
      name: 'measures', title: 'measures', key: () => '', text: () => 'absent',
    }]),
    ...measures, ofTask('state'), ofTask('file'), ofTask('message'),
  ];
}

function chosenColumn(job) {
  if (!job.tasks.some((task) => task.isChosen)) return [];
  return [{
    name: 'chosen', title: 'chosen', what: job.notes.chosenBy,
    key: (task) => (task.isChosen ? 0 : 1), text: (task) => (task.isChosen ? '◆' : ''),
  }];
}

function ofTask(name) {
  return {
    name, title: name, key: (task) => asKey(task[name]),
    text: (task) => valueText(task[name]),
  };
}

// Numbers in texts are compared as numbers.
function asKey(value) {
  if (isNumber(value)) return value;
  const text = value === null || value === undefined ? '' : String(value);
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function isAbsent(key) {
  return key === undefined || key === null || key === '';
}

function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, {numeric: true});
}
