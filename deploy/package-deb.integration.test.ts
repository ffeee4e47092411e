import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { initAuthority } from '../cloud/pki/make-authority.ts';
import { until } from '../shared/testing/until.ts';
import type { GatewayStatus } from '../edge/local/protocol.ts';
import { gatewayConfig } from '../simulators/region/gateway-config.ts';
import { buildRegion } from '../simulators/region/region.ts';
import { cloudCommands } from './cloud-commands.ts';
import { edgeCommands } from './edge-commands.ts';
import { packageCloud } from './package-cloud.ts';
import { packageCommonDeb, packageDeb } from './package-deb.ts';
import { packageEdge } from './package-edge.ts';
import { DpkgRoot, run } from './testing/dpkg-root.ts';
import { firstDeb } from './testing/first-deb.ts';

const folder = mkdtempSync(join(tmpdir(), 'ls-deb-'));
/** Data folders of version 0.1.0, and the answers of its API. */
const RECORDED = join(import.meta.dirname, '../simulators/scenarios/v0.1.0');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const roots: DpkgRoot[] = [];
after(() => {
  for (const root of roots) root.end();
  rmSync(folder, { recursive: true, force: true });
});

const debs = { first: '', common: '', edge: '', nextEdge: '', cloud: '', earlierCloud: '' };
before(async () => {
  const options = { out: folder, version: '1.0.0', compression: 'none', arch } as const;
  const edge = join(folder, 'packed-edge');
  await packageEdge({ out: edge, arch });
  debs.first = firstDeb(edge, folder);
  debs.common = packageCommonDeb(options);
  debs.edge = packageDeb({ ...options, tier: 'edge', folder: edge });
  debs.nextEdge = packageDeb({ ...options, tier: 'edge', folder: edge, version: '1.1.0' });
  rmSync(edge, { recursive: true });
  const cloud = await packageCloud({ out: join(folder, 'packed-cloud'), arch });
  debs.cloud = packageDeb({ ...options, tier: 'cloud', folder: cloud });
  debs.earlierCloud = packageDeb({ ...options, tier: 'cloud', folder: cloud, version: '0.9.0' });
  rmSync(cloud, { recursive: true });
});

function newRoot(name: string): DpkgRoot {
  const root = new DpkgRoot(join(folder, name));
  roots.push(root);
  return root;
}

/** Creates a folder for a gateway that cannot reach its cloud, so its measurements stay in the journal. */
function putSite(site: string): void {
  mkdirSync(site, { recursive: true });
  const config = gatewayConfig('owd', {
    uplinkUrl: 'mqtt://127.0.0.1:1',
    localListen: '127.0.0.1:0',
    journalPath: './journal',
    mode: 'monitor',
  });
  writeFileSync(join(site, 'gateway.yaml'), stringify(config));
}

const GATEWAY = ['--config', 'gateway.yaml'];

/** Runs the gateway until its journal is writable. Returns the journal's records, one per line. */
async function livesOn(root: DpkgRoot, site: string, what: string): Promise<string[]> {
  const gateway = root.loadstone(['edge', ...GATEWAY], site);
  await until(
    () => `${what}: ${gateway.text()}`,
    () => gateway.text().includes('gateway runs') || gateway.child.exitCode !== null,
  );
  await until(`${what}: the journal is writable`, async () => {
    const { code, out } = await root.ask(['edge', 'status', '--json', ...GATEWAY], site);
    if (code !== 0) return false;
    const status = JSON.parse(out) as GatewayStatus;
    return status.gateway === 'owd-01' && status.journalWritable;
  });
  assert.equal(await gateway.stop(), 0, gateway.text());
  const { code, out } = await root.ask(['journal', 'export', 'journal'], site);
  assert.equal(code, 0, out);
  return out.trim().split('\n');
}

/** The earlier records must be a prefix of the later ones. */
function assertKept(earlier: readonly string[], later: readonly string[]): void {
  assert.ok(earlier.length > 0);
  assert.deepEqual(later.slice(0, earlier.length), earlier);
}

