// Elements and texts. Nothing on this page turns text into markup: whatever
// comes from the coordinator goes through textContent.

// An element. `attributes`: a function is a listener of that event, null and
// false leave the attribute out, true is an empty one. Children are elements or
// texts; null is left out.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
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

// Writes only what differs: what did not change is not laid out again.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// A labelled choice. `options`: [{value, text}]; `onChange` hears the value.
export function chooser(label, options, value, onChange) {
  const select = element('select', {change: () => onChange(select.value)},
      options.map((option) => element('option', {value: option.value}, option.text)));
  select.value = value;
  return element('label', {class: 'control'}, element('span', {}, label), select);
}

// A labelled slider over `texts`; `onInput` hears the place.
export function slider(label, texts, place, onInput) {
  const shown = element('output', {}, texts[place]);
  const range = element('input', {
    type: 'range', min: 0, max: texts.length - 1, step: 1, value: place, 'aria-valuetext': texts[place],
    input: () => {
      const now = Number(range.value);
      shown.textContent = texts[now];
      range.setAttribute('aria-valuetext', texts[now]);
      onInput(now);
    },
  });
  return element('label', {class: 'control'}, element('span', {}, label), range, shown);
}
