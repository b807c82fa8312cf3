// A link that saves pictures of a job as one zip.
import {jobPath} from '/page/api.js';
import {make} from '/page/viewer/dom.js';

// As many as one zip is made of, and as long as an address may be.
const MOST_TASKS = 10_000;
const MOST_TEXT = 8000;

export class ZipLink {
  constructor(jobId, title) {
    this.path = `${jobPath(jobId)}/pictures.zip`;
    this.element = make('a', {class: 'act small', download: '', hidden: true, title}, 'Zip');
  }

  // Whether there is any picture; until then it keeps its place.
  offer(isOffered) {
    for (const [name, value] of [['role', 'link'], ['aria-disabled', 'true']]) {
      if (isOffered) this.element.removeAttribute(name);
      else this.element.setAttribute(name, value);
    }
    if (!isOffered) this.element.removeAttribute('href');
  }

  // Of so many tasks; `text()`, "0-4,7", says which: without it all there are.
  draw(count, text = () => '') {
    const tasks = count > 0 && count <= MOST_TASKS ? text() : '';
    this.element.hidden = count === 0 || count > MOST_TASKS || tasks.length > MOST_TEXT;
    this.element.setAttribute('href', tasks ? `${this.path}?tasks=${tasks}` : this.path);
  }
}
