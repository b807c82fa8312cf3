// The grid of pictures: one axis down, one across, a slider for each other one;
// or all cells in reading order.

// [rows, columns] that a key goes.
const ARROWS = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
};
// The browser has uses of its own for the others.
function hasModifier(event) { return event.ctrlKey || event.altKey || event.metaKey; }

// One view of a job's cells. `page` is {results, pictures, open(task)}, where
// open is called for a cell that is chosen.
class Grid {
  constructor(page) {
    this.page = page;
    this.results = page.results;
    this.places = this.results.axes.map(() => 0);
    const axes = this.results.axes;
    const named = (name) => axes.findIndex((axis) => axis.name === name);
    const last = axes.length - 1;
    this.rows = named(this.results.sheet.rows);
    this.columns = named(this.results.sheet.columns);
    if (this.columns < 0) this.columns = this.rows === last ? 0 : last;
    if (this.rows < 0) this.rows = this.columns === 0 ? last : 0;
    this.isFlow = !this.results.isGrid;
    this.figure = firstFigure(this.results);
    this.cells = [];  // Of what is shown, in reading order: {task, element, row, column}.
    this.area = element('div', {class: 'grid-area'});
    this.controls = element('div', {class: 'controls'});
    this.sliders = element('div', {class: 'controls sliders'});
    this.said = element('p', {class: 'said', role: 'status'});
    this.element = element('section', {class: 'grid', 'aria-label': 'Pictures'},
        this.controls, this.sliders, this.said, this.area);
    this.area.addEventListener('keydown', (event) => this.onKey(event));
    this.draw();
  }

  draw() {
    this.drawControls();
    this.drawCells();
  }

  drawControls() {
    const axes = this.results.axes;
    const options = axes.map((axis, i) => ({value: String(i), text: axis.name}));
    const made = [];
    if (this.results.isGrid) {
      made.push(chooser('Layout', [{value: 'grid', text: 'grid'}, {value: 'flow', text: 'in order'}],
          this.isFlow ? 'flow' : 'grid', (value) => this.set({isFlow: value === 'flow'})));
    }
    if (!this.isFlow) {
      made.push(chooser('Rows', options, String(this.rows), (value) => this.chooseRows(Number(value))));
      made.push(chooser('Columns', options, String(this.columns), (value) => this.chooseColumns(Number(value))));
    }
    const figures = this.results.figures.filter((figure) => figure !== 'iterations');
    if (figures.length > 0) {
      made.push(chooser('Mark the best', [{value: '', text: 'none'}, ...figures.map((figure) => ({
        value: figure,
        text: `${figureTitle(figure)} (${isHigherBetter(figure) ? 'highest' : 'lowest'})`,
      }))], this.figure, (value) => this.set({figure: value})));
    }
    const size = element('input', {
      type: 'range', min: 72, max: 320, step: 8, value: this.size ?? 176,
      input: () => { this.size = Number(size.value); this.applySize(); },
    });
    made.push(element('label', {class: 'control'}, element('span', {}, 'Size'), size));
    this.controls.replaceChildren(...made);
    this.sliders.replaceChildren(...(this.isFlow ? [] : axes.map((axis, i) => {
      if (i === this.rows || i === this.columns || axis.labels.length < 2) return null;
      return slider(axis.name, axis.labels, this.places[i], (place) => {
        this.places[i] = place;
        this.drawCells();
      });
    }).filter(Boolean)));
    this.applySize();
  }

  set(changes) {
    Object.assign(this, changes);
    this.draw();
  }
  // The two never are the same axis: the other takes the place that is left.
  chooseRows(axis) {
    this.set({columns: axis === this.columns ? this.rows : this.columns, rows: axis});
  }
  chooseColumns(axis) {
    this.set({rows: axis === this.rows ? this.columns : this.rows, columns: axis});
  }

  applySize() { this.area.style.setProperty('--cell', `${this.size ?? 176}px`); }

  drawCells() {
    this.cells = [];
    this.best = this.figure ? this.results.best(this.figure) : undefined;
    this.said.textContent = this.best ?
      `★ best ${figureTitle(this.figure)}: ${taskTitle(this.results, this.best)} (${figureText(this.figure, this.best.figures[this.figure])})` : '';
    this.area.replaceChildren(this.isFlow ? this.flow() : this.table());
    if (this.cells.length > 0) this.cells[0].element.tabIndex = 0;
  }

