// How names and numbers read. Text from data may hold anything.

// Controls, and marks that change the direction of what stands around them:
// shown as \u202e, as the command line shows them.
const unseen =
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

// `text` with what could not be seen in it escaped.
export function visible(text) {
  return String(text ?? '').replace(unseen, (character) => {
    const code = character.charCodeAt(0);
    if (character === '\n') return ' ';
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` :
                        `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// The same, cut to `most` characters.
export function clipped(text, most) {
  const characters = [...visible(text)];
  return characters.length <= most ?
      characters.join('') :
      `${characters.slice(0, most - 1).join('')}…`;
}

// What a document holds as it should be: it may lack any field, or have
// something else there.
export function listOf(value) {
  return Array.isArray(value) ? value : [];
}

export function recordOf(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ?
      value : {};
}

export function textOf(value) {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

// Four significant digits: "0.4127", "1.152e-6", "3500".
export function formatNumber(value) {
  if (!isNumber(value)) return 'absent';
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-3 ? value.toExponential(3) :
                                            value.toPrecision(4);
  return text.replace(/(\.\d*?)0+(e|$)/, '$1$2')
      .replace(/\.(e|$)/, '$1')
      .replace('e+', 'e');
}

// A measure's value with its unit: "21.3 dB", "412 MiB".
export function formatMeasure(value, unit) {
  if (!isNumber(value)) return 'absent';
  if (unit === 'bytes') {
    const power = Math.min(4, Math.floor(Math.log2(Math.max(value, 1)) / 10));
    const names = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
    return `${formatNumber(value / 2 ** (10 * power))} ${names[power]}`;
  }
  return unit ? `${formatNumber(value)} ${unit}` : formatNumber(value);
}

// A label with its axis where it would say nothing alone: "seed 3", "noise".
export function labelText(axisName, label) {
  const isBare = label.trim() !== '' && Number.isFinite(Number(label));
  return isBare ? `${visible(axisName)} ${label}` : visible(label);
}

// A value of a parameter, as text.
export function valueText(value) {
  if (value === null || value === undefined || value === '') return '–';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'object') return visible(JSON.stringify(value));
  return visible(value);
}

// "2 Dec 2026, 06:15", in the reader's time zone; the text where it is none.
export function timeText(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return visible(text);
  return time.toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
}

// JSON whose short lists and maps stand on one line. It is YAML, too.
export function prettyJson(value, indent = '') {
  const oneLine = JSON.stringify(value);
  const isNested = value !== null && typeof value === 'object';
  if (!isNested || oneLine.length + indent.length <= 76) {
    return isNested ? spaced(value) : oneLine;
  }
  const inner = `${indent}  `;
  const parts = Array.isArray(value) ?
      value.map((item) => inner + prettyJson(item, inner)) :
      Object.entries(value).map(
          ([key, item]) =>
              `${inner}${JSON.stringify(key)}: ${prettyJson(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`;
}

function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const parts = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`);
  return `{${parts.join(', ')}}`;
}
