// Chromium, as the tests of the page use it: one browser for a file of tests,
// one set of cookies for each test.
//
//   const {page, errors} = await visit(cluster);
import {createRequire} from 'node:module';
import {mkdirSync} from 'node:fs';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {until} from './cluster.mjs';

const require = createRequire(join(process.env.ATELIER_NODE_PACKAGES, 'package.json'));
const {chromium} = require('playwright-core');
const axe = require.resolve('axe-core/axe.min.js');

let browser = null;
const contexts = [];  // Of the pages that are open.

export async function startBrowser() {
  browser = await chromium.launch({
    executablePath: process.env.ATELIER_CHROMIUM ?? '/usr/bin/chromium',
    // Debian's sandbox refuses to run as root, which CI is.
    args: ['--disable-gpu', '--disable-dev-shm-usage', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
  });
}

export async function stopBrowser() {
  await browser?.close();
}

// After each test.
export async function closePages() {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
}

// The page as its sources are now, in the place of those that the coordinator was
// built with: to work on it without a build.
async function fromDisk(context) {
  const source = fileURLToPath(new URL('../../..', import.meta.url));
  await context.route(({pathname}) => pathname.startsWith('/page/'), (route) => {
    const {pathname} = new URL(route.request().url());
    return route.fulfill({path: join(source, pathname.startsWith('/page/viewer/') ? 'common/viewer' : 'coordinator/page', basename(pathname))});
  });
}

// A page nobody is logged in on. `errors`: what scripts, console and the page's
// policy said of errors.
export async function newPage(options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
  contexts.push(context);
  context.setDefaultTimeout(30_000);
  if (process.env.ATELIER_PAGE_FROM_DISK) await fromDisk(context);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // Of an answer that the page expects, the browser says this.
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text())) errors.push(message.text());
  });
  return {context, page, errors};
}

// The page, logged in with a token: an admin's if none is given.
export async function visit(cluster, {token, place, ...options} = {}) {
  const visited = await newPage(options);
  const {page} = visited;
  await page.goto(await cluster.loginLink(token));
  await page.waitForSelector('#top nav');
  if (place) await goTo(page, place);
  return visited;
}

// Keeps the page from reading tasks, until what it returns is called.
export async function holdTasks(page) {
  let letRead;
  const held = new Promise((done) => { letRead = done; });
  await page.route('**/tasks?*', async (route) => { await held; await route.continue(); });
  return letRead;
}

export async function goTo(page, place) {
  await page.evaluate((hash) => { location.hash = hash; }, place);
}

// Until the expression, of things in the page, is true. Asked from here: the
// page's policy lets no text become a script later.
export async function holds(page, expression) {
  const seen = async () => page.evaluate(`(() => { try { return Boolean(${expression}); } catch { return false; } })()`);
  try {
    await until(expression, seen, 60);
  } catch (error) {
    await shoot(page, 'failed');
    throw new Error(`${expression}\nthe page says: ${await page.innerText('body')}`, {cause: error});
  }
}

// A function that tells how much of what is seen moved by itself from now on: the
// browser's own measure, in which 0.1 is bad.
export async function shiftsOf(page) {
  await page.evaluate(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({type: 'layout-shift'});
  });
  return () => page.evaluate(() => window.shifted);
}

export async function shoot(page, name) {
  const folder = process.env.ATELIER_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, {recursive: true});
  await page.screenshot({path: join(folder, `${name}.png`)});
}

// What axe-core finds that is serious or worse: a line for each.
export async function seriousViolations(page) {
  // Not by a tag: the page's policy lets no script of others in.
  await page.evaluate(await import('node:fs').then(({readFileSync}) => readFileSync(axe, 'utf8')));
  const {violations} = await page.evaluate(() => axe.run(document, {resultTypes: ['violations']}));
  return violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
      .map(({id, help, nodes}) => `${id}: ${help}: ${nodes.slice(0, 5).map(({target, failureSummary}) => `${target} (${failureSummary})`).join('; ')}`);
}
