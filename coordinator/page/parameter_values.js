// Values of a parameter as people write them, and as a render's field has them.
// A row of the table (parameter_table.js) says of which kind they are.

const MOST_VALUES = 1000;
const MOST_LAYERS = 64;
const MOST_LABEL = 64;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

// Why a text is no value.
export class ValueError extends Error {}

// What is empty of a patch says nothing: lists that nobody gave.
export function givenIn(set) {
  return Object.entries(set ?? {}).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
}

// Of lists a comma is part of a value, and a semicolon parts them.
export function separatorOf({kind}) {
  return kind === 'layers' || kind === 'numbers' ? ';' : ',';
}

function wholeOf(text, row) {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  // A seed may be longer than a number of scripts is exact.
  if (/^\d{1,20}$/.test(text) && BigInt(text) < (1n << 64n)) return BigInt(text).toString();
  throw new ValueError(`“${text}” is no whole number${allowed(row)}`);
}

const allowed = (row) => (row.allowed ? `; ${row.allowed}` : '');

function numberOf(text, row) {
  if (row.zero && text === row.zero) return 0;
  if (!NUMBER.test(text)) throw new ValueError(`“${text}” is no number${allowed(row)}`);
  const value = row.kind === 'integer' ? wholeOf(text, row) : Number(text);
  const isWithin = isAllowed(Number(value), row);
  if (!Number.isFinite(Number(value)) || !isWithin) throw new ValueError(`${text} is not allowed${allowed(row)}`);
  return value;
}

export function isAllowed(value, row) {
  if (row.zero && value === 0) return true;
  if (row.least !== undefined && value < row.least) return false;
  if (row.most !== undefined && value > row.most) return false;
  return row.kind !== 'integer' || !(row.step > 1) || (value - row.least) % row.step === 0;
}

function layersOf(text) {
  if (text === 'none') return {layers: []};
  const layers = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, tap, weight] = /^([\w-]+)(?::(.+))?$/.exec(part) ?? [];
    if (tap === undefined || (weight !== undefined && !(NUMBER.test(weight) && Number(weight) >= 0))) {
      throw new ValueError(`“${part}” is no layer; such as conv1_1,conv2_1:0.5 or conv_1-4 or none`);
    }
    const [, stem, first, last] = /^(.*?)(\d+)-(\d+)$/.exec(tap) ?? [];
    const taps = stem === undefined ? [tap] :
      Array.from({length: Math.min(MOST_LAYERS + 1, Math.max(0, Number(last) - Number(first) + 1))}, (_, i) => `${stem}${Number(first) + i}`);
    layers.push(...taps.map((one) => ({tap: one, ...(weight !== undefined && {weight: Number(weight)})})));
    if (layers.length > MOST_LAYERS) throw new ValueError(`at most ${MOST_LAYERS} layers`);
  }
  return {layers};
}

function valueOf(text, row) {
  if (row.kind === 'choice') {
    const choice = row.choices.find(({name}) => name === text);
    if (!choice) throw new ValueError(`“${text}” is none of ${row.choices.map(({name}) => name).join(', ')}`);
    return choice.wire_name;
  }
  if (row.kind === 'layers') return layersOf(text);
  if (row.kind === 'numbers') return text.split(',').map((one) => numberOf(one.trim(), {...row, kind: 'number'}));
  return numberOf(text, row);
}

// "0-3" of whole numbers is all of them.
function spread(text, row) {
  const [, first, last] = row.kind === 'integer' ? /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [] : [];
  if (first === undefined) return [text];
  const count = Number(last) - Number(first) + 1;
  if (count < 1 || count > MOST_VALUES) throw new ValueError(`“${text}” are ${Math.max(0, count)} values; 1 to ${MOST_VALUES}`);
  return Array.from({length: count}, (_, i) => String(Number(first) + i));
}

// What is written, as values of an axis: [{label, value}]. "label=value" calls
// one as it says. Throws ValueError.
export function parseValues(text, row) {
  const values = [];
  for (const part of text.split(separatorOf(row)).map((one) => one.trim()).filter(Boolean)) {
    const [, name, rest] = /^([^=]*)=(.*)$/.exec(part) ?? [];
    for (const one of spread(name === undefined ? part : rest.trim(), row)) {
      const label = [...(name?.trim() || one)].slice(0, MOST_LABEL).join('');
      values.push({label, value: valueOf(one, row)});
    }
    if (values.length > MOST_VALUES) throw new ValueError(`at most ${MOST_VALUES} values`);
  }
  const twice = values.find(({label}, i) => values.findIndex((one) => one.label === label) !== i);
  if (twice) throw new ValueError(`“${twice.label}” is there twice`);
  return values;
}

// As it would be written.
export function textOf(value, row) {
  if (row.kind === 'choice') return row.choices.find((choice) => choice.wire_name === value)?.name ?? String(value);
  if (row.kind === 'layers') {
    const {layers = []} = value;
    return layers.length === 0 ? 'none' : layers.map(({tap, weight}) => (weight === undefined || weight === 1 ? tap : `${tap}:${weight}`)).join(',');
  }
  if (Array.isArray(value)) return value.join(',');
  return row.zero && Number(value) === 0 ? row.zero : String(value);
}
