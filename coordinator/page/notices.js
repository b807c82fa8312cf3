// Lines that the page says over what it shows: that nobody answers, and why
// something was not done. Over a dialog they are in it, where they are seen.

export class Notices {
  // `elements`: in the page, before `content`.
  constructor(elements, content) {
    Object.assign(this, {elements, content});
    // It does not bubble. Whoever closes a dialog may take it away.
    document.addEventListener('close', () => this.place(), true);
  }

  place() {
    const over = [...document.querySelectorAll('dialog[open]')].at(-1);
    for (const element of this.elements) {
      if (over && element.parentElement !== over) over.append(element);
      else if (!over && element.parentElement !== this.content.parentElement) this.content.before(element);
    }
  }

  // Without a text: no longer.
  say(element, text) {
    this.place();
    if (element.textContent !== text) element.textContent = text;
    element.hidden = !text;
  }
}
