// The fields of a new job: pictures, parameters, axes and its name.
import {setText} from '/page/dom.js';
import {fillingOf, KEEPS_NOTHING, nameOf, specOf, writtenRows} from '/page/new_spec.js';
import {storedPicture} from '/page/new_picture.js';
import {AxisField, KeptAxis, ParameterField} from '/page/parameter_field.js';
import {byWireName} from '/page/parameter_table.js';
import {ValueError} from '/page/parameter_values.js';
import {PictureZone} from '/page/picture_zone.js';
import {whole} from '/page/text.js';
import {make, refill} from '/page/viewer/dom.js';

const FIRST = ['preset', 'size_px', 'iterations', 'style_weight', 'content_weight', 'init', 'seed'];
const FIRST_AXES = ['style_weight', 'seed', 'size_px', 'iterations'];
const MOST_AXES = 8;
const MOST_STYLES = 64;
const MOST_BLENDED = 8;

export class NewJobFields {
  // `table`: as the coordinator answers; `job`: one to begin as, or none; `texts`:
  // what was written there before, as texts() has it, or null. `told()`
  // is called once what is written is another.
  constructor({table, job, texts = null}) {
    this.table = table;
    this.rows = byWireName(table);
    this.network = table.networks?.[0];
    this.told = () => {};
    this.axisCount = 0;
    this.kept = KEEPS_NOTHING;
    this.notes = [];
    this.styleAxis = null;
    const filling = job ? fillingOf(job.spec, this.rows, this.network) : null;
    this.build(texts?.fields ?? filling?.texts ?? {preset: 'fast'}, filling?.kept.base.init_digest ? 'INITIALISATION_IMAGE' : '');
    if (filling) this.fill(filling, job);
    if (texts) this.write(texts);
    this.draw();
  }

  get written() { return writtenRows(this.rows); }

  build(texts, also) {
    const changed = () => this.changed();
    const mostBytes = () => whole(this.table.max_artifact_bytes);
    this.content = new PictureZone({id: 'new-content', title: 'Content', hint: 'The picture to repaint: PNG, JPEG or WebP', most: 1, mostBytes, changed});
    this.styles = new PictureZone({id: 'new-styles', title: 'Styles', hint: 'Pictures whose manner is borrowed', most: MOST_STYLES, mostBytes, changed});
    this.how = make('select', {id: 'new-how', onchange: changed}, make('option', {value: 'axis'}, 'each by itself: an axis of styles'), make('option', {value: 'blend'}, 'blended in one picture'));
    this.howRow = make('div', {class: 'field-row'}, make('label', {for: 'new-how'}, 'Several styles'), this.how);
    this.name = make('input', {type: 'text', id: 'new-name', maxlength: 128, autocomplete: 'off', 'aria-describedby': 'new-name-error', oninput: () => { this.isNamed = true; changed(); },
      onchange: () => { this.isNamed = this.name.value.trim() !== ''; changed(); }});
    this.nameError = make('p', {class: 'error', id: 'new-name-error'});
    this.fields = this.written.map((row) => new ParameterField(row, {text: texts[row.wire_name] ?? '', hasDefault: row.wire_name !== 'preset', also, changed}));
    const isFirst = ({row}) => FIRST.includes(row.wire_name);
    const first = this.fields.filter(isFirst).sort((a, b) => FIRST.indexOf(a.row.wire_name) - FIRST.indexOf(b.row.wire_name));
    const others = this.fields.filter((field) => !isFirst(field));
    this.more = make('details', {class: 'more', open: others.some((field) => field.isGiven)}, make('summary', {}, 'More parameters'),
        make('div', {class: 'field-grid'}, others.map(({element}) => element)),
        make('p', {class: 'hint'}, 'Masks, a picture to start from and other networks are given on the command line: atelier submit.'));
    this.axes = [];
    this.axisList = make('div', {class: 'field-rows'});
    this.addAxis = make('button', {type: 'button', class: 'small', onclick: () => this.add()}, 'Add an axis');
    this.keptLine = make('p', {class: 'hint'});
    this.keptRow = make('div', {class: 'bar', role: 'note'}, this.keptLine, make('button', {type: 'button', class: 'small', onclick: () => this.leaveOut()}, 'Leave this out'));
    this.element = make('div', {class: 'form-body'},
        make('div', {class: 'zones'}, this.content.element, this.styles.element), this.howRow, this.keptRow,
        make('section', {'aria-labelledby': 'new-parameters'}, make('h2', {id: 'new-parameters'}, 'Parameters'), make('div', {class: 'field-grid'}, first.map(({element}) => element)), this.more),
        make('section', {'aria-labelledby': 'new-axes'}, make('h2', {id: 'new-axes'}, 'Axes'), make('p', {class: 'hint'}, 'A picture for every combination of their values.'), this.axisList, make('div', {}, this.addAxis)),
        make('div', {class: 'field-row'}, make('label', {for: 'new-name'}, 'Name'), this.name, this.nameError));
  }

