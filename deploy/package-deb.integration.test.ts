import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { until } from '../shared/testing/until.ts';
import type { GatewayStatus } from '../edge/local/protocol.ts';
import { gatewayConfig } from '../simulators/region/gateway-config.ts';
import { packageDeb } from './package-deb.ts';
import { packageEdge } from './package-edge.ts';

const folder = mkdtempSync(join(tmpdir(), 'ls-deb-'));
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const site = join(folder, 'site');
const { LD_LIBRARY_PATH = '' } = process.env;
/** Nothing of this machine but what the package depends on: no npm, no other Node. */
const env = { PATH: join(folder, 'nothing'), LD_LIBRARY_PATH };
const daemons = new Set<ChildProcess>();
after(() => {
  for (const daemon of daemons) daemon.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const versions = ['1.0.0', '1.1.0'] as const;
let debs: Record<(typeof versions)[number], string>;
before(async () => {
  const { folder: packed } = await packageEdge({ out: join(folder, 'packed'), arch });
  const deb = (version: string): string =>
    packageDeb({ folder: packed, out: folder, arch, version, compression: 'none' });
  debs = { '1.0.0': deb('1.0.0'), '1.1.0': deb('1.1.0') };
  rmSync(packed, { recursive: true });
  mkdirSync(site);
});

/** dpkg wants root's PATH, whoever calls it. */
const rootsPath = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', env: rootsPath });

/** A root that has nothing but dpkg's own lists. */
function emptyRoot(root: string): void {
  for (const part of ['info', 'updates']) mkdirSync(join(root, 'var/lib/dpkg', part), { recursive: true });
  for (const file of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', file), '');
}

/** What it depends on is not in the empty root; its scripts see DPKG_ROOT and leave this machine alone. */
const dpkg = (root: string, ...args: string[]): string =>
  run(
    'dpkg',
    `--root=${root}`,
    '--log=/dev/null',
    '--force-depends',
    '--force-not-root',
    '--force-script-chrootless',
    ...args,
  );
const installed = (root: string): string =>
  run('dpkg-query', `--root=${root}`, '-W', '-f=${Status} ${Version}', 'loadstone-edge');

interface Running {
  stop(): Promise<string>;
  status(): Promise<GatewayStatus>;
}

async function start(root: string): Promise<Running> {
  const program = join(root, 'opt/loadstone/loadstone');
  const child = spawn(program, ['edge', '--config', 'gateway.yaml'], { cwd: site, env });
  daemons.add(child);
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await until(
    () => out,
    () => out.includes('gateway runs') || child.exitCode !== null,
  );
  assert.equal(child.exitCode, null, out);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 0, out);
      return out;
    },
    status: async () => {
      const asked = spawn(program, ['edge', 'status', '--json', '--config', 'gateway.yaml'], { cwd: site, env });
      let text = '';
      asked.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await once(asked, 'close');
      return JSON.parse(text) as GatewayStatus;
    },
  };
}

/** The first record that a start writes shows that the journal can be written. */
async function writable(gateway: Running, what: string): Promise<void> {
  await until(`${what}: the journal can be written`, async () => {
    const { gateway: id, journalWritable } = await gateway.status();
    return id === 'owd-01' && journalWritable;
  });
}

test('the .deb holds the gateway, its unit, its licence and an example configuration, owned by root', () => {
  const listed = run('dpkg-deb', '--contents', debs['1.0.0']);
  for (const path of [
    'opt/loadstone/node',
    'opt/loadstone/loadstone.mjs',
    'opt/loadstone/libonnxruntime.so.1',
    'opt/loadstone/THIRD-PARTY-LICENSES',
    'usr/lib/systemd/system/loadstone-edge.service',
    'usr/share/doc/loadstone-edge/copyright',
    'usr/share/doc/loadstone-edge/examples/gateway.yaml',
  ])
    assert.match(listed, new RegExp(`-rw.* root/root .* \\./${path.replaceAll('.', '\\.')}$`, 'm'));
  assert.match(listed, / \.\/usr\/bin\/loadstone -> \/opt\/loadstone\/loadstone$/m);
  assert.doesNotMatch(listed, /node_modules|\.ts$/m);
  const field = (name: string): string => run('dpkg-deb', '--field', debs['1.0.0'], name).trim();
  assert.deepEqual(['Package', 'Version', 'Architecture'].map(field), [
    'loadstone-edge',
    '1.0.0',
    arch === 'arm64' ? 'arm64' : 'amd64',
  ]);
});

