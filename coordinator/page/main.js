// The page: who is logged in, where it is, and what shows it. A place is the
// address's fragment, "#/jobs/ID?row=seed", so that it can be kept and sent.
import {ApiError, get, post, remove} from '/page/api.js';
import {make} from '/page/viewer/dom.js';
import {visible} from '/page/viewer/text.js';
import {showJob} from '/page/job.js';
import {showJobs} from '/page/jobs.js';
import {showLogin} from '/page/login.js';
import {showSystem} from '/page/system.js';
import {showWorkers} from '/page/workers.js';

const SESSION = '/api/v1/session';
const content = document.getElementById('content');
const top_ = document.getElementById('top');
const connection = document.getElementById('connection');

// What views share. `may(action, owner)`: whether whoever is logged in may do
// it, as the coordinator says, to a thing of this owner's.
const page = {
  session: null,
  may(action, owner) {
    const {user, may, may_with_own: own} = page.session;
    return may.includes(action) || (own.includes(action) && owner === user);
  },
  // A line below the head, until it is called with nothing.
  say(text) {
    connection.textContent = text ?? '';
    connection.hidden = !text;
  },
  title(text) { document.title = text ? `${text} · Atelier` : 'Atelier'; },
  go(place) { location.hash = place; },
  // Replaces the query of this place without a step in the history.
  keep(query) {
    const [path] = (location.hash || '#/jobs').split('?');
    const text = new URLSearchParams(query).toString();
    history.replaceState(null, '', text ? `${path}?${text}` : path);
  },
  // What a view's request failed with: who is no longer known logs in again.
  failed(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 401) return logIn(error.message);
    page.say(error.message);
  },
};

let leave = () => {};

function show(view, ...where) {
  leave();
  page.say();
  content.replaceChildren();
  leave = view(page, content, ...where) ?? (() => {});
}

function head() {
  const {user, roles} = page.session;
  const link = (place, text) => make('a', {
    href: place, 'aria-current': location.hash.startsWith(place) ? 'page' : null,
  }, text);
  top_.replaceChildren(
      make('a', {class: 'brand', href: '#/jobs'}, 'Atelier'),
      make('nav', {'aria-label': 'Places'}, link('#/jobs', 'Jobs'), link('#/workers', 'Workers'),
          page.may('read-metrics') && link('#/system', 'System')),
      make('span', {class: 'who'}, `${visible(user)} (${roles.join(', ')})`),
      page.session.has_token ? make('button', {
        type: 'button', class: 'quiet', onclick: async () => { await remove(SESSION).catch(() => {}); logIn(); },
      }, 'Log out') : '');
}

function logIn(why) {
  page.session = null;
  top_.replaceChildren(make('span', {class: 'brand'}, 'Atelier'));
  show(showLogin, why, begin);
}

function route() {
  if (page.session === null) return;
  const [path, query] = location.hash.replace(/^#/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  head();
  if (parts[0] === 'workers') return show(showWorkers);
  if (parts[0] === 'system') return show(showSystem);
  if (parts[0] === 'jobs' && parts.length === 2) return show(showJob, parts[1], new URLSearchParams(query));
  show(showJobs, new URLSearchParams(query));
}

// A link that logs in once has its code in the fragment, which no server and no
// log sees; it goes before anything else happens.
async function takeCode() {
  const code = /^#login=([0-9a-f]+)$/.exec(location.hash)?.[1];
  if (!code) return;
  history.replaceState(null, '', '#/jobs');
  await post(`${SESSION}/login`, {code});
}

async function begin() {
  try {
    await takeCode();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 0) throw error;
    // It was taken: by this browser, perhaps.
  }
  try {
    page.session = await get(SESSION);
  } catch (error) {
    if (error.code === 401) return logIn();
    page.say(`${error.message} Trying again.`);
    setTimeout(begin, 2000);
    return;
  }
  route();
}

addEventListener('hashchange', () => (location.hash.startsWith('#login=') ? begin() : route()));
begin();
