// One task, large: its picture, what made it, and what its attempts took.
import {artifactUrl, get, jobPath} from '/page/api.js';
import {durationText, wordOf} from '/page/text.js';
import {make, refill} from '/page/viewer/dom.js';
import {formatNumber, timeText, valueText, visible} from '/page/viewer/text.js';

const readable = (name) => visible(name).replaceAll('_', ' ');

function pairs(title, entries) {
  if (entries.length === 0) return null;
  return make('section', {}, make('h3', {}, title), make('dl', {},
      entries.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)))));
}

function seconds(duration) { return Number(String(duration ?? '').replace(/s$/, '')); }

function attemptsTable(attempts) {
  if (attempts.length === 0) return null;
  return make('section', {}, make('h3', {}, 'Attempts'), make('div', {class: 'scroll'}, make('table', {},
      make('thead', {}, make('tr', {}, ['No.', 'Worker', 'Outcome', 'Device time', 'Ended'].map((name) => make('th', {scope: 'col'}, name)))),
      make('tbody', {}, attempts.map((attempt) => make('tr', {},
          make('td', {class: 'number'}, String(attempt.number)), make('td', {}, visible(attempt.worker)),
          make('td', {}, wordOf(attempt.outcome, 'OUTCOME_'), make('span', {class: 'why'}, visible(attempt.message))),
          make('td', {class: 'number'}, durationText(seconds(attempt.device_time))),
          make('td', {}, timeText(attempt.ended_at))))))));
}

function facts(job, task) {
  const axes = job.spec.axes ?? [];
  const result = task.result;
  const measures = Object.entries(result?.measures?.values ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const losses = Object.entries(result?.losses ?? {}).filter(([, value]) => typeof value === 'number');
  const render = Object.entries(task.render ?? {}).filter(([, value]) => typeof value !== 'object');
  return [
    task.message ? make('p', {class: 'error'}, visible(task.message)) : null,
    pairs('Point', axes.map((axis, place) => [readable(axis.name), valueText(task.labels[place])])),
    pairs('Measures', measures.map(([name, value]) => [readable(name), formatNumber(value)])),
    pairs('Losses', losses.map(([name, value]) => [readable(name), formatNumber(value)])),
    pairs('Parameters', render.map(([name, value]) => [readable(name), valueText(value)])),
    pairs('Digests', [['render key', task.render_key ?? ''], ['picture', result?.image_digest ?? '']].filter(([, value]) => value)),
  ];
}

// Returns what closes it. `go(index)` shows another in its place.
export function showTask(page, root, {id, job, index, count, tasks, go, closed}) {
  const body = make('div', {class: 'task-body'});
  const dialog = make('dialog', {
    class: 'task', 'aria-label': `Task ${index}`,
    onclose: () => { dialog.remove(); if (!replaced) closed(); },
    onkeydown: (event) => {
      const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (step === undefined || index + step < 0 || index + step >= count) return;
      event.preventDefault();
      event.stopPropagation();
      go(index + step);
    },
  });
  let replaced = false;
  const step = (by, text) => make('button', {
    type: 'button', class: 'quiet', disabled: index + by < 0 || index + by >= count, onclick: () => go(index + by), 'aria-label': text,
  }, by < 0 ? '←' : '→');
  dialog.append(make('div', {class: 'bar'}, make('h2', {}, `Task ${index}`), step(-1, 'The task before'), step(1, 'The next task'),
      make('button', {type: 'button', class: 'quiet', onclick: () => dialog.close(), 'aria-label': 'Close'}, '✕')), body);

  const draw = (task, attempts) => {
    const digest = task.result?.image_digest;
    const source = digest ? artifactUrl(digest, id, index) : '';
    const state = wordOf(task.state, 'TASK_STATE_');
    refill(body, 
        source ? make('figure', {}, make('a', {href: source, download: `${job.spec.name}-${index}.png`, title: 'Save the picture'},
            make('img', {src: source, alt: `The picture of ${visible(task.labels?.join(', ')) || `task ${index}`}`, width: task.result.width_px, height: task.result.height_px}))) :
          make('p', {class: 'gap'}, state === 'leased' ? `running on ${visible(task.worker)}, iteration ${task.iteration}` : state),
        make('div', {class: 'facts-of-task'}, facts(job, task), attemptsTable(attempts)));
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
