// Chromium over its debugging pipe, without any package: the DevTools protocol
// is JSON, each message ended by a zero byte, on descriptors 3 and 4.
//
//   const browser = await Chromium.start();
//   const page = await browser.open('file:///tmp/report.html');
//   await page.press('ArrowRight');
//   await page.evaluate('document.title');
//   await browser.stop();
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export class Chromium {
  static async start() {
    const browser = new Chromium();
    browser.profile = mkdtempSync(join(tmpdir(), 'chromium-'));
    browser.process = spawn('chromium', [
      '--headless', '--remote-debugging-pipe', '--no-first-run',
      // Debian's sandbox refuses to run as root, which CI is.
      ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu', '--disable-dev-shm-usage', '--disable-extensions',
      '--disable-background-networking', '--disable-component-update',
      `--user-data-dir=${browser.profile}`,
    ], {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});
    [, , , browser.out, browser.in] = browser.process.stdio;
    browser.waiting = new Map();
    browser.pages = new Map();
    browser.lastId = 0;
    let rest = '';
    browser.in.setEncoding('utf8').on('data', (text) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop();
      for (const message of messages) browser.take(JSON.parse(message));
    });
    browser.process.on('error', (error) => browser.fail(error));
    browser.process.on(
        'exit', (code) => browser.fail(new Error(`chromium exited: ${code}`)));
    return browser;
  }

  fail(error) {
    for (const {reject} of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  take(message) {
    if (!message.id) {
      this.pages.get(message.sessionId)?.take(message);
      return;
    }
    const {resolve, reject} = this.waiting.get(message.id) ?? {};
    this.waiting.delete(message.id);
    if (message.error) reject?.(new Error(message.error.message));
    else resolve?.(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    this.lastId += 1;
    const id = this.lastId;
    const answer = new Promise((resolve, reject) => {
      this.waiting.set(id, {resolve, reject});
    });
    this.out.write(`${JSON.stringify({id, method, params, sessionId})}\0`);
    return answer;
  }

  // A page of `size`, once all of it is loaded.
  async open(url, {width = 1280, height = 900, dark = false} = {}) {
    const {targetId} =
        await this.send('Target.createTarget', {url: 'about:blank'});
    const {sessionId} = await this.send(
        'Target.attachToTarget', {targetId, flatten: true});
    const page = new Page(this, sessionId);
    this.pages.set(sessionId, page);
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) {
      await page.send(`${domain}.enable`);
    }
    await page.send('Emulation.setDeviceMetricsOverride',
                    {width, height, deviceScaleFactor: 1, mobile: false});
    await page.send('Emulation.setEmulatedMedia', {
      features: [{name: 'prefers-color-scheme', value: dark ? 'dark' : 'light'}],
    });
    const loaded = page.once('Page.loadEventFired');
    await page.send('Page.navigate', {url});
    await loaded;
    return page;
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    await this.send('Browser.close').catch(() => this.process.kill());
    await ended;
    rmSync(this.profile, {recursive: true, force: true, maxRetries: 5});
  }
}

const codes = {
  Enter: 13, Escape: 27, ' ': 32, End: 35, Home: 36, ArrowLeft: 37,
  ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Tab: 9,
};

class Page {
  constructor(browser, sessionId) {
    this.browser = browser;
    this.sessionId = sessionId;
    this.complaints = [];  // Errors and warnings of the console.
    this.requests = [];    // URLs asked for.
    this.listeners = new Map();
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  once(method) {
    return new Promise((resolve) => this.listeners.set(method, resolve));
  }

  take({method, params}) {
    if (method === 'Runtime.exceptionThrown') {
      const {exception, text} = params.exceptionDetails;
      this.complaints.push(exception?.description ?? text);
    } else if (method === 'Log.entryAdded') {
      this.complaints.push(params.entry.text);
    } else if (method === 'Runtime.consoleAPICalled') {
      this.complaints.push(JSON.stringify(params.args));
    } else if (method === 'Network.requestWillBeSent') {
      this.requests.push(params.request.url);
    }
    this.listeners.get(method)?.(params);
    this.listeners.delete(method);
  }

  // The value of an expression, also of a promise. Throws what it throws.
  async evaluate(expression) {
    const {result, exceptionDetails} = await this.send('Runtime.evaluate', {
      expression, returnByValue: true, awaitPromise: true, userGesture: true,
    });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ??
                      exceptionDetails.text);
    }
    return result.value;
  }

  async resize(width, height) {
    await this.send('Emulation.setDeviceMetricsOverride',
                    {width, height, deviceScaleFactor: 1, mobile: width < 600});
  }

  async press(key, modifiers = 0) {
    const event = {
      key, modifiers, code: key === ' ' ? 'Space' : key,
      windowsVirtualKeyCode: codes[key],
    };
    const text = {Enter: '\r', ' ': ' '}[key];
    await this.send('Input.dispatchKeyEvent', {type: 'keyDown', text, ...event});
    await this.send('Input.dispatchKeyEvent', {type: 'keyUp', ...event});
    await this.settle();
  }

  // A dialog, for one, says after a turn that it was closed.
  async settle() {
    await this.evaluate(`new Promise((done) => requestAnimationFrame(
        () => requestAnimationFrame(() => done(true))))`);
  }

  async type(text) {
    await this.send('Input.insertText', {text});
  }

  // In the middle of the first element that fits, with the mouse.
  async click(selector) {
    const place = await this.evaluate(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({block: 'center'});
      const box = element.getBoundingClientRect();
      return {x: box.x + box.width / 2, y: box.y + box.height / 2};
    })()`);
    const event = {...place, button: 'left', clickCount: 1};
    await this.send('Input.dispatchMouseEvent', {type: 'mousePressed', ...event});
    await this.send('Input.dispatchMouseEvent', {type: 'mouseReleased', ...event});
  }

  async screenshot(whole = false) {
    const {data} = await this.send(
        'Page.captureScreenshot', {captureBeyondViewport: whole});
    return Buffer.from(data, 'base64');
  }

  async pdf(landscape = false) {
    const {data} = await this.send('Page.printToPDF', {
      landscape, printBackground: true, preferCSSPageSize: false,
    });
    return Buffer.from(data, 'base64');
  }
}
