// Elements, made in one call. What comes from data becomes text nodes and
// attributes, never markup.

// make('a', {href: url, class: 'link', onclick: open}, 'text', element)
//
// Attributes that are null, undefined or false are left out; true is an empty
// one. A name that begins with "on" is an event and its handler.
export function make(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

const svgSpace = 'http://www.w3.org/2000/svg';

// The same for elements of SVG.
export function makeSvg(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(svgSpace, tag), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...present(children));
  return element;
}

function present(children) {
  return children.flat().filter(
      (child) => child !== null && child !== undefined && child !== false &&
          child !== '');
}

// Gives an element other children; those that are null or false are none.
export function refill(element, ...children) {
  element.replaceChildren(...present(children));
}

// A <select> with its label. `options` are {value, text}.
export function labelledSelect(text, options, value, onchange) {
  const select = make(
      'select', {onchange: () => onchange(select.value)},
      options.map((option) => make(
                      'option', {
                        value: option.value,
                        selected: String(option.value) === String(value),
                      },
                      option.text)));
  return make('label', {class: 'field'}, make('span', {}, text), select);
}

// A slider over `texts` in a label; `oninput` gets the place. What `beside(place)`
// returns, an element or null, stands after the text.
export function labelledSlider(name, texts, place, oninput, beside = () => null) {
  const value = make('output', {class: 'value'});
  const range = make('input', {
    type: 'range', min: 0, max: texts.length - 1, step: 1, value: place,
    oninput: () => {
      say(Number(range.value));
      oninput(Number(range.value));
    },
  });
  const say = (at) => {
    refill(value, texts[at], beside(at));
    range.setAttribute('aria-valuetext', texts[at]);
  };
  say(place);
  return make('label', {class: 'slider'}, make('span', {}, name), range, value);
}

// A button that puts what `text` returns on the clipboard. `attributes`: its
// own, as of make(); `says`: what stands on it.
export function copyButton(text, attributes, says = 'Copy') {
  const button = make('button', {
    type: 'button', ...attributes,
    onclick: async () => {
      const isCopied = await copyText(text(), button);
      button.textContent = isCopied ? 'Copied' : 'Not copied';
      setTimeout(() => { button.textContent = says; }, 1500);
    },
  }, says);
  return button;
}

// The clipboard is not there for every page that is opened from disk.
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make('textarea', {readonly: true, class: 'off-screen'});
    area.value = text;
    // Inside an open dialog nothing outside it can be selected.
    (button.closest('dialog') ?? document.body).append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    button.focus();
    return isCopied;
  }
}
