// The viewer of one job's results, for reports and for the page.
//
//   const viewer = new Viewer(document, {
//     measures,                     // Known ones: {name, unit, better, what}.
//     thumbnail: (task) => url,     // Each a URL of any kind, or null where
//     fullPicture: (task) => url,   // there is none.
//     input: (digest) => url,
//   });
//   place.append(viewer.element);
//   ... viewer.close();             // Before it goes.
//
// `document` is that of results.json; it throws an Error that says what is wrong
// with it. Where the data come from is not the viewer's business. Each part that
// it is made of stands alone, too: see the head of its file.
import {rampGradient} from './colors.js';
import {CurvesView, mostCurves} from './curves.js';
import {headerOf, inputsView, makingOf} from './details.js';
import {labelledSelect, labelledSlider, make, refill} from './dom.js';
import {parseFilter} from './filter.js';
import {chosenLegend, findingsView} from './findings.js';
import {GridView} from './grid_view.js';
import {buildJob} from './job_model.js';
import {eachTask, firstView, noAxis, sliderAxes, withAxis} from './layout.js';
import {Lightbox} from './lightbox.js';
import {TableView} from './table_view.js';
import {formatMeasure, visible} from './text.js';
import {thumbsOfAxes} from './thumbs.js';

const leastCellPx = 72;
const mostCellPx = 512;
// More curves at once are a tangle; more are drawn where they are selected.
const firstCurves = 8;

export class Viewer {
  constructor(document, source) {
    const job = buildJob(document, source.measures);
    this.job = job;
    this.view = firstView(job);
    this.measure = firstMeasure(job);
    this.isColored = false;
    this.wanted = () => true;
    this.selected = new Set();
    this.cellPx = null;  // Null: as wide as there is room.
    this.thumbs = thumbsOfAxes({job, input: source.input});
    const onOpen = (task) => this.lightbox.open(task);
    this.grid = new GridView({
      job, onOpen, thumbnail: source.thumbnail, thumbs: this.thumbs,
      onFocus: () => {}, onSelect: (task) => this.select(task),
    });
    this.table = new TableView({job, onOpen, fullPicture: source.fullPicture});
    this.curves = new CurvesView();
    this.lightbox = new Lightbox({
      job, ...source,
      target: (event, task) => this.grid.targetOrNext(event, task),
      onClose: (task) => this.grid.focus(task),
    });
    this.element = this.build(source);
    this.showAll();
    this.followWidth();
  }

  // Lets go of what is outside its element.
  close() {
    this.observer.disconnect();
  }

  build(source) {
    this.controls = make('div', {class: 'controls', role: 'group',
                                 'aria-label': 'What the grid shows'});
    this.sliders = make('div', {class: 'sliders'});
    this.legend = make('div', {class: 'ramp'});
    const hasCurves = this.job.tasks.some((task) => task.curve);
    const findings = findingsView(this.job);
    const legend = chosenLegend(this.job);
    return make(
        'article', {class: 'viewer'}, headerOf(this.job),
        findings && section('What it shows', findings, legend),
        section('Grid', this.controls, this.sliders, make(
            'div', {class: 'beside'}, inputsView(this.job, source.input),
            make('div', {class: 'grid-place'}, this.grid.frame,
                 chosenLegend(this.job), this.legend))),
        section('Loss curves', hasCurves ? this.curves.element :
                    make('p', {class: 'soft'}, 'Curves: absent.')),
        section('Table', this.table.element),
        section('Again', makingOf(this.job)), this.lightbox.element);
  }

  showAll() {
    this.showControls();
    this.showGrid();
    this.showTable();
    this.showCurves();
  }

  // The controls that a change may add or take away are made anew; the one that
  // had the focus keeps it.
  showControls() {
    const focused = document.activeElement?.closest?.('[data-control]');
    const name = this.element.contains(focused) && focused.dataset.control;
    refill(
        this.controls, ...this.axisChoices(), this.measureChoice(),
        this.colorChoice(), this.filterField(), this.sizeField(),
        make('span', {class: 'hint soft'}, 'Enter opens, arrows walk, ' +
                 'Space selects for the curves'));
    refill(this.sliders, ...sliderAxes(this.job, this.view).map(
                             (axis) => this.slider(axis)));
    if (!name) return;
    this.element.querySelector(`[data-control="${name}"] :is(select, input)`)
        ?.focus();
  }

  axisChoices() {
    if (this.job.axes.length === 0) return [];
    const axes = this.job.axes.map(
        (axis, value) => ({value, text: visible(axis.name)}));
    const choice = (text, place, others) => named(place, labelledSelect(
        text, [...axes, ...others], this.view[place], (value) => {
          this.view = withAxis(this.view, place, Number(value));
          this.showControls();
          this.showGrid();
        }));
    const none = {value: noAxis, text: 'none'};
    return [
      choice('Rows', 'rows', [none]),
      choice('Columns', 'columns', [none, {value: eachTask, text: 'each task'}]),
    ];
  }

  measureChoice() {
    if (this.job.measures.length === 0) {
      return make('span', {class: 'soft'}, 'Measures: absent');
    }
    const options = this.job.measures.map(
        (measure) => ({value: measure.name, text: visible(measure.name)}));
    return named('measure', labelledSelect(
        'Measure', [{value: '', text: 'none'}, ...options],
        this.measure?.name ?? '', (name) => {
          this.measure =
              this.job.measures.find((one) => one.name === name) ?? null;
          this.showControls();
          this.showGrid();
        }));
  }

