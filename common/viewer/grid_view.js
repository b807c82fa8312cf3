// The grid of a job's pictures: cells that keep their element whatever moves,
// and the keys that walk it.
import {colorOf, inkOn} from './colors.js';
import {make} from './dom.js';
import {layOut} from './layout.js';
import {clipped, formatMeasure, visible} from './text.js';

// options: {
//   job, thumbnail(task): URL or null,
//   thumbs(axis, label): an element or null    // thumbs.js; for heads.
//   onOpen(task), onFocus(task), onSelect(task)   // Space, or Ctrl and click.
// }
export class GridView {
  constructor(options) {
    this.options = options;
    this.cells = new Map();  // The elements of tasks, made once.
    this.rows = [];
    this.focused = null;  // The task that Tab leads to.
    this.element = make('div', {
      class: 'grid', role: 'grid', 'aria-label': 'Results by axes',
      'aria-multiselectable': 'true', onkeydown: (event) => this.walk(event),
    });
    this.frame = make('div', {class: 'grid-frame'}, this.element);
  }

  // state: {view, cellPx, perRow, measure or null, isColored, wanted(task),
  //         selected: Set of tasks}
  show(state) {
    this.state = state;
    const {rowHeads, columnHeads, rows} =
        layOut(this.options.job, state.view, state.perRow);
    this.rows = rows;
    const hadFocus = this.element.contains(document.activeElement);
    const columns = Math.max(...rows.map((row) => row.length), 1);
    const style = this.element.style;
    style.setProperty('--columns', columns);
    style.setProperty('--cell', `${state.cellPx}px`);
    style.setProperty('--aspect', this.options.job.aspect);
    this.element.classList.toggle('with-row-heads', rowHeads !== null);
    const lines = rows.map((row, i) => this.line(row, rowHeads, i, columns));
    if (columnHeads) {
      lines.unshift(this.heads(columnHeads, rowHeads !== null, state.view));
    }
    this.element.replaceChildren(...lines);
    this.element.setAttribute('aria-rowcount', lines.length);
    this.element.setAttribute('aria-colcount', columns);
    this.setFocused(this.find(this.focused) ? this.focused : this.firstTask());
    if (hadFocus) this.focus(this.focused, {silent: true});
  }

  heads(heads, hasCorner, {rows, columns}) {
    const {axes} = this.options.job;
    return make(
        'div', {class: 'row', role: 'row'},
        hasCorner && make(
            'div', {class: 'corner', role: 'columnheader'},
            make('span', {class: 'across'}, `${visible(axes[columns].name)} →`),
            make('span', {class: 'down'}, `${visible(axes[rows].name)} ↓`)),
        heads.map((head) => this.head(head, 'column')));
  }

  head({text, axis, label}, way) {
    return make(
        'div', {class: `head ${way}-head`, role: `${way}header`, title: text},
        this.options.thumbs(axis, label), make('span', {class: 'text'}, text));
  }

  line(row, heads, index, columns) {
    const cells = row.map((cell) => this.cell(cell));
    for (let i = row.length; i < columns; ++i) {
      cells.push(make('div', {class: 'no-cell', role: 'presentation'}));
    }
    return make(
        'div', {class: 'row', role: 'row'},
        heads && this.head(heads[index], 'row'), cells);
  }

  cell({task, caption, head}) {
    const thumbs = head ? this.options.thumbs(head.axis, head.label) : null;
    if (!task) {
      return make('div', {
        class: 'cell left-out', role: 'gridcell', 'aria-label': 'left out',
      }, make('div', {class: 'picture'}, 'left out'),
                  captionLine(caption, thumbs, null));
    }
    if (!this.cells.has(task)) this.cells.set(task, this.makeCell(task));
    const element = this.cells.get(task);
    this.dress(element, task, caption, thumbs);
    return element;
  }

  makeCell(task) {
    const url = this.options.thumbnail(task);
    const picture = url ?
        make('img', {
          src: url, alt: '', decoding: 'async', loading: 'lazy',
          draggable: 'false',
          onerror: (event) => event.target.replaceWith(
              make('div', {class: 'why'}, 'picture not found')),
        }) :
        make('div', {class: 'why'}, make('strong', {}, stateOf(task)),
             task.message ? clipped(`: ${task.message}`, 160) : '');
    return make(
        'div', {
          class: `cell ${url ? '' : 'without-picture'}`, role: 'gridcell',
          tabindex: '-1', 'data-index': task.index,
          onclick: (event) => this.click(event, task),
          onfocus: () => this.gotFocus(task),
        },
        make('div', {class: 'picture'}, picture),
        make('span', {class: 'mark', 'aria-hidden': 'true'}, '★'),
        task.isChosen && make('div', {class: 'badge'},
                              `◆ ${this.options.job.notes.chosenBy}`));
  }

