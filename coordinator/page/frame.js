// A frame with a picture, or with two: one over the other up to a divider, or
// their difference. What it shows stays until the next has come.
import {setText} from '/page/dom.js';
import {make} from '/page/viewer/dom.js';
import {transformOf} from '/page/zoom.js';

class Layer {
  constructor() {
    this.image = make('img', {alt: '', draggable: 'false'});
  }

  // `quick`: a smaller one that may be there already.
  show({source, quick, fit, name}) {
    this.image.alt = name;
    this.image.dataset.fit = fit;
    if (source === this.source) return;
    this.source = source;
    if (source === '') {
      this.image.removeAttribute('src');
      return;
    }
    let isThere = false;
    this.load(quick, source, () => { if (!isThere) this.image.src = quick; });
    this.load(source, source, () => { isThere = true; this.image.src = source; });
  }

  load(url, source, done) {
    if (!url) return;
    const next = new Image();
    next.src = url;
    next.decode().then(() => { if (this.source === source) done(); }, () => {});
  }
}

export class Frame {
  // `how`: "side" for one picture, else "swipe" or "difference" for two.
  constructor(how) {
    this.layers = how === 'side' ? [new Layer()] : [new Layer(), new Layer()];
    this.why = make('p', {class: 'gap'});
    this.caption = make('figcaption', {});
    const [under, over] = this.layers;
    this.box = make('div', {class: `frame ${how}`}, under.image,
        over && (how === 'swipe' ? make('div', {class: 'over'}, over.image) : over.image),
        how === 'swipe' && make('div', {class: 'divider'}), this.why);
    over?.image.classList.add('second');
    this.how = how;
    this.element = make('figure', {class: 'pane'}, make('div', {class: 'room'}, this.box), this.caption);
    this.observer = new ResizeObserver(() => this.follow());
    this.observer.observe(this.box);
  }

  stop() { this.observer.disconnect(); }

  draw(shown, {aspect, gain}) {
    this.box.style.setProperty('--aspect', aspect);
    this.box.style.setProperty('--gain', this.how === 'difference' ? gain : 1);
    shown.forEach((one, i) => this.layers[i].show(one));
    const missing = shown.find((one) => one.source === '');
    this.why.hidden = missing === undefined;
    setText(this.why, missing?.why ?? '');
    setText(this.caption, this.how === 'swipe' ? `${shown[1].name} | ${shown[0].name}` : this.how === 'difference' ? `Difference to ${shown[1].name}` : shown[0].name);
  }

  zoom(zoom) {
    this.now = zoom;
    this.follow();
  }

  follow() {
    if (!this.now) return;
    const {clientWidth, clientHeight} = this.box;
    const transform = transformOf(this.now, clientWidth, clientHeight);
    for (const {image} of this.layers) image.style.transform = transform;
    this.box.classList.toggle('pixels', this.now.scale >= 2 * this.pixelScale());
  }

  // The scale at which a pixel of the picture is one of the screen.
  pixelScale() {
    const {naturalWidth} = this.layers[0].image;
    return naturalWidth > 0 && this.box.clientWidth > 0 ? Math.max(1, naturalWidth / (this.box.clientWidth * devicePixelRatio)) : 1;
  }
}
