// A place where pictures are dropped, or chosen by mouse, keys and screen reader:
// one picture, or several.
import {setText} from '/page/dom.js';
import {PICTURE_TYPES, PictureError, readPicture} from '/page/new_picture.js';
import {make, refill} from '/page/viewer/dom.js';
import {clipped, visible} from '/page/viewer/text.js';

export class PictureZone {
  // `most`: how many it holds; `mostBytes()`: of a file; `changed()`: it has others.
  constructor({id, title, hint, most, mostBytes, changed}) {
    Object.assign(this, {id, most, mostBytes, changed});
    this.pictures = [];
    this.reading = 0;  // How many times files are being read.
    this.turn = 0;
    this.input = make('input', {
      type: 'file', id: `${id}-input`, class: 'off-screen', accept: PICTURE_TYPES, multiple: most > 1, 'aria-describedby': `${id}-hint ${id}-error`,
      onchange: () => { const files = [...this.input.files]; this.input.value = ''; this.take(files); },
    });
    this.list = make('ul', {class: 'picked', 'aria-label': title});
    this.says = make('span', {class: 'offer'}, most > 1 ? 'Drop pictures here, or choose them' : 'Drop a picture here, or choose one');
    this.error = make('p', {class: 'error', id: `${id}-error`, role: 'status'});
    this.element = make('fieldset', {
      class: 'drop-zone', ondragover: (event) => { event.preventDefault(); this.element.classList.add('over'); },
      ondragleave: (event) => { if (!this.element.contains(event.relatedTarget)) this.element.classList.remove('over'); },
      ondrop: (event) => this.dropped(event),
    }, make('legend', {}, title), this.list, make('label', {for: `${id}-input`, class: 'choose-files'}, this.input, this.says),
    make('p', {class: 'hint', id: `${id}-hint`}, hint), this.error);
  }

  dropped(event) {
    event.preventDefault();
    this.element.classList.remove('over');
    const files = [...event.dataTransfer.files];
    if (files.length === 0) return this.refuse('That is no file; save the picture first.');
    this.take(files);
  }

  refuse(text) {
    setText(this.error, text);
    this.input.setAttribute('aria-invalid', String(text !== ''));
  }

  // These are added; where only one has room, the last takes its place.
  async take(files) {
    this.refuse('');
    this.reading += 1;
    const turn = ++this.turn;
    this.draw();
    const failures = [];
    for (const file of this.most > 1 ? files : files.slice(-1)) {
      try {
        const picture = await readPicture(file, this.mostBytes());
        if (this.pictures.some(({digest}) => digest === picture.digest)) continue;
        if (this.most === 1 && turn !== this.turn) continue;  // Another was chosen since.
        if (this.most === 1) this.pictures = [picture];
        else if (this.pictures.length < this.most) this.pictures.push(picture);
        else throw new PictureError(`there are ${this.most} already`);
      } catch (error) {
        if (!(error instanceof PictureError)) throw error;
        failures.push(`“${clipped(file.name, 60)}”: ${error.message}.`);
      }
    }
    this.reading -= 1;
    this.draw();
    this.changed();
    if (failures.length > 0) this.refuse(failures.join('\n'));
  }

  set(pictures) {
    this.pictures = pictures;
    this.draw();
  }

  draw() {
    this.element.setAttribute('aria-busy', String(this.reading > 0));
    setText(this.says, this.reading > 0 ? 'Reading…' : this.most > 1 ? (this.pictures.length > 0 ? 'Add others' : 'Drop pictures here, or choose them') :
      this.pictures.length > 0 ? 'Choose another' : 'Drop a picture here, or choose one');
    refill(this.list, this.pictures.map((picture) => this.item(picture)));
    this.list.hidden = this.pictures.length === 0;
  }

  item(picture) {
    return make('li', {}, make('span', {class: 'thumbnail'}, picture.view),
        make('span', {class: 'name'}, visible(picture.name)), make('span', {class: 'count'}, `${picture.width} × ${picture.height}`),
        make('button', {type: 'button', class: 'small quiet', 'aria-label': `Remove ${visible(picture.name)}`, title: 'Remove', onclick: () => this.remove(picture)}, '✕'));
  }

  remove(picture) {
    this.set(this.pictures.filter((one) => one !== picture));
    this.refuse('');
    this.input.focus();
    this.changed();
  }
}
