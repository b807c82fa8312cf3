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
