// One job: how far it is, what may be done to it, and its pictures in a grid by
// its axes. What is chosen stands in the address's query: ?row=, ?column=, a
// label for each further axis, ?task= of the one that is open.
import {artifactUrl, jobPath, post, remove, watchJob} from '/page/api.js';
import {CellGrid} from '/page/cells.js';
import {chooser, element, setText, slider} from '/page/dom.js';
import {countsText, ownerOf, progressBar, stateOf} from '/page/jobs.js';
import {showTask} from '/page/task.js';
import {Tasks} from '/page/tasks.js';
import {ageText, timeText, whole, wordOf} from '/page/text.js';

const CELL_PX = [96, 128, 192, 256];

const readable = (name) => name.replaceAll('_', ' ');

// Where tasks stand. In a grid of all points a task's index follows from its
// place on each axis, the last of which changes fastest; what is sampled,
// zipped or has points left out is one row after another, by index.
class Places {
  constructor(job) {
    this.count = whole(job.task_count);
    this.axes = (job.spec.axes ?? []).map((axis) => ({name: axis.name, labels: axis.values.map((value) => value.label)}));
    const mode = job.spec.mode ?? '';
    const all = this.axes.reduce((product, axis) => product * axis.labels.length, 1);
    this.isGrid = this.axes.length > 0 && !/ZIP|RANDOM/.test(mode) && all === this.count;
  }

  index(places) {
    return this.axes.reduce((index, axis, at) => index * axis.labels.length + places[at], 0);
  }
}

class Cell {
  constructor(view) {
    this.view = view;
    this.image = element('img', {alt: '', decoding: 'async', draggable: 'false', load: () => { this.element.dataset.shown = ''; }});
    this.text = element('span', {class: 'says'});
    this.bar = element('span', {class: 'done'});
    this.element = element('button', {type: 'button', class: 'cell'}, this.image, this.text, this.bar);
  }

  set(row, column) {
    const index = this.view.indexOf(row, column);
    const task = index < this.view.places.count ? this.view.tasks.at(index) : null;
    const state = task === null ? 'none' : task === undefined ? 'unread' : wordOf(task.state, 'TASK_STATE_');
    const digest = task?.result?.image_digest ?? '';
    const share = state === 'leased' && task.render ? Math.min(1, task.iteration / Math.max(1, task.render.iterations)) : 0;
    const sign = [index, state, digest, Math.round(share * 100)].join();
    if (sign === this.sign) return;
    this.sign = sign;
    this.element.hidden = state === 'none';
    this.element.dataset.state = state;
    this.element.dataset.index = index;
    const says = state === 'leased' ? `${Math.round(share * 100)} %` : state === 'succeeded' || state === 'unread' ? '' : state;
    setText(this.text, says);
    this.bar.style.width = `${share * 100}%`;
    const source = digest ? artifactUrl(digest, this.view.id, index) : '';
    if (source !== (this.image.getAttribute('src') ?? '')) {
      delete this.element.dataset.shown;
      if (source) this.image.src = source;
      else this.image.removeAttribute('src');
    }
    const labels = task?.labels?.length ? task.labels.join(', ') : `task ${index}`;
    this.element.setAttribute('aria-label', `${labels}: ${state === 'leased' ? `running, ${says}` : state}`);
    this.element.title = task?.message ? `${labels}\n${task.message}` : labels;
  }
}

class JobView {
  constructor(page, root, id, query) {
    Object.assign(this, {page, root, id, query});
    this.tasks = new Tasks(id, {
      changed: () => {
        page.say();
        this.grid?.refresh();
      },
      failed: (error) => page.failed(error),
    });
    this.name = element('h1', {}, '…');
    this.state = element('span', {class: 'state'});
    this.why = element('p', {class: 'why'});
    this.facts = element('p', {class: 'facts'});
    this.bar = progressBar();
    this.acts = element('div', {class: 'acts'});
    this.controls = element('div', {class: 'controls'});
    this.size = Number(query.get('size')) || 128;
    root.append(
        element('div', {class: 'bar'}, this.name, this.state, this.acts),
        this.why, this.facts, this.bar.element, this.controls);
    this.hears = {
      snapshot: (snapshot) => this.take(snapshot),
      state: (state) => page.say(state === 'lost' ? 'The coordinator does not answer; this page goes on once it does.' : ''),
      refused: (error) => page.failed(error),
    };
    this.unwatch = watchJob(id, this.hears);
  }

  stop() {
    this.unwatch();
    this.tasks.stop();
    this.grid?.stop();
    this.closeTask?.();
  }

  take(snapshot) {
    this.job = snapshot.job;
    this.drawHead();
    if (this.grid === undefined) this.begin();
    this.tasks.take(snapshot);
  }

  drawHead() {
    const {job} = this;
    const {state, why} = stateOf(job);
    this.page.title(job.spec.name);
    setText(this.name, job.spec.name);
    setText(this.state, state);
    this.state.dataset.state = state;
    setText(this.why, why);
    const words = [countsText(job), ownerOf(job) && `of ${ownerOf(job)}`, `priority ${job.priority ?? 0}`,
      job.ended_at ? `ended ${timeText(job.ended_at)}` : `submitted ${ageText(job.submitted_at)} ago`, this.id];
    setText(this.facts, words.filter(Boolean).join(' · '));
    this.bar.set(job);
    this.drawActs(state);
  }