test('its maintainer scripts are valid and touch nothing here when installed into another root', () => {
  const scripts = join(folder, 'scripts');
  run('dpkg-deb', '--control', debs['1.0.0'], scripts);
  for (const name of ['postinst', 'prerm', 'postrm']) {
    run('sh', '-n', join(scripts, name));
    execFileSync('/bin/sh', ['-e', join(scripts, name), 'remove'], { env: { ...env, DPKG_ROOT: '/elsewhere' } });
  }
});

test('installed, it runs without npm or internet; upgraded and rolled back, it keeps its journal', async () => {
  const root = join(folder, 'root');
  emptyRoot(root);
  const config = gatewayConfig('owd', {
    uplinkUrl: 'mqtt://127.0.0.1:1',
    localListen: '127.0.0.1:0',
    journalPath: './journal',
    mode: 'monitor',
  });
  writeFileSync(join(site, 'gateway.yaml'), stringify(config));
  let events = 0;
  for (const [version, what] of [
    ['1.0.0', 'installed'],
    ['1.1.0', 'upgraded'],
    ['1.0.0', 'rolled back'],
  ] as const) {
    dpkg(root, '--install', debs[version]);
    assert.equal(installed(root), `install ok installed ${version}`, what);
    const gateway = await start(root);
    await writable(gateway, what);
    await gateway.stop();
    const verified = execFileSync(join(root, 'opt/loadstone/loadstone'), ['journal', 'verify', 'journal'], {
      cwd: site,
      env,
      encoding: 'utf8',
    });
    const counted = Number(/(\d+) (?:records|frames)/.exec(verified)?.[1] ?? Number.NaN);
    assert.ok(counted >= events, `${what}: ${verified}`);
    events = counted;
  }
  dpkg(root, '--remove', 'loadstone-edge');
  assert.equal(existsSync(join(root, 'opt/loadstone/node')), false);
  assert.ok(readFileSync(join(site, 'gateway.yaml'), 'utf8').length > 0);
});

test("a purge removes what is the gateway's and leaves the cloud's files in shared folders", () => {
  const root = join(folder, 'shared-root');
  const cloud = ['etc/loadstone/cloud.yaml', 'etc/loadstone/region.json', 'var/lib/loadstone/keys/signing.json'];
  const gateway = [
    'etc/loadstone/gateway.yaml',
    'var/lib/loadstone/devices.htpasswd',
    'var/lib/loadstone/journal/identity.json',
    'var/lib/loadstone/.loadstone/journal/identity.json',
  ];
  const put = (path: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  };
  emptyRoot(root);
  dpkg(root, '--install', debs['1.0.0']);
  for (const path of [...cloud, ...gateway]) put(path);
  dpkg(root, '--purge', 'loadstone-edge');
  assert.deepEqual(
    [...cloud, ...gateway].filter((path) => existsSync(join(root, path))),
    cloud,
  );

  dpkg(root, '--install', debs['1.0.0']);
  for (const path of cloud) rmSync(join(root, path));
  rmSync(join(root, 'var/lib/loadstone/keys'), { recursive: true });
  for (const path of gateway) put(path);
  dpkg(root, '--purge', 'loadstone-edge');
  for (const path of ['etc/loadstone', 'var/lib/loadstone']) assert.equal(existsSync(join(root, path)), false, path);
});
