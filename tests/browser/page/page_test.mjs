// The coordinator's page in a real browser: who is let in, what is offered, and
// how it lives through what happens around it.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';
import {closePages, goTo, holds, newPage, seriousViolations, shiftsOf, shoot, startBrowser, stopBrowser, visit} from './browser.mjs';
import {Cluster, sweepOfSeeds, wideSweep} from './cluster.mjs';

let cluster;
before(async () => { [cluster] = await Promise.all([Cluster.start(), startBrowser()]); });
after(async () => { await stopBrowser(); await cluster?.stop(); });
afterEach(closePages);

const visitor = (options) => visit(cluster, options);

const cellsIn = (state, count) => `document.querySelectorAll('.cell[data-state=${state}]').length === ${count}`;

test('a token logs in, and no script can read it', async () => {
  const {context, page} = await newPage();
  await page.goto(`http://${cluster.http}/`);
  await page.fill('#token', 'atl_a_wrong');
  await shoot(page, 'login');
  assert.deepEqual(await seriousViolations(page), []);
  await page.click('form.login button');
  await page.waitForSelector('.error:has-text("token")');
  await page.fill('#token', await cluster.token());
  await page.click('form.login button');
  await page.waitForSelector('#top nav');
  assert.equal(await page.evaluate(() => document.cookie), '');
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  const another = await context.newPage();
  await another.goto(`http://${cluster.http}/`);
  await another.waitForSelector('table.jobs');
  await another.click('#top button');
  await another.waitForSelector('#token');
  await page.reload();
  await page.waitForSelector('#token');
});

test('a link logs in once', async () => {
  const link = await cluster.loginLink();
  const {page, errors} = await newPage();
  await page.goto(link);
  await page.waitForSelector('#top nav');
  assert.equal(await page.evaluate(() => location.hash), '#/jobs');
  assert.deepEqual(errors, []);
  const {page: second} = await newPage();
  await second.goto(link);
  await second.waitForSelector('#token');
});

// Before there is any worker, which would be missed only after a while.
test('the system is shown, and its log to admins', async () => {
  const id = await cluster.submit(sweepOfSeeds({tasks: 2, iterations: 5}));
  const {page, errors} = await visitor({place: '#/system'});
  await page.waitForSelector('.condition:has-text("no worker is connected")');
  const cards = await page.innerText('.cards');
  for (const word of ['Tasks queued', 'free']) assert.ok(cards.includes(word), word);
  await page.waitForSelector('.audit tbody tr:has-text("submit job")');
  await shoot(page, 'system');
  await cluster.ask(`/api/v1/jobs/${id}/cancel`, {method: 'POST'});
  assert.deepEqual(errors, []);
});

test('it stays while the coordinator is gone, and goes on without a reload', async () => {
  const id = await cluster.submit(sweepOfSeeds({tasks: 2}));
  const {page} = await visitor({place: `#/jobs/${id}`});
  await holds(page, cellsIn('queued', 2));
  await page.evaluate(() => { window.isTheSamePage = true; });
  const {page: other} = await visitor();
  const shifts = await shiftsOf(page);
  await cluster.killCoordinator();
  await page.waitForSelector('#connection:has-text("this page goes on once it does")');
  assert.equal(await shifts(), 0, 'nothing moves for it');
  await shoot(page, 'gone');
  // Over a large picture it is said, too.
  await page.focus('.cell[data-index="1"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog.large #connection:has-text("does not answer")');
  await shoot(page, 'gone-large');
  await page.keyboard.press('Escape');
  await page.waitForSelector('body > #connection:has-text("does not answer")');
  // A form that is opened meanwhile comes once there is somebody to ask.
  await goTo(other, '#/new');
  await other.waitForSelector('#connection:has-text("this page goes on once it does")');
  assert.equal(await other.locator('#new-content-input').count(), 0);
  await cluster.restartCoordinator();
  cluster.startWorker('ben');
  await other.waitForSelector('#new-content-input', {state: 'attached'});
  await other.waitForSelector('#connection', {state: 'hidden'});
  await holds(page, cellsIn('succeeded', 2));
  await page.waitForSelector('#connection', {state: 'hidden'});
  assert.equal(await page.evaluate(() => window.isTheSamePage), true);
  await goTo(page, '#/workers');
  await page.waitForSelector('table.workers:has-text("ben")');
  await shoot(page, 'workers');
  assert.deepEqual(await seriousViolations(page), []);
  await page.click('[aria-label="drain ben"]');
  await page.waitForSelector('[aria-label="release ben"]');
  await page.waitForSelector('table.workers:has-text("draining")');
  await cluster.killWorker('ben');
});