  // All of a cell that its picture does not say.
  dress(element, task, caption, thumbs) {
    const {measure, isColored, wanted, selected} = this.state;
    const value = measure ? task.numbers.get(measure.name) : undefined;
    const isBest = Boolean(measure?.best.has(task));
    const isSelected = selected.has(task);
    element.querySelector('.caption')?.remove();
    const line = captionLine(
        caption, thumbs, measure ? formatMeasure(value, measure.unit) : null);
    if (line) element.append(line);
    const color = isColored && measure ? colorOf(measure, value) : null;
    element.style.setProperty('--tint', color ?? 'transparent');
    element.style.setProperty('--on-tint', color ? inkOn(color) : 'inherit');
    element.classList.toggle('tinted', color !== null);
    element.classList.toggle('best', isBest);
    element.classList.toggle('unwanted', !wanted(task));
    element.classList.toggle('selected', isSelected);
    element.setAttribute('aria-selected', isSelected);
    element.setAttribute('aria-label', [
      task.name, stateOf(task), task.message ? clipped(task.message, 160) : '',
      measure ? `${measure.name} ${formatMeasure(value, measure.unit)}` : '',
      isBest ? 'the best' : '',
      task.isChosen ? this.options.job.notes.chosenBy : '',
    ].filter(Boolean).join(', '));
    element.title = task.message ? `${task.name}: ${clipped(task.message, 400)}` :
                                   task.name;
  }

  click(event, task) {
    this.focus(task);
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      this.options.onSelect(task);
    } else {
      this.options.onOpen(task);
    }
  }

  gotFocus(task) {
    this.setFocused(task);
    this.options.onFocus(task);
  }

  // Only one cell is in the order of Tab; arrows lead to the others.
  setFocused(task) {
    this.cells.get(this.focused)?.setAttribute('tabindex', '-1');
    this.focused = task;
    this.cells.get(task)?.setAttribute('tabindex', '0');
  }

  focus(task, {silent = false} = {}) {
    const element = this.cells.get(task);
    if (!element?.isConnected) return;
    this.setFocused(task);
    element.focus({preventScroll: silent});
  }

  firstTask() {
    return this.rows.flat().find((cell) => cell.task)?.task ?? null;
  }

  // [row, column] of a task that is shown, or null.
  find(task) {
    for (let row = 0; row < this.rows.length; ++row) {
      const column = this.rows[row].findIndex((cell) => cell.task === task);
      if (task && column >= 0) return [row, column];
    }
    return null;
  }

  // The next task in this direction, over what is left out; null at the edge.
  neighbour(task, down, across) {
    const place = this.find(task);
    if (!place) return this.firstTask();
    let [row, column] = place;
    for (;;) {
      row += down;
      column += across;
      const line = this.rows[row];
      if (!line || column < 0) return null;
      if (column >= line.length) {
        if (down === 0) return null;
        continue;
      }
      if (line[column].task) return line[column].task;
    }
  }

  // The task that a key leads to from `task`, or undefined for other keys.
  target(event, task) {
    const steps = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    if (steps[event.key]) return this.neighbour(task, ...steps[event.key]);
    if (event.key !== 'Home' && event.key !== 'End') return undefined;
    const place = this.find(task);
    const line = event.ctrlKey || !place ? this.rows.flat() :
                                           this.rows[place[0]];
    const tasks = line.map((cell) => cell.task).filter(Boolean);
    return event.key === 'Home' ? tasks[0] : tasks[tasks.length - 1];
  }

  // The same; left and right go on in the next row at the end of one.
  targetOrNext(event, task) {
    const target = this.target(event, task);
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (target !== null || !step) return target;
    const tasks = this.rows.flat().map((cell) => cell.task).filter(Boolean);
    return tasks[tasks.indexOf(task) + step] ?? null;
  }

  walk(event) {
    if (event.altKey || event.metaKey) return;
    if (event.key === 'Enter') {
      this.options.onOpen(this.focused);
    } else if (event.key === ' ') {
      this.options.onSelect(this.focused);
    } else {
      const target = this.target(event, this.focused);
      if (target === undefined) return;
      if (target) this.focus(target);
    }
    event.preventDefault();
  }
}

// A task that succeeded and has no picture here says so in its message.
function stateOf(task) {
  return task.state === 'succeeded' && !task.file ? 'no picture' :
                                                    visible(task.state);
}

function captionLine(caption, thumbs, value) {
  if (!caption && value === null) return null;
  return make('div', {class: 'caption'}, thumbs,
              caption && make('span', {class: 'label', title: caption}, caption),
              value !== null && make('span', {class: 'value'}, value));
}
