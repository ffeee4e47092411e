import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { makeBackup, type BackupOptions } from './backup.ts';
import { dataKinds } from '../retention/kinds.ts';
import type { InfluxTool } from './influx-tool.ts';
import { MANIFEST, readManifest } from './manifest.ts';
import { toolFor } from './restore.ts';

function dataFolder(t: TestContext): { readonly data: string; readonly into: string; readonly regionFile: string } {
  const root = mkdtempSync(join(tmpdir(), 'loadstone-backup-'));
  t.after(() => rmSync(root, { recursive: true }));
  const data = join(root, 'data');
  mkdirSync(data);
  for (const name of ['state.sqlite', 'planner.sqlite', 'telemetry.sqlite']) {
    const db = new DatabaseSync(join(data, name));
    db.exec('CREATE TABLE webhook (id TEXT, secret TEXT)');
    db.close();
  }
  const regionFile = join(root, 'region.json');
  writeFileSync(regionFile, '{"id":"north"}');
  return { data, into: join(root, 'backup'), regionFile };
}

function optionsOf(t: TestContext): BackupOptions {
  const { data, into, regionFile } = dataFolder(t);
  return {
    data,
    into,
    isRunning: false,
    passphrase: 'a passphrase of the drill',
    usersFile: join(data, 'users.htpasswd'),
    regionFile,
    influx: undefined,
    software: 'test',
    machine: new SystemClock(() => undefined).machine,
    progress: () => undefined,
  };
}

test('a backup that restore could not read fails', async (t) => {
  const options = optionsOf(t);
  const { data, into } = options;
  writeFileSync(join(data, 'audit-of 2026.jsonl'), '');
  await assert.rejects(makeBackup(options), { code: 'LS-BACKUP-005' });
  assert.equal(existsSync(join(into, MANIFEST)), false);
  rmSync(into, { recursive: true });
  rmSync(join(data, 'audit-of 2026.jsonl'));
  await makeBackup(options);
  assert.equal(readManifest(into).manifest.region, 'north');
});

test('an audit list whose signed state is missing is copied unchanged', async (t) => {
  const options = optionsOf(t);
  writeFileSync(join(options.data, 'audit.jsonl'), '{"n":1}\n');
  await makeBackup(options);
  assert.equal(readFileSync(join(options.into, 'audit.jsonl'), 'utf8'), '{"n":1}\n');
});

test('a backup has every file that holds a kind of data', async (t) => {
  const options = optionsOf(t);
  writeFileSync(join(options.data, 'audit.jsonl'), '{"n":1}\n');
  await makeBackup(options);
  const copied = readManifest(options.into).manifest.files.map(({ name }) => name);
  const kept = new Set<string>(dataKinds.map(({ file }) => file));
  assert.deepEqual(
    [...kept].filter((file) => !copied.includes(file)),
    [],
  );
});

test('a restore is refused unless the configured store will have exactly the points of the backup', async () => {
  const toolOf = (database: string): InfluxTool => ({ database, assertAbsent: async () => undefined }) as InfluxTool;
  const [local, remote] = [
    { store: 'sqlite' },
    { store: 'influxdb', influx: { version: '1.8.10', database: 'month' } },
  ] as const;
  const tool = toolOf('month');
  assert.equal(await toolFor({ influx: undefined }, local), undefined);
  assert.equal(await toolFor({ influx: async () => tool }, remote), tool);
  const refused = (influx: InfluxTool | undefined, manifest: Parameters<typeof toolFor>[1], message: RegExp) =>
    assert.rejects(toolFor({ influx: influx && (async () => influx) }, manifest), { code: 'LS-CONFIG-002', message });
  await refused(tool, local, /^telemetry: .* in telemetry\.sqlite, which a cloud on InfluxDB does not read/);
  await refused(undefined, remote, /^telemetry: .* from InfluxDB 1\.8\.10; name the server/);
  await refused(toolOf('other'), remote, /^telemetry\.database: the backup has the database month, .* not as other$/);
});
