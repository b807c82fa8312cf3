// One job: how far it is, what may be done to it, and its pictures in a grid by
// its axes. What is seen of it is one state (view_state.js), which stands in the
// address; what changes the state goes through `set`.
import {jobPath, post, remove, watchJob} from '/page/api.js';
import {Arrange} from '/page/arrange.js';
import {folderCommand} from '/page/commands.js';
import {CurvesPanel} from '/page/curves_panel.js';
import {aspectOf, JobGrid} from '/page/job_grid.js';
import {JobHead} from '/page/job_head.js';
import {JobMaking} from '/page/job_making.js';
import {isTyping, showKeys} from '/page/keys.js';
import {LargeView} from '/page/large.js';
import {lookOf} from '/page/looks.js';
import {MeasuresBar} from '/page/measures_bar.js';
import {Numbers} from '/page/numbers.js';
import {Parallel} from '/page/parallel.js';
import {drawGrid, saveCanvas} from '/page/picture_file.js';
import {stopsOf} from '/page/pictures.js';
import {Points} from '/page/placing.js';
import {Ratings} from '/page/ratings.js';
import {Scrubber} from '/page/scrubber.js';
import {Selection} from '/page/selection.js';
import {SelectionBar} from '/page/selection_bar.js';
import {Tasks} from '/page/tasks.js';
import {CELL_PX, queryOf, stateOf, withShown} from '/page/view_state.js';
import {copyButton, make} from '/page/viewer/dom.js';

// What places cells anew; all else changes what they show.
const PLACING_KEYS = ['rows', 'columns', 'at', 'shown', 'order', 'filter', 'color', 'size'];
const PANEL_TEXTS = {curves: 'Curves', parallel: 'Parallel'};

class JobView {
  constructor(page, root, id, query) {
    Object.assign(this, {page, root, jobId: id, query});
    this.tasks = new Tasks(id, {
      changed: () => { page.say(); this.later(); },
      failed: (error) => page.failed(error),
    });
    this.selection = new Selection(() => this.selected());
    this.head = new JobHead(page, id, (...how) => this.act(...how));
    root.append(this.head.element);
    this.hears = {
      snapshot: (snapshot) => this.take(snapshot),
      state: (state) => page.say(state === 'lost' ? 'The coordinator does not answer; this page goes on once it does.' : ''),
      refused: (error) => page.failed(error),
    };
    this.unwatch = watchJob(id, this.hears);
    this.onKey = (event) => this.key(event);
    document.addEventListener('keydown', this.onKey);
  }

  stop() {
    this.stopped = true;
    this.unwatch();
    this.tasks.stop();
    this.numbers?.stop();
    this.grid?.stop();
    this.large?.stop();
    this.scrubber?.stop();
    cancelAnimationFrame(this.frame);
    document.removeEventListener('keydown', this.onKey);
  }

  take(snapshot) {
    this.job = snapshot.job;
    this.head.draw(this.job);
    if (this.grid === undefined) this.begin();
    this.numbers.take(this.job);
    this.tasks.take(snapshot);
  }

  // Null, or the error that is said above the grid.
  async act(verb, question, body) {
    if (question && !confirm(question)) return null;
    this.page.refused();
    try {
      if (verb === '') {
        await remove(jobPath(this.jobId));
        if (!this.stopped) this.page.go('#/jobs');
        return null;
      }
      const job = await post(`${jobPath(this.jobId)}/${verb}`, body);
      if (this.stopped) return null;
      this.job = job;
      this.head.draw(job);
      this.tasks.forget();
      this.numbers.take(job, true);
      // A stream that has ended hears nothing of what begins again.
      if (job.ended_at === undefined) {
        this.unwatch();
        this.unwatch = watchJob(this.jobId, this.hears);
      }
    } catch (error) {
      if (!this.stopped) this.page.refused(error);
      return error;
    }
    return null;
  }

