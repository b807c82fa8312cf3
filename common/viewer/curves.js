// Loss curves as a drawing: a line for each, values under the pointer.
import {strokeOf} from './colors.js';
import {curvesAgainst, curvesOf, evenTicks, makeScale, termsOf} from './curve_scale.js';
import {labelledSelect, make, makeSvg, refill} from './dom.js';
import {formatNumber, isNumber, visible} from './text.js';

const left = 64;
const right = 12;
const top = 10;
const bottom = 34;
// In the units of its text, which is as large in both.
const wide = {width: 720, height: 300};
const narrow = {width: 320, height: 220};
const leastWidePx = 560;
export const mostCurves = 32;

// A figure of the curves of `tasks`, for a page or for a column of it.
function drawCurves(tasks, term, isNarrow) {
  const curves = curvesOf(tasks.slice(0, mostCurves), term);
  if (curves.length === 0) return make('p', {class: 'soft'}, 'Curves: absent.');
  return new Chart(curves, isNarrow ? narrow : wide).element;
}

// All curves of one task for a column of a page, against those of another or of
// null.
export function drawAgainst(task, other) {
  const curves = other ? curvesAgainst(task, other) : curvesOf([task], 'total');
  if (curves.length === 0) return make('p', {class: 'soft'}, 'Curves: absent.');
  return new Chart(curves, narrow).element;
}

// Curves with a choice of the term, where several tasks are drawn.
export class CurvesView {
  constructor() {
    this.element = make('div', {class: 'curves'});
    this.term = 'total';
    this.isNarrow = false;
    this.tasks = null;
  }

  // Draws them for the room that there is now.
  fit() {
    const isNarrow = this.element.clientWidth > 0 &&
        this.element.clientWidth < leastWidePx;
    if (isNarrow === this.isNarrow) return;
    this.isNarrow = isNarrow;
    if (this.tasks) this.show(this.tasks, this.note);
  }

  // `note` says which tasks these are.
  show(tasks, note) {
    this.tasks = tasks;
    this.note = note;
    const terms = termsOf(tasks);
    if (!terms.includes(this.term)) this.term = terms[0] ?? 'total';
    const choice = tasks.length > 1 && terms.length > 1 &&
        labelledSelect(
            'Loss', terms.map((value) => ({value, text: visible(value)})),
            this.term, (value) => {
              this.term = value;
              this.show(tasks, note);
              this.element.querySelector('select')?.focus();
            });
    refill(
        this.element,
        make('div', {class: 'controls'}, choice,
             make('span', {class: 'soft'}, note)),
        drawCurves(tasks, this.term, this.isNarrow));
  }
}

