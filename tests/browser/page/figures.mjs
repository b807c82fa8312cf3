// How quick the page is where a job is large: each figure the median of five,
// every time in a browser that has seen nothing yet. Not a test: machines differ.
//
//   tests/browser/run_page BINARIES PACKAGES --figures
import {readFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {goTo, holds, newPage, startBrowser, stopBrowser, visit} from './browser.mjs';
import {Cluster, until, wideSweep} from './cluster.mjs';

const ROUNDS = Number(process.env.ATELIER_ROUNDS ?? 5);
const STREAMS = 500;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.ceil(q * values.length) - 1];

// Whose tasks take little besides what is looked at here.
const quickSweep = (options) => `${wideSweep({...options, size: 32, iterations: 1})}measure: {size: 32}\n`;

// A row of figures, each the median of its rounds.
async function rounds(what, round) {
  const all = [];
  for (let i = 0; i < ROUNDS; i++) all.push(await round());
  for (const name of Object.keys(all[0])) {
    const values = all.map((one) => one[name]);
    console.log(`${what}, ${name}: ${Math.round(median(values))} (${values.map(Math.round).join(', ')})`);
  }
}

async function inFreshBrowser(cluster, use) {
  const {context, page} = await visit(cluster, {});
  try {
    return await use(page);
  } finally {
    await context.close();
  }
}

// From the list of jobs to the job's first cells.
async function opening(cluster, id) {
  return inFreshBrowser(cluster, async (page) => {
    await page.waitForSelector(`a[href="#/jobs/${id}"]`);
    const before = await page.evaluate(() => performance.getEntriesByType('resource').length);
    const begun = performance.now();
    await page.click(`a[href="#/jobs/${id}"]`);
    await page.waitForSelector('.cell[data-state]');
    const ms = performance.now() - begun;
    await page.waitForLoadState('networkidle').catch(() => {});
    const after = await page.evaluate(() => ({
      requests: performance.getEntriesByType('resource').length,
      cells: document.querySelectorAll('.cell').length,
      heap: performance.memory.usedJSHeapSize / 2 ** 20,
    }));
    return {'ms to the first cells': ms, 'requests': after.requests - before, 'cells': after.cells, 'MB of script': after.heap};
  });
}

// By the wheel from the first cell to the last, as fast as the frames go.
async function scrolling(cluster, id, last) {
  return inFreshBrowser(cluster, async (page) => {
    await goTo(page, `#/jobs/${id}`);
    await page.waitForSelector('.cell[data-shown]');
    const result = await page.evaluate(async () => {
      const grid = document.querySelector('.cells');
      const gaps = [];
      let cells = 0;
      let before = performance.now();
      const begun = before;
      while (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 1) {
        grid.scrollTop += 400;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        gaps.push(now - before);
        before = now;
        cells = Math.max(cells, grid.querySelectorAll('.cell').length);
      }
      grid.scrollLeft = grid.scrollWidth;
      return {gaps, cells, begun};
    });
    await page.waitForSelector(`.cell[data-index="${last}"][data-shown]`);
    const after = await page.evaluate(() => ({
      now: performance.now(),
      requests: performance.getEntriesByType('resource').filter(({name}) => name.includes('/api/')).length,
    }));
    return {
      'ms to the last picture': after.now - result.begun, 'frames': result.gaps.length, 'ms of a frame': median(result.gaps),
      'ms of a frame, p99': quantile(result.gaps, 0.99), 'most cells': result.cells, 'requests': after.requests,
    };
  });
}

// Resident memory of the coordinator in MB.
async function resident(cluster) {
  const status = await readFile(`/proc/${cluster.coordinator.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}

// How long /healthz takes to answer, in ms, asked until `done`.
async function health(cluster, done) {
  const times = [];
  while (!done()) {
    const begun = performance.now();
    await fetch(`http://${cluster.http}/healthz`).then((answer) => answer.text());
    times.push(performance.now() - begun);
    await sleep(20);
  }
  return {'/healthz ms': median(times), '/healthz ms, p99': quantile(times, 0.99)};
}

