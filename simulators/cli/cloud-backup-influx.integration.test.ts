import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { InfluxStore } from '../../cloud/telemetry/influx-store.ts';
import { until } from '../../shared/testing/until.ts';
import { debianTool, startInflux } from '../testing/debian.ts';
import { account, letIn, pause, stage, underTraffic, Uplink, uplinkOf } from './testing/drill.ts';
import { start } from './testing/started.ts';

const DATABASE = 'loadstone';

/** An InfluxDB server and its backup address. */
async function server(t: TestContext, dir: string): Promise<{ readonly url: string; readonly backups: string }> {
  const influx = await startInflux({ dir });
  t.after(() => influx.kill());
  const backups = /^bind-address = "(.*)"$/m.exec(readFileSync(join(dir, 'influxdb.conf'), 'utf8'))![1]!;
  return { url: influx.url, backups };
}

test('a cloud on InfluxDB is restored on another server with every range that its ledger calls stored', async (t) => {
  const { folder, config, data, passphrase } = stage(t);
  const { path, env } = debianTool('influxd');
  const before = { ...process.env };
  t.after(() => {
    process.env['PATH'] = before['PATH'];
  });
  Object.assign(process.env, env, { PATH: `${dirname(path)}:${before['PATH']}` });
  const one = await server(t, join(folder, 'one'));
  const two = await server(t, join(folder, 'two'));
  const made = new InfluxStore({ url: one.url, database: DATABASE, create: true });
  await made.open();
  await made.close();
  const plain = readFileSync(config, 'utf8');
  const on = (url: string, of: string): string =>
    `${plain.replace(`data: ${data}`, `data: ${of}`)}telemetry: { kind: influxdb, url: "${url}", database: ${DATABASE} }\n`;
  writeFileSync(config, on(one.url, data));
  await letIn(data);
  const cloud = start(t, 'cloud', '--config', config);
  const uplink = new Uplink();
  t.after(() => uplink.end());
  await uplink.connect(await uplinkOf(cloud));
  const backup = join(folder, 'backup');
  let acknowledged = 0;
  const words = ['--config', config, '--passphrase-file', passphrase];
  await underTraffic(uplink, async (covered) => {
    acknowledged = covered;
    const made = start(t, 'cloud', 'backup', backup, ...words, '--influx-host', one.backups);
    assert.equal(await made.ended, 0, made.said());
  });
  cloud.child.kill('SIGKILL');
  await cloud.ended;
  uplink.end();

  const elsewhere = join(folder, 'elsewhere');
  const moved = join(folder, 'moved.yaml');
  writeFileSync(moved, on(two.url, elsewhere));
  const secret = ['--config', moved, '--passphrase-file', passphrase];
  const restored = start(t, 'cloud', 'restore', backup, ...secret, '--influx-host', two.backups);
  assert.equal(await restored.ended, 0, restored.said());
  const points = (): InfluxStore => new InfluxStore({ url: two.url, database: DATABASE });
  // The server serves restored points only after a moment.
  const copy = await until('the restored points', async () => {
    const found = await account(elsewhere, points());
    return found.stored.every((offset) => found.readable.has(offset)) ? found : undefined;
  });
  assert.ok(copy.stored.length >= acknowledged, `${copy.stored.length} are stored, ${acknowledged} were before`);
  assert.ok(copy.stored.length < uplink.edge.nextOffset, 'traffic continued after the backup');
  t.diagnostic(
    `${copy.stored.length} stored and readable, ${copy.readable.size} readable in all, ${uplink.edge.nextOffset} accepted`,
  );

  const next = start(t, 'cloud', '--config', moved);
  await uplink.connect(await uplinkOf(next));
  await until('covered', async () => {
    await uplink.again();
    await pause(300);
    return uplink.open().length === 0 ? true : undefined;
  });
  next.child.kill('SIGKILL');
  await next.ended;
  const end = await account(elsewhere, points());
  const all = Array.from({ length: uplink.edge.nextOffset }, (_, offset) => offset);
  assert.deepEqual(end.stored, all);
  assert.deepEqual(
    [...end.readable].toSorted((a, b) => a - b),
    all,
  );
});
