// Pictures, large: one that is walked through the grid, and up to three that it
// is compared with, side by side, before and after or as their difference. All
// are zoomed and moved together.
import {artifactUrl, get, jobPath} from '/page/api.js';
import {AttemptLogs} from '/page/attempt_log.js';
import {setText} from '/page/dom.js';
import {rerunCommand, showCommand} from '/page/commands.js';
import {Frame} from '/page/frame.js';
import {RatingBar} from '/page/rating_bar.js';
import {pictureAt, pictureUrl, stopsOf} from '/page/pictures.js';
import {Scrubber} from '/page/scrubber.js';
import {factsOf} from '/page/task_facts.js';
import {readable, wordOf} from '/page/text.js';
import {COMPARISONS, MOST_COMPARED} from '/page/view_state.js';
import {copyButton, make, refill} from '/page/viewer/dom.js';
import {clipped, visible} from '/page/viewer/text.js';
import {panned, WHOLE, zoomed} from '/page/zoom.js';
import {ZoomPointers} from '/page/zoom_pointers.js';

const HOW_TEXTS = {side: 'Side by side', swipe: 'Before and after', difference: 'Difference'};
const QUICK_PX = 512;
const PAN_STEP = 0.15;
const SAID_MS = 10_000;

export class LargeView {
  // `view()`: {state, job, points, placing, tasks, selection, px}; `set(state)`;
  // `ratings`: ratings.js; `making`: job_making.js; `candidates()`: tasks to judge; `target(event, place)`: where a key leads in the grid.
  constructor(page, root, jobId, {view, set, target, ratings, candidates, making}) {
    Object.assign(this, {page, root, jobId, view, set, target, ratings, candidates, making});
    this.logs = new AttemptLogs(jobId);
    this.read = new Map();  // Tasks and attempts as they were read here.
    this.zoom = WHOLE;
    this.share = 50;
    this.gain = 1;
    this.build();
  }

  build() {
    const button = (text, name, onclick) => make('button', {type: 'button', class: 'quiet', 'aria-label': name, title: name, onclick}, text);
    this.title = make('h2', {'aria-live': 'polite'});
    this.labels = make('p', {class: 'why'});
    this.stage = make('div', {class: 'stage', tabindex: '-1'});
    this.chips = make('div', {class: 'chips'});
    this.choice = make('select', {'aria-label': 'Compare with', onchange: () => { this.compare(this.choice.value); this.choice.value = ''; }});
    this.hows = make('div', {class: 'segments', role: 'group', 'aria-label': 'How to compare'}, COMPARISONS.map((how) => make('button', {
      type: 'button', 'data-how': how, onclick: () => this.change({how}),
    }, HOW_TEXTS[how])));
    this.gainSelect = make('select', {'aria-label': 'How much differences are amplified', onchange: () => { this.gain = Number(this.gainSelect.value); this.draw(); }},
        [1, 4, 16].map((gain) => make('option', {value: gain}, `× ${gain}`)));
    this.shareRange = make('input', {type: 'range', min: 0, max: 100, value: 50, 'aria-label': 'How much of the other is shown', oninput: () => this.setShare(Number(this.shareRange.value))});
    this.zoomText = make('output', {class: 'zoom-text', title: 'How far in (+, −, F, P)'});
    this.scrubber = new Scrubber((iteration) => this.change({iteration}));
    this.copies = make('span', {});
    this.save = make('a', {class: 'save', title: 'Save the picture'}, 'Save');
    this.rating = new RatingBar(this.ratings, {
      refused: (error) => this.page.refused(error), candidates: () => this.candidates(),
      show: ([task, ...others]) => this.change({task, compared: others.map(String), how: 'side'}),
      stopped: () => { if (this.isOpen) this.draw(); },
      none: (count) => {
        this.page.say(!this.ratings.isOffered ? 'This coordinator keeps no ratings.' : count > 0 ? 'All were judged together.' : 'There are no pictures to judge yet.');
        setTimeout(() => this.isStopped || this.page.say(), SAID_MS);
      },
    });
    this.facts = make('div', {});
    this.side = make('div', {class: 'side'}, make('div', {class: 'copies'}, this.save, this.copies), this.facts);
    this.dialog = make('dialog', {
      class: 'large', 'aria-label': 'Pictures, large', onclose: () => this.closed(), onkeydown: (event) => this.onKey(event),
    },
    make('header', {class: 'bar'}, make('div', {class: 'of-task'}, this.title, this.labels),
        button('←', 'The task before', () => this.walk('ArrowLeft')), button('→', 'The next task', () => this.walk('ArrowRight')),
        button('✕', 'Close', () => this.dialog.close())),
    make('div', {class: 'bars'}, make('div', {class: 'bar compare-bar'}, this.choice, button('Keep', 'Keep this beside the next (B)', () => this.keep()), this.chips, this.hows, this.shareRange, this.gainSelect,
        this.scrubber.element, make('span', {class: 'zoom'}, button('−', 'Further (−)', () => this.setZoom(zoomed(this.zoom, 0.5))), this.zoomText, button('+', 'Closer (+)', () => this.setZoom(zoomed(this.zoom, 2))))), this.rating.element),
    this.stage, this.side);
    this.pointers = new ZoomPointers(this.stage, {
      get: () => this.zoom, set: (zoom) => this.setZoom(zoom),
      // Before and after: while all is seen, a drag moves what parts them.
      slide: (share) => (this.view().state.how === 'swipe' && this.compared().length > 0 && this.zoom.scale === 1 ? (this.setShare(share * 100), true) : false),
    });
  }