  // As another job is.
  fill({name, content, styles, styleAxis, axes, kept, notes}, job) {
    const stored = (image) => storedPicture(image, job.job_id);
    if (content) this.content.set([stored(content)]);
    this.styles.set(styles.map((image) => ({...stored(image), label: image.label})));
    this.styleAxis = styleAxis;
    this.how.value = styleAxis === null ? 'blend' : 'axis';
    this.kept = kept;
    this.notes = notes;
    this.name.value = name;
    this.isNamed = true;
    for (const {axis, row, text} of axes) {
      if (axis) this.put(new KeptAxis(axis, {removed: () => this.drop(axis)}), axis);
      else this.put(this.axisField(row, text));
    }
  }

  // What is written, without pictures and what the other job has besides.
  texts() {
    return {
      fields: Object.fromEntries(this.fields.filter(({isGiven}) => isGiven).map(({row, input}) => [row.wire_name, input.value])),
      axes: this.axes.filter(({axis}) => axis.row).map(({axis}) => [axis.row.wire_name, axis.input.value]),
      name: this.isNamed ? this.name.value : '',
    };
  }

  write({axes, name}) {
    this.axes = this.axes.filter(({axis}) => !axis.row);
    for (const [wireName, text] of axes) this.put(this.axisField(this.rows.get(wireName) ?? this.written[0], text));
    this.name.value = name;
    this.isNamed = name !== '';
  }

  leaveOut() {
    this.kept = {...KEEPS_NOTHING, images: this.kept.images, networks: this.kept.networks};
    this.notes = [];
    this.changed();
    this.name.focus();
  }

  focus() { this.content.input.focus(); }

  axisField(row, text = '') {
    const field = new AxisField(`new-axis-${++this.axisCount}`, {rows: this.written, row, text, changed: () => this.changed(), removed: () => this.drop(field)});
    return field;
  }

  put(axis, key = axis) {
    this.axes.push({axis, key});
    refill(this.axisList, this.axes.map((one) => one.axis.element));
  }

  add() {
    const taken = this.taken();
    const row = [...FIRST_AXES.map((name) => this.rows.get(name)), ...this.written].find((one) => one && !taken.has(one.wire_name));
    const field = this.axisField(row);
    this.put(field);
    this.changed();
    field.select.focus();
  }

  drop(key) {
    const place = this.axes.findIndex((one) => one.key === key);
    this.axes.splice(place, 1);
    refill(this.axisList, this.axes.map((one) => one.axis.element));
    this.changed();
    (this.axes[place]?.axis.input ?? this.addAxis).focus();
  }

  // Parameters that have an axis.
  taken() { return new Set(this.axes.map(({axis}) => axis.row?.wire_name)); }

  changed() {
    this.draw();
    this.told();
  }

  get isStyleAxis() {
    const count = this.styles.pictures.length;
    return (count > 1 || (count === 1 && this.styleAxis !== null)) && this.how.value === 'axis';
  }

  draw() {
    const taken = this.taken();
    for (const {axis} of this.axes) axis.forbid(taken);
    this.addAxis.disabled = this.axes.length + (this.isStyleAxis ? 1 : 0) >= MOST_AXES;
    this.howRow.hidden = this.styles.pictures.length < 2;
    this.keptRow.hidden = this.notes.length === 0;
    setText(this.keptLine, `From that job comes besides: ${this.notes.join('; ')}.`);
    if (!this.isNamed) this.name.value = nameOf(this.content.pictures[0], this.styles.pictures);
  }

