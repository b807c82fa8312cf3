// What is made of jobs on the page: more of a sweep around a cell.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, afterEach, before, test} from 'node:test';
import {closePages, goTo, holdTasks, holds, seriousViolations, shoot, startBrowser, stopBrowser, visit} from './browser.mjs';
import {Cluster, base, wideSweep} from './cluster.mjs';

let cluster;
let job;  // style_weight 1000 and 1001, seed 0 and 1: done.
before(async () => {
  [cluster] = await Promise.all([Cluster.start(), startBrowser()]);
  job = await cluster.submit(wideSweep({rows: 2, columns: 2}));
  cluster.startWorker('anna');
  await cluster.watch(job);
});
after(async () => { await stopBrowser(); await cluster?.stop(); });
afterEach(closePages);

const visitor = (place, options = {}) => visit(cluster, {place, ...options});
const hashOf = (page) => page.evaluate(() => location.hash);
const jobCount = async () => (await cluster.ask('/api/v1/jobs?page_size=1000')).jobs.length;

// The job that the page went on to.
async function newJobOf(page, ...others) {
  await holds(page, `/^#\\/jobs\\/\\w+/.test(location.hash) && !${JSON.stringify(others)}.some((id) => location.hash.includes(id))`);
  return cluster.ask(`/api/v1/jobs/${/\/jobs\/(\w+)/.exec(await hashOf(page))[1]}`);
}

test('a sweep grows around a cell, and what has a picture keeps it', async () => {
  const {page, errors} = await visitor(`#/jobs/${job}`);
  await page.waitForSelector('.cell[data-state=succeeded][data-index="2"]');
  await page.focus('.cell[data-index="2"]');
  await page.keyboard.press(' ');
  await page.click('.selection-bar button:text-is("Extend")');
  await page.waitForSelector('.form-dialog h2:text-is("More around task 2")');
  const value = (place) => page.inputValue(`#extend-${place}`);
  await page.waitForSelector('#extend-0');
  assert.equal(await value(0), '1000.5, 1002', 'between it and its neighbour, and a step beyond');
  assert.equal(await value(1), '', 'no whole number is between 0 and 1, and none below');
  await page.waitForSelector('.preview:has-text("8 tasks: 4 have a result, 4 to render, about")');
  await page.click('.offers button:text-is("1000.5")');
  assert.equal(await value(0), '1002');
  await page.waitForSelector('.preview:has-text("6 tasks: 4 have a result")');
  // What is no value is said where it stands, as is what is not allowed.
  await page.fill('#extend-1', 'three');
  await page.waitForSelector('#extend-1-error:has-text("no number")');
  assert.ok(await page.isDisabled('.form-dialog button[type=submit]'));
  await page.fill('#extend-1', '1, 5');
  await page.waitForSelector('.form-dialog .hint:has-text("has 1 already")');
  await page.waitForSelector('.preview:has-text("9 tasks: 4 have a result, 5 to render")');
  await page.fill('#extend-name', '<b>more</b>');
  await shoot(page, 'extend');
  assert.deepEqual(await seriousViolations(page), []);
  const before = await jobCount();
  await page.dblclick('.form-dialog button[type=submit]');
  const {spec, task_count: count} = await newJobOf(page, job);
  assert.equal(count, '9');
  assert.deepEqual(spec.axes.map(({values}) => values.map(({label}) => label)), [['1000', '1001', '1002'], ['0', '1', '5']]);
  assert.equal(spec.name, '<b>more</b>');
  assert.equal(await jobCount(), before + 1, 'however often somebody presses');
  assert.deepEqual(errors, []);
});

test('pictures that are selected, or all, are saved as one zip', async () => {
  const {page, errors} = await visitor(`#/jobs/${job}`);
  await page.waitForSelector('.cell[data-state=succeeded][data-index="3"]');
  // What the link's press saves: {name, bytes, pictures: how many}.
  const saved = async (link) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(link)]);
    const bytes = readFileSync(await download.path());
    return {name: download.suggestedFilename(), bytes, pictures: bytes.toString('latin1').split('\x89PNG\r\n').length - 1};
  };
  const all = await saved('.tools a:text-is("Zip")');
  assert.match(all.name, new RegExp(`${job}\\.zip$`));
  assert.equal(all.pictures, 4);
  await page.waitForSelector('.selection-bar a:text-is("Zip")', {state: 'hidden'});
  for (const index of [0, 3]) {
    await page.focus(`.cell[data-index="${index}"]`);
    await page.keyboard.press(' ');
  }
  await page.waitForSelector('.selection-bar:has-text("2 tasks selected")');
  await shoot(page, 'zip');
  const two = await saved('.selection-bar a:text-is("Zip")');
  assert.equal(two.bytes.toString('latin1', 0, 2), 'PK');
  assert.equal(two.pictures, 2);
  assert.ok(two.bytes.includes('style_weight-1001_seed-1.png'));
  await page.setViewportSize({width: 390, height: 800});
  await holds(page, `document.documentElement.scrollWidth <= 390`);
  await shoot(page, 'zip-390');
  assert.deepEqual(await seriousViolations(page), []);
  assert.deepEqual(errors, []);
});