  get isOpen() { return this.dialog.open; }

  // Follows the state: opens, walks and closes.
  follow() {
    const {state, points} = this.view();
    if (state.task === null) {
      if (this.isOpen) this.dialog.close();
      return;
    }
    if (!this.isOpen) {
      this.root.append(this.dialog);
      this.dialog.showModal();
      this.stage.focus();
      this.zoom = WHOLE;
    }
    for (const index of [state.task, ...state.compared.filter((one) => /^\d+$/.test(one)).map(Number)]) {
      if (!this.read.has(index) && index < points.count) this.readTask(index);
    }
    this.draw();
  }

  closed() {
    this.rating.stop();
    this.scrubber.stop();
    this.dialog.remove();
    this.read.clear();
    this.logs.clear();
    this.factSign = undefined;
    if (this.view().state.task !== null) this.change({task: null, compared: []});
  }

  stop() {
    this.isStopped = true;
    this.scrubber.stop();
    this.dialog.remove();
  }

  change(some) { this.set({...this.view().state, ...some}); }

  async readTask(index) {
    this.read.set(index, {attempts: []});
    try {
      const [list, {attempts}] = await Promise.all([
        get(`${jobPath(this.jobId)}/tasks?${new URLSearchParams({first_index: index, page_size: 1})}`),
        get(`${jobPath(this.jobId)}/tasks/${index}/attempts`),
      ]);
      this.read.set(index, {task: list.tasks[0], attempts});
      if (this.isOpen && !this.isStopped) this.draw();
    } catch (error) {
      this.read.delete(index);
      if (!this.isStopped) this.page.failed(error);
    }
  }

  // A task ended or moved on: what was read of it may be old.
  refresh() {
    if (!this.isOpen) return;
    const {state, tasks} = this.view();
    const known = this.read.get(state.task)?.task;
    const now = tasks.at(state.task);
    if (known && now && known.state !== now.state) this.readTask(state.task);
    this.draw();
  }

  task(index) {
    const {tasks} = this.view();
    const read = this.read.get(index)?.task;
    const now = tasks.at(index);
    return read && (!now || now.state === read.state && now.result) ? read : now ?? read;
  }

  // What there is to hold the open task against: {key, name, source, quick, fit,
  // task}, source empty where there is no picture.
  shown(key) {
    const {state, job, px} = this.view();
    if (/^\d+$/.test(key)) {
      const index = Number(key);
      const task = this.task(index);
      const picture = pictureAt(task, state.iteration);
      const stateText = task ? wordOf(task.state, 'TASK_STATE_') : '…';
      return {
        key, task, fit: 'fill', name: `Task ${index}${picture?.isPreview ? `, iteration ${picture.iteration}` : ''}`,
        source: picture ? pictureUrl(picture, this.jobId, index) : '',
        quick: picture && !picture.isPreview ? pictureUrl(picture, this.jobId, index, px || QUICK_PX) : '',
        why: stateText === 'leased' ? `running on ${visible(task.worker)}, iteration ${task.iteration}` : stateText,
      };
    }
    const render = {...job.spec.base, ...this.task(state.task)?.render};
    const place = key === 'content' ? null : Number(key.replace('style', '') || 1) - 1;
    const digest = place === null ? render.content_digest : render.style_digests?.[place];
    const named = job.spec.images?.find((image) => image.digest === digest)?.name;
    return {
      key, fit: key === 'content' ? 'fill' : 'contain', name: `${key === 'content' ? 'Content' : 'Style'}${named ? `: ${clipped(named, 40)}` : ''}`,
      source: digest ? artifactUrl(digest, this.jobId) : '', quick: '', why: 'there is none',
    };
  }

