// The table: what varies, measures, losses and times of each task, sorted by
// any column.

class Table {
  // `page` as for Grid.
  constructor(page) {
    this.page = page;
    this.results = page.results;
    this.sort = {column: 0, sign: 1};
    this.withLayers = false;
    this.area = element('div', {class: 'table-area', tabindex: 0, role: 'region', 'aria-label': 'Table'});
    const layers = this.results.figures.filter(isLayerMeasure);
    const toggle = element('input', {
      type: 'checkbox', change: () => { this.withLayers = toggle.checked; this.draw(); },
    });
    this.element = element('div', {},
        layers.length === 0 ? null : element('label', {class: 'control'}, toggle,
            element('span', {}, `Measures of each layer (${layers.length})`)),
        this.area);
    this.draw();
  }

  // {title, hint, isNumber, value(task), shown(task)} of each column.
  columns() {
    const results = this.results;
    const columns = [{title: '#', isNumber: true, value: (task) => task.index}];
    results.axes.forEach((axis, i) => columns.push(
        {title: axis.name, value: (task) => task.labels[i] ?? ''}));
    for (const name of results.varying) {
      columns.push({title: name, value: (task) => task.parameters[name] ?? ''});
    }
    columns.push({title: 'state', value: (task) => task.state});
    if (!results.tasks.some((task) => task.hasMeasures)) {
      columns.push({title: 'measures', value: () => 'absent', isAbsent: true});
    }
    for (const figure of results.figures) {
      if (isLayerMeasure(figure) && !this.withLayers) continue;
      columns.push({
        title: figureTitle(figure), hint: MEASURES[figure], isNumber: true,
        best: figure === 'iterations' ? undefined : results.best(figure),
        value: (task) => task.figures[figure],
        shown: (task) => figureText(figure, task.figures[figure]) || 'absent',
      });
    }
    return columns;
  }

  draw() {
    const columns = this.columns();
    this.sort.column = Math.min(this.sort.column, columns.length - 1);
    const key = columns[this.sort.column].value;
    const tasks = [...this.results.tasks].sort((a, b) => {
      // What is absent is last either way.
      const [left, right] = [key(a) ?? '', key(b) ?? ''];
      const order = compareValues(left, right);
      return (left === '' || right === '' ? order : order * this.sort.sign) || a.index - b.index;
    });
    this.area.replaceChildren(element('table', {class: 'figures'},
        element('thead', {}, element('tr', {}, columns.map((column, i) => this.heading(column, i)))),
        element('tbody', {}, tasks.map((task) => this.row(columns, task)))));
  }

  heading(column, place) {
    const isSorted = place === this.sort.column;
    const way = this.sort.sign > 0 ? 'ascending' : 'descending';
    return element('th', {scope: 'col', 'aria-sort': isSorted ? way : 'none',
      class: column.isNumber ? 'number' : null, title: column.hint ?? null},
    element('button', {
      type: 'button', click: () => {
        this.sort = {column: place, sign: isSorted ? -this.sort.sign : 1};
        this.draw();
        this.area.querySelectorAll('thead button')[place].focus();
      },
    }, column.title, element('span', {class: 'arrow', 'aria-hidden': 'true'},
        isSorted ? (this.sort.sign > 0 ? '▲' : '▼') : '')));
  }

  row(columns, task) {
    const cells = columns.map((column, i) => {
      const shown = column.shown ? column.shown(task) : text(column.value(task));
      const classes = [column.isNumber && 'number', column.best === task && 'top',
        shown === 'absent' && 'absent'].filter(Boolean).join(' ');
      const content = i > 0 ? shown : element('button', {
        type: 'button', class: 'open', 'aria-label': `Open ${taskTitle(this.results, task)}`,
        click: () => this.page.open(task),
      }, shown);
      // What the width cuts off.
      const title = column.title === 'state' && task.message ? task.message : shown;
      return element('td', {class: classes || null, title}, content);
    });
    return element('tr', {'data-task': task.index}, cells);
  }
}
