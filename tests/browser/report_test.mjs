// Tries what sample_report wrote into ATELIER_SAMPLE_REPORT, as a person at the
// keyboard would.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {KNOWN_MEASURES} from '../../coordinator/page/known_measures.js';
import {closePages, newPage, startBrowser, stopBrowser} from './page/browser.mjs';

const folder = process.env.ATELIER_SAMPLE_REPORT;
const pageUrl = (name) => pathToFileURL(join(folder, `${name}.html`)).href;
const url = pageUrl('report');
const hostile = '</script><img src=x onerror="window.wasRun=1">';
before(startBrowser);
after(stopBrowser);
afterEach(closePages);

const tests = {
  async 'opens from disk, asks for nothing and complains of nothing'(page, {errors, requests}) {
    assert.deepEqual(errors, []);
    const others = requests.filter(
        (asked) => asked !== url && !asked.startsWith('data:image/jpeg;base64,'));
    assert.deepEqual(others, []);
    assert.equal(await page.evaluate('document.querySelectorAll("[role=tab]").length'), 2);
    assert.equal(await page.evaluate('document.querySelectorAll(".viewer").length'), 1,
                 'the other is made when it is looked at');
  },

  async 'has the measures that the coordinator\'s page knows'(page) {
    const {measures} = JSON.parse(await page.evaluate(
        'document.querySelector("script.job-data").textContent'));
    assert.deepEqual(measures, KNOWN_MEASURES);
  },

  async 'runs nothing that stands in names'(page) {
    assert.equal(await page.evaluate('window.wasRun'), undefined);
    assert.equal(await page.evaluate(
        'document.querySelectorAll("img[src=x]").length'), 0);
    const head = await page.evaluate(
        'document.querySelector(".column-head").textContent');
    assert.equal(head, `${hostile}\\u202e`, 'it is shown, with its mark escaped');
    assert.match(await page.evaluate('document.title'), /^night sweep <\/script>.*, one render · Atelier$/);
  },

  async 'has the cells that the axes ask for'(page) {
    const grid = await page.evaluate(`(() => {
      const rows = [...document.querySelectorAll('.viewer .grid')[0].children];
      return rows.map((row) => [...row.children].map(
          (cell) => cell.dataset.index ?? cell.getAttribute('role')));
    })()`);
    assert.deepEqual(grid.map((row) => row.length), [5, 5, 5, 5]);
    // Axes style_weight, pooling (a slider, at its first) and layers.
    assert.deepEqual(grid[1], ['rowheader', '0', '1', '2', '3']);
    assert.deepEqual(grid[3], ['rowheader', '16', '17', '18', '19']);
    const failed = await page.evaluate(
        `document.querySelector('[data-index="1"] .picture').textContent`);
    assert.match(failed, /^failed: out of memory/);
  },

  async 'a slider moves the grid, and what is left out says so'(page) {
    await page.evaluate('document.querySelector(".slider input").focus()');
    await press(page, 'ArrowRight');
    assert.deepEqual(await shown(page, 1),
                     ['4', '5', '6', '7']);
    const last = await page.evaluate(
        `document.querySelector('.viewer .grid').lastChild.lastChild.textContent`);
    assert.match(last, /left out/);
    await press(page, 'ArrowLeft');
    assert.deepEqual(await shown(page, 1), ['0', '1', '2', '3']);
  },

  async 'any axis is a row or a column'(page) {
    await choose(page, '[data-control=rows] select', '1');
    assert.deepEqual(await shown(page, 2), ['4', '5', '6', '7']);
    await choose(page, '[data-control=columns] select', '0');
    assert.deepEqual(await shown(page, 1), ['0', '8', '16']);
    await choose(page, '[data-control=columns] select', '-2');
    assert.equal(await page.evaluate(
        'document.querySelectorAll(".viewer .grid")[0].querySelectorAll("[data-index]").length'), 23);
  },

  async 'arrows walk the grid and the open picture'(page) {
    await page.evaluate(`document.querySelector('[data-index="0"]').focus()`);
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowLeft']) {
      await press(page, key);
    }
    assert.equal(await focused(page), '9');
    await press(page, 'Home');
    assert.equal(await focused(page), '8');
    await press(page, 'ArrowLeft');
    assert.equal(await focused(page), '8', 'it is the edge');
    await press(page, 'Enter');
    assert.match(await title(page), /^style_weight 1001, pooling avg, layers <\/script>/);
    await press(page, 'ArrowRight');
    await press(page, 'ArrowDown');
    assert.match(await title(page), /^style_weight 1002, .* conv_1-1$/);
    const name = await page.evaluate(
        `new Promise((done) => {
           const image = document.querySelector('dialog[open] .frame img');
           // The thumbnail is there at once, the picture comes in its place.
           const look = () => (image.src.startsWith('data:') ?
               requestAnimationFrame(look) :
               done(decodeURIComponent(new URL(image.src).pathname)));
           look();
         })`);
    assert.equal(name, join(folder, '17 100% #17.png'));
    assert.equal(await page.evaluate(
        `decodeURIComponent(document.querySelector('dialog[open] .state a').getAttribute('href'))`),
        './17 100% #17.png');
    await press(page, 'Escape');
    assert.equal(await page.evaluate('document.querySelector("dialog[open]")'), null);
    assert.equal(await focused(page), '17', 'the grid goes on from there');
  },

  async 'a slider holds the picture against its content'(page) {
    await page.click('[data-index="0"]');
    await choose(page, 'dialog[open] select', 'content');
    const width = () => page.evaluate(
        `getComputedStyle(document.querySelector('dialog[open] .over')).clipPath`);
    const before = await width();
    await page.evaluate('document.querySelector("dialog[open] .frame input").focus()');
    await press(page, 'ArrowRight');
    assert.notEqual(await width(), before);
    assert.match(await title(page), /^style_weight 1000/, 'it is the same cell');
    await press(page, 'Escape');
    await page.click('[data-index="8"]');
    assert.equal(await page.evaluate('document.querySelector("dialog[open] select").value'),
                 'content', 'it stays from picture to picture');
    await press(page, 'Escape');
  },

  async 'a picture is held against another with its numbers and curves'(page) {
    await page.click('[data-index="0"]');
    await choose(page, 'dialog[open] select', 'task 3');
    assert.equal(await page.evaluate(
        'document.querySelectorAll("dialog[open] .frame img").length'), 2);
    const others = await page.evaluate(
        `[...document.querySelectorAll('dialog[open] dd.other')].map((one) => one.textContent)`);
    assert.ok(others.includes('15 dB'), `${others}`);
    assert.equal(await page.evaluate(
        'document.querySelectorAll("dialog[open] .chart > svg .curve.other").length'), 3);
    await choose(page, 'dialog[open] select', 'none');
    assert.equal(await page.evaluate(
        'document.querySelectorAll("dialog[open] .frame img, dialog[open] dd.other").length'), 1);
    await press(page, 'Escape');
  },

  async 'large pictures go on in the next row, and stop at the last'(page) {
    await page.click('[data-index="3"]');
    await press(page, 'ArrowRight');
    assert.match(await title(page), /^style_weight 1001, pooling avg, layers <\/script>/);
    await press(page, 'ArrowLeft');
    assert.match(await title(page), /^style_weight 1000.*conv_1-3$/);
    await page.click('dialog[open] [aria-label=Next]');
    assert.match(await title(page), /^style_weight 1001/);
    await press(page, 'Escape');
  },

  async 'the table sorts by what is clicked, absent last'(page) {
    const order = () => page.evaluate(
        `[...document.querySelector('.viewer .tasks tbody').children]
             .map((row) => row.dataset.index)`);
    await page.click('th[data-column=psnr] button');
    assert.deepEqual((await order()).slice(0, 2), ['22', '21'], 'the best first');
    assert.deepEqual((await order()).slice(-2), ['1', '2'], 'these have none');
    assert.equal(await page.evaluate(
        `document.querySelector('th[data-column=psnr]').getAttribute('aria-sort')`),
        'descending');
    await press(page, 'Enter');
    assert.deepEqual((await order()).slice(0, 2), ['0', '3']);
    assert.deepEqual((await order()).slice(-2), ['1', '2'], 'still last');
  },

  async 'the best by a measure is marked, and values are colours'(page) {
    await choose(page, '[data-control=columns] select', '-2');
    await choose(page, '[data-control=measure] select', 'psnr');
    const best = () => page.evaluate(
        `[...document.querySelectorAll('.cell.best')].map((cell) => cell.dataset.index)`);
    assert.deepEqual(await best(), ['22']);
    await choose(page, '[data-control=measure] select', 'seconds');
    assert.deepEqual(await best(), [], 'all are the same');
    await choose(page, '[data-control=measure] select', 'psnr');
    await page.click('[data-control=color] input');
    const tint = (index) => page.evaluate(
        `document.querySelector('[data-index="${index}"]').style.getPropertyValue('--tint')`);
    assert.equal(await tint(22), 'rgb(253 231 37)');
    assert.equal(await tint(2), 'transparent', 'it is absent');
  },

  async 'a filter leaves what fits'(page) {
    await page.evaluate('document.querySelector("input[type=search]").focus()');
    await page.keyboard.insertText('psnr >= 30 conv_1-3');
    const counted = await page.evaluate(
        `[document.querySelector('.viewer .tasks tbody').children.length,
          document.querySelectorAll('.viewer .grid')[0].querySelectorAll(
              '[data-index]:not(.unwanted)').length]`);
    assert.deepEqual(counted, [1, 1]);
  },

  async 'curves by term of one cell, overlaid of several'(page) {
    const drawn = () => page.evaluate(
        'document.querySelectorAll(".viewer")[0].querySelectorAll(".chart > svg .curve").length');
    assert.equal(await drawn(), 8, 'the first');
    await page.evaluate(`document.querySelector('[data-index="0"]').focus()`);
    await press(page, ' ');
    assert.equal(await drawn(), 3, 'total, content and style');
    await press(page, 'ArrowDown');
    await press(page, ' ');
    assert.equal(await drawn(), 2);
    await page.evaluate('document.querySelector(".chart svg[tabindex]").focus()');
    await press(page, 'ArrowRight');
    assert.deepEqual(
        await page.evaluate(
            `[...document.querySelectorAll('.legend .value')].map((one) => one.textContent)`),
        ['52', '52.24']);
  },

  async 'a job of one task, without measures, says absent'(page) {
    await page.evaluate('document.querySelector("[role=tab]").focus()');
    await press(page, 'ArrowRight');
    const text = await page.evaluate(
        'document.querySelectorAll(".viewer")[1].innerText');
    assert.match(text, /one render/);
    assert.match(text, /Curves: absent/);
    assert.match(text, /measures\s+.*absent/s);
    assert.equal(await page.evaluate(
        'document.querySelectorAll(".viewer")[0].getClientRects().length'), 0);
  },

  async 'prints all of the grid and no controls'(page) {
    await page.emulateMedia({media: 'print'});
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    assert.equal(await page.evaluate(
        `[...document.querySelectorAll('.viewer')].filter(
             (one) => one.getClientRects().length > 0).length`), 2, 'paper has no tabs');
    const seen = await page.evaluate(`['.controls', '.grid', 'table.tasks', '.copy', '.tabs'].map(
        (name) => document.querySelector(name).getClientRects().length > 0)`);
    assert.deepEqual(seen, [false, true, true, false, false]);
    const overflow = await page.evaluate(`(() => {
      const frame = document.querySelector('.grid-frame');
      return frame.scrollWidth - frame.clientWidth;
    })()`);
    assert.ok(overflow <= 1, `the grid is ${overflow} px too wide`);
    assert.ok((await page.pdf()).length > 10000);
  },

  async 'a phone scrolls no page sideways, but what is wide within it'(page) {
    await page.setViewportSize({width: 390, height: 800});
    await page.evaluate(`document.querySelectorAll('details').forEach(
        (one) => { one.open = true; })`);
    assert.deepEqual(await tooWide(page), []);
    await page.click('.cell[data-index="0"]');
    await choose(page, 'dialog[open] select', 'content');
    assert.deepEqual(await tooWide(page, 'dialog[open]'), []);
  },

  async 'dark is dark'(page) {
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.emulateMedia({colorScheme: 'dark'});
    assert.notEqual(await ground(), light);
  },
};

