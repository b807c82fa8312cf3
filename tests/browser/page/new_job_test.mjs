// A job is made on the page: from pictures, or from a job that is there.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, afterEach, before, test} from 'node:test';
import {closePages, goTo, holdTasks, holds, seriousViolations, shoot, startBrowser, stopBrowser, visit} from './browser.mjs';
import {Cluster, sample, wideSweep} from './cluster.mjs';

let cluster;
before(async () => {
  [cluster] = await Promise.all([Cluster.start(), startBrowser()]);
  cluster.startWorker('anna');
});
after(async () => { await stopBrowser(); await cluster?.stop(); });
afterEach(closePages);

const visitor = (place, options = {}) => visit(cluster, {place, ...options});
const jobCount = async () => (await cluster.ask('/api/v1/jobs?page_size=1000')).jobs.length;
const [CONTENT, STYLE] = [sample('content'), sample('style')];
const submitButton = '.new-job button[type=submit]';

// The job that the page went on to.
async function madeBy(page, ...others) {
  await holds(page, `/^#\\/jobs\\/\\w+/.test(location.hash) && !${JSON.stringify(others)}.some((id) => location.hash.includes(id))`);
  return cluster.ask(`/api/v1/jobs/${/\/jobs\/(\w+)/.exec(await page.evaluate(() => location.hash))[1]}`);
}

// Drops files there, as a file manager does.
async function drop(page, selector, files) {
  const contents = await Promise.all(files.map(async ({name, path, bytes}) => ({name, base64: (bytes ?? await readFile(path)).toString('base64')})));
  const transfer = await page.evaluateHandle((all) => {
    const held = new DataTransfer();
    for (const {name, base64} of all) held.items.add(new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], name));
    return held;
  }, contents);
  await page.dispatchEvent(selector, 'dragover', {dataTransfer: transfer});
  await page.dispatchEvent(selector, 'drop', {dataTransfer: transfer});
}

const zone = (name) => `.drop-zone:has(legend:text-is("${name}"))`;