  begin() {
    this.points = new Points(this.job);
    this.aspect = aspectOf(this.job);
    this.state = stateOf(this.query, this.points);
    this.numbers = new Numbers(this.jobId, this.points.count, {changed: () => { this.page.say(); this.later(); }, failed: (error) => this.page.failed(error)});
    this.ratings = new Ratings(this.jobId, this.numbers.table, {changed: () => this.later(), mayRate: this.page.may('rate-job')});
    const set = (state) => this.set(state);
    this.arrange = new Arrange(() => this, set);
    this.measures = new MeasuresBar(() => ({...this.parts(), shownCount: this.count ?? this.points.count, count: this.points.count}), set);
    this.scrubber = new Scrubber((iteration) => this.set({...this.state, iteration}));
    this.grid = new JobGrid(this, {open: (index) => this.open(index), point: (index) => this.point(index)});
    this.selectionBar = new SelectionBar(this.jobId, this.selection, {
      compare: (indices) => this.compare(indices), curves: () => this.set({...this.state, panel: 'curves'}), clear: () => this.selection.clear(),
    });
    this.making = new JobMaking(this);
    this.selectionBar.more.append(this.making.forSelection, this.making.zipOfSelection.element);
    this.curves = new CurvesPanel(this.tasks, this.points);
    this.parallel = new Parallel(() => this, {
      point: (index) => this.point(index), open: (index) => this.open(index), set,
      values: (axis, places) => this.set(withShown(this.state, this.points, axis, places)),
    });
    this.large = new LargeView(this.page, this.root, this.jobId, {view: () => this, set, ratings: this.ratings, candidates: () => this.candidates(), making: this.making, target: (event, place) => this.grid.cells.target(event, place, true)});
    this.build();
    this.grid.arrange();
    this.draw();
    this.keep();
    this.large.follow();
  }

  parts() {
    const {state, numbers, measure, points} = this;
    return {state, numbers, measure, points};
  }

  build() {
    const button = (text, title, onclick) => make('button', {type: 'button', class: 'small', title, onclick}, text);
    this.panels = Object.entries(PANEL_TEXTS).map(([panel, text]) => {
      const toggle = button(text, `${text} (${panel[0].toUpperCase()})`, () => this.togglePanel(panel));
      toggle.dataset.panel = panel;
      return toggle;
    });
    this.size = make('input', {
      type: 'range', class: 'size', min: 0, max: CELL_PX.length - 1, step: 1, 'aria-label': 'Size of cells', title: 'Size of cells (+ and −)',
      oninput: () => this.set({...this.state, size: CELL_PX[Number(this.size.value)]}),
    });
    // Where there is little room, what arranges the grid comes when it is asked for.
    const fold = make('button', {type: 'button', class: 'small fold', 'aria-expanded': 'false', onclick: () => {
      const isOpen = fold.getAttribute('aria-expanded') === 'false';
      fold.setAttribute('aria-expanded', String(isOpen));
      fold.parentElement.classList.toggle('unfolded', isOpen);
    }}, 'Arrange');
    this.save = button('PNG', 'Save what is seen as a picture', () => this.saveView());
    this.root.append(
        make('div', {class: 'toolbar'}, this.measures.filter, fold,
            make('div', {class: 'folding'}, this.arrange.element, ...this.measures.elements.slice(1)),
            make('span', {class: 'tools'}, ...this.panels, this.ratings.mayRate && button('Judge', 'Which of four is the worst? One set after another (J)', () => this.large.judge()), this.save,
                copyButton(() => folderCommand(this.jobId), {class: 'small', title: 'Copies the command that makes a folder of it: pictures, tables, and a report.html that opens from disk'}, 'Folder'), this.making.zipOfJob.element, button('?', 'Keys (?)', () => showKeys(this.root)))),
        this.arrange.sliders,
        make('div', {class: 'work'}, make('div', {class: 'grid-place'}, this.grid.element, this.selectionBar.element), this.curves.element),
        this.parallel.element,
        make('div', {class: 'foot'}, this.measures.count, this.measures.ramp, this.scrubber.element, make('label', {class: 'size-field'}, 'Size', this.size)));
  }

  // Another view.
  set(next) {
    const before = this.state;
    this.state = next;
    if (PLACING_KEYS.some((key) => before[key] !== next[key])) this.grid.arrange();
    else if (before.iteration !== next.iteration) this.grid.cells.refresh();
    this.draw();
    this.keep();
    this.large.follow();
    // Whoever closes a picture is where it was.
    if (before.task !== null && next.task === null) this.goTo(before.task);
  }

  keep() { this.page.keep(queryOf(this.state, this.points)); }