  colorChoice() {
    if (!this.measure) return null;
    const box = make('input', {
      type: 'checkbox', checked: this.isColored, onchange: () => {
        this.isColored = box.checked;
        this.showGrid();
      },
    });
    return named('color', make('label', {class: 'field'}, box, 'Colour'));
  }

  filterField() {
    const field = make('input', {
      type: 'search', placeholder: 'noise, ssim > 0.6', size: '18',
      oninput: () => {
        this.filter = field.value;
        this.wanted = parseFilter(this.job, field.value);
        this.showGrid();
        this.showTable();
      },
    });
    field.value = this.filter ?? '';
    return named('filter', make('label', {class: 'field'}, 'Filter', field));
  }

  sizeField() {
    const range = make('input', {
      type: 'range', min: leastCellPx, max: mostCellPx, step: '8',
      'aria-label': 'Size of cells', oninput: () => {
        this.cellPx = Number(range.value);
        this.showGrid();
      },
    });
    range.value = this.cellPx ?? this.roomyCellPx();
    return named('size', make('label', {class: 'field'}, 'Size', range));
  }

  slider(axis) {
    const {name, labels} = this.job.axes[axis];
    return named(`axis-${axis}`, labelledSlider(
        visible(name), labels.map(visible), this.view.at[axis], (place) => {
          this.view.at[axis] = place;
          this.showGrid();
        }, (place) => this.thumbs(axis, place)));
  }

  // As many columns as the grid has, in the room that there is.
  roomyCellPx() {
    const {columns, rows} = this.view;
    const count = columns === eachTask ? this.job.tasks.length :
        columns >= 0 ? this.job.axes[columns].labels.length : 1;
    const room = (this.grid.frame.clientWidth || 900) - (rows >= 0 ? 150 : 0) - 24;
    const perRow = rows >= 0 ? count :
        Math.min(count, this.sheetColumns() || Math.max(4, Math.ceil(Math.sqrt(count))));
    return Math.round(Math.min(Math.max(room / perRow - 10, 120), 300));
  }

  sheetColumns() {
    return Math.max(0, Number(this.job.document.sheet?.columns) || 0);
  }

  perRow(cellPx) {
    const room = (this.grid.frame.clientWidth || 900) - 24;
    return Math.min(this.sheetColumns() || Infinity,
                    Math.max(1, Math.floor((room + 10) / (cellPx + 10))));
  }

  showGrid() {
    const cellPx = this.cellPx ?? this.roomyCellPx();
    this.grid.show({
      view: this.view, cellPx, perRow: this.perRow(cellPx),
      measure: this.measure, isColored: this.isColored, wanted: this.wanted,
      selected: this.selected,
    });
    this.showLegend();
  }

  showLegend() {
    const {measure} = this;
    if (!measure) return refill(this.legend);
    const best = this.job.tasks.find((task) => measure.best.has(task));
    const sense = measure.isRanked ?
        `${measure.higher ? 'Higher' : 'Lower'} is better` : 'Neither end is better';
    const words = make(
        'p', {class: 'soft'}, `${visible(measure.name)}: `,
        measure.what && `${measure.what}. `, sense,
        best ? `; the best, ★, is ${
                   formatMeasure(best.numbers.get(measure.name), measure.unit)}: ${
                   best.name}.` :
               '.');
    const ends = measure.higher ? [measure.least, measure.most] :
                                  [measure.most, measure.least];
    const bar = make('span', {class: 'bar', 'aria-hidden': 'true'});
    bar.style.background = rampGradient();
    return refill(this.legend, words, this.isColored && make(
        'p', {class: 'scale'}, formatMeasure(ends[0], measure.unit), bar,
        formatMeasure(ends[1], measure.unit)));
  }

  showTable() {
    this.table.show({wanted: this.wanted});
  }

  select(task) {
    if (!this.selected.delete(task)) this.selected.add(task);
    this.showGrid();
    this.showCurves();
  }

  showCurves() {
    const all = this.job.tasks.filter((task) => task.curve);
    const chosen = all.filter((task) => this.selected.has(task));
    const shown = chosen.length > 0 ? chosen.slice(0, mostCurves) :
                                      all.slice(0, firstCurves);
    const what = chosen.length > 0 ? 'selected' : 'all';
    const whole = chosen.length > 0 ? chosen.length : all.length;
    this.curves.show(shown, whole === shown.length ?
        `Of ${what} cells (${whole}); Space selects cells of the grid.` :
        `Of the first ${shown.length} of ${whole} cells; Space selects others.`);
  }

  // Cells are laid out anew when there is more or less room.
  followWidth() {
    let width = 0;
    this.observer = new ResizeObserver(() => {
      const now = this.grid.frame.clientWidth;
      if (now === width || now === 0) return;
      width = now;
      this.showGrid();
      this.curves.fit();
    });
    this.observer.observe(this.grid.frame);
  }
}

// What is marked before anybody chooses: what the study shows, else what looks
// most like the style.
function firstMeasure(job) {
  const names = [...job.notes.shows.map(({measure}) => measure),
    'style_distance', 'gram_distance'];
  return names.map((name) => job.measures.find((one) => one.name === name))
             .find(Boolean) ?? null;
}

function named(control, element) {
  element.dataset.control = control;
  return element;
}

function section(title, ...children) {
  return make('section', {}, make('h2', {}, title), ...children);
}
