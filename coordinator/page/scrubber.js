// The slider that moves all pictures along their iterations.
import {setText} from '/page/dom.js';
import {make} from '/page/viewer/dom.js';

const STEP_MS = 350;

// `set(iteration)`: null for the end.
export class Scrubber {
  constructor(set) {
    this.set = set;
    this.stops = [];
    this.range = make('input', {type: 'range', min: 0, max: 1, step: 1, value: 1, 'aria-label': 'Iteration', oninput: () => this.move()});
    this.says = make('output', {});
    this.play = make('button', {type: 'button', class: 'small', 'aria-label': 'Play along the iterations', title: 'Play along the iterations', onclick: () => this.toggle()}, '▶');
    this.element = make('div', {class: 'scrubber', role: 'group', 'aria-label': 'Along the iterations'},
        this.play, make('span', {class: 'name'}, 'Iteration'), this.range, this.says);
  }

  stop() { clearInterval(this.timer); this.timer = null; }

  // `most`: iterations of the longest task; `stops`: those that have previews.
  draw({iteration, most, stops}) {
    this.stops = stops;
    this.most = Math.max(1, most);
    this.iteration = iteration;
    this.range.max = this.most;
    const at = iteration === null ? this.most : Math.min(iteration, this.most);
    if (Number(this.range.value) !== at) this.range.value = at;
    const text = iteration === null ? 'end' : `${at} of ${this.most}`;
    setText(this.says, text);
    this.range.setAttribute('aria-valuetext', text);
    this.range.disabled = this.play.disabled = stops.length === 0;
    this.element.title = stops.length === 0 ? 'No previews were kept of what is in sight' : '';
  }

  move() {
    const at = Number(this.range.value);
    this.set(at >= this.most ? null : at);
  }

  // To the next stop, or the one before.
  step(by) {
    const all = [...this.stops, this.most];
    const now = this.iteration ?? this.most;
    const next = by > 0 ? all.find((one) => one > now) : all.findLast((one) => one < now);
    if (next !== undefined) this.set(next >= this.most ? null : next);
  }

  toggle() {
    if (this.timer) {
      this.stop();
    } else {
      if (this.iteration === null) this.set(this.stops[0] ?? null);
      this.timer = setInterval(() => {
        this.step(1);
        if (this.iteration === null) { this.stop(); this.sign(); }
      }, STEP_MS);
    }
    this.sign();
  }

  sign() { setText(this.play, this.timer ? '⏸' : '▶'); }
}