  // Only what may be done, and does something now.
  drawActs(state) {
    const {job, page} = this;
    const hasEnded = job.ended_at !== undefined;
    const broken = whole(job.tasks.failed) + whole(job.tasks.cancelled) > 0;
    const acts = [
      !hasEnded && state !== 'paused' && ['Pause', 'pause-job', 'pause'],
      !hasEnded && state === 'paused' && ['Resume', 'resume-job', 'resume'],
      broken && ['Retry what failed', 'retry-job', 'retry'],
      !hasEnded && ['Cancel', 'cancel-job', 'cancel', `Cancel “${job.spec.name}”? What has a picture keeps it.`],
      hasEnded && ['Delete', 'delete-job', '', `Delete “${job.spec.name}” with its results?`],
    ].filter((act) => act && page.may(act[1], ownerOf(job)));
    const sign = acts.map((act) => act[0]).join();
    if (sign === this.actsSign) return;
    this.actsSign = sign;
    this.acts.replaceChildren(...acts.map(([text, , verb, question]) => element('button', {
      type: 'button', class: question ? 'danger' : '', click: () => this.act(verb, question),
    }, text)));
  }

  async act(verb, question) {
    if (question && !confirm(question)) return;
    try {
      if (verb === '') {
        await remove(jobPath(this.id));
        return this.page.go('#/jobs');
      }
      const job = await post(`${jobPath(this.id)}/${verb}`);
      this.job = job;
      this.drawHead();
      this.tasks.forget();
      // A stream that has ended hears nothing of what begins again.
      if (job.ended_at === undefined) {
        this.unwatch();
        this.unwatch = watchJob(this.id, this.hears);
      }
    } catch (error) {
      this.page.failed(error);
    }
  }

  begin() {
    this.places = new Places(this.job);
    const {axes, isGrid} = this.places;
    const axisOf = (key, otherwise) => {
      const found = axes.findIndex((axis) => axis.name === this.query.get(key));
      return found >= 0 ? found : otherwise;
    };
    this.column = isGrid ? axisOf('column', axes.length - 1) : -1;
    this.row = isGrid ? axisOf('row', axes.length > 1 ? axes.length - 2 : -1) : -1;
    if (this.row === this.column) this.row = axes.length > 1 ? (this.column + axes.length - 1) % axes.length : -1;
    this.at = axes.map((axis) => Math.max(0, axis.labels.indexOf(this.query.get(axis.name))));
    this.grid = new CellGrid({
      label: 'Pictures',
      make: () => new Cell(this),
      open: (row, column) => this.openTask(this.indexOf(row, column)),
      seen: (cells) => this.tasks.want(cells.map(([row, column]) => this.indexOf(row, column)).filter((index) => index < this.places.count)),
    });
    this.root.append(this.grid.element);
    this.drawControls();
    this.arrange();
    const wanted = this.query.get('task');
    if (wanted !== null && /^\d+$/.test(wanted) && Number(wanted) < this.places.count) this.openTask(Number(wanted));
  }

  indexOf(row, column) {
    if (!this.places.isGrid) return row * this.columns + column;
    const at = [...this.at];
    if (this.row >= 0) at[this.row] = row;
    at[this.column] = column;
    return this.places.index(at);
  }

  arrange() {
    const {axes, isGrid, count} = this.places;
    const height = Math.round(this.size * 0.75) + 4;
    const width = this.size + 4;
    if (isGrid) {
      this.grid.shape({
        rows: this.row >= 0 ? axes[this.row].labels.length : 1, columns: axes[this.column].labels.length, width, height,
        rowLabels: this.row >= 0 ? axes[this.row].labels : null, columnLabels: axes[this.column].labels,
      });
    } else {
      const room = Math.max(width, (this.grid.element.clientWidth || this.root.clientWidth) - 30);
      this.columns = Math.max(1, Math.min(count, Math.floor(room / width)));
      this.grid.shape({rows: Math.ceil(count / this.columns), columns: this.columns, width, height});
    }
    this.keep();
  }

  // In the address, only what is not as it would be anyway.
  keep(task) {
    const query = {};
    const {axes, isGrid} = this.places;
    if (isGrid && axes.length > 1) {
      query.row = axes[this.row].name;
      query.column = axes[this.column].name;
      axes.forEach((axis, place) => { if (place !== this.row && place !== this.column) query[axis.name] = axis.labels[this.at[place]]; });
    }
    if (this.size !== 128) query.size = this.size;
    if (task !== undefined) query.task = task;
    this.page.keep(query);
  }

  drawControls() {
    const {axes, isGrid} = this.places;
    const again = () => { this.drawControls(); this.arrange(); };
    const controls = [];
    if (isGrid && axes.length > 1) {
      const options = axes.map((axis, place) => ({value: String(place), text: readable(axis.name)}));
      const choose = (mine, other) => (value) => {
        if (this[other] === Number(value)) this[other] = this[mine];
        this[mine] = Number(value);
        again();
      };
      controls.push(chooser('Rows', options, String(this.row), choose('row', 'column')),
          chooser('Columns', options, String(this.column), choose('column', 'row')));
      axes.forEach((axis, place) => {
        if (place === this.row || place === this.column) return;
        controls.push(slider(readable(axis.name), axis.labels, this.at[place], (now) => { this.at[place] = now; this.arrange(); }));
      });
    } else if (isGrid) {
      controls.push(element('span', {class: 'control'}, `Columns: ${readable(axes[0].name)}`));
    }
    controls.push(chooser('Size', CELL_PX.map((px) => ({value: String(px), text: `${px} px`})), String(this.size), (value) => { this.size = Number(value); this.arrange(); }));
    this.controls.replaceChildren(...controls);
  }

  openTask(index) {
    this.closeTask?.();
    this.keep(index);
    this.closeTask = showTask(this.page, this.root, {
      id: this.id, job: this.job, index, count: this.places.count, tasks: this.tasks,
      go: (next) => this.openTask(next),
      closed: () => {
        this.closeTask = undefined;
        this.keep();
      },
    });
  }
}

export function showJob(page, root, id, query) {
  const view = new JobView(page, root, id, query);
  return () => view.stop();
}
