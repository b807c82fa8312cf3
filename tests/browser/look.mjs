// Pictures of a page, for people to look at:
//
//   node look.mjs PAGE.html FOLDER
import {mkdirSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {Chromium} from './chromium.mjs';

const [file, folder] = process.argv.slice(2);
if (!file || !folder) {
  console.error('usage: look.mjs PAGE.html FOLDER');
  process.exit(2);
}
mkdirSync(folder, {recursive: true});
const keep = (name, bytes) => writeFileSync(join(folder, name), bytes);
const browser = await Chromium.start();
const url = pathToFileURL(resolve(file)).href;
try {
  for (const [name, options] of Object.entries({
    light: {}, dark: {dark: true}, narrow: {width: 390, height: 800},
  })) {
    const page = await browser.open(url, options);
    keep(`${name}.png`, await page.screenshot());
    await page.evaluate(`(() => {
      const all = document.documentElement.scrollHeight;
      window.scrollTo(0, all);
    })()`);
    keep(`${name}-end.png`, await page.screenshot());
    await page.evaluate('window.scrollTo(0, 0)');
    await page.evaluate(`document.querySelector('.cell[tabindex="0"]')?.focus()`);
    await page.press('Enter');
    await page.evaluate(`(() => {
      const select = document.querySelector('.lightbox[open] select');
      if (!select || select.options.length < 2) return;
      select.value = select.options[1].value;
      select.dispatchEvent(new Event('change'));
    })()`);
    await page.evaluate('new Promise((done) => setTimeout(done, 300))');
    keep(`${name}-open.png`, await page.screenshot());
    if (page.complaints.length > 0) console.error(page.complaints);
  }
  const page = await browser.open(url);
  keep('print.pdf', await page.pdf());
} finally {
  await browser.stop();
}
