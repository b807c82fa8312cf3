// One cell of the grid: the picture of a task, or why there is none, and what is
// said below it. Nothing of it is touched while it shows the same.
import {setAttribute, setText} from '/page/dom.js';
import {make} from '/page/viewer/dom.js';

const FIRST_RETRY_MS = 2000;
const MOST_RETRIES = 4;  // Each waits twice as long as the one before.

export class Cell {
  // `lookOf(row, column)`: what it shows, null for nothing (looks.js).
  constructor(lookOf) {
    this.lookOf = lookOf;
    this.image = make('img', {alt: '', draggable: 'false'});
    this.says = make('span', {class: 'says'});
    this.bar = make('span', {class: 'done'});
    this.stars = make('span', {class: 'stars'});
    this.label = make('span', {class: 'label'});
    this.value = make('span', {class: 'value'});
    this.element = make('button', {type: 'button', class: 'cell'},
        make('span', {class: 'picture'}, this.image, this.says, this.bar, this.stars),
        make('span', {class: 'caption'}, this.label, this.value));
  }

  set(row, column) {
    const look = this.lookOf(row, column);
    const sign = look === null ? '' : JSON.stringify(look);
    if (sign === this.sign) return;
    this.sign = sign;
    this.element.hidden = look === null;
    if (look === null) return this.clear();
    const {index, state, says, share, source, caption, value, tint, ink, isWanted, isSelected, isBest, stars, name, title} = look;
    const {dataset, style} = this.element;
    if (dataset.index !== String(index)) this.show('');  // Another task's is no picture of this one.
    dataset.state = state;
    dataset.index = index;
    setText(this.says, says);
    this.bar.style.width = `${Math.round(share * 100)}%`;
    this.show(source);
    setText(this.stars, stars && `★ ${stars}`);
    setText(this.label, caption);
    setText(this.value, value);
    style.setProperty('--tint', tint ?? 'transparent');
    style.setProperty('--ink', ink ?? 'inherit');
    this.element.classList.toggle('unwanted', !isWanted);
    this.element.classList.toggle('best', isBest);
    setAttribute(this.element, 'aria-pressed', String(isSelected));
    setAttribute(this.element, 'aria-label', name);
    setAttribute(this.element, 'title', title);
  }

  // What is shown stays until the next has come, also where it can't be had.
  show(source, tries = 0) {
    if (source === this.source) return;
    this.forget();
    this.source = source;
    if (source === '') {
      this.image.removeAttribute('src');
      delete this.element.dataset.shown;
      return;
    }
    const next = new Image();
    this.next = next;
    next.fetchPriority = 'low';  // What is said of tasks goes first.
    next.src = source;
    next.decode().then(() => {
      if (this.next !== next) return;
      this.next = null;
      this.image.src = source;
      this.element.dataset.shown = source;
      if (this.says.textContent === 'no picture') setText(this.says, '');
    }, () => {
      if (this.next !== next) return;
      this.next = null;
      if (this.element.dataset.shown === undefined) setText(this.says, 'no picture');
      if (tries === MOST_RETRIES) return;
      // The coordinator may be gone for a moment, or have too much to do.
      this.retry = setTimeout(() => {
        this.source = undefined;
        this.show(source, tries + 1);
      }, FIRST_RETRY_MS * 2 ** tries);
    });
  }

  // A picture that nobody looks at any more is not waited for.
  forget() {
    clearTimeout(this.retry);
    const {next} = this;
    this.next = null;
    if (next) next.src = '';
  }

  clear() {
    this.forget();
    this.sign = undefined;
    this.source = undefined;
    this.show('');
    delete this.element.dataset.index;
  }
}
