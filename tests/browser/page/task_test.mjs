// What is done with single tasks of a job: their logs are read, and they are
// brushed by keys.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';
import {closePages, goTo, holds, seriousViolations, shoot, startBrowser, stopBrowser, visit} from './browser.mjs';
import {Cluster, sweepOfSeeds} from './cluster.mjs';

let cluster;
let job;  // Four tasks, done.
before(async () => {
  [cluster] = await Promise.all([Cluster.start(), startBrowser()]);
  job = await cluster.submit(sweepOfSeeds({tasks: 4, iterations: 5}));
  cluster.startWorker('anna');
  await cluster.watch(job);
});
after(async () => { await stopBrowser(); await cluster?.stop(); });
afterEach(closePages);

const visitor = (place, options = {}) => visit(cluster, {place, ...options});

const cells = (count, rest = '') => `document.querySelectorAll('.cell${rest}').length === ${count}`;
const hashOf = (page) => page.evaluate(() => location.hash);

// Of what the page asked for, how often that had this in it.
const requests = (page, part) => page.evaluate((text) => performance.getEntriesByType('resource').filter((one) => one.name.includes(text)).length, part);

test('an attempt’s log is read when it is opened', async () => {
  const {page, errors} = await visitor(`#/jobs/${job}?task=1`);
  await page.waitForSelector('dialog .log summary:text-is("Log of attempt 1")');
  assert.equal(await requests(page, 'ARTIFACT_KIND_LOG'), 0);
  await page.focus('.log summary');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.log pre');
  assert.match(await page.innerText('.log pre'), /\w/);
  await page.locator('.log pre').scrollIntoViewIfNeeded();
  await shoot(page, 'log');
  assert.deepEqual(await seriousViolations(page), []);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  assert.equal(await requests(page, 'ARTIFACT_KIND_LOG'), 1, 'once');
  // What a log says is text, and one that is gone is said to be.
  await page.route('**/artifacts/*KIND_LOG*', (route) => route.fulfill({contentType: 'text/plain', body: `<img src=x onerror=alert(1)>\n\u001b[31mred\u202e\n${'x'.repeat(70_000)}`}), {times: 1});
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('dialog h2:text-is("Task 2")');
  await page.waitForSelector('.log:not([open])');
  await page.click('.log summary');
  await page.waitForSelector('.log:has-text("Cut here")');
  const text = await page.innerText('.log pre');
  assert.ok(text.startsWith('<img src=x onerror=alert(1)>\n\\x1b[31mred\\u202e\nxxx') && text.length < 66_000, text.slice(0, 80));
  assert.equal(await page.evaluate(() => document.querySelector('.log pre').childElementCount), 0);
  await holds(page, `document.querySelector('.log pre').scrollWidth <= document.querySelector('.log pre').clientWidth`);
  await page.route('**/artifacts/*KIND_LOG*', (route) => route.fulfill({status: 404, contentType: 'application/json', body: '{"error": {"message": "no"}}'}), {times: 1});
  await page.focus('.stage');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('dialog h2:text-is("Task 3")');
  await page.waitForSelector('.log:not([open])');
  await page.click('.log summary');
  await page.waitForSelector('.log .error:has-text("gone")');
  assert.deepEqual(errors, []);
});

test('parallel coordinates are brushed by keys', async () => {
  const {page, errors} = await visitor(`#/jobs/${job}?panel=parallel`);
  await page.waitForSelector('.handle[data-name=ssim]', {state: 'attached'});
  const handle = (name, end) => `.handle[data-name=${name}][data-end=${end}]`;
  const says = (name, end) => page.getAttribute(handle(name, end), 'aria-valuetext');
  assert.deepEqual([await says('seed', 'from'), await says('seed', 'to')], ['1', '4']);
  await page.focus(handle('seed', 'from'));
  await page.keyboard.press('ArrowUp');
  await holds(page, cells(3));
  await holds(page, `document.querySelector('${handle('seed', 'from')}').getAttribute('aria-valuetext') === '2'`);
  assert.ok(await page.evaluate((selector) => document.activeElement.matches(selector), handle('seed', 'from')), 'the focus stays');
  // Both ends together, as far as there is room.
  await page.keyboard.press('Shift+ArrowDown');
  await holds(page, `location.hash.includes('show.seed=0-2')`);
  await shoot(page, 'brushed-axis');
  await page.keyboard.press('Delete');
  await holds(page, cells(4));
  // A measure's go to the filter.
  await page.focus(handle('ssim', 'to'));
  await page.keyboard.press('ArrowDown');
  await holds(page, `/filter=ssim%3C%3D/.test(location.hash)`);
  await holds(page, cells(3, ':not(.unwanted)'));
  await shoot(page, 'brushed');
  assert.deepEqual(await seriousViolations(page), []);
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  await holds(page, `!location.hash.includes('filter=')`);
  await holds(page, cells(4, ':not(.unwanted)'));
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.keys:has-text("Parallel coordinates")');
  assert.deepEqual(errors, []);
});