const studyTests = {
  async 'a study says what it shows, and marks what was chosen'(page) {
    const rows = await page.evaluate(
        `[...document.querySelectorAll('.findings tbody tr')].map(
             (row) => [...row.children].map((cell) => cell.innerText.trim()))`);
    assert.equal(rows.length, 8, 'one for each value of the other axes');
    assert.deepEqual(rows[0].slice(1).map((text) => text.split(',')[0].trim()),
                     ['12', '◆ 16', '20']);
    assert.equal(rows[7][3], 'absent');
    const text = await page.evaluate('document.querySelector(".findings").innerText');
    assert.match(text, /psnr \(dB\) by style/);
    assert.match(text, /mean_wavelength by style: absent/);
    await page.evaluate('document.querySelector(".slider input").focus()');
    await press(page, 'ArrowRight');
    const badges = await page.evaluate(
        `[...document.querySelectorAll('.cell .badge')].map((one) =>
             [one.closest('.cell').dataset.index, one.innerText])`);
    assert.deepEqual(badges, ['4', '5', '16', '17'].map(
        (index) => [index, '◆ chosen by the original study']));
    assert.match(await page.evaluate(
        'document.querySelector(".grid-place .chosen-legend").innerText'),
        /^◆ chosen by the original study$/);
    assert.equal(await page.evaluate(
        'document.querySelector("[data-control=measure] select").value'), 'psnr');
  },

  async 'axes whose values are pictures show them'(page) {
    const pictures = (selector) => page.evaluate(
        `[...document.querySelectorAll('${selector}')].map(
             (head) => head.querySelectorAll('.thumbs img').length)`);
    // The first axis is down, the last (masks) across.
    assert.deepEqual(await pictures('.row-head'), [1, 1]);
    assert.deepEqual(await pictures('.column-head'), [1, 1]);
    // Sliders of styles, one of them a blend, and of seeds.
    assert.deepEqual(await pictures('.slider .value'), [1, 0]);
    await page.evaluate('document.querySelector(".slider input").focus()');
    await press(page, 'ArrowRight');
    assert.deepEqual(await pictures('.slider .value'), [2, 0]);
    await choose(page, '[data-control=columns] select', '1');
    assert.deepEqual(await pictures('.column-head'), [1, 2, 1]);
    const isLoaded = await page.evaluate(`Promise.all([...document.querySelectorAll(
        '.thumbs img')].map((one) => one.decode())).then(() => true)`);
    assert.ok(isLoaded);
  },

  async 'long names and many of them fit a phone'(page) {
    await page.setViewportSize({width: 390, height: 800});
    await page.evaluate(`document.querySelectorAll('details').forEach(
        (one) => { one.open = true; })`);
    assert.deepEqual(await tooWide(page), []);
    await page.click('.cell[data-index="12"]');
    await choose(page, 'dialog[open] select', 'style');
    assert.deepEqual(await tooWide(page, 'dialog[open]'), []);
  },

  async 'a filter knows what was chosen'(page) {
    await page.evaluate('document.querySelector("input[type=search]").focus()');
    await page.keyboard.insertText('chosen=yes seed=2');
    assert.equal(await page.evaluate(
        'document.querySelectorAll(".tasks tbody tr").length'), 4);
  },
};

