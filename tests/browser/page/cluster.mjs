// A coordinator and workers as separate processes on loopback, to be killed.
//
//   const cluster = await Cluster.start();
//   const id = await cluster.submit(sweepOfSeeds({tasks: 4}));
//   cluster.startWorker('anna');
//   await cluster.stop();
import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';

const source = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const sample = (name) => join(source, 'deploy/samples', `${name}.png`);

// Until `look` gives something; fails after `seconds`.
export async function until(what, look, seconds = 60) {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
    const seen = await look();
    if (seen) return seen;
    await sleep(25);
  }
  throw new Error(`waited ${seconds} s in vain: ${what}`);
}

export class Cluster {
  // Once the coordinator serves. `flags` come after its own.
  static async start(flags = []) {
    const cluster = new Cluster();
    cluster.flags = flags;
    cluster.folder = await mkdtemp(join(tmpdir(), 'atelier-page-'));
    cluster.environment = {
      ...process.env, XDG_CONFIG_HOME: join(cluster.folder, 'config'), XDG_CACHE_HOME: join(cluster.folder, 'cache'),
    };
    cluster.workers = new Map();
    await cluster.startCoordinator('127.0.0.1:0', '127.0.0.1:0');
    return cluster;
  }

  program(name, args) {
    const child = spawn(join(process.env.ATELIER_BINARIES, name), args, {env: this.environment, stdio: ['ignore', 'pipe', 'pipe']});
    child.out = child.err = '';
    child.stdout.on('data', (text) => { child.out += text; });
    child.stderr.on('data', (text) => { child.err += text; });
    child.ended = new Promise((resolve) => { child.on('close', resolve); });
    return child;
  }

  async startCoordinator(listen, http) {
    const ready = join(this.folder, 'ready.json');
    await rm(ready, {force: true});
    this.coordinator = this.program('atelier-coordinator', [
      '--listen', listen, '--http', http, '--data', join(this.folder, 'data'), '--ready-file', ready, ...this.flags,
    ]);
    const addresses = await until('a coordinator', async () => {
      if (this.coordinator.exitCode !== null) throw new Error(this.coordinator.err);
      return readFile(ready, 'utf8').then(JSON.parse).catch(() => null);
    });
    ({listen: this.address, http: this.http} = addresses);
  }

  async killCoordinator() {
    this.coordinator.kill('SIGKILL');
    await this.coordinator.ended;
  }

  // On the same address and data.
  async restartCoordinator() {
    await this.startCoordinator(this.address.replace(/^\w+:\/\//, ''), this.http);
  }

  startWorker(name, flags = []) {
    this.workers.set(name, this.program('atelier-worker', [
      '--coordinator', this.address, '--threads', '1', '--name', name, '--cache', join(this.folder, name), ...flags,
    ]));
  }

  async killWorker(name) {
    const worker = this.workers.get(name);
    this.workers.delete(name);
    worker.kill('SIGKILL');
    await worker.ended;
  }

  // What it prints; fails where it does.
  async atelier(...args) {
    const child = this.program('atelier', [...args, '--coordinator', this.address]);
    const code = await child.ended;
    if (code !== 0) throw new Error(`atelier ${args.join(' ')}: ${code}\n${child.err}`);
    return child.out.trim();
  }

  // Its id.
  async submit(spec) {
    const path = join(this.folder, 'spec.yaml');
    await writeFile(path, spec);
    return this.atelier('submit', path);
  }

  // That an admin of this machine calls with.
  async token() {
    return (await readFile(join(this.folder, 'config/atelier/token'), 'utf8')).trim();
  }

  async ask(path, {method = 'GET', token, body} = {}) {
    const answer = await fetch(`http://${this.http}${path}`, {
      method, headers: {'Authorization': `Bearer ${token ?? await this.token()}`, 'Content-Type': 'application/json'},
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  // Once the job has ended.
  async watch(id) {
    return until(`job ${id} ends`, async () => {
      const job = await this.ask(`/api/v1/jobs/${id}`);
      return job.ended_at && job;
    }, 240);
  }

  // A link that logs one browser in, once.
  async loginLink(token) {
    const {code} = await this.ask('/api/v1/session/codes', {method: 'POST', token});
    return `http://${this.http}/#login=${code}`;
  }

  async stop() {
    const all = [this.coordinator, ...this.workers.values()];
    for (const child of all) child.kill('SIGKILL');
    await Promise.all(all.map((child) => child.ended));
    await rm(this.folder, {recursive: true, force: true});
  }
}

const upTo = (count, first) => Array.from({length: count}, (_, i) => first + i);

export const base = ({size = 64, iterations = 20}) => `base:
  content: ${sample('content')}
  style: ${sample('style')}
  size: ${size}
  iterations: ${iterations}
  init: noise
`;

export function sweepOfSeeds({name = 'sweep', tasks, size, iterations}) {
  return `name: ${JSON.stringify(name)}\n${base({size, iterations})}axes:\n  seed: [${upTo(tasks, 1)}]\n`;
}

// style_weight from `first` down, seed from 0 across; and further axes.
export function wideSweep({name = 'wide', rows, columns, size, iterations = 2, more = '', first = 1000}) {
  return `name: ${name}\n${base({size, iterations})}axes:\n${more}  style_weight: [${upTo(rows, first)}]\n  seed: [${upTo(columns, 0)}]\n`;
}
