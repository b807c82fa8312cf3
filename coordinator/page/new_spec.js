// The spec of a job from what a form has, and what a form has of a job's spec.
import {givenIn, parseValues, separatorOf, textOf} from '/page/parameter_values.js';
import {clipped, visible} from '/page/viewer/text.js';

const MOST_LABEL = 64;
const MOST_NAME = 128;
const WRITTEN = new Set(['choice', 'number', 'integer', 'numbers', 'layers']);
const MASKS = ['style_mask_digests', 'style_region_digests'];

// The table's rows that a form has fields for.
export function writtenRows(rows) {
  return [...rows.values()].filter(({kind}) => WRITTEN.has(kind));
}

const stemOf = (name) => visible(name).replace(/\.\w{1,5}$/, '') || 'picture';

// "harbour, waves + cubes"
export function nameOf(content, styles) {
  const names = [content && stemOf(content.name), styles.map(({name}) => stemOf(name)).join(' + ')];
  return clipped(names.filter(Boolean).join(', '), MOST_NAME);
}

// Of pictures, one for each and none twice.
function labelsOf(styles) {
  const labels = [];
  for (const {name, label} of styles) {
    const wanted = clipped(label ?? name, MOST_LABEL) || 'picture';
    let free = wanted;
    for (let number = 2; labels.includes(free); ++number) free = `${clipped(wanted, MOST_LABEL - 5)} ${number}`;
    labels.push(free);
  }
  return labels;
}

// All texts in it; among them the digests of its inputs.
export function digestsIn(value, found = new Set()) {
  if (typeof value === 'string') found.add(value);
  else if (value !== null && typeof value === 'object') Object.values(value).forEach((one) => digestsIn(one, found));
  return found;
}

// `form`: {name, content, styles, styleAxis: its place or null, given: fields of
// the base, axes, kept}; `content` may be undefined where an axis has it; `kept`:
// as of fillingOf(), or KEEPS_NOTHING. `network`: the coordinator's own, or
// undefined. Returns the spec, and `placeOf`: of the place of one of its axes, that
// in the form, -1 of the styles.
export function specOf({name, content, styles, styleAxis, given, axes, kept}, network) {
  const base = {...kept.base, ...given, ...(content && {content_digest: content.digest})};
  if (given.init !== 'INITIALISATION_IMAGE') delete base.init_digest;
  if (styleAxis === null && styles.length > 0) base.style_digests = styles.map(({digest}) => digest);
  base.weights_digest ||= network?.weights_digest;
  const all = axes.map((axis, place) => ({axis, place}));
  if (styleAxis !== null) {
    const labels = labelsOf(styles);
    const values = styles.map(({digest}, i) => ({label: labels[i], set: {style_digests: [digest]}}));
    all.splice(styleAxis, 0, {axis: {name: 'style', values}, place: -1});
  }
  const spec = {...kept.rest, name, base, axes: all.map(({axis}) => axis)};
  if (spec.base_input_names) spec.base_input_names = spec.base_input_names.filter(({field}) => base[field] !== undefined);
  const used = digestsIn([base, spec.axes, spec.measure]);
  const known = new Map();
  for (const picture of [...kept.images, ...[content, ...styles].filter(Boolean).map((one) => ({digest: one.digest, name: one.name, width_px: one.width, height_px: one.height}))]) {
    if (used.has(picture.digest)) known.set(picture.digest, picture);
  }
  spec.images = [...known.values()];
  spec.networks = kept.networks.filter(({weights_digest: digest}) => used.has(digest));
  if (network && used.has(network.weights_digest) && !spec.networks.some((one) => one.weights_digest === network.weights_digest)) spec.networks.push(network);
  return {spec, placeOf: (place) => all[place]?.place};
}

export const KEEPS_NOTHING = {base: {}, rest: {}, images: [], networks: []};

// An axis as it would be written, or null where no text says it.
function writtenAxis({name, values}, rows) {
  const [first] = givenIn(values[0]?.set)[0] ?? [];
  const row = rows.get(first);
  if (!row || !WRITTEN.has(row.kind) || name !== row.name || (first === 'init' && values.some(({set}) => set.init === 'INITIALISATION_IMAGE'))) return null;
  if (!values.every(({set}) => givenIn(set).length === 1 && set[first] !== undefined)) return null;
  const texts = values.map(({label, set}) => [label, textOf(set[first], row)]);
  const text = texts.map(([label, value]) => (label === value ? value : `${label}=${value}`)).join(`${separatorOf(row)} `);
  try {
    const read = parseValues(text, row).map(({label, value}) => [label, textOf(value, row)]);
    return JSON.stringify(read) === JSON.stringify(texts) ? {row, text} : null;
  } catch {
    return null;
  }
}

function isStyleAxis({name, values}) {
  return name === 'style' && values.length > 0 && values.every(({set}) => {
    const given = givenIn(set);
    return given.length === 1 && set.style_digests?.length === 1;
  });
}

// What a form has of another job's spec: {name, content, styles, styleAxis, texts:
// by field of a render, axes: [{row, text} or {axis}], kept, notes: what no field
// has}. Pictures are ImageDescriptions; of values of an axis with their `label`.
export function fillingOf(spec, rows, network) {
  const {name, base = {}, axes = [], images = [], networks = [], ...rest} = structuredClone(spec);
  const imageOf = (digest) => images.find((image) => image.digest === digest) ?? {digest, name: '', width_px: 0, height_px: 0};
  const texts = {};
  const left = {};
  for (const [field, value] of givenIn(base)) {
    const row = rows.get(field);
    if (row && WRITTEN.has(row.kind)) texts[field] = textOf(value, row);
    else if (field !== 'content_digest' && field !== 'style_digests') left[field] = value;
  }
  if (base.preset === undefined && rows.get('preset')) texts.preset = 'published';
  const styleAxis = axes.findIndex(isStyleAxis);
  const styles = styleAxis >= 0 ? axes[styleAxis].values.map(({label, set}) => ({...imageOf(set.style_digests[0]), label})) : (base.style_digests ?? []).map(imageOf);
  delete rest.no_cache;
  // Pictures of the form have their own names.
  rest.base_input_names = (rest.base_input_names ?? []).filter(({field}) => left[field] !== undefined);
  return {
    name, styles, styleAxis: styleAxis >= 0 ? styleAxis : null, texts, content: base.content_digest ? imageOf(base.content_digest) : null,
    axes: axes.filter((axis, place) => place !== styleAxis).map((axis) => writtenAxis(axis, rows) ?? {axis}),
    kept: {base: left, rest, images, networks}, notes: notesOf(rest, left, networks, network),
  };
}

// What a form has no field for, in words.
function notesOf(rest, base, networks, network) {
  const weights = base.weights_digest;
  const named = networks.find((one) => one.weights_digest === weights)?.name;
  return [
    MASKS.some((field) => base[field]) && 'masks of its styles', base.init_digest && 'the picture that it starts from',
    weights && weights !== network?.weights_digest && `its network ${clipped(named || weights, 40)}`,
    rest.exclude?.length > 0 && 'points that are left out', /RANDOM/.test(rest.mode) && `that it is a random sample of ${rest.sample_count}`, /ZIP/.test(rest.mode) && 'that its axes go together, value by value',
    rest.measure && 'how results are measured', rest.study && `its study ${clipped(rest.study, 40)}`, rest.priority && `its priority ${rest.priority}`,
    (rest.worker_tags?.length > 0 || Number(rest.worker_memory_bytes) > 0 || Number(rest.max_running) > 0 || rest.profile) && 'which workers render it, and how many',
  ].filter(Boolean);
}
