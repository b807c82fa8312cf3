// How the coordinator is: what is wrong and what to do, what it does and has
// done of late, what it holds and its bounds; for admins the audit log.
import {get, repeat} from '/page/api.js';
import {AuditTable} from '/page/audit.js';
import {setText} from '/page/dom.js';
import {ageText, durationText, whole} from '/page/text.js';
import {make, refill} from '/page/viewer/dom.js';
import {formatMeasure, timeText, visible} from '/page/viewer/text.js';

const REFRESH_SECONDS = 3;

const readable = (name) => visible(name).replaceAll(/[-_]/g, ' ');
const bytes = (count) => formatMeasure(whole(count), 'bytes');

function conditionRow(condition) {
  return make('li', {class: 'condition'},
      make('div', {class: 'bar'},
          make('span', {class: 'state', 'data-state': condition.state}, condition.state),
          make('strong', {}, readable(condition.name)),
          condition.since && make('time', {class: 'count', datetime: condition.since, title: timeText(condition.since)}, `since ${ageText(condition.since)}`)),
      make('p', {}, visible(condition.message)),
      make('p', {class: 'hint'}, visible(condition.advice)));
}

// Pairs of a name and a text, as a list.
function facts(title, pairs) {
  return make('section', {class: 'card'}, make('h2', {}, title),
      make('dl', {}, pairs.map(([name, text]) => make('div', {}, make('dt', {}, name), make('dd', {}, text)))));
}

function diskText({free_bytes: free, total_bytes: total}) {
  return whole(total) > 0 ? `${bytes(free)} of ${bytes(total)} free` : `${bytes(free)} free`;
}

function boundText(name, value) {
  if (whole(value) === 0) return '0';
  return /bytes/.test(name) ? bytes(value) : whole(value).toLocaleString();
}

function attemptRows(attempts) {
  return Object.entries(attempts).filter(([, one]) => whole(one.count) > 0).map(([outcome, one]) => make('tr', {},
      make('th', {scope: 'row'}, readable(outcome)),
      make('td', {class: 'number'}, whole(one.count).toLocaleString()),
      make('td', {class: 'number'}, durationText(one.device_seconds))));
}

class SystemView {
  constructor(root) {
    this.facts = make('p', {class: 'facts'});
    this.conditions = make('ul', {class: 'conditions'});
    this.fine = make('p', {class: 'hint', role: 'status'});
    this.cards = make('div', {class: 'cards'});
    this.attempts = make('tbody', {});
    this.late = make('h2', {}, 'Attempts');
    this.none = make('p', {class: 'hint'}, 'None has ended.');
    this.table = make('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of attempts'}, make('table', {},
        make('thead', {}, make('tr', {}, ['Outcome', 'Attempts', 'Device time'].map((name) => make('th', {scope: 'col'}, name)))),
        this.attempts));
    this.bounds = make('div', {});
    root.append(
        make('div', {class: 'bar'}, make('h1', {}, 'System')), this.facts,
        this.conditions, this.fine, this.cards,
        make('section', {}, this.late, this.none, this.table),
        make('details', {}, make('summary', {}, 'Bounds in force'), this.bounds));
  }

  draw(system) {
    setText(this.facts, [`version ${system.version}`, `epoch ${system.epoch}`,
      `up ${durationText(whole(system.uptime_seconds))}`, `since ${timeText(system.started_at)}`].join(' · '));
    this.drawConditions(system.conditions);
    const {workers, tasks, of_late: late} = system;
    const seconds = whole(late.seconds);
    const succeeded = whole(late.attempts.succeeded?.count);
    refill(this.cards,
        facts('Work', [
          ['Jobs not ended', whole(system.unfinished_jobs).toLocaleString()],
          ['Tasks running', whole(tasks.running).toLocaleString()],
          ['Tasks queued', whole(tasks.queued).toLocaleString()]]),
        facts('Workers', Object.entries(workers).map(([state, count]) => [readable(state), whole(count).toLocaleString()])),
        facts(seconds >= 3600 ? 'The last hour' : `The last ${durationText(seconds)}`, [
          ['Tasks rendered', seconds >= 60 ? `${succeeded.toLocaleString()}, ${(60 * succeeded / seconds).toFixed(1)} a minute` : succeeded.toLocaleString()],
          ['Results reused', whole(late.results_reused).toLocaleString()],
          ['Reused since the start', whole(system.results_reused).toLocaleString()]]),
        facts('Storage', [
          ...Object.entries(system.stored_bytes).map(([kind, size]) => [readable(kind), bytes(size)]),
          ['disk', diskText(system.disk)]]));
    const rows = attemptRows(late.attempts);
    this.late.textContent = `Attempts that ended, ${seconds >= 3600 ? 'the last hour' : `the last ${durationText(seconds)}`}`;
    refill(this.attempts, rows);
    this.table.hidden = rows.length === 0;
    this.none.hidden = rows.length > 0;
    refill(this.bounds, make('dl', {}, Object.entries(system.bounds).map(([name, value]) => make('div', {},
        make('dt', {}, `--${visible(name)}`), make('dd', {}, boundText(name, value))))));
  }

  drawConditions(conditions) {
    const wrong = conditions.filter((one) => one.state !== 'ok');
    const sign = JSON.stringify([wrong, wrong.map((one) => ageText(one.since))]);
    if (sign !== this.sign) refill(this.conditions, wrong.map(conditionRow));
    this.sign = sign;
    const fine = conditions.filter((one) => one.state === 'ok').map((one) => readable(one.name)).join(', ');
    setText(this.fine, wrong.length === 0 ? `All is in order: ${fine}.` : `In order: ${fine}.`);
  }
}

export function showSystem(page, root) {
  page.title('System');
  const view = new SystemView(root);
  const audit = page.may('read-audit') ? new AuditTable(page, root) : null;
  const left = new AbortController();
  const stop = repeat(REFRESH_SECONDS, async () => {
    try {
      view.draw(await get('/api/v1/system', left.signal));
      page.say();
    } catch (error) {
      if (!left.signal.aborted) page.failed(error);
    }
  });
  return () => { left.abort(); stop(); audit?.stop(); };
}