// A JPEG that says that it stands on its side.
function turned(jpeg) {
  const exif = Buffer.from('45786966000049492a00080000000100120103000100000006000000' + '00000000', 'hex');
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

// A new job of the samples, tiny.
async function fillIn(page) {
  await page.waitForSelector('#new-content-input', {state: 'attached'});
  await page.setInputFiles('#new-content-input', CONTENT);
  await page.setInputFiles('#new-styles-input', STYLE);
  await page.fill('#new-size_px', '64');
  await page.fill('#new-iterations', '2');
  await page.waitForSelector(`${zone('Content')} .picked .name`);
  await page.waitForSelector(`${zone('Styles')} .picked .name`);
}

test('a job is made of pictures that are dropped, and rendered', async () => {
  const {page, errors} = await visitor('#/jobs');
  await page.keyboard.press('n');
  await page.waitForSelector('.new-job h1:text-is("New job")');
  await page.waitForSelector('.preview:has-text("Choose a content.")');
  assert.ok(await page.isDisabled(submitButton));
  await drop(page, zone('Content'), [{name: '<i>harbour</i>\u202e.png', path: CONTENT}]);
  await drop(page, zone('Styles'), [{name: 'waves.png', path: STYLE}]);
  await page.waitForSelector(`${zone('Content')} .name:text-is("<i>harbour</i>\\\\u202e.png")`);
  await page.waitForSelector(`${zone('Styles')} .count:text-is("512 × 400")`);
  assert.equal(await page.inputValue('#new-name'), '<i>harbour</i>\\u202e, waves');
  await page.fill('#new-size_px', '64');
  await page.fill('#new-iterations', '2');
  await page.selectOption('#new-init', 'noise');
  await page.click('button:text-is("Add an axis")');
  await page.selectOption('.axis-row select', 'seed');
  await page.fill('.axis-row input', '1-2');
  await page.waitForSelector('.preview:has-text("2 tasks: 0 have a result, 2 to render")');
  await page.waitForSelector('.form-foot .hint:has-text("2 pictures to send")');
  await shoot(page, 'new-job');
  assert.deepEqual(await seriousViolations(page), []);
  await page.dblclick(submitButton);
  const {job_id: id, spec, task_count: count} = await madeBy(page);
  assert.equal(count, '2');
  assert.equal(spec.base.preset, 'PRESET_FAST');
  assert.equal(spec.base.style_weight, undefined, 'only what is written is said');
  assert.deepEqual(spec.axes.map(({name, values}) => [name, values.map(({label}) => label)]), [['seed', ['1', '2']]]);
  assert.deepEqual(spec.images.map(({name, width_px: width}) => [name, width]), [['<i>harbour</i>\\u202e.png', 512], ['waves.png', 512]]);
  assert.equal(await jobCount(), 1, 'however often somebody presses');
  const ended = await cluster.watch(id);
  assert.equal(ended.tasks.succeeded, '2', ended.message);
  await page.waitForSelector('.cell[data-state=succeeded][data-index="1"]');
  assert.deepEqual(errors, []);
});

test('what is wrong is said where it stands', async () => {
  const {page, errors} = await visitor('#/new');
  await fillIn(page);
  await page.waitForSelector('.preview:has-text("1 task")');
  await page.fill('#new-iterations', 'many');
  await page.waitForSelector('#new-iterations-error:has-text("no number")');
  assert.ok(await page.isDisabled(submitButton));
  await page.fill('#new-iterations', '2');
  // What only the coordinator knows.
  await page.fill('#new-size_px', '5');
  await page.waitForSelector('#new-size_px-error:has-text("at least 16 px")');
  await page.fill('#new-size_px', '64');
  await page.click('.more summary');
  await page.fill('#new-content_layers', 'conv99');
  await page.waitForSelector('#new-content_layers-error:has-text("conv99")');
  await page.fill('#new-content_layers', '');
  await page.waitForSelector('.preview:has-text("1 task")');
  await drop(page, zone('Content'), [{name: '<b>x</b>.png', bytes: Buffer.from('no picture')}]);
  await page.waitForSelector(`${zone('Content')} .error:has-text("“<b>x</b>.png”: it is no PNG, JPEG or WebP picture.")`);
  assert.equal(await page.locator(`${zone('Content')} .picked li`).count(), 1, 'the other stays');
  await drop(page, zone('Styles'), [{name: 'cut.png', bytes: (await readFile(STYLE)).subarray(0, 300)}]);
  await page.waitForSelector(`${zone('Styles')} .error:has-text("it is broken")`);
  // A picture that was refused stays to be sent again; its job is made once.
  const before = await jobCount();
  await page.setInputFiles('#new-styles-input', {name: 'new.png', mimeType: 'image/png', buffer: await page.screenshot()});
  await page.waitForSelector('.form-foot .hint:has-text("1 picture to send")');
  await page.route('**/api/v1/artifacts/*', (route) => route.fulfill({status: 429, contentType: 'application/json', body: '{"error": {"message": "quota: <img src=x>"}}'}), {times: 1});
  await page.click(submitButton);
  await page.waitForSelector(`${zone('Styles')} .error:has-text("was not sent: quota: <img src=x>")`);
  assert.equal(await jobCount(), before);
  await page.route('**/api/v1/jobs', async (route) => { await route.fetch(); await route.abort(); }, {times: 1});
  await page.click(submitButton);
  await page.waitForSelector('.form-foot .error:has-text("does not answer")');
  await page.click(submitButton);
  const {spec} = await madeBy(page);
  assert.equal(await jobCount(), before + 1);
  assert.deepEqual(spec.axes.map(({name, values}) => [name, values.map(({label}) => label)]), [['style', ['style.png', 'new.png']]]);
  assert.deepEqual(errors, []);
});

test('what was written stays while somebody looks elsewhere, until it is submitted', async () => {
  const {page, errors} = await visitor('#/new');
  await fillIn(page);
  await page.fill('#new-seed', '11');
  await goTo(page, '#/workers');
  await page.waitForSelector('table.workers');
  await goTo(page, '#/new');
  await page.waitForSelector('.new-job [role=note]:has-text("This is as you left it.")');
  await page.waitForSelector(`${zone('Content')} .picked .name:text-is("content.png")`);
  assert.equal(await page.inputValue('#new-seed'), '11');
  await page.fill('#new-seed', '12');
  await page.waitForSelector('.preview:has-text("1 task")');
  await shoot(page, 'draft');
  assert.deepEqual(await seriousViolations(page), []);
  // Loaded again, its texts are there.
  await page.click('button:text-is("Add an axis")');
  await page.fill('.axis-row input', '5, 6');
  await page.reload();
  await page.waitForSelector('.new-job [role=note]:has-text("pictures are to be chosen again")');
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('#new-seed, #new-size_px, .axis-row select, .axis-row input, #new-name')].map((one) => one.value)),
      ['64', '12', 'style_weight', '5, 6', '']);
  // Begun as another job, it is another form.
  const another = await cluster.submit(wideSweep({rows: 1, columns: 1}));
  await goTo(page, `#/new?from=${another}`);
  await holds(page, `document.querySelector('#new-seed').value !== '12'`);
  assert.equal(await page.locator('.new-job [role=note]:has-text("as you left it")').count(), 0);
  await goTo(page, '#/new');
  await holds(page, `document.querySelector('#new-seed').value === '12'`);
  await page.click('button:text-is("Start over")');
  await holds(page, `document.querySelector('#new-seed').value === '' && document.querySelectorAll('.picked li').length === 0`);
  // What was submitted is begun anew the next time.
  await fillIn(page);
  await page.waitForSelector('.preview:has-text("1 task")');
  await page.click(submitButton);
  await madeBy(page, another);
  await goTo(page, '#/new');
  await holds(page, `document.querySelector('#new-seed').value === '' && document.querySelectorAll('.picked li').length === 0`);
  assert.deepEqual(errors, []);
});