// What reaches past the right edge of the page (or of an element) and stands in
// nothing that scrolls.
function tooWide(page, within = 'html') {
  return page.evaluate(`(() => {
    const whole = document.querySelector(${JSON.stringify(within)});
    const scrolls = (element) => element !== whole &&
        (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(element).overflowX) ||
         (element.parentElement && scrolls(element.parentElement)));
    const found = [...whole.querySelectorAll('*')].filter((element) =>
        element.getBoundingClientRect().right > innerWidth + 1 &&
        element.getClientRects().length > 0 && !scrolls(element) &&
        !element.classList.contains('off-screen'));
    if (whole.scrollWidth > whole.clientWidth + 1) found.push(whole);
    return found.map((one) => one.tagName + '.' + one.className + ' ' +
        Math.round(one.getBoundingClientRect().right));
  })()`);
}

// A page once all of it is loaded, and what it asked for.
async function open(url) {
  const {page, errors} = await newPage();
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return {page, errors, requests};
}

// A dialog, for one, says after a turn that it was closed.
async function press(page, key) {
  await page.keyboard.press(key);
  await page.evaluate(`new Promise((done) => requestAnimationFrame(
      () => requestAnimationFrame(() => done(true))))`);
}

async function shown(page, row) {
  return page.evaluate(`[...document.querySelector('.viewer .grid')
      .children[${row}].querySelectorAll('[data-index]')]
      .map((cell) => cell.dataset.index)`);
}

