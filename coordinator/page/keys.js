// The keys of the page.
import {make} from '/page/viewer/dom.js';

const KEYS = [
  ['List of jobs', [
    ['/', 'search'], ['Arrows', 'walk'], ['Enter', 'open'], ['X', 'choose, or not'], ['N', 'new job'],
  ]],
  ['In the grid', [
    ['Arrows, Page up, Page down', 'walk'], ['Home, End (with Ctrl)', 'to the end of a row (of all)'],
    ['Enter', 'open the picture'], ['Space', 'select, or not'], ['Shift and arrows, Shift and click', 'select up to there'],
    ['Ctrl and click', 'select one more'], ['Drag', 'select in a box'], ['Ctrl A', 'select all that is seen'], ['Esc', 'select nothing'],
  ]],
  ['View', [
    ['/', 'filter'], ['+ and −', 'larger and smaller cells'], [', and .', 'a preview back and on'],
    ['C', 'loss curves'], ['P', 'parallel coordinates'], ['V', 'compare what is selected'], ['E', 'more values around a task: extend the sweep'], ['J', 'judge: which of four is the worst?'], ['?', 'these keys'],
  ]],
  ['Parallel coordinates', [
    ['Tab', 'to an end of what is brushed on a line'], ['Arrows, Page up, Page down, Home, End', 'move that end'],
    ['Shift and these', 'move both ends'], ['Delete', 'take the brush back'],
  ]],
  ['Large pictures', [
    ['Arrows, Home, End', 'walk the grid as it is seen'], ['+, −, F, P', 'closer, further, all of it, pixel by pixel'], ['1 to 5, 0', 'give stars, take them back; while judging: the worst is the first, second, …'],
    ['Shift and arrows', 'move what is seen'], ['Wheel, pinch, drag', 'the same, for all pictures at once'],
    ['B', 'keep this one beside the next'], ['X', 'compare with nothing'], ['S, W, D', 'side by side, before and after, difference'], ['E', 'extend the sweep around it'], ['R', 'render it once more'],
    [', and .', 'a preview back and on'], ['Esc', 'back to the grid'],
  ]],
];

export function showKeys(root) {
  const dialog = make('dialog', {class: 'keys', 'aria-label': 'Keys', onclose: () => dialog.remove(), onclick: (event) => { if (event.target === dialog) dialog.close(); }},
      make('div', {class: 'bar'}, make('h2', {}, 'Keys'), make('button', {type: 'button', class: 'quiet', 'aria-label': 'Close', onclick: () => dialog.close()}, '✕')),
      make('div', {class: 'key-lists'}, KEYS.map(([title, keys]) => make('section', {}, make('h3', {}, title),
          make('dl', {}, keys.map(([key, what]) => make('div', {}, make('dt', {}, make('kbd', {}, key)), make('dd', {}, what))))))));
  root.append(dialog);
  dialog.showModal();
}

// Whether a key is somebody's typing, and no command.
export function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey || Boolean(event.target.closest?.('input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable]'));
}
