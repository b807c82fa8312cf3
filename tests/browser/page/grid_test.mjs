// The grid of a job in a real browser: it fills and sharpens, is arranged,
// filtered, selected and compared, and stays small however large the job is.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';
import {closePages, goTo, holds, seriousViolations, shiftsOf, shoot, startBrowser, stopBrowser, visit} from './browser.mjs';
import {Cluster, base, sweepOfSeeds, wideSweep} from './cluster.mjs';

let cluster;
before(async () => { [cluster] = await Promise.all([Cluster.start(['--preview-every', '1s']), startBrowser()]); });
after(async () => { await stopBrowser(); await cluster?.stop(); });
afterEach(closePages);

const visitor = (place, options = {}) => visit(cluster, {place, ...options});

const cells = (count, rest = '') => `document.querySelectorAll('.cell${rest}').length === ${count}`;

// The tasks in sight, as they are read: row by row.
function tasksInSight(page) {
  return page.evaluate(() => [...document.querySelectorAll('.cell')]
      .map((cell) => ({index: Number(cell.dataset.index), box: cell.getBoundingClientRect()}))
      .sort((a, b) => a.box.y - b.box.y || a.box.x - b.box.x)
      .map(({index}) => index));
}

const hashOf = (page) => page.evaluate(() => location.hash);

// How many changes of elements the grid sees within a while.
function changesWithin(page, ms) {
  return page.evaluate((time) => new Promise((done) => {
    let changes = 0;
    new MutationObserver((all) => { changes += all.length; }).observe(
        document.querySelector('.cells'), {subtree: true, childList: true, attributes: true, characterData: true});
    setTimeout(() => done(changes), time);
  }), ms);
}

test('a job fills its grid and is walked by keys', async () => {
  const id = await cluster.submit(sweepOfSeeds({tasks: 4}));
  const {page, errors} = await visitor(`#/jobs/${id}`);
  await holds(page, cells(4));
  const places = await tasksInSight(page);
  cluster.startWorker('anna');
  await holds(page, cells(4, '[data-state=succeeded]'));
  await holds(page, cells(4, '[data-shown]'));
  assert.deepEqual(await tasksInSight(page), places, 'nothing moves as cells fill');
  await page.waitForSelector('#content .state:text-is("succeeded")');
  await shoot(page, 'job');
  assert.equal(await changesWithin(page, 600), 0, 'what does not change is not drawn again');
  await page.focus('.cell');
  await page.keyboard.press('ArrowRight');
  await holds(page, `document.activeElement.dataset.index === '1'`);
  await page.keyboard.press('Enter');
  await holds(page, `document.querySelector('dialog[open] img').naturalWidth === 64`);
  await page.waitForSelector('dialog:has-text("anna")');
  const text = await page.innerText('dialog');
  for (const word of ['Task 1', 'psnr', 'Attempts']) assert.ok(text.includes(word), word);
  await shoot(page, 'task');
  assert.deepEqual(await seriousViolations(page), []);
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('dialog h2:text-is("Task 2")');
  const hash = await hashOf(page);
  assert.ok(hash.includes('task=2'));
  // The address is the view: another page shows the same.
  const {page: other} = await visitor(hash);
  await other.waitForSelector('dialog[open] h2:text-is("Task 2")');
  await other.keyboard.press('Escape');
  await holds(other, `document.querySelector('dialog') === null`);
  assert.ok(!(await hashOf(other)).includes('task='));
  assert.deepEqual(errors, []);
  await cluster.killWorker('anna');
});

test('cells sharpen while they render, and a scrubber goes back', async () => {
  const id = await cluster.submit(sweepOfSeeds({tasks: 2, size: 128, iterations: 4000}));
  const {page, errors} = await visitor(`#/jobs/${id}`);
  await holds(page, cells(2));
  cluster.startWorker('paul');
  const source = `document.querySelector('.cell[data-state=leased] img')?.getAttribute('src') ?? ''`;
  await holds(page, `(${source}).includes('PREVIEW')`);
  const first = await page.evaluate(source);
  await holds(page, `(${source}).includes('PREVIEW') && (${source}) !== ${JSON.stringify(first)}`);
  await shoot(page, 'sharpening');
  const task = await cluster.ask(`/api/v1/jobs/${id}/tasks?page_size=1`).then(({tasks}) => tasks[0]);
  assert.ok(task.previews.length > 0 && task.previews.length <= 16);
  await cluster.ask(`/api/v1/jobs/${id}/cancel`, {method: 'POST'});
  await cluster.killWorker('paul');
  assert.deepEqual(errors, []);
});

