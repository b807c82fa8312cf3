// The workers that live.
import {get, post, repeat} from '/page/api.js';
import {element} from '/page/dom.js';
import {ageText, bytesText, whole} from '/page/text.js';

const REFRESH_SECONDS = 3;

function stateOf(worker) {
  if (worker.quarantined) return 'quarantined';
  if (worker.stopping) return 'stopping';
  if (worker.draining) return 'draining';
  return worker.running.length > 0 ? 'busy' : 'idle';
}

export function showWorkers(page, root) {
  page.title('Workers');
  const body = element('tbody', {});
  const empty = element('p', {class: 'hint', hidden: true}, 'No worker is there. “atelier-worker --coordinator …” is one.');
  root.append(
      element('div', {class: 'bar'}, element('h1', {}, 'Workers')),
      element('div', {class: 'scroll'}, element('table', {class: 'workers'},
          element('thead', {}, element('tr', {}, ['Name', 'State', 'Device', 'Memory', 'Slots', 'Runs', 'Seen', ''].map((name) => element('th', {scope: 'col'}, name)))),
          body)), empty);

  const change = async (name, verb) => {
    try {
      await post(`/api/v1/workers/${encodeURIComponent(name)}/${verb}`);
      await read();
    } catch (error) {
      page.failed(error);
    }
  };
  const row = (worker) => {
    const {name, device, device_model: model, memory_bytes: memory, slots, tags} = worker.description;
    const state = stateOf(worker);
    const held = worker.quarantined || worker.draining;
    const verb = held ? 'release' : 'drain';
    return element('tr', {},
        element('th', {scope: 'row'}, name, tags.length > 0 ? element('span', {class: 'why'}, tags.join(', ')) : null),
        element('td', {}, element('span', {class: 'state', 'data-state': state}, state)),
        element('td', {}, device, element('span', {class: 'why'}, model)),
        element('td', {class: 'number'}, bytesText(whole(memory))),
        element('td', {class: 'number'}, `${worker.running.length} of ${slots}`),
        element('td', {}, worker.running.map((attempt) => element('a', {
          href: `#/jobs/${encodeURIComponent(attempt.job_id)}?task=${attempt.task_index}`, class: 'runs',
        }, `${attempt.job_id.slice(0, 8)} #${attempt.task_index}, iteration ${attempt.iteration}`))),
        element('td', {class: 'number'}, ageText(worker.last_seen_at)),
        element('td', {}, page.may(`${verb}-worker`) ? element('button', {
          type: 'button', class: 'quiet', 'aria-label': `${verb} ${name}`, click: () => change(name, verb),
        }, held ? 'Release' : 'Drain') : ''));
  };
  const read = async () => {
    const {workers} = await get('/api/v1/workers');
    const focused = document.activeElement?.getAttribute?.('aria-label');
    body.replaceChildren(...workers.map(row));
    if (focused) body.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
    empty.hidden = workers.length > 0;
    page.say();
  };
  return repeat(REFRESH_SECONDS, () => read().catch((error) => page.failed(error)));
}