  table() {
    const {axes} = this.results;
    const [down, across] = [axes[this.rows], axes[this.columns]];
    const head = element('tr', {role: 'row'},
        element('th', {class: 'corner', scope: 'col'},
            element('span', {class: 'down'}, `${down.name} ↓`),
            element('span', {class: 'across'}, `${across.name} →`)),
        across.labels.map((label) => element('th', {scope: 'col', role: 'columnheader'}, label)));
    const rows = down.labels.map((label, row) => element('tr', {role: 'row'},
        element('th', {scope: 'row', role: 'rowheader'}, label),
        across.labels.map((_, column) => {
          const places = [...this.places];
          places[this.rows] = row;
          places[this.columns] = column;
          return element('td', {role: 'gridcell'}, this.cell(this.results.at(places), row, column));
        })));
    return element('table', {role: 'grid', 'aria-label': this.results.name},
        element('thead', {}, head), element('tbody', {}, rows));
  }

  flow() {
    const columns = Number(this.results.sheet.columns) || 0;
    const area = element('ul', {class: 'flow', 'aria-label': this.results.name},
        this.results.tasks.map((task) => element('li', {},
            this.cell(task, -1, -1), element('p', {class: 'label'}, taskTitle(this.results, task)))));
    if (columns > 0) area.style.setProperty('--columns', String(columns));
    if (columns > 0) area.classList.add('fixed');
    return area;
  }

  cell(task, row, column) {
    if (!task) return element('div', {class: 'cell gap'}, element('span', {}, 'left out'));
    const gap = gapText(task);
    const isBest = task === this.best;
    const title = taskTitle(this.results, task);
    const figure = this.figure ? figureText(this.figure, task.figures[this.figure]) : '';
    const caption = this.figure ? figure || 'absent' : '';
    const made = element('button', {
      type: 'button', tabindex: -1, class: `cell${gap ? ' gap' : ''}${isBest ? ' best' : ''}`,
      'data-task': task.index, title,
      'aria-label': [title, gap, caption && `${figureTitle(this.figure)} ${caption}`,
        isBest && 'the best'].filter(Boolean).join(', '),
      click: () => this.page.open(task),
    }, gap ? element('span', {class: 'why'}, gap) : this.picture(task, title),
    isBest ? element('span', {class: 'star', 'aria-hidden': 'true'}, '★') : null,
    caption ? element('span', {class: 'figure', 'aria-hidden': 'true'}, caption) : null);
    this.cells.push({task, element: made, row, column});
    return made;
  }

  picture(task, title) {
    const urls = this.page.pictures(task);
    const source = urls.thumbnail || urls.full;
    if (!source) return element('span', {class: 'why'}, 'no picture here');
    const image = element('img', {
      src: source, alt: title, loading: 'lazy', decoding: 'async', draggable: 'false',
      error: () => image.replaceWith(element('span', {class: 'why'}, 'picture not found')),
    });
    return image;
  }

  onKey(event) {
    const step = ARROWS[event.key];
    const from = this.cells.findIndex((cell) => cell.element === document.activeElement);
    if (from < 0 || hasModifier(event)) return;
    const end = {Home: 0, End: this.cells.length - 1}[event.key];
    if (!step && end === undefined) return;
    event.preventDefault();
    const {task} = this.cells[from];
    this.focus(step ? this.next(task, ...step) : this.cells[end].task);
  }

  focus(task) {
    for (const cell of this.cells) {
      cell.element.tabIndex = cell.task === task ? 0 : -1;
      if (cell.task === task) cell.element.focus();
    }
  }

  // The cell that many rows and columns away; the same one at an edge. What is
  // left out is stepped over.
  next(task, down, across) {
    const from = this.cells.findIndex((cell) => cell.task === task);
    if (from < 0) return this.cells[0]?.task ?? task;
    if (this.isFlow) {
      const at = from + across + down * this.flowColumns();
      return (this.cells[at] ?? this.cells[from]).task;
    }
    const {row, column} = this.cells[from];
    const ahead = this.cells.filter((cell) => down !== 0 ?
      cell.column === column && (cell.row - row) * down > 0 :
      cell.row === row && (cell.column - column) * across > 0);
    const found = down + across > 0 ? ahead[0] : ahead[ahead.length - 1];
    return (found ?? this.cells[from]).task;
  }

  // The next or previous cell in reading order, round the end.
  inOrder(task, step) {
    const from = this.cells.findIndex((cell) => cell.task === task);
    return this.cells[(from + step + this.cells.length) % this.cells.length]?.task;
  }

  // How many the browser has put in the first row.
  flowColumns() {
    const top = this.cells[0].element.offsetTop;
    const second = this.cells.findIndex((cell) => cell.element.offsetTop !== top);
    return second < 0 ? this.cells.length : second;
  }
}

// What is marked before anybody chooses: what the job asks for, else what looks
// most like the style.
function firstFigure(results) {
  const asked = [results.sheet.mark, 'style_distance', 'gram_distance'];
  return asked.find((figure) => results.figures.includes(figure)) ?? '';
}