  compared() {
    const {state} = this.view();
    return state.compared.filter((key) => key !== String(state.task)).map((key) => this.shown(key));
  }

  draw() {
    const {state, points} = this.view();
    if (state.task === null || !this.isOpen) return;
    const open = this.shown(String(state.task));
    const others = this.compared();
    const labels = (open.task?.labels ?? points.labelsOf(state.task) ?? []).map((label, axis) => `${readable(points.axes[axis]?.name ?? '')} ${visible(label)}`);
    setText(this.title, `Task ${state.task}`);
    setText(this.labels, labels.join(', '));
    this.drawStage(open, others, others.length > 0 ? state.how : 'side');
    this.drawCompared(others);
    const tasks = [open.task, ...others.map((one) => one.task)].filter(Boolean);
    const most = Math.max(1, ...tasks.map((task) => Number(task.render?.iterations ?? 0)));
    this.scrubber.draw({iteration: state.iteration, most, stops: stopsOf(tasks)});
    const rated = [open, ...others].filter((one) => one.task?.result?.image_digest).map((one) => Number(one.key));
    this.rating.draw(open.task?.result?.image_digest ? state.task : null, rated);
    this.drawFacts(open.task, others.find((one) => one.task)?.task ?? null);
    this.dialog.classList.toggle('judging', this.rating.isJudging);
    // What had the focus may be gone, and keys go where it is.
    if (!this.dialog.contains(document.activeElement)) this.stage.focus();
    this.save.hidden = open.source === '';
    if (open.source) { this.save.href = open.source; this.save.download = `${this.view().job.spec.name}-${state.task}.png`; }
  }

  // Frames that are there stay, so that what they show stays until there is more.
  drawStage(open, others, how) {
    const layers = how === 'side' ? [open, ...others].map((one) => [one]) :
      how === 'swipe' ? [[open, others[0]]] : [[open], ...others.map((other) => [open, other])];
    const sign = `${how} ${layers.length}`;
    if (sign !== this.stageSign) {
      this.stageSign = sign;
      for (const frame of this.frames ?? []) frame.stop();
      this.frames = layers.map((some) => new Frame(some.length > 1 ? how : 'side'));
      refill(this.stage, this.frames.map((frame) => frame.element));
      this.stage.dataset.panes = layers.length;
      this.stage.dataset.how = how;
    }
    const {width_px: width, height_px: height} = open.task?.result ?? {};
    const aspect = width > 0 && height > 0 ? width / height : this.view().aspect;
    this.frames.forEach((frame, i) => frame.draw(layers[i], {aspect, gain: this.gain}));
    this.setShare(this.share);
    this.setZoom(this.zoom);
  }

  drawCompared(others) {
    const {state, job, selection} = this.view();
    this.hows.hidden = others.length === 0;
    for (const button of this.hows.children) button.setAttribute('aria-pressed', String(button.dataset.how === state.how));
    this.gainSelect.hidden = others.length === 0 || state.how !== 'difference';
    this.shareRange.hidden = others.length === 0 || state.how !== 'swipe';
    const render = {...job.spec.base, ...this.task(state.task)?.render};
    const styles = render.style_digests?.length ?? 0;
    const options = ['content', ...Array.from({length: styles}, (_, i) => (i === 0 ? 'style' : `style${i + 1}`)),
      ...selection.indices().slice(0, 50).filter((index) => index !== state.task).map(String)].filter((key) => !state.compared.includes(key));
    const sign = options.join();
    if (sign !== this.choiceSign) {
      this.choiceSign = sign;
      refill(this.choice, make('option', {value: ''}, 'Compare with…'),
          options.map((key) => make('option', {value: key}, /^\d/.test(key) ? `selected: task ${key}` : key.replace(/^style(\d)/, 'style $1'))));
    }
    this.choice.disabled = others.length >= MOST_COMPARED;
    const chips = others.map((one) => one.name).join('\n');
    if (chips === this.chipSign) return;
    this.chipSign = chips;
    refill(this.chips, others.map((one) => make('button', {type: 'button', class: 'chip', 'aria-label': `Compare no longer with ${one.name}`, title: 'Compare no longer', onclick: () => this.compare(one.key)}, `${one.name} ✕`)));
  }

