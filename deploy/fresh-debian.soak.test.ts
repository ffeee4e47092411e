import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../shared/testing/until.ts';
import { debianHindrance, makeDebian } from './testing/fresh-debian.ts';

const clone = join(import.meta.dirname, '..');

const print = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' }).trim();

/** Kills the first process of the namespace, the child of unshare, which ends all others in it. */
function end({ pid }: ChildProcess): void {
  const first = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  if (first !== '') process.kill(Number(first), 'SIGKILL');
}

interface Ended {
  readonly status: number | null;
  readonly out: string;
}

/** A Debian from debootstrap with nodejs, npm and git, an unprivileged user and a clone of this repository. */
class FreshDebian {
  readonly #root: string;
  readonly #running = new Set<ChildProcess>();

  constructor(t: TestContext) {
    const folder = mkdtempSync(join(tmpdir(), 'ls-debian-'));
    this.#root = join(folder, 'root');
    t.after(() => {
      for (const child of this.#running) end(child);
      rmSync(folder, { recursive: true, force: true });
    });
    makeDebian(this.#root);
    // Uses the npm registry and certificate authorities of this machine.
    const authorities = print('npm', 'config', 'get', 'cafile');
    if (authorities !== 'null') copyFileSync(authorities, this.file('etc/npm-authorities.pem'));
    const registry = print('npm', 'config', 'get', 'registry');
    writeFileSync(this.file('etc/npmrc'), `registry=${registry}\n`);
    if (authorities !== 'null') appendFileSync(this.file('etc/npmrc'), 'cafile=/etc/npm-authorities.pem\n');
    this.#as(
      'root',
      'apt-get update && apt-get install --yes --no-install-recommends nodejs npm git && useradd -m grid',
    );
    print('git', 'clone', '--quiet', '--no-hardlinks', clone, this.file('home/grid/loadstone'));
    this.#as('root', 'chown -R grid: /home/grid');
  }

  file(path: string): string {
    return join(this.#root, path);
  }

  #command(user: string, script: string, variables: string): string[] {
    const mounts = `mount -t proc proc ${this.#root}/proc && mount -t devpts -o newinstance,ptmxmode=0666 devpts ${this.#root}/dev/pts`;
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const env = `env -i PATH=${path} HOME=/home/grid npm_config_globalconfig=/etc/npmrc DEBIAN_FRONTEND=noninteractive ${variables}`;
    const run = `exec chroot --userspec=${user} ${this.#root} ${env} sh -c "$1"`;
    return ['--mount', '--pid', '--fork', 'sh', '-c', `${mounts} && ${run}`, 'sh', script];
  }

  /** Runs a script and expects it to succeed. */
  #as(user: string, script: string): void {
    const { status, stdout, stderr } = spawnSync('unshare', this.#command(user, script, ''), { encoding: 'utf8' });
    assert.equal(status, 0, `${script}: ${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  }

  /** Deletes apt's package lists, so that the next user has to fetch them. */
  forgetLists(): void {
    const lists = this.file('var/lib/apt/lists');
    for (const name of readdirSync(lists)) rmSync(join(lists, name), { recursive: true });
    mkdirSync(join(lists, 'partial'));
  }

  /** Starts a script in the clone as the unprivileged user. */
  start(script: string, variables = '') {
    const command = this.#command('grid:grid', `cd /home/grid/loadstone && ${script}`, variables);
    const child = spawn('unshare', command, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.add(child);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (out += bytes.toString()));
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (status) => {
        this.#running.delete(child);
        resolve({ status, out });
      }),
    );
    return { ended, text: () => out, kill: () => end(child) };
  }
}

test('on a fresh Debian 13 with nodejs, npm and git the first commands work without root', async (t) => {
  const why = debianHindrance();
  if (why !== undefined) {
    t.skip(why);
    return;
  }
  const debian = new FreshDebian(t);
  const installed = await debian.start('npm ci').ended;
  assert.equal(installed.status, 0, installed.out);
  debian.forgetLists();

  const demo = debian.start('npm start');
  const page = /page +(http:\S+)/;
  await until(demo.text, () => page.test(demo.text()), { withinS: 900 });
  t.diagnostic(demo.text());
  assert.match(demo.text(), /fetching libatomic1/);
  const answer = await fetch(page.exec(demo.text())![1]!);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /<title>/);
  demo.kill();
  await demo.ended;

  const offline = 'APT_CONFIG=/etc/apt/offline.conf';
  const nowhere = ['http', 'https'].map((scheme) => `Acquire::${scheme}::Proxy "http://127.0.0.1:1";\n`).join('');
  writeFileSync(debian.file('etc/apt/offline.conf'), nowhere);
  const refused = await debian.start('npm test 2>&1 >/dev/null', offline).ended;
  assert.equal(refused.status, 1, refused.out);
  assert.match(
    refused.out,
    /LS-INSTALL-001: .*: type "sudo apt install chromium influxdb mosquitto [a-z0-9 -]*prometheus rabbitmq-server socat systemd tcc"\n$/,
  );

  const tests = ['test:browser -- cloud/dashboard/serving', 'test:integration -- systemd/systemd'];
  const tested = await debian.start(tests.map((each) => `npm run ${each}`).join(' && ')).ended;
  t.diagnostic(tested.out.slice(-2000));
  assert.equal(tested.status, 0, tested.out);
});