test('a job is steered', async () => {
  const id = await cluster.submit(sweepOfSeeds({tasks: 2, iterations: 5}));
  const {page} = await visitor({place: `#/jobs/${id}`});
  page.on('dialog', (dialog) => dialog.accept());
  const press = (text) => page.click(`.acts button:text-is("${text}")`);
  const state = (text) => page.waitForSelector(`#content .state:text-is("${text}")`);
  // What is refused is said, and stays while news come in.
  await page.route('**/pause', (route) => route.fulfill({status: 409, contentType: 'application/json', body: '{"error": {"message": "it is not to be"}}'}), {times: 1});
  await press('Pause');
  await page.waitForSelector('#refusal:has-text("Not done: it is not to be")');
  await cluster.ask(`/api/v1/jobs/${id}/priority`, {method: 'POST', body: {priority: 3}});
  await holds(page, `document.querySelector('#content').innerText.includes('priority 3')`);
  assert.ok(await page.isVisible('#refusal'));
  await press('Pause');
  await state('paused');
  assert.ok(await page.isHidden('#refusal'));
  await press('Resume');
  await state('queued');
  await press('Cancel');
  await holds(page, cellsIn('cancelled', 2));
  await press('Retry what was cancelled');
  await holds(page, cellsIn('queued', 2));
  await press('Cancel');
  await state('cancelled');
  await press('Delete');
  await page.waitForSelector('table.jobs');
  assert.ok(!(await page.innerText('table.jobs')).includes(id));
});

test('jobs are found, chosen and ended together', async () => {
  const ids = [];
  for (const name of ['needle one', 'needle two', 'hay']) ids.push(await cluster.submit(sweepOfSeeds({name, tasks: 2, iterations: 5})));
  const {page, errors} = await visitor();
  page.on('dialog', (dialog) => dialog.accept());
  const rows = (count) => holds(page, `document.querySelectorAll('table.jobs tbody tr').length === ${count}`);
  await page.waitForSelector('table.jobs tbody tr');
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.keys:has-text("List of jobs")');
  await page.keyboard.press('Escape');
  await holds(page, `document.querySelector('dialog') === null`);
  await page.keyboard.press('/');
  await holds(page, `document.activeElement.type === 'search'`);
  await page.keyboard.type('NEEDLE');
  await rows(2);
  assert.equal(await page.evaluate(() => location.hash), '#/jobs?search=NEEDLE');
  // The address is the question.
  await goTo(page, '#/jobs?search=needle&state=unfinished');
  await rows(2);
  for (const name of ['needle two', 'needle one']) {
    if (name === 'needle two') await page.keyboard.press('/');
    await page.keyboard.press('ArrowDown');
    await holds(page, `document.activeElement.textContent === '${name}'`);
    await page.keyboard.press('x');
  }
  await holds(page, `document.querySelectorAll('tr[data-chosen]').length === 2`);
  await shoot(page, 'chosen');
  await page.click('.acts button:text-is("Cancel 2")');
  await rows(0);
  await goTo(page, '#/jobs?search=needle&state=cancelled');
  await rows(2);
  await page.click('thead input');
  await page.click('.acts button:text-is("Delete 2")');
  await rows(0);
  await goTo(page, `#/jobs?search=${ids[2]}`);
  await rows(1);
  assert.deepEqual(errors, []);
});

test('a reader is offered nothing that it may not do', async () => {
  const id = await cluster.submit(sweepOfSeeds({tasks: 2, iterations: 5}));
  const [token] = (await cluster.atelier('token', 'create', '--role', 'read', '--user', 'reader')).split('\n');
  const {page} = await visitor({token, place: `#/jobs/${id}`});
  await page.waitForSelector('#top:has-text("reader (read)")');
  await holds(page, `document.querySelectorAll('.cell').length === 2`);
  assert.equal(await page.locator('.acts button').count(), 0);
});

test('names are no markup', async () => {
  const names = [
    '<img src=x onerror=document.title="owned">', 'a \u202egnp.exe', '👩‍👩‍👧‍👦'.repeat(11), '"><script>document.title="owned"</script>',
  ];
  const ids = [];
  for (const name of names) ids.push(await cluster.submit(sweepOfSeeds({name, tasks: 1, iterations: 5})).catch((error) => String(error)));
  const {page, errors} = await visitor();
  await page.waitForSelector(`table.jobs:has-text("<img src=x onerror")`);
  const text = await page.innerText('table.jobs');
  assert.ok(!text.includes('\u202e'), 'what turns text around is seen as such');
  for (const id of ids.filter((one) => /^\w+$/.test(one))) {
    await goTo(page, `#/jobs/${id}`);
    await page.waitForSelector('.cell');
    assert.equal(await page.locator('img[src=x], #content script').count(), 0);
    assert.ok(!(await page.title()).startsWith('owned'));
  }
  assert.deepEqual(errors, []);
});

for (const scheme of ['light', 'dark']) {
  test(`everybody can use it, in the ${scheme}, and it fits a phone`, async () => {
    const id = await cluster.submit(wideSweep({rows: 3, columns: 4}));
    for (const [width, height] of [[1280, 900], [390, 800]]) {
      const {page} = await visitor({viewport: {width, height}, colorScheme: scheme, reducedMotion: 'reduce'});
      for (const place of ['jobs', `jobs/${id}`, 'workers', 'system']) {
        await goTo(page, `#/${place}`);
        await page.waitForSelector('h1');
        // A phone has fewer of them in sight.
        if (place === `jobs/${id}`) await holds(page, `document.querySelectorAll('.cell[data-state=queued]').length >= 4`);
        await holds(page, `document.documentElement.scrollWidth <= ${width}`);
        await shoot(page, `${place.split('/').length > 1 ? 'job' : place}-${scheme}-${width}`);
        assert.deepEqual(await seriousViolations(page), [], `${place}, ${scheme}, ${width} px`);
      }
    }
  });
}
