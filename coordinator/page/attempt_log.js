// What a worker wrote of an attempt: read once somebody opens it.
import {artifactUrl, getText} from '/page/api.js';
import {make, refill} from '/page/viewer/dom.js';
import {visible} from '/page/viewer/text.js';

const MOST_BYTES = 64 << 10;  // As large as the coordinator keeps one.

// A log as it is shown: lines stay lines, what else could not be seen is escaped.
export function logText(text) {
  return text.replace(/\r\n/g, '\n').replaceAll('\t', '    ').split('\n').map(visible).join('\n').replace(/\n+$/, '');
}

// The logs of a job's tasks. An element that is there stays, open or not.
export class AttemptLogs {
  constructor(jobId) {
    this.jobId = jobId;
    this.elements = new Map();
  }

  clear() { this.elements.clear(); }

  // Of an attempt of a task by its number, null where it left none. One that runs
  // has another digest by and by, and is read again when it is opened.
  element(taskIndex, number, digest) {
    if (!digest) return null;
    const key = `${taskIndex} ${number}`;
    let log = this.elements.get(key);
    if (log === undefined) this.elements.set(key, log = new AttemptLog(this.jobId, taskIndex, number));
    log.digest = digest;
    return log.element;
  }
}

class AttemptLog {
  constructor(jobId, taskIndex, number) {
    Object.assign(this, {jobId, taskIndex, number});
    this.body = make('div', {class: 'log-body'});
    this.element = make('details', {class: 'log', ontoggle: () => { if (this.element.open) this.open(); }},
        make('summary', {}, `Log of attempt ${number}`), this.body);
  }

  async open() {
    const {digest} = this;
    if (digest === this.read) return;
    refill(this.body, make('p', {class: 'hint', role: 'status'}, 'Reading…'));
    try {
      const {text, isCut} = await getText(`${artifactUrl(digest, this.jobId, this.taskIndex)}&kind=ARTIFACT_KIND_LOG`, MOST_BYTES);
      this.read = digest;
      refill(this.body, text === '' ? make('p', {class: 'hint'}, 'It is empty.') :
        make('pre', {tabindex: '0', role: 'region', 'aria-label': `Log of attempt ${this.number}`}, logText(text)),
      isCut && make('p', {class: 'hint'}, 'Cut here.'));
    } catch (error) {
      refill(this.body, make('p', {class: 'error', role: 'status'}, error.code === 404 ?
        'The log is gone: the coordinator keeps the newest (--log-bytes).' : visible(error.message)));
    }
  }
}
