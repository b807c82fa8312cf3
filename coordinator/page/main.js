// The page: who is logged in, where it is, and what shows it. A place is the
// address's fragment, "#/jobs/ID?row=seed", so that it can be kept and sent.
import {ApiError, get, GONE, post, remove} from '/page/api.js';
import {make} from '/page/viewer/dom.js';
import {visible} from '/page/viewer/text.js';
import {showJob} from '/page/job.js';
import {showJobs} from '/page/jobs.js';
import {isTyping, showKeys} from '/page/keys.js';
import {showLogin} from '/page/login.js';
import {forgetAll} from '/page/new_draft.js';
import {showNewJob} from '/page/new_job.js';
import {Notices} from '/page/notices.js';
import {showSystem} from '/page/system.js';
import {showWorkers} from '/page/workers.js';

const SESSION = '/api/v1/session';
const content = document.getElementById('content');
const top_ = document.getElementById('top');
const connection = document.getElementById('connection');
const refusal = document.getElementById('refusal');
const notices = new Notices([connection, refusal], content);

// What views share. `may(action, owner)`: whether whoever is logged in may do
// it, as the coordinator says, to a thing of this owner's.
const page = {
  session: null,
  may(action, owner) {
    const {user, may, may_with_own: own} = page.session;
    return may.includes(action) || (own.includes(action) && owner === user);
  },
  // A line over the page, until it is called with nothing.
  say(text) { notices.say(connection, text ?? ''); },
  title(text) { document.title = text ? `${text} · Atelier` : 'Atelier'; },
  go(place) { location.hash = place; },
  // Replaces the query of this place without a step in the history.
  keep(query) {
    const [path] = (location.hash || '#/jobs').split('?');
    const text = new URLSearchParams(query).toString();
    history.replaceState(null, '', text ? `${path}?${text}` : path);
  },
  // Why what somebody asked for was not done; until the next that is asked for,
  // or another place. Without an error: something is asked for.
  refused(error) {
    if (error && !(error instanceof ApiError)) throw error;
    if (error?.code === 401) return logIn(error.message);
    notices.say(refusal, error ? `Not done: ${error.message}` : '');
  },
  // What a view's request failed with: who is no longer known logs in again.
  failed(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 401) return page.session && logIn(error.message);
    page.say(error.code === 0 ? GONE : error.message);
  },
};

let leave = () => {};

function show(view, ...where) {
  leave();
  page.say();
  page.refused();
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
        type: 'button', class: 'quiet', title: `Log out ${visible(user)}`, onclick: logOut,
      }, 'Log out') : '');
}

// Who is not logged out must not be told so: the cookie lasts.
async function logOut() {
  try {
    await remove(SESSION);
    forgetAll();
    logIn();
  } catch (error) {
    page.say(`You are still logged in: ${error.message}`);
  }
}

function logIn(why) {
  page.session = null;
  top_.replaceChildren(make('span', {class: 'brand'}, 'Atelier'));
  show(showLogin, why, begin);
}

function route() {
  if (page.session === null) return;
  const [path, query] = location.hash.replace(/^#/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decoded);
  head();
  if (parts[0] === 'workers') return show(showWorkers);
  if (parts[0] === 'system') return show(showSystem);
  if (parts[0] === 'new') return show(showNewJob, new URLSearchParams(query));
  if (parts[0] === 'jobs' && parts.length === 2) return show(showJob, parts[1], new URLSearchParams(query));
  show(showJobs, new URLSearchParams(query));
}

// What is no encoding stands for itself.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// A link that logs in once has its code in the fragment, which no server and no
// log sees; it goes before anything else happens.
async function takeCode(code) {
  history.replaceState(null, '', '#/jobs');
  const session = await get(SESSION).catch(() => null);
  // A link from somebody else must not make of one person another unseen.
  if (session?.has_token && !confirm(`You are logged in as “${visible(session.user)}”. Log in by this link instead?`)) return;
  await post(`${SESSION}/login`, {code});
}

async function begin(code = /^#login=([0-9a-f]+)$/.exec(location.hash)?.[1]) {
  let why;
  try {
    if (code) await takeCode(code);
    code = undefined;
  } catch (error) {
    if (error.code === 0 || error.code >= 500) return tryAgain(error, code);
    why = error.message;  // It was taken: by this browser, perhaps.
  }
  try {
    page.session = await get(SESSION);
  } catch (error) {
    if (error.code === 401) return logIn(why);
    return tryAgain(error);
  }
  route();
}

function tryAgain(error, code) {
  page.say(`${error.message} Trying again.`);
  setTimeout(() => begin(code), 2000);
}

addEventListener('hashchange', () => (location.hash.startsWith('#login=') ? begin() : route()));
// Over a large picture, too.
addEventListener('keydown', (event) => {
  if (event.key !== '?' || page.session === null || isTyping(event) || document.querySelector('dialog[open]:not(.large)')) return;
  event.preventDefault();
  showKeys(content);
});
// A link would be a place of its own.
document.getElementById('skip').addEventListener('click', () => content.focus());
begin();
