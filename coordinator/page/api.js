// Requests to /api/v1, with the cookie that logging in left.

export const GONE = 'The coordinator does not answer; this page goes on once it does.';

export class ApiError extends Error {
  // `code`: HTTP's; 0: nobody answered.
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function answerOf(method, path, options) {
  try {
    return await fetch(path, {method, credentials: 'same-origin', ...options});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The coordinator does not answer.');
  }
}

async function asked(method, path, options) {
  const answer = await answerOf(method, path, options);
  let json = {};
  try {
    json = await answer.json();
  } catch (error) {  // A proxy's page, or an answer that was broken off.
    if (error.name === 'AbortError') throw error;
    if (answer.ok) throw new ApiError(0, 'The answer of the coordinator was broken off.');
  }
  if (!answer.ok) throw new ApiError(answer.status, json.error?.message ?? `HTTP ${answer.status}`);
  return json;
}

export function get(path, signal) {
  return asked('GET', path, {signal});
}

// A text: {text, isCut}, of more than `mostBytes` no more than these.
export async function getText(path, mostBytes) {
  const answer = await answerOf('GET', path, {});
  if (!answer.ok) {
    const json = await answer.json().catch(() => ({}));
    throw new ApiError(answer.status, json.error?.message ?? `HTTP ${answer.status}`);
  }
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let left = mostBytes; ;) {
    const {done, value} = await reader.read().catch(() => { throw new ApiError(0, 'The answer of the coordinator was broken off.'); });
    if (done) return {text: text + decoder.decode(), isCut: false};
    text += decoder.decode(value.subarray(0, left), {stream: true});
    left -= value.length;
    if (left < 0) { reader.cancel(); return {text, isCut: true}; }
  }
}

export function post(path, body, headers = {}, signal = undefined) {
  if (body === undefined) return asked('POST', path, {headers, signal});
  return asked('POST', path, {headers: {'Content-Type': 'application/json', ...headers}, body: JSON.stringify(body), signal});
}

export function remove(path) {
  return asked('DELETE', path, {});
}

export const jobPath = (id) => `/api/v1/jobs/${encodeURIComponent(id)}`;

// A file that a job names; of a task, its picture.
export function artifactUrl(digest, jobId, taskIndex) {
  const query = new URLSearchParams({job_id: jobId});
  if (taskIndex !== undefined) query.set('task_index', taskIndex);
  return `/api/v1/artifacts/${encodeURIComponent(digest)}?${query}`;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10000;

// The news of a job until its end. A lost connection is taken up again, for as
// long as it takes; a page that nobody sees has none, as a browser has few.
// `hear.snapshot` gets each snapshot, `hear.state` "open", "lost" or "ended",
// `hear.refused` an ApiError. Returns what stops it.
export function watchJob(id, hear) {
  let source = null;
  let timer = 0;
  let wait = FIRST_WAIT_MS;
  let stopped = false;
  let spec;
  const pause = () => { clearTimeout(timer); source?.close(); source = null; };
  const end = () => {
    stopped = true;
    pause();
    document.removeEventListener('visibilitychange', onVisible);
  };
  const take = (snapshot) => {
    // It never changes, and is said once.
    spec = snapshot.job.spec ??= spec;
    hear.snapshot(snapshot);
    if (snapshot.job.ended_at === undefined) return;
    end();
    hear.state('ended');
  };
  // A browser takes a broken stream up by itself, but no refusal, and says of
  // none why.
  const askWhy = async () => {
    try {
      const job = await get(jobPath(id));
      if (!stopped && job.ended_at !== undefined) return take({job, running: []});
    } catch (error) {
      if (stopped) return;
      if (error.code >= 400 && error.code < 500 && error.code !== 429) { end(); return hear.refused(error); }
    }
    if (stopped || document.hidden) return;
    timer = setTimeout(open, wait);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  };
  const open = () => {
    pause();
    const mine = source = new EventSource(`${jobPath(id)}/events`);
    mine.onopen = () => { wait = FIRST_WAIT_MS; hear.state('open'); };
    mine.onmessage = (event) => { if (mine === source) take(JSON.parse(event.data)); };
    mine.onerror = () => {
      if (stopped || mine !== source) return;
      hear.state('lost');
      if (mine.readyState === EventSource.CLOSED) askWhy();
    };
  };
  const onVisible = () => { if (document.hidden) pause(); else open(); };
  document.addEventListener('visibilitychange', onVisible);
  if (!document.hidden) open();
  return end;
}

// Calls `step` now and every `seconds` while somebody looks, one at a time.
export function repeat(seconds, step) {
  let timer = 0;
  let stopped = false;
  const run = async () => {
    clearTimeout(timer);
    if (!document.hidden) await step();
    if (!stopped) timer = setTimeout(run, seconds * 1000);
  };
  const onVisible = () => { if (!document.hidden) run(); };
  document.addEventListener('visibilitychange', onVisible);
  run();
  return () => { stopped = true; clearTimeout(timer); document.removeEventListener('visibilitychange', onVisible); };
}
