// Changes of what is there: only what differs is written, so that what did not
// change is neither drawn nor read out again.
import {visible} from '/page/viewer/text.js';

// The text is anybody's: what could not be seen in it is escaped.
export function setText(node, text) {
  const shown = visible(text);
  if (node.textContent !== shown) node.textContent = shown;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}