  // {spec}, or null and why there is none: empty where that is said at a field.
  read() {
    for (const zone of [this.content, this.styles]) if (zone.reading === 0) zone.refuse('');
    setText(this.nameError, '');
    this.name.removeAttribute('aria-invalid');
    const given = {};
    const axes = [];
    let isWrong = false;
    const take = (read) => {
      try { return read(); } catch (error) { if (!(error instanceof ValueError)) throw error; isWrong = true; return undefined; }
    };
    for (const field of this.fields) {
      const value = take(() => field.value());
      if (value !== undefined) given[field.row.wire_name] = value;
    }
    for (const {axis} of this.axes) axes.push(take(() => axis.axis()));
    const [content] = this.content.pictures;
    const styles = this.styles.pictures;
    const none = (why) => ({spec: null, why});
    if (this.network === undefined && !this.kept.base.weights_digest) return none('This coordinator does not say which network it has; submit on the command line: atelier submit.');
    if (this.content.reading + this.styles.reading > 0) return none('Reading pictures…');
    if (isWrong) return none('What is written in a field is not allowed there; the field says why.');
    const isOnAxis = (field) => axes.some((axis) => axis?.values.some(({set}) => set[field]?.length > 0));
    if (!content && !isOnAxis('content_digest')) return none('Choose a content.');
    if (styles.length === 0 && given.style_weight !== 0 && !isOnAxis('style_digests')) return none('Choose a style.');
    if (!this.isStyleAxis && styles.length > MOST_BLENDED) { this.styles.refuse(`At most ${MOST_BLENDED} are blended.`); return none(''); }
    if (axes.includes(null)) return none('Write the values of each axis.');
    const styleAxis = this.isStyleAxis ? Math.min(this.styleAxis ?? 0, axes.length) : null;
    const {spec, placeOf} = specOf({name: this.name.value.trim(), content, styles, styleAxis, given, axes, kept: this.kept}, this.network);
    this.spec = spec;
    this.placeOf = placeOf;
    return {spec};
  }

  // Of digests that are not stored: pictures that can be sent, and the others.
  sources(missing) {
    const known = new Map([...this.content.pictures, ...this.styles.pictures].filter(({file}) => file).map((picture) => [picture.digest, picture]));
    return {files: missing.filter((digest) => known.has(digest)).map((digest) => known.get(digest)), gone: missing.filter((digest) => !known.has(digest))};
  }

  // Says at its place what is wrong with a picture; returns whether it has one.
  refusePicture(digest, text) {
    const zone = [this.content, this.styles].find(({pictures}) => pictures.some((one) => one.digest === digest));
    const picture = zone?.pictures.find((one) => one.digest === digest);
    zone?.refuse(`“${picture.name}” ${text}`);
    return zone !== undefined;
  }

  // The same of what is refused at `path` of the spec.
  refuse(path, text) {
    const image = /^images\[(\d+)\]/.exec(path)?.[1];
    if (image !== undefined) return this.refusePicture(this.spec.images[image]?.digest, `is refused: ${text}`);
    const place = /^axes\[(\d+)\]/.exec(path)?.[1];
    const target = place !== undefined ? this.axisAt(this.placeOf(Number(place))) : this.fieldAt(path);
    target?.refuse(text);
    return target !== undefined;
  }

  axisAt(place) { return place === -1 ? this.styles : this.axes[place]?.axis; }

  fieldAt(path) {
    if (path === 'name') return {refuse: (text) => { setText(this.nameError, text); this.name.setAttribute('aria-invalid', 'true'); }};
    const name = /^base\.(\w+)/.exec(path)?.[1];
    if (name === 'content_digest') return this.content;
    if (name === 'style_digests') return this.styles;
    const field = this.fields.find(({row}) => row.wire_name === name);
    if (field && this.more.contains(field.element)) this.more.open = true;
    return field;
  }
}