test('all of a small sweep is seen at once, and nothing moves while it comes', async () => {
  const id = await cluster.submit(`name: whole\n${base({iterations: 2})}axes:
  style_weight: [1000, 2000, 3000, 4000]\n  content_weight: [1, 2, 3]\n  seed: [7, 8]\n`);
  const {page, errors} = await visitor();
  await page.waitForSelector('table.jobs');
  const shifts = await shiftsOf(page);
  await goTo(page, `#/jobs/${id}`);
  await holds(page, cells(24));
  assert.deepEqual(await page.evaluate(() => {
    const room = document.querySelector('.cells');
    return [room.scrollWidth > room.clientWidth, room.scrollHeight > room.clientHeight];
  }), [false, false]);
  assert.ok(!(await hashOf(page)).includes('size='));
  await page.waitForSelector('.tools a[aria-disabled]:text-is("Zip")');
  cluster.startWorker('vera');
  await page.waitForSelector('.tools a[href]:text-is("Zip")');
  await page.waitForSelector('.field select option[value=ssim]', {state: 'attached'});
  await cluster.killWorker('vera');
  await cluster.ask(`/api/v1/jobs/${id}/cancel`, {method: 'POST'});
  await page.waitForSelector('#content .state:text-is("cancelled")');
  // Of texts that become others in their places there is a trace.
  assert.ok(await shifts() < 0.005, `${await shifts()}`);
  // A narrow window has what was opened below, where it is asked for.
  const {page: phone} = await visitor(`#/jobs/${id}`, {viewport: {width: 390, height: 800}});
  await holds(phone, `document.querySelectorAll('.cell').length > 8`);
  await phone.click('button[data-panel=parallel]');
  await holds(phone, `document.querySelector('.parallel').getBoundingClientRect().bottom <= innerHeight + 1`);
  await shoot(phone, 'parallel-390');
  assert.deepEqual(errors, []);
});

test('ten thousand cells are a few elements', async () => {
  const id = await cluster.submit(wideSweep({rows: 200, columns: 50}));
  const {page, errors} = await visitor(`#/jobs/${id}`);
  await holds(page, `document.querySelectorAll('.cell[data-state=queued]').length > 20`);
  const inSight = () => page.locator('.cell').count();
  const requests = () => page.evaluate(() => performance.getEntriesByType('resource').filter((one) => one.name.includes('/tasks?')).length);
  assert.ok(await inSight() < 200);
  assert.ok(await requests() <= 12, 'those in sight alone are read');
  await shoot(page, 'wide');
  await page.evaluate(() => {
    const grid = document.querySelector('.cells');
    grid.scrollTop = grid.scrollHeight;
    grid.scrollLeft = grid.scrollWidth;
  });
  const last = '.cell[data-index="9999"]';
  await page.waitForSelector(`${last}[data-state=queued]`);
  assert.ok(await inSight() < 200);
  assert.ok(await requests() <= 30);
  assert.match(await page.getAttribute(last, 'title'), /1199[\s\S]*49/);
  // By keys to the other end.
  await page.focus(last);
  await page.keyboard.press('Home');
  await holds(page, `document.activeElement.dataset.index === '9950'`);
  await page.keyboard.press('ArrowUp');
  await holds(page, `document.activeElement.dataset.index === '9900'`);
  // What the job's changes leave alone is not drawn again.
  const changes = changesWithin(page, 1000);
  await page.click('.acts button:text-is("Pause")');
  await page.waitForSelector('#content .state:text-is("paused")');
  assert.equal(await changes, 0);
  assert.deepEqual(errors, []);
});

test('axes move to blocks, values are hidden, and the address says so', async () => {
  const id = await cluster.submit(`name: blocks\n${base({iterations: 2})}axes:
  style_weight: [1000, 2000]\n  content_weight: [1, 2]\n  tv_weight: [0, 1]\n  seed: [7, 8, 9]\n`);
  const {page, errors} = await visitor(`#/jobs/${id}?size=48`);
  await holds(page, cells(24));
  assert.deepEqual((await tasksInSight(page)).slice(0, 8), [0, 1, 2, 12, 13, 14, 3, 4], 'blocks at first');
  await page.selectOption('[data-axis=style_weight]', 'columns');
  await page.selectOption('[data-axis=content_weight]', 'columns');
  await holds(page, `document.querySelectorAll('.head.column[data-outer]').length === 6`);
  // Content weight, style weight and seed across.
  assert.deepEqual(await tasksInSight(page), [
    0, 1, 2, 12, 13, 14, 6, 7, 8, 18, 19, 20,
    3, 4, 5, 15, 16, 17, 9, 10, 11, 21, 22, 23,
  ]);
  assert.match(await hashOf(page), /row=tv_weight&column=content_weight\.style_weight\.seed/);
  await shoot(page, 'blocks');
  // A value is hidden, and shown alone.
  await page.click('[aria-label="Values of seed"]');
  await page.click('.popover:popover-open li:nth-child(2) input');
  await holds(page, cells(16));
  assert.match(await hashOf(page), /show\.seed=0\.2/);
  await page.keyboard.press('o');
  await holds(page, cells(8));
  await page.keyboard.press('Escape');
  const seen = await tasksInSight(page);
  assert.deepEqual(seen, [1, 13, 7, 19, 4, 16, 10, 22]);
  const hash = await hashOf(page);
  const {page: other} = await visitor(hash);
  await holds(other, cells(8));
  assert.deepEqual(await tasksInSight(other), seen);
  assert.equal(await hashOf(other), hash);
  assert.deepEqual(errors, []);
});