test('a picture is as large as it is seen, and what cannot be sent is said before', async () => {
  const {page} = await visitor('#/new');
  await page.waitForSelector('#new-content-input', {state: 'attached'});
  await drop(page, zone('Content'), [{name: 'turned.jpg', bytes: turned(await page.screenshot({type: 'jpeg'}))}]);
  await page.waitForSelector(`${zone('Content')} .count:text-is("900 × 1280")`);
  const {page: other} = await visit(cluster);
  await other.route('**/api/v1/parameters', async (route) => {
    const {networks: _, ...table} = await (await route.fetch()).json();
    return route.fulfill({json: {...table, max_artifact_bytes: '1000'}});
  });
  await goTo(other, '#/new');
  await other.waitForSelector('.preview:has-text("does not say which network it has")');
  await drop(other, zone('Styles'), [{name: 'large.png', path: STYLE}]);
  await other.waitForSelector(`${zone('Styles')} .error:has-text("at most 1.0 kB")`);
  assert.ok(await other.isDisabled(submitButton));
});

test('keys suffice, and a picture that is there is not sent again', async () => {
  const {page, errors} = await visitor('#/new');
  await holds(page, `document.activeElement.id === 'new-content-input'`);
  // As of a page that came over plain HTTP.
  await page.evaluate(() => Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined}));
  await fillIn(page);
  await page.waitForSelector('.preview:has-text("1 task")');
  const sent = [];
  page.on('request', (request) => { if (request.method() === 'PUT') sent.push(request.url()); });
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('.new-job :is(input, select, button, summary)')].filter((one) => one.tabIndex < 0).length), 0);
  await page.focus('#new-name');
  await page.keyboard.press('Enter');
  await madeBy(page);
  assert.deepEqual(sent, []);
  assert.deepEqual(errors, []);
});

test('another job begins as one that is there, and what the form has no field for comes along', async () => {
  const first = await cluster.submit(`${wideSweep({name: '<b>first</b>', rows: 2, columns: 2})}exclude:\n  - {style_weight: 1001, seed: 1}\n`);
  const {page, errors} = await visitor(`#/jobs/${first}`);
  await page.click('.job-head a:text-is("Make another")');
  await page.waitForSelector('.preview:has-text("3 tasks")');
  assert.equal(await page.inputValue('#new-name'), '<b>first</b>');
  assert.equal(await page.inputValue('#new-size_px'), '64');
  assert.equal(await page.inputValue('#new-init'), 'noise');
  assert.deepEqual(await page.locator('.axis-row input').evaluateAll((all) => all.map(({value}) => value)), ['1000, 1001', '0, 1']);
  await page.waitForSelector('.hint:has-text("comes besides: points that are left out")');
  await holds(page, `[...document.querySelectorAll('.thumbnail img')].length === 2 && [...document.querySelectorAll('.thumbnail img')].every((one) => one.complete && one.naturalWidth > 0)`);
  await page.fill('.axis-row:nth-child(2) input', '0, 1, 5');
  await page.waitForSelector('.preview:has-text("5 tasks")');
  await shoot(page, 'new-job-from');
  assert.deepEqual(await seriousViolations(page), []);
  await page.click(submitButton);
  const {spec} = await madeBy(page, first);
  const before = (await cluster.ask(`/api/v1/jobs/${first}`)).spec;
  assert.deepEqual(spec.base, before.base);
  assert.deepEqual(spec.exclude, before.exclude);
  assert.deepEqual(spec.axes[0], before.axes[0]);
  assert.deepEqual(spec.axes[1].values.map(({label}) => label), ['0', '1', '5']);
  // Left out, all points are tasks.
  const {page: other, errors: others} = await visitor(`#/new?from=${first}`);
  await other.waitForSelector('.preview:has-text("3 tasks")');
  await other.click('button:text-is("Leave this out")');
  await other.waitForSelector('.preview:has-text("4 tasks")');
  assert.deepEqual([...errors, ...others], []);
});