const contents = (deb: string): string => run('dpkg-deb', '--contents', deb);
const filesOf = (deb: string): string[] =>
  contents(deb)
    .split('\n')
    .filter((line) => /^[-l]/.test(line))
    .map((line) => line.replace(/ -> .*/, '').replace(/^.* \.\//, '/'));

test('each .deb holds its own tree, unit, licence, guide and example, owned by root', () => {
  for (const [deb, name, paths] of [
    [
      debs.edge,
      'loadstone-edge',
      [
        'node',
        'loadstone.mjs',
        'libonnxruntime.so.1',
        'THIRD-PARTY-LICENSES',
        'sbom.cdx.json',
        'GATEWAY.md',
        'gateway.yaml',
      ],
    ],
    [
      debs.cloud,
      'loadstone-cloud',
      [
        'node',
        'sbom.cdx.json',
        'deploy/cloud-cli.ts',
        'cloud/alarms/rules.yaml',
        'deploy/rabbitmq/rabbitmq.conf',
        'cloud/dashboard/dist/index.html',
        'cloud.yaml',
      ],
    ],
  ] as const) {
    const listed = contents(deb);
    for (const path of [...paths, `${name}.service`, 'copyright', 'first-run.txt'])
      assert.ok(new RegExp(`^-rw.* root/root .*/${path.replaceAll('.', '\\.')}$`, 'm').test(listed), path);
    assert.equal(/\.test\.ts$/m.test(listed), false);
    const field = (key: string): string => run('dpkg-deb', '--field', deb, key).trim();
    assert.deepEqual(['Package', 'Version', 'Architecture'].map(field), [
      name,
      '1.0.0',
      arch === 'arm64' ? 'arm64' : 'amd64',
    ]);
    assert.match(field('Depends'), /loadstone-common \(>= 0\.2\.0~\)/);
  }
  assert.doesNotMatch(contents(debs.edge), /node_modules|\.ts$/m);
});

test('each .deb has changelog, copyright and reasons for its lintian overrides', () => {
  for (const name of ['common', 'edge', 'cloud'] as const) {
    const tree = join(folder, `tree-${name}`);
    run('dpkg-deb', '--extract', debs[name], tree);
    const doc = join(tree, 'usr/share/doc', `loadstone-${name}`);
    const changelog = gunzipSync(readFileSync(join(doc, 'changelog.gz'))).toString();
    assert.match(changelog, new RegExp(`^loadstone-${name} \\(1\\.0\\.0\\) stable; urgency=medium\n`));
    assert.match(readFileSync(join(doc, 'copyright'), 'utf8'), /\/usr\/share\/common-licenses\/Apache-2\.0/);
    const overrides = join(tree, 'usr/share/lintian/overrides', `loadstone-${name}`);
    if (!existsSync(overrides)) continue;
    const lines = readFileSync(overrides, 'utf8').trim().split('\n');
    assert.match(lines[0]!, /^# /, 'a reason comes first');
    for (const line of lines) assert.match(line, new RegExp(`^(# |loadstone-${name}: )`));
  }
});

test('no file is in two packages', () => {
  const all = [debs.common, debs.edge, debs.cloud].flatMap(filesOf);
  assert.deepEqual(
    all.filter((file, at) => all.indexOf(file) !== at),
    [],
  );
  assert.ok(all.includes('/usr/bin/loadstone'));
});

test('maintainer scripts are valid and leave this machine alone when installed into another root', () => {
  for (const [name, deb] of Object.entries(debs)) {
    const control = join(folder, `control-${name}`);
    run('dpkg-deb', '--control', deb, control);
    for (const script of ['preinst', 'postinst', 'prerm', 'postrm'].map((each) => join(control, each))) {
      if (!existsSync(script)) continue;
      run('sh', '-n', script);
      execFileSync('/bin/sh', ['-e', script, 'remove'], { env: { PATH: '/nowhere', DPKG_ROOT: '/elsewhere' } });
    }
  }
});

test('the shared command knows every command of both tiers', () => {
  const script = readFileSync(join(import.meta.dirname, 'packages/common/loadstone'), 'utf8');
  const cases = [...script.matchAll(/^ {2}([a-z |]+)\) wanted=(\w+)/gm)].map(([, names = '', tier]) => [
    tier,
    names.split(' | '),
  ]);
  assert.deepEqual(cases, [
    ['edge', Object.keys(edgeCommands)],
    ['cloud', Object.keys(cloudCommands)],
  ]);
});

test('both run on one machine without npm or internet, and purging one leaves the other', async () => {
  const root = newRoot('both');
  const site = join(folder, 'site');
  putSite(site);
  const said = root.dpkg('--install', debs.common, debs.edge, debs.cloud);
  assert.match(said, /sudo loadstone edge enrol \S+ --token-file \S+/);
  assert.match(said, /loadstone pki token owd-01/);
  const installed = await livesOn(root, site, 'installed');
  root.dpkg('--install', debs.nextEdge);
  assert.equal(root.installed('loadstone-edge'), 'install ok installed 1.1.0');
  const upgraded = await livesOn(root, site, 'upgraded');
  assertKept(installed, upgraded);
  root.dpkg('--install', debs.edge);
  assertKept(upgraded, await livesOn(root, site, 'rolled back'));

  const cloudSite = join(folder, 'cloud-site');
  mkdirSync(join(cloudSite, 'data'), { recursive: true });
  await initAuthority({ data: join(cloudSite, 'data'), rootKey: '', now: Date.now() }, 'Loadstone');
  writeFileSync(join(cloudSite, 'region.json'), JSON.stringify(buildRegion(['owd'])));
  const example = readFileSync(root.at('usr/share/doc/loadstone-cloud/examples/cloud.yaml'), 'utf8');
  assert.match(example, /^region: \/etc\/loadstone\/region\.json .*\ndata: \/var\/lib\/loadstone-cloud /);
  writeFileSync(join(cloudSite, 'cloud.yaml'), 'data: data\nuplink: { port: 0 }\napi: { port: 0 }\n');
  const cloud = root.loadstone(['cloud', '--config', 'cloud.yaml'], cloudSite);
  await until(
    () => cloud.text(),
    () => /Loadstone cloud: http\S+/.test(cloud.text()) || cloud.child.exitCode !== null,
  );
  const url = /Loadstone cloud: (http\S+)/.exec(cloud.text())![1]!;
  assert.equal((await fetch(`${url}/health`)).status, 200);
  assert.match(await (await fetch(url)).text(), /<title>/);
  const token = await root.ask(['pki', 'token', 'owd-01', '--config', 'cloud.yaml'], cloudSite);
  assert.equal(token.code, 0, token.out);
  assert.equal(await cloud.stop(), 0, cloud.text());

  const own = {
    edge: ['etc/loadstone/gateway.yaml', 'var/lib/loadstone-edge/journal/identity.json'],
    cloud: ['etc/loadstone/cloud.yaml', 'var/lib/loadstone-cloud/pki/issuer.pem'],
  };
  const put = (path: string): void => {
    mkdirSync(dirname(root.at(path)), { recursive: true });
    writeFileSync(root.at(path), path);
  };
  const left = (): string[] => [...own.edge, ...own.cloud].filter((path) => existsSync(root.at(path)));
  for (const path of [...own.edge, ...own.cloud]) put(path);
  root.dpkg('--purge', 'loadstone-edge');
  assert.deepEqual(left(), own.cloud);
  assert.equal(existsSync(root.at('opt/loadstone-edge')), false);
  assert.equal((await root.ask(['cloud', '--help'], site)).code, 0);
  const missing = await root.ask(['edge', 'status'], site);
  assert.deepEqual([missing.code, /needs the package loadstone-edge/.test(missing.out)], [1, true], missing.out);

  root.dpkg('--install', debs.edge);
  for (const path of own.edge) put(path);
  root.dpkg('--purge', 'loadstone-cloud');
  assert.deepEqual(left(), own.edge);
  assert.equal((await root.ask(['edge', '--help'], site)).code, 0);
  root.dpkg('--purge', 'loadstone-edge', 'loadstone-common');
  for (const path of ['etc/loadstone', 'opt', 'usr/bin/loadstone', 'var/lib/loadstone-edge', 'var/lib/loadstone-cloud'])
    assert.equal(existsSync(root.at(path)), false, path);
});

test('a gateway of 0.1.0 keeps identity, backlog and configuration when upgraded, and when rolled back', async () => {
  const root = newRoot('first');
  root.dpkg('--install', debs.first);
  const state = root.at('var/lib/loadstone');
  putSite(state);
  mkdirSync(root.at('etc/loadstone'), { recursive: true });
  writeFileSync(root.at('etc/loadstone/gateway.yaml'), 'unchanged');
  mkdirSync(join(state, 'identity'));
  writeFileSync(join(state, 'identity/gateway.pem'), 'its own');
  // The link of that version points out of this root.
  const startFirst = (): void => {
    rmSync(root.at('usr/bin/loadstone'));
    const script = `#!/bin/sh\nexec "${root.at('opt/loadstone/loadstone')}" "$@"\n`;
    writeFileSync(root.at('usr/bin/loadstone'), script, { mode: 0o755 });
  };
  startFirst();
  const first = await livesOn(root, state, 'version 0.1.0');

  root.dpkg('--install', debs.common, debs.edge);
  assert.equal(root.installed('loadstone-edge'), 'install ok installed 1.0.0');
  assert.equal(lstatSync(root.at('var/lib/loadstone-edge')).isDirectory(), true);
  assert.equal(lstatSync(state).isSymbolicLink(), true, 'files named by the configuration are found');
  const kept = (): string[] =>
    [join(state, 'identity/gateway.pem'), root.at('etc/loadstone/gateway.yaml')].map((path) =>
      readFileSync(path, 'utf8'),
    );
  assert.deepEqual(kept(), ['its own', 'unchanged']);
  assert.equal(existsSync(root.at('opt/loadstone')), false);
  const upgraded = await livesOn(root, state, 'upgraded');
  assertKept(first, upgraded);

  root.dpkg('--force-depends', '--remove', 'loadstone-common');
  root.dpkg('--install', debs.first);
  assert.equal(root.installed('loadstone-edge'), 'install ok installed 0.1.0');
  assert.equal(lstatSync(state).isDirectory(), true);
  assert.equal(existsSync(root.at('var/lib/loadstone-edge')), false);
  assert.deepEqual(kept(), ['its own', 'unchanged']);
  startFirst();
  assertKept(upgraded, await livesOn(root, state, 'rolled back'));
});

test('an upgrade keeps cloud data of version 0.1.0 and migrates it later; a purge leaves gateway data', async () => {
  const root = newRoot('cloud-upgrade');
  root.dpkg('--install', debs.common, debs.edge, debs.earlierCloud);
  const [data, etc] = [root.at('var/lib/loadstone-cloud'), root.at('etc/loadstone')];
  for (const path of [data, root.at('var/lib/loadstone-edge')]) mkdirSync(path, { recursive: true });
  // Version 0.1.0 had no package for the cloud. Its data is moved here, as the guide says.
  run('tar', '-xzf', join(RECORDED, 'folder.tar.gz'), '-C', data, '--strip-components=2', './cloud');
  const config = join(etc, 'cloud.yaml');
  writeFileSync(join(etc, 'region.json'), JSON.stringify(buildRegion(['owd'])));
  writeFileSync(
    config,
    `region: ${etc}/region.json\ndata: ${data}\nuplink: { port: 0, plainPort: 0 }\napi: { port: 0 }\n`,
  );
  writeFileSync(root.at('var/lib/loadstone-edge/identity.json'), 'its own');
  const files = (): string[] => readdirSync(data).toSorted();
  const before = files();
  assert.ok(before.includes('people.sqlite') && !before.includes('state.sqlite'), before.join());

  root.dpkg('--install', debs.cloud);
  assert.equal(root.installed('loadstone-cloud'), 'install ok installed 1.0.0');
  assert.deepEqual(files(), before, 'the package changes no data');
  const cloud = root.loadstone(['cloud', '--config', config], data);
  await until(
    () => cloud.text(),
    () => /Loadstone cloud: http\S+/.test(cloud.text()) || cloud.child.exitCode !== null,
  );
  const url = /Loadstone cloud: (http\S+)/.exec(cloud.text())?.[1];
  assert.ok(url, cloud.text());
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  assert.equal(await cloud.stop(), 0, cloud.text());
  for (const file of ['state.sqlite', 'planner.sqlite', 'people.sqlite.taken']) assert.ok(files().includes(file), file);
  const said = JSON.parse(readFileSync(join(RECORDED, 'answers.json'), 'utf8')) as {
    readonly users: readonly { readonly name: string }[];
    readonly auditEntries: number;
  };
  const people = await root.ask(['cloud', 'people', '--config', config], data);
  // The operator of the demo does not exist in a cloud without a demo.
  for (const { name } of said.users.filter((each) => each.name !== 'demo-operator'))
    assert.match(people.out, new RegExp(`^${name}\\b`, 'm'));
  const audit = await root.ask(['audit', 'verify', '--data', data], data);
  const [, entries] = /(\d+) entries/.exec(audit.out) ?? [];
  assert.equal(audit.code, 0, audit.out);
  assert.ok(Number(entries) >= said.auditEntries, audit.out);

  root.dpkg('--purge', 'loadstone-cloud');
  assert.deepEqual([existsSync(data), existsSync(config)], [false, false]);
  assert.equal(readFileSync(root.at('var/lib/loadstone-edge/identity.json'), 'utf8'), 'its own');
  assert.equal(root.installed('loadstone-edge'), 'install ok installed 1.0.0');
});

test('a 0.1.0 folder that also holds cloud data is left alone, and the message says what to do', () => {
  const root = newRoot('shared');
  root.dpkg('--install', debs.first);
  mkdirSync(root.at('var/lib/loadstone/cloud'), { recursive: true });
  writeFileSync(root.at('var/lib/loadstone/cloud/audit.jsonl'), '');
  assert.throws(() => root.dpkg('--install', debs.common, debs.edge), /move its data to \/var\/lib\/loadstone-cloud/);
  assert.match(root.installed('loadstone-edge'), / 0\.1\.0$/);
  assert.equal(existsSync(root.at('var/lib/loadstone/cloud/audit.jsonl')), true);
  assert.equal(existsSync(root.at('opt/loadstone/node')), true);
});