test('numbers colour, sort and filter; keys select and compare', async () => {
  const id = await cluster.submit(sweepOfSeeds({tasks: 4}));
  cluster.startWorker('carl');
  await cluster.watch(id);
  await cluster.killWorker('carl');
  const {page, errors} = await visitor(`#/jobs/${id}`);
  await holds(page, cells(4, '[data-shown]'));
  await page.waitForSelector('.field select option[value=ssim]', {state: 'attached'});
  // Colour and order.
  await page.locator('.toolbar .field select').first().selectOption('ssim');
  await holds(page, `[...document.querySelectorAll('.cell .value')].every((one) => one.textContent !== '')`);
  assert.equal(await page.locator('.cell.best').count(), 1);
  await page.locator('.toolbar .field + .field select').first().selectOption('ssim');
  await page.waitForSelector('.cells.tall');
  const values = await page.evaluate(() => [...document.querySelectorAll('.cell')]
      .sort((a, b) => a.getBoundingClientRect().x - b.getBoundingClientRect().x)
      .map((cell) => Number(cell.querySelector('.value').textContent)));
  assert.deepEqual(values, [...values].sort((a, b) => b - a));
  await shoot(page, 'coloured');
  assert.deepEqual(await seriousViolations(page), []);
  // Keys select.
  await page.focus('.cell[tabindex="0"]');
  for (const key of ['Home', 'Space', 'Shift+ArrowRight']) await page.keyboard.press(key);
  await holds(page, cells(2, '[aria-pressed=true]'));
  await page.waitForSelector('.selection-bar:has-text("2 tasks selected")');
  await page.keyboard.press('Control+a');
  await holds(page, cells(4, '[aria-pressed=true]'));
  await shoot(page, 'selected');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.selection-bar', {state: 'hidden'});
  // Two of them side by side, and their difference.
  for (const key of ['Home', 'Shift+ArrowRight']) await page.keyboard.press(key);
  const order = await tasksInSight(page);
  await page.keyboard.press('v');
  await holds(page, `document.querySelectorAll('dialog[open] .frame img[src]').length === 2`);
  await page.keyboard.press('+');
  await page.waitForSelector('.zoom-text:has-text("150 %")');
  assert.equal(await page.evaluate(() => new Set([...document.querySelectorAll('.frame img')].map((one) => one.style.transform)).size), 1, 'zoomed together');
  await page.keyboard.press('d');
  await holds(page, `document.querySelector('.frame.difference .second').naturalWidth === 64`);
  assert.match(await hashOf(page), /how=difference/);
  await shoot(page, 'difference');
  await page.keyboard.press('x');
  await holds(page, `document.querySelectorAll('.frame').length === 1`);
  // Arrows walk the grid as it is seen.
  await page.keyboard.press('End');
  await page.waitForSelector(`dialog h2:text-is("Task ${order[3]}")`);
  await page.keyboard.press('ArrowLeft');
  await page.waitForSelector(`dialog h2:text-is("Task ${order[2]}")`);
  await page.keyboard.press('Escape');
  await holds(page, `document.querySelector('dialog') === null`);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.index), String(order[2]));
  // The filter, and a view that somebody sent.
  await page.fill('.filter', `ssim > ${values[1] - 1e-4}`);
  await page.dispatchEvent('.filter', 'change');
  await holds(page, `document.querySelectorAll('.cell').length < 4`);
  assert.match(await page.innerText('.shown-count'), / of 4 tasks/);
  const kept = await tasksInSight(page);
  const {page: other} = await visitor(await hashOf(page));
  await holds(other, cells(kept.length));
  assert.deepEqual(await tasksInSight(other), kept);
  // A filter that leaves nothing is said to be why.
  await page.fill('.filter', 'ssim > 3 <b>');
  await page.dispatchEvent('.filter', 'change');
  await page.waitForSelector('.nothing:has-text("No task matches “ssim > 3 <b>”.")');
  assert.equal(await page.locator('.cell:visible').count(), 0);
  await page.click('.nothing button');
  await page.waitForSelector('.nothing', {state: 'hidden'});
  await holds(page, cells(4));
  // Curves, parallel coordinates, a picture of the view, the keys.
  await page.focus('.cell');
  await page.keyboard.press('p');
  await holds(page, `document.querySelector('.parallel canvas').width > 300`);
  await shoot(page, 'parallel');
  await page.focus('.cell');
  await page.keyboard.press('c');
  await page.waitForSelector('.curves-panel .chart');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.tools button:text-is("PNG")')]);
  assert.match(download.suggestedFilename(), /\.png$/);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.keys[open]');
  await shoot(page, 'keys');
  assert.deepEqual(await seriousViolations(page), []);
  assert.deepEqual(errors, []);
});