// From a worker's report to the beginning of its next attempt, in ms.
async function dispatchTimes(cluster, id, tasks) {
  const attempts = [];
  for (let index = 0; index < tasks; index++) {
    attempts.push(...(await cluster.ask(`/api/v1/jobs/${id}/tasks/${index}/attempts`)).attempts);
  }
  const times = [];
  const lastEnd = new Map();
  attempts.sort((a, b) => Date.parse(a.began_at) - Date.parse(b.began_at));
  for (const {worker, began_at: began, ended_at: ended} of attempts) {
    if (lastEnd.has(worker)) times.push(Math.max(0, Date.parse(began) - lastEnd.get(worker)));
    lastEnd.set(worker, Date.parse(ended));
  }
  return {'dispatch ms': median(times), 'dispatch ms, p99': quantile(times, 0.99)};
}

// A job rendered by the workers there are, watched by so many streams.
async function watched(cluster, streams, number) {
  const id = await cluster.submit(quickSweep({name: `watched ${number}`, rows: 10, columns: 20, first: 5000 + 100 * number}));
  // It goes on once everybody watches.
  await cluster.ask(`/api/v1/jobs/${id}/pause`, {method: 'POST', body: {}});
  const before = await resident(cluster);
  const token = await cluster.token();
  const ending = new AbortController();
  let events = 0;
  const watch = async () => {
    // The coordinator lets so many requests wait, and has the others come again.
    for (;;) {
      const answer = await fetch(`http://${cluster.http}/api/v1/jobs/${id}/events`, {headers: {Authorization: `Bearer ${token}`}, signal: ending.signal});
      if (answer.ok) return answer.body;
      const text = await answer.text();
      if (answer.status !== 503) throw new Error(`${answer.status} ${text}`);
      await sleep(100);
    }
  };
  const bodies = await Promise.all(Array.from({length: streams}, watch));
  const open = bodies.map(async (body) => {
    try {
      for await (const piece of body) events += piece.length > 0;
    } catch { /* It was ended. */ }
  });
  await cluster.ask(`/api/v1/jobs/${id}/resume`, {method: 'POST', body: {}});
  let ended = false;
  let most = 0;
  const begun = performance.now();
  const [, healthz] = await Promise.all([
    until('the job ends', async () => {
      most = Math.max(most, await resident(cluster));
      ended = (await cluster.ask(`/api/v1/jobs/${id}`)).ended_at;
      return ended;
    }, 240).finally(() => { ended = true; }),
    health(cluster, () => ended),
  ]);
  const seconds = (performance.now() - begun) / 1000;
  ending.abort();
  await Promise.all(open);
  return {'ms a task': 1000 * seconds / 200, ...await dispatchTimes(cluster, id, 200), ...healthz, 'MB grown': most - before, 'events': events};
}

const cluster = await Cluster.start();
await startBrowser();
try {
  const small = await cluster.submit(wideSweep({name: 'small', rows: 4, columns: 5}));
  const million = await cluster.submit(wideSweep({name: 'million', rows: 1000, columns: 1000}));
  await rounds('opening a job of 20 tasks', () => opening(cluster, small));
  await rounds('opening a job of 1,000,000 tasks', () => opening(cluster, million));
  await cluster.ask(`/api/v1/jobs/${million}/cancel`, {method: 'POST', body: {}});
  await cluster.ask(`/api/v1/jobs/${small}/cancel`, {method: 'POST', body: {}});

  cluster.startWorker('anna');
  cluster.startWorker('berta');
  let number = 0;
  await rounds('no stream', () => watched(cluster, 0, ++number));
  await rounds(`${STREAMS} streams`, () => watched(cluster, STREAMS, ++number));

  // A thousand renders, each in ten cells; all of these have addresses of their own.
  const seeds = Array.from({length: 50}, (_, i) => `s${i}: ${i % 5}`);
  const large = await cluster.submit(quickSweep({name: 'large', rows: 200, columns: 5}).replace(/seed: .*/, `seed: {${seeds}}`));
  await until('10,000 renders', async () => (await cluster.ask(`/api/v1/jobs/${large}`)).ended_at, 3600);
  await rounds('scrolling 10,000 cells', () => scrolling(cluster, large, 9999));
} finally {
  await stopBrowser();
  await cluster.stop();
}
