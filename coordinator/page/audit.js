// The audit log, newest first, as far as it is read.
import {get, repeat} from '/page/api.js';
import {ageText, counted, whole} from '/page/text.js';
import {make, refill} from '/page/viewer/dom.js';
import {timeText, visible} from '/page/viewer/text.js';

const PAGE_SIZE = 50;
const REFRESH_SECONDS = 10;
const TYPING_MS = 300;

function row(entry) {
  const about = entry.job_id ?
    make('a', {href: `#/jobs/${encodeURIComponent(entry.job_id)}`}, visible(entry.job_id.slice(0, 12))) :
    visible(entry.target);
  const count = whole(entry.count);
  return make('tr', {},
      make('td', {class: 'number'}, make('time', {datetime: entry.at, title: timeText(entry.at)}, `${ageText(entry.at)} ago`)),
      make('td', {}, visible(entry.user || 'nobody'), make('span', {class: 'why'}, visible(entry.address))),
      make('td', {}, visible(entry.action).replaceAll('-', ' ')),
      make('td', {class: 'about'}, about),
      make('td', {},
          make('span', {class: 'state', 'data-state': entry.outcome === 'OK' ? 'succeeded' : 'failed'},
              entry.outcome === 'OK' ? 'done' : visible(entry.outcome).toLowerCase().replaceAll('_', ' ')),
          make('span', {class: 'why'}, visible(entry.message), entry.is_refusal && count > 1 ? ` (${counted(count, 'time')})` : '')));
}

export class AuditTable {
  constructor(page, root) {
    this.page = page;
    this.user = this.field('User');
    this.job = this.field('Job');
    this.body = make('tbody', {});
    this.empty = make('p', {class: 'hint', hidden: true}, 'Nothing of the kind.');
    this.more = make('button', {type: 'button', hidden: true, onclick: () => this.readOlder()}, 'Older entries');
    const heads = ['When', 'Who', 'What', 'Of', 'Outcome'];
    root.append(make('section', {class: 'audit'},
        make('div', {class: 'bar'}, make('h2', {}, 'Audit log'), make('div', {class: 'controls find', role: 'search'}, this.user, this.job)),
        make('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of the audit log'}, make('table', {},
            make('thead', {}, make('tr', {}, heads.map((name) => make('th', {scope: 'col'}, name)))), this.body)),
        this.empty, this.more));
    this.ask();
  }

  stop() {
    this.asked = null;  // What comes now is of no question any more.
    clearTimeout(this.typing);
    this.stopReading();
  }

  field(name) {
    return make('input', {
      type: 'search', placeholder: name, 'aria-label': `Only of this ${name.toLowerCase()}`, maxlength: 64, spellcheck: 'false',
      oninput: () => { clearTimeout(this.typing); this.typing = setTimeout(() => this.ask(), TYPING_MS); },
    });
  }

  // Asks anew. What was read below the first page stays until then.
  ask() {
    this.stopReading?.();
    this.first = [];
    this.older = [];
    this.next = '';
    const asked = this.asked = {user: this.user.value.trim(), job_id: this.job.value.trim()};
    this.stopReading = repeat(REFRESH_SECONDS, async () => {
      try {
        const answer = await this.read('');
        if (asked !== this.asked) return;
        if (this.older.length === 0) this.next = answer.next_page_token;
        // Entries never change: those that left the first page are older now.
        const least = answer.entries.length > 0 ? whole(answer.entries.at(-1).sequence) : 0;
        if (this.older.length > 0) this.older.unshift(...this.first.filter((one) => whole(one.sequence) < least));
        this.first = answer.entries;
        this.draw();
      } catch (error) {
        if (asked === this.asked) this.page.failed(error);
      }
    });
  }

  read(token) {
    return get(`/api/v1/audit?${new URLSearchParams({page_size: PAGE_SIZE, page_token: token, ...this.asked})}`);
  }

  async readOlder() {
    const {asked} = this;
    this.more.disabled = true;
    try {
      const answer = await this.read(this.next);
      if (asked !== this.asked) return;
      this.older.push(...answer.entries);
      this.next = answer.next_page_token;
      this.draw();
    } catch (error) {
      if (asked === this.asked) this.page.failed(error);
    } finally {
      this.more.disabled = false;
    }
  }

  draw() {
    const entries = [...this.first, ...this.older];
    const sign = entries.map((entry) => `${entry.sequence} ${entry.count} ${ageText(entry.at)}`).join();
    if (sign !== this.sign) refill(this.body, entries.map(row));
    this.sign = sign;
    this.empty.hidden = entries.length > 0;
    this.more.hidden = this.next === '';
  }
}
