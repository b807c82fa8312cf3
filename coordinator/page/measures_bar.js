// What people filter, colour and sort the grid by.
import {setText} from '/page/dom.js';
import {counted, readable} from '/page/text.js';
import {rampGradient} from '/page/viewer/colors.js';
import {labelledSelect, make} from '/page/viewer/dom.js';
import {clipped, formatMeasure} from '/page/viewer/text.js';

const TYPING_MS = 250;

// `get()`: {state, numbers, shownCount, count, measure, points, hasEnded}; `set(state)`.
export class MeasuresBar {
  constructor(get, set) {
    Object.assign(this, {get, set});
    this.filter = make('input', {
      type: 'search', class: 'filter', placeholder: 'Filter: ssim > 0.6 state=succeeded', 'aria-label': 'Filter the cells',
      spellcheck: 'false', autocomplete: 'off', maxlength: 500,
      oninput: () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.type(), TYPING_MS); }, onchange: () => this.type(),
    });
    this.color = labelledSelect('Colour', [], '', (color) => this.set({...this.get().state, color}));
    this.order = labelledSelect('Order', [], '', (order) => this.set({...this.get().state, order}));
    this.turn = make('button', {type: 'button', class: 'small', 'aria-label': 'Turn the order round', title: 'Turn the order round', onclick: () => {
      const {state} = this.get();
      this.set({...state, order: state.order.startsWith('-') ? state.order.slice(1) : `-${state.order}`});
    }}, '⇅');
    this.elements = [this.filter, this.color, this.order, this.turn];
    this.ramp = make('span', {class: 'ramp', hidden: true}, this.least = make('span', {}), make('span', {class: 'scale'}), this.most = make('span', {}));
    this.ramp.children[1].style.background = rampGradient();
    this.count = make('span', {class: 'shown-count', role: 'status'});
    this.why = make('span', {});
    this.nothing = make('p', {class: 'nothing', role: 'status', hidden: true}, this.why,
        make('button', {type: 'button', class: 'small', onclick: () => { this.filter.value = ''; this.filter.focus(); this.type(); }}, 'Show all'));
  }

  type() {
    clearTimeout(this.timer);
    const {state} = this.get();
    if (this.filter.value !== state.filter) this.set({...state, filter: this.filter.value});
  }

  draw() {
    const {state, numbers, shownCount, count, measure, points} = this.get();
    const measures = numbers.table.measures();
    const names = measures.map((one) => one.name);
    const sign = [names, state.color, state.order].join();
    if (sign !== this.sign) {
      this.sign = sign;
      // What the address names stays chosen until its numbers have come.
      const of = (chosen) => [...names, ...(chosen !== '' && chosen !== 'index' && !names.includes(chosen) ? [chosen] : [])]
          .map((value) => ({value, text: readable(value)}));
      fill(this.color, [{value: '', text: 'none'}, ...of(state.color)], state.color);
      const order = state.order.replace(/^-/, '');
      fill(this.order, [{value: '', text: points.isGrid ? 'by axes' : 'as they come'}, ...(points.isGrid ? [{value: 'index', text: 'one by one'}] : []), ...of(order)], order);
    }
    for (const select of [this.color, this.order]) select.querySelector('select').disabled = !numbers.isOffered;
    this.filter.disabled = !numbers.isOffered;
    if (!numbers.isOffered) this.filter.placeholder = 'Too many tasks to filter';
    this.turn.disabled = ['', 'index'].includes(state.order);
    this.drawNothing();
    if (document.activeElement !== this.filter && this.filter.value !== state.filter) this.filter.value = state.filter;
    setText(this.count, shownCount === count ? counted(count, 'task') : `${shownCount.toLocaleString()} of ${counted(count, 'task')}`);
    this.ramp.hidden = !(state.color && measure && measure.least < measure.most);
    if (this.ramp.hidden) return;
    const ends = [measure.least, measure.most].map((value) => formatMeasure(value, measure.unit));
    if (!measure.higher) ends.reverse();
    setText(this.least, `${readable(measure.name)} ${ends[0]}`);
    setText(this.most, measure.isRanked ? `${ends[1]} best` : ends[1]);
    this.ramp.title = `${readable(measure.name)}: from the ${measure.isRanked ? 'worst to the best' : 'most to the least'}. ${measure.what}`;
  }

  // A grid without a cell says why.
  drawNothing() {
    const {state, numbers, shownCount, hasEnded} = this.get();
    const filter = state.filter.trim();
    this.nothing.hidden = filter === '' || shownCount > 0 || numbers.table.version === 0;
    if (this.nothing.hidden) return;
    setText(this.why, `No task matches “${clipped(filter, 60)}”${hasEnded ? '' : ' yet'}. Filters are words and comparisons: ssim > 0.6, state=failed, seed=3.`);
  }
}

function fill(label, options, value) {
  const select = label.querySelector('select');
  select.replaceChildren(...options.map((one) => make('option', {value: one.value}, one.text)));
  select.value = value;
}