  // Once for all that comes at a time.
  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      if (!this.grid) return;
      this.grid.refresh();
      this.draw();
      this.large.refresh();
    });
  }

  draw() {
    const {state} = this;
    this.arrange.draw();
    this.measures.draw();
    this.selectionBar.draw();
    this.making.draw();
    this.size.value = CELL_PX.indexOf(state.size);
    this.drawScrubber();
    this.curves.element.hidden = state.panel !== 'curves';
    this.parallel.element.hidden = state.panel !== 'parallel';
    for (const button of this.panels) button.setAttribute('aria-pressed', String(button.dataset.panel === state.panel));
    if (state.panel === 'curves') this.drawCurves();
    if (state.panel === 'parallel') this.parallel.later();
  }

  drawScrubber() {
    const tasks = [...this.grid.cells.cells.values()].map((cell) => this.tasks.at(this.placing.indexAt(cell.row, cell.column))).filter(Boolean);
    const most = Math.max(Number(this.job.spec.base?.iterations ?? 0), ...tasks.map((task) => Number(task.render?.iterations ?? 0)));
    this.scrubber.draw({iteration: this.state.iteration, most, stops: stopsOf(tasks)});
  }

  drawCurves() {
    const selected = this.selection.size > 0;
    this.curves.draw(selected ? this.selection.indices() : this.pointed === undefined ? [] : [this.pointed], selected);
  }

  selected() {
    this.grid?.cells.refresh();
    this.selectionBar?.draw();
    this.making?.draw();
    if (this.state?.panel === 'curves') this.drawCurves();
    if (this.state?.panel === 'parallel') this.parallel.later();
  }

  // The pointer or the focus is at a task.
  point(index) {
    if (index === this.pointed || index < 0) return;
    this.pointed = index;
    if (this.state.panel === 'curves' && this.selection.size === 0) this.drawCurves();
    if (this.state.panel === 'parallel') this.parallel.light(index);
    for (const cell of this.grid.cells.cells.values()) {
      cell.element.classList.toggle('pointed', this.state.panel === 'parallel' && cell.element.dataset.index === String(index));
    }
  }

  open(index) {
    if (index >= 0) this.set({...this.state, task: index});
  }

  compare(indices) {
    const [task, ...others] = indices.slice(0, 4);
    if (task !== undefined) this.set({...this.state, task, compared: others.map(String)});
  }

  goTo(index) {
    const place = this.placing.find(index);
    if (place) this.grid.cells.reach(...place);
  }

  // Those that may be judged: what is wanted and has a picture, in any order.
  candidates() {
    const found = [];
    const {table} = this.numbers;
    for (let index = 0; index < table.count; ++index) {
      if (table.state(index) === 'succeeded' && (!this.wanted || this.wanted(index))) found.push(index);
    }
    for (let i = found.length - 1; i > 0; --i) {
      const j = Math.floor(Math.random() * (i + 1));
      [found[i], found[j]] = [found[j], found[i]];
    }
    return found;
  }

  togglePanel(panel) { this.set({...this.state, panel: this.state.panel === panel ? '' : panel}); }

  resize(by) {
    const size = CELL_PX[CELL_PX.indexOf(this.state.size) + by];
    if (size) this.set({...this.state, size});
  }

  async saveView() {
    this.save.disabled = true;
    try {
      const canvas = await drawGrid({
        grid: this.grid.cells, title: this.job.spec.name, lookOf: (index) => lookOf(this, index), ensure: (indices) => this.tasks.ensure(indices),
      });
      await saveCanvas(canvas, this.job.spec.name);
    } finally {
      this.save.disabled = false;
    }
  }

  key(event) {
    if (!this.grid || isTyping(event) || document.querySelector('dialog[open]:not(.large)')) return;
    if (event.key === '?') {
      showKeys(this.root);
    } else if (document.querySelector('dialog[open]')) {
      return;
    } else if (event.key === '/') {
      this.measures.filter.focus();
    } else if (event.key === '+' || event.key === '=' || event.key === '-') {
      this.resize(event.key === '-' ? -1 : 1);
    } else if (event.key === ',' || event.key === '.') {
      this.scrubber.step(event.key === '.' ? 1 : -1);
    } else if (event.key === 'c' || event.key === 'p') {
      this.togglePanel(event.key === 'c' ? 'curves' : 'parallel');
    } else if (event.key === 'j') {
      this.large.judge();
    } else if (event.key === 'e') {
      this.making.extend(this.selection.size === 1 ? this.selection.indices()[0] : this.pointed);
    } else if (event.key === 'v' && this.selection.size >= 2) {
      this.compare(this.selection.indices());
    } else {
      return;
    }
    event.preventDefault();
  }
}

export function showJob(page, root, id, query) {
  const view = new JobView(page, root, id, query);
  return () => view.stop();
}