  drawFacts(task, other) {
    const {job, state} = this.view();
    const {attempts = []} = this.read.get(state.task) ?? {};
    const sign = JSON.stringify([state.task, task?.state, task?.iteration, task?.result?.image_digest, attempts.length, task?.log_digest, other?.index, Boolean(this.read.get(state.task)?.task)]);
    if (sign === this.factSign) return;
    this.factSign = sign;
    const focused = this.facts.contains(document.activeElement) ? document.activeElement : null;
    refill(this.facts, ...(task ? factsOf(job, task, attempts, other, this.logs) : []));
    focused?.focus();  // A log stays the element that it was.
    refill(this.copies, ...this.making.taskActs(state.task, () => this.task(state.task)), copyButton(() => showCommand(this.jobId, state.task), {class: 'small', title: 'The command that shows this task, with all that makes it'}, 'Copy command'),
        task?.result?.image_digest && copyButton(() => rerunCommand(this.jobId, state.task), {class: 'small', title: 'The commands that render it once more'}, 'Copy rerun'));
  }

  setShare(share) {
    this.share = Math.max(0, Math.min(100, share));
    this.shareRange.value = this.share;
    for (const frame of this.frames ?? []) frame.element.style.setProperty('--share', `${this.share}%`);
  }

  setZoom(zoom) {
    this.zoom = zoom;
    setText(this.zoomText, `${Math.round(zoom.scale * 100)} %`);
    for (const frame of this.frames ?? []) frame.zoom(zoom);
    this.stage.classList.toggle('close', zoom.scale > 1);
  }

  // Four at a time, until somebody stops: which is the worst?
  judge() {
    this.page.say();
    return this.ratings.mayRate && this.rating.begin();
  }

  // Compares with this, or no longer.
  compare(key) {
    if (key === '') return;
    const {state} = this.view();
    const compared = state.compared.includes(key) ? state.compared.filter((one) => one !== key) : [...state.compared, key].slice(-MOST_COMPARED);
    this.change({compared});
  }

  keep() {
    const {state} = this.view();
    if (!state.compared.includes(String(state.task))) this.compare(String(state.task));
    this.walk('ArrowRight');
  }

  walk(key) {
    const {state, placing, points} = this.view();
    const place = placing.find(state.task);
    const step = {ArrowLeft: -1, ArrowRight: 1}[key] ?? 0;
    const target = place ? this.target({key}, place) : undefined;
    const next = place ? target && placing.indexAt(...target) : state.task + step;
    if (next === undefined || next === null || next < 0 || next >= points.count || next === state.task) return;
    for (const index of this.read.keys()) {  // What is not looked at any more may change.
      if (!state.compared.includes(String(index))) this.read.delete(index);
    }
    this.change({task: next});
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('select, input')) return;
    const arrow = {ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
    const how = {s: 'side', w: 'swipe', d: 'difference'}[event.key.toLowerCase()];
    if (event.target.closest('.chart') && arrow) return;
    if (arrow && event.shiftKey) this.setZoom(panned(this.zoom, arrow[0] * PAN_STEP, arrow[1] * PAN_STEP));
    else if (arrow || event.key === 'Home' || event.key === 'End') this.walk(event.key);
    else if (event.key === '+' || event.key === '=') this.setZoom(zoomed(this.zoom, 1.5));
    else if (event.key === '-') this.setZoom(zoomed(this.zoom, 1 / 1.5));
    else if (this.rating.key(event.key)) { /* Stars, or the worst. */ }
    else if (event.key.toLowerCase() === 'f') this.setZoom(WHOLE);
    else if (event.key.toLowerCase() === 'p') this.setZoom(zoomed(this.zoom, this.frames[0].pixelScale() / this.zoom.scale));
    else if (event.key === '[' || event.key === ']') this.setShare(this.share + (event.key === ']' ? 5 : -5));
    else if (event.key === ',' || event.key === '.') this.scrubber.step(event.key === '.' ? 1 : -1);
    else if (event.key.toLowerCase() === 'b') this.keep();
    else if (event.key.toLowerCase() === 'x') this.change({compared: []});
    else if (event.key.toLowerCase() === 'r') this.making.rerun(this.view().state.task);
    else if (event.key.toLowerCase() === 'e') this.making.extend(this.view().state.task);
    else if (how) this.change({how});
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
