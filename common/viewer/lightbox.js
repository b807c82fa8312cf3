// One picture, large: walked with arrows, held against another by a slider.
import {drawAgainst} from './curves.js';
import {labelledSelect, make, refill} from './dom.js';
import {clipped, formatMeasure, textOf, valueText, visible} from './text.js';

// options: {
//   job, thumbnail(task), fullPicture(task), input(digest): URLs or null,
//   target(event, task): where a key leads, or null; undefined for other keys,
//   onClose(task)
// }
export class Lightbox {
  constructor(options) {
    this.options = options;
    this.task = null;
    this.against = 'none';  // What the picture is held against.
    this.share = 50;        // Percent of it, from the left, that are shown.
    this.stage = make('div', {class: 'stage', tabindex: '-1'});
    this.side = make('div', {class: 'side'});
    this.title = make('h2', {'aria-live': 'polite'});
    this.element = make(
        'dialog', {
          class: 'lightbox', 'aria-label': 'Result',
          onkeydown: (event) => this.walk(event),
          onclose: () => this.options.onClose(this.task),
        },
        make('header', {}, this.title,
             this.stepButton('←', 'Previous', 'ArrowLeft'),
             this.stepButton('→', 'Next', 'ArrowRight'),
             make('button', {
               type: 'button', 'aria-label': 'Close', title: 'Close (Esc)',
               onclick: () => this.element.close(),
             }, '✕')),
        this.stage, this.side);
  }

  stepButton(text, name, key) {
    return make('button', {
      type: 'button', 'aria-label': name, title: `${name} (${text})`,
      onclick: () => this.go(this.options.target({key}, this.task)),
    }, text);
  }

  open(task) {
    if (!task) return;
    this.show(task);
    if (!this.element.open) this.element.showModal();
    this.stage.focus();  // So that arrows walk at once.
  }

  go(task) {
    if (task) this.show(task);
  }

  walk(event) {
    const isChoosing = event.target.matches?.('select, input');
    if (isChoosing || event.altKey || event.metaKey) return;
    const target = this.options.target(event, this.task);
    if (target === undefined) return;
    event.preventDefault();
    this.go(target);
  }

  show(task) {
    this.task = task;
    this.title.textContent = task.name;
    this.draw();
  }

  draw() {
    const others = this.comparands();
    const other = others.find((one) => one.value === this.against);
    this.drawStage(other);
    const choice = labelledSelect(
        'Compare with', [{value: 'none', text: 'nothing'}, ...others],
        other ? this.against : 'none', (value) => {
          this.against = value;
          this.draw();
          this.side.querySelector('select').focus();
        });
    refill(this.side, this.picture() && choice, this.state(),
           ...this.measures(other?.task), this.parameters(),
           this.curves(other?.task));
  }

  picture() {
    return this.options.fullPicture(this.task) ??
        this.options.thumbnail(this.task);
  }

  // What there is to hold this picture against: {value, text, url, thumbnail,
  // fit, task}. Of inputs `value` goes by their place: "the style" stays chosen
  // where the next picture has another style.
  comparands() {
    const inputs = this.task.inputs.map((input, i, all) => {
      const place = all.slice(0, i).filter(({role}) => role === input.role).length;
      const role = input.role.replaceAll('_', ' ');
      return {
        value: place === 0 ? input.role : `${input.role} ${place + 1}`,
        text: `${role}: ${clipped(input.name, 60)}`,
        url: this.options.input(input.digest),
        fit: input.role === 'content' ? 'fill' : 'cover',
      };
    });
    const cells = this.options.job.tasks
        .filter((one) => one !== this.task && this.options.thumbnail(one))
        .map((one) => ({
          value: `task ${one.index}`, text: clipped(one.name, 60), fit: 'fill',
          url: this.options.fullPicture(one) ?? this.options.thumbnail(one),
          thumbnail: this.options.thumbnail(one), task: one,
        }));
    return [...inputs, ...cells].filter((one) => one.url);
  }

  drawStage(other) {
    const url = this.picture();
    if (!url) {
      this.stage.replaceChildren(make(
          'p', {class: 'why'}, make('strong', {}, visible(this.task.state)),
          this.task.message ? `: ${visible(this.task.message)}` : ''));
      return;
    }
    const frame = make('div', {class: 'frame'}, largePicture(
        url, this.options.thumbnail(this.task), this.task.name));
    frame.style.setProperty('--aspect', this.aspect());
    this.stage.replaceChildren(frame);
    if (other) this.addComparand(frame, other);
  }

