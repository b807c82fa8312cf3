// The workers that live.
import {get, post, repeat} from '/page/api.js';
import {ageText, whole} from '/page/text.js';
import {make, refill} from '/page/viewer/dom.js';
import {formatMeasure, visible} from '/page/viewer/text.js';

const REFRESH_SECONDS = 3;

function stateOf(worker) {
  if (worker.quarantined) return 'quarantined';
  if (worker.stopping) return 'stopping';
  if (worker.draining) return 'draining';
  return worker.running.length > 0 ? 'busy' : 'idle';
}

export function showWorkers(page, root) {
  page.title('Workers');
  const body = make('tbody', {});
  const empty = make('p', {class: 'hint', hidden: true}, 'No worker is there. “atelier-worker --coordinator …” is one.');
  root.append(
      make('div', {class: 'bar'}, make('h1', {}, 'Workers')),
      make('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of workers'}, make('table', {class: 'workers'},
          make('thead', {}, make('tr', {}, ['Name', 'State', 'Device', 'Memory', 'Slots', 'Runs', 'Seen', ''].map((name) => make('th', {scope: 'col'}, name)))),
          body)), empty);

  const change = async (name, verb) => {
    page.refused();
    try {
      await post(`/api/v1/workers/${encodeURIComponent(name)}/${verb}`);
      await read();
    } catch (error) {
      page.refused(error);
    }
  };
  const row = (worker) => {
    const {name, device, device_model: model, memory_bytes: memory, slots, tags} = worker.description;
    const state = stateOf(worker);
    const held = worker.quarantined || worker.draining;
    const verb = held ? 'release' : 'drain';
    return make('tr', {},
        make('th', {scope: 'row'}, visible(name), make('span', {class: 'why'}, visible(tags.join(', ')))),
        make('td', {}, make('span', {class: 'state', 'data-state': state}, state)),
        make('td', {}, visible(device), make('span', {class: 'why'}, visible(model))),
        make('td', {class: 'number', 'data-name': 'memory'}, formatMeasure(whole(memory), 'bytes')),
        make('td', {class: 'number', 'data-name': 'slots'}, `${worker.running.length} of ${slots}`),
        make('td', {}, worker.running.map((attempt) => make('a', {
          href: `#/jobs/${encodeURIComponent(attempt.job_id)}?task=${attempt.task_index}`, class: 'runs',
        }, `${attempt.job_id.slice(0, 8)} #${attempt.task_index}, iteration ${attempt.iteration}`))),
        make('td', {class: 'number', 'data-name': 'seen'}, ageText(worker.last_seen_at)),
        make('td', {class: 'act-cell'}, page.may(`${verb}-worker`) ? make('button', {
          type: 'button', class: 'small', 'aria-label': `${verb} ${name}`, onclick: () => change(name, verb),
        }, held ? 'Release' : 'Drain') : ''));
  };
  const read = async () => {
    const {workers} = await get('/api/v1/workers');
    const focused = document.activeElement?.getAttribute?.('aria-label');
    refill(body, workers.map(row));
    if (focused) body.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
    empty.hidden = workers.length > 0;
    page.say();
  };
  return repeat(REFRESH_SECONDS, () => read().catch((error) => page.failed(error)));
}