test('who may not make jobs is offered none', async () => {
  const [token] = (await cluster.atelier('token', 'create', '--role', 'read', '--user', 'reader')).split('\n');
  const job = await cluster.submit(wideSweep({name: 'seen', rows: 1, columns: 1}));
  await cluster.watch(job);
  const {page} = await visitor('#/jobs', {token});
  await page.waitForSelector('table.jobs tbody a');
  assert.equal(await page.locator('a:text-is("New job")').count(), 0);
  await goTo(page, `#/jobs/${job}?task=0`);
  await page.waitForSelector('dialog.large .copies button:text-is("Copy command")');
  assert.equal(await page.locator('a:text-is("Make another"), button:text-is("Rerun")').count(), 0);
  await page.keyboard.press('r');
  await goTo(page, '#/new');
  await page.waitForSelector('#content:has-text("You may look at jobs here")');
});

for (const [scheme, width] of [['light', 390], ['dark', 390], ['dark', 1280]]) {
  test(`a new job is for everybody, in the ${scheme}, at ${width} px`, async () => {
    const {page} = await visitor('#/new', {viewport: {width, height: 800}, colorScheme: scheme, reducedMotion: 'reduce'});
    await fillIn(page);
    await page.click('button:text-is("Add an axis")');
    await page.fill('.axis-row input', '1000, 2000');
    await page.waitForSelector('.preview:has-text("2 tasks")');
    await holds(page, `document.documentElement.scrollWidth <= ${width} && document.querySelector('#content').scrollWidth <= document.querySelector('#content').clientWidth`);
    await shoot(page, `new-job-${scheme}-${width}`);
    await page.click('.more summary');
    await page.focus('#new-styles-input');
    await shoot(page, `new-job-${scheme}-${width}-top`);
    assert.deepEqual(await seriousViolations(page), []);
  });
}

test('a task is rendered once more, as a job of its own', async () => {
  const job = await cluster.submit(wideSweep({name: 'once', rows: 1, columns: 2}));
  await cluster.watch(job);
  const {page, errors} = await visitor('#/jobs');
  const before = await jobCount();
  const letRead = await holdTasks(page);
  await goTo(page, `#/jobs/${job}?task=1`);
  await page.waitForSelector('dialog.large');
  const asks = page.waitForEvent('dialog');
  await page.keyboard.press('r');  // Before the task was read.
  letRead();
  await (await asks).dismiss();
  await page.waitForSelector('dialog.large .copies button:text-is("Rerun")');
  page.on('dialog', (dialog) => dialog.accept());
  await page.route('**/api/v1/jobs', (route) => route.fulfill({status: 429, contentType: 'application/json', body: '{"error": {"message": "<b>quota</b>"}}'}), {times: 1});
  await page.keyboard.press('r');
  await page.waitForSelector('.copies .error:text-is("Not done: <b>quota</b>")');
  await shoot(page, 'rerun');
  await page.click('.copies button:text-is("Rerun")');
  const {job_id: id, spec} = await madeBy(page, job);
  assert.equal(spec.name, 'once, task 1 again');
  assert.equal(spec.no_cache, true);
  assert.equal(await jobCount(), before + 1);
  await cluster.watch(id);
  const taskOf = async (one, index) => (await cluster.ask(`/api/v1/jobs/${one}/tasks?first_index=${index}&page_size=1`)).tasks[0];
  const [was, is] = [await taskOf(job, 1), await taskOf(id, 0)];
  assert.equal(is.render_key, was.render_key);
  assert.equal(is.attempts, 1, 'no result was taken for it');
  assert.equal(is.result.image_digest, was.result.image_digest);
  assert.deepEqual(errors, []);
});