  aspect() {
    const {width_px: width, height_px: height} = this.task.result;
    return width > 0 && height > 0 ? width / height : this.options.job.aspect;
  }

  addComparand(frame, other) {
    const picture = largePicture(other.url, other.thumbnail, other.text);
    picture.classList.add(other.fit);
    const over = make('div', {class: 'over'}, picture);
    const range = make('input', {
      type: 'range', min: '0', max: '100', step: '1', value: this.share,
      'aria-label': `How much of ${other.text} is shown`,
      oninput: () => this.setShare(frame, Number(range.value)),
    });
    frame.append(
        over, make('span', {class: 'tag before'}, other.text),
        make('span', {class: 'tag after'}, 'result'),
        make('div', {class: 'divider'}), range);
    this.setShare(frame, this.share);
  }

  setShare(frame, share) {
    this.share = share;
    frame.style.setProperty('--share', `${share}%`);
  }

  state() {
    const {task} = this;
    const link = this.options.fullPicture(task);
    const {width_px: width, height_px: height} = task.result;
    return make(
        'div', {class: 'state'},
        make('span', {class: `pill ${task.state}`}, visible(task.state)),
        task.isChosen && make('span', {class: 'badge'},
                              `◆ ${this.options.job.notes.chosenBy}`),
        link && make('a', {href: link, target: '_blank', rel: 'noopener'},
                     `${visible(task.file)}${
                         width > 0 ? ` (${width} × ${height})` : ''}`),
        task.message && make('span', {class: 'message'}, visible(task.message)));
  }

  // Those of layers are many: behind a fold.
  measures(other) {
    const {measures} = this.options.job;
    if (measures.length === 0) {
      return [make('p', {class: 'soft'}, 'Measures: absent.')];
    }
    const of = (isWanted) => measures.filter(isWanted)
        .filter(({name}) => this.task.numbers.has(name) || other?.numbers.has(name))
        .map((measure) => this.measureRow(measure, other));
    const plain = of(({isOfLayer, isCost}) => !isOfLayer && !isCost);
    const layers = of(({isOfLayer}) => isOfLayer);
    return [
      plain.length > 0 ? list('Measures', plain) :
                         make('p', {class: 'soft'}, 'Measures: absent.'),
      list('Losses and time', of(({isCost}) => isCost)),
      layers.length > 0 && make(
          'details', {}, make('summary', {}, 'Measures of each layer'),
          list('', layers)),
    ];
  }

  measureRow(measure, other) {
    const text = (task) => formatMeasure(task.numbers.get(measure.name), measure.unit);
    return [
      visible(measure.name),
      text(this.task) + (measure.best.has(this.task) ? ' ★' : ''), measure.what,
      other && text(other),
    ];
  }

  parameters() {
    const {job} = this.options;
    const {result, render_key: key} = this.task;
    const rows = job.varying.map(
        (name) => [visible(name), valueText(this.task.parameters[name])]);
    for (const name of ['worker', 'profile', 'engine_version']) {
      if (result[name]) rows.push([name.replaceAll('_', ' '), visible(textOf(result[name]))]);
    }
    if (key) rows.push(['render key', clipped(textOf(key), 16)]);
    return rows.length > 0 && list('This task', rows);
  }

  curves(other) {
    if (!this.task.curve) return make('p', {class: 'soft'}, 'Curves: absent.');
    return make('section', {}, make('h3', {}, 'Losses by term'),
                drawAgainst(this.task, other ?? null));
  }
}

// The thumbnail at once, and the picture itself in its place once it is there:
// a report may have been sent without its pictures.
function largePicture(url, thumbnail, name) {
  const image = make('img', {src: thumbnail ?? url, alt: name, draggable: 'false'});
  if (thumbnail && thumbnail !== url) {
    const full = new Image();
    full.addEventListener('load', () => { image.src = url; });
    full.src = url;
  }
  return image;
}

// rows: [name, value, what it is, the same of what is compared].
function list(title, rows) {
  if (rows.length === 0) return null;
  return make('section', {}, title && make('h3', {}, title), make(
      'dl', {}, rows.map(([name, value, what, other]) => make(
                    'div', {title: what || null}, make('dt', {}, name),
                    make('dd', {}, value),
                    other && make('dd', {class: 'other'}, other)))));
}