test('what the coordinator refuses is said where it belongs, and a lost answer makes no second job', async () => {
  const {page, errors} = await visitor(`#/jobs/${job}?task=3`);
  await page.waitForSelector('dialog.large .copies button:text-is("Extend")');
  await page.keyboard.press('e');
  await page.waitForSelector('#extend-1');
  assert.equal(await page.inputValue('#extend-1'), '2');
  await page.waitForSelector('.preview:has-text("to render")');  // The next is the one that is refused.
  await page.route('**/api/v1/jobs/preview', (route) => route.fulfill({status: 400, contentType: 'application/json',
    body: '{"error": {"message": "spec.axes[1].values[2].set.seed: <img src=x> is too much"}}'}), {times: 1});
  await page.fill('#extend-1', '7');
  await page.waitForSelector('#extend-1-error:text-is("<img src=x> is too much")');
  await page.fill('#extend-1', '8');
  await page.waitForSelector('.preview:has-text("12 tasks")');
  const before = await jobCount();
  await page.route('**/api/v1/jobs', async (route) => { await route.fetch(); await route.abort(); }, {times: 1});
  await page.click('.form-dialog button[type=submit]');
  await page.waitForSelector('.form-dialog .error:has-text("does not answer")');
  await page.click('.form-dialog button[type=submit]');
  await newJobOf(page, job);
  assert.equal(await jobCount(), before + 1);
  assert.deepEqual(errors, []);
});

test('what cannot grow says why, and who may not is offered nothing', async () => {
  const sample = await cluster.submit(`${base({})}expand: {sample: 2, seed: 1}\nname: sample\naxes:\n  seed: [1, 2, 3]\n`);
  const {page} = await visitor('#/jobs');
  const letRead = await holdTasks(page);
  await goTo(page, `#/jobs/${sample}`);
  await page.waitForSelector('.cell');
  await page.focus('.cell');
  await page.keyboard.press('e');  // Before its tasks were read, which alone say what a sample has there.
  letRead();
  await page.waitForSelector('.form-dialog:has-text("random sample")');
  assert.ok(await page.isDisabled('.form-dialog button[type=submit]'));
  await page.keyboard.press('Escape');
  await holds(page, `document.querySelector('dialog') === null`);
  const [token] = (await cluster.atelier('token', 'create', '--role', 'read', '--user', 'reader')).split('\n');
  const {page: reader} = await visitor(`#/jobs/${job}`, {token});
  await reader.waitForSelector('.cell[data-state=succeeded]');
  await reader.focus('.cell');
  await reader.keyboard.press(' ');
  await reader.keyboard.press('e');
  await reader.waitForSelector('.selection-bar:has-text("1 task selected")');
  assert.equal(await reader.locator('.selection-bar button:text-is("Extend"):visible, .form-dialog').count(), 0);
});

for (const [scheme, width] of [['light', 390], ['dark', 390], ['dark', 1280]]) {
  test(`extending is for everybody, in the ${scheme}, at ${width} px`, async () => {
    const {page} = await visitor(`#/jobs/${job}?task=2`, {viewport: {width, height: 800}, colorScheme: scheme, reducedMotion: 'reduce'});
    await page.waitForSelector('dialog.large .copies button:text-is("Extend")');
    await page.keyboard.press('e');
    await page.waitForSelector('.preview:has-text("to render")');
    await holds(page, `document.documentElement.scrollWidth <= ${width}`);
    await holds(page, `document.querySelector('.form-dialog').scrollWidth <= document.querySelector('.form-dialog').clientWidth`);
    await shoot(page, `extend-${scheme}-${width}`);
    assert.deepEqual(await seriousViolations(page), []);
  });
}

test('what failed is queued again, alone or with what is selected', async () => {
  const broken = await cluster.submit(wideSweep({name: 'broken', rows: 3, columns: 1}).replace(/style_weight: .*/, 'style_weight: [1000, 1e300, 1.1e300]'));
  await cluster.watch(broken).catch(() => {});  // It says that the job failed.
  const {page, errors} = await visitor(`#/jobs/${broken}`);
  await page.waitForSelector('.cell[data-state=failed][data-index="2"]');
  const retry = page.locator('.selection-bar button:text-is("Retry")');
  await page.focus('.cell[data-index="0"]');
  await page.keyboard.press(' ');
  await page.waitForSelector('.selection-bar:has-text("1 task selected")');
  assert.equal(await retry.isVisible(), false, 'it has a picture');
  await page.focus('.cell[data-index="1"]');
  await page.keyboard.press(' ');
  await retry.waitFor();
  await shoot(page, 'retry');
  const attemptsOf = async (index) => (await cluster.ask(`/api/v1/jobs/${broken}/tasks?page_size=10`)).tasks[index].attempts;
  const before = await Promise.all([0, 1, 2].map(attemptsOf));
  await Promise.all([page.waitForResponse('**/retry'), retry.click()]);
  await cluster.watch(broken).catch(() => {});
  const after = await Promise.all([0, 1, 2].map(attemptsOf));
  assert.equal(after[0], before[0]);
  assert.ok(after[1] > before[1], `${after[1]} attempts`);
  assert.equal(after[2], before[2], 'it was not selected');
  // Of one that is looked at.
  await page.keyboard.press('Escape');
  await page.waitForSelector('.cell[data-state=failed][data-index="2"]');
  await page.click('.cell[data-index="2"]');
  await page.route('**/retry', (route) => route.fulfill({status: 429, contentType: 'application/json', body: '{"error": {"message": "too many <b>"}}'}), {times: 1});
  await page.click('dialog[open] button:text-is("Retry")');
  await page.waitForSelector('dialog[open] .error:has-text("Not done: too many <b>")');
  await Promise.all([page.waitForResponse('**/retry'), page.click('dialog[open] button:text-is("Retry")')]);
  await cluster.watch(broken).catch(() => {});
  assert.ok(await attemptsOf(2) > before[2]);
  assert.deepEqual(errors, []);
});
