import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { debianTool, startInflux, type RunningInflux } from '../../simulators/testing/debian.ts';
import { InfluxStore } from '../telemetry/influx-store.ts';
import type { Point } from '../telemetry/store.ts';
import { until } from '../../shared/testing/until.ts';
import { InfluxTool } from './influx-tool.ts';

const series = { gateway: 'owd-01', device: 'feeder-1', metric: 'activePowerKw' };
const T0 = Date.UTC(2021, 8, 25);

/** A server, and its backup address. */
async function server(t: TestContext, dir: string): Promise<{ readonly influx: RunningInflux; readonly host: string }> {
  const influx = await startInflux({ dir });
  t.after(() => influx.kill());
  const host = /^bind-address = "(.*)"$/m.exec(readFileSync(join(dir, 'influxdb.conf'), 'utf8'))![1]!;
  return { influx, host };
}

const configOf = (url: string) => ({ kind: 'influxdb', url, database: 'month', api: 'v1', org: 'loadstone' }) as const;

test('the tool of InfluxDB 1.x restores points on another server; a missing tool is LS-BACKUP-004', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-influx-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { path, env } = debianTool('influxd');
  const before = { ...process.env };
  t.after(() => {
    process.env['PATH'] = before['PATH'];
  });
  const one = await server(t, join(folder, 'one'));
  const store = new InfluxStore({ url: one.influx.url, database: 'month', create: true });
  await store.open();
  const points = Array.from({ length: 500 }, (_, n): Point => ({
    series,
    time: T0 + n,
    offset: n,
    value: n,
    quality: 'good',
    origin: 'measured',
  }));
  await store.write(points);
  await store.close();

  const tool = await InfluxTool.of(configOf(one.influx.url), one.host);
  assert.match(tool.version, /^1\./);
  const into = join(folder, 'backup');
  process.env['PATH'] = join(folder, 'nowhere');
  await assert.rejects(tool.backup(into), {
    code: 'LS-BACKUP-004',
    message: /influxd backup .*influxd is not on the PATH/,
  });
  Object.assign(process.env, env, { PATH: `${dirname(path)}:${before['PATH']}` });
  await tool.backup(into);
  assert.ok(readdirSync(into).some((name) => name.endsWith('.manifest')));

  await assert.rejects(tool.assertAbsent(), {
    code: 'LS-BACKUP-002',
    message: /^InfluxDB at \S+ has the database month already: .* Restore to another server/,
  });
  const two = await server(t, join(folder, 'two'));
  const other = await InfluxTool.of(configOf(two.influx.url), two.host);
  await other.assertAbsent();
  await other.restore(into);
  const again = new InfluxStore({ url: two.influx.url, database: 'month' });
  await again.open();
  // The server needs a moment to serve restored points.
  const read = async () => (await again.read({ series: [series], start: T0, end: T0 + 1000 }))[0] ?? [];
  const samples = await until('the restored points', async () => {
    const found = await read();
    return found.length > 0 ? found : undefined;
  });
  await again.close();
  assert.deepEqual(
    samples.map(({ value }) => value),
    points.map(({ value }) => value),
  );
});
