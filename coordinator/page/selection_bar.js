// What may be done with the tasks that are selected.
import {setText} from '/page/dom.js';
import {showCommand} from '/page/commands.js';
import {counted} from '/page/text.js';
import {copyButton, make} from '/page/viewer/dom.js';

const MOST_COMMANDS = 100;

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
        copyButton(() => selection.text(), {class: 'small', title: 'Which tasks these are, for the command line'}, 'Copy numbers'),
        copyButton(() => selection.indices().slice(0, MOST_COMMANDS).map((index) => showCommand(jobId, index)).join('\n'),
            {class: 'small', title: 'A command that shows each, with all that makes it'}, 'Copy commands'),
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
