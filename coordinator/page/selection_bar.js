// What may be done with the tasks that are selected.
import {setText} from '/page/dom.js';
import {showCommand} from '/page/commands.js';
import {counted} from '/page/text.js';
import {make} from '/page/viewer/dom.js';

const MOST_COMMANDS = 100;

// Puts a text on the clipboard, also where a page may not. Returns whether it did.
export async function copyText(text, near = document.body) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make('textarea', {readonly: true, class: 'off-screen'});
    area.value = text;
    (near.closest('dialog') ?? document.body).append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    near.focus?.();
    return isCopied;
  }
}

export function copyButton(text, title, what) {
  const button = make('button', {type: 'button', class: 'small', title, onclick: async () => {
    setText(button, await copyText(what(), button) ? 'Copied' : 'Not copied');
    setTimeout(() => setText(button, text), 1500);
  }}, text);
  return button;
}

// `acts`: {compare(indices), curves(), clear()}. Others add their buttons to
// `more`: what they do is done to `selection.indices()`.
export class SelectionBar {
  constructor(jobId, selection, acts) {
    this.selection = selection;
    this.says = make('strong', {role: 'status'});
    this.which = make('span', {class: 'which'});
    this.compare = make('button', {type: 'button', class: 'small', title: 'Side by side (two to four)', onclick: () => acts.compare(selection.indices())}, 'Compare');
    this.more = make('span', {class: 'more-acts'});
    this.element = make('div', {class: 'selection-bar', role: 'toolbar', 'aria-label': 'What is selected', hidden: true},
        this.says, this.which, this.compare,
        make('button', {type: 'button', class: 'small', title: 'Their loss curves in one drawing', onclick: acts.curves}, 'Curves'),
        copyButton('Copy numbers', 'Which tasks these are, for the command line', () => selection.text()),
        copyButton('Copy commands', 'A command that shows each, with all that makes it',
            () => selection.indices().slice(0, MOST_COMMANDS).map((index) => showCommand(jobId, index)).join('\n')),
        this.more,
        make('button', {type: 'button', class: 'small quiet', 'aria-label': 'Select nothing', title: 'Select nothing (Esc)', onclick: acts.clear}, '✕'));
  }

  draw() {
    const {size} = this.selection;
    this.element.hidden = size === 0;
    if (size === 0) return;
    setText(this.says, `${counted(size, 'task')} selected`);
    const text = size <= 5000 ? this.selection.text() : '';
    setText(this.which, text.length > 40 ? `${text.slice(0, 39)}…` : text);
    this.compare.disabled = size < 2 || size > 4;
  }
}