async function choose(page, selector, value) {
  const chosen = await page.evaluate(`(() => {
    const select = document.querySelector(${JSON.stringify(selector)});
    select.value = ${JSON.stringify(value)};
    select.dispatchEvent(new Event('change'));
    return select.value;
  })()`);
  assert.equal(chosen, value, `${selector} has ${value}`);
}

function focused(page) {
  return page.evaluate('document.activeElement.dataset.index');
}

function title(page) {
  return page.evaluate('document.querySelector("dialog[open] h2").textContent');
}

// Each on a page of its own, so that none depends on another.
for (const [of, those] of [[url, tests], [pageUrl('study'), studyTests]]) {
  for (const [name, run] of Object.entries(those)) {
    test(name, async () => {
      const {page, ...heard} = await open(of);
      await run(page, heard);
      assert.deepEqual(heard.errors, []);
    });
  }
}

test('408 cells: a change of all of them is one frame or few', async () => {
  const {page, errors} = await open(pathToFileURL(join(folder, 'large', 'report.html')).href);
  const cells = await page.evaluate(
      'document.querySelector(".viewer .grid").querySelectorAll(".cell").length');
  assert.equal(cells, 12 * 17);
  await choose(page, '[data-control=columns] select', '-2');
  assert.equal(await page.evaluate(
      'document.querySelectorAll(".viewer .grid")[0].querySelectorAll("[data-index]").length'),
      407);
  const kept = await page.evaluate(`(() => {
    const cell = document.querySelector('[data-index="300"]');
    const select = document.querySelector('[data-control=measure] select');
    select.value = 'psnr';
    select.dispatchEvent(new Event('change'));
    return cell === document.querySelector('[data-index="300"]');
  })()`);
  assert.ok(kept, 'a cell is made once');
  assert.deepEqual(errors, []);
});

test('what is no document says so', async () => {
  for (let i = 0; i < 8; ++i) {
    const {page, errors} = await open(pageUrl(`broken-${i}`));
    const text = await page.evaluate('document.querySelector("main").innerText');
    assert.ok(text.trim().length > 0, `broken-${i} shows nothing`);
    assert.deepEqual(errors, [], `broken-${i}`);
    if (i === 4) assert.match(text, /version 7; this page reads 1/);
    if (i > 0 && i < 4) assert.match(text, /no results of Atelier/);
  }
});
