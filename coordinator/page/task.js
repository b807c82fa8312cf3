// One task, large: its picture, what made it, and what its attempts took.
import {artifactUrl, get, jobPath} from '/page/api.js';
import {element} from '/page/dom.js';
import {durationText, numberText, timeText, wordOf} from '/page/text.js';

const readable = (name) => name.replaceAll('_', ' ');

function pairs(title, entries) {
  if (entries.length === 0) return null;
  return element('section', {}, element('h3', {}, title), element('dl', {},
      entries.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)))));
}

function seconds(duration) { return Number(String(duration ?? '').replace(/s$/, '')); }

function attemptsTable(attempts) {
  if (attempts.length === 0) return null;
  return element('section', {}, element('h3', {}, 'Attempts'), element('div', {class: 'scroll'}, element('table', {},
      element('thead', {}, element('tr', {}, ['No.', 'Worker', 'Outcome', 'Device time', 'Ended'].map((name) => element('th', {scope: 'col'}, name)))),
      element('tbody', {}, attempts.map((attempt) => element('tr', {},
          element('td', {class: 'number'}, String(attempt.number)), element('td', {}, attempt.worker),
          element('td', {}, wordOf(attempt.outcome, 'OUTCOME_'), element('span', {class: 'why'}, attempt.message ?? '')),
          element('td', {class: 'number'}, durationText(seconds(attempt.device_time))),
          element('td', {}, timeText(attempt.ended_at))))))));
}

function facts(job, task) {
  const axes = job.spec.axes ?? [];
  const result = task.result;
  const measures = Object.entries(result?.measures?.values ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const losses = Object.entries(result?.losses ?? {}).filter(([, value]) => typeof value === 'number');
  const render = Object.entries(task.render ?? {}).filter(([, value]) => typeof value !== 'object');
  return [
    task.message ? element('p', {class: 'error'}, task.message) : null,
    pairs('Point', axes.map((axis, place) => [readable(axis.name), task.labels[place] ?? ''])),
    pairs('Measures', measures.map(([name, value]) => [readable(name), numberText(value)])),
    pairs('Losses', losses.map(([name, value]) => [readable(name), numberText(value)])),
    pairs('Parameters', render.map(([name, value]) => [readable(name), String(value)])),
    pairs('Digests', [['render key', task.render_key ?? ''], ['picture', result?.image_digest ?? '']].filter(([, value]) => value)),
  ];
}

// Returns what closes it. `go(index)` shows another in its place.
export function showTask(page, root, {id, job, index, count, tasks, go, closed}) {
  const body = element('div', {class: 'task-body'});
  const dialog = element('dialog', {
    class: 'task', 'aria-label': `Task ${index}`,
    close: () => { dialog.remove(); if (!replaced) closed(); },
    keydown: (event) => {
      const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (step === undefined || index + step < 0 || index + step >= count) return;
      event.preventDefault();
      event.stopPropagation();
      go(index + step);
    },
  });
  let replaced = false;
  const step = (by, text) => element('button', {
    type: 'button', class: 'quiet', disabled: index + by < 0 || index + by >= count, click: () => go(index + by), 'aria-label': text,
  }, by < 0 ? '←' : '→');
  dialog.append(element('div', {class: 'bar'}, element('h2', {}, `Task ${index}`), step(-1, 'The task before'), step(1, 'The next task'),
      element('button', {type: 'button', class: 'quiet', click: () => dialog.close(), 'aria-label': 'Close'}, '✕')), body);

  const draw = (task, attempts) => {
    const digest = task.result?.image_digest;
    const source = digest ? artifactUrl(digest, id, index) : '';
    const state = wordOf(task.state, 'TASK_STATE_');
    body.replaceChildren(
        source ? element('figure', {}, element('a', {href: source, download: `${job.spec.name}-${index}.png`, title: 'Save the picture'},
            element('img', {src: source, alt: `The picture of ${task.labels?.join(', ') || `task ${index}`}`, width: task.result.width_px, height: task.result.height_px}))) :
          element('p', {class: 'gap'}, state === 'leased' ? `running on ${task.worker}, iteration ${task.iteration}` : state),
        element('div', {class: 'facts-of-task'}, facts(job, task), attemptsTable(attempts)));
  };
  const known = tasks.at(index);
  if (known) draw(known, []);
  Promise.all([
    get(`${jobPath(id)}/tasks?${new URLSearchParams({first_index: index, page_size: 1})}`),
    get(`${jobPath(id)}/tasks/${index}/attempts`),
  ]).then(([list, {attempts}]) => { if (dialog.isConnected && list.tasks[0]) draw(list.tasks[0], attempts); },
      (error) => page.failed(error));
  root.append(dialog);
  dialog.showModal();
  return () => { replaced = true; dialog.close(); };
}
