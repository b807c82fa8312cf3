// What a job would be, asked for while it is written: tasks, how many of them
// have a result, and how long the others take.
import {post} from '/page/api.js';
import {counted, durationText, secondsOf, whole} from '/page/text.js';
import {make, refill} from '/page/viewer/dom.js';

const TYPING_MS = 400;
const RETRY_MS = 2000;
const PAGE_SIZE = 1000;
const MOST_PAGES = 5;

// Of pages of tasks: {looked, ready, seconds, unknown}.
export function sumOf(tasks) {
  const rest = tasks.filter((task) => !task.has_result);
  const known = rest.filter((task) => task.device_time !== undefined);
  return {
    looked: tasks.length, ready: tasks.length - rest.length, unknown: rest.length - known.length,
    seconds: known.reduce((sum, task) => sum + secondsOf(task.device_time), 0),
  };
}

export function previewText(count, {looked, ready, seconds, unknown}) {
  const left = looked - ready;
  const words = [`${counted(count, 'task')}: ${looked < count ? `of the first ${looked.toLocaleString()}, ` : ''}${ready.toLocaleString()} ${ready === 1 ? 'has' : 'have'} a result, ${left.toLocaleString()} to render`];
  if (left > unknown) words.push(`about ${durationText(seconds * left / (left - unknown))} of device time`);
  else if (left > 0) words.push('how long is not known, as nothing like it was rendered');
  return words.join(', ');
}

export class JobPreview {
  // `hear.said({missing})` once it is known, `hear.refused(error)` where it is none.
  constructor(hear) {
    this.hear = hear;
    this.element = make('p', {class: 'preview', role: 'status'});
  }

  stop() {
    clearTimeout(this.timer);
    this.abort?.abort();
  }

  say(text) { refill(this.element, text); }

  // Of this spec, once nobody writes any more; null for none.
  ask(spec, nothing = '') {
    this.stop();
    if (spec === null) return this.say(nothing);
    this.element.classList.add('old');
    this.timer = setTimeout(() => this.read(spec), TYPING_MS);
  }

  async read(spec) {
    const abort = this.abort = new AbortController();
    const tasks = [];
    let answer;
    try {
      for (let pages = 0; pages < MOST_PAGES; ++pages) {
        answer = await post('/api/v1/jobs/preview', {spec, first_index: String(tasks.length), page_size: PAGE_SIZE}, {}, abort.signal);
        if (abort.signal.aborted) return;
        tasks.push(...answer.tasks);
        if (answer.tasks.length === 0 || tasks.length >= whole(answer.task_count)) break;
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      this.element.classList.remove('old');
      this.say('');
      // Nobody answered: it is asked for until somebody does.
      if (error.code === 0) this.timer = setTimeout(() => this.read(spec), RETRY_MS);
      return this.hear.refused(error);
    }
    this.element.classList.remove('old');
    this.say(previewText(whole(answer.task_count), sumOf(tasks)));
    this.hear.said({missing: answer.missing_digests ?? []});
  }
}
