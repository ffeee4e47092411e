import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { until } from '../../shared/testing/until.ts';
import type { GatewayStatus } from '../../edge/local/protocol.ts';
import { gatewayConfig } from '../../simulators/region/gateway-config.ts';
import { packageCommonDeb, packageDeb } from '../package-deb.ts';
import { packageEdge } from '../package-edge.ts';
import { firstDeb } from '../testing/first-deb.ts';
import { boot, hindrance } from '../testing/own-machine.ts';

const UNIT = 'loadstone-edge.service';
/** Shorter than the unit's minute, to keep the test short. The rest of the unit is unchanged. */
const WATCHDOG_S = 6;

test('under a real systemd the packed gateway starts, restarts when stalled, and survives upgrade and rollback', async (t) => {
  const why = hindrance();
  if (why !== undefined) {
    t.skip(why);
    return;
  }
  await lived(t);
});

async function lived(t: TestContext): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ls-unit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const packed = join(folder, 'packed');
  await packageEdge({ out: packed, arch });
  const options = { out: shared, arch, compression: 'none' } as const;
  const inside = (deb: string): string => deb.replace(shared, '/mnt');
  const first = inside(firstDeb(packed, shared));
  const common = inside(packageCommonDeb({ ...options, version: '1.0.0' }));
  const [second, third] = ['1.0.0', '1.1.0'].map((version) =>
    inside(packageDeb({ ...options, tier: 'edge', folder: packed, version })),
  ) as [string, string];
  const config = gatewayConfig('owd', {
    uplinkUrl: 'mqtt://127.0.0.1:1',
    localListen: '127.0.0.1:0',
    journalPath: '/var/lib/loadstone/journal',
    mode: 'monitor',
  });
  writeFileSync(join(shared, 'gateway.yaml'), stringify(config));
  const { run, end } = await boot(shared, join(folder, 'root'));
  t.after(end);

  const shown = (property: string): string => run('systemctl', 'show', '--value', '-p', property, UNIT).trim();
  const version = (): string => run('dpkg-query', '-W', '-f=${Version}', 'loadstone-edge');
  // Version 0.1.0 had its socket elsewhere, but its test package contains today's program.
  const asking = 'loadstone edge status --json --config /etc/loadstone/gateway.yaml --socket /run/loadstone*/edge.sock';
  const status = (): GatewayStatus => JSON.parse(run('sh', '-c', asking)) as GatewayStatus;
  const saying = (what: string) => () => `${what}: ${run('journalctl', '--no-pager', '-n', '30', '-u', UNIT)}`;
  const up = async (what: string, installed: string): Promise<string> => {
    await until(saying(what), () => shown('ActiveState') === 'active' && status().journalWritable);
    assert.equal(version(), installed, what);
    assert.equal(status().gateway, 'owd-01', what);
    return shown('MainPID');
  };

  // As in the guide except for the source of the packages: apt upgrades and downgrades.
  const apt = (...debs: string[]): string =>
    run('apt-get', 'install', '--yes', '--no-install-recommends', '--allow-downgrades', ...debs);
  const owner = (path: string): string => run('stat', '--dereference', '--format=%U:%G', path).trim();
  const enrolled = '/var/lib/loadstone/identity/gateway.pem';

  run('dpkg', '--install', first);
  run('install', '-o', 'root', '-g', 'loadstone', '-m', '0640', '/mnt/gateway.yaml', '/etc/loadstone/gateway.yaml');
  run('mkdir', '-p', `/etc/systemd/system/${UNIT}.d`);
  writeFileSync(join(shared, 'watchdog.conf'), `[Service]\nWatchdogSec=${WATCHDOG_S}\n`);
  run('cp', '/mnt/watchdog.conf', `/etc/systemd/system/${UNIT}.d/`);
  run('systemctl', 'daemon-reload');
  assert.equal(shown('ActiveState'), 'inactive', 'installing does not start it');

  run('systemctl', 'enable', '--now', UNIT);
  const old = await up('started', '0.1.0');
  run('install', '-D', '-o', 'loadstone', '-g', 'loadstone', '-m', '0600', '/mnt/gateway.yaml', enrolled);

  apt(common, second);
  const started = await up('upgraded from 0.1.0', '1.0.0');
  assert.notEqual(started, old);
  assert.deepEqual(['Type', 'NotifyAccess', 'NRestarts'].map(shown), ['notify', 'all', '0']);
  assert.equal(run('ps', '-o', 'user:20=', '-p', started).trim(), 'loadstone-edge');
  assert.equal(owner(enrolled), 'loadstone-edge:loadstone-edge');
  assert.equal(owner('/etc/loadstone/gateway.yaml'), 'root:loadstone-edge');
  assert.match(run('id', '-nG', 'loadstone-edge'), /dialout/);

  run('kill', '-STOP', started);
  await until(saying('restarted'), () => shown('NRestarts') === '1');
  const restarted = await up('after a stall', '1.0.0');
  assert.notEqual(restarted, started);
  assert.match(run('journalctl', '--no-pager', '-u', UNIT), /Watchdog timeout/);

  run('dpkg', '--install', third);
  const upgraded = await up('upgraded', '1.1.0');
  assert.notEqual(upgraded, restarted, 'a running gateway restarts with the new version');
  run('dpkg', '--install', second);
  assert.notEqual(await up('rolled back', '1.0.0'), upgraded);
  const verified = run('loadstone', 'journal', 'verify', '/var/lib/loadstone-edge/journal');
  assert.match(verified, /nothing is damaged/);

  apt(first);
  const back = await up('rolled back to 0.1.0', '0.1.0');
  assert.equal(run('ps', '-o', 'user=', '-p', back).trim(), 'loadstone');
  assert.equal(owner(enrolled), 'loadstone:loadstone');
  apt(common, second);
  await up('upgraded again', '1.0.0');

  run('systemctl', 'stop', UNIT);
  assert.deepEqual(['ActiveState', 'Result'].map(shown), ['inactive', 'success']);
  run('dpkg', '--remove', 'loadstone-edge');
  assert.equal(shown('LoadState'), 'not-found');
}