test('pictures get stars, and the worst of a few is chosen', async (t) => {
  const rated = await cluster.ask(`/api/v1/jobs/${job}/ratings`).catch(() => null);
  if (rated === null) return t.skip('this coordinator keeps no ratings');
  const {page, errors} = await visitor(`#/jobs/${job}`);
  await holds(page, cells(4, '[data-shown]'));
  const ratingOf = async (index) => (await cluster.ask(`/api/v1/jobs/${job}/ratings`)).ratings.find((one) => one.task_index === String(index));
  await page.click('.cell[data-index="1"]');
  await page.waitForSelector('.stars-choice');
  // Keys give stars and take them back; the cell says them.
  await page.keyboard.press('4');
  await page.waitForSelector('.stars-choice [aria-label="4 stars"][aria-pressed=true]');
  assert.equal((await ratingOf(1)).own_stars, 4);
  await holds(page, `document.querySelector('.cell[data-index="1"] .stars').textContent === '★ 4'`);
  await shoot(page, 'stars');
  await page.keyboard.press('0');
  await holds(page, `document.querySelectorAll('.stars-choice .given').length === 0`);
  await holds(page, `document.querySelector('.cell[data-index="1"] .stars').textContent === ''`);
  // What is refused is said, and what is shown stays what there is.
  await page.route('**/stars', (route) => route.fulfill({status: 429, contentType: 'application/json', body: '{"error": {"message": "too many"}}'}), {times: 1});
  await page.keyboard.press('5');
  await page.waitForSelector('.rating-bar:has-text("Not done: too many")');
  assert.equal(await page.locator('.stars-choice .given').count(), 0);
  await page.click('.stars-choice [aria-label="2 stars"]');
  await page.waitForSelector('.rating-bar:has-text("2 of 1 person")');
  assert.equal((await ratingOf(1)).own_stars, 2);
  assert.deepEqual(await seriousViolations(page), []);
  // Another visitor sees them, and filters by them.
  const {page: other} = await visitor(`#/jobs/${job}?filter=${encodeURIComponent('stars>=2')}`);
  await holds(other, cells(1, ':not(.unwanted)'));
  await holds(other, `document.querySelector('.cell[data-index="1"] .stars').textContent === '★ 2'`);
  // One set after another, until somebody stops; the first is of all four.
  await page.keyboard.press('Escape');
  await page.click('.tools button:text-is("Judge")');
  await holds(page, `document.querySelectorAll('dialog[open] .worst button').length === 4`);
  await holds(page, `[...document.querySelectorAll('dialog[open] .frame img')].filter((one) => one.clientWidth > 200).length === 4`);
  await shoot(page, 'judging');
  assert.ok(await page.isHidden('dialog > .side') && await page.isHidden('dialog .of-task .why'), 'what made them is not told');
  assert.deepEqual(await seriousViolations(page), []);
  const worst = (await page.innerText('.worst button >> nth=1')).replace('Task ', '');
  await page.keyboard.press('2');
  await page.waitForSelector('#connection:has-text("All were judged together.")', {state: 'attached'});
  const {times_shown: shown, times_worst: times} = await ratingOf(worst);
  assert.deepEqual([Number(shown), Number(times)], [1, 1]);
  assert.deepEqual(errors, []);
});

test('what people and workers write is text, whatever it holds', async () => {
  const names = ['<img src=x onerror=alert(1)>', '"><svg onload=alert(2)>', '🎨'.repeat(128), '\u202egnp.exe \u2066x'];
  const ids = [];
  for (const name of names) {
    const id = await cluster.submit(sweepOfSeeds({name, tasks: 1, iterations: 3})).catch(() => null);
    if (id) ids.push(id);
  }
  assert.ok(ids.length >= 2, 'markup is no name that is refused');
  const {page, errors} = await visitor('#/jobs');
  page.on('dialog', (dialog) => { errors.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  const nothingRan = async (what) => {
    assert.equal(await page.locator('img[src=x], svg[onload], #content script').count(), 0, what);
    assert.ok(!/[\u202a-\u202e\u2066-\u2069\u001b]/.test(await page.innerText('body')), `${what}: marks are seen`);
    await holds(page, `document.documentElement.scrollWidth <= innerWidth`);
  };
  await page.waitForSelector('table.jobs:has-text("<img src=x onerror")');
  await nothingRan('the list');
  await page.setViewportSize({width: 390, height: 800});
  await nothingRan('the list on a phone');
  // A worker's words come with the attempts.
  await page.route('**/attempts', async (route) => {
    const answer = await route.fetch();
    const json = await answer.json();
    json.attempts.push({number: 99, worker: '<b>w</b>\u202e', outcome: 'OUTCOME_INTERNAL', message: `\u001b[2J\u001b]0;x\u0007<img src=x onerror=alert(3)>${'y'.repeat(3000)}`, device_time: '1s', ended_at: '<i>never</i>', log_digest: '"><img src=x onerror=alert(4)>'});
    await route.fulfill({response: answer, json});
  });
  for (const id of ids) {
    await goTo(page, `#/jobs/${id}?task=0`);
    await page.waitForSelector('dialog:has-text("\\\\x1b[2J")');
    await nothingRan(`job ${id}`);
    await page.click('.log summary:text-is("Log of attempt 99")');
    await page.waitForSelector('.log .error');
    await nothingRan(`log of job ${id}`);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', {state: 'detached'});
    await nothingRan(`grid of job ${id}`);
  }
  await shoot(page, 'hostile-phone');
  assert.deepEqual(errors, []);
});
