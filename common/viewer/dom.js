// Elements and texts. Nothing here, or in any file of the viewer, turns text
// into markup: what comes from a results document goes through textContent.
//
// The files of this folder are concatenated in the order of CMakeLists.txt into
// one function: they share its scope, and nothing else sees it
// (docs/adr/0051-the-viewer-is-one-script.md).

const SVG = 'http://www.w3.org/2000/svg';

// An element. `attributes`: a function is a listener of that event, null and
// false leave the attribute out, true is an empty one. Children are elements or
// texts; null is left out.
function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') made.addEventListener(name, value);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) made.append(child);
  }
  return made;
}

// A labelled <select>. `options`: [{value, text}]; `onChange` gets the value.
function chooser(label, options, value, onChange) {
  const select = element('select', {change: () => onChange(select.value)},
      options.map((option) => element('option', {value: option.value}, option.text)));
  select.value = value;
  return element('label', {class: 'control'}, element('span', {}, label), select);
}

// A labelled slider over `texts`; `onInput` gets the place.
function slider(label, texts, place, onInput) {
  const shown = element('output', {}, texts[place] ?? '');
  const range = element('input', {
    type: 'range', min: 0, max: texts.length - 1, step: 1, value: place,
    'aria-valuetext': texts[place] ?? '',
    input: () => {
      const now = Number(range.value);
      shown.textContent = texts[now];
      range.setAttribute('aria-valuetext', texts[now]);
      onInput(now);
    },
  });
  return element('label', {class: 'control'}, element('span', {}, label), range, shown);
}

// A text to copy, with the button that does.
function copyable(text, label) {
  const code = element('pre', {class: 'code', tabindex: 0}, text);
  const button = element('button', {
    type: 'button', class: 'copy', 'aria-label': `Copy ${label}`,
    click: async () => {
      button.textContent = await copied(text, code) ? 'Copied' : 'Select and copy';
      setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    },
  }, 'Copy');
  return element('div', {class: 'copyable'}, code, button);
}

async function copied(text, code) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {  // Not every browser lets a page from disk have the clipboard.
    getSelection().selectAllChildren(code);
    return document.execCommand('copy');
  }
}

// Four digits, as people read them: 0.03872, 1234, 2.7e-6.
function numberText(value) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '';
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    return value.toExponential(3).replace(/\.?0+e/, 'e').replace('e+', 'e');
  }
  return String(Number(value.toPrecision(4)));
}

function bytesText(bytes) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let place = 0;
  for (; bytes >= 1024 && place < units.length - 1; ++place) bytes /= 1024;
  return `${numberText(bytes)} ${units[place]}`;
}

// "12 tasks", "1 task".
function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