class Chart {
  constructor(curves, size) {
    this.curves = curves;
    this.size = size;
    const iterations = curves.flatMap((curve) => curve.iterations.filter(isNumber));
    this.first = iterations.reduce((a, b) => Math.min(a, b), Infinity);
    this.last = iterations.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!(this.first < this.last)) this.last = this.first + 1;
    this.scale = makeScale(curves.flatMap((curve) => curve.values));
    this.at = null;  // The iteration that the cross is at.
    this.element = this.draw();
  }

  x(iteration) {
    return left + (iteration - this.first) / (this.last - this.first) *
        (this.size.width - left - right);
  }

  y(value) {
    return top + (1 - this.scale.toShare(value)) * (this.size.height - top - bottom);
  }

  draw() {
    this.cross = makeSvg('line', {
      class: 'cross', y1: top, y2: this.size.height - bottom, visibility: 'hidden',
    });
    this.svg = makeSvg(
        'svg', {
          viewBox: `0 0 ${this.size.width} ${this.size.height}`, tabindex: '0', role: 'img',
          'aria-label': 'Losses by iteration; arrow keys read values',
          onpointermove: (event) => this.follow(event),
          onpointerleave: () => this.point(null),
          onkeydown: (event) => this.step(event),
          onblur: () => this.point(null),
        },
        this.axes(), this.curves.map((curve) => this.line(curve)),
        this.cross);
    this.values = this.curves.map(() => make('span', {class: 'value'}));
    this.readout = make('p', {class: 'readout soft', 'aria-live': 'polite'},
                        this.hint());
    return make(
        'figure', {class: 'chart'}, this.svg, this.readout, this.legend());
  }

  hint() {
    return `${this.scale.isLog ? 'Logarithmic' : 'Linear'} axis. ` +
        'Point at the curves, or use arrow keys, to read values.';
  }

  legend() {
    return make('ul', {class: 'legend'}, this.curves.map((curve, i) => make(
        'li', {}, makeSvg('svg', {viewBox: '0 0 24 8', 'aria-hidden': 'true'},
                          this.stroke(makeSvg('path', {d: 'M0 4H24'}), curve)),
        make('span', {class: 'name'}, visible(curve.name)), this.values[i])));
  }

  axes() {
    const parts = [];
    for (const tick of this.scale.ticks) {
      const y = this.y(tick);
      parts.push(
          makeSvg('line', {class: 'rule', x1: left, x2: this.size.width - right, y1: y, y2: y}),
          makeSvg('text', {x: left - 8, y: y + 4, 'text-anchor': 'end'},
                  formatNumber(tick)));
    }
    const whole = evenTicks(this.first, this.last).filter(Number.isInteger);
    for (const tick of whole) {
      parts.push(makeSvg('text', {
        x: this.x(tick), y: this.size.height - bottom + 18, 'text-anchor': 'middle',
      }, String(tick)));
    }
    parts.push(makeSvg('text', {
      class: 'axis-name', x: this.size.width - right, y: this.size.height - 2, 'text-anchor': 'end',
    }, 'iteration'));
    return parts;
  }

  stroke(path, {look, isOther}) {
    const {color, dash} = strokeOf(look);
    path.setAttribute('class', isOther ? 'curve other' : 'curve');
    path.style.stroke = color;
    path.style.strokeDasharray = isOther ? '4 4' : dash;
    return path;
  }

  line(curve) {
    let path = '';
    let isDown = false;
    curve.iterations.forEach((iteration, k) => {
      const value = curve.values[k];
      // A logarithmic axis has no place for what is not above 0.
      const fits = isNumber(value) && isNumber(iteration) &&
          (value > 0 || !this.scale.isLog);
      if (fits) {
        path += `${isDown ? 'L' : 'M'}${this.x(iteration).toFixed(1)} ${
            this.y(value).toFixed(1)}`;
      }
      isDown = fits;  // A gap where a value is absent.
    });
    return this.stroke(makeSvg('path', {d: path}), curve);
  }

  follow(event) {
    const box = this.svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * this.size.width;
    const share = (x - left) / (this.size.width - left - right);
    this.point(this.first + share * (this.last - this.first));
  }

  step(event) {
    const way = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();  // The arrows walk no grid meanwhile.
    const all = [...new Set(this.curves.flatMap((curve) => curve.iterations))]
                    .sort((a, b) => a - b);
    const here = this.at === null ? -1 : all.indexOf(nearest(all, this.at));
    this.point(all[Math.min(Math.max(here + way, 0), all.length - 1)]);
  }

  // Moves the cross to an iteration that is known, or takes it away.
  point(wanted) {
    const first = this.curves[0].iterations;
    this.at = wanted === null ? null : nearest(first, wanted);
    const x = this.at === null ? 0 : this.x(this.at);
    this.cross.setAttribute('visibility', this.at === null ? 'hidden' : 'visible');
    this.cross.setAttribute('x1', x);
    this.cross.setAttribute('x2', x);
    this.readout.textContent =
        this.at === null ? this.hint() : `Iteration ${this.at}`;
    this.curves.forEach((curve, i) => {
      const k = this.at === null || curve.iterations.length === 0 ?
          -1 :
          curve.iterations.indexOf(nearest(curve.iterations, this.at));
      this.values[i].textContent = k < 0 ? '' : formatNumber(curve.values[k]);
    });
  }
}

// Of whatever a document has among its iterations.
function nearest(numbers, wanted) {
  return numbers.reduce(
      (best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best),
      numbers[0]);
}
